// SPDX-License-Identifier: Apache-2.0
// The verdict on a certificate. First whether it is authentic, then whether it contradicts itself, and only
// then whether it says what the user asked for.
import {fromLatin1, hex, sha256} from './bytes.js';
import {checkConsistency} from './consistency.js';
import {open} from './disclose.js';
import {verifyEs256} from './ecdsa.js';
import {judgeClaims, judgeIssuer} from './judge.js';
import {judgeLog} from './judge-log.js';
import {judgeStatus} from './judge-status.js';
import {checkPath} from './path.js';
import {readQr} from './qr.js';
import {Refused} from './refused.js';
import {checkSchema, fitSchema} from './schema.js';
import {readHeader, split} from './sdjwt.js';
import {judgeValidation} from './validation.js';
import {Report} from './verdict.js';
import {SKEW_MS} from './words.js';
import {readCertificate} from './x509.js';

// ERROR as this module's own word; what is no refusal is a fault of ours and goes on.
export function asRefused(error) {
    if (!(error instanceof Refused))
        throw error;
    return error;
}

// The path is judged at iat. That the signer's word for it is true is shown by the log, if at all.
async function judgePath({policy, report}, ders) {
    const when = report.claims.iat * 1000, {path} = report.checks, chain = {};
    const why = await checkPath(policy.trust, ders, when, {out: chain}).then(() => null, asRefused);
    report.chain = chain;
    path.state = 'ok';
    if (chain.notAfter > 0 && (when < chain.notBefore || when > chain.notAfter))
        report.check('path', 'invalid', 'iat');
    else if (why && why.kind !== 'untrusted')
        report.check('path', 'invalid', 'chain', why.message);
    else if (why)
        report.check('path', 'undetermined', 'untrusted', why.message);
    if (when > policy.now + SKEW_MS)
        report.add('invalid', 'future');
    return !why || why.kind === 'untrusted';
}

// A label beside its certificate: signed by the same key, and about the same JWT.
async function judgeLabel({bundle, jwt, key, report}) {
    let qr;
    try {
        qr = readQr(bundle.qr);
    } catch (error) {
        const {code, kind, message} = asRefused(error);
        report.check('carrier', kind === 'unsupported' ? 'remark' : 'invalid', code, message);
        return;
    }
    const signer = report.chain.leafSha256.startsWith(hex(qr.kid)) &&
        await verifyEs256(key, qr.signature, qr.signed).then(() => true, (error) => !asRefused(error));
    if (hex(await sha256(fromLatin1(jwt.jwt))) !== hex(qr.jwtSha256))
        report.check('carrier', 'invalid', 'qr-other');
    else if (!signer)
        report.check('carrier', 'invalid', 'qr-signature');
    else
        report.hold('carrier');
}

async function judgeCarrier(judging) {
    const {bundle, report} = judging;
    report.checks.carrier = {state: bundle.kind === 'pdf' ? 'ok' : 'none'};
    if (bundle.signer && bundle.signer !== report.chain.leafSha256)
        report.check('carrier', 'invalid', 'carrier-signer');
    if (bundle.qr && report.checks.path.state === 'ok')
        await judgeLabel(judging);
}

// An organisation that is not believed any more can still sign with a clock of before.
function judgeUntil(policy, report) {
    const {until} = policy.trust.anchors.find(({sha256}) => sha256 === report.chain.anchorSha256) ?? {until: Infinity};
    if (policy.now > until && (report.provenNotAfter === 0 || report.provenNotAfter > until))
        report.check('path', 'undetermined', 'untrusted', 'the trust list does not believe its organisation any more');
}

// Until now for all we know: a key outlives its certificate, and so does who stole it.
function judgeAge(policy, report) {
    const {notAfter} = report.chain, proven = report.provenNotAfter;
    if (notAfter > 0 && policy.now > notAfter && !(proven > 0 && proven <= notAfter))
        report.add('remark', 'expired', String(notAfter));
}

// The highest level for which it and everything below it holds.
function judgeLevel(policy, report) {
    const {signature, path, status, log} = report.checks;
    const authentic = signature.state === 'ok' && path.state === 'ok';
    report.level = !authentic || report.verdict === 'invalid' ? -1 : status.state !== 'ok' ? 0 : log.state !== 'ok' ? 1 : 2;
    if (policy.minLevel > 0 && report.level < policy.minLevel)
        report.add('undetermined', 'level', `L${policy.minLevel}`);
}

async function judge(judging, ders) {
    const {policy, report} = judging;
    try {
        checkSchema(report.claims);
    } catch (error) {
        const {code, kind, message} = asRefused(error);
        report.add(kind === 'unsupported' ? 'undetermined' : 'invalid', code, message);
        if (kind !== 'unsupported')
            return;
        report.said = report.claims;
        report.claims = fitSchema(report.claims);
    }
    if (await judgePath(judging, ders))
        judgeIssuer(report);
    await checkConsistency(report.claims, (code, text) => report.add('invalid', code, text));
    await judgeLog(judging);
    judgeStatus(judging);
    await judgeCarrier(judging);
    judgeAge(policy, report);
    judgeUntil(policy, report);
    judgeLevel(policy, report); // what was asked for, from here on, does not make it less real
    judgeClaims(policy, report);
    await judgeValidation(judging);
}

// BUNDLE: {kind, sdjwt, proof?, qr?, validation?, signer?}, texts of one character a byte.
export async function verifyBundle(bundle, policy) {
    const report = new Report();
    let judging, ders;
    try {
        const jwt = split(bundle.sdjwt);
        ders = readHeader(jwt.header);
        const key = readCertificate(ders[0], false)?.key ?? null;
        await verifyEs256(key, jwt.signature, fromLatin1(jwt.signedPart));
        const {claims, hidden} = await open(jwt);
        Object.assign(report, {claims, hidden});
        report.checks.signature.state = 'ok';
        judging = {bundle, policy, jwt, key, report};
    } catch (error) {
        const {code, message} = asRefused(error);
        report.check('signature', 'invalid', code, message);
        return report;
    }
    await judge(judging, ders);
    return report;
}
