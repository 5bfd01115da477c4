/* SPDX-License-Identifier: Apache-2.0 */
/* Rollback: a restored copy of the state directory would sign other entries under numbers that
 * were given out. Whoever remembers what was said finds it out. */
#include "base/text.h"
#include "log/internal.h"
#include <string.h>

/* Another process may have gone on meanwhile: then the guard knows what is in the store, too. */
static bool went_on(struct lethe_log *log, uint64_t seen, uint64_t known)
{
    LETHE_CHECKPOINT_AUTO now = {0};
    return lethe_store_checkpoint_get(log->store, lethe_log_origin(log), INT64_MAX, &now, NULL) ==
               0 &&
           now.size > seen && now.size >= known;
}

static int shut(struct lethe_log *log, struct lethe_error *err)
{
    char how[160];
    lethe_text_format(how, sizeof(how), "%.159s", err->what);
    int rc = lethe_store_alarm_put(log->store, lethe_log_origin(log), how, err);
    return rc < 0 ? rc : lethe_log_refuse_rollback(err, lethe_log_origin(log), how);
}

int lethe_log_consult(struct lethe_log *log, struct lethe_log_guard *guard, struct lethe_error *err)
{
    struct lethe_error why = {0};
    int rc = 0;
    for (int attempt = 0; attempt < 4; attempt++) {
        LETHE_CHECKPOINT_AUTO last = {0};
        uint64_t known = 0;
        rc = lethe_store_checkpoint_get(log->store, lethe_log_origin(log), INT64_MAX, &last, &why);
        if (rc == 0)
            rc = guard->ops->advance(guard, log, &last, &known, &why);
        if (rc != -LETHE_E_CHANGED || !went_on(log, last.size, known))
            break;
    }
    if (rc == 0)
        log->excluded = true;
    if (rc == -LETHE_E_CHANGED)
        rc = shut(log, &why);
    if (rc < 0 && err)
        *err = why;
    return rc;
}
