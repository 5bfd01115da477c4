/* SPDX-License-Identifier: Apache-2.0 */
/* Pages as our own verifier reads them; test_paper.py is for everybody else's tools. */
#include "base/json.h"
#include "cert/support.h"
#include <lethe/carrier.h>
#include <lethe/job.h>
#include <lethe/paper.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* after the above */
#include <cmocka.h>

static struct lethe_press *press;
static struct lethe_signer *signer;

static int begin(void **state)
{
    (void)state;
    support_fix("paper");
    signer = support_signer("bench", (const char *const[]){"root", NULL});
    struct lethe_error err = {0};
    if (lethe_press_open(&press, &err) < 0)
        fail_msg("%s", err.what);
    return 0;
}

static int end(void **state)
{
    (void)state;
    lethe_press_close(press);
    lethe_signer_close(signer);
    return 0;
}

static char *example(void)
{
    LETHE_JSON_AUTO *claims = support_claims();
    return support_issue(claims, signer);
}

static char *page_of(const struct lethe_paper *paper, size_t *len)
{
    struct lethe_error err = {0};
    char *out = NULL;
    if (lethe_paper_certificate(press, paper, signer, &out, len, &err) < 0)
        fail_msg("%s", err.what);
    return out;
}

static void carries_what_it_shows(void **state)
{
    (void)state;
    static const char proof[] = "c2sp.org/tlog-proof@v1\nindex 0\n\nexample\n";
    char *text = example();
    struct lethe_paper paper = {.sdjwt = text,
                                .sdjwt_len = strlen(text),
                                .proof = proof,
                                .proof_len = sizeof(proof) - 1,
                                .lang = "en"};
    size_t len;
    char *pdf = page_of(&paper, &len);
    struct lethe_carrier carrier;
    int rc = lethe_carrier_open(pdf, len, &carrier);
    if (rc < 0)
        fail_msg("%s: %s", carrier.bundle.carrier.check.code, carrier.bundle.carrier.check.text);
    assert_int_equal(carrier.bundle.sdjwt.len, strlen(text));
    assert_memory_equal(carrier.bundle.sdjwt.text, text, strlen(text));
    assert_int_equal(carrier.bundle.proof.len, sizeof(proof) - 1);
    assert_memory_equal(carrier.bundle.proof.text, proof, sizeof(proof) - 1);
    lethe_carrier_clear(&carrier);
    free(pdf);
    free(text);
}

/* One byte changed anywhere is no page any more; in the signature's own place (where the chain is,
 * which is judged by where it leads) the carrier's tests look. */
static void no_byte_can_change(void **state)
{
    (void)state;
    char *text = example();
    struct lethe_paper paper = {.sdjwt = text, .sdjwt_len = strlen(text), .lang = "zh"};
    size_t len;
    char *pdf = page_of(&paper, &len);
    struct lethe_carrier carrier;
    const char *hole = memmem(pdf, len, "/Contents <", 11);
    assert_non_null(hole);
    for (size_t at = 7; at < len; at += len / 200) {
        if (pdf + at > hole && pdf + at < strchr(hole, '>'))
            continue;
        pdf[at] ^= 1;
        if (lethe_carrier_open(pdf, len, &carrier) == 0)
            fail_msg("byte %zu of %zu: %.20s", at, len, pdf + at - 10);
        lethe_carrier_clear(&carrier);
        pdf[at] ^= 1;
    }
    assert_int_equal(lethe_carrier_open(pdf, len, &carrier), 0);
    lethe_carrier_clear(&carrier);
    free(pdf);
    free(text);
}

static void only_the_bench_that_signed_it(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    char *text = example(), *out = NULL;
    size_t len;
    struct lethe_signer *other =
        support_signer("stranger-bench", (const char *const[]){"stranger-root", NULL});
    struct lethe_paper paper = {.sdjwt = text, .sdjwt_len = strlen(text)};
    assert_int_equal(lethe_paper_certificate(press, &paper, other, &out, &len, &err),
                     -LETHE_E_REFUSED);
    assert_null(out);
    lethe_signer_close(other);
    free(text);
}

/* What can't be drawn is said, and the next page is drawn all the same. */
static void refuses_and_goes_on(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    char *text = example(), *out = NULL, *pdf;
    static char long_qr[5000];
    static const uint8_t bomb[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0,
                                   0,    0,   13,  'I', 'H',  'D',  'R',  0,    1,
                                   0,    0,   0,   1,   0,    0,    8,    6,    0};
    size_t len;
    memset(long_qr, 'a', sizeof(long_qr) - 1);
    const struct lethe_paper bad[] = {
        {.sdjwt = text, .sdjwt_len = strlen(text), .lang = "fr"},
        {.sdjwt = text, .sdjwt_len = strlen(text), .logo = "GIF89a..", .logo_len = 8},
        {.sdjwt = text, .sdjwt_len = strlen(text), .logo = bomb, .logo_len = sizeof(bomb)},
        {.sdjwt = text, .sdjwt_len = strlen(text), .qr = long_qr},
        {.sdjwt = "x", .sdjwt_len = 1},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_true(lethe_paper_certificate(press, &bad[i], signer, &out, &len, &err) < 0);
        assert_null(out);
        assert_true(err.what[0]);
    }
    struct lethe_paper paper = {.sdjwt = text, .sdjwt_len = strlen(text)};
    pdf = page_of(&paper, &len);
    free(pdf);
    free(text);
}

