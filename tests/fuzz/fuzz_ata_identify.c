/* SPDX-License-Identifier: Apache-2.0 */
/* IDENTIFY DEVICE, device configuration overlay and registers in sense data. */
#include "base/text.h"
#include "proto/identify.h"
#include "proto/sat.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_ata_identify id;
    struct lethe_ata_dco dco;
    struct lethe_ata_result result;
    struct lethe_sanitize_status status;
    if (lethe_ata_identify_parse(data, size, &id, NULL) == 0 &&
        (!lethe_text_is_clean(id.model) || !lethe_text_is_clean(id.serial) ||
         !lethe_text_is_clean(id.firmware) || id.logical_sector < 512 ||
         id.physical_sector < id.logical_sector))
        abort();
    lethe_ata_dco_parse(data, size, &dco, NULL);
    lethe_sat_response_decode(data, size, &result);
    if (lethe_sat_sense_decode(data, size, &result) == 0 && result.known != 0)
        abort();
    lethe_ata_sanitize_result(&result, &status);
    /* Whatever comes: no success without the bits that carry it. */
    if (status.state == LETHE_SANITIZE_SUCCEEDED &&
        (!(result.known & LETHE_ATA_KNOWN_COUNT_HIGH) || (result.count & 0xc000) != 0x8000))
        abort();
    return 0;
}
