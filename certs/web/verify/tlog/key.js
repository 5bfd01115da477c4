// SPDX-License-Identifier: Apache-2.0
// Names, ids and vkeys of signers (C2SP signed-note), Ed25519 by WebCrypto.
import {base64, concat, sha256, toBase64, utf8, utf8Length} from '../bytes.js';
import {refuse} from '../refused.js';

export const ED25519 = 0x01, COSIGNATURE = 0x04;
const NAME_MAX = 160;

// Not empty, no space of any kind, no control character, no "+".
export const fitsName = (text) => text !== '' &&
    !/[\u0000-\u0020+\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(text) && !/\p{Surrogate}/u.test(text);
export const isName = (text) => utf8Length(text) < NAME_MAX && fitsName(text);

// {name, type, pub, id} of "NAME+HEX ID+BASE64(TYPE || KEY)"; null.
export async function readKey(text) {
    const [, name, id, body] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/.exec(text) ?? [];
    const typed = body ? base64(body) : null;
    if (!typed || typed.length !== 33 || !isName(name) || ![ED25519, COSIGNATURE].includes(typed[0]))
        return null;
    const hash = await sha256(concat(utf8(name + '\n'), typed));
    const own = Array.from(hash.subarray(0, 4), (b) => b.toString(16).padStart(2, '0')).join('');
    return own === id ? {name, type: typed[0], pub: typed.slice(1), id: own, text: `${name}+${id}+${toBase64(typed)}`} : null;
}

let supported;
// Does this browser have Ed25519? Asked once, with a key that any has who has it.
export function hasEd25519() {
    supported ??= crypto.subtle.importKey('raw', new Uint8Array(32).fill(1, 0, 1), {name: 'Ed25519'}, false, ['verify'])
        .then(() => true, (error) => error.name !== 'NotSupportedError');
    return supported;
}

export async function ed25519Holds(pub, signature, data) {
    if (!await hasEd25519())
        refuse('browser', 'Ed25519', 'browser');
    try {
        const key = await crypto.subtle.importKey('raw', pub, {name: 'Ed25519'}, false, ['verify']);
        return await crypto.subtle.verify({name: 'Ed25519'}, key, signature, data);
    } catch {
        return false; // no point of the curve
    }
}
