// SPDX-License-Identifier: Apache-2.0
// A browser without Ed25519: what it can't check is said, and is no yes.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ORIGIN, Signer, certificate, entryOf, proof} from './issue.mjs';
import {b64, ours, pem, readExample} from './support.mjs';

test('a proof that can not be checked', async () => {
    const {subtle} = crypto, importKey = subtle.importKey.bind(subtle), trust = [pem('root')];
    subtle.importKey = async (format, data, algorithm, ...rest) => {
        if (algorithm.name === 'Ed25519')
            throw new DOMException('no such algorithm', 'NotSupportedError');
        return importKey(format, data, algorithm, ...rest);
    };
    const {claims: full} = await ours({certificate_b64: b64(readExample('valid/full.sdjwt').toString().trim()), trust});
    const claims = {...full, log: {origin: ORIGIN, start_index: 1, rollback: 'excluded'}}, text = certificate(claims), log = new Signer(ORIGIN, 1);
    const request = {certificate_b64: b64(text), trust, log_keys: [log.vkey]};
    assert.equal((await ours(request)).verdict, 'valid', 'without a proof nothing is missing');
    const said = await ours({...request, proof: proof(log, entryOf(text, claims)).proof});
    assert.equal(said.verdict, 'undetermined');
    assert.equal(said.reasons[0].code, 'browser');
    assert.equal(said.checks.log.state, 'open');
});
