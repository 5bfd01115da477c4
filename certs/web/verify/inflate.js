// SPDX-License-Identifier: Apache-2.0
// zlib (RFC 1950) and deflate (RFC 1951), to the end of stream and input alike and never beyond a
// limit. DecompressionStream is not asked: browsers differ in what they take behind the end.

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Broken extends Error {}
const broken = () => { throw new Broken(); };

class Bits {
    constructor(bytes, at, end) {
        Object.assign(this, {bytes, at, end, bits: 0, held: 0});
    }

    take(n) {
        while (this.held < n) {
            if (this.at === this.end)
                broken();
            this.bits |= this.bytes[this.at++] << this.held;
            this.held += 8;
        }
        const value = this.bits & ((1 << n) - 1);
        this.bits >>>= n;
        this.held -= n;
        return value;
    }

    // Section 3.2.2, a bit at a time.
    symbol({counts, symbols}) {
        let code = 0, first = 0, index = 0;
        for (let length = 1; length < 16; length++) {
            code |= this.take(1);
            if (code - counts[length] < first)
                return symbols[index + code - first];
            index += counts[length];
            first = (first + counts[length]) << 1;
            code <<= 1;
        }
        broken();
    }

    align() {
        this.bits = 0;
        this.held = 0;
    }
}

// ONE: a table of a single code of one bit may be incomplete (section 3.2.7), as zlib has it.
function table(lengths, one) {
    const counts = new Uint16Array(16), offsets = new Uint16Array(16), symbols = [];
    for (const length of lengths)
        counts[length]++;
    const used = lengths.length - counts[0];
    counts[0] = 0;
    let left = 1;
    for (let length = 1; length < 16; length++) {
        left = (left << 1) - counts[length];
        if (left < 0)
            broken();
        offsets[length] = offsets[length - 1] + counts[length - 1];
    }
    if (left > 0 && !(one && used <= 1 && counts[1] === used))
        broken();
    lengths.forEach((length, symbol) => {
        if (length)
            symbols[offsets[length]++] = symbol;
    });
    return {counts, symbols};
}

const FIXED = {
    literals: table(Array.from({length: 288}, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
    distances: table(Array.from({length: 32}, () => 5)),
};

function dynamic(bits) {
    const nLiterals = bits.take(5) + 257, nDistances = bits.take(5) + 1, nCodes = bits.take(4) + 4;
    if (nLiterals > 286 || nDistances > 30)
        broken();
    const codes = new Array(19).fill(0), lengths = [];
    for (let i = 0; i < nCodes; i++)
        codes[ORDER[i]] = bits.take(3);
    const codeTable = table(codes);
    while (lengths.length < nLiterals + nDistances) {
        const symbol = bits.symbol(codeTable);
        if (symbol < 16) {
            lengths.push(symbol);
            continue;
        }
        if (symbol === 16 && lengths.length === 0)
            broken();
        const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
        const n = symbol === 16 ? bits.take(2) + 3 : symbol === 17 ? bits.take(3) + 3 : bits.take(7) + 11;
        for (let i = 0; i < n; i++)
            lengths.push(value);
    }
    if (lengths.length !== nLiterals + nDistances || lengths[256] === 0)
        broken();
    return {literals: table(lengths.slice(0, nLiterals), true), distances: table(lengths.slice(nLiterals), true)};
}

class Output {
    constructor(max) {
        Object.assign(this, {bytes: new Uint8Array(max), n: 0});
    }

    put(byte) {
        if (this.n === this.bytes.length)
            broken();
        this.bytes[this.n++] = byte;
    }

    copy(distance, length) {
        if (distance > this.n)
            broken();
        while (length-- > 0)
            this.put(this.bytes[this.n - distance]);
    }
}

function stored(bits, out) {
    bits.align();
    const n = bits.take(8) | bits.take(8) << 8, not = bits.take(8) | bits.take(8) << 8;
    if ((n ^ not) !== 0xffff)
        broken();
    for (let i = 0; i < n; i++)
        out.put(bits.take(8));
}

function packed(bits, {literals, distances}, out) {
    for (;;) {
        const symbol = bits.symbol(literals);
        if (symbol === 256)
            return;
        if (symbol === undefined || symbol > 285)
            broken();
        if (symbol < 256) {
            out.put(symbol);
            continue;
        }
        const length = LENGTH_BASE[symbol - 257] + bits.take(LENGTH_EXTRA[symbol - 257]);
        const far = bits.symbol(distances);
        if (far === undefined || far > 29)
            broken();
        out.copy(DISTANCE_BASE[far] + bits.take(DISTANCE_EXTRA[far]), length);
    }
}

function adler32(bytes) {
    let a = 1, b = 0;
    for (const byte of bytes) {
        a = (a + byte) % 65521;
        b = (b + a) % 65521;
    }
    return [b >> 8, b & 255, a >> 8, a & 255];
}

// Null when it is broken, goes on behind its end, or would be more than MAX bytes.
export function inflate(bytes, max) {
    const method = bytes[0] & 15, window = bytes[0] >> 4;
    if (bytes.length < 8 || method !== 8 || window > 7 || (bytes[0] << 8 | bytes[1]) % 31 !== 0 || bytes[1] & 0x20)
        return null;
    try {
        const bits = new Bits(bytes, 2, bytes.length), out = new Output(max);
        for (let last = 0; !last;) {
            last = bits.take(1);
            const kind = bits.take(2);
            if (kind === 3)
                broken();
            if (kind === 0)
                stored(bits, out);
            else
                packed(bits, kind === 1 ? FIXED : dynamic(bits), out);
        }
        bits.align();
        const whole = out.bytes.subarray(0, out.n);
        return bits.end - bits.at === 4 && adler32(whole).every((byte, i) => byte === bytes[bits.at + i]) ? whole : null;
    } catch (error) {
        if (error instanceof Broken)
            return null;
        throw error;
    }
}
