/* SPDX-License-Identifier: Apache-2.0 */
/* Emulated phones as the rest of src/emu sees them: devices of an emulation file with a `phone`. */
#ifndef LETHE_EMU_PHONE_DEVICE_H
#define LETHE_EMU_PHONE_DEVICE_H

#include <lethe/device.h>

/* CONFIG is {"name", "memory": path, "phone": {"family", "mode", "serial", "traits", "faults"}}.
 * Its memory is made where there is none. */
int phone_device(json_t *config, const char *file, struct lethe_device *out,
                 struct lethe_error *err);
bool phone_is_device(const struct lethe_device *device);
int phone_remains(const struct lethe_device *device, json_t **out, struct lethe_error *err);
/* Out of the port and in again. */
int phone_replug(const struct lethe_device *device, struct lethe_error *err);

#endif
