// SPDX-License-Identifier: Apache-2.0
// Does what was read back carry what the certificate states?
import {exceptedBytes} from './consistency-erasure.js';
import {isLimited} from './consistency-statement.js';
import {number} from './json.js';
import {TECHNIQUES} from './techniques.js';

// Below these a statement says nothing. Strata: SP 800-88r1 section 4.7.
const CONFIDENCE_LEAST = 900000n, FRACTION_MOST = 100000n, SUBSECTIONS_LEAST = 1000n, STRATA_LEAST = 10000n;
const MILLION = 1000000n;
const COUNTS = ['samples', 'bytes', 'coverage_ppm', 'mismatches', 'excepted', 'unreadable', 'canaries_checked', 'canaries_survived'];
// Where no sample is drawn, the marks of an erasure that was written over state this.
const MARKS = {confidence_ppm: 990000, fraction_ppm: 1000};

// n = ceil(ln(1-c)/ln(1-p)), at most all blocks.
function samplesNeeded(confidence, fraction, blocks) {
    const n = Math.ceil(Math.log1p(-Number(confidence) / 1e6) / Math.log1p(-Number(fraction) / 1e6));
    return n >= Number(blocks) ? blocks : BigInt(n);
}

// Where nothing is known of what the erasure left, the marks written before are the sample.
const byMarks = (v) => v.expected === 'unknown';

function confidence(v, {samples, excepted, blocks}, say) {
    const sure = number(v, 'confidence_ppm'), fraction = number(v, 'fraction_ppm');
    if (sure < CONFIDENCE_LEAST || sure >= MILLION || fraction === 0n || fraction > FRACTION_MOST)
        say('samples', 'a sample that states no confidence of 90 % or more in at most 10 %');
    else if (samples + (byMarks(v) ? excepted : 0n) < samplesNeeded(sure, fraction, blocks) && samples + excepted < blocks)
        say('samples', 'fewer samples than the stated confidence needs');
}

// REACHED: bytes that were compared or are in a block with an exception.
function strata(v, {samples: compared, excepted, blocks}, capacity, reached, say) {
    const subsections = number(v, 'subsections'), each = number(v, 'samples_per_subsection'), percent = number(v, 'percent_ppm');
    const samples = compared + excepted, share = each * percent;
    if (subsections < SUBSECTIONS_LEAST || each === 0n || each > MILLION || share < STRATA_LEAST || share > MILLION) {
        say('samples', 'strata that are not 1000 subsections and 1 % of each or more');
        return;
    }
    const most = subsections > blocks / each ? blocks : subsections * each;
    if (samples < most || (samples < blocks && reached * MILLION + MILLION < capacity * share))
        say('samples', 'fewer samples than the stated strata need');
}

function amount(claims, v, say) {
    const capacity = number(claims.device, 'capacity'), block = number(v, 'block'), blocks = number(v, 'blocks');
    const samples = number(v, 'samples'), bytes = number(v, 'bytes'), excepted = number(v, 'excepted');
    const withheld = number(v, 'withheld');
    const logical = number(claims.device, 'logical_block');
    if (block === 0n || blocks === 0n || blocks !== (capacity + block - 1n) / block || (logical >= 512n && (logical & (logical - 1n)) === 0n && block % logical !== 0n)) {
        say('samples', 'the blocks of verification are not those of the device');
        return;
    }
    const missing = (block - capacity % block) % block; // of the last one
    const partial = (excepted > blocks ? blocks : excepted) * block;
    if (samples > blocks || excepted > blocks - samples || bytes > capacity || bytes > (samples + excepted) * block ||
        bytes + missing < samples * block)
        say('samples', `${samples} samples are not ${bytes} bytes`);
    const coverage = bytes * MILLION / capacity, said = number(v, 'coverage_ppm');
    if (said > coverage + 1n || said + 1n < coverage)
        say('coverage', 'the coverage is not what the bytes say');
    if (samples === 0n && withheld === 0n)
        say('samples', 'nothing was compared');
    if (withheld > blocks - samples && samples <= blocks)
        say('samples', 'more blocks were withheld than the device has');
    if (excepted > number(claims.exceptions, 'sectors'))
        say('exceptions', 'more blocks were skipped than there are exceptions');
    // Nobody could compare known exceptions, and what the drive withheld by its own word.
    const left = exceptedBytes(claims) + withheld * block, known = left < capacity ? left : capacity;
    const whole = v.mode === 'full' || (claims.interruptions.resumed > 0 && !byMarks(v));
    if (whole && (samples + excepted + withheld < blocks || bytes < capacity - known))
        say('coverage', 'the device was not read in full');
    if (v.mode === 'confidence')
        confidence(v, {samples, excepted: excepted + withheld, blocks}, say);
    if (v.mode === 'strata')
        strata(v, {samples, excepted, blocks}, capacity, bytes + partial, say);
}

