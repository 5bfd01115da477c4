/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transparency logs as C2SP writes them: tlog-tiles, tlog-checkpoint, signed-note,
 * tlog-cosignature, tlog-proof, tlog-policy; and what our own entries say. Part of liblethe-verify:
 * pure functions over bytes, no globals, no network; only the directory reader at the end opens
 * files.
 *
 * Bounds: sizes and indices below 2^53, entries of 1 KiB, notes of 64 KiB with 32 signatures.
 * Unless said otherwise functions return 0, or -LETHE_E_INVALID (malformed), -LETHE_E_UNTRUSTED (a
 * signature or hash does not hold), -LETHE_E_LIMIT (beyond a bound), -LETHE_E_USAGE (asked
 * wrongly).
 */
#ifndef LETHE_TLOG_H
#define LETHE_TLOG_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_TLOG_SIZE_MAX ((UINT64_C(1) << 53) - 1) /* integers of JSON: RFC 7493 section 2.2 */
#define LETHE_TLOG_ENTRY_MAX 1024
#define LETHE_TLOG_NOTE_MAX 65536
#define LETHE_TLOG_PROOF_FILE_MAX (LETHE_TLOG_NOTE_MAX + 65536)

/* ---- Hashes: RFC 6962 section 2.1 ---- */
struct lethe_tlog_hash {
    uint8_t bytes[32];
};
bool lethe_tlog_hash_equal(const struct lethe_tlog_hash *a, const struct lethe_tlog_hash *b);
void lethe_tlog_hash_empty(struct lethe_tlog_hash *out); /* root of the tree of size 0 */
void lethe_tlog_hash_leaf(struct lethe_tlog_hash *out, const void *entry, size_t len);
void lethe_tlog_hash_node(struct lethe_tlog_hash *out, const struct lethe_tlog_hash *left,
                          const struct lethe_tlog_hash *right);

/* A tree that only grows, by its state of O(log n): memset 0 is the empty tree. */
struct lethe_tlog_tree {
    uint64_t size;
    struct lethe_tlog_hash peak[53]; /* peak[i]: root of the complete subtree of 2^i leaves, if bit
                                        i of size is set */
};
int lethe_tlog_tree_append(struct lethe_tlog_tree *tree, const struct lethe_tlog_hash *leaf);
void lethe_tlog_tree_root(const struct lethe_tlog_tree *tree, struct lethe_tlog_hash *out);

/* ---- Tiles and bundles: tlog-tiles ---- */
#define LETHE_TLOG_TILE_WIDTH 256
#define LETHE_TLOG_TILE_BYTES (LETHE_TLOG_TILE_WIDTH * 32)
#define LETHE_TLOG_LEVELS 7    /* levels 0..6 hold 2^53 entries */
#define LETHE_TLOG_PATH_MAX 64 /* any path below, with its NUL */
struct lethe_tlog_tile {
    unsigned level; /* 0..LETHE_TLOG_LEVELS-1 */
    uint64_t index;
    unsigned width; /* 1..256 hashes; below 256 it is partial */
};
/* Width of tile INDEX at LEVEL in the tree of SIZE; 0: that tree has no such tile. */
unsigned lethe_tlog_tile_width(uint64_t size, unsigned level, uint64_t index);
/* "tile/0/x001/x234/067", "tile/1/000.p/17"; "tile/entries/000.p/112". */
int lethe_tlog_tile_path(const struct lethe_tlog_tile *tile, char out[LETHE_TLOG_PATH_MAX]);
int lethe_tlog_bundle_path(uint64_t index, unsigned width, char out[LETHE_TLOG_PATH_MAX]);
/* The other way, strictly: one spelling. *ENTRIES: it is a bundle (level 0). */
int lethe_tlog_path_parse(const char *path, struct lethe_tlog_tile *out, bool *entries);

/* One entry of a bundle, from *AT on (start with 0); 1: there was one, 0: the end was reached. */
int lethe_tlog_bundle_next(const void *bundle, size_t len, size_t *at, const uint8_t **entry,
                           size_t *entry_len, struct lethe_error *err);

/*
 * Where tiles come from. TILE fills OUT with tile->width hashes (32 bytes each); a full tile may
 * stand in for a partial one that was deleted (take its first hashes). What it yields is not
 * trusted: whoever builds on it compares with a signed root.
 */
