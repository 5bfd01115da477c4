/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This bench's transparency log (C2SP tlog-tiles): what was promised in the store becomes tiles and
 * signed checkpoints in DIR/log, which any web server can hand out. Checking is in lethe/tlog.h.
 *
 * In this order, so that a crash at any point leaves nothing that can't be mended: entry in the
 * store (with what it is of) -> tiles -> signature -> checkpoint in the store, once for each size
 * -> the file DIR/log/checkpoint -> witnesses. Several processes may use one log.
 */
#ifndef LETHE_LOG_H
#define LETHE_LOG_H

#include <lethe/identity.h>
#include <lethe/store.h>
#include <lethe/tlog.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lethe_log_signer; /* keys/log_key.h */
struct lethe_log;

/* The log under DIR (its tiles in DIR/log), its entries in STORE. Takes SIGNER, also on failure.
 * Brings what a crash left to its end. -LETHE_E_REFUSED when the store is behind, or beside, what
 * was published or what a witness said: a restored copy would tell a second story. */
int lethe_log_open(struct lethe_store *store, const char *dir, struct lethe_log_signer *signer,
                   struct lethe_log **out, struct lethe_error *err);
void lethe_log_close(struct lethe_log *log);
const char *lethe_log_origin(const struct lethe_log *log);
const struct lethe_tlog_key *lethe_log_key(const struct lethe_log *log);
const char *lethe_log_dir(const struct lethe_log *log); /* of tiles and checkpoint */

/* ---- Entries, to be handed to the store with what they are of ---- */
struct lethe_log_line {
    char name[LETHE_TLOG_NAME_MAX], text[LETHE_TLOG_ENTRY_MAX + 1];
    struct lethe_store_entry entry; /* points at the two above */
};
/* EVENT as it will be stored (with its seq); commits to the newest witnessed checkpoint. */
int lethe_log_entry_start(struct lethe_log *log, const struct lethe_event *event,
                          const struct lethe_identity *identity, struct lethe_log_line *out,
                          struct lethe_error *err);
/* Of a job that began and ends without a signed record. */
int lethe_log_entry_refused(struct lethe_log *log, const struct lethe_event *event,
                            const struct lethe_identity *identity, struct lethe_log_line *out,
                            struct lethe_error *err);
/* Of a certificate or record; CLAIMS are its decoded claims. */
int lethe_log_entry_certificate(struct lethe_log *log, const char *text, const json_t *claims,
                                const struct lethe_identity *identity, struct lethe_log_line *out,
                                struct lethe_error *err);
/* Durable on return. A certificate (jti) or a bench certificate (hex SHA-256) is revoked since
 * SINCE (s), for an RFC 5280 reason. */
int lethe_log_revoke(struct lethe_log *log, const char *name, uint64_t since, unsigned reason,
                     struct lethe_error *err);
/* The bench signs with this certificate (hex SHA-256) from now on. Once for each; opening the log
 * does it for DIR/trust/bench.pem. */
int lethe_log_announce_key(struct lethe_log *log, const char *certificate_sha256,
                           struct lethe_error *err);

/* ---- Checkpoints and proofs ---- */
/* Has a witness signed this log within MAX_S seconds? -LETHE_E_REFUSED. What starts now would not
 * be bracketed. */
int lethe_log_check_age(struct lethe_log *log, uint64_t max_s, struct lethe_error *err);
/* No alarm stands against it, and the bench's certificate names it: what is begun now can be
 * certified. */
int lethe_log_ready(struct lethe_log *log, struct lethe_error *err);
/* All that was promised gets into tiles, and a checkpoint. */
int lethe_log_integrate(struct lethe_log *log, struct lethe_error *err);
/* The newest checkpoint with all its signatures: free(*note). -LETHE_E_NOT_FOUND: the log is empty.
 */
int lethe_log_checkpoint(struct lethe_log *log, uint64_t *size, char **note,
                         struct lethe_error *err);
