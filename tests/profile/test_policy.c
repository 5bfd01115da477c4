/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/policy.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/pattern.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static const char *const shipped[] = {LETHE_SOURCE_DIR "/profiles/policies", NULL};

static struct lethe_policy_set *load(void)
{
    struct lethe_policy_set *set = NULL;
    struct lethe_error err = {0};
    if (lethe_policy_set_load(shipped, &set, &err) < 0)
        fail_msg("%s", err.what);
    return set;
}

static void shipped_policies_keep_the_house_rules(void **state)
{
    (void)state;
    struct lethe_policy_set *set = load();
    assert_int_equal(lethe_policy_count(set), 35);
    for (size_t i = 0; i < lethe_policy_count(set); i++) {
        const struct lethe_policy *p = lethe_policy_at(set, i);
        char by[128];
        print_message("%s\n", p->id);
        snprintf(by, sizeof(by), "by policy %s of %s", p->id, p->version);
        assert_non_null(strstr(p->statement, by));
        assert_null(strstr(p->statement, "ertified"));
        assert_int_not_equal(p->verification.mode, LETHE_VERIFY_NONE);
        assert_int_equal(p->min_test_status, LETHE_STATUS_REPORTED);
        assert_true(p->retention_years >= 3);
        assert_int_equal(p->n_required, 0);
        assert_int_equal(strlen(p->hash), 64);
        assert_true(p->limits.stall_seconds >= 120);
        /* a sampled policy's canaries show 1 % of survivors with 99 % confidence */
        assert_true(p->canaries >= (p->verification.mode == LETHE_VERIFY_FULL ? 2 : 459));
        assert_int_equal(p->exceptions_allowed, strcmp(p->id, "random-full-exceptions") == 0);
        for (size_t r = 0; r < p->n_rules; r++)
            /* no pass list may stand for Purge: a host overwrite is Clear at best */
            assert_true(p->method == LETHE_METHOD_CLEAR || p->rules[r].n_passes == 0);
    }
    lethe_policy_set_free(set);
}

/* The pass lists of the field's table, as offsets into one device see them. */
static void classic_schemes_are_as_published(void **state)
{
    static const struct {
        const char *id, *passes;
        enum lethe_verify_mode mode;
    } table[] = {
        {"nist-clear", "zero", LETHE_VERIFY_CONFIDENCE},
        {"gb46864-mag", "zero one random", LETHE_VERIFY_FULL},
        {"usb-2", "hex:55 hex:aa", LETHE_VERIFY_FULL},
        {"dod-3", "zero one random", LETHE_VERIFY_FULL},
        {"dod-ece-7", "byte:1 ~byte:1 random byte:2 byte:3 ~byte:3 random", LETHE_VERIFY_FULL},
        {"vsitr-7", "zero one zero one zero one hex:aa", LETHE_VERIFY_CONFIDENCE},
        {"bsi-tl03423-8", "one zero random one zero one zero hex:aa", LETHE_VERIFY_CONFIDENCE},
        {"hmg-is5-base", "zero", LETHE_VERIFY_FULL},
        {"hmg-is5-enh", "zero one random", LETHE_VERIFY_FULL},
        {"ops-ii", "zero one zero one zero one random", LETHE_VERIFY_FULL},
        {"itsg-06", "byte:1 ~byte:1 random", LETHE_VERIFY_FULL},
        {"gost-50739", "zero random", LETHE_VERIFY_FULL},
        {"ar380-19", "byte:1 zero one", LETHE_VERIFY_FULL},
        {"afssi-5020", "byte:1 zero one", LETHE_VERIFY_FULL},
        {"navso-rll", "one hex:e4ffffff random", LETHE_VERIFY_FULL},
        {"schneier-7", "one zero random random random random random", LETHE_VERIFY_CONFIDENCE},
        {"pfitzner-7", "random random random random random random random", LETHE_VERIFY_CONFIDENCE},
        {"nnsa-14.1-C", "random random zero", LETHE_VERIFY_FULL},
        {"nato-7", "zero one zero one zero one random", LETHE_VERIFY_CONFIDENCE},
        {"bmb21-2019", "one zero random random random one", LETHE_VERIFY_CONFIDENCE},
        {"gutmann-35",
         "random random random random hex:55 hex:aa hex:924924 hex:492492 hex:249249 zero hex:11 "
         "hex:22 hex:33 hex:44 hex:55 hex:66 hex:77 hex:88 hex:99 hex:aa hex:bb hex:cc hex:dd "
         "hex:ee one hex:924924 hex:492492 hex:249249 hex:6db6db hex:b6db6d hex:db6db6 random "
         "random random random",
         LETHE_VERIFY_CONFIDENCE},
    };
    (void)state;
    struct lethe_policy_set *set = load();
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct lethe_policy *p = lethe_policy_find(set, table[i].id, NULL);
        LETHE_BUF_AUTO passes = {0};
        assert_non_null(p);
        const struct lethe_policy_rule *rule = lethe_policy_rule_for(p, LETHE_MEDIA_MAGNETIC);
        assert_non_null(rule);
        for (size_t j = 0; j < rule->n_passes; j++)
            lethe_buf_printf(&passes, "%s%s", j ? " " : "", rule->passes[j]);
        assert_string_equal(passes.data, table[i].passes);
        assert_int_equal(p->method, LETHE_METHOD_CLEAR);
        assert_int_equal(p->verification.mode, table[i].mode);
    }
    const struct lethe_policy *p = lethe_policy_find(set, "pfitzner-33", NULL);
    assert_int_equal(lethe_policy_rule_for(p, LETHE_MEDIA_MAGNETIC)->n_passes, 33);
    p = lethe_policy_find(set, "gutmann-35", NULL);
    assert_int_equal(lethe_policy_rule_for(p, LETHE_MEDIA_MAGNETIC)->n_passes, 35);
    lethe_policy_set_free(set);
}

