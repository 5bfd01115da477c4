/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/cache.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES 256
/* A table for a key is worth its making from so many verifications on. */
#define USES_TO_PREPARE 600

struct lethe_verify_cache {
    size_t n, last;
    struct lethe_cached entry[ENTRIES];
};

int lethe_verify_cache_new(struct lethe_verify_cache **out, struct lethe_error *err)
{
    *out = calloc(1, sizeof(**out));
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void empty(struct lethe_verify_cache *cache)
{
    for (size_t i = 0; i < cache->n; i++) {
        lethe_es256_free(cache->entry[i].key);
        free(cache->entry[i].header);
    }
    cache->n = cache->last = 0;
}

void lethe_verify_cache_free(struct lethe_verify_cache *cache)
{
    if (cache)
        empty(cache);
    free(cache);
}

static bool is(const struct lethe_cached *entry, struct lethe_span header)
{
    return entry->header_len == header.len && memcmp(entry->header, header.text, header.len) == 0;
}

struct lethe_cached *lethe_verify_cache_find(struct lethe_verify_cache *cache,
                                             struct lethe_span header)
{
    struct lethe_cached *found = NULL;
    if (!cache || cache->n == 0)
        return NULL;
    if (is(&cache->entry[cache->last], header))
        found = &cache->entry[cache->last];
    for (size_t i = 0; !found && i < cache->n; i++)
        if (is(&cache->entry[i], header))
            found = &cache->entry[cache->last = i];
    if (found && ++found->uses == USES_TO_PREPARE)
        lethe_es256_prepare(found->key);
    return found;
}

bool lethe_verify_cache_keep(struct lethe_verify_cache *cache, struct lethe_span header,
                             struct lethe_es256 *key, const struct lethe_chain *chain,
                             uint64_t from, uint64_t until)
{
    if (cache->n == ENTRIES)
        empty(cache); /* whoever has more benches than that at once pays for their paths again */
    char *copy = malloc(header.len);
    if (!copy)
        return false;
    memcpy(copy, header.text, header.len);
    cache->entry[cache->n++] = (struct lethe_cached){.header = copy,
                                                     .header_len = header.len,
                                                     .key = key,
                                                     .chain = *chain,
                                                     .from = from,
                                                     .until = until};
    return true;
}
