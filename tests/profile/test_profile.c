/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/profile.h>

#include "base/file.h"
#include "base/json.h"
#include "profile/glob.h"
#include "profile/match.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static const char *const shipped[] = {LETHE_SOURCE_DIR "/profiles/devices", NULL};

static struct lethe_profile_set *load(void)
{
    struct lethe_profile_set *set = NULL;
    struct lethe_error err = {0};
    if (lethe_profile_set_load(shipped, &set, &err) < 0)
        fail_msg("%s", err.what);
    return set;
}

static struct lethe_identity disk(enum lethe_bus bus, enum lethe_media media,
                                  enum lethe_substrate substrate)
{
    return (struct lethe_identity){.class_ = LETHE_CLASS_DISK,
                                   .bus = bus,
                                   .media = media,
                                   .substrate = substrate,
                                   .capacity = 1000000,
                                   .logical_block = 512};
}

static void every_family_finds_its_profile(void **state)
{
    static const struct {
        enum lethe_bus bus;
        enum lethe_media media;
        enum lethe_substrate substrate;
        const char *id;
        enum lethe_test_status status;
    } table[] = {
        {LETHE_BUS_ATA, LETHE_MEDIA_MAGNETIC, LETHE_SUBSTRATE_PHYSICAL, "disk-magnetic",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_SCSI, LETHE_MEDIA_MAGNETIC, LETHE_SUBSTRATE_VIRTUAL, "disk-magnetic",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_ATA, LETHE_MEDIA_FLASH, LETHE_SUBSTRATE_PHYSICAL, "disk-flash",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_SCSI, LETHE_MEDIA_UNKNOWN, LETHE_SUBSTRATE_PHYSICAL, "disk-unknown",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_NVME, LETHE_MEDIA_FLASH, LETHE_SUBSTRATE_PHYSICAL, "nvme-flash",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_USB, LETHE_MEDIA_FLASH, LETHE_SUBSTRATE_PHYSICAL, "usb-flash",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_USB, LETHE_MEDIA_MAGNETIC, LETHE_SUBSTRATE_PHYSICAL, "usb-magnetic",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_USB, LETHE_MEDIA_UNKNOWN, LETHE_SUBSTRATE_PHYSICAL, "usb-storage",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_MMC, LETHE_MEDIA_FLASH, LETHE_SUBSTRATE_PHYSICAL, "mmc", LETHE_STATUS_UNTESTED},
        {LETHE_BUS_VIRTIO, LETHE_MEDIA_MAGNETIC, LETHE_SUBSTRATE_VIRTUAL, "virtio-disk",
         LETHE_STATUS_REPORTED},
        {LETHE_BUS_LOOP, LETHE_MEDIA_FILE, LETHE_SUBSTRATE_VIRTUAL, "loop-device",
         LETHE_STATUS_TESTED},
        {LETHE_BUS_EMULATED, LETHE_MEDIA_FLASH, LETHE_SUBSTRATE_EMULATED, "emulated-disk",
         LETHE_STATUS_TESTED},
        /* an emulated stick is emulated first */
        {LETHE_BUS_USB, LETHE_MEDIA_FLASH, LETHE_SUBSTRATE_EMULATED, "emulated-disk",
         LETHE_STATUS_TESTED},
    };
    (void)state;
    struct lethe_profile_set *set = load();
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lethe_identity id = disk(table[i].bus, table[i].media, table[i].substrate);
        const struct lethe_profile *found = NULL;
        assert_int_equal(lethe_profile_find(set, &id, &found, NULL), 0);
        assert_string_equal(found->id, table[i].id);
        size_t last = found->n_techniques - 1;
        if (strcmp(found->techniques[last].technique, "scsi-format-unit") == 0)
            last--;
        assert_string_equal(found->techniques[last].technique, "overwrite");
        assert_int_equal(found->techniques[0].status, table[i].status);
        assert_true(found->n_limitations > 0);
    }
    struct lethe_identity image = disk(LETHE_BUS_FILE, LETHE_MEDIA_FILE, LETHE_SUBSTRATE_IMAGE);
    const struct lethe_profile *found = NULL;
    image.class_ = LETHE_CLASS_IMAGE;
    assert_int_equal(lethe_profile_find(set, &image, &found, NULL), 0);
    assert_string_equal(found->id, "image-file");
    lethe_profile_set_free(set);
}

static void only_what_our_tests_run_on_is_called_tested(void **state)
{
    (void)state;
    struct lethe_profile_set *set = load();
    for (size_t i = 0; i < lethe_profile_count(set); i++) {
        const struct lethe_profile *p = lethe_profile_at(set, i);
        bool physical =
            p->match.substrates == 0 || p->match.substrates & 1u << LETHE_SUBSTRATE_PHYSICAL;
        for (size_t t = 0; t < p->n_techniques; t++)
            assert_false(physical && p->techniques[t].status == LETHE_STATUS_TESTED);
    }
    lethe_profile_set_free(set);
}

static void a_device_nobody_knows_is_not_found(void **state)
{
    (void)state;
    struct lethe_profile_set *set = load();
    struct lethe_identity camera = disk(LETHE_BUS_USB, LETHE_MEDIA_FLASH, LETHE_SUBSTRATE_PHYSICAL);
    const struct lethe_profile *found = NULL;
    struct lethe_error err;
    camera.class_ = LETHE_CLASS_UNKNOWN;
    assert_int_equal(lethe_profile_find(set, &camera, &found, &err), -LETHE_E_NOT_FOUND);
    assert_null(found);
    assert_non_null(strstr(err.what, "class unknown, bus usb"));
    assert_non_null(strstr(err.remedy, "lethe profile explain"));
    LETHE_JSON_AUTO *why = lethe_profile_explain(set, &camera);
    assert_true(json_is_null(json_object_get(why, "chosen")) || !json_object_get(why, "chosen"));
    lethe_profile_set_free(set);
}

