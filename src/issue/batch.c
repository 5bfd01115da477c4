/* SPDX-License-Identifier: Apache-2.0 */
/* Signing the draw of a lot and the re-tests: what src/batch verifies. */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "batch/record.h"
#include "keys/internal.h"
#include "trust/validation.h"
#include "trust/x509_profile.h"
#include <stdlib.h>
#include <string.h>

/* The claims that both begin with. */
static json_t *begin(const struct lethe_signer *signer, const char *vct, const char *lot,
                     uint64_t now)
{
    char jti[37], iss[sizeof(signer->bench) + sizeof(LETHE_BENCH_URI)];
    lethe_uuid7(jti);
    lethe_text_format(iss, sizeof(iss), LETHE_BENCH_URI "%s", signer->bench);
    return json_pack("{s:s,s:s,s:s,s:I,s:s,s:s}", "vct", vct, "iss", iss, "jti", jti, "iat",
                     (json_int_t)(now / 1000), "organisation", signer->organisation, "lot", lot);
}

static int text_ok(const char *what, const char *text, bool optional, struct lethe_error *err)
{
    return lethe_text_is_clean(text) && (optional || text[strspn(text, " .,")])
               ? 0
               : lethe_fail(err, LETHE_E_USAGE, "%s must be plain text", what);
}

int lethe_draw_make(struct lethe_signer *signer, struct lethe_draw *wish, uint64_t now, char **text,
                    struct lethe_error *err)
{
    char origin[LETHE_BATCH_ORIGIN_SIZE];
    int rc = text_ok("the name of the lot", wish->lot, false, err);
    if (rc == 0 && (wish->n_devices == 0 || wish->n_devices > LETHE_BATCH_DEVICES_MAX))
        rc = lethe_fail(err, LETHE_E_LIMIT, "a lot to draw from has 1 to %d devices, not %zu",
                        LETHE_BATCH_DEVICES_MAX, wish->n_devices);
    if (rc == 0)
        rc = lethe_draw_order(wish, origin, err);
    if (rc < 0)
        return rc;
    wish->sample = lethe_batch_size(wish->n_devices, wish->confidence_ppm, wish->bad_ppm);
    LETHE_JSON_AUTO *claims = begin(signer, LETHE_VCT_DRAW, wish->lot, now);
    char *checkpoint = malloc(LETHE_B64URL_SIZE(wish->checkpoint_len));
    json_t *devices = json_array();
    for (size_t i = 0; i < wish->n_devices; i++)
        json_array_append_new(devices,
                              json_pack("[s,s]", wish->devices[i].jti, wish->devices[i].hash));
    if (checkpoint)
        lethe_b64url_encode(checkpoint, wish->checkpoint, wish->checkpoint_len);
    LETHE_JSON_AUTO *more = json_pack(
        "{s:i,s:i,s:i,s:I,s:s,s:o}", "number", (int)wish->number, "confidence_ppm",
        (int)wish->confidence_ppm, "bad_ppm", (int)wish->bad_ppm, "sample",
        (json_int_t)wish->sample, "checkpoint", checkpoint ? checkpoint : "", "devices", devices);
    free(checkpoint);
    if (!claims || !more || json_object_update(claims, more) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (wish->previous[0])
        json_object_set_new(claims, "previous", json_string(wish->previous));
    return lethe_jws_make(signer, LETHE_DRAW_TYP, claims, text, err);
}

int lethe_retest_make(struct lethe_signer *signer, const struct lethe_retest *wish,
                      const char *operator_name, uint64_t now, char **text, struct lethe_error *err)
{
    int rc = text_ok("who tested (--by)", wish->by, false, err);
    if (rc == 0)
        rc = text_ok("what it was tested with (--tool)", wish->tool, false, err);
    if (rc == 0)
        rc = text_ok("the note", wish->note, true, err);
    if (rc < 0)
        return rc;
    if (operator_name && lethe_same_person(operator_name, wish->by)) {
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "\"%s\" sanitised this device: a second person must test it", wish->by);
        lethe_error_effect(err, "nothing was signed");
        lethe_error_remedy(err, "let somebody else test it, and give that name: --by NAME");
        return rc;
    }
    LETHE_JSON_AUTO *claims = begin(signer, LETHE_VCT_RETEST, wish->lot, now);
    LETHE_JSON_AUTO *more =
        json_pack("{s:[s,s],s:[s,s],s:s,s:s,s:s}", "draw", wish->draw, wish->draw_hash,
                  "certificate", wish->certificate.jti, wish->certificate.hash, "by", wish->by,
                  "tool", wish->tool, "result", wish->residue ? "residue" : "clean");
    if (!claims || !more || json_object_update(claims, more) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (wish->note[0])
        json_object_set_new(claims, "note", json_string(wish->note));
    return lethe_jws_make(signer, LETHE_RETEST_TYP, claims, text, err);
}
