/* SPDX-License-Identifier: Apache-2.0 */
/* The techniques this verifier knows, with what each can be, reach and run on: the tables of
 * certs/SPEC.md ("Techniques"), once in C. The page has it in certs/web/verify/techniques.js. */
#ifndef LETHE_CERT_TECHNIQUE_H
#define LETHE_CERT_TECHNIQUE_H

#include <lethe/words.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a technique of phones does; NONE: it is for drives. */
enum lethe_phone_part {
    LETHE_PART_NONE,
    LETHE_PART_ERASES, /* "crypto-erase", or "reset" where no key is destroyed */
    LETHE_PART_GUIDED, /* the same, by the hands of a person */
    LETHE_PART_FILLS,
    LETHE_PART_MOVES, /* erases nothing */
};

/* Is a command of a technique always among those that it sends? */
enum lethe_known_turn {
    LETHE_TURN_MUST,
    LETHE_TURN_MAY,
    LETHE_TURN_WITH,  /* where the one before is, and only there */
    LETHE_TURN_UNSET, /* but for what a job that was cut short had sent before */
};

/* One of them: '?' is a hexadecimal digit, "c{n}" is n times c. Where MASK is not 0, byte AT of the
 * hexadecimal that is its second word has VALUE in these bits. */
struct lethe_known_command {
    const char *spelt; /* NULL: no more */
    enum lethe_known_turn turn;
    uint8_t at, mask, value;
};
#define LETHE_SENDS_MAX 23

/* Never of such a medium. */
#define LETHE_CLAIMS_NOTHING (-1)

struct lethe_known_technique {
    const char *name, *kind;
    signed char most[4]; /* by enum lethe_media: the method it can be at most */
    const char *buses;   /* words, or NULL: any */
    bool host;           /* the host writes: then there are passes */
    bool writes;         /* the device does, all that it has */
    const char *set;     /* the first word of its commands, or NULL: they are in no set */
    struct lethe_known_command sends[LETHE_SENDS_MAX]; /* in this order, and nothing else */
    enum lethe_phone_part part;
    const char *back;  /* of phones: the modes in which it comes back, or NULL: it stays */
    const char *after; /* ... what erased right before it, or NULL: no matter */
    const char *next;  /* ... what it is for, right behind it */
    bool esim;         /* ... it tells the phone what becomes of its eSIM */
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
size_t lethe_known_techniques(void);
const struct lethe_known_technique *lethe_known_technique_at(size_t i);

/* Is WORD one of LIST, words with a space between? */
bool lethe_known_lists(const char *list, const char *word);
/* Is COMMAND spelt so? */
bool lethe_known_command_is(const struct lethe_known_command *known, const char *command);
/* Is it one that KNOWN sends; always sends? */
bool lethe_known_sends(const struct lethe_known_technique *known, const char *command);
bool lethe_known_needs(const struct lethe_known_technique *known, const char *command);

#endif
