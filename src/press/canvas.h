/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text and lines on a page, in points from the upper left corner. A canvas can be dry: then
 * everything is measured and nothing drawn, which is how a page learns how many it will be.
 */
#ifndef LETHE_PRESS_CANVAS_H
#define LETHE_PRESS_CANVAS_H

#include "base/buf.h"
#include <cairo.h>
#include <pango/pango.h>
#include <stdbool.h>

/* fonts.c: our fonts and no others, so that a page looks the same on every bench. NULL: none. */
PangoFontMap *lethe_fonts(void);

struct canvas {
    cairo_t *cr; /* NULL while dry */
    PangoContext *context;
    GHashTable *layouts; /* what was laid out before is not again: measured, it is only drawn */
    PangoLayout *layout; /* the one in hand */
    bool dry;
};

enum face { FACE_REGULAR, FACE_BOLD, FACE_BLACK, FACE_MONO, FACE_MONO_BOLD };
struct style {
    enum face face;
    double size;  /* points */
    double grey;  /* 0 black, 1 white */
    int align;    /* -1 left, 0 centre, 1 right */
    double width; /* of a line; 0: as long as it is */
    double lead;  /* line spacing, 0: the font's own */
};

void canvas_open(struct canvas *canvas, PangoFontMap *fonts, cairo_t *cr);
/* What was measured dry is drawn on CR. */
void canvas_wet(struct canvas *canvas, cairo_t *cr);
void canvas_close(struct canvas *canvas);

struct extent {
    double width, height, baseline;
};
/* MARKUP is Pango's; whatever comes from outside was escaped into it (escape()). */
struct extent canvas_measure(struct canvas *canvas, const struct style *style, const char *markup);
struct extent canvas_text(struct canvas *canvas, double x, double y, const struct style *style,
                          const char *markup);
/* One line, made smaller until it fits WIDTH. */
void canvas_fit(struct canvas *canvas, double x, double baseline, double width, struct style style,
                const char *markup);
/* Outlines instead of text: nobody finds or copies it. Centred on X, Y, turned by ANGLE. */
void canvas_watermark(struct canvas *canvas, double x, double y, double angle, double width,
                      const char *markup);

void canvas_rule(struct canvas *canvas, double x, double y, double width, double thick,
                 double grey);
void canvas_box(struct canvas *canvas, double x, double y, double w, double h, double thick,
                double grey);
void canvas_fill(struct canvas *canvas, double x, double y, double w, double h, double grey);

/* Text into markup. */
void escape(struct lethe_buf *out, const char *text);

#endif
