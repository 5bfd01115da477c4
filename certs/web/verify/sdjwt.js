// SPDX-License-Identifier: Apache-2.0
// SD-JWT (RFC 9901) as we use it, and nothing more of it: framing and protected header.
import {base64, base64url} from './bytes.js';
import {strictBase64Json} from './json.js';
import {refuse} from './refused.js';

export const SDJWT_MAX = 256 * 1024;
const DISCLOSURES_MAX = 128, CHAIN_MAX = 4;

// Section 4: <issuer JWT>~<disclosure>~...~ with nothing behind the last tilde. TEXT: one character a byte.
export function split(text) {
    if (text.length === 0)
        refuse('empty');
    if (text.length > SDJWT_MAX)
        refuse('size');
    if (/[^A-Za-z0-9._~-]/.test(text))
        refuse('characters');
    const [jwt, ...disclosures] = text.split('~');
    if (disclosures.length === 0)
        refuse('format', 'no "~" ends it');
    const behind = disclosures.pop();
    disclosures.forEach((one, i) => {
        if (one === '')
            refuse('format', 'an empty disclosure');
        if (i === DISCLOSURES_MAX)
            refuse('size', 'too many disclosures');
    });
    if (behind !== '')
        refuse(behind.includes('.') ? 'key-binding' : 'format');
    const parts = jwt.split('.');
    if (parts.length !== 3 || parts.includes(''))
        refuse('format', 'no JWT of three parts');
    if (disclosures.some((one) => one.includes('.')))
        refuse('format', 'a disclosure has a "."');
    const signature = base64url(parts[2]);
    if (!signature || signature.length !== 64)
        refuse('signature-format');
    return {jwt, header: parts[0], payload: parts[1], signedPart: `${parts[0]}.${parts[1]}`, signature, disclosures};
}

// A closed header: whatever else it says could only point a reader at another key or another payload.
export function readHeader(encoded) {
    const header = strictBase64Json(encoded);
    const other = Object.keys(header).find((name) => !['alg', 'typ', 'x5c'].includes(name));
    if (other !== undefined)
        refuse('header', other);
    if (header.alg !== 'ES256')
        refuse('alg');
    if (header.typ !== 'dc+sd-jwt')
        refuse('typ');
    if (!Array.isArray(header.x5c) || header.x5c.length < 1 || header.x5c.length > CHAIN_MAX)
        refuse('x5c');
    return header.x5c.map((item) => {
        const der = typeof item === 'string' && item.length <= 65536 ? base64(item) : null;
        return der && der.length > 0 ? der : refuse('x5c');
    });
}
