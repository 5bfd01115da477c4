/* SPDX-License-Identifier: Apache-2.0 */
/* Status lists. */
#include "base/text.h"
#include "vectors/vectors.h"
#include <lethe/trust.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SLOT 4711

/* LST of SIZE bytes in which SLOT says STATUS. */
static char *lst(size_t size, unsigned status)
{
    uint8_t *slots = calloc(1, size);
    uLongf len = compressBound(size);
    uint8_t *packed = malloc(len);
    slots[SLOT / 4] = (uint8_t)(status << SLOT % 4 * 2);
    if (compress2(packed, &len, slots, size, 9) != Z_OK)
        abort();
    char *out = malloc(LETHE_B64URL_SIZE(len));
    lethe_b64url_encode(out, packed, len);
    free(slots);
    free(packed);
    return out;
}

static json_t *list(unsigned status)
{
    char *text = lst(LETHE_STATUS_SLOTS / 4, status);
    json_t *out =
        json_pack("{s:s,s:i,s:I,s:{s:i,s:s}}", "sub", VECTOR_URI, "iat", VECTOR_NOW - 3600, "exp",
                  (json_int_t)VECTOR_EXP, "status_list", "bits", 2, "lst", text);
    free(text);
    return out;
}

static void add(const char *name, char *text, const char *verdict, const char *code,
                const char *level, int min_level)
{
    char file[96], named[96];
    char *certificate = vector_certificate("logged", "log-bench", NULL, 0);
    lethe_text_format(file, sizeof(file), "status-%s.jwt", name);
    lethe_text_format(named, sizeof(named), "status: %s", name);
    json_t *asked =
        json_pack("{s:s,s:[s]}", "certificate", vector_put("logged.sdjwt", certificate, true),
                  "status", vector_put(file, text, true));
    if (min_level)
        json_object_set_new(asked, "min_level", json_integer(min_level));
    vector_add(named, asked, verdict, code, level);
    free(certificate);
    free(text);
}

#define TYP "statuslist+jwt"

void vectors_status(void)
{
    static const struct {
        const char *name;
        struct vector_change change;
    } refused[] = {
        {"alg-none", {"header.alg", "\"none\""}},
        {"alg-other", {"header.alg", "\"ES384\""}},
        {"typ-other", {"header.typ", "\"JWT\""}},
        {"kid", {"header.kid", "\"1\""}},
        {"crit", {"header.crit", "[\"x\"]"}},
        {"no-chain", {"header.x5c", NULL}},
        {"no-exp", {"claims.exp", NULL}},
        {"no-sub", {"claims.sub", NULL}},
        {"no-iat", {"claims.iat", NULL}},
        {"one-bit", {"claims.status_list.bits", "1"}},
        {"bits-missing", {"claims.status_list.bits", NULL}},
        {"not-zlib", {"claims.status_list.lst", "\"AAAA\""}},
        {"not-base64url", {"claims.status_list.lst", "\"A=\""}},
        {"from-the-future", {"claims.iat", "2051222300"}},
        {"expires-before-it-begins", {"claims.exp", "1"}},
    };
    char *text, *part;
    add("valid", vector_jwt("status", "root", TYP, list(0), NULL, NULL), "valid", "policy-not-read",
        "L1", 1);
    add("revoked", vector_jwt("status", "root", TYP, list(1), NULL, NULL), "invalid", "revoked",
        NULL, 0);
    add("suspended", vector_jwt("status", "root", TYP, list(2), NULL, NULL), "undetermined",
        "suspended", NULL, 0);
    add("no-such-status", vector_jwt("status", "root", TYP, list(3), NULL, NULL), "invalid",
        "status", NULL, 0);
    struct vector_change other = {"claims.sub", "\"https://status.example/2\""};
    add("of-another-address", vector_jwt("status", "root", TYP, list(0), &other, NULL), "valid",
        "status-other", "L0", 0);
    add("of-another-address-and-wanted", vector_jwt("status", "root", TYP, list(0), &other, NULL),
        "undetermined", "level", "L0", 1);
    struct vector_change old[] = {{"claims.exp", "1795399000"}};
    add("expired", vector_jwt("status", "root", TYP, list(0), &old[0], NULL), "valid",
        "status-stale", "L0", 0);
    add("expired-and-wanted", vector_jwt("status", "root", TYP, list(0), &old[0], NULL),
        "undetermined", "level", "L0", 1);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        add(refused[i].name, vector_jwt("status", "root", TYP, list(0), &refused[i].change, NULL),
            "refused", "", NULL, 0);
    add("by-a-bench", vector_jwt("bench", "root", TYP, list(0), NULL, NULL), "refused", "", NULL,
        0);
    add("by-a-stranger", vector_jwt("stranger-bench", "stranger-root", TYP, list(0), NULL, NULL),
        "refused", "", NULL, 0);
    add("no-json", vector_jwt("status", "root", TYP, json_object(), NULL, "{"), "refused", "", NULL,
        0);
    add("name-twice",
        vector_jwt("status", "root", TYP, json_object(), NULL, "{\"sub\":\"a\",\"sub\":\"b\"}"),
        "refused", "", NULL, 0);
    part = lst(1000 * 4, 0);
    json_t *small = list(0);
    json_object_set_new(json_object_get(small, "status_list"), "lst", json_string(part));
    add("too-small", vector_jwt("status", "root", TYP, small, NULL, NULL), "refused", "", NULL, 0);
    free(part);
    part = lst(LETHE_STATUS_SLOTS, 0);
    json_t *large = list(0);
    json_object_set_new(json_object_get(large, "status_list"), "lst", json_string(part));
    add("too-large", vector_jwt("status", "root", TYP, large, NULL, NULL), "refused", "", NULL, 0);
    free(part);
    text = vector_jwt("status", "root", TYP, list(0), NULL, NULL);
    char *at = strchr(text, '.') + 40;
    *at = *at == 'A' ? 'B' : 'A';
    add("changed", text, "refused", "", NULL, 0);
    vector_add("levels: status and proof",
               json_pack("{s:s,s:[s],s:s,s:s,s:i}", "certificate", "levels/logged.sdjwt", "status",
                         "levels/status-valid.jwt", "proof", "levels/good.tlog-proof", "log_policy",
                         "levels/tlog.policy", "min_level", 2),
               "valid", "policy-not-read", "L2");
    vector_add("levels: status and a proof without a witness",
               json_pack("{s:s,s:[s],s:s,s:s,s:i}", "certificate", "levels/logged.sdjwt", "status",
                         "levels/status-valid.jwt", "proof", "levels/no-witness.tlog-proof",
                         "log_policy", "levels/tlog.policy", "min_level", 2),
               "undetermined", "level", "L1");
}
