// SPDX-License-Identifier: Apache-2.0
// What the page carries (ISO 32000-1 section 7.11.4): certificate.sdjwt once, certificate.tlog-proof at most
// once, and no other file.
import {latin1} from '../bytes.js';
import {inflate} from '../inflate.js';
import {refuse} from '../refused.js';
import {SDJWT_MAX} from '../sdjwt.js';
import {get, isName} from './value.js';

const PROOF_MAX = 64 << 10;
const bad = (what) => refuse('pdf-attachments', what);
const isText = (value, text) => value?.type === 'string' && value.text === text;

function contentOf(object, max) {
    const filter = get(object.value, 'Filter');
    if (!object.stream || !isName(get(object.value, 'Type'), 'EmbeddedFile') || get(object.value, 'DecodeParms') ||
        (filter && !isName(filter, 'FlateDecode')))
        bad('one is stored as ours never are');
    if (object.stream.length === 0 || object.stream.length > max)
        bad('one is empty or too large');
    return latin1((filter ? inflate(object.stream, max) : object.stream) ?? bad('one is broken or too large'));
}

// As `lethe cert report` makes them: other certificates, JOB.sdjwt each, and nothing besides.
const isLot = (items) => items.length > 0 && items.every((name, i) => i % 2 === 1 ||
    (name.type === 'string' && name.text.length > 6 && name.text.endsWith('.sdjwt') && !isText(name, 'certificate.sdjwt')));

// A specification says the same name twice and the same file twice, so that no two readers find another one.
function attachment(file, name, spec, out) {
    const proof = isText(name, 'certificate.tlog-proof');
    const wanted = proof ? 'certificate.tlog-proof' : 'certificate.sdjwt', into = proof ? 'proof' : 'sdjwt';
    if (!isText(name, wanted))
        bad('one is neither certificate nor proof');
    if (out[into] !== undefined)
        bad('one is there twice');
    const f = get(get(spec, 'EF'), 'F'), uf = get(get(spec, 'EF'), 'UF'), object = file.objectOf(f);
    if (!isText(get(spec, 'F'), wanted) || !isText(get(spec, 'UF'), wanted) || !object ||
        (uf && (uf.type !== 'reference' || uf.number !== f.number)))
        bad('one has two names or two contents');
    out[into] = contentOf(object, proof ? PROOF_MAX : SDJWT_MAX);
}

// {sdjwt, proof?}
export function readAttachments(file) {
    const root = file.resolve(get(file.trailer, 'Root'));
    const tree = file.resolve(get(file.resolve(get(root, 'Names')), 'EmbeddedFiles'));
    const list = file.resolve(get(tree, 'Names')), out = {};
    if (list?.type !== 'array' || get(tree, 'Kids'))
        bad('there is no certificate among them');
    if (list.items.length % 2 === 0 && isLot(list.items))
        refuse('pdf-lot', 'the certificates attached to it are to be verified, each for itself', 'lot');
    for (let i = 0; i < list.items.length; i += 2) {
        if (i + 1 === list.items.length)
            bad('their list is broken');
        attachment(file, list.items[i], file.resolve(list.items[i + 1]), out);
    }
    const dicts = [...file.each()].filter(({type}) => type === 'dict'), n = list.items.length / 2;
    const specifications = dicts.filter((dict) => get(dict, 'EF') || isName(get(dict, 'Type'), 'Filespec'));
    const files = dicts.filter((dict) => isName(get(dict, 'Type'), 'EmbeddedFile'));
    if (specifications.length !== n || files.length !== n)
        bad('there are more of them than their list knows');
    return out.sdjwt === undefined ? bad('there is no certificate among them') : out;
}
