// SPDX-License-Identifier: Apache-2.0
// Revocation, logs, witnesses, trust lists, second persons: each right, missing, stale and forged, judged by both.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {ORIGIN, Signer, URI, certificate, crl, entryOf, proof, rootOf, statusList, trustList, validation} from './issue.mjs';
import {NOW, Oracle, agree, b64, ours, pem, readExample} from './support.mjs';

const oracle = new Oracle();
after(() => oracle.end());
const trust = [pem('root')];
const {claims: full} = await ours({certificate_b64: b64(readExample('valid/full.sdjwt').toString().trim()), trust});
const base = {...full, status: {status_list: {idx: 5, uri: URI}}, log: {origin: ORIGIN, start_index: 1, rollback: 'excluded'}};
const log = new Signer(ORIGIN, 1), witnesses = ['w1', 'w2', 'w3'].map((name) => new Signer(name, 4));
const policy = [`log ${log.vkey}`, ...witnesses.map((w) => `witness ${w.name} ${w.vkey}`), 'group all 2 w1 w2 w3', 'quorum all', ''].join('\n');
const sdjwt = certificate(base), good = {...base};
const cosigned = [[witnesses[0], NOW - 50], [witnesses[1], NOW - 40]];
const entry = entryOf(sdjwt, base), proven = proof(log, entry, {cosigned});

// Both say so, and it is what was meant: verdict, level, a code.
async function says(name, more, verdict, level, code) {
    const {certificate: text = sdjwt, ...request} = more;
    const said = await agree(oracle, {certificate_b64: b64(text), trust, ...request}, name);
    assert.deepEqual([said.verdict, said.level], [verdict, level], `${name}: ${said.reasons.map((one) => one.code)}`);
    assert.ok(!code || said.reasons.some((one) => one.code === code), `${name}: ${said.reasons.map((one) => one.code)}`);
    return said;
}

test('status lists', async () => {
    await says('none given', {}, 'valid', 'L0');
    await says('valid', {status: [statusList({5: 0, 4: 1, 6: 2})]}, 'valid', 'L1');
    await says('revoked', {status: [statusList({5: 1})]}, 'invalid', null, 'revoked');
    await says('suspended', {status: [statusList({5: 2})]}, 'undetermined', 'L0', 'suspended');
    await says('no status', {status: [statusList({5: 3})]}, 'invalid', null, 'status');
    await says('another address', {status: [statusList({}, {sub: 'https://other.example/'})]}, 'valid', 'L0', 'status-other');
    await says('over', {status: [statusList({}, {iat: NOW - 900, exp: NOW - 10})]}, 'valid', 'L0', 'status-stale');
    const old = {iat: NOW - 900, exp: NOW - 10};
    await says('revoked by an old one', {status: [statusList({5: 1}, old), statusList({})]}, 'invalid', null, 'revoked');
    await says('suspended by an old one', {status: [statusList({5: 2}, old), statusList({})]}, 'valid', 'L1');
    await says('the newest', {status: [statusList({}), statusList({5: 2}, {iat: NOW - 90})]}, 'valid', 'L1');
    await says('the worse of two', {status: [statusList({}), statusList({5: 2})]}, 'undetermined', 'L0', 'suspended');
    await says('no claim', {certificate: certificate({...good, status: undefined}), status: [statusList({})]}, 'valid', 'L0', 'status-none');
    await says('level', {min_level: 1}, 'undetermined', 'L0', 'level');
    for (const bad of [statusList({}, {}, 'bench'), statusList({}).replace('.', '.A'), statusList({}, {exp: NOW - 2000}), statusList({}, {more: 1}),
        statusList({}, {status_list: {bits: 2, lst: 'AAAA'}})]) {
        const request = {certificate_b64: b64(sdjwt), trust, status: [bad]};
        assert.ok((await oracle.ask(request)).error);
        await assert.rejects(ours(request));
    }
});

