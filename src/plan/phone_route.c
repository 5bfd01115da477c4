/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By which techniques of its profile a phone is erased: the first that can be had here and now. A
 * policy that asks for overwriting gets one where one can be shown (facts/phones.md 3.1).
 */
#include "plan/phone.h"

#include "base/text.h"
#include <string.h>

/* Why a technique does not do, nearest to doing last. */
enum obstacle {
    NOT_IN_BUILD,
    NOT_OFFERED, /* the phone has no such way, or another is asked for */
    TOO_WEAK,
    NOT_READY,
    NOT_SAFE, /* it could come back locked: nobody could ask */
    TOO_UNTESTED,
    NO_OBSTACLE,
};

struct choice {
    enum obstacle obstacle;
    const struct lethe_profile_technique *known;
    const struct lethe_technique *technique;
    struct lethe_error why; /* NOT_OFFERED, NOT_READY */
};

/* Of what a profile does not tell nothing was shown. */
#define UNLISTED(name)                                                                             \
    {                                                                                              \
        .technique = name, .status = LETHE_STATUS_UNTESTED,                                        \
        .evidence = "The profile of the device says nothing of " name "."                          \
    }
static const struct lethe_profile_technique unlisted[] = {
    UNLISTED("android-sideload"), UNLISTED("android-rescue"), UNLISTED("android-bootloader")};

static const struct lethe_profile_technique *move_of(const struct lethe_phone_case *c,
                                                     const char *name)
{
    const struct lethe_profile *profile = c->profile;
    for (size_t k = 0; k < profile->n_techniques; k++)
        if (strcmp(profile->techniques[k].technique, name) == 0 &&
            lethe_profile_applies(&profile->techniques[k], c->device->identity.firmware))
            return &profile->techniques[k];
    size_t i = 0;
    while (i + 1 < sizeof(unlisted) / sizeof(unlisted[0]) &&
           strcmp(unlisted[i].technique, name) != 0)
        i++;
    return &unlisted[i];
}

/* The least tested of a technique and of what brings the phone to where it can erase it. */
static const struct lethe_profile_technique *least_tested(
    const struct lethe_phone_case *c, const struct lethe_profile_technique *known)
{
    const char *before[LETHE_MOVES_MAX];
    size_t n = lethe_phone_moves(known->technique, c->phone->mode, before);
    const struct lethe_profile_technique *least = known;
    for (size_t i = 0; i < n; i++) {
        const struct lethe_profile_technique *move = move_of(c, before[i]);
        if (move->status < least->status)
            least = move;
    }
    return least;
}

/* Asked of what comes first: the phone may speak another language by the time of the other. */
static int readiness(const struct lethe_phone_case *c, const struct lethe_technique *technique,
                     struct lethe_error *why)
{
    const char *before[LETHE_MOVES_MAX];
    size_t n = lethe_phone_moves(technique->name, c->phone->mode, before);
    const struct lethe_technique *first = n ? lethe_technique_find(before[0]) : technique;
    int rc = first ? lethe_technique_ready(first, c->device->facts, why) : -LETHE_E_UNSUPPORTED;
    return rc < 0 || first->protocol != technique->protocol || first == technique
               ? rc
               : lethe_technique_ready(technique, c->device->facts, why);
}

static int tell_version(const struct lethe_phone_case *c,
                        const struct lethe_profile_technique *known, struct lethe_error *err)
{
    char upto[24] = "";
    if (known->until)
        lethe_text_format(upto, sizeof(upto), " to %u", known->until);
    return lethe_fail(err, LETHE_E_UNSUPPORTED,
                      "profile %s has it of version %u%s of the system%s, and this is %.32s",
                      c->profile->id, known->since, upto, known->until ? "" : " on",
                      c->device->identity.firmware);
}

