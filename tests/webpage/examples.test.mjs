// SPDX-License-Identifier: Apache-2.0
// Every example there is: the page says what the C verifier says, code by code, and what the index says.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {Oracle, agree, b64, bytes, pem, readExample, readJson, withoutLineEnd} from './support.mjs';

const oracle = new Oracle();
after(() => oracle.end());
const trust = [pem('root')];

test('certificates, records, bundles', async () => {
    const {examples, now} = readJson('index.json');
    for (const {file, verdict} of examples) {
        const request = {certificate_b64: b64(withoutLineEnd(bytes(readExample(file)))), trust, now: now / 1000};
        assert.equal((await agree(oracle, request, file)).verdict, verdict, file);
    }
    assert.ok(examples.length >= 200);
});

test('pages', async () => {
    const {examples, now} = readJson('pdf.json');
    for (const {file, verdict, code} of examples) {
        const said = await agree(oracle, {certificate_b64: b64(readExample(file)), trust, now}, file);
        assert.equal(said.verdict, verdict, file);
        assert.ok(!code || said.reasons[0].code === code, file);
    }
});

test('labels', async () => {
    const {labels, now} = readJson('labels.json');
    for (const {name, text, device, verdict} of labels) {
        const request = {certificate_b64: b64(text), trust, now, benches: [pem('bench')], ...(device ? {device} : {})};
        assert.equal((await agree(oracle, request, name)).verdict, verdict, name);
    }
});

test('labels beside certificates', async () => {
    const {labels, now} = readJson('labels.json'), sdjwt = readExample('valid/full.sdjwt').toString().trim();
    for (const {name, text} of labels)
        await agree(oracle, {certificate_b64: b64(JSON.stringify({sdjwt, qr: text})), trust, now}, name);
});

test('what is asked for: device, claims, outcomes, substrates, levels', async () => {
    const asked = [
        {device: 'EX-WCC4N0123456'}, {device: 'ex-wcc4n 0123456'}, {device: 'OTHER-1234'}, {device: 'naa.50014ee2b1234567'},
        {device: '50:01:4e:e2:b1:23:45:67'}, {device: ' '}, {require: ['operator', 'serial', 'policy.id', 'custom.nothing']},
        {require: ['method=clear', 'method=purge', 'policy.met=true', 'iat=1', 'serial=ex-wcc4n0123456']},
        {accept: ['operator-attested', 'indeterminate']}, {allow: ['virtual', 'image', 'emulated']}, {min_level: 1}, {min_level: 2},
    ];
    const {examples} = readJson('index.json');
    for (const {file} of examples.filter(({file}) => !file.startsWith('invalid/')))
        for (const more of asked)
            await agree(oracle, {certificate_b64: b64(readExample(file).toString().trim()), trust, ...more}, `${file} ${JSON.stringify(more)}`);
});

test('nobody is trusted by default', async () => {
    const said = await agree(oracle, {certificate_b64: b64(readExample('valid/full.sdjwt').toString().trim())}, 'no root');
    assert.equal(said.verdict, 'undetermined');
    assert.equal(said.reasons[0].code, 'untrusted');
});
