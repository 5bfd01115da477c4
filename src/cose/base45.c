/* SPDX-License-Identifier: Apache-2.0 */
#include "cose/base45.h"

#include <string.h>

/* RFC 9285 section 4, table 1. */
static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

void lethe_base45_encode(char *out, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i += 2) {
        unsigned n = i + 1 < len ? in[i] * 256u + in[i + 1] : in[i];
        *out++ = alphabet[n % 45];
        *out++ = alphabet[n / 45 % 45];
        if (i + 1 < len)
            *out++ = alphabet[n / 2025];
    }
    *out = '\0';
}

static int value(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

ssize_t lethe_base45_decode(uint8_t *out, size_t out_size, const char *in, size_t in_len)
{
    size_t n = 0;
    if (in_len % 3 == 1 || in_len / 3 * 2 + in_len % 3 / 2 > out_size)
        return -1;
    for (size_t i = 0; i < in_len; i += 3) {
        size_t group = in_len - i < 3 ? 2 : 3;
        int sum = 0;
        for (size_t k = group; k-- > 0;) {
            int digit = value(in[i + k]);
            if (digit < 0)
                return -1;
            sum = sum * 45 + digit;
        }
        if (sum > (group == 3 ? 65535 : 255))
            return -1;
        if (group == 3)
            out[n++] = (uint8_t)(sum >> 8);
        out[n++] = (uint8_t)sum;
    }
    return (ssize_t)n;
}
