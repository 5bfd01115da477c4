/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole log, computed again from its published directory: DIR/tile/..., DIR/checkpoint, and the
 * checkpoints that were kept under DIR/checkpoints/ (one note a file, any names). Part of
 * liblethe-verify.
 *
 * With an opening file, which an organisation makes for its auditor (`lethe log export --opening`),
 * also who, what lot and which policy. It is NDJSON, a line of at most 1 MiB for each entry of kind
 * start, cert or fail that is opened, in the order of the log; "\n" ends every line:
 *
 *   {"index":17,"event":{...}}    of a start: the job.start event as it is in the record; the
 * SHA-256 of its canonical JSON is the entry's h
 *   {"index":18,"sdjwt":"..."}    of a cert, or of a fail with a record: with all its disclosures;
 * the SHA-256 of its issuer's JWT is h
 *
 * No other members. Entries without a line stay closed and are counted.
 */
#ifndef LETHE_AUDIT_H
#define LETHE_AUDIT_H

#include <lethe/certificate.h>
#include <lethe/tlog.h>
#include <lethe/words.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_AUDIT_TOLERANCE_S 300
#define LETHE_AUDIT_OPENING_LINE_MAX (1 << 20)

struct lethe_audit_options {
    const char *dir;
    const struct lethe_tlog_key *log;       /* pinned; NULL: whoever signed, at best undetermined */
    const struct lethe_tlog_policy *policy; /* witnesses; may be NULL */
    struct lethe_span since; /* a checkpoint kept from before; the log must contain it */
    const char *opening;     /* a file, or NULL */
    const struct lethe_verify_policy
        *certificates;  /* judge those of the opening, too; may be NULL */
    uint64_t now;       /* s; 0: do not compare with times to come */
    uint64_t tolerance; /* s; 0: LETHE_AUDIT_TOLERANCE_S */
};

enum lethe_audit_weight {
    LETHE_AUDIT_SOUND,        /* a remark: worth to be looked at, nothing wrong */
    LETHE_AUDIT_BROKEN,       /* forged, forked, truncated, or it contradicts itself */
    LETHE_AUDIT_UNDETERMINED, /* nothing wrong, but it can't be said */
};
#define LETHE_AUDIT_FINDINGS_EACH 20 /* kept of each code; all are counted */
struct lethe_audit_finding {
    uint64_t index; /* of the entry; UINT64_MAX: of none */
    char text[192];
};
struct lethe_audit_findings {
    const char *code, *meaning;
    enum lethe_audit_weight weight;
    uint64_t n;
    struct lethe_audit_finding first[LETHE_AUDIT_FINDINGS_EACH];
};

#define LETHE_AUDIT_ONE(symbol, spelling) +1
enum { LETHE_AUDIT_OUTCOMES = 0 LETHE_OUTCOMES(LETHE_AUDIT_ONE) };
#undef LETHE_AUDIT_ONE
struct lethe_audit_counts {
    uint64_t kind[LETHE_TLOG_KINDS];
    uint64_t outcome[LETHE_AUDIT_OUTCOMES]; /* of cert and fail */
};
struct lethe_audit_day {
    uint32_t day; /* since 1970-01-01, by the entries' t; UINT32_MAX: more days than are kept */
    struct lethe_audit_counts counts;
};
struct lethe_audit_group {
    char *name; /* "": the certificate does not say */
    uint64_t outcome[LETHE_AUDIT_OUTCOMES];
};
enum lethe_audit_by { LETHE_AUDIT_OPERATOR, LETHE_AUDIT_LOT, LETHE_AUDIT_POLICY, LETHE_AUDIT_BYS };
const char *lethe_audit_by_name(enum lethe_audit_by by); /* "operator", "lot", "policy" */

struct lethe_audit_report {
    enum lethe_audit_weight verdict;
    char origin[LETHE_TLOG_NAME_MAX];
    uint64_t size;
    struct lethe_tlog_hash root; /* computed */
    bool pinned;                 /* the log key was */
    uint64_t checkpoints;        /* whose signature and root hold, the newest among them */
    uint64_t witnessed;          /* of these, by the policy's quorum */
    uint64_t not_after;          /* of the newest, by its witnesses; 0: not proven */
    uint64_t tiles;              /* compared */
    struct lethe_audit_counts counts;
    uint64_t first_time, last_time; /* least and greatest t */
    uint64_t open_jobs;             /* started, and no end yet */
    uint64_t devices;               /* pseudonyms */
    uint64_t retries;               /* starts of a device whose job before did not pass */
    uint64_t retried_devices;       /* devices that this happened to */
    uint64_t failed_then_passed;    /* certificates of a device that failed before */
    uint64_t not_before_proven;     /* starts whose checkpoint is among those that hold */
    uint64_t opened, closed;        /* entries with and without a line in the opening file */
    size_t n_days;
    struct lethe_audit_day *day; /* in order */
    struct {
        size_t n;
        struct lethe_audit_group *group; /* by name */
    } by[LETHE_AUDIT_BYS];
    size_t n_codes;
    struct lethe_audit_findings *findings; /* every code there is, those with n == 0, too */
};

/* 0 and a verdict; negative when the audit could not be made (no such directory, no memory). */
int lethe_audit_run(const struct lethe_audit_options *options, struct lethe_audit_report *out,
                    struct lethe_error *err);
void lethe_audit_report_clear(struct lethe_audit_report *report);
const char *lethe_audit_weight_name(enum lethe_audit_weight weight); /* "sound", "broken", ... */
json_t *lethe_audit_report_to_json(const struct lethe_audit_report *report);
/* "table,key,kind,outcome,count" lines of the days, of findings and, with an opening, of operators,
 * lots and policies (RFC 4180). free(*out). */
int lethe_audit_report_to_csv(const struct lethe_audit_report *report, char **out,
                              struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
