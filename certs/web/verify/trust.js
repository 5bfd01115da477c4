// SPDX-License-Identifier: Apache-2.0
// Whom the user believes: roots, one by one or by a signed list whose publisher's key he pinned.
import {base64, latin1} from './bytes.js';
import {publicKey} from './ecdsa.js';
import {isObject} from './json.js';
import {Jws} from './jws.js';
import {refuse} from './refused.js';
import {isClean} from './text.js';
import {SKEW_MS} from './words.js';
import {authorityFault, fingerprint, organisation, pemBlocks, readCertificate} from './x509.js';

const ANCHORS_MAX = 4096, EACH_MAX = 64;
export const TRUST_LIST_TYP = 'lethe-trust-list+jwt';

export const newTrust = () => ({anchors: [], crls: new Map(), vkeys: []});

async function addAnchor(trust, cert, since, until) {
    const name = organisation(cert), fault = authorityFault(cert) ?? (name ? null : 'it has no single organisation name (O)');
    if (fault)
        refuse('root', fault);
    const sha256 = await fingerprint(cert), old = trust.anchors.find((anchor) => anchor.sha256 === sha256);
    if (old && since === 0 && until === Infinity)
        Object.assign(old, {since, until}); // who pins a root by hand means it without limits
    if (!old && trust.anchors.length === ANCHORS_MAX)
        refuse('root', 'too many roots');
    const anchor = old ?? {cert, sha256, organisation: name, since, until};
    if (!old)
        trust.anchors.push(anchor);
    return anchor;
}

// The certificates of a PEM text, taken apart.
export function readPem(bytes) {
    const ders = pemBlocks(latin1(bytes), 'CERTIFICATE') ?? [];
    const certs = ders.map((der) => readCertificate(der));
    return certs.length > 0 && certs.every(Boolean) ? certs : refuse('root', 'no whole PEM certificate in it');
}

export async function addRoots(trust, bytes) {
    const out = [];
    for (const cert of readPem(bytes))
        out.push(await addAnchor(trust, cert, 0, Infinity));
    return out;
}

// A public key or a certificate of one, in PEM.
export function readListKey(bytes) {
    const text = latin1(bytes), [spki] = pemBlocks(text, 'PUBLIC KEY') ?? [], [der] = pemBlocks(text, 'CERTIFICATE') ?? [];
    const key = spki ? publicKey(spki) : der ? readCertificate(der)?.key : null;
    return key ?? refuse('list-key', 'no public key in it');
}

async function addOrganisation(jws, entry, into) {
    if (!isObject(entry))
        jws.wrong('an organisation');
    jws.known(entry, ['name', 'roots', 'log_vkeys', 'status_uris', 'since', 'until']);
    const name = jws.text(entry, 'name', 127);
    const since = entry.since === undefined ? 0 : jws.date(entry, 'since');
    const until = entry.until === undefined ? Infinity : jws.date(entry, 'until');
    if (into.anchors.some((anchor) => anchor.organisation === name))
        jws.wrong(`"${name}" is there twice`);
    if (!Array.isArray(entry.roots) || entry.roots.length < 1 || entry.roots.length > EACH_MAX)
        jws.wrong(`"${name}" has no roots`);
    for (const text of entry.roots) {
        const der = typeof text === 'string' ? base64(text) : null, cert = der ? readCertificate(der) : null;
        if (!cert || der.length > 8192 || organisation(cert) !== name)
            jws.wrong(`a root of "${name}" is no certificate of that name`);
        await addAnchor(into, cert, since, until);
    }
    for (const key of ['log_vkeys', 'status_uris']) {
        const list = entry[key] ?? [];
        if (!Array.isArray(list) || list.length > EACH_MAX || list.some((one) => typeof one !== 'string' || !one || one.length > 255 || !isClean(one)))
            jws.wrong(key);
        if (key === 'log_vkeys')
            into.vkeys.push(...list.map((vkey) => ({organisation: name, vkey})));
    }
}

// All of its roots become anchors, or none. TEXT: one character a byte.
export async function addTrustList(trust, text, key, now) {
    const jws = new Jws(text, {max: 8 << 20, typ: TRUST_LIST_TYP, chain: false, code: 'trust-list'});
    await jws.verify(key);
    jws.known(jws.claims, ['iat', 'exp', 'organisations']);
    const iat = jws.date(jws.claims, 'iat'), exp = jws.date(jws.claims, 'exp');
    if (exp <= iat || iat > now + SKEW_MS)
        jws.wrong('times that cannot be');
    if (now > exp)
        refuse('trust-list', 'it has expired', 'stale');
    if (!Array.isArray(jws.claims.organisations))
        jws.wrong('organisations');
    const into = newTrust();
    for (const entry of jws.claims.organisations)
        await addOrganisation(jws, entry, into);
    for (const {cert, since, until} of into.anchors)
        await addAnchor(trust, cert, since, until);
    trust.vkeys.push(...into.vkeys);
    return {iat, exp, organisations: into.anchors.map((anchor) => anchor.organisation)};
}
