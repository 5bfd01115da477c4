/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of parsed files is what they were parsed into, or it is not used. */
#include <base/file.h>
#include <base/text.h>
#include <lethe/profile.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static char dir[] = "/tmp/lethe-memo.XXXXXX", folder[128], memo[128], file[160];

static const char text[] = "id: a-disk\ntitle: %s\nmatch: {classes: [disk]}\n"
                           "techniques:\n  - {technique: overwrite, status: reported, "
                           "evidence: somebody}\nlimitations: []\nsource: somewhere\n";

static void write_profile(const char *title)
{
    char full[512];
    snprintf(full, sizeof(full), text, title);
    assert_int_equal(lethe_file_write(file, full, strlen(full), 0600, NULL), 0);
}

static void must_be(const char *title)
{
    struct lethe_profile_set *set = NULL;
    struct lethe_error err = {0};
    int rc = lethe_profile_set_load_kept((const char *const[]){folder, NULL}, memo, &set, &err);
    if (rc < 0)
        fail_msg("%s", err.what);
    assert_int_equal(lethe_profile_count(set), 1);
    assert_string_equal(lethe_profile_at(set, 0)->title, title);
    assert_string_equal(lethe_profile_at(set, 0)->techniques[0].evidence, "somebody");
    lethe_profile_set_free(set);
}

static void bend(size_t at, char with)
{
    char *kept;
    size_t len;
    assert_int_equal(lethe_file_read(memo, 1 << 20, &kept, &len, NULL), 0);
    assert_true(at < len);
    kept[at] = (char)(kept[at] ^ with);
    assert_int_equal(lethe_file_write(memo, kept, len, 0600, NULL), 0);
    free(kept);
}

/* It is written anew, as another file, only where it was of no use. */
static ino_t kept_as(void)
{
    struct stat st;
    assert_int_equal(stat(memo, &st), 0);
    return st.st_ino;
}

static void is_used_while_nothing_changed(void **state)
{
    (void)state;
    write_profile("one");
    must_be("one");
    ino_t first = kept_as();
    int keep = open(memo, O_RDONLY); /* so that its number is not given again */
    must_be("one");
    assert_int_equal(kept_as(), first);
    write_profile("two");
    must_be("two");
    assert_int_not_equal(kept_as(), first);
    close(keep);
}

static void is_dropped_when_a_file_changes(void **state)
{
    (void)state;
    write_profile("one");
    must_be("one");
    write_profile("two");
    must_be("two");
    write_profile("one");
    must_be("one");
}

static void a_bent_one_is_not_used(void **state)
{
    (void)state;
    write_profile("one");
    for (size_t at = 0; at < 56 + sizeof(struct lethe_profile); at += 37) {
        must_be("one");
        bend(at, 1);
        must_be("one");
    }
    assert_int_equal(lethe_file_write(memo, "", 0, 0600, NULL), 0);
    must_be("one");
}

/* Was it of use, as it is now? What is not is replaced. */
static void must_not_be_used(void)
{
    ino_t before = kept_as();
    int keep = open(memo, O_RDONLY | O_NONBLOCK);
    must_be("one");
    assert_int_not_equal(kept_as(), before);
    close(keep);
}

static void one_that_others_can_write_is_not_used(void **state)
{
    (void)state;
    static const mode_t others[] = {S_IWGRP, S_IWOTH};
    write_profile("one");
    must_be("one");
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(chmod(memo, 0600 | others[i]), 0);
        must_not_be_used();
    }
    /* in a folder where others could put another in its place, nothing is looked at or kept */
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(chmod(dir, 0700 | others[i]), 0);
        ino_t before = kept_as();
        write_profile("two");
        must_be("two");
        assert_int_equal(kept_as(), before);
        write_profile("one");
    }
    assert_int_equal(chmod(dir, 0700), 0);
    if (geteuid() == 0) { /* only root can give a file away */
        assert_int_equal(chown(memo, 65534, (gid_t)-1), 0);
        must_not_be_used();
    }
}

/* An open that waits for a writer would never end. */
static void what_is_no_plain_file_is_not_used(void **state)
{
    (void)state;
    char aside[160];
    snprintf(aside, sizeof(aside), "%s/aside", dir);
    write_profile("one");
    must_be("one");
    assert_int_equal(rename(memo, aside), 0);
    assert_int_equal(symlink(aside, memo), 0);
    must_be("one");
    struct stat st;
    assert_int_equal(lstat(memo, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    for (int linked = 0; linked < 2; linked++) {
        unlink(aside);
        unlink(memo);
        assert_int_equal(mkfifo(linked ? aside : memo, 0600), 0);
        if (linked)
            assert_int_equal(symlink(aside, memo), 0);
        alarm(20);
        must_be("one");
        alarm(0);
        assert_int_equal(lstat(memo, &st), 0);
        assert_true(S_ISREG(st.st_mode));
    }
    unlink(aside);
}

/* As memo.c sums. */
static uint64_t sum_of(const char *data, size_t len)
{
    uint64_t sum = 14695981039346656037u, word;
    for (; len >= sizeof(word); len -= sizeof(word), data += sizeof(word)) {
        memcpy(&word, data, sizeof(word));
        sum = (sum ^ word) * 1099511628211u;
        sum ^= sum >> 29;
    }
    for (; len > 0; len--)
        sum = (sum ^ (uint8_t)*data++) * 1099511628211u;
    return sum;
}

/* Its counts would lead far beyond it: `policy list` had all memory that there was. */
static void counts_beyond_their_arrays_are_not_used(void **state)
{
    (void)state;
    char *kept;
    size_t len;
    write_profile("one");
    must_be("one");
    assert_int_equal(lethe_file_read(memo, 1 << 20, &kept, &len, NULL), 0);
    assert_true(len == 56 + sizeof(struct lethe_profile));
    memset(kept + 56, 'A', len - 56);
    uint64_t sum = sum_of(kept + 56, len - 56);
    memcpy(kept + 48, &sum, sizeof(sum));
    assert_int_equal(lethe_file_write(memo, kept, len, 0600, NULL), 0);
    free(kept);
    must_not_be_used();
}

static void a_bad_file_stays_an_error(void **state)
{
    (void)state;
    struct lethe_profile_set *set = NULL;
    write_profile("one");
    must_be("one");
    assert_int_equal(lethe_file_write(file, "id: [", 5, 0600, NULL), 0);
    assert_true(lethe_profile_set_load_kept((const char *const[]){folder, NULL}, memo, &set, NULL) <
                0);
    assert_null(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_used_while_nothing_changed),
        cmocka_unit_test(is_dropped_when_a_file_changes),
        cmocka_unit_test(a_bent_one_is_not_used),
        cmocka_unit_test(one_that_others_can_write_is_not_used),
        cmocka_unit_test(what_is_no_plain_file_is_not_used),
        cmocka_unit_test(counts_beyond_their_arrays_are_not_used),
        cmocka_unit_test(a_bad_file_stays_an_error),
    };
    if (!mkdtemp(dir))
        return 1;
    snprintf(folder, sizeof(folder), "%s/devices", dir);
    snprintf(memo, sizeof(memo), "%s/devices.parsed", dir);
    snprintf(file, sizeof(file), "%s/a-disk.yaml", folder);
    if (lethe_dir_make(folder, 0700, NULL) < 0)
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(file);
    unlink(memo);
    rmdir(folder);
    rmdir(dir);
    return rc;
}
