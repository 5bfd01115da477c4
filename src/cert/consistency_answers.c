/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A grade is no more than the answers that stand beside it: what a phone that was found so would
 * not have been graded for is a contradiction (certs/README.md, "Phones"). What can't be told of a
 * person (what was on it before, its identifiers) is not among the answers, and not asked for here.
 */
#include "base/text.h"
#include "cert/checking.h"
#include "cert/technique.h"
#include <string.h>

static const char *word(const struct lethe_node *item)
{
    const char *value = lethe_node_string(item);
    return value ? value : "";
}

static bool answered(const struct lethe_node *one, const char *answer)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(lethe_node_get(one, "answers"), item)
    if (strcmp(word(item), answer) == 0)
        return true;
    return false;
}

/* "KEY: ", and a count that is not zero. */
static bool counted(const struct lethe_node *one, const char *key)
{
    size_t len = strlen(key);
    const struct lethe_node *item;
    LETHE_NODE_EACH(lethe_node_get(one, "answers"), item)
    if (strncmp(word(item), key, len) == 0 && word(item)[len] >= '1' && word(item)[len] <= '9')
        return true;
    return false;
}

bool lethe_answers_count(const struct lethe_node *one, const char *key, uint64_t count)
{
    char answer[64];
    lethe_text_format(answer, sizeof(answer), "%s%llu", key, (unsigned long long)count);
    return answered(one, answer);
}

static bool shows_ios(const struct lethe_node *one)
{
    const char *why = text(one, "why");
    bool old =
        (answered(one, "old_session: host unknown") || answered(one, "old_session: tls failed")) &&
        !answered(one, "old_session: opened");
    bool setup =
        (answered(one, "after.brick: yes") || answered(one, "after.activation: unactivated")) &&
        !answered(one, "after.setup_done: yes");
    bool memory =
        strstr(why, "its memory tells of the erasure") && answered(one, "after.nvram: yes");
    return old && (setup || answered(one, "pairing: without a dialog")) &&
           (memory || strstr(why, "its key is new"));
}

static bool shows_harness(const struct lethe_node *one)
{
    return answered(one, "serial: same") && answered(one, "canaries.standing: 0") &&
           counted(one, "canaries.checked: ") && answered(one, "state.packages: 0") &&
           answered(one, "state.accounts: 0") && answered(one, "state.users: 1") &&
           !answered(one, "state.frp: yes");
}

static bool shows_fill(const struct lethe_node *one)
{
    return answered(one, "serial: same") && counted(one, "samples.read: ") &&
           answered(one, "samples.differ: 0") && answered(one, "samples.unreadable: 0");
}

static bool shows_android(const struct lethe_node *one)
{
    bool closed = answered(one, "adb: absent") &&
                  (answered(one, "mode: closed") || answered(one, "mode: ptp"));
    return (closed || answered(one, "adb: unauthorized")) && !answered(one, "adb: accepted") &&
           !answered(one, "adb: open") && !answered(one, "serial: other");
}

bool lethe_answers_show(const struct lethe_node *one)
{
    const char *name = text(one, "technique");
    const struct lethe_known_technique *known = lethe_known_technique(name);
    if (!known || (known->part != LETHE_PART_ERASES && known->part != LETHE_PART_FILLS))
        return true; /* judged elsewhere */
    if (known->part == LETHE_PART_FILLS)
        return shows_fill(one);
    if (strcmp(name, "android-test-harness") == 0)
        return shows_harness(one);
    return strncmp(name, "ios-", 4) == 0 ? shows_ios(one) : shows_android(one);
}
