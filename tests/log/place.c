/* SPDX-License-Identifier: Apache-2.0 */
#include "log/place.h"

#include <assert.h>
#include <ftw.h>
#include <lethe/trust.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char place_dir[64];

int place_setup(void **state)
{
    (void)state;
    snprintf(place_dir, sizeof(place_dir), "/tmp/lethe-log-XXXXXX");
    return mkdtemp(place_dir) ? lethe_keys_init(place_dir, "Acme", "bench-1", NULL, 0, NULL) : -1;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

int place_teardown(void **state)
{
    (void)state;
    return nftw(place_dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}

int place_open(struct place *place, struct lethe_error *err)
{
    struct lethe_log_signer *signer;
    *place = (struct place){0};
    int rc = lethe_store_open(place_dir, &place->store, err);
    if (rc == 0)
        rc = lethe_log_signer_open(place_dir, NULL, NULL, &signer, err);
    if (rc == 0)
        rc = lethe_log_open(place->store, place_dir, signer, &place->log, err);
    if (rc < 0)
        place_close(place);
    return rc;
}

void place_close(struct place *place)
{
    lethe_log_close(place->log);
    lethe_store_close(place->store);
    *place = (struct place){0};
}

int place_promise(struct place *place, unsigned first, size_t n)
{
    struct lethe_store_entry entries[64];
    char texts[64][160], names[64][40];
    int rc = 0;
    for (size_t done = 0; rc == 0 && done < n;) {
        size_t some = n - done < 64 ? n - done : 64;
        for (size_t i = 0; i < some; i++) {
            unsigned number = first + (unsigned)(done + i);
            snprintf(names[i], sizeof(names[i]), "01940000-0000-7000-8000-%012x", number);
            snprintf(texts[i], sizeof(texts[i]), "{\"k\":\"key\",\"n\":\"%064x\",\"t\":1,\"v\":1}",
                     number);
            entries[i] = (struct lethe_store_entry){.log = lethe_log_origin(place->log),
                                                    .kind = "key",
                                                    .name = names[i],
                                                    .text = texts[i]};
        }
        rc = lethe_store_log_add(place->store, entries, some, NULL);
        done += some;
    }
    return rc;
}

/* TO is made, or made again. */
static void copy(const char *from, const char *to)
{
    char command[256];
    snprintf(command, sizeof(command), "rm -rf '%s' && cp -a '%s' '%s'", to, from, to);
    int rc = system(command);
    assert(rc == 0);
    (void)rc;
}

void place_copy(const char *to)
{
    copy(place_dir, to);
}

void place_restore(const char *from)
{
    copy(from, place_dir);
}
