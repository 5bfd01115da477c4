// SPDX-License-Identifier: Apache-2.0
// The page in a real, headless Chromium: node browser.mjs SOURCE PAGE-DIR SCRATCH. PAGE-DIR is the page with vendor/
// (vendor.sh). Nothing but this machine can be reached; a violation of the page's CSP is a failure.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Browser, serve} from './driver.mjs';

const [source, page, scratch] = process.argv.slice(2);
const certs = join(source, 'certs'), example = (name) => join(certs, 'examples', name), DEVICE = 'EX-WCC4N0123456';
const key = (name) => join(certs, 'test-keys', `${name}.pem`);
const WORDS = {en: {valid: 'Valid', invalid: 'Not valid', undetermined: 'Can’t be confirmed'}, zh: {valid: '有效', invalid: '无效', undetermined: '无法确认'}};

const NOTE_VIOLATIONS = "window.violations = []; document.addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective + ' ' + e.blockedURI))";

const shown = `const banner = document.querySelector('.banner'); return banner && {verdict: banner.dataset.verdict,
    word: banner.querySelector('.word').textContent, level: banner.querySelector('[data-level]').dataset.level,
    codes: [...document.querySelectorAll('#result [data-code]')].map((node) => node.dataset.code), lang: document.documentElement.lang}`;

async function fresh(browser, url) {
    await browser.open(url);
    await browser.run("localStorage.clear(); location.reload()");
    await browser.until("return document.getElementById('blocked').hidden && document.querySelector('#trust p')", 'the page starts');
}

async function trust(browser, ...files) {
    for (const file of files)
        await browser.type('#trust-files', file);
    await browser.until(`return document.querySelectorAll('.entry').length === ${files.length}`, 'what was added is listed');
    await browser.run("document.querySelectorAll('[data-accept]').forEach((button) => button.click())");
    await browser.until("return !document.querySelector('[data-accept]')", 'it is trusted');
}

// Open files, and what the page says of them in both languages.
async function opened(browser, ...files) {
    await browser.run("document.getElementById('result').replaceChildren()");
    await browser.type('#files', files.join('\n'));
    await browser.until(shown, files.join());
    for (const language of ['zh', 'en']) {
        await browser.click(`[data-language=${language}]`);
        const {verdict, word, lang} = await browser.until(`const now = (() => {${shown}})(); return now && now.lang.startsWith('${language}') && now`, language);
        assert.equal(word, WORDS[language][verdict]);
        assert.ok(lang.startsWith(language));
    }
    return browser.run(shown);
}

function qrImage(text, file) {
    const run = spawnSync('qrencode', ['-l', 'M', '-s', '6', '-o', file, text], {encoding: 'utf8'});
    assert.equal(run.status, 0, `qrencode: ${run.error ?? run.stderr}`);
    return file;
}

// What a camera sees that is held before the code: one picture, uncompressed.
function qrFilm(text, file) {
    const {stdout, status} = spawnSync('qrencode', ['-l', 'M', '-m', '4', '-t', 'ASCII', text], {encoding: 'utf8'});
    assert.equal(status, 0);
    const rows = stdout.trimEnd().split('\n'), width = 640, height = 480, size = Math.floor(height / rows.length);
    const luma = Buffer.alloc(width * height, 235), left = (width - size * rows.length) >> 1;
    rows.forEach((row, y) => [...row].forEach((c, x) => {
        for (let line = 0; c === '#' && x % 2 === 0 && line < size; line++)
            luma.fill(16, (y * size + line) * width + left + x / 2 * size, (y * size + line) * width + left + (x / 2 + 1) * size);
    }));
    const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc(width * height / 2, 128)]);
    writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]));
    return file;
}

async function clean(browser) {
    assert.deepEqual(await browser.run('return window.violations'), [], 'CSP');
    const wrong = (await browser.log()).filter(({level, message}) => level === 'SEVERE' && !message.includes('vendor/jsQR.js'));
    assert.deepEqual(wrong, [], 'console');
}

