/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary property lists: objects, a table of their offsets, and a trailer of 32 bytes that says
 * where everything is. Objects are named by their number, so a list can contain itself or unfold
 * without end: depth, values and text are counted while it unfolds.
 */
#include "proto/bytes.h"
#include "proto/plist_count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRAILER 32
#define APPLE_EPOCH 978307200.0 /* 2001-01-01 */

struct reader {
    struct lethe_plist_count count;
    const uint8_t *data;
    uint64_t end; /* of the objects: where the table begins */
    uint64_t table, n;
    unsigned offset_size, ref_size;
};

static uint64_t number(const uint8_t *p, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | p[i];
    return value;
}

/* LEN bytes at *AT inside the objects, and *AT behind them. */
static const uint8_t *take(const struct reader *reader, uint64_t *at, uint64_t len)
{
    if (*at > reader->end || len > reader->end - *at)
        return NULL;
    const uint8_t *p = reader->data + *at;
    *at += len;
    return p;
}

/* The low nibble is the size, 15 says that an integer object with it follows. */
static bool take_size(const struct reader *reader, uint64_t *at, unsigned nibble, uint64_t *out)
{
    *out = nibble;
    if (nibble != 15)
        return true;
    const uint8_t *marker = take(reader, at, 1);
    if (!marker || *marker >> 4 != 1 || (*marker & 15) > 3)
        return false;
    size_t size = (size_t)1 << (*marker & 15);
    const uint8_t *p = take(reader, at, size);
    if (!p)
        return false;
    *out = number(p, size);
    return true;
}

static json_t *unfold(struct reader *reader, uint64_t object, unsigned depth);

static json_t *take_integer(const struct reader *reader, uint64_t at, unsigned nibble)
{
    size_t size = (size_t)1 << nibble;
    const uint8_t *p = nibble <= 4 ? take(reader, &at, size) : NULL;
    if (!p)
        return lethe_plist_malformed(&reader->count, "an integer beyond its end");
    if (size < 8)
        return lethe_plist_integer(&reader->count, false, number(p, size));
    /* 8 bytes are signed; 16 bytes hold what does not fit there. */
    uint64_t low = number(p + size - 8, 8);
    if (size == 8)
        return json_integer((json_int_t)low);
    uint64_t high = number(p, 8);
    if (high == 0)
        return lethe_plist_integer(&reader->count, false, low);
    if (high == UINT64_MAX && low >> 63)
        return json_integer((json_int_t)low);
    return lethe_plist_malformed(&reader->count, "an integer of more than 64 bits");
}

