// SPDX-License-Identifier: Apache-2.0
// Text that may stand on a page, names of devices as people spell them, times.
import {latin1, utf8} from './bytes.js';

// What acts on a page instead of standing on it, and what is there without being seen
// (certs/README.md, "Envelope"; the ranges of src/base/text.c).
const UNFIT = [
    [0x00, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x034f, 0x034f], [0x061c, 0x061c], [0x115f, 0x1160],
    [0x180e, 0x180e], [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0x3164, 0x3164],
    [0xd800, 0xdfff], [0xfdd0, 0xfdef], [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff9, 0xfffb], [0xe0000, 0xe007f],
];
const isUnfit = (code) =>
    (code & 0xfffe) === 0xfffe || UNFIT.some(([first, last]) => code >= first && code <= last);

export function isClean(text) {
    if (/^[ -~]*$/.test(text))
        return true;
    for (const c of text)
        if (isUnfit(c.codePointAt(0)))
            return false;
    return true;
}

// One line fit to be compared: unfit characters as "?", spaces once. At most MAX bytes.
export function clean(text, max) {
    let out = '', bytes = 0;
    for (const c of text) {
        const put = isUnfit(c.codePointAt(0)) ? '?' : c;
        if (put === ' ' && (out === '' || out.endsWith(' ')))
            continue;
        const n = utf8(put).length;
        if (bytes + n > max)
            break;
        out += put;
        bytes += n;
    }
    return out.replace(/ +$/, '');
}

// ASCII only: what is no letter there stays as it is.
export const lower = (text) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());

// As lethe_identifier_fold() spells it, in bytes: no spaces and colons, small letters, no prefix.
export function fold(text, max = 255) {
    const folded = lower(latin1(utf8(text)).replace(/[ :]/g, '')).slice(0, max);
    for (const prefix of ['0x', 'naa.', 'eui.'])
        if (folded.startsWith(prefix))
            return folded.slice(prefix.length);
    return folded;
}

// "2026-11-23T01:02:03Z" in ms, and nothing that only looks like one; null.
export function parseTime(text) {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text))
        return null;
    const ms = Date.parse(text);
    return Number.isNaN(ms) || ms < 0 || formatTime(ms) !== text ? null : ms;
}

const LAST = 253402300799000; // 9999-12-31T23:59:59Z
export function formatTime(ms) {
    return new Date(Math.min(ms, LAST)).toISOString().slice(0, 19) + 'Z';
}
