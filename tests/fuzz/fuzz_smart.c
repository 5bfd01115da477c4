/* SPDX-License-Identifier: Apache-2.0 */
/* Health: the first byte chooses a SCSI log page or a page of the device statistics. */
#include "proto/smart.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_smart smart;
    struct lethe_health health = {0};
    struct lethe_triage_verdict verdict;
    uint64_t pages;
    if (size < 1)
        return 0;
    uint8_t page = data[0];
    data++;
    size--;
    size_t half = size > 512 ? 512 : size;
    if (lethe_smart_parse(data, half, size > 512 ? data + half : NULL, size - half, &smart, NULL) ==
        0) {
        if (smart.n_attributes > LETHE_SMART_ATTRIBUTES_MAX)
            abort();
        lethe_health_add_smart(&health, &smart, page & 1);
    }
    lethe_ata_statistics_list(data, size, &pages, NULL);
    lethe_health_add_ata_statistics(&health, data, size, page, 512, NULL);
    lethe_health_add_scsi_log(&health, data, size, page, NULL);
    lethe_health_add_scsi_defects(&health, data, size, NULL);
    lethe_health_triage(&health, &verdict);
    if (verdict.n_reasons > LETHE_TRIAGE_REASONS_MAX)
        abort();
    return 0;
}
