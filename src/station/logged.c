/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the transparency log hears of a job: its start, its certificate or record, or that it was
 * refused once begun. Promised in the transaction that records it, in a checkpoint before anything
 * that follows from it is done.
 */
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <keys/log_key.h>
#include <keys/tpm_counter.h>
#include <lethe/log.h>
#include <limits.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>

#define WITNESS_MS 5000 /* a bench waits for its witnesses, but not long */

/* The demo's log: made with the demo's keys, or now for keys of an older Lethe. */
static int open_demo(struct lethe_station *station, struct lethe_log **out, struct lethe_error *err)
{
    char dir[PATH_MAX];
    struct lethe_tlog_key key;
    struct lethe_log_signer *signer;
    struct lethe_tlog_policy *policy = malloc(sizeof(*policy));
    int rc = policy
                 ? lethe_path_join(dir, sizeof(dir), lethe_store_dir(station->store), "demo", err)
                 : lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    if (rc == 0)
        rc = lethe_log_key_read(dir, &key, err);
    if (rc == -LETHE_E_NOT_FOUND)
        rc = lethe_log_key_init(dir, NULL, false, err);
    if (rc == 0)
        rc = lethe_log_signer_open(dir, NULL, NULL, &signer, err);
    if (rc == 0)
        rc = lethe_log_open(station->store, dir, signer, out, err);
    if (rc == 0 && lethe_log_policy_load(dir, policy, NULL) == 0)
        rc = lethe_log_witness(*out, policy, WITNESS_MS, NULL, NULL, err);
    free(policy);
    return rc < 0 ? rc : 0;
}

int lethe_bench_log(struct lethe_bench *bench, struct lethe_log **out, struct lethe_error *err)
{
    bool emulated = lethe_bench_plan(bench)->identity.substrate == LETHE_SUBSTRATE_EMULATED;
    if (emulated) {
        int rc = bench->demo_log ? 0 : open_demo(bench->station, &bench->demo_log, err);
        *out = bench->demo_log;
        return rc;
    }
    *out = bench->station->log;
    if (*out)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "this bench's transparency log is not open");
    lethe_error_effect(err, "nothing more was sent to the device: no start without its log entry");
    lethe_error_remedy(err, "lethe log check says why; a bench that never had one: lethe log init");
    return -LETHE_E_REFUSED;
}

int lethe_bench_log_ready(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_log *log;
    uint64_t hours = lethe_bench_plan(bench)->policy.max_not_before_age;
    int rc = lethe_bench_log(bench, &log, err);
    if (rc == 0)
        rc = lethe_log_ready(log, err);
    return rc < 0 || hours == 0 ? rc : lethe_log_check_age(log, hours * 3600, err);
}

int lethe_bench_promise(struct lethe_bench *bench, struct lethe_event *event,
                        struct lethe_log_line *line, struct lethe_store_entry **entry,
                        struct lethe_error *err)
{
    struct lethe_log *log;
    const struct lethe_identity *identity = &lethe_bench_plan(bench)->identity;
    bool start = event->type == LETHE_EVENT_JOB_START;
    *entry = NULL;
    if (!start && (event->type != LETHE_EVENT_JOB_REFUSED || !bench->job.start_body))
        return 0;
    int rc = lethe_bench_log(bench, &log, err);
    if (rc < 0)
        return rc;
    *entry = &line->entry;
    event->seq = bench->job.last_seq + 1; /* as the store will number it */
    return start ? lethe_log_entry_start(log, event, identity, line, err)
                 : lethe_log_entry_refused(log, event, identity, line, err);
}

int lethe_bench_integrate(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_log *log;
    int rc = lethe_bench_log(bench, &log, err);
    return rc < 0 ? rc : lethe_log_integrate(log, err);
}

int lethe_bench_keep_certificate(struct lethe_bench *bench, const char *text,
                                 struct lethe_error *err)
{
    struct lethe_log *log;
    struct lethe_log_line line;
    LETHE_JSON_AUTO *claims = NULL;
    const char *jti, *vct;
    int rc = lethe_bench_log(bench, &log, err);
    if (rc == 0)
        rc = lethe_certificate_decode(text, strlen(text), &claims, err);
    if (rc == 0)
        rc = lethe_log_entry_certificate(log, text, claims, &bench->job.plan.identity, &line, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "jti", &jti, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "vct", &vct, err);
    if (rc == 0)
        rc = lethe_store_certificate_put(bench->station->store, bench->job.id, jti, vct, text,
                                         &line.entry, err);
    return rc;
}

