// SPDX-License-Identifier: Apache-2.0
// DER (ITU-T X.690), of which only the one right spelling is read. Every fault throws NotDer, which
// the callers turn into their own reason.
import {latin1} from './bytes.js';

export class NotDer extends Error {}
export const notDer = (why) => { throw new NotDer(why); };

export const BOOLEAN = 1, INTEGER = 2, BIT_STRING = 3, OCTET_STRING = 4, NULL = 5, OID = 6, UTF8 = 12;
export const PRINTABLE = 19, T61 = 20, IA5 = 22, UTC_TIME = 23, GENERALIZED_TIME = 24, BMP = 30;
export const SEQUENCE = 0x30, SET = 0x31;
export const context = (n, constructed = true) => 0x80 | (constructed ? 0x20 : 0) | n;

export class Der {
    constructor(bytes, at = 0, end = bytes.length) {
        Object.assign(this, {bytes, at, end});
    }

    get done() {
        return this.at === this.end;
    }

    // Whether the next element has this tag.
    is(tag) {
        return this.at < this.end && this.bytes[this.at] === tag;
    }

    // {tag, body, raw}: the element, its contents, all of it.
    next(tag) {
        const {bytes, at, end} = this;
        if (end - at < 2 || (tag !== undefined && bytes[at] !== tag) || (bytes[at] & 31) === 31)
            notDer(`byte ${at}`);
        let length = bytes[at + 1], from = at + 2;
        if (length & 0x80) {
            const n = length & 0x7f;
            if (n < 1 || n > 3 || end - from < n)
                notDer('length');
            length = 0;
            for (let i = 0; i < n; i++)
                length = length << 8 | bytes[from++];
            if (length < (n === 1 ? 0x80 : 1 << 8 * (n - 1)))
                notDer('length');
        }
        if (length > end - from)
            notDer('length');
        this.at = from + length;
        return {tag: bytes[at], body: bytes.subarray(from, this.at), raw: bytes.subarray(at, this.at)};
    }

    // What stands inside of the next element.
    into(tag) {
        return new Der(this.next(tag).body);
    }

    finish() {
        if (!this.done)
            notDer('something follows');
    }

    oid() {
        return oidText(this.next(OID).body);
    }

    // A whole number of at most 20 bytes that is not negative, without its sign byte.
    natural() {
        const {body} = this.next(INTEGER);
        if (body.length === 0 || body[0] & 0x80 || (body.length > 1 && body[0] === 0 && !(body[1] & 0x80)))
            notDer('integer');
        const plain = body.length > 1 && body[0] === 0 ? body.subarray(1) : body;
        return plain.length <= 48 ? plain : notDer('integer');
    }

    small() {
        const bytes = this.natural();
        return bytes.length <= 4 ? bytes.reduce((n, byte) => n * 256 + byte, 0) : notDer('integer');
    }

    boolean() {
        const {body} = this.next(BOOLEAN);
        if (body.length !== 1 || (body[0] !== 0 && body[0] !== 0xff))
            notDer('boolean');
        return body[0] === 0xff;
    }

    // Whole bytes only, or named bits.
    bits(named = false) {
        const {body} = this.next(BIT_STRING);
        if (body.length < 1 || body[0] > 7 || (body[0] && (!named || body.length < 2)))
            notDer('bit string');
        if (body[0] && body[body.length - 1] & ((1 << body[0]) - 1))
            notDer('bit string');
        return body.subarray(1);
    }

    // ms. RFC 5280 section 4.1.2.5: seconds, and Z.
    time() {
        const {tag, body} = this.next();
        const text = latin1(body), wide = tag === GENERALIZED_TIME;
        if ((tag !== UTC_TIME && !wide) || !/^\d+Z$/.test(text) || text.length !== (wide ? 15 : 13))
            notDer('time');
        const year = wide ? text.slice(0, 4) : (text < '50' ? '20' : '19') + text.slice(0, 2);
        const [month, day, h, m, s] = text.slice(wide ? 4 : 2, -1).match(/../g);
        const iso = `${year}-${month}-${day}T${h}:${m}:${s}.000Z`, ms = Date.parse(iso);
        if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso)
            notDer('time');
        return ms;
    }
}

export function oidText(body) {
    const parts = [];
    let value = 0n, open = false;
    for (const byte of body) {
        if (!open && byte === 0x80)
            notDer('oid');
        value = value << 7n | BigInt(byte & 0x7f);
        open = (byte & 0x80) !== 0;
        if (!open) {
            parts.push(value);
            value = 0n;
        }
    }
    if (open || parts.length === 0)
        notDer('oid');
    const [first] = parts, top = first < 40n ? 0n : first < 80n ? 1n : 2n;
    return [top, first - top * 40n, ...parts.slice(1)].join('.');
}

// F of a reader over BYTES, or OTHERWISE when they are no DER.
export function tryDer(bytes, f, otherwise = null) {
    try {
        return f(new Der(bytes));
    } catch (error) {
        if (error instanceof NotDer)
            return otherwise;
        throw error;
    }
}
