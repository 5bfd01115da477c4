/* SPDX-License-Identifier: Apache-2.0 */
/* One test for each thing that can be wrong with a log, and for what is not wrong. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "audit/published.h"
#include <lethe/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct published log_;
static struct lethe_audit_options options;
static struct lethe_audit_report report;

static int open_log(void **state)
{
    (void)state;
    published_open(&log_);
    options = (struct lethe_audit_options){.dir = log_.dir, .log = &log_.log.key};
    return 0;
}

static int close_log(void **state)
{
    (void)state;
    lethe_audit_report_clear(&report);
    published_close(&log_);
    return 0;
}

static uint64_t found(const char *code)
{
    for (size_t i = 0; i < report.n_codes; i++)
        if (strcmp(report.findings[i].code, code) == 0)
            return report.findings[i].n;
    fail_msg("no such finding: %s", code);
    return 0;
}

static void audit(enum lethe_audit_weight verdict)
{
    struct lethe_error err = {0};
    lethe_audit_report_clear(&report);
    assert_int_equal(lethe_audit_run(&options, &report, &err), 0);
    if (report.verdict != verdict)
        for (size_t i = 0; i < report.n_codes; i++)
            if (report.findings[i].n)
                print_message("%s: %s\n", report.findings[i].code,
                              report.findings[i].first[0].text);
    assert_int_equal(report.verdict, verdict);
}

/* N jobs, each of a device of its own, one in ten failed; checkpoints on the way. */
static void fill(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        published_start(&log_, i, i);
        if (i % 10 == 9)
            published_fail(&log_, i, i);
        else
            published_cert(&log_, i, i);
        if (i % 50 == 20)
            published_checkpoint(&log_, log_.time);
    }
    published_checkpoint(&log_, log_.time);
}

static void a_sound_log(void **state)
{
    (void)state;
    fill(300);
    options.policy = &log_.policy;
    options.now = log_.time;
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(report.size, 600);
    assert_int_equal(report.checkpoints, 7);
    assert_int_equal(report.witnessed, 7);
    assert_int_equal(report.not_after, log_.time);
    assert_int_equal(report.counts.kind[LETHE_TLOG_START], 300);
    assert_int_equal(report.counts.kind[LETHE_TLOG_CERT], 270);
    assert_int_equal(report.counts.kind[LETHE_TLOG_FAIL], 30);
    assert_int_equal(report.counts.outcome[LETHE_OUTCOME_PASSED], 270);
    assert_int_equal(report.counts.outcome[LETHE_OUTCOME_FAILED], 30);
    assert_int_equal(report.devices, 300);
    assert_int_equal(report.open_jobs, 0);
    assert_int_equal(report.retries, 0);
    assert_int_equal(report.first_time, PUBLISHED_TIME);
    assert_int_equal(report.last_time, PUBLISHED_TIME + 5990);
    assert_int_equal(report.n_days, 1);
    assert_string_equal(report.origin, "example.org/log");
}

static void an_empty_log(void **state)
{
    (void)state;
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(report.size, 0);
}

static void nothing_at_all(void **state)
{
    (void)state;
    audit(LETHE_AUDIT_UNDETERMINED);
    assert_int_equal(found("no-checkpoint"), 1);
}

static void without_a_key(void **state)
{
    (void)state;
    fill(5);
    options.log = NULL;
    audit(LETHE_AUDIT_UNDETERMINED);
    assert_int_equal(found("not-pinned"), 1);
    assert_false(report.pinned);
}

static void another_key(void **state)
{
    struct signing_key other;
    (void)state;
    fill(5);
    signing_key_make(&other, "example.org/log", LETHE_TLOG_ED25519, 9);
    options.log = &other.key;
    audit(LETHE_AUDIT_BROKEN);
    assert_true(found("signature") > 0);
}

/* One bit of an entry, of a tile, of a checkpoint. */
static void flip(const char *path, size_t at)
{
    size_t len;
    char *data = published_read(&log_, path, &len);
    assert_true(at < len);
    data[at] ^= 1;
    published_write(&log_, path, data, len);
    free(data);
}

