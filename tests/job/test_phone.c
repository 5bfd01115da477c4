/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs of phones: the record that a bench writes, what is illegal in it, and the verdict. No phone
 * that was not shown to be erased may pass: every way in which one can lie is tried on every chain
 * of steps, and good records are damaged, too.
 */
#include "job/phone_stream.h"

#include "base/crypto.h"
#include "plan/phone_fakes.h"
#include "plan/plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static enum lethe_outcome due(const struct phone_chain *chain)
{
    return chain->guided ? LETHE_OUTCOME_OPERATOR_ATTESTED : LETHE_OUTCOME_PASSED;
}

static void every_chain_ends_as_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < PHONE_CHAINS; i++) {
        struct lethe_plan plan;
        struct stream s;
        struct lethe_job job;
        phone_stream(&phone_chains[i], &plan, &s);
        assert_int_equal(stream_fold(&s, &job), 0);
        assert_int_equal(job.state, LETHE_JOB_ENDING);
        assert_int_equal(stream_end(&job), 0);
        assert_int_equal(job.outcome, due(&phone_chains[i]));
        assert_int_equal(job.method, phone_chains[i].guided ? LETHE_METHOD_NONE : plan.method);
        assert_int_equal(json_is_true(json_object_get(job.end_body, "policy_met")),
                         !phone_chains[i].guided);
        struct lethe_job copy;
        lethe_job_copy(&job, &copy);
        assert_ptr_equal(copy.findings[plan.n_steps - 1], job.findings[plan.n_steps - 1]);
        lethe_job_clear(&copy);
        lethe_job_clear(&job);
        stream_clear(&s);
    }
}

static void insert(struct stream *s, size_t at, enum lethe_event_type type, json_t *body)
{
    struct lethe_event event = {.type = type, .job = STREAM_JOB, .body = body};
    stream_insert(s, at, &event);
    json_decref(body);
}

/* ---- the liar matrix ---- */

/* Index of the N-th event of TYPE, or the number of events. */
static size_t nth(const struct stream *s, enum lethe_event_type type, size_t n)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->events[i].type == type && n-- == 0)
            return i;
    return s->n;
}

/* BODY is taken. */
static void set(struct lethe_event *event, json_t *body)
{
    json_decref(event->body);
    event->body = body;
}

enum lie {
    SAYS_DENIED,
    SAYS_NONE,
    SAYS_ATTESTED,
    SAYS_NONSENSE,
    NOT_OBSERVED,
    NOT_SENT,
    NO_EVIDENCE,
    NEVER_BACK,
    NO_WINDOW,
    ANOTHER_BACK,
    STEP_FAILS,
    LIES
};
static const char *const lies[] = {"denied",      "none",           "attested",    "nonsense",
                                   "unobserved",  "not sent",       "no evidence", "never back",
                                   "not awaited", "another's back", "step fails"};

/* Bend the record of STEP; false: this lie has no place there. */
static bool lie_in(struct stream *s, const struct lethe_plan *plan, size_t at, enum lie lie)
{
    static const char *const words[] = {"denied", "none", "attested", "erased, believe me"};
    const struct lethe_step *step = &plan->steps[at];
    size_t state = 0, technique = 0, window = 0;
    for (size_t i = 0; i < at; i++) {
        state += lethe_step_judges(&plan->steps[i]);
        technique += !lethe_step_judges(&plan->steps[i]);
        window += plan->steps[i].cycle;
    }
    size_t observation = nth(s, LETHE_EVENT_OBSERVED, state),
           evidence = nth(s, LETHE_EVENT_ATTEST, technique),
           opened = nth(s, LETHE_EVENT_WINDOW_OPEN, window),
           closed = nth(s, LETHE_EVENT_WINDOW_CLOSED, window),
           end = nth(s, LETHE_EVENT_STEP_END, at);
    bool judges = lethe_step_judges(step), erases = step->kind == LETHE_STEP_TECHNIQUE;
    if (lie <= NOT_OBSERVED   ? !judges
        : lie <= NO_EVIDENCE  ? !erases
        : lie <= ANOTHER_BACK ? !step->cycle
                              : false)
        return false;
    switch (lie) {
    case SAYS_DENIED:
    case SAYS_NONE:
    case SAYS_ATTESTED:
    case SAYS_NONSENSE:
        set(&s->events[observation], phone_observed(plan, at, words[lie]));
        break;
    case NOT_OBSERVED:
        stream_remove(s, observation);
        break;
    case NOT_SENT:
        set(&s->events[evidence], json_pack("{s:{s:b}}", "evidence", "sent", 0));
        break;
    case NO_EVIDENCE:
        stream_remove(s, evidence);
        break;
    case NEVER_BACK:
    case ANOTHER_BACK:
        set(&s->events[closed],
            json_pack("{s:b, s:s}", "ok", 0, "reason",
                      lie == NEVER_BACK ? "it did not come back" : "another phone is there"));
        break;
    case NO_WINDOW:
        stream_remove(s, closed);
        stream_remove(s, opened);
        break;
    case STEP_FAILS:
        set(&s->events[end], json_pack("{s:i, s:b, s:s, s:s}", "step", (int)at, "ok", 0, "code",
                                       "io", "reason", "it stopped answering"));
        break;
    case LIES:
        break;
    }
    return true;
}

