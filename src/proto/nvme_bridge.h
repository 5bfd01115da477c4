/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe admin commands through USB bridges, each in its maker's wrapping (facts/drives.md A4). A
 * command that a wrapping cannot carry whole is refused: dropped dwords turn one command into
 * another.
 */
#ifndef LETHE_PROTO_NVME_BRIDGE_H
#define LETHE_PROTO_NVME_BRIDGE_H

#include "proto/nvme.h"

enum lethe_nvme_bridge {
    LETHE_NVME_BRIDGE_JMICRON, /* JMS583, JMS581: everything */
    LETHE_NVME_BRIDGE_ASMEDIA, /* ASM2362, ASM2364, ASM2464: Identify, Get Log Page */
    LETHE_NVME_BRIDGE_REALTEK, /* RTL9210, RTL9220: Identify, Get Log Page up to 512 bytes */
};
const char *lethe_nvme_bridge_name(enum lethe_nvme_bridge bridge); /* "jmicron" ... */

/* One SCSI command of the exchange; where it is data-out and PAYLOAD_LEN is not 0, PAYLOAD is the
 * data, else the command's own data is. */
struct lethe_nvme_bridge_step {
    struct lethe_cdb cdb;
    uint8_t payload[512];
    size_t payload_len;
    bool command_data; /* this step carries the command's own data */
    bool completion;   /* its data-in is for lethe_nvme_bridge_completion() */
};
#define LETHE_NVME_BRIDGE_STEPS 3
struct lethe_nvme_bridge_exchange {
    struct lethe_nvme_bridge_step steps[LETHE_NVME_BRIDGE_STEPS];
    size_t n_steps;
    bool status_returned; /* else success is only what SCSI says: not evidence of anything */
};
/* -LETHE_E_UNSUPPORTED, with what to do, when BRIDGE cannot carry COMMAND. */
int lethe_nvme_bridge_wrap(enum lethe_nvme_bridge bridge, const struct lethe_nvme_admin *command,
                           struct lethe_nvme_bridge_exchange *out, struct lethe_error *err);
/* JMicron's answer: completion queue entry. *STATUS: SCT << 8 | SC, DW0: command specific. */
int lethe_nvme_bridge_completion(const uint8_t *data, size_t len, uint16_t *status, uint32_t *dw0,
                                 struct lethe_error *err);

#endif
