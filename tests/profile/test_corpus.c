/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One corpus, two readers: this loader and, in schema.py, the published JSON Schemas.
 *   good-*  both accept       bad-*  both refuse
 *   deep-*  what no schema can say (duplicate keys, overlaps): refused here
 */
#include <lethe/policy.h>
#include <lethe/profile.h>

#include "base/file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static int parse_policy(const char *name, const char *text, size_t len, struct lethe_error *err)
{
    struct lethe_policy *policy = NULL;
    int rc = lethe_policy_parse(name, text, len, &policy, err);
    lethe_policy_free(policy);
    return rc;
}

static int parse_profile(const char *name, const char *text, size_t len, struct lethe_error *err)
{
    struct lethe_profile *profile = NULL;
    int rc = lethe_profile_parse(name, text, len, &profile, err);
    lethe_profile_free(profile);
    return rc;
}

static void run(const char *kind,
                int parse(const char *, const char *, size_t, struct lethe_error *))
{
    char dir[256], path[512], **names = NULL;
    unsigned good = 0, refused = 0, wrong = 0;
    snprintf(dir, sizeof(dir), LETHE_SOURCE_DIR "/tests/fuzz/corpus/%s", kind);
    assert_int_equal(lethe_dir_list(dir, &names, NULL), 0);
    for (char **name = names; *name; name++) {
        struct lethe_error err = {0};
        char *text = NULL;
        size_t len = 0;
        bool accept = strncmp(*name, "good-", 5) == 0;
        if (!strstr(*name, ".yaml"))
            continue; /* what a fuzzer found */
        assert_int_equal(lethe_path_join(path, sizeof(path), dir, *name, &err), 0);
        assert_int_equal(lethe_file_read(path, 1 << 20, &text, &len, &err), 0);
        int rc = parse(*name, text, len, &err);
        print_message("%-40s %s\n", *name, rc < 0 ? err.what : "accepted");
        good += accept;
        refused += !accept;
        wrong += rc != (accept ? 0 : -LETHE_E_INVALID);
        /* a message without the file's name helps nobody */
        wrong += rc < 0 && !strstr(err.what, *name);
        free(text);
    }
    lethe_names_free(names);
    assert_int_equal(wrong, 0);
    assert_true(good >= 5 && refused >= 20);
}

static void policies(void **state)
{
    (void)state;
    run("policy", parse_policy);
}

static void device_profiles(void **state)
{
    (void)state;
    run("profile", parse_profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies),
        cmocka_unit_test(device_profiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
