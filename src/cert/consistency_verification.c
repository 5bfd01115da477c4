/* SPDX-License-Identifier: Apache-2.0 */
/* Does what was read back carry what the certificate states? */
#include "cert/checking.h"
#include "cert/technique.h"
#include <math.h>
#include <string.h>

/* Below these a statement says nothing. Strata: SP 800-88r1 section 4.7. */
#define CONFIDENCE_LEAST 900000
#define FRACTION_MOST 100000
#define SUBSECTIONS_LEAST 1000
#define STRATA_LEAST 10000

/* Where no sample is drawn, the marks of an erasure that was written over state this. */
#define MARKS_CONFIDENCE 990000
#define MARKS_FRACTION 1000

uint64_t lethe_samples_needed(uint64_t confidence_ppm, uint64_t fraction_ppm, uint64_t blocks)
{
    double n = ceil(log1p(-(double)confidence_ppm / 1e6) / log1p(-(double)fraction_ppm / 1e6));
    return n >= (double)blocks ? blocks : (uint64_t)n;
}

/* Bytes that nobody could compare: known exceptions, and what the drive withheld by its own word.
 */
static uint64_t known_bytes(const struct lethe_node *claims, uint64_t capacity)
{
    const struct lethe_node *v = lethe_node_get(claims, "verification");
    uint64_t bytes = lethe_excepted_bytes(claims), withheld;
    if (__builtin_mul_overflow(number(v, "withheld"), number(v, "block"), &withheld) ||
        __builtin_add_overflow(bytes, withheld, &bytes))
        return capacity;
    return bytes < capacity ? bytes : capacity;
}

/* Where nothing is known of what the erasure left, the marks written before are the sample; a
 * device's own erasure that was cut short began anew, so that they are no worse after a resumption.
 */
static bool by_marks(const struct lethe_node *v)
{
    return strcmp(text(v, "expected"), "unknown") == 0;
}

/* What is stated must say something: nobody is helped by "at most 99 % with 1 % confidence". */
static void check_confidence(struct checking *c, const struct lethe_node *v, uint64_t samples,
                             uint64_t excepted, uint64_t blocks)
{
    uint64_t confidence = number(v, "confidence_ppm"), fraction = number(v, "fraction_ppm");
    if (confidence < CONFIDENCE_LEAST || confidence >= 1000000 || fraction == 0 ||
        fraction > FRACTION_MOST)
        CONTRADICTION(c, "samples",
                      "a sample that states no confidence of 90 %% or more in at "
                      "most 10 %%");
    else if (samples + (by_marks(v) ? excepted : 0) <
                 lethe_samples_needed(confidence, fraction, blocks) &&
             samples + excepted < blocks)
        CONTRADICTION(c, "samples", "fewer samples than the stated confidence needs");
}

/* REACHED: bytes that were compared, or are in a block with an exception or a withheld one. */
static void check_strata(struct checking *c, const struct lethe_node *v, uint64_t capacity,
                         uint64_t reached)
{
    uint64_t subsections = number(v, "subsections"), each = number(v, "samples_per_subsection");
    uint64_t percent = number(v, "percent_ppm");
    uint64_t samples = number(v, "samples") + number(v, "excepted") + number(v, "withheld");
    uint64_t blocks = number(v, "blocks");
    if (subsections < SUBSECTIONS_LEAST || each == 0 || each > 1000000 ||
        each * percent < STRATA_LEAST || each * percent > 1000000) {
        CONTRADICTION(c, "samples",
                      "strata that are not 1000 subsections and 1 %% of each or more");
        return;
    }
    uint64_t most = subsections > blocks / each ? blocks : subsections * each;
    if (samples < most || (samples < blocks && (unsigned __int128)reached * 1000000 + 1000000 <
                                                   (unsigned __int128)capacity * each * percent))
        CONTRADICTION(c, "samples", "fewer samples than the stated strata need");
}

