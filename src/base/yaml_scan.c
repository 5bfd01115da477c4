/* SPDX-License-Identifier: Apache-2.0 */
#include "base/yaml_scan.h"

#include "base/text.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A collection that is open: its node, and in a mapping the key whose value comes next. */
struct frame {
    size_t node;
    bool mapping;
    size_t entries;
    char *key;
    size_t key_line;
};

struct walk {
    const char *name;
    struct lethe_yaml_scan *scan;
    struct lethe_error *err;
    size_t documents, depth;
    struct frame frames[LETHE_YAML_DEPTH_MAX];
};

static size_t event_line(const yaml_event_t *event)
{
    return event->start_mark.line + 1;
}

static int fail_at(const struct walk *walk, const yaml_event_t *event, const char *what)
{
    return lethe_fail(walk->err, LETHE_E_INVALID, "%s:%zu: %s", walk->name, event_line(event),
                      what);
}

size_t lethe_yaml_scan_child(const struct lethe_yaml_scan *scan, size_t parent, const char *key,
                             size_t index)
{
    for (size_t i = 1; i < scan->n; i++) {
        const struct lethe_yaml_node *node = &scan->nodes[i];
        if (node->parent == parent && !node->key == !key &&
            (key ? strcmp(node->key, key) == 0 : node->index == index))
            return i;
    }
    return 0;
}

void lethe_yaml_scan_free(struct lethe_yaml_scan *scan)
{
    for (size_t i = 0; i < scan->n; i++)
        free(scan->nodes[i].key);
    free(scan->nodes);
    *scan = (struct lethe_yaml_scan){0};
}

/* A value begins: give it a node under the collection that is open. Takes the frame's key. */
static int node_add(struct walk *walk, const yaml_event_t *event, size_t *out)
{
    struct lethe_yaml_scan *scan = walk->scan;
    struct frame *top = walk->depth > 0 ? &walk->frames[walk->depth - 1] : NULL;
    if (scan->n >= LETHE_YAML_NODES_MAX)
        return fail_at(walk, event, "more values than a file may hold");
    if (scan->n >= scan->cap) {
        size_t cap = scan->cap ? scan->cap * 2 : 64;
        struct lethe_yaml_node *nodes = realloc(scan->nodes, cap * sizeof(*nodes));
        if (!nodes)
            return lethe_fail(walk->err, LETHE_E_INTERNAL, "memory ran out");
        scan->nodes = nodes;
        scan->cap = cap;
    }
    struct lethe_yaml_node node = {.line = event_line(event)};
    if (top) {
        node.parent = top->node;
        node.index = top->entries++;
    }
    if (top && top->mapping) {
        node.key = top->key;
        node.line = top->key_line;
        top->key = NULL;
    }
    *out = scan->n;
    scan->nodes[scan->n++] = node;
    return 0;
}

/* "010" is 8 to libcyaml and 10 to its reader. */
static bool has_leading_zero(const char *text, size_t len)
{
    size_t at = len > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    if (len < at + 2 || text[at] != '0')
        return false;
    return strspn(text + at, "0123456789") == len - at;
}

static bool is_fit(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static int on_scalar(struct walk *walk, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length, node;
    struct frame *top = walk->depth > 0 ? &walk->frames[walk->depth - 1] : NULL;
    if (event->data.scalar.anchor)
        return fail_at(walk, event, "anchors are not allowed");
    if (!is_fit(text, len))
        return fail_at(walk, event, "control characters are not allowed");
    if (!top || !top->mapping || top->key) {
        if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && has_leading_zero(text, len))
            return fail_at(walk, event,
                           "a number may not begin with 0 (put it in quotes if it is text)");
        return node_add(walk, event, &node);
    }
    if (lethe_yaml_scan_child(walk->scan, top->node, text, 0) > 0)
        return lethe_fail(walk->err, LETHE_E_INVALID, "%s:%zu: \"%.64s\" is there twice",
                          walk->name, event_line(event), text);
    top->key = strdup(text);
    top->key_line = event_line(event);
    return top->key ? 0 : lethe_fail(walk->err, LETHE_E_INTERNAL, "memory ran out");
}

static int on_open(struct walk *walk, const yaml_event_t *event, bool mapping, bool anchor)
{
    struct frame *top = walk->depth > 0 ? &walk->frames[walk->depth - 1] : NULL;
    if (anchor)
        return fail_at(walk, event, "anchors are not allowed");
    if (top && top->mapping && !top->key)
        return fail_at(walk, event, "a key must be plain text");
    if (walk->depth >= LETHE_YAML_DEPTH_MAX)
        return fail_at(walk, event, "nested too deeply");
    struct frame frame = {.mapping = mapping};
    int rc = node_add(walk, event, &frame.node);
    if (rc == 0)
        walk->frames[walk->depth++] = frame;
    return rc;
}

static int on_event(struct walk *walk, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (walk->documents++ > 0)
            return fail_at(walk, event, "a file holds one document, a second begins here");
        return 0;
    case YAML_ALIAS_EVENT:
        return fail_at(walk, event, "aliases are not allowed");
    case YAML_SCALAR_EVENT:
        return on_scalar(walk, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(walk, event, false, event->data.sequence_start.anchor != NULL);
    case YAML_MAPPING_START_EVENT:
        return on_open(walk, event, true, event->data.mapping_start.anchor != NULL);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        walk->depth--;
        return 0;
    default:
        return 0;
    }
}

static int walk_events(struct walk *walk, yaml_parser_t *parser)
{
    for (bool done = false; !done;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return lethe_fail(walk->err, LETHE_E_INVALID, "%s:%zu: not YAML: %s", walk->name,
                              parser->problem_mark.line + 1,
                              parser->problem ? parser->problem : "memory ran out");
        int rc = on_event(walk, &event);
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (rc < 0)
            return rc;
    }
    if (walk->scan->n == 0)
        return lethe_fail(walk->err, LETHE_E_INVALID, "%s:1: the file is empty", walk->name);
    return 0;
}

int lethe_yaml_scan(const char *name, const char *text, size_t len, struct lethe_yaml_scan *out,
                    struct lethe_error *err)
{
    struct walk walk = {.name = name, .scan = out, .err = err};
    yaml_parser_t parser;
    *out = (struct lethe_yaml_scan){0};
    if (!yaml_parser_initialize(&parser))
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    int rc = walk_events(&walk, &parser);
    yaml_parser_delete(&parser);
    for (size_t i = 0; i < walk.depth; i++)
        free(walk.frames[i].key);
    if (rc < 0)
        lethe_yaml_scan_free(out);
    return rc;
}
