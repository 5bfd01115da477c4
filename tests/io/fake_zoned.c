/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_zoned.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOGICAL 512
#define PHYSICAL 4096

static struct fake_zoned *of(struct lethe_io *io)
{
    return (struct fake_zoned *)io;
}

static uint64_t size_of(const struct fake_zoned *f, uint64_t zone)
{
    uint64_t left = f->capacity - zone * f->zone;
    return left < f->zone ? left : f->zone;
}

static int info(struct lethe_io *io, struct lethe_io_info *out)
{
    *out = (struct lethe_io_info){.capacity = of(io)->capacity,
                                  .logical_block = LOGICAL,
                                  .physical_block = PHYSICAL,
                                  .alignment = 1};
    return 0;
}

static ssize_t pread_zoned(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    struct fake_zoned *f = of(io);
    for (uint64_t at = offset; at < offset + len; at += LOGICAL) {
        uint64_t zone = at / f->zone;
        if (at >= f->capacity)
            return 0;
        if (zone >= f->conventional && at % f->zone >= f->pointers[zone])
            return -EREMOTEIO;
    }
    memcpy(buf, f->data + offset, len);
    return (ssize_t)len;
}

static ssize_t pwrite_zoned(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct fake_zoned *f = of(io);
    uint64_t zone = offset / f->zone, inside = offset % f->zone;
    f->writes++;
    if ((int)zone + 1 == f->bad_write)
        return -EIO;
    if (zone >= f->conventional) {
        if (inside != f->pointers[zone] || len % PHYSICAL || inside + len > size_of(f, zone)) {
            f->out_of_order++;
            return -EIO;
        }
        f->pointers[zone] += len;
    }
    memcpy(f->data + offset, buf, len);
    return (ssize_t)len;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

static void put64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static void describe(const struct fake_zoned *f, uint64_t zone, uint8_t *at)
{
    uint64_t pointer = f->pointers[zone], size = size_of(f, zone);
    bool conventional = zone < f->conventional;
    at[0] = conventional ? 1 : 2;
    at[1] = conventional ? 0 : pointer == 0 ? 0x10 : pointer == size ? 0xe0 : 0x20;
    put64(at + 8, size / LOGICAL);
    put64(at + 16, zone * f->zone / LOGICAL);
    put64(at + 24, (zone * f->zone + pointer) / LOGICAL);
}

static int command(struct lethe_io *io, struct lethe_command *c)
{
    struct fake_zoned *f = of(io);
    uint64_t first = get64(c->bytes + 2) * LOGICAL / f->zone;
    size_t n = 0;
    c->result = 0;
    if (c->bytes[0] == 0x94) {
        f->resets++;
        if (!f->pretends)
            f->pointers[first] = 0;
        return 0;
    }
    if (c->bytes[0] != 0x95)
        return -EOPNOTSUPP;
    for (; first + n < f->n && (n + 2) * 64 <= c->data_len; n++)
        describe(f, first + n, (uint8_t *)c->data + (n + 1) * 64);
    put64(c->data, (uint64_t)n * 64 << 32);
    c->transferred = (n + 1) * 64;
    return 0;
}

static int sync_zoned(struct lethe_io *io)
{
    (void)io;
    return 0;
}

static void close_zoned(struct lethe_io *io)
{
    free(of(io)->data);
    free(io);
}

static const struct lethe_io_ops ops = {.name = "fake-zoned",
                                        .info = info,
                                        .pread = pread_zoned,
                                        .pwrite = pwrite_zoned,
                                        .sync = sync_zoned,
                                        .command = command,
                                        .close = close_zoned};

struct fake_zoned *fake_zoned_new(uint64_t capacity, uint64_t zone, unsigned conventional,
                                  uint8_t fill)
{
    struct fake_zoned *f = calloc(1, sizeof(*f));
    if (!f || !(f->data = malloc(capacity)))
        abort();
    f->io.ops = &ops;
    f->capacity = capacity;
    f->zone = zone;
    f->n = (unsigned)((capacity - 1) / zone + 1);
    f->conventional = conventional;
    memset(f->data, fill, capacity);
    for (unsigned i = 0; i < f->n; i++)
        f->pointers[i] = size_of(f, i);
    return f;
}
