/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_PRESS_QR_H
#define LETHE_PRESS_QR_H

#include "press/canvas.h"
#include <qrencode.h>

/* Level M; free with QRcode_free(). NULL: too long. */
QRcode *qr_of(const char *text);
/* SIZE by SIZE points, quiet zone of 4 modules inside (ISO/IEC 18004 section 6.3.8). */
void qr_draw(struct canvas *canvas, const QRcode *code, double x, double y, double size);

#endif
