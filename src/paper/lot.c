/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a lot: a cover, a table, and every SD-JWT attached. */
#include "base/text.h"
#include "base/time.h"
#include "paper/pdf_sign.h"
#include "paper/press.h"
#include "paper/request.h"
#include <stdlib.h>
#include <string.h>

static int build(const struct lethe_lot_paper *lot, json_t **out, struct lethe_error *err)
{
    json_t *request;
    int rc = lethe_request_new("lot", lot->lang, lot->logo, lot->logo_len, &request, err);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    for (size_t i = 0; rc == 0 && i < lot->n; i++)
        if (json_array_append_new(list, json_string(lot->sdjwt[i])) < 0)
            rc = lethe_fail(err, LETHE_E_INVALID, "%s is no certificate", lot->names[i]);
    if (json_object_set_new(request, "sdjwt", list) < 0 && rc == 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0)
        rc = lethe_request_put(request, "lot", lot->lot, strlen(lot->lot), err);
    if (rc < 0)
        json_decref(request);
    else
        *out = request;
    return rc;
}

static int by_name(const void *a, const void *b)
{
    const struct lethe_pdf_attachment *x = a, *y = b;
    return strcmp(x->name, y->name);
}

int lethe_paper_lot(struct lethe_press *press, const struct lethe_lot_paper *lot,
                    struct lethe_signer *signer, char **out, size_t *out_len,
                    struct lethe_error *err)
{
    json_t *request;
    char *pages = NULL, title[192];
    size_t pages_len;
    if (lot->n == 0)
        return lethe_fail(err, LETHE_E_NOT_FOUND, "the lot has no certificate and no record");
    int rc = build(lot, &request, err);
    if (rc == 0)
        rc = lethe_press_draw(press, request, &pages, &pages_len, err);
    if (rc < 0)
        return rc;
    struct lethe_pdf_attachment *files = calloc(lot->n, sizeof(*files));
    for (size_t i = 0; files && i < lot->n; i++)
        files[i] = (struct lethe_pdf_attachment){lot->names[i], "application/dc+sd-jwt", "Source",
                                                 lot->sdjwt[i], strlen(lot->sdjwt[i])};
    if (files)
        qsort(files, lot->n, sizeof(*files), by_name); /* a name tree is sorted */
    lethe_text_format(title, sizeof(title), "Lot report: %.150s", lot->lot);
    const struct lethe_pdf_document document = {
        .title = title,
        .lang = lot->lang && strcmp(lot->lang, "zh") == 0 ? "zh" : "en",
        .now = lethe_now_ms(),
        .n_attachments = lot->n,
        .attachments = files};
    rc = files ? lethe_pdf_sign(pages, pages_len, &document, signer, out, out_len, err)
               : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    free(files);
    free(pages);
    return rc;
}
