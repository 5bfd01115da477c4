/* SPDX-License-Identifier: Apache-2.0 */
/* From an emulation file to the files of its devices, in two steps. */
#ifndef LETHE_EMU_EMULATION_H
#define LETHE_EMU_EMULATION_H

#include "emu/disk.h"
#include "emu/fault.h"
#include "emu/model/controller.h"
#include <lethe/device.h>
#include <limits.h>

/* Pure: text to an array with one checked object a device, the `config` of its lethe_device:
 *   {"name","backing","contents","volatile_cache","capacity","logical_block","physical_block",
 *    "faults":[],"identity":{}} and, where it has firmware, "controller":{}.
 * DIR, an absolute path, is where relative paths start; NAME stands in messages and in the names
 * of backing files. Opens nothing. */
int emulation_parse(const char *name, const char *dir, const char *text, size_t len, json_t **out,
                    struct lethe_error *err);

/* What a config says, in C. */
struct emulated {
    struct disk_shape shape;
    bool volatile_cache;
    int n_rules;
    struct fault_rule rules[LETHE_FAULTS_MAX];
    bool remembers; /* has an `.old` file */
    bool has_controller;
    struct controller controller;
};
int emulated_from_config(const json_t *config, struct emulated *out, struct lethe_error *err);

/* The files of a device, open. Descriptors are -1 where there is no such file. */
struct backing {
    char path[PATH_MAX];
    int data, state_fd, undo, old, firmware;
    struct lethe_emu_state *state;
};
#define BACKING_NONE                                                                               \
    {                                                                                              \
        .data = -1, .state_fd = -1, .undo = -1, .old = -1, .firmware = -1                          \
    }
/* Opens them; made first and filled where they are not there and MAKE says so. */
int backing_open(const json_t *config, const struct emulated *emulated, bool make,
                 struct backing *out, struct lethe_error *err);
void backing_close(struct backing *backing);
#define BACKING_AUTO __attribute__((cleanup(backing_close))) struct backing
/* Claims: 0, or -LETHE_E_BUSY. Ends with backing_close(). */
int backing_claim(const struct backing *backing, struct lethe_error *err);
/* For who holds the claim: unflushed writes are lost, power is (back) on. */
int backing_power_on(const struct backing *backing, struct lethe_error *err);

/* Who the device says it is now: identity of CONFIG, seen through what has fired. */
int emulated_identity(const json_t *config, const struct emulated *emulated,
                      const struct backing *backing, struct lethe_identity *out,
                      struct lethe_error *err);
/* Its firmware over the bare medium, for the supervisor. */
int emulated_firmware(const struct emulated *emulated, const struct backing *backing,
                      struct lethe_io **out, struct lethe_error *err);

#endif
