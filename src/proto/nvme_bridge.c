/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/nvme_bridge.h"

#include "proto/bytes.h"

#include <string.h>

const char *lethe_nvme_bridge_name(enum lethe_nvme_bridge bridge)
{
    static const char *const names[] = {"jmicron", "asmedia", "realtek"};
    return (unsigned)bridge < sizeof names / sizeof *names ? names[bridge] : "unknown";
}

static int refuse(enum lethe_nvme_bridge bridge, const struct lethe_nvme_admin *command,
                  const char *why, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_UNSUPPORTED, "the %s USB bridge cannot carry NVMe command %02xh: %s",
               lethe_nvme_bridge_name(bridge), command->opcode, why);
    lethe_error_effect(err, "Nothing was sent");
    lethe_error_remedy(err, "move the drive to a native NVMe slot");
    return -LETHE_E_UNSUPPORTED;
}

/* -- JMicron: command, data, response, each an A1h of its own ---------------------------------- */

#define JMICRON_SIGNATURE 0x454d564eu /* "NVME" in memory */
#define JMICRON_PAYLOAD 512
#define JMICRON_ADMIN 0x80

static struct lethe_cdb jmicron_cdb(uint8_t protocol, enum lethe_transfer transfer, uint32_t len)
{
    return (struct lethe_cdb){.bytes = {0xa1, (uint8_t)(JMICRON_ADMIN | protocol), 0,
                                        (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len},
                              .n_bytes = 12,
                              .transfer = transfer,
                              .data_len = len};
}

static int jmicron(const struct lethe_nvme_admin *command, struct lethe_nvme_bridge_exchange *out,
                   struct lethe_error *err)
{
    if (command->data_len > 0xffffff)
        return refuse(LETHE_NVME_BRIDGE_JMICRON, command, "more than 16 MiB of data", err);
    if (command->cdw2 != 0 || command->cdw3 != 0)
        return refuse(LETHE_NVME_BRIDGE_JMICRON, command, "dwords 2 and 3 are in use", err);
    out->n_steps = 3;
    out->status_returned = true;

    struct lethe_nvme_bridge_step *step = &out->steps[0];
    step->cdb = jmicron_cdb(0x0, LETHE_TRANSFER_OUT, JMICRON_PAYLOAD);
    step->payload_len = JMICRON_PAYLOAD;
    lethe_put_le32(step->payload, JMICRON_SIGNATURE);
    lethe_nvme_admin_encode(command, step->payload + 8); /* dword N of it at 8 + 4 N */

    step = &out->steps[1];
    step->command_data = command->transfer != LETHE_TRANSFER_NONE;
    if (command->transfer == LETHE_TRANSFER_IN)
        step->cdb = jmicron_cdb(0x2, LETHE_TRANSFER_IN, command->data_len);
    else if (command->transfer == LETHE_TRANSFER_OUT)
        step->cdb = jmicron_cdb(0x3, LETHE_TRANSFER_OUT, command->data_len);
    else
        step->cdb = jmicron_cdb(0x1, LETHE_TRANSFER_NONE, 0);

    step = &out->steps[2];
    step->cdb = jmicron_cdb(0xf, LETHE_TRANSFER_IN, JMICRON_PAYLOAD);
    step->completion = true;
    return 0;
}

int lethe_nvme_bridge_completion(const uint8_t *data, size_t len, uint16_t *status, uint32_t *dw0,
                                 struct lethe_error *err)
{
    *status = LETHE_NVME_STATUS_MASK;
    *dw0 = 0;
    if (len < 24 || lethe_le32(data) != JMICRON_SIGNATURE)
        return lethe_fail(err, LETHE_E_INVALID,
                          "the USB bridge returned no NVMe completion: the outcome is unknown");
    *dw0 = lethe_le32(data + 8);
    *status = (uint16_t)(lethe_le32(data + 20) >> 17 & LETHE_NVME_STATUS_MASK);
    return 0;
}

/* -- ASMedia and Realtek: one CDB with some of the dwords, data-in only -------------------------
 */

/* Both carry only Identify of the controller or of namespace 1, and logs of the whole subsystem:
 * the NSID is not in the CDB. */
static const char *unfit(const struct lethe_nvme_admin *command)
{
    switch (command->opcode) {
    case 0x06:
        if (command->cdw10 == LETHE_NVME_CNS_CONTROLLER ||
            (command->cdw10 == LETHE_NVME_CNS_NAMESPACE && command->nsid == 1))
            return NULL;
        return "of Identify only that of the controller and of namespace 1";
    case 0x02:
        if (command->nsid != 0 && command->nsid != LETHE_NVME_ALL)
            return "logs only of all namespaces";
        return NULL;
    default:
        return "it carries Identify and Get Log Page only";
    }
}

static bool other_dwords(const struct lethe_nvme_admin *command)
{
    /* Of CDW10 bits 15:8 only Retain Asynchronous Event may get lost. */
    return (command->cdw10 & 0x7f00) || command->cdw2 || command->cdw3 || command->cdw11 ||
           command->cdw12 || command->cdw13 || command->cdw14 || command->cdw15;
}

static int single(enum lethe_nvme_bridge bridge, const struct lethe_nvme_admin *command,
                  struct lethe_nvme_bridge_exchange *out, struct lethe_error *err)
{
    const char *why = unfit(command);
    if (!why && command->transfer != LETHE_TRANSFER_IN)
        why = "it carries data to the host only";
    if (!why && other_dwords(command))
        why = "fields that it uses would be dropped";
    /* Longer logs return the data of an earlier one (facts C). */
    if (!why && bridge == LETHE_NVME_BRIDGE_REALTEK && command->opcode == 0x02 &&
        command->data_len > 512)
        why = "logs of more than 512 bytes come out stale";
    if (!why && command->data_len > 0xffff)
        why = "more than 64 KiB of data";
    if (why)
        return refuse(bridge, command, why, err);
    struct lethe_nvme_bridge_step *step = &out->steps[0];
    uint8_t *cdb = step->cdb.bytes;
    out->n_steps = 1;
    step->command_data = true;
    step->cdb.n_bytes = 16;
    step->cdb.transfer = LETHE_TRANSFER_IN;
    step->cdb.data_len = command->data_len;
    if (bridge == LETHE_NVME_BRIDGE_ASMEDIA) {
        cdb[0] = 0xe6;
        cdb[1] = command->opcode;
        cdb[3] = (uint8_t)command->cdw10;
        lethe_put_be16(cdb + 6, (uint16_t)(command->cdw10 >> 16));
    } else {
        cdb[0] = 0xe4;
        lethe_put_le16(cdb + 1, (uint16_t)command->data_len);
        cdb[3] = command->opcode;
        cdb[4] = (uint8_t)command->cdw10;
    }
    return 0;
}

int lethe_nvme_bridge_wrap(enum lethe_nvme_bridge bridge, const struct lethe_nvme_admin *command,
                           struct lethe_nvme_bridge_exchange *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if ((command->transfer != LETHE_TRANSFER_NONE) != (command->data_len > 0))
        return lethe_fail(err, LETHE_E_USAGE, "NVMe command %02xh: direction and length disagree",
                          command->opcode);
    return bridge == LETHE_NVME_BRIDGE_JMICRON ? jmicron(command, out, err)
                                               : single(bridge, command, out, err);
}
