/* SPDX-License-Identifier: Apache-2.0 */
/* All device profiles of some folders, the one that fits a device, and why. */
#include <lethe/profile.h>

#include "profile/match.h"
#include "profile/set.h"
#include <stdlib.h>
#include <string.h>

struct lethe_profile_set {
    struct lethe_set all;
};

/* The most specific profile wins and nothing is merged, so two equally specific ones for one
 * device would make the choice an accident of file names. */
static int agree(const void *one, const void *other, struct lethe_error *err)
{
    const struct lethe_profile *old = one, *new = other;
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

static int parse(const char *name, const char *text, size_t len, void **out,
                 struct lethe_error *err)
{
    struct lethe_profile *one = NULL;
    int rc = lethe_profile_parse(name, text, len, &one, err);
    *out = one;
    return rc;
}

static bool sound(const void *item)
{
    const struct lethe_profile *profile = item;
    return profile->n_techniques <= LETHE_PROFILE_TECHNIQUES_MAX &&
           profile->n_limitations <= LETHE_PROFILE_NOTES_MAX && profile->n_guide <= LETHE_GUIDE_MAX;
}

static const struct lethe_set_kind kind = {.noun = "profile",
                                           .size = sizeof(struct lethe_profile),
                                           .id = offsetof(struct lethe_profile, id),
                                           .parse = parse,
                                           .agree = agree,
                                           .sound = sound};

int lethe_profile_set_load_kept(const char *const *dirs, const char *memo,
                                struct lethe_profile_set **out, struct lethe_error *err)
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

int lethe_profile_set_load(const char *const *dirs, struct lethe_profile_set **out,
                           struct lethe_error *err)
{
    return lethe_profile_set_load_kept(dirs, NULL, out, err);
}

void lethe_profile_set_free(struct lethe_profile_set *set)
{
    if (set)
        lethe_set_clear(&set->all);
    free(set);
}

size_t lethe_profile_count(const struct lethe_profile_set *set)
{
    return set->all.n;
}

const struct lethe_profile *lethe_profile_at(const struct lethe_profile_set *set, size_t i)
{
    return i < set->all.n ? set->all.items[i] : NULL;
}

static const struct lethe_profile *set_best(const struct lethe_profile_set *set,
                                            const struct lethe_identity *identity)
{
    const struct lethe_profile *best = NULL;
    for (size_t i = 0; i < set->all.n; i++) {
        const struct lethe_profile *p = set->all.items[i];
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
    for (size_t i = 0; i < set->all.n; i++) {
        const struct lethe_profile *p = set->all.items[i];
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
    for (size_t i = 0; i < set->all.n; i++) {
        const struct lethe_profile *p = set->all.items[i];
        json_array_append_new(candidates, json_pack("{s:s, s:i, s:s?}", "id", p->id, "score",
                                                    (int)lethe_match_score(&p->match), "mismatch",
                                                    lethe_match_mismatch(&p->match, identity)));
    }
    return json_pack("{s:o, s:s?, s:o, s:o}", "identity", lethe_identity_to_json(identity),
                     "chosen", best ? best->id : NULL, "quirks", lethe_quirks_to_json(&quirks),
                     "candidates", candidates);
}