static bool take_double(const struct reader *reader, uint64_t at, unsigned nibble, double *out)
{
    const uint8_t *p = take(reader, &at, (uint64_t)1 << nibble);
    if (p && nibble == 2) {
        uint32_t bits = lethe_be32(p);
        float value;
        memcpy(&value, &bits, sizeof(value));
        *out = (double)value;
        return true;
    }
    if (p && nibble == 3) {
        uint64_t bits = lethe_be64(p);
        memcpy(out, &bits, sizeof(*out));
        return true;
    }
    return false;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* UNITS of UTF-16, big-endian, as UTF-8 to free(); NULL: a surrogate alone, or no memory. */
static char *from_utf16(const uint8_t *p, size_t units, size_t *len)
{
    char *out = malloc(units * 3 + 1);
    *len = 0;
    for (size_t i = 0; out && i < units; i++) {
        uint32_t c = lethe_be16(p + 2 * i);
        if (c >= 0xd800 && c < 0xe000) {
            uint32_t low = i + 1 < units ? lethe_be16(p + 2 * (i + 1)) : 0;
            if (c >= 0xdc00 || low < 0xdc00 || low >= 0xe000) {
                free(out);
                return NULL;
            }
            c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
            i++;
        }
        *len += put_utf8(out + *len, c);
    }
    return out;
}

/* UTF-8 to free(), of an ASCII (kind 5) or UTF-16 (kind 6) object; NULL with an error said. */
static char *take_text(struct reader *reader, uint64_t object_at, unsigned depth, size_t *len)
{
    uint64_t at = object_at, n;
    const uint8_t *marker = take(reader, &at, 1);
    unsigned kind = marker ? *marker >> 4 : 0;
    const uint8_t *p = NULL;
    if ((kind == 5 || kind == 6) && take_size(reader, &at, *marker & 15, &n) &&
        n <= LETHE_PLIST_MAX)
        p = take(reader, &at, kind == 5 ? n : 2 * n);
    if (!p) {
        lethe_plist_malformed(&reader->count, "a string beyond its end");
        return NULL;
    }
    if (!lethe_plist_count_add(&reader->count, depth, kind == 5 ? n : 3 * n))
        return NULL;
    char *text;
    if (kind == 6) {
        text = from_utf16(p, n, len);
    } else {
        *len = n;
        text = malloc(n + 1);
        if (text)
            memcpy(text, p, n);
    }
    if (!text)
        lethe_plist_malformed(&reader->count, "a string that is no UTF-16");
    return text;
}

static json_t *take_string(struct reader *reader, uint64_t at, unsigned depth)
{
    size_t len;
    char *text = take_text(reader, at, depth, &len);
    json_t *string = text ? lethe_plist_string(&reader->count, text, len) : NULL;
    free(text);
    return string;
}

/* Where object number REF begins; 0 when there is none. */
static uint64_t offset_of(const struct reader *reader, uint64_t ref)
{
    if (ref >= reader->n)
        return 0;
    uint64_t at =
        number(reader->data + reader->table + ref * reader->offset_size, reader->offset_size);
    return at >= 8 && at < reader->end ? at : 0;
}

static json_t *take_array(struct reader *reader, const uint8_t *refs, uint64_t n, unsigned depth)
{
    json_t *array = json_array();
    for (uint64_t i = 0; array && i < n; i++) {
        json_t *value =
            unfold(reader, number(refs + i * reader->ref_size, reader->ref_size), depth + 1);
        if (!value || json_array_append_new(array, value) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *take_dictionary(struct reader *reader, const uint8_t *refs, uint64_t n,
                               unsigned depth)
{
    json_t *dictionary = json_object();
    for (uint64_t i = 0; dictionary && i < n; i++) {
        size_t len;
        uint64_t key_at = offset_of(reader, number(refs + i * reader->ref_size, reader->ref_size));
        char *key = take_text(reader, key_at ? key_at : reader->end, depth + 1, &len);
        json_t *value =
            key ? unfold(reader, number(refs + (n + i) * reader->ref_size, reader->ref_size),
                         depth + 1)
                : NULL;
        bool put = lethe_plist_put(&reader->count, dictionary, key, len, value);
        free(key);
        if (!put) {
            json_decref(dictionary);
            return NULL;
        }
    }
    return dictionary;
}

static json_t *take_many(struct reader *reader, uint64_t at, unsigned marker, unsigned depth)
{
    uint64_t n;
    bool dictionary = marker >> 4 == 13;
    if (!take_size(reader, &at, marker & 15, &n) || n > LETHE_PLIST_NODES_MAX)
        return lethe_plist_malformed(&reader->count, "a collection beyond its end");
    const uint8_t *refs = take(reader, &at, n * reader->ref_size * (dictionary ? 2 : 1));
    if (!refs)
        return lethe_plist_malformed(&reader->count, "a collection beyond its end");
    return dictionary ? take_dictionary(reader, refs, n, depth)
                      : take_array(reader, refs, n, depth);
}

static json_t *take_data(struct reader *reader, uint64_t at, unsigned nibble)
{
    uint64_t n;
    const uint8_t *p = take_size(reader, &at, nibble, &n) ? take(reader, &at, n) : NULL;
    if (!p)
        return lethe_plist_malformed(&reader->count, "data beyond its end");
    reader->count.nodes--; /* counted again with its text */
    if (!lethe_plist_count_add(&reader->count, 1, n + n / 3))
        return NULL;
    return lethe_plist_data(p, n);
}

static json_t *take_scalar(const struct reader *reader, uint64_t at, unsigned marker)
{
    double value = 0;
    switch (marker >> 4) {
    case 0:
        if (marker == 8 || marker == 9)
            return json_boolean(marker == 9);
        break;
    case 1:
        return take_integer(reader, at, marker & 15);
    case 2:
        if (take_double(reader, at, marker & 15, &value))
            return lethe_plist_real(&reader->count, value);
        break;
    case 3:
        if (marker == 0x33 && take_double(reader, at, 3, &value))
            return lethe_plist_date(&reader->count, value + APPLE_EPOCH);
        break;
    case 8: {
        size_t size = (marker & 15) + 1;
        const uint8_t *p = size <= 4 ? take(reader, &at, size) : NULL;
        if (p)
            return json_pack("{s:I}", "$uid", (json_int_t)number(p, size));
        break;
    }
    default:
        break;
    }
    return lethe_plist_malformed(&reader->count, "an object of no kind that we know");
}

static json_t *unfold(struct reader *reader, uint64_t object, unsigned depth)
{
    uint64_t at = offset_of(reader, object);
    const uint8_t *marker = at ? take(reader, &at, 1) : NULL;
    if (!marker)
        return lethe_plist_malformed(&reader->count, "an object that is not there");
    unsigned kind = *marker >> 4;
    if (kind == 5 || kind == 6)
        return take_string(reader, at - 1, depth);
    if (!lethe_plist_count_add(&reader->count, depth, 0))
        return NULL;
    if (kind == 4)
        return take_data(reader, at, *marker & 15);
    if (kind == 10 || kind == 13)
        return take_many(reader, at, *marker, depth);
    return take_scalar(reader, at, *marker);
}

json_t *lethe_plist_binary_parse(const void *data, size_t len, struct lethe_error *err)
{
    struct reader reader = {.count = {.err = err}, .data = data};
    if (len > LETHE_PLIST_MAX) {
        lethe_fail(err, LETHE_E_LIMIT, "a property list of %zu bytes is too long", len);
        return NULL;
    }
    if (len < 8 + TRAILER || memcmp(data, "bplist00", 8) != 0)
        return lethe_plist_malformed(&reader.count, "no binary one");
    const uint8_t *trailer = reader.data + len - TRAILER;
    reader.offset_size = trailer[6];
    reader.ref_size = trailer[7];
    reader.n = lethe_be64(trailer + 8);
    reader.table = lethe_be64(trailer + 24);
    reader.end = reader.table;
    if (reader.offset_size < 1 || reader.offset_size > 8 || reader.ref_size < 1 ||
        reader.ref_size > 8 || reader.table < 9 || reader.table > len - TRAILER ||
        reader.n > (len - TRAILER - reader.table) / reader.offset_size)
        return lethe_plist_malformed(&reader.count, "a trailer that contradicts itself");
    return unfold(&reader, lethe_be64(trailer + 16), 1);
}
