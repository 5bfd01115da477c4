/* SPDX-License-Identifier: Apache-2.0 */
/* A device profile that loads keeps its promises, and matching it is cheap and agrees with itself.
 */
#include <lethe/profile.h>

#include "profile/match.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

static void check(const struct lethe_profile *p)
{
    struct lethe_identity id = {.class_ = LETHE_CLASS_DISK, .bus = LETHE_BUS_USB};
    require(p->n_techniques >= 1 && p->n_techniques <= LETHE_PROFILE_TECHNIQUES_MAX);
    require(p->n_limitations <= LETHE_PROFILE_NOTES_MAX && strlen(p->hash) == 64);
    require(lethe_match_score(&p->match) > 0);
    require(!p->match.usb_product || p->match.usb_vendor);
    require(lethe_match_meet(&p->match, &p->match));
    /* a device that is called like the glob itself, stars and all, is matched by it */
    memcpy(id.vendor, p->match.vendor, sizeof(id.vendor));
    memcpy(id.model, p->match.model, sizeof(id.model));
    const char *mismatch = lethe_match_mismatch(&p->match, &id);
    require(!mismatch || (strcmp(mismatch, "vendor") != 0 && strcmp(mismatch, "model") != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_profile *profile = NULL;
    struct lethe_error err = {0};
    int rc = lethe_profile_parse("fuzz.yaml", (const char *)data, size, &profile, &err);
    require(rc == 0 ? profile != NULL : profile == NULL && err.what[0] != '\0');
    if (profile)
        check(profile);
    lethe_profile_free(profile);
    return 0;
}
