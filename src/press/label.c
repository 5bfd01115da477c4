/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The label on a device: a QR code and the few words a person must not get wrong. Of what did not
 * pass it is striped and black, so that it can't be taken for the other kind from across the room.
 */
#include "base/json.h"
#include "base/text.h"
#include "press/pen.h"
#include "press/words.h"
#include <lethe/certificate.h>
#include <math.h>
#include <string.h>

#define MM (72 / 25.4)

struct words {
    char outcome[96], method[32], id[32], date[16], band[96];
    bool bad;
};

static void outcome_words(char *out, size_t out_size, struct lang lang, const char *key)
{
    struct lethe_words found = words_of(key);
    lethe_text_format(out, out_size, "%s%s%s", lang.en ? found.en : "",
                      lang.en && lang.zh ? " " : "", lang.zh ? found.zh : "");
}

/* The end of what names the device best, as on its own label; nothing when it is withheld. */
static void id_words(char *out, size_t out_size, const json_t *claims)
{
    static const char *const kinds[] = {"serial", "imei", "eui64", "wwn", "udid", "cid"};
    const json_t *item;
    size_t i;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        json_array_foreach(json_object_get(claims, "identifiers"), i, item)
        {
            const char *value = text_of(item, "value");
            size_t len = strlen(value), from = len > 8 ? len - 8 : 0;
            if (strcmp(text_of(item, "kind"), kinds[k]) != 0 || !value[0])
                continue;
            while (from < len && (value[from] & 0xC0) == 0x80) /* whole characters */
                from++;
            lethe_text_format(out, out_size, "%s%s", from ? "..." : "", value + from);
            return;
        }
}

static void fill_words(struct words *words, const json_t *claims, struct lang lang)
{
    char key[64];
    const char *method = text_of(claims, "method");
    const struct lang one = {.en = lang.en, .zh = !lang.en};
    words->bad = !is_certificate(claims);
    lethe_text_format(key, sizeof(key), "outcome.%s", text_of(claims, "outcome"));
    outcome_words(words->outcome, sizeof(words->outcome), lang, key);
    if (!is_physical(claims)) {
        lethe_text_format(key, sizeof(key), "banner.%s", text_of(claims, "substrate"));
        outcome_words(words->band, sizeof(words->band), lang, key);
    }
    if (words->bad)
        outcome_words(words->method, sizeof(words->method), one, "watermark.record");
    else {
        lethe_text_format(key, sizeof(key), "method.%s", method);
        outcome_words(words->method, sizeof(words->method), (struct lang){.en = true}, key);
    }
    /* Where there was no medium the large word is that, and never PASSED. */
    if (!words->bad && !is_physical(claims)) {
        char outcome[64];
        lethe_text_format(outcome, sizeof(outcome), "outcome.%s", text_of(claims, "outcome"));
        struct lethe_words said = words_of(outcome);
        lethe_text_format(words->method, sizeof(words->method), "%s", one.en ? said.en : said.zh);
        lethe_text_format(key, sizeof(key), "watermark.%s", text_of(claims, "substrate"));
        outcome_words(words->outcome, sizeof(words->outcome), one, key);
    }
    id_words(words->id, sizeof(words->id), claims);
    lethe_text_format(words->date, sizeof(words->date), "%.10s",
                      text_of(json_object_get(claims, "times"), "ended"));
}

/* Black, with white bars across: stripes that a printer without pictures can do. */
static void striped_frame(struct pen *pen, double w, double h, double thick)
{
    const double bar = thick * 1.1;
    pen->fill(pen, 0, 0, w, thick, false);
    pen->fill(pen, 0, h - thick, w, thick, false);
    pen->fill(pen, 0, 0, thick, h, false);
    pen->fill(pen, w - thick, 0, thick, h, false);
    for (double at = 2 * bar; at + bar < w - bar; at += 2 * bar) {
        pen->fill(pen, at, thick * 0.15, bar, thick * 0.7, true);
        pen->fill(pen, at, h - thick * 0.85, bar, thick * 0.7, true);
    }
    for (double at = 2 * bar; at + bar < h - bar; at += 2 * bar) {
        pen->fill(pen, thick * 0.15, at, thick * 0.7, bar, true);
        pen->fill(pen, w - thick * 0.85, at, thick * 0.7, bar, true);
    }
}