// Only after its own block or cryptographic erase may a device keep blocks to itself, and only where its command set has a
// word by which it says so beforehand: ATA and eMMC have none.
function checkWithheld(claims, {withheld}, known, say) {
    const {bus} = claims.device;
    if (!withheld)
        return;
    if (!known || known.kind === 'overwrite' || !(known.set ? ['SCSI', 'NVMe'].includes(known.set) : bus !== 'ata'))
        say('verification', 'such a device can’t say that it may withhold blocks');
    if (!isLimited(claims, 'By its own word the drive may refuse to give out blocks'))
        say('verification', 'blocks were withheld, and its limitations do not say so');
}

// What a device did to itself before it was written over, its marks alone show.
function checkMarks({technique, device}, v, say) {
    const block = number(device, 'logical_block'), blocks = block ? number(device, 'capacity') / block : 0n, written = number(v, 'canaries_written');
    const stated = v.mode === 'confidence' ? v : MARKS, sure = number(stated, 'confidence_ppm'), fraction = number(stated, 'fraction_ppm');
    if (written > blocks)
        say('canaries', 'more marks were written than the device has blocks');
    if (byMarks(v) && number(v, 'canaries_checked') + number(v, 'withheld') > written)
        say('canaries', 'more marks were looked for or withheld than were written');
    if (TECHNIQUES.get(technique.name)?.host === false && technique.followed_by && sure > 0n && sure < MILLION && fraction > 0n && fraction < MILLION && written < samplesNeeded(sure, fraction, blocks))
        say('canaries', 'too few marks for an erasure that was written over');
}

// What can be expected follows from how the medium was erased.
function expected(claims, v, say) {
    const {technique, device} = claims;
    const known = TECHNIQUES.get(technique.name), own = known && !known.host && !technique.followed_by;
    if (v.expected !== undefined && v.expected !== 'pattern' && !own) {
        say('verification', 'what a host wrote last is known, and must be looked for');
        return;
    }
    if (own && known.kind === 'crypto-erase' && !byMarks(v))
        say('verification', 'nobody knows what a cryptographic erase leaves');
    checkWithheld(claims, v, own ? known : undefined, say);
    if (!byMarks(v))
        return;
    if (v.mode !== 'confidence')
        say('verification', 'marks are a random sample, and no other');
    if (number(v, 'samples') !== number(v, 'canaries_checked') || number(v, 'block') !== number(device, 'logical_block'))
        say('samples', 'the marks are the sample, and it is not of their number');
}

export function checkVerification(claims, say) {
    const v = claims.verification, written = number(v, 'canaries_written'), checked = number(v, 'canaries_checked');
    if (!v.performed || v.mode === 'none' || !v.complete) {
        say('verification', 'a certificate of a device that was not verified');
        return;
    }
    for (const count of COUNTS) // "none" is said, and not left out
        if (v[count] === undefined)
            say('verification', `"${count}" of what was read back is not told`);
    if (v.mismatches > 0 || v.first_mismatch !== undefined)
        say('verification', 'verification found blocks that differ');
    if (v.unreadable > 0)
        say('verification', 'verification could not read some blocks');
    if (v.canaries_survived > 0)
        say('canaries', 'a mark written before the erasure was still there after it');
    if (checked + number(v, 'withheld') < written || written === 0n)
        say('canaries', 'no marks were written, or not all were looked for after');
    else if (checked > written)
        say('canaries', 'more marks were looked for than were written');
    checkMarks(claims, v, say);
    expected(claims, v, say);
    if (!v.identity_rechecked)
        say('identity', 'the device was not identified again after the erasure');
    amount(claims, v, say);
}
