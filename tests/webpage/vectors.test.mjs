// SPDX-License-Identifier: Apache-2.0
// certs/examples/levels.json: what stands around a certificate. The page says what the index and the C verifier say, and
// refuses what they refuse. Records of lots are for auditors: the page does not read them.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {Oracle, agree, b64, ours, pem, readExample, readJson} from './support.mjs';

const oracle = new Oracle();
after(() => oracle.end());
const text = (name) => readExample(name).toString('utf8');

function asked({certificate, ...request}) {
    const out = {trust: [pem('root')], ...request, certificate_b64: b64(readExample(certificate))};
    for (const member of ['proof', 'log_policy', 'seen', 'validation'])
        if (request[member])
            out[member] = text(request[member]);
    for (const member of ['status', 'crls'])
        if (request[member])
            out[member] = request[member].map(text);
    if (request.trust_list)
        out.trust_list = {list: text(request.trust_list.list), key: text(request.trust_list.key)};
    return out;
}

const {examples, now} = readJson('levels.json');
for (const {name, request, verdict, code, level} of examples.filter(({request}) => request.certificate))
    test(name, async () => {
        const question = {...asked(request), now};
        if (verdict === 'refused') {
            assert.ok((await oracle.ask(question)).error, name);
            await assert.rejects(ours(question), name);
            return;
        }
        const said = await agree(oracle, question, name);
        assert.equal(said.verdict, verdict);
        assert.ok(!code || said.reasons.some((reason) => reason.code === code));
        assert.ok(!level || said.level === level);
    });
