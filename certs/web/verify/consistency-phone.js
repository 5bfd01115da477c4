// SPDX-License-Identifier: Apache-2.0
// Phones and tablets: nothing of them can be read back, so that all rests on their state, and on who says so.
import {answersShow} from './consistency-answers.js';
import {checkFilled} from './consistency-passed.js';
import {TECHNIQUES} from './techniques.js';
import {GRADES, METHODS, PHONES, RECORD} from './words.js';

const LOCKS = ['find-my', 'activation-lock', 'mdm', 'frp', 'accounts', 'no-factory-reset'];

export const ofPhone = ({device}) => PHONES.includes(device.class);
const part = (name) => TECHNIQUES.get(name)?.part;
const lastOf = (chain) => chain.filter((name) => part(name) !== 'moves').at(-1) ?? '';
const count = (list, test) => (list ?? []).filter(test).length;

function checkDrive({technique, verification: v, policy, phone}, known, say) {
    if (known?.part)
        say('technique', `${technique.name} is for phones and tablets`);
    if (v.mode === 'state' || v.state !== undefined)
        say('verification', 'a drive is read back, its state shows nothing');
    if ([phone, technique.chain, technique.filled, policy.demonstrable].some((said) => said !== undefined))
        say('phone', 'what is only said of phones is said of another device');
}

// It has no blocks: no capacity, passes, marks, samples, exceptions.
function checkNoBlocks({device, technique, verification: v, exceptions}, say) {
    if (device.capacity || device.logical_block || device.physical_block)
        say('capacity', 'a phone has no blocks that anybody could count');
    if (technique.passes !== undefined || technique.followed_by !== undefined)
        say('passes', 'nobody overwrites the blocks of a phone');
    if (!['state', 'none'].includes(v.mode) || v.samples || v.blocks || v.canaries_written || v.expected !== undefined)
        say('verification', 'a phone is verified by its state, and not by its blocks');
    if (exceptions.sectors)
        say('exceptions', 'a phone has no sectors');
}

// In words: that what the policy asks for can't be shown, and what is claimed instead.
const isNotShown = ({limitations, policy: {statement}}) =>
    limitations.some((one) => one.includes('Not demonstrable') || one.includes('Claimed instead')) ||
    statement.includes('Not demonstrable') || statement.includes('Not shown to be sanitised');

// What the certificate says in words of it, it does not deny in the claims.
function checkPolicy(claims, known, say) {
    const {id, title, met, demonstrable, statement} = claims.policy, {name, filled} = claims.technique;
    if (!demonstrable && met)
        say('policy', 'what can’t be demonstrated is called met');
    if (isNotShown(claims) && (met || demonstrable !== false))
        say('policy', 'its own words say that it can’t be demonstrated');
    if (met && statement.includes('word of a person'))
        say('policy', 'its own statement says that it is the word of a person');
    // An Apple device was never shown to be overwritten by its fill (facts/phones.md 3.1).
    if (met && (id.includes('46864') || title.includes('46864')) && (known ? name !== 'android-fill' : filled === undefined))
        say('policy', `${id} asks for overwriting that was read back`);
}

// What speaks one family's language erases nothing else. One that could not be asked was not told to erase itself
// either: that is planned only, and never passes.
function checkFamily({phone: {family}}, chain, passed, say) {
    if (family === 'none' && !passed)
        return;
    for (const one of chain)
        if (/^(ios|android)-/.test(one) && !one.startsWith(`${family}-`))
            say('technique', `${one} is not for a device of the family ${family}`);
}

// What is said of each technique was told in the order in which they were used.
function checkTold(names, chain, say) {
    let at = 0;
    for (const name of names) {
        if (!chain.includes(name)) {
            say('state', `what ${name} did is told, and it was not used`);
            continue;
        }
        const found = chain.indexOf(name, at);
        if (found < 0) {
            say('technique', `${name} was used in another order than it is told of`);
            return;
        }
        at = found + 1;
    }
}

// Where a technique leaves a phone, and where it was found.
function checkModes({phone: {returns}}, say) {
    for (const {after, mode} of returns)
        if (part(after) && !TECHNIQUES.get(after).back?.includes(mode))
            say('state', `after ${after} no phone comes back in the mode "${mode}"`);
}

function checkClaim(claims, known, chain, say) {
    const {technique, phone, method} = claims;
    const {name, kind} = technique, crypto = kind === 'crypto-erase';
    const kinds = known?.part === 'fills' ? ['overwrite'] : known?.part === 'moves' ? [] : ['crypto-erase', 'reset'];
    if (known && !known.part)
        say('technique', `${name} is not for phones and tablets`);
    else if (known && !kinds.includes(kind))
        say('technique', `${name} is no ${kind}`);
    if (!chain.includes(name))
        say('technique', `${name} is not among the techniques that were used`);
    else if (known && known.part !== 'fills' && lastOf(chain) !== name)
        say('technique', `${name} is claimed, and ${lastOf(chain)} is what it was left by`);
    if (!crypto && METHODS.indexOf(method) > METHODS.indexOf('clear'))
        say('method', 'a reset that destroys no key is clear at most');
    if (crypto && phone.encryption !== 'encrypted' && method !== 'none')
        say('technique', 'a cryptographic erase of what was not encrypted');
    checkPolicy(claims, known, say);
}

