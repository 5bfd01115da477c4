/* SPDX-License-Identifier: Apache-2.0 */
/* Who has to be the first to hold a device that comes back: a job of it that is open. */
#include <lethe/station.h>
#include <lethe/store.h>
#include <stdlib.h>
#include <string.h>

struct search {
    struct lethe_store *store;
    const struct lethe_device *device;
    bool found;
};

static bool is_named(const struct lethe_identity *planned, const struct lethe_identity *now)
{
    for (size_t i = 0; i < planned->n_identifiers; i++)
        if (lethe_identity_named(now, planned->identifiers[i].value))
            return true;
    return false;
}

/* By its port, where it may tell no name in the mode that it is in, or by any of its names. */
static int look_at(void *user, const struct lethe_job_row *row)
{
    struct search *search = user;
    struct lethe_job *job;
    if (row->state >= LETHE_JOB_ENDED)
        return 0; /* only its certificate lacks */
    search->found = strcmp(row->target, search->device->target) == 0;
    if (search->found || !(job = malloc(sizeof(*job))))
        return search->found;
    if (lethe_store_load(search->store, row->id, job, NULL) == 0) {
        search->found = is_named(&job->plan.identity, &search->device->identity);
        lethe_job_clear(job);
    }
    free(job);
    return search->found;
}

bool lethe_station_awaits(struct lethe_store *store, const struct lethe_device *device)
{
    struct search search = {.store = store, .device = device};
    lethe_store_jobs(store, true, look_at, &search, NULL);
    return search.found;
}