static void an_edited_entry(void **state)
{
    (void)state;
    fill(300);
    flip("tile/entries/001", 2 + 230 + 2 + 20);
    audit(LETHE_AUDIT_BROKEN);
    assert_true(found("root") > 0);
    assert_true(found("tile") > 0);
}

static void an_edited_tile(void **state)
{
    static const char *const paths[] = {"tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"};
    (void)state;
    fill(300);
    for (size_t i = 0; i < 3; i++) {
        flip(paths[i], 33);
        audit(LETHE_AUDIT_BROKEN);
        assert_int_equal(found("tile"), 1);
        assert_int_equal(found("root"), 0);
        flip(paths[i], 33);
    }
    published_remove(&log_, paths[0]);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("tile"), 1);
}

static void a_missing_bundle(void **state)
{
    (void)state;
    fill(300);
    published_remove(&log_, "tile/entries/001");
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("bundle"), 1);
    assert_int_equal(found("open-job"), 0); /* their ends are not known */
}

/* A partial bundle that went when the full one came. */
static void a_partial_that_is_full_now(void **state)
{
    char note[1024];
    (void)state;
    fill(100);
    published_note(&log_, 0, note, sizeof(note));
    fill(1); /* job 0 again; only the first 200 entries are looked at */
    for (unsigned i = 200; i < 260; i++)
        published_start(&log_, i, i);
    published_remove(&log_, "tile/entries/000.p/200");
    published_remove(&log_, "tile/0/000.p/200");
    published_remove(&log_, "checkpoints/202");
    published_write(&log_, "checkpoint", note, strlen(note));
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(report.size, 200);
}

static void too_short_a_bundle(void **state)
{
    size_t len;
    (void)state;
    fill(20);
    char *data = published_read(&log_, "tile/entries/000.p/40", &len);
    published_write(&log_, "tile/entries/000.p/40", data, len - 3);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("bundle"), 1);
    data = realloc(data, len + 3);
    memcpy(data + len, "\0\1x", 3);
    published_write(&log_, "tile/entries/000.p/40", data, len + 3);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("bundle"), 1);
    free(data);
}

/* The newest checkpoint is exchanged for an older one. */
static void a_truncated_log(void **state)
{
    size_t len;
    (void)state;
    fill(100);
    char *old = published_read(&log_, "checkpoints/142", &len);
    published_write(&log_, "checkpoint", old, len);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("truncated"), 1);
    free(old);
    /* Without what was kept there nobody knows, but who kept one himself. */
    published_remove(&log_, "checkpoints/200");
    audit(LETHE_AUDIT_SOUND);
    char since[1024];
    published_note(&log_, 0, since, sizeof(since));
    options.since = (struct lethe_span){since, strlen(since)};
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("truncated"), 1);
}

/* Another log under the same key: what was kept from before is not in it. */
static void a_forked_log(void **state)
{
    char since[1024];
    (void)state;
    published_start(&log_, 1, 1);
    published_fail(&log_, 1, 1);
    published_note(&log_, 0, since, sizeof(since));
    published_close(&log_);
    published_open(&log_);
    published_start(&log_, 1, 1);
    published_cert(&log_, 1, 1);
    published_checkpoint(&log_, 0);
    options.since = (struct lethe_span){since, strlen(since)};
    audit(LETHE_AUDIT_BROKEN); /* two roots of size 2 */
    assert_int_equal(found("fork"), 1);
    published_start(&log_, 2, 2);
    published_cert(&log_, 2, 2);
    published_checkpoint(&log_, 0);
    published_remove(&log_, "checkpoints/2");
    audit(LETHE_AUDIT_BROKEN); /* the root of the first 2 is another */
    assert_int_equal(found("root"), 1);
    /* And one that is garbage proves nothing. */
    options.since.len /= 2;
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("checkpoint"), 1);
}

static void kept_from_before_and_contained(void **state)
{
    char since[1024];
    (void)state;
    for (unsigned i = 0; i < 130; i++) {
        published_start(&log_, i, i);
        if (i == 99)
            published_note(&log_, 0, since, sizeof(since));
        published_cert(&log_, i, i);
    }
    published_checkpoint(&log_, 0);
    options.since = (struct lethe_span){since, strlen(since)};
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(report.checkpoints, 2);
}

