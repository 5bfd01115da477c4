/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "audit/parts.h"
#include <string.h>

#define ROWS 200000

static void key_of(uint32_t i, uint8_t key[16])
{
    memset(key, 0, 16);
    memcpy(key + i % 13, &i, 3); /* most bits alike */
}

static void what_was_added_is_found(void **state)
{
    struct lethe_audit_table table;
    uint8_t key[16];
    uint32_t n = 0;
    (void)state;
    lethe_audit_table_init(&table, sizeof(struct lethe_audit_job), 16);
    key_of(1, key);
    assert_null(lethe_audit_table_find(&table, key));
    for (uint32_t i = 0; i < ROWS; i++) {
        key_of(i, key);
        struct lethe_audit_job *job = lethe_audit_table_find(&table, key);
        bool is_new = !job;
        job = lethe_audit_table_add(&table, key);
        assert_non_null(job);
        n += is_new;
        if (is_new) {
            assert_int_equal(job->start, 0);
            job->start = i;
        }
        assert_int_equal(table.n, n);
        assert_memory_equal(job->id, key, 16);
    }
    for (uint32_t i = 0; i < table.n; i++) {
        struct lethe_audit_job *row = (struct lethe_audit_job *)(void *)table.row + i;
        key_of(row->start, key);
        assert_ptr_equal(lethe_audit_table_find(&table, key), row);
        assert_int_equal(lethe_audit_table_number(&table, row), i);
    }
    assert_true(table.n_slots >= table.n / 3 * 4);
    lethe_audit_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_added_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