test('proofs and witnesses', async () => {
    const full2 = {proof: proven.proof, log_policy: policy}, status = [statusList({})];
    const said = await says('all of it', {...full2, status, min_level: 2}, 'valid', 'L2');
    assert.equal(said.proven.not_after, new Date((NOW - 40) * 1000).toISOString().replace('.000', ''));
    await says('without status', full2, 'valid', 'L0');
    await says('key only', {proof: proven.proof, log_keys: [log.vkey], status}, 'valid', 'L1', 'unwitnessed');
    await says('no key', {proof: proven.proof, status}, 'valid', 'L1', 'log-key');
    await says('too few', {...full2, status, proof: proof(log, entry, {cosigned: cosigned.slice(1)}).proof}, 'valid', 'L1', 'quorum');
    await says('another entry', {...full2, proof: proof(log, entryOf(sdjwt, {...base, iat: base.iat + 1}), {cosigned}).proof}, 'invalid', null, 'proof-other');
    await says('a start', {...full2, proof: proof(log, entryOf(sdjwt, base, {k: 'fail'}), {cosigned}).proof}, 'invalid', null, 'proof-other');
    await says('before the start', {...full2, proof: proof(log, entry, {cosigned, index: 1}).proof}, 'invalid', null, 'log-order');
    await says('another log', {...full2, proof: proof(new Signer(ORIGIN, 1), entry, {cosigned}).proof}, 'invalid', null, 'proof');
    await says('witnessed before it was signed', {...full2, proof: proof(log, entry, {cosigned: witnesses.map((w) => [w, base.iat - 4000])}).proof}, 'invalid', null, 'log-time');
    await says('witnesses of the future', {...full2, status, proof: proof(log, entry, {cosigned: witnesses.map((w) => [w, NOW + 4000])}).proof}, 'valid', 'L1', 'quorum');
    await says('a forged witness', {...full2, proof: proof(log, entry, {cosigned: [[Object.assign(new Signer('w1', 4), {id: witnesses[0].id}), NOW]]}).proof}, 'invalid', null, 'proof');
    const lines = proven.proof.split('\n');
    for (const broken of [lines.slice(1).join('\n'), lines.slice(0, 5).join('\n'), proven.proof.replace('index 3', 'index 03'), proven.proof.replace(/extra .*\n/, '')])
        await says('malformed', {...full2, proof: broken}, 'invalid', null, 'proof-format');
    for (const broken of [proven.proof.replace('index 3', 'index 2'), lines.filter((_, i) => i !== 3).join('\n'), proven.proof.slice(0, -3), proven.proof.replace('\n7\n', '\n8\n')])
        await says('it does not hold', {...full2, proof: broken}, 'invalid', null, 'proof');
    for (const size of [1, 2, 3, 4, 5, 8, 13, 100])
        for (let index = 2; index < size; index += 1 + Math.floor(size / 7))
            await says(`${index} of ${size}`, {...full2, status, proof: proof(log, entry, {index, size, cosigned}).proof}, 'valid', 'L2');
});

test('what the certificate says of its log', async () => {
    const of = (claim) => {
        const claims = {...good, log: {...good.log, ...claim}}, text = certificate(claims);
        return {certificate: text, log_policy: policy, status: [statusList({})], proof: proof(log, entryOf(text, claims), {cosigned}).proof};
    };
    await says('no guard', of({rollback: 'not-excluded'}), 'valid', 'L2', 'rollback');
    await says('another log', of({origin: 'lethe.log/other'}), 'invalid', null, 'log-origin');
    const began = Date.parse(full.times.started) / 1000, old = proof(log, entry, {size: 2, index: 0, cosigned: witnesses.map((w) => [w, began - 60])});
    const before = (time) => ({not_before: {size: 2, root: old.root, time}, start_index: 2});
    const said = await says('bracketed', {...of(before(began - 60)), seen: old.checkpoint}, 'valid', 'L2');
    assert.ok(said.proven.not_before);
    await says('an old one', {...of(before(began - 30 * 86400)), seen: old.checkpoint}, 'valid', 'L2', 'not-before-old');
    await says('from after the start', of(before(began + 4000)), 'invalid', null, 'log-time');
    await says('from after itself', of({not_before: {size: 9, root: old.root, time: began}}), 'invalid', null, 'log-order');
    await says('two faces', {...of({}), seen: proof(log, entry, {cosigned, other: 1}).checkpoint}, 'invalid', null, 'log-fork');
    await says('something else kept', {...of({}), seen: 'nothing\n'}, 'valid', 'L2', 'seen');
});

