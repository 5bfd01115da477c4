/* SPDX-License-Identifier: Apache-2.0 */
/* Examples that are changes of open claims, signed again by the bench: the issuer itself says it.
 */
#ifndef LETHE_TESTS_CERT_EXAMPLES_CHANGE_H
#define LETHE_TESTS_CERT_EXAMPLES_CHANGE_H

#include <stddef.h>

#define CHANGES_MAX 48
struct change {
    const char *name, *verdict, *code;
    const char *set[CHANGES_MAX]; /* path, JSON, path, JSON ...; JSON NULL as "-" removes */
};
#define VALID "valid"
#define INVALID "invalid"
#define UNDETERMINED "undetermined"

/* Of a phone: what makes the drive's certificate its own, and the changes of that. */
extern const char *const examples_phone_base[];
extern const char examples_phone_identifiers[];
extern const struct change examples_phone[];
extern const size_t examples_phones;
/* Of the drive: erased by itself, and by what contradicts it. */
extern const struct change examples_technique[];
extern const size_t examples_techniques;
/* Of the drive: said as if it were a phone. */
extern const struct change examples_drive_as_phone[];
extern const size_t examples_drives_as_phones;

#endif
