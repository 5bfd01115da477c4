/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/bytes.h"

#include "base/text.h"

uint64_t lethe_le128(const uint8_t *p)
{
    return lethe_le64(p + 8) != 0 ? UINT64_MAX : lethe_le64(p);
}

bool lethe_bytes_all(const uint8_t *p, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != value)
            return false;
    return true;
}

static bool padding(uint8_t byte)
{
    return byte == 0 || byte == ' ';
}

void lethe_field_text(char *out, size_t out_size, const uint8_t *field, size_t len)
{
    while (len > 0 && padding(field[0])) {
        field++;
        len--;
    }
    while (len > 0 && padding(field[len - 1]))
        len--;
    lethe_text_clean(out, out_size, (const char *)field, len);
}

void lethe_field_ata_text(char *out, size_t out_size, const uint8_t *field, size_t len)
{
    uint8_t swapped[64];
    if (len > sizeof swapped)
        len = sizeof swapped;
    for (size_t i = 0; i + 1 < len; i += 2) {
        swapped[i] = field[i + 1];
        swapped[i + 1] = field[i];
    }
    lethe_field_text(out, out_size, swapped, len & ~(size_t)1);
}
