/* SPDX-License-Identifier: Apache-2.0 */
/* One bulk transfer of a phone's interface, by a deadline. */
#ifndef LETHE_PHONE_BULK_H
#define LETHE_PHONE_BULK_H

#include <lethe/io.h>

/*
 * UNTIL is a time of lethe_monotonic_ms(). What went wrong is one of
 *   GONE         it left the bus
 *   TIMEOUT      nothing came
 *   UNSUPPORTED  in its mode there is no interface to talk on
 *   BUSY         another program holds the interface
 *   IO           all else
 */
int lethe_bulk_out(struct lethe_io *io, const void *data, size_t len, uint64_t until,
                   struct lethe_error *err);
/* At most SIZE bytes of one transfer; how many came. */
ssize_t lethe_bulk_in(struct lethe_io *io, void *data, size_t size, uint64_t until,
                      struct lethe_error *err);

#endif
