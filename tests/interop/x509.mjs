// SPDX-License-Identifier: Apache-2.0
// Another X.509, CMS and CRL (pkijs) on our certificates and pages: node x509.mjs SOURCE
import assert from 'node:assert/strict';
import {webcrypto} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as jose from 'jose';
import * as pkijs from 'pkijs';

pkijs.setEngine('node', new pkijs.CryptoEngine({name: 'node', crypto: webcrypto}));

const source = process.argv[2];
const examples = join(source, 'certs/examples');
const read = (file) => readFileSync(join(examples, file));
const der = (pem) => Buffer.from(String(pem).replace(/-----[^-]+-----|\s/g, ''), 'base64');
const certificate = (name) => pkijs.Certificate.fromBER(der(readFileSync(join(source, 'certs/test-keys', name))));
const root = certificate('root.pem'), stranger = certificate('stranger-root.pem');

// Byte I of BYTES is another one; from the end when negative.
function altered(bytes, i) {
    const copy = Buffer.from(bytes);
    copy[i < 0 ? copy.length + i : i] ^= 1;
    return copy;
}

// RFC 5280 section 6: from x5c[0] to a root, on the day the certificate was issued.
async function path(x5c, iat, anchor = root) {
    const certs = x5c.map((bytes) => pkijs.Certificate.fromBER(bytes));
    const engine = new pkijs.CertificateChainValidationEngine({
        trustedCerts: [anchor], certs: certs.reverse(), checkDate: new Date(iat * 1000)});
    return (await engine.verify()).result;
}

// ISO 32000-1 section 12.8.1: what the ByteRange covers, under the CMS of the hole.
async function page(pdf) {
    const text = pdf.toString('latin1');
    const [a, b, c, d] = /\/ByteRange \[ ?(\d+) (\d+) (\d+) (\d+)/.exec(text).slice(1).map(Number);
    assert.equal(a, 0);
    assert.equal(c + d, pdf.length);
    const hole = text.slice(b + 1, c - 1);
    const content = pkijs.ContentInfo.fromBER(Buffer.from(hole, 'hex'));
    const signed = new pkijs.SignedData({schema: content.content});
    const data = new Uint8Array(Buffer.concat([pdf.subarray(a, b), pdf.subarray(c)])).buffer;
    const said = await signed.verify({signer: 0, data, extendedMode: true}).catch((error) => error);
    return {
        valid: said.signatureVerified === true,
        signature: Buffer.from(signed.signerInfos[0].signature.valueBlock.valueHexView).toString('hex'),
        certificates: signed.certificates.map((cert) => cert.toSchema().toBER()),
    };
}

const {examples: listed} = JSON.parse(read('index.json'));
let paths = 0;
for (const {file} of listed.filter((example) => example.verdict === 'valid')) {
    const text = String(read(file)).split('~')[0];
    const x5c = jose.decodeProtectedHeader(text).x5c.map((entry) => Buffer.from(entry, 'base64'));
    const {iat} = jose.decodeJwt(text);
    assert.equal(await path(x5c, iat), true, file);
    assert.equal(await path(x5c, iat, stranger), false, file);
    assert.equal(await path(x5c, iat - 50 * 365 * 86400), false, file);
    assert.equal(await path([altered(x5c[0], -1), ...x5c.slice(1)], iat), false, file);
    paths++;
}

const good = read('pdf/good.pdf');
const signed = await page(good);
assert.equal(signed.valid, true);
const attached = jose.decodeProtectedHeader(String(read('valid/full.sdjwt')).split('~')[0]).x5c[0];
assert.ok(signed.certificates.some((cert) => Buffer.from(cert).toString('base64') === attached));
assert.equal((await page(read('pdf/page-changed.pdf'))).valid, false);
const inSignature = good.indexOf(signed.signature.slice(-16));
assert.ok(inSignature > 0);
for (const i of [9, good.indexOf('certificate.sdjwt'), inSignature, -8])
    assert.equal((await page(altered(good, i))).valid, false, `byte ${i}`);

const crlDer = der(read('levels/crl-revoked-before.pem'));
const crl = pkijs.CertificateRevocationList.fromBER(crlDer);
const bench = certificate('log-bench.pem');
assert.equal(await crl.verify({issuerCertificate: root}), true);
assert.equal(crl.isCertificateRevoked(bench), true);
assert.equal(await crl.verify({issuerCertificate: stranger}), false);
for (const bytes of [altered(crlDer, -1), altered(crlDer, crlDer.indexOf(Buffer.from('261123')))])
    assert.equal(await pkijs.CertificateRevocationList.fromBER(bytes).verify({issuerCertificate: root}), false);
const others = pkijs.CertificateRevocationList.fromBER(der(read('levels/crl-another-bench.pem')));
assert.equal(await others.verify({issuerCertificate: root}), true);
assert.equal(others.isCertificateRevoked(bench), false);

console.log(`${paths} paths, the signature of a page and of lists of revoked benches accepted by pkijs`);
assert.ok(paths >= 8);
