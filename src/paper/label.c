/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "paper/press.h"
#include "paper/request.h"
#include <stdio.h>
#include <string.h>

#define MM_MIN 30
#define MM_MAX 200

int lethe_label_size(const char *text, struct lethe_label *label, struct lethe_error *err)
{
    unsigned width, height;
    int end = 0;
    if (strlen(text) > 7 || sscanf(text, "%3ux%3u%n", &width, &height, &end) != 2 || text[end] ||
        width < MM_MIN || height < MM_MIN || width > MM_MAX || height > MM_MAX) {
        int rc = lethe_fail(err, LETHE_E_USAGE, "no size of a label: '%.20s'", text);
        lethe_error_remedy(err, "width and height in millimetres, %d to %d each: 30x30 or 100x50",
                           MM_MIN, MM_MAX);
        return rc;
    }
    label->width_mm = width;
    label->height_mm = height;
    return 0;
}

int lethe_paper_label(struct lethe_press *press, const struct lethe_paper *paper,
                      const struct lethe_label *label, char **out, size_t *out_len,
                      struct lethe_error *err)
{
    static const char *const formats[] = {"pdf", "png", "zpl"};
    json_t *request;
    int rc = lethe_request_new("label", paper->lang, NULL, 0, &request, err);
    if (rc < 0)
        return rc;
    rc = lethe_request_put(request, "sdjwt", paper->sdjwt, paper->sdjwt_len, err);
    if (rc == 0 && paper->qr)
        rc = lethe_request_put(request, "qr", paper->qr, strlen(paper->qr), err);
    json_object_set_new(request, "format", json_string(formats[label->format]));
    json_object_set_new(request, "width", json_integer(label->width_mm));
    json_object_set_new(request, "height", json_integer(label->height_mm));
    json_object_set_new(request, "dpi", json_integer(label->dpi));
    if (rc < 0) {
        json_decref(request);
        return rc;
    }
    return lethe_press_draw(press, request, out, out_len, err);
}
