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

// How a command that erases is spelt: so it is, or begins; or begins, and byte AT of the hexadecimal that is its second
// word has VALUE in the bits of MASK, as far as it is there.
const text = (all) => ({begins: all, whole: true});
const begins = (start) => ({begins: start});
const byte = (start, at, mask, value) => ({begins: start, at, mask, value});
const MMC_ERASES = [begins('MMC CMD35 '), begins('MMC CMD36 '), begins('MMC CMD38 ')];

const ERASES = {part: 'erases', ...PORT}, GUIDED = {part: 'guided', ...PORT}, FILLS = {part: 'fills', ...PORT}, MOVES = {part: 'moves', ...PORT};
const ANDROID_BACK = ['closed', 'normal', 'ptp'];

const DRIVES = [
    ['overwrite', 'overwrite', most('clear', 'clear', 'clear', 'clear'), {host: true}],
    ['ata-sanitize-block', 'block-erase', PURGES_FLASH, ATA, begins('ATA B4 feature 0012 ')],
    ['ata-sanitize-crypto', 'crypto-erase', PURGES, ATA, begins('ATA B4 feature 0011 ')],
    ['ata-sanitize-overwrite', 'overwrite', PURGES, ATA, begins('ATA B4 feature 0014 ')],
    ['scsi-sanitize-block', 'block-erase', PURGES_FLASH, SCSI, byte('SCSI 48', 1, 0x1f, 2)],
    ['scsi-sanitize-crypto', 'crypto-erase', PURGES, SCSI, byte('SCSI 48', 1, 0x1f, 3)],
    ['scsi-sanitize-overwrite', 'overwrite', PURGES, SCSI, byte('SCSI 48', 1, 0x1f, 1)],
    ['nvme-sanitize-block', 'block-erase', PURGES_FLASH, NVME, byte('NVMe 84', 40, 0x07, 2)],
    ['nvme-sanitize-crypto', 'crypto-erase', PURGES, NVME, byte('NVMe 84', 40, 0x07, 4)],
    ['nvme-sanitize-overwrite', 'overwrite', PURGES, NVME, byte('NVMe 84', 40, 0x07, 3)],
    ['ata-security-erase', 'overwrite', CLEARS, ATA, text('ATA F3 SECURITY ERASE PREPARE'), text('ATA F4 SECURITY ERASE UNIT')],
    ['ata-security-erase-enhanced', 'overwrite', most('clear', 'purge', 'clear'), ATA, text('ATA F3 SECURITY ERASE PREPARE'), text('ATA F4 SECURITY ERASE UNIT, enhanced')],
    ['nvme-format-user', 'block-erase', CLEARS_FLASH, NVME, byte('NVMe 80', 41, 0x0e, 0x02)],
    ['nvme-format-crypto', 'crypto-erase', CLEARS, NVME, byte('NVMe 80', 41, 0x0e, 0x04)],
    ['scsi-format-unit', 'overwrite', CLEARS, SCSI, byte('SCSI 04', 0, 0xff, 0x04)],
    ['mmc-sanitize', 'block-erase', CLEARS_FLASH, MMC, ...MMC_ERASES, text('MMC CMD6 03A50100')],
    ['mmc-erase', 'block-erase', CLEARS_FLASH, MMC, ...MMC_ERASES],
    ['tcg-psid-revert', 'crypto-erase', PURGES, {buses: on('ata', 'scsi', 'nvme', 'usb')}, begins('StartSession, Admin SP'), begins('Revert')],
];
// With the part that each has: one that erases is a "reset", too, where no key is destroyed. In which modes the phone
// comes back, what erased right before it, what it is for, right behind it.
const PHONES = [
    ['ios-erase', 'crypto-erase', phone('purge'), {...ERASES, back: ['normal']}],
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
export const TECHNIQUES = new Map([...DRIVES, ...PHONES].map(([name, kind, claims, more, ...sends]) => [name, {name, kind, most: claims, host: false, sends, ...more}]));

export function isSpelt({begins: start, whole, at, mask, value}, command) {
    if (!command.startsWith(start))
        return false;
    if (mask === undefined)
        return !whole || command === start;
    const hex = /^[0-9a-f]*/.exec(command.slice(command.indexOf(' ') + 1))[0].slice(2 * at, 2 * at + 2);
    return hex.length < 2 || (parseInt(hex, 16) & mask) === value;
}
export const sends = ({sends: own}, command) => own.some((wanted) => isSpelt(wanted, command));
