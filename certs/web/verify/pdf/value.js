// SPDX-License-Identifier: Apache-2.0
// Values of a PDF (ISO 32000-1 section 7.3) as Lethe writes them, and no others: attacks on signed PDFs live on
// readers that forgive. Texts are one character a byte.
import {fromHex, latin1} from '../bytes.js';
import {refuse} from '../refused.js';

const DEPTH_MAX = 24, KEYS_MAX = 512, VALUES_MAX = 500000;
const SPACE = new Set([0, 9, 10, 12, 13, 32]);
const DELIMITERS = new Set([...'()<>[]{}/%'].map((c) => c.charCodeAt(0)));
const isRegular = (byte) => byte !== undefined && !SPACE.has(byte) && !DELIMITERS.has(byte);

export class PdfReader {
    constructor(data, at = 0, end = data.length) {
        Object.assign(this, {data, at, end, count: 0});
    }

    bad(what, at = this.at) {
        refuse('pdf-object', `byte ${at}: ${what}`);
    }

    // The byte at this place; undefined at the end.
    get here() {
        return this.at < this.end ? this.data[this.at] : undefined;
    }

    // Exactly WORD at this place; false: nothing is taken.
    word(word) {
        if (this.end - this.at < word.length)
            return false;
        for (let i = 0; i < word.length; i++)
            if (this.data[this.at + i] !== word.charCodeAt(i))
                return false;
        this.at += word.length;
        return true;
    }

    // With nothing behind it that would make it another.
    wholeWord(word) {
        const at = this.at;
        if (this.word(word) && !isRegular(this.here))
            return true;
        this.at = at;
        return false;
    }

    // Digits only, at most 10 of them; null.
    digits() {
        const start = this.at;
        let out = 0;
        while (this.at - start < 10 && this.here >= 0x30 && this.here <= 0x39)
            out = out * 10 + this.data[this.at++] - 0x30;
        return this.at > start ? out : null;
    }

    // cairo numbers its pages in comments, "% 1\n"; there are no others.
    pageNumber() {
        const at = this.at;
        if (this.word('% ') && this.digits() !== null && this.word('\n'))
            return true;
        this.at = at;
        return false;
    }

    space() {
        while (this.at < this.end)
            if (SPACE.has(this.data[this.at]))
                this.at++;
            else if (!this.pageNumber())
                return;
    }

    // "#4A" is "J": written so, a name hides from who looks for it.
    name() {
        const start = ++this.at;
        while (isRegular(this.here))
            this.at++;
        const raw = latin1(this.data.subarray(start, this.at));
        if (/#(?![0-9a-fA-F]{2})|#00/.test(raw))
            this.bad('a name with a broken #', start);
        return {type: 'name', text: raw.replace(/#(..)/g, (_, code) => String.fromCharCode(parseInt(code, 16)))};
    }

    hexString() {
        const start = ++this.at, close = this.data.indexOf(0x3e, start);
        const bytes = close < 0 || close >= this.end ? null : fromHex(latin1(this.data.subarray(start, close)));
        if (!bytes)
            this.bad('a string that is not hexadecimal', start);
        this.at = close + 1;
        return {type: 'string', bytes, text: latin1(bytes)};
    }

    // Section 7.3.4.2. Lines that are continued, and octal codes, we do not write.
    string() {
        const start = ++this.at, meant = {n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '(': '(', ')': ')', '\\': '\\'};
        let text = '';
        for (let open = 1; ; this.at++) {
            if (this.at >= this.end)
                this.bad('a string that does not end', start);
            let c = String.fromCharCode(this.data[this.at]);
            open += c === '(' ? 1 : c === ')' ? -1 : 0;
            if (open === 0)
                break;
            if (c === '\\')
                c = meant[String.fromCharCode(this.data[++this.at] ?? 0)] ?? this.bad('a string with an unknown escape');
            text += c;
        }
        this.at++;
        return {type: 'string', bytes: null, text};
    }

    // An integer, a real (whose value nobody needs), or "N 0 R".
    number() {
        const start = this.at, negative = this.here === 0x2d;
        this.at += negative || this.here === 0x2b ? 1 : 0;
        const n = this.digits();
        let whole = n !== null, type = 'integer';
        if (this.word('.')) {
            type = 'real';
            whole = this.digits() !== null || whole;
        }
        if (!whole || isRegular(this.here))
            this.bad('no value', start);
        const value = {type, number: negative ? -n : n}, at = this.at;
        if (type === 'integer' && this.word(' 0 ') && this.wholeWord('R'))
            value.type = 'reference';
        else
            this.at = at;
        return value;
    }

    dict(depth) {
        const members = new Map();
        for (;;) {
            this.space();
            if (this.word('>>'))
                return {type: 'dict', members};
            const key = this.read(depth + 1);
            if (key.type !== 'name' || members.has(key.text) || members.size === KEYS_MAX)
                this.bad('a key that is no name, is there twice, or is one too many', key.at);
            this.space();
            if (this.word('>>'))
                this.bad('a key without a value');
            const value = this.read(depth + 1);
            value.key = key.text;
            members.set(key.text, value);
        }
    }

    array(depth) {
        const items = [];
        for (;;) {
            this.space();
            if (this.word(']'))
                return {type: 'array', items};
            items.push(this.read(depth + 1));
        }
    }

    readPlain(depth) {
        const c = String.fromCharCode(this.here);
        if (this.word('<<'))
            return this.dict(depth);
        if (this.word('['))
            return this.array(depth);
        if (c === '/')
            return this.name();
        if (c === '<')
            return this.hexString();
        if (c === '(')
            return this.string();
        if (this.wholeWord('true') || this.wholeWord('false'))
            return {type: 'bool'};
        return this.wholeWord('null') ? {type: 'null'} : this.number();
    }

    read(depth = 0) {
        const at = this.at;
        if (depth > DEPTH_MAX || at >= this.end)
            this.bad(depth > DEPTH_MAX ? 'it is nested too deep' : 'it ends too early');
        if (++this.count > VALUES_MAX)
            refuse('pdf-size');
        const value = this.readPlain(depth);
        return Object.assign(value, {at, end: this.at});
    }
}

// A member of a dict; undefined when there is none, or VALUE is no dict.
export const get = (value, key) => (value?.type === 'dict' ? value.members.get(key) : undefined);
export const isName = (value, text) => value?.type === 'name' && value.text === text;
export const children = (value) => (value.type === 'dict' ? [...value.members.values()] : value.items ?? []);
