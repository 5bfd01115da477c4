/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_ISSUE_RENDER_H
#define LETHE_ISSUE_RENDER_H

#include <lethe/certificate.h>

/* As struct lethe_format's render. */
typedef int lethe_render_fn(const char *text, size_t len, const char *lang, char **out,
                            size_t *out_len, struct lethe_error *err);
lethe_render_fn lethe_render_sdjwt;
lethe_render_fn lethe_render_json;
lethe_render_fn lethe_render_html;

#endif