static void no_liar_passes(void **state)
{
    (void)state;
    unsigned tried = 0;
    printf("%-10s %-32s %-15s %s\n", "chain", "step", "lie", "outcome");
    for (size_t i = 0; i < PHONE_CHAINS; i++)
        for (size_t at = 0; at < PHONE_STEPS && phone_chains[i].steps[at]; at++)
            for (enum lie lie = 0; lie < LIES; lie++) {
                struct lethe_plan plan;
                struct stream s;
                phone_stream(&phone_chains[i], &plan, &s);
                bool told = lie_in(&s, &plan, at, lie);
                enum lethe_outcome outcome = told ? stream_outcome(&s) : LETHE_OUTCOME_NONE;
                stream_clear(&s);
                if (!told)
                    continue;
                tried++;
                printf("%-10s %-32s %-15s %s\n", phone_chains[i].name, phone_chains[i].steps[at],
                       lies[lie], lethe_outcome_name(outcome));
                bool attested = phone_chains[i].guided && lie == SAYS_ATTESTED;
                if (outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_NONE ||
                    (outcome == LETHE_OUTCOME_OPERATOR_ATTESTED) != attested)
                    fail_msg("%s, %s, %s: %s", phone_chains[i].name, phone_chains[i].steps[at],
                             lies[lie], lethe_outcome_name(outcome));
                if (lie == SAYS_DENIED)
                    assert_int_equal(outcome, LETHE_OUTCOME_FAILED);
                if (plan.steps[at].kind == LETHE_STEP_PREPARE && at < 2 && lie >= NEVER_BACK)
                    assert_int_equal(outcome, LETHE_OUTCOME_REFUSED); /* the phone is unharmed */
            }
    assert_true(tried > 80);
}

/* Without the word of a person a guided reset is nothing; with it, never more than attested. */
static void a_guided_reset_needs_its_person(void **state)
{
    (void)state;
    struct lethe_plan plan;
    struct stream s;
    phone_stream(&phone_chains[6], &plan, &s);
    stream_remove(&s, nth(&s, LETHE_EVENT_ATTESTED, 0));
    assert_int_equal(stream_outcome(&s), LETHE_OUTCOME_INDETERMINATE);
    stream_add(&s, LETHE_EVENT_ATTESTED, phone_attestation()); /* as late as that */
    assert_int_equal(stream_outcome(&s), LETHE_OUTCOME_OPERATOR_ATTESTED);
    stream_add(&s, LETHE_EVENT_ATTESTED, phone_attestation());
    struct lethe_job job;
    assert_int_equal(stream_fold(&s, &job), 1); /* once */
    lethe_job_clear(&job);
    stream_clear(&s);
    /* ... and none where nobody did anything. */
    phone_stream(&phone_chains[0], &plan, &s);
    insert(&s, s.n - 1, LETHE_EVENT_ATTESTED, phone_attestation());
    assert_int_equal(stream_fold(&s, &job), 1);
    lethe_job_clear(&job);
    stream_clear(&s);
}

