/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emulated devices and faults behind the io seam. They ship: demo, training,
 * tests and CI share them. Substrate is always `emulated`.
 *
 * An emulated disk lives in files, not in a process: supervisor, erase worker
 * and verify worker each open the same model by descriptor, and it survives all
 * of them. Contents: a sparse backing file; device state (counters of
 * operations, what fault has fired, power): a small shared mapping (`.state`);
 * the device's volatile write cache: an undo log that a flush empties and a
 * power cut rolls back (`.undo`); for devices that answer with old data a copy
 * of the contents they began with (`.old`); for devices with a `controller` the memory of their
 * firmware and the areas that no host can read (`.firmware`).
 *
 * With a controller the io also takes commands (lethe_io_command): SCSI sets for ATA and SCSI
 * drives and whatever is behind a bridge, NVMe and MMC sets for those.
 *
 * System calls, for who builds a sandbox around a worker: opening maps the
 * state (mmap of a file, shared) and calls fstat; I/O then uses pread64,
 * pwrite64 and clock_nanosleep, and no other; a read-only opening never
 * pwrite64. A controller adds lseek and clock_gettime. Locks, file sizes and holes are the
 * supervisor's (claim, load, power cut). lethe_fault_open() adds only clock_nanosleep to its lower
 * io.
 *
 * The file format is documented in docs/emulation.md and profiles/emulation.schema.json.
 */
#ifndef LETHE_EMU_H
#define LETHE_EMU_H

#include <lethe/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Load an emulation file: one or more devices, each with its faults, as
 * scan results ("emu:NAME", substrate emulated). Creates the backing files
 * (beside FILE unless it says otherwise) when they don't exist and fills them with the
 * stated contents; existing ones are kept as they are: that is the device's memory. */
int lethe_emu_load(const char *file, struct lethe_device_list *out, struct lethe_error *err);

/* Emulated phones (src/emu/phone/) come from the same files: driver "emuphone". They live in
 * FILE.NAME.phone and FILE.NAME.storage, and processes (`lethe-phone`) that anybody may start and
 * kill run them. */

/* The same device after a bench-wide power cut: unflushed writes are gone, power is back. While a
 * supervisor still holds it, the device only dies (ENODEV, GONE) and comes back, rolled back, with
 * the claim of the next supervisor process. */
int lethe_emu_power_cut(const struct lethe_device *device, struct lethe_error *err);

/* Somebody pulls the device and plugs it in again: firmware that froze or locked does so anew.
 * Openings and claims from before are dead (ENODEV, GONE); the same supervisor may claim it again.
 */
int lethe_emu_power_cycle(const struct lethe_device *device, struct lethe_error *err);

/* The oracle, for a device with a controller: how many blocks of 512 bytes still are what they were
 * when the device was made, where no command can look too:
 *   {"main": n or null (contents that can't be told), "spare": n, "ns2": n, "boot0": n ...}
 * Of a phone: {"userdata": n, "metadata": n (wrapped keys), "card": n (its SD card)}. */
int lethe_emu_remains(const struct lethe_device *device, json_t **out, struct lethe_error *err);

/* Stack faults on any io. FAULTS: the JSON form of an emulation file's `faults` list. STATE is
 * shared memory for counters (lethe_emu_state_size() bytes, zeroed once), so that faults count over
 * all workers. On success LOWER is owned by the result. Faults that only a model can have (swap,
 * stale-read, overlay-reveal) are -LETHE_E_UNSUPPORTED; power-cut leaves LOWER's cache alone. */
size_t lethe_emu_state_size(void);
int lethe_fault_open(struct lethe_io *lower, const json_t *faults, void *state,
                     struct lethe_io **out, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
