/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/tree.h"

#include "base/json.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

#define INTEGER_MAX 9007199254740991 /* RFC 7493 section 2.2 */
#define CHUNK (24u * 1024)
/* More than any certificate has; finding names that are there twice is n^2. */
#define MEMBERS_MAX 1024

/* ---- Memory ---- */
struct lethe_tree_chunk {
    struct lethe_tree_chunk *next;
    size_t used, size;
    max_align_t data[];
};

static void *take(struct lethe_tree *tree, size_t size)
{
    struct lethe_tree_chunk *chunk = tree->chunks;
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (!chunk || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK ? size : CHUNK;
        chunk = malloc(sizeof(*chunk) + room);
        if (!chunk)
            return NULL;
        *chunk = (struct lethe_tree_chunk){.next = tree->chunks, .size = room};
        tree->chunks = chunk;
    }
    void *out = (char *)chunk->data + chunk->used;
    chunk->used += size;
    return out;
}

void lethe_tree_clear(struct lethe_tree *tree)
{
    while (tree->chunks) {
        struct lethe_tree_chunk *next = tree->chunks->next;
        free(tree->chunks);
        tree->chunks = next;
    }
}

/* ---- Reading (RFC 8259) ---- */
struct reader {
    struct lethe_tree *tree;
    char *at, *end; /* END holds a NUL */
    const char *what;
    struct lethe_complaint *why;
};

static struct lethe_node *fail(const struct reader *r, const char *code, const char *text)
{
    lethe_complain(r->why, code, "the %s %s", r->what, text);
    return NULL;
}

static void skip_space(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')
        r->at++;
}

static int hex4(const char *at, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return -1;
        *out = *out << 4 | digit;
    }
    return 0;
}

static char *put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 63));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 63));
        *to++ = (char)(0x80 | (code >> 6 & 63));
    }
    *to++ = (char)(0x80 | (code & 63));
    return to;
}

/* Behind a backslash; the text only gets shorter. NULL: complained. */
static char *unescape(struct reader *r, char *to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    uint32_t code, low;
    char c = *++r->at;
    const char *found = c ? strchr(from, c) : NULL;
    if (found) {
        r->at++;
        *to++ = into[found - from];
        return to;
    }
    if (c != 'u' || hex4(r->at + 1, &code) < 0) {
        fail(r, "json", "is not JSON: an escape that is none");
        return NULL;
    }
    r->at += 5;
    if (code >= 0xd800 && code < 0xdc00 && r->at[0] == '\\' && r->at[1] == 'u' &&
        hex4(r->at + 2, &low) == 0 && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
        r->at += 6;
    }
    if (code >= 0xd800 && code < 0xe000) {
        fail(r, "json", "is not JSON: half a character");
        return NULL;
    }
    if (code == 0) {
        fail(r, "text", "has a NUL character");
        return NULL;
    }
    return put_utf8(to, code);
}

/* From behind its first quote, where it stands; false: complained. */
static bool read_text(struct reader *r, const char **text, uint32_t *len)
{
    char *begin = r->at, *to;
    bool plain = true;
    while (*r->at >= ' ' && *r->at <= '~' && *r->at != '"' && *r->at != '\\')
        r->at++;
    to = r->at;
    while (*r->at != '"') {
        unsigned char c = (unsigned char)*r->at;
        if (c < ' ') {
            fail(r, "json",
                 r->at == r->end ? "is not JSON: a text without its end"
                                 : "is not JSON: a control character");
            return false;
        }
        plain = plain && c != '\\' && c < 0x7f;
        if (c == '\\') {
            if (!(to = unescape(r, to)))
                return false;
        } else {
            *to++ = *r->at++;
        }
    }
    *to = '\0'; /* at the latest where the quote was */
    r->at++;
    *text = begin;
    *len = (uint32_t)(to - begin);
    if (!plain && !lethe_text_is_utf8(begin, *len)) {
        fail(r, "json", "is not JSON: not UTF-8");
        return false;
    }
    if (!plain && !lethe_text_is_clean(begin)) {
        fail(r, "text", "has text that acts on a page instead of standing on it");
        return false;
    }
    return true;
}

