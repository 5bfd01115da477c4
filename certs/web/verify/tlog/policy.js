// SPDX-License-Identifier: Apache-2.0
// Which logs and witnesses, and how many of them (C2SP tlog-policy); who of them cosigned, and what time
// that proves.
import {equal, utf8Length} from '../bytes.js';
import {refuse} from '../refused.js';
import {COSIGNATURE, ED25519, readKey} from './key.js';
import {noteSignedBy, readNumber} from './note.js';

const EACH = 32, LEN_MAX = 1 << 20, URL_MAX = 256, NAME_MAX = 160, WORDS_MAX = 3 + 2 * EACH;
const GRACE_S = 300; // clocks of honest witnesses differ

class Reading {
    constructor() {
        this.policy = {logs: [], witnesses: [], groups: [], quorum: null, quorumNone: false};
        this.taken = new Set();
        this.line = 0;
        this.quorumSeen = false;
    }

    wrong(what) {
        refuse('policy', `line ${this.line}: ${what}`);
    }

    named(name) {
        const {witnesses, groups} = this.policy;
        return [...witnesses, ...groups].find((one) => one.name === name) ?? null;
    }

    newName(name) {
        if (name === 'none' || this.named(name) || utf8Length(name) >= NAME_MAX)
            this.wrong('the name is taken, or too long');
        return name;
    }

    async key(text, type, others) {
        const key = await readKey(text);
        if (!key || key.type !== type)
            this.wrong('that is no such key');
        if (others.some((one) => equal(one.key.pub, key.pub)) || others.length === EACH)
            this.wrong('it is there already, or there are too many');
        return key;
    }

    url(text = '') {
        if (utf8Length(text) >= URL_MAX)
            this.wrong('the URL is too long');
    }

    async log(words) {
        if (words.length < 2 || words.length > 3)
            this.wrong('it is: log VKEY [URL]');
        this.url(words[2]);
        this.policy.logs.push({key: await this.key(words[1], ED25519, this.policy.logs)});
    }

    async witness(words) {
        if (words.length < 3 || words.length > 4)
            this.wrong('it is: witness NAME VKEY [URL]');
        this.url(words[3]);
        const name = this.newName(words[1]);
        this.policy.witnesses.push({name, key: await this.key(words[2], COSIGNATURE, this.policy.witnesses)});
    }

    group([, name, threshold, ...members]) {
        if (members.length === 0 || this.policy.groups.length === EACH)
            this.wrong('it is: group NAME any|all|K NAME...');
        this.newName(name);
        const k = threshold === 'any' ? 1 : threshold === 'all' ? members.length : readNumber(threshold, members.length);
        if (!k)
            this.wrong('the threshold is any, all, or from 1 to the number of members');
        const found = members.map((member) => {
            const one = this.named(member);
            if (!one || this.taken.has(one))
                this.wrong('a member is not defined above, or in a group already');
            this.taken.add(one);
            return one;
        });
        this.policy.groups.push({name, k, members: found});
    }

    quorum(words) {
        if (words.length !== 2 || this.quorumSeen)
            this.wrong('it is, once: quorum NAME|none');
        this.quorumSeen = true;
        this.policy.quorumNone = words[1] === 'none';
        this.policy.quorum = this.policy.quorumNone ? null : this.named(words[1]);
        if (!this.policy.quorumNone && !this.policy.quorum)
            this.wrong('the quorum is not defined above');
    }

    async take(line) {
        this.line++;
        if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line))
            this.wrong('a control character');
        const words = line.split(/[ \t]+/).filter(Boolean);
        if (words.length === 0 || words[0].startsWith('#'))
            return;
        if (words.length > WORDS_MAX || !['log', 'witness', 'group', 'quorum'].includes(words[0]))
            this.wrong('a line begins with log, witness, group or quorum');
        await this[words[0]](words);
    }
}

// BYTES of a policy file.
export async function readPolicy(bytes) {
    const reading = new Reading();
    if (bytes.length > LEN_MAX || bytes[bytes.length - 1] !== 0x0a)
        reading.wrong('it is too long, or its last line has no end');
    for (const line of new TextDecoder().decode(bytes).slice(0, -1).split('\n'))
        await reading.take(line);
    return reading.quorumSeen ? reading.policy : reading.wrong('it has no quorum');
}

function met(policy, cosigned) {
    if (policy.quorumNone)
        return true;
    const reached = new Set(cosigned);
    for (const group of policy.groups)
        if (group.members.filter((member) => reached.has(member)).length >= group.k)
            reached.add(group);
    return reached.has(policy.quorum);
}

// {met, n, notAfter}: notAfter is the earliest time by which those who had cosigned are a quorum (seconds,
// 0: none), not the earliest of all, about which one witness could lie. NOW in seconds.
export async function checkQuorum(policy, note, now) {
    const times = new Map();
    for (const witness of policy.witnesses) {
        const signed = await noteSignedBy(note, witness.key);
        if (signed && signed.time <= now + GRACE_S)
            times.set(witness, signed.time);
    }
    const by = (time) => [...times].filter(([, at]) => at <= time).map(([witness]) => witness);
    const enough = policy.quorumNone ? [] : [...times.values()].filter((time) => met(policy, by(time)));
    return {met: met(policy, times.keys()), n: times.size, notAfter: enough.length ? Math.min(...enough) : 0};
}
