// SPDX-License-Identifier: Apache-2.0
// Hostile input: thousands of broken certificates, pages, labels and bundles. The page's modules never throw, never
// say valid for what was changed, and say of each what the C verifier says.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {Oracle, b64, gist, ours, pem, readExample, readJson} from './support.mjs';

const oracle = new Oracle();
after(() => oracle.end());
const trust = [pem('root')], benches = [pem('bench')];

// The same every time: xorshift32.
let state = 0x2545f491;
function random(n) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
}

function mutated(bytes) {
    const out = Buffer.from(bytes), at = random(out.length);
    switch (random(6)) {
    case 0:
        out[at] ^= 1 << random(8);
        return out;
    case 1:
        return Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + random(8))]);
    case 2:
        return Buffer.concat([out.subarray(0, at), out.subarray(random(out.length))]);
    case 3:
        return out.subarray(0, at);
    case 4:
        return Buffer.concat([out.subarray(0, at), Buffer.from([random(256)]), out.subarray(at)]);
    default:
        out[at] = random(256);
        return out;
    }
}

// Inside of the JSON, where a flipped bit of base64 rarely gets.
function mutatedPart(text) {
    const parts = text.split(/([.~])/), at = 2 * random(Math.ceil(parts.length / 2));
    parts[at] = mutated(Buffer.from(parts[at] || 'AA', 'base64url')).toString('base64url');
    return parts.join('');
}

async function check(data, original, more = {}) {
    const request = {certificate_b64: b64(data), trust, benches, ...more};
    const theirs = await oracle.ask(request), mine = await ours(request);
    if (!Buffer.from(data).equals(Buffer.from(original)))
        assert.notEqual(mine.verdict, 'valid', b64(data));
    assert.ok(!mine.reasons.some(({code}) => code === 'unreadable'), `${mine.reasons[0]?.text} ${b64(data)}`);
    assert.equal(mine.verdict, theirs.verdict, b64(data));
    return [gist(mine).reasons[0], gist(theirs).reasons[0]];
}

// How often the first reason is another one: where a file is broken in two places, either may be met first.
async function sweep(n, original, make, most, more) {
    let other = 0;
    for (let i = 0; i < n; i++) {
        const [mine, theirs] = await check(make(), original, more);
        other += mine !== theirs ? 1 : 0;
    }
    assert.ok(other <= n * most, `${other} of ${n} for another reason`);
}

test('certificates', async () => {
    const text = readExample('valid/full.sdjwt').toString().trim();
    await sweep(700, text, () => mutated(Buffer.from(text)), 0.02);
    await sweep(700, text, () => Buffer.from(mutatedPart(text)), 0.02);
});

test('pages', async () => {
    const page = readExample('pdf/good.pdf');
    await sweep(250, page, () => mutated(page), 0.1);
});

test('labels', async () => {
    const {labels} = readJson('labels.json'), {text, device} = labels[0];
    await sweep(500, text, () => mutated(Buffer.from(text)), 0.05, {device});
});

test('bundles', async () => {
    const text = JSON.stringify({sdjwt: readExample('valid/full.sdjwt').toString().trim(), qr: readJson('labels.json').labels[0].text});
    let same = 0;
    for (let i = 0; i < 300; i++) {
        const data = mutated(Buffer.from(text)), request = {certificate_b64: b64(data), trust};
        const theirs = await oracle.ask(request), mine = await ours(request);
        assert.equal(mine.verdict, theirs.verdict, b64(data));
        same += gist(mine).reasons[0] === gist(theirs).reasons[0] ? 1 : 0;
    }
    assert.ok(same >= 285, `${same}`);
});
