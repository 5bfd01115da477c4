/* SPDX-License-Identifier: Apache-2.0 */
/* What the verifier knows of each technique is what the technique says of itself: else a
 * certificate would be refused for what was rightly done, or believed for what can't be. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "cert/technique.h"
#include <lethe/phone.h>
#include <lethe/technique.h>
#include <string.h>

static const char *kind_of(const struct lethe_technique *t)
{
    switch (t->kind) {
    case LETHE_KIND_BLOCK_ERASE:
        return "block-erase";
    case LETHE_KIND_CRYPTO_ERASE:
        return "crypto-erase";
    case LETHE_KIND_RESET:
        return "reset";
    case LETHE_KIND_OVERWRITE:
        break;
    }
    return "overwrite";
}

static unsigned modes_of(const struct lethe_known_technique *known)
{
    unsigned modes = 0;
    for (int mode = 0; known->back && mode < LETHE_MODE_COUNT; mode++)
        if (lethe_known_lists(known->back, lethe_phone_mode_name((enum lethe_phone_mode)mode)))
            modes |= 1u << mode;
    return modes;
}

static void compare_phone(const struct lethe_technique *t,
                          const struct lethe_known_technique *known)
{
    assert_int_equal(modes_of(known), t->returns);
    assert_int_equal(known->part == LETHE_PART_GUIDED, (t->flags & LETHE_TECHNIQUE_GUIDED) != 0);
    assert_int_equal(known->part == LETHE_PART_MOVES, (t->flags & LETHE_TECHNIQUE_MOVES) != 0);
    assert_int_equal(known->part == LETHE_PART_FILLS, t->kind == LETHE_KIND_OVERWRITE);
    assert_int_equal(known->most[LETHE_MEDIA_FLASH], t->method);
    assert_int_equal(known->esim, (t->flags & LETHE_TECHNIQUE_ESIM) != 0);
}

static void compare_drive(const struct lethe_technique *t,
                          const struct lethe_known_technique *known)
{
    static const struct {
        enum lethe_protocol protocol;
        const char *bus, *set;
    } native[] = {{LETHE_PROTOCOL_ATA, "ata", "ATA"},
                  {LETHE_PROTOCOL_SCSI, "scsi", "SCSI"},
                  {LETHE_PROTOCOL_NVME, "nvme", "NVMe"},
                  {LETHE_PROTOCOL_MMC, "mmc", "MMC"}};
    assert_string_equal(known->kind, kind_of(t));
    assert_int_equal(known->host, (t->flags & LETHE_TECHNIQUE_HOST) != 0);
    for (int medium = 0; medium < 4; medium++)
        if (known->most[medium] != LETHE_CLAIMS_NOTHING)
            assert_int_equal(known->most[medium],
                             lethe_technique_method(t, (enum lethe_media)medium));
    for (size_t i = 0; i < sizeof(native) / sizeof(native[0]); i++)
        if (t->protocol == native[i].protocol) {
            assert_true(lethe_known_lists(known->buses, native[i].bus));
            assert_string_equal(known->set, native[i].set);
            assert_int_equal(strncmp(known->sends[0].spelt, native[i].set, strlen(known->set)), 0);
        }
}

static void test_known_as_they_are(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t i = 0; i < lethe_technique_count(); i++) {
        const struct lethe_technique *t = lethe_technique_at(i);
        const struct lethe_known_technique *known = lethe_known_technique(t->name);
        if (t->flags & LETHE_TECHNIQUE_OPENS)
            continue; /* erases nothing by its own claim, and is never claimed */
        if (!known)
            fail_msg("the verifier does not know %s", t->name);
        if (known->part)
            compare_phone(t, known);
        else
            compare_drive(t, known);
        n++;
    }
    assert_int_equal(n, lethe_known_techniques());
}

static void test_commands(void **state)
{
    (void)state;
    static const struct {
        const char *technique, *command;
        bool is;
    } due[] = {
        {"ata-sanitize-block", "ATA B4 feature 0012 count 0000 lba 0000426B4572", true},
        {"ata-sanitize-block", "ATA B4 feature 0012", false},
        {"ata-sanitize-block", "ATA B4 feature 0012 count 0010 lba 000043727970", false},
        {"ata-sanitize-overwrite", "ATA B4 feature 0014 count 0011 lba 4F5700000000", true},
        {"ata-sanitize-overwrite", "ATA B4 feature 0014 count 0011 lba 4F570000000", false},
        {"ata-sanitize-overwrite", "ATA B4 feature 0014 count 0011 lba 4F57000000000", false},
        {"ata-security-erase", "ATA F1 SECURITY SET PASSWORD", true}, /* sends, and not to erase */
        {"ata-sanitize-crypto", "ATA B4 feature 0012 count 0000 lba 0000426B4572", false},
        {"ata-security-erase", "ATA F4 SECURITY ERASE UNIT", true},
        {"ata-security-erase", "ATA F4 SECURITY ERASE UNIT, enhanced", false},
        {"scsi-sanitize-overwrite", "SCSI 48e10000000000000800", true},
        {"scsi-sanitize-overwrite", "SCSI 48820000000000000800", false},
        {"scsi-format-unit", "SCSI 041000000000", true},
        {"nvme-sanitize-crypto", "NVMe 84", false},
        {"mmc-sanitize", "MMC CMD6 03A50100", true},
        {"mmc-erase", "MMC CMD6 03A50100", false},
        {"mmc-erase", "MMC CMD38 00000000", false},
        {"mmc-erase", "MMC CMD38 00000000 (user area)", true},
        {"mmc-erase", "MMC CMD38 00000001 (user area)", false},
        {"mmc-erase", "MMC CMD36 00001FFF (rpmb area)", false},
        {"tcg-psid-revert", "Revert", true},
        {"tcg-psid-revert", "Revert refused", false},
        {"tcg-psid-revert", "Authenticate as PSID: FALSE", false},
        {"overwrite", "SCSI 041000000000", false},
    };
    for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++)
        if (lethe_known_sends(lethe_known_technique(due[i].technique), due[i].command) != due[i].is)
            fail_msg("%s: \"%s\"", due[i].technique, due[i].command);
    /* The action, in the low bits of the dword whose first byte is the 41st. */
    char entry[5 + 128 + 1] = "NVMe 84";
    memset(entry + 7, '0', 126);
    memcpy(entry + 5 + 80, "0c", 2);
    assert_true(lethe_known_needs(lethe_known_technique("nvme-sanitize-crypto"), entry));
    assert_false(lethe_known_sends(lethe_known_technique("nvme-sanitize-block"), entry));
    assert_false(lethe_known_needs(lethe_known_technique("ata-security-erase"),
                                   "ATA F1 SECURITY SET PASSWORD"));
}

static void test_lists(void **state)
{
    (void)state;
    assert_true(lethe_known_lists("usb emulated", "usb"));
    assert_true(lethe_known_lists("usb emulated", "emulated"));
    assert_false(lethe_known_lists("usb emulated", "us"));
    assert_false(lethe_known_lists("usb emulated", ""));
    assert_false(lethe_known_lists("ausb", "usb"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_as_they_are),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
