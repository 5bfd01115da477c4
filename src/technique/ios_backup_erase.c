/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ios-backup-erase: EraseDevice of com.apple.mobilebackup2, iOS 9 and later; for those that do not
 * know MCInstall's (facts/phones.md 1.3). DeviceLink's words are arrays, the first member names
 * them: the device tells its version, the host takes it, the device is ready.
 */
#include "technique/ios.h"

#include "base/text.h"

#include <string.h>

#define DEVICE_LINK_MAJOR 300

static int start(struct lethe_run *run, struct lethe_error *err)
{
    return lethe_ios_erasure_start(run, "ios-backup-erase", err);
}

static const char *name_of(const struct lethe_apple_answer *answer)
{
    const char *name = answer->end == LETHE_APPLE_REPLY
                           ? json_string_value(json_array_get(answer->reply, 0))
                           : NULL;
    return name ? name : "";
}

static int not_ready(struct lethe_error *err, const char *where)
{
    lethe_fail(err, LETHE_E_IO, "its backup service does not answer as it should (%s)", where);
    lethe_error_effect(err, "%s", LETHE_IOS_NOTHING_SENT);
    lethe_error_remedy(err, "unlock it, unplug it and plug it in again, and start again");
    return -LETHE_E_IO;
}

/* One exchange of the opening; WANT is the word that must come. Consumes REQUEST. */
static int opening(struct lethe_ios_erasure *self, const struct lethe_apple_ops *apple,
                   struct lethe_apple_service *service, json_t *request, const char *want,
                   struct lethe_error *err)
{
    struct lethe_apple_answer answer = {0};
    apple->exchange(service, request, LETHE_APPLE_MS, &answer);
    json_decref(request);
    lethe_ios_erasure_note(self, want, &answer, name_of(&answer));
    bool came = strcmp(name_of(&answer), want) == 0;
    lethe_apple_answer_clear(&answer);
    return came ? 0 : not_ready(err, want);
}

/* The codes that backup and restore are known to give (facts/phones.md 1.3). */
static int judge(struct lethe_ios_erasure *self, const struct lethe_apple_answer *answer,
                 struct lethe_error *err)
{
    const json_t *code = json_object_get(json_array_get(answer->reply, 1), "ErrorCode");
    char why[64];
    if (strcmp(name_of(answer), "DLMessageProcessMessage") != 0 || !json_is_integer(code))
        return 0;
    if (json_integer_value(code) == 0) {
        self->outcome = "acknowledged";
        return 0;
    }
    switch (json_integer_value(code)) {
    case 208:
        return lethe_ios_erasure_refused(self, "it is locked", "unlock it, and start again", err);
    case 211:
        return lethe_ios_erasure_refused(self, "Find My is on",
                                         "the seller signs out of their Apple Account", err);
    case 212:
        return lethe_ios_erasure_refused(self, "its setup was not finished",
                                         "finish the setup without an account, or erase it guided",
                                         err);
    default:
        lethe_text_format(why, sizeof(why), "error %" JSON_INTEGER_FORMAT,
                          json_integer_value(code));
        return lethe_ios_erasure_refused(self, why, "erase it by hand, guided", err);
    }
}

static int erase(struct lethe_run *run, struct lethe_apple_service *service,
                 struct lethe_error *err)
{
    struct lethe_ios_erasure *self = run->state;
    const struct lethe_apple_ops *apple = run->io->ops->apple;
    struct lethe_apple_answer answer = {0};
    int rc = lethe_ios_erasure_look(run, err);
    if (rc == 0)
        rc = lethe_ios_erasure_intent(run, json_object(), err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    json_t *ask = json_pack("[s, {s:s, s:s}]", "DLMessageProcessMessage", "MessageName",
                            "EraseDevice", "TargetIdentifier", apple->udid(run->io));
    self->outcome = "sent, outcome unknown";
    apple->exchange(service, ask, LETHE_IOS_ERASE_MS, &answer);
    json_decref(ask);
    lethe_ios_erasure_note(self, "mobilebackup2 EraseDevice", &answer, name_of(&answer));
    rc = lethe_ios_erasure_cut(run, &answer, err);
    if (rc == 0)
        rc = judge(self, &answer, err);
    lethe_apple_answer_clear(&answer);
    return rc;
}

static int step(struct lethe_run *run, struct lethe_error *err)
{
    const struct lethe_apple_ops *apple = run->io->ops->apple;
    struct lethe_ios_erasure *self = run->state;
    struct lethe_apple_answer answer = {0};
    if (lethe_ios_erasure_sent(self))
        return 0;
    struct lethe_apple_service *service =
        apple->service_open(run->io, "com.apple.mobilebackup2", LETHE_APPLE_MS, &answer);
    char how[96];
    lethe_text_format(how, sizeof(how), "opening it: %s %s", lethe_apple_end_name(answer.end),
                      answer.error);
    lethe_apple_answer_clear(&answer);
    int rc = service ? 0 : not_ready(err, how);
    if (rc == 0)
        rc = opening(self, apple, service, NULL, "DLMessageVersionExchange", err);
    if (rc == 0)
        rc = opening(
            self, apple, service,
            json_pack("[s, s, i]", "DLMessageVersionExchange", "DLVersionsOk", DEVICE_LINK_MAJOR),
            "DLMessageDeviceReady", err);
    if (rc == 0)
        rc = opening(self, apple, service,
                     json_pack("[s, {s:s, s:[{s:s}, {s:s}]}]", "DLMessageProcessMessage",
                               "MessageName", "Hello", "SupportedProtocolVersions", "$real", "2.0",
                               "$real", "2.1"),
                     "DLMessageProcessMessage", err);
    rc = lethe_ios_erasure_ready(run, rc, err);
    if (rc > 0)
        rc = erase(run, service, err);
    apple->service_close(service);
    return rc;
}

static uint64_t seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return 300;
}

const struct lethe_technique lethe_technique_ios_backup_erase = {
    .name = "ios-backup-erase",
    .kind = LETHE_KIND_CRYPTO_ERASE,
    .method = LETHE_METHOD_PURGE,
    .needs = LETHE_NEEDS_MUX,
    .protocol = LETHE_PROTOCOL_IOS,
    .capability = LETHE_CAN_IOS_BACKUP_ERASE,
    .flags = LETHE_TECHNIQUE_INTENDS,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .seconds = seconds,
    .patience = lethe_ios_patience,
    .look_seconds = LETHE_IOS_LOOK,
    .start = start,
    .step = step,
    .attest = lethe_ios_erasure_attest,
    .stop = lethe_ios_erasure_stop,
    .returns = LETHE_IOS_RETURNS,
    .away_seconds = LETHE_IOS_AWAY,
    .observe = lethe_ios_observe,
    .grade = lethe_ios_grade,
};
