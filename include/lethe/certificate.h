/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate: one SD-JWT (RFC 9901) per medium, ES256, x5c. Specified field by field in
 * certs/README.md. Decoding and judging are in liblethe-verify, which needs only libcrypto and
 * jansson.
 */
#ifndef LETHE_CERTIFICATE_H
#define LETHE_CERTIFICATE_H

#include <jansson.h>
#include <lethe/error.h>
#include <lethe/trust.h>
#include <lethe/words.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_VCT_CERTIFICATE "urn:lethe:erasure-certificate:1"
#define LETHE_VCT_RECORD "urn:lethe:erasure-record:1"

/* ---- Issuing ---- */
struct lethe_job;
/* Claims from an ended job, as {"open":{...},"hidden":{...}}: members of "hidden" become
 * selectively disclosable (identifiers, operator, customer, asset tag, lot, custom, seed).
 * Certificate type only if the outcome passed and the policy is met. NOW is iat. */
int lethe_claims_build(const struct lethe_job *job, const struct lethe_signer *signer,
                       const char *seed_hex, uint64_t now, json_t **out, struct lethe_error *err);
/* The digest of a job's event stream, one event at a time in order (start with a zeroed struct),
 * and into CLAIMS before they are signed: an auditor with the record can then tell that it is the
 * one that was judged. */
struct lethe_event;
struct lethe_evidence {
    unsigned char hash[32];
    unsigned long long events;
};
int lethe_evidence_add(struct lethe_evidence *evidence, const struct lethe_event *event);
int lethe_claims_evidence(json_t *claims, const struct lethe_evidence *evidence);
/* Sign: issuer JWT ~ disclosures ~. free(*text). JTI receives the id. */
int lethe_certificate_issue(const json_t *claims, struct lethe_signer *signer, char **text,
                            char jti[37], struct lethe_error *err);

/* ---- Verifying ---- */
enum lethe_verdict {
    LETHE_VERDICT_VALID = 0,
    LETHE_VERDICT_INVALID = 1,
    LETHE_VERDICT_UNDETERMINED = 2
};
struct lethe_verify_policy {
    const struct lethe_trust *trust;
    uint64_t now;               /* ms */
    const char *device;         /* an identifier that must match, or NULL */
    unsigned accept_outcomes;   /* bits 1 << outcome, beyond passed and passed-with-exceptions */
    unsigned allow_substrates;  /* bits 1 << substrate, beyond physical */
    const char *const *require; /* claims that must be disclosed, NULL-terminated, may be NULL */
    unsigned
        min_level; /* 0: signature + path; 1, 2 are not reached by this version: undetermined */
};
#define LETHE_VERDICT_REASONS_MAX 24
struct lethe_certificate_report {
    enum lethe_verdict verdict;
    int level;        /* 0 = L0; -1 none reached */
    size_t n_reasons; /* code + sentence; empty only when valid without remark */
    struct {
        char code[32]; /* "signature", "untrusted", "expired", "unbound", "record-only",
                          "substrate", "policy-not-met", "device-mismatch", "duplicate-key" ... */
        char text[192];
        enum lethe_verdict weight; /* VALID = remark only */
    } reasons[LETHE_VERDICT_REASONS_MAX];
    struct lethe_chain chain;
    json_t *claims;  /* disclosed and verified ones, merged; NULL unless the signature held */
    size_t n_hidden; /* digests without disclosure */
};
void lethe_certificate_report_clear(struct lethe_certificate_report *report);
/* Never fails: what can't be read is INVALID. */
void lethe_certificate_verify(const char *text, size_t len,
                              const struct lethe_verify_policy *policy,
                              struct lethe_certificate_report *out);
json_t *lethe_certificate_report_to_json(const struct lethe_certificate_report *report);
const char *lethe_verdict_name(enum lethe_verdict verdict);
/* Decode without judging (cert show, html): payload + disclosures merged; malformed is an error. */
int lethe_certificate_decode(const char *text, size_t len, json_t **claims,
                             struct lethe_error *err);

/* ---- Exports: src/cert/formats.def ---- */
struct lethe_format {
    const char *name; /* "sd-jwt", "json", "html" */
    const char *suffix;
    /* LANG: "en", "zh" or "both". free(*out). */
    int (*render)(const char *text, size_t len, const char *lang, char **out, size_t *out_len,
                  struct lethe_error *err);
};
const struct lethe_format *lethe_format_find(const char *name);
size_t lethe_format_count(void);
const struct lethe_format *lethe_format_at(size_t i);

#ifdef __cplusplus
}
#endif
#endif
