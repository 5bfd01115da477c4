/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this layer share. */
#ifndef LETHE_TLOG_PARTS_H
#define LETHE_TLOG_PARTS_H

#include <lethe/tlog.h>

/* SHA-256(prefix || data). */
void lethe_tlog_sha256(struct lethe_tlog_hash *out, uint8_t prefix, const void *data, size_t len);

/* Root of 2^LOG hashes side by side (LOG <= 8). */
void lethe_tlog_complete(const struct lethe_tlog_hash *hashes, unsigned log,
                         struct lethe_tlog_hash *out);

#endif
