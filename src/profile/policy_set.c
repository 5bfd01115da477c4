/* SPDX-License-Identifier: Apache-2.0 */
/* All policies of some folders: whole or not there. */
#include <lethe/policy.h>

#include "profile/folder.h"
#include "profile/memo.h"
#include <stdlib.h>
#include <string.h>

struct lethe_policy_set {
    size_t n;
    struct lethe_policy **policies;
};

static int set_push(struct lethe_policy_set *set, struct lethe_policy *policy)
{
    struct lethe_policy **more = realloc(set->policies, (set->n + 1) * sizeof(*more));
    if (!more)
        return -LETHE_E_INTERNAL;
    set->policies = more;
    set->policies[set->n++] = policy;
    return 0;
}

static int set_add(void *user, const char *path, const char *stem, const char *text, size_t len,
                   struct lethe_error *err)
{
    struct lethe_policy_set *set = user;
    struct lethe_policy *policy = NULL;
    int rc = lethe_policy_parse(path, text, len, &policy, err);
    if (rc < 0)
        return rc;
    if (strcmp(policy->id, stem) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s: holds the policy \"%s\"; call it %s.yaml", path,
                        policy->id, policy->id);
    for (size_t i = 0; rc == 0 && i < set->n; i++)
        if (strcmp(set->policies[i]->id, policy->id) == 0)
            rc = lethe_fail(err, LETHE_E_INVALID, "policy \"%s\" is in both %s and %s", policy->id,
                            set->policies[i]->file, path);
    if (rc == 0 && set_push(set, policy) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc < 0)
        lethe_policy_free(policy);
    return rc;
}

/* As it was when it was checked. */
static int set_take(void *user, const void *record)
{
    struct lethe_policy *policy = malloc(sizeof(*policy));
    if (!policy)
        return -LETHE_E_INTERNAL;
    memcpy(policy, record, sizeof(*policy));
    int rc = set_push(user, policy);
    if (rc < 0)
        lethe_policy_free(policy);
    return rc;
}

static const void *set_at(const void *user, size_t i)
{
    return lethe_policy_at(user, i);
}

int lethe_policy_set_load_kept(const char *const *dirs, const char *memo,
                               struct lethe_policy_set **out, struct lethe_error *err)
{
    struct lethe_memo kept;
    int rc = lethe_memo_open(&kept, memo, sizeof(struct lethe_policy), dirs, err);
    *out = rc < 0 ? NULL : calloc(1, sizeof(**out));
    if (!*out)
        return rc < 0 ? rc : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    rc = lethe_memo_read(&kept, set_take, *out);
    if (rc > 0)
        return 0;
    rc = rc < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
                : lethe_folder_each(dirs, set_add, *out, err);
    if (rc == 0)
        lethe_memo_write(&kept, set_at, *out, (*out)->n);
    if (rc < 0) {
        lethe_policy_set_free(*out);
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
    if (!set)
        return;
    for (size_t i = 0; i < set->n; i++)
        lethe_policy_free(set->policies[i]);
    free(set->policies);
    free(set);
}

size_t lethe_policy_count(const struct lethe_policy_set *set)
{
    return set->n;
}

const struct lethe_policy *lethe_policy_at(const struct lethe_policy_set *set, size_t i)
{
    return i < set->n ? set->policies[i] : NULL;
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
    for (size_t i = 0; i < set->n; i++) {
        const struct lethe_policy *policy = set->policies[i];
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
