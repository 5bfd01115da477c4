/* SPDX-License-Identifier: Apache-2.0 */
/* When a PSID revert may be begun. Conversations are in tests/emu/test_tcg.c and tests/proto, whole
 * jobs in tests/scenarios/firmware/tcg.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include <lethe/technique.h>

static int ready(const struct lethe_facts *facts, struct lethe_error *err)
{
    *err = (struct lethe_error){0};
    return lethe_technique_ready(lethe_technique_find("tcg-psid-revert"), facts, err);
}

static void only_where_it_erases_and_the_label_was_read(void **state)
{
    (void)state;
    struct lethe_error err;
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_SCSI, .psid = true};
    assert_int_equal(ready(&facts, &err), -LETHE_E_UNSUPPORTED); /* Pyrite, or no TCG at all */
    facts.can = LETHE_CAN_PSID_REVERT;
    assert_int_equal(ready(&facts, &err), 0);
    facts.tcg.block_sid = true;
    assert_int_equal(ready(&facts, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "Block SID"));
    facts.tcg.block_sid = facts.psid = false;
    assert_int_equal(ready(&facts, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.remedy, "--psid"));
    assert_int_equal(ready(NULL, &err), -LETHE_E_REFUSED);
}

static void nothing_is_sent_without_a_psid(void **state)
{
    (void)state;
    const struct lethe_technique *t = lethe_technique_find("tcg-psid-revert");
    struct lethe_error err = {0};
    struct lethe_run run = {.psid = "", .path = LETHE_PATH_SCSI}; /* no io: it would be missed */
    assert_int_equal(t->start(&run, &err), -LETHE_E_REFUSED);
    t->stop(&run);
    assert_null(run.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_where_it_erases_and_the_label_was_read),
        cmocka_unit_test(nothing_is_sent_without_a_psid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
