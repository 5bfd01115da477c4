/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An intake manifest: a lot scanned in once confirms every device in it. CSV with a header
 * (identifier, asset_tag, lot, policy, psid, customer, operator; any other column is a field of
 * one's own), or NDJSON with the same names.
 */
#ifndef LETHE_CLI_MANIFEST_H
#define LETHE_CLI_MANIFEST_H

#include "record.h"

#include <lethe/device.h>

#define LETHE_MANIFEST_BYTES_MAX (4U << 20)
#define LETHE_MANIFEST_LINES_MAX 10000

struct lethe_manifest_line {
    unsigned number; /* of the line in the file, from 1 */
    char identifier[96];
    char policy[48]; /* "" : the one of the command line */
    char psid[48];   /* "" : none */
    struct lethe_record record;
    bool used; /* named a device */
};

struct lethe_manifest {
    size_t n;
    struct lethe_manifest_line *lines;
};

/* FILE may be "-". NAME is used in messages. The whole file is good or it is refused. */
int lethe_manifest_load(const char *file, struct lethe_manifest *out, struct lethe_error *err);
int lethe_manifest_parse(const char *name, const char *text, size_t len, struct lethe_manifest *out,
                         struct lethe_error *err);
void lethe_manifest_clear(struct lethe_manifest *manifest);
/* The line that names IDENTITY, NULL when none does (0), or -LETHE_E_REFUSED when two do: whose
 * asset tag would it be? Marks lines as used. */
int lethe_manifest_match(struct lethe_manifest *manifest, const struct lethe_identity *identity,
                         const struct lethe_manifest_line **out, struct lethe_error *err);

#endif
