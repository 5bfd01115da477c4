/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict, its record, its signature: in this order, each durable before the next. */
#include <base/crypto.h>
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <verify/canary.h>

void lethe_bench_release(struct lethe_bench *bench)
{
    lethe_bench_drop_worker(bench);
    if (bench->held)
        bench->driver->release(bench->held);
    bench->held = NULL;
    lethe_device_clear(&bench->returned);
    lethe_log_close(bench->demo_log);
    bench->demo_log = NULL;
    if (bench->faults >= 0)
        close(bench->faults);
    if (bench->lock >= 0)
        close(bench->lock);
    bench->faults = bench->lock = -1;
    lethe_wipe(bench->seed, sizeof(bench->seed));
    lethe_wipe(bench->canary_key, sizeof(bench->canary_key));
    lethe_wipe(bench->sample_key, sizeof(bench->sample_key));
}

int lethe_result_exit(const struct lethe_result *result)
{
    bool passed = result->outcome == LETHE_OUTCOME_PASSED ||
                  result->outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    return lethe_outcome_exit(passed && !result->policy_met ? LETHE_OUTCOME_FAILED
                              : result->awaited             ? LETHE_OUTCOME_INDETERMINATE
                                                            : result->outcome);
}

static void done(struct lethe_bench *bench)
{
    struct lethe_result *result = &bench->result;
    const struct lethe_plan *plan = lethe_bench_plan(bench); /* none: a job that can't be read */
    if (plan)
        result->substrate = plan->identity.substrate;
    bench->phase = LETHE_PHASE_DONE;
    lethe_bench_release(bench);
    if (bench->station->on_result)
        bench->station->on_result(bench->station->user, bench->index, result);
}

void lethe_bench_lost(struct lethe_bench *bench, const struct lethe_error *why)
{
    bench->result.outcome = LETHE_OUTCOME_NONE;
    bench->result.open = bench->job.state < LETHE_JOB_ENDED;
    bench->result.error = *why;
    if (!bench->result.error.remedy[0])
        lethe_error_remedy(&bench->result.error,
                           "mend the cause, then: lethe resume (the job is still open)");
    done(bench);
}

/* A phone that was told to erase itself leaves its port when it is ready to, and for long. */
static void explain_awaited(const struct lethe_bench *bench, struct lethe_error *why)
{
    if (why->code != LETHE_E_GONE)
        return;
    lethe_error_effect(why, "its erasure was begun, and whether it is over nobody saw: it does "
                            "NOT count as sanitised; the job stays open");
    lethe_error_remedy(why,
                       "leave it plugged in until it has started again; then: lethe resume %.13s; "
                       "one that does not come back: lethe resume --abandon %.13s",
                       bench->job.id, bench->job.id);
}

void lethe_bench_refuse(struct lethe_bench *bench, const struct lethe_error *why)
{
    struct lethe_error err = {0};
    bench->result.error = *why;
    /* A job that can't be resumed now stays open, and is no refused one once something that erases
     * was sent; one that never began is recorded as refused. */
    bench->result.open = bench->resumed && bench->job.state != LETHE_JOB_NEW;
    bench->result.awaited = bench->result.open && !lethe_job_unharmed(&bench->job);
    bench->result.outcome = bench->result.awaited ? LETHE_OUTCOME_NONE : LETHE_OUTCOME_REFUSED;
    if (bench->result.awaited && bench->driver && bench->driver->phone)
        explain_awaited(bench, &bench->result.error);
    if (!bench->resumed && bench->job.state != LETHE_JOB_NEW) {
        json_t *body = json_object();
        lethe_json_put_error(body, why);
        if (lethe_bench_record(bench, LETHE_EVENT_JOB_REFUSED, body, &err) < 0)
            bench->result.outcome = LETHE_OUTCOME_NONE;
    }
    done(bench);
}

static int record_end(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_assessment verdict;
    lethe_assess(&bench->job, &verdict);
    json_t *body = lethe_assessment_to_json(&verdict, &bench->job);
    if (!body)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    /* Committed at START, revealed now: whoever holds the certificate can draw the sample again. */
    char sample[2 * LETHE_KEY_SIZE + 1], canary[2 * LETHE_KEY_SIZE + 1];
    lethe_hex_encode(sample, bench->sample_key, LETHE_KEY_SIZE);
    lethe_hex_encode(canary, bench->canary_key, LETHE_KEY_SIZE);
    json_object_set_new(body, "reveal",
                        json_pack("{s:s, s:s}", "sample_key", sample, "canary_key", canary));
    return lethe_bench_record(bench, LETHE_EVENT_END, body, err);
}

/* What goes on a label, signed while the key is at hand. A certificate that an older key signed
 * before a crash has none (NULL): nobody could sign it now. */
