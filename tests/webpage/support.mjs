// SPDX-License-Identifier: Apache-2.0
// The C verifier as an oracle, and what both it and the page's modules are asked.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {webcrypto} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

globalThis.crypto ??= webcrypto; // Node 18 of Debian 12 has it, but not by this name

export const source = process.env.LETHE_SOURCE;
export const certs = join(source, 'certs');
export const keys = join(certs, 'test-keys');
export const NOW = 1795400000; // of the examples, seconds
const modules = join(certs, 'web/verify');
export const load = (name) => import(join(modules, name));

const {verify, withoutLineEnd} = await load('carrier.js');
const {latin1} = await load('bytes.js');
const {newTrust, addRoots, addTrustList, readListKey, readPem} = await load('trust.js');
const {addCrl} = await load('crl.js');
const {readStatusList} = await load('status.js');
const {readPolicy} = await load('tlog/policy.js');
export {verify, withoutLineEnd};

export const bytes = (data) => new Uint8Array(typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
const raw = (text) => latin1(bytes(text));

// Roots and nothing else: read once, for thousands of certificates.
const kept = new Map();
async function trusted({trust: roots = [], trust_list: list, crls}) {
    const name = list || crls ? undefined : roots.join('\n');
    if (kept.has(name))
        return kept.get(name);
    const trust = newTrust();
    for (const root of roots)
        await addRoots(trust, bytes(root));
    if (name !== undefined)
        kept.set(name, trust);
    return trust;
}

// One question for both: the members of lethe_verify_json()'s request.
export async function ours({certificate_b64: b64, ...request}) {
    const now = (request.now ?? NOW) * 1000, trust = await trusted(request), lists = [];
    if (request.trust_list)
        await addTrustList(trust, raw(request.trust_list.list), readListKey(bytes(request.trust_list.key)), now);
    for (const crl of request.crls ?? [])
        await addCrl(trust, bytes(crl), now);
    for (const list of request.status ?? [])
        lists.push(await readStatusList(trust, raw(list), now));
    const policy = {trust, now, device: request.device, accept: request.accept, allow: request.allow, require: request.require,
        minLevel: request.min_level ?? 0, statusLists: lists, logKeys: request.log_keys,
        logPolicy: request.log_policy ? await readPolicy(bytes(request.log_policy)) : undefined, seen: request.seen && raw(request.seen),
        notBeforeAge: request.not_before_age, benches: (request.benches ?? []).flatMap((pem) => readPem(bytes(pem)))};
    const report = await verify(bytes(Buffer.from(b64, 'base64')), policy, {proof: request.proof && raw(request.proof), validation: request.validation && raw(request.validation)});
    return JSON.parse(JSON.stringify(report.toJson()));
}

export class Oracle {
    constructor() {
        this.process = spawn(process.env.LETHE_ORACLE, {stdio: ['pipe', 'pipe', 'inherit']});
        this.lines = createInterface({input: this.process.stdout})[Symbol.asyncIterator]();
    }

    async ask(request) {
        this.process.stdin.write(JSON.stringify({now: NOW, ...request}) + '\n');
        return JSON.parse((await this.lines.next()).value);
    }

    end() {
        this.process.stdin.end();
    }
}

// All but the sentences, which each says in its own words.
export function gist({reasons, checks, ...rest}) {
    return {...rest, reasons: reasons.map(({code, weight}) => `${weight} ${code}`),
        checks: Object.entries(checks).map(([name, {state, code}]) => `${name} ${state} ${code ?? ''}`).sort()};
}

// Both answers, which must be the same.
export async function agree(oracle, request, name) {
    const [theirs, mine] = await Promise.all([oracle.ask(request), ours(request)]);
    assert.equal(theirs.error, undefined, `${name}: ${JSON.stringify(theirs.error)}`);
    assert.deepEqual(gist(mine), gist(theirs), name);
    return mine;
}

export const b64 = (data) => Buffer.from(data).toString('base64');
export const pem = (name) => readFileSync(join(keys, `${name}.pem`), 'utf8');
export const readJson = (name) => JSON.parse(readFileSync(join(certs, 'examples', name), 'utf8'));
export const readExample = (name) => readFileSync(join(certs, 'examples', name));
