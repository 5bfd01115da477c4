/* SPDX-License-Identifier: Apache-2.0 */
/* What is only said of phones and tablets (certs/README.md, "Phones"). Nothing of it is personal:
 * answers are taken over as words of ours, never as the device spelt them. */
#include "base/text.h"
#include "issue/parts.h"
#include "plan/plan.h"
#include <lethe/technique.h>
#include <string.h>

#define ANSWERS_MAX 32
#define COUNT_MAX 1000000 /* no number that could name a device */

static const char *answer_word(enum lethe_answer answer)
{
    return answer == LETHE_ANSWER_YES ? "yes" : answer == LETHE_ANSWER_NO ? "no" : "unknown";
}

/* As it said of itself before START; nothing where it could not be asked. */
static void phone_of(const struct lethe_job *job, struct lethe_phone *out)
{
    const json_t *told = json_object_get(json_object_get(job->start_body, "firmware"), "phone");
    if (!told || lethe_phone_from_json(told, out, NULL) < 0)
        memset(out, 0, sizeof(*out));
}

static const char *encryption_of(const struct lethe_phone *phone)
{
    const char *state = phone->android.crypto_state;
    if (phone->family == LETHE_FAMILY_IOS || strcmp(state, "encrypted") == 0)
        return "encrypted";
    return strcmp(state, "unencrypted") == 0 ? "unencrypted" : "unknown";
}

/* Only where a technique told the device what to do with it; else that is up to the device. */
static const char *esim_of(const struct lethe_job *job)
{
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        const struct lethe_technique *technique =
            lethe_technique_find(job->plan.steps[i].technique);
        if (job->attests[i] && technique && technique->flags & LETHE_TECHNIQUE_ESIM)
            return job->plan.keep_esim ? "kept" : "erase-asked";
    }
    return "not-asked";
}

static json_t *locks_of(const struct lethe_phone *phone)
{
    json_t *locks = json_object();
    for (int i = 0; i < LETHE_LOCK_COUNT; i++)
        json_object_set_new(locks, lethe_lock_name((enum lethe_lock)i),
                            json_string(answer_word(phone->locks[i])));
    return locks;
}

/* Away and back: after what, in which mode, how long it took. */
static json_t *returns_of(const struct lethe_job *job)
{
    json_t *list = json_array();
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        const json_t *back = job->returned[i];
        if (back && json_is_true(json_object_get(back, "ok")))
            json_array_append_new(list, json_pack("{s:s, s:O, s:O}", "after",
                                                  job->plan.steps[i].technique, "mode",
                                                  json_object_get(back, "mode"), "away_ms",
                                                  json_object_get(back, "away_ms")));
    }
    return list;
}

json_t *lethe_claim_phone(const struct lethe_job *job)
{
    struct lethe_phone phone;
    phone_of(job, &phone);
    json_t *out =
        json_pack("{s:s, s:s, s:o, s:b, s:s, s:s, s:o}", "family",
                  lethe_phone_family_name(phone.family), "encryption", encryption_of(&phone),
                  "locks", locks_of(&phone), "for_destruction", job->plan.for_destruction, "esim",
                  esim_of(job), "sd_card", answer_word(phone.sd_card), "returns", returns_of(job));
    if (out && job->attested) {
        json_t *attested =
            json_pack("{s:O}", "statement", json_object_get(job->attested, "statement"));
        if (json_object_get(job->attested, "photo"))
            json_object_set(attested, "photo", json_object_get(job->attested, "photo"));
        json_object_set_new(out, "attested", attested);
    }
    return out;
}

/* ---- technique ---- */

static bool fills(const struct lethe_step *step)
{
    const struct lethe_technique *technique = lethe_technique_find(step->technique);
    return step->kind == LETHE_STEP_TECHNIQUE && technique &&
           technique->kind == LETHE_KIND_OVERWRITE;
}

static uint64_t told(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 && value < (json_int_t)1 << 53 ? (uint64_t)value : 0;
}

json_t *lethe_claim_phone_technique(const struct lethe_job *job, const char *kind)
{
    const struct lethe_plan *plan = &job->plan;
    const struct lethe_step *step = lethe_plan_main(plan);
    json_t *chain = json_array();
    char why[192];
    int look = -1;
    for (size_t i = 0; i < plan->n_steps; i++)
        if (!lethe_step_judges(&plan->steps[i]))
            json_array_append_new(chain, json_string(plan->steps[i].technique));
    json_t *out =
        json_pack("{s:s, s:s, s:o}", "name", step->technique, "kind", kind, "chain", chain);
    bool shown = lethe_job_grade(job, (size_t)(step - plan->steps), why, NULL) == LETHE_GRADE_STATE;
    json_object_set_new(out, "observed", json_boolean(shown));
    for (size_t i = 0; i < plan->n_steps; i++) {
        if (!fills(&plan->steps[i]) || !job->attests[i])
            continue;
        lethe_job_grade(job, i, why, &look);
        const json_t *samples = look < 0 ? NULL : json_object_get(job->findings[look], "samples");
        json_object_set_new(out, "filled",
                            json_pack("{s:I, s:I, s:I}", "bytes",
                                      (json_int_t)told(job->attests[i], "bytes"), "samples",
                                      (json_int_t)told(samples, "read"), "mismatches",
                                      (json_int_t)told(samples, "differ")));
    }
    return out;
}