static struct choice consider(const struct lethe_phone_case *c,
                              const struct lethe_profile_technique *known)
{
    struct choice found = {.known = known, .technique = lethe_technique_find(known->technique)};
    const struct lethe_technique *technique = found.technique;
    if (!technique)
        return found; /* NOT_IN_BUILD */
    bool guided = technique->flags & LETHE_TECHNIQUE_GUIDED;
    bool overwrites = technique->kind == LETHE_KIND_OVERWRITE;
    char unknown[96];
    lethe_phone_unknown_locks(c->phone, unknown, sizeof(unknown));
    int ready = 0;
    if (!lethe_profile_applies(known, c->device->identity.firmware)) {
        ready = tell_version(c, known, &found.why);
    } else if (c->options->keep_esim && !overwrites && !(technique->flags & LETHE_TECHNIQUE_ESIM)) {
        ready = lethe_fail(&found.why, LETHE_E_UNSUPPORTED,
                           "the device can't be told by it to keep its eSIM");
        lethe_error_remedy(&found.why, "leave --keep-esim away: whether the eSIM stays is then up "
                                       "to the device");
    } else {
        ready = readiness(c, technique, &found.why);
    }
    found.obstacle =
        ready == -LETHE_E_UNSUPPORTED || (c->options->guided && !guided) ? NOT_OFFERED
        : !overwrites && lethe_phone_claim(c->phone, technique).method < c->policy->method
            ? TOO_WEAK
        : ready < 0                                             ? NOT_READY
        : !guided && unknown[0] && !c->options->for_destruction ? NOT_SAFE
        : least_tested(c, known)->status < c->policy->min_test_status &&
                !c->options->accept_untested
            ? TOO_UNTESTED
            : NO_OBSTACLE;
    return found;
}

/* The part that a technique can have in a plan. A test harness is never what a phone is handed over
 * in (facts/phones.md 2.2). */
enum part { WIPE, FILL, RESET, MOVE };

static enum part part_of(const struct lethe_profile_technique *known)
{
    const struct lethe_technique *technique = lethe_technique_find(known->technique);
    if (strcmp(known->technique, LETHE_TEST_HARNESS) == 0)
        return WIPE;
    if (technique && technique->flags & LETHE_TECHNIQUE_MOVES)
        return MOVE;
    return technique && technique->kind == LETHE_KIND_OVERWRITE ? FILL : RESET;
}

static bool by_hand(const struct lethe_profile_technique *known)
{
    const struct lethe_technique *technique = lethe_technique_find(known->technique);
    return technique && technique->flags & LETHE_TECHNIQUE_GUIDED;
}

/* BY_ITSELF: none that a person does. */
static struct choice choose_among(const struct lethe_phone_case *c, enum part part, bool by_itself)
{
    struct choice best = {0};
    for (size_t i = 0; best.obstacle != NO_OBSTACLE && i < c->profile->n_techniques; i++) {
        const struct lethe_profile_technique *known = &c->profile->techniques[i];
        if (part_of(known) != part || (by_itself && by_hand(known)))
            continue;
        struct choice next = consider(c, known);
        if (!best.known || next.obstacle > best.obstacle)
            best = next;
    }
    return best;
}

static struct choice choose(const struct lethe_phone_case *c, enum part part)
{
    return choose_among(c, part, false);
}