static int make_label(const char *text, struct lethe_signer *signer, char **out,
                      struct lethe_error *err)
{
    int rc = lethe_qr_issue(text, strlen(text), signer, out, err);
    return rc == -LETHE_E_REFUSED ? 0 : rc;
}

static int put_label(const struct lethe_bench *bench, const char *label, const char *folder,
                     struct lethe_error *err)
{
    char name[64], path[512];
    lethe_text_format(name, sizeof(name), "%s.qr", bench->job.id);
    int rc = label ? lethe_path_join(path, sizeof(path), folder, name, err) : 0;
    return rc < 0 || !label ? rc : lethe_file_write(path, label, strlen(label), 0644, err);
}

static int publish(struct lethe_bench *bench, const char *text, const char *jti, const char *vct,
                   struct lethe_signer *signer, struct lethe_error *err)
{
    const char *dir = lethe_store_dir(bench->station->store);
    char folder[400], name[64], relative[96], *label = NULL;
    int rc = make_label(text, signer, &label, err);
    if (rc == 0) {
        lethe_station_page_ahead(bench->station, bench->job.id, text, label);
        rc = lethe_bench_keep_certificate(bench, text, err);
    }
    if (rc == 0)
        rc = lethe_path_join(folder, sizeof(folder), dir, "certificates", err);
    if (rc == 0)
        rc = lethe_dir_make(folder, 0755, err);
    lethe_text_format(name, sizeof(name), "%s.sdjwt", bench->job.id);
    lethe_text_format(relative, sizeof(relative), "certificates/%s", name);
    if (rc == 0)
        rc = lethe_path_join(bench->result.certificate, sizeof(bench->result.certificate), folder,
                             name, err);
    if (rc == 0)
        rc = lethe_file_write(bench->result.certificate, text, strlen(text), 0644, err);
    if (rc == 0)
        rc = put_label(bench, label, folder, err);
    free(label);
    if (rc == 0)
        rc = lethe_bench_prove(bench, err);
    /* Before the job counts as certified: who is killed over the page makes it when he is back. */
    if (rc == 0)
        lethe_station_page(bench->station, bench->job.id, &bench->result, signer);
    char digest[2 * LETHE_HASH_SIZE + 1];
    lethe_sha256_hex(digest, text, strlen(text));
    if (rc == 0)
        rc = lethe_bench_record(bench, LETHE_EVENT_CERTIFICATE,
                                json_pack("{s:s, s:s, s:s, s:s}", "id", jti, "vct", vct, "sha256",
                                          digest, "path", relative),
                                err);
    return rc;
}

static int add_evidence(void *user, const struct lethe_event *event)
{
    return lethe_evidence_add(user, event) < 0;
}

/* All events up to END, as one digest: an auditor can tell the record that was judged. */
static int attach_evidence(struct lethe_bench *bench, json_t *claims, struct lethe_error *err)
{
    struct lethe_evidence evidence = {0};
    int rc = lethe_store_events(bench->station->store, bench->job.id, add_evidence, &evidence, err);
    if (rc == 0 &&
        (evidence.events != bench->job.last_seq || lethe_claims_evidence(claims, &evidence) < 0))
        rc = lethe_fail(err, LETHE_E_INTERNAL, "the record of the job can't be digested");
    return rc;
}

