/* SPDX-License-Identifier: Apache-2.0 */
/* One audit under way, and what its files share. */
#ifndef LETHE_AUDIT_PARTS_H
#define LETHE_AUDIT_PARTS_H

#include <lethe/audit.h>

enum lethe_audit_code {
#define X(symbol, code, weight, meaning) LETHE_AUDIT_##symbol##_FOUND,
#include "audit/findings.def"
#undef X
    LETHE_AUDIT_CODES
};
#define LETHE_AUDIT_NO_ENTRY UINT64_MAX

/* ---- findings.c ---- */
int lethe_audit_findings_new(struct lethe_audit_report *report);
void lethe_audit_found(struct lethe_audit_report *report, enum lethe_audit_code code,
                       uint64_t index, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- table.c: jobs and devices, of fixed size each, found by hashing with open addressing ---- */
#define LETHE_AUDIT_INDEX_MAX UINT32_MAX /* of entries; positions in tables are shorter still */
struct lethe_audit_table {
    size_t row_size, key_size;
    uint64_t seed[2]; /* random, so that nobody can make all rows collide */
    uint32_t n, cap, n_slots;
    uint32_t *slot; /* row + 1, or 0 */
    uint8_t *row;   /* the key comes first in each */
};
void lethe_audit_table_init(struct lethe_audit_table *table, size_t row_size, size_t key_size);
void lethe_audit_table_free(struct lethe_audit_table *table);
/* The row with KEY, or NULL. It moves when another is added. */
void *lethe_audit_table_find(const struct lethe_audit_table *table, const void *key);
/* The same, added (zeroed behind its key) when it was not there; NULL: memory ran out. */
void *lethe_audit_table_add(struct lethe_audit_table *table, const void *key);
uint32_t lethe_audit_table_number(const struct lethe_audit_table *table, const void *row);

/* Small: a million jobs of a million devices, all without an end, still fit into 64 MiB. */
struct lethe_audit_job {
    uint8_t id[16];
    uint32_t start; /* index of its start */
    uint32_t device : 31, ended : 1;
};
enum { LETHE_AUDIT_NEW, LETHE_AUDIT_RUNNING, LETHE_AUDIT_FAILED, LETHE_AUDIT_PASSED };
struct lethe_audit_device {
    uint8_t pseudonym[12]; /* its first 96 bits: who could make them collide gains more retries */
    uint32_t last : 2, failed : 1, retried : 1;
};

struct lethe_audit_named { /* certificates and records */
    uint8_t id[16];
};
_Static_assert(sizeof(struct lethe_audit_job) == 24 && sizeof(struct lethe_audit_device) == 16,
               "rows grew");

/* ---- checkpoints.c ---- */
struct lethe_audit_checkpoint {
    uint64_t size, not_after;
    struct lethe_tlog_hash root;
    bool newest, since;
};
struct lethe_audit_checkpoints {
    size_t n, cap;
    struct lethe_audit_checkpoint *at; /* by size, one for each */
};
/* DIR/checkpoint, DIR/checkpoints, and SINCE: read, verified, sorted. *SIZE: of the newest. */
int lethe_audit_checkpoints_load(const struct lethe_audit_options *options,
                                 struct lethe_audit_report *report,
                                 struct lethe_audit_checkpoints *out, struct lethe_error *err);
/* The one of SIZE, or NULL. */
const struct lethe_audit_checkpoint *lethe_audit_checkpoint_find(
    const struct lethe_audit_checkpoints *all, uint64_t size);

/* ---- count.c ---- */
int lethe_audit_count(struct lethe_audit_report *report, const struct lethe_tlog_entry *entry);
int lethe_audit_group_count(struct lethe_audit_report *report, enum lethe_audit_by by,
                            const char *name, int outcome);

/* ---- opening.c ---- */
struct lethe_audit_opening;
int lethe_audit_opening_new(const char *path, struct lethe_audit_opening **out,
                            struct lethe_error *err);
void lethe_audit_opening_free(struct lethe_audit_opening *opening);
/* What the file says of entry INDEX. */
/* START: where its job began; LETHE_AUDIT_NO_ENTRY: nowhere. */
int lethe_audit_opening_match(struct lethe_audit_opening *opening,
                              const struct lethe_audit_options *options,
                              struct lethe_audit_report *report, uint64_t index, uint64_t start,
                              const struct lethe_tlog_entry *entry, struct lethe_error *err);
/* After the last entry: nothing may be left. */
void lethe_audit_opening_end(struct lethe_audit_opening *opening,
                             struct lethe_audit_report *report);

/* ---- fold.c: what entries say together ---- */
struct lethe_audit_fold {
    const struct lethe_audit_options *options;
    struct lethe_audit_report *report;
    struct lethe_audit_checkpoints checkpoints;
    size_t next_witnessed; /* the first checkpoint with a time that contains the entry */
    uint64_t tolerance;
    struct lethe_audit_table jobs, devices, named;
};
int lethe_audit_fold_entry(struct lethe_audit_fold *fold, uint64_t index,
                           const struct lethe_tlog_entry *entry, struct lethe_error *err);
/* Where the job of an end began, or LETHE_AUDIT_NO_ENTRY. */
uint64_t lethe_audit_fold_start(const struct lethe_audit_fold *fold,
                                const struct lethe_tlog_entry *entry);
/* After the last: jobs without an end. */
void lethe_audit_fold_end(struct lethe_audit_fold *fold);

#endif