static int refuse(const struct lethe_phone_case *c, const struct choice *best,
                  struct lethe_error *err)
{
    char unknown[96];
    const char *name = best->known ? best->known->technique : "";
    const struct lethe_profile_technique *least;
    int rc = -LETHE_E_REFUSED;
    if (!best->known) {
        lethe_fail(err, LETHE_E_REFUSED, "profile %s knows no way to reset such a device",
                   c->profile->id);
        lethe_error_remedy(err, "erase it by its maker's instructions, without a certificate of "
                                "ours, or destroy it");
        lethe_error_effect(err, "nothing was sent to the phone");
        return rc;
    }
    switch (best->obstacle) {
    case NOT_IN_BUILD:
        rc = lethe_fail(err, LETHE_E_UNSUPPORTED,
                        "profile %s asks for technique %s, which this build does not have",
                        c->profile->id, name);
        lethe_error_remedy(err, "use a version of Lethe that has it, or another profile");
        break;
    case NOT_OFFERED:
    case NOT_READY:
        lethe_fail(err, LETHE_E_REFUSED, "%s is not possible here: %s", name,
                   best->why.what[0] ? best->why.what : "it is not done by hand");
        lethe_error_remedy(err, "%s",
                           best->why.remedy[0] ? best->why.remedy
                                               : "have it reset by hand, step by step: --guided");
        break;
    case TOO_WEAK:
        lethe_fail(err, LETHE_E_REFUSED,
                   "policy %s asks for %s, and a reset of this phone is clear at best: that all "
                   "its user data is encrypted under a key which the reset destroys is not shown",
                   c->policy->id, lethe_method_name(c->policy->method));
        lethe_error_remedy(err, "choose a clear policy (--policy nist-800-88r2-clear) where that "
                                "is enough, or destroy it");
        break;
    case NOT_SAFE:
        lethe_phone_unknown_locks(c->phone, unknown, sizeof(unknown));
        lethe_fail(err, LETHE_E_REFUSED,
                   "whether it would come back locked could not be asked (%s), and %s does not "
                   "lift such locks",
                   unknown, name);
        lethe_error_remedy(err,
                           "%shave it reset by hand in its own settings: --guided; or, of a lot "
                           "that goes to destruction or recycling: --for-destruction",
                           c->phone->family == LETHE_FAMILY_IOS && strstr(unknown, "mdm")
                               ? "remove what is in Settings > General > VPN & Device Management, "
                                 "then again; or "
                               : "");
        break;
    case TOO_UNTESTED:
        least = least_tested(c, best->known);
        lethe_fail(err, LETHE_E_REFUSED,
                   "technique %s is %s on devices of profile %s, and policy %s accepts %s or "
                   "better",
                   least->technique, lethe_test_status_name(least->status), c->profile->id,
                   c->policy->id, lethe_test_status_name(c->policy->min_test_status));
        lethe_error_remedy(err, "--accept-untested goes on and says so on the certificate");
        break;
    case NO_OBSTACLE:
        break;
    }
    lethe_error_effect(err, "nothing was sent to the phone");
    return rc;
}

static void add_known(struct lethe_phone_route *route, const struct lethe_profile_technique *known)
{
    if (!route->known || known->status < route->known->status)
        route->known = known;
}

/* Is a wipe of its own shown before the reset? Not where it could reach a memory card. Where the
 * policy asks for an overwrite it has to be, and where the profile prefers its evidence to that of
 * the reset. What a person does last is only attested, whatever was shown before. */
static bool wants_wipe(const struct lethe_phone_case *c, const struct choice *wipe,
                       const struct choice *reset)
{
    return wipe->obstacle == NO_OBSTACLE && wipe->known < reset->known &&
           c->phone->sd_card == LETHE_ANSWER_NO &&
           !(reset->technique->flags & LETHE_TECHNIQUE_GUIDED) && !c->options->guided;
}

/* What would change it, where the operator can: a plan has to say so before it is confirmed. */
static const char *way_out(const struct choice *choice)
{
    return choice->obstacle == TOO_UNTESTED ? " (--accept-untested goes on)"
           : choice->obstacle == NOT_SAFE
               ? " (--for-destruction goes on, of a lot that goes to destruction or recycling)"
               : "";
}

/* Nothing is said of an Apple device, on which no overwriting counts whatever is accepted. */
static void say_why_not_filled(const struct lethe_phone_case *c, const struct choice *fill,
                               const struct choice *wipe, struct lethe_phone_route *out)
{
    struct lethe_error why = {0};
    const struct choice *in_the_way = fill->obstacle != NO_OBSTACLE ? fill : wipe;
    if (c->options->guided || c->phone->family != LETHE_FAMILY_ANDROID || !fill->known ||
        !wipe->known)
        return;
    if (in_the_way->obstacle != NO_OBSTACLE) {
        refuse(c, in_the_way, &why);
        lethe_text_format(out->not_filled, sizeof(out->not_filled), "%s%s", why.what,
                          way_out(in_the_way));
    } else if (c->phone->sd_card == LETHE_ANSWER_UNKNOWN) {
        lethe_text_format(out->not_filled, sizeof(out->not_filled), "%s",
                          "whether a memory card is in it could not be asked, and the test harness "
                          "that has to come before it would wipe that, too");
    } else if (c->phone->locks[LETHE_LOCK_PASSCODE] != LETHE_ANSWER_NO) {
        lethe_text_format(out->not_filled, sizeof(out->not_filled), "%s",
                          "with a lock screen it takes no test harness, which has to come before "
                          "it: take that off in its settings, then plan again");
    }
}

