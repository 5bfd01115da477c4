// SPDX-License-Identifier: Apache-2.0
// X.509 certificates (RFC 5280), taken apart once. Faults of single extensions count where they are
// asked for; what is no certificate at all is null.
import {base64, fromUtf8, hex, latin1, sha256Hex, utf8Length} from './bytes.js';
import {BIT_STRING, BMP, IA5, INTEGER, NotDer, OCTET_STRING, OID, PRINTABLE, SEQUENCE, SET, T61, UTF8, context, notDer, tryDer} from './der.js';
import {hashOf, publicKey} from './ecdsa.js';
import {isClean} from './text.js';
import {BENCH_URI, LOG_URI, STATUS_URI} from './words.js';

export const EKU_BENCH = '2.25.184030033748568517897385037763072314477.1';
export const EKU_STATUS = '2.25.184030033748568517897385037763072314477.2';
const EXT = {
    subjectKey: '2.5.29.14', keyUsage: '2.5.29.15', altName: '2.5.29.17', constraints: '2.5.29.19',
    authorityKey: '2.5.29.35', extKeyUsage: '2.5.29.37',
};
const ORGANISATION = '2.5.4.10';
export const KU = {digitalSignature: 0x80, keyCertSign: 0x04, crlSign: 0x02};

export function extensionsOf(der) {
    const out = new Map();
    for (const list = der.into(SEQUENCE); !list.done;) {
        const one = list.into(SEQUENCE), oid = one.oid();
        const critical = one.is(1) && one.boolean();
        const {body} = one.next(OCTET_STRING);
        one.finish();
        if (out.has(oid))
            notDer('an extension twice');
        out.set(oid, {critical, body});
    }
    return out;
}

function structure(der) {
    const outer = der.into(SEQUENCE), raw = outer.next(SEQUENCE).raw;
    const algorithm = outer.next(SEQUENCE).raw, signature = outer.bits();
    outer.finish();
    const cert = {tbs: raw, algorithm, signature, version: 1, extensions: new Map()};
    tryDerStrict(raw, (reader) => {
        const tbs = reader.into(SEQUENCE);
        if (tbs.is(context(0))) {
            const version = tbs.into(context(0));
            cert.version = version.small() + 1;
            version.finish();
        }
        const serial = tbs.next(INTEGER).body;
        cert.serialRaw = serial;
        cert.inner = tbs.next(SEQUENCE).raw;
        cert.issuer = tbs.next(SEQUENCE).raw;
        const validity = tbs.into(SEQUENCE);
        cert.notBefore = validity.time();
        cert.notAfter = validity.time();
        validity.finish();
        cert.subject = tbs.next(SEQUENCE).raw;
        cert.spki = tbs.next(SEQUENCE).raw;
        while (!tbs.done && !tbs.is(context(3)))
            if (!tbs.is(context(1, false)) && !tbs.is(context(2, false)))
                notDer('tbs');
            else
                tbs.next();
        if (tbs.is(context(3))) {
            const extensions = tbs.into(context(3));
            cert.extensions = extensionsOf(extensions);
            extensions.finish();
        }
        tbs.finish();
    });
    cert.signatureOid = tryDerStrict(algorithm, (reader) => reader.into(SEQUENCE).oid());
    cert.key = publicKey(cert.spki);
    return cert;
}

function tryDerStrict(bytes, f) {
    const out = tryDer(bytes, (reader) => ({value: f(reader)}));
    return out ? out.value : notDer('nested');
}

// WHOLE: nothing may stand behind it.
export function readCertificate(bytes, whole = true) {
    return tryDer(bytes, (der) => {
        const raw = der.next(SEQUENCE).raw;
        if (whole)
            der.finish();
        const cert = tryDerStrict(raw, structure);
        cert.raw = raw;
        return cert;
    });
}

export const fingerprint = (cert) => sha256Hex(cert.raw);

const read = (cert, oid, f) => {
    const extension = cert.extensions.get(oid);
    return extension ? tryDer(extension.body, (der) => {
        const out = f(der);
        der.finish();
        return out;
    }, undefined) : null;
};

// Null: there is none; undefined: it is broken.
export const basicConstraints = (cert) => read(cert, EXT.constraints, (der) => {
    const inner = der.into(SEQUENCE);
    const ca = inner.is(1) && inner.boolean();
    const pathlen = inner.is(2) ? inner.small() : -1;
    inner.finish();
    return {ca, pathlen};
});
export const keyUsage = (cert) => read(cert, EXT.keyUsage, (der) => (der.is(BIT_STRING) ? der.bits(true)[0] ?? 0 : notDer('bits')));
export const usages = (cert) => read(cert, EXT.extKeyUsage, (der) => {
    const out = [];
    for (const list = der.into(SEQUENCE); !list.done;)
        out.push(list.is(OID) ? list.oid() : notDer('usage'));
    return out;
});
export const subjectKeyId = (cert) => read(cert, EXT.subjectKey, (der) => der.next(OCTET_STRING).body);
export const authorityKeyId = (cert) => read(cert, EXT.authorityKey, (der) => {
    const inner = der.into(SEQUENCE), out = {keyId: null, other: false};
    while (!inner.done) {
        const {tag, body} = inner.next();
        if (tag === context(0, false))
            out.keyId = body;
        else
            out.other = true;
    }
    return out;
});
const isCritical = (cert, oid) => cert.extensions.get(oid)?.critical === true;
// Critical ones of which the meaning is looked at.
export const understands = (cert) => [...cert.extensions].every(([oid, {critical}]) =>
    !critical || [EXT.keyUsage, EXT.altName, EXT.constraints, EXT.extKeyUsage].includes(oid));
