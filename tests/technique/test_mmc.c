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
#include <unistd.h>

#define AREA 131072 /* of the user area and of each of two boot areas */

struct card {
    struct lethe_io io;
    uint8_t areas[3][AREA / 512];
    unsigned access, intents, sanitized, armed;
    uint8_t boot_wp;
    bool no_node, leads_elsewhere, keeps_boot, refuses_sanitize, slow;
    unsigned told;
    uint64_t done; /* as told last */
};

static void put(struct lethe_command *c, uint32_t status)
{
    for (int i = 0; i < 4; i++)
        c->sense[c->n_sense++] = (uint8_t)(status >> (24 - 8 * i));
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

static uint32_t one(struct card *card, struct lethe_command *c, const uint8_t *b)
{
    uint32_t argument =
        (uint32_t)b[2] << 24 | (uint32_t)b[3] << 16 | (uint32_t)b[4] << 8 | (uint32_t)b[5];
    unsigned index = argument >> 16 & 0xff;
    switch (b[0]) {
    case 6:
        assert_int_equal(index, 165); /* nobody switches by hand: it would not last */
        card->sanitized++;
        return card->refuses_sanitize ? 0x80 : 0;
    case 8:
        registers(card, c->data);
        return 0;
    case 17:
        usleep(card->slow ? 1000 : 0);
        memset(c->data, card->areas[card->access][argument], 512);
        return 0;
    case 35:
    case 36:
        card->armed++;
        return 0;
    case 38:
        assert_int_equal(card->intents, 1); /* the record knows before the card does */
        if (card->armed != 2)
            return 1u << 28;
        if (!card->keeps_boot || card->access == 0)
            memset(card->areas[card->access], 0, sizeof(card->areas[0]));
        return 0;
    default:
        return 0;
    }
}

/* As the kernel: each node leads to its own area, and nothing that was begun outlives an ioctl. */
static int command(struct lethe_io *io, struct lethe_command *c)
{
    struct card *card = (struct card *)io;
    assert_int_equal(c->n_bytes % 7, 0);
    if (card->no_node && c->bytes[6] == 2)
        return -ENXIO;
    card->access = card->leads_elsewhere ? 0 : c->bytes[6];
    card->armed = 0;
    for (size_t i = 0; i < c->n_bytes; i += 7)
        put(c, one(card, c, c->bytes + i));
    return 0;
}

static const struct lethe_io_ops ops = {.name = "card", .command = command};

static int intent(void *user, const char *action, json_t *detail)
{
    assert_string_equal(action, "mmc-erase");
    json_decref(detail);
    ((struct card *)user)->intents++;
    return 0;
}

static int progress(void *user, unsigned pass, uint64_t done, uint64_t errors)
{
    struct card *card = user;
    assert_int_equal(pass + errors, 0);
    assert_true(done >= card->done && done <= AREA);
    card->done = done;
    card->told++;
    return 0;
}

static int evidence_of(const char *name, struct card *card, json_t **evidence,
                       struct lethe_error *err)
{
    const struct lethe_technique *t = lethe_technique_find(name);
    assert_non_null(t);
    struct lethe_run run = {.io = &card->io,
                            .capacity = AREA,
                            .path = LETHE_PATH_MMC,
                            .poll_ms = 1,
                            .report = {.intent = intent, .progress = progress, .user = card}};
    card->io.ops = &ops;
    card->intents = card->told = 0;
    card->done = 0;
    memset(card->areas, 0xa5, sizeof(card->areas));
    int rc = t->start(&run, err);
    if (rc == 0)
        rc = t->step(&run, err);
    if (rc == 0)
        rc = t->attest(&run, evidence, err);
    t->stop(&run);
    return rc;
}

/* 1 proved, 0 not proved, negative failed. */
static int carry_out(const char *name, struct card *card, struct lethe_error *err)
{
    json_t *evidence = NULL;
    int rc = evidence_of(name, card, &evidence, err);
    if (rc == 0)
        rc = json_is_true(json_object_get(evidence, "proved"));
    json_decref(evidence);
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
    }
}

/* What takes long is looking at areas that no mark is in: the operator sees it go on. */
static void a_slow_card_goes_on(void **state)
{
    (void)state;
    struct card card = {.slow = true};
    struct lethe_error err = {0};
    assert_int_equal(carry_out("mmc-erase", &card, &err), 1);
    assert_true(card.told > 1);
    assert_true(card.done > AREA / 2);
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
static void an_area_out_of_reach_is_found_out(void **state)
{
    (void)state;
    struct card lacks = {.no_node = true}, lies = {.leads_elsewhere = true};
    struct card *const cards[] = {&lacks, &lies};
    for (size_t i = 0; i < 2; i++) {
        struct lethe_error err = {0};
        assert_int_equal(carry_out("mmc-sanitize", cards[i], &err), -LETHE_E_UNSUPPORTED);
        assert_non_null(strstr(err.what, "boot1"));
        assert_int_equal(cards[i]->intents, 0);
        assert_int_equal(cards[i]->areas[0][0], 0xa5);
    }
}

/* A card that took SANITIZE_START has shown nothing of what it did: no better than an erase. */
static void sanitize_earns_no_purge(void **state)
{
    (void)state;
    const struct lethe_technique *t = lethe_technique_find("mmc-sanitize");
    assert_int_equal(t->method, LETHE_METHOD_CLEAR);
    assert_non_null(t->at_most);
    struct card card = {0};
    struct lethe_error err = {0};
    json_t *evidence = NULL;
    assert_int_equal(evidence_of("mmc-sanitize", &card, &evidence, &err), 0);
    const json_t *unseen = json_object_get(evidence, LETHE_EVIDENCE_UNSEEN);
    assert_string_equal(json_string_value(json_object_get(unseen, "command")), "SANITIZE_START");
    json_decref(evidence);
    assert_int_equal(evidence_of("mmc-erase", &card, &evidence, &err), 0);
    assert_null(json_object_get(evidence, LETHE_EVIDENCE_UNSEEN));
    json_decref(evidence);
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
        cmocka_unit_test(a_slow_card_goes_on),
        cmocka_unit_test(a_kept_boot_area_is_found),
        cmocka_unit_test(an_area_out_of_reach_is_found_out),
        cmocka_unit_test(sanitize_earns_no_purge),
        cmocka_unit_test(protection_and_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
