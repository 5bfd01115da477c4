/* SPDX-License-Identifier: Apache-2.0 */
#include "cose/cbor.h"

#include <string.h>

#define SIMPLE_FALSE 20
#define SIMPLE_TRUE 21

/* RFC 8949 section 3: three bits of kind, five of argument or of its size. NULL, or the fault. */
static const char *head_read(struct lethe_cbor *in, unsigned *major, uint64_t *argument)
{
    static const uint64_t least[] = {24, 1u << 8, 1u << 16, 1ull << 32};
    if (in->at == in->end)
        return "it ends too early";
    unsigned info = *in->at & 31;
    *major = *in->at++ >> 5;
    *argument = info;
    if (info < 24)
        return NULL;
    if (info == 31)
        return "it has an indefinite length";
    if (info > 27)
        return "it has a reserved head";
    if (*major == LETHE_CBOR_SIMPLE)
        return "it has a float or an unknown simple value";
    size_t size = (size_t)1 << (info - 24);
    if ((size_t)(in->end - in->at) < size)
        return "it ends too early";
    *argument = 0;
    for (size_t i = 0; i < size; i++)
        *argument = *argument << 8 | *in->at++;
    return *argument < least[info - 24] ? "it has a number that is not in its shortest form" : NULL;
}

/* RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
static bool is_utf8(const uint8_t *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint8_t c = s[i];
        size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : 3;
        if ((more == 3 && (c < 0xf0 || c > 0xf4)) || len - i <= more)
            return false;
        uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
        uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        for (size_t k = 1; k <= more; k++, low = 0x80, high = 0xbf)
            if (s[i + k] < low || s[i + k] > high)
                return false;
        i += more + 1;
    }
    return true;
}

static const char *item_check(struct lethe_cbor *in, unsigned depth);

static const char *map_check(struct lethe_cbor *in, uint64_t n, unsigned depth)
{
    const uint8_t *before = NULL;
    size_t before_len = 0;
    for (uint64_t i = 0; i < n; i++) {
        const uint8_t *key = in->at;
        const char *fault = item_check(in, depth);
        if (fault)
            return fault;
        size_t len = (size_t)(in->at - key);
        size_t common = len < before_len ? len : before_len;
        int order = before ? memcmp(before, key, common) : -1;
        if (order == 0 && before_len == len)
            return "it has a map with a key twice";
        if (order > 0 || (order == 0 && before_len > len))
            return "it has a map whose keys are out of order";
        before = key;
        before_len = len;
        if ((fault = item_check(in, depth)))
            return fault;
    }
    return NULL;
}

static const char *item_check(struct lethe_cbor *in, unsigned depth)
{
    unsigned major;
    uint64_t argument;
    const char *fault = depth > LETHE_CBOR_DEPTH_MAX ? "it is nested too deep" : NULL;
    if (fault || (fault = head_read(in, &major, &argument)))
        return fault;
    switch (major) {
    case LETHE_CBOR_BYTES:
    case LETHE_CBOR_TEXT:
        if (argument > (uint64_t)(in->end - in->at))
            return "it ends too early";
        if (major == LETHE_CBOR_TEXT && !is_utf8(in->at, (size_t)argument))
            return "it has text that is not UTF-8";
        in->at += argument;
        return NULL;
    case LETHE_CBOR_ARRAY:
        /* Each item takes a byte at least: a lie about their number ends with the input. */
        for (uint64_t i = 0; i < argument && !fault; i++)
            fault = item_check(in, depth + 1);
        return fault;
    case LETHE_CBOR_MAP:
        return map_check(in, argument, depth + 1);
    case LETHE_CBOR_TAG:
        return item_check(in, depth + 1);
    case LETHE_CBOR_SIMPLE:
        return argument == SIMPLE_FALSE || argument == SIMPLE_TRUE
                   ? NULL
                   : "it has a simple value that is neither true nor false";
    default:
        return NULL;
    }
}

const char *lethe_cbor_fault(const uint8_t *data, size_t len)
{
    struct lethe_cbor in = {data, data + len};
    const char *fault = item_check(&in, 0);
    return !fault && in.at != in.end ? "something follows behind it" : fault;
}

bool lethe_cbor_take(struct lethe_cbor *in, enum lethe_cbor_major major, uint64_t *argument)
{
    struct lethe_cbor next = *in;
    unsigned is;
    if (head_read(&next, &is, argument) || is != major)
        return false;
    *in = next;
    return true;
}

bool lethe_cbor_take_int(struct lethe_cbor *in, int64_t *out)
{
    struct lethe_cbor next = *in;
    uint64_t n;
    bool negative = lethe_cbor_take(&next, LETHE_CBOR_NEGATIVE, &n);
    if ((!negative && !lethe_cbor_take(&next, LETHE_CBOR_UINT, &n)) || n > INT64_MAX)
        return false;
    *out = negative ? -1 - (int64_t)n : (int64_t)n;
    *in = next;
    return true;
}

bool lethe_cbor_take_bool(struct lethe_cbor *in, bool *out)
{
    uint64_t simple;
    if (!lethe_cbor_take(in, LETHE_CBOR_SIMPLE, &simple))
        return false;
    *out = simple == SIMPLE_TRUE;
    return true;
}

bool lethe_cbor_take_string(struct lethe_cbor *in, enum lethe_cbor_major major, const uint8_t **out,
                            size_t *len)
{
    struct lethe_cbor next = *in;
    uint64_t n;
    if (!lethe_cbor_take(&next, major, &n) || n > (uint64_t)(next.end - next.at))
        return false;
    *out = next.at;
    *len = (size_t)n;
    next.at += n;
    *in = next;
    return true;
}

int lethe_cbor_put(struct lethe_buf *out, enum lethe_cbor_major major, uint64_t argument)
{
    uint8_t head[9] = {(uint8_t)(major << 5)};
    size_t size = argument < 24           ? 0
                  : argument < 1u << 8    ? 1
                  : argument < 1u << 16   ? 2
                  : argument < 1ull << 32 ? 4
                                          : 8;
    head[0] |= size == 0   ? (uint8_t)argument
               : size == 1 ? 24
               : size == 2 ? 25
               : size == 4 ? 26
                           : 27;
    for (size_t i = 0; i < size; i++)
        head[1 + i] = (uint8_t)(argument >> 8 * (size - 1 - i));
    return lethe_buf_add(out, head, 1 + size);
}

int lethe_cbor_put_int(struct lethe_buf *out, int64_t value)
{
    return value < 0 ? lethe_cbor_put(out, LETHE_CBOR_NEGATIVE, (uint64_t)(-1 - value))
                     : lethe_cbor_put(out, LETHE_CBOR_UINT, (uint64_t)value);
}

int lethe_cbor_put_bool(struct lethe_buf *out, bool value)
{
    return lethe_cbor_put(out, LETHE_CBOR_SIMPLE, value ? SIMPLE_TRUE : SIMPLE_FALSE);
}

int lethe_cbor_put_string(struct lethe_buf *out, enum lethe_cbor_major major, const void *data,
                          size_t len)
{
    int rc = lethe_cbor_put(out, major, len);
    return rc < 0 ? rc : lethe_buf_add(out, data, len);
}
