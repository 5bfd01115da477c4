/* SPDX-License-Identifier: Apache-2.0 */
/* What entries say together: starts and ends, devices that were tried again, clocks. */
#include "audit/parts.h"
#include "base/text.h"
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define LATE_S (7 * 86400)

/* A UUID that the entry's parser found to be one. */
static void uuid_bytes(const char *text, uint8_t out[16])
{
    for (size_t i = 0, n = 0; n < 16; i += 2) {
        i += text[i] == '-';
        lethe_hex_decode(&out[n++], 1, text + i, 2);
    }
}

static void uuid_text(const uint8_t id[16], char out[37])
{
    char *at = out;
    for (size_t i = 0; i < 16; i++, at += 2) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        lethe_hex_encode(at, &id[i], 1);
    }
}

static struct lethe_audit_device *device_of(struct lethe_audit_fold *fold,
                                            const struct lethe_tlog_entry *entry)
{
    return lethe_audit_table_add(&fold->devices, entry->device);
}

/* A start after a job that did not pass is a retry; after one that passed the device is back. */
static void count_retry(struct lethe_audit_fold *fold, uint64_t index,
                        struct lethe_audit_device *device)
{
    struct lethe_audit_report *report = fold->report;
    if (device->last == LETHE_AUDIT_RUNNING || device->last == LETHE_AUDIT_FAILED) {
        report->retries++;
        report->retried_devices += !device->retried;
        device->retried = 1;
        lethe_audit_found(report, LETHE_AUDIT_RETRY_FOUND, index,
                          device->last == LETHE_AUDIT_FAILED ? "its job before did not pass"
                                                             : "its job before has no end yet");
    }
    device->last = LETHE_AUDIT_RUNNING;
}

/* The last witnessed checkpoint that a bench knew when it began: nothing before it can have been.
 */
static void check_not_before(struct lethe_audit_fold *fold, uint64_t index,
                             const struct lethe_tlog_entry *entry)
{
    struct lethe_audit_report *report = fold->report;
    if (!entry->has_checkpoint)
        return;
    if (entry->time + fold->tolerance < entry->checkpoint.time)
        lethe_audit_found(report, LETHE_AUDIT_BACK_DATED_FOUND, index,
                          "it is dated %" PRIu64 " s before the checkpoint it commits to",
                          entry->checkpoint.time - entry->time);
    const struct lethe_audit_checkpoint *kept =
        lethe_audit_checkpoint_find(&fold->checkpoints, entry->checkpoint.size);
    if (entry->checkpoint.size > index ||
        (kept && !lethe_tlog_hash_equal(&kept->root, &entry->checkpoint.root)))
        lethe_audit_found(report, LETHE_AUDIT_NOT_BEFORE_FOUND, index,
                          "its checkpoint has %" PRIu64 " entries and %s", entry->checkpoint.size,
                          entry->checkpoint.size > index ? "is younger than itself"
                                                         : "another root");
    else if (kept)
        report->not_before_proven++;
}

static int on_start(struct lethe_audit_fold *fold, uint64_t index,
                    const struct lethe_tlog_entry *entry)
{
    uint8_t id[16];
    uuid_bytes(entry->name, id);
    check_not_before(fold, index, entry);
    if (lethe_audit_table_find(&fold->jobs, id)) {
        lethe_audit_found(fold->report, LETHE_AUDIT_START_TWICE_FOUND, index, "job %s",
                          entry->name);
        return 0;
    }
    struct lethe_audit_device *device = device_of(fold, entry);
    struct lethe_audit_job *job = device ? lethe_audit_table_add(&fold->jobs, id) : NULL;
    if (!job)
        return -LETHE_E_INTERNAL;
    job->start = (uint32_t)index;
    job->device = lethe_audit_table_number(&fold->devices, device) & 0x7FFFFFFF;
    count_retry(fold, index, device);
    return 0;
}

/* One certificate, one entry: issuing one a second time would take a second end. */
static int check_name(struct lethe_audit_fold *fold, uint64_t index,
                      const struct lethe_tlog_entry *entry)
{
    uint8_t id[16];
    if (!entry->has_hash)
        return 0; /* ended without a record */
    uuid_bytes(entry->name, id);
    uint32_t before = fold->named.n;
    if (!lethe_audit_table_add(&fold->named, id))
        return -LETHE_E_INTERNAL;
    if (fold->named.n == before)
        lethe_audit_found(fold->report, LETHE_AUDIT_CERTIFICATE_TWICE_FOUND, index, "%s",
                          entry->name);
    return 0;
}

static void on_revoke(struct lethe_audit_fold *fold, uint64_t index,
                      const struct lethe_tlog_entry *entry)
{
    uint8_t id[16];
    lethe_audit_found(fold->report, LETHE_AUDIT_REVOKED_FOUND, index,
                      "%s, reason %u, since %" PRIu64, entry->name, entry->reason, entry->since);
    if (strlen(entry->name) != 36)
        return; /* a bench */
    uuid_bytes(entry->name, id);
    if (!lethe_audit_table_find(&fold->named, id))
        lethe_audit_found(fold->report, LETHE_AUDIT_REVOKED_UNKNOWN_FOUND, index, "%s",
                          entry->name);
}

