/* SPDX-License-Identifier: Apache-2.0 */
/* Entries in, tiles and bundles out: only the right edge of the tree is kept. */
#include "tlog/parts.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_MAX (LETHE_TLOG_TILE_WIDTH * (2 + LETHE_TLOG_ENTRY_MAX))

struct edge {
    struct lethe_tlog_hash hash[LETHE_TLOG_TILE_WIDTH];
    uint64_t index;   /* of this tile */
    unsigned n;       /* hashes in it */
    unsigned written; /* its width at the last flush */
};

struct lethe_tlog_builder {
    struct lethe_tlog_sink sink;
    uint64_t size;
    struct edge edge[LETHE_TLOG_LEVELS];
    unsigned bundle_written;
    size_t bundle_len;
    uint8_t bundle[]; /* BUNDLE_MAX, when the sink takes bundles */
};

int lethe_tlog_builder_new(const struct lethe_tlog_sink *sink, struct lethe_tlog_builder **out,
                           struct lethe_error *err)
{
    *out = calloc(1, sizeof(**out) + (sink->bundle ? BUNDLE_MAX : 0));
    if (!*out)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    (*out)->sink = *sink;
    return 0;
}

void lethe_tlog_builder_free(struct lethe_tlog_builder *builder)
{
    free(builder);
}

uint64_t lethe_tlog_builder_size(const struct lethe_tlog_builder *builder)
{
    return builder->size;
}

static int put_tile(struct lethe_tlog_builder *builder, unsigned level, struct lethe_error *err)
{
    struct edge *edge = &builder->edge[level];
    struct lethe_tlog_tile tile = {.level = level, .index = edge->index, .width = edge->n};
    return builder->sink.tile(builder->sink.user, &tile, edge->hash, err);
}

/* A full tile is written and becomes one hash of the level above: a partial one never does. */
static int push(struct lethe_tlog_builder *builder, const struct lethe_tlog_hash *hash,
                struct lethe_error *err)
{
    struct lethe_tlog_hash up = *hash;
    for (unsigned level = 0; level < LETHE_TLOG_LEVELS; level++) {
        struct edge *edge = &builder->edge[level];
        edge->hash[edge->n++] = up;
        if (edge->n < LETHE_TLOG_TILE_WIDTH)
            return 0;
        int rc = put_tile(builder, level, err);
        if (rc < 0)
            return rc;
        lethe_tlog_complete(edge->hash, 8, &up);
        edge->index++;
        edge->n = edge->written = 0;
    }
    return lethe_fail(err, LETHE_E_LIMIT, "the log is full");
}

static int put_bundle(struct lethe_tlog_builder *builder, uint64_t index, unsigned width,
                      struct lethe_error *err)
{
    return builder->sink.bundle(builder->sink.user, index, width, builder->bundle,
                                builder->bundle_len, err);
}

static int add_to_bundle(struct lethe_tlog_builder *builder, const void *entry, size_t len,
                         struct lethe_error *err)
{
    uint8_t *at = builder->bundle + builder->bundle_len;
    at[0] = (uint8_t)(len >> 8);
    at[1] = (uint8_t)len;
    memcpy(at + 2, entry, len);
    builder->bundle_len += 2 + len;
    if (builder->size % LETHE_TLOG_TILE_WIDTH != LETHE_TLOG_TILE_WIDTH - 1)
        return 0;
    int rc = put_bundle(builder, builder->size / LETHE_TLOG_TILE_WIDTH, LETHE_TLOG_TILE_WIDTH, err);
    builder->bundle_len = builder->bundle_written = 0;
    return rc;
}

