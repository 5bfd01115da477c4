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
#include <stdbool.h>

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
/* Where it can be looked up whether this certificate still stands, into CLAIMS. */
int lethe_claims_status(json_t *claims, const char *uri, uint64_t slot);
/* What the transparency log says of the job (lethe_log_claim()), into CLAIMS; takes LOG. */
int lethe_claims_log(json_t *claims, json_t *log);
/* Sign: issuer JWT ~ disclosures ~. free(*text). JTI receives the id. */
int lethe_certificate_issue(const json_t *claims, struct lethe_signer *signer, char **text,
                            char jti[37], struct lethe_error *err);

/* The text of the QR code of an SD-JWT that SIGNER issued (<lethe/cose.h>): "ER1:...". Identifiers
 * that the SD-JWT withholds are left out. -LETHE_E_REFUSED when another bench certificate signed
 * it. free(*text). */
int lethe_qr_issue(const char *sdjwt, size_t len, struct lethe_signer *signer, char **text,
                   struct lethe_error *err);

/* ---- Verifying ---- */
enum lethe_verdict {
    LETHE_VERDICT_VALID = 0,
    LETHE_VERDICT_INVALID = 1,
    LETHE_VERDICT_UNDETERMINED = 2
};

/* Bytes of somebody else; TEXT is NULL when there is nothing. */
struct lethe_span {
    const char *text;
    size_t len;
};

/* One thing that was looked at, apart from what it means for the verdict. */
enum lethe_check_state {
    LETHE_CHECK_NONE, /* nothing was given to look at */
    LETHE_CHECK_OK,   /* it holds */
    LETHE_CHECK_OPEN, /* it was given, and nothing is wrong, but it can't be said (stale, no quorum)
                       */
    LETHE_CHECK_BAD   /* it was given, and is wrong */
};
struct lethe_check {
    enum lethe_check_state state;
    char code[32];  /* why it is open or bad: a reason code */
    char text[192]; /* the same as a sentence */
};
const char *lethe_check_state_name(enum lethe_check_state state); /* "none", "ok", "open", "bad" */

/* What carried the certificate here. The carrier layer fills this in; whoever has only the SD-JWT
 * leaves it zeroed. */
enum lethe_carrier_kind {
    LETHE_CARRIER_SDJWT,  /* nothing but itself */
    LETHE_CARRIER_BUNDLE, /* JSON {"sdjwt","proof"?,"qr"?} */
    LETHE_CARRIER_PDF,
    LETHE_CARRIER_QR /* the text of a QR code alone: sdjwt is then missing */
};
struct lethe_carrier_facts {
    enum lethe_carrier_kind kind;
    struct lethe_check check; /* of a PDF: one revision, whole file signed, ... NONE otherwise */
    char signer_sha256[65];   /* certificate that signed the PDF; must be the SD-JWT's */
};
struct lethe_bundle {
    struct lethe_span sdjwt; /* issuer JWT ~ disclosures ~ */
    struct lethe_span proof; /* .tlog-proof (C2SP) */
    struct lethe_span qr;    /* "ER1:..." */
    struct lethe_carrier_facts carrier;
    struct lethe_span validation; /* a second person's signed word on it (lethe/trust.h) */
};

/* Chains that were found good, by the bytes of the JWT's header, with their keys made ready. For
 * who verifies many; one thread at a time. It belongs to one trust: make a new one with that. */
struct lethe_verify_cache;
int lethe_verify_cache_new(struct lethe_verify_cache **out, struct lethe_error *err);
void lethe_verify_cache_free(struct lethe_verify_cache *cache);

struct lethe_status_list; /* <lethe/trust.h> */
struct lethe_tlog_policy; /* <lethe/tlog.h> */

