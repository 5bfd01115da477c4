// SPDX-License-Identifier: Apache-2.0
// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature). Texts are given as
// one character a byte, and what is wrong throws the code "note": the callers have their own.
import {base64, fromLatin1, fromUtf8, hex, utf8, utf8Length} from '../bytes.js';
import {refuse} from '../refused.js';
import {COSIGNATURE, ed25519Holds, fitsName, isName} from './key.js';

const NOTE_MAX = 65536, SIGNATURES_MAX = 32, MESSAGE_MAX = 384;
const wrong = (why, kind) => refuse('note', why, kind);

// A natural number as these formats write it, not above MAX; null.
export function readNumber(text, max = Number.MAX_SAFE_INTEGER) {
    if (!/^(0|[1-9]\d{0,15})$/.test(text) || BigInt(text) > BigInt(max))
        return null;
    return Number(text);
}

function readSignature(line) {
    if (!line.startsWith('\u2014 '))
        wrong('a signature line begins otherwise');
    const space = line.indexOf(' ', 2);
    const name = line.slice(2, space), blob = space < 0 ? null : base64(line.slice(space + 1));
    if (!fitsName(name) || !blob || blob.length < 5)
        wrong('a signature line is broken');
    return {name, id: hex(blob.subarray(0, 4)), blob};
}

// {text, signatures}; TEXT with its last newline is what is signed.
export function readNote(raw) {
    const all = raw.length <= NOTE_MAX ? fromUtf8(fromLatin1(raw)) : null;
    if (all === null || /[\u0000-\u0009\u000b-\u001f]/.test(all))
        wrong('it is too long, has control characters, or is no UTF-8');
    const end = all.lastIndexOf('\n\n');
    if (end < 1 || !all.endsWith('\n'))
        wrong('no empty line parts text and signatures');
    const text = all.slice(0, end + 1), behind = all.slice(end + 2);
    const signatures = behind === '' ? [] : behind.slice(0, -1).split('\n').map(readSignature);
    const who = signatures.map(({name, id}) => `${name} ${id}`);
    if (signatures.length < 1 || signatures.length > SIGNATURES_MAX || new Set(who).size !== who.length)
        wrong('nobody signed it, too many did, or one twice');
    return {text, signatures};
}

// {time} when KEY signed it (time 0 for a log's), null when it did not; a signature that does not hold throws.
export async function noteSignedBy(note, key) {
    const found = note.signatures.find(({name, id}) => name === key.name && id === key.id);
    if (!found)
        return null;
    const timed = key.type === COSIGNATURE;
    if (found.blob.length !== (timed ? 76 : 68))
        wrong('a signature of the wrong length', 'untrusted');
    let message = note.text, time = 0;
    if (timed) {
        const seconds = new DataView(found.blob.buffer, found.blob.byteOffset + 4, 8).getBigUint64(0);
        message = `cosignature/v1\ntime ${seconds}\n${note.text}`;
        if (seconds === 0n || seconds >= 1n << 63n || utf8Length(message) > MESSAGE_MAX)
            wrong('the time of a cosignature is none', 'untrusted');
        time = Number(seconds);
    }
    if (!await ed25519Holds(key.pub, found.blob.subarray(-64), utf8(message)))
        wrong('a signature that does not hold', 'untrusted');
    return {time};
}

// {origin, size, root}: exactly three lines, nothing may hide in more.
export function readCheckpoint(text) {
    const lines = text.split('\n');
    const [origin, size, root] = lines, number = readNumber(size ?? ''), hash = base64(root ?? '');
    if (lines.length !== 4 || lines[3] !== '' || !isName(origin) || number === null || hash?.length !== 32)
        wrong('not a checkpoint');
    return {origin, size: number, root: hash};
}

// A checkpoint of the log that LOG is the key of, and signed by it.
export async function openCheckpoint(raw, log) {
    const note = readNote(raw), checkpoint = readCheckpoint(note.text);
    if (checkpoint.origin !== log.name || !await noteSignedBy(note, log))
        wrong('this log did not sign it', 'untrusted');
    return {note, checkpoint};
}
