/* SPDX-License-Identifier: Apache-2.0 */
/* The sequencer: from what the store has promised to tiles, a signed checkpoint, a file. */
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "log/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int lethe_log_lock(const struct lethe_log *log, struct lethe_error *err)
{
    char path[PATH_MAX];
    int rc = lethe_path_join(path, sizeof(path), log->state, "log.lock", err);
    return rc < 0 ? rc : lethe_file_lock(path, true, err);
}

int lethe_log_refuse_rollback(struct lethe_error *err, const char *origin, const char *how)
{
    lethe_fail(err, LETHE_E_REFUSED, "%.160s", how);
    lethe_error_effect(err, "nothing was signed, nothing was sent to any device: an older copy of "
                            "the state directory would tell a second story");
    lethe_error_remedy(err,
                       "put back the newest copy of the state directory; when it is lost for good, "
                       "begin a new log: lethe log init --again (%s ends here)",
                       origin);
    return -LETHE_E_REFUSED;
}

int lethe_log_check_published(struct lethe_store *store, const struct lethe_tlog_key *key,
                              const char *dir, uint64_t *size, struct lethe_error *err)
{
    char path[PATH_MAX], how[160], *text;
    size_t len;
    struct lethe_tlog_checkpoint published;
    LETHE_CHECKPOINT_AUTO ours = {0};
    *size = 0;
    int rc = lethe_path_join(path, sizeof(path), dir, "checkpoint", err);
    if (rc < 0 || access(path, F_OK) != 0)
        return rc;
    rc = lethe_file_read(path, LETHE_TLOG_NOTE_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_tlog_checkpoint_open(text, len, key, &published, NULL, err);
    free(text);
    if (rc < 0) {
        lethe_error_remedy(err,
                           "%s is no checkpoint of this log: find out who wrote it, and move "
                           "it away",
                           path);
        return rc;
    }
    rc = lethe_store_checkpoint_get(store, key->name, published.size, &ours, err);
    if (rc < 0 && rc != -LETHE_E_NOT_FOUND)
        return rc;
    *size = published.size;
    if (rc == 0 && ours.size == published.size &&
        memcmp(ours.root, published.root.bytes, sizeof(ours.root)) == 0)
        return 0;
    lethe_text_format(how, sizeof(how),
                      "the log was published with %" PRIu64 " entries, and the record here never "
                      "signed that",
                      published.size);
    return lethe_log_refuse_rollback(err, key->name, how);
}

struct feed {
    struct lethe_tlog_builder *builder;
    struct lethe_error *err;
    int rc;
};

static int feed_entry(void *user, const struct lethe_store_entry *entry, const uint8_t leaf[32])
{
    struct feed *feed = user;
    (void)leaf;
    feed->rc =
        lethe_tlog_builder_append(feed->builder, entry->text, strlen(entry->text), feed->err);
    return feed->rc < 0;
}

static int append(struct lethe_log *log, struct lethe_tlog_builder *builder, uint64_t to,
                  struct lethe_error *err)
{
    struct feed feed = {.builder = builder, .err = err};
    int rc = lethe_store_log_each(log->store, lethe_log_origin(log),
                                  lethe_tlog_builder_size(builder), to, feed_entry, &feed, err);
    return rc < 0 ? rc : feed.rc;
}

static int new_builder(struct lethe_log *log, struct lethe_error *err)
{
    struct lethe_tlog_sink sink = lethe_log_tile_writer;
    sink.user = log->dir;
    lethe_tlog_builder_free(log->builder);
    log->builder = NULL;
    return lethe_tlog_builder_new(&sink, &log->builder, err);
}

static bool stands_at(const struct lethe_log *log, const struct lethe_store_checkpoint *last)
{
    struct lethe_tlog_hash root;
    if (!log->builder || lethe_tlog_builder_size(log->builder) != last->size)
        return false;
    lethe_tlog_builder_root(log->builder, &root);
    return memcmp(root.bytes, last->root, sizeof(last->root)) == 0;
}

/* From the tiles on disk. */
static bool load(struct lethe_log *log, const struct lethe_store_checkpoint *last)
{
    uint8_t *bundle = NULL;
    size_t len = 0;
    unsigned rest = (unsigned)(last->size % LETHE_TLOG_TILE_WIDTH);
    struct lethe_tlog_reader reader = {.tile = lethe_log_tile_read, .user = log->dir};
    bool ok = new_builder(log, NULL) == 0;
    if (ok && rest > 0)
        ok = lethe_tlog_directory_bundle(log->dir, last->size / LETHE_TLOG_TILE_WIDTH, rest,
                                         &bundle, &len, NULL) == 0;
    if (ok)
        ok = lethe_tlog_builder_load(log->builder, last->size, &reader, bundle, len, NULL) == 0;
    free(bundle);
    return ok && stands_at(log, last);
}

/* Tiles can be lost: they follow from the entries. What can't be is that these follow another
 * checkpoint than the one we signed. */
static int rebuild(struct lethe_log *log, const struct lethe_store_checkpoint *last,
                   struct lethe_error *err)
{
    int rc = new_builder(log, err);
    if (rc == 0)
        rc = append(log, log->builder, last->size, err);
    if (rc == 0)
        rc = lethe_tlog_builder_flush(log->builder, err);
    if (rc < 0 || stands_at(log, last))
        return rc;
    lethe_fail(err, LETHE_E_INVALID,
               "the entries of the log %s are not those of its checkpoint of %" PRIu64 " entries",
               lethe_log_origin(log), last->size);
    lethe_error_effect(err, "nothing was sent to any device: the log can't go on");
    lethe_error_remedy(err, "put back the newest copy of the state directory; what is wrong with "
                            "this one: lethe log check");
    return -LETHE_E_INVALID;
}

static int sign(struct lethe_log *log, struct lethe_store_checkpoint *out, struct lethe_error *err)
{
    const struct lethe_tlog_key *key = lethe_log_key(log);
    struct lethe_tlog_checkpoint checkpoint = {.size = lethe_tlog_builder_size(log->builder)};
    char text[LETHE_TLOG_CHECKPOINT_TEXT_MAX], line[LETHE_TLOG_LINE_MAX];
    uint8_t signature[64];
    lethe_text_format(checkpoint.origin, sizeof(checkpoint.origin), "%s", key->name);
    lethe_tlog_builder_root(log->builder, &checkpoint.root);
    int rc = lethe_tlog_checkpoint_format(&checkpoint, text, err);
    if (rc >= 0)
        rc = lethe_log_signer_sign(log->signer, text, strlen(text), signature, err);
    if (rc >= 0)
        rc = lethe_tlog_signature_line(key, signature, 0, line, err);
    if (rc < 0)
        return rc;
    *out = (struct lethe_store_checkpoint){.size = checkpoint.size, .time = lethe_now_ms()};
    memcpy(out->root, checkpoint.root.bytes, sizeof(out->root));
    size_t need = strlen(text) + strlen(line) + 2;
    out->note = malloc(need);
    if (!out->note)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a checkpoint");
    lethe_text_format(out->note, need, "%s\n%s", text, line);
    return 0;
}

/* DIR/log/checkpoint: what the store has, and nothing before. */
static int release(struct lethe_log *log, const struct lethe_store_checkpoint *checkpoint,
                   struct lethe_error *err)
{
    char *note = NULL;
    int rc = lethe_log_note(log, checkpoint, &note, err);
    if (rc == 0)
        rc = lethe_log_file_put(log->dir, "checkpoint", note, strlen(note), err);
    free(note);
    return rc;
}

int lethe_log_integrate_locked(struct lethe_log *log, struct lethe_error *err)
{
    LETHE_CHECKPOINT_AUTO last = {0};
    LETHE_CHECKPOINT_AUTO next = {0};
    uint64_t size = 0, published = 0;
    int rc = lethe_store_checkpoint_get(log->store, lethe_log_origin(log), INT64_MAX, &last, err);
    bool first = rc == -LETHE_E_NOT_FOUND;
    if (rc == 0 || first)
        rc = lethe_store_log_size(log->store, lethe_log_origin(log), &size, err);
    if (rc < 0)
        return rc;
    if (first && !log->builder)
        rc = new_builder(log, err);
    else if (!first && !stands_at(log, &last) && !load(log, &last))
        rc = rebuild(log, &last, err);
    if (rc == 0 && size == last.size) {
        rc = lethe_log_check_published(log->store, lethe_log_key(log), log->dir, &published, err);
        return rc < 0 || published == size ? rc : release(log, &last, err);
    }
    if (rc == 0)
        rc = append(log, log->builder, size, err);
    if (rc == 0)
        rc = lethe_tlog_builder_flush(log->builder, err);
    if (rc == 0)
        rc = sign(log, &next, err);
    if (rc == 0)
        rc = lethe_store_checkpoint_put(log->store, lethe_log_origin(log), &next, err);
    if (rc == 0)
        rc = release(log, &next, err);
    if (rc == 0)
        lethe_log_tiles_prune(log->dir, last.size, size);
    /* Half of a tile may have been made: the next attempt begins at what the store says. */
    if (rc < 0) {
        lethe_tlog_builder_free(log->builder);
        log->builder = NULL;
    }
    return rc;
}

int lethe_log_integrate(struct lethe_log *log, struct lethe_error *err)
{
    LETHE_FD_AUTO lock = lethe_log_lock(log, err);
    return lock < 0 ? lock : lethe_log_integrate_locked(log, err);
}
