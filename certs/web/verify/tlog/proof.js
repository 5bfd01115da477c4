// SPDX-License-Identifier: Apache-2.0
// An entry's place in a log (C2SP tlog-proof), and the hashes of RFC 6962 section 2.1.
import {base64, concat, equal, fromLatin1, latin1, sha256} from '../bytes.js';
import {refuse} from '../refused.js';
import {readNumber} from './note.js';

const MAGIC = 'c2sp.org/tlog-proof@v1';
const FILE_MAX = 2 * 65536, HASHES_MAX = 63;
const wrong = (why) => refuse('proof-format', why);

// {index, hashes, entry, note}: ENTRY (extra data, may be null) and NOTE are one character a byte.
export function readProof(text) {
    if (text.length > FILE_MAX)
        wrong('it is too long');
    const empty = text.indexOf('\n\n'), lines = text.slice(0, empty).split('\n');
    if (lines.shift() !== MAGIC || empty < 0)
        wrong('it does not begin as a proof');
    let entry = null;
    if (lines[0]?.startsWith('extra ')) {
        const bytes = base64(lines.shift().slice(6));
        if (!bytes || bytes.length === 0)
            wrong('the extra data is no base64');
        entry = latin1(bytes);
    }
    const line = lines.shift() ?? '', index = line.startsWith('index ') ? readNumber(line.slice(6)) : null;
    if (index === null)
        wrong('no index');
    const hashes = lines.map((one) => base64(one));
    if (hashes.length > HASHES_MAX || hashes.some((hash) => hash?.length !== 32))
        wrong('a line is no hash');
    const note = text.slice(empty + 2);
    return note === '' ? wrong('no checkpoint') : {index, hashes, entry, note};
}

export const leafHash = (entry) => sha256(concat([0], fromLatin1(entry)));
const nodeHash = (left, right) => sha256(concat([1], left, right));

// RFC 9162 section 2.1.3.2.
export async function includes({index, hashes}, size, leaf, root) {
    if (index >= size)
        return false;
    let at = BigInt(index), last = BigInt(size) - 1n, hash = leaf;
    for (const other of hashes) {
        if (last === 0n)
            return false;
        if (at & 1n || at === last) {
            hash = await nodeHash(other, hash);
            while (!(at & 1n) && at !== 0n) {
                at >>= 1n;
                last >>= 1n;
            }
        } else {
            hash = await nodeHash(hash, other);
        }
        at >>= 1n;
        last >>= 1n;
    }
    return last === 0n && equal(hash, root);
}
