/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker is told, once. Strict both ways: it crosses a process boundary. */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "job/parts.h"
#include <string.h>

static const char *const members[] = {
    "role",       "job",        "driver", "writable",   "config",   "plan", "seed",   "resume",
    "canary_key", "sample_key", "full",   "exceptions", "capacity", "step", "intent", "psid"};

void lethe_order_clear(struct lethe_order *order)
{
    json_decref(order->config);
    json_decref(order->intent);
    lethe_wipe(order, sizeof(*order));
}

static json_t *hex(const uint8_t *key, size_t len)
{
    char text[2 * 64 + 1];
    lethe_hex_encode(text, key, len);
    json_t *json = json_string(text);
    lethe_wipe(text, sizeof(text));
    return json;
}

json_t *lethe_order_to_json(const struct lethe_order *order)
{
    bool verify = order->role == LETHE_ROLE_VERIFY;
    json_t *resume = order->resume ? json_pack("{s:i, s:I}", "pass", (int)order->resume_pass,
                                               "offset", (json_int_t)order->resume_offset)
                                   : json_null();
    json_t *config = order->config ? json_incref(order->config) : json_null();
    json_t *intent = order->intent ? json_incref(order->intent) : json_null();
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:b, s:o, s:I, s:o, s:o, s:o, s:o, s:b, s:o, s:i, s:o, s:s}", "role",
        verify ? "verify" : "erase", "job", order->job, "driver", order->driver, "writable",
        order->writable, "config", config, "capacity", (json_int_t)order->plan.identity.capacity,
        "plan", lethe_plan_to_json(&order->plan), "seed", hex(order->seed, sizeof(order->seed)),
        "canary_key", hex(order->canary_key, sizeof(order->canary_key)), "resume", resume, "full",
        order->full, "exceptions", lethe_ranges_to_json(order->exceptions, order->n_exceptions),
        "step", (int)order->step, "intent", intent, "psid", order->psid);
    /* Who erases must not know where it will be looked at. */
    if (json && verify &&
        json_object_set_new(json, "sample_key", hex(order->sample_key, sizeof(order->sample_key))) <
            0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static int check_members(const json_t *json, struct lethe_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        size_t i = 0, n = sizeof(members) / sizeof(members[0]);
        while (i < n && strcmp(members[i], key) != 0)
            i++;
        if (i == n)
            return lethe_fail(err, LETHE_E_INVALID, "an order has no member \"%.32s\"", key);
    }
    return 0;
}

static int get_key(const json_t *json, const char *name, uint8_t *out, size_t size,
                   struct lethe_error *err)
{
    const char *text;
    int rc = lethe_json_str(json, name, &text, err);
    if (rc == 0 && lethe_hex_decode(out, size, text, strlen(text)) != (ssize_t)size)
        rc = lethe_fail(err, LETHE_E_INVALID, "\"%s\" is not a key", name);
    return rc;
}

static int get_role(const json_t *json, struct lethe_order *out, struct lethe_error *err)
{
    const char *role;
    int rc = lethe_json_str(json, "role", &role, err);
    if (rc < 0)
        return rc;
    if (strcmp(role, "erase") != 0 && strcmp(role, "verify") != 0)
        return lethe_fail(err, LETHE_E_INVALID, "\"%.16s\" is not a role", role);
    out->role = strcmp(role, "verify") == 0 ? LETHE_ROLE_VERIFY : LETHE_ROLE_ERASE;
    return 0;
}

static int get_device(const json_t *json, struct lethe_order *out, struct lethe_error *err)
{
    const json_t *config = json_object_get(json, "config");
    int rc = lethe_json_copy(json, "job", out->job, sizeof(out->job), false, err);
    if (rc == 0)
        rc = lethe_json_copy(json, "driver", out->driver, sizeof(out->driver), false, err);
    if (rc == 0)
        rc = lethe_json_bool(json, "writable", &out->writable, err);
    if (rc < 0)
        return rc;
    if (!lethe_job_id_valid(out->job) || !out->driver[0])
        return lethe_fail(err, LETHE_E_INVALID, "an order without job or driver");
    if (out->writable && out->role == LETHE_ROLE_VERIFY)
        return lethe_fail(err, LETHE_E_INVALID,
                          "a verifier is never given a writable device (rule 5)");
    if (json_is_object(config))
        out->config = json_deep_copy(config);
    else if (!json_is_null(config))
        return lethe_fail(err, LETHE_E_INVALID, "\"config\" is neither an object nor null");
    return 0;
}

