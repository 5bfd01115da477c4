/* SPDX-License-Identifier: Apache-2.0 */
/* Sampling without replacement. With D bad ones among N, none of n is bad with the probability
 * C(N-D, n) / C(N, n), which is the product of (N-D-i) / (N-i) for i below n. */
#include <lethe/batch.h>

/* Of what a sum in binary makes of an exact limit: 19 of 20 are enough for 1 bad one at 95 %. */
#define TOLERANCE (1 + 1e-9)

static double limit(unsigned confidence_ppm)
{
    return (1e6 - confidence_ppm) / 1e6 * TOLERANCE;
}

size_t lethe_batch_size(size_t devices, unsigned confidence_ppm, unsigned bad_ppm)
{
    size_t bad = (devices * bad_ppm + 999999) / 1000000;
    size_t least = (devices * LETHE_BATCH_R2_PPM + 999999) / 1000000, n = 0;
    double none = 1;
    for (; n < devices && none > limit(confidence_ppm); n++)
        none *= n + bad < devices ? (double)(devices - bad - n) / (double)(devices - n) : 0;
    return n > least ? n : least;
}

size_t lethe_batch_bound(size_t devices, size_t sample, unsigned confidence_ppm)
{
    size_t bad = 0;
    /* The probability only falls as there are more bad ones. */
    for (size_t more = 1; more + sample <= devices; more++) {
        double none = 1;
        for (size_t i = 0; i < sample; i++)
            none *= (double)(devices - more - i) / (double)(devices - i);
        if (none <= limit(confidence_ppm))
            break;
        bad = more;
    }
    return bad;
}