/* Asked for early, a page is the same; and whoever asks for another one gets that. */
static void drawn_ahead(void **state)
{
    (void)state;
    char *text = example(), *pdf;
    struct lethe_paper en = {.sdjwt = text, .sdjwt_len = strlen(text), .lang = "en"}, zh = en;
    struct lethe_paper bad = {.sdjwt = "x", .sdjwt_len = 1};
    zh.lang = "zh";
    size_t plain[2], len;
    free(page_of(&en, &plain[0]));
    free(page_of(&zh, &plain[1]));
    assert_true(plain[0] > plain[1] + 1000 || plain[1] > plain[0] + 1000);
    const struct lethe_paper *before[] = {&en, &zh, &bad};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(lethe_paper_ahead(press, before[i], NULL), 0);
        assert_int_equal(lethe_paper_ahead(press, before[i], NULL), 0); /* once is enough */
        pdf = page_of(&en, &len);
        assert_true(len < plain[0] + 64 && len + 64 > plain[0]);
        struct lethe_carrier carrier;
        assert_int_equal(lethe_carrier_open(pdf, len, &carrier), 0);
        lethe_carrier_clear(&carrier);
        free(pdf);
    }
    free(text);
}

static size_t pages_in(const char *pdf, size_t len)
{
    const char *count = memmem(pdf, len, "/Count ", 7);
    return count ? strtoul(count + 7, NULL, 10) : 0;
}

/* A second sheet only when the first can't hold it, and nothing cut off. */
static void second_page_when_needed(void **state)
{
    (void)state;
    for (int many = 0; many <= 1; many++) {
        LETHE_JSON_AUTO *claims = support_claims();
        json_t *list = json_object_get(json_object_get(claims, "open"), "limitations");
        for (int i = 0; many && i < 40; i++)
            json_array_append_new(
                list, json_string("A limitation that is long enough to take more than one line on "
                                  "paper, because it says what was not done, why it could not be "
                                  "done, and what a reader had better make of that."));
        char *text = support_issue(claims, signer);
        struct lethe_paper paper = {.sdjwt = text, .sdjwt_len = strlen(text), .lang = "both"};
        size_t len;
        char *pdf = page_of(&paper, &len);
        assert_int_equal(pages_in(pdf, len), many ? 2 : 1);
        free(pdf);
        free(text);
    }
}

static void labels_have_sizes(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_label label = {0};
    assert_int_equal(lethe_label_size("100x50", &label, &err), 0);
    assert_int_equal(label.width_mm, 100);
    assert_int_equal(label.height_mm, 50);
    static const char *const bad[] = {"",      "30",      "x",      "29x30",
                                      "30x29", "30x30mm", "201x30", "-30x30"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lethe_label_size(bad[i], &label, &err), -LETHE_E_USAGE);
}

/* A code that no scanner would read is not printed. */
static void label_too_small_for_its_code(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    static char qr[1500];
    char *text = example(), *out = NULL;
    size_t len;
    memset(qr, 'A', sizeof(qr) - 1);
    struct lethe_paper paper = {.sdjwt = text, .sdjwt_len = strlen(text), .qr = qr};
    for (int format = LETHE_LABEL_PDF; format <= LETHE_LABEL_ZPL; format++) {
        const struct lethe_label label = {(enum lethe_label_format)format, 30, 30, 203};
        assert_true(lethe_paper_label(press, &paper, &label, &out, &len, &err) < 0);
    }
    free(text);
}

static void series_of_events(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *series = json_array();
    static const struct {
        enum lethe_event_type type;
        const char *body;
    } events[] = {
        {LETHE_EVENT_PASS_BEGIN, "{\"pass\":0,\"pattern\":\"zero\",\"offset\":0}"},
        {LETHE_EVENT_PASS_POINT, "{\"pass\":0,\"offset\":4096}"},
        {LETHE_EVENT_EXCEPTION, "{\"phase\":\"write\",\"offset\":8192,\"length\":512,\"errno\":5}"},
        {LETHE_EVENT_STEP_END, "{\"step\":1,\"ok\":true}"},
        {LETHE_EVENT_PASS_END, "{\"pass\":0,\"bytes\":16384,\"errors\":1}"}};
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        struct lethe_event event = {
            .type = events[i].type, .time = 1000 * i, .body = json_loads(events[i].body, 0, NULL)};
        assert_int_equal(lethe_series_add(series, &event), 0);
        json_decref(event.body);
    }
    char *text = json_dumps(series, JSON_COMPACT);
    assert_string_equal(text, "[[\"begin\",0,0,0],[\"point\",1000,0,4096],"
                              "[\"error\",2000,8192,512],[\"end\",4000,0,16384]]");
    free(text);
}

static void lot_has_all_of_them(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    char *text = example(), *out = NULL;
    size_t len;
    const char *const texts[] = {text, text, text}, *const names[] = {"b.sdjwt", "c.sdjwt",
                                                                      "a.sdjwt"};
    struct lethe_lot_paper lot = {.lot = "L & <1>", .n = 3, .sdjwt = texts, .names = names};
    assert_int_equal(lethe_paper_lot(press, &lot, signer, &out, &len, &err), 0);
    assert_int_equal(pages_in(out, len), 2);
    /* A name tree is in the order of its names. */
    const char *tree = memmem(out, len, "/Names [ (a.sdjwt)", 18);
    assert_non_null(tree);
    free(out);
    out = NULL;
    lot.n = 0;
    assert_int_equal(lethe_paper_lot(press, &lot, signer, &out, &len, &err), -LETHE_E_NOT_FOUND);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_what_it_shows),         cmocka_unit_test(no_byte_can_change),
        cmocka_unit_test(only_the_bench_that_signed_it), cmocka_unit_test(refuses_and_goes_on),
        cmocka_unit_test(second_page_when_needed),       cmocka_unit_test(labels_have_sizes),
        cmocka_unit_test(label_too_small_for_its_code),  cmocka_unit_test(series_of_events),
        cmocka_unit_test(lot_has_all_of_them),           cmocka_unit_test(drawn_ahead),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
