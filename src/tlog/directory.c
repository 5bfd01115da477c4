/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles and bundles of a published directory. */
#include "base/file.h"
#include "tlog/parts.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_BYTES_MAX (LETHE_TLOG_TILE_WIDTH * (2 + LETHE_TLOG_ENTRY_MAX))

static int read_path(const char *dir, const char *path, size_t max, char **out, size_t *len,
                     struct lethe_error *err)
{
    char full[PATH_MAX];
    int rc = lethe_path_join(full, sizeof(full), dir, path, err);
    return rc < 0 ? rc : lethe_file_read(full, max, out, len, err);
}

static int read_tile(const char *dir, const struct lethe_tlog_tile *tile,
                     struct lethe_tlog_hash *out, unsigned take, struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX], *data;
    size_t len;
    int rc = lethe_tlog_tile_path(tile, path);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_USAGE, "no log has such a tile");
    rc = read_path(dir, path, LETHE_TLOG_TILE_BYTES, &data, &len, err);
    if (rc < 0)
        return rc;
    if (len == tile->width * sizeof(*out))
        memcpy(out, data, take * sizeof(*out));
    else
        rc = lethe_fail(err, LETHE_E_INVALID, "%s has %zu bytes instead of %zu", path, len,
                        tile->width * sizeof(*out));
    free(data);
    return rc;
}

int lethe_tlog_directory_tile(void *user, const struct lethe_tlog_tile *tile,
                              struct lethe_tlog_hash *out, struct lethe_error *err)
{
    int rc = read_tile(user, tile, out, tile->width, err);
    struct lethe_tlog_tile full = *tile;
    full.width = LETHE_TLOG_TILE_WIDTH;
    /* tlog-tiles: a partial tile may be deleted once the full one is there. The error stays that of
     * the tile that was asked for. */
    if (rc == -LETHE_E_NOT_FOUND && tile->width < full.width &&
        read_tile(user, &full, out, tile->width, NULL) == 0)
        return 0;
    return rc;
}

static int read_bundle(const char *dir, uint64_t index, unsigned width, char **out, size_t *len,
                       struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    if (lethe_tlog_bundle_path(index, width, path) < 0)
        return lethe_fail(err, LETHE_E_USAGE, "no log has such a bundle");
    return read_path(dir, path, BUNDLE_BYTES_MAX, out, len, err);
}

int lethe_tlog_directory_bundle(const char *dir, uint64_t index, unsigned width, uint8_t **out,
                                size_t *len, struct lethe_error *err)
{
    char *data = NULL;
    const uint8_t *entry;
    size_t at = 0, entry_len;
    int rc = read_bundle(dir, index, width, &data, len, err);
    if (rc == -LETHE_E_NOT_FOUND && width < LETHE_TLOG_TILE_WIDTH &&
        read_bundle(dir, index, LETHE_TLOG_TILE_WIDTH, &data, len, NULL) == 0) {
        rc = 0;
        for (unsigned i = 0; i < width && rc >= 0; i++)
            rc = lethe_tlog_bundle_next(data, *len, &at, &entry, &entry_len, err);
        *len = at;
    }
    if (rc < 0) {
        free(data);
        return rc;
    }
    *out = (uint8_t *)data;
    return 0;
}
