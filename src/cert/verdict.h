/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that judge a certificate share. */
#ifndef LETHE_CERT_VERDICT_H
#define LETHE_CERT_VERDICT_H

#include "cert/es256.h"
#include "cert/sdjwt.h"
#include <lethe/certificate.h>
#include <stdbool.h>

/* Clocks differ: so far ahead of ours a certificate may have been signed. */
#define LETHE_SKEW_MS (5ull * 60 * 1000)

struct lethe_judging {
    const struct lethe_bundle *bundle;
    const struct lethe_verify_policy *policy;
    const struct lethe_sdjwt *jwt;
    struct lethe_es256 *key; /* of the bench, whose signature on the JWT held */
    struct lethe_certificate_report *out;
};

/* Everything found is named; the worst decides the verdict and stands first. VALID: a remark. */
void lethe_verdict_add(struct lethe_certificate_report *report, enum lethe_verdict weight,
                       const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same, and CHECK says so too: INVALID is BAD, what is less is OPEN. False, so that a check
 * can end with it. */
bool lethe_verdict_check(struct lethe_certificate_report *report, struct lethe_check *check,
                         enum lethe_verdict weight, const char *code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* A member of an object as text; "" when it is missing. */
const char *lethe_claim_text(const json_t *object, const char *key);

/* judge.c: the claims name the issuer whose key signed them, and a demo key signs emulated jobs and
 * nothing else. */
void lethe_judge_issuer(const struct lethe_judging *j);
/* judge.c: outcome, substrate, identifiers, what was required. */
void lethe_judge_claims(const struct lethe_judging *j);
/* judge_status.c: the lists of revoked certificates and of revoked benches. After the log: what a
 * bench is revoked from is judged at the time that witnesses prove. */
void lethe_judge_status(struct lethe_judging *j);
/* judge_log.c: the proof that it is in the log, and what that says of its time. */
void lethe_judge_log(struct lethe_judging *j);
/* judge_validation.c: what a second person said of it, where that was given. */
void lethe_judge_validation(struct lethe_judging *j);
/* judge_carrier.c: what carried it here says the same. */
void lethe_judge_carrier(struct lethe_judging *j);

#endif
