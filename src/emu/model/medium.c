/* SPDX-License-Identifier: Apache-2.0 */
/* The medium as the firmware has it, hidden areas included. Faults of the host's side are above. */
#include "emu/fault.h"
#include "emu/model/model.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void fill_bytes(enum fill fill, uint64_t key, uint64_t offset, void *out, size_t len)
{
    uint8_t *bytes = out;
    if (fill == FILL_ZEROS || fill == FILL_ONES) {
        memset(out, fill == FILL_ONES ? 0xff : 0, len);
        return;
    }
    for (size_t i = 0; i < len && fill == FILL_PATTERN; i++)
        bytes[i] = (uint8_t)(key >> (24 - (offset + i) % 4 * 8));
    for (size_t i = 0, n; i < len && fill == FILL_RANDOM; i += n) {
        uint64_t word = fault_hash(key, (offset + i) / 8);
        size_t skip = (size_t)((offset + i) % 8);
        n = 8 - skip < len - i ? 8 - skip : len - i;
        memcpy(bytes + i, (const uint8_t *)&word + skip, n);
    }
}

/* [FROM, TO) of FD, where the area begins at BASE. Zeros only over what is there: a sparse medium
 * stays sparse. */
int medium_fill(struct model *m, int fd, uint64_t from, uint64_t to, uint64_t base, enum fill fill,
                uint64_t key)
{
    uint64_t at = base + from, end = base + to;
    while (at < end && fill != FILL_NOTHING) {
        if (fill == FILL_ZEROS) {
            off_t next = lseek(fd, (off_t)at, SEEK_DATA);
            if (next < 0)
                return errno == ENXIO ? 0 : -errno;
            at = (uint64_t)next;
        }
        if (at >= end)
            break;
        size_t n = end - at < MODEL_CHUNK ? (size_t)(end - at) : MODEL_CHUNK;
        fill_bytes(fill, key, at - base, m->chunk, n);
        ssize_t put = pwrite(fd, m->chunk, n, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? -errno : -EIO;
        at += (uint64_t)put;
        (void)model_now(m); /* keeps the lock */
    }
    return 0;
}

static uint64_t granule(const struct model *m)
{
    uint64_t size = (m->controller.capacity + UNREADABLE_GRANULES - 1) / UNREADABLE_GRANULES;
    return size < 4096 ? 4096 : size;
}

void medium_mark(struct model *m, uint64_t from, uint64_t to, bool unreadable)
{
    uint64_t size = granule(m);
    for (uint64_t i = from / size; i < UNREADABLE_GRANULES && i * size < to; i++) {
        uint8_t bit = (uint8_t)(1u << (i % 8));
        if (unreadable)
            m->state->unreadable[i / 8] |= bit;
        else
            m->state->unreadable[i / 8] &= (uint8_t)~bit;
    }
}

bool medium_unreadable(const struct model *m, uint64_t from, uint64_t to)
{
    uint64_t size = granule(m);
    for (uint64_t i = from / size; i < UNREADABLE_GRANULES && i * size < to; i++)
        if (m->state->unreadable[i / 8] >> (i % 8) & 1)
            return true;
    return false;
}

/* ---- What was there at first, and whether it still is ---- */

/* Hidden areas begin with data of a former life, the same each time. */
static void old_bytes(const char *area, uint64_t offset, uint8_t *out, size_t len)
{
    char text[48];
    int n = snprintf(text, sizeof(text), "LETHE-OLD-DATA:%s:", area);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)text[(offset + i) % (size_t)n];
}

int medium_make_areas(int file, const struct controller *c, struct lethe_error *err)
{
    uint8_t chunk[4096];
    for (size_t i = 0; i < c->n_areas; i++) {
        for (uint64_t at = 0; at < c->areas[i].size; at += sizeof(chunk)) {
            old_bytes(c->areas[i].name, at, chunk, sizeof(chunk));
            if (pwrite(file, chunk, sizeof(chunk), (off_t)(c->areas[i].offset + at)) !=
                (ssize_t)sizeof(chunk))
                return lethe_fail_errno(err, errno, "cannot fill the hidden areas");
        }
    }
    return 0;
}

/* The main area's first contents, where they can be told from the description. */
static bool first_bytes(const char *contents, uint64_t offset, uint8_t *out, size_t len)
{
    size_t n;
    if (strncmp(contents, "text:", 5) != 0)
        return false;
    contents += 5;
    n = strlen(contents);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)contents[(offset + i) % n];
    return true;
}

static int count_old(int fd, uint64_t base, uint64_t size, const char *area, const char *contents,
                     json_int_t *count)
{
    uint8_t found[512], old[512];
    *count = 0;
    for (uint64_t at = 0; at + 512 <= size; at += 512) {
        if (!area && !first_bytes(contents, at, old, sizeof(old))) {
            *count = -1;
            return 0;
        }
        if (area)
            old_bytes(area, at, old, sizeof(old));
        if (pread(fd, found, sizeof(found), (off_t)(base + at)) != (ssize_t)sizeof(found))
            return -EIO;
        *count += memcmp(found, old, sizeof(old)) == 0;
    }
    return 0;
}

int medium_remains(struct model *m, const char *contents, json_t *out)
{
    json_int_t count;
    int rc = count_old(m->data, 0, m->controller.capacity, NULL, contents, &count);
    if (rc == 0 && json_object_set_new(out, "main", count < 0 ? json_null() : json_integer(count)))
        rc = -ENOMEM;
    for (size_t i = 0; rc == 0 && i < m->controller.n_areas; i++) {
        const struct area *area = &m->controller.areas[i];
        rc = count_old(m->file, area->offset, area->size, area->name, contents, &count);
        if (rc == 0 && json_object_set_new(out, area->name, json_integer(count)) < 0)
            rc = -ENOMEM;
    }
    return rc;
}
