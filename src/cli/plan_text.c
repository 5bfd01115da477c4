/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_text.h"

#include "firmware.h"
#include "terminal.h"
#include "wrap.h"

#include <base/json.h>
#include <base/text.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int lethe_cli_plan(struct lethe_cli *cli, const struct lethe_device *device, const char *policy,
                   const struct lethe_plan_options *options, struct lethe_plan *out,
                   struct lethe_error *err)
{
    const struct lethe_profile *profile = NULL;
    int rc = lethe_cli_load_policies(cli, err);
    if (rc >= 0)
        rc = lethe_cli_load_profiles(cli, err);
    if (rc < 0)
        return rc;
    const struct lethe_policy *found = lethe_policy_find(cli->policies, policy, err);
    if (!found)
        return -LETHE_E_USAGE;
    /* Recognised, and nothing more: what to do with it instead is known. */
    if (device->facts && device->facts->phone.family == LETHE_FAMILY_OTHER) {
        const char *what = device->facts->obstacle;
        lethe_fail(err, LETHE_E_UNSUPPORTED, "%s is nothing that Lethe can erase%s%s",
                   device->target, what[0] ? ": " : "", what);
        lethe_error_effect(err, "nothing was sent to it");
        lethe_error_remedy(err, "%s", device->facts->phone.advice);
        return -LETHE_E_UNSUPPORTED;
    }
    rc = lethe_profile_find(cli->device_profiles, &device->identity, &profile, err);
    if (rc == -LETHE_E_NOT_FOUND && err) /* a device that nobody knows is refused, not mistyped */
        err->code = LETHE_E_UNSUPPORTED;
    if (rc < 0)
        return rc;
    return lethe_plan_make(device, found, profile, options, out, err);
}

json_t *lethe_cli_plan_to_json(const struct lethe_plan *plan, const struct lethe_device *device,
                               const struct lethe_error *refusal)
{
    json_t *json = plan ? lethe_plan_describe(plan, device) : json_object();
    /* With where it sits and who uses it: the description digests none of that. */
    json_object_set_new(json, "device", device ? lethe_device_to_json(device) : json_null());
    json_object_set_new(json, "warnings", lethe_firmware_warnings(device ? device->facts : NULL));
    if (refusal && refusal->code)
        json_object_set_new(json, "refusal",
                            json_pack("{s:o, s:o, s:o}", "reason",
                                      lethe_cli_json_text(refusal->what), "effect",
                                      lethe_cli_json_text(refusal->effect), "remedy",
                                      lethe_cli_json_text(refusal->remedy)));
    return json;
}

/* "  claims     ", with what it says behind it. */
#define INDENT 13
#define PRINT(width, name, ...)                                                                    \
    do {                                                                                           \
        char head[32];                                                                             \
        lethe_text_format(head, sizeof head, "  %-10s ", name);                                    \
        lethe_wrap_print(stdout, head, INDENT, width, __VA_ARGS__);                                \
    } while (0)

static uint64_t seconds_of(const json_t *step)
{
    return (uint64_t)json_integer_value(json_object_get(step, "seconds"));
}

static void print_steps(const json_t *steps, size_t width)
{
    size_t i;
    json_t *step;
    char time[32], name[32];
    json_array_foreach(steps, i, step)
    {
        lethe_cli_duration(time, sizeof time, seconds_of(step));
        lethe_text_format(name, sizeof name, "step %zu", i + 1);
        PRINT(width, name, "%s: %s, about %s", lethe_cli_text(step, "step"),
              lethe_cli_text(step, "detail"), time);
    }
}

static void print_in_full(const struct lethe_plan *plan, const json_t *json, size_t width)
{
    char time[32];
    PRINT(width, "policy", "%s, %s (version %s)%s", plan->policy.id, plan->policy.title,
          plan->policy.version, plan->policy.read_in_full ? "" : ", not read in full");
    PRINT(width, "profile", "%s (%s)", plan->profile.id,
          lethe_test_status_name(plan->profile.status));
    print_steps(json_object_get(json, "steps"), width);
    PRINT(width, "claims", "%s by %s. %s", lethe_method_name(plan->method),
          lethe_cli_text(json_object_get(json, "claims"), "technique"), plan->policy.statement);
    for (size_t i = 0; i < plan->n_limitations; i++)
        PRINT(width, i == 0 ? "but" : "", "%s", plan->limitations[i]);
    lethe_cli_duration(time, sizeof time, lethe_plan_seconds(plan));
    PRINT(width, "time", "about %s", time);
    PRINT(width, "digest", "%.8s %s", plan->digest, plan->digest + 8);
}

static void print_in_brief(const struct lethe_plan *plan, const json_t *json, size_t width)
{
    size_t i, len = 0;
    json_t *step;
    char time[32], text[1600] = "";
    lethe_wrap_print(stdout, "  ", 2, width, "policy %s, at most %s, plan %.8s", plan->policy.id,
                     lethe_method_name(plan->method), plan->digest);
    json_array_foreach(json_object_get(json, "steps"), i, step)
    {
        lethe_cli_duration(time, sizeof time, seconds_of(step));
        lethe_text_format(text + len, sizeof text - len, "%s%s %s", i ? ", " : "",
                          lethe_cli_text(step, "step"), time);
        len += strlen(text + len);
    }
    lethe_wrap_print(stdout, "  ", 2, width, "%s; %zu limitations (lethe plan tells them)", text,
                     plan->n_limitations);
    for (i = 0; i < plan->n_limitations; i++)
        if (!strncmp(plan->limitations[i], LETHE_WHY_BY_HAND, strlen(LETHE_WHY_BY_HAND)) ||
            !strncmp(plan->limitations[i], LETHE_WHY_NOT_FILLED, strlen(LETHE_WHY_NOT_FILLED)))
            lethe_wrap_print(stdout, "  ", 2, width, "%s", plan->limitations[i]);
}

/* The last thing that is read before a plan is confirmed. */
static void print_warnings(const struct lethe_cli *cli, const struct lethe_device *device,
                           size_t width)
{
    size_t i;
    json_t *warning;
    LETHE_JSON_AUTO *warnings = lethe_firmware_warnings(device->facts);
    json_array_foreach(warnings, i, warning)
    {
        fputs(lethe_color(cli, STDOUT_FILENO, LETHE_RED), stdout);
        PRINT(width, "warning", "%s", json_string_value(warning));
        fputs(lethe_color(cli, STDOUT_FILENO, LETHE_PLAIN), stdout);
    }
}

void lethe_cli_plan_print(const struct lethe_cli *cli, const struct lethe_plan *plan,
                          const struct lethe_device *device, bool brief)
{
    LETHE_JSON_AUTO *json = lethe_plan_describe(plan, device);
    char text[320];
    size_t width, rows;
    lethe_terminal_size(STDOUT_FILENO, &width, &rows);
    lethe_cli_describe(text, sizeof text, &device->identity);
    /* The device is one thing to read: a line of its own where both do not fit. */
    bool fits = lethe_text_columns(device->target) + 2 + lethe_text_columns(text) + 12 <= width;
    printf("%s%s%s%s", lethe_color(cli, STDOUT_FILENO, LETHE_BOLD), device->target,
           lethe_color(cli, STDOUT_FILENO, LETHE_PLAIN), fits ? "" : "\n");
    lethe_wrap_print(stdout, "  ", 2, width, "%s (%s)", text,
                     lethe_substrate_name(plan->identity.substrate));
    if (brief)
        print_in_brief(plan, json, width);
    else
        print_in_full(plan, json, width);
    print_warnings(cli, device, width);
}