/* A test harness wipes the memory card, too (facts/phones.md 2.2): a medium of its own, which
 * nobody armed (rule 4). Taken out it is out of reach, and the phone can be overwritten. */
static int refuse_card(struct lethe_error *err)
{
    lethe_fail(
        err, LETHE_E_REFUSED,
        "a memory card is in it, and " LETHE_TEST_HARNESS
        ", which has to come before the overwriting, would wipe that, too: it is a medium of "
        "its own");
    lethe_error_effect(err, "nothing that erases was sent to the phone");
    lethe_error_remedy(err,
                       "take the card out, then again; erase the card in a reader. Or choose a "
                       "policy that asks for no overwriting (--policy nist-800-88r2-clear)");
    return -LETHE_E_REFUSED;
}

/* A phone with a lock screen takes no test harness (facts/phones.md 2.2). An Apple device erases
 * itself first, and whether it can be filled then was never shown on hardware: that is done where
 * untested ways are accepted, and never counted. */
static int choose_fill(const struct lethe_phone_case *c, const struct choice *reset,
                       struct lethe_phone_route *out, struct lethe_error *err)
{
    struct choice fill = choose(c, FILL), wipe = choose(c, WIPE);
    bool ios = c->phone->family == LETHE_FAMILY_IOS;
    if (ios)
        wipe = *reset;
    bool apart = ios ? !(reset->technique->flags & LETHE_TECHNIQUE_GUIDED)
                     : c->phone->locks[LETHE_LOCK_PASSCODE] == LETHE_ANSWER_NO;
    if (c->options->guided || !apart || !fill.known || fill.obstacle != NO_OBSTACLE ||
        !wipe.known || wipe.obstacle != NO_OBSTACLE ||
        (!ios && c->phone->sd_card == LETHE_ANSWER_UNKNOWN)) {
        say_why_not_filled(c, &fill, &wipe, out);
        return 0;
    }
    if (!ios && c->phone->sd_card == LETHE_ANSWER_YES)
        return refuse_card(err);
    out->wipe = wipe.technique;
    out->fill = fill.technique;
    out->shows_overwrite = c->rule->fill && !ios;
    add_known(out, wipe.known);
    add_known(out, fill.known);
    return 0;
}

int lethe_phone_choose(const struct lethe_phone_case *c, struct lethe_phone_route *out,
                       struct lethe_error *err)
{
    struct choice reset = choose(c, RESET), wipe = choose(c, WIPE);
    memset(out, 0, sizeof(*out));
    if (!reset.known || reset.obstacle != NO_OBSTACLE)
        return refuse(c, &reset, err);
    if (by_hand(reset.known)) {
        int started = lethe_phone_refuse_unstarted(c, err);
        if (started < 0)
            return started;
    }
    out->reset = reset.technique;
    out->known = least_tested(c, reset.known);
    struct choice itself = choose_among(c, RESET, true);
    if (by_hand(reset.known) && !c->options->guided && itself.known) {
        struct lethe_error why = {0};
        refuse(c, &itself, &why);
        lethe_text_format(out->by_hand, sizeof(out->by_hand), "%s%s", why.what, way_out(&itself));
    }
    int rc = c->rule->kinds & LETHE_KIND_RESET ? 0 : choose_fill(c, &reset, out, err);
    if (rc < 0)
        return rc;
    if (!out->wipe && wipe.known && c->phone->locks[LETHE_LOCK_PASSCODE] == LETHE_ANSWER_NO &&
        wants_wipe(c, &wipe, &reset)) {
        out->wipe = wipe.technique;
        add_known(out, wipe.known);
    }
    return 0;
}
