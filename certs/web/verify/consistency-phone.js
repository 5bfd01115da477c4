// SPDX-License-Identifier: Apache-2.0
// Phones and tablets: nothing of them can be read back, so that all rests on their state, and on who says so.
import {GRADES, METHODS, PHONES, RECORD, TECHNIQUES} from './words.js';

const LOCKS = ['find-my', 'activation-lock', 'mdm', 'frp', 'accounts', 'no-factory-reset'];

export const ofPhone = ({device}) => PHONES.includes(device.class);
const part = (name) => TECHNIQUES.get(name)?.part;
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
    if (!['state', 'none'].includes(v.mode) || v.samples || v.blocks || v.canaries_written)
        say('verification', 'a phone is verified by its state, and not by its blocks');
    if (exceptions.sectors)
        say('exceptions', 'a phone has no sectors');
}

function checkClaim({technique, policy, phone, method}, known, chain, say) {
    const {name, kind} = technique, crypto = kind === 'crypto-erase';
    const kinds = known?.part === 'fills' ? ['overwrite'] : known?.part === 'moves' ? [] : ['crypto-erase', 'reset'];
    if (known && !known.part)
        say('technique', `${name} is not for phones and tablets`);
    else if (known && !kinds.includes(kind))
        say('technique', `${name} is no ${kind}`);
    if (!chain.includes(name))
        say('technique', `${name} is not among the techniques that were used`);
    if (!crypto && METHODS.indexOf(method) > METHODS.indexOf('clear'))
        say('method', 'a reset that destroys no key is clear at most');
    if (crypto && phone.encryption !== 'encrypted' && method !== 'none')
        say('technique', 'a cryptographic erase of what was not encrypted');
    if (!policy.demonstrable && policy.met)
        say('policy', 'what can’t be demonstrated is called met');
}

// Every technique that changed the phone was judged as often as it was used, LEAST or better.
function checkGraded({outcome, verification: {state = []}}, chain, least, say) {
    for (const name of chain)
        if (part(name) && part(name) !== 'moves' && count(state, (one) => one.technique === name) < count(chain, (one) => one === name))
            say('state', `nobody looked at what ${name} did`);
    for (const {technique, grade} of state)
        if (GRADES.indexOf(grade) < GRADES.indexOf(least))
            say('state', `${outcome}, but the state of ${technique} is "${grade}"`);
}

// A phone that erases itself leaves its port; that it was seen to, and came back.
function checkReturned({phone}, chain, say) {
    for (const name of chain)
        if (part(name) && part(name) !== 'fills' && count(phone.returns, (one) => one.after === name) < count(chain, (one) => one === name))
            say('state', `that the phone left and came back after ${name} was not seen`);
}

function checkLooked({outcome, verification: v}, say) {
    if (!v.performed || v.mode !== 'state' || !v.complete)
        say('verification', `${outcome}, but its state was not asked for`);
    if (!v.identity_rechecked)
        say('identity', 'the device was not identified again after the erasure');
}

function checkPassed(claims, chain, say) {
    const {technique: {observed, filled}, phone} = claims, has = (wanted) => chain.some((name) => part(name) === wanted);
    if (has('guided'))
        say('outcome', 'what a person did is attested at best');
    if (!observed)
        say('technique', "a device's own erasure whose end nobody observed");
    checkLooked(claims, say);
    checkGraded(claims, chain, 'state', say);
    checkReturned(claims, chain, say);
    if (has('fills') && (!filled?.bytes || !filled.samples || filled.mismatches > 0))
        say('passes', 'its storage was not filled, or what was read back differs');
    for (const lock of LOCKS)
        if (!phone.for_destruction && phone.locks?.[lock] === 'yes')
            say('locks', `erased though ${lock} was on, and not for destruction`);
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
    checkNoBlocks(claims, say);
    checkClaim(claims, known, chain, say);
    if (outcome !== 'failed' && count(claims.verification.state, ({grade}) => grade === 'denied'))
        say('state', `${outcome}, but the phone was shown not to be erased`);
    if (['passed', 'passed-with-exceptions'].includes(outcome))
        checkPassed(claims, chain, say);
    if (outcome === 'operator-attested' && claims.vct === RECORD)
        checkAttested(claims, chain, say);
}
