/* SPDX-License-Identifier: Apache-2.0 */
/* What the shipped policies make of the shipped profiles, for drives as they are met: every
 * technique that a firmware offers is there to be chosen somewhere. */
#include <lethe/plan.h>

#include <lethe/technique.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define PURGE "nist-800-88r2-purge"
#define CLEAR "nist-800-88r2-clear"
#define FIRMWARE "clear-by-firmware"
#define COMBINED "crypto-erase-overwritten"
#define ATA LETHE_PROTOCOL_ATA
#define SCSI LETHE_PROTOCOL_SCSI
#define NVME LETHE_PROTOCOL_NVME
#define MMC LETHE_PROTOCOL_MMC
#define SD LETHE_PROTOCOL_SD
#define MMC_ALL (LETHE_CAN_MMC_ERASE | LETHE_CAN_MMC_SANITIZE)
#define FLASH LETHE_MEDIA_FLASH
#define DISK LETHE_MEDIA_MAGNETIC
#define REVERT LETHE_CAN_PSID_REVERT

static struct lethe_policy_set *policies;
static struct lethe_profile_set *profiles;

static int setup(void **state)
{
    static const char *const policy_dirs[] = {LETHE_SOURCE_DIR "/profiles/policies", NULL};
    static const char *const profile_dirs[] = {LETHE_SOURCE_DIR "/profiles/devices", NULL};
    (void)state;
    return lethe_policy_set_load(policy_dirs, &policies, NULL) < 0 ||
           lethe_profile_set_load(profile_dirs, &profiles, NULL) < 0;
}

static int teardown(void **state)
{
    (void)state;
    lethe_policy_set_free(policies);
    lethe_profile_set_free(profiles);
    return 0;
}

