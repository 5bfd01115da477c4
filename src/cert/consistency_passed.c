/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of a phone that passed: what it says beside its erasure. What an erasure leaves or does not reach
 * is said in the limitations exactly where the claims have it (certs/SPEC.md, "Statements"), and
 * what took time took no more than there was.
 */
#include "base/text.h"
#include "base/time.h"
#include "cert/checking.h"
#include <lethe/certificate.h>
#include <string.h>

/* docs/techniques/android-fill.md: samples of such blocks; so many, or all. */
#define FILL_BLOCK 65536
#define FILL_SAMPLES 4603

static const struct lethe_node *phone_of(const struct lethe_node *claims)
{
    return lethe_node_get(claims, "phone");
}

static bool is(const struct lethe_node *object, const char *key, const char *value)
{
    return strcmp(text(object, key), value) == 0;
}

/* ONLY: nowhere else either. */
static void check_limited(struct checking *c, const char *code, const char *begin, bool due,
                          bool only)
{
    bool there = lethe_is_limited(c->claims, begin);
    struct lethe_complaint why;
    if (due ? there : !there || !only)
        return;
    lethe_complain(&why, code, "its limitations %s \"%s\"", due ? "do not say" : "say", begin);
    c->found++;
    c->fn(c->user, &why);
}

static void check_residue(struct checking *c)
{
    const struct lethe_node *phone = phone_of(c->claims), *item;
    bool ios = is(phone, "family", "ios"), told = false;
    const char *esim = text(phone, "esim"), *card = text(phone, "sd_card");
    LETHE_NODE_EACH(lethe_node_get(lethe_node_get(c->claims, "technique"), "chain"), item)
    {
        const struct lethe_known_technique *known =
            lethe_known_technique(lethe_node_string(item) ? lethe_node_string(item) : "");
        told = told || (known && known->esim);
    }
    if (told != (strcmp(esim, "not-asked") != 0))
        CONTRADICTION(c, "phone", "its eSIM is called \"%.20s\", and %s", esim,
                      told ? "the phone was told" : "nothing that was used tells the phone");
    if (ios && strcmp(card, "yes") == 0)
        CONTRADICTION(c, "phone", "no Apple device takes an SD card");
    check_limited(c, "contradiction-phone", "The eSIM was kept on purpose",
                  is(phone, "esim", "kept"), true);
    check_limited(c, "contradiction-phone",
                  ios || strcmp(card, "no") == 0 ? "Not reached: a SIM card"
                  : strcmp(card, "yes") == 0     ? "Not reached: a SIM card, the SD card in it"
                                                 : "Not reached: a SIM card, an SD card",
                  true, true);
}

static void check_claims(struct checking *c)
{
    const struct lethe_node *phone = phone_of(c->claims);
    check_limited(c, "contradiction-verification", "Raw media not readable", true, true);
    check_limited(c, "contradiction-method", "Purge - cryptographic erase by device firmware",
                  is(c->claims, "method", "purge"), true);
    check_limited(c, "contradiction-method", "User data on this device was not encrypted",
                  is(phone, "encryption", "unencrypted"), true);
    check_limited(c, "contradiction-passes", "A fill overwrites what the file system gives it",
                  lethe_chain_does(c->claims, LETHE_PART_FILLS), true);
    check_limited(c, "contradiction-outcome", "The device is reset by the hands of a person", false,
                  true);
    check_limited(c, "contradiction-locks", "Locks not checked: ", !is(phone, "family", "ios"),
                  false);
    check_limited(c, "contradiction-locks", "The lot is marked for destruction",
                  truth(phone, "for_destruction"), true);
    check_limited(c, "contradiction-locks", "The device is supervised by an organisation",
                  is(lethe_node_get(phone, "locks"), "supervised", "yes"), true);
}

/* V8 of facts/phones.md 1.4: whether it came back locked to somebody. Only one that was locked
 * before, and goes to destruction, may. */
static void check_lock_after(struct checking *c)
{
    const struct lethe_node *phone = phone_of(c->claims), *item, *last = NULL;
    const struct lethe_node *locks = lethe_node_get(phone, "locks");
    bool before = truth(phone, "for_destruction") &&
                  (is(locks, "activation-lock", "yes") || is(locks, "find-my", "yes"));
    LETHE_NODE_EACH(lethe_node_get(lethe_node_get(c->claims, "verification"), "state"), item)
    {
        const struct lethe_known_technique *known = lethe_known_technique(text(item, "technique"));
        if (!known || known->part != LETHE_PART_ERASES || strncmp(known->name, "ios-", 4) != 0)
            continue;
        last = item;
        if (lethe_answers(item, "after.activation_lock", "yes") && !before)
            CONTRADICTION(c, "locks", "after %s it came back locked", known->name);
    }
    if (!last)
        return;
    bool unknown = lethe_answers(last, "after.activation_lock", "unknown");
    if (!unknown && !lethe_answers(last, "after.activation_lock", "yes") &&
        !lethe_answers(last, "after.activation_lock", "no"))
        CONTRADICTION(c, "locks", "whether it came back locked is not told");
    check_limited(c, "contradiction-locks", "Locks not checked after the erasure: activation-lock",
                  unknown, true);
}

