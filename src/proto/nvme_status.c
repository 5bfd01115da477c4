/* SPDX-License-Identifier: Apache-2.0 */
/* The Sanitize Status log (Base 2.0 5.16.1.25) and status codes (Base 2.0 4.2.3). */
#include "proto/bytes.h"
#include "proto/nvme.h"

#include <string.h>

/* FFFFFFFFh: the controller tells no estimate. */
static uint32_t estimate(const uint8_t *field)
{
    uint32_t seconds = lethe_le32(field);
    return seconds == UINT32_MAX ? 0 : seconds;
}

int lethe_nvme_sanitize_log_parse(const uint8_t *data, size_t len,
                                  struct lethe_sanitize_status *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < 20)
        return lethe_fail(err, LETHE_E_INVALID, "the sanitize log has only %zu bytes", len);
    if (lethe_bytes_all(data, 20, 0xff))
        return 0; /* nobody answered: unknown */
    uint16_t sstat = lethe_le16(data + 2);
    switch (sstat & 7) {
    case 0:
        out->state = LETHE_SANITIZE_IDLE;
        break;
    case 4:
        out->no_deallocate = true;
        out->state = LETHE_SANITIZE_SUCCEEDED;
        break;
    case 1:
        out->state = LETHE_SANITIZE_SUCCEEDED;
        break;
    case 2:
        out->state = LETHE_SANITIZE_RUNNING;
        out->progress_known = true;
        out->progress = lethe_le16(data);
        break;
    case 3:
        out->state = LETHE_SANITIZE_FAILED;
        break;
    default:
        return 0; /* of a later version of the standard: unknown */
    }
    out->passes = sstat >> 3 & 0x1f;
    out->global_data_erased = sstat >> 8 & 1;
    out->command = lethe_le32(data + 4);
    out->estimate_overwrite = estimate(data + 8);
    out->estimate_block = estimate(data + 12);
    out->estimate_crypto = estimate(data + 16);
    return 0;
}

const char *lethe_nvme_status_name(uint16_t status)
{
    static const struct {
        uint16_t code;
        const char *name;
    } names[] = {
        {LETHE_NVME_SUCCESS, "success"},
        {LETHE_NVME_INVALID_OPCODE, "invalid command opcode"},
        {LETHE_NVME_INVALID_FIELD, "invalid field in command"},
        {0x003, "command id conflict"},
        {0x004, "data transfer error"},
        {0x005, "aborted by power loss"},
        {LETHE_NVME_INTERNAL, "internal error"},
        {LETHE_NVME_ABORTED, "aborted on request"},
        {0x008, "aborted: queue deleted"},
        {LETHE_NVME_INVALID_NAMESPACE, "invalid namespace or format"},
        {0x00c, "command sequence error"},
        {0x015, "operation denied"},
        {LETHE_NVME_SANITIZE_FAILED, "sanitize failed"},
        {LETHE_NVME_SANITIZE_IN_PROGRESS, "sanitize in progress"},
        {LETHE_NVME_WRITE_PROTECTED, "namespace is write protected"},
        {0x021, "command interrupted"},
        {0x022, "transient transport error"},
        {0x023, "prohibited by command and feature lockdown"},
        {0x080, "LBA out of range"},
        {0x081, "capacity exceeded"},
        {0x082, "namespace not ready"},
        {0x083, "reservation conflict"},
        {LETHE_NVME_FORMAT_IN_PROGRESS, "format in progress"},
        {0x109, "invalid log page"},
        {LETHE_NVME_INVALID_FORMAT, "invalid format"},
        {LETHE_NVME_FIRMWARE_RESET, "firmware activation requires a reset"},
        {0x115, "insufficient capacity for a namespace"},
        {0x11d, "device self-test in progress"},
        {LETHE_NVME_SANITIZE_PMR, "sanitize prohibited while the memory region is enabled"},
        {0x280, "write fault"},
        {0x281, "unrecovered read error"},
        {0x282, "end-to-end guard check error"},
        {0x285, "compare failure"},
        {LETHE_NVME_ACCESS_DENIED, "access denied"},
        {LETHE_NVME_DEALLOCATED, "deallocated or unwritten block"},
        {0x300, "internal path error"},
        {0x302, "asymmetric access inaccessible"},
        {0x303, "asymmetric access transition"},
        {0x370, "host path error"},
        {0x371, "aborted by the host"},
    };
    status &= LETHE_NVME_STATUS_MASK;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == status)
            return names[i].name;
    return status >> 8 == 7 || (status & 0xff) >= 0xc0 ? "vendor specific" : "unknown";
}
