/* SPDX-License-Identifier: Apache-2.0 */
/* Vital product data as a drive or a bridge sends it: whatever it says, what comes out is clean
 * text and hexadecimal. */
#include "base/text.h"
#include "scan/vpd.h"

#include <stdlib.h>
#include <string.h>

static void hex_or_empty(const char *text)
{
    if (text[strspn(text, "0123456789abcdef")] != '\0')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_vpd vpd = {0};
    lethe_vpd_serial(&vpd, data, size);
    lethe_vpd_designators(&vpd, data, size);
    lethe_vpd_characteristics(&vpd, data, size);
    lethe_vpd_ata(&vpd, data, size);
    if (!lethe_text_is_clean(vpd.serial) || !lethe_text_is_clean(vpd.ata_serial) ||
        !lethe_text_is_clean(vpd.ata_model) || !lethe_text_is_clean(vpd.ata_firmware))
        abort();
    hex_or_empty(vpd.naa);
    hex_or_empty(vpd.eui);
    hex_or_empty(vpd.ata_wwn);
    return 0;
}
