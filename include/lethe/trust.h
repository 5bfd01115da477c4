/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and the paths that make them believed. Part of liblethe-verify. */
#ifndef LETHE_TRUST_H
#define LETHE_TRUST_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Verifying side ---- */
struct lethe_trust; /* pinned organisation roots */
int lethe_trust_new(struct lethe_trust **out, struct lethe_error *err);
void lethe_trust_free(struct lethe_trust *trust);
/* PEM, one or more certificates; each becomes an anchor. */
int lethe_trust_add_pem(struct lethe_trust *trust, const char *pem, size_t len,
                        struct lethe_error *err);
struct lethe_chain {
    char organisation[128]; /* O of the anchor */
    char bench[128];        /* id from the SAN URI of the leaf */
    char leaf_sha256[65];
    uint64_t not_before, not_after; /* of the leaf, ms */
    char log_origin[256];           /* from its SAN URI urn:lethe:log:ORIGIN; "" when it has none */
    /* Filled when an anchor was reached: what lethe_trust_revoked() looks up. */
    char anchor_sha256[65];
    char serial[41]; /* hex, of the certificate that the anchor itself signed */
    bool direct;     /* that is the leaf: nothing stands between */
};
/* CERTS: DER, leaf first (from x5c). Full path to an anchor, EKU, basicConstraints, key type P-256
 * for the leaf, valid at WHEN (ms). -LETHE_E_UNTRUSTED when no anchor is reached, -LETHE_E_INVALID
 * when the chain itself is wrong. */
int lethe_trust_check(const struct lethe_trust *trust, const uint8_t *const *certs,
                      const size_t *lens, size_t n, uint64_t when, struct lethe_chain *out,
                      struct lethe_error *err);

/*
 * A signed list of organisations: a JWT of typ "lethe-trust-list+jwt", ES256, {iat, exp,
 * organisations: [{name, roots: [base64 DER], log_vkeys?, status_uris?, since?, until?}]}. The key
 * is not in it: SIGNER_PEM is the publisher's public key (or a certificate of it), pinned by the
 * user. All of its roots become anchors, or none. -LETHE_E_UNTRUSTED: another key signed it;
 * -LETHE_E_LIMIT: it has expired, or is older than NOT_BEFORE (ms: the iat of the newest one seen
 * before); -LETHE_E_INVALID: anything else. INFO may be NULL.
 */
struct lethe_trust_list_info {
    uint64_t iat, exp; /* ms */
    size_t n_organisations;
};
int lethe_trust_add_list(struct lethe_trust *trust, const char *text, size_t len,
                         const char *signer_pem, size_t signer_len, uint64_t now,
                         uint64_t not_before, struct lethe_trust_list_info *info,
                         struct lethe_error *err);
/* The I-th log key (C2SP vkey) that a trust list pins for ORGANISATION; NULL behind the last. */
const char *lethe_trust_log_vkey(const struct lethe_trust *trust, const char *organisation,
                                 size_t i);
/* The same for where it publishes its status lists. */
const char *lethe_trust_status_uri(const struct lethe_trust *trust, const char *organisation,
                                   size_t i);

/* Until when a trust list believes the organisation behind CHAIN, ms; UINT64_MAX: without end. The
 * path was judged at the time that the signer claims: beyond this one, only a witness can prove
 * that something is from before. */
uint64_t lethe_trust_until(const struct lethe_trust *trust, const struct lethe_chain *chain);

/*
 * Revoked bench certificates: an X.509 CRL (RFC 5280 section 5), PEM or DER, of a pinned root.
 * A later one of the same root replaces the one before. -LETHE_E_UNTRUSTED: of no pinned root;
 * -LETHE_E_LIMIT: its nextUpdate is over, or it is older than NOT_BEFORE (ms) or than one that
 * TRUST has; -LETHE_E_INVALID: anything else. INFO may be NULL.
 */
struct lethe_crl_info {
    char organisation[128];
    uint64_t this_update, next_update; /* ms */
    uint64_t number;                   /* cRLNumber: only grows */
    size_t n_revoked;
};
int lethe_trust_add_crl(struct lethe_trust *trust, const char *data, size_t len, uint64_t now,
                        uint64_t not_before, struct lethe_crl_info *info, struct lethe_error *err);
