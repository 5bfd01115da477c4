// SPDX-License-Identifier: Apache-2.0
// Lies that are signed: claims changed at random and signed by a good key. Schema, consistency, binding and outcome are
// judged alike, reason by reason.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {certificate} from './issue.mjs';
import {Oracle, agree, b64, ours, pem, readExample, readJson} from './support.mjs';

const oracle = new Oracle();
after(() => oracle.end());
const trust = [pem('root')], ROUNDS = Number(process.env.LETHE_ROUNDS ?? 900);

let state = 0x9e3779b9; // the same every time: xorshift32
function random(n) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
}
const any = (list) => list[random(list.length)];

const WORDS = ['none', 'clear', 'purge', 'destroy', 'passed', 'passed-with-exceptions', 'operator-attested', 'indeterminate', 'aborted', 'failed', 'refused', 'physical',
    'virtual', 'image', 'emulated', 'magnetic', 'flash', 'file', 'unknown', 'full', 'confidence', 'strata', 'overwrite', 'block-erase', 'crypto-erase', 'reset', 'tested',
    'untested', 'serial', 'imei', 'backing', 'device', 'typed', 'ata', 'loop', 'uniform', 'pattern', 'ata-sanitize-block', 'nvme-format-crypto', 'ata-security-erase-enhanced',
    'mmc-erase', 'zero', 'hex:924924', 'hex:00', 'hex:0000', 'byte:1', '~byte:9', '490154203237518', '0000', 'urn:lethe:erasure-record:1', '2026-02-30T00:00:00Z',
    '2026-11-23T01:02:03Z', '1999-01-01T00:00:00Z', '', 'x'.repeat(513), 'é'.repeat(300), 'soft\u00adhyphen', '\ud83d\ude00'];
const NUMBERS = [0, 1, 2, 511, 512, 4096, 64, 1000, 10000, 100000, 899999, 900000, 990000, 999999, 1000000, 1000001, 2 ** 32, 2 ** 53 - 1, -1];

function lie(value) {
    if (typeof value === 'number' && random(3) > 0)
        return any([...NUMBERS, value + 1, Math.max(0, value - 1), 2 * value > 2 ** 53 - 1 ? value : 2 * value, Math.floor(value / 2)]);
    if (typeof value === 'boolean' && random(4) > 0)
        return !value;
    return any([any(WORDS), any(NUMBERS), true, [], {}, ['a'], [[0, 512]], [{pattern: 'zero', bytes: 1, errors: 0}]]);
}

// One member somewhere, or a new one.
function change(claims) {
    let at = claims;
    for (;;) {
        const keys = Object.keys(at), key = any(keys);
        if (key === undefined)
            return;
        if (typeof at[key] === 'object' && Object.keys(at[key]).length && random(6) > 0) {
            at = at[key];
            continue;
        }
        if (random(8) === 0 && !Array.isArray(at))
            delete at[key];
        else if (random(20) === 0 && !Array.isArray(at))
            at[any(['expected', 'withheld', 'observed', 'followed_by', 'first_mismatch', 'log', 'status', 'more', 'subsections', 'samples_per_subsection', 'percent_ppm'])] = lie(any(['', 0, true]));
        else
            at[key] = lie(at[key]);
        return;
    }
}

async function read(file) {
    return (await ours({certificate_b64: b64(readExample(file).toString().trim()), trust})).claims;
}

test('signed lies', async () => {
    const files = readJson('index.json').examples.filter(({file, verdict}) => verdict === 'valid' || file.includes('record-')).map(({file}) => file);
    const originals = (await Promise.all(files.map(read))).filter((claims) => claims?.organisation);
    const codes = new Set();
    for (let round = 0; round < ROUNDS; round++) {
        const claims = structuredClone(any(originals));
        for (let n = 1 + random(3); n > 0; n--)
            change(claims);
        if (!Array.isArray(claims.identifiers) || claims._sd !== undefined)
            continue;
        const said = await agree(oracle, {certificate_b64: b64(certificate(claims, 'bench')), trust}, JSON.stringify(claims));
        said.reasons.forEach(({code}) => codes.add(code));
    }
    assert.ok(codes.size > 25, `${codes.size} reasons were met`);
});
