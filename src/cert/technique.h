/* SPDX-License-Identifier: Apache-2.0 */
/* The techniques this verifier knows, with what each can be and reach at most (certs/README.md). */
#ifndef LETHE_CERT_TECHNIQUE_H
#define LETHE_CERT_TECHNIQUE_H

#include <lethe/words.h>
#include <stdbool.h>

/* What a technique of phones does; NONE: it is for drives. */
enum lethe_phone_part {
    LETHE_PART_NONE,
    LETHE_PART_ERASES, /* "crypto-erase", or "reset" where no key is destroyed */
    LETHE_PART_GUIDED, /* the same, by the hands of a person */
    LETHE_PART_FILLS,
    LETHE_PART_MOVES, /* erases nothing */
};

struct lethe_known_technique {
    const char *name, *kind;
    enum lethe_method most;
    bool host; /* the host writes: then there are passes */
    enum lethe_phone_part part;
};

/* What a state shows, in order; -1: no such word. */
enum lethe_known_grade {
    LETHE_KNOWN_DENIED,
    LETHE_KNOWN_NONE,
    LETHE_KNOWN_ATTESTED,
    LETHE_KNOWN_STATE
};
int lethe_known_grade(const char *word);

/* NULL: of a later version, or of nobody. */
const struct lethe_known_technique *lethe_known_technique(const char *name);

#endif
