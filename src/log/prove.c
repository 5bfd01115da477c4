/* SPDX-License-Identifier: Apache-2.0 */
/* What is handed out: checkpoints with those who witnessed them, and proofs. */
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "log/internal.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lines {
    struct lethe_buf *note;
    char witness[LETHE_TLOG_VKEY_MAX];
    size_t n;
    int rc;
};

/* The earliest of each witness: it proves the most. */
static int add_line(void *user, const struct lethe_store_cosignature *cosignature)
{
    struct lines *lines = user;
    if (strcmp(lines->witness, cosignature->witness) == 0 ||
        lines->n + 1 >= LETHE_TLOG_SIGNATURES_MAX)
        return 0;
    lines->n++;
    lethe_text_format(lines->witness, sizeof(lines->witness), "%s", cosignature->witness);
    lines->rc = lethe_buf_puts(lines->note, cosignature->line);
    return lines->rc < 0;
}

int lethe_log_note(struct lethe_log *log, const struct lethe_store_checkpoint *checkpoint,
                   char **note, struct lethe_error *err)
{
    LETHE_BUF_AUTO buf = {0};
    struct lines lines = {.note = &buf};
    int rc = lethe_buf_puts(&buf, checkpoint->note);
    if (rc == 0)
        rc = lethe_store_cosignature_each(log->store, lethe_log_origin(log), checkpoint->size,
                                          add_line, &lines, err);
    if (rc == 0)
        rc = lines.rc;
    *note = rc < 0 ? NULL : lethe_buf_take(&buf);
    if (rc == -LETHE_E_INTERNAL || (rc == 0 && !*note))
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a checkpoint");
    return rc;
}

int lethe_log_checkpoint(struct lethe_log *log, uint64_t *size, char **note,
                         struct lethe_error *err)
{
    LETHE_CHECKPOINT_AUTO last = {0};
    int rc = lethe_store_checkpoint_get(log->store, lethe_log_origin(log), INT64_MAX, &last, err);
    if (rc < 0)
        return rc;
    *size = last.size;
    return lethe_log_note(log, &last, note, err);
}

static int keep_text(void *user, const struct lethe_store_entry *entry, const uint8_t leaf[32])
{
    (void)leaf;
    lethe_text_format(user, LETHE_TLOG_ENTRY_MAX + 1, "%s", entry->text);
    return 0;
}

static int prove_under(struct lethe_log *log, uint64_t index,
                       const struct lethe_store_checkpoint *checkpoint, char **text, size_t *len,
                       struct lethe_error *err)
{
    char entry[LETHE_TLOG_ENTRY_MAX + 1] = "", *note = NULL;
    struct lethe_tlog_hashes proof;
    struct lethe_tlog_reader reader = {.tile = lethe_log_tile_read, .user = log->dir};
    int rc = lethe_tlog_prove_inclusion(&reader, index, checkpoint->size, &proof, err);
    if (rc == 0)
        rc = lethe_store_log_each(log->store, lethe_log_origin(log), index, index + 1, keep_text,
                                  entry, err);
    /* Tiles are files that anybody may have touched: nothing wrong is handed out. */
    struct lethe_tlog_hash leaf, root;
    lethe_tlog_hash_leaf(&leaf, entry, strlen(entry));
    memcpy(root.bytes, checkpoint->root, sizeof(root.bytes));
    if (rc == 0)
        rc = lethe_tlog_check_inclusion(&proof, index, checkpoint->size, &leaf, &root, err);
    if (rc == -LETHE_E_UNTRUSTED)
        lethe_error_remedy(err,
                           "the tiles in %s were changed; remove them there, they are made "
                           "again from the record",
                           log->dir);
    if (rc == 0)
        rc = lethe_log_note(log, checkpoint, &note, err);
    if (rc == 0)
        rc = lethe_tlog_proof_format(index, &proof, entry, strlen(entry), note, strlen(note), text,
                                     len, err);
    free(note);
    return rc;
}

int lethe_log_prove(struct lethe_log *log, uint64_t index, char **text, size_t *len,
                    struct lethe_error *err)
{
    LETHE_CHECKPOINT_AUTO checkpoint = {0};
    int rc =
        lethe_store_checkpoint_covering(log->store, lethe_log_origin(log), index, &checkpoint, err);
    return rc < 0 ? rc : prove_under(log, index, &checkpoint, text, len, err);
}

int lethe_log_prove_file(struct lethe_log *log, uint64_t index, const char *file,
                         struct lethe_error *err)
{
    char *text = NULL, *there = NULL;
    size_t len = 0, there_len = 0;
    /* Whoever looked last writes last. */
    LETHE_FD_AUTO lock = lethe_log_lock(log, err);
    int rc = lock < 0 ? lock : lethe_log_prove(log, index, &text, &len, err);
    if (rc < 0)
        return rc;
    bool same = access(file, F_OK) == 0 &&
                lethe_file_read(file, LETHE_TLOG_PROOF_FILE_MAX, &there, &there_len, NULL) == 0 &&
                there_len == len && memcmp(there, text, len) == 0;
    if (!same)
        rc = lethe_file_write(file, text, len, 0644, err);
    free(there);
    free(text);
    return rc;
}
