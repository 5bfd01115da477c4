/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before anything else (facts/phones.md 1.1, 2.3): a phone that would come back locked to its
 * former owner is not erased; the refusal names the lock and what the seller must do.
 */
#include "plan/phone.h"

#include "base/text.h"
#include <stdio.h>
#include <string.h>

#define BATTERY_LEAST 30 /* percent: facts/phones.md 2.3 */

static const struct {
    enum lethe_lock lock;
    const char *what, *seller;
} gates[] = {
    {LETHE_LOCK_FIND_MY, "Find My is on",
     "switch Find My off, or sign out of iCloud, on the phone"},
    {LETHE_LOCK_ACTIVATION, "it is locked to its owner's Apple Account (Activation Lock)",
     "remove it from the account at icloud.com/find"},
    {LETHE_LOCK_MDM, "an organisation manages it and would take it back",
     "have the organisation release it from its device management (an Apple device: in Apple "
     "Business Manager or Apple School Manager)"},
    {LETHE_LOCK_FRP, "factory reset protection is armed",
     "remove the Google account and the screen lock in its settings"},
    {LETHE_LOCK_ACCOUNTS, "accounts are signed in on it, and it would ask for them",
     "remove every account in its settings"},
    {LETHE_LOCK_NO_RESET, "a restriction forbids a factory reset",
     "have whoever set the restriction lift it"},
};
#define GATES (sizeof(gates) / sizeof(gates[0]))

static void append(char *out, size_t out_size, const char *between, const char *text)
{
    size_t len = strlen(out);
    snprintf(out + len, out_size - len, "%s%s", len ? between : "", text);
}

static int refuse_locked(const struct lethe_phone *phone, struct lethe_error *err)
{
    char what[256] = "", seller[224] = "";
    for (size_t i = 0; i < GATES; i++)
        if (phone->locks[gates[i].lock] == LETHE_ANSWER_YES) {
            append(what, sizeof(what), "; ", gates[i].what);
            append(seller, sizeof(seller), "; ", gates[i].seller);
        }
    if (!what[0])
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "%s", what);
    lethe_error_effect(err, "nothing was sent to the phone; erased now it could be of no use to "
                            "anybody else");
    lethe_error_remedy(err,
                       "the seller must %s; then again. Of a lot that goes to destruction or "
                       "recycling: --for-destruction",
                       seller);
    return -LETHE_E_REFUSED;
}

static int refuse_flat(const struct lethe_phone *phone, struct lethe_error *err)
{
    if (phone->battery < 0 || phone->battery >= BATTERY_LEAST ||
        phone->charging == LETHE_ANSWER_YES)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "its battery is at %d %% and is not charging",
               (int)phone->battery);
    lethe_error_effect(err, "nothing was sent to the phone");
    lethe_error_remedy(err, "charge it to %d %% or more, or in a port that charges it, then again",
                       BATTERY_LEAST);
    return -LETHE_E_REFUSED;
}

static enum lethe_phone_mode mode_of(const struct lethe_phone_case *c)
{
    return c->phone->mode != LETHE_MODE_UNKNOWN ? c->phone->mode : c->device->mode;
}

/* Do its own settings run, where a person resets it? */
static bool has_settings(enum lethe_phone_mode mode)
{
    return mode == LETHE_MODE_NORMAL || mode == LETHE_MODE_CLOSED || mode == LETHE_MODE_PTP ||
           mode == LETHE_MODE_UNKNOWN;
}

static const char *how_to_start(const struct lethe_phone_case *c, enum lethe_phone_mode mode)
{
    const char *advice = lethe_phone_mode_advice(c->phone->family, mode);
    return advice[0] ? advice
           : mode == LETHE_MODE_FASTBOOT
               ? "start its system: on its screen choose START with its volume keys, then press "
                 "power"
               : "start its system: choose \"Reboot system now\" on its screen, or hold power for "
                 "twenty seconds until it restarts";
}

/* What leaves its port and comes back is taken for a reset by hand. A phone that has yet to be
 * started for that would be taken for it by its start alone. */
int lethe_phone_refuse_unstarted(const struct lethe_phone_case *c, struct lethe_error *err)
{
    enum lethe_phone_mode mode = mode_of(c);
    if (has_settings(mode))
        return 0;
    lethe_fail(err, LETHE_E_REFUSED,
               "by hand it is reset in its own settings, and its system does not run (mode %s)",
               lethe_phone_mode_name(mode));
    lethe_error_effect(err, "nothing that erases was sent to the phone");
    lethe_error_remedy(err, "%s", how_to_start(c, mode));
    return -LETHE_E_REFUSED;
}

