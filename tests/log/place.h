/* SPDX-License-Identifier: Apache-2.0 */
/* A bench's state directory for each test, with keys and a log; entries to put in it. */
#ifndef LETHE_TESTS_LOG_PLACE_H
#define LETHE_TESTS_LOG_PLACE_H

#include <keys/log_key.h>
#include <lethe/log.h>

extern char place_dir[64];
int place_setup(void **state); /* makes keys */
int place_teardown(void **state);

/* Store and log, open; NULL with the reason in ERR. */
struct place {
    struct lethe_store *store;
    struct lethe_log *log;
};
int place_open(struct place *place, struct lethe_error *err);
void place_close(struct place *place);
/* Promise N entries, numbered from FIRST by name; 0 or negative. */
int place_promise(struct place *place, unsigned first, size_t n);
/* Everything below place_dir copied to TO, or back from it. */
void place_copy(const char *to);
void place_restore(const char *from);

#endif
