/* SPDX-License-Identifier: Apache-2.0 */
/* A second person's word on a certificate. */
#include "trust/validation.h"
#include "base/text.h"
#include "cert/support.h"
#include "vectors/vectors.h"
#include <lethe/trust.h>
#include <stdlib.h>
#include <string.h>

static char *certificate;

static json_t *record(const char *bench)
{
    struct lethe_signer *signer = support_signer(bench, NULL);
    char hash[LETHE_B64URL_SIZE(LETHE_HASH_SIZE)], iss[192], jti[37] = "";
    json_t *claims = NULL;
    lethe_certificate_decode(certificate, strlen(certificate), &claims, NULL);
    lethe_text_format(jti, sizeof(jti), "%s", json_string_value(json_object_get(claims, "jti")));
    lethe_text_format(iss, sizeof(iss), "urn:lethe:bench:%s", signer->bench);
    lethe_certificate_hash(certificate, strlen(certificate), hash);
    json_t *out =
        json_pack("{s:s,s:s,s:s,s:i,s:s,s:{s:s,s:s},s:s,s:s}", "vct", LETHE_VCT_VALIDATION, "iss",
                  iss, "jti", "01999999-0000-7000-8000-000000000001", "iat", VECTOR_IAT + 600,
                  "organisation", signer->organisation, "certificate", "jti", jti, "hash", hash,
                  "by", "B. Second", "decision", "accept");
    json_decref(claims);
    lethe_signer_close(signer);
    return out;
}

static void add(const char *name, char *text, const char *verdict, const char *code)
{
    char file[96], named[96];
    lethe_text_format(file, sizeof(file), "validation-%s.jwt", name);
    lethe_text_format(named, sizeof(named), "validation: %s", name);
    vector_add(named,
               json_pack("{s:s,s:s}", "certificate", vector_put("logged.sdjwt", certificate, true),
                         "validation", vector_put(file, text, true)),
               verdict, code, NULL);
    free(text);
}

static bool not_the_operator(void *user, const char *name, const json_t *value)
{
    (void)user;
    (void)value;
    return strcmp(name, "operator") != 0;
}

/* Who did the work is withheld: was it a second person? */
static void add_hidden(void)
{
    char *less;
    if (lethe_certificate_present(certificate, strlen(certificate), not_the_operator, NULL, &less,
                                  NULL) < 0)
        abort();
    vector_add("validation: operator-withheld",
               json_pack("{s:s,s:s}", "certificate",
                         vector_put("logged-without-operator.sdjwt", less, true), "validation",
                         "levels/validation-accept.jwt"),
               "undetermined", "validation-hidden", NULL);
    free(less);
}

void vectors_validation(void)
{
    static const struct {
        const char *name;
        struct vector_change change;
        const char *verdict, *code;
    } made[] = {
        {"accept", {"claims.note", "\"looked at it\""}, "valid", "policy-not-read"},
        {"repeat", {"claims.decision", "\"repeat\""}, "undetermined", "validation-repeat"},
        {"escalate", {"claims.decision", "\"escalate\""}, "undetermined", "validation-escalate"},
        {"decision-unknown", {"claims.decision", "\"approved\""}, "invalid", "validation"},
        {"decision-missing", {"claims.decision", NULL}, "invalid", "validation"},
        {"of-another-certificate",
         {"claims.certificate.hash", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""},
         "invalid",
         "validation"},
        {"of-another-jti",
         {"claims.certificate.jti", "\"01999999-0000-7000-8000-000000000009\""},
         "invalid",
         "validation"},
        {"certificate-missing", {"claims.certificate", NULL}, "invalid", "validation"},
        {"certificate-more", {"claims.certificate.also", "1"}, "invalid", "validation"},
        {"older-than-the-certificate", {"claims.iat", "1795399000"}, "invalid", "validation"},
        {"from-the-future", {"claims.iat", "2051222300"}, "invalid", "validation"},
        {"iat-missing", {"claims.iat", NULL}, "invalid", "validation"},
        {"by-nobody", {"claims.by", "\" . \""}, "invalid", "validation"},
        {"by-missing", {"claims.by", NULL}, "invalid", "validation"},
        {"note-no-text", {"claims.note", "1"}, "invalid", "validation"},
        {"vct-other",
         {"claims.vct", "\"urn:lethe:erasure-certificate:1\""},
         "invalid",
         "validation"},
        {"iss-other", {"claims.iss", "\"urn:lethe:bench:other\""}, "invalid", "validation"},
        {"organisation-other", {"claims.organisation", "\"Other\""}, "invalid", "validation"},
        {"claim-unknown", {"claims.also", "1"}, "invalid", "validation"},
        {"alg-none", {"header.alg", "\"none\""}, "invalid", "validation"},
        {"typ-of-a-certificate", {"header.typ", "\"dc+sd-jwt\""}, "invalid", "validation"},
        {"jku", {"header.jku", "\"https://evil.example\""}, "invalid", "validation"},
        {"no-chain", {"header.x5c", NULL}, "invalid", "validation"},
    };
    json_t *claims = NULL;
    certificate = vector_certificate("logged", "log-bench", NULL, 0);
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        add(made[i].name,
            vector_jwt("log-bench", "root", LETHE_VALIDATION_TYP, record("log-bench"),
                       &made[i].change, NULL),
            made[i].verdict, made[i].code);
    add("by-a-stranger",
        vector_jwt("stranger-bench", "stranger-root", LETHE_VALIDATION_TYP,
                   record("stranger-bench"), NULL, NULL),
        "undetermined", "validation");
    add("by-another-organisation",
        vector_jwt("other-org-bench", "root", LETHE_VALIDATION_TYP, record("other-org-bench"), NULL,
                   NULL),
        "invalid", "validation");
    add("by-the-key-of-status-lists",
        vector_jwt("status", "root", LETHE_VALIDATION_TYP, record("log-bench"), NULL, NULL),
        "invalid", "validation");
    lethe_certificate_decode(certificate, strlen(certificate), &claims, NULL);
    json_t *himself = record("log-bench");
    json_object_set(himself, "by", json_object_get(claims, "operator"));
    add("by-the-operator",
        vector_jwt("log-bench", "root", LETHE_VALIDATION_TYP, himself, NULL, NULL), "invalid",
        "validation");
    char *text =
        vector_jwt("log-bench", "root", LETHE_VALIDATION_TYP, record("log-bench"), NULL, NULL);
    char *at = strchr(text, '.') + 60;
    *at = *at == 'A' ? 'B' : 'A';
    add("changed", text, "invalid", "validation");
    add_hidden();
    json_decref(claims);
    free(certificate);
}