static void gb_46864_chooses_by_medium(void **state)
{
    (void)state;
    struct lethe_policy_set *set = load();
    const struct lethe_policy *p = lethe_policy_find(set, "gb-46864-2025", NULL);
    static const enum lethe_media three[] = {LETHE_MEDIA_MAGNETIC, LETHE_MEDIA_FILE,
                                             LETHE_MEDIA_UNKNOWN};
    for (size_t i = 0; i < 3; i++) {
        const struct lethe_policy_rule *rule = lethe_policy_rule_for(p, three[i]);
        assert_int_equal(rule->n_passes, 3);
        assert_string_equal(rule->passes[2], "random");
        assert_int_equal(rule->kinds, LETHE_KIND_OVERWRITE);
    }
    const struct lethe_policy_rule *flash = lethe_policy_rule_for(p, LETHE_MEDIA_FLASH);
    assert_int_equal(flash->n_passes, 2);
    assert_int_equal(flash->kinds, LETHE_KIND_OVERWRITE | LETHE_KIND_BLOCK_ERASE);
    assert_int_equal(p->verification.mode, LETHE_VERIFY_FULL);
    assert_int_equal(p->retention_years, 3);
    assert_false(p->read_in_full);
    lethe_policy_set_free(set);
}

static void numbers_people_write_become_exact(void **state)
{
    (void)state;
    struct lethe_policy_set *set = load();
    const struct lethe_policy *p = lethe_policy_find(set, "nist-800-88r2-clear", NULL);
    assert_int_equal(p->verification.confidence_ppm, 990000);
    assert_int_equal(p->verification.fraction_ppm, 1000);
    assert_int_equal(p->limits.min_rate, 262144);
    p = lethe_policy_find(set, "ieee-2883-2022-clear", NULL);
    assert_int_equal(p->verification.percent_ppm, 25000);
    assert_true(p->verification.percent_ppm * p->verification.samples >= 50000);
    p = lethe_policy_find(set, "nist-800-88r1-sampled", NULL);
    assert_int_equal(p->verification.subsections, 1000);
    assert_int_equal(p->verification.samples, 2);
    assert_int_equal(p->verification.percent_ppm, 50000);
    p = lethe_policy_find(set, "random-full-exceptions", NULL);
    assert_int_equal(p->exceptions_max_sectors, 64);
    lethe_policy_set_free(set);
}

