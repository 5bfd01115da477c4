// SPDX-License-Identifier: Apache-2.0
// The label: "ER1:" + base45 (RFC 9285) of a COSE_Sign1 (RFC 9052), and its claims (certs/README.md, "The QR
// code").
import {concat, equal, fromLatin1, sha256, utf8, utf8Length} from './bytes.js';
import {Tagged, readCbor} from './cbor.js';
import {refuse} from './refused.js';
import {fold, isClean} from './text.js';
import {METHODS, OUTCOMES, SUBSTRATES} from './words.js';

const PREFIX = 'ER1:', TEXT_MAX = 700, VERSION = 1n;
const TIME_MAX = 253402300799n; // 9999-12-31T23:59:59Z
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const KINDS = ['serial', 'imei', 'wwn', 'eui64', 'nguid', 'udid', 'cid', 'backing'];

function base45(text) {
    const out = [];
    if (text.length % 3 === 1)
        refuse('base45');
    for (let i = 0; i < text.length; i += 3) {
        const group = [...text.slice(i, i + 3)].map((c) => ALPHABET.indexOf(c));
        const sum = group.reduceRight((n, digit) => n * 45 + digit, 0);
        if (group.includes(-1) || sum > (group.length === 3 ? 65535 : 255))
            refuse('base45');
        out.push(...(group.length === 3 ? [sum >> 8, sum & 255] : [sum]));
    }
    return Uint8Array.from(out);
}

// {1: -7, 4: kid} and nothing else: a header more could only point at another key.
function readHeader(bytes) {
    const header = readCbor(bytes);
    if (!(header instanceof Map) || header.size !== 2 || !header.has(1n))
        refuse('cose', 'its protected header is not algorithm and key id');
    if (header.get(1n) !== -7n)
        refuse('alg');
    const kid = header.get(4n);
    return kid instanceof Uint8Array && kid.length === 8 ? kid : refuse('cose', 'its key id is not 8 bytes');
}

function readCose(bytes) {
    const object = readCbor(bytes);
    if (!(object instanceof Tagged) || object.tag !== 18n || !Array.isArray(object.value) || object.value.length !== 4)
        refuse('cose', 'it is not a tagged COSE_Sign1');
    const [header, unprotected, payload, signature] = object.value;
    if (!(header instanceof Uint8Array) || !(unprotected instanceof Map) || unprotected.size !== 0 ||
        !(payload instanceof Uint8Array) || !(signature instanceof Uint8Array) || signature.length !== 64)
        refuse('cose', 'its parts are not as they should be');
    return {kid: readHeader(header), header, payload, signature};
}

const head = (major, n) => (n < 24 ? [major << 5 | n] : n < 256 ? [major << 5 | 24, n] : [major << 5 | 25, n >> 8, n & 255]);
const bytesItem = (bytes) => concat(head(2, bytes.length), bytes);
// RFC 9052 section 4.4.
const toBeSigned = ({header, payload}) =>
    concat(head(4, 4), head(3, 10), utf8('Signature1'), bytesItem(header), bytesItem(new Uint8Array()), bytesItem(payload));

const uint = (least, most) => (value) => typeof value === 'bigint' && value >= BigInt(least) && value <= BigInt(most);
const bytes = (size) => (value) => value instanceof Uint8Array && value.length === size;
const text = (value) => typeof value === 'string' && value !== '' && utf8Length(value) <= 64 && isClean(value);
const devices = (value) => Array.isArray(value) && value.length >= 1 && value.length <= 2 && value.every(bytes(16)) &&
    (value.length < 2 || !equal(value[0], value[1]));
// In the order in which deterministic CBOR has them.
const CLAIMS = new Map([
    [6n, ['issued', uint(1, TIME_MAX)]], [7n, ['jti', bytes(16)]], [-1n, ['version', uint(1, 1)]], [-2n, ['type', uint(1, 2)]],
    [-3n, ['outcome', uint(1, 7)]], [-4n, ['method', uint(0, 3)]], [-5n, ['substrate', uint(0, 3)]], [-6n, ['policy', text]],
    [-7n, ['policyMet', (value) => typeof value === 'boolean']], [-8n, ['ended', uint(1, TIME_MAX)]], [-9n, ['jwtSha256', bytes(32)]],
    [-10n, ['devices', devices]], [-11n, ['by', text]],
]);

function readClaims(payload) {
    const map = readCbor(payload), out = {};
    if (!(map instanceof Map))
        refuse('qr-claims', 'its claims are not a map');
    for (const [key, value] of map) {
        if (typeof key !== 'bigint')
            refuse('qr-claims', 'a key is not an integer');
        const [name, fits] = CLAIMS.get(key) ?? [];
        if (!name || (name === 'version' && typeof value === 'bigint' && value > VERSION))
            refuse('claim-unknown', String(key), 'unsupported');
        if (!fits(value))
            refuse('qr-claims', `claim ${key}`);
        out[name] = value;
    }
    for (const [name] of CLAIMS.values())
        if (out[name] === undefined && name !== 'devices' && name !== 'by')
            refuse('qr-claims', `${name} is missing`);
    return out;
}

// TEXT: one character a byte.
export function readQr(label) {
    if (label.length > TEXT_MAX)
        refuse('qr-size');
    if (!label.startsWith(PREFIX))
        refuse('qr-prefix');
    const cose = readCose(base45(label.slice(PREFIX.length))), claims = readClaims(cose.payload);
    return {
        ...claims,
        kid: cose.kid,
        signature: cose.signature,
        signed: toBeSigned(cose),
        issued: Number(claims.issued),
        ended: Number(claims.ended),
        certificate: claims.type === 1n,
        outcome: OUTCOMES[Number(claims.outcome)],
        method: METHODS[Number(claims.method)],
        substrate: SUBSTRATES[Number(claims.substrate)],
        devices: claims.devices ?? [],
    };
}

// How a label names a device: 16 bytes of SHA-256(jti || kind || 0 || value).
export async function deviceHash(qr, kind, value) {
    const folded = fold(value);
    return (await sha256(concat(qr.jti, utf8(kind), [0], fromLatin1(folded)))).subarray(0, 16);
}

// Does ID, of whichever kind, answer one of the hashes?
export async function namesDevice(qr, id) {
    if (fold(id) === '' || utf8Length(id) >= 256)
        return false;
    for (const kind of KINDS) {
        const hash = await deviceHash(qr, kind, id);
        if (qr.devices.some((one) => equal(one, hash)))
            return true;
    }
    return false;
}