/* A checkpoint of the store as a note with its cosignatures, one of each witness. free(). */
int lethe_log_note(struct lethe_log *log, const struct lethe_store_checkpoint *checkpoint,
                   char **note, struct lethe_error *err);
/* tlog-proof of entry INDEX, under the first checkpoint that most witnesses signed. free(*text). */
int lethe_log_prove(struct lethe_log *log, uint64_t index, char **text, size_t *len,
                    struct lethe_error *err);
/* The same into FILE, durably. */
int lethe_log_prove_file(struct lethe_log *log, uint64_t index, const char *file,
                         struct lethe_error *err);
/* Everything again: entries in the store, tiles, every checkpoint. Of the log under DIR, which
 * nobody needs a key for. -LETHE_E_NOT_FOUND: there is none. */
int lethe_log_check(struct lethe_store *store, const char *dir, uint64_t *entries,
                    uint64_t *checkpoints, struct lethe_error *err);
/* Into DIR, for a web server: tiles, kept checkpoints under checkpoints/, `checkpoint` last. May be
 * done again and again; files that are there stay. -LETHE_E_REFUSED when DIR knows more than we. */
int lethe_log_publish(struct lethe_log *log, const char *dir, size_t *files,
                      struct lethe_error *err);

/* ---- What the log says of its time in a certificate (certs/README.md, `log`) ---- */
/* The claim for JOB, which has its start entry here. New reference. -LETHE_E_NOT_FOUND: it has
 * none. */
int lethe_log_claim(struct lethe_log *log, const char *job, json_t **out, struct lethe_error *err);

/*
 * ---- Rollback ----
 * Who remembers what this log has said, beyond the reach of whoever restores an old copy of the
 * state directory: witnesses, a counter in a TPM.
 */
struct lethe_log_guard;
struct lethe_log_guard_ops {
    const char *name;
    /* Tell it of CHECKPOINT, the newest there is here. 0: it knows that now, and knew nothing else.
     * -LETHE_E_CHANGED: it knows more, or something else, of *KNOWN entries. Any other: it could
     * not be asked. */
    int (*advance)(struct lethe_log_guard *guard, struct lethe_log *log,
                   const struct lethe_store_checkpoint *checkpoint, uint64_t *known,
                   struct lethe_error *err);
};
struct lethe_log_guard {
    const struct lethe_log_guard_ops *ops;
    const char *name; /* for people */
};
/* Ask GUARD with the newest checkpoint. When it knows better that is recorded as an alarm, and the
 * log is shut: -LETHE_E_REFUSED. */
int lethe_log_consult(struct lethe_log *log, struct lethe_log_guard *guard,
                      struct lethe_error *err);
/* Does such an alarm stand? -LETHE_E_REFUSED. */
int lethe_log_alarm(struct lethe_log *log, struct lethe_error *err);
/* Has a guard confirmed, since the log was opened, that it knows nothing newer? */
bool lethe_log_rollback_excluded(const struct lethe_log *log);

/* ---- Witnesses: client of C2SP tlog-witness ---- */
/* DIR/trust/log.policy (tlog-policy; each witness with its URL). -LETHE_E_NOT_FOUND: none. */
int lethe_log_policy_load(const char *dir, struct lethe_tlog_policy *out, struct lethe_error *err);
struct lethe_log_witness_result {
    const char *name, *url;
    uint64_t size, time; /* time: of the cosignature; 0 there is none */
    struct lethe_error error;
};
/* Ask each witness of POLICY that has a URL; FN (may be NULL) is told how it went. At most
 * TIMEOUT_MS for each. The number that signed, or -LETHE_E_REFUSED when one knows better. */
int lethe_log_witness(struct lethe_log *log, const struct lethe_tlog_policy *policy,
                      unsigned timeout_ms,
                      void (*fn)(void *user, const struct lethe_log_witness_result *result),
                      void *user, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
