// SPDX-License-Identifier: Apache-2.0
// The signature in a page (RFC 5652, CAdES): exactly the one that Lethe makes, one signer, SHA-256, no contents
// and no unsigned attributes, which anybody could add.
import {equal, sha256} from '../bytes.js';
import {INTEGER, OCTET_STRING, SEQUENCE, SET, context, notDer, tryDer} from '../der.js';
import {derSignatureHolds} from '../ecdsa.js';
import {refuse} from '../refused.js';
import {fingerprint, readCertificate, subjectKeyId} from '../x509.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2', DATA = '1.2.840.113549.1.7.1', SHA256 = '2.16.840.1.101.3.4.2.1';
const CONTENT_TYPE = '1.2.840.113549.1.9.3', DIGEST = '1.2.840.113549.1.9.4', SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.47';
const bad = (what) => refuse('pdf-cms', what);

function readAttributes(der) {
    const out = new Map();
    while (!der.done) {
        const one = der.into(SEQUENCE), oid = one.oid(), values = one.into(SET), value = values.next().raw;
        values.finish();
        one.finish();
        if (out.has(oid))
            notDer('an attribute twice');
        out.set(oid, value);
    }
    return out;
}

function readSigner(der) {
    const out = {};
    out.version = der.small();
    if (der.is(SEQUENCE)) {
        const by = der.into(SEQUENCE);
        out.issuer = by.next(SEQUENCE).raw;
        out.serial = by.next(INTEGER).body;
        by.finish();
    } else {
        out.keyId = der.next(context(0, false)).body;
    }
    out.hash = der.into(SEQUENCE).oid();
    if (der.is(context(0))) {
        const {raw, body} = der.next(context(0));
        out.signed = raw.slice();
        out.signed[0] = SET; // section 5.4: what is signed is the SET OF
        out.attributes = tryDer(body, readAttributes);
    }
    out.algorithm = der.into(SEQUENCE).oid();
    out.signature = der.next(OCTET_STRING).body;
    out.unsigned = !der.done;
    return out;
}

function readSignedData(reader) {
    const outer = reader.into(SEQUENCE), type = outer.oid();
    reader.finish();
    if (type !== SIGNED_DATA)
        bad('it is no signature');
    const wrapped = outer.into(context(0)), data = wrapped.into(SEQUENCE), out = {certs: [], signers: []};
    wrapped.finish();
    outer.finish();
    data.small();
    data.next(SET);
    const content = data.into(SEQUENCE);
    out.type = content.oid();
    out.content = !content.done;
    if (data.is(context(0)))
        for (const list = data.into(context(0)); !list.done;)
            out.certs.push(readCertificate(list.next().raw) ?? notDer('a certificate'));
    if (data.is(context(1)))
        data.next();
    for (const list = data.into(SET); !list.done;)
        out.signers.push(readSigner(list.into(SEQUENCE)));
    data.finish();
    return out;
}

const isSigner = (cert, signer) => (signer.keyId ? equal(subjectKeyId(cert) ?? [], signer.keyId)
    : equal(cert.issuer, signer.issuer) && equal(cert.serialRaw, signer.serial));

// SHA-256 of the certificate that signed COVERED, in hex.
export async function checkCms(bytes, covered) {
    const cms = tryDer(bytes, readSignedData) ?? bad('it can not be read');
    const [signer] = cms.signers;
    if (cms.signers.length !== 1)
        bad('it is not of one signer');
    if (cms.content)
        bad('it brings its own contents');
    if (signer.hash !== SHA256)
        bad('its hash is not SHA-256');
    if (signer.unsigned)
        bad('it has attributes that are not signed');
    if (!signer.attributes?.has(SIGNING_CERTIFICATE))
        bad('it does not name its certificate');
    const cert = cms.certs.find((one) => isSigner(one, signer));
    const digest = tryDer(signer.attributes.get(DIGEST) ?? [], (der) => der.next(OCTET_STRING).body);
    const type = tryDer(signer.attributes.get(CONTENT_TYPE) ?? [], (der) => der.oid());
    const holds = cert && digest && type === cms.type && type === DATA && equal(digest, await sha256(covered)) &&
        signer.algorithm === '1.2.840.10045.4.3.2' && await derSignatureHolds(cert.key, signer.algorithm, signer.signature, signer.signed);
    return holds ? fingerprint(cert) : refuse('pdf-changed');
}
