/* SPDX-License-Identifier: Apache-2.0 */
/* The techniques this verifier knows, with what each can be and reach at most (certs/README.md). */
#ifndef LETHE_CERT_TECHNIQUE_H
#define LETHE_CERT_TECHNIQUE_H

#include <lethe/words.h>
#include <stdbool.h>

struct lethe_known_technique {
    const char *name, *kind;
    enum lethe_method most;
    bool host; /* the host writes: then there are passes */
};

/* NULL: of a later version, or of nobody. */
const struct lethe_known_technique *lethe_known_technique(const char *name);

#endif