static void check_amount(struct checking *c, const struct lethe_node *v, const char *mode)
{
    uint64_t capacity = number(lethe_node_get(c->claims, "device"), "capacity");
    uint64_t block = number(v, "block"), blocks = number(v, "blocks");
    uint64_t samples = number(v, "samples"), bytes = number(v, "bytes");
    uint64_t excepted = number(v, "excepted"), most;
    uint64_t withheld = number(v, "withheld");
    uint64_t logical = number(lethe_node_get(c->claims, "device"), "logical_block");
    if (block == 0 || blocks == 0 || blocks != capacity / block + (capacity % block != 0) ||
        (logical >= 512 && (logical & (logical - 1)) == 0 && block % logical != 0)) {
        CONTRADICTION(c, "samples", "the blocks of verification are not those of the device");
        return;
    }
    /* The last block may be a short one, and what could be read of a block with an exception in it
     * was compared, though the block counts as excepted. */
    uint64_t partial = (excepted > blocks ? blocks : excepted) * block;
    uint64_t missing = (block - capacity % block) % block; /* of the last one */
    uint64_t hidden = (withheld > blocks ? blocks : withheld) * block;
    /* A block with a known exception is not compared as a whole, but what is around the exception
     * is read: so there may be more bytes than whole samples. */
    if (samples > blocks || excepted > blocks - samples || bytes > capacity ||
        __builtin_mul_overflow(samples + excepted, block, &most) || bytes > most ||
        bytes + missing < samples * block)
        CONTRADICTION(c, "samples", "%llu samples are not %llu bytes", (unsigned long long)samples,
                      (unsigned long long)bytes);
    uint64_t coverage = (uint64_t)((unsigned __int128)bytes * 1000000 / capacity);
    if (number(v, "coverage_ppm") > coverage + 1 || number(v, "coverage_ppm") + 1 < coverage)
        CONTRADICTION(c, "coverage", "the coverage is not what the bytes say");
    if (samples == 0 && withheld == 0)
        CONTRADICTION(c, "samples", "nothing was compared");
    if (withheld > blocks - samples)
        CONTRADICTION(c, "samples", "more blocks were withheld than the device has");
    if (excepted > number(lethe_node_get(c->claims, "exceptions"), "sectors"))
        CONTRADICTION(c, "exceptions", "more blocks were skipped than there are exceptions");
    bool full = strcmp(mode, "full") == 0;
    bool again = number(lethe_node_get(c->claims, "interruptions"), "resumed") > 0;
    if ((full || (again && !by_marks(v))) && (samples + excepted + withheld < blocks ||
                                              bytes < capacity - known_bytes(c->claims, capacity)))
        CONTRADICTION(c, "coverage", "the device was not read in full");
    if (strcmp(mode, "confidence") == 0)
        check_confidence(c, v, samples, excepted + withheld, blocks);
    if (strcmp(mode, "strata") == 0)
        check_strata(c, v, capacity, bytes + partial + hidden);
}

/* Only after its own block or cryptographic erase may a device keep blocks to itself, and only
 * where its command set has a word by which it says so beforehand: ATA and eMMC have none. */
static void check_withheld(struct checking *c, const struct lethe_node *v,
                           const struct lethe_known_technique *known)
{
    const char *bus = text(lethe_node_get(c->claims, "device"), "bus");
    if (number(v, "withheld") == 0)
        return;
    bool says = known && strcmp(known->kind, "overwrite") != 0 &&
                (known->set ? strcmp(known->set, "SCSI") == 0 || strcmp(known->set, "NVMe") == 0
                            : strcmp(bus, "ata") != 0);
    if (!says)
        CONTRADICTION(c, "verification", "such a device can't say that it may withhold blocks");
    if (!lethe_is_limited(c->claims, "By its own word the drive may refuse to give out blocks"))
        CONTRADICTION(c, "verification", "blocks were withheld, and its limitations do not say so");
}