enum lethe_revocation {
    LETHE_REVOCATION_UNKNOWN, /* TRUST has no CRL that covers this chain */
    LETHE_REVOCATION_GOOD,    /* not revoked */
    LETHE_REVOCATION_BEFORE,  /* revoked since later than what was proved: it stands */
    LETHE_REVOCATION_VOID,    /* revoked, and nothing proves that it is from before */
};
/* CHAIN as lethe_trust_check() filled it with success. PROVEN (ms): the time by which a witness has
 * seen the signature, 0 when none has: the signer's own clock proves nothing once the key is
 * stolen. SINCE (may be NULL) receives the time since when the key is not believed, ms. */
enum lethe_revocation lethe_trust_revoked(const struct lethe_trust *trust,
                                          const struct lethe_chain *chain, uint64_t proven,
                                          uint64_t *since);

/*
 * Status of single certificates: a Token Status List (draft-ietf-oauth-status-list-21) as JWT,
 * `bits` 2. Signed under a pinned root by a certificate for status lists, valid at its iat and now,
 * not revoked. -LETHE_E_UNTRUSTED: no pinned root; -LETHE_E_LIMIT: it has expired (exp), or is
 * older than NOT_BEFORE (ms: the iat of the newest one seen before): it says nothing of today, but
 * what it revoked for good stays revoked, so it is given out all the same (info.stale);
 * -LETHE_E_INVALID: anything else.
 */
enum lethe_status {
    LETHE_STATUS_VALID = 0,
    LETHE_STATUS_INVALID = 1, /* revoked for good */
    LETHE_STATUS_SUSPENDED = 2,
};
#define LETHE_STATUS_SLOTS (1u << 20)
#define LETHE_STATUS_URI_MAX 255
struct lethe_status_list;
struct lethe_status_info {
    char uri[LETHE_STATUS_URI_MAX + 1]; /* sub */
    char organisation[128];
    char signer_sha256[65], anchor_sha256[65];
    uint64_t iat, exp; /* ms */
    bool stale;        /* only what it revokes for good is to be taken from it */
};
/* -LETHE_E_LIMIT with a list: it is stale. Any other failure leaves none. */
int lethe_status_list_read(const struct lethe_trust *trust, const char *text, size_t len,
                           uint64_t now, uint64_t not_before, struct lethe_status_list **out,
                           struct lethe_error *err);
const struct lethe_status_info *lethe_status_list_info(const struct lethe_status_list *list);
/* The enum lethe_status of slot INDEX for a certificate under the root ANCHOR (hex SHA-256: a name
 * can be anybody's) whose claim names URI. -LETHE_E_NOT_FOUND: this is the list of another root or
 * URI; -LETHE_E_INVALID: no such slot, or a value that is no status. */
int lethe_status_list_get(const struct lethe_status_list *list, const char *anchor, const char *uri,
                          uint64_t index, struct lethe_error *err);
void lethe_status_list_free(struct lethe_status_list *list);

/*
 * The second person's word on a certificate or record (NIST SP 800-88r2 section 4.5.2): a JWT of
 * typ "lethe-validation+jwt", signed by a bench of the same organisation, bound to the certificate
 * by the hash of its JWT (up to the first "~") and its jti.
 */
#define LETHE_VCT_VALIDATION "urn:lethe:validation-record:1"
enum lethe_decision { LETHE_DECISION_ACCEPT, LETHE_DECISION_REPEAT, LETHE_DECISION_ESCALATE };
const char *lethe_decision_name(enum lethe_decision decision);
int lethe_decision_parse(const char *name); /* -LETHE_E_INVALID */
#define LETHE_VALIDATION_NOTE_MAX 500
struct lethe_validation {
    char jti[37], certificate[37]; /* its own, and of what was looked at */
    char by[128];
    enum lethe_decision decision;
    char note[LETHE_VALIDATION_NOTE_MAX + 1];
    uint64_t iat; /* ms */
    struct lethe_chain chain;
};
/* CERTIFICATE: the SD-JWT, already verified by the caller. OPERATOR_NAME: its disclosed operator,
 * or NULL. -LETHE_E_UNTRUSTED: no pinned root; -LETHE_E_CHANGED: it is of another certificate;
 * -LETHE_E_REFUSED: the operator validated himself; -LETHE_E_INVALID: anything else. */
