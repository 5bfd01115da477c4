/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scratch.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include <assert.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char scratch_dir[64];
uint64_t scratch_time = STREAM_TIME;
static char base[48];

int scratch_setup(void **state)
{
    (void)state;
    snprintf(base, sizeof(base), "/tmp/lethe-store-XXXXXX");
    if (!mkdtemp(base))
        return -1;
    snprintf(scratch_dir, sizeof(scratch_dir), "%s/state", base);
    return 0;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

int scratch_teardown(void **state)
{
    (void)state;
    return nftw(base, drop, 8, FTW_DEPTH | FTW_PHYS);
}

struct lethe_store *scratch_open(void)
{
    struct lethe_store *store = NULL;
    struct lethe_error err = {0};
    if (lethe_store_open(scratch_dir, &store, &err) < 0)
        fprintf(stderr, "%s\n", err.what);
    return store;
}

void scratch_id(char id[37], unsigned n)
{
    snprintf(id, 37, "0194000%x-0000-7000-8000-%012x", n / 16 % 16, n);
}

static void hash64(char out[LETHE_B64URL_SIZE(32)], const char *text, size_t len)
{
    uint8_t hash[32];
    lethe_sha256(hash, text, len);
    lethe_b64url_encode(out, hash, sizeof(hash));
}

/* What the log hears of a job's start: the event's hash. */
static void start_entry(const struct lethe_job *job, const struct lethe_event *event, char *out,
                        size_t out_size)
{
    struct lethe_event next = *event;
    char h[LETHE_B64URL_SIZE(32)];
    next.seq = job->last_seq + 1;
    json_t *json = lethe_event_to_json(&next);
    char *text = lethe_json_canonical(json);
    hash64(h, text, strlen(text));
    snprintf(out, out_size, "{\"h\":\"%s\",\"k\":\"start\",\"n\":\"%s\"}", h, event->job);
    free(text);
    json_decref(json);
}

int scratch_append(struct lethe_store *store, struct lethe_job *job, unsigned n,
                   enum lethe_event_type type, json_t *body)
{
    struct lethe_event event = {
        .type = type, .time = scratch_time + 1000 * (job->last_seq + n), .body = body};
    struct lethe_error err = {0};
    scratch_id(event.job, n);
    char text[256];
    start_entry(job, &event, text, sizeof(text));
    struct lethe_store_entry entry = {
        .log = SCRATCH_LOG, .kind = "start", .name = event.job, .text = text};
    int rc = lethe_store_append_logged(store, job, &event,
                                       type == LETHE_EVENT_JOB_START ? &entry : NULL, &err);
    if (rc < 0)
        fprintf(stderr, "%s: %s\n", lethe_event_name(type), err.what);
    json_decref(body);
    return rc;
}

json_t *scratch_end(const struct lethe_job *job)
{
    struct lethe_assessment verdict;
    lethe_assess(job, &verdict);
    json_t *body = lethe_assessment_to_json(&verdict, job);
    json_object_set_new(
        body, "reveal",
        json_pack("{s:s, s:s}", "sample_key",
                  "0202020202020202020202020202020202020202020202020202020202020202", "canary_key",
                  "0303030303030303030303030303030303030303030303030303030303030303"));
    return body;
}

void scratch_job(struct lethe_store *store, unsigned n, bool certify)
{
    struct stream s;
    struct lethe_job job;
    char id[37], text[64], hash[65], jti[64];
    int rc = 0;
    lethe_job_init(&job);
    stream_make(&s, &course_plain);
    for (size_t i = 0; i < s.n && rc == 0; i++)
        rc = scratch_append(store, &job, n, s.events[i].type, json_incref(s.events[i].body));
    assert(rc == 0);
    rc = scratch_append(store, &job, n, LETHE_EVENT_END, scratch_end(&job));
    assert(rc == 0 && job.outcome == LETHE_OUTCOME_PASSED);
    if (certify) {
        scratch_id(id, n);
        snprintf(text, sizeof(text), "header.payload%u.signature~", n);
        snprintf(jti, sizeof(jti), "jti-%08u-of-a-certificate", n);
        lethe_sha256_hex(hash, text, strlen(text));
        char h[LETHE_B64URL_SIZE(32)], promise[256];
        hash64(h, text, strcspn(text, "~"));
        snprintf(promise, sizeof(promise),
                 "{\"h\":\"%s\",\"j\":\"%s\",\"k\":\"cert\",\"n\":\"%s\"}", h, id, jti);
        struct lethe_store_entry entry = {
            .log = SCRATCH_LOG, .kind = "cert", .name = jti, .text = promise};
        rc = lethe_store_certificate_put(store, id, jti, "urn:lethe:erasure-certificate:1", text,
                                         &entry, NULL);
        assert(rc == 0);
        rc = scratch_append(store, &job, n, LETHE_EVENT_CERTIFICATE,
                            json_pack("{s:s, s:s, s:s, s:s}", "id", jti, "vct",
                                      "urn:lethe:erasure-certificate:1", "sha256", hash, "path",
                                      "certificates/x"));
        assert(rc == 0);
    }
    (void)rc;
    lethe_job_clear(&job);
    stream_clear(&s);
}

int scratch_sql(const char *sql)
{
    char path[96];
    sqlite3 *db = NULL;
    snprintf(path, sizeof(path), "%s/lethe.db", scratch_dir);
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return rc;
}
