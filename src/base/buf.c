/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <lethe/error.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for MORE bytes and the NUL behind them. */
static int buf_reserve(struct lethe_buf *buf, size_t more)
{
    if (more >= SIZE_MAX - buf->len)
        return -LETHE_E_INTERNAL;
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return 0;
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    char *data = realloc(buf->data, cap);
    if (!data)
        return -LETHE_E_INTERNAL;
    buf->data = data;
    buf->cap = cap;
    return 0;
}

int lethe_buf_add(struct lethe_buf *buf, const void *data, size_t len)
{
    int rc = buf_reserve(buf, len);
    if (rc < 0)
        return rc;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return 0;
}

int lethe_buf_puts(struct lethe_buf *buf, const char *text)
{
    return lethe_buf_add(buf, text, strlen(text));
}

int lethe_buf_printf(struct lethe_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    int rc = len < 0 ? -LETHE_E_INTERNAL : buf_reserve(buf, (size_t)len);
    if (rc == 0) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
    return rc;
}

void lethe_buf_free(struct lethe_buf *buf)
{
    free(buf->data);
    *buf = (struct lethe_buf){0};
}

char *lethe_buf_take(struct lethe_buf *buf)
{
    char *data = buf->data ? buf->data : strdup("");
    *buf = (struct lethe_buf){0};
    return data;
}