export const extension = (cert, name) => cert.extensions.get(EXT[name]);

function stringOf({tag, body}) {
    if (tag === UTF8)
        return fromUtf8(body);
    if (tag === PRINTABLE || tag === IA5 || tag === T61)
        return latin1(body);
    if (tag === BMP && body.length % 2 === 0)
        return String.fromCharCode(...Array.from({length: body.length / 2}, (_, i) => body[2 * i] << 8 | body[2 * i + 1]));
    return null;
}

// The one O of the subject; null.
export function organisation(cert) {
    const found = tryDer(cert.subject, (der) => {
        const out = [];
        for (const name = der.into(SEQUENCE); !name.done;)
            for (const set = name.into(SET); !set.done;) {
                const pair = set.into(SEQUENCE);
                if (pair.oid() === ORGANISATION)
                    out.push(stringOf(pair.next()));
            }
        return out;
    }, []);
    const [text] = found;
    return found.length === 1 && text && utf8Length(text) < 128 && isClean(text) ? text : null;
}

// {id, origin} of a SAN that is PREFIX and an id, and at most one log's origin; null.
function names(cert, prefix) {
    const uris = read(cert, EXT.altName, (der) => {
        const out = [];
        for (const list = der.into(SEQUENCE); !list.done;) {
            const {tag, body} = list.next();
            out.push(tag === context(6, false) ? latin1(body) : null);
        }
        return out;
    });
    if (!uris || uris.length < 1 || uris.length > 2)
        return null;
    const out = {id: null, origin: ''};
    for (const uri of uris) {
        const id = uri?.startsWith(prefix) ? uri.slice(prefix.length) : '';
        const origin = uri?.startsWith(LOG_URI) ? uri.slice(LOG_URI.length) : '';
        if (out.id === null && /^[A-Za-z0-9._-]{1,64}$/.test(id))
            out.id = id;
        else if (out.origin === '' && /^[A-Za-z0-9._/-]{1,255}$/.test(origin))
            out.origin = origin;
        else
            return null;
    }
    return out.id === null ? null : out;
}
export const benchNames = (cert) => names(cert, BENCH_URI);
export function statusNames(cert) {
    const found = names(cert, STATUS_URI);
    return found && found.origin === '' ? found : null;
}

// RFC 5280 section 4.1.2.2: positive, at most 20 bytes; hex, or null.
export function serial(cert) {
    const raw = cert.serialRaw, magnitude = raw.length > 1 && raw[0] === 0 ? raw.subarray(1) : raw;
    return raw.length < 1 || raw[0] & 0x80 || magnitude.length > 20 ? null : hex(magnitude);
}

// The profile of certs/README.md. What is wrong, or null.
export function authorityFault(cert) {
    if (cert.version !== 3)
        return 'it is not X.509 version 3';
    if (!cert.key)
        return 'its key is not P-256 or P-384';
    if (!hashOf(cert.signatureOid))
        return 'it is not signed by ECDSA with SHA-2';
    if (!isCritical(cert, EXT.constraints) || !basicConstraints(cert)?.ca)
        return 'it is no certificate authority (critical basicConstraints)';
    if (!isCritical(cert, EXT.keyUsage) || !(keyUsage(cert) & KU.keyCertSign))
        return 'its critical keyUsage does not allow signing certificates';
    return null;
}

export function leafFault(cert, status) {
    const constraints = basicConstraints(cert), usage = keyUsage(cert) ?? 0, extended = usages(cert) ?? [];
    if (cert.version !== 3)
        return 'it is not X.509 version 3';
    if (cert.key?.curve !== 'P-256')
        return 'its key is not P-256';
    if (!hashOf(cert.signatureOid))
        return 'it is not signed by ECDSA with SHA-2';
    if (!isCritical(cert, EXT.constraints) || !constraints || constraints.ca)
        return 'it is a certificate authority, or does not say critically that it is none';
    if (!isCritical(cert, EXT.keyUsage) || !(usage & KU.digitalSignature) || usage & (KU.keyCertSign | KU.crlSign))
        return 'its critical keyUsage is not that of a signer (digitalSignature)';
    const bench = extended.includes(EKU_BENCH), lists = extended.includes(EKU_STATUS);
    if (status ? !lists || bench : !bench || lists)
        return 'its extended key usage is that of another part';
    if (!(status ? statusNames(cert) : benchNames(cert)))
        return 'its subjectAltName is not as it should be';
    return null;
}

// The bodies of all PEM blocks of this LABEL; null when one of them is broken.
export function pemBlocks(text, label) {
    const out = [], pattern = new RegExp(`-----BEGIN ${label}-----\\s([A-Za-z0-9+/=\\s]*?)-----END ${label}-----`, 'g');
    const begun = text.split(`-----BEGIN ${label}-----`).length - 1;
    for (const [, body] of text.matchAll(pattern)) {
        const bytes = base64(body.replace(/\s/g, ''));
        if (!bytes || bytes.length === 0)
            return null;
        out.push(bytes);
    }
    return out.length === begun ? out : null;
}

export {NotDer};
