/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from strangers, read so that nobody else can read it differently: no duplicate names, no
 * floats, no null, integers within 2^53-1, no unprintable text, bounded depth. */
#ifndef LETHE_CERT_STRICT_H
#define LETHE_CERT_STRICT_H

#include "cert/complaint.h"
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* TYPE: JSON_OBJECT or JSON_ARRAY. NULL and WHY: "json", "duplicate-key", "number", "null", "text",
 * "depth". WHAT names the place in messages. */
json_t *lethe_strict_json(const char *text, size_t len, json_type type, const char *what,
                          struct lethe_complaint *why);
/* Base64url (RFC 7515 section 2) of a whole JSON text; code "encoding" beside those above. */
json_t *lethe_strict_b64_json(const char *text, size_t len, json_type type, const char *what,
                              struct lethe_complaint *why);
/* Base64 with padding (RFC 4648 section 4), canonical. Malloced bytes, or NULL. */
uint8_t *lethe_strict_base64(const char *text, size_t len, size_t *out_len);

#endif
