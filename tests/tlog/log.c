/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct log_file *log_find(const struct log_store *store, const char *path)
{
    for (size_t i = store->n; i > 0; i--)
        if (strcmp(store->file[i - 1].path, path) == 0)
            return &store->file[i - 1];
    return NULL;
}

static int put(struct log_store *store, const char *path, const void *data, size_t len)
{
    if (log_find(store, path))
        abort(); /* immutable: nothing is written twice */
    if (store->n == store->cap) {
        store->cap = store->cap ? 2 * store->cap : 64;
        store->file = realloc(store->file, store->cap * sizeof(*store->file));
    }
    struct log_file *file = &store->file[store->n++];
    snprintf(file->path, sizeof(file->path), "%s", path);
    file->len = len;
    file->data = malloc(len);
    memcpy(file->data, data, len);
    return 0;
}

static int put_tile(void *user, const struct lethe_tlog_tile *tile,
                    const struct lethe_tlog_hash *hashes, struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    (void)err;
    if (lethe_tlog_tile_path(tile, path) < 0)
        abort();
    return put(user, path, hashes, tile->width * sizeof(*hashes));
}

static int put_bundle(void *user, uint64_t index, unsigned width, const void *data, size_t len,
                      struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    (void)err;
    if (lethe_tlog_bundle_path(index, width, path) < 0)
        abort();
    return put(user, path, data, len);
}

struct lethe_tlog_sink log_sink(struct log_store *store)
{
    return (struct lethe_tlog_sink){.tile = put_tile, .bundle = put_bundle, .user = store};
}

static int get_tile(void *user, const struct lethe_tlog_tile *tile, struct lethe_tlog_hash *out,
                    struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    if (lethe_tlog_tile_path(tile, path) < 0)
        abort(); /* a prover asks for tiles that exist only */
    const struct log_file *file = log_find(user, path);
    if (!file)
        return lethe_fail(err, LETHE_E_NOT_FOUND, "no %s", path);
    memcpy(out, file->data, file->len);
    return 0;
}

struct lethe_tlog_reader log_reader(struct log_store *store)
{
    return (struct lethe_tlog_reader){.tile = get_tile, .user = store};
}

void log_free(struct log_store *store)
{
    for (size_t i = 0; i < store->n; i++)
        free(store->file[i].data);
    free(store->file);
    memset(store, 0, sizeof(*store));
}

size_t log_entry(uint64_t i, char out[32])
{
    return (size_t)snprintf(out, 32, "entry %" PRIu64, i);
}

void log_leaf(uint64_t i, struct lethe_tlog_hash *out)
{
    char entry[32];
    size_t len = log_entry(i, entry);
    lethe_tlog_hash_leaf(out, entry, len);
}

void log_fill(struct log_store *store, uint64_t size, struct lethe_tlog_hash *root)
{
    struct lethe_tlog_sink sink = log_sink(store);
    struct lethe_tlog_builder *builder;
    char entry[32];
    if (lethe_tlog_builder_new(&sink, &builder, NULL) < 0)
        abort();
    for (uint64_t i = 0; i < size; i++) {
        size_t len = log_entry(i, entry);
        if (lethe_tlog_builder_append(builder, entry, len, NULL) < 0)
            abort();
    }
    if (lethe_tlog_builder_flush(builder, NULL) < 0)
        abort();
    lethe_tlog_builder_root(builder, root);
    lethe_tlog_builder_free(builder);
}