test('revoked benches', async () => {
    const full2 = {proof: proven.proof, log_policy: policy, status: [statusList({})]};
    await says('nobody is', {crls: [crl('', 0)], ...full2}, 'valid', 'L2');
    await says('another is', {crls: [crl('bench', NOW - 1000)]}, 'valid', 'L0');
    await says('since before', {crls: [crl('log-bench', NOW - 1000)], ...full2}, 'invalid', null, 'bench-revoked');
    await says('no witness', {crls: [crl('log-bench', NOW - 10)]}, 'invalid', null, 'bench-revoked');
    await says('since after', {crls: [crl('log-bench', NOW - 10, {thisUpdate: NOW - 20})], ...full2}, 'valid', 'L2', 'bench-revoked-since');
    for (const bad of [crl('', 0, {nextUpdate: NOW - 10, thisUpdate: NOW - 100}), crl('', 0, {thisUpdate: NOW + 9000}), crl('', 0).replace('MI', 'MJ')]) {
        const request = {certificate_b64: b64(sdjwt), trust, crls: [bad]};
        assert.ok((await oracle.ask(request)).error);
        await assert.rejects(ours(request));
    }
});

test('trust lists', async () => {
    const one = {name: full.organisation, roots: [rootOf('root')], log_vkeys: [log.vkey]}, status = [statusList({})];
    await says('believed', {trust: [], trust_list: trustList([one])}, 'valid', 'L0');
    await says('with the key of its log', {trust: [], trust_list: trustList([one]), proof: proven.proof, status}, 'valid', 'L1', 'unwitnessed');
    await says('until after', {trust: [], trust_list: trustList([{...one, until: NOW + 5}])}, 'valid', 'L0');
    await says('no more', {trust: [], trust_list: trustList([{...one, until: NOW - 5}])}, 'undetermined', null, 'untrusted');
    await says('not yet', {trust: [], trust_list: trustList([{...one, since: NOW - 5}])}, 'undetermined', null, 'untrusted');
    await says('another one', {trust: [], trust_list: trustList([])}, 'undetermined', null, 'untrusted');
    for (const bad of [{...trustList([one]), key: trustList([]).key}, trustList([{...one, name: 'Other'}]), trustList([one, one]), trustList([one], {exp: NOW - 1})]) {
        const request = {certificate_b64: b64(sdjwt), trust: [], trust_list: bad};
        assert.ok((await oracle.ask(request)).error);
        await assert.rejects(ours(request));
    }
});

test('a second person', async () => {
    const by = (more, bench) => ({validation: validation(sdjwt, base, more, bench)});
    await says('accepts', by({}), 'valid', 'L0', 'validated');
    await says('repeats', by({decision: 'repeat'}), 'undetermined', 'L0', 'validation-repeat');
    await says('escalates', by({decision: 'escalate', note: 'look at it'}), 'undetermined', 'L0', 'validation-escalate');
    await says('is the first', by({by: `${full.operator.toUpperCase()}.`}), 'invalid', 'L0', 'validation');
    await says('of another certificate', {validation: validation(certificate(base), base)}, 'invalid', 'L0', 'validation');
    await says('before it', by({iat: base.iat - 1}), 'invalid', 'L0', 'validation');
    await says('a stranger', by({}, 'stranger-bench'), 'undetermined', 'L0', 'validation');
    await says('another issuer', by({iss: 'urn:lethe:bench:other'}), 'invalid', 'L0', 'validation');
    await says('says more', by({more: 1}), 'invalid', 'L0', 'validation');
});

test('expired benches', async () => {
    const later = Math.floor(Date.parse('2036-06-01') / 1000);
    await says('no witness', {now: later}, 'valid', 'L0', 'expired');
    const said = await says('witnessed', {now: later, proof: proven.proof, log_policy: policy}, 'valid', 'L0');
    assert.ok(!said.reasons.some(({code}) => code === 'expired'));
});
