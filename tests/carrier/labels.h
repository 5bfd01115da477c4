/* SPDX-License-Identifier: Apache-2.0 */
/* Labels for tests and for certs/examples/labels.json, the same to the byte each time. */
#ifndef LETHE_TESTS_CARRIER_LABELS_H
#define LETHE_TESTS_CARRIER_LABELS_H

#include <lethe/cose.h>

/* A certificate with SET (path, JSON; NULL ends) changed, and its label, both signed by NAME. */
void label_issue(const char *name, const char *const *set, char **sdjwt, char **label);
/* The same label with something else in it, signed again by bench NAME. */
char *label_forge(const char *label, const char *name, void (*change)(struct lethe_qr *qr));

#endif
