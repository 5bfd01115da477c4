/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_text.h"

#include <base/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int lethe_cli_plan(struct lethe_cli *cli, const struct lethe_device *device, const char *policy,
                   bool accept_untested, struct lethe_plan *out, struct lethe_error *err)
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
    rc = lethe_profile_find(cli->device_profiles, &device->identity, &profile, err);
    if (rc == -LETHE_E_NOT_FOUND && err) /* a device that nobody knows is refused, not mistyped */
        err->code = LETHE_E_UNSUPPORTED;
    if (rc < 0)
        return rc;
    return lethe_plan_make(device, found, profile, accept_untested, out, err);
}

json_t *lethe_cli_plan_to_json(const struct lethe_plan *plan, const struct lethe_device *device,
                               const struct lethe_error *refusal)
{
    json_t *json = plan ? lethe_plan_describe(plan, device) : json_object();
    /* With where it sits and who uses it: the description digests none of that. */
    json_object_set_new(json, "device", lethe_device_to_json(device));
    if (refusal && refusal->code)
        json_object_set_new(json, "refusal",
                            json_pack("{s:s, s:s, s:s}", "reason", refusal->what, "effect",
                                      refusal->effect, "remedy", refusal->remedy));
    return json;
}

static void print_steps(const json_t *steps, bool brief)
{
    size_t i;
    json_t *step;
    char time[32];
    json_array_foreach(steps, i, step)
    {
        lethe_cli_duration(time, sizeof time,
                           (uint64_t)json_integer_value(json_object_get(step, "seconds")));
        if (brief)
            printf("%s%s %s", i ? ", " : "  ", lethe_cli_text(step, "step"), time);
        else
            printf("  step %-5zu %s: %s, about %s\n", i + 1, lethe_cli_text(step, "step"),
                   lethe_cli_text(step, "detail"), time);
    }
}

static void print_in_full(const struct lethe_plan *plan, const json_t *json)
{
    char time[32];
    printf("  %-10s %s, %s (version %s)%s\n", "policy", plan->policy.id, plan->policy.title,
           plan->policy.version, plan->policy.read_in_full ? "" : ", not read in full");
    printf("  %-10s %s (%s)\n", "profile", plan->profile.id,
           lethe_test_status_name(plan->profile.status));
    print_steps(json_object_get(json, "steps"), false);
    printf("  %-10s %s by %s. %s\n", "claims", lethe_method_name(plan->method),
           lethe_cli_text(json_object_get(json, "claims"), "technique"), plan->policy.statement);
    for (size_t i = 0; i < plan->n_limitations; i++)
        printf("  %-10s %s\n", i == 0 ? "but" : "", plan->limitations[i]);
    lethe_cli_duration(time, sizeof time, lethe_plan_seconds(plan));
    printf("  %-10s about %s\n", "time", time);
    printf("  %-10s %.8s %s\n", "digest", plan->digest, plan->digest + 8);
}

void lethe_cli_plan_print(const struct lethe_cli *cli, const struct lethe_plan *plan,
                          const struct lethe_device *device, bool brief)
{
    LETHE_JSON_AUTO *json = lethe_plan_describe(plan, device);
    char text[320];
    lethe_cli_describe(text, sizeof text, &device->identity);
    printf("%s%s%s  %s (%s)\n", lethe_color(cli, STDOUT_FILENO, LETHE_BOLD), device->target,
           lethe_color(cli, STDOUT_FILENO, LETHE_PLAIN), text,
           lethe_substrate_name(plan->identity.substrate));
    if (!brief) {
        print_in_full(plan, json);
        return;
    }
    printf("  policy %s, at most %s, plan %.8s\n", plan->policy.id, lethe_method_name(plan->method),
           plan->digest);
    print_steps(json_object_get(json, "steps"), true);
    printf("; %zu limitations (lethe plan tells them)\n", plan->n_limitations);
}