static struct lethe_node *read_number(struct reader *r, struct lethe_node *node)
{
    bool negative = *r->at == '-';
    uint64_t value = 0;
    char *at = r->at + negative, *digits = at;
    for (; *at >= '0' && *at <= '9'; at++)
        value = value > INTEGER_MAX ? value : value * 10 + (uint64_t)(*at - '0');
    if (at == digits || (*digits == '0' && at - digits > 1))
        return fail(r, "json", "is not JSON: a number that is none");
    if (*at == '.' || *at == 'e' || *at == 'E')
        return fail(r, "number", "has a number that is not an integer");
    if (value > INTEGER_MAX)
        return fail(r, "number", "has an integer beyond 2^53");
    r->at = at;
    node->type = JSON_INTEGER;
    node->integer = negative ? -(int64_t)value : (int64_t)value;
    return node;
}

static bool word(struct reader *r, const char *text)
{
    size_t len = strlen(text);
    if (strncmp(r->at, text, len) != 0)
        return false;
    r->at += len;
    return true;
}

static struct lethe_node *read_value(struct reader *r, unsigned depth);

/* "NAME" : in front of a member of OBJECT, which has no such yet. */
static bool read_key(struct reader *r, const struct lethe_node *object, const char **key,
                     uint32_t *len)
{
    const struct lethe_node *item;
    skip_space(r);
    if (*r->at != '"')
        return fail(r, "json", "is not JSON: a member without a name");
    r->at++;
    if (!read_text(r, key, len))
        return false;
    LETHE_NODE_EACH(object, item)
    if (item->key_len == *len && memcmp(item->key, *key, *len) == 0)
        return fail(r, "duplicate-key", "has a name twice");
    skip_space(r);
    if (*r->at != ':')
        return fail(r, "json", "is not JSON: a name without its colon");
    r->at++;
    return true;
}

static struct lethe_node *read_holder(struct reader *r, struct lethe_node *node, unsigned depth)
{
    const char end = *r->at++ == '{' ? '}' : ']';
    struct lethe_node **tail = &node->first, *item;
    node->type = end == '}' ? JSON_OBJECT : JSON_ARRAY;
    node->first = NULL;
    skip_space(r);
    if (*r->at == end) {
        r->at++;
        return node;
    }
    for (;;) {
        const char *key = NULL;
        uint32_t key_len = 0;
        if (end == '}' && node->size == MEMBERS_MAX)
            return fail(r, "json", "has an object of too many members");
        if (end == '}' && !read_key(r, node, &key, &key_len))
            return NULL;
        if (!(item = read_value(r, depth)))
            return NULL;
        item->key = key;
        item->key_len = key_len;
        *tail = item;
        tail = &item->next;
        node->size++;
        skip_space(r);
        if (*r->at == end) {
            r->at++;
            return node;
        }
        if (*r->at != ',')
            return fail(r, "json", "is not JSON: an object or a list without its end");
        r->at++;
    }
}

static struct lethe_node *read_value(struct reader *r, unsigned depth)
{
    struct lethe_node *node = take(r->tree, sizeof(*node));
    if (!node)
        return fail(r, "memory", "is too large: memory ran out");
    *node = (struct lethe_node){.type = JSON_NULL};
    if (depth == LETHE_JSON_DEPTH_MAX)
        return fail(r, "depth", "is nested too deep");
    skip_space(r);
    switch (*r->at) {
    case '{':
    case '[':
        return read_holder(r, node, depth + 1);
    case '"':
        r->at++;
        node->type = JSON_STRING;
        return read_text(r, &node->text, &node->size) ? node : NULL;
    case 't':
        node->type = JSON_TRUE;
        return word(r, "true") ? node : fail(r, "json", "is not JSON: a word that is none");
    case 'f':
        node->type = JSON_FALSE;
        return word(r, "false") ? node : fail(r, "json", "is not JSON: a word that is none");
    case 'n':
        return word(r, "null") ? fail(r, "null", "has a null")
                               : fail(r, "json", "is not JSON: a word that is none");
    default:
        return read_number(r, node);
    }
}

