/* SPDX-License-Identifier: Apache-2.0 */
/* What the two drivers of the kernel's storage share. */
#ifndef LETHE_SCAN_HELD_H
#define LETHE_SCAN_HELD_H

#include <lethe/device.h>

struct lethe_held {
    const struct lethe_scan_env *env;
    struct lethe_device device; /* as armed */
    int fd;                     /* the claim; -1 before */
#define LETHE_HELD_REST_MAX 64
    struct {
        int fd;                  /* the claim */
        char node[128];          /* "/dev/mmcblk0boot0" */
    } rest[LETHE_HELD_REST_MAX]; /* the drive's other parts */
    size_t n_rest;
};

struct lethe_held *lethe_held_new(const struct lethe_scan_env *env,
                                  const struct lethe_device *device, struct lethe_error *err);
void lethe_held_free(struct lethe_held *held);
/* The claim failed: say who is to blame, where that can be seen. Returns -LETHE_E_BUSY or
 * -LETHE_E_REFUSED with ERR filled anew, or left as it was. */
int lethe_held_blame(struct lethe_held *held, struct lethe_error *err);
/* rest.c: claim what else is on the same drive. */
int lethe_held_claim_rest(struct lethe_held *held, struct lethe_error *err);
/* FD (negative: an error that ERR tells already) becomes the worker's. */
int lethe_held_spec(const char *driver, int fd, bool writable, struct lethe_io_spec *out);
/* So does FD, as that of an eMMC's AREA, behind it. On failure OUT is closed. */
int lethe_held_spec_area(struct lethe_io_spec *out, unsigned area, int fd, struct lethe_error *err);
int lethe_held_open(const struct lethe_io_spec *spec, unsigned queue_depth, struct lethe_io **out,
                    struct lethe_error *err);

#endif
