/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include "base/text.h"
#include <string.h>

/* The two alphabets of RFC 4648 differ in the last two digits, and one has padding. */
static void replace(char *text, size_t len, char from, char to)
{
    for (char *at = text; (at = memchr(at, from, len - (size_t)(at - text))); at++)
        *at = to;
}

void lethe_base64_encode(char *out, const void *in, size_t len)
{
    lethe_b64url_encode(out, in, len);
    size_t n = strlen(out);
    replace(out, n, '-', '+');
    replace(out, n, '_', '/');
    for (; n % 4 != 0; n++)
        out[n] = '=';
    out[n] = '\0';
}

static int digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

ssize_t lethe_base64_decode(void *out, size_t out_size, const char *in, size_t in_len)
{
    uint8_t *bytes = out;
    size_t pad = 0, n = 0;
    if (in_len % 4 != 0)
        return -1;
    while (pad < 2 && pad < in_len && in[in_len - 1 - pad] == '=')
        pad++;
    if (in_len / 4 * 3 - pad > out_size)
        return -1;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < in_len - pad; i++) {
        int d = digit(in[i]);
        if (d < 0)
            return -1;
        bits = bits << 6 | (uint32_t)d;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[n++] = (uint8_t)(bits >> held);
        }
    }
    /* Section 3.5: one value has one spelling. */
    return bits & ((1u << held) - 1) ? -1 : (ssize_t)n;
}
