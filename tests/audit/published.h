/* SPDX-License-Identifier: Apache-2.0 */
/* A published log in a directory, made of the entries that a test wants. */
#ifndef TESTS_AUDIT_PUBLISHED_H
#define TESTS_AUDIT_PUBLISHED_H

#include "tlog/signing.h"

#define PUBLISHED_TIME UINT64_C(1795400000) /* of the first entry; each next one is 10 s later */
struct published {
    char dir[64];
    struct lethe_tlog_builder *builder;
    struct signing_key log, witness;
    struct lethe_tlog_policy policy; /* the witness is the quorum */
    uint64_t time;                   /* of the next entry */
};
void published_open(struct published *out);
void published_close(struct published *published); /* removes the directory */

/* ENTRY with what it lacks: time; written as it is. Its index. */
uint64_t published_add(struct published *published, struct lethe_tlog_entry *entry);
uint64_t published_text(struct published *published, const char *text);
/* Job and device are numbers. */
uint64_t published_start(struct published *published, unsigned job, unsigned device);
uint64_t published_cert(struct published *published, unsigned job, unsigned device);
uint64_t published_fail(struct published *published, unsigned job, unsigned device);
void published_uuid(unsigned number, char out[37]);

/* Partial tiles, and a checkpoint of now: as DIR/checkpoint, and kept under its size. WITNESSED: 0,
 * or the time of the cosignature. */
void published_checkpoint(struct published *published, uint64_t witnessed);
/* The note of a checkpoint of now, not written. */
void published_note(struct published *published, uint64_t witnessed, char *out, size_t size);
void published_write(const struct published *published, const char *path, const void *data,
                     size_t len);
char *published_read(const struct published *published, const char *path, size_t *len);
void published_remove(const struct published *published, const char *path);

#endif
