/* SPDX-License-Identifier: Apache-2.0 */
/* A log in memory: every tile and bundle that a builder wrote, by its path. */
#ifndef TESTS_TLOG_LOG_H
#define TESTS_TLOG_LOG_H

#include <lethe/tlog.h>

struct log_file {
    char path[LETHE_TLOG_PATH_MAX];
    size_t len;
    uint8_t *data;
};
struct log_store {
    size_t n, cap;
    struct log_file *file;
};
struct lethe_tlog_sink log_sink(struct log_store *store);
struct lethe_tlog_reader log_reader(struct log_store *store);
const struct log_file *log_find(const struct log_store *store, const char *path);
void log_free(struct log_store *store);

/* Entry I of every log that tests make: "entry I". Its length. */
size_t log_entry(uint64_t i, char out[32]);
void log_leaf(uint64_t i, struct lethe_tlog_hash *out);
/* A log of SIZE entries, flushed once at the end. */
void log_fill(struct log_store *store, uint64_t size, struct lethe_tlog_hash *root);

#endif
