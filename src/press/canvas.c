/* SPDX-License-Identifier: Apache-2.0 */
#include "press/canvas.h"
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#define LAYOUTS_MAX 1024

void canvas_open(struct canvas *canvas, PangoFontMap *fonts, cairo_t *cr)
{
    PangoContext *context = pango_font_map_create_context(fonts);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE); /* to points, otherwise */
    canvas->context = context;
    canvas->layouts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
    canvas->layout = NULL;
    canvas->cr = cr;
    canvas->dry = cr == NULL;
}

void canvas_wet(struct canvas *canvas, cairo_t *cr)
{
    canvas->cr = cr;
    canvas->dry = false;
}

void canvas_close(struct canvas *canvas)
{
    g_hash_table_destroy(canvas->layouts);
    g_object_unref(canvas->context);
    canvas->layout = NULL;
}

static void fill(PangoLayout *layout, const struct style *style, const char *markup)
{
    static const struct {
        const char *family;
        PangoWeight weight;
    } faces[] = {[FACE_REGULAR] = {"Lato, WenQuanYi Micro Hei", PANGO_WEIGHT_NORMAL},
                 [FACE_BOLD] = {"Lato, WenQuanYi Micro Hei", PANGO_WEIGHT_BOLD},
                 [FACE_BLACK] = {"Lato, WenQuanYi Micro Hei", PANGO_WEIGHT_HEAVY},
                 [FACE_MONO] = {"JetBrains Mono, WenQuanYi Micro Hei", PANGO_WEIGHT_NORMAL},
                 [FACE_MONO_BOLD] = {"JetBrains Mono, WenQuanYi Micro Hei", PANGO_WEIGHT_BOLD}};
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, faces[style->face].family);
    pango_font_description_set_weight(font, faces[style->face].weight);
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, style->width > 0 ? (int)(style->width * PANGO_SCALE) : -1);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout, (float)style->lead);
    pango_layout_set_alignment(layout, style->align < 0   ? PANGO_ALIGN_LEFT
                                       : style->align > 0 ? PANGO_ALIGN_RIGHT
                                                          : PANGO_ALIGN_CENTER);
    pango_layout_set_markup(layout, markup, -1);
    /* No ligatures: what is read from the page is compared with what was signed. Figures of one
     * width. */
    PangoAttrList *old = pango_layout_get_attributes(layout);
    PangoAttrList *list = old ? pango_attr_list_copy(old) : pango_attr_list_new();
    pango_attr_list_insert_before(list,
                                  pango_attr_font_features_new("liga=0, dlig=0, calt=0, tnum"));
    pango_layout_set_attributes(layout, list);
    pango_attr_list_unref(list);
}

/* All but the grey, which is the pen's. */
static void set(struct canvas *canvas, const struct style *style, const char *markup)
{
    char *key = g_strdup_printf("%d %d %a %a %a %s", (int)style->face, style->align, style->size,
                                style->width, style->lead, markup);
    canvas->layout = g_hash_table_lookup(canvas->layouts, key);
    if (canvas->layout) {
        g_free(key);
        return;
    }
    if (g_hash_table_size(canvas->layouts) >= LAYOUTS_MAX) /* a report of thousands */
        g_hash_table_remove_all(canvas->layouts);
    canvas->layout = pango_layout_new(canvas->context);
    fill(canvas->layout, style, markup);
    g_hash_table_insert(canvas->layouts, key, canvas->layout);
}

static struct extent extent_of(PangoLayout *layout)
{
    PangoRectangle box;
    pango_layout_get_extents(layout, NULL, &box);
    return (struct extent){(double)box.width / PANGO_SCALE, (double)box.height / PANGO_SCALE,
                           (double)pango_layout_get_baseline(layout) / PANGO_SCALE};
}

struct extent canvas_measure(struct canvas *canvas, const struct style *style, const char *markup)
{
    set(canvas, style, markup);
    return extent_of(canvas->layout);
}