static void a_kept_checkpoint_that_does_not_hold(void **state)
{
    (void)state;
    fill(100);
    flip("checkpoints/142", strlen("example.org/log\n14")); /* 143 entries */
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("signature"), 1);
    assert_int_equal(report.checkpoints, 2);
}

/* What a killed writer left, and a web server's own: no checkpoints. A number is one. */
static void files_that_are_no_kept_checkpoints(void **state)
{
    (void)state;
    fill(5);
    published_write(&log_, "checkpoints/3.Xa81Qz", "", 0);
    published_write(&log_, "checkpoints/.lethe-Xa81Qz", "", 0);
    published_write(&log_, "checkpoints/index.html", "<html>", 6);
    audit(LETHE_AUDIT_SOUND);
    published_write(&log_, "checkpoints/3", "", 0);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("checkpoint"), 1);
}

static void a_checkpoint_of_another_log(void **state)
{
    struct lethe_tlog_checkpoint checkpoint = {.origin = "example.org/other"};
    struct signing_key other;
    char note[1024];
    (void)state;
    fill(5);
    signing_key_make(&other, "example.org/other", LETHE_TLOG_ED25519, 1);
    signing_checkpoint(note, sizeof(note), &checkpoint);
    signing_add(note, sizeof(note), &other, 0);
    published_write(&log_, "checkpoints/0", note, strlen(note));
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("signature"), 1);
    options.log = NULL;
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("checkpoint"), 1);
}

static void a_quorum_that_is_missing(void **state)
{
    (void)state;
    published_start(&log_, 1, 1);
    published_cert(&log_, 1, 1);
    published_checkpoint(&log_, 0);
    options.policy = &log_.policy;
    audit(LETHE_AUDIT_UNDETERMINED);
    assert_int_equal(found("no-quorum"), 1);
}

static void a_forged_cosignature(void **state)
{
    struct signing_key forged;
    char note[1024];
    (void)state;
    fill(3);
    published_note(&log_, 0, note, sizeof(note));
    forged = log_.witness;
    memset(forged.secret, 77, sizeof(forged.secret));
    signing_add(note, sizeof(note), &forged, PUBLISHED_TIME);
    published_write(&log_, "checkpoints/2", note, strlen(note));
    options.policy = &log_.policy;
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("signature"), 1);
}

static void starts_and_ends(void **state)
{
    (void)state;
    published_start(&log_, 1, 1); /* 0: fine */
    published_cert(&log_, 1, 1);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND);
    published_start(&log_, 2, 2); /* no end */
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_UNDETERMINED);
    assert_int_equal(found("open-job"), 1);
    assert_int_equal(report.open_jobs, 1);
    published_cert(&log_, 2, 2);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND);
    published_cert(&log_, 3, 3); /* no start */
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("end-without-start"), 1);
    published_start(&log_, 3, 3); /* after its end is too late */
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("end-without-start"), 1);
    assert_int_equal(found("open-job"), 1);
}

static void two_ends(void **state)
{
    (void)state;
    published_start(&log_, 1, 1);
    published_fail(&log_, 1, 1);
    published_cert(&log_, 1, 1); /* retried in silence until it passed */
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("end-twice"), 1);
}

static void two_starts(void **state)
{
    (void)state;
    published_start(&log_, 1, 1);
    published_start(&log_, 1, 1);
    published_cert(&log_, 1, 1);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("start-twice"), 1);
}

static void another_device(void **state)
{
    (void)state;
    published_start(&log_, 1, 1);
    published_cert(&log_, 1, 2);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("end-other-device"), 1);
}

