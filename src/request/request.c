/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include <lethe/carrier.h>
#include <lethe/certificate.h>
#include <lethe/tlog.h>
#include <lethe/verify_json.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MAX (64u << 20)
#define LIST_MAX 64

/* What a request owns while it is answered. */
struct request {
    const json_t *json;
    struct lethe_trust *trust;
    struct lethe_benches benches;
    struct lethe_tlog_policy *tlog;
    const struct lethe_status_list *lists[LIST_MAX + 1];
    const char *vkeys[LIST_MAX + 1], *require[LIST_MAX + 1];
    struct lethe_verify_policy policy;
    uint8_t *bytes; /* certificate_b64 */
    struct lethe_span certificate, proof, validation;
};

/* ---- Members ---- */
static int text_of(const struct request *r, const char *key, struct lethe_span *out,
                   struct lethe_error *err)
{
    const json_t *value = json_object_get(r->json, key);
    if (value && !json_is_string(value))
        return lethe_fail(err, LETHE_E_USAGE, "\"%s\" is not a text", key);
    *out = (struct lethe_span){json_string_value(value), json_string_length(value)};
    return 0;
}

typedef int add_fn(struct request *r, const char *text, size_t len, struct lethe_error *err);

static int each(struct request *r, const char *key, add_fn *add, struct lethe_error *err)
{
    const json_t *list = json_object_get(r->json, key), *item;
    size_t i;
    int rc = 0;
    if (list && (!json_is_array(list) || json_array_size(list) > LIST_MAX))
        return lethe_fail(err, LETHE_E_USAGE, "\"%s\" is not a list of at most %d", key, LIST_MAX);
    json_array_foreach(list, i, item)
    {
        struct lethe_error why = {0};
        if (!json_is_string(item))
            return lethe_fail(err, LETHE_E_USAGE, "\"%s\" is not a list of texts", key);
        rc = add(r, json_string_value(item), json_string_length(item), &why);
        if (rc < 0)
            return lethe_fail(err, why.code, "\"%s\", number %zu: %s", key, i + 1, why.what);
    }
    return rc;
}

static int natural(const struct request *r, const char *key, uint64_t max, uint64_t *out,
                   struct lethe_error *err)
{
    const json_t *value = json_object_get(r->json, key);
    if (!value)
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > max)
        return lethe_fail(err, LETHE_E_USAGE, "\"%s\" is not a number in its range", key);
    *out = (uint64_t)json_integer_value(value);
    return 0;
}

static int known(const json_t *json, struct lethe_error *err)
{
    static const char *const names[] = {"certificate", "certificate_b64", "proof",  "trust",
                                        "trust_list",  "benches",         "status", "crls",
                                        "log_policy",  "log_keys",        "seen",   "validation",
                                        "device",      "require",         "accept", "allow",
                                        "min_level",   "not_before_age",  "now"};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        size_t i = 0;
        while (i < sizeof(names) / sizeof(names[0]) && strcmp(names[i], key) != 0)
            i++;
        if (i == sizeof(names) / sizeof(names[0]))
            return lethe_fail(err, LETHE_E_USAGE, "there is no member \"%.40s\"", key);
    }
    return 0;
}

/* ---- Lists ---- */
static int add_root(struct request *r, const char *text, size_t len, struct lethe_error *err)
{
    return lethe_trust_add_pem(r->trust, text, len, err);
}

static int add_bench(struct request *r, const char *text, size_t len, struct lethe_error *err)
{
    return lethe_benches_add_pem(&r->benches, text, len, err);
}

static int add_crl(struct request *r, const char *text, size_t len, struct lethe_error *err)
{
    return lethe_trust_add_crl(r->trust, text, len, r->policy.now, 0, NULL, err);
}

