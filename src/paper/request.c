/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/request.h"
#include "base/text.h"
#include <lethe/paper.h>
#include <stdlib.h>
#include <string.h>

static int put_logo(json_t *request, const void *logo, size_t len, struct lethe_error *err)
{
    if (len < 8 || memcmp(logo, "\x89PNG\r\n\x1A\n", 8) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "the logo is no PNG");
    if (len > LETHE_PAPER_LOGO_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the logo is larger than %d KiB",
                          LETHE_PAPER_LOGO_MAX / 1024);
    char *text = malloc(LETHE_B64URL_SIZE(len));
    if (text)
        lethe_b64url_encode(text, logo, len);
    int rc = text && json_object_set_new(request, "logo", json_string(text)) == 0
                 ? 0
                 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    free(text);
    return rc;
}

int lethe_request_new(const char *kind, const char *lang, const void *logo, size_t logo_len,
                      json_t **out, struct lethe_error *err)
{
    if (!lang)
        lang = "both";
    if (strcmp(lang, "en") != 0 && strcmp(lang, "zh") != 0 && strcmp(lang, "both") != 0)
        return lethe_fail(err, LETHE_E_USAGE, "no language \"%.20s\": en, zh or both", lang);
    json_t *request = json_pack("{s:s, s:s}", "kind", kind, "lang", lang);
    int rc = request ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0 && logo)
        rc = put_logo(request, logo, logo_len, err);
    if (rc < 0)
        json_decref(request);
    else
        *out = request;
    return rc;
}

int lethe_request_put(json_t *request, const char *key, const char *text, size_t len,
                      struct lethe_error *err)
{
    return json_object_set_new(request, key, json_stringn(text, len)) == 0
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "what is to be printed is no text (%s)", key);
}
