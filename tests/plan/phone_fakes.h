/* SPDX-License-Identifier: Apache-2.0 */
/* Phones (phone_devices.c) and their techniques for tests of plans and verdicts. phone_fakes.c
 * takes the place of the registry: findings {"grade": WORD} are graded so where the evidence has
 * {"sent": true}. */
#ifndef LETHE_TESTS_PLAN_PHONE_FAKES_H
#define LETHE_TESTS_PLAN_PHONE_FAKES_H

#include <lethe/plan.h>

/* Unlocked, trusted, without any lock. */
void lethe_fake_iphone(struct lethe_device *device, struct lethe_facts *facts);
void lethe_fake_android(struct lethe_device *device, struct lethe_facts *facts);
/* TECHNIQUES: NULL-terminated; all of them reported. */
void lethe_fake_profile(struct lethe_profile *profile, const char *const *techniques);

#endif
