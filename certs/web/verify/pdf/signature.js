// SPDX-License-Identifier: Apache-2.0
// The signature of the page: CAdES in PAdES (ETSI EN 319 142-1), one, over every byte but its own (ISO 32000-1
// section 12.8.1).
import {concat} from '../bytes.js';
import {refuse} from '../refused.js';
import {checkCms} from './cms.js';
import {get, isName} from './value.js';

// Catalog -> AcroForm -> Fields [ one ] -> V, and nothing else in the file that looks like one.
function find(file) {
    const dicts = [...file.each()].filter(({type}) => type === 'dict');
    const signatures = dicts.filter((dict) => get(dict, 'ByteRange') || isName(get(dict, 'Type'), 'Sig') || isName(get(dict, 'Type'), 'DocTimeStamp'));
    const fields = dicts.filter((dict) => get(dict, 'FT'));
    if (signatures.length === 0)
        refuse('pdf-unsigned');
    if (signatures.length > 1 || fields.length !== 1)
        refuse('pdf-signatures');
    const [signature] = signatures, root = file.resolve(get(file.trailer, 'Root'));
    const list = get(file.resolve(get(root, 'AcroForm')), 'Fields');
    const field = list?.type === 'array' && list.items.length === 1 ? file.resolve(list.items[0]) : null;
    if (!field || field !== fields[0] || !isName(get(field, 'FT'), 'Sig') || file.resolve(get(field, 'V')) !== signature)
        refuse('pdf-signatures', 'its form is not one field of its signature');
    if (!isName(get(signature, 'Filter'), 'Adobe.PPKLite') || !isName(get(signature, 'SubFilter'), 'ETSI.CAdES.detached'))
        refuse('pdf-signature-kind');
    return signature;
}

// [ 0 A B C ]: all before A, all from B to the very end, and between them nothing but Contents.
function checkRange(file, signature) {
    const range = get(signature, 'ByteRange'), contents = get(signature, 'Contents');
    if (contents?.type !== 'string' || !contents.bytes?.length)
        refuse('pdf-contents', 'its signature is empty or missing');
    const items = range?.type === 'array' ? range.items : [];
    if (items.length !== 4 || items.some(({type}) => type !== 'integer'))
        refuse('pdf-byterange', 'its ByteRange is not four numbers');
    const wanted = [0, contents.at, contents.end, file.data.length - contents.end];
    if (items.some(({number}, i) => number !== wanted[i]))
        refuse('pdf-byterange', 'its signature does not cover the whole file but itself');
    return contents;
}

// Section 12.8.3.3: the place is larger than the signature; null when there is none.
function derLength(der) {
    const short = !(der[1] & 0x80), n = short ? 0 : der[1] & 0x7f;
    if (der.length < 4 || der[0] !== 0x30 || n > 3 || (!short && n < 1) || der.length < 2 + n)
        return null;
    const length = short ? der[1] : der.subarray(2, 2 + n).reduce((sum, byte) => sum * 256 + byte, 0);
    return length <= der.length - 2 - n ? 2 + n + length : null;
}

// SHA-256 of the certificate that signed the page.
export async function checkSignature(file) {
    const contents = checkRange(file, find(file)), length = derLength(contents.bytes);
    if (length === null)
        refuse('pdf-contents', 'its signature is no signature');
    if (contents.bytes.subarray(length).some((byte) => byte !== 0))
        refuse('pdf-padding');
    const covered = concat(file.data.subarray(0, contents.at), file.data.subarray(contents.end));
    return checkCms(contents.bytes.subarray(0, length), covered);
}
