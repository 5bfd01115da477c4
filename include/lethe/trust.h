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
};
/* CERTS: DER, leaf first (from x5c). Full path to an anchor, EKU, basicConstraints, key type P-256
 * for the leaf, valid at WHEN (ms). -LETHE_E_UNTRUSTED when no anchor is reached, -LETHE_E_INVALID
 * when the chain itself is wrong. */
int lethe_trust_check(const struct lethe_trust *trust, const uint8_t *const *certs,
                      const size_t *lens, size_t n, uint64_t when, struct lethe_chain *out,
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
/* New bench key and certificate, signed by the root key (must be on this bench or given as a file).
 * Old ones are kept beside. */
int lethe_keys_renew(const char *dir, const char *root_key_file, const char *passphrase,
                     unsigned bench_days, struct lethe_error *err);
/* Move the root key to FILE (durable there, then removed here). */
int lethe_keys_export_root(const char *dir, const char *file, struct lethe_error *err);
struct lethe_keys_info {
    bool initialised, root_on_bench, encrypted;
    char organisation[128], bench[128];
    uint64_t bench_not_after, root_not_after;
};
int lethe_keys_info(const char *dir, struct lethe_keys_info *out, struct lethe_error *err);
/* The bench's signer; ASK is called for a passphrase when the key is encrypted (NULL: refuse). */
int lethe_signer_open(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                      void *user, struct lethe_signer **out, struct lethe_error *err);
int lethe_signer_open_demo(const char *dir, struct lethe_signer **out, struct lethe_error *err);
/* Sign something and check it against the chain and WHEN + ETA: what START tries beforehand. */
int lethe_signer_rehearse(struct lethe_signer *signer, uint64_t until_ms, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