// Every technique that changed the phone was judged as often as it was used, LEAST or better.
function checkGraded(claims, chain, least, say) {
    const {outcome, verification: {state = []}} = claims;
    for (const name of chain)
        if (part(name) && part(name) !== 'moves' && count(state, (one) => one.technique === name) < count(chain, (one) => one === name))
            say('state', `nobody looked at what ${name} did`);
    for (const {technique, grade, ...one} of state)
        if (GRADES.indexOf(grade) < GRADES.indexOf(least))
            say('state', `${outcome}, but the state of ${technique} is "${grade}"`);
        else if (least === 'state' && !answersShow(claims, {technique, ...one}))
            say('state', `what was seen after ${technique} does not show that it erased`);
}

// A phone that erases itself leaves its port; that it was seen to, and came back.
function checkReturned({phone}, chain, say) {
    for (const name of chain)
        if (part(name) && part(name) !== 'fills' && count(phone.returns, (one) => one.after === name) < count(chain, (one) => one === name))
            say('state', `that the phone left and came back after ${name} was not seen`);
    for (const {after, away_ms: away} of phone.returns)
        if (!away)
            say('state', `after ${after} the phone was away for no time`);
}

// A test harness leaves it open to whoever holds the bench's key, a fill leaves it full; what is filled before it was
// erased so that it can be overwrites nothing, and who moves it moves it for one technique.
function checkOrder(chain, say) {
    let before = '';
    for (const [i, name] of chain.entries()) {
        const {next, after} = TECHNIQUES.get(name) ?? {};
        if (next && chain[i + 1] !== next)
            say('technique', `${name}, and ${next} did not follow`);
        if (part(name) === 'moves')
            continue;
        if (after && !after.includes(before))
            say('technique', `${name}, and right before it was not erased by ${after.join(' ')}`);
        before = name;
    }
    if (before === 'android-test-harness' || part(before) === 'fills')
        say('technique', `after ${before} no reset followed`);
}

// A limitation lists LOCK as not checked: a member of its list, and no word within one.
const isNamed = ({limitations}, lock) =>
    limitations.some((one) => one.startsWith('Locks not checked: ') && new RegExp(`[:,] ${lock}[,;.]`).test(one));

// Find My is not asked where the lock that it arms was.
const isUnknown = (locks, lock) =>
    locks?.[lock] === 'unknown' && (lock !== 'find-my' || locks['activation-lock'] === 'unknown');

function checkLocks(claims, chain, say) {
    const {locks, family, for_destruction: forDestruction} = claims.phone;
    for (const lock of LOCKS)
        if (!forDestruction && locks?.[lock] === 'yes')
            say('locks', `erased though ${lock} was on, and not for destruction`);
    if (chain.includes('android-test-harness') && locks?.passcode === 'yes')
        say('locks', 'a phone with a passcode takes no test harness');
    if (chain.includes('android-test-harness') && claims.phone.sd_card !== 'no')
        say('phone', 'a test harness wipes a card that is in it');
    for (const lock of family === 'ios' ? ['find-my', 'activation-lock', 'mdm'] : ['frp', 'accounts', 'mdm', 'no-factory-reset'])
        if (isUnknown(locks, lock) && !isNamed(claims, lock))
            say('locks', `nobody knows of ${lock}, and its limitations do not say so`);
}

function checkLooked({outcome, verification: v}, say) {
    if (!v.performed || v.mode !== 'state' || !v.complete)
        say('verification', `${outcome}, but its state was not asked for`);
    if (!v.identity_rechecked)
        say('identity', 'the device was not identified again after the erasure');
}

function checkPassed(claims, chain, say) {
    const {technique: {observed}} = claims, has = (wanted) => chain.some((name) => part(name) === wanted);
    if (has('guided'))
        say('outcome', 'what a person did is attested at best');
    if (!observed)
        say('technique', "a device's own erasure whose end nobody observed");
    if (['Not shown by the state', 'word of a person'].some((words) => claims.verification.statement?.includes(words)))
        say('verification', 'passed, and its own statement says that nothing shows it');
    checkLooked(claims, say);
    checkGraded(claims, chain, 'state', say);
    checkReturned(claims, chain, say);
    checkOrder(chain, say);
    checkFilled(claims, chain, say);
    checkLocks(claims, chain, say);
}

function checkAttested(claims, chain, say) {
    if (!chain.some((name) => part(name) === 'guided') || !claims.phone.attested)
        say('outcome', 'nobody did it by hand, or nobody says so');
    if (claims.method !== 'none')
        say('method', 'the word of a person achieves no method');
    if (claims.policy.met)
        say('policy', 'the word of a person meets no policy');
    checkLooked(claims, say);
    checkGraded(claims, chain, 'attested', say);
    checkReturned(claims, chain, say);
}

export function checkPhone(claims, say) {
    const known = TECHNIQUES.get(claims.technique.name), chain = claims.technique.chain ?? [], {outcome} = claims;
    if (!ofPhone(claims)) {
        checkDrive(claims, known, say);
        return;
    }
    if (claims.phone === undefined) {
        say('phone', 'a phone of which nothing is said');
        return;
    }
    const passed = ['passed', 'passed-with-exceptions'].includes(outcome);
    checkNoBlocks(claims, say);
    checkClaim(claims, known, chain, say);
    checkFamily(claims, chain, passed, say);
    checkTold((claims.verification.state ?? []).map(({technique}) => technique), chain, say);
    checkTold(claims.phone.returns.map(({after}) => after), chain, say);
    checkModes(claims, say);
    if (outcome !== 'failed' && count(claims.verification.state, ({grade}) => grade === 'denied'))
        say('state', `${outcome}, but the phone was shown not to be erased`);
    if (passed)
        checkPassed(claims, chain, say);
    if (outcome === 'operator-attested' && claims.vct === RECORD)
        checkAttested(claims, chain, say);
}
