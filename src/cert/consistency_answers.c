/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A grade is no more than the answers that stand beside it: what a phone that was found so would
 * not have been graded for is a contradiction (certs/README.md, "Phones"). What can't be told of a
 * person (what was on it before, its identifiers) is not among the answers, and not asked for here.
 */
#include "base/text.h"
#include "cert/checking.h"
#include <stdlib.h>
#include <string.h>

/* How long a phone that shows nothing of its old self is watched (facts/phones.md 2.2). */
#define QUIET_MS 180000
#define QUIET_TEST_BED_MS 3000

/* Why, word for word: whoever reads another sentence reads of another phone. */
#define TRUST_GONE "its old trust is gone, it is in its setup, "
static const char new_key[] = TRUST_GONE "and its key is new";
static const char memory[] = TRUST_GONE "and its memory tells of the erasure";
static const char new_key_and_memory[] =
    TRUST_GONE "its memory tells of the erasure, and its key is new";
static const char came_closed[] =
    "it said that it erased itself, left, and came back with USB debugging off, as a new phone is";
static const char came_without_key[] =
    "it said that it erased itself, left, and came back without the key that it knew before";
static const char new_system[] =
    "the files put on it before are gone, its system is new, and nothing of its owner's is on it";
static const char filled[] =
    "the user storage was filled, and every sample read back as it was written";

static const char *word(const struct lethe_node *item)
{
    const char *value = lethe_node_string(item);
    return value ? value : "";
}

/* What is said under KEY; NULL: nothing. */
static const char *answer(const struct lethe_node *one, const char *key)
{
    size_t len = strlen(key);
    const struct lethe_node *item;
    LETHE_NODE_EACH(lethe_node_get(one, "answers"), item)
    if (strncmp(word(item), key, len) == 0 && strncmp(word(item) + len, ": ", 2) == 0)
        return word(item) + len + 2;
    return NULL;
}

bool lethe_answers(const struct lethe_node *one, const char *key, const char *value)
{
    const char *said = answer(one, key);
    return said && strcmp(said, value) == 0;
}

/* At most 15 digits, none of them in vain. */
bool lethe_answers_number(const struct lethe_node *one, const char *key, uint64_t *out)
{
    const char *said = answer(one, key);
    size_t len = said ? strlen(said) : 0;
    if (len == 0 || len > 15 || strspn(said, "0123456789") != len || (said[0] == '0' && len > 1))
        return false;
    *out = strtoull(said, NULL, 10);
    return true;
}

static bool counted(const struct lethe_node *one, const char *key)
{
    uint64_t n = 0;
    return lethe_answers_number(one, key, &n) && n > 0;
}

/* "KEY: VALUE", and none of them twice: a phone that is asked once says one thing. */
static bool is_told_once(const struct lethe_node *one)
{
    const struct lethe_node *item, *other;
    LETHE_NODE_EACH(lethe_node_get(one, "answers"), item)
    {
        const char *end = strstr(word(item), ": ");
        if (!end || end == word(item))
            return false;
        for (other = item->next; other; other = other->next)
            if (strncmp(word(other), word(item), (size_t)(end - word(item)) + 2) == 0)
                return false;
    }
    return true;
}

/* What each is asked; "after." and the like: all that begins so. */
static const struct {
    const char *technique, *keys[10];
} asked[] = {
    {"ios-",
     {"after.", "cleaned", "cloud", "old_session", "pairing", "profiles", "storage",
      "storage_free"}},
    {"ios-fill", {"samples.", "serial", "why"}},
    {"android-", {"adb", "mode", "quiet_ms", "serial"}},
    {"android-test-harness", {"adb", "canaries.", "mode", "quiet_ms", "serial", "state."}},
    {"android-fill", {"adb", "mode", "quiet_ms", "samples.", "serial", "state."}},
};

static bool is_asked(size_t of, const char *told)
{
    for (const char *const *key = asked[of].keys; *key; key++) {
        size_t len = strlen(*key);
        if (strncmp(told, *key, len) == 0 && ((*key)[len - 1] == '.' || told[len] == ':'))
            return true;
    }
    return false;
}

