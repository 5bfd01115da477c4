/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of a log: one spelling, and one that every JSON reader reads as we do. */
#include "base/json.h"

#include <lethe/tlog.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_tlog_entry entry;
    char again[LETHE_TLOG_ENTRY_MAX + 1];
    if (lethe_tlog_entry_parse(data, size, &entry, NULL) < 0)
        return 0;
    json_t *json = lethe_json_load((const char *)data, size, LETHE_TLOG_ENTRY_MAX, NULL);
    char *canonical = json ? lethe_json_canonical(json) : NULL;
    if (!canonical || strlen(canonical) != size || memcmp(canonical, data, size) != 0)
        abort();
    if (entry.kind != LETHE_TLOG_UNKNOWN &&
        (lethe_tlog_entry_format(&entry, again, NULL) != (int)size ||
         memcmp(again, data, size) != 0))
        abort();
    free(canonical);
    json_decref(json);
    return 0;
}
