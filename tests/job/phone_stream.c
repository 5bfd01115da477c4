/* SPDX-License-Identifier: Apache-2.0 */
#include "job/phone_stream.h"

#include "plan/phone_fakes.h"
#include "plan/plan.h"
#include <assert.h>
#include <lethe/facts.h>
#include <stdio.h>
#include <string.h>

const struct phone_chain phone_chains[PHONE_CHAINS] = {
    {"ios-erase", {"technique ios-erase", "state ios-erase"}, false},
    {"rescue",
     {"prepare android-sideload", "prepare android-rescue", "technique android-rescue-wipe",
      "state android-rescue-wipe"},
     false},
    {"fastboot", {"technique android-fastboot-erase", "state android-fastboot-erase"}, false},
    {"harness",
     {"technique android-test-harness", "state android-test-harness",
      "technique android-fastboot-erase", "state android-fastboot-erase"},
     false},
    {"overwrite",
     {"technique android-test-harness", "state android-test-harness", "technique android-fill",
      "state android-fill", "prepare android-sideload", "prepare android-rescue",
      "technique android-rescue-wipe", "state android-rescue-wipe"},
     false},
    {"settings", {"technique android-settings-reset", "state android-settings-reset"}, true},
    {"guided", {"technique guided-reset", "state guided-reset"}, true},
};

static void (*fake_of(const char *name))(struct lethe_device *, struct lethe_facts *)
{
    return strncmp(name, "ios-", 4) == 0 ? lethe_fake_iphone : lethe_fake_android;
}

/* What a plan says beside its claim (src/plan/phone.c, phone_limit.c). */
static void state_claim(struct lethe_plan *plan)
{
    bool ios = strncmp(plan->steps[0].technique, "ios-", 4) == 0;
    bool fills = plan->technique_kind == LETHE_KIND_OVERWRITE;
    lethe_plan_limitation(plan, "Raw media not readable; verified by device state.");
    lethe_plan_limitation(plan, "%s",
                          fills ? "A fill overwrites what the file system gives it."
                                : "Purge - cryptographic erase by device firmware.");
    lethe_plan_limitation(plan, "Not reached: a SIM card%s.", ios ? "" : ", an SD card");
    if (!ios)
        lethe_plan_limitation(plan, "Locks not checked: accounts of the maker.");
    snprintf(plan->policy.statement, sizeof(plan->policy.statement), "%s by policy %s of %s: %s.",
             fills ? "Cleared" : "Purged", plan->policy.id, plan->policy.version,
             fills ? "user-addressable storage overwritten once, then a device-directed reset; "
                     "samples were read back"
                   : "cryptographic erase by device firmware, vendor-asserted; verified by device "
                     "state");
}

void phone_plan(const struct phone_chain *chain, struct lethe_plan *plan)
{
    struct lethe_device device;
    struct lethe_facts facts;
    plan_make(plan, &course_plain);
    fake_of(chain->name)(&device, &facts);
    plan->identity = device.identity;
    plan->method = LETHE_METHOD_PURGE;
    plan->technique_kind = LETHE_KIND_CRYPTO_ERASE;
    memset(plan->steps, 0, sizeof(plan->steps));
    for (plan->n_steps = 0; plan->n_steps < PHONE_STEPS && chain->steps[plan->n_steps];
         plan->n_steps++) {
        char kind[16];
        struct lethe_step *step = &plan->steps[plan->n_steps];
        sscanf(chain->steps[plan->n_steps], "%15s %39s", kind, step->technique);
        step->kind = (enum lethe_step_kind)lethe_step_kind_parse(kind);
        const struct lethe_technique *technique = lethe_technique_find(step->technique);
        if (step->kind == LETHE_STEP_STATE)
            continue;
        if (technique->kind == LETHE_KIND_OVERWRITE) {
            plan->method = LETHE_METHOD_CLEAR;
            plan->technique_kind = LETHE_KIND_OVERWRITE;
        }
        step->returns = technique->returns;
        step->away = technique->returns ? technique->away_seconds : 0;
        step->cycle = technique->returns != 0;
    }
    state_claim(plan);
    int rc = lethe_plan_digest(plan, plan->digest, NULL);
    assert(rc == 0);
    (void)rc;
}

json_t *phone_created(const struct lethe_plan *plan)
{
    json_t *created = created_make(&course_plain);
    json_object_set_new(created, "plan", lethe_plan_to_json(plan));
    return created;
}

static json_t *start_of(const struct lethe_plan *plan)
{
    json_t *start = start_make(&course_plain);
    struct lethe_device device;
    struct lethe_facts facts;
    fake_of(plan->steps[0].technique)(&device, &facts);
    json_object_set_new(start, "identity", lethe_identity_to_json(&plan->identity));
    json_object_set_new(start, "firmware", lethe_facts_to_json(&facts));
    return start;
}

