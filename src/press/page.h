/* SPDX-License-Identifier: Apache-2.0 */
/* An A4 page under way, and the parts that certificates and reports share. */
#ifndef LETHE_PRESS_PAGE_H
#define LETHE_PRESS_PAGE_H

#include "press/qr.h"
#include "press/value.h"

#define PAGE_WIDTH 595.28
#define PAGE_HEIGHT 841.89
#define MARGIN 42.0
#define INNER (PAGE_WIDTH - 2 * MARGIN)
#define PAGE_TOP 38.0
#define PAGE_BOTTOM (PAGE_HEIGHT - 46.0)

struct page {
    struct canvas canvas;
    struct lang lang;
    const json_t *claims; /* of a certificate; NULL in a report */
    double scale;         /* of the body's text: 1, or a little less so that one page holds it */
    double x, width;      /* of the column */
    double y;
    unsigned at, total;              /* pages; total is 0 in the dry run */
    void (*head)(struct page *page); /* of every page but the first */
    void (*mark)(struct page *page); /* watermark of every page */
    const char *foot;                /* markup */
    const void *user;
};

enum sign { SIGN_CHECK, SIGN_WARNING, SIGN_QUESTION, SIGN_CROSS };
enum frame { FRAME_GOOD, FRAME_SOME, FRAME_BAD };
/* signs.c: drawn, not typed: a font without the sign would print an empty box. */
void sign_draw(struct canvas *canvas, enum sign sign, double x, double y, double size);
/* Told apart in black and white: a double line, a dashed one, stripes. Returns its thickness. */
double frame_draw(struct canvas *canvas, enum frame frame, double x, double y, double w, double h);
double frame_thickness(enum frame frame);

struct banner {
    enum frame frame;
    enum sign sign;
    const char *bands[3];           /* white on black, markup; NULL ends */
    const char *word, *less, *says; /* less: a second, smaller word, or NULL */
};
/* Height of what was drawn. */
double banner_draw(struct page *page, double x, double y, double width, double least,
                   const struct banner *banner);

/* blocks.c */
void page_begin(struct page *page);
void page_end(struct page *page);
/* Makes room for HEIGHT, on a new page when this one has none. */
void need(struct page *page, double height);
void section(struct page *page, const char *key);
/* A row of two: what it is, and MARKUP. Nothing when MARKUP is empty. */
void row_markup(struct page *page, const char *key, const struct lethe_buf *markup);
void row_text(struct page *page, const char *key, const char *text);
/* The same with a heading that is no word of ours. */
void row_headed(struct page *page, const char *heading, const struct lethe_buf *markup);
void paragraph(struct page *page, const struct lethe_buf *markup, double grey);
void bullet(struct page *page, const char *markup);
struct style body_style(const struct page *page);
struct style small_style(const struct page *page);
/* Logo, name of the organisation, and what this paper is. */
void letterhead(struct page *page, cairo_surface_t *logo, const char *organisation,
                const char *below, const char *title_en, const char *title_zh);

/* phone.c: the rows that only phones have. */
bool is_phone(const json_t *claims);
void phone_device(struct page *page);
void phone_technique(struct page *page);
void phone_state(struct page *page);

/* chart.c: speed over time and errors; nothing when SERIES says too little. */
void chart(struct page *page, const json_t *series);

/* What a request can ask for. All return NULL, or why it can't be drawn. */
const char *draw_certificate(const json_t *request, cairo_surface_t *logo, struct lethe_buf *out);
const char *draw_lot(const json_t *request, cairo_surface_t *logo, struct lethe_buf *out);
const char *draw_label(const json_t *request, struct lethe_buf *out);
/* Draws one for nobody: the first use of a font, and of each of its sizes, costs more than a page.
 */
void rehearse_certificate(struct lang lang);
PangoFontMap *fonts(void);
/* A PDF into OUT; NULL when it can't be begun. */
cairo_t *pdf_open(struct lethe_buf *out, double width, double height);
/* False when something went wrong, memory above all. */
bool pdf_close(cairo_t *cr);

#endif
