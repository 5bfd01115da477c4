/* SPDX-License-Identifier: Apache-2.0 */
/* The record of one re-test: a person, a tool, a device of a draw, and what was found. */
#include "base/json.h"
#include "batch/record.h"
#include <string.h>

#define WHAT "the re-test"

static int bound_read(const json_t *claims, struct lethe_retest *out, struct lethe_error *err)
{
    struct lethe_batch_device draw;
    int rc = lethe_record_device(json_object_get(claims, "draw"), &draw, err);
    if (rc == 0)
        rc = lethe_record_device(json_object_get(claims, "certificate"), &out->certificate, err);
    if (rc == 0) {
        memcpy(out->draw, draw.jti, sizeof(out->draw));
        memcpy(out->draw_hash, draw.hash, sizeof(out->draw_hash));
    }
    return rc;
}

static int result_read(const json_t *claims, bool *residue, struct lethe_error *err)
{
    const char *result;
    int rc = lethe_json_str(claims, "result", &result, err);
    if (rc < 0)
        return rc;
    *residue = strcmp(result, "residue") == 0;
    return *residue || strcmp(result, "clean") == 0
               ? 0
               : lethe_fail(err, LETHE_E_INVALID,
                            "what " WHAT " found is neither clean nor residue");
}

static int claims_read(const json_t *claims, struct lethe_retest *out, struct lethe_error *err)
{
    static const char *const names[] = {"vct",    "iss",  "jti",         "iat", "organisation",
                                        "lot",    "draw", "certificate", "by",  "tool",
                                        "result", "note", NULL};
    const char *vct;
    int rc = lethe_members_known(claims, names, WHAT, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "vct", &vct, err);
    if (rc == 0 && strcmp(vct, LETHE_VCT_RETEST) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "vct says that it is no re-test");
    if (rc == 0)
        rc = lethe_json_copy(claims, "jti", out->jti, sizeof(out->jti), false, err);
    if (rc == 0 && !lethe_record_uuid_ok(out->jti))
        rc = lethe_fail(err, LETHE_E_INVALID, "the jti of " WHAT " is no UUID");
    if (rc == 0)
        rc = lethe_record_text(claims, "lot", out->lot, sizeof(out->lot), false, err);
    if (rc == 0)
        rc = lethe_record_text(claims, "by", out->by, sizeof(out->by), false, err);
    if (rc == 0)
        rc = lethe_record_text(claims, "tool", out->tool, sizeof(out->tool), false, err);
    if (rc == 0)
        rc = lethe_record_text(claims, "note", out->note, sizeof(out->note), true, err);
    if (rc == 0)
        rc = bound_read(claims, out, err);
    return rc == 0 ? result_read(claims, &out->residue, err) : rc;
}

int lethe_retest_verify(const struct lethe_trust *trust, const char *text, size_t len, uint64_t now,
                        struct lethe_retest *out, struct lethe_error *err)
{
    struct lethe_jws jws;
    memset(out, 0, sizeof(*out));
    int rc =
        lethe_jws_read(text, len, LETHE_RETEST_TEXT_MAX, LETHE_RETEST_TYP, true, WHAT, &jws, err);
    if (rc < 0)
        return rc;
    rc = claims_read(jws.claims, out, err);
    if (rc == 0)
        rc = lethe_record_signed(trust, &jws, WHAT, now, &out->iat, &out->chain, err);
    lethe_jws_clear(&jws);
    return rc;
}