static int get_plan(const json_t *json, struct lethe_order *out, struct lethe_error *err)
{
    uint64_t capacity = 0;
    const json_t *plan = lethe_json_get(json, "plan", JSON_OBJECT, err);
    if (!plan)
        return -LETHE_E_INVALID;
    int rc = lethe_plan_from_json(plan, &out->plan, err);
    if (rc == 0)
        rc = lethe_json_u64(json, "capacity", &capacity, err);
    if (rc == 0 && capacity != out->plan.identity.capacity)
        rc = lethe_fail(err, LETHE_E_INVALID, "\"capacity\" is not that of the plan");
    return rc;
}

static int get_keys(const json_t *json, struct lethe_order *out, struct lethe_error *err)
{
    int rc = get_key(json, "seed", out->seed, sizeof(out->seed), err);
    if (rc == 0)
        rc = get_key(json, "canary_key", out->canary_key, sizeof(out->canary_key), err);
    if (rc == 0 && out->role == LETHE_ROLE_VERIFY)
        rc = get_key(json, "sample_key", out->sample_key, sizeof(out->sample_key), err);
    else if (rc == 0 && json_object_get(json, "sample_key"))
        rc = lethe_fail(err, LETHE_E_INVALID, "who erases must not know the sample");
    return rc;
}

static int get_resume(const json_t *json, struct lethe_order *out, struct lethe_error *err)
{
    const json_t *resume = json_object_get(json, "resume");
    uint64_t pass = 0;
    if (json_is_null(resume))
        return 0;
    int rc = resume ? 0 : lethe_fail(err, LETHE_E_INVALID, "\"resume\" is missing");
    if (rc == 0)
        rc = lethe_json_u64(resume, "pass", &pass, err);
    if (rc == 0)
        rc = lethe_json_u64(resume, "offset", &out->resume_offset, err);
    if (rc < 0)
        return rc;
    if (json_object_size(resume) != 2 || out->role != LETHE_ROLE_ERASE ||
        pass >= LETHE_PASSES_MAX || out->resume_offset > out->plan.identity.capacity)
        return lethe_fail(err, LETHE_E_INVALID, "\"resume\" is no place in an overwrite");
    out->resume = true;
    out->resume_pass = (unsigned)pass;
    return 0;
}

static int get_firmware(const json_t *json, struct lethe_order *out, struct lethe_error *err)
{
    const json_t *intent = json_object_get(json, "intent");
    uint64_t step = 0;
    int rc = lethe_json_u64(json, "step", &step, err);
    if (rc == 0)
        rc = lethe_json_copy(json, "psid", out->psid, sizeof(out->psid), false, err);
    if (rc < 0)
        return rc;
    if (step >= out->plan.n_steps ||
        lethe_step_judges(&out->plan.steps[step]) != (out->role == LETHE_ROLE_VERIFY))
        return lethe_fail(err, LETHE_E_INVALID, "\"step\" is none of this role's");
    if (!json_is_object(intent) && !json_is_null(intent))
        return lethe_fail(err, LETHE_E_INVALID, "\"intent\" is neither an object nor null");
    if (json_is_object(intent) && !(out->intent = json_deep_copy(intent)))
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for an order");
    out->step = (unsigned)step;
    return 0;
}

static int get_scope(const json_t *json, struct lethe_order *out, struct lethe_error *err)
{
    int rc = lethe_json_bool(json, "full", &out->full, err);
    const json_t *list = lethe_json_get(json, "exceptions", JSON_ARRAY, err);
    if (rc < 0 || !list)
        return -LETHE_E_INVALID;
    if (!lethe_ranges_from_json(list, out->exceptions, &out->n_exceptions))
        return lethe_fail(err, LETHE_E_INVALID, "\"exceptions\" are not sorted ranges");
    const struct lethe_range *last =
        &out->exceptions[out->n_exceptions ? out->n_exceptions - 1 : 0];
    if (out->n_exceptions && last->offset + last->length > out->plan.identity.capacity)
        return lethe_fail(err, LETHE_E_INVALID, "\"exceptions\" go beyond the device");
    return 0;
}

int lethe_order_from_json(const json_t *json, struct lethe_order *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    int rc = check_members(json, err);
    if (rc == 0)
        rc = get_role(json, out, err);
    if (rc == 0)
        rc = get_device(json, out, err);
    if (rc == 0)
        rc = get_plan(json, out, err);
    if (rc == 0)
        rc = get_keys(json, out, err);
    if (rc == 0)
        rc = get_resume(json, out, err);
    if (rc == 0)
        rc = get_firmware(json, out, err);
    if (rc == 0)
        rc = get_scope(json, out, err);
    if (rc < 0)
        lethe_order_clear(out);
    return rc;
}
