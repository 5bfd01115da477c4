// SPDX-License-Identifier: Apache-2.0
// The techniques this verifier knows, with what each can be, reach and run on: the tables of certs/SPEC.md
// ("Techniques"), once in JavaScript. In C it is src/cert/technique.c.
import {MEDIAS} from './words.js';

// The most it can be of each medium (SP 800-88r2 section 3.1.1, IEEE 2883); undefined: never of such a medium.
const most = (unknown, magnetic, flash, file) => Object.fromEntries([unknown, magnetic, flash, file].map((method, i) => [MEDIAS[i], method]));
const PURGES = most('clear', 'purge', 'purge'), PURGES_FLASH = most('clear', undefined, 'purge');
const CLEARS = most('clear', 'clear', 'clear'), CLEARS_FLASH = most('clear', undefined, 'clear');
const phone = (method) => most(method, undefined, method); // what it has is flash, whether that was told or not

// A bridge may carry what it likes; of a bus that is not known nothing is known.
const on = (...buses) => [...buses, 'emulated', 'unknown'];
const ATA = {buses: on('ata', 'scsi', 'usb'), set: 'ATA'}, SCSI = {buses: on('scsi', 'usb'), set: 'SCSI'};
const NVME = {buses: on('nvme', 'usb'), set: 'NVMe'}, MMC = {buses: on('mmc'), set: 'MMC'}, PORT = {buses: on('usb')};

// The commands of a technique, in their order, and nothing else. "?" is a hexadecimal digit, "c{n}" n times c; byte AT of
// the hexadecimal that is the second word has VALUE in the bits of MASK.
const must = (spelt, more) => ({spelt, ...more});
const may = (spelt, more) => ({spelt, turn: 'may', ...more});
const withIt = (spelt) => ({spelt, turn: 'with'}); // where the one before is, and only there
const unset = (spelt) => ({spelt, turn: 'unset'}); // but for what a job that was cut short had sent before
const byte = (at, mask, value) => ({at, mask, value});
// The failure of a sanitise before may be left first, never behind it: it would be of this one.
const ataSanitize = (words) => [may('ATA B4 feature 0000 count 0001 lba 0{12}'), may('ATA B4 feature 0040 count 0000 lba 0000416E7469'), must(`ATA B4 feature ${words}`)];
const scsiSanitize = (action) => [may('SCSI 481f0{16}'), must('SCSI 48??0{16}', byte(1, 0x1f, action)), may('SCSI 48??0{16}', byte(1, 0x1f, action))];
const scsiOverwrite = [may('SCSI 481f0{16}'), must('SCSI 48??0{13}800', byte(1, 0x1f, 1)), may('SCSI parameters ?{16}'),
    may('SCSI 48??0{13}800', byte(1, 0x1f, 1)), withIt('SCSI parameters ?{16}')];
const nvmeSanitize = (all, action) => [may('NVMe 840{78}010{46}'), must(`NVMe 840{78}${all}`, byte(40, 0x07, action))];
const nvmeFormat = (ses) => [must('NVMe 800{6}?{8}0{64}????0{44}', byte(41, 0x0e, ses << 1))];
const securityErase = (words) => [may('ATA F2 SECURITY UNLOCK'), unset('ATA F1 SECURITY SET PASSWORD'), must('ATA F3 SECURITY ERASE PREPARE'), must(`ATA F4 SECURITY ERASE UNIT${words}`)];
const mmcArea = (area, first, others) => [first(`MMC CMD35 00000000 (${area} area)`), others(`MMC CMD36 ?{8} (${area} area)`), others(`MMC CMD38 00000000 (${area} area)`)];
const MMC_ERASES = [...['gp3', 'gp2', 'gp1', 'gp0', 'boot1', 'boot0'].flatMap((area) => mmcArea(area, may, withIt)), ...mmcArea('user', must, must)];

const ERASES = {part: 'erases', ...PORT}, GUIDED = {part: 'guided', ...PORT}, FILLS = {part: 'fills', ...PORT}, MOVES = {part: 'moves', ...PORT};
const ANDROID_BACK = ['closed', 'normal', 'ptp'];