/* No other question was put to it, and none was answered. */
static bool is_of_its_kind(const struct lethe_node *one)
{
    const char *name = text(one, "technique");
    const struct lethe_node *item;
    size_t of = strncmp(name, "ios-", 4) == 0 ? 0 : 2;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
        of = strcmp(asked[i].technique, name) == 0 ? i : of;
    LETHE_NODE_EACH(lethe_node_get(one, "answers"), item)
    if (!is_asked(of, word(item)))
        return false;
    return true;
}

static bool is_why(const struct lethe_node *one, const char *why)
{
    return strcmp(text(one, "why"), why) == 0;
}

static bool shows_ios(const struct lethe_node *one)
{
    bool old = lethe_answers(one, "old_session", "host unknown") ||
               lethe_answers(one, "old_session", "tls failed");
    bool setup = (lethe_answers(one, "after.brick", "yes") ||
                  lethe_answers(one, "after.activation", "unactivated")) &&
                 !lethe_answers(one, "after.setup_done", "yes");
    bool told = is_why(one, memory) || is_why(one, new_key_and_memory);
    if (lethe_answers(one, "profiles", "some"))
        return false; /* an erasure takes them along */
    return old && (setup || lethe_answers(one, "pairing", "without a dialog")) &&
           (told ? lethe_answers(one, "after.nvram", "yes") : is_why(one, new_key));
}

/* Its shell was open to the bench: else nothing of this could have been asked. */
static bool let_in(const struct lethe_node *one)
{
    return lethe_answers(one, "serial", "same") && lethe_answers(one, "mode", "normal") &&
           (lethe_answers(one, "adb", "accepted") || lethe_answers(one, "adb", "open"));
}

static bool is_unarmed(const struct lethe_node *one)
{
    return !answer(one, "state.frp") || lethe_answers(one, "state.frp", "no") ||
           lethe_answers(one, "state.frp", "unknown");
}

static bool shows_harness(const struct lethe_node *one)
{
    return is_why(one, new_system) && let_in(one) && lethe_answers(one, "canaries.standing", "0") &&
           counted(one, "canaries.checked") && lethe_answers(one, "state.packages", "0") &&
           lethe_answers(one, "state.accounts", "0") && lethe_answers(one, "state.users", "1") &&
           is_unarmed(one);
}

static bool shows_fill(const struct lethe_node *one)
{
    bool ios = strcmp(text(one, "technique"), "ios-fill") == 0;
    return is_why(one, filled) && (ios ? lethe_answers(one, "serial", "same") : let_in(one)) &&
           counted(one, "samples.read") && lethe_answers(one, "samples.differ", "0") &&
           lethe_answers(one, "samples.unreadable", "0") && is_unarmed(one) &&
           !counted(one, "state.accounts");
}

/* Closed, so that nothing else could be asked, and watched to the end. */
static bool shows_android(const struct lethe_node *claims, const struct lethe_node *one)
{
    const char *substrate = text(claims, "substrate");
    bool test_bed = strcmp(substrate, "emulated") == 0 || strcmp(substrate, "virtual") == 0;
    bool closed = is_why(one, came_closed) && lethe_answers(one, "adb", "absent") &&
                  (lethe_answers(one, "mode", "closed") || lethe_answers(one, "mode", "ptp"));
    bool locked_out = is_why(one, came_without_key) && lethe_answers(one, "adb", "unauthorized");
    uint64_t quiet = 0;
    return (closed || locked_out) && lethe_answers(one, "serial", "unknown") &&
           lethe_answers_number(one, "quiet_ms", &quiet) &&
           quiet >= (test_bed ? QUIET_TEST_BED_MS : QUIET_MS);
}

bool lethe_answers_show(const struct lethe_node *claims, const struct lethe_node *one)
{
    const char *name = text(one, "technique");
    const struct lethe_known_technique *known = lethe_known_technique(name);
    if (!known || (known->part != LETHE_PART_ERASES && known->part != LETHE_PART_FILLS))
        return true; /* judged elsewhere */
    if (!is_told_once(one) || !is_of_its_kind(one))
        return false;
    if (known->part == LETHE_PART_FILLS)
        return shows_fill(one);
    if (strcmp(name, "android-test-harness") == 0)
        return shows_harness(one);
    return strncmp(name, "ios-", 4) == 0 ? shows_ios(one) : shows_android(claims, one);
}
