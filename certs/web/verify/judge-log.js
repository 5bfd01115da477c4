// SPDX-License-Identifier: Apache-2.0
// Is it in the log of its bench, seen by witnesses? The entry must be the one that this very JWT makes, under
// a checkpoint that the log's pinned key signed. A proof that is missing or not witnessed enough only lowers
// the level; one that is wrong makes the certificate invalid.
import {equal, fromLatin1, sha256, toBase64, toBase64url} from './bytes.js';
import {Refused} from './refused.js';
import {parseTime} from './text.js';
import {readEntry} from './tlog/entry.js';
import {ED25519, hasEd25519, readKey} from './tlog/key.js';
import {openCheckpoint} from './tlog/note.js';
import {checkQuorum} from './tlog/policy.js';
import {includes, leafHash, readProof} from './tlog/proof.js';
import {CERTIFICATE, SKEW_MS} from './words.js';

const AGE_MAX_DEFAULT = 7 * 24 * 60 * 60;
const SKEW_S = SKEW_MS / 1000;

class LogJudging {
    constructor({bundle, policy, jwt, report}) {
        Object.assign(this, {bundle, policy, jwt, report, claim: report.claims.log});
    }

    bad(code, text) {
        return this.report.check('log', 'invalid', code, text);
    }

    open(code, text) {
        return this.report.check('log', 'remark', code, text);
    }

    // In seconds; 0 when it never began.
    get started() {
        const {started} = this.report.claims.times;
        return started === undefined ? 0 : Math.floor(parseTime(started) / 1000);
    }

    // What the claim says of itself, with or without a proof.
    judgeClaim() {
        const {claim, started} = this, before = claim.not_before;
        if (before && before.size > claim.start_index)
            this.bad('log-order');
        if (before && started > 0 && before.time > started + SKEW_S)
            this.bad('log-time');
        this.report.rollback = claim.rollback;
        if (claim.rollback === 'not-excluded')
            this.report.add('remark', 'rollback');
    }

    // Of the keys that the user pinned, the one of ORIGIN: from the policy, alone, or from a trust list.
    async findKey(origin) {
        const {organisation} = this.report.chain, {policy} = this;
        const listed = policy.trust.vkeys.filter((pin) => pin.organisation === organisation).map(({vkey}) => vkey);
        const given = await Promise.all([...(policy.logKeys ?? []), ...listed].map(readKey));
        const all = [...(policy.logPolicy?.logs ?? []).map(({key}) => key), ...given.filter(Boolean)];
        return all.find((key) => key.type === ED25519 && key.name === origin) ?? null;
    }

    // The log is the one that the organisation's root gave this bench, and its key is known.
    async judgeOrigin() {
        const pinned = this.report.chain.logOrigin, origin = this.claim?.origin;
        if (!this.claim)
            return this.open('log-none');
        if (!pinned)
            return this.open('log-unpinned');
        if (pinned !== origin)
            return this.bad('log-origin');
        this.key = await this.findKey(origin);
        return this.key ? true : this.open('log-key', origin);
    }

    async judgeEntry() {
        const {claims} = this.report;
        const entry = this.proof.entry === null ? null : readEntry(this.proof.entry);
        if (!entry)
            return this.bad('proof-format');
        const hash = toBase64url(await sha256(fromLatin1(this.jwt.jwt)));
        const same = entry.k === (claims.vct === CERTIFICATE ? 'cert' : 'fail') && entry.n === claims.jti && entry.j === claims.job &&
            entry.o === claims.outcome && entry.t === claims.iat && entry.h === hash;
        this.leaf = await leafHash(this.proof.entry);
        return same ? true : this.bad('proof-other');
    }

    async judgeInclusion() {
        try {
            const {note, checkpoint} = await openCheckpoint(this.proof.note, this.key);
            if (!await includes(this.proof, checkpoint.size, this.leaf, checkpoint.root))
                return this.bad('proof');
            this.checkpoint = checkpoint;
            this.quorum = this.policy.logPolicy
                ? await checkQuorum(this.policy.logPolicy, note, Math.floor(this.policy.now / 1000)) : {met: false, n: 0, notAfter: 0};
        } catch (error) {
            if (!(error instanceof Refused))
                throw error;
            return this.bad('proof', error.message);
        }
        return this.claim.start_index >= this.proof.index ? this.bad('log-order') : true;
    }

    // A checkpoint that was kept is the same log at the same size, or somebody shows two logs.
    async judgeSeen() {
        if (!this.policy.seen)
            return {checkpoint: null, time: 0};
        try {
            const {note, checkpoint} = await openCheckpoint(this.policy.seen, this.key);
            let time = 0;
            if (this.policy.logPolicy)
                time = await checkQuorum(this.policy.logPolicy, note, Math.floor(this.policy.now / 1000)).then((q) => q.notAfter, () => 0);
            if (checkpoint.size === this.checkpoint.size && !equal(checkpoint.root, this.checkpoint.root))
                this.bad('log-fork', String(checkpoint.size));
            return {checkpoint, time};
        } catch (error) {
            if (!(error instanceof Refused))
                throw error;
            this.report.add('remark', 'seen', error.message);
            return {checkpoint: null, time: 0};
        }
    }

    // The job began after the checkpoint that its start names, as far as that is at hand and young.
    judgeBracket({checkpoint, time}) {
        const before = this.claim.not_before, limit = this.policy.notBeforeAge || AGE_MAX_DEFAULT;
        if (!before)
            return;
        if (this.started > before.time && this.started - before.time > limit)
            this.report.add('remark', 'not-before-old', String(Math.floor((this.started - before.time) / 86400)));
        else if (time > 0 && checkpoint.size === before.size && toBase64(checkpoint.root) === before.root)
            this.report.provenNotBefore = time * 1000;
    }

    // Enough of those whom the user believes have seen it, and when.
    judgeWitnesses() {
        const {quorum, report} = this;
        if (!this.policy.logPolicy || this.policy.logPolicy.quorumNone)
            return this.open('unwitnessed');
        if (!quorum.met || quorum.notAfter === 0)
            return this.open('quorum', String(quorum.n));
        const seen = quorum.notAfter * 1000;
        if (report.claims.iat * 1000 > seen + SKEW_MS)
            return this.bad('log-time');
        report.provenNotAfter = seen;
        return seen > report.chain.notAfter ? this.open('witnessed-late') : true;
    }

    async judgeProof() {
        try {
            this.proof = readProof(this.bundle.proof);
            return await this.judgeEntry() && await this.judgeOrigin() && await this.judgeInclusion();
        } catch (error) {
            if (error instanceof Refused && error.code === 'proof-format')
                return this.bad('proof-format', error.message);
            throw error;
        }
    }
}

export async function judgeLog(judging) {
    const {report, bundle} = judging, l = new LogJudging(judging);
    if (l.claim)
        l.judgeClaim();
    if (!bundle.proof || report.checks.path.state !== 'ok')
        return;
    // A proof that this browser can't check is not a proof that holds.
    if (!await hasEd25519()) {
        report.check('log', 'undetermined', 'browser', 'Ed25519');
        return;
    }
    if (await l.judgeProof()) {
        l.judgeBracket(await l.judgeSeen());
        if (l.judgeWitnesses())
            report.hold('log');
    }
}
