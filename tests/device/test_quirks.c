/* SPDX-License-Identifier: Apache-2.0 */
/* Which questions a USB bridge hears: those that its profile allows, and no guesses. And what a
 * drive is not trusted with, whatever it says. */
#include <lethe/facts.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

/* A bridge that refuses everything, and remembers what it was asked. */
struct deaf {
    struct lethe_io io;
    unsigned heard[256];
    unsigned own; /* A1h with bit 7 of the second byte: JMicron's own opcode */
};

static int command(struct lethe_io *io, struct lethe_command *c)
{
    static const uint8_t sense[18] = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20};
    struct deaf *deaf = (struct deaf *)io;
    assert_int_equal(c->set, LETHE_SET_SCSI);
    deaf->heard[c->bytes[0]] += c->bytes[0] != 0x12; /* INQUIRY is for everybody */
    deaf->own += c->bytes[0] == 0xa1 && c->bytes[1] & 0x80;
    memcpy(c->sense, sense, sizeof(sense));
    c->n_sense = sizeof(sense);
    c->result = 2;
    c->transferred = 0;
    return 0;
}

static struct deaf ask(const struct lethe_quirks *quirks)
{
    static const struct lethe_io_ops ops = {.name = "deaf", .command = command};
    static struct lethe_facts facts;
    struct deaf deaf = {.io.ops = &ops};
    const struct lethe_identity id = {
        .bus = LETHE_BUS_USB, .usb_vendor = 0x152d, .usb_product = 0x0583, .capacity = 1 << 20};
    assert_int_equal(lethe_facts_read(&deaf.io, &id, quirks, &facts, NULL), 0);
    assert_int_equal(facts.protocol, LETHE_PROTOCOL_NONE);
    assert_string_not_equal(facts.obstacle, "");
    assert_string_not_equal(facts.remedy, "");
    return deaf;
}

static void nobody_guesses(void **state)
{
    static const struct {
        enum lethe_carries path;
        unsigned words;
        bool sat16, sat12, jmicron, asmedia, realtek;
    } table[] = {
        {LETHE_CARRIES_UNKNOWN, 0, true, true, false, false, false},
        {LETHE_CARRIES_NONE, 0, false, false, false, false, false},
        {LETHE_CARRIES_SAT16, 0, true, false, false, false, false},
        {LETHE_CARRIES_SAT12, 0, false, true, false, false, false},
        /* A1h is its own opcode there, and nothing else */
        {LETHE_CARRIES_NVME_JMICRON, 0, true, false, true, false, false},
        {LETHE_CARRIES_NVME_JMICRON, 1u << LETHE_QUIRK_RESETS_ON_NVME_PROBE, true, false, true,
         false, false},
        {LETHE_CARRIES_NVME_ASMEDIA, 0, true, false, false, true, false},
        {LETHE_CARRIES_NVME_REALTEK, 0, true, false, false, false, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lethe_quirks quirks = {table[i].path, table[i].words};
        struct deaf deaf = ask(&quirks);
        unsigned sum = 0;
        for (size_t b = 0; b < 256; b++)
            sum += deaf.heard[b];
        print_message("%s: 85h %u, A1h %u (JMicron %u), E6h %u, E4h %u\n",
                      lethe_carries_name(quirks.path), deaf.heard[0x85], deaf.heard[0xa1], deaf.own,
                      deaf.heard[0xe6], deaf.heard[0xe4]);
        assert_int_equal(deaf.heard[0x85] > 0, table[i].sat16);
        assert_int_equal(deaf.heard[0xa1] > deaf.own, table[i].sat12);
        assert_int_equal(deaf.own > 0, table[i].jmicron);
        assert_int_equal(deaf.heard[0xe6] > 0, table[i].asmedia);
        assert_int_equal(deaf.heard[0xe4] > 0, table[i].realtek);
        assert_int_equal(sum, deaf.heard[0x85] + deaf.heard[0xa1] + deaf.heard[0xe6] +
                                  deaf.heard[0xe4] + deaf.heard[0xe5]);
    }
    struct deaf deaf = ask(NULL); /* as of a bridge of which nothing is known */
    assert_true(deaf.heard[0x85] > 0 && deaf.heard[0xa1] > 0 && deaf.own == 0);
}

static void what_is_known_to_fail_is_not_offered(void **state)
{
    static const struct {
        enum lethe_quirk quirk;
        unsigned gone;
    } table[] = {
        {LETHE_QUIRK_WEAK_ENCRYPTION,
         LETHE_CAN_SANITIZE_CRYPTO | LETHE_CAN_FORMAT_CRYPTO | LETHE_CAN_PSID_REVERT},
        {LETHE_QUIRK_NO_SANITIZE_CRYPTO, LETHE_CAN_SANITIZE_CRYPTO},
        {LETHE_QUIRK_NO_SANITIZE_BLOCK, LETHE_CAN_SANITIZE_BLOCK},
        {LETHE_QUIRK_NO_SANITIZE_OVERWRITE, LETHE_CAN_SANITIZE_OVERWRITE},
        {LETHE_QUIRK_NO_SECURITY_ERASE,
         LETHE_CAN_SECURITY_ERASE | LETHE_CAN_SECURITY_ERASE_ENHANCED},
        {LETHE_QUIRK_NO_FORMAT_USER, LETHE_CAN_FORMAT_USER},
        {LETHE_QUIRK_NO_FORMAT_CRYPTO, LETHE_CAN_FORMAT_CRYPTO},
        {LETHE_QUIRK_SLOW, 0},
        {LETHE_QUIRK_SECURE_ERASE_BRICKS, 0},
    };
    const unsigned all = (1u << LETHE_CAPABILITY_COUNT) - 1;
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lethe_facts facts = {.can = all};
        struct lethe_quirks quirks = {.words = 1u << table[i].quirk};
        lethe_facts_limit(&facts, &quirks);
        assert_int_equal(facts.can, all & ~table[i].gone);
        assert_int_equal(facts.obstacle[0] != '\0', table[i].gone != 0);
        assert_int_equal(facts.remedy[0] != '\0', table[i].gone != 0);
        /* twice is once, and what it can't anyway is not excused */
        lethe_facts_limit(&facts, &quirks);
        assert_int_equal(facts.can, all & ~table[i].gone);
        struct lethe_facts none = {0};
        lethe_facts_limit(&none, &quirks);
        assert_string_equal(none.obstacle, "");
    }
}