/* One that is too old lowers the level, as one that is missing does, and is told. */
static int add_status(struct request *r, const char *text, size_t len, struct lethe_error *err)
{
    struct lethe_status_list *list = NULL;
    size_t n = 0;
    int rc = lethe_status_list_read(r->trust, text, len, r->policy.now, 0, &list, err);
    while (r->lists[n])
        n++;
    r->lists[n] = list;
    r->policy.status_stale = r->policy.status_stale || rc == -LETHE_E_LIMIT;
    return rc == -LETHE_E_LIMIT ? 0 : rc;
}

static int add_word(const char **list, const char *text)
{
    while (*list)
        list++;
    *list = text;
    return 0;
}

static int add_log_key(struct request *r, const char *text, size_t len, struct lethe_error *err)
{
    struct lethe_tlog_key key;
    int rc = lethe_tlog_key_parse(text, len, &key, err);
    return rc < 0 ? rc : add_word(r->vkeys, text);
}

static int add_require(struct request *r, const char *text, size_t len, struct lethe_error *err)
{
    return len > 0 ? add_word(r->require, text)
                   : lethe_fail(err, LETHE_E_USAGE, "it names no claim");
}

static int add_accept(struct request *r, const char *text, size_t len, struct lethe_error *err)
{
    int outcome = len > 0 ? lethe_outcome_parse(text) : -1;
    if (outcome != LETHE_OUTCOME_OPERATOR_ATTESTED && outcome != LETHE_OUTCOME_INDETERMINATE)
        return lethe_fail(err, LETHE_E_USAGE, "it is no outcome that can be accepted");
    r->policy.accept_outcomes |= 1u << outcome;
    return 0;
}

static int add_allow(struct request *r, const char *text, size_t len, struct lethe_error *err)
{
    int substrate = len > 0 ? lethe_substrate_parse(text) : -1;
    if (substrate < 0)
        return lethe_fail(err, LETHE_E_USAGE, "it is no substrate");
    r->policy.allow_substrates |= 1u << substrate;
    return 0;
}

/* ---- The whole ---- */
static int read_trust_list(struct request *r, struct lethe_error *err)
{
    const json_t *list = json_object_get(r->json, "trust_list");
    const char *text = json_string_value(json_object_get(list, "list"));
    const char *key = json_string_value(json_object_get(list, "key"));
    if (!list)
        return 0;
    if (!text || !key || json_object_size(list) != 2)
        return lethe_fail(err, LETHE_E_USAGE, "\"trust_list\" is not {\"list\", \"key\"}");
    return lethe_trust_add_list(r->trust, text, strlen(text), key, strlen(key), r->policy.now, 0,
                                NULL, err);
}