/* What a device did to itself before it was written over, its marks alone show. */
static void check_marks(struct checking *c, const struct lethe_node *v, const char *mode)
{
    const struct lethe_node *device = lethe_node_get(c->claims, "device");
    const struct lethe_node *technique = lethe_node_get(c->claims, "technique");
    const struct lethe_known_technique *known = lethe_known_technique(text(technique, "name"));
    uint64_t block = number(device, "logical_block"), written = number(v, "canaries_written");
    uint64_t blocks = block ? number(device, "capacity") / block : 0;
    uint64_t sure = MARKS_CONFIDENCE, fraction = MARKS_FRACTION;
    if (strcmp(mode, "confidence") == 0) {
        sure = number(v, "confidence_ppm");
        fraction = number(v, "fraction_ppm");
    }
    if (written > blocks)
        CONTRADICTION(c, "canaries", "more marks were written than the device has blocks");
    if (by_marks(v) && number(v, "canaries_checked") + number(v, "withheld") > written)
        CONTRADICTION(c, "canaries", "more marks were looked for or withheld than were written");
    if (known && !known->host && lethe_node_get(technique, "followed_by") && sure > 0 &&
        sure < 1000000 && fraction > 0 && fraction < 1000000 &&
        written < lethe_samples_needed(sure, fraction, blocks))
        CONTRADICTION(c, "canaries", "too few marks for an erasure that was written over");
}

/* What can be expected follows from how the medium was erased. */
static void check_expected(struct checking *c, const struct lethe_node *v, const char *mode)
{
    const struct lethe_node *technique = lethe_node_get(c->claims, "technique");
    const struct lethe_known_technique *known = lethe_known_technique(text(technique, "name"));
    const char *expected = text(v, "expected");
    bool device = known && !known->host && !lethe_node_get(technique, "followed_by");
    if (expected[0] && strcmp(expected, "pattern") != 0 && !device) {
        CONTRADICTION(c, "verification", "what a host wrote last is known, and must be looked for");
        return;
    }
    if (device && strcmp(known->kind, "crypto-erase") == 0 && !by_marks(v))
        CONTRADICTION(c, "verification", "nobody knows what a cryptographic erase leaves");
    check_withheld(c, v, device ? known : NULL);
    if (!by_marks(v))
        return;
    if (strcmp(mode, "confidence") != 0)
        CONTRADICTION(c, "verification", "marks are a random sample, and no other");
    if (number(v, "samples") != number(v, "canaries_checked") ||
        number(v, "block") != number(lethe_node_get(c->claims, "device"), "logical_block"))
        CONTRADICTION(c, "samples", "the marks are the sample, and it is not of their number");
}

/* "None" is said, and not left out. */
static void check_told(struct checking *c, const struct lethe_node *v)
{
    static const char *const counts[] = {
        "samples",  "bytes",      "coverage_ppm",     "mismatches",
        "excepted", "unreadable", "canaries_checked", "canaries_survived"};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (!lethe_node_get(v, counts[i]))
            CONTRADICTION(c, "verification", "\"%s\" of what was read back is not told", counts[i]);
}

void lethe_check_verification(struct checking *c)
{
    const struct lethe_node *v = lethe_node_get(c->claims, "verification");
    const char *mode = text(v, "mode");
    if (!truth(v, "performed") || strcmp(mode, "none") == 0 || !truth(v, "complete")) {
        CONTRADICTION(c, "verification", "a certificate of a device that was not verified");
        return;
    }
    check_told(c, v);
    if (number(v, "mismatches") > 0 || lethe_node_get(v, "first_mismatch"))
        CONTRADICTION(c, "verification", "verification found blocks that differ");
    if (number(v, "unreadable") > 0)
        CONTRADICTION(c, "verification", "verification could not read some blocks");
    if (number(v, "canaries_survived") > 0)
        CONTRADICTION(c, "canaries", "a mark written before the erasure was still there after it");
    if (number(v, "canaries_checked") + number(v, "withheld") < number(v, "canaries_written") ||
        number(v, "canaries_written") == 0)
        CONTRADICTION(c, "canaries", "no marks were written, or not all were looked for after");
    else if (number(v, "canaries_checked") > number(v, "canaries_written"))
        CONTRADICTION(c, "canaries", "more marks were looked for than were written");
    check_marks(c, v, mode);
    check_expected(c, v, mode);
    if (!truth(v, "identity_rechecked"))
        CONTRADICTION(c, "identity", "the device was not identified again after the erasure");
    check_amount(c, v, mode);
}
