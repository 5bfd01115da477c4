/* SPDX-License-Identifier: Apache-2.0 */
/* lethe lot retest: another person has tested a drawn device again. */
#include "lot.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <trust/validation.h>
#include <unistd.h>

#define RETESTS_MAX 100

/* LOT.retest-JOB.jwt, then LOT.retest-JOB-2.jwt ...: what was found before stays. */
static int next_file(const struct lethe_cli *cli, const char *lot, const char *job, char *out,
                     size_t out_size, struct lethe_error *err)
{
    char rest[80];
    for (int n = 1; n <= RETESTS_MAX; n++) {
        char number[8] = "";
        if (n > 1)
            lethe_text_format(number, sizeof number, "-%d", n);
        lethe_text_format(rest, sizeof rest, ".retest-%s%s.jwt", job, number);
        int rc = lethe_lot_file(cli, lot, rest, out, out_size, err);
        if (rc < 0 || access(out, F_OK) != 0)
            return rc;
    }
    return lethe_fail(err, LETHE_E_LIMIT, "job %.8s was tested again %d times", job, RETESTS_MAX);
}

static int drawn(const struct lethe_draw *draw, const char *hash, struct lethe_error *err)
{
    for (size_t i = 0; i < draw->sample; i++)
        if (strcmp(draw->devices[i].hash, hash) == 0)
            return 0;
    int rc =
        lethe_fail(err, LETHE_E_REFUSED, "this device was not drawn from lot '%.100s'", draw->lot);
    lethe_error_effect(err, "nothing was signed: what somebody chose says nothing of the lot");
    lethe_error_remedy(err, "test the drawn ones: lethe lot show '%.100s'", draw->lot);
    return rc;
}

static int wish_make(const struct lethe_lot_options *o, const struct lethe_draw *draw,
                     const json_t *claims, struct lethe_retest *wish, struct lethe_error *err)
{
    wish->residue = o->residue;
    memcpy(wish->lot, draw->lot, sizeof wish->lot);
    memcpy(wish->draw, draw->jti, sizeof wish->draw);
    memcpy(wish->draw_hash, draw->hash, sizeof wish->draw_hash);
    lethe_text_format(wish->certificate.jti, sizeof wish->certificate.jti, "%s",
                      lethe_cli_text(claims, "jti"));
    if (!lethe_text_is_name(o->by))
        return lethe_fail(err, LETHE_E_USAGE, "--by: that is nobody's name");
    if (!lethe_text_format(wish->by, sizeof wish->by, "%s", o->by) ||
        !lethe_text_format(wish->tool, sizeof wish->tool, "%s", o->tool) ||
        !lethe_text_format(wish->note, sizeof wish->note, "%s", o->note ? o->note : ""))
        return lethe_fail(err, LETHE_E_USAGE, "--by, --tool or --note is too long");
    return drawn(draw, wish->certificate.hash, err);
}

int lethe_lot_retest(struct lethe_cli *cli, const struct lethe_lot_options *o,
                     struct lethe_error *err)
{
    char *text = NULL, *record = NULL, job[37] = "", path[PATH_MAX];
    struct lethe_retest wish = {0};
    struct lethe_draw draw = {0};
    LETHE_JSON_AUTO *claims = NULL;
    int rc = lethe_cli_look_store(cli, err);
    if (rc >= 0)
        rc = lethe_store_certificate_get(cli->store, o->id, &text, job, err);
    if (rc >= 0)
        rc = lethe_certificate_decode(text, strlen(text), &claims, err);
    if (rc >= 0 && !json_object_get(claims, "lot"))
        rc = lethe_fail(err, LETHE_E_REFUSED, "this device is of no lot");
    if (rc >= 0)
        rc = lethe_certificate_hash(text, strlen(text), wish.certificate.hash);
    if (rc >= 0)
        rc = lethe_lot_last(cli, lethe_cli_text(claims, "lot"), &draw, err);
    if (rc >= 0)
        rc = wish_make(o, &draw, claims, &wish, err);
    if (rc >= 0)
        rc = lethe_cli_ready_signer(cli, err);
    if (rc >= 0)
        rc = lethe_retest_make(cli->signer, &wish,
                               json_string_value(json_object_get(claims, "operator")),
                               lethe_now_ms(), &record, err);
    if (rc >= 0)
        rc = next_file(cli, wish.lot, job, path, sizeof path, err);
    if (rc >= 0)
        rc = lethe_file_write(path, record, strlen(record), 0644, err);
    const char *result = wish.residue ? "residue" : "clean";
    if (rc >= 0 && o->json)
        lethe_cli_print_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "lot", wish.lot, "job", job, "by",
                                       wish.by, "result", result, "file", path));
    else if (rc >= 0)
        printf("%s, found by %s: %s\n", result, wish.by, path);
    if (rc >= 0 && wish.residue)
        fprintf(stderr,
                "lethe: certificate %.8s says that this device was sanitised, and it was "
                "not: lethe keys revoke %.8s\n",
                wish.certificate.jti, job);
    lethe_draw_clear(&draw);
    free(text);
    free(record);
    return rc;
}
