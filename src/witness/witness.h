/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A witness (C2SP tlog-witness): of each log it knows it remembers the last checkpoint it has
 * signed, and signs only what goes on from there. It says so with its own key and clock; it needs
 * no account, no database, and can be run by any shop for another.
 *
 * DIR/witness.key (PKCS#8, 0600), DIR/witness.vkey (public), DIR/logs.conf ("log VKEY" lines: who
 * may ask), DIR/seen/HASH (the last checkpoint of a log, under the SHA-256 of its origin).
 */
#ifndef LETHE_WITNESS_WITNESS_H
#define LETHE_WITNESS_WITNESS_H

#include <jansson.h>
#include <lethe/tlog.h>
#include <limits.h>
#include <openssl/evp.h>

#define LETHE_WITNESS_BODY_MAX (LETHE_TLOG_NOTE_MAX + 8192)

struct lethe_witness {
    char dir[PATH_MAX - 128], config[PATH_MAX];
    int lock; /* one witness a directory; -1: not taken */
    EVP_PKEY *pkey;
    struct lethe_tlog_key key;
};
/* Makes the directory and the key (of NAME) when there are none. NAME may be NULL when there are.
 * CONFIG NULL: DIR/logs.conf. To SERVE, one process has it: -LETHE_E_BUSY; others may look. */
int lethe_witness_open(const char *dir, const char *name, const char *config, bool serve,
                       struct lethe_witness *out, struct lethe_error *err);
void lethe_witness_close(struct lethe_witness *witness);

struct lethe_witness_answer {
    unsigned status; /* of HTTP */
    const char *type;
    char body[LETHE_TLOG_LINE_MAX];
};
/* One add-checkpoint request: what is signed is durable before it is answered. */
void lethe_witness_add_checkpoint(struct lethe_witness *witness, const char *body, size_t len,
                                  struct lethe_witness_answer *out);
/* {"name","key","logs":[{"origin","size","root"}]}: those of the configuration. New reference. */
json_t *lethe_witness_status(struct lethe_witness *witness, struct lethe_error *err);

/* server.c: answers at ADDRESS ("127.0.0.1:8460", "[::1]:0") until SIGINT or SIGTERM; TOLD is
 * called with the port once it listens. */
int lethe_witness_serve(struct lethe_witness *witness, const char *address,
                        void (*told)(void *user, unsigned port), void *user,
                        struct lethe_error *err);

#endif
