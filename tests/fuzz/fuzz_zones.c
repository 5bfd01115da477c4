/* SPDX-License-Identifier: Apache-2.0 */
/* A drive that reports whatever it likes of its zones: the walk over them ends, and what it counts
 * adds up. */
#include "io/zones.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 512

struct fuzzed {
    struct lethe_io io;
    const uint8_t *data;
    size_t len, at;
    unsigned commands;
};

/* Every answer begins with a length of its own in the input. */
static int command(struct lethe_io *io, struct lethe_command *c)
{
    struct fuzzed *f = (struct fuzzed *)io;
    f->commands++;
    c->result = 0;
    c->transferred = 0;
    if (c->direction != LETHE_DATA_IN)
        return 0;
    size_t n = f->at + 2 <= f->len ? (size_t)f->data[f->at] << 8 | f->data[f->at + 1] : 0;
    f->at += 2;
    n = f->at > f->len ? 0 : n < f->len - f->at ? n : f->len - f->at;
    n = n < c->data_len ? n : c->data_len;
    memcpy(c->data, f->data + (f->at < f->len ? f->at : 0), n);
    f->at += n;
    c->transferred = n;
    return 0;
}

static const struct lethe_io_ops ops = {.name = "fuzzed", .command = command};

static void one_by_one(const uint8_t *data, size_t size)
{
    struct lethe_zones zones;
    struct lethe_zone zone;
    struct lethe_ata_zoned_page page;
    (void)lethe_ata_zoned_parse(data, size, &page, NULL);
    if (lethe_zones_parse(data, size, &zones, NULL) < 0)
        return;
    for (size_t i = 0; i < zones.n; i++)
        if (lethe_zones_get(&zones, i, &zone, NULL) == 0 &&
            (zone.length == 0 || zone.written > zone.length ||
             zone.start + zone.length < zone.start))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    uint64_t capacity = ((uint64_t)data[0] << 8 | data[1]) * BLOCK;
    struct fuzzed f = {.io = {.ops = &ops}, .data = data + 2, .len = size - 2};
    struct lethe_zone_census census;
    one_by_one(data + 2, size - 2);
    int rc = lethe_zones_count(&f.io, capacity, BLOCK, &census, NULL);
    uint64_t kinds =
        census.conventional + census.empty + census.full + census.partly + census.unusable;
    if (f.commands > 1 + capacity / BLOCK || kinds != census.count || census.written > capacity)
        abort();
    if (rc == 0 && (census.count == 0 || census.size * census.count < capacity ||
                    census.size * (census.count - 1) >= capacity))
        abort();
    f.at = 0;
    (void)lethe_zone_rewind(&f.io, 0, BLOCK, NULL);
    return 0;
}
