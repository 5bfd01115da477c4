/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of ADB, over bulk transfers (facts/phones.md 2.1): one phone, one stream at a
 * time, one message in flight. Everything has a deadline and a bound; what the phone says is
 * hostile. Services and commands are fixed text: nothing of a phone's own is ever part of one.
 */
#ifndef LETHE_PHONE_ADB_H
#define LETHE_PHONE_ADB_H

#include "phone/adb_host.h"
#include "proto/adb.h"

#include <base/buf.h>
#include <lethe/io.h>

#define LETHE_ADB_MS 10000        /* for anything that a phone answers by itself */
#define LETHE_ADB_PROMPT_MS 60000 /* for somebody who must read a question on its screen */

/* Does the phone know this bench's key? */
enum lethe_adb_trust {
    LETHE_ADB_TRUST_NONE,   /* nobody knows: it asked for none */
    LETHE_ADB_TRUST_TOLD,   /* a person has just allowed it, perhaps only this once */
    LETHE_ADB_TRUST_SIGNED, /* it took our signature: the key is in its memory */
};

struct lethe_adb;

/*
 * Connect, with the key of IO's config. PROMPT_MS: how long a person may take to allow this bench;
 * 0: nobody is asked. ERR is filled in:
 *   UNTRUSTED    it doesn't know our key, and nobody allowed it in time
 *   UNSUPPORTED  no interface, or it wants TLS (Wi-Fi debugging)
 *   GONE, TIMEOUT, BUSY, IO as phone/bulk.h; INVALID what it says is not ADB
 */
int lethe_adb_connect(struct lethe_io *io, unsigned prompt_ms, struct lethe_adb **out,
                      struct lethe_error *err);
void lethe_adb_free(struct lethe_adb *adb); /* NULL is fine */
const struct lethe_adb_banner *lethe_adb_peer(const struct lethe_adb *adb);
enum lethe_adb_trust lethe_adb_trust(const struct lethe_adb *adb);

/* ---- streams, for the files of this folder ---- */

/* -LETHE_E_UNSUPPORTED when the phone has no such service. */
int lethe_adb_open(struct lethe_adb *adb, const char *service, uint64_t until,
                   struct lethe_error *err);
/* What is there, at least one byte; 0: the phone closed the stream. */
ssize_t lethe_adb_read(struct lethe_adb *adb, void *out, size_t size, uint64_t until,
                       struct lethe_error *err);
/* All of it; -LETHE_E_IO when the phone closed the stream. */
int lethe_adb_write(struct lethe_adb *adb, const void *data, size_t len, uint64_t until,
                    struct lethe_error *err);
/* Has the phone said something that nobody read yet, or closed the stream? */
bool lethe_adb_pending(const struct lethe_adb *adb);
void lethe_adb_close(struct lethe_adb *adb);
/* Payload that fits into one message. */
uint32_t lethe_adb_payload(const struct lethe_adb *adb);

/* ---- services ---- */

/* Everything that SERVICE says until it closes; more than MAX bytes is -LETHE_E_LIMIT. */
int lethe_adb_ask(struct lethe_adb *adb, const char *service, size_t max, struct lethe_buf *out,
                  unsigned timeout_ms, struct lethe_error *err);
/* SERVICE makes it leave the bus ("reboot:rescue"). 0 when it was seen to leave; -LETHE_E_TIMEOUT
 * when it stayed. */
int lethe_adb_leave(struct lethe_adb *adb, const char *service, unsigned timeout_ms,
                    struct lethe_error *err);

/* It is about to leave by itself, or by a person's hand. 0 when it has left; -LETHE_E_TIMEOUT. */
int lethe_adb_await_leave(struct lethe_adb *adb, unsigned timeout_ms, struct lethe_error *err);

/* A command of its shell (adb_shell.c). */
struct lethe_adb_output {
    struct lethe_buf text; /* standard output; may hold any bytes */
    bool cut;              /* there was more than LETHE_ADB_OUTPUT_MAX */
    int exit;              /* -1: this phone's shell tells none */
};
#define LETHE_ADB_OUTPUT_MAX ((size_t)1 << 20)
void lethe_adb_output_clear(struct lethe_adb_output *output);
#define LETHE_ADB_OUTPUT_AUTO                                                                      \
    __attribute__((cleanup(lethe_adb_output_clear))) struct lethe_adb_output
int lethe_adb_shell(struct lethe_adb *adb, const char *command, struct lethe_adb_output *out,
                    unsigned timeout_ms, struct lethe_error *err);

/* Files (adb_sync.c); PATH is ours, never the phone's. */
struct lethe_adb_file {
    uint32_t mode; /* 0: there is none */
    uint32_t size;
};
int lethe_adb_stat(struct lethe_adb *adb, const char *path, struct lethe_adb_file *out,
                   unsigned timeout_ms, struct lethe_error *err);
/* Write SIZE bytes; FILL makes them, OFFSET a multiple of 16. -LETHE_E_LIMIT when the phone refused
 * to take more (its disk is full), with its own words in ERR. */
typedef void lethe_adb_fill_fn(void *user, uint64_t offset, void *out, size_t len);
int lethe_adb_send(struct lethe_adb *adb, const char *path, uint64_t size, lethe_adb_fill_fn *fill,
                   void *user, unsigned timeout_ms, struct lethe_error *err);
/* Read a file of at most MAX bytes; TAKE gets it in pieces, in order, and may say stop with a
 * negative value. The bytes that came, or -LETHE_E_NOT_FOUND, -LETHE_E_LIMIT ... */
typedef int lethe_adb_take_fn(void *user, uint64_t offset, const void *data, size_t len);
ssize_t lethe_adb_recv(struct lethe_adb *adb, const char *path, uint64_t max,
                       lethe_adb_take_fn *take, void *user, unsigned timeout_ms,
                       struct lethe_error *err);

#endif