static void explain_names_the_first_mismatch(void **state)
{
    (void)state;
    struct lethe_profile_set *set = load();
    struct lethe_identity id = disk(LETHE_BUS_USB, LETHE_MEDIA_FLASH, LETHE_SUBSTRATE_PHYSICAL);
    LETHE_JSON_AUTO *why = lethe_profile_explain(set, &id);
    assert_string_equal(json_string_value(json_object_get(why, "chosen")), "usb-flash");
    size_t i;
    json_t *candidate;
    json_array_foreach(json_object_get(why, "candidates"), i, candidate)
    {
        const char *name = json_string_value(json_object_get(candidate, "id"));
        const char *mismatch = json_string_value(json_object_get(candidate, "mismatch"));
        if (strcmp(name, "usb-flash") == 0 || strcmp(name, "usb-storage") == 0)
            assert_null(mismatch);
        else if (strcmp(name, "usb-magnetic") == 0)
            assert_string_equal(mismatch, "medias");
        else
            assert_non_null(mismatch);
    }
    assert_int_equal(i, lethe_profile_count(set));
    lethe_profile_set_free(set);
}

static int set_of(const char *const *matches, struct lethe_error *err)
{
    char dir[] = "/tmp/lethe-profile-XXXXXX", path[128], text[1024];
    struct lethe_profile_set *set = NULL;
    int n = 0;
    assert_non_null(mkdtemp(dir));
    const char *const dirs[] = {dir, NULL};
    for (; matches[n]; n++) {
        snprintf(path, sizeof(path), "%s/p%d.yaml", dir, n);
        snprintf(text, sizeof(text),
                 "id: p%d\ntitle: t\nmatch: {%s}\ntechniques:\n  - technique: overwrite\n"
                 "    status: reported\n    evidence: e\nlimitations: []\nsource: s\n",
                 n, matches[n]);
        assert_int_equal(lethe_file_write(path, text, strlen(text), 0600, NULL), 0);
    }
    int rc = lethe_profile_set_load(dirs, &set, err);
    lethe_profile_set_free(set);
    while (n-- > 0) {
        snprintf(path, sizeof(path), "%s/p%d.yaml", dir, n);
        unlink(path);
    }
    rmdir(dir);
    return rc;
}

static void ties_are_load_errors(void **state)
{
    static const struct {
        const char *matches[3];
        bool tie;
    } table[] = {
        {{"buses: [usb]", "buses: [usb, ata]", NULL}, true},
        {{"buses: [usb]", "buses: [ata]", NULL}, false},
        {{"buses: [usb]", "medias: [flash]", NULL}, true},
        {{"buses: [usb]", "buses: [usb], medias: [flash]", NULL}, false}, /* more specific */
        {{"model: \"ST5*\"", "model: \"*500\"", NULL}, true},
        {{"model: \"ST*\"", "model: \"*500\"", NULL}, false}, /* more signs */
        {{"model: \"ST*\"", "model: \"WD*\"", NULL}, false},
        {{"model: \"ST500\"", "model: \"st500\"", NULL}, true}, /* case does not tell apart */
        {{"model: \"ST500\"", "model: \"ST*\"", NULL}, false},  /* exact beats glob */
        {{"usb_vendor: \"152d\"", "usb_vendor: \"152d\"", NULL}, true},
        {{"usb_vendor: \"152d\"", "usb_vendor: \"0bda\"", NULL}, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lethe_error err = {0};
        int rc = set_of(table[i].matches, &err);
        print_message("%s | %s: %s\n", table[i].matches[0], table[i].matches[1], err.what);
        assert_int_equal(rc, table[i].tie ? -LETHE_E_INVALID : 0);
        if (table[i].tie)
            assert_non_null(strstr(err.what, "equally specific"));
    }
}

static void globs_match_and_meet(void **state)
{
    (void)state;
    assert_true(lethe_glob_match("ST*-??", "st3500-1a"));
    assert_false(lethe_glob_match("ST*-??", "st3500-1"));
    assert_true(lethe_glob_match("*", ""));
    assert_false(lethe_glob_match("?", ""));
    /* the text is data: its stars are stars */
    assert_false(lethe_glob_match("abc", "a*c"));
    assert_false(lethe_glob_match("ab", "a?"));
    assert_true(lethe_glob_match("a*c", "a*c"));
    assert_true(lethe_glob_match("[a]", "[a]"));
    assert_true(lethe_glob_meet("a*", "*b"));
    assert_true(lethe_glob_meet("a?c", "ab*"));
    assert_true(lethe_glob_meet("a**", "*?a*"));
    assert_false(lethe_glob_meet("a?", "abc"));
    assert_false(lethe_glob_meet("a*c", "b*"));
    assert_true(lethe_glob_meet("*", ""));
    /* time does not explode */
    assert_false(
        lethe_glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*b",
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_finds_its_profile),
        cmocka_unit_test(only_what_our_tests_run_on_is_called_tested),
        cmocka_unit_test(a_device_nobody_knows_is_not_found),
        cmocka_unit_test(explain_names_the_first_mismatch),
        cmocka_unit_test(ties_are_load_errors),
        cmocka_unit_test(globs_match_and_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
