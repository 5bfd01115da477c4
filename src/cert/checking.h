/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the consistency check share. */
#ifndef LETHE_CERT_CHECKING_H
#define LETHE_CERT_CHECKING_H

#include "cert/complaint.h"
#include "cert/technique.h"
#include "cert/tree.h"
#include <stdbool.h>
#include <stdint.h>

struct checking {
    const struct lethe_node *claims;
    void (*fn)(void *user, const struct lethe_complaint *why);
    void *user;
    int found;
};

#define CONTRADICTION(c, code, ...)                                                                \
    do {                                                                                           \
        struct lethe_complaint why;                                                                \
        lethe_complain(&why, "contradiction-" code, __VA_ARGS__);                                  \
        (c)->found++;                                                                              \
        (c)->fn((c)->user, &why);                                                                  \
    } while (0)

/* Missing members read as 0, false and "": what is required has been checked by the schema. */
static inline uint64_t number(const struct lethe_node *object, const char *key)
{
    return (uint64_t)lethe_node_integer(lethe_node_get(object, key));
}

static inline const char *text(const struct lethe_node *object, const char *key)
{
    return lethe_node_text(object, key);
}

static inline bool truth(const struct lethe_node *object, const char *key)
{
    return lethe_node_is_true(lethe_node_get(object, key));
}

/* consistency_technique.c, of both types: the technique can do what is said, to such a device. */
void lethe_check_technique(struct checking *c);
/* consistency_erasure.c. Of both types: what was left is spelt out soundly. Of a certificate: it
 * did all of it. */
void lethe_check_ranges(struct checking *c);
void lethe_check_passes(struct checking *c);
/* Bytes of the exceptions, as far as their number of sectors tells. */
uint64_t lethe_excepted_bytes(const struct lethe_node *claims);
/* consistency_phone.c, of both types; of drives: that nothing of it is said of them. */
bool lethe_of_phone(const struct lethe_node *claims);
void lethe_check_phone(struct checking *c);
/* consistency_answers.c: the answers of this state can be those of a phone of grade "state". */
bool lethe_answers_show(const struct lethe_node *claims, const struct lethe_node *one);
/* Does it answer KEY with VALUE? */
bool lethe_answers(const struct lethe_node *one, const char *key, const char *value);
/* ... with a number, which is put into OUT? */
bool lethe_answers_number(const struct lethe_node *one, const char *key, uint64_t *out);
/* consistency_passed.c, of a phone that passed, and of nothing else: what it says beside its
 * erasure; of both types. */
void lethe_check_beside(struct checking *c);
void lethe_check_filled(struct checking *c);
/* Does a technique of the chain do PART? */
bool lethe_chain_does(const struct lethe_node *claims, enum lethe_phone_part part);
/* consistency_verification.c, of a certificate. */
void lethe_check_verification(struct checking *c);
/* 0 < both < 1000000. n = ceil(ln(1-c)/ln(1-p)), at most all blocks (facts/standards.md section 6).
 */
uint64_t lethe_samples_needed(uint64_t confidence_ppm, uint64_t fraction_ppm, uint64_t blocks);
/* consistency_statement.c, of a certificate: the sentence is that of the claims. */
void lethe_check_statement(struct checking *c);
/* Of both: a limitation begins so. */
bool lethe_is_limited(const struct lethe_node *claims, const char *begin);

#endif