static void unknown_id_names_the_nearest(void **state)
{
    (void)state;
    struct lethe_policy_set *set = load();
    struct lethe_error err;
    assert_null(lethe_policy_find(set, "nist-800-88r2-cleer", &err));
    assert_int_equal(err.code, LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.remedy, "nist-800-88r2-clear"));
    char long_id[4000];
    memset(long_id, 'x', sizeof(long_id) - 1);
    long_id[sizeof(long_id) - 1] = '\0';
    assert_null(lethe_policy_find(set, long_id, &err));
    lethe_policy_set_free(set);
}

static void same_id_in_two_folders_is_an_error(void **state)
{
    (void)state;
    char dir[] = "/tmp/lethe-policy-XXXXXX", path[128], *text = NULL;
    size_t len = 0;
    struct lethe_error err = {0};
    struct lethe_policy_set *set = NULL;
    assert_non_null(mkdtemp(dir));
    const char *const both[] = {shipped[0], dir, NULL};
    assert_int_equal(
        lethe_file_read(LETHE_SOURCE_DIR "/profiles/policies/dod-3.yaml", 65536, &text, &len, &err),
        0);
    snprintf(path, sizeof(path), "%s/dod-3.yaml", dir);
    assert_int_equal(lethe_file_write(path, text, len, 0600, &err), 0);
    assert_int_equal(lethe_policy_set_load(both, &set, &err), -LETHE_E_INVALID);
    assert_null(set);
    assert_non_null(strstr(err.what, dir));
    assert_non_null(strstr(err.what, "profiles/policies/dod-3.yaml"));
    unlink(path);

    /* the name of the file is the name of the policy */
    snprintf(path, sizeof(path), "%s/dod-4.yaml", dir);
    const char *const one[] = {dir, NULL};
    assert_int_equal(lethe_file_write(path, text, len, 0600, &err), 0);
    assert_int_equal(lethe_policy_set_load(one, &set, &err), -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "call it dod-3.yaml"));
    unlink(path);
    rmdir(dir);
    free(text);
}

/* facts: n = ceil(ln(1-c) / ln(1-p)) */
static void sample_counts_are_those_of_the_table(void **state)
{
    static const struct {
        uint32_t fraction;
        uint64_t n95, n99, n999;
    } table[] = {{10000, 299, 459, 688},
                 {1000, 2995, 4603, 6905},
                 {100, 29956, 46050, 69075},
                 {10, 299572, 460515, 690773}};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        uint32_t p = table[i].fraction;
        assert_int_equal(lethe_sample_count(950000, p, UINT64_MAX), table[i].n95);
        assert_int_equal(lethe_sample_count(990000, p, UINT64_MAX), table[i].n99);
        assert_int_equal(lethe_sample_count(999000, p, UINT64_MAX), table[i].n999);
    }
    /* the same for 64 GB and for 8 TB */
    assert_int_equal(lethe_sample_count(990000, 1000, 64000000000 / 4096),
                     lethe_sample_count(990000, 1000, 8000000000000 / 4096));
    assert_int_equal(lethe_sample_count(990000, 1000, 100), 100);
    assert_int_equal(lethe_sample_count(1000000, 1000, 77), 77);
    assert_int_equal(lethe_sample_count(990000, 0, 77), 77);
    assert_int_equal(lethe_sample_count(990000, 1000000, 77), 1);
    assert_int_equal(lethe_sample_count(990000, 1000000, 0), 0);
    assert_int_equal(lethe_sample_count(0, 1000, 77), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_policies_keep_the_house_rules),
        cmocka_unit_test(classic_schemes_are_as_published),
        cmocka_unit_test(gb_46864_chooses_by_medium),
        cmocka_unit_test(numbers_people_write_become_exact),
        cmocka_unit_test(unknown_id_names_the_nearest),
        cmocka_unit_test(same_id_in_two_folders_is_an_error),
        cmocka_unit_test(sample_counts_are_those_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
