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

static bool in_chain(const struct lethe_node *claims, enum lethe_phone_part part)
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
        number(v, "blocks") || number(v, "canaries_written"))
        CONTRADICTION(c, "verification", "a phone is verified by its state, and not by its blocks");
    if (number(lethe_node_get(c->claims, "exceptions"), "sectors"))
        CONTRADICTION(c, "exceptions", "a phone has no sectors");
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
    int method = lethe_method_parse(text(c->claims, "method"));
    if (!crypto && method > LETHE_METHOD_CLEAR)
        CONTRADICTION(c, "method", "a reset that destroys no key is clear at most");
    if (crypto && !encrypted && method > LETHE_METHOD_NONE)
        CONTRADICTION(c, "technique", "a cryptographic erase of what was not encrypted");
    if (!truth(policy, "demonstrable") && truth(policy, "met"))
        CONTRADICTION(c, "policy", "what can't be demonstrated is called met");
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

static void check_locks(struct checking *c)
{
    static const char *const locks[] = {"find-my", "activation-lock", "mdm",
                                        "frp",     "accounts",        "no-factory-reset"};
    const struct lethe_node *phone = lethe_node_get(c->claims, "phone");
    for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]) && !truth(phone, "for_destruction");
         i++)
        if (strcmp(text(lethe_node_get(phone, "locks"), locks[i]), "yes") == 0)
            CONTRADICTION(c, "locks", "erased though %s was on, and not for destruction", locks[i]);
}

static void check_filled(struct checking *c)
{
    const struct lethe_node *filled =
        lethe_node_get(lethe_node_get(c->claims, "technique"), "filled");
    if (in_chain(c->claims, LETHE_PART_FILLS) &&
        (number(filled, "bytes") == 0 || number(filled, "samples") == 0 ||
         number(filled, "mismatches") > 0))
        CONTRADICTION(c, "passes", "its storage was not filled, or what was read back differs");
}

static void check_passed(struct checking *c)
{
    if (in_chain(c->claims, LETHE_PART_GUIDED))
        CONTRADICTION(c, "outcome", "what a person did is attested at best");
    if (!truth(lethe_node_get(c->claims, "technique"), "observed"))
        CONTRADICTION(c, "technique", "a device's own erasure whose end nobody observed");
    check_looked(c);
    check_graded(c, LETHE_KNOWN_STATE);
    check_returned(c);
    check_filled(c);
    check_locks(c);
}

static void check_attested(struct checking *c)
{
    if (!in_chain(c->claims, LETHE_PART_GUIDED) ||
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
    int outcome = lethe_outcome_parse(text(c->claims, "outcome"));
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
    if (times_in(state, "grade", "denied") && outcome != LETHE_OUTCOME_FAILED)
        CONTRADICTION(c, "state", "%s, but the phone was shown not to be erased",
                      text(c->claims, "outcome"));
    if (outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS)
        check_passed(c);
    if (outcome == LETHE_OUTCOME_OPERATOR_ATTESTED &&
        strcmp(text(c->claims, "vct"), LETHE_VCT_RECORD) == 0)
        check_attested(c);
}
