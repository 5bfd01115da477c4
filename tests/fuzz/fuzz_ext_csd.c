/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of eMMC and SD cards. */
#include "base/text.h"
#include "proto/smart.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_ext_csd ext_csd;
    struct lethe_mmc_cid cid;
    struct lethe_mmc_csd csd;
    struct lethe_sd_scr scr;
    struct lethe_sd_ssr ssr;
    struct lethe_health health = {0};
    struct lethe_triage_verdict verdict;
    if (lethe_ext_csd_parse(data, size, &ext_csd, NULL) == 0) {
        lethe_health_add_ext_csd(&health, &ext_csd);
        lethe_health_triage(&health, &verdict);
    }
    for (int kind = LETHE_MMC_EMMC; kind <= LETHE_MMC_SD && size >= 16; kind++) {
        if (lethe_mmc_cid_parse((enum lethe_mmc_kind)kind, data, &cid, NULL) == 0 &&
            !lethe_text_is_clean(cid.product))
            abort();
        lethe_mmc_csd_parse((enum lethe_mmc_kind)kind, data, &csd, NULL);
    }
    if (size >= 64) {
        lethe_sd_scr_parse(data, &scr, NULL);
        lethe_sd_ssr_parse(data, &ssr, NULL);
    }
    return 0;
}
