// SPDX-License-Identifier: Apache-2.0
// ECDSA (FIPS 186-5), by WebCrypto: P-256 with SHA-256 for what we sign, P-384 and the larger hashes for
// certificates. Keys come as named curves and plain points; explicit parameters are how CVE-2020-0601
// worked.
import {fromHex, hex} from './bytes.js';
import {BIT_STRING, SEQUENCE, tryDer} from './der.js';
import {refuse} from './refused.js';

const EC_KEY = '1.2.840.10045.2.1';
const CURVES = {
    '1.2.840.10045.3.1.7': {name: 'P-256', size: 32},
    '1.3.132.0.34': {name: 'P-384', size: 48},
};
const HASHES = {
    '1.2.840.10045.4.3.2': 'SHA-256',
    '1.2.840.10045.4.3.3': 'SHA-384',
    '1.2.840.10045.4.3.4': 'SHA-512',
};
export const hashOf = (oid) => HASHES[oid] ?? null;

// The order n of P-256, and n/2 (SP 800-186 section 3.2.1.3).
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const HALF = ORDER >> 1n;

// {curve, size, point} of a SubjectPublicKeyInfo; null when it is none of ours.
export function publicKey(spki) {
    return tryDer(spki, (der) => {
        const outer = der.into(SEQUENCE), algorithm = outer.into(SEQUENCE);
        der.finish();
        if (algorithm.oid() !== EC_KEY)
            return null;
        const curve = CURVES[algorithm.oid()];
        algorithm.finish();
        const point = outer.is(BIT_STRING) ? outer.bits() : new Uint8Array();
        outer.finish();
        return curve && point.length === 2 * curve.size + 1 && point[0] === 4
            ? {curve: curve.name, size: curve.size, point} : null;
    });
}

async function load(key) {
    try {
        return await crypto.subtle.importKey('raw', key.point, {name: 'ECDSA', namedCurve: key.curve}, false, ['verify']);
    } catch {
        return null; // not a point of the curve
    }
}

// An ECDSA-Sig-Value as r and s side by side; null.
function plain(der, size) {
    return tryDer(der, (reader) => {
        const both = reader.into(SEQUENCE), out = new Uint8Array(2 * size);
        reader.finish();
        for (const end of [size, 2 * size]) {
            const number = both.natural();
            if (number.length > size)
                return null;
            out.set(number, end - number.length);
        }
        both.finish();
        return out;
    });
}

async function holds(key, hash, signature, data) {
    const loaded = key && await load(key);
    return Boolean(loaded) && crypto.subtle.verify({name: 'ECDSA', hash}, loaded, signature, data);
}

// As X.509 and CMS have it.
export async function derSignatureHolds(key, oid, der, data) {
    const hash = hashOf(oid), signature = key && plain(der, key.size);
    return Boolean(hash && signature) && holds(key, hash, signature, data);
}

// As we sign: ES256, of (r, s) and (r, n-s) the one with the small s.
export async function verifyEs256(key, signature, data) {
    if (!key || key.curve !== 'P-256' || !await load(key))
        refuse('key');
    const r = BigInt('0x' + hex(signature.subarray(0, 32))), s = BigInt('0x' + hex(signature.subarray(32)));
    if (r === 0n || s === 0n || r >= ORDER || s >= ORDER)
        refuse('signature-range');
    if (s > HALF)
        refuse('signature-high');
    if (!await holds(key, 'SHA-256', signature, data))
        refuse('signature');
}

// The other of the two signatures that say the same, when it is the smaller: for who makes examples.
export function lowS(signature) {
    const s = BigInt('0x' + hex(signature.subarray(32)));
    const out = signature.slice();
    if (s > HALF)
        out.set(fromHex((ORDER - s).toString(16).padStart(64, '0')), 32);
    return out;
}
