/* SPDX-License-Identifier: Apache-2.0 */
/* What is in certs/examples/levels is what the generator makes; the verdicts are test_vectors.py's.
 */
#include "base/file.h"
#include "base/text.h"
#include "vectors/vectors.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static int compare(void *user, const char *file, const char *text, bool same)
{
    char path[512], *there;
    size_t len;
    lethe_text_format(path, sizeof(path), LETHE_SOURCE_DIR "/certs/examples/%s", file);
    if (lethe_file_read(path, 1 << 22, &there, &len, NULL) < 0)
        fail_msg("%s is missing: generate_vectors certs/examples", file);
    if (same && (len != strlen(text) || memcmp(there, text, len) != 0))
        fail_msg("%s is another: generate_vectors certs/examples", file);
    free(there);
    ++*(size_t *)user;
    return 0;
}

static void test_what_is_there_is_what_is_made(void **state)
{
    (void)state;
    size_t made = 0, there = 0;
    char **names;
    assert_int_equal(vectors_make(compare, &made), 0);
    assert_int_equal(lethe_dir_list(LETHE_SOURCE_DIR "/certs/examples/levels", &names, NULL), 0);
    while (names[there])
        there++;
    assert_int_equal(made, there + 1); /* and the index */
    lethe_names_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_is_there_is_what_is_made)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
