// SPDX-License-Identifier: Apache-2.0
// One claim of each valid example changed, and signed again by a good key: another technique, bus, medium, method,
// command, family, outcome, count or order. None is valid, by either verifier, but for the changes that can't contradict
// anything: those are listed here, each with its reason, and no other.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {certificate} from './issue.mjs';
import {Oracle, agree, b64, load, ours, pem, readExample, readJson} from './support.mjs';

const {TECHNIQUES} = await load('techniques.js');
const words = await load('words.js');
const oracle = new Oracle();
after(() => oracle.end());
const trust = [pem('root')];

const COMMANDS = [
    'ATA B4 feature 0011 count 0000 lba 000043727970', 'ATA B4 feature 0012 count 0000 lba 0000426B4572', 'ATA B4 feature 0014 count 0001 lba 4F5700000000',
    'ATA F4 SECURITY ERASE UNIT', 'ATA F4 SECURITY ERASE UNIT, enhanced', 'SCSI 48810000000000000800', 'SCSI 48820000000000000000', 'SCSI 48830000000000000000',
    'SCSI 041000000000', ...['8402', '8403', '8404'].map((code) => `NVMe ${code.slice(0, 2)}${'0'.repeat(78)}${code.slice(2)}${'0'.repeat(46)}`),
    ...['02', '04'].map((ses) => `NVMe 80${'0'.repeat(78)}00${ses}${'0'.repeat(44)}`), 'MMC CMD38 00000000', 'MMC CMD6 03A50100', 'Revert',
];

// The path of every member below AT, which is at PATH, whose value is WANTED.
function* members(at, wanted, path) {
    for (const [key, value] of Object.entries(at)) {
        if (wanted(value))
            yield `${path}.${key}`;
        if (typeof value === 'object')
            yield* members(value, wanted, `${path}.${key}`);
    }
}
const get = (claims, path) => path.split('.').reduce((at, key) => at?.[key], claims);
function put(claims, path, value) {
    const keys = path.split('.'), last = keys.pop(), holder = keys.reduce((at, key) => at?.[key], claims);
    if (value === undefined)
        delete holder[last];
    else
        holder[last] = value;
}

const MODES = ['normal', 'closed', 'ptp', 'recovery', 'fastboot', 'sideload', 'rescue'];
const ANSWERS = ['yes', 'no', 'unknown', 'other', 'same', 'opened', 'absent', 'unauthorized', 'normal', '0', '1', '7', '200000', '999999999'];
const WHYS = ['its old trust is gone, it is in its setup, and its memory tells of the erasure',
    'it said that it erased itself, left, and came back without the key that it knew before', 'the user storage was filled, and every sample read back as it was written'];
// What may stand at a path.
const CHOICES = {
    'technique.kind': words.TECHNIQUE_KINDS, 'technique.commands': [undefined, []], 'device.bus': words.BUSES, 'device.media': words.MEDIAS, 'device.class': words.CLASSES,
    method: words.METHODS, 'policy.method': words.METHODS, outcome: words.OUTCOMES, 'phone.family': words.FAMILIES, 'phone.encryption': words.ENCRYPTIONS,
};
const MORE_CHOICES = {
    substrate: words.SUBSTRATES, vct: [words.RECORD], 'technique.observed': [undefined, false], 'verification.mode': words.MODES, 'verification.expected': [undefined, ...words.EXPECTED],
    'profile.test_status': words.TEST_STATUSES, 'phone.esim': words.ESIMS, 'phone.sd_card': words.ANSWERS, 'times.ended': ['2026-11-23T00:10:05Z', '2026-11-23T00:11:00Z'],
};
const PHONE_CHOICES = {
    'device.vendor': ['', 'Apple', 'Google'], 'policy.id': ['nist-800-88r2-clear', 'my-gb-46864'], 'policy.title': ['NIST SP 800-88', 'GB 46864-2025'],
};

function* chosen(claims, all) {
    for (const [path, choices] of Object.entries(all))
        if (get(claims, path.split('.')[0]) !== undefined)
            yield* choices.map((value) => [`${path}=${value}`, path, value]);
}

// A command of other bits, other words, or cut short.
function* spellings(command) {
    for (let k = 0; k < command.length; k++)
        if (/[0-9A-Fa-f]/.test(command[k]) && (k < 40 || k % 8 === 0 || command[k] !== '0'))
            yield [`bits ${k}`, command.slice(0, k) + (parseInt(command[k], 16) ^ 1).toString(16).toUpperCase() + command.slice(k + 1)];
    yield* [['cut', command.slice(0, -1)], ['more', `${command}0`], ['refused', `${command}: refused`], ['other', 'ATA EC IDENTIFY DEVICE']];
}