struct lethe_tlog_reader {
    int (*tile)(void *user, const struct lethe_tlog_tile *tile, struct lethe_tlog_hash *out,
                struct lethe_error *err);
    void *user;
};

/*
 * Writes a log: entries in, tiles and bundles out, in memory only the right edge (some 350 KiB).
 * Full tiles and bundles go to the sink as soon as they are full, partial ones at flush; what did
 * not change since the last flush is not written again.
 */
struct lethe_tlog_sink {
    int (*tile)(void *user, const struct lethe_tlog_tile *tile,
                const struct lethe_tlog_hash *hashes, struct lethe_error *err);
    /* May be NULL: no bundles wanted. */
    int (*bundle)(void *user, uint64_t index, unsigned width, const void *data, size_t len,
                  struct lethe_error *err);
    void *user;
};
struct lethe_tlog_builder;
int lethe_tlog_builder_new(const struct lethe_tlog_sink *sink, struct lethe_tlog_builder **out,
                           struct lethe_error *err);
void lethe_tlog_builder_free(struct lethe_tlog_builder *builder);
/* Go on with a log of SIZE: its right edge from READER, its last partial bundle (NULL, 0 when SIZE
 * is a multiple of 256). Only for a builder that is still empty. Compare lethe_tlog_builder_root()
 * with the root you know. */
int lethe_tlog_builder_load(struct lethe_tlog_builder *builder, uint64_t size,
                            const struct lethe_tlog_reader *reader, const void *bundle,
                            size_t bundle_len, struct lethe_error *err);
/* 1..LETHE_TLOG_ENTRY_MAX bytes; its index is the size before. */
int lethe_tlog_builder_append(struct lethe_tlog_builder *builder, const void *entry, size_t len,
                              struct lethe_error *err);
int lethe_tlog_builder_flush(struct lethe_tlog_builder *builder, struct lethe_error *err);
uint64_t lethe_tlog_builder_size(const struct lethe_tlog_builder *builder);
void lethe_tlog_builder_root(const struct lethe_tlog_builder *builder, struct lethe_tlog_hash *out);

/* ---- Proofs: RFC 6962 sections 2.1.1 and 2.1.2, in its order ---- */
#define LETHE_TLOG_HASHES_MAX 63 /* lines of an add-checkpoint request: tlog-witness */
struct lethe_tlog_hashes {
    size_t n;
    struct lethe_tlog_hash hash[LETHE_TLOG_HASHES_MAX];
};
/* Root of the tree of the first SIZE entries. */
int lethe_tlog_root(const struct lethe_tlog_reader *reader, uint64_t size,
                    struct lethe_tlog_hash *out, struct lethe_error *err);
int lethe_tlog_prove_inclusion(const struct lethe_tlog_reader *reader, uint64_t index,
                               uint64_t size, struct lethe_tlog_hashes *out,
                               struct lethe_error *err);
/* OLD <= SIZE; empty when OLD is 0 or SIZE. */
int lethe_tlog_prove_consistency(const struct lethe_tlog_reader *reader, uint64_t old,
                                 uint64_t size, struct lethe_tlog_hashes *out,
                                 struct lethe_error *err);
/* 0, or -LETHE_E_UNTRUSTED. */
int lethe_tlog_check_inclusion(const struct lethe_tlog_hashes *proof, uint64_t index, uint64_t size,
                               const struct lethe_tlog_hash *leaf,
                               const struct lethe_tlog_hash *root, struct lethe_error *err);
int lethe_tlog_check_consistency(const struct lethe_tlog_hashes *proof, uint64_t old,
                                 const struct lethe_tlog_hash *old_root, uint64_t size,
                                 const struct lethe_tlog_hash *root, struct lethe_error *err);

