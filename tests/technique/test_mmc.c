/* SPDX-License-Identifier: Apache-2.0 */
/* Erase of an eMMC's areas against a card that is a few bytes: what it may do, and what may be made
 * of it. Whole jobs against the model are in tests/scenarios/firmware/mmc.json. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include <lethe/technique.h>

#define AREA 131072 /* of the user area and of each of two boot areas */

struct card {
    struct lethe_io io;
    uint8_t areas[3][AREA / 512];
    unsigned access, intents, sanitized;
    uint8_t boot_wp;
    bool switches_back, keeps_boot, refuses_sanitize;
};

static int answer(struct lethe_command *c, uint32_t status)
{
    for (int i = 0; i < 4; i++)
        c->sense[i] = (uint8_t)(status >> (24 - 8 * i));
    c->n_sense = 4;
    return 0;
}

static void registers(const struct card *card, uint8_t *out)
{
    memset(out, 0, 512);
    out[174] = card->boot_wp;
    out[179] = (uint8_t)card->access;
    out[192] = 8;
    out[212] = (uint8_t)(AREA / 512 & 0xff);
    out[213] = (uint8_t)(AREA / 512 >> 8);
    out[224] = 1;
    out[226] = AREA / 131072;
    out[231] = 0x40;
}

static int command(struct lethe_io *io, struct lethe_command *c)
{
    struct card *card = (struct card *)io;
    uint32_t argument = (uint32_t)c->bytes[2] << 24 | (uint32_t)c->bytes[3] << 16 |
                        (uint32_t)c->bytes[4] << 8 | c->bytes[5];
    unsigned index = argument >> 16 & 0xff;
    switch (c->bytes[0]) {
    case 6:
        if (index == 179)
            card->access = card->switches_back ? 0 : argument >> 8 & 7;
        if (index == 165)
            card->sanitized++;
        return answer(c, index == 165 && card->refuses_sanitize ? 0x80 : 0);
    case 8:
        registers(card, c->data);
        return answer(c, 0);
    case 17:
        memset(c->data, card->areas[card->access][argument], 512);
        return answer(c, 0);
    case 38:
        assert_int_equal(card->intents, 1); /* the record knows before the card does */
        if (!card->keeps_boot || card->access == 0)
            memset(card->areas[card->access], 0, sizeof(card->areas[0]));
        return answer(c, 0);
    default:
        return answer(c, 0);
    }
}

static const struct lethe_io_ops ops = {.name = "card", .command = command};

static int intent(void *user, const char *action, json_t *detail)
{
    assert_string_equal(action, "mmc-erase");
    json_decref(detail);
    ((struct card *)user)->intents++;
    return 0;
}

/* 1 proved, 0 not proved, negative failed. */
static int carry_out(const char *name, struct card *card, struct lethe_error *err)
{
    const struct lethe_technique *t = lethe_technique_find(name);
    assert_non_null(t);
    struct lethe_run run = {.io = &card->io,
                            .capacity = AREA,
                            .path = LETHE_PATH_MMC,
                            .poll_ms = 1,
                            .report = {.intent = intent, .user = card}};
    card->io.ops = &ops;
    memset(card->areas, 0xa5, sizeof(card->areas));
    json_t *evidence = NULL;
    int rc = t->start(&run, err);
    if (rc == 0)
        rc = t->step(&run, err);
    if (rc == 0)
        rc = t->attest(&run, &evidence, err);
    if (rc == 0)
        rc = json_is_true(json_object_get(evidence, "proved"));
    json_decref(evidence);
    t->stop(&run);
    return rc;
}

static void all_areas_are_erased(void **state)
{
    (void)state;
    static const char *const names[] = {"mmc-sanitize", "mmc-erase"};
    for (size_t i = 0; i < 2; i++) {
        struct card card = {0};
        struct lethe_error err = {0};
        assert_int_equal(carry_out(names[i], &card, &err), 1);
        for (size_t k = 0; k < sizeof(card.areas); k++)
            assert_int_equal(((uint8_t *)card.areas)[k], 0);
        assert_int_equal(card.sanitized, i == 0);
        assert_int_equal(card.access, 0);
    }
}

static void a_kept_boot_area_is_found(void **state)
{
    (void)state;
    struct card card = {.keeps_boot = true};
    struct lethe_error err = {0};
    assert_true(carry_out("mmc-sanitize", &card, &err) < 0);
    assert_non_null(strstr(err.what, "not erased"));
}

/* Else the user area would be erased three times, and read back in place of the others. */
static void a_kernel_that_switches_back_is_found_out(void **state)
{
    (void)state;
    struct card card = {.switches_back = true};
    struct lethe_error err = {0};
    assert_int_equal(carry_out("mmc-sanitize", &card, &err), -LETHE_E_UNSUPPORTED);
    assert_int_equal(card.intents, 0);
    assert_int_equal(card.areas[0][0], 0xa5);
}

static void protection_and_refusals(void **state)
{
    (void)state;
    struct card locked = {.boot_wp = 1}, refuses = {.refuses_sanitize = true};
    struct lethe_error err = {0};
    assert_int_equal(carry_out("mmc-erase", &locked, &err), -LETHE_E_REFUSED);
    assert_int_equal(locked.intents, 0);
    assert_true(carry_out("mmc-sanitize", &refuses, &err) < 0);
    assert_non_null(strstr(err.what, "SANITIZE_START"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_areas_are_erased),
        cmocka_unit_test(a_kept_boot_area_is_found),
        cmocka_unit_test(a_kernel_that_switches_back_is_found_out),
        cmocka_unit_test(protection_and_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
