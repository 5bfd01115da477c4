/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON from strangers, read so that nobody else can read it differently: no duplicate names, no
 * floats, no null, integers within 2^53-1, no unprintable text, bounded depth. The values stand in
 * one piece of memory with the tree, and their texts where they were read: a verifier of thousands
 * spends its time on signatures, not on small allocations.
 */
#ifndef LETHE_CERT_TREE_H
#define LETHE_CERT_TREE_H

#include "cert/complaint.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lethe_node {
    json_type type; /* never JSON_REAL or JSON_NULL */
    uint32_t size;  /* of an object or a list; bytes of a string */
    uint32_t key_len;
    const char *key; /* NULL but for members; NUL-terminated */
    union {
        const char *text; /* NUL-terminated; no NUL within */
        int64_t integer;
        struct lethe_node *first;
    };
    struct lethe_node *next;
};

/* Where nodes and texts live; start with a zeroed struct. */
struct lethe_tree {
    struct lethe_tree_chunk *chunks;
};
void lethe_tree_clear(struct lethe_tree *tree);

/* TYPE: JSON_OBJECT or JSON_ARRAY. NULL and WHY: "json", "duplicate-key", "number", "null", "text",
 * "depth". WHAT names the place in messages. */
struct lethe_node *lethe_tree_read(struct lethe_tree *tree, const char *text, size_t len,
                                   json_type type, const char *what, struct lethe_complaint *why);
/* Base64url (RFC 7515 section 2) of a whole JSON text; code "encoding" beside those above. */
struct lethe_node *lethe_tree_read_b64(struct lethe_tree *tree, const char *text, size_t len,
                                       json_type type, const char *what,
                                       struct lethe_complaint *why);

/* As jansson's: of NULL, or of another type, NULL, 0 and false. */
struct lethe_node *lethe_node_get(const struct lethe_node *object, const char *key);
struct lethe_node *lethe_node_at(const struct lethe_node *list, size_t i);
static inline bool lethe_node_is(const struct lethe_node *node, json_type type)
{
    return node && node->type == type;
}
static inline bool lethe_node_is_boolean(const struct lethe_node *node)
{
    return lethe_node_is(node, JSON_TRUE) || lethe_node_is(node, JSON_FALSE);
}
static inline bool lethe_node_is_true(const struct lethe_node *node)
{
    return lethe_node_is(node, JSON_TRUE);
}
static inline const char *lethe_node_string(const struct lethe_node *node)
{
    return lethe_node_is(node, JSON_STRING) ? node->text : NULL;
}
static inline size_t lethe_node_length(const struct lethe_node *node)
{
    return lethe_node_is(node, JSON_STRING) ? node->size : 0;
}
static inline int64_t lethe_node_integer(const struct lethe_node *node)
{
    return lethe_node_is(node, JSON_INTEGER) ? node->integer : 0;
}
static inline bool lethe_node_holds(const struct lethe_node *node)
{
    return lethe_node_is(node, JSON_OBJECT) || lethe_node_is(node, JSON_ARRAY);
}
static inline size_t lethe_node_size(const struct lethe_node *node)
{
    return lethe_node_holds(node) ? node->size : 0;
}
/* A member as text; "" when it is missing. */
static inline const char *lethe_node_text(const struct lethe_node *object, const char *key)
{
    const char *text = lethe_node_string(lethe_node_get(object, key));
    return text ? text : "";
}
/* Each element or member ITEM of LIST, which may be NULL. */
static inline struct lethe_node *lethe_node_first(const struct lethe_node *holder)
{
    return lethe_node_holds(holder) ? holder->first : NULL;
}
#define LETHE_NODE_EACH(list, item) for (item = lethe_node_first(list); item; item = item->next)

/* Behind the last one; NODE keeps its key. */
void lethe_node_add(struct lethe_node *object, struct lethe_node *node, const char *key);
/* Take a member or element out. */
void lethe_node_remove(struct lethe_node *holder, struct lethe_node *node);
/* New reference; NULL when memory ran out. */
json_t *lethe_node_to_json(const struct lethe_node *node);

#endif