json_t *phone_identity(const char *when)
{
    return json_pack("{s:s, s:b}", "when", when, "ok", 1);
}

static json_t *worker(const char *role)
{
    return json_pack("{s:s, s:i, s:{s:s, s:s}}", "role", role, "pid", 42, "sandbox", "seccomp",
                     "filter", "capabilities", "none");
}

static json_t *step_event(size_t step)
{
    return json_pack("{s:i}", "step", (int)step);
}

static json_t *ended(size_t step)
{
    return json_pack("{s:i, s:b}", "step", (int)step, "ok", 1);
}

json_t *phone_back(const struct lethe_step *step)
{
    int mode = 0;
    while (!(step->returns & 1u << mode))
        mode++;
    return json_pack("{s:b, s:s, s:i}", "ok", 1, "mode",
                     lethe_phone_mode_name((enum lethe_phone_mode)mode), "away_ms", 4000);
}

/* As each that erased itself is found, and why that shows it; beside it what is nobody's business.
 */
static const struct {
    const char *technique, *because, *findings;
} found[] = {
    {"ios-", "its old trust is gone, it is in its setup, and its key is new",
     "{\"old_session\":\"host unknown\",\"pairing\":\"locked\",\"cleaned\":true,\"after\":{"
     "\"name\":\"Somebody's phone\",\"serial\":\"0A051FDD4003AB\",\"activation_lock\":\"no\","
     "\"activation\":\"Unactivated\"}}"},
    {"android-test-harness",
     "the files put on it before are gone, its system is new, and nothing of its owner's is on it",
     "{\"adb\":\"accepted\",\"mode\":\"normal\",\"serial\":\"same\",\"canaries\":{\"checked\":8,"
     "\"standing\":0},\"state\":{\"packages\":0,\"accounts\":0,\"users\":1,\"id\":"
     "\"9774d56d682e549c\"}}"},
    {"android-fill", "the user storage was filled, and every sample read back as it was written",
     "{\"adb\":\"accepted\",\"mode\":\"normal\",\"serial\":\"same\",\"samples\":{\"read\":4603,"
     "\"differ\":0,\"unreadable\":0}}"},
    {"",
     "it said that it erased itself, left, and came back with USB debugging off, as a new phone is",
     "{\"adb\":\"absent\",\"mode\":\"closed\",\"quiet_ms\":180004,\"serial\":\"unknown\"}"},
};

json_t *phone_observed(const struct lethe_plan *plan, size_t step, const char *grade)
{
    size_t i = 0;
    while (strncmp(plan->steps[step].technique, found[i].technique, strlen(found[i].technique)) !=
           0)
        i++;
    json_t *findings = json_loads(found[i].findings, 0, NULL);
    json_object_set_new(findings, "GRADE", json_string(grade));
    json_object_set_new(findings, "BECAUSE", json_string(found[i].because));
    return json_pack("{s:i, s:o}", "step", (int)step, "findings", findings);
}

json_t *phone_attestation(void)
{
    return json_pack("{s:s, s:s}", "name", "an operator", "statement",
                     "the phone shows its first screen");
}

static void add_step(struct stream *s, const struct lethe_plan *plan, size_t i)
{
    const struct lethe_step *step = &plan->steps[i];
    bool judges = lethe_step_judges(step), last = i + 1 == plan->n_steps;
    stream_add(s, LETHE_EVENT_WORKER_STARTED, worker(judges ? "verify" : "erase"));
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED,
               phone_identity(judges ? "before-verify" : "before-erase"));
    stream_add(s, LETHE_EVENT_STEP_BEGIN, step_event(i));
    if (judges)
        stream_add(s, LETHE_EVENT_OBSERVED, phone_observed(plan, i, "state"));
    else
        stream_add(
            s, LETHE_EVENT_ATTEST,
            json_pack("{s:{s:b, s:I}}", "evidence", "sent", 1, "bytes", (json_int_t)128000000000));
    stream_add(s, LETHE_EVENT_STEP_END, ended(i));
    if (step->cycle) {
        stream_add(s, LETHE_EVENT_WINDOW_OPEN,
                   json_pack("{s:i, s:s}", "seconds", 900, "ask", "wait for the phone"));
        stream_add(s, LETHE_EVENT_WINDOW_CLOSED, phone_back(step));
    }
    if (last)
        stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, phone_identity("after-verify"));
}

void phone_stream(const struct phone_chain *chain, struct lethe_plan *plan, struct stream *s)
{
    phone_plan(chain, plan);
    s->n = 0;
    stream_add(s, LETHE_EVENT_JOB_CREATED, phone_created(plan));
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, phone_identity("before-erase"));
    stream_add(s, LETHE_EVENT_JOB_START, start_of(plan));
    for (size_t i = 0; i < plan->n_steps; i++) {
        add_step(s, plan, i);
        if (chain->guided && i == 0)
            stream_add(s, LETHE_EVENT_ATTESTED, phone_attestation());
    }
}
