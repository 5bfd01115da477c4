/* SPDX-License-Identifier: Apache-2.0 */
/* What the certificate of a phone must say beside its claim (rule 2). */
#include "plan/phone.h"

#include <stdio.h>
#include <string.h>

#define ADD(plan, ...) lethe_plan_limitation(plan, __VA_ARGS__)

static void limit_claim(struct lethe_plan *plan, const struct lethe_phone_case *c,
                        const struct lethe_phone_route *route)
{
    const struct lethe_phone *phone = c->phone;
    bool purge = lethe_phone_claim(phone, route->reset).method == LETHE_METHOD_PURGE;
    if (plan->not_demonstrable)
        ADD(plan,
            "Not demonstrable: policy %s asks for overwriting or block erase that is read back, "
            "and on this device neither can be shown. Claimed instead: %s.",
            c->policy->id,
            route->reset->flags & LETHE_TECHNIQUE_GUIDED
                ? "a reset by hand, by the word of a person"
            : plan->technique_kind == LETHE_KIND_CRYPTO_ERASE
                ? "a cryptographic erase by its own firmware, shown by its state"
                : "a reset by its own firmware, shown by its state");
    ADD(plan, "Raw media not readable; verified by device state.");
    if (plan->method == LETHE_METHOD_PURGE)
        ADD(plan, "Purge - cryptographic erase by device firmware, vendor-asserted; verification "
                  "by state change.");
    else if (strcmp(phone->android.crypto_state, "unencrypted") == 0)
        ADD(plan, "User data on this device was not encrypted: what its flash kept beside what a "
                  "reset reaches may be recovered in a laboratory. Destruction is recommended.");
    else if (!purge && phone->family != LETHE_FAMILY_IOS)
        ADD(plan, "That all user data was encrypted under keys which the reset destroys is not "
                  "shown for this device: not a cryptographic erase.");
    if (plan->method == LETHE_METHOD_PURGE && phone->family == LETHE_FAMILY_ANDROID &&
        lethe_phone_encrypts_metadata(phone) != LETHE_ANSWER_YES)
        ADD(plan, "%s: the claim rests on keys that its hardware keeps.",
            lethe_phone_encrypts_metadata(phone) == LETHE_ANSWER_NO
                ? "The device has no metadata encryption"
                : "Whether the device encrypts metadata is not known");
    if (route->fill)
        ADD(plan, "A fill overwrites what the file system gives it after the erase, once: it does "
                  "not claim every cell that held old data.");
}

/* What a reset leaves where it is. */
static void limit_survivors(struct lethe_plan *plan, const struct lethe_phone_case *c,
                            const struct lethe_phone_route *route)
{
    const struct lethe_phone *phone = c->phone;
    bool ios = phone->family == LETHE_FAMILY_IOS;
    if (c->options->keep_esim)
        ADD(plan, "The eSIM was kept on purpose: its profiles are residual data.");
    else if (!(route->reset->flags & LETHE_TECHNIQUE_ESIM) && phone->esim != LETHE_ANSWER_NO)
        ADD(plan, "An eSIM may have kept its profiles: whether a reset removes them is up to the "
                  "device.");
    ADD(plan, "Not reached: a SIM card%s%s.",
        ios                                      ? ""
        : phone->sd_card == LETHE_ANSWER_YES     ? ", the SD card in it (a medium of its own)"
        : phone->sd_card == LETHE_ANSWER_UNKNOWN ? ", an SD card (a medium of its own)"
                                                 : "",
        ios ? "" : ", partitions that hold no user data (persist, EFS, reset protection)");
}

static void limit_locks(struct lethe_plan *plan, const struct lethe_phone_case *c,
                        const struct lethe_phone_route *route)
{
    const struct lethe_phone *phone = c->phone;
    bool by_hand = route->reset->flags & LETHE_TECHNIQUE_GUIDED;
    char unknown[96];
    lethe_phone_unknown_locks(phone, unknown, sizeof(unknown));
    if (phone->family != LETHE_FAMILY_IOS)
        ADD(plan,
            "Locks not checked: %s%saccounts of the maker (Samsung, Xiaomi and others), "
            "enrolment by Knox or zero-touch%s.",
            unknown, unknown[0] ? "; " : "",
            by_hand ? "" : "; factory reset protection after the reset, when nothing can be asked");
    /* Find My's "no" of a phone in use lets it be erased; the lock itself was not asked for that
     * (facts/phones.md 1.1). */
    else if (phone->locks[LETHE_LOCK_ACTIVATION] == LETHE_ANSWER_UNKNOWN)
        ADD(plan, "Locks not checked: %s%s%s.", unknown, unknown[0] ? ", " : "",
            lethe_lock_name(LETHE_LOCK_ACTIVATION));
    else if (unknown[0])
        ADD(plan, "Locks not checked: %s.", unknown);
    if (c->phone->locks[LETHE_LOCK_SUPERVISED] == LETHE_ANSWER_YES)
        ADD(plan, "The device is supervised by an organisation, which may have assigned it to "
                  "itself for good.");
    if (c->options->for_destruction)
        ADD(plan, "The lot is marked for destruction or recycling: locks of a former owner did not "
                  "stop the erasure, and the device may come back locked.");
}

void lethe_phone_limit(struct lethe_plan *plan, const struct lethe_phone_case *c,
                       const struct lethe_phone_route *route)
{
    limit_claim(plan, c, route);
    limit_survivors(plan, c, route);
    limit_locks(plan, c, route);
    if (route->reset->flags & LETHE_TECHNIQUE_GUIDED)
        ADD(plan, "The device is reset by the hands of a person, whose word is the evidence: "
                  "operator-attested at best.");
    if (route->not_filled[0])
        ADD(plan, LETHE_WHY_NOT_FILLED "%s.", route->not_filled);
    if (route->by_hand[0])
        ADD(plan, LETHE_WHY_BY_HAND "%s.", route->by_hand);
    lethe_plan_limit_common(plan, c->profile);
}
