/* SPDX-License-Identifier: Apache-2.0 */
/* A verification's result as it is recorded and certified. */
#include "base/json.h"

#include <lethe/verification.h>
#include <string.h>

static const char *const modes[] = {
    [LETHE_VERIFY_NONE] = "none",
    [LETHE_VERIFY_FULL] = "full",
    [LETHE_VERIFY_CONFIDENCE] = "confidence",
    [LETHE_VERIFY_STRATA] = "strata",
};
#define MODES (sizeof(modes) / sizeof(modes[0]))

json_t *lethe_verify_result_to_json(const struct lethe_verify_result *result)
{
    json_t *json = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "mode", modes[result->mode],
        "block", (json_int_t)result->block, "blocks", (json_int_t)result->blocks, "samples",
        (json_int_t)result->samples, "bytes", (json_int_t)result->bytes, "coverage_ppm",
        (json_int_t)result->coverage_ppm, "mismatches", (json_int_t)result->mismatches,
        "canaries_checked", (json_int_t)result->canaries_checked, "canaries_survived",
        (json_int_t)result->canaries_survived, "unreadable", (json_int_t)result->unreadable,
        "excepted", (json_int_t)result->excepted, "complete", result->complete);
    if (json && result->first_mismatch != UINT64_MAX)
        json_object_set_new(json, "first_mismatch",
                            json_integer((json_int_t)result->first_mismatch));
    if (json && result->withheld > 0)
        json_object_set_new(json, "withheld", json_integer((json_int_t)result->withheld));
    return json;
}

static int get_u32(const json_t *json, const char *key, uint32_t *out, struct lethe_error *err)
{
    uint64_t value = 0;
    int rc = lethe_json_u64(json, key, &value, err);
    if (rc == 0 && value > UINT32_MAX)
        rc = lethe_fail(err, LETHE_E_INVALID, "\"%s\" is too large", key);
    *out = (uint32_t)value;
    return rc;
}

static int get_mode(const json_t *json, enum lethe_verify_mode *out, struct lethe_error *err)
{
    const char *mode;
    int rc = lethe_json_str(json, "mode", &mode, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < MODES; i++) {
        if (strcmp(modes[i], mode) == 0) {
            *out = (enum lethe_verify_mode)i;
            return 0;
        }
    }
    return lethe_fail(err, LETHE_E_INVALID, "\"mode\" is no mode of verification");
}

int lethe_verify_result_from_json(const json_t *json, struct lethe_verify_result *out,
                                  struct lethe_error *err)
{
    struct lethe_verify_result r = {.first_mismatch = UINT64_MAX};
    int rc = get_mode(json, &r.mode, err);
    if (rc < 0 || (rc = get_u32(json, "block", &r.block, err)) < 0 ||
        (rc = lethe_json_u64(json, "blocks", &r.blocks, err)) < 0 ||
        (rc = lethe_json_u64(json, "samples", &r.samples, err)) < 0 ||
        (rc = lethe_json_u64(json, "bytes", &r.bytes, err)) < 0 ||
        (rc = get_u32(json, "coverage_ppm", &r.coverage_ppm, err)) < 0 ||
        (rc = lethe_json_u64(json, "mismatches", &r.mismatches, err)) < 0 ||
        (rc = get_u32(json, "canaries_checked", &r.canaries_checked, err)) < 0 ||
        (rc = get_u32(json, "canaries_survived", &r.canaries_survived, err)) < 0 ||
        (rc = lethe_json_u64(json, "unreadable", &r.unreadable, err)) < 0 ||
        (rc = lethe_json_u64(json, "excepted", &r.excepted, err)) < 0 ||
        (rc = lethe_json_bool(json, "complete", &r.complete, err)) < 0)
        return rc;
    if (json_object_get(json, "first_mismatch") &&
        (rc = lethe_json_u64(json, "first_mismatch", &r.first_mismatch, err)) < 0)
        return rc;
    if (json_object_get(json, "withheld") &&
        (rc = lethe_json_u64(json, "withheld", &r.withheld, err)) < 0)
        return rc;
    size_t members = 12u + (r.first_mismatch != UINT64_MAX) + (r.withheld > 0);
    if (json_object_size(json) != members)
        return lethe_fail(err, LETHE_E_INVALID, "a verification result with unknown members");
    /* Counts that contradict each other would let a mismatch hide. */
    if (r.block == 0 || r.coverage_ppm > 1000000 || r.samples > r.blocks ||
        r.canaries_survived > r.canaries_checked ||
        (r.mismatches > 0) != (r.first_mismatch != UINT64_MAX))
        return lethe_fail(err, LETHE_E_INVALID, "a verification result that contradicts itself");
    *out = r;
    return 0;
}