static void what_nobody_can_show_is_never_met(void **state)
{
    (void)state;
    struct lethe_plan plan;
    struct stream s;
    struct lethe_job job;
    phone_stream(&phone_chains[0], &plan, &s);
    plan.not_demonstrable = true;
    assert_int_equal(lethe_plan_digest(&plan, plan.digest, NULL), 0);
    set(&s.events[0], phone_created(&plan));
    assert_int_equal(stream_fold(&s, &job), 0);
    assert_int_equal(stream_end(&job), 0);
    assert_int_equal(job.outcome, LETHE_OUTCOME_PASSED);
    assert_true(json_is_false(json_object_get(job.end_body, "policy_met")));
    const char *reason =
        json_string_value(json_array_get(json_object_get(job.end_body, "reasons"), 0));
    assert_non_null(reason);
    assert_non_null(strstr(reason, "not demonstrable"));
    json_t *certificate = json_pack(
        "{s:s, s:s, s:s, s:s}", "id", "1", "vct", "urn:lethe:erasure-certificate:1", "sha256",
        "0000000000000000000000000000000000000000000000000000000000000000", "path", "x");
    assert_int_equal(apply(&job, LETHE_EVENT_CERTIFICATE, certificate), -LETHE_E_INVALID);
    lethe_job_clear(&job);
    stream_clear(&s);
}

static void untested_ways_are_indeterminate_unless_accepted(void **state)
{
    (void)state;
    for (int accepted = 0; accepted < 2; accepted++) {
        struct lethe_plan plan;
        struct stream s;
        phone_stream(&phone_chains[0], &plan, &s);
        plan.profile.status = LETHE_STATUS_UNTESTED;
        assert_int_equal(lethe_plan_digest(&plan, plan.digest, NULL), 0);
        json_t *created = phone_created(&plan);
        json_object_set_new(created, "accept_untested", json_boolean(accepted));
        set(&s.events[0], created);
        assert_int_equal(stream_outcome(&s),
                         accepted ? LETHE_OUTCOME_PASSED : LETHE_OUTCOME_INDETERMINATE);
        stream_clear(&s);
    }
}

/* ---- what is illegal ---- */

static size_t refused(struct stream *s)
{
    struct lethe_job job;
    size_t n = stream_fold(s, &job);
    lethe_job_clear(&job);
    return n;
}

static void words_out_of_place_are_illegal(void **state)
{
    (void)state;
    struct lethe_plan plan;
    struct stream s;
    /* A state observed twice, in the step that erases, of another step. */
    phone_stream(&phone_chains[0], &plan, &s);
    size_t at = nth(&s, LETHE_EVENT_OBSERVED, 0);
    insert(&s, at, LETHE_EVENT_OBSERVED, phone_observed(&plan, 1, "state"));
    assert_int_equal(refused(&s), 1);
    stream_clear(&s);
    phone_stream(&phone_chains[0], &plan, &s);
    insert(&s, nth(&s, LETHE_EVENT_ATTEST, 0), LETHE_EVENT_OBSERVED,
           phone_observed(&plan, 0, "state"));
    set(&s.events[nth(&s, LETHE_EVENT_OBSERVED, 1)], phone_observed(&plan, 0, "state"));
    assert_int_equal(refused(&s), 2);
    stream_clear(&s);
    /* Back in a mode that the plan does not know of, or without saying after how long. */
    phone_stream(&phone_chains[1], &plan, &s);
    set(&s.events[nth(&s, LETHE_EVENT_WINDOW_CLOSED, 0)],
        json_pack("{s:b, s:s, s:i}", "ok", 1, "mode", "fastboot", "away_ms", 1));
    assert_true(refused(&s) > 0);
    assert_int_equal(stream_outcome(&s), LETHE_OUTCOME_REFUSED);
    stream_clear(&s);
    phone_stream(&phone_chains[0], &plan, &s);
    set(&s.events[nth(&s, LETHE_EVENT_WINDOW_CLOSED, 0)],
        json_pack("{s:b, s:s}", "ok", 1, "mode", "normal"));
    assert_true(refused(&s) > 0);
    stream_clear(&s);
    /* "before-erase" before a look, "before-verify" before an erasure. */
    phone_stream(&phone_chains[3], &plan, &s);
    for (size_t i = 1; i < s.n; i++) {
        const char *when = json_string_value(json_object_get(s.events[i].body, "when"));
        if (s.events[i].type != LETHE_EVENT_IDENTITY_CHECKED || strcmp(when, "after-verify") == 0)
            continue;
        struct stream bent;
        stream_copy(&s, &bent);
        set(&bent.events[i],
            phone_identity(strcmp(when, "before-erase") == 0 ? "before-verify" : "before-erase"));
        assert_true(refused(&bent) > 0);
        enum lethe_outcome outcome = stream_outcome(&bent);
        /* the first step is begun on either of two checks */
        assert_true(i < nth(&s, LETHE_EVENT_STEP_BEGIN, 0) || outcome != LETHE_OUTCOME_PASSED);
        stream_clear(&bent);
    }
    stream_clear(&s);
}

