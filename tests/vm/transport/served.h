/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device that a transport serves: one of an emulation file, claimed for as long as the program
 * lives. All transports are started as
 *     PROGRAM EMULATION.yaml NAME [...]
 * print "ready: WHAT" on a line of its own when the kernel has the device, and end with 3 when the
 * device lost its power or left: start them again and it is back.
 */
#ifndef TESTS_VM_TRANSPORT_SERVED_H
#define TESTS_VM_TRANSPORT_SERVED_H

#include "emu/model/model.h"
#include <lethe/emu.h>
#include <stdnoreturn.h>

#define GONE 3

struct served {
    struct lethe_io *io;
    const struct model *model;
    struct lethe_io_info info;
    struct lethe_held *held;
    struct lethe_io_spec spec;
    struct lethe_device_list list;
};

void serve(struct served *out, const char *file, const char *name);
noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Which way the data of a CDB goes, for transports that don't say. */
enum lethe_direction cdb_direction(const uint8_t *cdb, size_t data_len);
/* One number or text into a file of sysfs or configfs; -errno. By write(2), so that it is told. */
int put_file(const char *path, const char *text);
/* The first line of it, or "". */
const char *get_file(const char *path);

#endif
