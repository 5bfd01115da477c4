/* SPDX-License-Identifier: Apache-2.0 */
/* How many devices are drawn, in which order, and what a bench that cheats can sign and not get
 * believed. What a bench does by itself is in tests/cli/test_lot.py. */
#include "base/json.h"
#include "base/text.h"
#include "batch/record.h"
#include "cert/support.h"
#include "keys/internal.h"
#include "tlog/signing.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define ORIGIN "lethe.log/test/bench"

static const char *const chain[] = {"root", NULL};

/* facts: N = 50 31/39, 100 45/59, 500 56/83, 1000 57/86 for one in twenty at 95 and 99 %. */
static void test_size(void **state)
{
    (void)state;
    static const size_t table[][3] = {{50, 31, 39}, {100, 45, 59}, {500, 56, 83}, {1000, 57, 86}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(lethe_batch_size(table[i][0], 950000, 50000), table[i][1]);
        assert_int_equal(lethe_batch_size(table[i][0], 990000, 50000), table[i][2]);
    }
    /* One bad in twenty: 19 are just enough, by 1/20 = 5 %, whatever binary makes of it. */
    assert_int_equal(lethe_batch_size(20, 950000, 50000), 19);
    assert_int_equal(lethe_batch_size(1, 950000, 50000), 1);
    assert_int_equal(lethe_batch_size(2, 950000, 50000), 2);
    /* R2v3's one in twenty, where less would do. */
    assert_int_equal(lethe_batch_size(10000, 500000, 500000), 500);
    assert_int_equal(lethe_batch_size(100, 500000, 500000), 5);
}

static void test_bound(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 300; n++) {
        size_t bad = (n * 50000 + 999999) / 1000000;
        size_t sample = lethe_batch_size(n, 950000, 50000);
        /* As many bad ones as were asked about would have been found. */
        assert_true(lethe_batch_bound(n, sample, 950000) < bad);
    }
    assert_int_equal(lethe_batch_bound(100, 45, 950000), 4);
    assert_int_equal(lethe_batch_bound(7, 7, 950000), 0);
    assert_int_equal(lethe_batch_bound(100, 0, 950000), 100);
}

/* ---- Records ---- */
static char note[1024];
static struct lethe_trust *trust;
static struct lethe_signer *signer;

static int scene(void **state)
{
    (void)state;
    struct signing_key log;
    struct lethe_tlog_checkpoint checkpoint = {.origin = ORIGIN, .size = 9};
    support_fix("batch");
    memset(checkpoint.root.bytes, 7, sizeof(checkpoint.root.bytes));
    signing_key_make(&log, ORIGIN, LETHE_TLOG_ED25519, 1);
    signing_checkpoint(note, sizeof(note), &checkpoint);
    signing_add(note, sizeof(note), &log, 0);
    trust = support_trust(chain);
    signer = support_signer("log-bench", chain);
    return 0;
}

static int scene_end(void **state)
{
    (void)state;
    lethe_trust_free(trust);
    lethe_signer_close(signer);
    return 0;
}

#define N 40
static struct lethe_batch_device devices[N];

static char *draw_make(struct lethe_draw *wish)
{
    char *text;
    struct lethe_error err = {0};
    *wish = (struct lethe_draw){.lot = "L1",
                                .number = 1,
                                .confidence_ppm = 950000,
                                .bad_ppm = 50000,
                                .n_devices = N,
                                .devices = devices,
                                .checkpoint = note,
                                .checkpoint_len = strlen(note)};
    for (size_t i = 0; i < N; i++) {
        lethe_text_format(devices[i].jti, sizeof(devices[i].jti), "0199c2f4-0000-7000-8000-%012zx",
                          i);
        lethe_record_hash(&i, sizeof(i), devices[i].hash);
    }
    if (lethe_draw_make(signer, wish, EXAMPLE_NOW, &text, &err) < 0)
        fail_msg("%s", err.what);
    return text;
}

static void test_draw(void **state)
{
    (void)state;
    struct lethe_draw wish, draw;
    char *text = draw_make(&wish);
    assert_int_equal(lethe_draw_verify(trust, text, strlen(text), EXAMPLE_NOW, &draw, NULL), 0);
    assert_int_equal(draw.sample, lethe_batch_size(N, 950000, 50000));
    assert_int_equal(draw.n_devices, N);
    assert_string_equal(draw.lot, "L1");
    assert_int_equal(lethe_batch_sniff(text, strlen(text)), LETHE_BATCH_DRAW);
    lethe_draw_clear(&draw);
    free(text);
}

