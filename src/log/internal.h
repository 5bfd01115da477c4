/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the log share. */
#ifndef LETHE_LOG_INTERNAL_H
#define LETHE_LOG_INTERNAL_H

#include <keys/log_key.h>
#include <lethe/log.h>
#include <limits.h>

struct lethe_log {
    struct lethe_store *store;
    struct lethe_log_signer *signer;
    struct lethe_tlog_builder *builder; /* at the last checkpoint we made or loaded, or NULL */
    char state[PATH_MAX - 64];          /* the directory of keys and trust */
    char dir[PATH_MAX];                 /* of the tiles */
    bool excluded;                      /* a guard has confirmed that nothing newer is known */
    struct lethe_error clock;           /* a witness's clock and ours differ; code 0: none seen */
};

static inline void lethe_checkpoint_clear(struct lethe_store_checkpoint *checkpoint)
{
    lethe_store_checkpoint_clear(checkpoint);
}
#define LETHE_CHECKPOINT_AUTO                                                                      \
    __attribute__((cleanup(lethe_checkpoint_clear))) struct lethe_store_checkpoint

/* tiles.c: files below DIR. */
/* Durable, its directories too. */
int lethe_log_file_put(const char *dir, const char *path, const void *data, size_t len,
                       struct lethe_error *err);
/* A sink that writes below DIR (user: const char *dir). */
extern const struct lethe_tlog_sink lethe_log_tile_writer;
/* A reader below DIR, for any checkpoint ever made: a wider tile stands in for one that is gone. */
int lethe_log_tile_read(void *user, const struct lethe_tlog_tile *tile, struct lethe_tlog_hash *out,
                        struct lethe_error *err);
/* Partial tiles and bundles of what is full in the tree of SIZE and was not in that of FROM. */
void lethe_log_tiles_prune(const char *dir, uint64_t from, uint64_t size);

/* sequence.c: the lock on the log of DIR is held by the descriptor. */
int lethe_log_lock(const struct lethe_log *log, struct lethe_error *err);
int lethe_log_integrate_locked(struct lethe_log *log, struct lethe_error *err);
/* Is the file `checkpoint` below DIR one that this store made? *SIZE of it, 0 when there is none.
 * -LETHE_E_REFUSED when the store has not made it. */
int lethe_log_check_published(struct lethe_store *store, const struct lethe_tlog_key *key,
                              const char *dir, uint64_t *size, struct lethe_error *err);
int lethe_log_refuse_rollback(struct lethe_error *err, const char *origin, const char *how);

#endif