/* Where this organisation publishes a status list, the certificate has a slot in it. */
static int claim_status(struct lethe_bench *bench, json_t *claims, struct lethe_error *err)
{
    char setting[LETHE_STATUS_URI_MAX + 1], uri[256];
    uint64_t slot;
    int rc = lethe_status_uri_get(lethe_store_dir(bench->station->store), setting, err);
    if (rc < 0 || !setting[0])
        return rc;
    rc = lethe_store_status_slot(bench->station->store, bench->job.id, setting, uri, &slot, err);
    if (rc == 0 && lethe_claims_status(claims, uri, slot) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    return rc;
}

int lethe_bench_certify(struct lethe_bench *bench, struct lethe_error *err)
{
    bool emulated = bench->job.plan.identity.substrate == LETHE_SUBSTRATE_EMULATED;
    struct lethe_signer *demo = NULL, *signer = bench->station->signer;
    int rc = 0;
    if (emulated) {
        rc = lethe_signer_open_demo(lethe_store_dir(bench->station->store), &demo, err);
        signer = demo;
    } else if (!signer) {
        rc =
            lethe_fail(err, LETHE_E_NOT_FOUND, "no bench key is open to sign the certificate with");
        lethe_error_effect(err, "the job is ended and recorded; it has no certificate yet");
        lethe_error_remedy(err, "lethe keys show (without a key: lethe keys init); then: lethe "
                                "resume");
    }

    /* The job may have taken longer than the key lives: what it signs now nobody would believe. */
    if (rc == 0 && lethe_signer_rehearse(signer, lethe_now_ms(), err) < 0) {
        rc = -LETHE_E_REFUSED;
        lethe_error_effect(err, "the job is ended and recorded; it has no certificate yet");
        lethe_error_remedy(err,
                           "renew the bench certificate: lethe keys renew; then: lethe resume");
    }

    char seed[2 * LETHE_SEED_SIZE + 1], jti[37];
    lethe_hex_encode(seed, bench->seed, LETHE_SEED_SIZE);
    LETHE_JSON_AUTO *claims = NULL;
    char *text = NULL, *stored = NULL;
    /* A crash between storing and announcing: the stored one is the one. */
    char job[37];
    if (rc == 0 && lethe_store_certificate_get(bench->station->store, bench->job.id, &stored, job,
                                               NULL) == 0) {
        LETHE_JSON_AUTO *payload = NULL;
        rc = lethe_certificate_decode(stored, strlen(stored), &payload, err);
        if (rc == 0)
            rc = publish(bench, stored, json_string_value(json_object_get(payload, "jti")),
                         json_string_value(json_object_get(payload, "vct")), signer, err);
    } else if (rc == 0) {
        rc = lethe_claims_build(&bench->job, signer, seed, lethe_now_ms(), &claims, err);
        if (rc == 0)
            rc = attach_evidence(bench, claims, err);
        if (rc == 0)
            rc = lethe_bench_claim_log(bench, claims, err);
        if (rc == 0 && !emulated)
            rc = claim_status(bench, claims, err);
        if (rc == 0) {
            rc = lethe_certificate_issue(claims, signer, &text, jti, err);
            bench->uncertifiable = rc == -LETHE_E_INVALID;
        }
        if (bench->uncertifiable)
            lethe_error_remedy(err,
                               "this is an error of Lethe, not of the device: report it with lethe "
                               "job show %.13s --json, and close the job without a certificate: "
                               "lethe resume --abandon %.13s",
                               bench->job.id, bench->job.id);
        if (rc == 0)
            rc = publish(bench, text, jti,
                         json_string_value(json_object_get(json_object_get(claims, "open"), "vct")),
                         signer, err);
    }
    free(text);
    free(stored);
    if (demo)
        lethe_signer_close(demo);
    return rc;
}

/* Of a phone that left and was not found again as it should be. */
static void explain_phone(const struct lethe_bench *bench, struct lethe_error *why)
{
    const struct lethe_job *job = &bench->job;
    const json_t *returned = job->step >= 0 ? job->returned[job->step] : NULL;
    if (!job->destructive && json_is_true(json_object_get(returned, "ok"))) {
        lethe_error_effect(why,
                           "Lethe has erased nothing: it was only told to restart; what became "
                           "of it on its own nobody saw");
        lethe_error_remedy(why, "let it start and look at its screen: it may have been reset or "
                                "restarted by hand; then list and plan it again");
        return;
    }
    if (!job->destructive) {
        lethe_error_effect(why, "Lethe has erased nothing: it was only told to restart");
        lethe_error_remedy(why, "its maker's recovery may have no such mode: start its system, "
                                "then have it reset by hand: lethe erase TARGET --policy "
                                "nist-800-88r2-clear --guided");
        return;
    }
    lethe_error_effect(why, "it is NOT known to be erased: it may start with its owner's data");
    lethe_error_remedy(why, "let it start and look at its screen; then erase it again (lethe list "
                            "shows its name), by hand if need be: lethe erase TARGET --policy "
                            "nist-800-88r2-clear --guided");
}

/* A policy of one pass may have the drive do it, which is what failed. */
static bool overwrites_itself(const struct lethe_device *device)
{
    const unsigned own =
        LETHE_CAN_SANITIZE_OVERWRITE | LETHE_CAN_SECURITY_ERASE | LETHE_CAN_SECURITY_ERASE_ENHANCED;
    return !device || !device->facts || device->facts->can & own;
}

bool lethe_bench_tell_next(const struct lethe_bench *bench, const char *first,
                           struct lethe_error *why)
{
    const struct lethe_plan *plan = &bench->job.plan;
    const struct lethe_device *device = lethe_bench_device(bench); /* none: found after a crash */
    const char *target = json_string_value(json_object_get(bench->job.created_body, "target"));
    bool own = false;
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == LETHE_STEP_TECHNIQUE)
            own = plan->steps[i].n_passes == 0;
    if (own)
        lethe_error_remedy(why,
                           "%swhere Clear is enough, overwrite it, which asks nothing of its "
                           "firmware: lethe erase %s --policy %s; where it is not, destroy it",
                           first,
                           device   ? device->target
                           : target ? target
                                    : "TARGET",
                           overwrites_itself(device) ? LETHE_POLICY_OVERWRITE_ALWAYS
                                                     : LETHE_POLICY_OVERWRITE);
    return own;
}

