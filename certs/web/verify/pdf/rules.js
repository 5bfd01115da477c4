// SPDX-License-Identifier: Apache-2.0
// What a page of ours has no use for: what acts, what shows otherwise tomorrow, what lies outside. Looked for in
// every object, reachable or not.
import {refuse} from '../refused.js';
import {get} from './value.js';

const codes = (table) => new Map(Object.entries(table).flatMap(([code, words]) => words.map((word) => [word, code])));

const KEYS = codes({
    'pdf-active': [
        'JavaScript', 'JS', 'OpenAction', 'AA', 'Launch', 'XFA', 'RichMedia', 'RichMediaContent', 'Collection',
        'FFilter', 'FDecodeParms',
    ],
    'pdf-hidden': [
        'OCProperties', 'OC', 'Alternates', 'NeedAppearances',
    ],
    'pdf-encrypted': [
        'Encrypt',
    ],
});
// Values that are actions (section 12.6.4), hide objects, or lay something over the page.
const VALUES = {
    S: codes({
        'pdf-active': [
            'JavaScript', 'Launch', 'GoToR', 'GoToE', 'SubmitForm', 'ResetForm', 'ImportData', 'Rendition', 'Movie',
            'Sound', 'Named', 'Thread', 'Trans', 'GoTo3DView',
        ],
        'pdf-hidden': ['Hide', 'SetOCGState'],
    }),
    Type: codes({
        'pdf-object-stream': ['ObjStm', 'XRef'],
    }),
    Subtype: codes({
        'pdf-attachments': ['FileAttachment'],
        'pdf-annotation': ['FreeText', 'Stamp', 'Redact'],
    }),
};

export function checkRules(file) {
    for (const object of file.objects)
        if (object?.stream && get(object.value, 'F')) // the data of a stream outside of the file
            refuse('pdf-active', 'a stream in another file');
    for (const value of file.each()) {
        const code = KEYS.get(value.key) ?? (value.type === 'name' ? VALUES[value.key]?.get(value.text) : undefined);
        if (code)
            refuse(code, `byte ${value.at}: ${value.key}`);
    }
}
