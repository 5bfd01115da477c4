// SPDX-License-Identifier: Apache-2.0
// What a certificate comes in: itself, a JSON bundle, a label, a PDF. A carrier is never believed for what it
// shows: what is rendered comes from the verified claims.
import {find, latin1, sha256Hex, utf8, utf8Length} from './bytes.js';
import {asRefused, verifyBundle} from './certificate.js';
import {looseJson} from './json.js';
import {compareLabel, verifyLabel} from './label.js';
import {readAttachments} from './pdf/attachments.js';
import {PdfFile} from './pdf/file.js';
import {checkRules} from './pdf/rules.js';
import {checkSignature} from './pdf/signature.js';
import {Refused, refuse} from './refused.js';
import {SDJWT_MAX, readHeader, split} from './sdjwt.js';
import {Report} from './verdict.js';

export const CARRIER_MAX = 16 << 20;
const BUNDLE_MAX = 1 << 20;
const PARTS = {sdjwt: SDJWT_MAX, proof: 64 << 10, qr: 700};

export function sniff(bytes) {
    if (find(bytes.subarray(0, 1024), '%PDF-') >= 0)
        return 'pdf';
    const text = latin1(bytes.subarray(0, 1024));
    if (text.startsWith('ER1:'))
        return 'qr';
    return /^[ \t\r\n]*\{/.test(text) ? 'bundle' : 'sd-jwt';
}

function openBundle(bytes) {
    let object;
    try {
        object = looseJson(bytes, BUNDLE_MAX);
    } catch (error) {
        refuse('bundle', asRefused(error).message);
    }
    const out = {kind: 'bundle'};
    for (const [name, value] of Object.entries(object)) {
        if (!Object.hasOwn(PARTS, name) || typeof value !== 'string' || value === '' || utf8Length(value) > PARTS[name])
            refuse('bundle', name);
        out[name] = latin1(utf8(value));
    }
    return out.sdjwt ? out : refuse('bundle', 'there is no "sdjwt" in it');
}

// The page and the certificate in it are signed by the same bench: else anybody could wrap another one's
// certificate in a page of his own.
async function openPdf(bytes) {
    const file = new PdfFile(bytes);
    checkRules(file);
    const signer = await checkSignature(file), out = {kind: 'pdf', signer, ...readAttachments(file)};
    const [leaf] = readHeader(split(out.sdjwt).header);
    return await sha256Hex(leaf) === signer ? out : refuse('pdf-signer');
}

// {kind, sdjwt?, proof?, qr?, signer?}: texts of one character a byte. Throws Refused.
export async function openCarrier(bytes) {
    if (bytes.length > CARRIER_MAX)
        refuse('size');
    const kind = sniff(bytes);
    if (kind === 'pdf')
        return openPdf(bytes);
    if (kind === 'bundle')
        return openBundle(bytes);
    return kind === 'qr' ? {kind, qr: latin1(bytes)} : {kind, sdjwt: latin1(bytes.subarray(0, SDJWT_MAX + 1))};
}

// One end of line that an editor or a shell put behind it is no part of a text.
export function withoutLineEnd(bytes) {
    const n = bytes.length;
    if (n === 0 || bytes[n - 1] !== 0x0a || latin1(bytes.subarray(0, 4)) === '%PDF')
        return bytes;
    return bytes.subarray(0, n > 1 && bytes[n - 2] === 0x0d ? n - 2 : n - 1);
}

async function judge(bytes, policy, {proof, validation}) {
    const bundle = await openCarrier(bytes);
    if (bundle.kind === 'qr')
        return verifyLabel(bundle.qr, policy);
    const report = await verifyBundle({...bundle, proof: bundle.proof ?? proof, validation}, policy);
    if (bundle.qr)
        await compareLabel(bundle.qr, report);
    return report;
}

/*
 * The verdict on BYTES, whatever they are; never throws for what they hold. POLICY: {trust, now (ms), device?,
 * accept?, allow?, require?, minLevel?, statusLists?, logKeys?, logPolicy?, seen?, notBeforeAge?,
 * benches?}. BESIDE: {proof?, validation?}, texts of one character a byte that came in files of their own.
 */
export async function verify(bytes, policy, beside = {}) {
    try {
        return await judge(bytes, policy, beside);
    } catch (error) {
        const report = new Report();
        if (error instanceof Refused)
            report.check('carrier', error.kind === 'lot' ? 'undetermined' : 'invalid', error.code, error.message);
        else
            report.add('undetermined', 'unreadable', String(error?.message ?? error));
        return report;
    }
}
