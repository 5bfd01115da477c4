/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces that all texts of C2SP are made of: lines, numbers, base64. */
#include "base/text.h"
#include "tlog/parts.h"
#include <string.h>

bool lethe_tlog_number(const char *text, size_t len, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (len == 0 || (len > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9 || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return value <= max;
}

bool lethe_tlog_line(const char **at, const char *end, const char **line, size_t *len)
{
    const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
    if (!newline)
        return false;
    *line = *at;
    *len = (size_t)(newline - *at);
    *at = newline + 1;
    return true;
}

size_t lethe_tlog_utf8(const char *text, size_t left, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] < 0x80) {
        *code = at[0];
        return 1;
    }
    size_t n = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
    if (at[0] < 0xC2 || at[0] > 0xF4 || n > left)
        return 0;
    *code = at[0] & (0x7FU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (at[i] & 0x3F);
    }
    bool surrogate = *code >= 0xD800 && *code <= 0xDFFF;
    return *code < least[n] || *code > 0x10FFFF || surrogate ? 0 : n;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void lethe_tlog_base64_encode(char *out, const void *in, size_t len)
{
    const uint8_t *bytes = in;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        *out++ = alphabet[three >> 18];
        *out++ = alphabet[three >> 12 & 63];
        *out++ = left > 1 ? alphabet[three >> 6 & 63] : '=';
        *out++ = left > 2 ? alphabet[three & 63] : '=';
    }
    *out = '\0';
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int lethe_tlog_base64_decode(void *out, size_t out_size, const char *in, size_t in_len)
{
    uint8_t *bytes = out;
    if (in_len % 4 != 0 || in_len > INT32_MAX)
        return -1;
    size_t pad = in_len == 0 ? 0 : in[in_len - 1] != '=' ? 0 : in[in_len - 2] != '=' ? 1 : 2;
    size_t len = in_len / 4 * 3 - pad;
    if (len > out_size)
        return -1;
    uint32_t bits = 0;
    for (size_t i = 0, n = 0; i < in_len - pad; i++) {
        int six = sextet(in[i]);
        if (six < 0)
            return -1;
        bits = bits << 6 | (uint32_t)six;
        if (i % 4 != 0)
            bytes[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    /* Bits that no byte uses are zero, or one value would have several spellings. */
    if ((pad == 1 && (bits & 3)) || (pad == 2 && (bits & 15)))
        return -1;
    return (int)len;
}

bool lethe_tlog_base64_valid(const char *text, size_t len)
{
    uint8_t bytes[3];
    if (len == 0 || len % 4 != 0)
        return false;
    for (size_t i = 0; i < len; i += 4) {
        int n = lethe_tlog_base64_decode(bytes, sizeof(bytes), text + i, 4);
        if (n < 1 || (n < 3 && i + 4 < len))
            return false;
    }
    return true;
}
