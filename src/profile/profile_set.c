/* SPDX-License-Identifier: Apache-2.0 */
/* All device profiles of some folders, the one that fits a device, and why. */
#include <lethe/profile.h>

#include "profile/folder.h"
#include "profile/match.h"
#include "profile/memo.h"
#include <stdlib.h>
#include <string.h>

struct lethe_profile_set {
    size_t n;
    struct lethe_profile **profiles;
};

static int set_push(struct lethe_profile_set *set, struct lethe_profile *profile)
{
    struct lethe_profile **more = realloc(set->profiles, (set->n + 1) * sizeof(*more));
    if (!more)
        return -LETHE_E_INTERNAL;
    set->profiles = more;
    set->profiles[set->n++] = profile;
    return 0;
}

/* The most specific profile wins and nothing is merged, so two equally specific ones for one
 * device would make the choice an accident of file names. */
static int check_against(const struct lethe_profile *old, const struct lethe_profile *new,
                         struct lethe_error *err)
{
    if (strcmp(old->id, new->id) == 0)
        return lethe_fail(err, LETHE_E_INVALID, "profile \"%s\" is in both %s and %s", new->id,
                          old->file, new->file);
    if (lethe_match_score(&old->match) != lethe_match_score(&new->match) ||
        !lethe_match_meet(&old->match, &new->match))
        return 0;
    lethe_fail(err, LETHE_E_INVALID, "%s and %s are equally specific and can match the same device",
               old->file, new->file);
    lethe_error_remedy(err, "give one of them another field to match by");
    return -LETHE_E_INVALID;
}

static int set_add(void *user, const char *path, const char *stem, const char *text, size_t len,
                   struct lethe_error *err)
{
    struct lethe_profile_set *set = user;
    struct lethe_profile *profile = NULL;
    int rc = lethe_profile_parse(path, text, len, &profile, err);
    if (rc < 0)
        return rc;
    if (strcmp(profile->id, stem) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s: holds the profile \"%s\"; call it %s.yaml", path,
                        profile->id, profile->id);
    for (size_t i = 0; rc == 0 && i < set->n; i++)
        rc = check_against(set->profiles[i], profile, err);
    if (rc == 0 && set_push(set, profile) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc < 0)
        lethe_profile_free(profile);
    return rc;
}

/* As it was when it was checked. */
static int set_take(void *user, const void *record)
{
    struct lethe_profile *profile = malloc(sizeof(*profile));
    if (!profile)
        return -LETHE_E_INTERNAL;
    memcpy(profile, record, sizeof(*profile));
    int rc = set_push(user, profile);
    if (rc < 0)
        lethe_profile_free(profile);
    return rc;
}

static const void *set_at(const void *user, size_t i)
{
    return lethe_profile_at(user, i);
}

int lethe_profile_set_load_kept(const char *const *dirs, const char *memo,
                                struct lethe_profile_set **out, struct lethe_error *err)
{
    struct lethe_memo kept;
    int rc = lethe_memo_open(&kept, memo, sizeof(struct lethe_profile), dirs, err);
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
        lethe_profile_set_free(*out);
        *out = NULL;
    }
    return rc;
}

int lethe_profile_set_load(const char *const *dirs, struct lethe_profile_set **out,
                           struct lethe_error *err)
{
    return lethe_profile_set_load_kept(dirs, NULL, out, err);
}

void lethe_profile_set_free(struct lethe_profile_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n; i++)
        lethe_profile_free(set->profiles[i]);
    free(set->profiles);
    free(set);
}

size_t lethe_profile_count(const struct lethe_profile_set *set)
{
    return set->n;
}

const struct lethe_profile *lethe_profile_at(const struct lethe_profile_set *set, size_t i)
{
    return i < set->n ? set->profiles[i] : NULL;
}

static const struct lethe_profile *set_best(const struct lethe_profile_set *set,
                                            const struct lethe_identity *identity)
{
    const struct lethe_profile *best = NULL;
    for (size_t i = 0; i < set->n; i++) {
        const struct lethe_profile *p = set->profiles[i];
        if (!lethe_match_mismatch(&p->match, identity) &&
            (!best || lethe_match_score(&p->match) > lethe_match_score(&best->match)))
            best = p;
    }
    return best;
}

int lethe_profile_find(const struct lethe_profile_set *set, const struct lethe_identity *identity,
                       const struct lethe_profile **out, struct lethe_error *err)
{
    *out = set_best(set, identity);
    if (*out)
        return 0;
    lethe_fail(err, LETHE_E_NOT_FOUND,
               "no device profile knows this device: class %s, bus %s, media %s, substrate %s",
               lethe_device_class_name(identity->class_), lethe_bus_name(identity->bus),
               lethe_media_name(identity->media), lethe_substrate_name(identity->substrate));
    lethe_error_effect(err, "nothing was sent to the device");
    lethe_error_remedy(err, "\"lethe profile explain TARGET\" shows what each profile asks for; "
                            "write one for this family as CONTRIBUTING.md says");
    return -LETHE_E_NOT_FOUND;
}

void lethe_profile_quirks(const struct lethe_profile_set *set,
                          const struct lethe_identity *identity, struct lethe_quirks *out)
{
    struct lethe_identity id = *identity;
    unsigned best = 0;
    if (id.substrate == LETHE_SUBSTRATE_EMULATED) {
        id.substrate = LETHE_SUBSTRATE_PHYSICAL;
        id.bus = id.usb_vendor ? LETHE_BUS_USB : id.bus;
    }
    *out = (struct lethe_quirks){0};
    for (size_t i = 0; i < set->n; i++) {
        const struct lethe_profile *p = set->profiles[i];
        if (lethe_match_mismatch(&p->match, &id))
            continue;
        out->words |= p->quirks.words;
        if (p->quirks.path == LETHE_CARRIES_UNKNOWN || lethe_match_score(&p->match) < best)
            continue;
        best = lethe_match_score(&p->match);
        out->path = p->quirks.path;
    }
}

json_t *lethe_profile_explain(const struct lethe_profile_set *set,
                              const struct lethe_identity *identity)
{
    const struct lethe_profile *best = set_best(set, identity);
    struct lethe_quirks quirks;
    json_t *candidates = json_array();
    lethe_profile_quirks(set, identity, &quirks);
    for (size_t i = 0; i < set->n; i++) {
        const struct lethe_profile *p = set->profiles[i];
        json_array_append_new(candidates, json_pack("{s:s, s:i, s:s?}", "id", p->id, "score",
                                                    (int)lethe_match_score(&p->match), "mismatch",
                                                    lethe_match_mismatch(&p->match, identity)));
    }
    return json_pack("{s:o, s:s?, s:o, s:o}", "identity", lethe_identity_to_json(identity),
                     "chosen", best ? best->id : NULL, "quirks", lethe_quirks_to_json(&quirks),
                     "candidates", candidates);
}
