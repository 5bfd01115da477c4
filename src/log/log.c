/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: is what is here what was said to the world? Only then may it go on. */
#include "base/file.h"
#include "base/text.h"
#include "log/internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *lethe_log_origin(const struct lethe_log *log)
{
    return lethe_log_signer_key(log->signer)->name;
}

const struct lethe_tlog_key *lethe_log_key(const struct lethe_log *log)
{
    return lethe_log_signer_key(log->signer);
}

const char *lethe_log_dir(const struct lethe_log *log)
{
    return log->dir;
}

bool lethe_log_rollback_excluded(const struct lethe_log *log)
{
    return log->excluded;
}

int lethe_log_alarm(struct lethe_log *log, struct lethe_error *err)
{
    char what[160];
    int rc = lethe_store_alarm_get(log->store, lethe_log_origin(log), what, sizeof(what), err);
    return rc > 0 ? lethe_log_refuse_rollback(err, lethe_log_origin(log), what) : rc;
}

int lethe_log_ready(struct lethe_log *log, struct lethe_error *err)
{
    int rc = lethe_log_alarm(log, err);
    if (rc == 0 && log->clock.code) {
        if (err)
            *err = log->clock;
        return -(int)log->clock.code;
    }
    return rc < 0 ? rc : lethe_log_key_pinned(log->state, lethe_log_origin(log), err);
}

static int open_log(struct lethe_log *log, const char *dir, struct lethe_error *err)
{
    uint64_t published;
    if (!lethe_text_format(log->state, sizeof(log->state), "%s", dir))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", dir);
    int rc = lethe_path_join(log->dir, sizeof(log->dir), dir, "log", err);
    if (rc == 0)
        rc = lethe_dir_make(log->dir, 0755, err);
    if (rc == 0)
        rc = lethe_log_alarm(log, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_log_lock(log, err);
    if (lock < 0)
        return lock;
    rc = lethe_log_check_published(log->store, lethe_log_key(log), log->dir, &published, err);
    return rc < 0 ? rc : lethe_log_integrate_locked(log, err);
}

/* Which certificate the bench signs with from now on is the log's to say, too. */
static int announce_key(struct lethe_log *log, struct lethe_error *err)
{
    char hash[65];
    int rc = lethe_log_bench_certificate(log->state, hash, err);
    return rc < 0 ? rc : lethe_log_announce_key(log, hash, err);
}

int lethe_log_open(struct lethe_store *store, const char *dir, struct lethe_log_signer *signer,
                   struct lethe_log **out, struct lethe_error *err)
{
    struct lethe_log *log = calloc(1, sizeof(*log));
    if (!log) {
        lethe_log_signer_close(signer);
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    log->store = store;
    log->signer = signer;
    int rc = open_log(log, dir, err);
    if (rc == 0)
        rc = announce_key(log, err);
    if (rc < 0)
        lethe_log_close(log);
    else
        *out = log;
    return rc;
}

void lethe_log_close(struct lethe_log *log)
{
    if (!log)
        return;
    lethe_tlog_builder_free(log->builder);
    lethe_log_signer_close(log->signer);
    free(log);
}
