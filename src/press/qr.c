/* SPDX-License-Identifier: Apache-2.0 */
#include "press/qr.h"

QRcode *qr_of(const char *text)
{
    return QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
}

void qr_draw(struct canvas *canvas, const QRcode *code, double x, double y, double size)
{
    if (canvas->dry)
        return;
    cairo_t *cr = canvas->cr;
    double module = size / (code->width + 8);
    canvas_fill(canvas, x, y, size, size, 1);
    cairo_save(cr);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    cairo_set_source_rgb(cr, 0, 0, 0);
    for (int row = 0; row < code->width; row++)
        for (int from = 0, to; from < code->width; from = to + 1) {
            for (to = from; to < code->width && code->data[row * code->width + to] & 1; to++)
                ;
            if (to > from) /* runs, so that no hair-line is seen between modules */
                cairo_rectangle(cr, x + (from + 4) * module, y + (row + 4) * module,
                                (to - from) * module, module);
        }
    cairo_fill(cr);
    cairo_restore(cr);
}
