// SPDX-License-Identifier: Apache-2.0
// The skeleton (ISO 32000-1 section 7.5): one header, objects side by side, one cross-reference table that
// knows each of them, one trailer, the end. Whatever lies between, beside or behind is a refusal.
import {find} from '../bytes.js';
import {refuse} from '../refused.js';
import {PdfReader, children, get} from './value.js';

const OBJECTS_MAX = 8192;
const badXref = (what) => refuse('pdf-xref', what);

// "%PDF-1.7\n" and a comment of four bytes that no text has.
function readHeader(reader) {
    const minor = reader.word('%PDF-1.') ? reader.digits() : null;
    const comment = minor >= 4 && minor <= 7 && reader.word('\n%') ? reader.data.subarray(reader.at, reader.at + 5) : [];
    if (comment.length < 5 || comment[4] !== 0x0a || comment.subarray(0, 4).some((byte) => byte < 0x80))
        refuse('pdf-header');
    reader.at += 5;
}

function countOf(data, word) {
    let n = 0, last = 0;
    for (let at = find(data, word); at >= 0; at = find(data, word, at + word.length)) {
        n++;
        last = at;
    }
    return {n, last};
}

// Where "startxref" stands.
function checkRevisions(data) {
    const eof = countOf(data, '%%EOF'), start = countOf(data, 'startxref');
    if (eof.n > 1 || start.n > 1)
        refuse('pdf-revisions');
    if (eof.n === 0 || start.last === 0)
        refuse('pdf-end');
    if (data.length - eof.last !== 6 || data[data.length - 1] !== 0x0a)
        refuse('pdf-end', 'something follows behind its end');
    return start.last;
}

function findXref(data, startxref) {
    const reader = new PdfReader(data, startxref), at = reader.word('startxref\n') ? reader.digits() : null;
    return at === null || at >= startxref ? badXref('it can not be found') : at;
}

// "xref\n0 N\n" and N lines of exactly 20 bytes (section 7.5.4). Offsets; 0: a free number.
function readXref(reader) {
    const n = reader.word('xref\n0 ') ? reader.digits() : null;
    if (n === null || !reader.word('\n'))
        badXref('it does not begin where it should, or is a stream');
    if (n < 2 || n > OBJECTS_MAX || Math.floor((reader.end - reader.at) / 20) < n)
        badXref('it is too long or too short');
    const offsets = [];
    for (let i = 0; i < n; i++) {
        const line = String.fromCharCode(...reader.data.subarray(reader.at, reader.at + 20));
        const [, offset, generation, use] = /^(\d{10}) (\d{5}) ([nf]) \n$/.exec(line) ?? badXref('a line is not as ours are');
        if (use === 'n' && (i === 0 || Number(generation) !== 0 || Number(offset) === 0))
            badXref('a line is not as ours are');
        offsets.push(use === 'n' ? Number(offset) : 0);
        reader.at += 20;
    }
    return offsets;
}

function readTrailer(reader, n, xref, startxref) {
    if (!reader.word('trailer\n'))
        badXref('no trailer follows it');
    const trailer = reader.read();
    if (trailer.type !== 'dict')
        badXref('its trailer is no dictionary');
    for (const key of trailer.members.keys()) {
        if (key === 'Encrypt')
            refuse('pdf-encrypted');
        if (key === 'Prev' || key === 'XRefStm')
            refuse('pdf-revisions', `its table goes on elsewhere (${key})`);
        if (!['Size', 'Root', 'Info', 'ID'].includes(key))
            badXref('its trailer has what ours do not');
    }
    const size = get(trailer, 'Size');
    if (size?.type !== 'integer' || size.number !== n)
        badXref('its trailer says another size');
    reader.space();
    if (reader.at !== startxref || !reader.word('startxref\n') || reader.digits() !== xref || !reader.word('\n%%EOF\n') ||
        reader.at !== reader.end)
        badXref('something stands between it and the end');
    return trailer;
}

export class PdfFile {
    constructor(data) {
        this.data = data;
        const reader = new PdfReader(data);
        readHeader(reader);
        const startxref = checkRevisions(data);
        this.xref = findXref(data, startxref);
        const table = new PdfReader(data, this.xref);
        this.offsets = readXref(table);
        this.objects = this.offsets.map(() => null);
        this.trailer = readTrailer(table, this.offsets.length, this.xref, startxref);
        reader.end = this.xref;
        this.readObjects(reader);
    }

    // In the order in which they stand: each begins where the one before it ended.
    readObjects(reader) {
        const places = this.offsets.map((offset, number) => ({offset, number})).filter(({offset}) => offset > 0)
            .sort((a, b) => a.offset - b.offset);
        for (const {offset, number} of places) {
            if (offset !== reader.at)
                refuse('pdf-hidden', `byte ${Math.min(reader.at, offset)}`);
            this.objects[number] = this.readObject(reader, number);
        }
        if (reader.at !== this.xref)
            refuse('pdf-hidden', `byte ${reader.at}`);
    }

    readObject(reader, number) {
        if (reader.digits() !== number || !reader.word(' 0 obj'))
            refuse('pdf-xref', `object ${number} is not where its table says`);
        reader.space();
        const object = {value: reader.read(), stream: null};
        reader.space();
        if (object.value.type === 'dict' && reader.word('stream'))
            object.stream = this.readStream(reader, object.value);
        if (!reader.word('endobj'))
            refuse('pdf-object', `object ${number} does not end where it should`);
        reader.space();
        return object;
    }

    readStream(reader, dict) {
        if (!reader.word('\n') && !reader.word('\r\n'))
            refuse('pdf-stream', 'a stream without a line end');
        const length = this.lengthOf(get(dict, 'Length'));
        if (length === null || length > reader.end - reader.at)
            refuse('pdf-stream', 'a stream of no length');
        const stream = this.data.subarray(reader.at, reader.at + length);
        reader.at += length;
        if (!reader.word('\n'))
            reader.word('\r\n');
        if (!reader.word('endstream'))
            refuse('pdf-stream', 'a stream does not end where it says');
        reader.space();
        return stream;
    }

    // It may be an object of its own, which may come later: "N 0 obj\n LENGTH\nendobj".
    lengthOf(value) {
        if (value?.type === 'integer' && value.number >= 0)
            return value.number;
        const offset = value?.type === 'reference' && value.number >= 0 ? this.offsets[value.number] ?? 0 : 0;
        if (offset === 0 || offset >= this.xref)
            return null;
        const reader = new PdfReader(this.data, offset, this.xref);
        if (reader.digits() !== value.number || !reader.word(' 0 obj'))
            return null;
        reader.space();
        const length = reader.digits();
        reader.space();
        return reader.word('endobj') ? length : null;
    }

    objectOf(value) {
        return value?.type === 'reference' ? this.objects[value.number] ?? null : null;
    }

    // VALUE itself, or the one it refers to.
    resolve(value) {
        return value?.type === 'reference' ? this.objectOf(value)?.value : value;
    }

    // Every value of every object, and of the trailer.
    * each() {
        const open = [this.trailer, ...this.objects.filter(Boolean).map(({value}) => value)].reverse();
        while (open.length > 0) {
            const value = open.pop();
            yield value;
            open.push(...children(value).reverse());
        }
    }
}
