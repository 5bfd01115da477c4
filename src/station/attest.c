/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device did by the hands of a person, that person attests: typed where the job runs, or
 * left in the state directory by `lethe job attest` from anywhere else. All other jobs go on
 * meanwhile. Nobody is waited for for ever: without a word the job ends as what it can show.
 */
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ATTEST_SECONDS 1800
#define ATTESTATION_MAX 4096

bool lethe_bench_attest_due(const struct lethe_job *job)
{
    for (size_t i = 0; !job->attested && !job->failure.code && i < job->plan.n_steps; i++) {
        const struct lethe_technique *technique =
            lethe_technique_find(job->plan.steps[i].technique);
        if (job->plan.steps[i].kind == LETHE_STEP_TECHNIQUE && technique &&
            technique->flags & LETHE_TECHNIQUE_GUIDED)
            return true;
    }
    return false;
}

static uint64_t patience(void)
{
    const char *asked = getenv("LETHE_ATTEST_SECONDS"); /* a test bed has no half hour */
    unsigned long value = asked ? strtoul(asked, NULL, 10) : 0;
    return 1000ull * (value > 0 && value < ATTEST_SECONDS ? value : ATTEST_SECONDS);
}

void lethe_bench_attest_open(struct lethe_bench *bench)
{
    bench->phase = LETHE_PHASE_ATTEST;
    bench->attest_until = lethe_monotonic_ms() + patience();
}

/* ---- From another process ---- */

static int path_of(const char *dir, const char *job, char *out, size_t out_size,
                   struct lethe_error *err)
{
    char folder[480], name[64];
    int rc = lethe_path_join(folder, sizeof(folder), dir, "attest", err);
    lethe_text_format(name, sizeof(name), "%.37s.json", job);
    return rc < 0 ? rc : lethe_path_join(out, out_size, folder, name, err);
}

int lethe_attestation_leave(const char *dir, const char *job,
                            const struct lethe_attestation *attestation, struct lethe_error *err)
{
    char path[560], folder[480];
    int rc = path_of(dir, job, path, sizeof(path), err);
    if (rc == 0)
        rc = lethe_path_join(folder, sizeof(folder), dir, "attest", err);
    if (rc == 0)
        rc = lethe_dir_make(folder, 0700, err);
    if (rc < 0)
        return rc;
    LETHE_JSON_AUTO *json = json_pack("{s:s, s:s, s:s}", "name", attestation->name, "statement",
                                      attestation->statement, "photo", attestation->photo);
    char *text = json ? lethe_json_canonical(json) : NULL;
    rc = text ? lethe_file_write(path, text, strlen(text), 0600, err)
              : lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    free(text);
    return rc;
}

static bool left_behind(struct lethe_bench *bench, struct lethe_attestation *out)
{
    char path[560], *text = NULL;
    size_t len = 0;
    if (path_of(lethe_store_dir(bench->station->store), bench->job.id, path, sizeof(path), NULL) <
            0 ||
        access(path, F_OK) != 0 || lethe_file_read(path, ATTESTATION_MAX, &text, &len, NULL) < 0)
        return false;
    LETHE_JSON_AUTO *json = lethe_json_load(text, len, ATTESTATION_MAX, NULL);
    free(text);
    return json && lethe_json_copy(json, "name", out->name, sizeof(out->name), false, NULL) == 0 &&
           lethe_json_copy(json, "statement", out->statement, sizeof(out->statement), false,
                           NULL) == 0 &&
           lethe_json_copy(json, "photo", out->photo, sizeof(out->photo), true, NULL) == 0;
}

static void forget(const struct lethe_bench *bench)
{
    char path[560];
    if (path_of(lethe_store_dir(bench->station->store), bench->job.id, path, sizeof(path), NULL) ==
        0)
        unlink(path);
}

/* ---- The wait ---- */

void lethe_bench_attest_look(struct lethe_bench *bench, uint64_t now)
{
    struct lethe_error err = {0};
    struct lethe_attestation said = {0};
    bool given = left_behind(bench, &said) ||
                 (bench->station->on_attest &&
                  bench->station->on_attest(bench->station->user, bench->index, &said) == 1);
    if (!given && now < bench->attest_until)
        return;
    if (given) {
        json_t *body = json_pack("{s:s, s:s}", "name", said.name, "statement", said.statement);
        if (body && said.photo[0])
            json_object_set_new(body, "photo", json_string(said.photo));
        if (lethe_bench_record(bench, LETHE_EVENT_ATTESTED, body, &err) < 0) {
            lethe_bench_lost(bench, &err);
            return;
        }
        forget(bench);
    }
    lethe_bench_last_look(bench);
}