int lethe_bench_claim_log(struct lethe_bench *bench, json_t *claims, struct lethe_error *err)
{
    struct lethe_log *log;
    json_t *claim = NULL;
    int rc = lethe_bench_log(bench, &log, err);
    if (rc == 0)
        rc = lethe_log_claim(log, bench->job.id, &claim, err);
    if (rc == -LETHE_E_NOT_FOUND) /* begun before there was a log */
        return 0;
    return rc < 0 ? rc : lethe_claims_log(claims, claim);
}

/* CERTIFICATE is "DIR/JOB.sdjwt"; its proof goes beside it. */
static int write_proof(struct lethe_log *log, struct lethe_store *store, const char *job,
                       const char *certificate, struct lethe_error *err)
{
    char file[600], *text = NULL, owner[37];
    uint64_t index;
    LETHE_JSON_AUTO *claims = NULL;
    const char *jti = NULL, *vct = NULL, *dot = strrchr(certificate, '.');
    int rc = lethe_store_certificate_get(store, job, &text, owner, err);
    if (rc == 0)
        rc = lethe_certificate_decode(text, strlen(text), &claims, err);
    free(text);
    if (rc == 0)
        rc = lethe_json_str(claims, "jti", &jti, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "vct", &vct, err);
    if (rc == 0)
        rc = lethe_store_log_find(store, lethe_log_origin(log),
                                  strcmp(vct, LETHE_VCT_CERTIFICATE) == 0 ? "cert" : "fail", jti,
                                  NULL, &index, NULL, err);
    if (rc == 0 && (!dot || !lethe_text_format(file, sizeof(file), "%.*s.tlog-proof",
                                               (int)(dot - certificate), certificate)))
        rc = lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", certificate);
    return rc < 0 ? rc : lethe_log_prove_file(log, index, file, err);
}

int lethe_bench_prove(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_log *log;
    int rc = lethe_bench_log(bench, &log, err);
    if (rc == 0)
        rc = lethe_log_integrate(log, err);
    return rc < 0 ? rc
                  : write_proof(log, bench->station->store, bench->job.id,
                                bench->result.certificate, err);
}

/* Witnesses of DIR's log, if it has any. */
static int ask_witnesses(struct lethe_log *log, const char *dir, struct lethe_error *err)
{
    struct lethe_tlog_policy *policy = malloc(sizeof(*policy));
    int rc = policy ? lethe_log_policy_load(dir, policy, err) : -LETHE_E_INTERNAL;
    if (rc == 0)
        rc = lethe_log_witness(log, policy, WITNESS_MS, NULL, NULL, err);
    free(policy);
    return rc;
}

struct counter {
    struct lethe_log_guard guard; /* first */
    const char *dir;
};

static int counter_advance(struct lethe_log_guard *guard, struct lethe_log *log,
                           const struct lethe_store_checkpoint *checkpoint, uint64_t *known,
                           struct lethe_error *err)
{
    (void)log;
    return lethe_tpm_counter_raise(((struct counter *)guard)->dir, checkpoint->size, known, err);
}

/* The counter in the bench's TPM, where it has one. */
static void ask_counter(struct lethe_station *station)
{
    static const struct lethe_log_guard_ops ops = {.name = "tpm", .advance = counter_advance};
    struct counter counter = {{&ops, "the TPM's counter"}, lethe_store_dir(station->store)};
    lethe_log_consult(station->log, &counter.guard, NULL);
}

void lethe_station_begin_log(struct lethe_station *station)
{
    /* What they know better is an alarm, which each job meets; who is silent says nothing. */
    if (!station->log)
        return;
    ask_counter(station);
    ask_witnesses(station->log, lethe_store_dir(station->store), NULL);
}

void lethe_station_end_log(struct lethe_station *station, const struct lethe_result *results,
                           size_t n)
{
    char dir[PATH_MAX];
    struct lethe_log *demo = NULL;
    bool any_demo = false;
    for (size_t i = 0; i < n; i++)
        any_demo |= results[i].certificate[0] && results[i].substrate == LETHE_SUBSTRATE_EMULATED;
    if (station->log) {
        ask_counter(station);
        ask_witnesses(station->log, lethe_store_dir(station->store), NULL);
        lethe_station_renew(station, station->log, false, NULL, NULL);
    }
    if (any_demo &&
        lethe_path_join(dir, sizeof(dir), lethe_store_dir(station->store), "demo", NULL) == 0 &&
        open_demo(station, &demo, NULL) == 0) {
        ask_witnesses(demo, dir, NULL);
        lethe_station_renew(station, demo, true, NULL, NULL);
    }
    lethe_log_close(demo);
}
