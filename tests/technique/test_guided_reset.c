/* SPDX-License-Identifier: Apache-2.0 */
/* "guided-reset" sends nothing, and earns no more than a person's word. */
#include <io/phone/phone.h>
#include <lethe/technique.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

/* Of a device that nothing can be asked of: only that it came back is known. */
static void test_nothing_is_sent(void **state)
{
    (void)state;
    const struct lethe_technique *t = lethe_technique_find("guided-reset");
    struct lethe_io *io = NULL;
    struct lethe_error err;
    assert_non_null(t);
    assert_int_equal(lethe_io_mute_open(&io, &err), 0);
    struct lethe_run run = {.io = io};
    json_t *evidence = NULL, *findings = NULL;
    assert_int_equal(t->start(&run, &err), 0);
    assert_int_equal(t->step(&run, &err), 0);
    assert_int_equal(t->attest(&run, &evidence, &err), 0);
    t->stop(&run);
    assert_int_equal(json_array_size(json_object_get(evidence, "commands")), 0);
    assert_int_equal(t->observe(&run, &findings, &err), 0);
    char why[192];
    assert_int_equal(t->grade(evidence, findings, why), LETHE_GRADE_ATTESTED);
    json_decref(evidence);
    json_decref(findings);
    lethe_io_close(io);
}

static void test_what_is_seen_can_contradict(void **state)
{
    (void)state;
    static const struct {
        const char *adb, *setup, *lock, *old;
        enum lethe_grade grade;
    } seen[] = {
        {"absent", "unknown", "unknown", "no record", LETHE_GRADE_ATTESTED},
        {"unauthorized", "unknown", "unknown", "no record", LETHE_GRADE_ATTESTED},
        {"absent", "no", "no", "no record", LETHE_GRADE_ATTESTED},
        {"accepted", "unknown", "unknown", "no record", LETHE_GRADE_DENIED},
        {"open", "unknown", "unknown", "no record", LETHE_GRADE_NONE},
        {"absent", "yes", "no", "no record", LETHE_GRADE_NONE},
        {"absent", "no", "yes", "no record", LETHE_GRADE_NONE},
        {"absent", "unknown", "unknown", "host unknown", LETHE_GRADE_ATTESTED},
        {"absent", "unknown", "unknown", "another record", LETHE_GRADE_ATTESTED},
        {"absent", "yes", "no", "opened", LETHE_GRADE_DENIED},
        {"absent", "unknown", "unknown", "opened", LETHE_GRADE_DENIED},
    };
    const struct lethe_technique *t = lethe_technique_find("guided-reset");
    json_t *evidence = json_pack("{s:s}", "technique", "guided-reset");
    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
        char why[192] = "";
        json_t *findings =
            json_pack("{s:s, s:s, s:s, s:s}", "adb", seen[i].adb, "old_session", seen[i].old,
                      "setup_done", seen[i].setup, "activation_lock", seen[i].lock);
        assert_int_equal(t->grade(evidence, findings, why), seen[i].grade);
        assert_true(why[0] != '\0');
        assert_true(t->grade(NULL, findings, why) <= LETHE_GRADE_NONE);
        json_decref(findings);
    }
    char why[192];
    assert_int_equal(t->grade(evidence, NULL, why), LETHE_GRADE_NONE);
    json_decref(evidence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_sent),
        cmocka_unit_test(test_what_is_seen_can_contradict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
