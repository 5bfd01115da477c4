/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/match.h"

#include "profile/glob.h"

static unsigned score_set(unsigned bits)
{
    return bits ? 1 : 0;
}

/* A glob is as narrow as it has signs of its own. */
static unsigned score_text(const char *pattern)
{
    unsigned score = LETHE_SCORE_GLOB;
    if (!pattern[0])
        return 0;
    if (!lethe_glob_is_wild(pattern))
        return LETHE_SCORE_EXACT;
    for (; *pattern; pattern++)
        score += *pattern != '*' && *pattern != '?';
    return score;
}

static unsigned score_id(unsigned id)
{
    return id ? LETHE_SCORE_EXACT : 0;
}

unsigned lethe_match_score(const struct lethe_profile_match *m)
{
    return score_set(m->classes) + score_set(m->buses) + score_set(m->medias) +
           score_set(m->substrates) + score_text(m->vendor) + score_text(m->model) +
           score_text(m->firmware) + score_text(m->bridge) + score_id(m->usb_vendor) +
           score_id(m->usb_product) + score_id(m->usb_release);
}

static bool fits_set(unsigned bits, unsigned value)
{
    return bits == 0 || bits & 1u << value;
}

static bool fits_text(const char *pattern, const char *text)
{
    return !pattern[0] || lethe_glob_match(pattern, text);
}

const char *lethe_match_mismatch(const struct lethe_profile_match *m,
                                 const struct lethe_identity *id)
{
    return !fits_set(m->classes, id->class_)                     ? "classes"
           : !fits_set(m->buses, id->bus)                        ? "buses"
           : !fits_set(m->medias, id->media)                     ? "medias"
           : !fits_set(m->substrates, id->substrate)             ? "substrates"
           : m->usb_vendor && m->usb_vendor != id->usb_vendor    ? "usb_vendor"
           : !fits_text(m->vendor, id->vendor)                   ? "vendor"
           : !fits_text(m->model, id->model)                     ? "model"
           : !fits_text(m->firmware, id->firmware)               ? "firmware"
           : !fits_text(m->bridge, id->bridge)                   ? "bridge"
           : m->usb_product && m->usb_product != id->usb_product ? "usb_product"
           : m->usb_release && m->usb_release != id->usb_release ? "usb_release"
                                                                 : NULL;
}

static bool meet_set(unsigned a, unsigned b)
{
    return a == 0 || b == 0 || a & b;
}

static bool meet_text(const char *a, const char *b)
{
    return !a[0] || !b[0] || lethe_glob_meet(a, b);
}

static bool meet_id(unsigned a, unsigned b)
{
    return a == 0 || b == 0 || a == b;
}

bool lethe_match_meet(const struct lethe_profile_match *a, const struct lethe_profile_match *b)
{
    return meet_set(a->classes, b->classes) && meet_set(a->buses, b->buses) &&
           meet_set(a->medias, b->medias) && meet_set(a->substrates, b->substrates) &&
           meet_text(a->vendor, b->vendor) && meet_text(a->model, b->model) &&
           meet_text(a->firmware, b->firmware) && meet_text(a->bridge, b->bridge) &&
           meet_id(a->usb_vendor, b->usb_vendor) && meet_id(a->usb_product, b->usb_product) &&
           meet_id(a->usb_release, b->usb_release);
}
