// SPDX-License-Identifier: Apache-2.0
// What an authentic certificate says, against what the user asked for.
import {bound, has, matches} from './binding.js';
import {TECHNIQUES} from './techniques.js';
import {BENCH_URI, CERTIFICATE, DEMO} from './words.js';

// Outcomes that may be accepted by name: whoever accepts them knows that it is somebody's word.
const ACCEPTABLE = ['operator-attested', 'indeterminate'];

// The claims' issuer is the one the chain names, and a demo key signs emulated jobs and nothing else.
export function judgeIssuer(report) {
    const {claims, chain} = report, demo = chain.organisation === DEMO, emulated = claims.substrate === 'emulated';
    if (claims.iss !== BENCH_URI + chain.bench || claims.organisation !== chain.organisation)
        report.add('invalid', 'issuer');
    if (demo && !emulated)
        report.add('invalid', 'demo-key');
    if (!demo && emulated)
        report.add('invalid', 'emulated-key');
}

// The word for the outcome is taken; what the record lacks is not.
function judgeAccepted({claims}, report) {
    report.add('remark', 'accepted', claims.outcome);
    if (claims.method === 'none')
        report.add('undetermined', 'method-none');
    if (!claims.verification.performed || claims.verification.mode === 'none')
        report.add('undetermined', 'not-verified');
}

function judgeResult(policy, report) {
    const {claims} = report, {name, chain = []} = claims.technique;
    const unknown = [name, ...chain].find((one) => !TECHNIQUES.has(one));
    if (unknown !== undefined)
        report.add('undetermined', 'technique-unknown', unknown);
    if (claims.vct === CERTIFICATE) {
        if (claims.outcome === 'passed-with-exceptions')
            report.add('remark', 'exceptions', String(claims.exceptions.sectors));
        if (claims.verification.withheld > 0)
            report.add('remark', 'withheld', String(claims.verification.withheld));
        return;
    }
    if (ACCEPTABLE.includes(claims.outcome) && policy.accept?.includes(claims.outcome))
        judgeAccepted(report, report);
    else
        report.add('undetermined', 'record-only', claims.outcome);
    if (!claims.policy.met)
        report.add('undetermined', 'policy-not-met', claims.policy.id);
}

export function judgeSubstrate(policy, substrate, report) {
    if (substrate === 'physical')
        return;
    if (policy.allow?.includes(substrate))
        report.add('remark', 'substrate-allowed', substrate);
    else
        report.add('undetermined', 'substrate', substrate);
}

function judgeRequired(wanted, report) {
    const at = wanted.indexOf('='), name = at < 0 ? wanted : wanted.slice(0, at);
    if (!has(report.claims, name))
        report.add('undetermined', 'undisclosed', name);
    else if (at >= 0 && !has(report.claims, name, wanted.slice(at + 1)))
        report.add('invalid', 'required-mismatch', wanted);
}

function judgeBinding(policy, report) {
    if (!bound(report.claims))
        report.add('undetermined', 'unbound');
    if (policy.device && !matches(report.claims, policy.device)) {
        if (report.hidden.identifiers > 0)
            report.add('undetermined', 'device-hidden', policy.device);
        else
            report.add('invalid', 'device-mismatch', policy.device);
    }
    for (const wanted of policy.require ?? [])
        judgeRequired(wanted, report);
}

export function judgeClaims(policy, report) {
    const {claims} = report;
    judgeResult(policy, report);
    judgeSubstrate(policy, claims.substrate, report);
    judgeBinding(policy, report);
    if (!claims.policy.read_in_full)
        report.add('remark', 'policy-not-read');
    if (claims.profile.accepted_untested)
        report.add('remark', 'untested');
}
