/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_VERIFY_CANARY_H
#define LETHE_VERIFY_CANARY_H

#include <lethe/verification.h>

/* How the failure begins of a device that took no mark at all. */
#define LETHE_TAKES_NO_WRITES "the device takes no writes"

#define LETHE_CANARY_MAGIC_SIZE 16

/* The mark of OFFSET, repeated over a block. */
void lethe_canary_fill(uint8_t *out, size_t block, const char *job,
                       const uint8_t key[LETHE_KEY_SIZE], uint64_t offset);
/* How large a mark is as it is written: zones take physical blocks. It counts as the one logical
 * block that it begins with. ZONE 0: a device without. */
uint32_t lethe_canary_block(const struct lethe_io_info *info, uint64_t zone);
/* Where COUNT of them stand. OUT holds COUNT; returns how many. */
uint32_t lethe_canary_places(const uint8_t key[LETHE_KEY_SIZE], uint64_t capacity, uint64_t zone,
                             uint32_t block, uint32_t count, uint64_t *out);
/* Does DATA still carry a mark of this job, of whatever place? */
bool lethe_canary_survives(const uint8_t *data, size_t len, const char *job);

#endif