/* What takes no writes may be locked by TCG, where nobody could ask. */
static void tell_lock(const struct lethe_bench *bench, struct lethe_error *why)
{
    const struct lethe_device *device = lethe_bench_device(bench);
    const struct lethe_facts *facts = device ? device->facts : NULL;
    if (facts && facts->tcg.kernel_blocks)
        lethe_error_remedy(why,
                           "it may have locked itself (TCG), which Linux keeps us from asking: "
                           "start Linux with libata.allow_tpm=1: %s; then again",
                           LETHE_TCG_ALLOW);
    else if (facts && facts->tcg.unasked)
        lethe_error_remedy(why, "it may have locked itself: it says that it has TCG, and gave no "
                                "answer when it was asked how; move it to a native slot, and give "
                                "the PSID on its label: --psid PSID; or have its owner unlock it");
}

/* Why it did not pass, for the person at the bench: the step that failed, or what the verdict
 * missed. */
static void explain(struct lethe_bench *bench)
{
    struct lethe_error *why = &bench->result.error;
    const json_t *reasons = json_object_get(bench->job.end_body, "reasons");
    const char *reason = json_string_value(json_array_get(reasons, 0));
    *why = bench->job.failure;
    if (bench->job.identity_failed && why->code == bench->changed.code && bench->changed.effect[0])
        *why = bench->changed; /* the record has its words, not what to do */
    bool phone = lethe_class_is_phone(bench->job.plan.identity.class_);
    bool lost = (why->code == LETHE_E_GONE || bench->job.identity_failed) && !why->effect[0];
    if (phone && lost)
        explain_phone(bench, why);
    else if (!phone && why->code == LETHE_E_GONE && !why->effect[0])
        lethe_error_effect(why,
                           "NOT known to be sanitised; what it was told to do to itself it may "
                           "go on with when it has its power back");
    if (!phone && bench->job.canaries_written == 0 && strstr(why->what, LETHE_TAKES_NO_WRITES))
        tell_lock(bench, why);
    if (!phone && why->code == LETHE_E_GONE) /* the worker can't know that this closes the job */
        lethe_error_remedy(why, "see the kernel's log (dmesg), check cable, power and dock; then "
                                "erase it again: this job is closed");
    if (why->code || !reason || bench->job.outcome == LETHE_OUTCOME_PASSED ||
        bench->job.outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS)
        return;
    lethe_fail(why, bench->job.aborted ? LETHE_E_CANCELLED : LETHE_E_UNPROVED, "%s", reason);
    if (bench->job.aborted && lethe_job_locks(&bench->job)) {
        lethe_error_effect(why, "the drive may be locked by the password that this job set, now or "
                                "when it next loses power: nobody reads or erases it before that "
                                "is off");
        lethe_error_remedy(why, "hdparm --user-master u --security-unlock Lethe /dev/sdX; hdparm "
                                "--user-master u --security-disable Lethe /dev/sdX; then erase it "
                                "again");
    }
    if (bench->job.aborted)
        return;
    if (bench->job.outcome == LETHE_OUTCOME_OPERATOR_ATTESTED) {
        lethe_error_effect(why, "there is a record of what a person says, and no certificate");
        return;
    }
    if (strstr(reason, LETHE_CAME_BACK_LOCKED)) {
        lethe_error_effect(why, "it is of no use to anybody else, and does NOT count as sanitised");
        lethe_error_remedy(why, "the seller must remove it from the account at icloud.com/find; "
                                "then erase it again");
        return;
    }
    lethe_error_effect(why, "the device does NOT count as sanitised");
    if (phone)
        lethe_error_remedy(why, "let it start and look at its screen; then erase it again, by hand "
                                "if need be: lethe erase TARGET --policy nist-800-88r2-clear "
                                "--guided");
    else if (!lethe_bench_tell_next(bench, "", why))
        lethe_error_remedy(why, "erase it again in another slot; if that fails too, destroy it");
}

void lethe_bench_finish(struct lethe_bench *bench)
{
    struct lethe_error err = {0};
    struct lethe_result *result = &bench->result;
    int rc = bench->job.state == LETHE_JOB_ENDED ? 0 : record_end(bench, &err);
    if (rc < 0) {
        lethe_bench_lost(bench, &err);
        return;
    }
    explain(bench);
    rc = lethe_bench_certify(bench, &err);
    if (rc < 0) {
        lethe_bench_lost(bench, &err);
        return;
    }
    result->outcome = bench->job.outcome;
    result->method = bench->job.method;
    result->not_demonstrable = bench->job.plan.not_demonstrable;
    result->policy_met = json_is_true(json_object_get(bench->job.end_body, "policy_met"));
    if (result->outcome == LETHE_OUTCOME_PASSED && bench->held && bench->driver->forget)
        bench->driver->forget(bench->held);
    done(bench);
}