static void devices_that_were_tried_again(void **state)
{
    (void)state;
    published_start(&log_, 1, 1);
    published_fail(&log_, 1, 1);
    published_start(&log_, 2, 1); /* retry after a failure */
    published_fail(&log_, 2, 1);
    published_start(&log_, 3, 1); /* and again */
    published_cert(&log_, 3, 1);  /* failed, then passed */
    published_start(&log_, 4, 1); /* comes back: no retry */
    published_cert(&log_, 4, 1);  /* and passes: no failure in between */
    published_start(&log_, 5, 2);
    published_start(&log_, 6, 2); /* while the one before has no end */
    published_cert(&log_, 5, 2);
    published_cert(&log_, 6, 2);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(report.retries, 3);
    assert_int_equal(report.retried_devices, 2);
    assert_int_equal(report.failed_then_passed, 1);
    assert_int_equal(report.devices, 2);
    assert_int_equal(found("retry"), 3);
    assert_int_equal(found("failed-then-passed"), 1);
}

static void a_job_that_was_abandoned(void **state)
{
    struct lethe_tlog_entry entry = {.kind = LETHE_TLOG_FAIL, .outcome = "aborted"};
    (void)state;
    published_start(&log_, 1, 0);
    published_uuid(1, entry.name);
    published_uuid(1, entry.job);
    strcpy((char *)entry.device, "device 0");
    published_add(&log_, &entry);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(report.counts.outcome[LETHE_OUTCOME_ABORTED], 1);
}

static void a_clock_that_went_back(void **state)
{
    (void)state;
    published_start(&log_, 1, 1);
    log_.time -= 300;
    published_cert(&log_, 1, 1);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND); /* within the tolerance */
    options.tolerance = 100;
    audit(LETHE_AUDIT_UNDETERMINED);
    assert_int_equal(found("clock-back"), 1);
}

/* Dated after a witness had seen it, and in the future. */
static void a_clock_that_is_ahead(void **state)
{
    (void)state;
    published_start(&log_, 1, 1);
    published_cert(&log_, 1, 1);
    published_checkpoint(&log_, PUBLISHED_TIME - 400);
    options.policy = &log_.policy;
    audit(LETHE_AUDIT_UNDETERMINED);
    assert_int_equal(found("clock-ahead"), 2);
    options.policy = NULL;
    audit(LETHE_AUDIT_SOUND);
    options.now = PUBLISHED_TIME - 295;
    audit(LETHE_AUDIT_UNDETERMINED);
    assert_int_equal(found("clock-ahead"), 1);
}

static void put_start(unsigned job, const struct lethe_tlog_checkpoint *of, uint64_t witnessed)
{
    struct lethe_tlog_entry entry = {
        .kind = LETHE_TLOG_START, .has_hash = true, .has_checkpoint = true};
    published_uuid(job, entry.name);
    entry.checkpoint.size = of->size;
    entry.checkpoint.root = of->root;
    entry.checkpoint.time = witnessed;
    strcpy((char *)entry.device, "device 9");
    published_add(&log_, &entry);
    published_cert(&log_, job, 9);
    published_checkpoint(&log_, 0);
}

static void what_a_start_commits_to(void **state)
{
    struct lethe_tlog_checkpoint of = {.size = 0};
    (void)state;
    fill(10);
    of.size = lethe_tlog_builder_size(log_.builder);
    lethe_tlog_builder_root(log_.builder, &of.root);
    put_start(100, &of, log_.time);
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(report.not_before_proven, 1);
    put_start(101, &of, log_.time + 301); /* dated before its own checkpoint: back-dated */
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("back-dated"), 1);
    of.root.bytes[0] ^= 1;
    put_start(102, &of, log_.time); /* a checkpoint that never was */
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("not-before"), 1);
    of.size = 1000;
    put_start(103, &of, log_.time); /* one that is still to come */
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("not-before"), 2);
    of.size = 3;
    put_start(104, &of, log_.time); /* not kept: nothing to say */
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("not-before"), 2);
    assert_int_equal(report.not_before_proven, 2);
}

