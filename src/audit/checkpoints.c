/* SPDX-License-Identifier: Apache-2.0 */
/* Every checkpoint that was kept: whose it is, and by when witnesses had seen it. */
#include "audit/parts.h"
#include "base/file.h"
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MAX 262144

struct loading {
    const struct lethe_audit_options *options;
    struct lethe_audit_report *report;
    struct lethe_audit_checkpoints *out;
    struct lethe_error *err;
};

/* Without a pinned key only the form is known: the name of whoever is the log in the newest one. */
static int open_unpinned(struct loading *loading, const char *text, size_t len,
                         struct lethe_tlog_checkpoint *checkpoint, struct lethe_tlog_note *note,
                         struct lethe_error *why)
{
    int rc = lethe_tlog_note_parse(text, len, note, why);
    if (rc == 0)
        rc = lethe_tlog_checkpoint_parse(note->text, note->text_len, checkpoint, why);
    if (rc == 0 && loading->report->origin[0] &&
        strcmp(loading->report->origin, checkpoint->origin) != 0)
        return lethe_fail(why, LETHE_E_INVALID, "it is of the log %.80s", checkpoint->origin);
    return rc;
}

/* One witness's bad cosignature spoils a note (signed-note, "Signatures"), whoever wrote it there.
 */
static int open_note(struct loading *loading, const char *text, size_t len,
                     struct lethe_tlog_checkpoint *checkpoint, struct lethe_tlog_quorum *quorum,
                     struct lethe_error *why)
{
    const struct lethe_audit_options *options = loading->options;
    struct lethe_tlog_note note;
    int rc = options->log
                 ? lethe_tlog_checkpoint_open(text, len, options->log, checkpoint, &note, why)
                 : open_unpinned(loading, text, len, checkpoint, &note, why);
    if (rc == 0 && options->policy)
        rc = lethe_tlog_policy_check(options->policy, &note, options->now, quorum, why);
    return rc;
}

static int add(struct loading *loading, const struct lethe_audit_checkpoint *checkpoint)
{
    struct lethe_audit_checkpoints *all = loading->out;
    if (all->n == all->cap) {
        size_t cap = all->cap ? all->cap * 2 : 64;
        struct lethe_audit_checkpoint *at = realloc(all->at, cap * sizeof(*at));
        if (!at)
            return lethe_fail(loading->err, LETHE_E_INTERNAL, "memory ran out");
        all->at = at;
        all->cap = cap;
    }
    all->at[all->n++] = *checkpoint;
    return 0;
}

/* NAME is for people. */
static int take(struct loading *loading, const char *name, const char *text, size_t len,
                bool newest, bool since)
{
    struct lethe_tlog_checkpoint checkpoint;
    struct lethe_tlog_quorum quorum = {0};
    struct lethe_error why = {0};
    int rc = open_note(loading, text, len, &checkpoint, &quorum, &why);
    if (rc < 0) {
        lethe_audit_found(loading->report,
                          rc == -LETHE_E_UNTRUSTED ? LETHE_AUDIT_SIGNATURE_FOUND
                                                   : LETHE_AUDIT_CHECKPOINT_FOUND,
                          LETHE_AUDIT_NO_ENTRY, "%s: %s", name, why.what);
        return 0;
    }
    struct lethe_audit_checkpoint one = {.size = checkpoint.size,
                                         .root = checkpoint.root,
                                         .not_after = quorum.not_after,
                                         .newest = newest,
                                         .since = since};
    if (newest) {
        memcpy(loading->report->origin, checkpoint.origin, sizeof(checkpoint.origin));
        loading->report->size = checkpoint.size;
        loading->report->not_after = quorum.not_after;
        if (loading->options->policy && !quorum.met)
            lethe_audit_found(
                loading->report, LETHE_AUDIT_NO_QUORUM_FOUND, LETHE_AUDIT_NO_ENTRY,
                "%zu of the policy's witnesses cosigned the newest checkpoint, of %" PRIu64
                " entries",
                quorum.n_cosigned, checkpoint.size);
    }
    return add(loading, &one);
}

