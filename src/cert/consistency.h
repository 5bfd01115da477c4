/* SPDX-License-Identifier: Apache-2.0 */
/* Do the claims agree with each other? An issuer that signs a contradiction is not believed, and
 * ours does not sign one. */
#ifndef LETHE_CERT_CONSISTENCY_H
#define LETHE_CERT_CONSISTENCY_H

#include "cert/complaint.h"
#include "cert/tree.h"

/* CLAIMS have passed lethe_schema_check(). FN hears each contradiction; returns how many. */
int lethe_consistency_check(const struct lethe_node *claims,
                            void (*fn)(void *user, const struct lethe_complaint *why), void *user);

#endif
