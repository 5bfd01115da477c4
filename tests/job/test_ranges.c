/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted ranges against a plain array of flags. */
#include "job/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "job/parts.h"

#define SPACE 64
#define MAX 6

static size_t runs(const bool *set)
{
    size_t n = 0;
    for (size_t i = 0; i < SPACE; i++)
        n += set[i] && (i == 0 || !set[i - 1]);
    return n;
}

static void as_a_set_of_flags(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 3000; round++) {
        bool set[SPACE] = {false};
        struct lethe_range ranges[MAX];
        size_t n = 0;
        for (int i = 0; i < 12; i++) {
            bool next[SPACE];
            size_t offset = (size_t)rand() % SPACE;
            size_t length = 1 + (size_t)rand() % (SPACE - offset < 9 ? SPACE - offset : 9);
            memcpy(next, set, sizeof(set));
            memset(next + offset, true, length);
            bool fits = lethe_ranges_add(ranges, &n, MAX, (struct lethe_range){offset, length});
            assert_int_equal(fits, runs(next) <= MAX);
            if (fits)
                memcpy(set, next, sizeof(set));
            assert_int_equal(n, runs(set));
            uint64_t counted = 0, units = 0;
            for (size_t k = 0; k < n; k++) {
                counted += ranges[k].length;
                assert_true(k == 0 ||
                            ranges[k].offset > ranges[k - 1].offset + ranges[k - 1].length);
            }
            for (size_t at = 0; at < SPACE; at += 4)
                units += set[at] || set[at + 1] || set[at + 2] || set[at + 3];
            assert_int_equal(counted, lethe_ranges_units(ranges, n, 1, SPACE));
            assert_int_equal(units, lethe_ranges_units(ranges, n, 4, UINT64_MAX));
            uint64_t below = 0;
            for (size_t at = 0; at < 20; at++)
                below += set[at];
            assert_int_equal(below, lethe_ranges_units(ranges, n, 1, 20));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_a_set_of_flags)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
