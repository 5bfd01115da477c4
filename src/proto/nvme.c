/* SPDX-License-Identifier: Apache-2.0 */
/* Commands; what comes back is read in nvme_identify.c and nvme_status.c. */
#include "proto/nvme.h"

#include "proto/bytes.h"

#include <inttypes.h>
#include <string.h>

void lethe_nvme_admin_encode(const struct lethe_nvme_admin *command, uint8_t out[64])
{
    memset(out, 0, 64);
    out[0] = command->opcode;
    lethe_put_le32(out + 4, command->nsid);
    lethe_put_le32(out + 8, command->cdw2);
    lethe_put_le32(out + 12, command->cdw3);
    const uint32_t dwords[] = {command->cdw10, command->cdw11, command->cdw12,
                               command->cdw13, command->cdw14, command->cdw15};
    for (size_t i = 0; i < 6; i++)
        lethe_put_le32(out + 40 + 4 * i, dwords[i]);
}

void lethe_nvme_admin_decode(const uint8_t in[64], struct lethe_nvme_admin *out)
{
    *out = (struct lethe_nvme_admin){.opcode = in[0],
                                     .nsid = lethe_le32(in + 4),
                                     .cdw2 = lethe_le32(in + 8),
                                     .cdw3 = lethe_le32(in + 12),
                                     .cdw10 = lethe_le32(in + 40),
                                     .cdw11 = lethe_le32(in + 44),
                                     .cdw12 = lethe_le32(in + 48),
                                     .cdw13 = lethe_le32(in + 52),
                                     .cdw14 = lethe_le32(in + 56),
                                     .cdw15 = lethe_le32(in + 60)};
    /* Base 2.0 figure 87: opcode bits 1:0 are 01b host to controller, 10b controller to host. */
    if ((in[0] & 3) == 1)
        out->transfer = LETHE_TRANSFER_OUT;
    else if ((in[0] & 3) == 2)
        out->transfer = LETHE_TRANSFER_IN;
}

struct lethe_nvme_admin lethe_nvme_cmd_identify(enum lethe_nvme_cns cns, uint32_t nsid)
{
    return (struct lethe_nvme_admin){.opcode = 0x06,
                                     .nsid = nsid,
                                     .cdw10 = (uint32_t)cns,
                                     .transfer = LETHE_TRANSFER_IN,
                                     .data_len = LETHE_NVME_IDENTIFY_SIZE};
}

int lethe_nvme_cmd_get_log(uint8_t log, uint32_t nsid, uint32_t len, struct lethe_nvme_admin *out,
                           struct lethe_error *err)
{
    if (len == 0 || len % 4 != 0)
        return lethe_fail(err, LETHE_E_USAGE,
                          "an NVMe log is read in dwords, not %" PRIu32 " bytes", len);
    uint32_t dwords = len / 4 - 1;
    *out = (struct lethe_nvme_admin){.opcode = 0x02,
                                     .nsid = nsid,
                                     .cdw10 = dwords << 16 | 1u << 15 | log,
                                     .cdw11 = dwords >> 16,
                                     .transfer = LETHE_TRANSFER_IN,
                                     .data_len = len};
    return 0;
}

#define AUSE (1u << 3) /* allow unrestricted sanitize exit */

int lethe_nvme_cmd_sanitize(enum lethe_sanitize_action action, unsigned passes, bool invert,
                            uint32_t pattern, bool no_deallocate, struct lethe_nvme_admin *out,
                            struct lethe_error *err)
{
    *out = (struct lethe_nvme_admin){.opcode = 0x84, .cdw10 = AUSE};
    if (no_deallocate)
        out->cdw10 |= 1u << 9;
    switch (action) { /* Base 2.0 figure 303: SANACT */
    case LETHE_SANITIZE_BLOCK:
        out->cdw10 |= 2;
        return 0;
    case LETHE_SANITIZE_CRYPTO:
        out->cdw10 |= 4;
        return 0;
    case LETHE_SANITIZE_OVERWRITE:
        if (passes < 1 || passes > 16)
            return lethe_fail(err, LETHE_E_USAGE, "NVMe Sanitize overwrites 1 to 16 times, not %u",
                              passes);
        out->cdw10 |= 3 | (passes & 0xf) << 4 | (invert ? 1u << 8 : 0); /* 0 means sixteen */
        out->cdw11 = pattern;
        return 0;
    }
    return lethe_fail(err, LETHE_E_USAGE, "no such sanitize action");
}

struct lethe_nvme_admin lethe_nvme_cmd_sanitize_exit_failure(void)
{
    return (struct lethe_nvme_admin){.opcode = 0x84, .cdw10 = 1};
}

int lethe_nvme_cmd_format(const struct lethe_nvme_controller *controller,
                          const struct lethe_nvme_namespace *ns, uint32_t nsid, bool crypto,
                          struct lethe_nvme_admin *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (!controller->format)
        return lethe_fail(err, LETHE_E_UNSUPPORTED,
                          "the controller has no Format NVM (OACS bit 1)");
    if (crypto && !controller->format_crypto)
        /* Some accept SES 2 all the same, with success and without any effect (facts A4). */
        return lethe_fail(err, LETHE_E_UNSUPPORTED,
                          "the controller does not claim cryptographic erase in Format NVM "
                          "(FNA bit 2)");
    if (nsid == LETHE_NVME_ALL && controller->format_no_broadcast)
        return lethe_fail(err, LETHE_E_UNSUPPORTED,
                          "the controller formats one namespace at a time (FNA bit 3)");
    if (ns->format >= ns->formats || ns->format > 63)
        return lethe_fail(err, LETHE_E_INVALID,
                          "the namespace uses LBA format %u, but has only %u of them", ns->format,
                          ns->formats);
    const uint32_t ses = crypto ? 2 : 1; /* never 0: it erases nothing */
    out->opcode = 0x80;
    out->nsid = nsid;
    /* Base 2.0 figure 325: LBAFL, MSET, PI, PIL, SES, LBAFU. */
    out->cdw10 = (uint32_t)(ns->format & 0xf) | (ns->metadata_inline ? 1u << 4 : 0) |
                 (uint32_t)(ns->protection & 7) << 5 | (ns->protection_first ? 1u << 8 : 0) |
                 ses << 9 | (uint32_t)(ns->format >> 4) << 12;
    return 0;
}

static struct lethe_nvme_admin security(uint8_t opcode, uint8_t protocol, uint16_t specific,
                                        uint32_t nsid, uint32_t len, enum lethe_transfer transfer)
{
    return (struct lethe_nvme_admin){.opcode = opcode,
                                     .nsid = nsid,
                                     .cdw10 = (uint32_t)protocol << 24 | (uint32_t)specific << 8,
                                     .cdw11 = len,
                                     .transfer = transfer,
                                     .data_len = len};
}

struct lethe_nvme_admin lethe_nvme_cmd_security_send(uint8_t protocol, uint16_t specific,
                                                     uint32_t nsid, uint32_t len)
{
    return security(0x81, protocol, specific, nsid, len, LETHE_TRANSFER_OUT);
}

struct lethe_nvme_admin lethe_nvme_cmd_security_receive(uint8_t protocol, uint16_t specific,
                                                        uint32_t nsid, uint32_t len)
{
    return security(0x82, protocol, specific, nsid, len, LETHE_TRANSFER_IN);
}

struct lethe_nvme_admin lethe_nvme_cmd_namespace_delete(uint32_t nsid)
{
    return (struct lethe_nvme_admin){.opcode = 0x0d, .nsid = nsid, .cdw10 = 1};
}
