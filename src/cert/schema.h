/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of version 1, by name, type and range. certs/certificate.schema.json says the same for
 * other people's tools; a test keeps the two from drifting. */
#ifndef LETHE_CERT_SCHEMA_H
#define LETHE_CERT_SCHEMA_H

#include "cert/complaint.h"
#include "cert/tree.h"

/* Disclosed and merged claims. 0; -LETHE_E_INVALID: "claim-missing", "claim-type", "claim-value";
 * or -LETHE_E_UNSUPPORTED: "claim-unknown", a claim of a later version. */
int lethe_schema_check(const struct lethe_node *claims, struct lethe_complaint *why);

#endif
