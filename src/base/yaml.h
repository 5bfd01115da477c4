/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML read strictly through a libcyaml schema: unknown and duplicate keys are
 * errors, so are further documents ("---"), aliases and anchors, files over 256 KiB and nesting
 * over
 * 16. libcyaml's own line numbers can be off, so messages take file:line from a libyaml pre-scan
 * (facts/drives.md A9). Numbers with a leading zero ("010") are rejected.
 */
#ifndef LETHE_BASE_YAML_H
#define LETHE_BASE_YAML_H

#include <cyaml/cyaml.h>
#include <lethe/error.h>

#define LETHE_YAML_MAX (256 * 1024)

/* NAME is only used in messages. *OUT is owned by the caller: lethe_yaml_free(). */
int lethe_yaml_load(const char *name, const char *text, size_t len,
                    const cyaml_schema_value_t *schema, void **out, struct lethe_error *err);
void lethe_yaml_free(const cyaml_schema_value_t *schema, void *data);

#endif
