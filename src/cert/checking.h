/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the consistency check share. */
#ifndef LETHE_CERT_CHECKING_H
#define LETHE_CERT_CHECKING_H

#include "cert/complaint.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct checking {
    const json_t *claims;
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
static inline uint64_t number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static inline const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static inline bool truth(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

/* consistency_erasure.c. Of both types: the technique can do what is said; what was left is spelt
 * out soundly. Of a certificate: it did all of it. */
void lethe_check_technique(struct checking *c);
void lethe_check_ranges(struct checking *c);
void lethe_check_passes(struct checking *c);
/* Bytes of the exceptions, as far as their number of sectors tells. */
uint64_t lethe_excepted_bytes(const json_t *claims);
/* consistency_verification.c, of a certificate. */
void lethe_check_verification(struct checking *c);

#endif