/* What the key of a bench would sign if its owner wanted it to. */
static void test_draw_of_a_cheat(void **state)
{
    (void)state;
    static const struct {
        const char *key, *json; /* NULL: taken away */
    } changes[] = {{"sample", "5"},
                   {"sample", "40"},
                   {"number", "2"},
                   {"number", "0"},
                   {"confidence_ppm", "400000"},
                   {"bad_ppm", "0"},
                   {"bad_ppm", "900000"},
                   {"checkpoint", "\"\""},
                   {"checkpoint", "\"AAAA\""},
                   {"checkpoint", NULL},
                   {"devices", "[]"},
                   {"devices", NULL},
                   {"lot", "\" \""},
                   {"lot", NULL},
                   {"jti", "\"1\""},
                   {"iss", "\"urn:lethe:bench:b\""},
                   {"organisation", "\"Other\""},
                   {"also", "1"},
                   {"vct", "\"" LETHE_VCT_RETEST "\""},
                   {"previous", "\"AA\""},
                   {"iat", "1895400000"}};
    struct lethe_draw wish, draw;
    char *text = draw_make(&wish);
    struct lethe_jws jws;
    assert_int_equal(
        lethe_jws_read(text, strlen(text), 1 << 20, LETHE_DRAW_TYP, true, "", &jws, NULL), 0);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]) + 2; i++) {
        json_t *claims = json_deep_copy(jws.claims), *list = json_object_get(claims, "devices");
        char *bad;
        if (i < sizeof(changes) / sizeof(changes[0]) && changes[i].json)
            json_object_set_new(claims, changes[i].key,
                                json_loads(changes[i].json, JSON_DECODE_ANY, NULL));
        else if (i < sizeof(changes) / sizeof(changes[0]))
            json_object_del(claims, changes[i].key);
        else if (i == sizeof(changes) / sizeof(changes[0])) { /* somebody chose */
            json_t *first = json_incref(json_array_get(list, 0));
            json_array_remove(list, 0);
            json_array_append_new(list, first);
        } else { /* one device twice */
            json_array_insert(list, 0, json_array_get(list, 0));
        }
        assert_int_equal(lethe_jws_make(signer, LETHE_DRAW_TYP, claims, &bad, NULL), 0);
        if (lethe_draw_verify(trust, bad, strlen(bad), EXAMPLE_NOW, &draw, NULL) !=
            -LETHE_E_INVALID)
            fail_msg("change %zu was taken", i);
        lethe_draw_clear(&draw);
        json_decref(claims);
        free(bad);
    }
    lethe_jws_clear(&jws);
    free(text);
}

static void test_who_signs(void **state)
{
    (void)state;
    static const char *const others[] = {"stranger-bench", "status", "bench"};
    static const int expected[] = {-LETHE_E_UNTRUSTED, -LETHE_E_INVALID, -LETHE_E_INVALID};
    for (size_t i = 0; i < 3; i++) {
        static const char *const stranger[] = {"stranger-root", NULL};
        struct lethe_draw wish, draw;
        struct lethe_signer *log_bench = signer;
        signer = support_signer(others[i], i == 0 ? stranger : chain);
        char *text = draw_make(&wish);
        assert_int_equal(lethe_draw_verify(trust, text, strlen(text), EXAMPLE_NOW, &draw, NULL),
                         expected[i]);
        lethe_draw_clear(&draw);
        free(text);
        lethe_signer_close(signer);
        signer = log_bench;
    }
}

static void test_retest_form(void **state)
{
    (void)state;
    static const struct {
        const char *key, *json;
    } changes[] = {{"by", "\" . \""},
                   {"by", NULL},
                   {"tool", "\"\""},
                   {"result", "\"ok\""},
                   {"result", NULL},
                   {"draw", "[]"},
                   {"certificate", "[\"x\",\"y\"]"},
                   {"also", "1"},
                   {"lot", NULL},
                   {"note", "3"},
                   {"vct", "\"" LETHE_VCT_DRAW "\""}};
    struct lethe_draw wish;
    struct lethe_error err = {0};
    char *draw = draw_make(&wish), *text;
    struct lethe_retest retest = {.lot = "L1",
                                  .draw = "0199c2f4-0000-7000-8000-00000000ffff",
                                  .certificate = wish.devices[0],
                                  .by = "B. Second",
                                  .tool = "PhotoRec"};
    lethe_record_hash(draw, strlen(draw), retest.draw_hash);
    assert_int_equal(lethe_retest_make(signer, &retest, "b second", EXAMPLE_NOW, &text, &err),
                     -LETHE_E_REFUSED);
    assert_int_equal(lethe_retest_make(signer, &retest, "A. First", EXAMPLE_NOW, &text, &err), 0);
    assert_int_equal(lethe_retest_verify(trust, text, strlen(text), EXAMPLE_NOW, &retest, NULL), 0);
    assert_false(retest.residue);
    assert_string_equal(retest.by, "B. Second");
    struct lethe_jws jws;
    assert_int_equal(
        lethe_jws_read(text, strlen(text), 1 << 20, LETHE_RETEST_TYP, true, "", &jws, NULL), 0);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        json_t *claims = json_deep_copy(jws.claims);
        char *bad;
        if (changes[i].json)
            json_object_set_new(claims, changes[i].key,
                                json_loads(changes[i].json, JSON_DECODE_ANY, NULL));
        else
            json_object_del(claims, changes[i].key);
        assert_int_equal(lethe_jws_make(signer, LETHE_RETEST_TYP, claims, &bad, NULL), 0);
        if (lethe_retest_verify(trust, bad, strlen(bad), EXAMPLE_NOW, &retest, NULL) !=
            -LETHE_E_INVALID)
            fail_msg("change %zu was taken", i);
        json_decref(claims);
        free(bad);
    }
    lethe_jws_clear(&jws);
    free(text);
    free(draw);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scene, scene_end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size), cmocka_unit_test(test_bound), TEST(test_draw),
        TEST(test_draw_of_a_cheat),  TEST(test_who_signs),         TEST(test_retest_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
