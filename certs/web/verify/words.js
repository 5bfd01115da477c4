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
