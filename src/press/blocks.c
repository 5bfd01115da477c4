/* SPDX-License-Identifier: Apache-2.0 */
#include "press/page.h"
#include "press/words.h"
#include <string.h>

struct style body_style(const struct page *page)
{
    return (struct style){.face = FACE_REGULAR, .size = 8.6 * page->scale, .align = -1};
}

struct style small_style(const struct page *page)
{
    return (struct style){
        .face = FACE_REGULAR, .size = 7.4 * page->scale, .grey = 0.25, .align = -1};
}

static void footer(struct page *page)
{
    struct canvas *canvas = &page->canvas;
    LETHE_BUF_AUTO text = {0};
    canvas_rule(canvas, MARGIN, PAGE_BOTTOM + 9, INNER, 0.5, 0.5);
    struct style style = {.face = FACE_REGULAR, .size = 7, .grey = 0.25, .align = -1};
    canvas_fit(canvas, MARGIN, PAGE_BOTTOM + 20, INNER - 130, style, page->foot);
    word(&text, page->lang, "page");
    lethe_buf_printf(&text, " %u / %u", page->at, page->total);
    style.align = 1;
    canvas_fit(canvas, MARGIN + INNER - 120, PAGE_BOTTOM + 20, 120, style, text.data);
}

void page_begin(struct page *page)
{
    page->at++;
    page->y = PAGE_TOP;
    page->x = MARGIN;
    page->width = INNER;
    if (page->mark)
        page->mark(page);
}

void page_end(struct page *page)
{
    footer(page);
    if (!page->canvas.dry)
        cairo_show_page(page->canvas.cr);
}

void need(struct page *page, double height)
{
    if (page->y + height <= PAGE_BOTTOM)
        return;
    double x = page->x, width = page->width;
    if (page->at < page->total || page->canvas.dry) {
        LETHE_BUF_AUTO text = {0};
        struct style style = {.face = FACE_BOLD, .size = 7.4, .align = 1};
        word(&text, page->lang, "continued");
        canvas_fit(&page->canvas, MARGIN, PAGE_BOTTOM + 5, INNER, style, text.data);
    }
    page_end(page);
    page_begin(page);
    page->head(page);
    page->x = x;
    page->width = width;
}

void section(struct page *page, const char *key)
{
    LETHE_BUF_AUTO text = {0};
    const struct style style = {.face = FACE_BOLD, .size = 9.4 * page->scale, .align = -1};
    word(&text, page->lang, key);
    need(page, 44);
    page->y += 7.5 * page->scale;
    struct extent extent = canvas_text(&page->canvas, page->x, page->y, &style, text.data);
    page->y += extent.height + 1;
    canvas_rule(&page->canvas, page->x, page->y, page->width, 0.8, 0);
    page->y += 3.2 * page->scale;
}

/* A sixth of the page for what it is, the rest for what it says. */
static double heading_width(const struct page *page)
{
    double width = page->lang.en && page->lang.zh ? 100 : 82;
    return width * (page->scale < 1 ? (1 + page->scale) / 2 : 1);
}

void row_headed(struct page *page, const char *heading, const struct lethe_buf *markup)
{
    if (markup->len == 0)
        return;
    double left = heading_width(page);
    struct style key = small_style(page), value = body_style(page);
    key.width = left - 6;
    value.width = page->width - left;
    struct extent a = canvas_measure(&page->canvas, &key, heading);
    struct extent b = canvas_measure(&page->canvas, &value, markup->data);
    double height = a.height > b.height ? a.height : b.height;
    need(page, height + 1);
    if (page->canvas.dry) {
        page->y += height + 1.7 * page->scale;
        return;
    }
    /* The two share the baseline of their first line. */
    double shift = b.baseline - a.baseline;
    canvas_text(&page->canvas, page->x, page->y + (shift > 0 ? shift : 0), &key, heading);
    canvas_text(&page->canvas, page->x + left, page->y - (shift < 0 ? shift : 0), &value,
                markup->data);
    page->y += height + 1.7 * page->scale;
}

