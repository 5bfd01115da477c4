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

/* ---- What is said ---- */

static int say(char *out, size_t out_size, const char *what, const char *text,
               struct lethe_error *err)
{
    char wide[sizeof(((struct lethe_attestation *)0)->statement) + 8];
    lethe_text_clean(wide, out_size + 8, text, strlen(text));
    if (!lethe_text_is_visible(text))
        lethe_fail(err, LETHE_E_USAGE, "there is nothing to see in the %s", what);
    else if (!lethe_text_format(out, out_size, "%s", wide))
        lethe_fail(err, LETHE_E_USAGE, "the %s is longer than %zu bytes", what, out_size - 1);
    else
        return 0;
    lethe_error_effect(err, "nothing was recorded");
    lethe_error_remedy(err, "give the full name of who saw it, and what was seen");
    return -LETHE_E_USAGE;
}

int lethe_attestation_say(struct lethe_attestation *out, const char *name, const char *statement,
                          struct lethe_error *err)
{
    int rc = say(out->name, sizeof(out->name), "name", name, err);
    if (rc == 0 && !lethe_text_is_name(name)) {
        rc = lethe_fail(err, LETHE_E_USAGE, "that is nobody's name: \"%s\"", out->name);
        lethe_error_effect(err, "nothing was recorded");
        lethe_error_remedy(err, "give the full name of who saw it, in letters that can be printed");
    }
    return rc < 0 ? rc
                  : say(out->statement, sizeof(out->statement), "statement",
                        statement ? statement : LETHE_ATTESTATION_STATEMENT, err);
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
    char path[560], folder[480], lock_path[560];
    int rc = path_of(dir, job, path, sizeof(path), err);
    if (rc == 0)
        rc = lethe_path_join(folder, sizeof(folder), dir, "attest", err);
    if (rc == 0)
        rc = lethe_path_join(lock_path, sizeof(lock_path), folder, "lock", err);
    if (rc == 0)
        rc = lethe_dir_make(folder, 0700, err);
    if (rc < 0)
        return rc;
    /* Of two at once one is the first, and the other is told so. */
    LETHE_FD_AUTO lock = lethe_file_lock(lock_path, true, err);
    if (lock < 0)
        return lock;
    if (access(path, F_OK) == 0) {
        lethe_fail(err, LETHE_E_BUSY, "somebody has attested job %.13s already", job);
        lethe_error_effect(err, "nothing was recorded of this");
        lethe_error_remedy(err, "lethe job show %.13s tells whose word it was, once it is taken up",
                           job);
        return -LETHE_E_BUSY;
    }
    LETHE_JSON_AUTO *json = json_pack("{s:s, s:s, s:s, s:I}", "name", attestation->name,
                                      "statement", attestation->statement, "photo",
                                      attestation->photo, "given", (json_int_t)lethe_now_ms());
    char *text = json ? lethe_json_canonical(json) : NULL;
    rc = text ? lethe_file_write(path, text, strlen(text), 0600, err)
              : lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    free(text);
    return rc;
}

static void forget(const struct lethe_bench *bench)
{
    char path[560];
    if (path_of(lethe_store_dir(bench->station->store), bench->job.id, path, sizeof(path), NULL) ==
        0)
        unlink(path);
}

/* 1 and OUT, 0 there is none; negative: there is one that can't count. */
static int left_behind(const struct lethe_bench *bench, struct lethe_attestation *out,
                       struct lethe_error *err)
{
    char path[560], *text = NULL;
    size_t len = 0;
    int rc =
        path_of(lethe_store_dir(bench->station->store), bench->job.id, path, sizeof(path), err);
    if (rc < 0 || access(path, F_OK) != 0)
        return rc;
    if ((rc = lethe_file_read(path, ATTESTATION_MAX, &text, &len, err)) < 0)
        return rc;
    LETHE_JSON_AUTO *json = lethe_json_load(text, len, ATTESTATION_MAX, err);
    free(text);
    if (!json)
        return -LETHE_E_INVALID;
    if ((rc = lethe_json_copy(json, "name", out->name, sizeof(out->name), false, err)) < 0 ||
        (rc = lethe_json_copy(json, "statement", out->statement, sizeof(out->statement), false,
                              err)) < 0 ||
        (rc = lethe_json_copy(json, "photo", out->photo, sizeof(out->photo), true, err)) < 0)
        return rc;
    /* Nobody saw what was still to come. */
    json_int_t given = json_integer_value(json_object_get(json, "given"));
    uint64_t since = bench->attest_since;
    if (given <= 0 || (uint64_t)given < bench->job.returned_at || (uint64_t)given < since)
        return lethe_fail(err, LETHE_E_REFUSED, "it was given before the device was back%s",
                          since ? ": it left its port once more since" : "");
    return 1;
}

/* 1: somebody said what can be recorded. What can't is gone, and asked for anew. */
static int hear(struct lethe_bench *bench, struct lethe_attestation *out)
{
    struct lethe_station *station = bench->station;
    struct lethe_attestation said = {0};
    struct lethe_error err = {0};
    int rc = left_behind(bench, &said, &err);
    if (rc == 0 && station->on_attest)
        rc = station->on_attest(station->user, bench->index, &said) == 1;
    if (rc == 1) {
        *out = said;
        rc = lethe_attestation_say(out, said.name, said.statement, &err);
        rc = rc < 0 ? rc : 1;
    }
    if (rc < 0) {
        forget(bench);
        lethe_error_effect(&err, "nothing was recorded");
        lethe_error_remedy(&err, "look at its screen, then: lethe job attest %.13s --operator NAME",
                           bench->job.id);
        if (station->on_attest_void)
            station->on_attest_void(station->user, bench->index, &err);
    }
    return rc;
}

/* ---- The wait ---- */

void lethe_bench_attest_look(struct lethe_bench *bench, uint64_t now)
{
    struct lethe_error err = {0};
    struct lethe_attestation said = {0};
    bool given = hear(bench, &said) == 1;
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
