// SPDX-License-Identifier: Apache-2.0
// Both languages say everything, every reason code has its words, the published sums are those of the files.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {readFileSync, readdirSync} from 'node:fs';
import {join, relative} from 'node:path';
import {test} from 'node:test';
import {certs, load} from './support.mjs';

const web = join(certs, 'web');
const {default: en} = await import(join(web, 'words/en.js'));
const {default: zh} = await import(join(web, 'words/zh.js'));

function keysOf(value, path = '') {
    if (typeof value !== 'object')
        return [`${path} ${typeof value}`];
    return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`)).sort();
}

function filesIn(dir) {
    return readdirSync(dir, {withFileTypes: true}).flatMap((entry) => (entry.isDirectory()
        ? entry.name === 'vendor' ? [] : filesIn(join(dir, entry.name)) : [join(dir, entry.name)])).sort();
}

test('two languages, the same things', () => assert.deepEqual(keysOf(zh), keysOf(en)));

test('every word that the page names is there', () => {
    for (const [, path] of readFileSync(join(web, 'index.html'), 'utf8').matchAll(/data-word="([^"]+)"/g))
        assert.equal(typeof path.split('.').reduce((at, key) => at?.[key], en), 'string', path);
});

// Each row of the tables of certs/SPEC.md: the cells, "-" is nothing.
function* rows(page, head) {
    const [, table] = page.split(`| ${head} |\n`);
    for (const line of table.split('\n').slice(1)) {
        if (!line.startsWith('| `'))
            return;
        yield line.slice(2, -2).split(' | ').map((cell) => (cell === '-' ? undefined : cell));
    }
}

test('the techniques are those of the specification', async () => {
    const page = readFileSync(join(certs, 'SPEC.md'), 'utf8'), {TECHNIQUES} = await load('techniques.js'), told = new Map();
    // [`may`], (`unset`), +`with`, `must`, with a byte or without.
    const TURNS = {'[': 'may', '(': 'unset', '+': 'with', '': undefined};
    const spelt = (cell) => [...cell.matchAll(/([[(+]?)`([^`]+)`(?:, byte (\d+) & ([0-9a-f]+) = ([0-9a-f]+))?/g)].map(([, turn, text, at, mask, value]) =>
        ({spelt: text, turn: TURNS[turn], ...(at ? {at: Number(at), mask: parseInt(mask, 16), value: parseInt(value, 16)} : {})}));
    const [, area] = /boot0\nthat the card has, in this order, (.*`),\n/.exec(page);
    const areas = [...['gp3', 'gp2', 'gp1', 'gp0', 'boot1', 'boot0'].flatMap((name) => spelt(area.replaceAll('AREA', name))),
        ...spelt(area.replaceAll('AREA', 'user')).map((one) => ({...one, turn: undefined}))];
    const sends = (cell) => [...(cell?.startsWith('areas') ? areas : []), ...spelt(cell ?? '')];
    for (const [name, kind, unknown, magnetic, flash, file, bus, commands] of rows(page, 'name | kind | unknown | magnetic | flash | file | bus | commands, in order'))
        told.set(name.slice(1, -1), {kind, most: [unknown, magnetic, flash, file], buses: bus === 'any' ? undefined : bus.split(' '), sends: sends(commands)});
    const port = 'usb emulated unknown'.split(' ');
    for (const [name, kind, part, most, back, after, next] of rows(page, 'name | kind | part | at most | comes back | right before | right behind'))
        told.set(name.slice(1, -1), {kind, part, most: [most, undefined, most, undefined], buses: port, sends: [], back: back?.split(' '), after: after?.split(' '), next});
    const plain = (value) => JSON.parse(JSON.stringify(value));
    assert.deepEqual([...TECHNIQUES.keys()].sort(), [...told.keys()].sort());
    for (const [name, {kind, most, buses, sends, part, back, after, next}] of TECHNIQUES)
        assert.deepEqual(plain({kind, most: ['unknown', 'magnetic', 'flash', 'file'].map((medium) => most[medium]), buses, sends, part, back, after, next}), plain(told.get(name)), name);
});

// certs/README.md names them all, "contradiction-..." in parentheses.
test('every reason code is explained', () => {
    const page = readFileSync(join(certs, 'README.md'), 'utf8');
    const tables = [...page.matchAll(/^\| (?:invalid|undetermined|remark) \| (.*) \|$/gm)].map(([, row]) => row).join(' ');
    const codes = [...tables.replace(/`contradiction-\.\.\.` \(.*?\)/, '').matchAll(/`([a-z][a-z0-9-]*[a-z0-9])`/g)].map(([, code]) => code);
    const [, list] = /`contradiction-\.\.\.` \((.*?)\)/.exec(tables);
    codes.push(...[...list.matchAll(/`([a-z-]+)`/g)].map(([, code]) => `contradiction-${code}`));
    const used = filesIn(join(web, 'verify')).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/refuse\('(pdf-[a-z-]+)'/g)].map(([, code]) => code));
    assert.ok(codes.length > 100);
    assert.deepEqual([...new Set([...codes, ...used])].filter((code) => !en.codes[code]), []);
});

test('SHA256SUMS is of these files: make it with certs/web/sums.sh', () => {
    const sums = filesIn(web).filter((file) => !file.endsWith('SHA256SUMS'))
        .map((file) => `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${relative(web, file)}\n`);
    const kept = readFileSync(join(web, 'SHA256SUMS'), 'utf8').split('\n').filter(Boolean).map((line) => `${line}\n`);
    assert.deepEqual(kept.sort(), sums.sort());
});

test('nothing on the page comes from elsewhere, and no text is parsed as HTML', () => {
    for (const file of filesIn(web).filter((name) => /\.(js|html|css)$/.test(name))) {
        const text = readFileSync(file, 'utf8').replaceAll('http://www.w3.org/2000/svg', '');
        assert.doesNotMatch(text.replace(/through https:\/\/ or|通过 https:\/\//g, ''), /https?:\/\//, file);
        assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|JSON\.parse\((?!localStorage|\))/, file);
    }
});