/* PSID: was the label read. TECHNIQUE: what is chosen; or "" and WORDS of the refusal. */
static const struct met {
    enum lethe_protocol protocol;
    enum lethe_media media;
    const char *vendor, *model;
    unsigned can;
    bool psid;
    const char *policy, *technique, *words;
} met[] = {
    /* PSID revert, by families and by what nobody knows the name of */
    {SCSI, FLASH, "ACME", "SED 1T", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {SCSI, FLASH, "ACME", "SED 1T", REVERT, false, PURGE, "", "PSID"},
    {SCSI, DISK, "ACME", "SED 1T", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {SCSI, DISK, "SEAGATE", "ST1200MM0027", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {SCSI, DISK, "HGST", "HUC101212CS4201", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {SCSI, DISK, "TOSHIBA", "AL14SEB120N", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {SCSI, FLASH, "SAMSUNG", "MZILS960HEHP0D3", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {ATA, FLASH, "", "Samsung SSD 870 EVO 1TB", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {ATA, FLASH, "", "SOMEBODY'S SSD", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {NVME, FLASH, "", "Samsung SSD 970 EVO Plus 1TB", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    {NVME, FLASH, "", "SOMEBODY'S NVME", REVERT, true, PURGE, "tcg-psid-revert", NULL},
    /* the sanitise goes first, whatever the label */
    {SCSI, FLASH, "ACME", "SED 1T", REVERT | LETHE_CAN_SANITIZE_BLOCK, true, PURGE,
     "scsi-sanitize-block", NULL},
    /* families are not worse off than the nameless */
    {NVME, FLASH, "", "WDS500G3X0C-00SJG0", LETHE_CAN_SANITIZE_BLOCK, false, PURGE,
     "nvme-sanitize-block", NULL},
    {NVME, FLASH, "", "Samsung SSD 980 PRO 1TB", LETHE_CAN_SANITIZE_CRYPTO, false, PURGE,
     "nvme-sanitize-crypto", NULL},
    {ATA, FLASH, "", "Samsung SSD 870 EVO 1TB", LETHE_CAN_SANITIZE_BLOCK, false, PURGE,
     "ata-sanitize-block", NULL},
    {SCSI, DISK, "HGST", "HUC101212CS4201", LETHE_CAN_SANITIZE_OVERWRITE, false, PURGE,
     "scsi-sanitize-overwrite", NULL},
    /* Format NVM is Clear, whatever it says: Purge only "if the vendor's implementation meets" */
    {NVME, FLASH, "", "Samsung SSD 970 EVO Plus 1TB",
     LETHE_CAN_FORMAT_USER | LETHE_CAN_FORMAT_CRYPTO, false, PURGE, "", "clear at best"},
    {NVME, FLASH, "", "Samsung SSD 970 EVO Plus 1TB",
     LETHE_CAN_FORMAT_USER | LETHE_CAN_FORMAT_CRYPTO, false, CLEAR, "nvme-format-crypto", NULL},
    {NVME, FLASH, "", "SOMEBODY'S NVME", LETHE_CAN_FORMAT_USER, false, CLEAR, "nvme-format-user",
     NULL},
    {NVME, FLASH, "", "SOMEBODY'S NVME", LETHE_CAN_FORMAT_USER, false, "ieee-2883-2022-clear",
     "nvme-format-user", NULL},
    {NVME, FLASH, "", "SOMEBODY'S NVME", LETHE_CAN_FORMAT_CRYPTO, false, "gb-46864-2025",
     "overwrite", NULL}, /* names no destruction of keys */
    /* FORMAT UNIT where the host is to write nothing, and only there */
    {SCSI, DISK, "SEAGATE", "ST1200MM0009", LETHE_CAN_FORMAT_UNIT, false, FIRMWARE,
     "scsi-format-unit", NULL},
    {SCSI, FLASH, "ACME", "SAS 1T", LETHE_CAN_FORMAT_UNIT, false, FIRMWARE, "scsi-format-unit",
     NULL},
    {SCSI, DISK, "SEAGATE", "ST1200MM0009", LETHE_CAN_FORMAT_UNIT, false, CLEAR, "overwrite", NULL},
    {SCSI, DISK, "SEAGATE", "ST1200MM0009", 0, false, FIRMWARE, "", "no erasure of its own"},
    /* a key thrown away, then all of it overwritten */
    {ATA, FLASH, "", "CT500MX500SSD1", LETHE_CAN_SANITIZE_CRYPTO, false, COMBINED,
     "ata-sanitize-crypto", NULL},
    {SCSI, DISK, "SEAGATE", "ST1200MM0027", REVERT, true, COMBINED, "tcg-psid-revert", NULL},
    {NVME, FLASH, "", "SOMEBODY'S NVME", LETHE_CAN_FORMAT_CRYPTO, false, COMBINED, "",
     "clear at best"},
    {ATA, FLASH, "", "CT500MX500SSD1", LETHE_CAN_SANITIZE_BLOCK, false, COMBINED, "", ""},
    /* cards: untested, so the host overwrites; where it is not to, somebody has to accept that */
    {MMC, FLASH, "0x000015", "BJTD4R", MMC_ALL, false, PURGE, "", "clear at best"},
    {MMC, FLASH, "0x000015", "BJTD4R", MMC_ALL, false, CLEAR, "overwrite", NULL},
    {MMC, FLASH, "0x000015", "BJTD4R", MMC_ALL, false, FIRMWARE, "", "untested"},
    {MMC, FLASH, "0x0000d6", "SOMEBODY", LETHE_CAN_MMC_ERASE, false, FIRMWARE, "", "untested"},
    {MMC, FLASH, "0x000015", "VYL00M", MMC_ALL, false, FIRMWARE, "", "overwriting by the host"},
    {SD, FLASH, "0x00001b", "SD32G", 0, false, PURGE, "", "clear at best"},
    {SD, FLASH, "0x00001b", "SD32G", 0, false, CLEAR, "overwrite", NULL},
};

static void what_is_chosen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(met) / sizeof(*met); i++) {
        const struct met *m = &met[i];
        static const enum lethe_bus buses[] = {[ATA] = LETHE_BUS_ATA,
                                               [SCSI] = LETHE_BUS_SCSI,
                                               [NVME] = LETHE_BUS_NVME,
                                               [MMC] = LETHE_BUS_MMC,
                                               [SD] = LETHE_BUS_MMC};
        static const enum lethe_path paths[] = {[ATA] = LETHE_PATH_SAT16,
                                                [SCSI] = LETHE_PATH_SCSI,
                                                [NVME] = LETHE_PATH_NVME,
                                                [MMC] = LETHE_PATH_MMC,
                                                [SD] = LETHE_PATH_MMC};
        struct lethe_facts facts = {.protocol = m->protocol,
                                    .path = paths[m->protocol],
                                    .can = m->can,
                                    .psid = m->psid,
                                    .sanitize.known = true};
        struct lethe_device device = {.facts = &facts,
                                      .identity = {.class_ = LETHE_CLASS_DISK,
                                                   .bus = buses[m->protocol],
                                                   .media = m->media,
                                                   .substrate = LETHE_SUBSTRATE_PHYSICAL,
                                                   .capacity = 1000000000000 / 4096 * 4096,
                                                   .logical_block = 512,
                                                   .physical_block = 4096}};
        const struct lethe_policy *policy = lethe_policy_find(policies, m->policy, NULL);
        const struct lethe_profile *profile = NULL;
        struct lethe_plan plan = {0};
        struct lethe_error err = {0};
        snprintf(device.identity.vendor, sizeof(device.identity.vendor), "%s", m->vendor);
        snprintf(device.identity.model, sizeof(device.identity.model), "%s", m->model);
        assert_non_null(policy);
        assert_int_equal(lethe_profile_find(profiles, &device.identity, &profile, &err), 0);
        int rc = lethe_plan_make(&device, policy, profile, NULL, &plan, &err);
        const char *chosen = rc < 0 ? "" : plan.steps[1].technique;
        if (strcmp(chosen, m->technique) != 0)
            fail_msg("%s of %s (%s) by %s: \"%s\", not \"%s\": %s", m->model, profile->id,
                     m->vendor, m->policy, chosen, m->technique, err.what);
        if (rc < 0 && !strstr(err.what, m->words))
            fail_msg("%s by %s: %s", m->model, m->policy, err.what);
        bool overwritten = rc == 0 && plan.steps[2].kind == LETHE_STEP_TECHNIQUE;
        if (rc == 0 && strcmp(m->policy, COMBINED) == 0) {
            assert_true(overwritten);
            assert_string_equal(plan.steps[2].technique, "overwrite");
            assert_int_equal(plan.method, LETHE_METHOD_PURGE);
        }
    }
}

/* What a remedy names must have the host overwrite, whatever the firmware has: or it fails again.
 */
static void remedies_name_an_overwrite_by_the_host(void **state)
{
    (void)state;
    static const struct {
        enum lethe_protocol protocol;
        unsigned overwrites;
    } rows[] = {
        {ATA, LETHE_CAN_SANITIZE_OVERWRITE | LETHE_CAN_SECURITY_ERASE |
                  LETHE_CAN_SECURITY_ERASE_ENHANCED},
        {SCSI, LETHE_CAN_SANITIZE_OVERWRITE},
        {NVME, LETHE_CAN_SANITIZE_OVERWRITE},
    };
    static const struct {
        const char *policy;
        bool always;
    } named[] = {{LETHE_POLICY_OVERWRITE, false}, {LETHE_POLICY_OVERWRITE_ALWAYS, true}};
    for (size_t i = 0; i < 2 * 2 * sizeof(rows) / sizeof(*rows); i++) {
        struct lethe_facts facts = {.protocol = rows[i / 4].protocol,
                                    .can = LETHE_CAN_SANITIZE_CRYPTO | LETHE_CAN_SANITIZE_BLOCK |
                                           LETHE_CAN_FORMAT_USER | LETHE_CAN_FORMAT_CRYPTO,
                                    .hidden_known = true};
        struct lethe_device device = {.facts = &facts,
                                      .identity = {.class_ = LETHE_CLASS_DISK,
                                                   .bus = facts.protocol == ATA    ? LETHE_BUS_ATA
                                                          : facts.protocol == SCSI ? LETHE_BUS_SCSI
                                                                                   : LETHE_BUS_NVME,
                                                   .media = i & 1 ? DISK : FLASH,
                                                   .substrate = LETHE_SUBSTRATE_PHYSICAL,
                                                   .vendor = "ACME",
                                                   .model = "Some drive",
                                                   .capacity = 1000204886016,
                                                   .logical_block = 512}};
        size_t k = i / 2 % 2;
        if (named[k].always)
            facts.can |= rows[i / 4].overwrites;
        const struct lethe_policy *policy = lethe_policy_find(policies, named[k].policy, NULL);
        assert_non_null(policy);
        const struct lethe_profile *profile;
        assert_int_equal(lethe_profile_find(profiles, &device.identity, &profile, NULL), 0);
        struct lethe_plan plan;
        struct lethe_error err = {0};
        int rc = lethe_plan_make(&device, policy, profile, NULL, &plan, &err);
        if (rc < 0)
            print_error("%s: %s\n", named[k].policy, err.what);
        assert_int_equal(rc, 0);
        assert_int_equal(plan.steps[1].kind, LETHE_STEP_TECHNIQUE);
        assert_string_equal(plan.steps[1].technique, "overwrite");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remedies_name_an_overwrite_by_the_host),
        cmocka_unit_test(what_is_chosen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
