/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of a phone or tablet: it has no blocks to mark, write or read. It is told to erase
 * itself, leaves its port, comes back, and is asked for its state (facts/phones.md 1.4, 3).
 */
#include "plan/phone.h"

#include "base/text.h"
#include <string.h>

#define FILL_RATE 30000000ull /* bytes a second over USB 2: facts/phones.md 3.1 */

/* What must happen before a technique, and from which modes on it is not needed any more. */
static const struct {
    const char *technique, *before;
    unsigned there;
} moves[] = {
    {"android-rescue-wipe", "android-sideload",
     1u << LETHE_MODE_SIDELOAD | 1u << LETHE_MODE_RESCUE},
    {"android-rescue-wipe", "android-rescue", 1u << LETHE_MODE_RESCUE},
    {"android-fastboot-erase", "android-bootloader",
     1u << LETHE_MODE_FASTBOOT | 1u << LETHE_MODE_FASTBOOTD},
};

size_t lethe_phone_moves(const char *technique, enum lethe_phone_mode mode,
                         const char *out[LETHE_MOVES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
        if (strcmp(moves[i].technique, technique) == 0 && !(moves[i].there & 1u << mode))
            out[n++] = moves[i].before;
    return n;
}

static struct lethe_step *add(struct lethe_plan *plan, enum lethe_step_kind kind,
                              const struct lethe_technique *technique,
                              const struct lethe_facts *facts)
{
    struct lethe_step *step = &plan->steps[plan->n_steps++];
    uint64_t patience = technique->patience ? technique->patience(facts, 0) : 0;
    uint64_t seconds = technique->seconds ? technique->seconds(facts, 0) : 0;
    step->kind = kind;
    lethe_text_format(step->technique, sizeof(step->technique), "%s", technique->name);
    step->patience = patience > UINT32_MAX ? UINT32_MAX : (uint32_t)patience;
    if (kind == LETHE_STEP_STATE) {
        step->patience = technique->look_seconds ? technique->look_seconds : step->patience;
        return step;
    }
    step->returns = technique->returns;
    step->away = technique->returns ? technique->away_seconds : 0;
    step->cycle = technique->returns != 0;
    if (seconds == 0 && technique->kind == LETHE_KIND_OVERWRITE && facts)
        seconds = facts->phone.storage / FILL_RATE;
    step->expected_seconds = seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
    return step;
}

static int add_moves(struct lethe_plan *plan, const struct lethe_phone_case *c,
                     const struct lethe_technique *technique, struct lethe_error *err)
{
    /* whatever it was begun in, a wipe before leaves it in its system */
    enum lethe_phone_mode mode = plan->n_steps ? LETHE_MODE_NORMAL : c->phone->mode;
    const char *before[LETHE_MOVES_MAX];
    size_t n = lethe_phone_moves(technique->name, mode, before);
    for (size_t i = 0; i < n; i++) {
        const struct lethe_technique *move = lethe_technique_find(before[i]);
        if (!move)
            return lethe_fail(err, LETHE_E_UNSUPPORTED,
                              "technique %s needs %s before it, which this build does not have",
                              technique->name, before[i]);
        add(plan, LETHE_STEP_PREPARE, move, c->device->facts);
    }
    return 0;
}

static void add_erasure(struct lethe_plan *plan, const struct lethe_phone_case *c,
                        const struct lethe_technique *technique)
{
    add(plan, LETHE_STEP_TECHNIQUE, technique, c->device->facts);
    add(plan, LETHE_STEP_STATE, technique, c->device->facts);
}

/* By policy X of date Y, in words of our own: those of the policy tell of blocks read back. */
static void state_claim(struct lethe_plan *plan, const struct lethe_phone_route *route)
{
    bool overwritten = route->shows_overwrite;
    if (route->reset->flags & LETHE_TECHNIQUE_GUIDED) {
        lethe_text_format(plan->policy.statement, sizeof(plan->policy.statement),
                          "By the word of a person, for policy %s of %s: reset by hand, not shown "
                          "by the device.",
                          plan->policy.id, plan->policy.version);
        return;
    }
    lethe_text_format(
        plan->policy.statement, sizeof(plan->policy.statement), "%s by policy %s of %s: %s.",
        plan->not_demonstrable               ? "Not shown to be sanitised as asked"
        : plan->method == LETHE_METHOD_PURGE ? "Purged"
                                             : "Cleared",
        plan->policy.id, plan->policy.version,
        overwritten ? "user-addressable storage overwritten once, then a device-directed reset; "
                      "samples were read back"
        : plan->technique_kind == LETHE_KIND_CRYPTO_ERASE
            ? "cryptographic erase by device firmware, vendor-asserted; verified by device state"
            : "device-directed reset; verified by device state");
}

/* One that bears the name of GB 46864 asks for it whatever else its author allows: so do those who
 * verify (certs/README.md, "Phones"). */
static bool asks_overwrite(const struct lethe_phone_case *c)
{
    return !(c->rule->kinds & LETHE_KIND_RESET) || strstr(c->policy->id, "46864") ||
           strstr(c->policy->title, "46864");
}

int lethe_plan_make_phone(const struct lethe_phone_case *c, struct lethe_plan *plan,
                          struct lethe_error *err)
{
    struct lethe_phone_route route;
    int rc = lethe_phone_gate(c, err);
    rc = rc < 0 ? rc : lethe_phone_choose(c, &route, err);
    if (rc < 0)
        return rc;
    struct lethe_phone_claim claim = lethe_phone_claim(c->phone, route.reset);
    memset(plan, 0, sizeof(*plan));
    plan->identity = c->device->identity;
    plan->for_destruction = c->options->for_destruction;
    plan->keep_esim = c->options->keep_esim;
    plan->not_demonstrable = asks_overwrite(c) && !route.shows_overwrite;
    plan->technique_kind = route.shows_overwrite ? LETHE_KIND_OVERWRITE : claim.kind;
    plan->method = route.shows_overwrite && claim.method > LETHE_METHOD_CLEAR ? LETHE_METHOD_CLEAR
                                                                              : claim.method;
    if (route.reset->flags & LETHE_TECHNIQUE_GUIDED)
        plan->method = LETHE_METHOD_NONE; /* a person's word earns none */
    lethe_plan_copy_policy(plan, c->policy);
    lethe_plan_copy_profile(plan, c->profile, route.known);
    state_claim(plan, &route);
    if (route.wipe)
        add_erasure(plan, c, route.wipe);
    if (route.fill)
        add_erasure(plan, c, route.fill);
    rc = add_moves(plan, c, route.reset, err);
    if (rc < 0)
        return rc;
    add_erasure(plan, c, route.reset);
    lethe_phone_limit(plan, c, &route);
    return lethe_plan_digest(plan, plan->digest, err);
}
