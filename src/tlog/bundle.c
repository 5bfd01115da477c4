/* SPDX-License-Identifier: Apache-2.0 */
/* Entry bundles: big-endian lengths and entries (tlog-tiles, "Log entries"). */
#include <lethe/tlog.h>

int lethe_tlog_bundle_next(const void *bundle, size_t len, size_t *at, const uint8_t **entry,
                           size_t *entry_len, struct lethe_error *err)
{
    const uint8_t *bytes = bundle;
    if (*at == len)
        return 0;
    if (*at > len || len - *at < 2)
        return lethe_fail(err, LETHE_E_INVALID, "an entry bundle ends inside a length");
    size_t n = (size_t)bytes[*at] << 8 | bytes[*at + 1];
    if (n > len - *at - 2)
        return lethe_fail(err, LETHE_E_INVALID, "an entry bundle ends inside an entry");
    *entry = bytes + *at + 2;
    *entry_len = n;
    *at += 2 + n;
    return 1;
}
