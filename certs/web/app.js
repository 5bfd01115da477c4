// SPDX-License-Identifier: Apache-2.0
// The page: what is opened, whom the user trusts, and the report on it. Everything happens here.
import {scanWithCamera} from './camera.js';
import {el, sign} from './dom.js';
import {drawReport} from './report.js';
import {readImage} from './scan.js';
import {sniff} from './sniff.js';
import {ASKED, Store} from './store.js';
import {latin1, utf8} from './verify/bytes.js';
import {CARRIER_MAX, verify, withoutLineEnd} from './verify/carrier.js';
import en from './words/en.js';
import zh from './words/zh.js';

const LANGUAGES = {en, zh}, CERTIFICATES_MAX = 100, LANGUAGE_KEY = 'lethe-language';
const $ = (id) => document.getElementById(id);

const store = new Store();
const state = {certificates: [], at: 0, beside: [], turn: 0};
let words = en;

// ---- Words ----

const wordOf = (path) => path.split('.').reduce((at, key) => at?.[key], words);

function remember(key, value) {
    try {
        localStorage.setItem(key, value);
    } catch {
        // a browser that keeps nothing asks again
    }
}

function recall(key) {
    try {
        return localStorage.getItem(key);
    } catch {
        return null;
    }
}

function speak(language) {
    words = LANGUAGES[language];
    document.documentElement.lang = words.lang;
    document.title = `Lethe: ${words.title}`;
    for (const node of document.querySelectorAll('[data-word]'))
        node.textContent = wordOf(node.dataset.word) ?? '';
    for (const option of $('level').options)
        option.textContent = words.level[option.value];
    for (const button of document.querySelectorAll('[data-language]'))
        button.setAttribute('aria-pressed', String(button.dataset.language === language));
    $('device').placeholder = words.device.placeholder;
    say('');
    drawTrust();
    draw();
}

function say(text) {
    $('said').textContent = text;
}

// ---- The report ----

const stem = (name) => name.replace(/\.[^.]*$/, '');

// What came in a file of its own: of the only certificate, or of the one that is called the same.
function beside({name}, kind) {
    const some = state.beside.filter((one) => one.kind === kind);
    const own = state.certificates.length === 1 ? some : some.filter((one) => stem(one.name) === stem(name));
    return own[own.length - 1]?.text;
}

async function judge(certificate, policy) {
    const device = $('device').value.trim();
    const report = await verify(withoutLineEnd(certificate.bytes), {...policy, device: device || undefined, minLevel: Number($('level').value)},
        {proof: beside(certificate, 'proof'), validation: beside(certificate, 'validation')});
    certificate.report = {...report.toJson(), claims: report.claims, ...(report.validation ? {validation: report.validation} : {})};
    certificate.device = device;
}

function drawSeveral() {
    const {certificates, at} = state;
    $('several').hidden = certificates.length < 2;
    $('several').setAttribute('aria-label', words.several);
    $('several').replaceChildren(...certificates.map(({name, report}, i) => el('button',
        {type: 'button', 'aria-current': String(i === at), click: () => { state.at = i; draw(); }},
        report ? sign(report.verdict, true) : null, name, ' ', el('strong', {}, report ? words.verdict[report.verdict] : ''))));
}

function draw() {
    const current = state.certificates[state.at];
    drawSeveral();
    $('result').replaceChildren(...(current?.report ? drawReport(words, current.report, current.device) : []));
}