async function sideways(browser) {
    const [wide, room] = await browser.run('return [document.documentElement.scrollWidth, document.documentElement.clientWidth]');
    assert.ok(wide <= room, `it scrolls sideways: ${wide} of ${room}`);
}

// Every control has a name, pictures have a text, ids are there once.
async function accessible(browser) {
    const wrong = await browser.run(`const named = (node) => node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length || node.alt !== undefined;
        return [...document.querySelectorAll('button, input, select, textarea, img, [role=group], nav:not([hidden])')].filter((node) => !named(node)).map((node) => node.outerHTML)
            .concat([...document.querySelectorAll('[id]')].map(({id}) => id).filter((id, i, all) => all.indexOf(id) !== i))`);
    assert.deepEqual(wrong, []);
}

async function verdicts(browser, url) {
    await fresh(browser, url);
    let said = await opened(browser, example('valid/full.sdjwt'));
    assert.equal(said.verdict, 'undetermined', 'nobody is trusted by default');
    assert.ok(said.codes.includes('untrusted'));
    await browser.type('#trust-files', key('root'));
    await browser.until("return document.querySelector('[data-accept=root]')", 'a root is asked about');
    assert.equal((await browser.run(shown)).verdict, 'undetermined', 'a root that nobody confirmed');
    await browser.click('[data-accept=root]');
    await browser.until("return document.querySelector('.banner.valid')", 'trusted, it is valid without opening it again');
    const cases = [['valid/full.sdjwt', 'valid'], ['pdf/good.pdf', 'valid'], ['pdf/page-changed.pdf', 'invalid', 'pdf-changed'],
        ['invalid/canary-survived.sdjwt', 'invalid', 'contradiction-canaries'], ['undetermined/record-failed.sdjwt', 'undetermined', 'record-only']];
    for (const [file, verdict, code] of cases) {
        said = await opened(browser, example(file));
        assert.equal(said.verdict, verdict, file);
        assert.ok(!code || said.codes.includes(code), `${file}: ${said.codes}`);
        await sideways(browser);
        await accessible(browser);
        writeFileSync(join(scratch, `${file.replace(/\W/g, '-')}-${(await browser.run('return innerWidth'))}.png`), await browser.screenshot());
    }
    await browser.run('location.reload()');
    await browser.until("return document.querySelector('.entry[data-kind=root]') && !document.querySelector('[data-accept]')", 'trust is kept');
    await clean(browser);
}

async function devices(browser, url) {
    await fresh(browser, url);
    await trust(browser, key('root'));
    await browser.type('#device', DEVICE);
    assert.equal((await opened(browser, example('valid/full.sdjwt'))).verdict, 'valid');
    await browser.type('#device', '-OTHER');
    await browser.until("return document.querySelector('[data-code=device-mismatch]')", 'another device');
    assert.equal((await browser.run(shown)).verdict, 'invalid');
    await browser.run("const level = document.getElementById('level'); document.getElementById('device').value = ''; level.value = '1'; level.dispatchEvent(new Event('change'))");
    await browser.until("return document.querySelector('[data-code=level]')", 'a level that is not reached');
    await clean(browser);
}