static int read_tlog_policy(struct request *r, struct lethe_error *err)
{
    struct lethe_span text;
    int rc = text_of(r, "log_policy", &text, err);
    if (rc < 0 || !text.text)
        return rc;
    r->tlog = calloc(1, sizeof(*r->tlog));
    r->policy.log_policy = r->tlog;
    return r->tlog ? lethe_tlog_policy_parse(text.text, text.len, r->tlog, err)
                   : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static int read_certificate(struct request *r, struct lethe_error *err)
{
    struct lethe_span packed;
    int rc = text_of(r, "certificate", &r->certificate, err);
    if (rc == 0)
        rc = text_of(r, "certificate_b64", &packed, err);
    if (rc < 0)
        return rc;
    if (!r->certificate.text == !packed.text)
        return lethe_fail(err, LETHE_E_USAGE, "one of \"certificate\" and \"certificate_b64\"");
    if (!packed.text)
        return 0;
    ssize_t len = -1;
    if ((r->bytes = malloc(packed.len + 1)))
        len = lethe_base64_decode(r->bytes, packed.len, packed.text, packed.len);
    r->certificate = (struct lethe_span){(const char *)r->bytes, (size_t)len};
    return len < 0 ? lethe_fail(err, LETHE_E_USAGE, "\"certificate_b64\" is not canonical base64")
                   : 0;
}

/* In the order in which one needs the other: lists are checked against the roots, at a time. */
static int read_request(struct request *r, struct lethe_error *err)
{
    uint64_t now = lethe_now_ms() / 1000, level = 0;
    struct lethe_span device;
    int rc = known(r->json, err);
    if (rc == 0)
        rc = natural(r, "now", UINT64_MAX / 1000, &now, err);
    r->policy.now = now * 1000;
    if (rc == 0)
        rc = natural(r, "min_level", 2, &level, err);
    r->policy.min_level = (unsigned)level;
    if (rc == 0)
        rc = natural(r, "not_before_age", UINT32_MAX, &r->policy.not_before_age_max, err);
    if (rc == 0)
        rc = text_of(r, "device", &device, err);
    if (rc == 0 && device.text && device.len == 0)
        rc = lethe_fail(err, LETHE_E_USAGE, "\"device\" is empty");
    r->policy.device = rc == 0 ? device.text : NULL;
    if (rc == 0)
        rc = text_of(r, "seen", &r->policy.seen, err);
    if (rc == 0)
        rc = text_of(r, "proof", &r->proof, err);
    if (rc == 0)
        rc = text_of(r, "validation", &r->validation, err);
    static const struct {
        const char *key;
        add_fn *add;
    } lists[] = {{"trust", add_root},      {"benches", add_bench}, {"log_keys", add_log_key},
                 {"require", add_require}, {"accept", add_accept}, {"allow", add_allow}};
    for (size_t i = 0; rc == 0 && i < sizeof(lists) / sizeof(lists[0]); i++)
        rc = each(r, lists[i].key, lists[i].add, err);
    if (rc == 0)
        rc = read_trust_list(r, err);
    if (rc == 0)
        rc = each(r, "crls", add_crl, err);
    if (rc == 0)
        rc = each(r, "status", add_status, err);
    if (rc == 0)
        rc = read_tlog_policy(r, err);
    return rc < 0 ? rc : read_certificate(r, err);
}

static json_t *verify(struct request *r)
{
    struct lethe_certificate_report report;
    struct lethe_carrier carrier;
    lethe_carrier_open(r->certificate.text, r->certificate.len, &carrier);
    if (r->proof.text)
        carrier.bundle.proof = r->proof;
    if (r->validation.text)
        carrier.bundle.validation = r->validation;
    lethe_carrier_verify(&carrier, &r->benches, &r->policy, &report);
    json_t *answer = lethe_certificate_report_to_json(&report);
    lethe_certificate_report_clear(&report);
    lethe_carrier_clear(&carrier);
    return answer;
}

static json_t *wrong(const struct lethe_error *err)
{
    return json_pack("{s:{s:s,s:s}}", "error", "code", lethe_error_code_name(err->code), "text",
                     err->what);
}

char *lethe_verify_json(const char *text)
{
    struct lethe_error err = {0};
    struct request *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    LETHE_JSON_AUTO *json =
        lethe_json_load(text ? text : "", text ? strlen(text) : 0, REQUEST_MAX, &err);
    r->json = json;
    r->policy.require = r->require;
    r->policy.log_vkeys = r->vkeys;
    r->policy.status_lists = r->lists;
    int rc = json ? lethe_trust_new(&r->trust, &err) : -LETHE_E_INVALID;
    r->policy.trust = r->trust;
    if (rc == 0)
        rc = read_request(r, &err);
    LETHE_JSON_AUTO *answer = rc == 0 ? verify(r) : wrong(&err);
    for (size_t i = 0; r->lists[i]; i++)
        lethe_status_list_free((struct lethe_status_list *)(uintptr_t)r->lists[i]);
    lethe_benches_clear(&r->benches);
    lethe_trust_free(r->trust);
    free(r->tlog);
    free(r->bytes);
    free(r);
    return answer ? json_dumps(answer, JSON_COMPACT) : NULL;
}

void lethe_verify_json_free(char *answer)
{
    free(answer);
}

const char *lethe_verify_version(void)
{
    return LETHE_VERSION;
}
