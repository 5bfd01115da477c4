/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles and bundles as files: immutable, each durable before the checkpoint that needs it. */
#include "base/file.h"
#include "base/text.h"
#include "log/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int sync_dir(const char *path, struct lethe_error *err)
{
    LETHE_FD_AUTO fd = lethe_file_open(path, O_RDONLY | O_DIRECTORY, 0, err);
    if (fd < 0)
        return fd;
    return fsync(fd) == 0 ? 0 : lethe_fail_errno(err, errno, "cannot sync the directory %s", path);
}

/* The directories between DIR and the file at PATH, each durable in the one above it. */
static int make_parents(const char *dir, const char *path, struct lethe_error *err)
{
    char part[PATH_MAX], above[PATH_MAX];
    const char *slash = strchr(path, '/');
    int rc = lethe_text_format(above, sizeof(above), "%s", dir)
                 ? 0
                 : lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", dir);
    for (; rc == 0 && slash; slash = strchr(slash + 1, '/')) {
        if (!lethe_text_format(part, sizeof(part), "%s/%.*s", dir, (int)(slash - path), path))
            return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", dir);
        if (access(part, F_OK) != 0) {
            rc = lethe_dir_make(part, 0755, err);
            if (rc == 0)
                rc = sync_dir(above, err);
        }
        memcpy(above, part, sizeof(above));
    }
    return rc;
}

int lethe_log_file_put(const char *dir, const char *path, const void *data, size_t len,
                       struct lethe_error *err)
{
    char file[PATH_MAX];
    int rc = lethe_path_join(file, sizeof(file), dir, path, err);
    if (rc == 0)
        rc = make_parents(dir, path, err);
    return rc < 0 ? rc : lethe_file_write(file, data, len, 0644, err);
}

static int put_tile(void *user, const struct lethe_tlog_tile *tile,
                    const struct lethe_tlog_hash *hashes, struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    int rc = lethe_tlog_tile_path(tile, path);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "a tile beyond the bounds of a log");
    return lethe_log_file_put(user, path, hashes, tile->width * sizeof(*hashes), err);
}

static int put_bundle(void *user, uint64_t index, unsigned width, const void *data, size_t len,
                      struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    int rc = lethe_tlog_bundle_path(index, width, path);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "a bundle beyond the bounds of a log");
    return lethe_log_file_put(user, path, data, len, err);
}

const struct lethe_tlog_sink lethe_log_tile_writer = {.tile = put_tile, .bundle = put_bundle};

/* The narrowest of the partial tiles that are there and wide enough: tiles that were lost and made
 * again are as wide as the log was then. */
static unsigned wider(const char *dir, const struct lethe_tlog_tile *tile)
{
    char path[LETHE_TLOG_PATH_MAX], folder[PATH_MAX];
    char **names = NULL;
    unsigned found = 0;
    struct lethe_tlog_tile partial = *tile;
    if (tile->width == LETHE_TLOG_TILE_WIDTH)
        return 0;
    partial.width = tile->width;
    if (lethe_tlog_tile_path(&partial, path) < 0 ||
        lethe_path_join(folder, sizeof(folder), dir, path, NULL) < 0)
        return 0;
    *strrchr(folder, '/') = '\0';
    if (lethe_dir_list(folder, &names, NULL) < 0)
        return 0;
    for (char **name = names; *name; name++) {
        unsigned long width = strtoul(*name, NULL, 10);
        if (width > tile->width && width < LETHE_TLOG_TILE_WIDTH && (!found || width < found))
            found = (unsigned)width;
    }
    lethe_names_free(names);
    return found;
}

int lethe_log_tile_read(void *user, const struct lethe_tlog_tile *tile, struct lethe_tlog_hash *out,
                        struct lethe_error *err)
{
    struct lethe_tlog_hash hashes[LETHE_TLOG_TILE_WIDTH];
    struct lethe_tlog_tile there = *tile;
    int rc = lethe_tlog_directory_tile(user, tile, out, err);
    if (rc != -LETHE_E_NOT_FOUND || (there.width = wider(user, tile)) == 0)
        return rc;
    rc = lethe_tlog_directory_tile(user, &there, hashes, err);
    if (rc == 0)
        memcpy(out, hashes, tile->width * sizeof(*out));
    return rc;
}

/* PATH is of a partial one: all of its width and less go, with their folder. */
static void drop_folder(const char *dir, const char *path)
{
    char folder[PATH_MAX], file[PATH_MAX + 16];
    char **names = NULL;
    if (lethe_path_join(folder, sizeof(folder), dir, path, NULL) < 0)
        return;
    *strrchr(folder, '/') = '\0';
    if (access(folder, F_OK) != 0 || lethe_dir_list(folder, &names, NULL) < 0)
        return;
    for (char **name = names; *name; name++)
        if (lethe_text_format(file, sizeof(file), "%s/%s", folder, *name))
            unlink(file);
    rmdir(folder);
    lethe_names_free(names);
}

void lethe_log_tiles_prune(const char *dir, uint64_t from, uint64_t size)
{
    char path[LETHE_TLOG_PATH_MAX];
    for (unsigned level = 0; level < LETHE_TLOG_LEVELS && (size >> (8 * level)) >= 256; level++) {
        uint64_t first = (from >> (8 * level)) / 256, last = (size >> (8 * level)) / 256;
        for (uint64_t index = first; index < last; index++) {
            struct lethe_tlog_tile tile = {.level = level, .index = index, .width = 1};
            if (lethe_tlog_tile_path(&tile, path) == 0)
                drop_folder(dir, path);
            if (level == 0 && lethe_tlog_bundle_path(index, 1, path) == 0)
                drop_folder(dir, path);
        }
    }
}