int lethe_tlog_builder_append(struct lethe_tlog_builder *builder, const void *entry, size_t len,
                              struct lethe_error *err)
{
    struct lethe_tlog_hash leaf;
    if (len == 0 || len > LETHE_TLOG_ENTRY_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "an entry has 1 to %d bytes, not %zu",
                          LETHE_TLOG_ENTRY_MAX, len);
    if (builder->size >= LETHE_TLOG_SIZE_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the log is full");
    int rc = builder->sink.bundle ? add_to_bundle(builder, entry, len, err) : 0;
    if (rc < 0)
        return rc;
    lethe_tlog_hash_leaf(&leaf, entry, len);
    rc = push(builder, &leaf, err);
    builder->size++;
    return rc;
}

int lethe_tlog_builder_flush(struct lethe_tlog_builder *builder, struct lethe_error *err)
{
    int rc = 0;
    unsigned width = (unsigned)(builder->size % LETHE_TLOG_TILE_WIDTH);
    /* Entries before the hashes that commit to them, leaves before what stands on them. */
    if (builder->sink.bundle && width > 0 && width != builder->bundle_written) {
        rc = put_bundle(builder, builder->size / LETHE_TLOG_TILE_WIDTH, width, err);
        builder->bundle_written = width;
    }
    for (unsigned level = 0; level < LETHE_TLOG_LEVELS && rc >= 0; level++) {
        struct edge *edge = &builder->edge[level];
        if (edge->n == 0 || edge->n == edge->written)
            continue;
        rc = put_tile(builder, level, err);
        edge->written = edge->n;
    }
    return rc < 0 ? rc : 0;
}

/* The tree's peaks are the complete subtrees of the edges, joined from the right. */
void lethe_tlog_builder_root(const struct lethe_tlog_builder *builder, struct lethe_tlog_hash *out)
{
    bool any = false;
    for (unsigned level = 0; level < LETHE_TLOG_LEVELS; level++) {
        const struct edge *edge = &builder->edge[level];
        unsigned end = edge->n;
        for (unsigned log = 0; log < 8; log++) {
            struct lethe_tlog_hash peak;
            if (!(edge->n >> log & 1))
                continue;
            end -= 1U << log;
            lethe_tlog_complete(&edge->hash[end], log, &peak);
            if (any)
                lethe_tlog_hash_node(out, &peak, out);
            else
                *out = peak;
            any = true;
        }
    }
    if (!any)
        lethe_tlog_hash_empty(out);
}

/* The partial bundle must be the entries that the partial tile of leaves says. */
static int load_bundle(struct lethe_tlog_builder *builder, const uint8_t *bundle, size_t len,
                       struct lethe_error *err)
{
    const struct edge *leaves = &builder->edge[0];
    struct lethe_tlog_hash leaf;
    const uint8_t *entry;
    size_t at = 0, entry_len;
    for (unsigned i = 0; i < leaves->n; i++) {
        int rc = lethe_tlog_bundle_next(bundle, len, &at, &entry, &entry_len, err);
        if (rc < 0)
            return rc;
        if (rc > 0)
            lethe_tlog_hash_leaf(&leaf, entry, entry_len);
        if (rc == 0 || !lethe_tlog_hash_equal(&leaf, &leaves->hash[i]))
            return lethe_fail(err, LETHE_E_INVALID,
                              "entry %" PRIu64 " of the log is not what its tile says",
                              builder->size - leaves->n + i);
    }
    if (at != len || len > BUNDLE_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "the last entry bundle has more than %u entries",
                          leaves->n);
    if (len > 0)
        memcpy(builder->bundle, bundle, len);
    builder->bundle_len = len;
    builder->bundle_written = leaves->n;
    return 0;
}

int lethe_tlog_builder_load(struct lethe_tlog_builder *builder, uint64_t size,
                            const struct lethe_tlog_reader *reader, const void *bundle,
                            size_t bundle_len, struct lethe_error *err)
{
    if (builder->size != 0 || size > LETHE_TLOG_SIZE_MAX)
        return lethe_fail(err, LETHE_E_USAGE, "only an empty log can be loaded");
    builder->size = size;
    for (unsigned level = 0; level < LETHE_TLOG_LEVELS; level++) {
        struct edge *edge = &builder->edge[level];
        edge->index = size >> (8 * (level + 1));
        edge->n = edge->written = lethe_tlog_tile_width(size, level, edge->index);
        struct lethe_tlog_tile tile = {.level = level, .index = edge->index, .width = edge->n};
        int rc = edge->n ? reader->tile(reader->user, &tile, edge->hash, err) : 0;
        if (rc < 0)
            return rc;
    }
    return builder->sink.bundle ? load_bundle(builder, bundle, bundle_len, err) : 0;
}
