// SPDX-License-Identifier: Apache-2.0
// The verdict on a label: what its QR code says, who signed it, and whether it is of this device.
import {equal, hex, sha256} from './bytes.js';
import {asRefused} from './certificate.js';
import {revoked} from './crl.js';
import {verifyEs256} from './ecdsa.js';
import {judgeSubstrate} from './judge.js';
import {checkPath} from './path.js';
import {deviceHash, namesDevice, readQr} from './qr.js';
import {formatTime} from './text.js';
import {Report} from './verdict.js';
import {CERTIFICATE, DEMO, ID_KINDS, RECORD, SKEW_MS} from './words.js';

const uuid = (bytes) => hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const vctOf = (qr) => (qr.certificate ? CERTIFICATE : RECORD);

// ---- With the certificate ----

// What the label says that the certificate does not; null: nothing.
function difference(qr, claims) {
    const pairs = [
        [claims.jti, uuid(qr.jti), 'jti'], [claims.iat, qr.issued, 'iat'], [claims.vct, vctOf(qr), 'vct'],
        [claims.outcome, qr.outcome, 'outcome'], [claims.method, qr.method, 'method'], [claims.substrate, qr.substrate, 'substrate'],
        [claims.policy?.id, qr.policy, 'policy'], [claims.policy?.met, qr.policyMet, 'policy'],
        [claims.times?.ended, formatTime(qr.ended * 1000), 'ended'],
    ];
    return pairs.find(([says, label]) => says !== label)?.[2] ?? null;
}

async function disclosed(qr, hash, claims) {
    for (const {kind, value} of claims.identifiers ?? [])
        if (ID_KINDS.includes(kind) && equal(await deviceHash(qr, kind, value), hash))
            return true;
    return false;
}

// Signature and hash were judged with the certificate; here: does the bench say the same twice?
export async function compareLabel(text, report) {
    let qr;
    try {
        qr = report.claims ? readQr(text) : null;
    } catch (error) {
        asRefused(error);
    }
    if (!qr)
        return;
    let what = difference(qr, report.claims);
    for (const hash of report.hidden.identifiers === 0 ? qr.devices : [])
        what ??= await disclosed(qr, hash, report.claims) ? null : 'device';
    if (what)
        report.check('carrier', 'invalid', 'qr-mismatch', what);
}

// ---- Alone ----

const claimsOf = (qr) => ({
    vct: vctOf(qr),
    jti: uuid(qr.jti),
    outcome: qr.outcome,
    method: qr.method,
    substrate: qr.substrate,
    iat: qr.issued,
    policy: {id: qr.policy, met: qr.policyMet},
    times: {ended: formatTime(qr.ended * 1000)},
    certificate_sha256: hex(qr.jwtSha256),
    ...(qr.by ? {by: qr.by} : {}),
});

// The bench certificate among those known whose key signed it; null, and the report told.
async function findSigner(qr, benches, report) {
    let why = null;
    for (const cert of benches) {
        if (!hex(await sha256(cert.raw)).startsWith(hex(qr.kid)))
            continue;
        why = await verifyEs256(cert.key, qr.signature, qr.signed).then(() => null, asRefused);
        if (!why)
            return cert;
    }
    if (why)
        report.check('signature', 'invalid', why.code, why.message);
    else
        report.check('signature', 'undetermined', 'qr-bench-unknown', hex(qr.kid));
    return null;
}

async function judgePath(qr, cert, policy, report) {
    const when = qr.issued * 1000, chain = {};
    const why = await checkPath(policy.trust, [cert.raw], when, {out: chain}).then(() => null, asRefused);
    report.chain = chain;
    report.checks.path.state = 'ok';
    if (chain.notAfter > 0 && (when < chain.notBefore || when > chain.notAfter))
        report.check('path', 'invalid', 'iat');
    else if (why)
        report.check('path', why.kind === 'untrusted' ? 'undetermined' : 'invalid', why.kind === 'untrusted' ? 'untrusted' : 'chain', why.message);
    else if (revoked(policy.trust, chain, 0).state === 'void')
        report.check('path', 'invalid', 'bench-revoked');
    if (when > policy.now + SKEW_MS)
        report.add('invalid', 'future');
    if (chain.notAfter > 0 && policy.now > chain.notAfter)
        report.add('remark', 'expired', String(chain.notAfter));
    const demo = chain.organisation === DEMO, emulated = qr.substrate === 'emulated';
    if (!why && demo && !emulated)
        report.add('invalid', 'demo-key');
    if (!why && !demo && emulated)
        report.add('invalid', 'emulated-key');
}

function judgeClaims(qr, policy, report) {
    const passed = ['passed', 'passed-with-exceptions'].includes(qr.outcome);
    if (qr.issued < qr.ended)
        report.add('invalid', 'contradiction-times');
    if (qr.certificate !== (passed && qr.policyMet) || (qr.certificate && qr.method === 'none'))
        report.add('invalid', 'contradiction-outcome');
    if (!qr.certificate)
        report.add('undetermined', 'record-only', qr.outcome);
    judgeSubstrate(policy, qr.substrate, report);
}

async function judgeAsked(qr, policy, report) {
    const named = Boolean(policy.device) && await namesDevice(qr, policy.device);
    report.add(named ? 'remark' : 'undetermined', 'qr-only');
    if (policy.device && !named && qr.devices.length === 0)
        report.add('undetermined', 'device-hidden', policy.device);
    else if (policy.device && !named)
        report.add('invalid', 'device-mismatch', policy.device);
    for (const wanted of policy.require ?? [])
        report.add('undetermined', 'undisclosed', wanted);
    if (policy.minLevel > 0)
        report.add('undetermined', 'level', `L${policy.minLevel}`);
}

// TEXT: one character a byte; an end of line that a scanner put behind it is no part of it.
export async function verifyLabel(text, policy) {
    const report = new Report();
    let qr;
    try {
        qr = readQr(text.replace(/\r?\n$/, ''));
    } catch (error) {
        const {code, kind, message} = asRefused(error);
        report.check('signature', kind === 'unsupported' ? 'undetermined' : 'invalid', code, message);
        return report;
    }
    const cert = await findSigner(qr, policy.benches ?? [], report);
    if (!cert)
        return report;
    report.checks.signature.state = 'ok';
    report.claims = claimsOf(qr);
    await judgePath(qr, cert, policy, report);
    judgeClaims(qr, policy, report);
    if (report.checks.path.state === 'ok' && report.verdict !== 'invalid')
        report.level = 0;
    await judgeAsked(qr, policy, report);
    return report;
}
