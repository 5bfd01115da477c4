/* SPDX-License-Identifier: Apache-2.0 */
/* Skip a cmocka test that can't run here; scripts/test lists the reasons. Include after cmocka.h.
 */
#ifndef LETHE_TESTS_SKIP_H
#define LETHE_TESTS_SKIP_H

#include <stdio.h>

#define lethe_test_skip(...)                                                                       \
    do {                                                                                           \
        fprintf(stderr, "SKIP: " __VA_ARGS__);                                                     \
        fputc('\n', stderr);                                                                       \
        skip();                                                                                    \
    } while (0)

#endif
