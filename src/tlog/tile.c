/* SPDX-License-Identifier: Apache-2.0 */
/* Names and shapes of tiles and bundles: tlog-tiles, "Merkle Tree" and "Log entries". */
#include "base/text.h"
#include <inttypes.h>
#include <lethe/tlog.h>
#include <string.h>

#define LEVEL_BITS 8

unsigned lethe_tlog_tile_width(uint64_t size, unsigned level, uint64_t index)
{
    if (level >= LETHE_TLOG_LEVELS || size > LETHE_TLOG_SIZE_MAX)
        return 0;
    uint64_t hashes = size >> (LEVEL_BITS * level); /* of full tiles below, or leaves */
    uint64_t full = hashes / LETHE_TLOG_TILE_WIDTH;
    if (index < full)
        return LETHE_TLOG_TILE_WIDTH;
    return index == full ? (unsigned)(hashes % LETHE_TLOG_TILE_WIDTH) : 0;
}

/* "x001/x234/067": groups of three digits, all but the last marked. */
static void put_index(char out[LETHE_TLOG_PATH_MAX], uint64_t index)
{
    char text[LETHE_TLOG_PATH_MAX];
    lethe_text_format(out, LETHE_TLOG_PATH_MAX, "%03u", (unsigned)(index % 1000));
    for (index /= 1000; index > 0; index /= 1000) {
        lethe_text_format(text, sizeof(text), "x%03u/%.48s", (unsigned)(index % 1000), out);
        memcpy(out, text, sizeof(text));
    }
}

static int put_path(char out[LETHE_TLOG_PATH_MAX], const char *folder, uint64_t index,
                    unsigned width)
{
    char number[LETHE_TLOG_PATH_MAX];
    if (index > LETHE_TLOG_SIZE_MAX || width == 0 || width > LETHE_TLOG_TILE_WIDTH)
        return -LETHE_E_USAGE;
    put_index(number, index);
    bool fits =
        width == LETHE_TLOG_TILE_WIDTH
            ? lethe_text_format(out, LETHE_TLOG_PATH_MAX, "tile/%s/%s", folder, number)
            : lethe_text_format(out, LETHE_TLOG_PATH_MAX, "tile/%s/%s.p/%u", folder, number, width);
    return fits ? 0 : -LETHE_E_LIMIT;
}

int lethe_tlog_tile_path(const struct lethe_tlog_tile *tile, char out[LETHE_TLOG_PATH_MAX])
{
    char level[2] = {(char)('0' + tile->level), '\0'};
    if (tile->level >= LETHE_TLOG_LEVELS)
        return -LETHE_E_USAGE;
    return put_path(out, level, tile->index, tile->width);
}

int lethe_tlog_bundle_path(uint64_t index, unsigned width, char out[LETHE_TLOG_PATH_MAX])
{
    return put_path(out, "entries", index, width);
}

static bool get_digits(const char **at, unsigned *out)
{
    *out = 0;
    for (int i = 0; i < 3; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (unsigned)(**at - '0');
    }
    return true;
}

/* Loosely: what was read is written again and compared, so that one path has one spelling. */
int lethe_tlog_path_parse(const char *path, struct lethe_tlog_tile *out, bool *entries)
{
    static const char bundles[] = "tile/entries/";
    char again[LETHE_TLOG_PATH_MAX];
    unsigned digits;
    const char *at = path;
    memset(out, 0, sizeof(*out));
    *entries = strncmp(path, bundles, sizeof(bundles) - 1) == 0;
    if (*entries) {
        at += sizeof(bundles) - 1;
    } else {
        if (strncmp(at, "tile/", 5) != 0 || at[5] < '0' || at[5] >= '0' + LETHE_TLOG_LEVELS ||
            at[6] != '/')
            return -LETHE_E_INVALID;
        out->level = (unsigned)(at[5] - '0');
        at += 7;
    }
    for (bool more = true; more;) {
        more = *at == 'x';
        at += more;
        if (!get_digits(&at, &digits) || out->index > LETHE_TLOG_SIZE_MAX / 1000)
            return -LETHE_E_INVALID;
        out->index = out->index * 1000 + digits;
        if (more && *at++ != '/')
            return -LETHE_E_INVALID;
    }
    out->width = LETHE_TLOG_TILE_WIDTH;
    if (strncmp(at, ".p/", 3) == 0) {
        out->width = 0;
        for (at += 3; *at >= '0' && *at <= '9' && out->width < LETHE_TLOG_TILE_WIDTH; at++)
            out->width = out->width * 10 + (unsigned)(*at - '0');
        if (out->width >= LETHE_TLOG_TILE_WIDTH)
            return -LETHE_E_INVALID;
    }
    int rc = *entries ? lethe_tlog_bundle_path(out->index, out->width, again)
                      : lethe_tlog_tile_path(out, again);
    return rc == 0 && strcmp(again, path) == 0 ? 0 : -LETHE_E_INVALID;
}
