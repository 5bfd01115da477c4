// SPDX-License-Identifier: Apache-2.0
// Certificates, logs, lists and records made with the published test keys: what the examples do not have.
import {spawnSync} from 'node:child_process';
import {createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {deflateSync} from 'node:zlib';
import {NOW, keys, load, pem} from './support.mjs';

const {lowS} = await load('ecdsa.js');
const {canonicalJson} = await load('json.js');

export const ORIGIN = 'lethe.log/test/bench', URI = 'https://status.example/list';
const b64u = (data) => Buffer.from(data).toString('base64url');
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const once = (make, made = new Map()) => (name) => made.get(name) ?? made.set(name, make(name)).get(name);
const der = once((name) => new X509Certificate(pem(name)).raw.toString('base64'));
const keyOf = once((name) => createPrivateKey(/-----BEGIN[^]*-----END [A-Z ]+-----/.exec(readFileSync(join(keys, `${name}.key`), 'utf8'))[0]));

export function es256(header, payload, key) {
    const part = `${b64u(JSON.stringify(header))}.${b64u(JSON.stringify(payload))}`;
    const signature = sign('sha256', Buffer.from(part), {key, dsaEncoding: 'ieee-p1363'});
    return `${part}.${b64u(lowS(new Uint8Array(signature)))}`;
}

// CLAIMS as a report has them; operator and identifiers are hidden.
export function certificate(claims, bench = 'log-bench') {
    const {identifiers, operator, ...open} = structuredClone(claims), disclosures = [];
    const hide = (...parts) => {
        const text = b64u(JSON.stringify([b64u(randomBytes(16)), ...parts]));
        disclosures.push(text);
        return b64u(sha256(text));
    };
    for (const name of ['customer', 'asset_tag', 'lot', 'seed', 'custom'])
        delete open[name];
    const payload = {...open, _sd_alg: 'sha-256', _sd: [hide('operator', operator ?? 'A. Person')], identifiers: identifiers.map((one) => ({'...': hide(one)}))};
    const jwt = es256({alg: 'ES256', typ: 'dc+sd-jwt', x5c: [der(bench)]}, payload, keyOf(bench));
    return `${jwt}~${disclosures.join('~')}~`;
}

export const hashOf = (sdjwt) => sha256(sdjwt.split('~')[0]);

export class Signer {
    constructor(name, type) {
        const {publicKey, privateKey} = generateKeyPairSync('ed25519');
        Object.assign(this, {name, type, privateKey});
        const typed = Buffer.concat([Buffer.from([type]), publicKey.export({format: 'der', type: 'spki'}).subarray(-32)]);
        this.id = sha256(`${name}\n`, typed).subarray(0, 4);
        this.vkey = `${name}+${this.id.toString('hex')}+${typed.toString('base64')}`;
    }

    line(text, time = 0) {
        const timed = this.type === 4, at = Buffer.alloc(timed ? 8 : 0);
        if (timed)
            at.writeBigUInt64BE(BigInt(time));
        const message = timed ? `cosignature/v1\ntime ${time}\n${text}` : text;
        return `\u2014 ${this.name} ${Buffer.concat([this.id, at, sign(null, Buffer.from(message), this.privateKey)]).toString('base64')}\n`;
    }
}

// RFC 6962 section 2.1.
function root(leaves) {
    if (leaves.length === 1)
        return leaves[0];
    const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
    return sha256([1], root(leaves.slice(0, k)), root(leaves.slice(k)));
}
function path(m, leaves) {
    if (leaves.length === 1)
        return [];
    const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
    return m < k ? [...path(m, leaves.slice(0, k)), root(leaves.slice(k))] : [...path(m - k, leaves.slice(k)), root(leaves.slice(0, k))];
}

export function entryOf(sdjwt, claims, more = {}) {
    return canonicalJson({d: b64u(sha256('device')), h: b64u(hashOf(sdjwt)), j: claims.job, k: 'cert', n: claims.jti, o: claims.outcome, t: claims.iat, v: 1, ...more});
}

// A log of SIZE entries, ENTRY the one at INDEX; cosigned by [witness, time] pairs.
export function proof(log, entry, {index = 3, size = 7, cosigned = [], other = 0} = {}) {
    const leaves = Array.from({length: size}, (_, i) => sha256([0], i === index ? entry : `entry ${i + other}`));
    const text = `${log.name}\n${size}\n${root(leaves).toString('base64')}\n`;
    const checkpoint = `${text}\n${log.line(text)}${cosigned.map(([witness, time]) => witness.line(text, time)).join('')}`;
    const lines = path(index, leaves).map((hash) => `${hash.toString('base64')}\n`).join('');
    return {root: root(leaves).toString('base64'), checkpoint,
        proof: `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(entry).toString('base64')}\nindex ${index}\n${lines}\n${checkpoint}`};
}

export function statusList(slots, more = {}, signer = 'status') {
    const bytes = Buffer.alloc(1 << 18);
    for (const [slot, value] of Object.entries(slots))
        bytes[slot >> 2] |= value << slot % 4 * 2;
    return es256({alg: 'ES256', typ: 'statuslist+jwt', x5c: [der(signer)]},
        {sub: URI, iat: NOW - 60, exp: NOW + 86400, ttl: 3600, status_list: {bits: 2, lst: b64u(deflateSync(bytes))}, ...more}, keyOf(signer));
}

export function validation(sdjwt, claims, more = {}, bench = 'log-bench') {
    return es256({alg: 'ES256', typ: 'lethe-validation+jwt', x5c: [der(bench)]}, {vct: 'urn:lethe:validation-record:1', iss: claims.iss,
        jti: '01a2062d-e200-79a4-9578-000000000001', iat: NOW - 10, organisation: claims.organisation,
        certificate: {jti: claims.jti, hash: b64u(hashOf(sdjwt))}, by: 'Another Person', decision: 'accept', ...more}, keyOf(bench));
}

export function trustList(organisations, more = {}) {
    const {publicKey, privateKey} = generateKeyPairSync('ec', {namedCurve: 'prime256v1'});
    return {list: es256({alg: 'ES256', typ: 'lethe-trust-list+jwt'}, {iat: NOW - 100, exp: NOW + 1000, organisations, ...more}, privateKey),
        key: publicKey.export({format: 'pem', type: 'spki'})};
}
export const rootOf = (name) => der(name);

// By python3-cryptography: a CRL of the test root that revokes BENCH, not believed since SINCE (seconds).
export function crl(bench, since, {thisUpdate = NOW - 60, nextUpdate = NOW + 86400} = {}) {
    const script = `
import sys, json, datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
a = json.loads(sys.argv[1]); at = lambda s: datetime.datetime.utcfromtimestamp(s)
read = lambda name: open(a["keys"] + "/" + name, "rb").read()
root = x509.load_pem_x509_certificate(read("root.pem")); key = read("root.key")
key = serialization.load_pem_private_key(key[key.index(b"-----BEGIN"):], None)
b = x509.CertificateRevocationListBuilder().issuer_name(root.subject).last_update(at(a["thisUpdate"])).next_update(at(a["nextUpdate"]))
b = b.add_extension(x509.CRLNumber(7), False).add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), False)
if a["bench"]:
    r = x509.RevokedCertificateBuilder().serial_number(x509.load_pem_x509_certificate(read(a["bench"] + ".pem")).serial_number)
    r = r.revocation_date(at(a["thisUpdate"])).add_extension(x509.InvalidityDate(at(a["since"])), False)
    b = b.add_revoked_certificate(r.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False).build())
sys.stdout.buffer.write(b.sign(key, hashes.SHA384()).public_bytes(serialization.Encoding.PEM))`;
    const run = spawnSync('python3', ['-W', 'ignore', '-c', script, JSON.stringify({keys, bench, since, thisUpdate, nextUpdate})], {encoding: 'utf8'});
    if (run.status !== 0)
        throw new Error(run.stderr);
    return run.stdout;
}
