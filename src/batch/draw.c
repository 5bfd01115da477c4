/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a draw: which devices of a lot are to be tested again, and why just those. */
#include "base/json.h"
#include "base/text.h"
#include "batch/record.h"
#include <stdlib.h>
#include <string.h>

#define WHAT "the draw"

static int number_read(const json_t *claims, const char *key, unsigned min, unsigned max,
                       unsigned *out, struct lethe_error *err)
{
    uint64_t value;
    int rc = lethe_json_u64(claims, key, &value, err);
    if (rc == 0 && (value < min || value > max))
        rc = lethe_fail(err, LETHE_E_INVALID, "\"%s\" of " WHAT " is out of range", key);
    if (rc == 0)
        *out = (unsigned)value;
    return rc;
}

static int devices_read(const json_t *claims, struct lethe_draw *out, struct lethe_error *err)
{
    const json_t *list = lethe_json_get(claims, "devices", JSON_ARRAY, err);
    size_t n = json_array_size(list);
    if (!list)
        return -LETHE_E_INVALID;
    if (n == 0 || n > LETHE_BATCH_DEVICES_MAX)
        return lethe_fail(err, LETHE_E_INVALID, WHAT " is of no device, or of too many");
    out->devices = calloc(n, sizeof(*out->devices));
    int rc = out->devices ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (; rc == 0 && out->n_devices < n; out->n_devices++)
        rc = lethe_record_device(json_array_get(list, out->n_devices),
                                 &out->devices[out->n_devices], err);
    return rc;
}

static int checkpoint_read(const json_t *claims, struct lethe_draw *out, struct lethe_error *err)
{
    const char *text;
    int rc = lethe_json_str(claims, "checkpoint", &text, err);
    if (rc < 0)
        return rc;
    size_t len = strlen(text);
    out->checkpoint = malloc(len + 1);
    ssize_t n = out->checkpoint ? lethe_b64url_decode(out->checkpoint, len, text, len) : -1;
    out->checkpoint_len = n > 0 ? (size_t)n : 0;
    return n > 0 ? 0 : lethe_fail(err, LETHE_E_INVALID, WHAT " names no checkpoint");
}

/* The first of a lot has none before it, each other one has. */
static int previous_read(const json_t *claims, struct lethe_draw *out, struct lethe_error *err)
{
    int rc = lethe_json_copy(claims, "previous", out->previous, sizeof(out->previous), true, err);
    if (rc == 0 && ((out->number > 1) != (out->previous[0] != '\0') ||
                    (out->previous[0] && !lethe_record_hash_ok(out->previous))))
        rc = lethe_fail(err, LETHE_E_INVALID, "the numbering of " WHAT " is wrong");
    return rc;
}

static int claims_read(const json_t *claims, struct lethe_draw *out, struct lethe_error *err)
{
    static const char *const names[] = {"vct",
                                        "iss",
                                        "jti",
                                        "iat",
                                        "lot",
                                        "number",
                                        "organisation",
                                        "previous",
                                        "sample",
                                        "bad_ppm",
                                        "confidence_ppm",
                                        "checkpoint",
                                        "devices",
                                        NULL};
    const char *vct;
    unsigned sample = 0;
    int rc = lethe_members_known(claims, names, WHAT, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "vct", &vct, err);
    if (rc == 0 && strcmp(vct, LETHE_VCT_DRAW) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "vct says that it is no draw");
    if (rc == 0)
        rc = lethe_json_copy(claims, "jti", out->jti, sizeof(out->jti), false, err);
    if (rc == 0 && !lethe_record_uuid_ok(out->jti))
        rc = lethe_fail(err, LETHE_E_INVALID, "the jti of " WHAT " is no UUID");
    if (rc == 0)
        rc = lethe_record_text(claims, "lot", out->lot, sizeof(out->lot), false, err);
    if (rc == 0)
        rc = number_read(claims, "number", 1, 1000, &out->number, err);
    if (rc == 0)
        rc = number_read(claims, "confidence_ppm", 500000, 999999, &out->confidence_ppm, err);
    if (rc == 0)
        rc = number_read(claims, "bad_ppm", 1, 500000, &out->bad_ppm, err);
    if (rc == 0)
        rc = previous_read(claims, out, err);
    if (rc == 0)
        rc = checkpoint_read(claims, out, err);
    if (rc == 0)
        rc = devices_read(claims, out, err);
    if (rc == 0)
        rc = number_read(claims, "sample", 1, LETHE_BATCH_DEVICES_MAX, &sample, err);
    out->sample = sample;
    return rc;
}

int lethe_draw_verify(const struct lethe_trust *trust, const char *text, size_t len, uint64_t now,
                      struct lethe_draw *out, struct lethe_error *err)
{
    struct lethe_jws jws;
    char origin[LETHE_BATCH_ORIGIN_SIZE];
    memset(out, 0, sizeof(*out));
    int rc = lethe_jws_read(text, len, LETHE_DRAW_TEXT_MAX, LETHE_DRAW_TYP, true, WHAT, &jws, err);
    if (rc < 0)
        return rc;
    rc = claims_read(jws.claims, out, err);
    if (rc == 0)
        rc = lethe_record_signed(trust, &jws, WHAT, now, &out->iat, &out->chain, err);
    lethe_jws_clear(&jws);
    if (rc == 0)
        rc = lethe_draw_ordered(out, origin, err);
    if (rc == 0 && strcmp(origin, out->chain.log_origin) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID,
                        "the checkpoint of " WHAT " is not of the log of its bench");
    if (rc == 0 &&
        out->sample != lethe_batch_size(out->n_devices, out->confidence_ppm, out->bad_ppm))
        rc = lethe_fail(err, LETHE_E_INVALID,
                        "%zu of %zu devices is not what " WHAT " says of itself", out->sample,
                        out->n_devices);
    lethe_record_hash(text, len, out->hash);
    return rc;
}

void lethe_draw_clear(struct lethe_draw *draw)
{
    free(draw->devices);
    free(draw->checkpoint);
    memset(draw, 0, sizeof(*draw));
}
