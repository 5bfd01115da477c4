/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Afterwards: what the device's own state shows of its erasure. The checks are V1 to V9 of
 * facts/phones.md 1.4; asking is one thing (in a worker that only asks), judging another, and pure.
 */
#include "technique/ios.h"

#include "base/text.h"
#include "base/time.h"
#include "technique/sanitize.h"

#include <string.h>

#define ANSWER_TRIES 90  /* from its first sign on the port until lockdown answers */
#define ANSWER_MS 300000 /* a silent one costs more than a pause */
#define BROKEN_TRIES 2   /* of seconds each: usbmuxd ends with its last device, and comes back */
#define PAIR_TRIES 8
#define SESSION_TRIES 3

static const char told_before[] = "it was told to erase itself: whether it did was not seen yet";

int lethe_ios_await(struct lethe_run *run, struct lethe_ios *ios, struct lethe_error *err)
{
    uint64_t until = lethe_monotonic_ms() + ANSWER_MS;
    int broken = 0, rc = 0;
    for (int i = 0; i < ANSWER_TRIES && lethe_monotonic_ms() < until; i++) {
        lethe_ios_read(run->io, ios);
        if (ios->answers)
            return 1;
        rc = lethe_ios_reach(run->io, told_before, err);
        broken = rc < 0 ? broken + 1 : 0;
        if (broken == BROKEN_TRIES)
            return rc;
        lethe_technique_wait(run->poll_ms);
    }
    return 0;
}

/* V2. A session that is cut could be a cable's fault: only one that is cut again and again, by a
 * device that answers in between, is TLS that no longer holds. */
const char *lethe_ios_old_session(struct lethe_run *run, const char *record_before)
{
    const struct lethe_apple_ops *apple = run->io->ops->apple;
    struct lethe_apple_record record;
    const char *word = "unknown";
    apple->record(run->io, &record);
    if (!record.present)
        return "no record";
    if (!record_before || strcmp(record.sha256, record_before) != 0)
        return "another record";
    for (int i = 0; i < SESSION_TRIES; i++) {
        struct lethe_apple_answer answer = {0};
        struct lethe_ios ios;
        apple->session_open(run->io, LETHE_APPLE_MS, &answer);
        bool opened = lethe_apple_ok(&answer);
        bool forgotten =
            answer.end == LETHE_APPLE_REPLY && strcmp(answer.error, "InvalidHostID") == 0;
        bool cut = answer.end == LETHE_APPLE_CUT || answer.end == LETHE_APPLE_EOF;
        lethe_apple_answer_clear(&answer);
        if (opened || forgotten)
            return opened ? "opened" : "host unknown";
        if (cut)
            lethe_ios_read(run->io, &ios);
        word = cut && ios.answers ? "tls failed" : "unknown";
        if (lethe_ios_reach(run->io, "", NULL) < 0)
            return "unknown";
        lethe_technique_wait(run->poll_ms);
    }
    return word;
}

/* V3. One dialog is enough to know that nobody's absence let us in. */
static const char *try_pairing(struct lethe_run *run)
{
    const char *word = "unknown";
    for (int i = 0; i < PAIR_TRIES; i++) {
        struct lethe_apple_answer answer = {0};
        run->io->ops->apple->pair(run->io, LETHE_APPLE_MS, &answer);
        enum lethe_apple_pairing pairing = lethe_apple_pairing_of(&answer);
        lethe_apple_answer_clear(&answer);
        switch (pairing) {
        case LETHE_PAIRING_DONE:
            return "without a dialog";
        case LETHE_PAIRING_DIALOG:
        case LETHE_PAIRING_DENIED:
            return "asks for trust";
        case LETHE_PAIRING_FIND_MY:
        case LETHE_PAIRING_MANAGED:
        case LETHE_PAIRING_CHALLENGE:
            return "forbidden";
        case LETHE_PAIRING_LOCKED:
            word = "locked";
            break;
        case LETHE_PAIRING_OTHER:
            word = "unknown";
            if (lethe_ios_reach(run->io, "", NULL) < 0)
                return word;
            break;
        }
        lethe_technique_wait(run->poll_ms);
    }
    return word;
}

static const char *count_of(int32_t n)
{
    return n < 0 ? "unknown" : n == 0 ? "none" : "some";
}

/* Our traces on it, once everything has been asked. A device that still knows the old record keeps
 * it: nothing was erased, and somebody will try again. */
static bool clean_up(struct lethe_run *run)
{
    struct lethe_apple_answer answer = {0};
    run->io->ops->apple->unpair(run->io, LETHE_APPLE_MS, &answer);
    bool clean = lethe_apple_ok(&answer);
    lethe_apple_answer_clear(&answer);
    return clean;
}

