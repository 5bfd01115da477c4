/* SPDX-License-Identifier: Apache-2.0 */
/* How fast it was written, over time, and when there were errors. The series comes from the record
 * of the job, and is shown, not certified. */
#include "press/page.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define RUNS_MAX 4096
#define HEIGHT 40.0

struct run {
    double from, to, rate; /* seconds since the first, bytes a second */
    bool first;            /* of its pass */
    json_int_t pass;
};

struct shape {
    struct run runs[RUNS_MAX];
    size_t n;
    double end, top; /* last second, fastest */
};

static void add(struct shape *shape, const struct run *run)
{
    if (run->to <= run->from || run->rate < 0)
        return;
    /* Full: two become one each. */
    if (shape->n == RUNS_MAX) {
        size_t kept = 0;
        for (size_t i = 0; i < shape->n; i += 2) {
            struct run one = shape->runs[i];
            if (i + 1 < shape->n && !shape->runs[i + 1].first) {
                const struct run *two = &shape->runs[i + 1];
                one.rate = (one.rate * (one.to - one.from) + two->rate * (two->to - two->from)) /
                           (two->to - one.from);
                one.to = two->to;
            } else if (i + 1 < shape->n)
                one.to = shape->runs[i + 1].to;
            shape->runs[kept++] = one;
        }
        shape->n = kept;
    }
    shape->runs[shape->n++] = *run;
}

static void fold(const json_t *series, struct shape *shape)
{
    double start = -1, since = 0, offset = 0, base = 0;
    bool first = false;
    const json_t *item;
    size_t i;
    json_array_foreach(series, i, item)
    {
        const char *kind = json_string_value(json_array_get(item, 0));
        double ms = (double)json_integer_value(json_array_get(item, 1));
        double value = (double)json_integer_value(json_array_get(item, 3));
        if (!kind || strcmp(kind, "error") == 0)
            continue;
        if (start < 0)
            start = ms;
        double now = (ms - start) / 1000;
        if (strcmp(kind, "begin") == 0) {
            since = now;
            offset = base = value;
            first = true;
            continue;
        }
        if (strcmp(kind, "end") == 0)
            value += base; /* bytes of this run */
        struct run run = {since, now, now > since ? (value - offset) / (now - since) : 0, first,
                          json_integer_value(json_array_get(item, 2))};
        add(shape, &run);
        first = false;
        since = now;
        offset = value;
    }
    for (size_t k = 0; k < shape->n; k++) {
        if (shape->runs[k].to > shape->end)
            shape->end = shape->runs[k].to;
        if (shape->runs[k].rate > shape->top)
            shape->top = shape->runs[k].rate;
    }
}

/* 1, 2 or 5 times a power of ten, and not less than VALUE. */
static double round_up(double value)
{
    double unit = pow(10, floor(log10(value)));
    return value <= unit       ? unit
           : value <= 2 * unit ? 2 * unit
           : value <= 5 * unit ? 5 * unit
                               : 10 * unit;
}

static void time_label(char *out, size_t size, double seconds)
{
    if (seconds >= 2 * 3600)
        snprintf(out, size, "%.0f h", seconds / 3600);
    else if (seconds >= 120)
        snprintf(out, size, "%.0f min", seconds / 60);
    else
        snprintf(out, size, "%.0f s", seconds);
}

