// SPDX-License-Identifier: Apache-2.0
// What each claim must be (certs/README.md, "Claims"; certificate.schema.json says the same). The set is
// closed: a name of a later version can't be judged.
import {base64, fromHex, hex, utf8Length} from './bytes.js';
import {isObject} from './json.js';
import {refuse} from './refused.js';
import {parseTime} from './text.js';
import {isName} from './tlog/key.js';
import * as words from './words.js';

const STRING_MAX = 512, LIST_MAX = 128, RANGES_MAX = 64;
const type = (path) => refuse('claim-type', path);
const value = (path) => refuse('claim-value', path);

function string(v, path) {
    if (typeof v !== 'string')
        type(path);
    if (utf8Length(v) > STRING_MAX)
        value(path);
}
function name(v, path) {
    string(v, path);
    if (v === '')
        value(path);
}
function natural(v, path) {
    if (typeof v !== 'number')
        type(path);
    if (v < 0)
        value(path);
}
function ppm(v, path) {
    natural(v, path);
    if (v > 1000000)
        value(path);
}
function bool(v, path) {
    if (typeof v !== 'boolean')
        type(path);
}
// A text of which TEST holds.
const text = (test) => (v, path) => {
    if (typeof v !== 'string')
        type(path);
    if (!test(v))
        value(path);
};
const among = (list) => text((v) => list.includes(v));
const hash = text((v) => /^[0-9a-f]{64}$/.test(v));
const uuid = text((v) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(v));
const time = text((v) => parseTime(v) !== null);
const root = text((v) => base64(v)?.length === 32);

// One spelling of what a pass writes: a period is as short as it can be, "hex:00" is "zero".
const pattern = text((v) => {
    if (['zero', 'one', 'random'].includes(v) || /^~?byte:[1-9]$/.test(v))
        return true;
    const bytes = v.startsWith('hex:') ? fromHex(v.slice(4)) : null;
    if (!bytes || bytes.length < 1 || bytes.length > 8)
        return false;
    const repeats = (n) => bytes.length % n === 0 && bytes.every((byte, i) => byte === bytes[i % n]);
    const shortest = [1, 2, 3, 4, 5, 6, 7, 8].find(repeats);
    return shortest === bytes.length && v.slice(4) === hex(bytes) && !['hex:00', 'hex:ff'].includes(v);
});

function vct(v) {
    if (v !== words.CERTIFICATE && v !== words.RECORD)
        refuse('vct');
}
// Of what a later version says not all was checked: what is of another type then counts as nothing, 0, "" or false, as
// it does in the C verifier.
const fits = new Map([[natural, (v) => (typeof v === 'number' ? v : 0)], [ppm, (v) => (typeof v === 'number' ? v : 0)], [bool, (v) => v === true],
    [custom, (v) => (isObject(v) ? v : {})], [range, (v) => [0, 1].map((i) => (typeof v?.[i] === 'number' ? v[i] : 0))]]);
const fit = (check, v) => (fits.get(check) ?? ((text) => (typeof text === 'string' ? text : '')))(v);

const list = (check, max) => {
    const all = (v, path) => {
        if (!Array.isArray(v) || v.length > max)
            type(path);
        v.forEach((item) => check(item, path));
    };
    fits.set(all, (v) => (Array.isArray(v) ? v.map((item) => fit(check, item)) : []));
    return all;
};
function range(v, path) {
    if (!Array.isArray(v) || v.length !== 2)
        type(path);
    v.forEach((n) => natural(n, path));
}
function custom(v, path) {
    if (!isObject(v) || Object.keys(v).length > LIST_MAX)
        type(path);
    for (const [key, item] of Object.entries(v)) {
        if (key === '' || utf8Length(key) > 64)
            value(path);
        const short = typeof item === 'string' && utf8Length(item) <= STRING_MAX;
        if (typeof item !== 'number' && typeof item !== 'boolean' && !short)
            type(path);
    }
}

function fitObject(members, v) {
    const out = Object.create(null);
    for (const {key, check, optional} of members)
        if (!optional || v[key] !== undefined)
            out[key] = fit(check, v[key]);
    return out;
}

// SPEC: checks by name, "name?" for what may be missing, in the order in which the C verifier goes through them: so the
// first fault of several is the same one.
const object = (spec) => {
    const members = Object.entries(spec).map(([name, check]) => ({key: name.replace('?', ''), check, optional: name.endsWith('?')}));
    const all = (v, path) => checkObject(members, v, path);
    fits.set(all, (v) => fitObject(members, isObject(v) ? v : {}));
    return all;
};
function checkObject(members, v, path) {
    if (!isObject(v))
        type(path);
    const inner = (key) => (path ? `${path}.${key}` : key);
    for (const {key, check, optional} of members) {
        if (v[key] === undefined && !optional)
            refuse('claim-missing', inner(key));
        if (v[key] !== undefined)
            check(v[key], inner(key));
    }
    const other = Object.keys(v).find((key) => !members.some((member) => member.key === key));
    if (other !== undefined)
        refuse('claim-unknown', inner(other), 'unsupported');
}

