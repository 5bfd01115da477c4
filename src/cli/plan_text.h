/* SPDX-License-Identifier: Apache-2.0 */
/* A plan made for a target, and how it is shown: shared by `lethe plan` and `lethe erase`. */
#ifndef LETHE_CLI_PLAN_TEXT_H
#define LETHE_CLI_PLAN_TEXT_H

#include "cli.h"

#include <lethe/plan.h>

/* Policy POLICY on DEVICE. Refusals as lethe_plan_make() gives them. */
int lethe_cli_plan(struct lethe_cli *cli, const struct lethe_device *device, const char *policy,
                   const struct lethe_plan_options *options, struct lethe_plan *out,
                   struct lethe_error *err);
/* {"digest","device","policy","profile","steps","claims","limitations","seconds","warnings"} and,
 * where REFUSAL has a code, "refusal" {"reason","effect","remedy"}. PLAN may be NULL when there is
 * none, DEVICE (then null) when the target could not be looked at. */
json_t *lethe_cli_plan_to_json(const struct lethe_plan *plan, const struct lethe_device *device,
                               const struct lethe_error *refusal);
/* For a person, on stdout. BRIEF: three lines, for a shelf full of devices. */
void lethe_cli_plan_print(const struct lethe_cli *cli, const struct lethe_plan *plan,
                          const struct lethe_device *device, bool brief);

#endif
