/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-verify: exit 0 valid, 1 invalid, 2 undetermined, 3 wrong usage. */
#ifndef LETHE_VERIFYCLI_H
#define LETHE_VERIFYCLI_H

#include <lethe/carrier.h>
#include <lethe/certificate.h>
#include <lethe/tlog.h>
#include <stdbool.h>
#include <stdio.h>

#define LETHE_VERIFY_USAGE 3
#define LETHE_VERIFY_LIST_MAX 32 /* --require, --status, --crl, --log-key: of each */

struct lethe_verify_options {
    struct lethe_verify_policy policy; /* what it points to is owned here */
    struct lethe_trust *trust;
    struct lethe_tlog_policy *log_policy;
    struct lethe_benches benches;
    const char *require[LETHE_VERIFY_LIST_MAX + 1];
    const struct lethe_status_list *lists[LETHE_VERIFY_LIST_MAX + 1];
    char *vkeys[LETHE_VERIFY_LIST_MAX + 1];
    char *seen;
    /* Files, read when all options are known: a list is checked against the roots. */
    const char *status_files[LETHE_VERIFY_LIST_MAX + 1], *crl_files[LETHE_VERIFY_LIST_MAX + 1];
    const char *trust_list, *trust_list_key;
    const char *proof;      /* of the one FILE; NULL: FILE.tlog-proof beside it, if there is one */
    const char *validation; /* of the one FILE, or NULL */
    uint64_t status_not_before; /* ms */
    bool json, brief, lines;
    char **files; /* NULL-terminated, into argv */
};

/* 0 go on; 1 all done (--help, --version were printed); negative: wrong usage, said on stderr. */
int lethe_verify_options(int argc, char **argv, struct lethe_verify_options *out);
void lethe_verify_options_clear(struct lethe_verify_options *options);
/* inputs.c: what the options name, read into OUT. Negative: said on stderr. */
int lethe_verify_add_root(struct lethe_verify_options *out, const char *path);
int lethe_verify_add_bench(struct lethe_verify_options *out, const char *path);
int lethe_verify_add_log_key(struct lethe_verify_options *out, const char *path);
int lethe_verify_add_log_policy(struct lethe_verify_options *out, const char *path);
int lethe_verify_add_seen(struct lethe_verify_options *out, const char *path);
int lethe_verify_read_lists(struct lethe_verify_options *out);

/* take.c: one file, or "-", and the proof beside it. */
void lethe_verify_file(const char *file, const struct lethe_verify_options *options,
                       struct lethe_certificate_report *report);
/* Nothing was verified, because of WHAT. INVALID: it is none. */
void lethe_verify_not_read(struct lethe_certificate_report *report, const char *what,
                           enum lethe_verdict verdict);

/* duplicates.c: what only shows when many are looked at, of the first so many valid ones. */
#define LETHE_DUPLICATES_MAX 65536
struct lethe_duplicates;
/* A remark in REPORT, of what was called WHERE, when one before had the same jti ("jti-twice"), or
 * was of another device with the same serial number ("serial-twice"): true. *KEPT begins as NULL.
 */
bool lethe_duplicates_look(struct lethe_duplicates **kept, const char *where,
                           struct lethe_certificate_report *report);
bool lethe_duplicates_code(const char *code); /* is it one of those */
bool lethe_duplicates_full(const struct lethe_duplicates *seen);
void lethe_duplicates_free(struct lethe_duplicates *seen);

/* How many there were of each, for the end of a folder. */
struct lethe_verify_summary {
    size_t verdicts[3], levels[4]; /* by verdict; by level + 1 */
    size_t n_codes;
    struct {
        char code[32];
        size_t n;
    } codes[64];
    size_t n_twice;
    struct lethe_duplicates *seen;
};
/* Also looks for duplicates of it. */
void lethe_verify_count(struct lethe_verify_summary *summary, const char *where,
                        struct lethe_certificate_report *report);
/* The exit status of all that was counted. */
int lethe_verify_worst(const struct lethe_verify_summary *summary);
void lethe_verify_show_summary(FILE *out, const struct lethe_verify_summary *summary);
/* Duplicates may have been missed: said on stderr. */
void lethe_verify_summary_end(struct lethe_verify_summary *summary);

/* lot.c: ARGV[0] is "lot"; the options are the same. */
int lethe_verify_lot(int argc, char **argv);

/* lines.c: one certificate or bundle a line of IN, one verdict a line of OUT, in order. What is
 * wrong with a line is said of that line. 0, or negative when reading or writing failed. */
int lethe_verify_lines(int in, FILE *out, const struct lethe_verify_options *options,
                       struct lethe_verify_summary *summary);

/* For people: at most 80 columns wide; colours only when COLOUR. */
void lethe_verify_show(FILE *out, const char *file, const struct lethe_certificate_report *report,
                       bool colour);
/* The same in one line. */
void lethe_verify_show_row(FILE *out, const char *file,
                           const struct lethe_certificate_report *report, bool colour);
/* For programs: one line. BRIEF: without the claims. */
void lethe_verify_show_json(FILE *out, const char *file,
                            const struct lethe_certificate_report *report, bool brief);
void lethe_verify_show_json_line(FILE *out, size_t number,
                                 const struct lethe_certificate_report *report, bool brief);

#endif