/* The Chinese font has one weight: where the Latin one is bold, its outlines get a pen's width. */
static void embolden(struct canvas *canvas, double x, double y, double size)
{
    PangoLayoutIter *iter = pango_layout_get_iter(canvas->layout);
    cairo_save(canvas->cr);
    cairo_set_line_width(canvas->cr, size * 0.026);
    cairo_set_line_join(canvas->cr, CAIRO_LINE_JOIN_ROUND);
    do {
        PangoLayoutRun *run = pango_layout_iter_get_run_readonly(iter);
        if (!run)
            continue;
        PangoFontDescription *font = pango_font_describe(run->item->analysis.font);
        if (strstr(pango_font_description_get_family(font), "WenQuanYi")) {
            PangoRectangle box;
            pango_layout_iter_get_run_extents(iter, NULL, &box);
            cairo_move_to(canvas->cr, x + (double)box.x / PANGO_SCALE,
                          y + (double)pango_layout_iter_get_baseline(iter) / PANGO_SCALE);
            pango_cairo_glyph_string_path(canvas->cr, run->item->analysis.font, run->glyphs);
            cairo_stroke(canvas->cr);
        }
        pango_font_description_free(font);
    } while (pango_layout_iter_next_run(iter));
    cairo_restore(canvas->cr);
    pango_layout_iter_free(iter);
}

static void show(struct canvas *canvas, double x, double y, const struct style *style)
{
    if (canvas->dry)
        return;
    cairo_set_source_rgb(canvas->cr, style->grey, style->grey, style->grey);
    cairo_move_to(canvas->cr, x, y);
    pango_cairo_show_layout(canvas->cr, canvas->layout);
    if (style->face == FACE_BOLD || style->face == FACE_BLACK)
        embolden(canvas, x, y, style->size);
}

struct extent canvas_text(struct canvas *canvas, double x, double y, const struct style *style,
                          const char *markup)
{
    struct extent extent = canvas_measure(canvas, style, markup);
    show(canvas, x, y, style);
    return extent;
}

void canvas_fit(struct canvas *canvas, double x, double baseline, double width, struct style style,
                const char *markup)
{
    if (canvas->dry)
        return;
    style.width = 0;
    struct extent extent = canvas_measure(canvas, &style, markup);
    if (extent.width > width) {
        /* In steps: fonts of a size that was used before cost nothing. */
        double fits = style.size * width / extent.width;
        style.size = fits >= 0.125 ? floor(fits * 8) / 8 : fits;
        extent = canvas_measure(canvas, &style, markup);
    }
    double shift = style.align < 0 ? 0 : (width - extent.width) / (style.align > 0 ? 1 : 2);
    show(canvas, x + shift, baseline - extent.baseline, &style);
}

void canvas_watermark(struct canvas *canvas, double x, double y, double angle, double width,
                      const char *markup)
{
    if (canvas->dry)
        return;
    struct style style = {.face = FACE_BLACK, .size = 40, .align = -1};
    struct extent extent = canvas_measure(canvas, &style, markup);
    style.size *= width / extent.width;
    extent = canvas_measure(canvas, &style, markup);
    cairo_save(canvas->cr);
    cairo_translate(canvas->cr, x, y);
    cairo_rotate(canvas->cr, angle);
    cairo_move_to(canvas->cr, -extent.width / 2, -extent.height / 2);
    pango_cairo_layout_path(canvas->cr, canvas->layout);
    cairo_set_source_rgb(canvas->cr, 0.93, 0.93, 0.93);
    cairo_fill(canvas->cr);
    cairo_restore(canvas->cr);
}

void canvas_rule(struct canvas *canvas, double x, double y, double width, double thick, double grey)
{
    canvas_fill(canvas, x, y, width, thick, grey);
}

void canvas_box(struct canvas *canvas, double x, double y, double w, double h, double thick,
                double grey)
{
    if (canvas->dry)
        return;
    cairo_set_source_rgb(canvas->cr, grey, grey, grey);
    cairo_set_line_width(canvas->cr, thick);
    cairo_rectangle(canvas->cr, x + thick / 2, y + thick / 2, w - thick, h - thick);
    cairo_stroke(canvas->cr);
}

void canvas_fill(struct canvas *canvas, double x, double y, double w, double h, double grey)
{
    if (canvas->dry)
        return;
    cairo_set_source_rgb(canvas->cr, grey, grey, grey);
    cairo_rectangle(canvas->cr, x, y, w, h);
    cairo_fill(canvas->cr);
}

void escape(struct lethe_buf *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '&'   ? "&amp;"
                             : *text == '<' ? "&lt;"
                             : *text == '>' ? "&gt;"
                                            : NULL;
        if (entity)
            lethe_buf_puts(out, entity);
        else
            lethe_buf_add(out, text, 1);
    }
}
