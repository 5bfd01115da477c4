/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many blocks to read. Of N blocks D are bad; n drawn without replacement miss all of them with
 * probability <= (1 - D/N)^n. So n = ceil(ln(1-c) / ln(1-p)) finds a bad fraction above p with
 * confidence c, whatever the size of the device.
 */
#include <lethe/policy.h>
#include <math.h>

uint64_t lethe_sample_count(uint32_t confidence_ppm, uint32_t fraction_ppm, uint64_t blocks)
{
    if (confidence_ppm >= 1000000 || fraction_ppm == 0)
        return blocks; /* only reading everything gives certainty */
    if (confidence_ppm == 0)
        return 0;
    if (fraction_ppm >= 1000000)
        return blocks > 0 ? 1 : 0;
    double n = ceil(log1p(confidence_ppm / -1e6) / log1p(fraction_ppm / -1e6));
    return n < (double)blocks ? (uint64_t)n : blocks;
}
