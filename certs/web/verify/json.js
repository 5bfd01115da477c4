// SPDX-License-Identifier: Apache-2.0
// JSON from strangers, read so that nobody else can read it differently (RFC 8259, RFC 7493): no name
// twice, no floats, integers within 2^53-1, no null where none may be, bounded depth. JSON.parse()
// takes the last of two names and rounds numbers: it is not used.
import {base64url, fromUtf8} from './bytes.js';
import {Refused, refuse} from './refused.js';
import {isClean} from './text.js';

const DEPTH_MAX = 16, PARSER_DEPTH_MAX = 2048, MEMBERS_MAX = 1024;
const INT64_MAX = (1n << 63n) - 1n;
// Numbers that can be read, but may not be there.
const REAL = Symbol('a number that is not an integer'), BIG = Symbol('an integer beyond 2^53');

class Reader {
    // STRICT: as certificates must be; what may not be there is told where it stands.
    constructor(bytes, strict) {
        Object.assign(this, {bytes, strict, at: 0});
    }

    wrong() {
        refuse('json', `byte ${this.at}`);
    }

    space() {
        while ([0x20, 0x09, 0x0a, 0x0d].includes(this.bytes[this.at]))
            this.at++;
    }

    take(char) {
        if (this.bytes[this.at] !== char.charCodeAt(0))
            return false;
        this.at++;
        return true;
    }

    // Where the string ends that begins at this place, behind its quote.
    stringEnd() {
        for (let end = this.at; end < this.bytes.length; end++) {
            const c = this.bytes[end];
            if (c === 0x22)
                return end;
            if (c < 0x20)
                break;
            if (c === 0x5c)
                end++;
        }
        this.wrong();
    }

    string() {
        if (!this.take('"'))
            this.wrong();
        const end = this.stringEnd(), raw = fromUtf8(this.bytes.subarray(this.at, end));
        if (raw === null)
            this.wrong();
        if (raw.replace(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/g, '').includes('\\'))
            this.wrong();
        this.at = end + 1;
        const short = {b: '\b', f: '\f', n: '\n', r: '\r', t: '\t'};
        const text = raw.replace(/\\(?:u(....)|(.))/g, (_, code, letter) =>
            code ? String.fromCharCode(parseInt(code, 16)) : short[letter] ?? letter);
        if (/\p{Surrogate}/u.test(text))
            this.wrong(); // half of a pair
        if (text.includes('\0') || (this.strict && !isClean(text)))
            refuse('text');
        return text;
    }

    number() {
        let end = this.at;
        while (end < this.bytes.length && /[-+0-9.eE]/.test(String.fromCharCode(this.bytes[end])))
            end++;
        const text = String.fromCharCode(...this.bytes.subarray(this.at, Math.min(end, this.at + 4096)));
        if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text))
            this.wrong();
        this.at = end;
        if (/[.eE]/.test(text))
            return !this.strict && Number.isFinite(Number(text)) ? REAL : refuse('number');
        if (text.length > 20 || BigInt(text) > INT64_MAX || BigInt(text) < -INT64_MAX - 1n)
            refuse('number');
        const value = Number(text);
        return Number.isSafeInteger(value) ? value + 0 : this.strict ? refuse('number') : BIG;
    }

    word() {
        for (const [word, value] of [['true', true], ['false', false], ['null', null]]) {
            const there = String.fromCharCode(...this.bytes.subarray(this.at, this.at + word.length));
            if (there === word && !/[A-Za-z]/.test(String.fromCharCode(this.bytes[this.at + word.length] ?? 0))) {
                this.at += word.length;
                return value === null && this.strict ? refuse('null') : value;
            }
        }
        this.wrong();
    }

    array(depth) {
        const out = [];
        this.space();
        if (this.take(']'))
            return out;
        for (;;) {
            out.push(this.value(depth));
            this.space();
            if (this.take(']'))
                return out;
            if (!this.take(','))
                this.wrong();
        }
    }

    // Without a prototype: "__proto__" is a name like any other.
    object(depth) {
        const out = Object.create(null);
        this.space();
        if (this.take('}'))
            return out;
        for (;;) {
            this.space();
            if (this.strict && Object.keys(out).length === MEMBERS_MAX)
                this.wrong();
            const name = this.string();
            if (name in out)
                refuse('duplicate-key', name);
            this.space();
            if (!this.take(':'))
                this.wrong();
            out[name] = this.value(depth);
            this.space();
            if (this.take('}'))
                return out;
            if (!this.take(','))
                this.wrong();
        }
    }

    value(depth) {
        if (depth > (this.strict ? DEPTH_MAX : PARSER_DEPTH_MAX))
            refuse('depth');
        this.space();
        const c = String.fromCharCode(this.bytes[this.at] ?? 0);
        if (c === '"')
            return this.string();
        if (this.take('{'))
            return this.object(depth + 1);
        if (this.take('['))
            return this.array(depth + 1);
        return /[-0-9]/.test(c) ? this.number() : this.word();
    }
}

function parse(bytes, strict) {
    const reader = new Reader(bytes, strict), value = reader.value(1);
    reader.space();
    if (reader.at !== bytes.length)
        reader.wrong();
    return value;
}

export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
// A member that counts; 0 when it is missing. Larger sums than 2^53 stay exact.
export const number = (object, key) => BigInt(object?.[key] ?? 0);
const membersOf = (value) => (typeof value === 'object' && value !== null ? Object.entries(value) : []);

// ARRAY: the whole must be an array, else an object. BYTES: UTF-8.
export function strictJson(bytes, array = false) {
    const value = parse(bytes, true);
    return (array ? Array.isArray(value) : isObject(value)) ? value : refuse('json', 'it is of another kind');
}

export function strictBase64Json(text, array = false) {
    const bytes = base64url(text);
    return bytes ? strictJson(bytes, array) : refuse('encoding');
}

// As lists and bundles may be: null and any text, but the same numbers and depth.
function check(value, depth) {
    if (typeof value === 'symbol')
        refuse('json', value.description);
    if (typeof value !== 'object' || value === null)
        return;
    if (depth > DEPTH_MAX)
        refuse('json', 'it is nested too deep');
    for (const [, member] of membersOf(value))
        check(member, depth + 1);
}

// One JSON object of at most MAX bytes; any fault is of the code "json".
export function looseJson(bytes, max) {
    if (bytes.length > max)
        refuse('json', 'it is too large');
    try {
        const value = parse(bytes, false);
        if (!isObject(value))
            refuse('json', 'it is no object');
        check(value, 1);
        return value;
    } catch (error) {
        if (error instanceof Refused)
            refuse('json', error.message || error.code);
        throw error;
    }
}

// RFC 8785, of what looseJson() gave.
export function canonicalJson(value) {
    if (Array.isArray(value))
        return '[' + value.map(canonicalJson).join(',') + ']';
    if (isObject(value))
        return '{' + Object.keys(value).sort().map((name) => JSON.stringify(name) + ':' + canonicalJson(value[name])).join(',') + '}';
    return JSON.stringify(value);
}
