// SPDX-License-Identifier: Apache-2.0
// The vocabulary of include/lethe/words.h, in its order: where a list is ordered, later is stronger.

export const METHODS = ['none', 'clear', 'purge', 'destroy'];
export const SUBSTRATES = ['emulated', 'image', 'virtual', 'physical'];
export const OUTCOMES = ['none', 'passed', 'passed-with-exceptions', 'operator-attested', 'indeterminate', 'aborted', 'failed', 'refused'];
export const MEDIAS = ['unknown', 'magnetic', 'flash', 'file'];
export const TEST_STATUSES = ['untested', 'reported', 'tested'];
export const ID_KINDS = ['serial', 'wwn', 'eui64', 'nguid', 'udid', 'imei', 'cid', 'bridge-serial', 'asset-tag', 'backing'];
export const ID_SOURCES = ['typed', 'scanned', 'device'];
export const CLASSES = ['unknown', 'disk', 'image', 'phone', 'tablet'];
export const PHONES = ['phone', 'tablet'];
export const BUSES = ['unknown', 'ata', 'scsi', 'usb', 'nvme', 'mmc', 'virtio', 'loop', 'file', 'emulated'];
export const TECHNIQUE_KINDS = ['overwrite', 'block-erase', 'crypto-erase', 'reset'];
export const MODES = ['none', 'full', 'confidence', 'strata', 'state'];
export const EXPECTED = ['pattern', 'uniform', 'unknown'];
export const CONDITIONS = ['unknown', 'good', 'worn', 'failing'];
export const GRADES = ['denied', 'none', 'attested', 'state'];
export const ANSWERS = ['unknown', 'no', 'yes'];
export const FAMILIES = ['none', 'ios', 'android', 'harmony', 'other'];
export const ENCRYPTIONS = ['unknown', 'encrypted', 'unencrypted'];
export const ESIMS = ['erase-asked', 'not-asked', 'kept'];
export const HIDEABLE = ['operator', 'customer', 'asset_tag', 'lot', 'seed'];

export const CERTIFICATE = 'urn:lethe:erasure-certificate:1';
export const RECORD = 'urn:lethe:erasure-record:1';
export const VALIDATION = 'urn:lethe:validation-record:1';
export const BENCH_URI = 'urn:lethe:bench:';
export const STATUS_URI = 'urn:lethe:status:';
export const LOG_URI = 'urn:lethe:log:';
export const DEMO = 'DEMO - NOT A REAL ORGANISATION';

// Clocks differ: so far ahead of ours something may have been signed.
export const SKEW_MS = 5 * 60 * 1000;

// What each technique is, and the most it can achieve (SP 800-88r2 section 3.1.1, IEEE 2883).
export const TECHNIQUES = new Map([['overwrite', {kind: 'overwrite', most: 'clear', host: true}]]);
const DEVICE = [
    ['ata-security-erase', 'overwrite', 'clear'], ['ata-security-erase-enhanced', 'overwrite', 'purge'],
    ['nvme-format-user', 'block-erase', 'clear'], ['nvme-format-crypto', 'crypto-erase', 'clear'],
    ['scsi-format-unit', 'overwrite', 'clear'], ['mmc-sanitize', 'block-erase', 'purge'], ['mmc-erase', 'block-erase', 'clear'],
    ['tcg-psid-revert', 'crypto-erase', 'purge'],
];
for (const [name, kind, most] of DEVICE)
    TECHNIQUES.set(name, {kind, most, host: false});
for (const bus of ['ata', 'scsi', 'nvme']) {
    TECHNIQUES.set(`${bus}-sanitize-block`, {kind: 'block-erase', most: 'purge', host: false});
    TECHNIQUES.set(`${bus}-sanitize-crypto`, {kind: 'crypto-erase', most: 'purge', host: false});
    TECHNIQUES.set(`${bus}-sanitize-overwrite`, {kind: 'overwrite', most: 'purge', host: false});
}
// Of phones and tablets, with the part that each has: one that erases is a "reset", too, where no key is destroyed.
const PHONE = [
    ['ios-erase', 'erases'], ['ios-backup-erase', 'erases'], ['android-rescue-wipe', 'erases'], ['android-fastboot-erase', 'erases'],
    ['android-test-harness', 'erases'], ['android-settings-reset', 'guided'], ['guided-reset', 'guided'],
];
for (const [name, part] of PHONE)
    TECHNIQUES.set(name, {kind: 'crypto-erase', most: 'purge', host: false, part});
for (const name of ['ios-fill', 'android-fill'])
    TECHNIQUES.set(name, {kind: 'overwrite', most: 'clear', host: false, part: 'fills'});
for (const name of ['android-sideload', 'android-rescue', 'android-bootloader'])
    TECHNIQUES.set(name, {kind: 'reset', most: 'none', host: false, part: 'moves'});
