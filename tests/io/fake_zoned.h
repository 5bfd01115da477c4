/* SPDX-License-Identifier: Apache-2.0 */
/* A host-managed drive in memory: 512-byte blocks in physical ones of 4096, zones that are written
 * at their pointers in whole physical blocks, and read below them. */
#ifndef FAKE_ZONED_H
#define FAKE_ZONED_H

#include <lethe/io.h>

#define FAKE_ZONES_MAX 64

struct fake_zoned {
    struct lethe_io io; /* first */
    uint64_t capacity, zone;
    unsigned n, conventional; /* the first ones are written anywhere */
    uint8_t *data;
    uint64_t pointers[FAKE_ZONES_MAX]; /* bytes from the start */
    bool pretends;                     /* resets nothing */
    int bad_write;                     /* 1 + the zone that takes no writes */
    /* What was seen. */
    unsigned resets, writes, out_of_order;
};

/* Every zone full of FILL. Closed by lethe_io_close(). */
struct fake_zoned *fake_zoned_new(uint64_t capacity, uint64_t zone, unsigned conventional,
                                  uint8_t fill);

#endif
