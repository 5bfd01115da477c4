// SPDX-License-Identifier: Apache-2.0
// An issuer that signs a contradiction is not believed (certs/README.md, "Consistency"). Numbers are
// counted without rounding. What is required has been checked by the schema: missing members are 0, "".
import {fromHex, sha256Hex} from './bytes.js';
import {number} from './json.js';
import {checkExceptions, checkPasses} from './consistency-erasure.js';
import {checkBeside} from './consistency-passed.js';
import {checkPhone, ofPhone} from './consistency-phone.js';
import {checkStatement, isLimited} from './consistency-statement.js';
import {checkTechnique} from './consistency-technique.js';
import {checkVerification} from './consistency-verification.js';
import {TECHNIQUES} from './techniques.js';
import {parseTime} from './text.js';
import {CERTIFICATE, METHODS, TEST_STATUSES} from './words.js';

const EARLIEST_MS = Date.UTC(2020, 0, 1);
const FASTEST = 64000000n; // bytes in a millisecond: no bus is so fast

function times(claims, say) {
    const {created, started, ended} = claims.times;
    const from = parseTime(created), began = started === undefined ? null : parseTime(started), to = parseTime(ended);
    if (to < from || (began !== null && (began < from || to < began)))
        say('times', 'it ended before it began');
    if (claims.iat < to / 1000)
        say('times', 'it was signed before the job ended');
    if (from < EARLIEST_MS)
        say('times', 'it began before 2020');
}

function interruptions({interruptions: {count, resumed}}, say) {
    if (resumed > count)
        say('times', 'it was resumed more often than it was interrupted');
}

// Whoever reads it is told; where only its end was missing it was not resumed for that.
function resumedToEnd(claims, say) {
    const {count, resumed} = claims.interruptions;
    if (count > 0 && !isLimited(claims, `the job was interrupted ${count} times and resumed ${resumed} times`))
        say('times', 'its limitations do not say how often it was interrupted');
}

const bytesOf = (passes) => (passes ?? []).reduce((sum, pass) => sum + number(pass, 'bytes'), 0n);

// Times are whole seconds: up to one more may have passed. What was written, by whomever, and what was read back took
// some of it.
function speed({times, technique, verification, device}, say) {
    const began = parseTime(times.started ?? '') ?? 0, ended = parseTime(times.ended);
    const bytes = bytesOf(technique.passes) + bytesOf(technique.followed_by?.passes) + number(technique.filled ?? {}, 'bytes') +
        number(verification, 'bytes') + (TECHNIQUES.get(technique.name)?.writes ? number(device, 'capacity') : 0n);
    if (ended >= began && bytes > BigInt(ended - began + 1000) * FASTEST)
        say('times', 'more was written and read than in the time between can be');
}

function substrate(claims, say) {
    const {class: kind, media, bus} = claims.device;
    if (claims.substrate !== 'physical')
        return;
    if (kind === 'image' || media === 'file' || ['loop', 'file', 'emulated', 'virtio'].includes(bus))
        say('substrate', 'an image or a virtual device is called physical');
    for (const item of claims.identifiers)
        if (item.kind === 'backing')
            say('substrate', 'a physical device is named after an image file');
}

async function commitments(claims, say) {
    const v = claims.verification;
    const pairs = [[v.sample_commit, v.sample_key], [v.canary_commit, v.canary_key], [claims.seed_commit, claims.seed]];
    for (const [commit, key] of pairs)
        if (key !== undefined && (commit === undefined || await sha256Hex(fromHex(key)) !== commit))
            say('commitment', 'a key is not the one committed to at the start');
}

function committed(claims, say) {
    const v = claims.verification;
    if (!v.sample_commit || !v.canary_commit || !claims.seed_commit)
        say('commitment', 'a certificate without its three commitments');
    else if (!v.sample_key || !v.canary_key)
        say('commitment', 'a certificate that does not reveal its keys');
}

