/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statistical check of a lot (R2v3 Appendix B 13): devices that were certified are drawn by a
 * sample that nobody can choose, and tested again by another person than the one who sanitised
 * them. Part of liblethe-verify. The records are specified in certs/batch.md.
 *
 * The order of the draw is HMAC-SHA256(root, jti), root being that of the first checkpoint of the
 * bench's log that holds the certificates of the whole lot: whoever draws again draws the same.
 */
#ifndef LETHE_BATCH_H
#define LETHE_BATCH_H

#include <lethe/carrier.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_VCT_DRAW "urn:lethe:batch-draw:1"
#define LETHE_VCT_RETEST "urn:lethe:batch-retest:1"
#define LETHE_BATCH_DEVICES_MAX 10000
#define LETHE_BATCH_NOTE_MAX 500
#define LETHE_BATCH_R2_PPM 50000 /* R2v3: never fewer than one in twenty */

/* The smallest sample in which a lot of DEVICES, ceil(BAD_PPM of DEVICES) of them bad, shows none
 * with a probability of at most 1 - CONFIDENCE_PPM, and never less than LETHE_BATCH_R2_PPM. */
size_t lethe_batch_size(size_t devices, unsigned confidence_ppm, unsigned bad_ppm);
/* SAMPLE of DEVICES were tested and none was bad: with this confidence at most so many are. */
size_t lethe_batch_bound(size_t devices, size_t sample, unsigned confidence_ppm);

#define LETHE_BATCH_HASH_SIZE 44 /* base64url of a SHA-256, with its NUL */
struct lethe_batch_device {
    char jti[37], hash[LETHE_BATCH_HASH_SIZE]; /* of the certificate, up to its first "~" */
};
struct lethe_draw {
    char jti[37], hash[LETHE_BATCH_HASH_SIZE]; /* of the record's whole text */
    char lot[256];
    char previous[LETHE_BATCH_HASH_SIZE]; /* the draw of this lot before; "" of the first */
    unsigned number;                      /* 1, 2 ... */
    unsigned confidence_ppm, bad_ppm;
    size_t n_devices, sample;
    struct lethe_batch_device *devices; /* the first SAMPLE of them are drawn; owned */
    char *checkpoint;                   /* a signed note, checkpoint_len bytes; owned */
    size_t checkpoint_len;
    uint64_t iat; /* ms */
    struct lethe_chain chain;
};
struct lethe_retest {
    char jti[37];
    char lot[256];
    char draw[37], draw_hash[LETHE_BATCH_HASH_SIZE];
    struct lethe_batch_device certificate;
    char by[128], tool[128], note[LETHE_BATCH_NOTE_MAX + 1];
    bool residue;
    uint64_t iat; /* ms */
    struct lethe_chain chain;
};
/* Both verify signature, path, form, and that a draw is the one that its checkpoint and devices
 * make. -LETHE_E_UNTRUSTED: no pinned root; -LETHE_E_INVALID: anything else. */
int lethe_draw_verify(const struct lethe_trust *trust, const char *text, size_t len, uint64_t now,
                      struct lethe_draw *out, struct lethe_error *err);
void lethe_draw_clear(struct lethe_draw *draw);
int lethe_retest_verify(const struct lethe_trust *trust, const char *text, size_t len, uint64_t now,
                        struct lethe_retest *out, struct lethe_error *err);

/* What one file is, by the `typ` of its header; anything else is taken for a certificate. */
enum lethe_batch_kind { LETHE_BATCH_CERTIFICATE, LETHE_BATCH_DRAW, LETHE_BATCH_RETEST };
enum lethe_batch_kind lethe_batch_sniff(const char *text, size_t len);

/*
 * Draws, re-tests and certificates (in any carrier, in any order) of one lot, judged together. The
 * last draw counts. Valid: every drawn device has its certificate here, valid by POLICY, and was
 * found clean by somebody else than its operator. Never fails.
 */
#define LETHE_BATCH_REASONS_MAX 32
struct lethe_batch_report {
    enum lethe_verdict verdict;
    size_t n_reasons; /* the worst first */
    struct {
        char code[32], text[192];
        enum lethe_verdict weight; /* VALID: remark only */
    } reasons[LETHE_BATCH_REASONS_MAX];
    char lot[256];
    unsigned draws; /* the number of the one that counts */
    unsigned confidence_ppm, bad_ppm;
    size_t devices, sample, clean, residue, missing;
    size_t bound;        /* when valid: at most so many hold residue */
    char statement[256]; /* what may be said of the lot; "" unless valid */
    char organisation[128], bench[128];
};
void lethe_batch_verify(const struct lethe_span *files, size_t n,
                        const struct lethe_verify_policy *policy, struct lethe_batch_report *out);
json_t *lethe_batch_report_to_json(const struct lethe_batch_report *report);

/* ---- Issuing ---- */
/* WISH: lot, previous, number, both ppm, devices (any order), checkpoint. Puts the devices into the
 * order of the draw and fills in sample. free(*text). */
int lethe_draw_make(struct lethe_signer *signer, struct lethe_draw *wish, uint64_t now, char **text,
                    struct lethe_error *err);
/* WISH: lot, draw, draw_hash, certificate, by, tool, note, residue. -LETHE_E_REFUSED when BY is
 * OPERATOR_NAME. free(*text). */
int lethe_retest_make(struct lethe_signer *signer, const struct lethe_retest *wish,
                      const char *operator_name, uint64_t now, char **text,
                      struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