/* Three lines one below the other; a missing one leaves its room to the others. */
static void column(struct pen *pen, double x, double y, double w, double h, int align,
                   const char *const lines[3])
{
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        n += lines[i][0] != '\0';
    double each = h / (double)(n ? n : 1);
    double size = each > 6 * MM ? 6 * MM : each;
    y += (h - size * (double)n) / 2;
    for (size_t i = 0; i < 3; i++)
        if (lines[i][0]) {
            pen->text(pen, x, y + size * 0.08, w, size * 0.84, align, false, lines[i]);
            y += size;
        }
}

/* The same beside a QR code that leaves little room: the lines stand on end. */
static void column_down(struct pen *pen, double x, double y, double w, double h,
                        const char *const lines[3])
{
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        n += lines[i][0] != '\0';
    double each = w / (double)(n ? n : 1);
    x += w;
    for (size_t i = 0; i < 3; i++)
        if (lines[i][0]) {
            x -= each;
            pen->text_down(pen, x + each * 0.06, y, each * 0.88, h, lines[i]);
        }
}

/* What did not pass: a frame of stripes, its word in white on black, and the rest below. */
static bool draw_bad(struct pen *pen, const struct words *words, double w, double h)
{
    const double thick = 1.3 * MM, inset = thick + 0.5 * MM;
    double x = inset, y = inset, width = w - 2 * inset, band = (h - 2 * inset) * 0.29;
    const char *const lines[] = {words->method, words->id, words->date};
    striped_frame(pen, w, h, thick);
    pen->fill(pen, x, y, width, band, false);
    pen->text(pen, x + MM, y + band * 0.08, width - 2 * MM, band * 0.84, 0, true, words->outcome);
    y += band;
    if (words->band[0]) {
        double height = (h - 2 * inset) * 0.11;
        pen->text(pen, x, y + height * 0.1, width, height * 0.8, 0, false, words->band);
        y += height;
    }
    double left = h - inset - y;
    if (pen->code) {
        double side = left < width ? left : width;
        if (!pen->qr(pen, x, y, side, left))
            return false;
        x += side;
        width -= side;
    }
    if (width < left)
        column_down(pen, x, y + 0.6 * MM, width, left - 1.2 * MM, lines);
    else
        column(pen, x, y, width, left, pen->code ? -1 : 0, lines);
    return true;
}

static bool draw_good(struct pen *pen, const struct words *words, double w, double h)
{
    const double inset = 0.8 * MM;
    double x = inset, y = inset, width = w - 2 * inset, height = h - 2 * inset;
    char below[72];
    if (words->band[0]) {
        double band = height * 0.15;
        pen->fill(pen, x, y, width, band, false);
        pen->text(pen, x + MM, y + band * 0.1, width - 2 * MM, band * 0.8, 0, true, words->band);
        y += band;
        height -= band;
    }
    if (pen->code && width > 1.4 * height) { /* beside each other */
        const char *const lines[] = {words->method, words->id, words->date};
        if (!pen->qr(pen, x, y, height, height))
            return false;
        x += height;
        width -= height;
        pen->text(pen, x, y + height * 0.06, width - MM, height * 0.3, -1, false, words->outcome);
        column(pen, x, y + height * 0.4, width - MM, height * 0.56, -1, lines);
        return true;
    }
    double side = pen->code ? height * 0.68 : 0;
    /* The words give way a little where the code needs it. */
    if (pen->code && side < pen_least(pen) && pen_least(pen) < height * 0.8)
        side = pen_least(pen);
    double rest = height - side;
    if (pen->code && !pen->qr(pen, x, y, width, side))
        return false;
    y += side;
    lethe_text_format(below, sizeof(below), "%s%s%s", words->method, words->id[0] ? "  " : "",
                      words->id);
    pen->text(pen, x, y, width, rest * 0.46, 0, false, words->outcome);
    pen->text(pen, x, y + rest * 0.48, width, rest * 0.26, 0, false, below);
    pen->text(pen, x, y + rest * 0.75, width, rest * 0.23, 0, false, words->date);
    return true;
}

