/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/technique.h>
#include <string.h>

#define X(symbol) extern const struct lethe_technique symbol;
#include "technique/techniques.def"
#undef X

#define X(symbol) &symbol,
static const struct lethe_technique *const techniques[] = {
#include "technique/techniques.def"
};
#undef X

size_t lethe_technique_count(void)
{
    return sizeof(techniques) / sizeof(techniques[0]);
}

const struct lethe_technique *lethe_technique_at(size_t i)
{
    return i < lethe_technique_count() ? techniques[i] : NULL;
}

const struct lethe_technique *lethe_technique_find(const char *name)
{
    for (size_t i = 0; i < lethe_technique_count(); i++) {
        if (strcmp(techniques[i]->name, name) == 0)
            return techniques[i];
    }
    return NULL;
}

enum lethe_method lethe_technique_method(const struct lethe_technique *technique,
                                         enum lethe_media media)
{
    /* A host reaches only what the device maps now, on any media: over-provisioned and reallocated
     * blocks stay (NIST SP 800-88r2 section 3.1.1, IEEE 2883-2022 Clear). And what a device does to
     * itself is Purge only where we know the media it has. */
    bool clear_at_most =
        (technique->flags & LETHE_TECHNIQUE_HOST) ||
        (technique->flags & LETHE_TECHNIQUE_FLASH_CLEAR && media == LETHE_MEDIA_FLASH) ||
        media == LETHE_MEDIA_UNKNOWN || media == LETHE_MEDIA_FILE;
    return clear_at_most && technique->method > LETHE_METHOD_CLEAR ? LETHE_METHOD_CLEAR
                                                                   : technique->method;
}
