/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many certificates through a pipe: a line is an SD-JWT, a JSON bundle, or the text of a label. One
 * buffer, no copy of a line, one answer a line, whatever the line is.
 */
#include "base/buf.h"
#include "base/text.h"
#include "verifycli/verifycli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES (1u << 20)
#define BUFFER (2u * LINE_MAX_BYTES)

struct reading {
    int fd;
    char *data;
    size_t from, to; /* what was read and not handed out */
    bool end;
};

/* More bytes behind what there is; false at the end. */
static bool fill(struct reading *r)
{
    if (r->from > 0) {
        memmove(r->data, r->data + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    while (!r->end && r->to < BUFFER) {
        ssize_t n = read(r->fd, r->data + r->to, BUFFER - r->to);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            r->end = true;
        else
            r->to += (size_t)n;
        return n > 0;
    }
    return false;
}

/* The next line without its end. False: there is none. LONGER: it goes on beyond what any may have,
 * and was skipped. */
static bool next_line(struct reading *r, const char **line, size_t *len, bool *longer)
{
    size_t looked = 0;
    *longer = false;
    for (;;) {
        char *end = memchr(r->data + r->from + looked, '\n', r->to - r->from - looked);
        if (end || (r->end && r->from < r->to)) {
            *line = r->data + r->from;
            *len = end ? (size_t)(end - *line) : r->to - r->from;
            r->from += *len + (end != NULL);
            if (*len > 0 && (*line)[*len - 1] == '\r')
                --*len;
            *longer = *longer || *len > LINE_MAX_BYTES;
            return true;
        }
        if (r->end)
            return false;
        looked = r->to - r->from;
        if (looked > LINE_MAX_BYTES) { /* forget its beginning, wait for its end */
            *longer = true;
            r->from = r->to;
            looked = 0;
        }
        fill(r);
    }
}

static void verify_line(const char *line, size_t len, const struct lethe_verify_options *options,
                        struct lethe_certificate_report *report)
{
    struct lethe_carrier carrier;
    lethe_carrier_open(line, len, &carrier);
    lethe_carrier_verify(&carrier, &options->benches, &options->policy, report);
    lethe_carrier_clear(&carrier);
}

int lethe_verify_lines(int in, FILE *out, const struct lethe_verify_options *options,
                       struct lethe_verify_summary *summary)
{
    struct reading r = {.fd = in, .data = malloc(BUFFER)};
    const char *line;
    size_t len, number = 0;
    bool longer;
    if (!r.data)
        return -LETHE_E_INTERNAL;
    while (!ferror(out) && next_line(&r, &line, &len, &longer)) {
        struct lethe_certificate_report report;
        char where[32];
        if (longer)
            lethe_verify_not_read(&report, "the line is longer than any certificate",
                                  LETHE_VERDICT_INVALID);
        else
            verify_line(line, len, options, &report);
        lethe_text_format(where, sizeof(where), "line %zu", ++number);
        lethe_verify_count(summary, where, &report);
        lethe_verify_show_json_line(out, number, &report, options->brief);
        lethe_certificate_report_clear(&report);
        /* Whoever feeds one line and waits for its answer gets it. */
        if (r.from == r.to)
            fflush(out);
    }
    free(r.data);
    return ferror(out) || fflush(out) != 0 ? -LETHE_E_IO : 0;
}
