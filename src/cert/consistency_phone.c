/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phones and tablets: nothing of them can be read back, so that all rests on their state, and on
 * who says so (certs/README.md, "Phones"). A drive is never judged so, a phone never otherwise.
 */
#include "cert/checking.h"
#include "cert/technique.h"
#include <lethe/certificate.h>
#include <string.h>

bool lethe_of_phone(const struct lethe_node *claims)
{
    int class_ = lethe_device_class_parse(text(lethe_node_get(claims, "device"), "class"));
    return class_ >= 0 && lethe_class_is_phone((enum lethe_device_class)class_);
}

/* Of a later version not all was checked: what is no text counts as none. */
static const char *word(const struct lethe_node *item)
{
    const char *value = lethe_node_string(item);
    return value ? value : "";
}

static const struct lethe_node *chain_of(const struct lethe_node *claims)
{
    return lethe_node_get(lethe_node_get(claims, "technique"), "chain");
}

static size_t times_in_chain(const struct lethe_node *claims, const char *name)
{
    const struct lethe_node *item;
    size_t n = 0;
    LETHE_NODE_EACH(chain_of(claims), item)
    n += strcmp(word(item), name) == 0;
    return n;
}

/* Members of LIST whose KEY is NAME. */
static size_t times_in(const struct lethe_node *list, const char *key, const char *name)
{
    const struct lethe_node *item;
    size_t n = 0;
    LETHE_NODE_EACH(list, item)
    n += strcmp(text(item, key), name) == 0;
    return n;
}

bool lethe_chain_does(const struct lethe_node *claims, enum lethe_phone_part part)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(chain_of(claims), item)
    {
        const struct lethe_known_technique *known = lethe_known_technique(word(item));
        if (known && known->part == part)
            return true;
    }
    return false;
}

/* The last that changed the phone; "": none did. */
static const char *last_of(const struct lethe_node *claims)
{
    const struct lethe_node *item;
    const char *last = "";
    LETHE_NODE_EACH(chain_of(claims), item)
    {
        const struct lethe_known_technique *known = lethe_known_technique(word(item));
        if (!known || known->part != LETHE_PART_MOVES)
            last = word(item);
    }
    return last;
}

static void check_drive(struct checking *c, const struct lethe_known_technique *known)
{
    const struct lethe_node *technique = lethe_node_get(c->claims, "technique");
    const struct lethe_node *v = lethe_node_get(c->claims, "verification");
    if (known && known->part)
        CONTRADICTION(c, "technique", "%s is for phones and tablets", known->name);
    if (strcmp(text(v, "mode"), "state") == 0 || lethe_node_get(v, "state"))
        CONTRADICTION(c, "verification", "a drive is read back, its state shows nothing");
    if (lethe_node_get(c->claims, "phone") || lethe_node_get(technique, "chain") ||
        lethe_node_get(technique, "filled") ||
        lethe_node_get(lethe_node_get(c->claims, "policy"), "demonstrable"))
        CONTRADICTION(c, "phone", "what is only said of phones is said of another device");
}

/* It has no blocks: no capacity, passes, marks, samples, exceptions. */
static void check_no_blocks(struct checking *c)
{
    const struct lethe_node *device = lethe_node_get(c->claims, "device");
    const struct lethe_node *technique = lethe_node_get(c->claims, "technique");
    const struct lethe_node *v = lethe_node_get(c->claims, "verification");
    const char *mode = text(v, "mode");
    if (number(device, "capacity") || number(device, "logical_block") ||
        number(device, "physical_block"))
        CONTRADICTION(c, "capacity", "a phone has no blocks that anybody could count");
    if (lethe_node_get(technique, "passes") || lethe_node_get(technique, "followed_by"))
        CONTRADICTION(c, "passes", "nobody overwrites the blocks of a phone");
    if ((strcmp(mode, "state") != 0 && strcmp(mode, "none") != 0) || number(v, "samples") ||
        number(v, "blocks") || number(v, "canaries_written") || lethe_node_get(v, "expected"))
        CONTRADICTION(c, "verification", "a phone is verified by its state, and not by its blocks");
    if (number(lethe_node_get(c->claims, "exceptions"), "sectors"))
        CONTRADICTION(c, "exceptions", "a phone has no sectors");
}

/* What speaks one family's language erases nothing else. One that could not be asked was not told
 * to erase itself either: that is planned only, and never passes. */
static void check_family(struct checking *c, bool passed)
{
    static const char *const families[] = {"ios", "android"};
    const char *family = text(lethe_node_get(c->claims, "phone"), "family");
    const struct lethe_node *item;
    if (strcmp(family, "none") == 0 && !passed)
        return;
    LETHE_NODE_EACH(chain_of(c->claims), item)
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        size_t len = strlen(families[i]);
        if (strncmp(word(item), families[i], len) == 0 && word(item)[len] == '-' &&
            strcmp(family, families[i]) != 0)
            CONTRADICTION(c, "technique", "%.40s is not for a device of the family %s", word(item),
                          family);
    }
}

