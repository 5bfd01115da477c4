// SPDX-License-Identifier: Apache-2.0
// Deterministic CBOR (RFC 8949 section 4.2.1), read strictly: shortest forms, keys in order and once, definite
// lengths, no floats, no null; tags only where they are asked for.
import {fromUtf8} from './bytes.js';
import {refuse} from './refused.js';

const DEPTH_MAX = 8;
const bad = (why) => refuse('cbor', why);

export class Tagged {
    constructor(tag, value) {
        Object.assign(this, {tag, value});
    }
}

class Reader {
    constructor(bytes) {
        Object.assign(this, {bytes, at: 0});
    }

    take(n) {
        if (n > this.bytes.length - this.at)
            bad('it ends too early');
        this.at += n;
        return this.bytes.subarray(this.at - n, this.at);
    }

    head() {
        const [first] = this.take(1), info = first & 31, major = first >> 5;
        if (info < 24)
            return {major, argument: BigInt(info)};
        if (info > 27 || major === 7)
            bad('a length or value that is not allowed');
        const argument = this.take(1 << (info - 24)).reduce((n, byte) => n << 8n | BigInt(byte), 0n);
        return argument < [24n, 1n << 8n, 1n << 16n, 1n << 32n][info - 24] ? bad('a number that is not in its shortest form') : {major, argument};
    }

    map(n, depth) {
        const out = new Map();
        let before = null;
        for (let i = 0; i < n; i++) {
            const from = this.at, key = this.item(depth), raw = this.bytes.subarray(from, this.at);
            if (before && !comesBefore(before, raw))
                bad('a map whose keys are out of order, or one twice');
            before = raw;
            out.set(typeof key === 'bigint' ? key : Symbol('another kind of key'), this.item(depth));
        }
        return out;
    }

    item(depth) {
        if (depth > DEPTH_MAX)
            bad('it is nested too deep');
        const {major, argument} = this.head(), n = Number(argument);
        switch (major) {
        case 0:
            return argument;
        case 1:
            return -1n - argument;
        case 2:
            return this.take(n);
        case 3:
            return fromUtf8(this.take(n)) ?? bad('text that is not UTF-8');
        case 4:
            return this.list(n, depth + 1);
        case 5:
            return this.map(n, depth + 1);
        case 6:
            return new Tagged(argument, this.item(depth + 1));
        default:
            return argument === 20n || argument === 21n ? argument === 21n : bad('a value that is neither true nor false');
        }
    }

    // Each item takes a byte at least: a lie about their number ends with the input.
    list(n, depth) {
        const out = [];
        while (out.length < n)
            out.push(this.item(depth));
        return out;
    }
}

function comesBefore(a, b) {
    for (let i = 0; i < Math.min(a.length, b.length); i++)
        if (a[i] !== b[i])
            return a[i] < b[i];
    return a.length < b.length;
}

// Integers are BigInts, maps are Maps with BigInt keys (others count and can't be asked for).
export function readCbor(bytes) {
    const reader = new Reader(bytes), value = reader.item(0);
    return reader.at === bytes.length ? value : bad('something follows behind it');
}
