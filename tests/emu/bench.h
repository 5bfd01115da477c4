/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with an emulation file in it, and its first device claimed: what these tests sit on. */
#ifndef TESTS_EMU_BENCH_H
#define TESTS_EMU_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <lethe/emu.h>
#include <string.h>

#define MIB ((size_t)1 << 20)
#define OLD 'o' /* what a device is full of before anything is written */

struct bench {
    char dir[64], file[128];
    struct lethe_device_list list;
    struct lethe_held *held;
    struct lethe_error err;
};

/* A new folder, its file holding TEXT. Loads nothing. */
void bench_new(struct bench *bench, const char *text);
/* One device "disk" of 1 MiB full of OLD, blocks of 512 and 4096, with FAULTS (a YAML flow list)
 * and MORE lines of its own; loaded and claimed. */
void bench_disk(struct bench *bench, const char *faults, const char *more);
void bench_load(struct bench *bench);
void bench_claim(struct bench *bench);
void bench_release(struct bench *bench);
/* Device 0, as a worker opens it; bench_io_close() closes it with its descriptors. */
struct bench_io {
    struct lethe_io *io;
    struct lethe_io_spec spec;
};
struct bench_io bench_io(struct bench *bench, bool writable);
void bench_io_close(struct bench_io *opened);
/* Also removes the folder. */
void bench_end(struct bench *bench);

/* What of the device (by a read-only opening, whole) is still OLD, in blocks of 512. */
size_t bench_old_blocks(struct bench *bench);
/* Write C all over [OFFSET, OFFSET+LEN) in requests of 64 KiB; 0 or the first -errno. */
int bench_fill(struct lethe_io *io, char c, uint64_t offset, size_t len);
/* Is [OFFSET, OFFSET+LEN) full of C? */
bool bench_is(struct lethe_io *io, char c, uint64_t offset, size_t len);

#endif
