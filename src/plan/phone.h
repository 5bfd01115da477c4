/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of phones and tablets, inside the layer. */
#ifndef LETHE_PLAN_PHONE_H
#define LETHE_PLAN_PHONE_H

#include "plan/plan.h"

#define LETHE_TEST_HARNESS "android-test-harness"

/* What a plan of a phone is made from. */
struct lethe_phone_case {
    const struct lethe_device *device;
    const struct lethe_phone *phone; /* never NULL; of a phone that could not be asked: empty */
    const struct lethe_policy *policy;
    const struct lethe_policy_rule *rule;
    const struct lethe_profile *profile;
    const struct lethe_plan_options *options; /* never NULL */
};

/* phone_gate.c: nothing is erased that would come back locked to its former owner, that may run out
 * of power on the way, or that nobody was let into. */
int lethe_phone_gate(const struct lethe_phone_case *c, struct lethe_error *err);
/* By hand: its system has to run before the job begins. */
int lethe_phone_refuse_unstarted(const struct lethe_phone_case *c, struct lethe_error *err);
/* The locks that bear on a reset and that nobody could ask about, "frp, accounts"; "" none. */
void lethe_phone_unknown_locks(const struct lethe_phone *phone, char *out, size_t out_size);

/* phone_claim.c: what the erasure of this phone is by the facts of its storage (facts/phones.md 1.5
 * and 2.4), whatever way it is told to. */
struct lethe_phone_claim {
    enum lethe_method method;
    enum lethe_technique_kind kind;
};
struct lethe_phone_claim lethe_phone_claim(const struct lethe_phone *phone,
                                           const struct lethe_technique *technique);

/* phone_route.c: the techniques of a plan, in order. */
struct lethe_phone_route {
    const struct lethe_technique *wipe;  /* before the fill, or for its evidence; NULL none */
    const struct lethe_technique *fill;  /* NULL none */
    const struct lethe_technique *reset; /* the last: how it is handed over */
    const struct lethe_profile_technique *known; /* the least tested of them */
    bool shows_overwrite;                        /* the fill is one that the policy counts */
    char by_hand[232]; /* why the device is not told to reset itself, where nobody asked for that */
    char not_filled[228]; /* why its storage is not overwritten, where the policy asks for that */
};
/* phone.c: the techniques that bring PHONE, in MODE, to where TECHNIQUE can erase it; how many. */
#define LETHE_MOVES_MAX 2
size_t lethe_phone_moves(const char *technique, enum lethe_phone_mode mode,
                         const char *out[LETHE_MOVES_MAX]);
int lethe_phone_choose(const struct lethe_phone_case *c, struct lethe_phone_route *out,
                       struct lethe_error *err);

/* phone_limit.c */
void lethe_phone_limit(struct lethe_plan *plan, const struct lethe_phone_case *c,
                       const struct lethe_phone_route *route);

#endif