const DRIVES = [
    ['overwrite', 'overwrite', most('clear', 'clear', 'clear', 'clear'), {host: true}],
    ['ata-sanitize-block', 'block-erase', PURGES_FLASH, ATA, ...ataSanitize('0012 count ?0?0 lba 0000426B4572')],
    ['ata-sanitize-crypto', 'crypto-erase', PURGES, ATA, ...ataSanitize('0011 count ?0?0 lba 000043727970')],
    ['ata-sanitize-overwrite', 'overwrite', PURGES, {...ATA, writes: true}, ...ataSanitize('0014 count ?0?? lba 4F57?{8}')],
    ['scsi-sanitize-block', 'block-erase', PURGES_FLASH, SCSI, ...scsiSanitize(2)],
    ['scsi-sanitize-crypto', 'crypto-erase', PURGES, SCSI, ...scsiSanitize(3)],
    ['scsi-sanitize-overwrite', 'overwrite', PURGES, {...SCSI, writes: true}, ...scsiOverwrite],
    ['nvme-sanitize-block', 'block-erase', PURGES_FLASH, NVME, ...nvmeSanitize('??0{46}', 2)],
    ['nvme-sanitize-crypto', 'crypto-erase', PURGES, NVME, ...nvmeSanitize('??0{46}', 4)],
    ['nvme-sanitize-overwrite', 'overwrite', PURGES, {...NVME, writes: true}, ...nvmeSanitize('??0{6}?{8}0{32}', 3)],
    ['ata-security-erase', 'overwrite', CLEARS, ATA, ...securityErase('')],
    ['ata-security-erase-enhanced', 'overwrite', most('clear', 'purge', 'clear'), ATA, ...securityErase(', enhanced')],
    ['nvme-format-user', 'block-erase', CLEARS_FLASH, NVME, ...nvmeFormat(1)],
    ['nvme-format-crypto', 'crypto-erase', CLEARS, NVME, ...nvmeFormat(2)],
    ['scsi-format-unit', 'overwrite', CLEARS, SCSI, must('SCSI 041000000000'), may('SCSI parameters ?{8}'), may('SCSI 041000000000'), withIt('SCSI parameters ?{8}')],
    ['mmc-sanitize', 'block-erase', CLEARS_FLASH, MMC, ...MMC_ERASES, must('MMC CMD6 03A50100')],
    ['mmc-erase', 'block-erase', CLEARS_FLASH, MMC, ...MMC_ERASES],
    ['tcg-psid-revert', 'crypto-erase', PURGES, {buses: on('ata', 'scsi', 'nvme', 'usb')}, must('StartSession, Admin SP, as PSID'), may('Authenticate'), must('Revert')],
];
// With the part that each has: one that erases is a "reset", too, where no key is destroyed. In which modes the phone
// comes back, what erased right before it, what it is for, right behind it; whether it tells the phone what becomes of its eSIM.
const PHONES = [
    ['ios-erase', 'crypto-erase', phone('purge'), {...ERASES, back: ['normal'], esim: true}],
    ['ios-backup-erase', 'crypto-erase', phone('purge'), {...ERASES, back: ['normal']}],
    ['ios-fill', 'overwrite', phone('clear'), {...FILLS, after: ['ios-erase', 'ios-backup-erase']}],
    ['android-sideload', 'reset', phone('none'), {...MOVES, back: ['sideload'], next: 'android-rescue'}],
    ['android-rescue', 'reset', phone('none'), {...MOVES, back: ['rescue'], next: 'android-rescue-wipe'}],
    ['android-bootloader', 'reset', phone('none'), {...MOVES, back: ['fastboot'], next: 'android-fastboot-erase'}],
    ['android-rescue-wipe', 'crypto-erase', phone('purge'), {...ERASES, back: ANDROID_BACK}],
    ['android-fastboot-erase', 'crypto-erase', phone('purge'), {...ERASES, back: ANDROID_BACK}],
    ['android-test-harness', 'crypto-erase', phone('purge'), {...ERASES, back: ['normal']}],
    ['android-fill', 'overwrite', phone('clear'), {...FILLS, after: ['android-test-harness']}],
    ['android-settings-reset', 'crypto-erase', phone('purge'), {...GUIDED, back: ANDROID_BACK}],
    ['guided-reset', 'crypto-erase', phone('purge'), {...GUIDED, back: [...ANDROID_BACK, 'unknown']}],
];
export const TECHNIQUES = new Map([...DRIVES, ...PHONES].map(([name, kind, claims, more, ...sends]) => [name, {name, kind, most: claims, host: false, writes: false, esim: false, sends, ...more}]));

const SPELT = new Map();
function pattern(spelt) {
    if (!SPELT.has(spelt))
        SPELT.set(spelt, new RegExp(`^${spelt.replace(/[().]/g, '\\$&').replaceAll('?', '[0-9A-Fa-f]')}$`));
    return SPELT.get(spelt);
}
export function isSpelt({spelt, at, mask, value}, command) {
    if (!pattern(spelt).test(command))
        return false;
    const from = command.indexOf(' ') + 1 + 2 * at;
    return mask === undefined || (parseInt(command.slice(from, from + 2), 16) & mask) === value;
}
export const sends = ({sends: own}, command) => own.some((one) => isSpelt(one, command));
export const needs = ({sends: own}, command) => own.some((one) => one.turn === undefined && isSpelt(one, command));
