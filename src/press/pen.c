/* SPDX-License-Identifier: Apache-2.0 */
#include "press/pen.h"
#include <math.h>

double pen_module(const struct pen *pen, double w, double h)
{
    double module = (w < h ? w : h) / (pen->code->width + 8);
    if (pen->dot > 0)
        module = floor(module / pen->dot + 1e-6) * pen->dot;
    return module < PEN_MODULE_MIN - 1e-6 ? 0 : module;
}

double pen_least(const struct pen *pen)
{
    double module = PEN_MODULE_MIN;
    if (pen->dot > 0)
        module = ceil(module / pen->dot - 1e-6) * pen->dot;
    return module * (pen->code->width + 8) + 1e-3;
}

static void fill(struct pen *pen, double x, double y, double w, double h, bool white)
{
    canvas_fill(((struct cairo_pen *)pen)->canvas, x, y, w, h, white);
}

static void text(struct pen *pen, double x, double y, double w, double h, int align, bool white,
                 const char *words)
{
    struct canvas *canvas = ((struct cairo_pen *)pen)->canvas;
    LETHE_BUF_AUTO markup = {0};
    escape(&markup, words);
    struct style style = {.face = FACE_BLACK, .size = h / 1.12, .grey = white, .align = align};
    /* Capitals stand in the middle of the line. */
    struct extent extent = canvas_measure(canvas, &style, markup.data);
    if (extent.width > w)
        style.size *= w / extent.width;
    canvas_fit(canvas, x, y + h / 2 + 0.36 * style.size, w, style, markup.data);
}

static void text_down(struct pen *pen, double x, double y, double w, double h, const char *words)
{
    cairo_t *cr = ((struct cairo_pen *)pen)->canvas->cr;
    cairo_save(cr);
    cairo_translate(cr, x + w, y);
    cairo_rotate(cr, M_PI / 2);
    text(pen, 0, 0, h, w, 0, false, words);
    cairo_restore(cr);
}

static bool qr(struct pen *pen, double x, double y, double w, double h)
{
    double module = pen_module(pen, w, h), side = module * (pen->code->width + 8);
    if (module <= 0)
        return false;
    double left = x + (w - side) / 2, top = y + (h - side) / 2;
    if (pen->dot > 0) { /* modules begin where dots begin */
        left = round(left / pen->dot) * pen->dot;
        top = round(top / pen->dot) * pen->dot;
    }
    qr_draw(((struct cairo_pen *)pen)->canvas, pen->code, left, top, side);
    return true;
}

void cairo_pen_init(struct cairo_pen *pen, struct canvas *canvas)
{
    *pen = (struct cairo_pen){.pen = {.fill = fill, .text = text, .text_down = text_down, .qr = qr},
                              .canvas = canvas};
}
