/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What signs this bench's transparency log: DIR/keys/log.key (Ed25519, PKCS#8, encrypted as the
 * bench's key is), DIR/keys/log.secret (of the pseudonyms of devices), DIR/trust/log.vkey (public:
 * its name is the origin of the log). Written in this order: with the last one, there is a log.
 */
#ifndef LETHE_KEYS_LOG_KEY_H
#define LETHE_KEYS_LOG_KEY_H

#include <lethe/tlog.h>
#include <lethe/trust.h>

struct lethe_log_signer;

/* The name of a bench's log: "lethe.log/ORGANISATION/BENCH/ROOT", stable and unique, fit for a note
 * and for a URI; ROOT is the beginning of the root certificate's SHA-256 (hex). */
void lethe_log_origin_make(char out[LETHE_TLOG_NAME_MAX], const char *organisation,
                           const char *bench, const char *root_sha256);
/* Make key, secret and verifier key. PASSPHRASE may be NULL. The caller holds the lock on DIR/keys.
 * What is there of an init that was cut short is made anew. */
int lethe_log_key_make(const char *dir, const char *origin, const char *passphrase,
                       struct lethe_error *err);
/* For `lethe log init`: the log of a bench that has keys and no log yet. -LETHE_E_REFUSED when it
 * has one; AGAIN begins a new log of another origin (the old one goes aside under its key's id). */
int lethe_log_key_init(const char *dir, const char *passphrase, bool again,
                       struct lethe_error *err);
/* The public half, from DIR/trust/log.vkey. -LETHE_E_NOT_FOUND: no log. */
int lethe_log_key_read(const char *dir, struct lethe_tlog_key *out, struct lethe_error *err);

/* The bench's certificate that signs now: its SHA-256 in hex. */
int lethe_log_bench_certificate(const char *dir, char out[65], struct lethe_error *err);
/* Which log that certificate pins is this one, or it pins none (it was made before there were
 * logs). -LETHE_E_REFUSED: verifiers would call what it signs a contradiction. */
int lethe_log_key_pinned(const char *dir, const char *origin, struct lethe_error *err);

/* ASK is called for a passphrase when the key is encrypted (NULL: refuse). */
int lethe_log_signer_open(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                          void *user, struct lethe_log_signer **out, struct lethe_error *err);
void lethe_log_signer_close(struct lethe_log_signer *signer);
const struct lethe_tlog_key *lethe_log_signer_key(const struct lethe_log_signer *signer);
int lethe_log_signer_sign(struct lethe_log_signer *signer, const void *data, size_t len,
                          uint8_t out[64], struct lethe_error *err);
/* HMAC-SHA-256 under the log secret: the pseudonym of what DATA names. */
void lethe_log_signer_pseudonym(const struct lethe_log_signer *signer, const void *data, size_t len,
                                uint8_t out[32]);

#endif