static void plans_of_another_shape_are_illegal(void **state)
{
    (void)state;
    static const struct phone_chain bad[] = {
        {"no state", {"technique ios-erase"}, false},
        {"state first", {"state ios-erase", "technique ios-erase"}, false},
        {"state of another", {"technique ios-erase", "state guided-reset"}, false},
        {"erased again",
         {"technique ios-erase", "state ios-erase", "technique android-fill"},
         false},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lethe_plan plan;
        struct lethe_job job;
        phone_plan(&bad[i], &plan);
        lethe_job_init(&job);
        assert_int_equal(apply(&job, LETHE_EVENT_JOB_CREATED, phone_created(&plan)),
                         -LETHE_E_INVALID);
        lethe_job_clear(&job);
    }
    /* A step that leaves its port without a window, and one that writes blocks. */
    struct lethe_plan plan;
    struct lethe_job job;
    phone_plan(&phone_chains[0], &plan);
    plan.steps[0].cycle = false;
    assert_int_equal(lethe_plan_digest(&plan, plan.digest, NULL), 0);
    lethe_job_init(&job);
    assert_int_equal(apply(&job, LETHE_EVENT_JOB_CREATED, phone_created(&plan)), -LETHE_E_INVALID);
    phone_plan(&phone_chains[0], &plan);
    plan.steps[0].n_passes = 1;
    strcpy(plan.steps[0].passes[0], "zero");
    assert_int_equal(lethe_plan_digest(&plan, plan.digest, NULL), 0);
    assert_int_equal(apply(&job, LETHE_EVENT_JOB_CREATED, phone_created(&plan)), -LETHE_E_INVALID);
    lethe_job_clear(&job);
}

/* ---- cut short ---- */

