/* SPDX-License-Identifier: Apache-2.0 */
/* All policies of some folders: whole or not there. */
#include <lethe/policy.h>

#include "profile/set.h"
#include <stdlib.h>
#include <string.h>

struct lethe_policy_set {
    struct lethe_set all;
};

static int agree(const void *one, const void *other, struct lethe_error *err)
{
    const struct lethe_policy *old = one, *new = other;
    return strcmp(old->id, new->id) != 0
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "policy \"%s\" is in both %s and %s", new->id,
                            old->file, new->file);
}

static int parse(const char *name, const char *text, size_t len, void **out,
                 struct lethe_error *err)
{
    struct lethe_policy *one = NULL;
    int rc = lethe_policy_parse(name, text, len, &one, err);
    *out = one;
    return rc;
}

static bool sound(const void *item)
{
    const struct lethe_policy *policy = item;
    bool ok = policy->n_rules <= LETHE_RULES_MAX && policy->n_required <= LETHE_RECORD_FIELDS_MAX;
    for (size_t i = 0; ok && i < policy->n_rules; i++)
        ok = policy->rules[i].n_passes <= LETHE_PASSES_MAX;
    return ok;
}

static const struct lethe_set_kind kind = {.noun = "policy",
                                           .size = sizeof(struct lethe_policy),
                                           .id = offsetof(struct lethe_policy, id),
                                           .parse = parse,
                                           .agree = agree,
                                           .sound = sound};

int lethe_policy_set_load_kept(const char *const *dirs, const char *memo,
                               struct lethe_policy_set **out, struct lethe_error *err)
{
    *out = malloc(sizeof(**out));
    int rc = *out ? lethe_set_load(&(*out)->all, &kind, dirs, memo, err)
                  : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc < 0) {
        free(*out);
        *out = NULL;
    }
    return rc;
}

int lethe_policy_set_load(const char *const *dirs, struct lethe_policy_set **out,
                          struct lethe_error *err)
{
    return lethe_policy_set_load_kept(dirs, NULL, out, err);
}

void lethe_policy_set_free(struct lethe_policy_set *set)
{
    if (set)
        lethe_set_clear(&set->all);
    free(set);
}

size_t lethe_policy_count(const struct lethe_policy_set *set)
{
    return set->all.n;
}

const struct lethe_policy *lethe_policy_at(const struct lethe_policy_set *set, size_t i)
{
    return i < set->all.n ? set->all.items[i] : NULL;
}

/* Insertions, deletions and substitutions between A and B. */
static size_t distance(const char *a, const char *b)
{
    enum { MAX = sizeof(((struct lethe_policy *)NULL)->id) };
    size_t row[MAX + 1], m = strnlen(b, MAX);
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= m; j++) {
            size_t best = diagonal + (a[i] != b[j - 1]);
            diagonal = row[j];
            best = best < row[j] + 1 ? best : row[j] + 1;
            row[j] = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
        }
    }
    return row[m];
}

const struct lethe_policy *lethe_policy_find(const struct lethe_policy_set *set, const char *id,
                                             struct lethe_error *err)
{
    const struct lethe_policy *nearest = NULL, *second = NULL;
    size_t d_nearest = SIZE_MAX, d_second = SIZE_MAX;
    for (size_t i = 0; i < set->all.n; i++) {
        const struct lethe_policy *policy = set->all.items[i];
        if (strcmp(policy->id, id) == 0)
            return policy;
        size_t d = distance(id, policy->id);
        if (d < d_nearest) {
            second = nearest;
            d_second = d_nearest;
            nearest = policy;
            d_nearest = d;
        } else if (d < d_second) {
            second = policy;
            d_second = d;
        }
    }
    lethe_fail(err, LETHE_E_NOT_FOUND, "there is no policy \"%.80s\"", id);
    if (second)
        lethe_error_remedy(err, "did you mean %s or %s? \"lethe policy list\" shows all",
                           nearest->id, second->id);
    return NULL;
}
