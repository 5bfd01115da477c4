// SPDX-License-Identifier: Apache-2.0
// Other people's libraries on our certificates: node check.mjs SOURCE LETHE-VERIFY SCRATCH
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {X509Certificate, webcrypto} from 'node:crypto';
import * as jose from 'jose';
import {SDJwtInstance} from '@sd-jwt/core';
import {digest, generateSalt, ES256} from '@sd-jwt/crypto-nodejs';
import Ajv from 'ajv/dist/2020.js';

globalThis.crypto ??= webcrypto; // Node 18 of Debian 12 has it, but not by this name

const [source, letheVerify, scratch] = process.argv.slice(2);
const examples = join(source, 'certs/examples');
const index = JSON.parse(readFileSync(join(examples, 'index.json'), 'utf8'));
const root = join(source, 'certs/test-keys/root.pem');
const read = (file) => readFileSync(join(examples, file), 'utf8');
const header = (text) => jose.decodeProtectedHeader(text.split('~')[0]);
const leaf = (text) => new X509Certificate(Buffer.from(header(text).x5c[0], 'base64'));

function ours(text) {
    const file = join(scratch, 'certificate.sdjwt');
    writeFileSync(file, text);
    const run = spawnSync(letheVerify, [file, '--trust', root, '--json'], {encoding: 'utf8'});
    return {status: run.status, ...JSON.parse(run.stdout)};
}

async function sdjwt(text) {
    const jwk = leaf(text).publicKey.export({format: 'jwk'});
    return new SDJwtInstance({
        hasher: digest,
        saltGenerator: generateSalt,
        signAlg: 'ES256',
        verifier: await ES256.getVerifier(jwk),
    });
}

// 1. jose (npm): the issuer's JWT with the key of x5c[0]; the chain by node's own X.509.
async function byJose(text) {
    const {payload, protectedHeader} = await jose.compactVerify(
        text.split('~')[0], leaf(text).publicKey, {algorithms: ['ES256']});
    assert.equal(protectedHeader.typ, 'dc+sd-jwt');
    assert.ok(leaf(text).verify(new X509Certificate(readFileSync(root)).publicKey));
    return JSON.parse(new TextDecoder().decode(payload));
}

// 2. @sd-jwt/core: signature, disclosures, and the merged claims, which must be ours.
async function bySdJwt(text) {
    const instance = await sdjwt(text);
    await instance.verify(text);
    const claims = await instance.getClaims(text);
    delete claims._sd_alg;
    return claims;
}

// 3. Debian's jose.
function byCli(text) {
    const jwt = join(scratch, 'jwt'), key = join(scratch, 'key.jwk'), out = join(scratch, 'payload');
    writeFileSync(jwt, text.split('~')[0]);
    writeFileSync(key, JSON.stringify(leaf(text).publicKey.export({format: 'jwk'})));
    execFileSync('jose', ['jws', 'ver', '-i', jwt, '-k', key, '-O', out]);
    return JSON.parse(readFileSync(out, 'utf8'));
}

const ajv = new Ajv({strict: true, strictTypes: false, strictRequired: false});
const validate = {
    'urn:lethe:erasure-certificate:1':
        ajv.compile(JSON.parse(readFileSync(join(source, 'certs/certificate.schema.json')))),
    'urn:lethe:erasure-record:1':
        ajv.compile(JSON.parse(readFileSync(join(source, 'certs/record.schema.json')))),
};

let accepted = 0, shaped = 0, refused = 0;
for (const {file, verdict, code} of index.examples) {
    const text = read(file);
    if (verdict === 'valid') {
        const payload = await byJose(text);
        const claims = await bySdJwt(text);
        const mine = ours(text);
        assert.equal(mine.status, 0, file);
        assert.deepEqual(byCli(text), payload);
        assert.deepEqual(claims, mine.claims, file);
        assert.ok(validate[claims.vct](claims), `${file}: ${ajv.errorsText(validate[claims.vct].errors)}`);
        accepted++;
    } else if (verdict === 'undetermined' && code !== 'claim-unknown' && code !== 'untrusted') {
        const {claims} = ours(text);
        assert.ok(validate[claims.vct](claims), `${file}: ${ajv.errorsText(validate[claims.vct].errors)}`);
        shaped++;
    } else if (['claim-missing', 'claim-type', 'claim-value', 'claim-unknown', 'vct'].includes(code)) {
        // The published schema and the verifier's own table refuse the same.
        const claims = await bySdJwt(text);
        const check = validate[claims.vct] ?? validate['urn:lethe:erasure-certificate:1'];
        assert.ok(!check(claims), `${file} passes the JSON Schema`);
        refused++;
    }
}

// A holder's own tool withholds what it likes; our verifier still believes the rest.
const full = read('valid/full.sdjwt');
const instance = await sdjwt(full);
const shown = await instance.present(full, {identifiers: {0: true}, lot: true});
const report = ours(shown);
assert.equal(report.verdict, 'valid');
assert.deepEqual(report.claims.identifiers.map((i) => i.kind), ['serial']);
assert.equal(report.claims.lot, '2026-47');
assert.equal(report.claims.operator, undefined);
assert.equal(report.hidden, 9);
await bySdJwt(shown);

// And what was changed is refused by all four.
const forged = read('invalid/byte-flipped.sdjwt');
await assert.rejects(byJose(forged));
await assert.rejects(bySdJwt(forged));
assert.throws(() => byCli(forged));
assert.equal(ours(forged).status, 1);

console.log(`${accepted} certificates accepted by jose (npm), @sd-jwt/core, jose (Debian) and lethe-verify`);
console.log(`${accepted + shaped} pass the JSON Schema, ${refused} malformed ones do not`);
assert.ok(accepted >= 8 && refused >= 8);
