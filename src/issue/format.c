/* SPDX-License-Identifier: Apache-2.0 */
/* The table of formats, and the two that need no file of their own. */
#include "base/buf.h"
#include "base/json.h"
#include "issue/render.h"
#include <stdlib.h>
#include <string.h>

#define FORMAT(name, suffix, render) {name, suffix, render},
static const struct lethe_format formats[] = {
#include "issue/formats.def"
};
#undef FORMAT

size_t lethe_format_count(void)
{
    return sizeof(formats) / sizeof(formats[0]);
}

const struct lethe_format *lethe_format_at(size_t i)
{
    return i < lethe_format_count() ? &formats[i] : NULL;
}

const struct lethe_format *lethe_format_find(const char *name)
{
    for (size_t i = 0; i < lethe_format_count(); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

static int give(struct lethe_buf *buf, char **out, size_t *out_len, struct lethe_error *err)
{
    *out_len = buf->len;
    *out = lethe_buf_take(buf);
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

int lethe_render_sdjwt(const char *text, size_t len, const char *lang, char **out, size_t *out_len,
                       struct lethe_error *err)
{
    (void)lang;
    json_t *claims;
    int rc = lethe_certificate_decode(text, len, &claims, err);
    if (rc < 0)
        return rc;
    json_decref(claims);
    LETHE_BUF_AUTO buf = {0};
    lethe_buf_add(&buf, text, len);
    return give(&buf, out, out_len, err);
}

int lethe_render_json(const char *text, size_t len, const char *lang, char **out, size_t *out_len,
                      struct lethe_error *err)
{
    (void)lang;
    json_t *claims;
    int rc = lethe_certificate_decode(text, len, &claims, err);
    if (rc < 0)
        return rc;
    LETHE_JSON_AUTO *all = json_pack(
        "{s:s,s:o}", "notice",
        "Unsigned rendition for reading. Only the SD-JWT is signed: check that with lethe-verify.",
        "claims", claims);
    char *json = all ? json_dumps(all, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    LETHE_BUF_AUTO buf = {0};
    rc = json && lethe_buf_puts(&buf, json) == 0 && lethe_buf_puts(&buf, "\n") == 0
             ? give(&buf, out, out_len, err)
             : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    free(json);
    return rc;
}