const passes = list(object({pattern, bytes: natural, errors: natural}), LIST_MAX);
const technique = object({name, kind: among(words.TECHNIQUE_KINDS), 'passes?': passes, 'observed?': bool, 'commands?': list(string, LIST_MAX),
    'followed_by?': object({name, passes}), 'chain?': list(string, LIST_MAX),
    'filled?': object({bytes: natural, samples: natural, mismatches: natural})});
const state = list(object({technique: name, grade: among(words.GRADES), why: string, answers: list(string, LIST_MAX)}), LIST_MAX);
const verification = object({performed: bool, mode: among(words.MODES), 'confidence_ppm?': ppm, 'fraction_ppm?': ppm, 'subsections?': natural,
    'samples_per_subsection?': natural, 'percent_ppm?': ppm, 'block?': natural, 'blocks?': natural, 'samples?': natural, 'bytes?': natural,
    'coverage_ppm?': ppm, 'mismatches?': natural, 'first_mismatch?': natural, 'unreadable?': natural, 'excepted?': natural,
    'withheld?': natural, 'expected?': among(words.EXPECTED), 'complete?': bool, canaries_written: natural, 'canaries_checked?': natural,
    'canaries_survived?': natural, identity_rechecked: bool, 'statement?': name, 'state?': state, 'sample_commit?': hash, 'sample_key?': hash,
    'canary_commit?': hash, 'canary_key?': hash});
const policy = object({id: name, title: string, version: string, hash, method: among(words.METHODS), met: bool, 'demonstrable?': bool, read_in_full: bool,
    min_test_status: among(words.TEST_STATUSES), exceptions_allowed: bool, exceptions_max_sectors: natural, retention_years: natural, statement: string});
const device = object({class: among(words.CLASSES), bus: among(words.BUSES), media: among(words.MEDIAS), vendor: string, model: string, firmware: string,
    'bridge?': string, capacity: natural, logical_block: natural, physical_block: natural});
const health = object({condition: among(words.CONDITIONS), 'hours?': natural, 'reallocated?': natural, 'pending?': natural, 'uncorrectable?': natural,
    'media_errors?': natural, 'used_percent?': natural, 'written_bytes?': natural});
const answer = among(words.ANSWERS);
const phone = object({family: among(words.FAMILIES), encryption: among(words.ENCRYPTIONS),
    locks: object({'find-my': answer, 'activation-lock': answer, mdm: answer, supervised: answer, frp: answer, accounts: answer,
        'no-factory-reset': answer, passcode: answer}),
    for_destruction: bool, esim: among(words.ESIMS), sd_card: answer,
    returns: list(object({after: name, mode: name, away_ms: natural}), LIST_MAX),
    'attested?': object({statement: name, 'photo?': hash})});
const log = object({origin: text(isName), start_index: natural, 'not_before?': object({size: natural, root, time: natural}),
    rollback: among(['excluded', 'not-excluded'])});
const claims = object({
    vct,
    iss: name,
    iat: natural,
    jti: uuid,
    organisation: name,
    'status?': object({status_list: object({idx: natural, uri: name})}),
    job: uuid,
    plan: hash,
    outcome: among(words.OUTCOMES),
    method: among(words.METHODS),
    technique,
    verification,
    policy,
    profile: object({id: name, hash, test_status: among(words.TEST_STATUSES), evidence: string, accepted_untested: bool}),
    substrate: among(words.SUBSTRATES),
    device,
    identifiers: list(object({kind: among(words.ID_KINDS), value: name, source: among(words.ID_SOURCES)}), LIST_MAX),
    times: object({created: time, 'started?': time, ended: time}),
    tool: object({name, version: name}),
    interruptions: object({count: natural, resumed: natural}),
    exceptions: object({sectors: natural, ranges: list(range, RANGES_MAX), truncated: bool}),
    reasons: list(string, LIST_MAX),
    limitations: list(string, LIST_MAX),
    'evidence?': object({events: natural, digest: hash}),
    'health?': health,
    'phone?': phone,
    'log?': log,
    'seed_commit?': hash,
    'seed?': hash,
    'operator?': name,
    'customer?': name,
    'asset_tag?': name,
    'lot?': name,
    'custom?': custom,
});

export const checkSchema = (all) => claims(all, '');
export const fitSchema = (all) => fit(claims, all);