static void add_cut(struct stream *s, size_t at)
{
    insert(s, at, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", "the bench stopped"));
    insert(s, at + 1, LETHE_EVENT_IDENTITY_CHECKED, phone_identity("resume"));
    insert(s, at + 2, LETHE_EVENT_RESUMED,
           json_pack("{s:i, s:i, s:s}", "pass", 0, "offset", 0, "reason", "goes on"));
}

/* A window that nobody watched shows nothing; opened again and closed it does. */
static void a_window_that_was_cut_short_is_opened_again(void **state)
{
    (void)state;
    struct lethe_plan plan;
    struct stream s;
    phone_stream(&phone_chains[0], &plan, &s);
    size_t closed = nth(&s, LETHE_EVENT_WINDOW_CLOSED, 0);
    stream_remove(&s, closed);
    add_cut(&s, closed);
    assert_int_equal(stream_outcome(&s), LETHE_OUTCOME_INDETERMINATE);
    insert(&s, closed + 3, LETHE_EVENT_WINDOW_OPEN,
           json_pack("{s:i, s:s}", "seconds", 900, "ask", "wait for the phone"));
    insert(&s, closed + 4, LETHE_EVENT_WINDOW_CLOSED, phone_back(&plan.steps[0]));
    assert_int_equal(stream_outcome(&s), LETHE_OUTCOME_PASSED);
    stream_clear(&s);
}

/* Killed between its evidence and the word that the step is over: begun again it would be where it
 * was sent, so it goes on behind the step, with the window that it still needs. */
static void a_step_that_told_its_evidence_is_done(void **state)
{
    (void)state;
    struct lethe_plan plan;
    struct stream s;
    phone_stream(&phone_chains[0], &plan, &s);
    size_t end = nth(&s, LETHE_EVENT_STEP_END, 0);
    stream_remove(&s, end);
    add_cut(&s, end);
    assert_int_equal(stream_outcome(&s), LETHE_OUTCOME_PASSED);
    stream_clear(&s);
    /* without the evidence it is none */
    phone_stream(&phone_chains[0], &plan, &s);
    size_t told = nth(&s, LETHE_EVENT_ATTEST, 0);
    stream_remove(&s, told); /* and its end */
    stream_remove(&s, told);
    add_cut(&s, told);
    assert_int_not_equal(stream_outcome(&s), LETHE_OUTCOME_PASSED);
    stream_clear(&s);
}

/* What leads to it died with the command, and it never left: the step is begun again. Where nothing
 * says so it is done, and nobody begins it anew. */
static void a_command_that_did_not_arrive_is_told_again(void **state)
{
    (void)state;
    for (int cut = 0; cut < 2; cut++) {
        struct lethe_plan plan;
        struct stream s;
        struct lethe_job job;
        struct lethe_error err = {0};
        phone_stream(&phone_chains[0], &plan, &s);
        json_t *body = s.events[nth(&s, LETHE_EVENT_ATTEST, 0)].body;
        if (cut)
            json_object_set_new(json_object_get(body, "evidence"), LETHE_EVIDENCE_CUT, json_true());
        size_t closed = nth(&s, LETHE_EVENT_WINDOW_CLOSED, 0);
        while (s.n > closed)
            stream_remove(&s, s.n - 1);
        lethe_job_init(&job);
        assert_int_equal(stream_fold(&s, &job), 0);
        assert_int_equal(lethe_job_next_step(&job), 1);
        assert_int_equal(lethe_job_cut(&job), cut);
        struct lethe_event again = {.type = LETHE_EVENT_INTERRUPTED,
                                    .seq = job.last_seq + 1,
                                    .time = job.last_time,
                                    .body = json_pack("{s:s, s:b}", "reason", "x", "again", 1)};
        memcpy(again.job, job.id, sizeof(again.job));
        assert_int_equal(lethe_job_apply(&job, &again, &err), cut ? 0 : -LETHE_E_INVALID);
        assert_int_equal(lethe_job_next_step(&job), cut ? 0 : 1);
        assert_int_equal(job.state, cut ? LETHE_JOB_INTERRUPTED : LETHE_JOB_IDLE);
        assert_false(lethe_job_unharmed(&job)); /* nobody knows */
        json_decref(again.body);
        lethe_job_clear(&job);
        stream_clear(&s);
    }
}

/* Good records with an event taken away, doubled, or with others at random. Only such may pass that
 * still hold each step's evidence, state, return and the last look at who it is. */
static bool holds(const struct stream *taken, const struct lethe_plan *plan)
{
    bool begun[PHONE_STEPS] = {0}, done[PHONE_STEPS] = {0}, told[PHONE_STEPS] = {0},
         seen[PHONE_STEPS] = {0}, returned[PHONE_STEPS] = {0}, after = false, fresh = false;
    int at = -1, role = 0;
    for (size_t i = 0; i < taken->n; i++) {
        const struct lethe_event *e = &taken->events[i];
        const char *word = json_string_value(json_object_get(e->body, "when"));
        switch (e->type) {
        case LETHE_EVENT_WORKER_STARTED:
            role =
                strcmp(json_string_value(json_object_get(e->body, "role")), "verify") == 0 ? 2 : 1;
            break;
        case LETHE_EVENT_IDENTITY_CHECKED:
            fresh = true;
            after = after || (strcmp(word, "after-verify") == 0 && done[plan->n_steps - 1]);
            break;
        case LETHE_EVENT_STEP_BEGIN:
            at = (int)json_integer_value(json_object_get(e->body, "step"));
            begun[at] = fresh && role == (lethe_step_judges(&plan->steps[at]) ? 2 : 1);
            break;
        case LETHE_EVENT_STEP_END:
            done[at] = begun[at];
            fresh = false;
            break;
        case LETHE_EVENT_ATTEST:
            told[at] = true;
            break;
        case LETHE_EVENT_INTERRUPTED: /* what it had told is done */
            if (at >= 0 && told[at] && begun[at] && !done[at])
                done[at] = true;
            fresh = false;
            role = 0;
            break;
        case LETHE_EVENT_OBSERVED:
            seen[at] = true;
            break;
        case LETHE_EVENT_WINDOW_OPEN:
            fresh = false;
            role = 0;
            break;
        case LETHE_EVENT_WINDOW_CLOSED:
            returned[at] = true;
            break;
        default:
            break;
        }
    }
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct lethe_step *step = &plan->steps[i];
        bool erases = step->kind == LETHE_STEP_TECHNIQUE;
        if (!done[i] || (erases && !told[i]) || (lethe_step_judges(step) && !seen[i]) ||
            (step->cycle && !returned[i]))
            return false;
    }
    return after;
}

