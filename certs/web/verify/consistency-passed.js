// SPDX-License-Identifier: Apache-2.0
// Of a phone that passed: what it says beside its erasure. What an erasure leaves or does not reach is said in the
// limitations exactly where the claims have it (certs/SPEC.md, "Statements"), and what took time took no more than there was.
import {numberOf, says} from './consistency-answers.js';
import {isLimited} from './consistency-statement.js';
import {number} from './json.js';
import {TECHNIQUES} from './techniques.js';
import {parseTime} from './text.js';
import {CERTIFICATE, PHONES} from './words.js';

const FILL_BLOCK = 65536n, FILL_SAMPLES = 4603n; // samples of such blocks; so many, or all
const part = (name) => TECHNIQUES.get(name)?.part;

// ONLY where it is due.
function limited(claims, code, begin, due, say) {
    if (isLimited(claims, begin) !== due)
        say(code, `its limitations ${due ? 'do not say' : 'say'} "${begin}"`);
}

function checkResidue(claims, chain, say) {
    const {family, esim, sd_card: card} = claims.phone, told = chain.some((name) => TECHNIQUES.get(name)?.esim);
    if (told !== (esim !== 'not-asked'))
        say('phone', `its eSIM is called "${esim}", and ${told ? 'the phone was told' : 'nothing that was used tells the phone'}`);
    if (family === 'ios' && card === 'yes')
        say('phone', 'no Apple device takes an SD card');
    limited(claims, 'phone', 'The eSIM was kept on purpose', esim === 'kept', say);
    const more = family === 'ios' || card === 'no' ? '' : card === 'yes' ? ', the SD card in it' : ', an SD card';
    limited(claims, 'phone', `Not reached: a SIM card${more}`, true, say);
}

function checkClaims(claims, chain, say) {
    const {method, phone} = claims;
    limited(claims, 'verification', 'Raw media not readable', true, say);
    limited(claims, 'method', 'Purge - cryptographic erase by device firmware', method === 'purge', say);
    limited(claims, 'method', 'User data on this device was not encrypted', phone.encryption === 'unencrypted', say);
    limited(claims, 'passes', 'A fill overwrites what the file system gives it', chain.some((name) => part(name) === 'fills'), say);
    limited(claims, 'outcome', 'The device is reset by the hands of a person', false, say);
    if (phone.family !== 'ios' && !isLimited(claims, 'Locks not checked: '))
        say('locks', 'no limitation tells which locks were not checked');
    limited(claims, 'locks', 'The lot is marked for destruction', phone.for_destruction, say);
    limited(claims, 'locks', 'The device is supervised by an organisation', phone.locks?.supervised === 'yes', say);
}

// Whether it came back locked to somebody. Only one that was locked before, and goes to destruction, may.
function checkLockAfter(claims, say) {
    const {for_destruction: forDestruction, locks} = claims.phone, before = forDestruction && [locks?.['activation-lock'], locks?.['find-my']].includes('yes');
    const states = (claims.verification.state ?? []).filter(({technique}) => part(technique) === 'erases' && technique.startsWith('ios-')), last = states.at(-1);
    for (const one of states)
        if (says(one, 'after.activation_lock', 'yes') && !before)
            say('locks', `after ${one.technique} it came back locked`);
    if (!last)
        return;
    if (!says(last, 'after.activation_lock', 'yes', 'no', 'unknown'))
        say('locks', 'whether it came back locked is not told');
    limited(claims, 'locks', 'Locks not checked after the erasure: activation-lock', says(last, 'after.activation_lock', 'unknown'), say);
}

// Times are whole seconds: up to one more may have passed.
function checkTimeAway({times: {started, ended}, phone, verification: {state = []}}, say) {
    const began = parseTime(started ?? '') ?? 0, over = parseTime(ended), sum = (list) => list.reduce((all, one) => all + one, 0n);
    const spent = sum(phone.returns.map((one) => number(one, 'away_ms'))) + sum(state.map((one) => numberOf(one, 'quiet_ms') ?? 0n));
    if (over >= began && spent > BigInt(over - began + 1000))
        say('times', 'it was away and watched for longer than the job took');
}

// By the policy, in words of the claims.
function checkPolicyStatement({method, technique: {kind}, policy: {id, version, statement}}, say) {
    const words = {overwrite: 'user-addressable storage overwritten once, then a device-directed reset; samples were read back',
        'crypto-erase': 'cryptographic erase by device firmware, vendor-asserted; verified by device state'}[kind] ?? 'device-directed reset; verified by device state';
    if (statement !== `${method === 'purge' ? 'Purged' : 'Cleared'} by policy ${id} of ${version}: ${words}.`)
        say('policy', 'its statement is another than its claims make');
}

function checkMaker({device: {vendor}, phone: {family}}, say) {
    if ((vendor === 'Apple') !== (family === 'ios'))
        say('phone', `of the maker "${vendor}", and of the family ${family}`);
}

// The samples are whole blocks of what was written, one of each part of it.
function areSamples(one, blocks, samples) {
    const of = numberOf(one, 'samples.of') ?? blocks, block = numberOf(one, 'samples.block') ?? FILL_BLOCK;
    return numberOf(one, 'samples.read') === samples && samples <= of && of <= blocks && block === FILL_BLOCK;
}

export function checkFilled({technique: {filled}, verification: {state = []}}, chain, say) {
    if (!chain.some((name) => part(name) === 'fills')) {
        if (filled !== undefined)
            say('passes', 'its storage was filled, and by no technique that was used');
        return;
    }
    const bytes = number(filled ?? {}, 'bytes'), blocks = bytes / FILL_BLOCK, samples = number(filled ?? {}, 'samples');
    if (samples === 0n || filled?.mismatches > 0 || bytes % FILL_BLOCK !== 0n || samples > blocks || samples < (blocks < FILL_SAMPLES ? blocks : FILL_SAMPLES)) {
        say('passes', 'its storage was not filled, or what was read back differs');
        return;
    }
    for (const one of state)
        if (part(one.technique) === 'fills' && !areSamples(one, blocks, samples))
            say('state', 'of what was filled, not as many samples were read back');
}

export function checkBeside(claims, say) {
    const {phone, outcome, technique: {chain = []}} = claims;
    if (!PHONES.includes(claims.device.class) || phone === undefined || !['passed', 'passed-with-exceptions'].includes(outcome))
        return;
    checkMaker(claims, say);
    checkResidue(claims, chain, say);
    checkClaims(claims, chain, say);
    checkLockAfter(claims, say);
    checkTimeAway(claims, say);
    if (claims.vct === CERTIFICATE)
        checkPolicyStatement(claims, say);
}