// The issuer's own words of what meeting it means: its first word is a method, or no claim at all.
function policyWords({method: asked, statement}, say) {
    const [word] = Object.entries({Cleared: 'clear', Purged: 'purge', Destroyed: 'destroy'}).find(([one, is]) => statement.startsWith(one) && is !== asked) ?? [];
    if (word)
        say('policy', `its policy asks for ${asked}, and says "${word}"`);
}

function method(claims, say) {
    const {method: achieved, policy, profile} = claims;
    if (achieved === 'none')
        say('method', 'a certificate of no sanitisation method');
    else if (METHODS.indexOf(achieved) < METHODS.indexOf(policy.method))
        say('method', `${achieved} is less than the ${policy.method} its policy asks for`);
    if (policy.method === 'none')
        say('policy', 'a policy that asks for no sanitisation');
    if (!ofPhone(claims))
        policyWords(policy, say);
    if (TEST_STATUSES.indexOf(profile.test_status) < TEST_STATUSES.indexOf(policy.min_test_status) && !profile.accepted_untested)
        say('test-status', 'the technique is less tested than the policy accepts');
}

function outcome({outcome: is, policy, exceptions, times: {started}, reasons, evidence}, say) {
    const {sectors} = exceptions;
    if (!['passed', 'passed-with-exceptions'].includes(is))
        say('outcome', `a certificate of a job that is ${is}`);
    if (evidence && !evidence.events)
        say('outcome', 'its evidence is of no event at all');
    if (!policy.met)
        say('policy', 'a certificate of a job that did not meet its policy');
    if (started === undefined)
        say('times', 'a certificate of a job that never started');
    if (is === 'passed' && reasons.length > 0)
        say('outcome', 'passed, but there are reasons why it is not better');
    if (is === 'passed' && (sectors > 0 || exceptions.truncated || exceptions.ranges.length > 0))
        say('exceptions', 'passed without exceptions, but there are exceptions');
    if (is !== 'passed-with-exceptions')
        return;
    if (!policy.exceptions_allowed)
        say('exceptions', 'exceptions that the policy does not allow');
    else if (sectors === 0)
        say('exceptions', 'passed with exceptions, but there are none');
    else if (sectors > policy.exceptions_max_sectors)
        say('exceptions', 'more exceptions than the policy allows');
}

// A record says no better than its evidence either: what holds data still has failed.
function record({outcome: is, verification: v, policy, method: achieved}, say) {
    const passed = ['passed', 'passed-with-exceptions'].includes(is);
    const nothing = !passed && !['operator-attested', 'indeterminate'].includes(is);
    if (passed && policy.met)
        say('outcome', 'a mere record of a job that passed and met its policy');
    if (is !== 'failed' && (v.mismatches > 0 || v.first_mismatch !== undefined || v.unreadable > 0 || v.canaries_survived > 0))
        say('outcome', `${is}, but verification found that it failed`);
    if (nothing && policy.met)
        say('policy', `${is}, but the policy is met`);
    if (nothing && achieved !== 'none')
        say('method', `${is}, but a method was achieved`);
}

// SAY(code, text) of each contradiction.
export async function checkConsistency(claims, tell) {
    let found = 0;
    const say = (code, text) => {
        found++;
        tell(`contradiction-${code}`, text);
    };
    times(claims, say);
    interruptions(claims, say);
    substrate(claims, say);
    await commitments(claims, say);
    checkTechnique(claims, say);
    checkExceptions(claims, say);
    checkPhone(claims, say);
    if (claims.vct === CERTIFICATE) {
        outcome(claims, say);
        method(claims, say);
        speed(claims, say);
        resumedToEnd(claims, say);
        committed(claims, say);
        if (!ofPhone(claims)) {
            checkPasses(claims, say);
            checkVerification(claims, say);
        }
    } else {
        record(claims, say);
    }
    // Words, and what stands beside: of claims that agree.
    if (found === 0)
        checkBeside(claims, say);
    if (found === 0 && claims.vct === CERTIFICATE)
        checkStatement(claims, say);
}
