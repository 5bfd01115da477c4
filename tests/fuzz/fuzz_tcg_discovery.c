/* SPDX-License-Identifier: Apache-2.0 */
/* Level 0 discovery, and the answers of a TCG conversation. */
#include "proto/tcg.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_tcg_discovery discovery;
    struct lethe_tcg_session session = {.com_id = 0x07fe, .host = 105, .tper = 0x1001};
    char text[128];
    if (lethe_tcg_discovery_parse(data, size, &discovery, NULL) == 0) {
        lethe_tcg_format(text, sizeof text, &discovery);
        if (lethe_tcg_revert_erases(&discovery) && !discovery.locking.media_encryption)
            abort();
    }
    lethe_tcg_method_status(data, size, &session, NULL);
    lethe_tcg_authenticated(data, size, &session, NULL);
    session.tper = 0;
    if (lethe_tcg_session_started(data, size, &session, NULL) == 0 && session.tper == 0)
        abort();
    return 0;
}