static void revocations_keys_anchors(void **state)
{
    struct lethe_tlog_entry revoke = {.kind = LETHE_TLOG_REVOKE, .reason = 1, .since = 5};
    struct lethe_tlog_entry key = {.kind = LETHE_TLOG_KEY};
    (void)state;
    fill(3);
    published_uuid(0x80000000u, revoke.name);
    published_add(&log_, &revoke);
    memset(key.name, 'a', 64);
    published_add(&log_, &key);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(found("revoked"), 1);
    assert_int_equal(found("revoked-unknown"), 0);
    assert_int_equal(report.counts.kind[LETHE_TLOG_REVOKE], 1);
    assert_int_equal(report.counts.kind[LETHE_TLOG_KEY], 1);
    published_uuid(12345, revoke.name);
    published_add(&log_, &revoke);
    memset(revoke.name, 'b', 64); /* a bench */
    published_add(&log_, &revoke);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(found("revoked"), 3);
    assert_int_equal(found("revoked-unknown"), 1);
}

static void one_certificate_for_two_jobs(void **state)
{
    struct lethe_tlog_entry end = {.kind = LETHE_TLOG_CERT, .has_hash = true, .outcome = "passed"};
    (void)state;
    published_start(&log_, 1, 1);
    published_cert(&log_, 1, 1);
    published_start(&log_, 2, 1);
    published_uuid(1 + 0x80000000u, end.name);
    published_uuid(2, end.job);
    strcpy((char *)end.device, "device 1");
    published_add(&log_, &end);
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("certificate-twice"), 1);
}

static void witnessed_late(void **state)
{
    (void)state;
    published_start(&log_, 1, 1);
    published_cert(&log_, 1, 1);
    published_checkpoint(&log_, PUBLISHED_TIME + 7 * 86400 + 5);
    options.policy = &log_.policy;
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(found("late"), 1);
}

static void what_is_not_ours(void **state)
{
    (void)state;
    fill(3);
    published_text(&log_, "{\"k\":\"later\",\"v\":1}");
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_UNDETERMINED);
    assert_int_equal(found("unknown-kind"), 1);
    published_text(&log_, "not json");
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_BROKEN);
    assert_int_equal(found("entry"), 1);
}

/* Entries of many days, not in their order: each day has its row. */
static void days(void **state)
{
    (void)state;
    options.tolerance = 1000 * 86400;
    for (unsigned i = 0; i < 300; i++) {
        log_.time = PUBLISHED_TIME + (uint64_t)(i * 7 % 150) * 86400;
        published_start(&log_, i, i);
        published_cert(&log_, i, i);
    }
    published_checkpoint(&log_, 0);
    audit(LETHE_AUDIT_SOUND);
    assert_int_equal(report.n_days, 150);
    for (size_t i = 0; i < report.n_days; i++) {
        assert_int_equal(report.day[i].day, PUBLISHED_TIME / 86400 + i);
        assert_int_equal(report.day[i].counts.kind[LETHE_TLOG_START], 2);
        assert_int_equal(report.day[i].counts.outcome[LETHE_OUTCOME_PASSED], 2);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_log, close_log)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_log),
        TEST(an_empty_log),
        TEST(nothing_at_all),
        TEST(without_a_key),
        TEST(another_key),
        TEST(an_edited_entry),
        TEST(an_edited_tile),
        TEST(a_missing_bundle),
        TEST(a_partial_that_is_full_now),
        TEST(too_short_a_bundle),
        TEST(a_truncated_log),
        TEST(a_forked_log),
        TEST(kept_from_before_and_contained),
        TEST(a_kept_checkpoint_that_does_not_hold),
        TEST(files_that_are_no_kept_checkpoints),
        TEST(a_checkpoint_of_another_log),
        TEST(a_quorum_that_is_missing),
        TEST(a_forged_cosignature),
        TEST(starts_and_ends),
        TEST(two_ends),
        TEST(two_starts),
        TEST(another_device),
        TEST(devices_that_were_tried_again),
        TEST(a_job_that_was_abandoned),
        TEST(a_clock_that_went_back),
        TEST(a_clock_that_is_ahead),
        TEST(what_a_start_commits_to),
        TEST(revocations_keys_anchors),
        TEST(one_certificate_for_two_jobs),
        TEST(witnessed_late),
        TEST(what_is_not_ours),
        TEST(days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
