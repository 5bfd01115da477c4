// SPDX-License-Identifier: Apache-2.0
// A grade is no more than the answers that stand beside it.
import {TECHNIQUES} from './techniques.js';

// "KEY: ", and a count that is not zero.
const counted = (answers, key) => answers.some((answer) => answer.startsWith(key) && /^[1-9]/.test(answer.slice(key.length)));

function showsIos({answers, why}) {
    const has = (...any) => any.some((answer) => answers.includes(answer));
    const old = has('old_session: host unknown', 'old_session: tls failed') && !has('old_session: opened');
    const setup = has('after.brick: yes', 'after.activation: unactivated') && !has('after.setup_done: yes');
    const memory = why.includes('its memory tells of the erasure') && has('after.nvram: yes');
    return old && (setup || has('pairing: without a dialog')) && (memory || why.includes('its key is new'));
}

const showsHarness = ({answers}) => counted(answers, 'canaries.checked: ') && !answers.includes('state.frp: yes') &&
    ['serial: same', 'canaries.standing: 0', 'state.packages: 0', 'state.accounts: 0', 'state.users: 1'].every((answer) => answers.includes(answer));

const showsFill = ({answers}) => counted(answers, 'samples.read: ') &&
    ['serial: same', 'samples.differ: 0', 'samples.unreadable: 0'].every((answer) => answers.includes(answer));

function showsAndroid({answers}) {
    const has = (...any) => any.some((answer) => answers.includes(answer));
    const closed = has('adb: absent') && has('mode: closed', 'mode: ptp');
    return (closed || has('adb: unauthorized')) && !has('adb: accepted', 'adb: open', 'serial: other');
}

// The answers of this state can be those of a phone of grade "state"; others are judged elsewhere.
export function answersShow(one) {
    const {technique} = one, part = TECHNIQUES.get(technique)?.part;
    if (part === 'fills')
        return showsFill(one);
    if (part !== 'erases')
        return true;
    if (technique === 'android-test-harness')
        return showsHarness(one);
    return technique.startsWith('ios-') ? showsIos(one) : showsAndroid(one);
}
