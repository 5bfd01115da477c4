/* SPDX-License-Identifier: Apache-2.0 */
/* Static files for a web server: tiles first, never changed; the checkpoint last. */
#include "base/file.h"
#include "base/text.h"
#include "log/internal.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct publish {
    struct lethe_log *log;
    const char *dir;
    size_t files;
    struct lethe_error *err;
    int rc;
};

static bool is_there(const char *dir, const char *path)
{
    char file[PATH_MAX];
    return lethe_path_join(file, sizeof(file), dir, path, NULL) == 0 && access(file, F_OK) == 0;
}

static int put(struct publish *p, const char *path, const void *data, size_t len)
{
    if (is_there(p->dir, path))
        return 0;
    p->files++;
    return lethe_log_file_put(p->dir, path, data, len, p->err);
}

static int put_tiles(struct publish *p, unsigned level, uint64_t size)
{
    struct lethe_tlog_hash hashes[LETHE_TLOG_TILE_WIDTH];
    char path[LETHE_TLOG_PATH_MAX];
    struct lethe_tlog_tile tile = {.level = level};
    int rc = 0;
    for (; rc == 0 && (tile.width = lethe_tlog_tile_width(size, level, tile.index)) > 0;
         tile.index++) {
        rc = lethe_tlog_tile_path(&tile, path);
        if (rc < 0 || is_there(p->dir, path))
            continue;
        rc = lethe_log_tile_read(p->log->dir, &tile, hashes, p->err);
        if (rc == 0)
            rc = put(p, path, hashes, tile.width * sizeof(*hashes));
    }
    return rc;
}

static int put_bundles(struct publish *p, uint64_t size)
{
    char path[LETHE_TLOG_PATH_MAX];
    int rc = 0;
    for (uint64_t index = 0; rc == 0 && index * LETHE_TLOG_TILE_WIDTH < size; index++) {
        uint8_t *data = NULL;
        size_t len;
        unsigned width = lethe_tlog_tile_width(size, 0, index);
        rc = lethe_tlog_bundle_path(index, width, path);
        if (rc < 0 || is_there(p->dir, path))
            continue;
        rc = lethe_tlog_directory_bundle(p->log->dir, index, width, &data, &len, p->err);
        if (rc == 0)
            rc = put(p, path, data, len);
        free(data);
    }
    return rc;
}

/* What was signed stays for auditors: checkpoints/SIZE, as it was witnessed. */
static int keep_checkpoint(void *user, const struct lethe_store_checkpoint *checkpoint)
{
    struct publish *p = user;
    char path[64], *note = NULL;
    lethe_text_format(path, sizeof(path), "checkpoints/%" PRIu64, checkpoint->size);
    char *there = NULL, file[PATH_MAX];
    size_t len = 0;
    p->rc = lethe_log_note(p->log, checkpoint, &note, p->err);
    if (p->rc == 0)
        p->rc = lethe_path_join(file, sizeof(file), p->dir, path, p->err);
    /* Witnesses may have signed since it was put there. */
    bool same = p->rc == 0 && is_there(p->dir, path) &&
                lethe_file_read(file, LETHE_TLOG_NOTE_MAX, &there, &len, NULL) == 0 &&
                len == strlen(note) && memcmp(there, note, len) == 0;
    if (p->rc == 0 && !same) {
        p->files++;
        p->rc = lethe_log_file_put(p->dir, path, note, strlen(note), p->err);
    }
    free(there);
    free(note);
    return p->rc < 0;
}

static int run(struct publish *p)
{
    char *note = NULL, vkey[LETHE_TLOG_VKEY_MAX + 1];
    uint64_t size = 0, there = 0;
    int rc =
        lethe_log_check_published(p->log->store, lethe_log_key(p->log), p->dir, &there, p->err);
    if (rc == 0) { /* it is ours: what an earlier one was killed over goes */
        lethe_dir_tidy(p->dir);
        rc = lethe_log_checkpoint(p->log, &size, &note, p->err);
    }
    for (unsigned level = 0; rc == 0 && level < LETHE_TLOG_LEVELS; level++)
        rc = put_tiles(p, level, size);
    if (rc == 0)
        rc = put_bundles(p, size);
    if (rc == 0)
        rc = lethe_store_checkpoint_each(p->log->store, lethe_log_origin(p->log), keep_checkpoint,
                                         p, p->err);
    if (rc == 0)
        rc = p->rc;
    lethe_tlog_key_format(lethe_log_key(p->log), vkey);
    strcat(vkey, "\n");
    if (rc == 0)
        rc = put(p, "log.vkey", vkey, strlen(vkey));
    if (rc == 0)
        rc = lethe_log_file_put(p->dir, "checkpoint", note, strlen(note), p->err);
    free(note);
    return rc;
}

int lethe_log_publish(struct lethe_log *log, const char *dir, size_t *files,
                      struct lethe_error *err)
{
    struct publish publish = {.log = log, .dir = dir, .err = err};
    char path[PATH_MAX];
    int rc = lethe_path_join(path, sizeof(path), log->state, "publish.lock", err);
    LETHE_FD_AUTO lock = rc < 0 ? rc : lethe_file_lock(path, true, err);
    rc = lock < 0 ? lock : lethe_dir_make(dir, 0755, err);
    if (rc == 0)
        rc = run(&publish);
    *files = publish.files;
    return rc;
}
