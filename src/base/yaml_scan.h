/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pass over a YAML text before libcyaml sees it: refuses what libcyaml lets through (further
 * documents, anchors, leading zeroes, deep nesting), names the line of duplicate keys, and
 * remembers on which line every value stands.
 */
#ifndef LETHE_BASE_YAML_SCAN_H
#define LETHE_BASE_YAML_SCAN_H

#include <lethe/error.h>
#include <stddef.h>

#define LETHE_YAML_DEPTH_MAX 16
#define LETHE_YAML_NODES_MAX 8192

struct lethe_yaml_node {
    size_t parent; /* of the root: itself */
    char *key;     /* in a mapping, else NULL */
    size_t index;  /* in a sequence, from 0 */
    size_t line;   /* of the key, or of the entry; from 1 */
};

/* nodes[0] is the root, n is at least 1 after success. */
struct lethe_yaml_scan {
    struct lethe_yaml_node *nodes;
    size_t n, cap;
};

int lethe_yaml_scan(const char *name, const char *text, size_t len, struct lethe_yaml_scan *out,
                    struct lethe_error *err);
void lethe_yaml_scan_free(struct lethe_yaml_scan *scan);
/* The member KEY of a mapping, or entry INDEX of a sequence (KEY NULL). 0 (the root, nobody's
 * child) when there is none. */
size_t lethe_yaml_scan_child(const struct lethe_yaml_scan *scan, size_t parent, const char *key,
                             size_t index);

#endif
