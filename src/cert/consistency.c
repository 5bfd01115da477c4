/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/consistency.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include <lethe/certificate.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

struct checking {
    const json_t *claims;
    void (*fn)(void *user, const struct lethe_complaint *why);
    void *user;
    int found;
};

#define CONTRADICTION(c, code, ...)                                                                \
    do {                                                                                           \
        struct lethe_complaint why;                                                                \
        lethe_complain(&why, "contradiction-" code, __VA_ARGS__);                                  \
        (c)->found++;                                                                              \
        (c)->fn((c)->user, &why);                                                                  \
    } while (0)

/* Missing members read as 0, false and "": what is required has been checked by the schema. */
static uint64_t number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static bool truth(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static void check_times(struct checking *c)
{
    const json_t *times = json_object_get(c->claims, "times");
    uint64_t created = 0, started = 0, ended = 0;
    lethe_time_parse(text(times, "created"), &created);
    lethe_time_parse(text(times, "ended"), &ended);
    bool has_start = lethe_time_parse(text(times, "started"), &started) == 0;
    if (ended < created || (has_start && (started < created || ended < started)))
        CONTRADICTION(c, "times", "it ended before it began");
    if (number(c->claims, "iat") < ended / 1000)
        CONTRADICTION(c, "times", "it was signed before the job ended");
}

/* Rule 8: what was erased is what the device's own description says. */
static void check_substrate(struct checking *c)
{
    const json_t *device = json_object_get(c->claims, "device"), *item;
    const char *substrate = text(c->claims, "substrate"), *bus = text(device, "bus");
    if (strcmp(substrate, "physical") != 0)
        return;
    if (strcmp(text(device, "class"), "image") == 0 || strcmp(text(device, "media"), "file") == 0 ||
        strcmp(bus, "loop") == 0 || strcmp(bus, "file") == 0 || strcmp(bus, "emulated") == 0 ||
        strcmp(bus, "virtio") == 0)
        CONTRADICTION(c, "substrate", "an image or a virtual device is called physical");
    size_t i;
    json_array_foreach(json_object_get(c->claims, "identifiers"), i, item)
    {
        if (strcmp(text(item, "kind"), "backing") == 0)
            CONTRADICTION(c, "substrate", "a physical device is named after an image file");
    }
}

/* A commitment of START and what END revealed: SHA-256 over the key's bytes. */
static void check_commitment(struct checking *c, const char *commit, const char *key,
                             const char *what)
{
    uint8_t bytes[32];
    char hash[65];
    if (!key[0] || !commit[0])
        return;
    lethe_hex_decode(bytes, sizeof(bytes), key, strlen(key));
    lethe_sha256_hex(hash, bytes, sizeof(bytes));
    if (strcmp(hash, commit) != 0)
        CONTRADICTION(c, "commitment", "the %s is not the one committed to at the start", what);
}

static void check_commitments(struct checking *c)
{
    const json_t *v = json_object_get(c->claims, "verification");
    check_commitment(c, text(v, "sample_commit"), text(v, "sample_key"), "sample key");
    check_commitment(c, text(v, "canary_commit"), text(v, "canary_key"), "canary key");
    check_commitment(c, text(c->claims, "seed_commit"), text(c->claims, "seed"), "seed");
}

static bool host_overwrite(const json_t *claims)
{
    const json_t *technique = json_object_get(claims, "technique");
    return json_array_size(json_object_get(technique, "passes")) > 0;
}

static void check_method(struct checking *c)
{
    const json_t *policy = json_object_get(c->claims, "policy");
    const json_t *profile = json_object_get(c->claims, "profile");
    int method = lethe_method_parse(text(c->claims, "method"));
    if (method == LETHE_METHOD_NONE)
        CONTRADICTION(c, "method", "a certificate of no sanitisation method");
    else if (method < lethe_method_parse(text(policy, "method")))
        CONTRADICTION(c, "method", "%s is less than the %s its policy asks for",
                      text(c->claims, "method"), text(policy, "method"));
    /* facts: SP 800-88r2 section 3.1.1, IEEE 2883: the host reaches only what is addressable. */
    if (host_overwrite(c->claims) && method > LETHE_METHOD_CLEAR)
        CONTRADICTION(c, "method", "overwriting by the host is called %s, it is clear at most",
                      text(c->claims, "method"));
    if (!host_overwrite(c->claims) &&
        strcmp(text(json_object_get(c->claims, "technique"), "name"), "overwrite") == 0)
        CONTRADICTION(c, "passes", "an overwrite without passes");
    if (lethe_test_status_parse(text(profile, "test_status")) <
            lethe_test_status_parse(text(policy, "min_test_status")) &&
        !truth(profile, "accepted_untested"))
        CONTRADICTION(c, "test-status", "the technique is less tested than the policy accepts");
}

static void check_outcome(struct checking *c)
{
    const json_t *policy = json_object_get(c->claims, "policy");
    const json_t *exceptions = json_object_get(c->claims, "exceptions");
    int outcome = lethe_outcome_parse(text(c->claims, "outcome"));
    uint64_t sectors = number(exceptions, "sectors");
    if (outcome != LETHE_OUTCOME_PASSED && outcome != LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS)
        CONTRADICTION(c, "outcome", "a certificate of a job that is %s",
                      text(c->claims, "outcome"));
    if (!truth(policy, "met"))
        CONTRADICTION(c, "policy", "a certificate of a job that did not meet its policy");
    if (!json_object_get(json_object_get(c->claims, "times"), "started"))
        CONTRADICTION(c, "times", "a certificate of a job that never started");
    if (outcome == LETHE_OUTCOME_PASSED && (sectors > 0 || truth(exceptions, "truncated") ||
                                            json_array_size(json_object_get(exceptions, "ranges"))))
        CONTRADICTION(c, "exceptions", "passed without exceptions, but there are exceptions");
    if (outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS) {
        if (!truth(policy, "exceptions_allowed"))
            CONTRADICTION(c, "exceptions", "exceptions that the policy does not allow");
        else if (sectors == 0)
            CONTRADICTION(c, "exceptions", "passed with exceptions, but there are none");
        else if (sectors > number(policy, "exceptions_max_sectors"))
            CONTRADICTION(c, "exceptions", "more exceptions than the policy allows");
    }
}

/* Bytes of the exceptions, as far as their number of sectors tells. */
static uint64_t excepted_bytes(const json_t *claims)
{
    uint64_t sectors = number(json_object_get(claims, "exceptions"), "sectors"), bytes;
    uint64_t block = number(json_object_get(claims, "device"), "logical_block");
    return __builtin_mul_overflow(sectors, block, &bytes) ? UINT64_MAX : bytes;
}

static void check_passes(struct checking *c)
{
    uint64_t capacity = number(json_object_get(c->claims, "device"), "capacity");
    uint64_t excepted = excepted_bytes(c->claims);
    json_t *pass;
    size_t i;
    if (capacity == 0)
        CONTRADICTION(c, "capacity", "a device without capacity");
    json_array_foreach(json_object_get(json_object_get(c->claims, "technique"), "passes"), i, pass)
    {
        uint64_t bytes = number(pass, "bytes");
        if (bytes > capacity || capacity - bytes > excepted)
            CONTRADICTION(c, "passes", "pass %zu wrote %llu bytes of %llu", i + 1,
                          (unsigned long long)bytes, (unsigned long long)capacity);
    }
}

/* n = ceil(ln(1-c)/ln(1-p)), at most all blocks (facts/standards.md section 6). */
static uint64_t samples_needed(uint64_t confidence_ppm, uint64_t fraction_ppm, uint64_t blocks)
{
    if (confidence_ppm >= 1000000 || fraction_ppm == 0)
        return blocks;
    if (fraction_ppm >= 1000000)
        return 1;
    double n = ceil(log1p(-(double)confidence_ppm / 1e6) / log1p(-(double)fraction_ppm / 1e6));
    return n >= (double)blocks ? blocks : (uint64_t)n;
}

static void check_amount(struct checking *c, const json_t *v, const char *mode)
{
    uint64_t capacity = number(json_object_get(c->claims, "device"), "capacity");
    uint64_t block = number(v, "block"), blocks = number(v, "blocks");
    uint64_t samples = number(v, "samples"), bytes = number(v, "bytes");
    uint64_t excepted = number(v, "excepted"), most;
    if (block == 0 || blocks == 0 || blocks != capacity / block + (capacity % block != 0)) {
        CONTRADICTION(c, "samples", "the blocks of verification are not those of the device");
        return;
    }
    /* The last block may be a short one, and what could be read of a block with an exception in it
     * was compared, though the block counts as excepted. */
    uint64_t partial = (excepted > blocks ? blocks : excepted) * block;
    /* A block with a known exception is not compared as a whole, but what is around the exception
     * is read: so there may be more bytes than whole samples. */
    if (samples > blocks || excepted > blocks - samples || bytes > capacity ||
        __builtin_mul_overflow(samples + excepted, block, &most) || bytes > most ||
        bytes + (block - 1) < samples * block)
        CONTRADICTION(c, "samples", "%llu samples are not %llu bytes", (unsigned long long)samples,
                      (unsigned long long)bytes);
    uint64_t coverage = (uint64_t)((unsigned __int128)bytes * 1000000 / capacity);
    if (number(v, "coverage_ppm") > coverage + 1 || number(v, "coverage_ppm") + 1 < coverage)
        CONTRADICTION(c, "coverage", "the coverage is not what the bytes say");
    bool full = strcmp(mode, "full") == 0;
    if ((full || number(json_object_get(c->claims, "interruptions"), "resumed") > 0) &&
        samples + excepted < blocks)
        CONTRADICTION(c, "coverage", "the device was not read in full");
    if (strcmp(mode, "confidence") == 0 &&
        samples + excepted <
            samples_needed(number(v, "confidence_ppm"), number(v, "fraction_ppm"), blocks))
        CONTRADICTION(c, "samples", "fewer samples than the stated confidence needs");
    uint64_t share = number(v, "samples_per_subsection") * number(v, "percent_ppm");
    uint64_t reached = bytes + partial;
    if (strcmp(mode, "strata") == 0 &&
        (number(v, "subsections") == 0 || share == 0 ||
         (samples + excepted < blocks &&
          (unsigned __int128)reached * 1000000 < (unsigned __int128)capacity * share - 1000000)))
        CONTRADICTION(c, "samples", "fewer samples than the stated strata need");
    if (excepted > 0 && excepted_bytes(c->claims) == 0)
        CONTRADICTION(c, "exceptions", "blocks were skipped as exceptions, but there are none");
}

static void check_verification(struct checking *c)
{
    const json_t *v = json_object_get(c->claims, "verification");
    const char *mode = text(v, "mode");
    if (!truth(v, "performed") || strcmp(mode, "none") == 0 || !truth(v, "complete")) {
        CONTRADICTION(c, "verification", "a certificate of a device that was not verified");
        return;
    }
    if (number(v, "mismatches") > 0 || json_object_get(v, "first_mismatch"))
        CONTRADICTION(c, "verification", "verification found blocks that differ");
    if (number(v, "unreadable") > 0)
        CONTRADICTION(c, "verification", "verification could not read some blocks");
    if (number(v, "canaries_survived") > 0)
        CONTRADICTION(c, "canaries", "a mark written before the erasure was still there after it");
    if (number(v, "canaries_checked") < number(v, "canaries_written") ||
        number(v, "canaries_written") == 0)
        CONTRADICTION(c, "canaries", "no marks were written, or not all were looked for after");
    if (!truth(v, "identity_rechecked"))
        CONTRADICTION(c, "identity", "the device was not identified again after the erasure");
    check_amount(c, v, mode);
}

int lethe_consistency_check(const json_t *claims,
                            void (*fn)(void *user, const struct lethe_complaint *why), void *user)
{
    struct checking c = {claims, fn, user, 0};
    check_times(&c);
    check_substrate(&c);
    check_commitments(&c);
    if (strcmp(text(claims, "vct"), LETHE_VCT_CERTIFICATE) == 0) {
        check_outcome(&c);
        check_method(&c);
        check_passes(&c);
        check_verification(&c);
    }
    return c.found;
}
