// SPDX-License-Identifier: Apache-2.0
// Revocation lists of pinned roots (RFC 5280 section 5), complete, version 2. What counts of an entry is
// since when the key is not believed: its invalidityDate (section 5.3.2).
import {equal, hex, latin1} from './bytes.js';
import {GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME, context, notDer, tryDer} from './der.js';
import {derSignatureHolds, hashOf} from './ecdsa.js';
import {refuse} from './refused.js';
import {SKEW_MS} from './words.js';
import {KU, extensionsOf, keyUsage, pemBlocks} from './x509.js';

const CRL_MAX = 8 << 20, REVOKED_MAX = 65536;
const REASON = '2.5.29.21', INVALIDITY = '2.5.29.24', AUTHORITY_KEY = '2.5.29.35', NUMBER = '2.5.29.20';

function only(extensions, oids) {
    for (const [oid, {critical}] of extensions)
        if (critical || !oids.includes(oid))
            notDer('an extension that is not understood');
    return extensions;
}

function readEntry(der) {
    const {body} = der.next(INTEGER);
    const magnitude = body.length > 1 && body[0] === 0 ? body.subarray(1) : body;
    if (body.length < 1 || body[0] & 0x80 || magnitude.length > 20)
        notDer('serial');
    let since = der.time();
    if (!der.done) {
        const extensions = only(extensionsOf(der), [REASON, INVALIDITY]);
        const date = extensions.get(INVALIDITY);
        if (date) {
            const at = tryDer(date.body, (inner) => (inner.is(GENERALIZED_TIME) ? inner.time() : notDer('date')));
            since = at === null ? notDer('date') : Math.min(since, at);
        }
    }
    der.finish();
    return [hex(magnitude), since];
}

function readEntries(list) {
    const out = new Map();
    for (let n = 0; !list.done; n++) {
        if (n === REVOKED_MAX)
            notDer('too many');
        const [serial, since] = readEntry(list.into(SEQUENCE));
        out.set(serial, Math.min(since, out.get(serial) ?? Infinity));
    }
    return out;
}

function readTbs(raw) {
    return tryDer(raw, (reader) => {
        const tbs = reader.into(SEQUENCE), out = {revoked: new Map()};
        if (!tbs.is(INTEGER) || tbs.small() !== 1)
            notDer('version');
        out.inner = tbs.next(SEQUENCE).raw;
        out.issuer = tbs.next(SEQUENCE).raw;
        out.thisUpdate = tbs.time();
        out.nextUpdate = tbs.is(UTC_TIME) || tbs.is(GENERALIZED_TIME) ? tbs.time() : notDer('nextUpdate');
        if (tbs.is(SEQUENCE))
            out.revoked = readEntries(tbs.into(SEQUENCE));
        const wrapped = tbs.into(context(0));
        const number = only(extensionsOf(wrapped), [AUTHORITY_KEY, NUMBER]).get(NUMBER);
        wrapped.finish();
        if (!number || !tryDer(number.body, (inner) => inner.natural()))
            notDer('cRLNumber');
        tbs.finish();
        return out;
    });
}

function readCrl(bytes) {
    const pem = latin1(bytes.subarray(0, 40)).startsWith('-----BEGIN X509 CRL-----');
    const raw = pem ? pemBlocks(latin1(bytes), 'X509 CRL')?.[0] : bytes;
    const outer = raw && bytes.length <= CRL_MAX ? tryDer(raw, (der) => {
        const list = der.into(SEQUENCE), tbs = list.next(SEQUENCE).raw, algorithm = list.next(SEQUENCE).raw;
        der.finish();
        return {tbs, algorithm, signature: list.bits(), oid: tryDer(algorithm, (inner) => inner.into(SEQUENCE).oid())};
    }) : null;
    const inner = outer && readTbs(outer.tbs);
    if (!inner || !hashOf(outer.oid) || !equal(inner.inner, outer.algorithm))
        refuse('crl', 'it is no revocation list of ours');
    return {...outer, ...inner};
}

// What was revoked stays so: a newer list without it was made from an old copy of the issuer's state.
function remembers(newer, older) {
    for (const [serial, since] of older.revoked)
        if (!((newer.revoked.get(serial) ?? Infinity) <= since))
            refuse('crl', 'the newer list forgets a key that the older one revokes');
}

// Takes a list over into TRUST; a later one of the same root replaces the one before.
export async function addCrl(trust, bytes, now) {
    const crl = readCrl(bytes);
    let root = null;
    for (const anchor of trust.anchors)
        if (!root && equal(anchor.cert.subject, crl.issuer) && keyUsage(anchor.cert) & KU.crlSign &&
            await derSignatureHolds(anchor.cert.key, crl.oid, crl.signature, crl.tbs))
            root = anchor;
    if (!root)
        refuse('crl', 'no trusted root signed it', 'untrusted');
    const old = trust.crls.get(root.sha256);
    if (crl.thisUpdate > now + SKEW_MS)
        refuse('crl', 'it is of the future');
    const older = Boolean(old) && crl.thisUpdate < old.thisUpdate;
    if (old)
        remembers(older ? old : crl, older ? crl : old);
    crl.stale = older || now > crl.nextUpdate;
    if (!older)
        trust.crls.set(root.sha256, crl);
    if (crl.stale)
        refuse('crl', 'it is over, or older than one that was given', 'stale');
    return {organisation: root.organisation, thisUpdate: crl.thisUpdate, nextUpdate: crl.nextUpdate, n: crl.revoked.size};
}

// {state: 'unknown' | 'good' | 'before' | 'void', since}. PROVEN (ms, 0: nothing): by when a witness has seen it.
export function revoked(trust, chain, proven) {
    const crl = trust.crls.get(chain.anchorSha256), since = crl?.revoked.get(chain.serial);
    if (since === undefined)
        return {state: crl && !crl.stale && chain.direct ? 'good' : 'unknown', since: 0};
    return {state: proven > 0 && proven < since ? 'before' : 'void', since};
}