/* What is said of each technique was told in the order in which they were used. */
static void check_told(struct checking *c, const struct lethe_node *list, const char *key)
{
    const struct lethe_node *at = lethe_node_first(chain_of(c->claims)), *item;
    LETHE_NODE_EACH(list, item)
    {
        const char *name = text(item, key);
        if (times_in_chain(c->claims, name) == 0) {
            CONTRADICTION(c, "state", "what %.40s did is told, and it was not used", name);
            continue;
        }
        while (at && strcmp(word(at), name) != 0)
            at = at->next;
        if (!at) {
            CONTRADICTION(c, "technique", "%.40s was used in another order than it is told of",
                          name);
            return;
        }
        at = at->next;
    }
}

/* Where a technique leaves a phone, and where it was found. */
static void check_modes(struct checking *c, const struct lethe_node *returns)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(returns, item)
    {
        const char *name = text(item, "after");
        const struct lethe_known_technique *known = lethe_known_technique(name);
        if (known && known->part &&
            (!known->back || !lethe_known_lists(known->back, text(item, "mode"))))
            CONTRADICTION(c, "state", "after %s no phone comes back in the mode \"%.20s\"", name,
                          text(item, "mode"));
    }
}

static bool says(const char *where, const char *what)
{
    return strstr(where, what) != NULL;
}

/* In words: that what the policy asks for can't be shown, and what is claimed instead. */
static bool is_not_shown(const struct lethe_node *claims, const char *statement)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(lethe_node_get(claims, "limitations"), item)
    if (says(word(item), "Not demonstrable") || says(word(item), "Claimed instead"))
        return true;
    return says(statement, "Not demonstrable") || says(statement, "Not shown to be sanitised");
}

/* What the certificate says in words of it, it does not deny in the claims. */
static void check_policy(struct checking *c, const struct lethe_node *policy,
                         const struct lethe_known_technique *known)
{
    const struct lethe_node *filled =
        lethe_node_get(lethe_node_get(c->claims, "technique"), "filled");
    const char *id = text(policy, "id"), *said = text(policy, "statement");
    bool met = truth(policy, "met");
    bool overwrite = says(id, "46864") || says(text(policy, "title"), "46864");
    if (!truth(policy, "demonstrable") && met)
        CONTRADICTION(c, "policy", "what can't be demonstrated is called met");
    if (is_not_shown(c->claims, said) &&
        (met || !lethe_node_get(policy, "demonstrable") || truth(policy, "demonstrable")))
        CONTRADICTION(c, "policy", "its own words say that it can't be demonstrated");
    if (met && says(said, "word of a person"))
        CONTRADICTION(c, "policy", "its own statement says that it is the word of a person");
    /* An Apple device was never shown to be overwritten by its fill (facts/phones.md 3.1). */
    if (met && overwrite && (known ? strcmp(known->name, "android-fill") != 0 : !filled))
        CONTRADICTION(c, "policy", "%.40s asks for overwriting that was read back", id);
}

static void check_claim(struct checking *c, const struct lethe_known_technique *known)
{
    const struct lethe_node *technique = lethe_node_get(c->claims, "technique");
    const struct lethe_node *policy = lethe_node_get(c->claims, "policy");
    const char *name = text(technique, "name"), *kind = text(technique, "kind");
    bool crypto = strcmp(kind, "crypto-erase") == 0;
    bool encrypted =
        strcmp(text(lethe_node_get(c->claims, "phone"), "encryption"), "encrypted") == 0;
    if (known && !known->part)
        CONTRADICTION(c, "technique", "%s is not for phones and tablets", name);
    else if (known && (known->part == LETHE_PART_MOVES ||
                       (known->part == LETHE_PART_FILLS ? strcmp(kind, "overwrite") != 0
                                                        : !crypto && strcmp(kind, "reset") != 0)))
        CONTRADICTION(c, "technique", "%s is no %s", name, kind);
    if (times_in_chain(c->claims, name) == 0)
        CONTRADICTION(c, "technique", "%.40s is not among the techniques that were used", name);
    else if (known && known->part != LETHE_PART_FILLS && strcmp(last_of(c->claims), name) != 0)
        CONTRADICTION(c, "technique", "%.40s is claimed, and %.40s is what it was left by", name,
                      last_of(c->claims));
    int method = lethe_method_parse(text(c->claims, "method"));
    if (!crypto && method > LETHE_METHOD_CLEAR)
        CONTRADICTION(c, "method", "a reset that destroys no key is clear at most");
    if (crypto && !encrypted && method > LETHE_METHOD_NONE)
        CONTRADICTION(c, "technique", "a cryptographic erase of what was not encrypted");
    check_policy(c, policy, known);
}

