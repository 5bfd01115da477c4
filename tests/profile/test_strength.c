/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To know the name of a drive is not to know less of it: no family of drives is weaker than the
 * generic profile that it would have without its own, technique by technique, unless a quirk takes
 * the technique away or EXCUSED says what was reported of the family.
 */
#include <lethe/profile.h>
#include <lethe/technique.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static const char *const generics[] = {"disk-flash", "disk-magnetic", "disk-unknown", "nvme-flash"};

static const struct {
    const char *id, *technique, *why; /* a glob's beginning; "" all */
} excused[] = {
    {"sk-hynix-pc801", "nvme-sanitize", "nvme-cli issue 2710"},
    {"intel-760p-oem", "nvme-sanitize", "nvme-cli issue 2677"},
    /* Of drives with zones what is reported of others counts as untested (docs/profiles.md). */
    {"hgst-hc620-sas", "", "zones"},
    {"hgst-hc620-sata", "", "zones"},
    {"wd-hc650-sas", "", "zones"},
    {"wd-hc650-sata", "", "zones"},
};

static const char *excuse(const char *id, const char *technique)
{
    for (size_t i = 0; i < sizeof(excused) / sizeof(*excused); i++)
        if (strcmp(id, excused[i].id) == 0 &&
            strncmp(technique, excused[i].technique, strlen(excused[i].technique)) == 0)
            return excused[i].why;
    return NULL;
}

static bool is_generic(const char *id)
{
    for (size_t i = 0; i < sizeof(generics) / sizeof(*generics); i++)
        if (strcmp(id, generics[i]) == 0)
            return true;
    return false;
}

static bool overlap(unsigned a, unsigned b)
{
    return a == 0 || b == 0 || a & b;
}

static bool of_same_drives(const struct lethe_profile_match *a, const struct lethe_profile_match *b)
{
    return overlap(a->classes, b->classes) && overlap(a->buses, b->buses) &&
           overlap(a->medias, b->medias) && overlap(a->substrates, b->substrates) &&
           !a->usb_vendor && !a->bridge[0] && !(a->buses & 1u << LETHE_BUS_USB) && a->buses;
}

/* A family of SAS drives alone has no ATA commands to be weaker in, one of SATA drives no SCSI's.
 */
static bool could_have(const struct lethe_profile *family, const struct lethe_technique *technique)
{
    bool sas = family->match.buses == 1u << LETHE_BUS_SCSI;
    return technique->protocol == LETHE_PROTOCOL_ATA    ? !sas
           : technique->protocol == LETHE_PROTOCOL_SCSI ? sas
                                                        : true;
}

/* Does a quirk of the family's take it away? */
static bool is_taken(const struct lethe_profile *family, const struct lethe_technique *technique)
{
    struct lethe_facts facts = {.can = technique->capability};
    lethe_facts_limit(&facts, &family->quirks);
    return technique->capability && facts.can == 0;
}

static const struct lethe_profile_technique *entry(const struct lethe_profile *profile,
                                                   const char *technique)
{
    for (size_t i = 0; i < profile->n_techniques; i++)
        if (strcmp(profile->techniques[i].technique, technique) == 0)
            return &profile->techniques[i];
    return NULL;
}

static size_t compare(const struct lethe_profile *family, const struct lethe_profile *generic)
{
    size_t weaker = 0;
    for (size_t i = 0; i < generic->n_techniques; i++) {
        const struct lethe_profile_technique *least = &generic->techniques[i];
        const struct lethe_technique *technique = lethe_technique_find(least->technique);
        const struct lethe_profile_technique *own = entry(family, least->technique);
        assert_non_null(technique);
        bool flash = family->match.medias != 1u << LETHE_MEDIA_MAGNETIC;
        if (!could_have(family, technique) || is_taken(family, technique) ||
            (technique->kind == LETHE_KIND_BLOCK_ERASE && !flash) ||
            (own && own->status >= least->status) || excuse(family->id, least->technique))
            continue;
        weaker++;
        print_error("%s: %s is %s, and %s by %s\n", family->id, least->technique,
                    own ? lethe_test_status_name(own->status) : "not listed",
                    lethe_test_status_name(least->status), generic->id);
    }
    return weaker;
}

static void no_family_is_weaker_than_its_kind(void **state)
{
    static const char *const dirs[] = {LETHE_SOURCE_DIR "/profiles/devices", NULL};
    struct lethe_profile_set *set = NULL;
    size_t weaker = 0, families = 0;
    (void)state;
    assert_int_equal(lethe_profile_set_load(dirs, &set, NULL), 0);
    for (size_t i = 0; i < lethe_profile_count(set); i++) {
        const struct lethe_profile *family = lethe_profile_at(set, i);
        if (is_generic(family->id))
            continue;
        bool counted = false;
        for (size_t j = 0; j < lethe_profile_count(set); j++) {
            const struct lethe_profile *generic = lethe_profile_at(set, j);
            if (!is_generic(generic->id) || !of_same_drives(&family->match, &generic->match))
                continue;
            weaker += compare(family, generic);
            counted = true;
        }
        families += counted;
    }
    lethe_profile_set_free(set);
    assert_int_equal(weaker, 0);
    assert_true(families >= 38); /* none was passed over */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_family_is_weaker_than_its_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