static int refuse_closed(const struct lethe_phone_case *c, struct lethe_error *err)
{
    enum lethe_phone_mode mode = mode_of(c);
    bool by_hand = has_settings(mode);
    if (c->options->guided)
        return lethe_phone_refuse_unstarted(c, err);
    if (c->phone->access == LETHE_ACCESS_GRANTED)
        return 0;
    const struct lethe_facts *facts = c->device->facts;
    const char *advice = c->phone->advice[0]         ? c->phone->advice
                         : facts && facts->remedy[0] ? facts->remedy
                         : facts                     ? "plug it in again, unlocked"
                                                     : "unlock it, and let this bench in";
    bool told = facts && facts->obstacle[0];
    lethe_fail(err, LETHE_E_REFUSED, "the phone lets nobody in (mode %s, access %s)%s%s",
               lethe_phone_mode_name(mode), lethe_phone_access_name(c->phone->access),
               told ? ": " : "", told ? facts->obstacle : "");
    lethe_error_effect(err, "nothing was sent to the phone");
    lethe_error_remedy(err, "%s%s", advice,
                       by_hand && !strstr(advice, "--guided")
                           ? "; or have it reset by hand, step by step: --guided"
                           : "");
    return -LETHE_E_REFUSED;
}

/* Recognised, and nothing more: not by hand either (docs/phones.md, "Routes"). */
static int refuse_other(const struct lethe_phone_case *c, struct lethe_error *err)
{
    const struct lethe_facts *facts = c->device->facts;
    if (c->phone->family != LETHE_FAMILY_OTHER)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "%s",
               facts && facts->obstacle[0] ? facts->obstacle
                                           : "it is neither a phone nor a tablet");
    lethe_error_effect(err, "nothing that erases was sent to it");
    lethe_error_remedy(err, "%s",
                       c->phone->advice[0] ? c->phone->advice
                                           : "reset it in its own settings, by its maker's "
                                             "instructions");
    return -LETHE_E_REFUSED;
}

/* Somebody read it off the label of a drive: it would do nothing here, and be believed to. */
static int refuse_psid(const struct lethe_phone_case *c, struct lethe_error *err)
{
    if (!c->device->facts || !c->device->facts->psid)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "a PSID was given, and a phone or tablet has none");
    lethe_error_effect(err, "nothing was sent to the phone");
    lethe_error_remedy(err, "leave --psid out, or name the drive that it is of (lethe list)");
    return -LETHE_E_REFUSED;
}

int lethe_phone_gate(const struct lethe_phone_case *c, struct lethe_error *err)
{
    int rc = refuse_psid(c, err);
    rc = rc < 0 ? rc : refuse_other(c, err);
    if (rc < 0)
        return rc;
    rc = c->options->for_destruction ? 0 : refuse_locked(c->phone, err);
    rc = rc < 0 ? rc : refuse_flat(c->phone, err);
    return rc < 0 ? rc : refuse_closed(c, err);
}

/* Find My is asked of a phone in use: in Setup Assistant its "no" says nothing (facts/phones.md
 * 1.1). What the phone's own lock says stands for both. */
static bool is_answered(const struct lethe_phone *phone, enum lethe_lock lock)
{
    enum lethe_answer find_my = phone->ios.setup_done == LETHE_ANSWER_YES
                                    ? phone->locks[LETHE_LOCK_FIND_MY]
                                    : LETHE_ANSWER_UNKNOWN;
    if (lock == LETHE_LOCK_FIND_MY || lock == LETHE_LOCK_ACTIVATION)
        return find_my != LETHE_ANSWER_UNKNOWN ||
               phone->locks[LETHE_LOCK_ACTIVATION] != LETHE_ANSWER_UNKNOWN;
    return phone->locks[lock] != LETHE_ANSWER_UNKNOWN;
}

void lethe_phone_unknown_locks(const struct lethe_phone *phone, char *out, size_t out_size)
{
    static const enum lethe_lock apple[] = {LETHE_LOCK_FIND_MY, LETHE_LOCK_MDM},
                                 android[] = {LETHE_LOCK_FRP, LETHE_LOCK_ACCOUNTS, LETHE_LOCK_MDM,
                                              LETHE_LOCK_NO_RESET};
    bool ios = phone->family == LETHE_FAMILY_IOS;
    const enum lethe_lock *locks = ios ? apple : android;
    size_t n = ios ? sizeof(apple) / sizeof(apple[0]) : sizeof(android) / sizeof(android[0]);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++)
        if (!is_answered(phone, locks[i]))
            append(out, out_size, ", ", lethe_lock_name(locks[i]));
}
