/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/icc.h"
#include <stddef.h>
#include <string.h>

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* s15Fixed16Number, from parts per 10000. */
static uint32_t fixed(uint32_t parts)
{
    return (parts * 65536u + 5000u) / 10000u;
}

enum { HEADER = 128, TABLE = HEADER + 4 + 9 * 12, XYZ = 20, CURVE = 16 };

void lethe_icc_profile(uint8_t out[LETHE_ICC_SIZE])
{
    /* Adapted to D50 (IEC 61966-2-1), X Y Z. */
    static const struct {
        char tag[5];
        uint32_t xyz[3];
    } points[] = {{"wtpt", {9642, 10000, 8249}},
                  {"rXYZ", {4361, 2225, 139}},
                  {"gXYZ", {3851, 7169, 971}},
                  {"bXYZ", {1431, 606, 7141}}};
    static const char *const curves[] = {"rTRC", "gTRC", "bTRC"};
    static const char *const texts[] = {"desc", "cprt"};
    const size_t text_len[] = {96, 20};

    memset(out, 0, LETHE_ICC_SIZE);
    put32(out, LETHE_ICC_SIZE);
    put32(out + 8, 0x02100000); /* version 2.1 */
    memcpy(out + 12, "mntrRGB XYZ ", 12);
    put32(out + 24, 2026u << 16 | 1);
    put32(out + 28, 1u << 16);
    memcpy(out + 36, "acsp", 4);
    for (size_t i = 0; i < 3; i++)
        put32(out + 68 + 4 * i, fixed(points[0].xyz[i])); /* illuminant: D50 */

    size_t at = TABLE, entry = HEADER + 4;
    put32(out + HEADER, 9);
    for (size_t i = 0; i < 2; i++, entry += 12) {
        memcpy(out + entry, texts[i], 4);
        put32(out + entry + 4, (uint32_t)at);
        put32(out + entry + 8, (uint32_t)text_len[i]);
        if (i == 0) { /* textDescriptionType: length of the ASCII part, the part, then nothing */
            memcpy(out + at, "desc", 4);
            put32(out + at + 8, 5);
            memcpy(out + at + 12, "sRGB", 5);
        } else {
            memcpy(out + at, "text", 4);
            memcpy(out + at + 8, "No rights", 10);
        }
        at += text_len[i];
    }
    for (size_t i = 0; i < 4; i++, entry += 12, at += XYZ) {
        memcpy(out + entry, points[i].tag, 4);
        put32(out + entry + 4, (uint32_t)at);
        put32(out + entry + 8, XYZ);
        memcpy(out + at, "XYZ ", 4);
        for (size_t j = 0; j < 3; j++)
            put32(out + at + 8 + 4 * j, fixed(points[i].xyz[j]));
    }
    for (size_t i = 0; i < 3; i++, entry += 12) { /* one curve for all three */
        memcpy(out + entry, curves[i], 4);
        put32(out + entry + 4, (uint32_t)at);
        put32(out + entry + 8, 14);
    }
    memcpy(out + at, "curv", 4);
    put32(out + at + 8, 1);
    out[at + 12] = 2; /* u8Fixed8Number: 2.2 */
    out[at + 13] = 51;
}