/* What a bridge calls itself says nothing of the drive behind it. */
static void the_drive_by_its_own_name(void **state)
{
    struct lethe_identity seen = {.bus = LETHE_BUS_USB,
                                  .vendor = "ASMT",
                                  .model = "2115",
                                  .bridge = "174c:55aa ASMT 2115",
                                  .usb_vendor = 0x174c,
                                  .usb_product = 0x55aa,
                                  .usb_release = 0x100,
                                  .capacity = 1 << 20},
                          drive;
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_ATA,
                                .model = "Samsung SSD 850 EVO 250GB",
                                .firmware = "EMT02B6Q"};
    (void)state;
    lethe_facts_identity(&facts, &seen, &drive);
    assert_int_equal(drive.bus, LETHE_BUS_ATA);
    assert_string_equal(drive.model, "Samsung SSD 850 EVO 250GB");
    assert_string_equal(drive.firmware, "EMT02B6Q");
    assert_string_equal(drive.bridge, "");
    assert_int_equal(drive.usb_vendor | drive.usb_product | drive.usb_release, 0);
    assert_int_equal(drive.capacity, seen.capacity);
    facts.protocol = LETHE_PROTOCOL_NONE; /* not asked: it is what was seen */
    lethe_facts_identity(&facts, &seen, &drive);
    assert_int_equal(drive.bus, LETHE_BUS_USB);
    assert_string_equal(drive.model, "2115");
}

static void what_speaks_nvme_is_flash(void **state)
{
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_NVME};
    (void)state;
    assert_int_equal(lethe_facts_media(&facts, LETHE_MEDIA_UNKNOWN), LETHE_MEDIA_FLASH);
    assert_int_equal(lethe_facts_media(&facts, LETHE_MEDIA_MAGNETIC), LETHE_MEDIA_MAGNETIC);
    facts.protocol = LETHE_PROTOCOL_ATA;
    assert_int_equal(lethe_facts_media(&facts, LETHE_MEDIA_UNKNOWN), LETHE_MEDIA_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_guesses),
        cmocka_unit_test(what_is_known_to_fail_is_not_offered),
        cmocka_unit_test(the_drive_by_its_own_name),
        cmocka_unit_test(what_speaks_nvme_is_flash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
