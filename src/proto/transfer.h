/* SPDX-License-Identifier: Apache-2.0 */
/* What every command of every set has: a direction, a number of bytes, and for SCSI a CDB. */
#ifndef LETHE_PROTO_TRANSFER_H
#define LETHE_PROTO_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

enum lethe_transfer { LETHE_TRANSFER_NONE, LETHE_TRANSFER_IN, LETHE_TRANSFER_OUT };

struct lethe_cdb {
    uint8_t bytes[32];
    size_t n_bytes; /* 6, 10, 12, 16 (or 32) */
    enum lethe_transfer transfer;
    uint32_t data_len; /* bytes of the data phase; 0 with NONE */
};

#endif
