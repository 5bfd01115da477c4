/* SPDX-License-Identifier: Apache-2.0 */
/* INQUIRY, vital product data, mode data and sense of a SCSI device. */
#include "base/text.h"
#include "proto/scsi.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_scsi_inquiry inquiry;
    struct lethe_vpd_pages pages;
    struct lethe_vpd_identification id;
    struct lethe_vpd_ata ata;
    struct lethe_vpd_limits limits;
    struct lethe_vpd_characteristics characteristics;
    struct lethe_vpd_provisioning provisioning;
    struct lethe_vpd_zoned zoned;
    struct lethe_scsi_capacity capacity;
    struct lethe_scsi_mode mode;
    struct lethe_sense sense;
    struct lethe_sanitize_status status;
    enum lethe_scsi_support support;
    uint64_t luns[4];
    char text[64];
    if (lethe_scsi_inquiry_parse(data, size, &inquiry, NULL) == 0 &&
        (!lethe_text_is_clean(inquiry.vendor) || !lethe_text_is_clean(inquiry.product)))
        abort();
    lethe_vpd_pages_parse(data, size, &pages, NULL);
    if (lethe_vpd_serial_parse(data, size, text, sizeof text, NULL) == 0 &&
        !lethe_text_is_clean(text))
        abort();
    if (lethe_vpd_identification_parse(data, size, &id, NULL) == 0 &&
        (!lethe_text_is_clean(id.t10) || !lethe_text_is_clean(id.name)))
        abort();
    if (lethe_vpd_ata_parse(data, size, &ata, NULL) == 0 &&
        (ata.identify < data || ata.identify + 512 > data + size))
        abort();
    lethe_vpd_limits_parse(data, size, &limits, NULL);
    lethe_vpd_characteristics_parse(data, size, &characteristics, NULL);
    lethe_vpd_provisioning_parse(data, size, &provisioning, NULL);
    lethe_vpd_zoned_parse(data, size, &zoned, NULL);
    lethe_scsi_capacity10_parse(data, size, &capacity, NULL);
    lethe_scsi_capacity16_parse(data, size, &capacity, NULL);
    lethe_scsi_luns_parse(data, size, luns, 4, NULL);
    lethe_scsi_support_parse(data, size, &support, NULL);
    for (int ten = 0; ten < 2; ten++)
        if (lethe_scsi_mode_parse(data, size, ten, &mode, NULL) == 0 && mode.page &&
            mode.page + mode.page_len > data + size)
            abort();
    lethe_sense_parse(data, size, &sense);
    lethe_sense_format(text, sizeof text, &sense);
    lethe_scsi_sanitize_result(&sense, &status);
    if (status.state == LETHE_SANITIZE_SUCCEEDED) /* sense data cannot say that */
        abort();
    return 0;
}
