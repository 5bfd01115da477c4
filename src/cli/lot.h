/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of one lot, and what is kept of its statistical check. */
#ifndef LETHE_CLI_LOT_H
#define LETHE_CLI_LOT_H

#include "cli.h"
#include <lethe/batch.h>

struct lethe_lot_device {
    char job[37], jti[37], hash[LETHE_BATCH_HASH_SIZE], device[192];
    char *sdjwt, *identity; /* owned */
    bool certificate;       /* or a record: it is not said to be sanitised */
};
struct lethe_lot {
    const char *name;
    size_t n, n_certificates, n_emulated, cap;
    struct lethe_lot_device *devices;
};
/* Newest first; of a device that was sanitised twice only the newest. -LETHE_E_NOT_FOUND: there is
 * no such lot. */
int lethe_lot_collect(struct lethe_cli *cli, const char *name, struct lethe_lot *out,
                      struct lethe_error *err);
void lethe_lot_clear(struct lethe_lot *lot);

/* The records of a lot, beside the certificates: "lot-NAME-HASH.draw-1.jwt",
 * "lot-NAME-HASH.retest-JOB.jwt". */
int lethe_lot_file(const struct lethe_cli *cli, const char *lot, const char *rest, char *out,
                   size_t out_size, struct lethe_error *err);
/* WHICH: ".draw-" or ".retest-". Text and path of each; ends with a NULL text. */
struct lethe_lot_record {
    char *text, *path;
    size_t len;
};
int lethe_lot_records(const struct lethe_cli *cli, const char *lot, const char *which,
                      struct lethe_lot_record **out, struct lethe_error *err);
void lethe_lot_records_free(struct lethe_lot_record *records);

/* This bench's own roots, revocations and key of its log. */
struct lethe_lot_trust {
    struct lethe_trust *trust;
    char *vkey;
    const char *vkeys[2];
};
int lethe_lot_trust(const struct lethe_cli *cli, struct lethe_lot_trust *out,
                    struct lethe_error *err);
void lethe_lot_trust_clear(struct lethe_lot_trust *trust);
/* The draw that counts now; -LETHE_E_NOT_FOUND: none. lethe_draw_clear(). */
int lethe_lot_last(const struct lethe_cli *cli, const char *lot, struct lethe_draw *out,
                   struct lethe_error *err);

/* lot_draw.c, lot_retest.c */
struct lethe_lot_options {
    bool json;
    const char *verb, *id, *by, *tool, *note;
    int residue; /* -1: not said */
    unsigned confidence_ppm, bad_ppm, allow_substrates;
};
int lethe_lot_draw(struct lethe_cli *cli, const struct lethe_lot_options *o,
                   struct lethe_error *err);
int lethe_lot_retest(struct lethe_cli *cli, const struct lethe_lot_options *o,
                     struct lethe_error *err);

#endif
