/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a label is drawn with: boxes, one line of text, a QR code. Points from the upper left
 * corner. One pen draws with cairo (PDF, PNG), the other writes ZPL II, so that both labels are the
 * same.
 */
#ifndef LETHE_PRESS_PEN_H
#define LETHE_PRESS_PEN_H

#include "press/page.h"

struct pen {
    void (*fill)(struct pen *pen, double x, double y, double w, double h, bool white);
    /* As large as fits W and H; ALIGN as of struct style. TEXT is plain. */
    void (*text)(struct pen *pen, double x, double y, double w, double h, int align, bool white,
                 const char *text);
    /* The same, turned clockwise: it reads from above to below. */
    void (*text_down)(struct pen *pen, double x, double y, double w, double h, const char *text);
    /* In the middle of W by H, quiet zone inside. False: the modules would be too small to scan. */
    bool (*qr)(struct pen *pen, double x, double y, double w, double h);
    const QRcode *code;
    const char *qr_text;
    double dot; /* points of one dot of the printer; 0: any size will do */
};

/* Modules smaller than this are not read reliably from thermal paper, in points (0.2 mm). */
#define PEN_MODULE_MIN (0.2 * 72 / 25.4)
/* Points that one module gets when the code, with its quiet zone, is to fit; 0: too few. */
double pen_module(const struct pen *pen, double w, double h);
/* The side of a square that the code needs at the very least, quiet zone and all. */
double pen_least(const struct pen *pen);

struct cairo_pen {
    struct pen pen; /* first */
    struct canvas *canvas;
};
void cairo_pen_init(struct cairo_pen *pen, struct canvas *canvas);

struct zpl_pen {
    struct pen pen; /* first */
    struct lethe_buf *out;
};
/* DPI: of the printer. Writes the beginning of a label of W by H points; zpl_pen_end() its end. */
void zpl_pen_begin(struct zpl_pen *pen, struct lethe_buf *out, unsigned dpi, double w, double h);
void zpl_pen_end(struct zpl_pen *pen);

#endif