void row_markup(struct page *page, const char *key, const struct lethe_buf *markup)
{
    LETHE_BUF_AUTO heading = {0};
    word(&heading, page->lang, key);
    row_headed(page, heading.data, markup);
}

void row_text(struct page *page, const char *key, const char *text)
{
    LETHE_BUF_AUTO markup = {0};
    escape(&markup, text);
    row_markup(page, key, &markup);
}

void paragraph(struct page *page, const struct lethe_buf *markup, double grey)
{
    struct style style = body_style(page);
    style.width = page->width;
    style.grey = grey;
    need(page, canvas_measure(&page->canvas, &style, markup->data).height);
    page->y += canvas_text(&page->canvas, page->x, page->y, &style, markup->data).height + 2;
}

void bullet(struct page *page, const char *markup)
{
    struct style style = body_style(page);
    style.width = page->width - 10;
    struct extent extent = canvas_measure(&page->canvas, &style, markup);
    need(page, extent.height);
    canvas_fill(&page->canvas, page->x + 1.5, page->y + extent.baseline - 0.36 * style.size, 2.6,
                2.6, 0);
    canvas_text(&page->canvas, page->x + 10, page->y, &style, markup);
    page->y += extent.height + 1.4 * page->scale;
}

static double logo_draw(struct page *page, cairo_surface_t *logo, double box_w, double box_h)
{
    double w = cairo_image_surface_get_width(logo), h = cairo_image_surface_get_height(logo);
    double scale = box_w / w < box_h / h ? box_w / w : box_h / h;
    if (!page->canvas.dry) {
        cairo_t *cr = page->canvas.cr;
        cairo_save(cr);
        cairo_translate(cr, MARGIN, PAGE_TOP + (box_h - h * scale) / 2);
        cairo_scale(cr, scale, scale);
        cairo_set_source_surface(cr, logo, 0, 0);
        cairo_paint(cr);
        cairo_restore(cr);
    }
    return w * scale;
}

void letterhead(struct page *page, cairo_surface_t *logo, const char *organisation,
                const char *below, const char *title_en, const char *title_zh)
{
    const double height = 40;
    double left = MARGIN, half = INNER * 0.5;
    LETHE_BUF_AUTO name = {0};
    LETHE_BUF_AUTO title = {0};
    if (logo)
        left += logo_draw(page, logo, 110, height) + 12;
    escape(&name, organisation);
    struct style style = {.face = FACE_BOLD, .size = 12.5, .align = -1, .lead = 0.95};
    style.width = MARGIN + half - left;
    struct extent extent = canvas_measure(&page->canvas, &style, name.data);
    while (extent.height > 34 && style.size > 6) {
        style.size *= 0.92;
        extent = canvas_measure(&page->canvas, &style, name.data);
    }
    struct style small = {.face = FACE_REGULAR, .size = 7.4, .grey = 0.25, .align = -1};
    double top = PAGE_TOP + (height - extent.height - 11) / 2;
    canvas_text(&page->canvas, left, top, &style, name.data);
    canvas_fit(&page->canvas, left, top + extent.height + 8, style.width, small, below);

    bool both = page->lang.en && page->lang.zh;
    struct style large = {.face = FACE_BOLD, .size = 17, .align = 1};
    double right = MARGIN + half + 10, room = half - 10;
    if (page->lang.en) {
        escape(&title, title_en);
        canvas_fit(&page->canvas, right, PAGE_TOP + (both ? 17 : 26), room, large, title.data);
        lethe_buf_free(&title);
    }
    if (page->lang.zh) {
        escape(&title, title_zh);
        large.size = both ? 13 : 18;
        canvas_fit(&page->canvas, right, PAGE_TOP + (both ? 35 : 26), room, large, title.data);
    }
    page->y = PAGE_TOP + height + 8;
}
