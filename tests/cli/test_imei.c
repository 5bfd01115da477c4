/* SPDX-License-Identifier: Apache-2.0 */
/* IMEIs as people type them and scanners read them; and text without blanks, broken by its signs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/imei.h"
#include "cli/phone_text.h"
#include "cli/wrap.h"

#include <base/text.h>
#include <stdlib.h>
#include <string.h>

static void good(void **state)
{
    struct lethe_identifier id;
    (void)state;
    assert_int_equal(lethe_imei_parse("356938035643809", &id, NULL), 0);
    assert_string_equal(id.value, "356938035643809");
    assert_int_equal(id.kind, LETHE_ID_IMEI);
    assert_int_equal(id.source, LETHE_SOURCE_TYPED);
    assert_int_equal(lethe_imei_parse("35-693803-564380/9", &id, NULL), 0);
    assert_string_equal(id.value, "356938035643809");
    assert_int_equal(lethe_imei_parse("scanned:490154203237518", &id, NULL), 0);
    assert_int_equal(id.source, LETHE_SOURCE_SCANNED);
}

static void bad(void **state)
{
    static const char *const wrong[] = {
        "356938035643808",  /* the last digit */
        "356938035634809",  /* two swapped */
        "35693803564380",   /* one too few */
        "3569380356438090", /* IMEISV has sixteen */
        "000000000000000",  /* fits, and is nobody's */
        "35693803564380x",
        "",
        "scanned:",
        "３５６９３８０３５６４３８０９",
        /* full width: digits elsewhere */ "99999999999999999999999999999999999999999999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lethe_identifier id;
        struct lethe_error err = {0};
        assert_int_equal(lethe_imei_parse(wrong[i], &id, &err), -LETHE_E_USAGE);
        assert_true(err.what[0] && err.remedy[0]);
        assert_true(lethe_text_is_clean(err.what));
    }
}

static char *wrapped(const struct lethe_profile *profile, const char *lang, size_t width)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    lethe_guide_print(profile, lang, width, out);
    fclose(out);
    return text;
}

/* No line wider than the terminal, in either language; nothing lost. */
static void guide(void **state)
{
    (void)state;
    static const char *const langs[] = {"en", "zh", "both"};
    for (size_t i = 0; i < 3; i++) {
        char *text = wrapped(NULL, langs[i], 60), *rest = text, *line;
        assert_int_equal(strstr(text, "factory reset") != NULL, i != 1);
        assert_int_equal(strstr(text, "首次设置") != NULL || strstr(text, "恢复出厂") != NULL,
                         i != 0);
        while ((line = strsep(&rest, "\n"))) {
            assert_true(lethe_text_columns(line) <= 60);
            assert_int_not_equal(strncmp(line + strspn(line, " "), "。", 3), 0);
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(good), cmocka_unit_test(bad),
                                       cmocka_unit_test(guide)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
