/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ios-erase: EraseDevice of com.apple.mobile.MCInstall, iOS 11 and later (facts/phones.md 1.2). The
 * device drops its keys (1.5) and leaves; many do so without an answer, so that anything but a word
 * of refusal is "sent, outcome unknown", and the state it comes back in decides.
 */
#include "technique/ios.h"

#include "base/text.h"

#include <string.h>

static int start(struct lethe_run *run, struct lethe_error *err)
{
    return lethe_ios_erasure_start(run, "ios-erase", err);
}

static const char *status_of(const struct lethe_apple_answer *answer)
{
    const char *status = answer->end == LETHE_APPLE_REPLY
                             ? json_string_value(json_object_get(answer->reply, "Status"))
                             : NULL;
    return status ? status : "";
}

/* Domain and number; the words for people may name somebody. */
static void first_error(const json_t *reply, char *out, size_t out_size)
{
    const json_t *first = json_array_get(json_object_get(reply, "ErrorChain"), 0);
    const char *domain = json_string_value(json_object_get(first, "ErrorDomain"));
    char clean[64] = "no reason given";
    if (domain)
        lethe_text_clean(clean, sizeof(clean), domain, strlen(domain));
    lethe_text_format(out, out_size, "%s %" JSON_INTEGER_FORMAT, clean,
                      json_integer_value(json_object_get(first, "ErrorCode")));
}

/* As the configurators do before it: a service that does not answer these is not told to erase. */
static int prelude(struct lethe_ios_erasure *self, const struct lethe_apple_ops *apple,
                   struct lethe_apple_service *service, const char *request,
                   struct lethe_error *err)
{
    struct lethe_apple_answer answer = {0};
    json_t *ask = json_pack("{s:s}", "RequestType", request);
    apple->exchange(service, ask, LETHE_APPLE_MS, &answer);
    json_decref(ask);
    lethe_ios_erasure_note(self, request, &answer, status_of(&answer));
    bool heard = answer.end == LETHE_APPLE_REPLY;
    lethe_apple_answer_clear(&answer);
    if (heard)
        return 0;
    lethe_fail(err, LETHE_E_IO, "its configuration service does not answer (%s)", request);
    lethe_error_effect(err, "%s", LETHE_IOS_NOTHING_SENT);
    lethe_error_remedy(err, "unplug it, unlock it, plug it in again, and start again");
    return -LETHE_E_IO;
}

static int erase(struct lethe_run *run, struct lethe_apple_service *service,
                 struct lethe_error *err)
{
    struct lethe_ios_erasure *self = run->state;
    struct lethe_apple_answer answer = {0};
    char why[96];
    int rc = lethe_ios_erasure_look(run, err);
    if (rc == 0)
        rc = lethe_ios_erasure_intent(
            run, json_pack("{s:b}", "preserve_data_plan", (int)run->keep_esim), err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    json_t *ask = json_pack("{s:s, s:b}", "RequestType", "EraseDevice", "PreserveDataPlan",
                            (int)run->keep_esim);
    self->outcome = "sent, outcome unknown";
    run->io->ops->apple->exchange(service, ask, LETHE_IOS_ERASE_MS, &answer);
    json_decref(ask);
    const char *status = status_of(&answer);
    rc = lethe_ios_erasure_cut(run, &answer, err);
    lethe_ios_erasure_note(self,
                           run->keep_esim ? "MCInstall EraseDevice, PreserveDataPlan true"
                                          : "MCInstall EraseDevice, PreserveDataPlan false",
                           &answer, status);
    if (strcmp(status, "Acknowledged") == 0) {
        self->outcome = "acknowledged";
    } else if (strcmp(status, "Error") == 0) {
        first_error(answer.reply, why, sizeof(why));
        rc = lethe_ios_erasure_refused(self, why,
                                       "see on the device whether a restriction forbids it "
                                       "(Settings > Screen Time); else have it reset by hand, step "
                                       "by step: --guided",
                                       err);
    } else if (strcmp(status, "CommandFormatError") == 0) {
        rc = lethe_ios_erasure_refused(self, "its system does not know the command",
                                       "have it reset by hand, step by step: --guided", err);
    }
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
        apple->service_open(run->io, LETHE_IOS_MCINSTALL, LETHE_APPLE_MS, &answer);
    int rc = 0;
    if (!service) {
        lethe_fail(err, LETHE_E_IO, "its configuration service can't be opened: %s %s",
                   lethe_apple_end_name(answer.end), answer.error);
        lethe_error_effect(err, "%s", LETHE_IOS_NOTHING_SENT);
        lethe_error_remedy(err, "unlock it, and start again");
        rc = -LETHE_E_IO;
    }
    lethe_apple_answer_clear(&answer);
    if (rc == 0)
        rc = prelude(self, apple, service, "Flush", err);
    if (rc == 0)
        rc = prelude(self, apple, service, "GetCloudConfiguration", err);
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

const struct lethe_technique lethe_technique_ios_erase = {
    .name = "ios-erase",
    .kind = LETHE_KIND_CRYPTO_ERASE,
    .method = LETHE_METHOD_PURGE,
    .needs = LETHE_NEEDS_MUX,
    .protocol = LETHE_PROTOCOL_IOS,
    .capability = LETHE_CAN_IOS_ERASE,
    .flags = LETHE_TECHNIQUE_INTENDS | LETHE_TECHNIQUE_ESIM,
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