int lethe_ios_observe(struct lethe_run *run, json_t **findings, struct lethe_error *err)
{
    const struct lethe_apple_ops *apple = run->io->ops->apple;
    const json_t *before = json_object_get(run->intent, "before");
    struct lethe_ios ios;
    const char *old = "unknown", *pairing = "not tried";
    bool cleaned = false;
    int rc = lethe_ios_await(run, &ios, err);
    if (rc > 0) {
        old = lethe_ios_old_session(run, json_string_value(json_object_get(before, "record")));
        bool opened = strcmp(old, "opened") == 0;
        if ((rc = lethe_ios_reach(run->io, told_before, err)) < 0) {
            apple->session_close(run->io);
            return rc;
        }
        if (!opened)
            pairing = try_pairing(run);
        bool paired = strcmp(pairing, "without a dialog") == 0;
        struct lethe_apple_answer answer = {0};
        if (paired)
            apple->session_open(run->io, LETHE_APPLE_MS, &answer);
        lethe_apple_answer_clear(&answer);
        lethe_ios_read(run->io, &ios);
        if (opened || paired)
            lethe_ios_read_management(run->io, &ios);
        if (!opened)
            cleaned = clean_up(run);
        apple->session_close(run->io);
        /* What broke on our side meanwhile left questions open that the device would have answered.
         */
        rc = lethe_ios_reach(run->io, told_before, err);
    }
    if (rc < 0)
        return rc;
    json_t *state = lethe_ios_state(&ios);
    *findings =
        json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:I, s:I, s:o}", "old_session", old, "pairing",
                  pairing, "cleaned", (int)cleaned, "profiles", count_of(ios.profiles), "cloud",
                  ios.cloud == LETHE_ANSWER_YES  ? "some"
                  : ios.cloud == LETHE_ANSWER_NO ? "none"
                                                 : "unknown",
                  "managed",
                  ios.managed == LETHE_ANSWER_YES  ? "yes"
                  : ios.managed == LETHE_ANSWER_NO ? "no"
                                                   : "unknown",
                  "storage", (json_int_t)ios.storage, "storage_free", (json_int_t)ios.storage_free,
                  "after", state);
    return *findings ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static bool is(const json_t *object, const char *key, const char *value)
{
    return strcmp(text(object, key), value) == 0;
}

/* Both were said, and they differ (or agree). */
static bool differs(const json_t *before, const json_t *after, const char *key)
{
    const char *a = text(before, key), *b = text(after, key);
    return *a && *b && strcmp(a, b) != 0;
}

static bool agrees(const json_t *before, const json_t *after, const char *key)
{
    const char *a = text(before, key), *b = text(after, key);
    return *a && *b && strcmp(a, b) == 0;
}

/* V5: told by the memory that outlives the erasure, and not told so before. */
static bool obliterated(const json_t *before, const json_t *after)
{
    const char *end = text(after, "obliteration");
    bool says = (strstr(end, "Obliteration Complete") || strncmp(end, "EACS Done", 9) == 0) &&
                strstr(text(after, "oblit_begins"), "ObliterateDataPartition");
    bool news = strcmp(end, text(before, "obliteration")) != 0 ||
                strcmp(text(after, "oblit_begins"), text(before, "oblit_begins")) != 0;
    return says && news && is(before, "nvram", "yes") && is(after, "nvram", "yes");
}

enum lethe_grade lethe_ios_grade(const json_t *evidence, const json_t *findings, char why[192])
{
    const json_t *before = json_object_get(evidence, "before");
    const json_t *after = json_object_get(findings, "after");
    bool same = agrees(before, after, "udid") && agrees(before, after, "ecid") &&
                agrees(before, after, "serial");
    bool another = differs(before, after, "udid") || differs(before, after, "ecid") ||
                   differs(before, after, "serial");
    bool v2 =
        is(findings, "old_session", "host unknown") || is(findings, "old_session", "tls failed");
    bool v3 = is(findings, "pairing", "without a dialog");
    bool v4 = (is(after, "activation", "Unactivated") || is(after, "brick", "yes")) &&
              !is(after, "setup_done", "yes");
    bool v5 = obliterated(before, after);
    bool v6 = differs(before, after, "public_key");
    /* V7: its profiles went with the erasure; what its maker's programme assigns it to may stay,
     * and was asked before. Unknown says nothing: it is not required. */
    bool profiles = is(findings, "profiles", "some");
    bool managed = is(findings, "managed", "yes") && is(before, "managed", "no");
    bool locked = is(after, "activation_lock", "yes") && !is(before, "activation_lock", "yes") &&
                  !is(before, "find_my", "yes");
    enum lethe_grade grade = LETHE_GRADE_NONE;
    const char *say;
    if (another)
        say = "another device came back";
    else if (is(findings, "old_session", "opened") && agrees(before, after, "public_key")) {
        grade = LETHE_GRADE_DENIED;
        say = "it still trusts the bench as before, with the same key: it did not erase itself";
    } else if (!same)
        say = "it could not be seen whether it is the same device";
    else if (!v2)
        say = "it was not seen that its old trust is gone";
    else if (!v3 && !v4)
        say = "it was not seen to be in its setup, as a device without an owner is";
    else if (!v5 && !v6)
        say = "neither its memory of erasures nor a new key of its own shows an erasure";
    else if (profiles)
        say = "configuration profiles are on it, which an erasure takes along";
    else if (managed)
        say = "it shows an erasure, but came back assigned to an organisation";
    else if (locked)
        say = "it shows an erasure, but " LETHE_CAME_BACK_LOCKED;
    else {
        grade = LETHE_GRADE_STATE;
        say = v5 && v6 ? "its old trust is gone, it is in its setup, its memory tells of the "
                         "erasure, and its key is new"
              : v5     ? "its old trust is gone, it is in its setup, and its memory tells of the "
                         "erasure"
                       : "its old trust is gone, it is in its setup, and its key is new";
    }
    lethe_text_format(why, 192, "%s", say);
    return grade;
}
