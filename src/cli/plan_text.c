/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_text.h"

#include <base/json.h>
#include <inttypes.h>
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

static void print_claims(const json_t *claims)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)claims, key, value)
    {
        if (json_is_string(value))
            printf("  %-10s %s: %s\n", "claims", key, json_string_value(value));
        else if (json_is_integer(value))
            printf("  %-10s %s: %" JSON_INTEGER_FORMAT "\n", "claims", key,
                   json_integer_value(value));
    }
}

void lethe_cli_plan_print(const struct lethe_cli *cli, const struct lethe_plan *plan,
                          const struct lethe_device *device)
{
    LETHE_JSON_AUTO *json = lethe_plan_describe(plan, device);
    char text[320], time[32];
    size_t i;
    json_t *step;
    lethe_cli_describe(text, sizeof text, &device->identity);
    printf("%s%s%s  %s (%s)\n", lethe_color(cli, STDOUT_FILENO, LETHE_BOLD), device->target,
           lethe_color(cli, STDOUT_FILENO, LETHE_PLAIN), text,
           lethe_substrate_name(device->identity.substrate));
    printf("  %-10s %s, %s (version %s)%s\n", "policy", plan->policy.id, plan->policy.title,
           plan->policy.version, plan->policy.read_in_full ? "" : ", not read in full");
    printf("  %-10s %s (%s)\n", "profile", plan->profile.id,
           lethe_test_status_name(plan->profile.status));
    json_array_foreach(json_object_get(json, "steps"), i, step)
    {
        lethe_cli_duration(time, sizeof time,
                           (uint64_t)json_integer_value(json_object_get(step, "seconds")));
        printf("  step %-5zu %s: %s, about %s\n", i + 1, lethe_cli_text(step, "step"),
               lethe_cli_text(step, "detail"), time);
    }
    print_claims(json_object_get(json, "claims"));
    for (i = 0; i < plan->n_limitations; i++)
        printf("  %-10s %s\n", i == 0 ? "but" : "", plan->limitations[i]);
    lethe_cli_duration(time, sizeof time, lethe_plan_seconds(plan));
    printf("  %-10s about %s\n", "time", time);
    printf("  %-10s %.8s %s\n", "digest", plan->digest, plan->digest + 8);
}
