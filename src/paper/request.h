/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_PAPER_REQUEST_H
#define LETHE_PAPER_REQUEST_H

#include <jansson.h>
#include <lethe/error.h>

/* What every request says: KIND, the language, and the logo if there is one. Checks both. */
int lethe_request_new(const char *kind, const char *lang, const void *logo, size_t logo_len,
                      json_t **out, struct lethe_error *err);
/* A text of LEN bytes as a member; -LETHE_E_INVALID when it is no UTF-8. */
int lethe_request_put(json_t *request, const char *key, const char *text, size_t len,
                      struct lethe_error *err);

#endif