static void check_damaged(const struct stream *s, const struct lethe_plan *plan)
{
    struct stream taken = {0};
    struct lethe_job job;
    lethe_job_init(&job);
    for (size_t i = 0; i < s->n; i++)
        if (apply(&job, s->events[i].type, json_incref(s->events[i].body)) == 0)
            stream_add(&taken, s->events[i].type, json_incref(s->events[i].body));
    bool ended = stream_end(&job) == 0;
    bool good = ended && (job.outcome == LETHE_OUTCOME_PASSED ||
                          job.outcome == LETHE_OUTCOME_OPERATOR_ATTESTED);
    if (good && !holds(&taken, plan))
        fail_msg("a damaged record %s", lethe_outcome_name(job.outcome));
    lethe_job_clear(&job);
    stream_clear(&taken);
}

static void damaged_records_pass_only_with_all_their_evidence(void **state)
{
    (void)state;
    srand(20261123);
    for (size_t i = 0; i < PHONE_CHAINS; i++) {
        struct lethe_plan plan;
        struct stream whole, s;
        phone_stream(&phone_chains[i], &plan, &whole);
        for (size_t k = 1; k < whole.n; k++) {
            stream_copy(&whole, &s);
            stream_remove(&s, k);
            check_damaged(&s, &plan);
            stream_clear(&s);
            stream_copy(&whole, &s);
            stream_insert(&s, k, &whole.events[k]);
            check_damaged(&s, &plan);
            stream_clear(&s);
        }
        for (int turn = 0; turn < 400; turn++) {
            stream_copy(&whole, &s);
            for (int n = rand() % 4 + 1; n > 0; n--) {
                size_t at = 1 + (size_t)rand() % (s.n - 1), to = 1 + (size_t)rand() % (s.n - 1);
                struct lethe_event moved = s.events[at];
                moved.body = json_deep_copy(moved.body);
                if (rand() % 2)
                    stream_remove(&s, at);
                if (rand() % 2 && s.n + 1 < STREAM_MAX)
                    stream_insert(&s, to < s.n ? to : s.n, &moved);
                json_decref(moved.body);
            }
            if (rand() % 3 == 0 && s.n + 3 < STREAM_MAX)
                add_cut(&s, 1 + (size_t)rand() % (s.n - 1));
            check_damaged(&s, &plan);
            stream_clear(&s);
        }
        stream_clear(&whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chain_ends_as_it_should),
        cmocka_unit_test(no_liar_passes),
        cmocka_unit_test(a_guided_reset_needs_its_person),
        cmocka_unit_test(what_nobody_can_show_is_never_met),
        cmocka_unit_test(untested_ways_are_indeterminate_unless_accepted),
        cmocka_unit_test(words_out_of_place_are_illegal),
        cmocka_unit_test(plans_of_another_shape_are_illegal),
        cmocka_unit_test(a_window_that_was_cut_short_is_opened_again),
        cmocka_unit_test(a_step_that_told_its_evidence_is_done),
        cmocka_unit_test(a_command_that_did_not_arrive_is_told_again),
        cmocka_unit_test(damaged_records_pass_only_with_all_their_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
