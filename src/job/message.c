/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a worker: it has listened to a hostile device, so it may say little, and only in the
 * role it was started in. */
#include "base/json.h"
#include "base/text.h"
#include "job/parts.h"
#include <string.h>

/* Which events a role may speak; all others are the supervisor's own. */
static const bool spoken[2][LETHE_EVENT_TYPES] = {
    [LETHE_ROLE_ERASE] =
        {
            [LETHE_EVENT_WORKER_STARTED] = true,
            [LETHE_EVENT_STEP_BEGIN] = true,
            [LETHE_EVENT_CANARY_WRITTEN] = true,
            [LETHE_EVENT_PASS_BEGIN] = true,
            [LETHE_EVENT_PASS_POINT] = true,
            [LETHE_EVENT_PASS_END] = true,
            [LETHE_EVENT_EXCEPTION] = true,
            [LETHE_EVENT_INTENT] = true,
            [LETHE_EVENT_ATTEST] = true,
            [LETHE_EVENT_STEP_END] = true,
            [LETHE_EVENT_PROGRESS] = true,
        },
    [LETHE_ROLE_VERIFY] =
        {
            [LETHE_EVENT_WORKER_STARTED] = true,
            [LETHE_EVENT_STEP_BEGIN] = true,
            [LETHE_EVENT_EXCEPTION] = true,
            [LETHE_EVENT_VERIFY_RESULT] = true,
            [LETHE_EVENT_OBSERVED] = true,
            [LETHE_EVENT_STEP_END] = true,
            [LETHE_EVENT_PROGRESS] = true,
        },
};
static const char *const roles[] = {[LETHE_ROLE_ERASE] = "erase", [LETHE_ROLE_VERIFY] = "verify"};

static void quote(char *out, size_t out_size, const json_t *message, const char *key)
{
    const char *text = json_string_value(json_object_get(message, key));
    lethe_text_clean(out, out_size, text ? text : "", text ? strlen(text) : 0);
}

/* "failed" is no event: a worker that could not begin has nothing to put on record but its reason.
 */
static int take_failure(const json_t *message, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_INVALID, "the worker could not begin");
    if (err && json_object_get(message, "reason"))
        quote(err->what, sizeof(err->what), message, "reason");
    if (err)
        quote(err->effect, sizeof(err->effect), message, "effect");
    if (err)
        quote(err->remedy, sizeof(err->remedy), message, "remedy");
    return -LETHE_E_INVALID;
}

static int check_role(const json_t *message, enum lethe_event_type type, enum lethe_role role,
                      struct lethe_error *err)
{
    const char *said = json_string_value(json_object_get(message, "role"));
    const char *phase = json_string_value(json_object_get(message, "phase"));
    if (!spoken[role][type])
        return lethe_fail(err, LETHE_E_INVALID, "%s is not for the %s worker to say",
                          lethe_event_name(type), roles[role]);
    if (type == LETHE_EVENT_WORKER_STARTED && said && strcmp(said, roles[role]) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "the %s worker says it is another", roles[role]);
    if (type == LETHE_EVENT_EXCEPTION && role == LETHE_ROLE_VERIFY && phase &&
        strcmp(phase, "read") != 0)
        return lethe_fail(err, LETHE_E_INVALID, "the verify worker says it writes");
    return 0;
}

int lethe_message_parse(const char *text, size_t len, enum lethe_role role, struct lethe_event *out,
                        bool *done, struct lethe_error *err)
{
    const char *type;
    *out = (struct lethe_event){0};
    *done = false;
    LETHE_JSON_AUTO *message = lethe_json_load(text, len, LETHE_MESSAGE_MAX, err);
    if (!message || lethe_json_str(message, "type", &type, err) < 0)
        return -LETHE_E_INVALID;
    *done = strcmp(type, "done") == 0 && json_object_size(message) == 1;
    if (*done)
        return 0;
    if (strcmp(type, "failed") == 0)
        return take_failure(message, err);
    int parsed = lethe_event_parse(type);
    if (parsed < 0)
        return lethe_fail(err, LETHE_E_INVALID, "a worker does not say \"%.32s\"", type);
    enum lethe_event_type event = (enum lethe_event_type)parsed;
    if (check_role(message, event, role, err) < 0)
        return -LETHE_E_INVALID;
    json_object_del(message, "type"); /* TYPE is gone with it */
    if (lethe_event_check_body(event, message, err) < 0)
        return -LETHE_E_INVALID;
    out->type = event;
    out->body = json_incref(message);
    return 0;
}