int lethe_validation_verify(const struct lethe_trust *trust, const char *text, size_t len,
                            const char *certificate, size_t certificate_len,
                            const char *operator_name, uint64_t now, struct lethe_validation *out,
                            struct lethe_error *err);

/* ---- Issuing side ---- */
/* One bench key, whatever holds it (file now, PKCS#11 and TPM2 by further implementations). */
struct lethe_signer;
struct lethe_signer_ops {
    const char *name;
    /* ECDSA P-256 over SHA-256(data), raw r||s. */
    int (*sign)(struct lethe_signer *signer, const void *data, size_t len, uint8_t out[64],
                struct lethe_error *err);
    void (*close)(struct lethe_signer *signer);
};
struct lethe_signer {
    const struct lethe_signer_ops *ops;
    char organisation[128], bench[128];
    char certificate_sha256[65];
    uint64_t not_before, not_after; /* ms */
    size_t n_chain;                 /* DER, leaf first, root last; owned */
    uint8_t *chain[4];
    size_t chain_len[4];
    bool demo; /* the demo key under an untrusted root: emulated jobs only */
};
void lethe_signer_close(struct lethe_signer *signer);

/*
 * DIR/trust/root.pem (public), DIR/trust/bench.pem, DIR/keys/root.key and bench.key (PKCS#8, 0600,
 * encrypted when a passphrase is given), DIR/demo/... the demo hierarchy ("DEMO - NOT A REAL
 * ORGANISATION"), made on first need. PASSPHRASE may be NULL. Refuses to overwrite.
 */
int lethe_keys_init(const char *dir, const char *organisation, const char *bench,
                    const char *passphrase, unsigned bench_days, struct lethe_error *err);
struct lethe_keys_wish {
    const char *organisation, *bench;
    const char *passphrase; /* of the keys in files; NULL: none */
    /* Where the bench key lives: NULL or "file:" (keys/bench.key), "pkcs11:..." (RFC 7512; with an
     * id: that key, else a new one), "handle:" or "handle:0x81010001" (persistent in a TPM). */
    const char *keyref;
    const char *status_uri; /* NULL: certificates carry no status claim */
    unsigned days;          /* of the bench certificate; 0: 90 */
};
int lethe_keys_setup(const char *dir, const struct lethe_keys_wish *wish, struct lethe_error *err);
/* New bench key and certificate, signed by the root key (must be on this bench or given as a file).
 * Old ones are kept beside. */
int lethe_keys_renew(const char *dir, const char *root_key_file, const char *passphrase,
                     unsigned bench_days, struct lethe_error *err);
/* The same, with the new bench key at KEYREF; NULL: where the old one is. */
int lethe_keys_rotate(const char *dir, const char *root_key_file, const char *passphrase,
                      const char *keyref, unsigned bench_days, struct lethe_error *err);
/* Move the root key to FILE (durable there, then removed here). */
int lethe_keys_export_root(const char *dir, const char *file, struct lethe_error *err);
struct lethe_keys_info {
    bool initialised, root_on_bench, encrypted;
    char organisation[128], bench[128];
    uint64_t bench_not_after, root_not_after;
};
int lethe_keys_info(const char *dir, struct lethe_keys_info *out, struct lethe_error *err);
/* Does the root key (ROOT_KEY_FILE, NULL: the one on this bench) want a passphrase? */
int lethe_keys_root_encrypted(const char *dir, const char *root_key_file, bool *out,
                              struct lethe_error *err);
