/* SPDX-License-Identifier: Apache-2.0 */
/* Signed lists of organisations. The publisher of the examples is certs/test-keys/self-bench. */
#include "base/base64.h"
#include "base/text.h"
#include "cert/support.h"
#include "vectors/vectors.h"
#include <stdlib.h>
#include <string.h>

#define TYP "lethe-trust-list+jwt"
#define KEY "self-bench"

static json_t *list(const char *root)
{
    size_t len;
    uint8_t *der = support_der(root, &len);
    char *text = malloc(LETHE_BASE64_SIZE(len));
    lethe_base64_encode(text, der, len);
    struct lethe_signer *signer = support_signer("log-bench", NULL);
    json_t *out = json_pack("{s:i,s:I,s:[{s:s,s:[s]}]}", "iat", VECTOR_NOW - 3600, "exp",
                            (json_int_t)VECTOR_EXP, "organisations", "name", signer->organisation,
                            "roots", text);
    lethe_signer_close(signer);
    free(text);
    OPENSSL_free(der);
    return out;
}

static void add(const char *name, char *text, const char *key, const char *verdict,
                const char *code)
{
    char file[96], named[96];
    char *certificate = vector_certificate("logged", "log-bench", NULL, 0);
    lethe_text_format(file, sizeof(file), "trust-list-%s.jwt", name);
    lethe_text_format(named, sizeof(named), "trust list: %s", name);
    vector_add(named,
               json_pack("{s:s,s:[],s:{s:s,s:s}}", "certificate",
                         vector_put("logged.sdjwt", certificate, true), "trust", "trust_list",
                         "list", vector_put(file, text, true), "key", key),
               verdict, code, NULL);
    free(certificate);
    free(text);
}

void vectors_trust_list(void)
{
    static const struct {
        const char *name;
        struct vector_change change;
        const char *verdict, *code;
    } made[] = {
        {"since-before",
         {"claims.organisations.0.since", "1795000000"},
         "valid",
         "policy-not-read"},
        {"until-later", {"claims.organisations.0.until", "2051000000"}, "valid", "policy-not-read"},
        {"since-later",
         {"claims.organisations.0.since", "1795399900"},
         "undetermined",
         "untrusted"},
        {"until-before",
         {"claims.organisations.0.until", "1795000000"},
         "undetermined",
         "untrusted"},
        {"name-of-another", {"claims.organisations.0.name", "\"Other\""}, "refused", ""},
        {"no-name", {"claims.organisations.0.name", NULL}, "refused", ""},
        {"no-roots", {"claims.organisations.0.roots", NULL}, "refused", ""},
        {"root-no-certificate", {"claims.organisations.0.roots", "[\"AAAA\"]"}, "refused", ""},
        {"root-no-base64", {"claims.organisations.0.roots", "[\"A\"]"}, "refused", ""},
        {"unknown-member", {"claims.organisations.0.also", "1"}, "refused", ""},
        {"unknown-claim", {"claims.also", "1"}, "refused", ""},
        {"vkeys-no-list", {"claims.organisations.0.log_vkeys", "\"x\""}, "refused", ""},
        {"no-exp", {"claims.exp", NULL}, "refused", ""},
        {"no-iat", {"claims.iat", NULL}, "refused", ""},
        {"expired", {"claims.exp", "1795399000"}, "refused", ""},
        {"from-the-future", {"claims.iat", "2051222300"}, "refused", ""},
        {"alg-none", {"header.alg", "\"none\""}, "refused", ""},
        {"typ-other", {"header.typ", "\"JWT\""}, "refused", ""},
        {"kid", {"header.kid", "\"1\""}, "refused", ""},
        {"x5c", {"header.x5c", "[\"AAAA\"]"}, "refused", ""},
    };
    const char *pem = "../test-keys/" KEY ".pem";
    add("good", vector_jwt(KEY, NULL, TYP, list("root"), NULL, NULL), pem, "valid",
        "policy-not-read");
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        add(made[i].name, vector_jwt(KEY, NULL, TYP, list("root"), &made[i].change, NULL), pem,
            made[i].verdict, made[i].code);
    add("by-another", vector_jwt("stranger-bench", NULL, TYP, list("root"), NULL, NULL), pem,
        "refused", "");
    add("empty",
        vector_jwt(KEY, NULL, TYP,
                   json_pack("{s:i,s:I,s:[]}", "iat", VECTOR_NOW - 3600, "exp",
                             (json_int_t)VECTOR_EXP, "organisations"),
                   NULL, NULL),
        pem, "undetermined", "untrusted");
    char *text = vector_jwt(KEY, NULL, TYP, list("root"), NULL, NULL);
    char *at = strchr(text, '.') + 60;
    *at = *at == 'A' ? 'B' : 'A';
    add("changed", text, pem, "refused", "");
}