static bool draw(struct pen *pen, const struct words *words, double w, double h)
{
    return words->bad ? draw_bad(pen, words, w, h) : draw_good(pen, words, w, h);
}

static cairo_status_t collect(void *user, const unsigned char *data, unsigned len)
{
    return lethe_buf_add(user, data, len) < 0 ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* Every dot black or white: a thermal printer knows no grey, and guesses badly. */
static void threshold(cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    unsigned char *data = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < cairo_image_surface_get_height(surface); y++)
        for (int x = 0; x < cairo_image_surface_get_width(surface) * 4; x += 4)
            memset(data + y * stride + x, data[y * stride + x] < 140 ? 0 : 255, 4);
    cairo_surface_mark_dirty(surface);
}

static const char too_small[] = "the label is too small for its QR code: take a larger one, or a "
                                "printer with more dots (--size, --dpi)";

static const char *draw_png(struct cairo_pen *pen, const struct words *words, double w, double h,
                            unsigned dpi, struct lethe_buf *out)
{
    double scale = dpi / 72.0;
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)lround(w * scale), (int)lround(h * scale));
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, scale, scale);
    canvas_open(pen->canvas, fonts(), cr);
    pen->pen.dot = 72.0 / dpi;
    bool fits = draw(&pen->pen, words, w, h);
    canvas_close(pen->canvas);
    cairo_destroy(cr);
    threshold(surface);
    cairo_status_t status = cairo_surface_write_to_png_stream(surface, collect, out);
    cairo_surface_destroy(surface);
    return !fits ? too_small : status != CAIRO_STATUS_SUCCESS ? "the label can't be drawn" : NULL;
}

static const char *draw_pdf(struct cairo_pen *pen, const struct words *words, double w, double h,
                            struct lethe_buf *out)
{
    cairo_t *cr = pdf_open(out, w, h);
    if (!cr)
        return "memory ran out";
    canvas_open(pen->canvas, fonts(), cr);
    bool fits = draw(&pen->pen, words, w, h);
    canvas_close(pen->canvas);
    bool done = pdf_close(cr);
    return !fits ? too_small : !done ? "the label can't be drawn" : NULL;
}

const char *draw_label(const json_t *request, struct lethe_buf *out)
{
    const char *text = text_of(request, "sdjwt"), *lang = text_of(request, "lang");
    const char *format = text_of(request, "format"), *qr = text_of(request, "qr");
    double w = (double)integer_of(request, "width") * MM;
    double h = (double)integer_of(request, "height") * MM;
    unsigned dpi = (unsigned)integer_of(request, "dpi");
    struct words words = {0};
    LETHE_JSON_AUTO *claims = NULL;
    bool zpl = strcmp(format, "zpl") == 0;
    if (dpi < 150 || dpi > 1200)
        return "a printer has 150 to 1200 dots an inch";
    if (lethe_certificate_decode(text, strlen(text), &claims, NULL) < 0)
        return "no certificate to draw";
    /* What a printer's own font has for sure is English. */
    fill_words(&words, claims,
               zpl ? (struct lang){.en = true}
                   : (struct lang){strcmp(lang, "zh") != 0, strcmp(lang, "en") != 0});
    QRcode *code = qr[0] ? qr_of(qr) : NULL;
    if (qr[0] && !code)
        return "the QR code would be too large";
    const char *why;
    if (zpl) {
        struct zpl_pen pen = {.pen = {.code = code, .qr_text = qr}};
        zpl_pen_begin(&pen, out, dpi, w, h);
        why = draw(&pen.pen, &words, w, h) ? NULL : too_small;
        zpl_pen_end(&pen);
    } else {
        struct canvas canvas;
        struct cairo_pen pen;
        cairo_pen_init(&pen, &canvas);
        pen.pen.code = code;
        why = strcmp(format, "png") == 0 ? draw_png(&pen, &words, w, h, dpi, out)
                                         : draw_pdf(&pen, &words, w, h, out);
    }
    if (code)
        QRcode_free(code);
    return why;
}
