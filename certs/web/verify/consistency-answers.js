// SPDX-License-Identifier: Apache-2.0
// A grade is no more than the answers that stand beside it.
import {TECHNIQUES} from './techniques.js';

const QUIET_MS = 180000, QUIET_TEST_BED_MS = 3000; // how long a phone that shows nothing of its old self is watched

// Why, word for word: whoever reads another sentence reads of another phone.
const TRUST_GONE = 'its old trust is gone, it is in its setup, ';
const NEW_KEY = `${TRUST_GONE}and its key is new`;
const MEMORY = [`${TRUST_GONE}and its memory tells of the erasure`, `${TRUST_GONE}its memory tells of the erasure, and its key is new`];
const CAME_CLOSED = 'it said that it erased itself, left, and came back with USB debugging off, as a new phone is';
const CAME_WITHOUT_KEY = 'it said that it erased itself, left, and came back without the key that it knew before';
const NEW_SYSTEM = 'the files put on it before are gone, its system is new, and nothing of its owner\'s is on it';
const FILLED = 'the user storage was filled, and every sample read back as it was written';

// Does it answer KEY with one of VALUES?
export const says = ({answers}, key, ...values) => values.some((value) => answers.find((one) => one.startsWith(`${key}: `)) === `${key}: ${value}`);
// The number that it answers KEY with, of at most 15 digits, none of them in vain.
export function numberOf({answers}, key) {
    const said = answers.find((one) => one.startsWith(`${key}: `))?.slice(key.length + 2) ?? '';
    return /^(0|[1-9][0-9]{0,14})$/.test(said) ? BigInt(said) : undefined;
}
const counted = (one, key) => numberOf(one, key) > 0n;

// "KEY: VALUE", and none of them twice: a phone that is asked once says one thing.
function isToldOnce({answers}) {
    const keys = answers.map((one) => one.slice(0, Math.max(one.indexOf(': '), 0)));
    return !keys.includes('') && new Set(keys).size === keys.length;
}

// What each is asked, and nothing else; "after." and the like: all that begins so.
const ASKED = {
    'ios-': /^(after\.|(cleaned|cloud|old_session|pairing|profiles|storage|storage_free): )/, 'ios-fill': /^(samples\.|(serial|why): )/,
    'android-': /^(adb|mode|quiet_ms|serial): /, 'android-test-harness': /^(canaries\.|state\.|(adb|mode|quiet_ms|serial): )/,
    'android-fill': /^(samples\.|state\.|(adb|mode|quiet_ms|serial): )/,
};
const isOfItsKind = ({technique, answers}) =>
    answers.every((one) => (ASKED[technique] ?? ASKED[technique.startsWith('ios-') ? 'ios-' : 'android-']).test(one));

function showsIos(one) {
    const old = says(one, 'old_session', 'host unknown', 'tls failed');
    const setup = (says(one, 'after.brick', 'yes') || says(one, 'after.activation', 'unactivated')) && !says(one, 'after.setup_done', 'yes');
    if (says(one, 'profiles', 'some'))
        return false; // an erasure takes them along
    return old && (setup || says(one, 'pairing', 'without a dialog')) && (MEMORY.includes(one.why) ? says(one, 'after.nvram', 'yes') : one.why === NEW_KEY);
}

// Its shell was open to the bench: else nothing of this could have been asked.
const letIn = (one) => says(one, 'serial', 'same') && says(one, 'mode', 'normal') && says(one, 'adb', 'accepted', 'open');

const isUnarmed = (one) => !one.answers.some((answer) => answer.startsWith('state.frp: ')) || says(one, 'state.frp', 'no', 'unknown');
const showsHarness = (one) => one.why === NEW_SYSTEM && letIn(one) && says(one, 'canaries.standing', '0') && counted(one, 'canaries.checked') &&
    says(one, 'state.packages', '0') && says(one, 'state.accounts', '0') && says(one, 'state.users', '1') && isUnarmed(one);

const showsFill = (one) => one.why === FILLED && (one.technique === 'ios-fill' ? says(one, 'serial', 'same') : letIn(one)) && counted(one, 'samples.read') &&
    says(one, 'samples.differ', '0') && says(one, 'samples.unreadable', '0') && isUnarmed(one) && !counted(one, 'state.accounts');

// Closed, so that nothing else could be asked, and watched to the end.
function showsAndroid({substrate}, one) {
    const closed = one.why === CAME_CLOSED && says(one, 'adb', 'absent') && says(one, 'mode', 'closed', 'ptp');
    const lockedOut = one.why === CAME_WITHOUT_KEY && says(one, 'adb', 'unauthorized');
    return (closed || lockedOut) && says(one, 'serial', 'unknown') &&
        numberOf(one, 'quiet_ms') >= (['emulated', 'virtual'].includes(substrate) ? QUIET_TEST_BED_MS : QUIET_MS);
}

// The answers of this state can be those of a phone of grade "state"; others are judged elsewhere.
export function answersShow(claims, one) {
    const {technique} = one, part = TECHNIQUES.get(technique)?.part;
    if (part !== 'erases' && part !== 'fills')
        return true;
    if (!isToldOnce(one) || !isOfItsKind(one))
        return false;
    if (part === 'fills')
        return showsFill(one);
    if (technique === 'android-test-harness')
        return showsHarness(one);
    return technique.startsWith('ios-') ? showsIos(one) : showsAndroid(claims, one);
}
