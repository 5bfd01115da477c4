/* SPDX-License-Identifier: Apache-2.0 */
/* What ties a certificate to one device: the identifiers that were disclosed. */
#ifndef LETHE_CERT_BINDING_H
#define LETHE_CERT_BINDING_H

#include "cert/tree.h"
#include <stdbool.h>

/* Is an identifier disclosed that the device itself gave and that is its own? A dock's serial is
 * not, a tag is not; "backing" is where there is no device (image, virtual, emulated). A
 * placeholder ("0000", "To be filled by O.E.M.") is none, nor an IMEI without its check digit. */
bool lethe_binding_any(const struct lethe_node *claims);
/* Of one identifier: does it bind a certificate of SUBSTRATE? */
bool lethe_binding_one(const char *substrate, const char *kind, const char *source,
                       const char *value);
/* Is ID one of them? Case, spaces, colons and the prefixes 0x, naa., eui. do not matter. */
bool lethe_binding_matches(const struct lethe_node *claims, const char *id);
/* Is NAME disclosed: a claim ("operator", "policy.id"), a kind of identifier ("serial"), or
 * "custom.NAME"? And does it say VALUE: identifiers by their rules of spelling, all else exactly.
 */
bool lethe_binding_discloses(const struct lethe_node *claims, const char *name);
bool lethe_binding_says(const struct lethe_node *claims, const char *name, const char *value);

#endif
