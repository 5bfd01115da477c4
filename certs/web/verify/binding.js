// SPDX-License-Identifier: Apache-2.0
// Which device is it? Only what was read from the device, is its own, and can tell it from another one.
import {latin1, utf8, utf8Length} from './bytes.js';
import {isObject} from './json.js';
import {clean, fold, lower} from './text.js';
import {ID_KINDS} from './words.js';

const OWN = ['serial', 'wwn', 'eui64', 'nguid', 'udid', 'imei', 'cid'];
// What firmware says that nobody filled in.
const PLACEHOLDERS = ['none', 'null', 'unknown', 'default', 'defaultstring', 'notspecified', 'notapplicable', 'notavailable', 'invalid',
    'tobefilledbyoem', 'serial', 'serialnumber', 'systemserialnumber', 'serialno', 'noserial', 'noserialnumber', 'nana'];
const COUNTS = ['1234567890123456789012345678901234567890', '0123456789012345678901234567890123456789',
    '0123456789abcdef0123456789abcdef', '123456789abcdef'];

// 3GPP TS 23.003 section 6.2.1, annex B.
function isImei(value) {
    if (!/^\d{15}$/.test(value) || /^0{13}/.test(value))
        return false;
    const sum = [...value].reduce((total, c, i) => {
        const digit = Number(c) << (i & 1);
        return total + (digit > 9 ? digit - 9 : digit);
    }, 0);
    return sum % 10 === 0;
}

// Four characters at least besides spaces and punctuation, not all the same, and no placeholder.
function namesOne(value) {
    const bytes = lower(latin1(utf8(value)));
    const prefix = ['0x', 'naa.', 'eui.'].find((p) => bytes.startsWith(p)) ?? '';
    const folded = bytes.slice(prefix.length).replace(/[^a-z0-9\x80-\xff]/g, '').slice(0, 127);
    // A number of no digits but one or two is a count, or nothing.
    const counted = folded.length >= 12 && folded.replace(/^0+/, '').length < 3;
    return folded.length >= 4 && !counted && [...folded].some((c) => c !== folded[0]) && !PLACEHOLDERS.includes(folded) &&
        !COUNTS.some((count) => count.startsWith(folded));
}

const own = ({substrate}, {kind, source}) => source === 'device' &&
    (OWN.includes(kind) || (kind === 'backing' && substrate !== 'physical'));
// 64 or 128 bits in hex (NAA, EUI-64, NGUID).
const isWideName = (value) => /^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(value.replace(/^(0x|naa\.|eui\.)/i, ''));
const WIDE = ['wwn', 'eui64', 'nguid'];
export const binds = (claims, item) => own(claims, item) && (!WIDE.includes(item.kind) || isWideName(item.value)) &&
    (item.kind === 'imei' ? isImei(item.value) : namesOne(item.value));

// One identifier against what a person typed.
function same(value, id) {
    if (lower(value) === lower(id))
        return true;
    const wanted = fold(id), have = clean(value, 95);
    return utf8Length(id) < 256 && wanted !== '' && have !== '' && fold(have, 95) === wanted;
}

export const bound = (claims) => claims.identifiers.some((item) => binds(claims, item));
// Also by one that is too weak to bind: it is not another device, it is unbound.
export const matches = (claims, id) => id !== '' && claims.identifiers.some((item) => own(claims, item) && same(item.value, id));

function find(claims, name) {
    if (!isObject(claims))
        return undefined;
    const dot = name.indexOf('.');
    if (claims[name] !== undefined || dot < 0 || dot >= 64)
        return claims[name];
    const head = name.slice(0, dot), rest = name.slice(dot + 1), value = claims[head];
    if (head === 'custom')
        return isObject(value) ? value[rest] : undefined;
    return value === undefined ? undefined : find(value, rest);
}

function says(value, wanted) {
    return typeof value === 'object' ? false : String(value) === wanted;
}

// WANTED undefined: whatever it says.
export function has(claims, name, wanted) {
    if (!ID_KINDS.includes(name)) {
        const value = find(claims, name);
        return value !== undefined && (wanted === undefined || says(value, wanted));
    }
    // What a person typed or scanned was never asked of the device; an asset tag is no other.
    const asked = ({source}) => source === 'device' || name === 'asset-tag';
    return claims.identifiers.some((item) => asked(item) && item.kind === name && (wanted === undefined || same(item.value, wanted)));
}
