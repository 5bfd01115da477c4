/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes between us and the process that draws, over one stream socket: 4 bytes of length (big
 * endian) and one JSON object there; back one byte (0 drawn, 1 an error), 4 bytes of length, and
 * the bytes (of an error: its words).
 *
 *   {"kind":"certificate","lang","sdjwt","proof":bool,"qr"?,"logo"?,"series"?}
 *   {"kind":"lot","lang","lot","sdjwt":[...],"logo"?}
 *   {"kind":"label","lang","sdjwt","qr"?,"format":"pdf"|"png"|"zpl","width","height","dpi"}
 *
 * "logo" is base64url of a PNG.
 */
#ifndef LETHE_PAPER_PRESS_H
#define LETHE_PAPER_PRESS_H

#include <lethe/paper.h>

#define LETHE_PRESS_REQUEST_MAX (256u * 1024 * 1024)
#define LETHE_PRESS_ANSWER_MAX (256u * 1024 * 1024)

/* REQUEST (consumed) is drawn while we do something else; one at a time. */
int lethe_press_ask(struct lethe_press *press, json_t *request, struct lethe_error *err);
/* The page of REQUEST (consumed), which may have been asked for already. free(*out). */
int lethe_press_draw(struct lethe_press *press, json_t *request, char **out, size_t *out_len,
                     struct lethe_error *err);

#endif
