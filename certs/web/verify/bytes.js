// SPDX-License-Identifier: Apache-2.0
// Bytes and texts, each in one spelling: base64 and base64url are canonical (RFC 4648 section 3.5).

const URL_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STD_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digitsOf = (alphabet) => {
    const values = new Int8Array(256).fill(-1);
    for (let i = 0; i < 64; i++)
        values[alphabet.charCodeAt(i)] = i;
    return values;
};
const URL_VALUES = digitsOf(URL_ALPHABET), STD_VALUES = digitsOf(STD_ALPHABET);

// A text of which each character is one byte.
export function latin1(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length; i += 8192)
        out += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return out;
}

export function fromLatin1(text) {
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++)
        out[i] = text.charCodeAt(i);
    return out;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
export const utf8 = (text) => encoder.encode(text);
export const utf8Length = (text) => encoder.encode(text).length;
// Null when it is no UTF-8 (RFC 3629).
export function fromUtf8(bytes) {
    try {
        return decoder.decode(bytes);
    } catch {
        return null;
    }
}

function decode(text, values) {
    if (text.length % 4 === 1)
        return null;
    const out = new Uint8Array(Math.floor(text.length * 3 / 4));
    let bits = 0, held = 0, n = 0;
    for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i), value = code < 256 ? values[code] : -1;
        if (value < 0)
            return null;
        bits = (bits << 6 | value) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = bits >> held & 255;
        }
    }
    return bits & ((1 << held) - 1) ? null : out.subarray(0, n);
}

// Null when it is not canonical.
export const base64url = (text) => decode(text, URL_VALUES);

export function base64(text) {
    if (text.length % 4 !== 0)
        return null;
    const pad = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
    const plain = text.slice(0, text.length - pad);
    return plain.length % 4 === (4 - pad) % 4 ? decode(plain, STD_VALUES) : null;
}

function encode(bytes, alphabet) {
    let out = '', bits = 0, held = 0;
    for (const byte of bytes) {
        bits = (bits << 8 | byte) & 0xffff;
        for (held += 8; held >= 6; held -= 6)
            out += alphabet[bits >> (held - 6) & 63];
    }
    return held > 0 ? out + alphabet[bits << (6 - held) & 63] : out;
}
export const toBase64url = (bytes) => encode(bytes, URL_ALPHABET);
export const toBase64 = (bytes) => {
    const text = encode(bytes, STD_ALPHABET);
    return text + '='.repeat((4 - text.length % 4) % 4);
};

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
export function fromHex(text) {
    if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
        return null;
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function equal(a, b) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function concat(...parts) {
    const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of parts) {
        out.set(part, at);
        at += part.length;
    }
    return out;
}

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
export const sha256Hex = async (bytes) => hex(await sha256(bytes));

// Where WORD stands, from AT on; -1.
export function find(bytes, word, at = 0) {
    const first = word.charCodeAt(0);
    for (let i = bytes.indexOf(first, at); i >= 0 && i + word.length <= bytes.length; i = bytes.indexOf(first, i + 1)) {
        let k = 1;
        while (k < word.length && bytes[i + k] === word.charCodeAt(k))
            k++;
        if (k === word.length)
            return i;
    }
    return -1;
}