// Everything again: what is trusted, what is asked for or what came beside it may have changed.
async function check(show = false) {
    const turn = ++state.turn;
    const policy = await store.policy(Date.now());
    for (const certificate of state.certificates) {
        await judge(certificate, policy);
        if (turn !== state.turn)
            return; // a later question is being answered
    }
    await drawTrust();
    draw();
    if (show && state.certificates.length) {
        $('result').focus({preventScroll: true});
        $('result').scrollIntoView({block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'});
    }
}

// ---- Trust ----

async function drawEntry(entry) {
    const asked = !entry.accepted && ASKED.includes(entry.kind);
    const what = await store.describe(entry).catch(() => [{title: entry.name, sha256: ''}]);
    const fault = entry.accepted && entry.fault ? `${words.trust.unused}${words.trust[entry.fault]}` : '';
    return el('div', {class: `entry ${asked ? 'ask' : ''}`, 'data-kind': entry.kind},
        el('div', {class: 'row'}, el('strong', {}, words.trust.kinds[entry.kind]),
            el('button', {type: 'button', class: 'button quiet', click: () => { store.remove(entry.id); check(); }}, words.trust.drop)),
        what.map(({title, sha256}) => [title ? el('div', {}, title) : null, sha256 ? el('div', {class: 'small'}, `${words.trust.fingerprint} `,
            el('span', {class: 'mono'}, sha256.match(/.{4}/g).join(' '))) : null]).flat(),
        fault ? el('div', {class: 'state-bad'}, fault) : null,
        entry.kept === false ? el('div', {class: 'small'}, words.trust.session) : null,
        asked ? el('p', {}, words.trust.ask) : null,
        asked ? el('div', {}, el('button', {type: 'button', class: 'button primary', 'data-accept': entry.kind, click: () => { store.accept(entry.id); check(); }}, words.trust.accept)) : null);
}

async function drawTrust() {
    const entries = await Promise.all(store.entries.map(drawEntry));
    const nobody = store.of('root').length + store.of('trust-list').length === 0;
    $('trust').replaceChildren(nobody ? el('p', {}, words.trust.none) : el('p', {class: 'small'}, words.trust.kept), ...entries);
}

// ---- Opening ----

function addCertificate(name, bytes) {
    state.certificates.push({name, bytes, report: null, device: ''});
    state.certificates = state.certificates.slice(-CERTIFICATES_MAX);
    state.at = state.certificates.length - 1;
}

async function openImage(name, bytes) {
    const text = await readImage(bytes).catch(() => undefined);
    if (text)
        await open(name, utf8(text));
    else
        say(text === undefined ? words.say.noDecoder : words.say.noQr);
}

async function open(name, bytes) {
    const kind = sniff(bytes);
    if (kind === 'image')
        return openImage(name, bytes);
    if (kind === 'proof' || kind === 'validation') {
        state.beside.push({kind, name, text: latin1(kind === 'proof' ? bytes : withoutLineEnd(bytes))});
        say(words.say[kind]);
        return;
    }
    if (kind === 'certificate') {
        addCertificate(name, bytes);
        return;
    }
    await store.add(kind, name, bytes);
    say(words.say.added(words.trust.kinds[kind]));
}

async function readFile(file) {
    if (file.size > CARRIER_MAX)
        say(words.say.tooBig);
    const bytes = file.size > CARRIER_MAX ? null : await file.arrayBuffer().then((buffer) => new Uint8Array(buffer), () => undefined);
    if (bytes === undefined)
        say(words.say.unreadable);
    return bytes ? {name: file.name, bytes, kind: sniff(bytes)} : null;
}

// A further certificate begins anew; what is no certificate belongs to those that are open.
function begin(kinds) {
    if (!kinds.includes('certificate') && !kinds.includes('image'))
        return;
    Object.assign(state, {certificates: [], beside: [], at: 0});
}

async function openFiles(files) {
    say(words.say.checking);
    const read = (await Promise.all(files.map(readFile))).filter(Boolean);
    begin(read.map(({kind}) => kind));
    for (const {name, bytes} of read)
        await open(name, bytes);
    await check(read.some(({kind}) => kind === 'certificate' || kind === 'image'));
    if ($('said').textContent === words.say.checking)
        say('');
}

async function useCamera(any, take) {
    try {
        const text = await scanWithCamera(any);
        if (text)
            await take(text);
    } catch (error) {
        say(error.message === 'no decoder' ? words.say.noDecoder : words.camera.denied);
    }
}

async function openText(text) {
    const bytes = utf8(text.trim());
    if (bytes.length === 0)
        return;
    begin([sniff(bytes)]);
    say('');
    await open('…', bytes);
    await check(true);
}

function listen() {
    for (const id of ['files', 'trust-files'])
        $(id).addEventListener('change', async ({target}) => {
            await openFiles([...target.files]);
            target.value = '';
        });
    let over = 0;
    const dragging = (n) => document.body.classList.toggle('dragging', (over = Math.max(0, n)) > 0);
    document.addEventListener('dragenter', (event) => { event.preventDefault(); dragging(over + 1); });
    document.addEventListener('dragleave', () => dragging(over - 1));
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => {
        event.preventDefault();
        dragging(0);
        const text = event.dataTransfer.getData('text/plain');
        if (event.dataTransfer.files.length)
            openFiles([...event.dataTransfer.files]);
        else if (text)
            openText(text);
    });
    $('camera').addEventListener('click', () => useCamera(false, openText));
    $('device-scan').addEventListener('click', () => useCamera(true, (text) => { $('device').value = text.slice(0, 255); return check(); }));
    $('paste').addEventListener('click', () => {
        $('paste-box').hidden = !$('paste-box').hidden;
        $('paste').setAttribute('aria-expanded', String(!$('paste-box').hidden));
        if (!$('paste-box').hidden)
            $('paste-text').focus();
    });
    $('paste-do').addEventListener('click', () => openText($('paste-text').value));
    let waiting;
    $('device').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(check, 300); });
    $('level').addEventListener('change', () => check());
    for (const button of document.querySelectorAll('[data-language]'))
        button.addEventListener('click', () => { remember(LANGUAGE_KEY, button.dataset.language); speak(button.dataset.language); });
}

function start() {
    const kept = recall(LANGUAGE_KEY), chinese = navigator.languages?.[0]?.toLowerCase().startsWith('zh');
    speak(Object.hasOwn(LANGUAGES, kept ?? '') ? kept : chinese ? 'zh' : 'en');
    if (!globalThis.crypto?.subtle) {
        $('blocked').textContent = words.say.insecure;
        return;
    }
    $('blocked').hidden = true;
    listen();
    check();
}

start();
