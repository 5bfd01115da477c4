/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RSA key by which phones know this bench: "Allow USB debugging?" is asked for its fingerprint.
 * It opens phones that once allowed it, so it is kept as other keys are, and a worker gets it as
 * bytes and never opens a file.
 */
#ifndef LETHE_PHONE_ADB_HOST_H
#define LETHE_PHONE_ADB_HOST_H

#include "proto/adb.h"

#include <lethe/io.h>

#define LETHE_ADB_HOST_FILE "adbkey"
#define LETHE_ADB_HOST_MAX ((size_t)4096) /* bytes of PEM */
#define LETHE_ADB_SIGNATURE_SIZE ((size_t)256)

/* Supervisor: put this bench's key into the config of SPEC, for the worker, if that is of an
 * Android phone: DIR/adbkey, PKCS#8, 0600, which Android's own adb reads too; made where there is
 * none yet. DIR NULL: a bench without memory has no key. */
int lethe_adb_host_give(const char *dir, struct lethe_io_spec *spec, struct lethe_error *err);

/* Worker. To be tried once before the sandbox closes: libcrypto loads what it needs on first use.
 * NULL or "" is -LETHE_E_NOT_FOUND. */
struct lethe_adb_host;
int lethe_adb_host_new(const char *pem, struct lethe_adb_host **out, struct lethe_error *err);
void lethe_adb_host_free(struct lethe_adb_host *host);
/* RSA PKCS#1 v1.5 with the token in place of a SHA-1 digest (facts/phones.md 2.1). */
int lethe_adb_host_sign(const struct lethe_adb_host *host,
                        const uint8_t token[LETHE_ADB_TOKEN_SIZE],
                        uint8_t out[LETHE_ADB_SIGNATURE_SIZE], struct lethe_error *err);
/* The payload of AUTH PUBLIC_KEY; its length. */
int lethe_adb_host_public(const struct lethe_adb_host *host, char out[LETHE_ADB_KEY_TEXT],
                          struct lethe_error *err);

#endif
