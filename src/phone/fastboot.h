/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of fastboot, over bulk transfers (facts/phones.md 2.1). Only what is here is ever
 * sent to a bootloader: no unlock, no flash, no boot. */
#ifndef LETHE_PHONE_FASTBOOT_H
#define LETHE_PHONE_FASTBOOT_H

#include "proto/fastboot.h"

#include <lethe/io.h>

#define LETHE_FASTBOOT_MS 5000

/* VALUE gets what the phone says, cleaned. -LETHE_E_UNSUPPORTED: it says it has no such variable.
 */
int lethe_fastboot_getvar(struct lethe_io *io, const char *name, char *value, size_t value_size,
                          struct lethe_error *err);
/* 0 only when it said OKAY; -LETHE_E_REFUSED when it said FAIL, with its words. */
int lethe_fastboot_erase(struct lethe_io *io, const char *partition, unsigned timeout_ms,
                         struct lethe_error *err);
/* Start its system: 0 when it said OKAY or left. */
int lethe_fastboot_reboot(struct lethe_io *io, struct lethe_error *err);

#endif
