/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/set.h"

#include "profile/folder.h"
#include "profile/memo.h"
#include <stdlib.h>
#include <string.h>

struct loading {
    struct lethe_set *set;
    const struct lethe_set_kind *kind;
};

/* ITEM is taken, also on failure. */
static int push(struct lethe_set *set, void *item)
{
    void **more = item ? realloc(set->items, (set->n + 1) * sizeof(*more)) : NULL;
    if (!more) {
        free(item);
        return -LETHE_E_INTERNAL;
    }
    set->items = more;
    set->items[set->n++] = item;
    return 0;
}

static int add(void *user, const char *path, const char *stem, const char *text, size_t len,
               struct lethe_error *err)
{
    struct loading *l = user;
    void *item = NULL;
    int rc = l->kind->parse(path, text, len, &item, err);
    if (rc < 0)
        return rc;
    const char *id = (const char *)item + l->kind->id;
    if (strcmp(id, stem) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s: holds the %s \"%s\"; call it %s.yaml", path,
                        l->kind->noun, id, id);
    for (size_t i = 0; rc == 0 && i < l->set->n; i++)
        rc = l->kind->agree(l->set->items[i], item, err);
    if (rc < 0) {
        free(item);
        return rc;
    }
    return push(l->set, item) < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out") : 0;
}

/* As they were when they were checked. */
static bool take(struct lethe_set *set, const struct lethe_set_kind *kind,
                 const struct lethe_memo *memo)
{
    size_t n;
    char *kept = lethe_memo_read(memo, &n);
    void **items = kept ? malloc(n * sizeof(*items)) : NULL;
    bool sound = items != NULL;
    for (size_t i = 0; sound && i < n; i++) {
        items[i] = kept + i * kind->size;
        sound = kind->sound(items[i]);
    }
    if (!sound) {
        free(items);
        free(kept);
        return false;
    }
    *set = (struct lethe_set){.n = n, .items = items, .kept = kept};
    return true;
}

static const void *at(const void *user, size_t i)
{
    return ((const struct lethe_set *)user)->items[i];
}

int lethe_set_load(struct lethe_set *set, const struct lethe_set_kind *kind,
                   const char *const *dirs, const char *memo, struct lethe_error *err)
{
    struct loading loading = {set, kind};
    struct lethe_memo kept;
    *set = (struct lethe_set){0};
    lethe_memo_open(&kept, memo, kind->size, dirs);
    if (take(set, kind, &kept))
        return 0;
    int rc = lethe_folder_each(dirs, add, &loading, err);
    if (rc == 0)
        lethe_memo_write(&kept, at, set, set->n);
    else
        lethe_set_clear(set);
    return rc;
}

void lethe_set_clear(struct lethe_set *set)
{
    for (size_t i = 0; !set->kept && i < set->n; i++)
        free(set->items[i]);
    free(set->items);
    free(set->kept);
    *set = (struct lethe_set){0};
}