/* The bench's signer; ASK is called for a passphrase when the key is encrypted (NULL: refuse). */
int lethe_signer_open(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                      void *user, struct lethe_signer **out, struct lethe_error *err);
int lethe_signer_open_demo(const char *dir, struct lethe_signer **out, struct lethe_error *err);
/* The key of status lists (DIR/keys/status.key, DIR/trust/status.pem), made with the others. */
int lethe_signer_open_status(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                             void *user, struct lethe_signer **out, struct lethe_error *err);
/* Sign something and check it against the chain and WHEN + ETA: what START tries beforehand. */
int lethe_signer_rehearse(struct lethe_signer *signer, uint64_t until_ms, struct lethe_error *err);

/* Each bench key there was, the newest last; FN returns non-zero to stop. */
struct lethe_bench_key {
    char bench[128], sha256[65], keyref[16]; /* "file", "pkcs11", "handle"; "" not here */
    uint64_t not_before, not_after;          /* ms */
    bool current, revoked;
    uint64_t revoked_since; /* ms */
};
int lethe_keys_list(const char *dir, int (*fn)(void *user, const struct lethe_bench_key *key),
                    void *user, struct lethe_error *err);

/* RFC 5280 section 5.3.1: "unspecified", "key-compromise", "superseded", "cessation", ...;
 * -LETHE_E_INVALID. */
int lethe_revocation_reason_parse(const char *name);
const char *lethe_revocation_reason_name(int reason); /* "" when it is none */
/* Put a bench certificate on DIR/trust/crl.pem, not believed since SINCE (ms), and with it those of
 * the bench's keys for status lists. WHICH: the beginning of its SHA-256 (8 or more digits),
 * "current", or a file with a certificate of this root. A second time only with an earlier SINCE.
 * SHA256 receives which it was, N_STATUS on how many of status lists the list now has a word. */
int lethe_keys_revoke_bench(const char *dir, const char *which, uint64_t since, int reason,
                            const char *root_key_file, const char *passphrase, unsigned crl_days,
                            char sha256[65], size_t *n_status, struct lethe_error *err);
/* Sign the list again, so that it stays fresh. */
int lethe_keys_crl(const char *dir, const char *root_key_file, const char *passphrase,
                   unsigned crl_days, struct lethe_error *err);

/* Where this bench publishes its status list: DIR/trust/status.uri. "" when nowhere. Setting "" or
 * NULL takes it away; certificates given out keep theirs. */
int lethe_status_uri_get(const char *dir, char out[LETHE_STATUS_URI_MAX + 1],
                         struct lethe_error *err);
int lethe_status_uri_set(const char *dir, const char *uri, struct lethe_error *err);
/* A status list of URI over SLOTS (2 bits each, LETHE_STATUS_SLOTS / 4 bytes, the first in the
 * lowest bits), good until EXP (ms). free(*text). */
int lethe_status_list_make(struct lethe_signer *signer, const char *uri, const uint8_t *slots,
                           uint64_t now, uint64_t exp, char **text, struct lethe_error *err);

/* WISH: by, decision, note. -LETHE_E_REFUSED when BY is OPERATOR_NAME. free(*text). */
int lethe_validation_make(struct lethe_signer *signer, const char *certificate, size_t len,
                          const char *operator_name, const struct lethe_validation *wish,
                          uint64_t now, char **text, struct lethe_error *err);

/* Publishing a trust list: organisations are gathered in DIR/trust/organisations.json and signed by
 * DIR/keys/list.key (made on first need, public half DIR/trust/list.pub). */
struct lethe_trust_list_wish {
    const char *root_pem;
    size_t root_len;
    const char *const *log_vkeys, *const *status_uris; /* end with NULL; may be NULL */
    uint64_t since, until;                             /* ms; 0: not limited */
};
/* A root more of its organisation, or another organisation. NAME receives its name. */
int lethe_trust_list_put(const char *dir, const struct lethe_trust_list_wish *wish, char name[128],
                         struct lethe_error *err);
int lethe_trust_list_remove(const char *dir, const char *name, struct lethe_error *err);
/* The list as it would be signed: canonical JSON. free(*text). */
int lethe_trust_list_draft(const char *dir, char **text, struct lethe_error *err);
int lethe_trust_list_sign(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                          void *user, uint64_t now, uint64_t exp, char **text,
                          struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
