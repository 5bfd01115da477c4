/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Property lists as the model of an iPhone has them in its hands: JSON, where data is
 * {"$data": base64} and a date {"$date": seconds since 2001}. By libplist, which is not ours: what
 * our own reader of property lists meets in tests was written by somebody else.
 */
#ifndef LETHE_EMU_PHONE_PLIST_H
#define LETHE_EMU_PHONE_PLIST_H

#include "base/buf.h"
#include "base/json.h"
#include <stdbool.h>

/* XML or binary, at most 1 MiB and 32 levels; NULL: it is none. */
json_t *plist_decode(const void *data, size_t len);
/* Appends to OUT. 0, or -LETHE_E_INTERNAL. */
int plist_encode(const json_t *json, bool binary, struct lethe_buf *out);

/* {"$data": ...}, and back: bytes in OUT, or -1 when JSON is no data. */
json_t *plist_data(const void *data, size_t len);
ssize_t plist_data_get(const json_t *json, struct lethe_buf *out);

#endif