/* Times are whole seconds: up to one more may have passed. */
static void check_time_away(struct checking *c)
{
    const struct lethe_node *times = lethe_node_get(c->claims, "times"), *item;
    uint64_t started = 0, ended = 0, quiet, spent = 0;
    lethe_time_parse(text(times, "started"), &started);
    lethe_time_parse(text(times, "ended"), &ended);
    LETHE_NODE_EACH(lethe_node_get(phone_of(c->claims), "returns"), item)
    if (__builtin_add_overflow(spent, number(item, "away_ms"), &spent))
        spent = UINT64_MAX;
    LETHE_NODE_EACH(lethe_node_get(lethe_node_get(c->claims, "verification"), "state"), item)
    if (lethe_answers_number(item, "quiet_ms", &quiet) &&
        __builtin_add_overflow(spent, quiet, &spent))
        spent = UINT64_MAX;
    if (ended >= started && spent > ended - started + 1000)
        CONTRADICTION(c, "times", "it was away and watched for longer than the job took");
}

/* By the policy, in words of the claims (src/plan/phone.c makes the same). */
static void check_policy_statement(struct checking *c)
{
    const struct lethe_node *policy = lethe_node_get(c->claims, "policy");
    const char *kind = text(lethe_node_get(c->claims, "technique"), "kind");
    char due[2048];
    lethe_text_format(due, sizeof(due), "%s by policy %s of %s: %s.",
                      is(c->claims, "method", "purge") ? "Purged" : "Cleared", text(policy, "id"),
                      text(policy, "version"),
                      strcmp(kind, "overwrite") == 0
                          ? "user-addressable storage overwritten once, then a device-directed "
                            "reset; samples were read back"
                      : strcmp(kind, "crypto-erase") == 0
                          ? "cryptographic erase by device firmware, vendor-asserted; verified by "
                            "device state"
                          : "device-directed reset; verified by device state");
    if (strcmp(text(policy, "statement"), due) != 0)
        CONTRADICTION(c, "policy", "its statement is another than its claims make");
}

static void check_maker(struct checking *c)
{
    const struct lethe_node *phone = phone_of(c->claims);
    bool apple = is(lethe_node_get(c->claims, "device"), "vendor", "Apple");
    if (apple != is(phone, "family", "ios"))
        CONTRADICTION(c, "phone", "of the maker \"%.40s\", and of the family %s",
                      text(lethe_node_get(c->claims, "device"), "vendor"), text(phone, "family"));
}

static bool is_fill(const char *name)
{
    const struct lethe_known_technique *known = lethe_known_technique(name);
    return known && known->part == LETHE_PART_FILLS;
}

/* The samples are whole blocks of what was written, one of each part of it. */
static bool are_samples(const struct lethe_node *one, uint64_t bytes, uint64_t samples)
{
    uint64_t read, of = bytes / FILL_BLOCK, block = FILL_BLOCK;
    if (!lethe_answers_number(one, "samples.read", &read) || read != samples)
        return false;
    lethe_answers_number(one, "samples.of", &of);
    lethe_answers_number(one, "samples.block", &block);
    return samples <= of && of <= bytes / FILL_BLOCK && block == FILL_BLOCK;
}

void lethe_check_filled(struct checking *c)
{
    const struct lethe_node *filled =
        lethe_node_get(lethe_node_get(c->claims, "technique"), "filled");
    const struct lethe_node *item;
    uint64_t bytes = number(filled, "bytes"), samples = number(filled, "samples");
    uint64_t blocks = bytes / FILL_BLOCK;
    if (!lethe_chain_does(c->claims, LETHE_PART_FILLS)) {
        if (filled)
            CONTRADICTION(c, "passes", "its storage was filled, and by no technique that was used");
        return;
    }
    if (samples == 0 || number(filled, "mismatches") > 0 || bytes % FILL_BLOCK ||
        samples > blocks || samples < (blocks < FILL_SAMPLES ? blocks : FILL_SAMPLES)) {
        CONTRADICTION(c, "passes", "its storage was not filled, or what was read back differs");
        return;
    }
    LETHE_NODE_EACH(lethe_node_get(lethe_node_get(c->claims, "verification"), "state"), item)
    if (is_fill(text(item, "technique")) && !are_samples(item, bytes, samples))
        CONTRADICTION(c, "state", "of what was filled, not as many samples were read back");
}

void lethe_check_beside(struct checking *c)
{
    int outcome = lethe_outcome_parse(text(c->claims, "outcome"));
    if (!lethe_of_phone(c->claims) || !phone_of(c->claims) ||
        (outcome != LETHE_OUTCOME_PASSED && outcome != LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS))
        return;
    check_maker(c);
    check_residue(c);
    check_claims(c);
    check_lock_after(c);
    check_time_away(c);
    if (strcmp(text(c->claims, "vct"), LETHE_VCT_CERTIFICATE) == 0)
        check_policy_statement(c);
}