static int take_file(struct loading *loading, const char *dir, const char *name, bool newest)
{
    char path[PATH_MAX], *text;
    size_t len;
    struct lethe_error why = {0};
    int rc = lethe_path_join(path, sizeof(path), dir, name, loading->err);
    if (rc < 0)
        return rc;
    if (lethe_file_read(path, LETHE_TLOG_NOTE_MAX, &text, &len, &why) < 0) {
        lethe_audit_found(loading->report,
                          newest ? LETHE_AUDIT_NO_CHECKPOINT_FOUND : LETHE_AUDIT_CHECKPOINT_FOUND,
                          LETHE_AUDIT_NO_ENTRY, "%s", why.what);
        return 0;
    }
    rc = take(loading, name, text, len, newest, false);
    free(text);
    return rc;
}

static bool is_number(const char *name)
{
    return name[strspn(name, "0123456789")] == '\0';
}

static int take_kept(struct loading *loading)
{
    char dir[PATH_MAX], **names;
    int rc = lethe_path_join(dir, sizeof(dir), loading->options->dir, "checkpoints", loading->err);
    if (rc < 0)
        return rc;
    rc = lethe_dir_list(dir, &names, loading->err);
    if (rc == -LETHE_E_NOT_FOUND)
        return 0; /* none were kept */
    if (rc < 0)
        return rc;
    size_t n = 0;
    bool more = false;
    for (size_t i = 0; names[i] && !more && rc == 0; i++) {
        if (!is_number(names[i]))
            continue; /* half of one whose writer was killed, an index.html, ... */
        more = n++ == KEPT_MAX;
        if (!more)
            rc = take_file(loading, dir, names[i], false);
    }
    if (rc == 0 && more)
        lethe_audit_found(loading->report, LETHE_AUDIT_TOO_MANY_FOUND, LETHE_AUDIT_NO_ENTRY,
                          "only the first %d kept checkpoints were read", KEPT_MAX);
    lethe_names_free(names);
    return rc;
}

static int by_size(const void *a, const void *b)
{
    const struct lethe_audit_checkpoint *x = a, *y = b;
    return (x->size > y->size) - (x->size < y->size);
}

/* One of each size is left, with the earliest time that was proven of any. */
static void merge(struct loading *loading)
{
    struct lethe_audit_checkpoints *all = loading->out;
    size_t n = 0;
    if (all->n > 0)
        qsort(all->at, all->n, sizeof(*all->at), by_size);
    for (size_t i = 0; i < all->n; i++) {
        struct lethe_audit_checkpoint *one = &all->at[i], *same = n ? &all->at[n - 1] : NULL;
        if (!same || same->size != one->size) {
            all->at[n++] = *one;
            continue;
        }
        if (!lethe_tlog_hash_equal(&same->root, &one->root))
            lethe_audit_found(loading->report, LETHE_AUDIT_FORK_FOUND, LETHE_AUDIT_NO_ENTRY,
                              "there are two checkpoints of %" PRIu64 " entries", one->size);
        if (one->not_after > 0 && (same->not_after == 0 || one->not_after < same->not_after))
            same->not_after = one->not_after;
        same->newest |= one->newest;
        same->since |= one->since;
    }
    all->n = n;
    uint64_t size = loading->report->size;
    if (loading->report->origin[0] && n > 0 && all->at[n - 1].size > size)
        lethe_audit_found(loading->report, LETHE_AUDIT_TRUNCATED_FOUND, LETHE_AUDIT_NO_ENTRY,
                          "it had %" PRIu64 " entries once, and has %" PRIu64 " now",
                          all->at[n - 1].size, size);
}

int lethe_audit_checkpoints_load(const struct lethe_audit_options *options,
                                 struct lethe_audit_report *report,
                                 struct lethe_audit_checkpoints *out, struct lethe_error *err)
{
    struct loading loading = {options, report, out, err};
    report->pinned = options->log != NULL;
    if (!options->log)
        lethe_audit_found(report, LETHE_AUDIT_NOT_PINNED_FOUND, LETHE_AUDIT_NO_ENTRY,
                          "who signed the checkpoints was not asked");
    int rc = take_file(&loading, options->dir, "checkpoint", true);
    if (rc == 0 && options->since.text)
        rc = take(&loading, "the checkpoint kept from before", options->since.text,
                  options->since.len, false, true);
    if (rc == 0)
        rc = take_kept(&loading);
    if (rc == 0)
        merge(&loading);
    return rc;
}

const struct lethe_audit_checkpoint *lethe_audit_checkpoint_find(
    const struct lethe_audit_checkpoints *all, uint64_t size)
{
    struct lethe_audit_checkpoint key = {.size = size};
    return all->n ? bsearch(&key, all->at, all->n, sizeof(*all->at), by_size) : NULL;
}
