// SPDX-License-Identifier: Apache-2.0
// Token Status List (draft-ietf-oauth-status-list-21): as JWT, 2 bits, 2^20 slots. It counts only where it is
// the list that the certificate names, of the same root, and of today.
import {base64url} from './bytes.js';
import {revoked} from './crl.js';
import {inflate} from './inflate.js';
import {isObject} from './json.js';
import {Jws} from './jws.js';
import {checkPath} from './path.js';
import {Refused, refuse} from './refused.js';
import {SKEW_MS} from './words.js';

const SLOTS = 1 << 20, BYTES = SLOTS / 4, LST_MAX = BYTES + BYTES / 2;
export const STATUS_TYP = 'statuslist+jwt';

function readSlots(jws) {
    const list = jws.claims.status_list;
    if (!isObject(list))
        jws.wrong('status_list');
    jws.known(list, ['bits', 'lst']);
    const lst = jws.text(list, 'lst', LST_MAX), packed = base64url(lst);
    if (list.bits !== 2 || !packed)
        jws.wrong('bits or lst');
    const slots = inflate(packed, BYTES);
    return slots?.length === BYTES ? slots : jws.wrong('lst is not 2^20 slots');
}

// The time that it can't be used for, or null.
function readTimes(jws, now, out) {
    out.iat = jws.date(jws.claims, 'iat');
    out.exp = jws.date(jws.claims, 'exp');
    const ttl = jws.claims.ttl === undefined ? 1 : jws.natural(jws.claims, 'ttl');
    if (ttl === 0 || out.exp <= out.iat || out.iat > now + SKEW_MS)
        jws.wrong('times that cannot be');
    return now > out.exp;
}

// {uri, anchor, slots, iat, exp, stale}; STALE: of today it says nothing but what it revoked.
export async function readStatusList(trust, text, now) {
    const jws = new Jws(text, {max: 1 << 20, typ: STATUS_TYP, chain: true, code: 'status'});
    jws.known(jws.claims, ['sub', 'iat', 'exp', 'ttl', 'status_list']);
    const out = {uri: jws.text(jws.claims, 'sub', 255), slots: readSlots(jws)};
    out.stale = readTimes(jws, now, out);
    await jws.verify();
    try {
        for (const when of [out.iat, out.stale ? out.iat : now]) {
            const chain = await checkPath(trust, jws.chain, when, {status: true});
            out.anchor = chain.anchorSha256;
            if (revoked(trust, chain, 0).state === 'void')
                jws.wrong('the key that signed it is revoked');
        }
    } catch (error) {
        throw error instanceof Refused ? new Refused('status', error.message, error.kind) : error;
    }
    return out;
}

// 0 valid, 1 revoked, 2 suspended; null: this is another list. Throws for what is no status.
export function statusOf(list, anchor, uri, index) {
    if (list.uri !== uri || list.anchor !== anchor)
        return null;
    if (index >= SLOTS)
        refuse('status', 'no such slot');
    const status = list.slots[Math.floor(index / 4)] >> index % 4 * 2 & 3;
    return status <= 2 ? status : refuse('status', 'the slot holds no status');
}
