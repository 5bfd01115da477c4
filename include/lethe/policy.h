/* SPDX-License-Identifier: Apache-2.0 */
/* The standard a user must meet, as data: profiles/policies/ID.yaml. */
#ifndef LETHE_POLICY_H
#define LETHE_POLICY_H

#include <lethe/error.h>
#include <lethe/words.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_PASSES_MAX 48
#define LETHE_RULES_MAX 6
#define LETHE_RECORD_FIELDS_MAX 16

/* How the bits are made to go: what a policy allows per media. */
enum lethe_technique_kind {
    LETHE_KIND_OVERWRITE = 1 << 0,    /* "overwrite": by host or device */
    LETHE_KIND_BLOCK_ERASE = 1 << 1,  /* "block-erase" */
    LETHE_KIND_CRYPTO_ERASE = 1 << 2, /* "crypto-erase" */
    LETHE_KIND_RESET = 1 << 3,        /* "reset": device-directed (phones) */
};

/* For these media: which kinds of technique, and the passes of a host overwrite. */
struct lethe_policy_rule {
    unsigned media;  /* bits: 1 << enum lethe_media */
    unsigned kinds;  /* bits: enum lethe_technique_kind */
    size_t n_passes; /* 0: a host overwrite does not satisfy this policy on these media */
    char passes[LETHE_PASSES_MAX][24]; /* canonical spelling of <base/pattern.h> */
    bool fill; /* YAML: phone_fill. Of a phone: its user storage filled once with a random stream,
                  read back, is an overwrite in the sense of this policy */
    bool overwrite_after; /* what the device does to itself is followed by a host overwrite */
};

enum lethe_verify_mode {
    LETHE_VERIFY_NONE,       /* "none": allowed by no shipped policy */
    LETHE_VERIFY_FULL,       /* "full": every byte */
    LETHE_VERIFY_CONFIDENCE, /* "confidence": n = ceil(ln(1-c)/ln(1-p)), stratified */
    LETHE_VERIFY_STRATA,     /* "strata": 88r1: percentage of each of >= 1000 subsections, 2 samples
                                each */
};
struct lethe_verification_rule {
    enum lethe_verify_mode mode;
    uint32_t confidence_ppm; /* c; 990000 = 99 %; YAML: confidence: "99%" */
    uint32_t fraction_ppm;   /* p; 1000 = 0.1 %; YAML: fraction: "0.1%" */
    uint32_t subsections;    /* strata */
    uint32_t samples;        /* strata: per subsection, non-overlapping */
    uint32_t percent_ppm;    /* strata: each sample's share of its subsection (50000 = 5 %) */
};

/* When is a drive hopeless, and what may be left unsanitised. 0 = no such limit. */
struct lethe_limits {
    uint64_t max_bad_sectors; /* more end the job at once: failed */
    uint32_t stall_seconds;   /* no progress for so long: stuck */
    uint64_t min_rate;        /* bytes/s averaged over rate_seconds; below: hopeless */
    uint32_t rate_seconds;
};

struct lethe_policy {
    char id[48];
    char title[128];
    char version[32];         /* date of our reading of it: "2026-11-23" */
    char source[256];         /* document and clause */
    char provenance[512];     /* how we know; variants that differ; what was not read in full */
    bool read_in_full;        /* false: the certificate says so */
    enum lethe_method method; /* required */
    enum lethe_test_status min_test_status;
    size_t n_rules;
    struct lethe_policy_rule rules[LETHE_RULES_MAX];
    struct lethe_verification_rule verification;
    uint32_t canaries;               /* how many are written before; >= 2 */
    bool exceptions_allowed;         /* passed-with-exceptions meets the policy */
    uint64_t exceptions_max_sectors; /* above this it does not */
    struct lethe_limits limits;
    size_t n_required; /* record fields asked for before START: "operator", "asset-tag", "lot",
                          "customer" or custom */
    char required[LETHE_RECORD_FIELDS_MAX][32];
    uint32_t retention_years;
    uint32_t
        max_not_before_age; /* hours: START wants a witnessed checkpoint no older; 0: does not */
    bool accept_untold;     /* of a drive that never tells whether it hides a part of itself */
    char statement[256];    /* one sentence for the certificate: what meeting this policy says, "by
                               policy X of date Y" */
    char hash[65];          /* SHA-256 of the file, hex */
    char file[256];
};

/* Their spellings; an unknown one parses to -1. */
const char *lethe_technique_kind_name(enum lethe_technique_kind kind);
int lethe_technique_kind_parse(const char *spelling);
const char *lethe_verify_mode_name(enum lethe_verify_mode mode);
int lethe_verify_mode_parse(const char *spelling);

struct lethe_policy_set; /* all policies of a directory list */
/* DIRS: NULL-terminated; later directories may add, never replace: the same id twice is an error
 * with both file names. Any bad file is an error: a set is whole or not there. */
int lethe_policy_set_load(const char *const *dirs, struct lethe_policy_set **out,
                          struct lethe_error *err);
/* The same; MEMO: a file in which what was parsed is kept for the next time, or NULL. */
int lethe_policy_set_load_kept(const char *const *dirs, const char *memo,
                               struct lethe_policy_set **out, struct lethe_error *err);
void lethe_policy_set_free(struct lethe_policy_set *set);
size_t lethe_policy_count(const struct lethe_policy_set *set);
const struct lethe_policy *lethe_policy_at(const struct lethe_policy_set *set, size_t i);
/* NULL + ERR with the nearest ids when there is none. */
const struct lethe_policy *lethe_policy_find(const struct lethe_policy_set *set, const char *id,
                                             struct lethe_error *err);
/* One file from memory (tests, fuzzing); free with lethe_policy_free. */
int lethe_policy_parse(const char *name, const char *text, size_t len, struct lethe_policy **out,
                       struct lethe_error *err);
void lethe_policy_free(struct lethe_policy *policy);
/* The rule for MEDIA, or NULL: the policy has nothing for it. */
const struct lethe_policy_rule *lethe_policy_rule_for(const struct lethe_policy *policy,
                                                      enum lethe_media media);

/* Number of samples: n = ceil(ln(1-c)/ln(1-p)) capped at the number of blocks (facts/standards.md
 * section 6). */
uint64_t lethe_sample_count(uint32_t confidence_ppm, uint32_t fraction_ppm, uint64_t blocks);

#ifdef __cplusplus
}
#endif
#endif
