// SPDX-License-Identifier: Apache-2.0
// Passes and exceptions: did it do all of it?
import {isLimited} from './consistency-statement.js';
import {number} from './json.js';
import {TECHNIQUES} from './techniques.js';

const RANGES_MAX = 64;
const EXCEPTIONS_SHARE = 100n; // of a device that passed at most a hundredth may have been left
const U64_MAX = (1n << 64n) - 1n;

const larger = (a, b) => (a > b ? a : b);

const sectorOf = ({device}) => number(device, 'logical_block') || 512n;

export function exceptedBytes(claims) {
    const bytes = number(claims.exceptions, 'sectors') * sectorOf(claims);
    return bytes > U64_MAX ? U64_MAX : bytes;
}

// [[offset, length], ...]: sorted, apart, inside; and they are as many sectors as are said.
export function checkExceptions(claims, say) {
    const {ranges, truncated} = claims.exceptions, sectors = number(claims.exceptions, 'sectors');
    const capacity = number(claims.device, 'capacity'), sector = sectorOf(claims);
    let end = 0n, counted = 0n, next = 0n;
    for (const [i, [offset, size]] of ranges.entries()) {
        const at = BigInt(offset), length = BigInt(size);
        if (length === 0n || (i > 0 && at <= end) || at > capacity || length > capacity - at) {
            say('exceptions', 'the ranges are not sorted, apart and on the device');
            return;
        }
        end = at + length;
        const after = (end - 1n) / sector + 1n;
        counted += after - larger(at / sector, next);
        next = after;
    }
    if (truncated ? counted > sectors : counted !== sectors)
        say('exceptions', `the ranges are ${counted} sectors, not ${sectors}`);
}

function checkShare(claims, capacity, mostErrors, passes, say) {
    const {exceptions} = claims, sectors = number(exceptions, 'sectors');
    if (exceptedBytes(claims) > capacity / EXCEPTIONS_SHARE)
        say('exceptions', 'more than a hundredth of the device was left as it was');
    if (passes && (mostErrors > sectors || (sectors > 0n && mostErrors === 0n)))
        say('exceptions', `the passes left ${mostErrors} sectors, the exceptions are ${sectors}`);
    if (exceptions.truncated && exceptions.ranges.length !== RANGES_MAX)
        say('exceptions', 'ranges were left out before there were too many');
}

export function checkPasses(claims, say) {
    const capacity = number(claims.device, 'capacity'), block = number(claims.device, 'logical_block');
    const {technique} = claims, known = TECHNIQUES.get(technique.name), followed = technique.followed_by;
    const passes = (followed ?? technique).passes ?? [];
    let mostErrors = 0n;
    if (capacity === 0n)
        say('capacity', 'a device without capacity');
    if (block < 512n || (block & (block - 1n)) !== 0n)
        say('capacity', `no device has sectors of ${block} bytes`);
    else if (capacity % block !== 0n)
        say('capacity', `${capacity} bytes are no number of sectors of ${block}`);
    if ((known?.host || followed) && passes.length === 0)
        say('passes', 'an overwrite without passes');
    if (followed && followed.name !== 'overwrite')
        say('technique', `"${followed.name}" is no overwrite`);
    if (known && !technique.observed && (!known.host || technique.observed !== undefined))
        say('technique', 'an erasure whose end nobody observed');
    if (known && !known.host && !technique.commands)
        say('technique', `by ${technique.name}, and what was sent is not told`);
    if (known && !known.host && !isLimited(claims, 'Spare and reallocated areas can be read by no host'))
        say('technique', 'its limitations do not say what no host can read');
    if (technique.name === 'mmc-sanitize' && !isLimited(claims, 'SANITIZE_START was accepted and answered'))
        say('technique', 'its limitations do not say what nobody can observe');
    for (const [i, pass] of passes.entries()) {
        const bytes = number(pass, 'bytes'), errors = number(pass, 'errors');
        if (bytes > capacity || capacity - bytes !== errors * block)
            say('passes', `pass ${i + 1} wrote ${bytes} bytes of ${capacity} and left ${errors} sectors`);
        mostErrors = larger(mostErrors, errors);
    }
    checkShare(claims, capacity, mostErrors, passes.length > 0, say);
}