// [what, path, value]: what it is, what was done to it and how, in which order.
function* erasures(claims) {
    const at = (path) => get(claims, path), drive = claims.phone === undefined;
    yield* chosen(claims, CHOICES);
    for (const {name, kind, part} of TECHNIQUES.values())
        if (!part === drive) // by its kind, too: else it is no such thing, and that is all
            yield [`technique.name=${name}`, 'technique', {...claims.technique, name, kind}];
    for (const [i, command] of COMMANDS.entries())
        if (drive || i === 0)
            yield i % 2 ? [`technique.commands=${command}`, 'technique.commands', [command]]
                : [`technique.commands+=${command}`, 'technique.commands', [...at('technique.commands') ?? [], command]];
    for (const path of ['technique.chain', 'technique.commands', 'technique.passes', 'verification.state', 'phone.returns'].filter(at)) {
        const list = at(path);
        yield [`${path} reversed`, path, [...list].reverse()];
        yield [`${path} turned`, path, [...list.slice(1), ...list.slice(0, 1)]];
        for (const i of list.keys()) {
            yield [`${path} without ${i}`, path, list.filter((_, k) => k !== i)];
            yield [`${path} twice ${i}`, path, [...list.slice(0, i), list[i], ...list.slice(i)]];
        }
    }
    for (const [i, command] of (at('technique.commands') ?? []).entries())
        for (const [what, changed] of spellings(command))
            yield [`technique.commands.${i} ${what}`, 'technique.commands', at('technique.commands').with(i, changed)];
    for (const [i, {answers}] of (at('verification.state') ?? []).entries()) {
        yield* words.GRADES.map((grade) => [`verification.state.${i}.grade=${grade}`, `verification.state.${i}.grade`, grade]);
        const path = `verification.state.${i}.answers`;
        for (const [k, one] of answers.entries()) {
            const [key] = one.split(': ');
            yield [`${path} without ${one}`, path, answers.filter((_, j) => j !== k)];
            yield [`${path} bare ${one}`, path, answers.with(k, key)];
            yield* ANSWERS.map((other) => [`${path} ${one} is ${other}`, path, answers.with(k, `${key}: ${other}`)]);
            yield* ['yes', '0'].map((other) => [`${path} ${one} and ${other}`, path, [...answers, `${key}: ${other}`]]);
        }
        for (const more of ['serial: other', 'state.frp: yes', 'state.accounts: 3', 'canaries.standing: 8', 'samples.of: 1', 'samples.differ: 3', 'after.activation_lock: yes', 'old_session: opened', 'quiet_ms: 999999999'])
            yield [`${path} and ${more}`, path, [...answers, more]];
        for (const why of ['', 'its key is new', 'it came back with its owner’s data', ...WHYS])
            yield [`verification.state.${i}.why=${why}`, `verification.state.${i}.why`, why];
    }
    for (const i of (at('phone.returns') ?? []).keys())
        yield* MODES.map((mode) => [`phone.returns.${i}.mode=${mode}`, `phone.returns.${i}.mode`, mode]);
}

// Every count, truth and lock, and what else is a word.
function* counts(claims) {
    const at = (path) => get(claims, path);
    yield* chosen(claims, MORE_CHOICES);
    if (claims.phone)
        yield* chosen(claims, PHONE_CHOICES);
    yield ['technique.name=later-erase', 'technique.name', 'later-erase'];
    for (const part of ['device', 'technique', 'verification', 'exceptions', 'interruptions', 'phone'])
        for (const path of members(at(part) ?? {}, Number.isInteger, part))
            for (const [sign, value] of [['=0', 0], ['+1', at(path) + 1], ['-1', at(path) - 1]])
                if (value >= 0)
                    yield [`${path}${sign}`, path, value];
    for (const part of ['technique', 'verification', 'exceptions', 'policy', 'profile', 'phone'])
        for (const path of members(at(part) ?? {}, (value) => typeof value === 'boolean', part))
            yield [`!${path}`, path, !at(path)];
    for (const path of ['verification.statement', 'policy.statement'].filter(at))
        for (const words of ['Every cell was overwritten and read back.', 'By the word of a person.', 'NOT sanitised.', 'Purged by policy x of 2026-11-23.', `${at(path)} `, at(path).replace(/[0-9]/, '7')])
            yield [`${path}=${words}`, path, words];
    for (const [i, one] of at('limitations').entries())
        yield [`limitations without ${one}`, 'limitations', at('limitations').filter((_, k) => k !== i)];
    for (const path of members(at('phone.locks') ?? {}, () => true, 'phone.locks'))
        yield* words.ANSWERS.map((answer) => [`${path}=${answer}`, path, answer]);
}