/* ---- Keys and signed notes ---- */
#define LETHE_TLOG_NAME_MAX 160
#define LETHE_TLOG_VKEY_MAX 256
#define LETHE_TLOG_LINE_MAX 384 /* a signature line with its newline and NUL */
enum lethe_tlog_key_type {
    LETHE_TLOG_ED25519 = 0x01,     /* a log's own signature: signed-note */
    LETHE_TLOG_COSIGNATURE = 0x04, /* a witness, with time: tlog-cosignature */
};
struct lethe_tlog_key {
    char name[LETHE_TLOG_NAME_MAX]; /* of a log: its origin */
    uint8_t type;                   /* enum lethe_tlog_key_type */
    uint32_t id;
    uint8_t pub[32]; /* Ed25519 */
};
/* UTF-8, not empty, no space of any kind, no control character, no '+'. */
bool lethe_tlog_name_valid(const char *name);
int lethe_tlog_key_make(struct lethe_tlog_key *out, const char *name, enum lethe_tlog_key_type type,
                        const uint8_t pub[32], struct lethe_error *err);
/* vkey: "NAME+HEX ID+BASE64(TYPE || KEY)", nothing behind it but one optional newline. */
int lethe_tlog_key_parse(const char *text, size_t len, struct lethe_tlog_key *out,
                         struct lethe_error *err);
void lethe_tlog_key_format(const struct lethe_tlog_key *key, char out[LETHE_TLOG_VKEY_MAX]);

/* Points into the bytes it was parsed from. */
struct lethe_tlog_signature {
    const char *name, *base64;
    size_t name_len, base64_len;
    uint32_t id;
};
#define LETHE_TLOG_SIGNATURES_MAX 32
struct lethe_tlog_note {
    const char *text; /* with its last newline: what is signed */
    size_t text_len;
    size_t n;
    struct lethe_tlog_signature signature[LETHE_TLOG_SIGNATURES_MAX];
};
/* Text, empty line, one or more signatures, none twice (same name and id). Nothing is verified. */
int lethe_tlog_note_parse(const char *bytes, size_t len, struct lethe_tlog_note *out,
                          struct lethe_error *err);
/* 1: KEY signed it; 0: no signature by KEY; -LETHE_E_UNTRUSTED: one that does not hold (refuse the
 * note: signed-note "Signatures"). *TIME: of a cosignature (seconds, 1 or later), else 0; may be
 * NULL. */
int lethe_tlog_note_verify(const struct lethe_tlog_note *note, const struct lethe_tlog_key *key,
                           uint64_t *time, struct lethe_error *err);
/* What a key of type LETHE_TLOG_COSIGNATURE signs: OUT gets the message, *OUT_LEN its length. A key
 * of type LETHE_TLOG_ED25519 signs the text itself. */
#define LETHE_TLOG_MESSAGE_MAX 384
int lethe_tlog_cosignature_message(const char *text, size_t text_len, uint64_t time,
                                   char out[LETHE_TLOG_MESSAGE_MAX], size_t *out_len,
                                   struct lethe_error *err);
/* The line for a finished Ed25519 signature, with its newline. TIME: of a cosignature. */
int lethe_tlog_signature_line(const struct lethe_tlog_key *key, const uint8_t signature[64],
                              uint64_t time, char out[LETHE_TLOG_LINE_MAX],
                              struct lethe_error *err);

/* ---- Checkpoints: tlog-checkpoint ---- */
#define LETHE_TLOG_CHECKPOINT_TEXT_MAX 256
struct lethe_tlog_checkpoint {
    char origin[LETHE_TLOG_NAME_MAX];
    uint64_t size;
    struct lethe_tlog_hash root;
};
/* Exactly three lines: no extension lines. */
int lethe_tlog_checkpoint_parse(const char *text, size_t len, struct lethe_tlog_checkpoint *out,
                                struct lethe_error *err);
/* A note is this text, "\n", and the signature lines. */
int lethe_tlog_checkpoint_format(const struct lethe_tlog_checkpoint *checkpoint,
                                 char out[LETHE_TLOG_CHECKPOINT_TEXT_MAX], struct lethe_error *err);
/* Parse the note and its text; the origin must be the name of LOG and LOG must have signed it.
 * Other signatures are left for lethe_tlog_note_verify() or a policy. NOTE may be NULL. */
int lethe_tlog_checkpoint_open(const char *bytes, size_t len, const struct lethe_tlog_key *log,
                               struct lethe_tlog_checkpoint *out, struct lethe_tlog_note *note,
                               struct lethe_error *err);

