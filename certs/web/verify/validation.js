// SPDX-License-Identifier: Apache-2.0
// The second person's word (NIST SP 800-88r2 section 4.5.2): a signed record of its own, bound to one
// certificate, of the same organisation, and not by the one who did the work.
import {fromLatin1, sha256, toBase64url} from './bytes.js';
import {revoked} from './crl.js';
import {isObject} from './json.js';
import {Jws} from './jws.js';
import {checkPath} from './path.js';
import {Refused, refuse} from './refused.js';
import {isClean, lower} from './text.js';
import {BENCH_URI, SKEW_MS, VALIDATION} from './words.js';

export const VALIDATION_TYP = 'lethe-validation+jwt';
const DECISIONS = ['accept', 'repeat', 'escalate'];

// Upper and lower case, spaces and dots do not make two people.
const person = (name) => lower(name).replace(/[ .,]/g, '');

function readClaims(jws) {
    const {claims} = jws;
    jws.known(claims, ['vct', 'iss', 'jti', 'iat', 'organisation', 'certificate', 'by', 'decision', 'note']);
    const note = claims.note === undefined ? '' : jws.text(claims, 'note', 500);
    const out = {iss: jws.text(claims, 'iss', 144), jti: jws.text(claims, 'jti', 36), iat: jws.date(claims, 'iat'),
        by: jws.text(claims, 'by', 127), note, decision: claims.decision};
    if (claims.vct !== VALIDATION || !DECISIONS.includes(out.decision) || person(out.by) === '' || !isClean(out.by) || !isClean(note))
        jws.wrong('it does not say who decided what');
    return out;
}

async function checkBound(jws, {jwt}, report) {
    const {certificate} = jws.claims;
    if (!isObject(certificate))
        jws.wrong('certificate');
    jws.known(certificate, ['jti', 'hash']);
    if (certificate.hash !== toBase64url(await sha256(fromLatin1(jwt))) || certificate.jti !== report.claims.jti)
        jws.wrong('it is of another certificate');
}

async function checkSigner(jws, said, {policy, report}) {
    await jws.verify();
    const chain = await checkPath(policy.trust, jws.chain, said.iat);
    if (said.iss !== BENCH_URI + chain.bench || jws.claims.organisation !== chain.organisation ||
        chain.organisation !== report.claims.organisation)
        jws.wrong('it names another issuer than its signing certificate');
    if (said.iat < report.claims.iat * 1000 || said.iat > policy.now + SKEW_MS)
        jws.wrong('it is older than the certificate, or of the future');
    if (revoked(policy.trust, chain, 0).state === 'void')
        jws.wrong('the key that signed it is revoked');
}

export async function judgeValidation(judging) {
    const {bundle, report} = judging;
    if (!bundle.validation)
        return;
    if (report.claims.operator === undefined && report.hidden.claims > 0) {
        report.add('undetermined', 'validation-hidden');
        return;
    }
    try {
        const jws = new Jws(bundle.validation, {max: 65536, typ: VALIDATION_TYP, chain: true, code: 'validation'});
        const said = readClaims(jws);
        await checkBound(jws, judging.jwt, report);
        await checkSigner(jws, said, judging);
        if (report.claims.operator !== undefined && person(report.claims.operator) === person(said.by))
            refuse('validation', 'who did the work can not validate it');
        report.validation = said;
        report.add(said.decision === 'accept' ? 'remark' : 'undetermined',
            said.decision === 'accept' ? 'validated' : `validation-${said.decision}`, said.by);
    } catch (error) {
        if (!(error instanceof Refused))
            throw error;
        report.add(error.kind === 'untrusted' ? 'undetermined' : 'invalid', 'validation', error.message);
    }
}
