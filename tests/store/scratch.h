/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of its own for each test, and jobs written into a store. */
#ifndef LETHE_TESTS_STORE_SCRATCH_H
#define LETHE_TESTS_STORE_SCRATCH_H

#include "job/stream.h"
#include <lethe/store.h>

#define SCRATCH_LOG "lethe.log/test"
extern char scratch_dir[64];  /* does not exist at the start of a test */
extern uint64_t scratch_time; /* of the first event; STREAM_TIME */
int scratch_setup(void **state);
int scratch_teardown(void **state);

struct lethe_store *scratch_open(void);
/* The Nth job id; the first 8 characters are the same for all below 16. */
void scratch_id(char id[37], unsigned n);
/* Append one event of a stream to job N, a start with its entry in the log; 0 or negative. */
int scratch_append(struct lethe_store *store, struct lethe_job *job, unsigned n,
                   enum lethe_event_type type, json_t *body);
/* The END that is due, with the keys that START committed to. */
json_t *scratch_end(const struct lethe_job *job);
/* A whole plain job N with its END; the certificate too when CERTIFY. */
void scratch_job(struct lethe_store *store, unsigned n, bool certify);
/* Plain SQL on the file, behind the store's back; SQLite's result code. */
int scratch_sql(const char *sql);

#endif