/* ---- Policies: tlog-policy ---- */
#define LETHE_TLOG_POLICY_EACH 32 /* logs, witnesses, groups */
#define LETHE_TLOG_URL_MAX 256
struct lethe_tlog_policy {
    size_t n_logs, n_witnesses, n_groups;
    struct {
        struct lethe_tlog_key key;
        char url[LETHE_TLOG_URL_MAX]; /* may be "" */
    } log[LETHE_TLOG_POLICY_EACH];
    struct {
        char name[LETHE_TLOG_NAME_MAX]; /* in the policy; the key has its own */
        struct lethe_tlog_key key;
        char url[LETHE_TLOG_URL_MAX];
    } witness[LETHE_TLOG_POLICY_EACH];
    struct {
        char name[LETHE_TLOG_NAME_MAX];
        unsigned k;
        uint64_t members; /* bits 0..31: witnesses, 32..63: groups (before this one) */
    } group[LETHE_TLOG_POLICY_EACH];
    bool quorum_none;
    unsigned quorum; /* unless none: a bit number as in members */
};
/* Strict: unknown words, a name twice, a key twice, no or two quorums, an id twice are refused,
 * with the line. Logs have keys of type ED25519, witnesses COSIGNATURE. */
int lethe_tlog_policy_parse(const char *text, size_t len, struct lethe_tlog_policy *out,
                            struct lethe_error *err);

struct lethe_tlog_quorum {
    bool met;          /* also for "quorum none" */
    uint32_t cosigned; /* bit i: witness i did, and is counted */
    uint32_t future;   /* bit i: it did, at a time after NOW: not counted */
    size_t n_cosigned; /* how many bits cosigned has */
    uint64_t time[LETHE_TLOG_POLICY_EACH];
    uint64_t earliest, latest; /* of those counted; 0: none */
    /* The proven not-after, 0 when not met or without witnesses: the earliest time at which those
     * who had cosigned by then meet the quorum. Not EARLIEST, which a single witness could lie
     * about. */
    uint64_t not_after;
};
/* Who cosigned. NOW in seconds (0: any time is believed); five minutes of grace. Negative when a
 * cosignature of a witness of the policy does not hold. */
int lethe_tlog_policy_check(const struct lethe_tlog_policy *policy,
                            const struct lethe_tlog_note *note, uint64_t now,
                            struct lethe_tlog_quorum *out, struct lethe_error *err);

/*
 * ---- Proof files: tlog-proof ----
 * Ours carry the whole entry as the extra data, because D of it is not in the certificate: a
 * verifier takes lethe_tlog_proof_entry(), compares every other member with the JWT it has (kind
 * with vct, n with jti, j, o, t with iat, h with its hash) and proves that leaf.
 */
struct lethe_tlog_proof {
    uint64_t index;
    struct lethe_tlog_hashes hashes;
    const char *extra; /* base64 as it stood there, not authenticated; NULL: none */
    size_t extra_len;
    const char *note; /* the checkpoint, verbatim: into the bytes it was parsed from */
    size_t note_len;
};
int lethe_tlog_proof_parse(const char *bytes, size_t len, struct lethe_tlog_proof *out,
                           struct lethe_error *err);
/* ENTRY of ENTRY_LEN bytes becomes the extra data (NULL: none). free(*out); NUL-terminated behind
 * *out_len. */
int lethe_tlog_proof_format(uint64_t index, const struct lethe_tlog_hashes *hashes,
                            const void *entry, size_t entry_len, const char *note, size_t note_len,
                            char **out, size_t *out_len, struct lethe_error *err);
/* The entry in the extra data and its leaf hash; -LETHE_E_NOT_FOUND when there is no extra data.
 * Not proved yet. */
struct lethe_tlog_entry;
int lethe_tlog_proof_entry(const struct lethe_tlog_proof *proof, struct lethe_tlog_entry *entry,
                           struct lethe_tlog_hash *leaf, struct lethe_error *err);
struct lethe_tlog_proven {
    struct lethe_tlog_checkpoint checkpoint;
    uint64_t index;
    struct lethe_tlog_quorum quorum; /* zero without a policy */
};
/* That the entry with this LEAF hash is at proof->index of a checkpoint signed by LOG. LOG may be
 * NULL: any log of the policy. POLICY may be NULL: inclusion only. Whether the quorum is met is in
 * out->quorum.met: a proof without quorum is still a proof (0 is returned). */