struct lethe_verify_policy {
    const struct lethe_trust *trust; /* roots, and the CRLs and log keys that came with them */
    uint64_t now;                    /* ms */
    const char *device;              /* an identifier that must match, or NULL */
    unsigned accept_outcomes;   /* bits 1 << outcome, beyond passed and passed-with-exceptions */
    unsigned allow_substrates;  /* bits 1 << substrate, beyond physical */
    const char *const *require; /* NULL-terminated, may be NULL: "CLAIM" must be disclosed,
                                   "CLAIM=VALUE" must be and say so */
    unsigned min_level;         /* 0: signature + path; 1: + status; 2: + log. Less: undetermined */
    /* All of these may be missing; what is missing only lowers the level. */
    const struct lethe_status_list *const *status_lists; /* NULL-terminated */
    bool status_stale; /* a list was given that could not be used, because it is too old */
    const char *const *log_vkeys; /* NULL-terminated: log keys beside those of trust and policy */
    const struct lethe_tlog_policy *log_policy; /* log keys, witnesses, quorum */
    struct lethe_span seen;      /* a checkpoint kept from before: the log may not contradict it */
    uint64_t not_before_age_max; /* s; an older checkpoint brackets nothing. 0: 7 days */
    struct lethe_verify_cache *cache; /* may be NULL */
    bool no_claims; /* leave them out of the report, for who verifies many and wants the verdict */
};
#define LETHE_VERDICT_REASONS_MAX 24
struct lethe_certificate_report {
    enum lethe_verdict verdict;
    int level;        /* 0 = L0, 1 = L1, 2 = L2; -1 none reached */
    size_t n_reasons; /* code + sentence; empty only when valid without remark */
    struct {
        char code[32]; /* "signature", "untrusted", "expired", "unbound", "record-only",
                          "substrate", "policy-not-met", "device-mismatch", "duplicate-key" ... */
        char text[192];
        enum lethe_verdict weight; /* VALID = remark only */
    } reasons[LETHE_VERDICT_REASONS_MAX];
    /* Each for itself: the level is the highest for which it and all below it hold. */
    struct lethe_check signature, path, status, log, carrier;
    struct lethe_chain chain;
    char jti[37];    /* "" unless the signature held */
    json_t *claims;  /* disclosed and verified ones, merged; NULL unless the signature held */
    size_t n_hidden; /* digests without disclosure; the next three are parts of it */
    size_t n_hidden_claims, n_hidden_custom, n_hidden_identifiers;
    /* "customer,lot": which of the claims that may be withheld are not there, when some are.
     * Digests have no names, and a claim that never was looks the same: these could be the hidden
     * ones. */
    char absent[64];
    /* ms, 0 = not proven. The job began after the one (a witnessed checkpoint that its start
     * commits to) and the certificate existed at the other (the witnesses of its proof). */
    uint64_t proven_not_before, proven_not_after;
    char rollback[16]; /* "excluded", "not-excluded": was the issuer's log guarded; "" says nothing
                        */
};
void lethe_certificate_report_clear(struct lethe_certificate_report *report);
/* Never fails: what can't be read is INVALID. */
void lethe_bundle_verify(const struct lethe_bundle *bundle,
                         const struct lethe_verify_policy *policy,
                         struct lethe_certificate_report *out);
/* The same of an SD-JWT alone. */
void lethe_certificate_verify(const char *text, size_t len,
                              const struct lethe_verify_policy *policy,
                              struct lethe_certificate_report *out);
json_t *lethe_certificate_report_to_json(const struct lethe_certificate_report *report);
const char *lethe_verdict_name(enum lethe_verdict verdict);
/* Decode without judging (cert show, html): payload + disclosures merged; malformed is an error. */
int lethe_certificate_decode(const char *text, size_t len, json_t **claims,
                             struct lethe_error *err);

/* ---- Presenting: the same certificate, less of it disclosed ---- */
/* NAME: "customer", "serial" (a kind of identifier), "custom.NAME". True: disclose it further. */
typedef bool lethe_disclosure_fn(void *user, const char *name, const json_t *value);
/* Asks FN of every disclosure in turn; the issuer's signature goes on holding. free(*out). A label
 * shows hashes of identifiers: it is not for whom they are hidden from. */
int lethe_certificate_present(const char *text, size_t len, lethe_disclosure_fn *fn, void *user,
                              char **out, struct lethe_error *err);

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
