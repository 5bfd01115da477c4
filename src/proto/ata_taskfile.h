/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the layer: what the taskfiles of ata.c and ata_hidden.c begin with. */
#ifndef LETHE_PROTO_ATA_TASKFILE_H
#define LETHE_PROTO_ATA_TASKFILE_H

#include "proto/ata.h"

#define DEVICE_LBA 0x40 /* LBA addressing; obsolete bits stay 0 */

static inline struct lethe_ata_taskfile non_data(uint8_t command, uint16_t feature, bool ext)
{
    return (struct lethe_ata_taskfile){.command = command,
                                       .feature = feature,
                                       .ext = ext,
                                       .want_result = true,
                                       .protocol = LETHE_ATA_NON_DATA,
                                       .device = DEVICE_LBA};
}

#endif
