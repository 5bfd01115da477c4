/* SPDX-License-Identifier: Apache-2.0 */
/* What we know of a family of devices, as data: profiles/devices/ID.yaml. */
#ifndef LETHE_PROFILE_H
#define LETHE_PROFILE_H

#include <lethe/error.h>
#include <lethe/identity.h>
#include <lethe/words.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_PROFILE_TECHNIQUES_MAX 24
#define LETHE_PROFILE_NOTES_MAX 8

struct lethe_profile_technique {
    char technique[40]; /* name in the technique registry */
    enum lethe_test_status status;
    char evidence[256]; /* who showed it, where */
};

/* Every field given must match; empty ones match anything. Patterns are globs of '*' and '?',
 * case-insensitive. Specificity = number of fields given, an exact string or id counting more than
 * a glob; see profile/match.c. */
struct lethe_profile_match {
    unsigned classes, buses, medias, substrates; /* bit sets; 0 = any */
    char vendor[64], model[96], firmware[32], bridge[96];
    uint16_t usb_vendor, usb_product;
};

struct lethe_profile {
    char id[64];
    char title[128];
    struct lethe_profile_match match;
    size_t n_techniques; /* in order of preference */
    struct lethe_profile_technique techniques[LETHE_PROFILE_TECHNIQUES_MAX];
    size_t n_limitations; /* sentences for plan and certificate */
    char limitations[LETHE_PROFILE_NOTES_MAX][256];
    char source[256];
    char hash[65];
    char file[256];
};

struct lethe_profile_set;
/* As for policies; two profiles of equal specificity that can both match some device are a load
 * error. */
int lethe_profile_set_load(const char *const *dirs, struct lethe_profile_set **out,
                           struct lethe_error *err);
void lethe_profile_set_free(struct lethe_profile_set *set);
size_t lethe_profile_count(const struct lethe_profile_set *set);
const struct lethe_profile *lethe_profile_at(const struct lethe_profile_set *set, size_t i);
int lethe_profile_parse(const char *name, const char *text, size_t len, struct lethe_profile **out,
                        struct lethe_error *err);
void lethe_profile_free(struct lethe_profile *profile);
/* The most specific match, or -LETHE_E_NOT_FOUND (what would help). Ties can't be: they are a load
 * error. */
int lethe_profile_find(const struct lethe_profile_set *set, const struct lethe_identity *identity,
                       const struct lethe_profile **out, struct lethe_error *err);
/* Why: every profile with its score and the first field that did not match, as JSON
 * {"identity":{...},"chosen":"id","candidates":[{"id","score","mismatch"}]}. */
json_t *lethe_profile_explain(const struct lethe_profile_set *set,
                              const struct lethe_identity *identity);

#ifdef __cplusplus
}
#endif
#endif
