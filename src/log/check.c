/* SPDX-License-Identifier: Apache-2.0 */
/* The whole log again: entries, tiles as they lie there, every checkpoint that was signed. */
#include "base/file.h"
#include "base/text.h"
#include "log/internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct signed_root {
    uint64_t size;
    struct lethe_tlog_hash root;
};

struct check {
    struct lethe_store *store;
    struct lethe_tlog_key key;
    char dir[PATH_MAX];
    struct lethe_tlog_builder *builder;
    struct signed_root *roots;
    size_t n_roots, next;
    struct lethe_error *err;
    int rc;
};

static int damaged(struct check *check, const char *what)
{
    lethe_fail(check->err, LETHE_E_INVALID, "%s", what);
    lethe_error_effect(check->err, "what was published of the log and what is here disagree");
    lethe_error_remedy(check->err, "compare with a backup, and with the log as it was published");
    return -LETHE_E_INVALID;
}

static int same_file(struct check *check, const char *path, const void *data, size_t len)
{
    char file[PATH_MAX], what[320], *there = NULL;
    size_t there_len = 0;
    int rc = lethe_path_join(file, sizeof(file), check->dir, path, check->err);
    if (rc < 0 || access(file, F_OK) != 0) /* tiles follow from the entries: made again when used */
        return rc;
    rc = lethe_file_read(file, LETHE_TLOG_TILE_WIDTH * (2 + LETHE_TLOG_ENTRY_MAX), &there,
                         &there_len, check->err);
    if (rc == 0 && (there_len != len || memcmp(there, data, len) != 0)) {
        lethe_text_format(what, sizeof(what), "%s is not what its entries say", file);
        rc = damaged(check, what);
    }
    free(there);
    return rc;
}

static int compare_tile(void *user, const struct lethe_tlog_tile *tile,
                        const struct lethe_tlog_hash *hashes, struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    (void)err;
    return lethe_tlog_tile_path(tile, path) < 0
               ? damaged(user, "a tile beyond the bounds of a log")
               : same_file(user, path, hashes, tile->width * sizeof(*hashes));
}

static int compare_bundle(void *user, uint64_t index, unsigned width, const void *data, size_t len,
                          struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    (void)err;
    return lethe_tlog_bundle_path(index, width, path) < 0
               ? damaged(user, "a bundle beyond the bounds of a log")
               : same_file(user, path, data, len);
}

/* What was signed at SIZE, if anything. */
static int compare_root(struct check *check)
{
    char what[160];
    struct lethe_tlog_hash root;
    uint64_t size = lethe_tlog_builder_size(check->builder);
    if (check->next == check->n_roots || check->roots[check->next].size != size)
        return 0;
    lethe_tlog_builder_root(check->builder, &root);
    if (lethe_tlog_hash_equal(&root, &check->roots[check->next++].root))
        return 0;
    lethe_text_format(what, sizeof(what),
                      "the checkpoint of %" PRIu64 " entries is not of the entries that are here",
                      size);
    return damaged(check, what);
}

static int on_entry(void *user, const struct lethe_store_entry *entry, const uint8_t leaf[32])
{
    struct check *check = user;
    (void)leaf;
    check->rc =
        lethe_tlog_builder_append(check->builder, entry->text, strlen(entry->text), check->err);
    if (check->rc == 0)
        check->rc = compare_root(check);
    return check->rc < 0;
}

static int on_checkpoint(void *user, const struct lethe_store_checkpoint *checkpoint)
{
    struct check *check = user;
    struct lethe_tlog_checkpoint said;
    struct signed_root *grown = realloc(check->roots, (check->n_roots + 1) * sizeof(*check->roots));
    if (!grown) {
        check->rc = lethe_fail(check->err, LETHE_E_INTERNAL, "memory ran out");
        return 1;
    }
    check->roots = grown;
    check->rc = lethe_tlog_checkpoint_open(checkpoint->note, strlen(checkpoint->note), &check->key,
                                           &said, NULL, check->err);
    if (check->rc == 0 && (said.size != checkpoint->size ||
                           memcmp(said.root.bytes, checkpoint->root, sizeof(said.root.bytes)) != 0))
        check->rc = damaged(check, "a checkpoint in the record is filed under what it is not");
    grown[check->n_roots++] = (struct signed_root){.size = said.size, .root = said.root};
    return check->rc < 0;
}

static int run(struct check *check, uint64_t *entries)
{
    uint64_t published;
    struct lethe_tlog_sink sink = {.tile = compare_tile, .bundle = compare_bundle, .user = check};
    int rc = lethe_store_checkpoint_each(check->store, check->key.name, on_checkpoint, check,
                                         check->err);
    if (rc == 0)
        rc = check->rc;
    if (rc == 0)
        rc = lethe_store_log_size(check->store, check->key.name, entries, check->err);
    if (rc == 0)
        rc = lethe_tlog_builder_new(&sink, &check->builder, check->err);
    if (rc == 0)
        rc = lethe_store_log_each(check->store, check->key.name, 0, *entries, on_entry, check,
                                  check->err);
    if (rc == 0)
        rc = check->rc;
    if (rc == 0)
        rc = lethe_tlog_builder_flush(check->builder, check->err);
    if (rc == 0 && check->next != check->n_roots)
        rc = damaged(check, "a checkpoint was signed of more entries than are here");
    return rc < 0 ? rc
                  : lethe_log_check_published(check->store, &check->key, check->dir, &published,
                                              check->err);
}

int lethe_log_check(struct lethe_store *store, const char *dir, uint64_t *entries,
                    uint64_t *checkpoints, struct lethe_error *err)
{
    struct check check = {.store = store, .err = err};
    char what[160];
    int rc = lethe_log_key_read(dir, &check.key, err);
    /* An older copy of the record is whole in itself: only who knows better can tell. */
    if (rc == 0)
        rc = lethe_store_alarm_get(store, check.key.name, what, sizeof(what), err);
    if (rc > 0)
        rc = lethe_log_refuse_rollback(err, check.key.name, what);
    if (rc == 0)
        rc = lethe_path_join(check.dir, sizeof(check.dir), dir, "log", err);
    if (rc == 0)
        rc = run(&check, entries);
    *checkpoints = check.n_roots;
    lethe_tlog_builder_free(check.builder);
    free(check.roots);
    return rc;
}