const NEEDED = {'scsi-sanitize-overwrite': 'SCSI 48810000000000000800', 'tcg-psid-revert': 'Revert'};
// Without the digits that a spelling leaves open.
const open = (command) => command.replace(/ count \S+/g, '').replace(/( lba 4F57)\S{8}$/, '$1').replace(/(SCSI parameters ).{16}/g, '$1')
    .replace(/(MMC CMD36 ).{8}( \(boot0)/, '$1$2').replace(/^(NVMe 80.{6}).{8}(.{64})..(.)./, '$1$2$3').replace(/^(NVMe 84.{78})../, '$1');

// What can't contradict anything, and why. WHERE: of these examples only.
const HARMLESS = [
    {what: /^device\.bus=/, where: ({technique}, bus) => TECHNIQUES.get(technique.name).buses?.includes(bus) ?? true,
        why: 'of the buses that a technique runs on nothing tells which it was; a host overwrites on any'},
    {what: /^device\.media=unknown$/, where: ({method, phone}) => phone || method === 'clear', why: 'less is told than is known, and no more claimed than may be of it'},
    {what: /^device\.media=(flash|magnetic)$/, where: ({technique, method, phone}, media) => !phone && words.METHODS.indexOf(method) <= words.METHODS.indexOf(TECHNIQUES.get(technique.name).most[media]), why: 'only the device says what it is made of; the technique erases both, and claims no more than of the other'},
    {what: /^device\.class=unknown$/, where: ({phone}) => !phone, why: 'less is told than is known'},
    {what: /^device\.class=(phone|tablet)$/, where: ({phone}) => phone, why: 'nothing else tells a tablet from a phone: both are erased alike'},
    {what: /^device\.physical_block/, where: ({phone}) => !phone, why: 'nothing is counted in them'},
    {what: /^verification\.expected=(undefined|pattern|uniform)$/, where: ({technique, phone}) => !phone && (technique.followed_by || TECHNIQUES.get(technique.name).kind !== 'crypto-erase'),
        why: 'the maker knows what his drive leaves, and the issuer may know it, too; the default is pattern'},
    {what: /^verification\.(confidence|fraction)_ppm[+-]1$/, why: 'another statement that the same sample carries: the number of samples is compared with it'},
    {what: /^verification\.(confidence|fraction)_ppm=0$|^verification\.mode=confidence$/, where: ({verification}) => verification.coverage_ppm === 1000000, why: 'everything was read: a full one has no confidence, and carries any'},
    {what: /^verification\.coverage_ppm[+-]1$/, why: 'rounded by whoever issues it'},
    {what: /^verification\.excepted\+1$|^exceptions\.ranges\.0\.(0[=+-][01]|1-1)$/, where: ({exceptions}) => exceptions.sectors > 0,
        why: 'which sectors were lost only the exceptions tell: as many, elsewhere; a part of a sector is a sector'},
    {what: /^policy\.method=(clear|purge)$/, why: 'a policy may ask for less than was achieved; what it asks for is in the file of its hash'},
    {what: /^method=purge$/, where: ({technique}) => !technique.passes, why: 'the policy asks for less, and the technique is as much'},
    {what: /^!(policy\.exceptions_allowed|policy\.read_in_full|profile\.accepted_untested)$/, why: 'of the policy or for it, and nothing that this job needed or did not get'},
    {what: /^profile\.test_status=(reported|tested)$/, why: 'what is known of a profile is in the file of its hash; the policy accepts it'},
    {what: /^technique\.passes twice/, why: 'more was written than the policy asks for'},
    {what: /^technique\.commands=(undefined)?$/, where: ({technique, phone}) => phone || technique.passes, why: 'a host that writes, and a phone, list none'},
    {what: /^policy\.statement=|^limitations without/, where: ({phone}) => !phone, why: 'the issuer’s own words: of a drive no verifier repeats the one, nor the other but as his'},
    {what: /^technique\.commands/, where: ({phone}) => phone, why: 'what was said to a phone is not told'},
    {what: /^technique\.commands(\.\d+ bits |=)/, where: ({technique: {commands: [is]}}, value) => value?.length === 1 && open(value[0]) === open(is),
        why: 'how often and with what it overwrites, which of its own bits beside the action'},
    {what: /^technique\.commands/, where: ({technique: {commands}}, value) => ['SCSI', 'NVMe', 'MMC'].includes(value?.[0]?.split(' ')[0]) && open(value.join()) === open(commands.join()),
        why: 'what namespace, how large a boot area, with what it overwrites: only the command tells'},
    {what: /^technique\.commands/, where: ({technique: {name}}, value) => ['scsi-sanitize-overwrite', 'tcg-psid-revert'].includes(name) && value?.includes(NEEDED[name]),
        why: 'sent once more to be answered at its end, after a failure that was left, with or without its parameters; an Enterprise drive is asked twice, others are not'},
    {what: /^times\.ended=/, where: ({phone, technique, verification}, ended) => !phone && (!ended.endsWith('10:05Z') || (verification.coverage_ppm < 1000 && !technique.passes && !/-sanitize-overwrite$/.test(technique.name))),
        why: 'what a device does to itself may be over at once, and no disk is faster than 64 GB/s'},
    {what: /^phone\.returns\.\d\.away_ms/, why: 'how long it was away only this tells'},
    {what: /^phone\.returns\.\d\.mode=(normal|closed|ptp)$/, why: 'one of the modes it comes back in; it may change before it is asked'},
    {what: /^phone\.locks\.supervised=|^phone\.locks\.passcode=/, why: 'no hindrance to its erasure, but a passcode to a test harness'},
    {what: /^phone\.locks\..*=(no|unknown)$/, why: 'said of a lock that such a phone does not have, or that another one answers for'},
    {what: /^phone\.locks\..*=yes$/, where: ({phone}) => phone.for_destruction, why: 'of a lot for destruction'},
    {what: /^phone\.encryption=/, where: ({technique}) => technique.kind !== 'crypto-erase', why: 'no key is claimed to have been destroyed'},
    {what: /^verification\.state\.\d\.answers without /, why: 'an answer beside those that show the erasure'},
    {what: /^verification\.state\.\d\.answers (canaries\.checked|quiet_ms): \d+ is|answers (state\.frp: no|after\.activation_lock: no) is unknown$/, where: ({phone: {family}}, value) => family !== 'ios' || !value,
        why: 'as many marks, or as long, or not known: no less is shown'},
    {what: /^verification\.state\.\d\.answers after\.activation_lock: (no|unknown) is yes$/, where: ({phone}) => phone.for_destruction, why: 'of a lot for destruction, and locked before'},
    {what: /^phone\.sd_card=unknown$/, where: ({phone}) => phone.family === 'ios', why: 'no Apple device has one, and none is asked for it'},
    {what: /^device\.vendor=$/, where: ({phone}) => phone.family !== 'ios', why: 'less is told than is known'},
    {what: /^policy\.title=NIST/, why: 'the issuer’s own words'},
].map((one) => ({where: () => true, ...one}));

// One of each, [file, claims, changes]: others differ in what they disclose, or in words; each sort of counts once.
async function* originals() {
    const erased = new Set(), counted = new Set();
    const first = (seen, ...sort) => seen.size < seen.add(JSON.stringify(sort)).size;
    for (const {file, verdict} of readJson('index.json').examples) {
        if (verdict !== 'valid')
            continue;
        const {claims} = await ours({certificate_b64: b64(readExample(file).toString().trim()), trust});
        const {technique, verification: {mode, expected, withheld}, exceptions: {sectors}, phone} = claims, known = TECHNIQUES.get(technique.name);
        if (first(erased, technique, phone?.for_destruction))
            yield [file, claims, erasures(claims)];
        if (first(counted, known.host, known.part, technique.chain, mode, expected, withheld, sectors, phone?.for_destruction, phone?.locks))
            yield [file, claims, counts(claims)];
    }
}

test('one claim changed', async () => {
    const used = new Set(), believed = [];
    let lies = 0;
    for await (const [file, claims, changes] of originals())
        for (const [what, path, value] of changes) {
            const lie = structuredClone(claims);
            put(lie, path, value);
            if (JSON.stringify(lie) === JSON.stringify(claims))
                continue;
            lies++;
            const {verdict} = await agree(oracle, {certificate_b64: b64(certificate(lie, 'bench')), trust}, `${file} ${what}`);
            if (verdict !== 'valid')
                continue;
            const harmless = HARMLESS.find((one) => one.what.test(what) && one.where(claims, value));
            if (harmless)
                used.add(harmless);
            else
                believed.push(`${file} with ${what}`);
        }
    assert.deepEqual(believed, [], 'valid, and should not be');
    assert.ok(lies > 3500, `${lies}`);
    assert.deepEqual(HARMLESS.filter((one) => !used.has(one)).map(({what}) => `${what}`), [], 'listed, and met nowhere');
});
