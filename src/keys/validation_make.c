/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/validation.h"

#include "base/json.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <string.h>

static int wish_check(const struct lethe_validation *wish, const char *operator_name,
                      struct lethe_error *err)
{
    if (!wish->by[strspn(wish->by, " .,")] || !lethe_text_is_clean(wish->by) ||
        !lethe_text_is_clean(wish->note))
        return lethe_fail(err, LETHE_E_USAGE, "who validates, and the note, are plain text");
    if (!operator_name || !lethe_same_person(operator_name, wish->by))
        return 0;
    int rc = lethe_fail(err, LETHE_E_REFUSED, "\"%s\" did the work: a second person must validate",
                        wish->by);
    lethe_error_effect(err, "nothing was signed");
    lethe_error_remedy(err, "let somebody else look, and give that name: --by NAME");
    return rc;
}

int lethe_validation_make(struct lethe_signer *signer, const char *certificate, size_t len,
                          const char *operator_name, const struct lethe_validation *wish,
                          uint64_t now, char **text, struct lethe_error *err)
{
    char hash[LETHE_B64URL_SIZE(LETHE_HASH_SIZE)], jti[37];
    char iss[sizeof(signer->bench) + sizeof(LETHE_BENCH_URI)];
    int rc = wish_check(wish, operator_name, err);
    if (rc < 0)
        return rc;
    if (lethe_certificate_hash(certificate, len, hash) < 0)
        return lethe_fail(err, LETHE_E_INVALID, "what is to be validated is no certificate");
    lethe_uuid7(jti);
    lethe_text_format(iss, sizeof(iss), LETHE_BENCH_URI "%s", signer->bench);
    LETHE_JSON_AUTO *claims =
        json_pack("{s:s,s:s,s:s,s:I,s:s,s:{s:s,s:s},s:s,s:s}", "vct", LETHE_VCT_VALIDATION, "iss",
                  iss, "jti", jti, "iat", (json_int_t)(now / 1000), "organisation",
                  signer->organisation, "certificate", "jti", wish->certificate, "hash", hash, "by",
                  wish->by, "decision", lethe_decision_name(wish->decision));
    if (claims && wish->note[0])
        json_object_set_new(claims, "note", json_string(wish->note));
    return claims ? lethe_jws_make(signer, LETHE_VALIDATION_TYP, claims, text, err)
                  : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}
