/* SPDX-License-Identifier: Apache-2.0 */
/* What people add to a job: the record fields of the standards, and free ones of their own. */
#ifndef LETHE_CLI_RECORD_H
#define LETHE_CLI_RECORD_H

#include <jansson.h>
#include <lethe/error.h>
#include <lethe/policy.h>
#include <stdbool.h>

#define LETHE_CUSTOM_FIELDS_MAX 32

struct lethe_record {
    json_t *fields; /* "operator", "asset_tag", "lot", "customer" */
    json_t *custom; /* everything else: kept apart on the certificate */
};
void lethe_record_init(struct lethe_record *record);
void lethe_record_clear(struct lethe_record *record);

/* KEY is one of the four ("asset-tag" and "Asset tag" are "asset_tag") or a free one. A free one
 * may not bear the name of a standard claim: it could be mistaken for it. Empty values are left
 * out; a second value for one key is refused. */
int lethe_record_set(struct lethe_record *record, const char *key, const char *value,
                     struct lethe_error *err);
/* The same for `--field KEY=VALUE`, where also the four are refused: they have options. */
int lethe_record_set_field(struct lethe_record *record, const char *pair, struct lethe_error *err);
/* What is set in FROM and not in TO. */
void lethe_record_fill(struct lethe_record *to, const struct lethe_record *from);
/* The first field that the policy requires and nobody gave, or NULL. */
const char *lethe_record_missing(const struct lethe_record *record, const char (*required)[32],
                                 size_t n_required);
/* The option that gives FIELD: "--asset-tag", "--field bay=". */
void lethe_record_option(char *out, size_t out_size, const char *field);
/* True for fields that differ from device to device. */
bool lethe_record_per_device(const char *field);

#endif
