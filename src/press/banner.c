/* SPDX-License-Identifier: Apache-2.0 */
/* The outcome, said by word, shape and frame, because printers are black and white. */
#include "press/page.h"

#define BAND 17.0
#define SIGN 46.0
#define PAD 11.0

static const struct style band_style = {.face = FACE_BOLD, .size = 10.5, .grey = 1, .align = 0};
static const struct style word_style = {.face = FACE_BLACK, .size = 33, .align = -1};

static const struct style less_style = {.face = FACE_REGULAR, .size = 14, .align = -1};

double banner_draw(struct page *page, double x, double y, double width, double least,
                   const struct banner *banner)
{
    struct canvas *canvas = &page->canvas;
    double thick = frame_thickness(banner->frame), inside = width - 2 * thick;
    double text_x = x + thick + PAD + SIGN + 14, text_width = x + width - thick - PAD - text_x;
    struct style says = {.face = FACE_REGULAR, .size = 9.6, .align = -1, .width = text_width};
    size_t bands = 0;
    while (banner->bands[bands])
        bands++;
    struct extent words = canvas_measure(canvas, &word_style, banner->word);
    if (words.width > text_width) {
        words.height *= text_width / words.width;
        words.baseline *= text_width / words.width;
    }
    double says_height = canvas_measure(canvas, &says, banner->says).height;
    double less_height = banner->less ? 19 : 0;
    double body = words.height + less_height + 2 + says_height;
    if (body < SIGN)
        body = SIGN;
    double height = 2 * thick + (double)bands * BAND + 2 * PAD + body;
    if (height < least) {
        body += least - height;
        height = least;
    }
    canvas_fill(canvas, x, y, width, height, 1);
    frame_draw(canvas, banner->frame, x, y, width, height);
    double at = y + thick;
    for (size_t i = 0; i < bands; i++, at += BAND) {
        canvas_fill(canvas, x + thick, at, inside, BAND, 0);
        canvas_fit(canvas, x + thick + 6, at + 12.6, inside - 12, band_style, banner->bands[i]);
    }
    at += PAD;
    sign_draw(canvas, banner->sign, x + thick + PAD, at + (body - SIGN) / 2, SIGN);
    at += (body - words.height - less_height - 2 - says_height) / 2;
    canvas_fit(canvas, text_x, at + words.baseline, text_width, word_style, banner->word);
    at += words.height;
    if (banner->less)
        canvas_fit(canvas, text_x, at + 14, text_width, less_style, banner->less);
    canvas_text(canvas, text_x, at + less_height + 2, &says, banner->says);
    return height;
}
