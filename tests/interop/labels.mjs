// SPDX-License-Identifier: Apache-2.0
// Other people's COSE and CBOR on our labels: node labels.mjs SOURCE LETHE-VERIFY SCRATCH
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash, X509Certificate} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import cbor from 'cbor';
import cose from 'cose-js';

const [source, letheVerify, scratch] = process.argv.slice(2);
const keys = join(source, 'certs/test-keys');
const {labels} = JSON.parse(readFileSync(join(source, 'certs/examples/labels.json'), 'utf8'));
const bench = new X509Certificate(readFileSync(join(keys, 'bench.pem')));
const kid = createHash('sha256').update(bench.raw).digest().subarray(0, 8);
const outcomes = [, 'passed', 'passed-with-exceptions', 'operator-attested', 'indeterminate', 'aborted', 'failed', 'refused'];
const methods = ['none', 'clear', 'purge', 'destroy'];

// RFC 9285, from its text.
function base45(text) {
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
    const out = [];
    for (let i = 0; i < text.length; i += 3) {
        const group = [...text.slice(i, i + 3)];
        const n = group.reduce((sum, c, k) => sum + alphabet.indexOf(c) * 45 ** k, 0);
        out.push(...(group.length === 3 ? [n >> 8, n & 255] : [n]));
    }
    return Uint8Array.from(out);
}

function ours(text, device) {
    const file = join(scratch, 'label.txt');
    writeFileSync(file, text + '\n');
    const args = [file, '--trust', join(keys, 'root.pem'), '--bench', join(keys, 'bench.pem'), '--json'];
    const run = spawnSync(letheVerify, device ? [...args, '--device', device] : args, {encoding: 'utf8'});
    return {status: run.status, ...JSON.parse(run.stdout)};
}

// By the page certs/README.md, "The QR code", and nothing of ours.
async function theirs(text) {
    const bytes = Buffer.from(base45(text.slice(4)));
    const {value: [header, unprotected]} = cbor.decodeFirstSync(bytes);
    assert.deepEqual(cbor.decodeFirstSync(header), new Map([[1, -7], [4, kid]]));
    assert.equal(unprotected.size ?? Object.keys(unprotected).length, 0);
    const {x, y} = bench.publicKey.export({format: 'jwk'});
    const key = {x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url')};
    return cbor.decodeFirstSync(await cose.sign.verify(bytes, {key}));
}

function named(claims, device) {
    const value = device.replace(/[ :]/g, '').toLowerCase().replace(/^(0x|naa\.|eui\.)/, '');
    const hashes = ['serial', 'imei', 'wwn', 'eui64', 'nguid', 'udid', 'cid', 'backing'].map((kind) =>
        createHash('sha256').update(claims.get(7)).update(`${kind}\0${value}`).digest('hex').slice(0, 32));
    return claims.get(-10).some((hash) => hashes.includes(Buffer.from(hash).toString('hex')));
}

let accepted = 0, refused = 0;
for (const {name, text, device, verdict, code} of labels) {
    const mine = ours(text, device);
    if (!['future', 'untrusted'].includes(code)) // the clock of the examples is another
        assert.equal(mine.verdict, verdict, `${name}: ${JSON.stringify(mine.reasons)}`);
    if (verdict === 'valid') {
        const claims = await theirs(text);
        assert.equal(claims.get(-1), 1);
        assert.equal(claims.get(-2), 1);
        assert.equal(outcomes[claims.get(-3)], mine.claims.outcome);
        assert.equal(methods[claims.get(-4)], mine.claims.method);
        assert.equal(claims.get(-6), mine.claims.policy.id);
        assert.equal(claims.get(-7), mine.claims.policy.met);
        assert.equal(claims.get(6), mine.claims.iat);
        assert.equal(claims.get(-8), Date.parse(mine.claims.times.ended) / 1000);
        assert.equal(Buffer.from(claims.get(7)).toString('hex'), mine.claims.jti.replaceAll('-', ''));
        assert.equal(Buffer.from(claims.get(-9)).toString('hex'), mine.claims.certificate_sha256);
        assert.ok(named(claims, device), name);
        accepted++;
    } else if (code === 'signature') {
        await assert.rejects(theirs(text), name);
        refused++;
    } else if (code === 'device-mismatch') {
        assert.ok(!named(await theirs(text), device), name);
        refused++;
    }
}
assert.ok(accepted >= 5 && refused >= 2);
console.log(`${accepted} labels accepted by cose-js and lethe-verify, of ${labels.length} looked at`);
