// SPDX-License-Identifier: Apache-2.0
// Payload and disclosures (RFC 9901 section 7.1), stricter where it leaves room: digests stand only where
// certs/README.md puts them, and every disclosure answers exactly one of them.
import {base64url, fromLatin1, sha256, toBase64url, utf8Length} from './bytes.js';
import {isObject, strictBase64Json} from './json.js';
import {refuse} from './refused.js';
import {HIDEABLE} from './words.js';

const SALT_MIN = 22; // 128 bits in base64url: section 9.3
const DIGESTS_MAX = 1024;
const NAMES = ['_sd', '...', '_sd_alg'];

function hasNames(value) {
    if (typeof value !== 'object' || value === null)
        return false;
    return Object.entries(value).some(([name, member]) => (!Array.isArray(value) && NAMES.includes(name)) || hasNames(member));
}

function readDisclosure(encoded) {
    const array = strictBase64Json(encoded, true);
    const [salt, name] = array;
    if (array.length < 2 || array.length > 3 || typeof salt !== 'string' || utf8Length(salt) < SALT_MIN ||
        (array.length === 3 && typeof name !== 'string'))
        refuse('disclosure');
    if (array.length === 3 && NAMES.includes(name))
        refuse('claim-name', name);
    if (hasNames(array[array.length - 1]))
        refuse('nested');
    return {array, used: false};
}

class Opening {
    constructor() {
        this.disclosures = new Map();
        this.seen = new Set();
        this.hidden = {claims: 0, custom: 0, identifiers: 0};
    }

    async add(encoded) {
        const digest = toBase64url(await sha256(fromLatin1(encoded)));
        if (this.disclosures.has(digest))
            refuse('disclosure-twice');
        this.disclosures.set(digest, readDisclosure(encoded));
    }

    // The disclosure of a digest, of so many ELEMENTS; null when it is withheld.
    match(digest, elements) {
        if (typeof digest !== 'string' || digest.length !== 43 || base64url(digest)?.length !== 32)
            refuse('digest');
        if (this.seen.has(digest))
            refuse('digest-twice');
        if (this.seen.size === DIGESTS_MAX)
            refuse('size', 'too many digests');
        this.seen.add(digest);
        const found = this.disclosures.get(digest);
        if (!found)
            return null;
        if (found.array.length !== elements)
            refuse('disclosure', 'an element stands for a member');
        found.used = true;
        return found.array;
    }

    members(object, top) {
        const digests = object._sd;
        if (digests === undefined)
            return;
        if (!Array.isArray(digests) || digests.length === 0)
            refuse('digest');
        for (const digest of digests) {
            const found = this.match(digest, 3);
            if (!found) {
                this.hidden[top ? 'claims' : 'custom']++;
                continue;
            }
            const [, name, value] = found;
            if (name in object)
                refuse('claim-shadow', name);
            if (top && !HIDEABLE.includes(name))
                refuse('must-be-open', name);
            object[name] = value;
        }
        delete object._sd;
    }

    elements(array) {
        const out = [];
        for (const item of array) {
            if (!isObject(item) || Object.keys(item).join() !== '...')
                refuse('sd-place');
            const found = this.match(item['...'], 2);
            if (found)
                out.push(found[1]);
            else
                this.hidden.identifiers++;
        }
        return out;
    }
}

// SD names stand in the payload only where members() and elements() will look.
function places(payload) {
    for (const [name, value] of Object.entries(payload)) {
        if (['_sd', '_sd_alg', 'identifiers'].includes(name))
            continue;
        if (name === '...')
            refuse('claim-name', name);
        if (name !== 'custom' || !isObject(value)) {
            if (name !== 'custom' && hasNames(value))
                refuse('sd-place', name);
            continue;
        }
        for (const [inner, member] of Object.entries(value))
            if (inner === '...' || inner === '_sd_alg' || (inner !== '_sd' && hasNames(member)))
                refuse('sd-place', name);
    }
    if (payload._sd_alg !== 'sha-256')
        refuse('sd-alg');
}

// {claims, hidden: {claims, custom, identifiers}}
export async function open({payload: encoded, disclosures}) {
    const payload = strictBase64Json(encoded), opening = new Opening();
    for (const one of disclosures)
        await opening.add(one);
    places(payload);
    opening.members(payload, true);
    if (isObject(payload.custom))
        opening.members(payload.custom, false);
    if (Array.isArray(payload.identifiers))
        payload.identifiers = opening.elements(payload.identifiers);
    if ([...opening.disclosures.values()].some(({used}) => !used))
        refuse('disclosure-unknown');
    delete payload._sd_alg;
    return {claims: payload, hidden: opening.hidden};
}