/* BYTES, which are changed, and a NUL behind them, are the tree's. */
static struct lethe_node *read_whole(struct lethe_tree *tree, char *bytes, size_t len,
                                     json_type type, const char *what, struct lethe_complaint *why)
{
    struct reader r = {.tree = tree, .at = bytes, .end = bytes + len, .what = what, .why = why};
    struct lethe_node *node = read_value(&r, 0);
    if (!node)
        return NULL;
    skip_space(&r);
    if (r.at != r.end)
        return fail(&r, "json", "is not JSON: something stands behind it");
    if (node->type != type)
        return fail(&r, "json",
                    type == JSON_ARRAY ? "is not a JSON array" : "is not a JSON object");
    return node;
}

struct lethe_node *lethe_tree_read(struct lethe_tree *tree, const char *text, size_t len,
                                   json_type type, const char *what, struct lethe_complaint *why)
{
    char *bytes = len < UINT32_MAX ? take(tree, len + 1) : NULL;
    if (!bytes) {
        lethe_complain(why, "memory", "memory ran out");
        return NULL;
    }
    memcpy(bytes, text, len);
    bytes[len] = '\0';
    return read_whole(tree, bytes, len, type, what, why);
}

struct lethe_node *lethe_tree_read_b64(struct lethe_tree *tree, const char *text, size_t len,
                                       json_type type, const char *what,
                                       struct lethe_complaint *why)
{
    char *bytes = len < UINT32_MAX ? take(tree, len / 4 * 3 + 4) : NULL;
    if (!bytes) {
        lethe_complain(why, "memory", "memory ran out");
        return NULL;
    }
    ssize_t n = lethe_b64url_decode(bytes, len / 4 * 3 + 3, text, len);
    if (n < 0) {
        lethe_complain(why, "encoding", "the %s is not canonical base64url", what);
        return NULL;
    }
    bytes[n] = '\0';
    return read_whole(tree, bytes, (size_t)n, type, what, why);
}

/* ---- Looking ---- */
struct lethe_node *lethe_node_get(const struct lethe_node *object, const char *key)
{
    struct lethe_node *item;
    size_t len = strlen(key);
    if (!lethe_node_is(object, JSON_OBJECT))
        return NULL;
    LETHE_NODE_EACH(object, item)
    if (item->key_len == len && memcmp(item->key, key, len) == 0)
        return item;
    return NULL;
}

struct lethe_node *lethe_node_at(const struct lethe_node *list, size_t i)
{
    struct lethe_node *item = lethe_node_is(list, JSON_ARRAY) ? list->first : NULL;
    while (item && i-- > 0)
        item = item->next;
    return item;
}

void lethe_node_add(struct lethe_node *object, struct lethe_node *node, const char *key)
{
    struct lethe_node **tail = &object->first;
    while (*tail)
        tail = &(*tail)->next;
    node->next = NULL;
    node->key = key;
    node->key_len = key ? (uint32_t)strlen(key) : 0;
    *tail = node;
    object->size++;
}

void lethe_node_remove(struct lethe_node *holder, struct lethe_node *node)
{
    struct lethe_node **at = &holder->first;
    while (*at && *at != node)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = node->next;
    holder->size--;
}

json_t *lethe_node_to_json(const struct lethe_node *node)
{
    const struct lethe_node *item;
    json_t *out;
    switch (node->type) {
    case JSON_STRING:
        return json_stringn_nocheck(node->text, node->size);
    case JSON_INTEGER:
        return json_integer(node->integer);
    case JSON_TRUE:
    case JSON_FALSE:
        return json_boolean(node->type == JSON_TRUE);
    default:
        break;
    }
    out = node->type == JSON_OBJECT ? json_object() : json_array();
    LETHE_NODE_EACH(node, item)
    {
        json_t *inner = lethe_node_to_json(item);
        if (item->key)
            json_object_set_new_nocheck(out, item->key, inner);
        else
            json_array_append_new(out, inner);
    }
    return out;
}