static int on_end(struct lethe_audit_fold *fold, uint64_t index,
                  const struct lethe_tlog_entry *entry)
{
    struct lethe_audit_report *report = fold->report;
    uint8_t id[16];
    uuid_bytes(entry->job, id);
    struct lethe_audit_job *job = lethe_audit_table_find(&fold->jobs, id);
    struct lethe_audit_device *device = device_of(fold, entry);
    if (!device || check_name(fold, index, entry) < 0)
        return -LETHE_E_INTERNAL;
    if (!job) {
        lethe_audit_found(report, LETHE_AUDIT_END_WITHOUT_START_FOUND, index, "job %s (%s)",
                          entry->job, entry->outcome);
        return 0;
    }
    if (job->ended)
        lethe_audit_found(report, LETHE_AUDIT_END_TWICE_FOUND, index,
                          "job %s, which started with entry %" PRIu32, entry->job, job->start);
    job->ended = 1;
    if (job->device != lethe_audit_table_number(&fold->devices, device))
        lethe_audit_found(report, LETHE_AUDIT_END_OTHER_DEVICE_FOUND, index,
                          "job %s, which started with entry %" PRIu32, entry->job, job->start);
    if (entry->kind == LETHE_TLOG_FAIL) {
        device->failed = 1;
        device->last = LETHE_AUDIT_FAILED;
        return 0;
    }
    if (device->failed) {
        report->failed_then_passed++;
        lethe_audit_found(report, LETHE_AUDIT_FAILED_THEN_PASSED_FOUND, index, "job %s",
                          entry->job);
    }
    device->failed = 0;
    device->last = LETHE_AUDIT_PASSED;
    return 0;
}

/* The clock of a bench against itself, against its witnesses, against ours. */
static void check_clock(struct lethe_audit_fold *fold, uint64_t index,
                        const struct lethe_tlog_entry *entry)
{
    struct lethe_audit_report *report = fold->report;
    const struct lethe_audit_checkpoints *all = &fold->checkpoints;
    while (fold->next_witnessed < all->n && (all->at[fold->next_witnessed].size <= index ||
                                             all->at[fold->next_witnessed].not_after == 0))
        fold->next_witnessed++;
    uint64_t seen = fold->next_witnessed < all->n ? all->at[fold->next_witnessed].not_after : 0;
    uint64_t now = fold->options->now;
    if (entry->time + fold->tolerance < report->last_time)
        lethe_audit_found(report, LETHE_AUDIT_CLOCK_BACK_FOUND, index, "%" PRIu64 " s",
                          report->last_time - entry->time);
    if (seen > 0 && entry->time > seen + fold->tolerance)
        lethe_audit_found(report, LETHE_AUDIT_CLOCK_AHEAD_FOUND, index,
                          "%" PRIu64 " s after witnesses had seen it", entry->time - seen);
    else if (now > 0 && entry->time > now + fold->tolerance)
        lethe_audit_found(report, LETHE_AUDIT_CLOCK_AHEAD_FOUND, index,
                          "%" PRIu64 " s in the future", entry->time - now);
    if (seen > entry->time + LATE_S)
        lethe_audit_found(report, LETHE_AUDIT_LATE_FOUND, index, "%" PRIu64 " days",
                          (seen - entry->time) / 86400);
    if (report->first_time == 0 || entry->time < report->first_time)
        report->first_time = entry->time;
    if (entry->time > report->last_time)
        report->last_time = entry->time;
}

int lethe_audit_fold_entry(struct lethe_audit_fold *fold, uint64_t index,
                           const struct lethe_tlog_entry *entry, struct lethe_error *err)
{
    int rc = 0;
    if (entry->kind == LETHE_TLOG_UNKNOWN) {
        fold->report->counts.kind[LETHE_TLOG_UNKNOWN]++;
        lethe_audit_found(fold->report, LETHE_AUDIT_UNKNOWN_KIND_FOUND, index,
                          "what it says was not looked at");
        return 0;
    }
    check_clock(fold, index, entry);
    if (entry->kind == LETHE_TLOG_START)
        rc = on_start(fold, index, entry);
    else if (entry->kind == LETHE_TLOG_CERT || entry->kind == LETHE_TLOG_FAIL)
        rc = on_end(fold, index, entry);
    else if (entry->kind == LETHE_TLOG_REVOKE)
        on_revoke(fold, index, entry);
    if (rc == 0)
        rc = lethe_audit_count(fold->report, entry);
    return rc < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out") : 0;
}

uint64_t lethe_audit_fold_start(const struct lethe_audit_fold *fold,
                                const struct lethe_tlog_entry *entry)
{
    uint8_t id[16];
    if (!entry->job[0])
        return LETHE_AUDIT_NO_ENTRY;
    uuid_bytes(entry->job, id);
    const struct lethe_audit_job *job = lethe_audit_table_find(&fold->jobs, id);
    return job ? job->start : LETHE_AUDIT_NO_ENTRY;
}

void lethe_audit_fold_end(struct lethe_audit_fold *fold)
{
    char name[37];
    fold->report->devices = fold->devices.n;
    for (uint32_t i = 0; i < fold->jobs.n; i++) {
        const struct lethe_audit_job *job =
            (const struct lethe_audit_job *)(void *)(fold->jobs.row +
                                                     (size_t)i * fold->jobs.row_size);
        if (job->ended)
            continue;
        fold->report->open_jobs++;
        uuid_text(job->id, name);
        lethe_audit_found(fold->report, LETHE_AUDIT_OPEN_JOB_FOUND, job->start, "job %s", name);
    }
}