/* Every technique that changed the phone was judged as often as it was used, GRADE or better. */
static void check_graded(struct checking *c, enum lethe_known_grade least)
{
    const struct lethe_node *state =
        lethe_node_get(lethe_node_get(c->claims, "verification"), "state");
    const struct lethe_node *item;
    LETHE_NODE_EACH(chain_of(c->claims), item)
    {
        const char *name = word(item);
        const struct lethe_known_technique *known = lethe_known_technique(name);
        if (known && known->part && known->part != LETHE_PART_MOVES &&
            times_in(state, "technique", name) < times_in_chain(c->claims, name))
            CONTRADICTION(c, "state", "nobody looked at what %.40s did", name);
    }
    LETHE_NODE_EACH(state, item)
    if (lethe_known_grade(text(item, "grade")) < (int)least)
        CONTRADICTION(c, "state", "%s, but the state of %.40s is \"%.10s\"",
                      text(c->claims, "outcome"), text(item, "technique"), text(item, "grade"));
    else if (least == LETHE_KNOWN_STATE && !lethe_answers_show(c->claims, item))
        CONTRADICTION(c, "state", "what was seen after %.40s does not show that it erased",
                      text(item, "technique"));
}

/* A phone that erases itself leaves its port; that it was seen to, and came back. */
static void check_returned(struct checking *c)
{
    const struct lethe_node *returns =
        lethe_node_get(lethe_node_get(c->claims, "phone"), "returns");
    const struct lethe_node *item;
    LETHE_NODE_EACH(chain_of(c->claims), item)
    {
        const char *name = word(item);
        const struct lethe_known_technique *known = lethe_known_technique(name);
        if (known && known->part && known->part != LETHE_PART_FILLS &&
            times_in(returns, "after", name) < times_in_chain(c->claims, name))
            CONTRADICTION(c, "state", "that the phone left and came back after %.40s was not seen",
                          name);
    }
    LETHE_NODE_EACH(returns, item)
    if (number(item, "away_ms") == 0)
        CONTRADICTION(c, "state", "after %.40s the phone was away for no time",
                      text(item, "after"));
}

/* A test harness leaves it open to whoever holds the bench's key, a fill leaves it full; what is
 * filled before it was erased so that it can be overwrites nothing, and who moves it moves it for
 * one technique. */
static void check_order(struct checking *c)
{
    const struct lethe_node *item;
    const char *before = "";
    LETHE_NODE_EACH(chain_of(c->claims), item)
    {
        const struct lethe_known_technique *known = lethe_known_technique(word(item));
        if (known && known->next && strcmp(item->next ? word(item->next) : "", known->next) != 0)
            CONTRADICTION(c, "technique", "%s, and %s did not follow", known->name, known->next);
        if (known && known->part == LETHE_PART_MOVES)
            continue;
        if (known && known->after && !lethe_known_lists(known->after, before))
            CONTRADICTION(c, "technique", "%s, and right before it was not erased by %s",
                          known->name, known->after);
        before = word(item);
    }
    const struct lethe_known_technique *known = lethe_known_technique(before);
    if (strcmp(before, "android-test-harness") == 0 || (known && known->part == LETHE_PART_FILLS))
        CONTRADICTION(c, "technique", "after %s no reset followed", before);
}

static void check_looked(struct checking *c)
{
    const struct lethe_node *v = lethe_node_get(c->claims, "verification");
    if (!truth(v, "performed") || strcmp(text(v, "mode"), "state") != 0 || !truth(v, "complete"))
        CONTRADICTION(c, "verification", "%s, but its state was not asked for",
                      text(c->claims, "outcome"));
    if (!truth(v, "identity_rechecked"))
        CONTRADICTION(c, "identity", "the device was not identified again after the erasure");
}

/* A limitation lists LOCK as not checked: a member of its list, and no word within one. */
static bool is_named(const struct lethe_node *claims, const char *lock)
{
    static const char begin[] = "Locks not checked: ";
    const struct lethe_node *item;
    LETHE_NODE_EACH(lethe_node_get(claims, "limitations"), item)
    {
        const char *list = word(item);
        if (strncmp(list, begin, sizeof(begin) - 1) != 0)
            continue;
        for (const char *at = list; (at = strstr(at, lock)); at++)
            if (at[-1] == ' ' && (at[-2] == ':' || at[-2] == ',') && at[strlen(lock)] &&
                strchr(",;.", at[strlen(lock)]))
                return true;
    }
    return false;
}

