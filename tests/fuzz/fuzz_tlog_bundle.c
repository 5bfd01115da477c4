/* SPDX-License-Identifier: Apache-2.0 */
/* An entry bundle: read to its end or refused; and paths of tiles, of one spelling. */
#include <lethe/tlog.h>
#include <stdlib.h>
#include <string.h>

static void path(const uint8_t *data, size_t size)
{
    char text[128], again[LETHE_TLOG_PATH_MAX];
    struct lethe_tlog_tile tile;
    bool entries;
    if (size >= sizeof(text))
        return;
    memcpy(text, data, size);
    text[size] = '\0';
    if (lethe_tlog_path_parse(text, &tile, &entries) < 0)
        return;
    int rc = entries ? lethe_tlog_bundle_path(tile.index, tile.width, again)
                     : lethe_tlog_tile_path(&tile, again);
    if (rc < 0 || strcmp(text, again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *entry;
    size_t at = 0, len, total = 0, n = 0;
    int rc;
    path(data, size);
    while ((rc = lethe_tlog_bundle_next(data, size, &at, &entry, &len, NULL)) > 0) {
        struct lethe_tlog_hash leaf;
        lethe_tlog_hash_leaf(&leaf, entry, len);
        total += len;
        n++;
    }
    if (rc == 0 && total + 2 * n != size)
        abort();
    return 0;
}
