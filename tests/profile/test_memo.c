/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of parsed files is what they were parsed into, or it is not used. */
#include <base/file.h>
#include <base/text.h>
#include <base/time.h>
#include <lethe/profile.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static char dir[] = "/tmp/lethe-memo.XXXXXX", folder[128], memo[128], file[160];

static const char text[] = "id: a-disk\ntitle: %s\nmatch: {classes: [disk]}\n"
                           "techniques:\n  - {technique: overwrite, status: reported, "
                           "evidence: somebody}\nlimitations: []\nsource: somewhere\n";

/* Where files that were just written are old enough for what is in them to be kept. */
static uint64_t some_minutes_later(void)
{
    return (uint64_t)time(NULL) * 1000 + 600000;
}

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

/* The same number, the same size, the old time of writing: what it says is new. */
static void a_change_that_hides_is_seen(void **state)
{
    (void)state;
    struct stat before, after;
    write_profile("one");
    must_be("one");
    assert_int_equal(stat(file, &before), 0);
    do { /* until the clock of the file system has gone on */
        FILE *stream = fopen(file, "r+");
        assert_non_null(stream);
        fprintf(stream, text, "two");
        assert_int_equal(fclose(stream), 0);
        struct timespec times[] = {before.st_atim, before.st_mtim};
        assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
        assert_int_equal(stat(file, &after), 0);
    } while (after.st_ctim.tv_sec == before.st_ctim.tv_sec &&
             after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
    assert_int_equal(after.st_ino, before.st_ino);
    assert_int_equal(after.st_size, before.st_size);
    assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
    must_be("two");
}

/* It could change once more before the clock ticks, and nothing would tell. */
static void what_was_just_written_is_not_kept(void **state)
{
    (void)state;
    write_profile("one");
    must_be("one");
    ino_t before = kept_as();
    lethe_time_override(NULL, NULL);
    write_profile("two");
    must_be("two");
    assert_int_equal(kept_as(), before);
    lethe_time_override(some_minutes_later, NULL);
    must_be("two");
    assert_int_not_equal(kept_as(), before);
}

static void a_bent_one_is_not_used(void **state)
{
    (void)state;
    write_profile("one");
    must_be("one");
    struct stat st;
    assert_int_equal(stat(memo, &st), 0);
    assert_true(st.st_size > 100 && (size_t)st.st_size < sizeof(struct lethe_profile) / 4);
    for (off_t at = 0; at < st.st_size; at += 7) {
        must_be("one");
        bend((size_t)at, 1);
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

/* The head of what is kept, and then this, with a sum that is right. */
static void keep(const void *records, size_t len)
{
    char *kept;
    size_t had;
    assert_int_equal(lethe_file_read(memo, 1 << 20, &kept, &had, NULL), 0);
    assert_true(had > 56);
    char *with = malloc(56 + len);
    assert_non_null(with);
    memcpy(with, kept, 56);
    memcpy(with + 56, records, len);
    uint64_t sum = sum_of(records, len);
    memcpy(with + 48, &sum, sizeof(sum));
    assert_int_equal(lethe_file_write(memo, with, 56 + len, 0600, NULL), 0);
    free(with);
    free(kept);
}

/* Its counts would lead far beyond it: `policy list` had all memory that there was. */
static void counts_beyond_their_arrays_are_not_used(void **state)
{
    (void)state;
    static struct {
        uint32_t len, zeros;
        char text[sizeof(struct lethe_profile)];
    } record = {.len = sizeof(record.text)};
    memset(record.text, 'A', sizeof(record.text));
    write_profile("one");
    must_be("one");
    keep(&record, sizeof(record));
    must_not_be_used();
}

/* Stretches that lead beyond the record or the file, or nowhere. */
static void stretches_that_do_not_fit_are_not_used(void **state)
{
    (void)state;
    static const uint32_t size = sizeof(struct lethe_profile);
    const uint32_t bad[][2] = {{0, size + 1},   {8, size}, {UINT32_MAX, 9}, {16, 0},
                               {9, UINT32_MAX}, {0, 0},    {8, size - 9}};
    write_profile("one");
    must_be("one");
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        char record[16] = {0};
        memcpy(record, bad[i], 8);
        keep(record, sizeof(record));
        must_not_be_used();
    }
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
        cmocka_unit_test(a_change_that_hides_is_seen),
        cmocka_unit_test(what_was_just_written_is_not_kept),
        cmocka_unit_test(a_bent_one_is_not_used),
        cmocka_unit_test(one_that_others_can_write_is_not_used),
        cmocka_unit_test(what_is_no_plain_file_is_not_used),
        cmocka_unit_test(counts_beyond_their_arrays_are_not_used),
        cmocka_unit_test(stretches_that_do_not_fit_are_not_used),
        cmocka_unit_test(a_bad_file_stays_an_error),
    };
    if (!mkdtemp(dir))
        return 1;
    snprintf(folder, sizeof(folder), "%s/devices", dir);
    snprintf(memo, sizeof(memo), "%s/devices.parsed", dir);
    snprintf(file, sizeof(file), "%s/a-disk.yaml", folder);
    if (lethe_dir_make(folder, 0700, NULL) < 0)
        return 1;
    lethe_time_override(some_minutes_later, NULL);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(file);
    unlink(memo);
    rmdir(folder);
    rmdir(dir);
    return rc;
}