/* Find My is not asked where the lock that it arms was. */
static bool is_unknown(const struct lethe_node *locks, const char *lock)
{
    return strcmp(text(locks, lock), "unknown") == 0 &&
           (strcmp(lock, "find-my") != 0 || strcmp(text(locks, "activation-lock"), "unknown") == 0);
}

static void check_locks(struct checking *c)
{
    static const char *const names[] = {"find-my", "activation-lock", "mdm",
                                        "frp",     "accounts",        "no-factory-reset"};
    static const char *const ios[] = {"find-my", "activation-lock", "mdm", NULL};
    static const char *const others[] = {"frp", "accounts", "mdm", "no-factory-reset", NULL};
    const struct lethe_node *phone = lethe_node_get(c->claims, "phone");
    const struct lethe_node *locks = lethe_node_get(phone, "locks");
    bool destroyed = truth(phone, "for_destruction");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !destroyed; i++)
        if (strcmp(text(locks, names[i]), "yes") == 0)
            CONTRADICTION(c, "locks", "erased though %s was on, and not for destruction", names[i]);
    if (times_in_chain(c->claims, "android-test-harness") &&
        strcmp(text(locks, "passcode"), "yes") == 0)
        CONTRADICTION(c, "locks", "a phone with a passcode takes no test harness");
    if (times_in_chain(c->claims, "android-test-harness") &&
        strcmp(text(phone, "sd_card"), "no") != 0)
        CONTRADICTION(c, "phone", "a test harness wipes a card that is in it");
    for (const char *const *asked = strcmp(text(phone, "family"), "ios") == 0 ? ios : others;
         *asked; asked++)
        if (is_unknown(locks, *asked) && !is_named(c->claims, *asked))
            CONTRADICTION(c, "locks", "nobody knows of %s, and its limitations do not say so",
                          *asked);
}

static void check_passed(struct checking *c)
{
    if (lethe_chain_does(c->claims, LETHE_PART_GUIDED))
        CONTRADICTION(c, "outcome", "what a person did is attested at best");
    if (!truth(lethe_node_get(c->claims, "technique"), "observed"))
        CONTRADICTION(c, "technique", "a device's own erasure whose end nobody observed");
    const char *said = text(lethe_node_get(c->claims, "verification"), "statement");
    if (says(said, "Not shown by the state") || says(said, "word of a person"))
        CONTRADICTION(c, "verification",
                      "passed, and its own statement says that nothing shows it");
    check_looked(c);
    check_graded(c, LETHE_KNOWN_STATE);
    check_returned(c);
    check_order(c);
    lethe_check_filled(c);
    check_locks(c);
}

static void check_attested(struct checking *c)
{
    if (!lethe_chain_does(c->claims, LETHE_PART_GUIDED) ||
        !lethe_node_get(lethe_node_get(c->claims, "phone"), "attested"))
        CONTRADICTION(c, "outcome", "nobody did it by hand, or nobody says so");
    if (strcmp(text(c->claims, "method"), "none") != 0)
        CONTRADICTION(c, "method", "the word of a person achieves no method");
    if (truth(lethe_node_get(c->claims, "policy"), "met"))
        CONTRADICTION(c, "policy", "the word of a person meets no policy");
    check_looked(c);
    check_graded(c, LETHE_KNOWN_ATTESTED);
    check_returned(c);
}

void lethe_check_phone(struct checking *c)
{
    const struct lethe_known_technique *known =
        lethe_known_technique(text(lethe_node_get(c->claims, "technique"), "name"));
    const struct lethe_node *state =
        lethe_node_get(lethe_node_get(c->claims, "verification"), "state");
    const struct lethe_node *returns =
        lethe_node_get(lethe_node_get(c->claims, "phone"), "returns");
    int outcome = lethe_outcome_parse(text(c->claims, "outcome"));
    bool passed =
        outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    if (!lethe_of_phone(c->claims)) {
        check_drive(c, known);
        return;
    }
    if (!lethe_node_get(c->claims, "phone")) {
        CONTRADICTION(c, "phone", "a phone of which nothing is said");
        return;
    }
    check_no_blocks(c);
    check_claim(c, known);
    check_family(c, passed);
    check_told(c, state, "technique");
    check_told(c, returns, "after");
    check_modes(c, returns);
    if (times_in(state, "grade", "denied") && outcome != LETHE_OUTCOME_FAILED)
        CONTRADICTION(c, "state", "%s, but the phone was shown not to be erased",
                      text(c->claims, "outcome"));
    if (passed)
        check_passed(c);
    if (outcome == LETHE_OUTCOME_OPERATOR_ATTESTED &&
        strcmp(text(c->claims, "vct"), LETHE_VCT_RECORD) == 0)
        check_attested(c);
}