async function carriers(browser, url) {
    const {labels} = JSON.parse(readFileSync(example('labels.json'), 'utf8')), label = labels[0].text;
    const bundle = join(scratch, 'bundle.json'), sdjwt = readFileSync(example('valid/full.sdjwt'), 'utf8').trim();
    await fresh(browser, url);
    await trust(browser, key('root'), key('bench'));
    writeFileSync(bundle, JSON.stringify({sdjwt}));
    assert.equal((await opened(browser, bundle)).verdict, 'valid', 'a bundle');
    writeFileSync(bundle, JSON.stringify({sdjwt, qr: label}));
    let said = await opened(browser, bundle);
    assert.equal(said.verdict, 'invalid', 'with the label of another certificate');
    assert.ok(said.codes.includes('qr-other'), `${said.codes}`);
    said = await opened(browser, qrImage(label, join(scratch, 'label.png')));
    assert.equal(said.verdict, 'undetermined', 'a label alone');
    assert.ok(said.codes.includes('qr-only'), `${said.codes}`);
    await browser.type('#device', DEVICE);
    await browser.until("return document.querySelector('.banner.valid')", 'a label and its device');
    said = await opened(browser, qrImage(`${label.slice(0, -3)}AAA`, join(scratch, 'forged.png')));
    assert.equal(said.verdict, 'invalid', 'a forged label');
    await browser.run("document.getElementById('device').value = ''; document.getElementById('result').replaceChildren()");
    await browser.click('#paste');
    await browser.type('#paste-text', label);
    await browser.click('#paste-do');
    assert.equal((await browser.until(shown, 'pasted text')).verdict, 'undetermined');
    await clean(browser);
}

// Whatever a certificate holds, it is only ever text.
async function hostile(browser, url) {
    const file = join(scratch, 'hostile.json');
    writeFileSync(file, '{"<img src=x onerror=alert(1)>": "<script>alert(1)</script>"}');
    await fresh(browser, url);
    assert.equal((await opened(browser, file)).verdict, 'invalid');
    assert.equal(await browser.run("return document.querySelectorAll('#result img, #result script').length"), 0);
    const refused = await browser.run("try { document.body.innerHTML = '<p>x</p>'; return false } catch { return true }");
    assert.ok(refused, 'trusted types');
    assert.equal(await browser.run("return fetch('/icon.svg').then(() => 'reached', () => 'blocked')"), 'blocked', 'the page can ask no server for anything');
}

async function camera(browser, url) {
    await fresh(browser, url);
    await trust(browser, key('root'), key('bench'));
    await browser.click('#camera');
    const said = await browser.until(shown, 'the camera reads the code');
    assert.ok(said.codes.includes('qr-only'), `${said.codes}`);
    assert.equal(await browser.run("return document.getElementById('camera-box').open || document.getElementById('video').srcObject !== null"), false, 'it is off again');
    await clean(browser);
}

async function withoutDecoder(browser, url) {
    await fresh(browser, url);
    const can = await browser.run("return 'BarcodeDetector' in window");
    await browser.type('#files', join(scratch, 'label.png'));
    if (!can)
        await browser.until("return document.getElementById('said').textContent.includes('ER1:')", 'it says that text can be pasted');
}

mkdirSync(scratch, {recursive: true});
const bare = join(scratch, 'bare'), servers = [await serve(page)];
cpSync(join(certs, 'web'), bare, {recursive: true});
rmSync(join(bare, 'vendor'), {recursive: true, force: true});
servers.push(await serve(bare));
try {
    for (const [width, height] of [[360, 740], [1280, 900]]) {
        const browser = await Browser.start({width, height});
        await browser.cdp('Page.addScriptToEvaluateOnNewDocument', {source: NOTE_VIOLATIONS});
        try {
            for (const part of [verdicts, devices, carriers, hostile])
                await part(browser, servers[0].url);
            await withoutDecoder(browser, servers[1].url);
        } finally {
            await browser.end();
        }
    }
    const {labels} = JSON.parse(readFileSync(example('labels.json'), 'utf8')), film = qrFilm(labels[0].text, join(scratch, 'film.y4m'));
    const browser = await Browser.start({width: 360, height: 740, language: 'zh-CN', camera: film});
    try {
        await browser.cdp('Page.addScriptToEvaluateOnNewDocument', {source: NOTE_VIOLATIONS});
        await browser.open(servers[0].url);
        await browser.until("return document.documentElement.lang === 'zh-CN'", 'Chinese for who reads Chinese');
        await camera(browser, servers[0].url);
    } finally {
        await browser.end();
    }
} finally {
    servers.forEach((server) => server.close());
}
console.log('the page: verdicts, devices, carriers, hostile input, the camera, without a decoder, at 360 and 1280 px');
