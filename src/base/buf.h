/* SPDX-License-Identifier: Apache-2.0 */
/* A growable byte buffer that is always NUL-terminated behind its contents. */
#ifndef LETHE_BASE_BUF_H
#define LETHE_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct lethe_buf {
    char *data; /* NULL while empty */
    size_t len, cap;
};

/* 0, or -LETHE_E_INTERNAL when memory ran out (the buffer stays as it was). */
int lethe_buf_add(struct lethe_buf *buf, const void *data, size_t len);
int lethe_buf_puts(struct lethe_buf *buf, const char *text);
int lethe_buf_printf(struct lethe_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void lethe_buf_free(struct lethe_buf *buf);
/* Hand the text over (never NULL on success: "" for an empty buffer); free() it. */
char *lethe_buf_take(struct lethe_buf *buf);

#define LETHE_BUF_AUTO __attribute__((cleanup(lethe_buf_free))) struct lethe_buf

#endif