static double time_step(double end)
{
    static const double steps[] = {1,   2,    5,    10,   20,    30,    60,    120,   300,   600,
                                   900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (end / steps[i] <= 9)
            return steps[i];
    return ceil(end / 9 / 86400) * 86400;
}

static void axes(struct page *page, double x, double y, double w, double top, double end)
{
    char text[32];
    struct style style = {.face = FACE_REGULAR, .size = 6.4, .grey = 0.25, .align = 1};
    double unit = top >= 1e9 ? 1e9 : top >= 1e6 ? 1e6 : 1e3;
    for (int i = 0; i <= 2; i++) {
        double at = y + HEIGHT - HEIGHT * i / 2;
        canvas_rule(&page->canvas, x, at - 0.15, w, i ? 0.3 : 0.7, i ? 0.6 : 0);
        snprintf(text, sizeof(text), "%g", top / unit * i / 2);
        if (i == 2)
            strcat(text, unit >= 1e9 ? " GB/s" : unit >= 1e6 ? " MB/s" : " kB/s");
        canvas_fit(&page->canvas, page->x, at + 2.2, x - page->x - 4, style, text);
    }
    style.align = 0;
    double step = time_step(end);
    for (double t = 0; t <= end; t += step) {
        double at = x + w * t / end;
        canvas_fill(&page->canvas, at - 0.2, y + HEIGHT, 0.4, 2.4, 0);
        time_label(text, sizeof(text), t);
        if (at + 15 <= x + w + 16)
            canvas_fit(&page->canvas, at - 15, y + HEIGHT + 9, 30, style, text);
    }
}

static void curve(cairo_t *cr, const struct shape *shape, double x, double y, double w, double top)
{
    for (int stroke = 0; stroke <= 1; stroke++) {
        for (size_t i = 0; i < shape->n; i++) {
            const struct run *run = &shape->runs[i];
            double a = x + w * run->from / shape->end, b = x + w * run->to / shape->end;
            double level = y + HEIGHT - HEIGHT * run->rate / top;
            if (!stroke)
                cairo_rectangle(cr, a, level, b - a, y + HEIGHT - level);
            else {
                if (run->first || i == 0)
                    cairo_move_to(cr, a, level);
                else
                    cairo_line_to(cr, a, level);
                cairo_line_to(cr, b, level);
            }
        }
        if (stroke) {
            cairo_set_source_rgb(cr, 0, 0, 0);
            cairo_set_line_width(cr, 0.9);
            cairo_stroke(cr);
        } else {
            cairo_set_source_rgb(cr, 0.87, 0.87, 0.87);
            cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
            cairo_fill(cr);
            cairo_set_antialias(cr, CAIRO_ANTIALIAS_DEFAULT);
        }
    }
}

static void passes(struct page *page, const struct shape *shape, double x, double y, double w)
{
    struct style style = {.face = FACE_BOLD, .size = 6.6, .align = -1};
    json_int_t last = -1;
    for (size_t i = 0; i < shape->n; i++) {
        const struct run *run = &shape->runs[i];
        if (!run->first || run->pass == last)
            continue;
        last = run->pass;
        double at = x + w * run->from / shape->end;
        if (i > 0)
            canvas_fill(&page->canvas, at - 0.35, y - 8, 0.7, HEIGHT + 8, 0);
        LETHE_BUF_AUTO text = {0};
        word(&text, page->lang, "series.pass");
        lethe_buf_printf(&text, " %" JSON_INTEGER_FORMAT, last + 1);
        canvas_fit(&page->canvas, at + 3, y - 3, 60, style, text.data);
    }
}

/* A mark at the moment of each, below the line of time. */
static size_t errors(struct page *page, const json_t *series, double end, double x, double y,
                     double w)
{
    const json_t *item;
    size_t i, n = 0;
    double start = (double)json_integer_value(json_array_get(json_array_get(series, 0), 1));
    json_array_foreach(series, i, item)
    {
        const char *kind = json_string_value(json_array_get(item, 0));
        double t = ((double)json_integer_value(json_array_get(item, 1)) - start) / 1000;
        if (!kind || strcmp(kind, "error") != 0 || t < 0 || t > end * 1.0001)
            continue;
        n++;
        if (page->canvas.dry)
            continue;
        cairo_t *cr = page->canvas.cr;
        double at = x + w * t / end;
        cairo_move_to(cr, at, y + HEIGHT - 7);
        cairo_line_to(cr, at + 2.6, y + HEIGHT - 0.5);
        cairo_line_to(cr, at - 2.6, y + HEIGHT - 0.5);
        cairo_close_path(cr);
        cairo_set_source_rgb(cr, 0, 0, 0);
        cairo_fill(cr);
    }
    return n;
}

void chart(struct page *page, const json_t *series)
{
    static struct shape shape; /* large */
    memset(&shape, 0, sizeof(shape));
    fold(series, &shape);
    if (shape.n < 3 || shape.end <= 0 || shape.top <= 0)
        return;
    section(page, "section.series");
    need(page, HEIGHT + 30);
    double top = round_up(shape.top), x = page->x + 44, w = page->width - 52, y = page->y + 9;
    if (!page->canvas.dry)
        curve(page->canvas.cr, &shape, x, y, w, top);
    axes(page, x, y, w, top, shape.end);
    passes(page, &shape, x, y, w);
    size_t n = errors(page, series, shape.end, x, y, w);
    page->y = y + HEIGHT + 12;
    if (n > 0) {
        LETHE_BUF_AUTO text = {0};
        struct style style = small_style(page);
        lethe_buf_puts(&text, "▲ ");
        word(&text, page->lang, "series.errors");
        lethe_buf_printf(&text, ": %zu", n);
        page->y += canvas_text(&page->canvas, x, page->y, &style, text.data).height;
    }
}
