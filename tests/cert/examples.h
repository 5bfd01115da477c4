/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of certs/examples: certificates that are right, and each way to be wrong. */
#ifndef LETHE_TESTS_CERT_EXAMPLES_H
#define LETHE_TESTS_CERT_EXAMPLES_H

/* FN gets each file, "index.json" last; a negative return ends it. */
int examples_make(int (*fn)(void *user, const char *file, const char *text), void *user);

#endif
