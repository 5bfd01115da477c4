// SPDX-License-Identifier: Apache-2.0
// The report, as lethe_certificate_report_to_json() writes it. Everything found is named; the worst decides
// the verdict and stands first.
import {formatTime} from './text.js';
import {HIDEABLE} from './words.js';

const REASONS_MAX = 24;
const BADNESS = {remark: 0, undetermined: 1, invalid: 2};

export class Report {
    constructor() {
        Object.assign(this, {verdict: 'valid', level: -1, reasons: [], claims: null, said: null, chain: null, rollback: '',
            provenNotBefore: 0, provenNotAfter: 0, hidden: {claims: 0, custom: 0, identifiers: 0}});
        this.checks = {};
        for (const name of ['signature', 'path', 'status', 'log', 'carrier'])
            this.checks[name] = {state: 'none'};
    }

    // WEIGHT: 'invalid', 'undetermined', 'remark'.
    add(weight, code, text = '') {
        if (BADNESS[weight] > BADNESS[this.verdict === 'valid' ? 'remark' : this.verdict])
            this.verdict = weight;
        let at = this.reasons.length;
        while (at > 0 && BADNESS[this.reasons[at - 1].weight] < BADNESS[weight])
            at--;
        this.reasons.splice(at, 0, {code, weight, text});
        this.reasons.length = Math.min(this.reasons.length, REASONS_MAX);
    }

    // The same, and the check NAME says so too. False, so that a check can end with it.
    check(name, weight, code, text = '') {
        this.add(weight, code, text);
        const check = this.checks[name];
        if (check.state !== 'bad') // the first thing wrong is said, and nothing makes it right again
            Object.assign(check, {state: weight === 'invalid' ? 'bad' : 'open', code, text});
        return false;
    }

    hold(name) {
        if (this.checks[name].state === 'none')
            this.checks[name].state = 'ok';
    }

    // Digests have no names: how many claims are withheld of each sort is certain, which ones is not.
    withheld() {
        const {claims, custom, identifiers} = this.hidden;
        const absent = claims > 0 ? HIDEABLE.filter((name) => this.claims[name] === undefined) : [];
        return {claims, custom, identifiers, absent};
    }

    toJson() {
        const time = (ms) => (ms > 0 ? formatTime(ms) : null), {chain, hidden} = this;
        return {
            verdict: this.verdict,
            level: this.level < 0 ? null : `L${this.level}`,
            reasons: this.reasons,
            checks: this.checks,
            proven: {not_before: time(this.provenNotBefore), not_after: time(this.provenNotAfter)},
            ...(this.rollback ? {rollback: this.rollback} : {}),
            issuer: chain?.leafSha256 ? {organisation: chain.organisation, bench: chain.bench, certificate: chain.leafSha256,
                not_before: formatTime(chain.notBefore), not_after: formatTime(chain.notAfter)} : null,
            hidden: hidden.claims + hidden.custom + hidden.identifiers,
            withheld: this.claims ? this.withheld() : {...hidden, absent: []},
            claims: this.said ?? this.claims,
        };
    }
}
