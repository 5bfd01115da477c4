/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guided-reset: a person resets the device in its own settings, step by step as its profile says
 * (facts/phones.md 3, grade C). Nothing is sent. What is seen afterwards can contradict that
 * person, never take the place of their word.
 */
#include "base/text.h"
#include "phone/adb.h"
#include "technique/ios.h"

#include <lethe/technique.h>
#include <string.h>

#define AWAY_S 3600 /* a person reads, types, confirms; the device erases itself and starts */

static int start(struct lethe_run *run, struct lethe_error *err)
{
    (void)run, (void)err;
    return 0;
}

static int step(struct lethe_run *run, struct lethe_error *err)
{
    (void)run, (void)err;
    return 0; /* the window behind this step is where it happens */
}

/* Of an iPhone or iPad that trusts this bench: by which record, so that it can be asked afterwards
 * whether it still does. */
static int attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    struct lethe_apple_record record = {0};
    if (run->io->ops->apple)
        run->io->ops->apple->record(run->io, &record);
    *evidence = json_pack("{s:s, s:[]}", "technique", "guided-reset", "commands");
    if (*evidence && record.present &&
        json_object_set_new(*evidence, "before", json_pack("{s:s}", "record", record.sha256)) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void stop(struct lethe_run *run)
{
    (void)run;
}

static const char *answer(enum lethe_answer answer)
{
    return answer == LETHE_ANSWER_YES ? "yes" : answer == LETHE_ANSWER_NO ? "no" : "unknown";
}

/* Does it let this bench in as before, everybody, or nobody? */
static const char *door(struct lethe_run *run)
{
    struct lethe_adb *adb = NULL;
    int rc = lethe_adb_connect(run->io, 0, &adb, NULL);
    const char *word = rc == 0 ? lethe_adb_trust(adb) == LETHE_ADB_TRUST_NONE ? "open" : "accepted"
                       : rc == -LETHE_E_UNTRUSTED ? "unauthorized"
                                                  : "silent";
    lethe_adb_free(adb);
    return word;
}

static int observe(struct lethe_run *run, json_t **findings, struct lethe_error *err)
{
    struct lethe_ios ios = {0};
    const char *adb = "absent", *old = "no record";
    int rc = 0;
    const char *record =
        json_string_value(json_object_get(json_object_get(run->intent, "before"), "record"));
    if (run->io->ops->apple && record) {
        rc = lethe_ios_await(run, &ios, err);
        old = rc > 0 ? lethe_ios_old_session(run, record) : "unknown";
        run->io->ops->apple->session_close(run->io);
        if (rc < 0)
            return rc;
    } else if (run->io->ops->apple)
        lethe_ios_read(run->io, &ios);
    else if (run->io->ops->command)
        adb = door(run);
    *findings = json_pack("{s:s, s:s, s:s, s:s}", "adb", adb, "old_session", old, "setup_done",
                          answer(ios.setup_done), "activation_lock", answer(ios.activation_lock));
    return *findings ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static bool is(const json_t *object, const char *key, const char *word)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && strcmp(text, word) == 0;
}

static enum lethe_grade grade(const json_t *evidence, const json_t *findings, char why[192])
{
    enum lethe_grade grade = LETHE_GRADE_NONE;
    const char *say = "it was not guided, or nobody looked at it afterwards";
    if (is(evidence, "technique", "guided-reset") && is(findings, "adb", "accepted")) {
        grade = LETHE_GRADE_DENIED;
        say = "it still knows this bench's key: it was not reset";
    } else if (is(evidence, "technique", "guided-reset") && is(findings, "old_session", "opened")) {
        grade = LETHE_GRADE_DENIED;
        say = "it still trusts this bench as before: it was not reset";
    } else if (is(findings, "adb", "open")) {
        say = "it lets everybody in, as no new device does";
    } else if (is(findings, "setup_done", "yes")) {
        say = "it has been set up: it was not reset, or is not as it was handed back";
    } else if (is(findings, "activation_lock", "yes")) {
        say = "it " LETHE_CAME_BACK_LOCKED;
    } else if (is(evidence, "technique", "guided-reset") && json_is_object(findings)) {
        grade = LETHE_GRADE_ATTESTED;
        say = "it left its port and came back; that it was erased is a person's word";
    }
    lethe_text_format(why, 192, "%s", say);
    return grade;
}

const struct lethe_technique lethe_technique_guided_reset = {
    .name = "guided-reset",
    .kind = LETHE_KIND_RESET,
    .method = LETHE_METHOD_PURGE,
    .flags = LETHE_TECHNIQUE_GUIDED,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .start = start,
    .step = step,
    .attest = attest,
    .stop = stop,
    .returns = 1u << LETHE_MODE_NORMAL | 1u << LETHE_MODE_CLOSED | 1u << LETHE_MODE_PTP |
               1u << LETHE_MODE_UNKNOWN,
    .away_seconds = AWAY_S,
    .ask = "reset the device in its own settings, step by step as shown; leave it plugged in, and "
           "do not set it up again",
    .ask_zh = "请按所示步骤在设备自己的设置中恢复出厂设置；保持连接，之后不要重新设置",
    .observe = observe,
    .grade = grade,
};
