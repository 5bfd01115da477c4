/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tcg_stream.h"

#include <string.h>

static void put(struct lethe_tcg_writer *writer, const void *data, size_t len)
{
    if (len > writer->size - writer->len) {
        writer->full = true;
        return;
    }
    memcpy(writer->data + writer->len, data, len);
    writer->len += len;
}

static void put_byte(struct lethe_tcg_writer *writer, uint8_t byte)
{
    put(writer, &byte, 1);
}

void lethe_tcg_put_token(struct lethe_tcg_writer *writer, enum lethe_tcg_token token)
{
    put_byte(writer, (uint8_t)token);
}

void lethe_tcg_put_uint(struct lethe_tcg_writer *writer, uint32_t value)
{
    if (value < 64) { /* tiny atom */
        put_byte(writer, (uint8_t)value);
        return;
    }
    unsigned width = value > 0xffffff ? 4 : value > 0xffff ? 3 : value > 0xff ? 2 : 1;
    put_byte(writer, (uint8_t)(0x80 | width)); /* short atom, unsigned integer */
    while (width-- > 0)
        put_byte(writer, (uint8_t)(value >> 8 * width));
}

void lethe_tcg_put_bytes(struct lethe_tcg_writer *writer, const void *data, size_t len)
{
    if (len < 16) { /* short atom, bytes */
        put_byte(writer, (uint8_t)(0xa0 | len));
    } else if (len < 2048) { /* medium atom, bytes */
        put_byte(writer, (uint8_t)(0xd0 | len >> 8));
        put_byte(writer, (uint8_t)len);
    } else {
        writer->full = true;
        return;
    }
    put(writer, data, len);
}

static int control(uint8_t first, struct lethe_tcg_atom *out)
{
    switch (first) {
    case LETHE_TCG_START_LIST:
    case LETHE_TCG_END_LIST:
    case LETHE_TCG_START_NAME:
    case LETHE_TCG_END_NAME:
    case LETHE_TCG_CALL:
    case LETHE_TCG_END_OF_DATA:
    case LETHE_TCG_END_OF_SESSION:
    case LETHE_TCG_EMPTY:
        out->token = (enum lethe_tcg_token)first;
        return 1;
    default: /* transactions, which we never start, and reserved ones */
        return -1;
    }
}

int lethe_tcg_next(struct lethe_tcg_reader *reader, struct lethe_tcg_atom *out)
{
    memset(out, 0, sizeof *out);
    if (reader->at >= reader->len)
        return 0;
    const uint8_t *p = reader->data + reader->at;
    size_t left = reader->len - reader->at, header = 1, len = 0;
    bool bytes = false;
    if (p[0] < 0x80) { /* tiny: 0 S VVVVVV */
        out->token = LETHE_TCG_UINT;
        out->value = p[0] & 0x3f;
        reader->at++;
        return p[0] & 0x40 ? -1 : 1;
    }
    if (p[0] < 0xc0) { /* short: 10 B S LLLL */
        bytes = p[0] & 0x20;
        len = p[0] & 0xf;
    } else if (p[0] < 0xe0) { /* medium: 110 B S LLL, 8 bits more */
        if (left < 2)
            return -1;
        header = 2;
        bytes = p[0] & 0x10;
        len = (size_t)(p[0] & 7) << 8 | p[1];
    } else if (p[0] < 0xe4) { /* long: 111000 B S, 24 bits */
        if (left < 4)
            return -1;
        header = 4;
        bytes = p[0] & 2;
        len = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    } else {
        reader->at++;
        return control(p[0], out);
    }
    if (len > left - header || (!bytes && (len == 0 || len > 8)))
        return -1;
    out->data = p + header;
    out->len = len;
    out->token = bytes ? LETHE_TCG_BYTES : LETHE_TCG_UINT;
    for (size_t i = 0; !bytes && i < len; i++)
        out->value = out->value << 8 | out->data[i];
    reader->at += header + len;
    return 1;
}
