/* SPDX-License-Identifier: Apache-2.0 */
/* What the page's red, green and blue mean: a small ICC profile (ICC.1:2001-04) with the primaries
 * of sRGB and a gamma of 2.2, made from the published numbers. */
#ifndef LETHE_PAPER_ICC_H
#define LETHE_PAPER_ICC_H

#include <stdint.h>

#define LETHE_ICC_SIZE 452

void lethe_icc_profile(uint8_t out[LETHE_ICC_SIZE]);

#endif
