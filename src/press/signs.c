/* SPDX-License-Identifier: Apache-2.0 */
#include "press/page.h"
#include <math.h>

static void check(cairo_t *cr)
{
    cairo_arc(cr, 24, 24, 23, 0, 2 * M_PI);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, 6.5);
    cairo_move_to(cr, 12.5, 25);
    cairo_line_to(cr, 21, 33.5);
    cairo_line_to(cr, 36, 15);
    cairo_stroke(cr);
}

static void warning(cairo_t *cr)
{
    cairo_set_line_width(cr, 4);
    cairo_move_to(cr, 24, 5);
    cairo_line_to(cr, 45, 43);
    cairo_line_to(cr, 3, 43);
    cairo_close_path(cr);
    cairo_stroke(cr);
    cairo_set_line_width(cr, 5);
    cairo_move_to(cr, 24, 19);
    cairo_line_to(cr, 24, 30);
    cairo_move_to(cr, 24, 37);
    cairo_line_to(cr, 24, 37.1);
    cairo_stroke(cr);
}

static void question(cairo_t *cr)
{
    cairo_set_line_width(cr, 4);
    cairo_rectangle(cr, 3, 3, 42, 42);
    cairo_stroke(cr);
    cairo_set_line_width(cr, 5.5);
    cairo_move_to(cr, 15, 18);
    cairo_curve_to(cr, 15, 7.5, 33, 7.5, 33, 18);
    cairo_curve_to(cr, 33, 24.5, 24, 24, 24, 31);
    cairo_move_to(cr, 24, 38.5);
    cairo_line_to(cr, 24, 38.6);
    cairo_stroke(cr);
}

/* An octagon, as of a stop sign. */
static void cross(cairo_t *cr)
{
    for (int i = 0; i < 8; i++)
        cairo_line_to(cr, 24 + 24 * cos(M_PI / 8 + i * M_PI / 4),
                      24 + 24 * sin(M_PI / 8 + i * M_PI / 4));
    cairo_close_path(cr);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, 6.5);
    cairo_move_to(cr, 14.5, 14.5);
    cairo_line_to(cr, 33.5, 33.5);
    cairo_move_to(cr, 33.5, 14.5);
    cairo_line_to(cr, 14.5, 33.5);
    cairo_stroke(cr);
}

void sign_draw(struct canvas *canvas, enum sign sign, double x, double y, double size)
{
    static void (*const signs[])(cairo_t *) = {[SIGN_CHECK] = check,
                                               [SIGN_WARNING] = warning,
                                               [SIGN_QUESTION] = question,
                                               [SIGN_CROSS] = cross};
    if (canvas->dry)
        return;
    cairo_t *cr = canvas->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_scale(cr, size / 48, size / 48);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cr);
    signs[sign](cr);
    cairo_restore(cr);
}

double frame_thickness(enum frame frame)
{
    return frame == FRAME_BAD ? 9 : frame == FRAME_SOME ? 3 : 6;
}

static void stripes(cairo_t *cr, double x, double y, double w, double h, double thick)
{
    cairo_save(cr);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_rectangle(cr, x, y, w, h);
    cairo_rectangle(cr, x + thick, y + thick, w - 2 * thick, h - 2 * thick);
    cairo_clip(cr);
    const double step = 13, bar = 6.5;
    for (double at = x - h; at < x + w; at += step) {
        cairo_move_to(cr, at, y + h);
        cairo_line_to(cr, at + bar, y + h);
        cairo_line_to(cr, at + bar + h, y);
        cairo_line_to(cr, at + h, y);
        cairo_close_path(cr);
    }
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
    cairo_fill(cr);
    cairo_restore(cr);
}

double frame_draw(struct canvas *canvas, enum frame frame, double x, double y, double w, double h)
{
    double thick = frame_thickness(frame);
    if (canvas->dry)
        return thick;
    cairo_t *cr = canvas->cr;
    cairo_set_source_rgb(cr, 0, 0, 0);
    if (frame == FRAME_GOOD) {
        canvas_box(canvas, x, y, w, h, 3, 0);
        canvas_box(canvas, x + 5, y + 5, w - 10, h - 10, 0.7, 0);
    } else if (frame == FRAME_SOME) {
        const double dashes[] = {11, 6};
        cairo_save(cr);
        cairo_set_dash(cr, dashes, 2, 0);
        canvas_box(canvas, x, y, w, h, thick, 0);
        cairo_restore(cr);
    } else {
        stripes(cr, x, y, w, h, thick);
        canvas_box(canvas, x, y, w, h, 0.9, 0);
        canvas_box(canvas, x + thick - 0.9, y + thick - 0.9, w - 2 * thick + 1.8,
                   h - 2 * thick + 1.8, 0.9, 0);
    }
    return thick;
}