int lethe_tlog_proof_verify(const struct lethe_tlog_proof *proof,
                            const struct lethe_tlog_hash *leaf, const struct lethe_tlog_key *log,
                            const struct lethe_tlog_policy *policy, uint64_t now,
                            struct lethe_tlog_proven *out, struct lethe_error *err);

/*
 * ---- Our entries ----
 * One canonical JSON object (RFC 8785: members sorted, no spaces), one spelling for one entry:
 *
 *   start   {"c"?,"d","h","k":"start","n","t","v":1}   n: job; h: of the job.start event
 *   cert    {"d","h","j","k":"cert","n","o","t","v":1} n: jti; j: job; h: of the JWT; o: outcome
 *   fail    {"d","h"?,"j","k":"fail","n","o","t","v":1} the same of a record; of a job that ended
 *           without a signed record (abandoned) no h, and n is j
 *   revoke  {"k":"revoke","n","r","s","t","v":1}       n: jti, or hex SHA-256 of a bench
 * certificate; s: what was signed since then (seconds) is void; r: RFC 5280 section 5.3.1 reason
 *   key     {"k":"key","n","t","v":1}                  n: hex SHA-256 of the new bench certificate
 *   anchor  {"c","k":"anchor","n","t","v":1}           n: origin of another log, c: its checkpoint
 *
 * d: base64url of HMAC-SHA256(log secret, canonical identity set), a pseudonym of the device;
 * h: base64url of a SHA-256: of the canonical JSON of the event, or of the issuer's JWT (up to the
 * first "~"); t: Unix seconds by the issuer's clock (of cert and fail: iat of the JWT); c:
 * {"r","s","t"} root (base64 as in the checkpoint), size and witness time of a checkpoint; ids are
 * lower-case UUIDs.
 */
enum lethe_tlog_kind {
    LETHE_TLOG_UNKNOWN, /* canonical, but of a kind or version that we do not know */
    LETHE_TLOG_START,
    LETHE_TLOG_CERT,
    LETHE_TLOG_FAIL,
    LETHE_TLOG_REVOKE,
    LETHE_TLOG_KEY,
    LETHE_TLOG_ANCHOR,
};
#define LETHE_TLOG_KINDS 7
struct lethe_tlog_entry {
    enum lethe_tlog_kind kind;
    char name[LETHE_TLOG_NAME_MAX]; /* n */
    uint64_t time;                  /* t */
    char job[37];                   /* j */
    char outcome[32];               /* o: a word of enum lethe_outcome */
    uint8_t device[32];             /* d */
    bool has_hash;                  /* only a fail may be without */
    struct lethe_tlog_hash hash;    /* h */
    bool has_checkpoint;
    struct {
        uint64_t size, time;
        struct lethe_tlog_hash root;
    } checkpoint;    /* c */
    uint64_t since;  /* s */
    unsigned reason; /* r */
};
/* The length, or negative. */
int lethe_tlog_entry_format(const struct lethe_tlog_entry *entry,
                            char out[LETHE_TLOG_ENTRY_MAX + 1], struct lethe_error *err);
int lethe_tlog_entry_parse(const void *text, size_t len, struct lethe_tlog_entry *out,
                           struct lethe_error *err);
const char *lethe_tlog_kind_name(enum lethe_tlog_kind kind); /* "start", ..., "unknown" */
/* The hash that an entry holds of a certificate or record: up to the first "~" of the SD-JWT. */
void lethe_tlog_jwt_hash(struct lethe_tlog_hash *out, const char *sdjwt, size_t len);

/* ---- Base64 (RFC 4648 section 4), strict: padded, canonical, no whitespace ---- */
#define LETHE_TLOG_BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
void lethe_tlog_base64_encode(char *out, const void *in, size_t len);
/* Bytes written, or -1. */
int lethe_tlog_base64_decode(void *out, size_t out_size, const char *in, size_t in_len);

/* ---- A published directory (DIR/tile/..., DIR/checkpoint) ---- */
/* user: const char *dir. Takes a full tile where the partial one is gone. */
int lethe_tlog_directory_tile(void *user, const struct lethe_tlog_tile *tile,
                              struct lethe_tlog_hash *out, struct lethe_error *err);
/* The bundle; the one of full width where the partial is gone (cut to WIDTH entries). free(*out).
 */
int lethe_tlog_directory_bundle(const char *dir, uint64_t index, unsigned width, uint8_t **out,
                                size_t *len, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
