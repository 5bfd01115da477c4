/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors as a person at a bench needs them: what happened, what it means for
 * the device, what to do next.
 *
 * Functions return 0 or a positive count, or -LETHE_E_*. They take an optional
 * `struct lethe_error *` as their last argument and fill it before they return
 * a negative value.
 */
#ifndef LETHE_ERROR_H
#define LETHE_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lethe_error_code {
    LETHE_E_INTERNAL = 1, /* a bug, or memory ran out */
    LETHE_E_USAGE,        /* the caller asked for something that can't be asked */
    LETHE_E_INVALID,      /* input that is malformed: file, message, certificate */
    LETHE_E_IO,           /* a device or a file answered with an error */
    LETHE_E_NOT_FOUND,    /* no such device, policy, job, key ... */
    LETHE_E_BUSY,         /* in use, claimed by somebody else */
    LETHE_E_REFUSED,      /* we will not do that; nothing destructive was sent */
    LETHE_E_UNSUPPORTED,  /* device, bridge or build can't do that */
    LETHE_E_CHANGED,      /* not the device that was armed any more */
    LETHE_E_GONE,         /* device or worker vanished */
    LETHE_E_TIMEOUT,      /* no answer in time */
    LETHE_E_LIMIT,        /* a bound of ours or of the policy was exceeded */
    LETHE_E_UNTRUSTED,    /* a signature or a chain does not hold */
    LETHE_E_CANCELLED,    /* the operator said stop */
    LETHE_E_UNPROVED,     /* the job ran to its end and its evidence does not carry a pass */
    LETHE_E_UNREACHED, /* the way to the device broke, which is ours: a helper or a service died */
};

struct lethe_error {
    enum lethe_error_code code;
    char what[320];   /* what happened, one sentence, no final full stop */
    char effect[192]; /* what it means for the device; may be empty */
    char remedy[320]; /* what to do next, with the exact command; may be empty */
};

/* Fill ERR (may be NULL) and return -CODE. Clears effect and remedy. */
int lethe_fail(struct lethe_error *err, enum lethe_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Like lethe_fail with ": strerror(errno)" appended, and the code chosen from
 * ERRNUM (ENOENT -> NOT_FOUND, EBUSY -> BUSY, ENODEV/ENXIO -> GONE, else IO). */
int lethe_fail_errno(struct lethe_error *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add the second and third sentence to an error already filled. NULL is fine. */
void lethe_error_effect(struct lethe_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void lethe_error_remedy(struct lethe_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "not-found", "changed", ... stable, for --json. */
const char *lethe_error_code_name(enum lethe_error_code code);

#ifdef __cplusplus
}
#endif
#endif
