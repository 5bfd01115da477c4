// SPDX-License-Identifier: Apache-2.0
// The report, for people: drawn from verified JSON only, never from the page of a PDF.
import {el, sign} from './dom.js';
import {binds} from './verify/binding.js';
import {formatTime, parseTime} from './verify/text.js';

class Drawing {
    constructor(words, report, device) {
        Object.assign(this, {words, report, device, claims: report.claims ?? {}});
        this.numbers = new Intl.NumberFormat(words.lang);
    }

    word(value) {
        return this.words.word[value] ?? String(value);
    }

    yesNo(value) {
        return value === undefined ? undefined : this.words.word[value ? 'yes' : 'no'];
    }

    number(value) {
        return value === undefined ? undefined : this.numbers.format(value);
    }

    bytes(value) {
        const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
        let n = value, unit = 0;
        for (; n >= 1000 && unit < units.length - 1; unit++)
            n /= 1000;
        return `${new Intl.NumberFormat(this.words.lang, {maximumFractionDigits: 1}).format(n)} ${units[unit]}`;
    }

    percent(ppm) {
        return ppm === undefined ? undefined
            : new Intl.NumberFormat(this.words.lang, {style: 'percent', maximumFractionDigits: 4}).format(ppm / 1e6);
    }

    // TEXT: as claims have it.
    time(text) {
        const ms = typeof text === 'string' ? parseTime(text) : null;
        if (ms === null)
            return text;
        const shown = new Intl.DateTimeFormat(this.words.lang, {dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC'}).format(ms);
        return el('time', {datetime: text}, `${shown} UTC`);
    }

    duration(from, to) {
        const start = parseTime(from ?? ''), end = parseTime(to ?? '');
        if (start === null || end === null || end < start)
            return undefined;
        const s = Math.round((end - start) / 1000), unit = (n, name) => new Intl.NumberFormat(this.words.lang, {style: 'unit', unit: name, unitDisplay: 'long'}).format(n);
        return [s >= 3600 ? unit(Math.floor(s / 3600), 'hour') : '', s >= 60 ? unit(Math.floor(s / 60) % 60, 'minute') : '', s < 60 ? unit(s, 'second') : '']
            .filter(Boolean).join(' ');
    }

    // Rows of [key of words.field, value...]; what is missing is left out.
    list(rows) {
        const there = rows.filter(([, value]) => value !== undefined && value !== null && value !== '');
        return el('dl', {}, there.map(([key, ...values]) => el('div', {}, el('dt', {}, this.words.field[key] ?? key), el('dd', {}, values))));
    }

    card(name, ...children) {
        return el('section', {class: 'card', 'aria-label': this.words.section[name]}, el('h2', {}, this.words.section[name]), children);
    }

    small(text) {
        return el('span', {class: 'small'}, text);
    }

    banner() {
        const {words, report} = this, {verdict, level} = report;
        const matched = verdict === 'valid' && this.device !== '';
        const record = verdict === 'undetermined' && report.reasons.some(({code}) => code === 'record-only');
        const says = words.verdictSays[matched ? 'validMatched' : record ? 'record' : verdict];
        return el('div', {class: `banner ${verdict}`, 'data-verdict': verdict}, sign(verdict),
            el('h2', {class: 'word', id: 'verdict'}, words.verdict[verdict]), el('p', {}, says),
            el('div', {class: 'chips'}, el('span', {class: 'chip', 'data-level': level ?? ''}, level ?? words.levelNone),
                matched ? el('span', {class: 'chip'}, words.matched) : null,
                verdict === 'valid' && !matched ? el('span', {class: 'chip'}, words.matchAsk) : null));
    }

    reasons(title, some) {
        if (some.length === 0)
            return null;
        const item = ({code, weight, text}) => el('li', {'data-code': code}, sign(weight, true),
            el('div', {}, this.words.codes[code] ?? code, ' ', el('code', {}, text && text !== code ? `${code}: ${text}` : code)));
        return el('section', {class: 'card', 'aria-label': title}, el('h2', {}, title), el('ul', {class: 'reasons'}, some.map(item)));
    }

    identifier(item) {
        const {claims, words} = this;
        return [item.kind, el('span', {class: 'mono'}, item.value),
            this.small(`${this.word(item.source)}, ${binds(claims, item) ? words.binds : words.weak}`)];
    }

    // What only phones have: nobody could count their blocks.
    phoneRows() {
        const {phone} = this.claims, {words} = this;
        if (!phone)
            return [];
        const locks = Object.entries(phone.locks ?? {}).filter(([, answer]) => answer !== 'no');
        return [['encryption', phone.encryption && this.word(phone.encryption)],
            ['locks', locks.length ? locks.map(([name, answer]) => el('div', {}, `${name}: ${words.lock[answer] ?? answer}`)) : words.word.none],
            ['forDestruction', phone.for_destruction ? words.word.yes : undefined], ['esim', phone.esim && this.word(phone.esim)],
            ['sdCard', phone.sd_card && this.word(phone.sd_card)]];
    }

    deviceCard() {
        const {device: d = {}, identifiers = [], health, phone} = this.claims, sized = d.capacity !== undefined && !phone;
        const rows = [['model', [d.vendor, d.model].filter(Boolean).join(' ')], ['capacity', sized ? this.bytes(d.capacity) : undefined,
            sized ? this.small(`${this.number(d.capacity)} B`) : null], ...this.phoneRows(),
        ['media', d.media === undefined ? undefined : `${this.word(d.media)} · ${d.bus}`], ['firmware', d.firmware], ['bridge', d.bridge],
        ['substrate', this.claims.substrate === undefined ? undefined : this.word(this.claims.substrate)],
        ['health', health && this.word(health.condition), health?.hours === undefined ? null : this.small(`${this.number(health.hours)} h`)]];
        const ids = identifiers.map((item) => {
            const [kind, ...rest] = this.identifier(item);
            return [this.word(kind), ...rest];
        });
        return this.card('device', this.list([...ids, ...rows]));
    }

    passes(list = []) {
        return list.map(({pattern, bytes, errors}) => el('div', {}, this.words.passText(pattern, this.bytes(bytes), errors)));
    }

    erasureCard() {
        const {outcome, method, technique: t = {}, times = {}, policy = {}, profile, exceptions, interruptions, reasons = [], iat} = this.claims;
        const passes = this.passes(t.passes), followed = this.passes(t.followed_by?.passes), {filled, chain = []} = t;
        return this.card('erasure', this.list([
            ['outcome', outcome && this.word(outcome)],
            ['method', method && this.word(method), method ? this.small(this.words.methodSays[method] ?? '') : null],
            ['technique', t.kind && this.word(t.kind), t.name ? this.small(t.name) : null],
            ['chain', chain.length > 1 ? chain.join(', ') : undefined],
            ['filled', filled && this.words.filledText(this.bytes(filled.bytes), this.number(filled.samples), this.number(filled.mismatches))],
            ['passes', passes.length ? passes : undefined], ['observed', this.yesNo(t.observed)],
            ['commands', t.commands?.length ? t.commands.map((one) => el('div', {class: 'mono'}, one)) : undefined],
            ['followedBy', followed.length ? followed : undefined],
            ['policy', policy.title ?? policy.id, policy.title ? this.small(policy.id) : null], ['met', this.yesNo(policy.met)],
            ['demonstrable', policy.demonstrable === false ? this.words.word.no : undefined],
            ['tested', profile && this.word(profile.test_status)],
            ['started', this.time(times.started)], ['ended', this.time(times.ended)], ['duration', this.duration(times.started, times.ended)],
            ['issued', iat === undefined ? undefined : this.time(formatTime(iat * 1000))],
            ['exceptions', exceptions?.sectors ? this.number(exceptions.sectors) : undefined],
            ['interruptions', interruptions?.count ? this.number(interruptions.count) : undefined],
            ['reasons', reasons.length ? reasons.map((one) => el('div', {}, one)) : undefined],
        ]));
    }

    stateRows() {
        const {verification: {state = []}, phone = {}} = this.claims, {words} = this;
        return [...state.map(({technique, grade, why, answers = []}) => [technique, words.grade[grade] ?? grade, this.small([why, ...answers].join(' · '))]),
            ['returns', phone.returns?.length ? phone.returns.map(({after, mode, away_ms}) =>
                el('div', {}, words.returnText(after, mode, this.number(Math.round(away_ms / 1000))))) : undefined],
            ['attested', phone.attested?.statement]];
    }

    verificationCard() {
        const v = this.claims.verification;
        if (!v)
            return null;
        if (this.claims.phone)
            return this.card('verification', v.statement ? el('p', {}, v.statement) : null, this.list([
                ['mode', v.performed ? this.word(v.mode) : this.words.word.none], ...this.stateRows(), ['recheck', this.yesNo(v.identity_rechecked)]]));
        return this.card('verification', v.statement ? el('p', {}, v.statement) : null, this.list([
            ['mode', v.performed ? this.word(v.mode) : this.words.word.none], ['coverage', this.percent(v.coverage_ppm)], ['samples', this.number(v.samples)],
            ['mismatches', this.number(v.mismatches)], ['unreadable', this.number(v.unreadable)],
            ['canaries', v.canaries_written === undefined ? undefined : `${this.number(v.canaries_written)} → ${this.number(v.canaries_survived ?? 0)}`],
            ['recheck', this.yesNo(v.identity_rechecked)],
        ]));
    }

    limitsCard() {
        const {limitations} = this.claims;
        if (!limitations)
            return null;
        return this.card('limits', limitations.length ? el('ul', {class: 'plain'}, limitations.map((one) => el('li', {}, one))) : el('p', {}, this.words.noLimits));
    }

    hiddenCard() {
        const {words} = this, {claims, custom, identifiers, absent} = this.report.withheld, said = [];
        if (identifiers > 0)
            said.push(words.hiddenIdentifiers(identifiers));
        if (claims > 0)
            said.push(words.hiddenClaims(claims, absent.map((name) => words.field[name] ?? words.word[name] ?? name).join(', ')));
        if (custom > 0)
            said.push(words.hiddenCustom(custom));
        return this.card('hidden', said.length ? el('ul', {class: 'plain'}, said.map((one) => el('li', {}, one))) : el('p', {}, words.hiddenNone));
    }

    issuerCard() {
        const {claims: c, report} = this, {issuer, proven, validation} = report;
        return this.card('issuer', this.list([
            ['organisation', issuer?.organisation ?? c.organisation], ['bench', issuer?.bench ?? c.iss], ['by', c.by],
            ['fingerprint', issuer && el('span', {class: 'mono'}, issuer.certificate)],
            ['validity', issuer && [this.time(issuer.not_before), ' – ', this.time(issuer.not_after)]],
            ['operator', c.operator], ['customer', c.customer], ['asset_tag', c.asset_tag], ['lot', c.lot],
            ['validation', validation && `${validation.by} ${this.word(validation.decision)}`, validation?.note ? this.small(validation.note) : null],
            ['notBefore', proven.not_before && this.time(proven.not_before)], ['notAfter', proven.not_after && this.time(proven.not_after)],
            ['log', c.log && el('span', {class: 'mono'}, c.log.origin)],
            ['jti', c.jti && el('span', {class: 'mono'}, c.jti)], ['job', c.job && el('span', {class: 'mono'}, c.job)],
            ['certificate_sha256', c.certificate_sha256 && el('span', {class: 'mono'}, c.certificate_sha256)],
            ['tool', c.tool && `${c.tool.name} ${c.tool.version}`],
        ]));
    }

    checksCard() {
        const {words} = this, rows = Object.entries(this.report.checks).map(([name, {state}]) =>
            [words.check[name], el('span', {class: `state-${state}`}, words.check[state])]);
        return this.card('checks', this.list(rows), el('p', {class: 'small'}, words.levels));
    }

    // What an organisation says of its own accord stands apart, and in quotes.
    customCard() {
        const entries = Object.entries(this.claims.custom ?? {});
        if (entries.length === 0)
            return null;
        return this.card('custom', entries.map(([name, value]) => el('blockquote', {}, el('strong', {}, name), ': ', String(value))));
    }

    raw() {
        return el('details', {class: 'card wide'}, el('summary', {}, this.words.section.raw),
            el('pre', {tabindex: '0'}, JSON.stringify(this.report, null, 2)));
    }

    draw() {
        const {words, report} = this, {reasons} = report;
        const out = [this.banner(), this.reasons(words.why, reasons.filter(({weight}) => weight !== 'remark')),
            this.reasons(words.know, reasons.filter(({weight}) => weight === 'remark'))];
        const read = report.claims && report.issuer;
        if (read) {
            if (report.verdict !== 'valid')
                out.push(el('p', {class: 'distrust'}, words.distrust));
            out.push(el('div', {class: `cards ${report.verdict === 'valid' ? '' : 'doubt'}`}, [this.deviceCard(), this.erasureCard(),
                this.verificationCard(), this.limitsCard(), this.hiddenCard(), this.issuerCard(), this.customCard(),
                this.checksCard()].filter(Boolean)));
        } else {
            out.push(this.checksCard());
        }
        return [...out.filter(Boolean), report.claims ? this.raw() : null].filter(Boolean);
    }
}

// REPORT: what verify() made, as JSON. DEVICE: what the user typed, or ''.
export const drawReport = (words, report, device) => new Drawing(words, report, device).draw();
