// SPDX-License-Identifier: Apache-2.0
// The entries of our logs: one canonical JSON object of members of one letter (certs/log.md). Read as far
// as a certificate needs it: kind, n, j, o, t, h.
import {base64, base64url, fromLatin1} from '../bytes.js';
import {canonicalJson, isObject, looseJson} from '../json.js';
import {Refused, refuse} from '../refused.js';
import {OUTCOMES} from '../words.js';
import {isName} from './key.js';

const ENTRY_MAX = 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, SHA256 = /^[0-9a-f]{64}$/;
const KINDS = {
    start: ['dhknt' + 'v', 'c'],
    cert: ['dhjknotv', ''],
    fail: ['djknotv', 'h'],
    revoke: ['knrstv', ''],
    key: ['kntv', ''],
    anchor: ['ckntv', ''],
};
const wrong = (why) => refuse('proof-format', why);
const natural = (value) => Number.isSafeInteger(value) && value >= 0;
const hash = (value) => (typeof value === 'string' ? base64url(value) : null)?.length === 32;

function nameFits(kind, n) {
    if (typeof n !== 'string')
        return false;
    return kind === 'key' ? SHA256.test(n) : kind === 'revoke' ? SHA256.test(n) || UUID.test(n)
        : kind === 'anchor' ? isName(n) : UUID.test(n);
}

const checkpoint = (c) => isObject(c) && Object.keys(c).sort().join('') === 'rst' && natural(c.s) && natural(c.t) &&
    typeof c.r === 'string' && base64(c.r)?.length === 32;

const FITS = {
    c: checkpoint,
    d: hash,
    h: hash,
    j: (value) => typeof value === 'string' && UUID.test(value),
    o: (value) => OUTCOMES.indexOf(value) > 0,
    r: (value) => natural(value) && value <= 10 && value !== 7, // RFC 5280 section 5.3.1
    s: natural,
    t: natural,
};

// TEXT: one character a byte. One of a kind or version that this one does not know is {k: null}.
export function readEntry(text) {
    if (text.length < 1 || text.length > ENTRY_MAX)
        wrong('an entry has 1 to 1024 bytes');
    let entry;
    try {
        entry = looseJson(fromLatin1(text), ENTRY_MAX);
    } catch (error) {
        if (error instanceof Refused)
            wrong('not an entry of ours');
        throw error;
    }
    if (new TextDecoder().decode(fromLatin1(text)) !== canonicalJson(entry) || typeof entry.k !== 'string' || !natural(entry.v))
        wrong('not an entry of ours');
    if (entry.v !== 1 || !Object.hasOwn(KINDS, entry.k))
        return {k: null};
    const [must, may] = KINDS[entry.k], there = Object.keys(entry);
    const plain = Object.values(entry).every((value) => typeof value !== 'string' || /^[ !#-[\]-~]*$/.test(value));
    if (!plain || [...must].some((letter) => !(letter in entry)) || there.some((letter) => !(must + may).includes(letter)) ||
        there.some((letter) => letter.length !== 1) || !nameFits(entry.k, entry.n) ||
        there.some((letter) => FITS[letter] && !FITS[letter](entry[letter])))
        wrong('its members are not those of its kind');
    if (entry.k === 'fail' && entry.h === undefined && entry.n !== entry.j)
        wrong('without a record a job is named by itself');
    return entry;
}
