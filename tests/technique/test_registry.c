/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/technique.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_technique_is_found_and_documented(void **state)
{
    (void)state;
    assert_true(lethe_technique_count() > 0);
    for (size_t i = 0; i < lethe_technique_count(); i++) {
        const struct lethe_technique *technique = lethe_technique_at(i);
        char page[512];
        assert_ptr_equal(lethe_technique_find(technique->name), technique);
        assert_true(technique->start && technique->step && technique->attest && technique->stop);
        assert_true(technique->needs != 0 || technique->flags & LETHE_TECHNIQUE_GUIDED);
        snprintf(page, sizeof(page), "%s/docs/techniques/%s.md", LETHE_SOURCE_DIR, technique->name);
        assert_int_equal(access(page, R_OK), 0);
    }
    assert_null(lethe_technique_at(lethe_technique_count()));
    assert_null(lethe_technique_find("trim"));
}

static void a_host_overwrite_is_never_more_than_clear(void **state)
{
    (void)state;
    static const enum lethe_media medias[] = {LETHE_MEDIA_UNKNOWN, LETHE_MEDIA_MAGNETIC,
                                              LETHE_MEDIA_FLASH, LETHE_MEDIA_FILE};
    struct lethe_technique boaster = *lethe_technique_find("overwrite");
    boaster.method = LETHE_METHOD_PURGE;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(lethe_technique_method(&boaster, medias[i]), LETHE_METHOD_CLEAR);
}

static void a_device_that_erases_itself_needs_known_media(void **state)
{
    (void)state;
    const struct lethe_technique sanitize = {.name = "x", .method = LETHE_METHOD_PURGE};
    const struct lethe_technique nothing = {.name = "y", .method = LETHE_METHOD_NONE};
    assert_int_equal(lethe_technique_method(&sanitize, LETHE_MEDIA_FLASH), LETHE_METHOD_PURGE);
    assert_int_equal(lethe_technique_method(&sanitize, LETHE_MEDIA_UNKNOWN), LETHE_METHOD_CLEAR);
    assert_int_equal(lethe_technique_method(&sanitize, LETHE_MEDIA_FILE), LETHE_METHOD_CLEAR);
    assert_int_equal(lethe_technique_method(&nothing, LETHE_MEDIA_FILE), LETHE_METHOD_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_technique_is_found_and_documented),
        cmocka_unit_test(a_host_overwrite_is_never_more_than_clear),
        cmocka_unit_test(a_device_that_erases_itself_needs_known_media),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
