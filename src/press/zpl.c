/* SPDX-License-Identifier: Apache-2.0 */
/* ZPL II, as label printers take it: dots, and the printer's own scalable font and QR code. */
#include "press/pen.h"
#include <math.h>
#include <string.h>

static int dots(const struct pen *pen, double points)
{
    return (int)lround(points / pen->dot);
}

/* Behind ^FH_: whatever is no plain sign is written as its code, so that no text is a command. The
 * printer's font has no more than ASCII for sure. */
static void field(struct lethe_buf *out, const char *text)
{
    lethe_buf_puts(out, "^FH_^FD");
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at >= 0x80) {
            if (*at >= 0xC0)
                lethe_buf_puts(out, "?");
        } else if (*at < ' ' || strchr("^~_\\", *at))
            lethe_buf_printf(out, "_%02X", *at);
        else
            lethe_buf_add(out, at, 1);
    lethe_buf_puts(out, "^FS\n");
}

static void fill(struct pen *pen, double x, double y, double w, double h, bool white)
{
    struct zpl_pen *self = (struct zpl_pen *)pen;
    int width = dots(pen, w), height = dots(pen, h);
    /* A box whose line is as thick as it is high: filled. */
    lethe_buf_printf(self->out, "^FO%d,%d^GB%d,%d,%d,%s^FS\n", dots(pen, x), dots(pen, y), width,
                     height, width < height ? width : height, white ? "W" : "B");
}

/* Font 0 is proportional; capitals are some 0.62 of its height wide. */
static double fitting(const char *words, double w, double h)
{
    double size = w / (0.62 * (double)strlen(words));
    return size > h ? h : size;
}

static void text(struct pen *pen, double x, double y, double w, double h, int align, bool white,
                 const char *words)
{
    struct zpl_pen *self = (struct zpl_pen *)pen;
    double size = fitting(words, w, h);
    lethe_buf_printf(self->out, "^FO%d,%d%s^A0N,%d,%d^FB%d,1,0,%s,0", dots(pen, x),
                     dots(pen, y + (h - size) / 2), white ? "^FR" : "", dots(pen, size),
                     dots(pen, size), dots(pen, w),
                     align < 0   ? "L"
                     : align > 0 ? "R"
                                 : "C");
    field(self->out, words);
}

static void text_down(struct pen *pen, double x, double y, double w, double h, const char *words)
{
    struct zpl_pen *self = (struct zpl_pen *)pen;
    double size = fitting(words, h, w);
    lethe_buf_printf(self->out, "^FO%d,%d^A0R,%d,%d^FB%d,1,0,C,0", dots(pen, x + (w - size) / 2),
                     dots(pen, y), dots(pen, size), dots(pen, size), dots(pen, h));
    field(self->out, words);
}

static bool qr(struct pen *pen, double x, double y, double w, double h)
{
    struct zpl_pen *self = (struct zpl_pen *)pen;
    int magnification = dots(pen, pen_module(pen, w, h));
    if (magnification < 1)
        return false;
    if (magnification > 10) /* what ^BQ knows */
        magnification = 10;
    double side = pen->code->width * magnification * pen->dot;
    /* Model 2; error correction M, input A: the printer chooses the mode by itself. */
    lethe_buf_printf(self->out, "^FO%d,%d^BQN,2,%d", dots(pen, x + (w - side) / 2),
                     dots(pen, y + (h - side) / 2), magnification);
    LETHE_BUF_AUTO data = {0};
    lethe_buf_printf(&data, "MA,%s", pen->qr_text);
    field(self->out, data.data);
    return true;
}

void zpl_pen_begin(struct zpl_pen *pen, struct lethe_buf *out, unsigned dpi, double w, double h)
{
    pen->pen.fill = fill;
    pen->pen.text = text;
    pen->pen.text_down = text_down;
    pen->pen.qr = qr;
    pen->pen.dot = 72.0 / dpi;
    pen->out = out;
    lethe_buf_printf(out, "^XA\n^CI28\n^LH0,0\n^PW%d\n^LL%d\n", dots(&pen->pen, w),
                     dots(&pen->pen, h));
}

void zpl_pen_end(struct zpl_pen *pen)
{
    lethe_buf_puts(pen->out, "^PQ1\n^XZ\n");
}