/* ---- verification ---- */

/* Small letters only: no serial number, no name, nothing that a device could have thought up. */
static bool is_plain(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= 48 && strspn(text, "abcdefghijklmnopqrstuvwxyz -_,'") == len;
}

/* A word of ours, yes or no, or a small count; "" else. */
static void answer_of(const json_t *value, char out[64])
{
    json_int_t count = json_integer_value(value);
    out[0] = '\0';
    if (json_is_boolean(value))
        lethe_text_format(out, 64, "%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_string(value) && is_plain(json_string_value(value)))
        lethe_text_format(out, 64, "%s", json_string_value(value));
    else if (json_is_integer(value) && count >= 0 && count < COUNT_MAX)
        lethe_text_format(out, 64, "%d", (int)count);
}

static void add_answers(json_t *list, const json_t *findings, const char *prefix)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)findings, key, value)
    {
        char line[160], answer[64];
        if (json_is_object(value) && !prefix[0])
            add_answers(list, value, key);
        answer_of(value, answer);
        /* Apple's spelling of what the verifier looks for, as a word of ours. */
        if (strcmp(key, "activation") == 0 && json_is_string(value) &&
            strcmp(json_string_value(value), "Unactivated") == 0)
            lethe_text_format(answer, sizeof(answer), "unactivated");
        /* V7 in one word, which follows from "cloud" and what that held: no answer of a certificate
         * (certs/SPEC.md), and none passes that came back so. */
        bool kept = strcmp(key, "managed") == 0;
        if (!answer[0] || !is_plain(key) || kept || json_array_size(list) == ANSWERS_MAX)
            continue;
        lethe_text_format(line, sizeof(line), "%s%s%s: %s", prefix, prefix[0] ? "." : "", key,
                          answer);
        json_array_append_new(list, json_string(line));
    }
}

static json_t *state_of(const struct lethe_job *job, bool *complete)
{
    const struct lethe_plan *plan = &job->plan;
    json_t *list = json_array();
    *complete = true;
    for (size_t i = 0; i < plan->n_steps; i++) {
        char why[192];
        int look = -1;
        if (plan->steps[i].kind != LETHE_STEP_TECHNIQUE)
            continue;
        enum lethe_grade grade = lethe_job_grade(job, i, why, &look);
        bool looked = look >= 0 && job->findings[look];
        *complete = *complete && looked && job->step_ok[look];
        if (!looked)
            continue;
        json_t *answers = json_array();
        add_answers(answers, job->findings[look], "");
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:o}", "technique", plan->steps[i].technique, "grade",
                            lethe_grade_name(grade), "why", why, "answers", answers));
    }
    return list;
}

json_t *lethe_claim_phone_state(const struct lethe_job *job)
{
    bool complete = false;
    char statement[256];
    json_t *state = state_of(job, &complete);
    bool performed = json_array_size(state) > 0;
    lethe_statement(statement, sizeof(statement), job);
    return json_pack("{s:b, s:s, s:b, s:o, s:i, s:b, s:s}", "performed", performed, "mode",
                     performed ? "state" : "none", "complete", complete, "state", state,
                     "canaries_written", 0, "identity_rechecked",
                     job->identity_after && !job->identity_failed, "statement", statement);
}

void lethe_phone_statement(char *out, size_t out_size, const struct lethe_job *job)
{
    const struct lethe_plan *plan = &job->plan;
    char why[192] = "";
    bool shown = true, any = false;
    for (size_t i = 0; i < plan->n_steps; i++) {
        if (plan->steps[i].kind != LETHE_STEP_TECHNIQUE)
            continue;
        any = true;
        shown = shown && lethe_job_grade(job, i, why, NULL) == LETHE_GRADE_STATE;
        if (!shown)
            break;
    }
    lethe_text_format(out, out_size, "%s: %s.",
                      any && shown    ? "Shown by the state of the device"
                      : job->attested ? "By the word of a person, not shown by the device"
                                      : "Not shown by the state of the device",
                      why[0] ? why : "it was not asked for its state");
}
