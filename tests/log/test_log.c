/* SPDX-License-Identifier: Apache-2.0 */
/* The sequencer and what it hands out: tiles, checkpoints, proofs; and what it refuses. */
#include "log/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "base/file.h"
#include "base/time.h"
#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void path(char out[128], const char *name)
{
    snprintf(out, 128, "%s/log/%s", place_dir, name);
}

static bool is_there(const char *name)
{
    char file[128];
    path(file, name);
    return access(file, F_OK) == 0;
}

static uint64_t size_of(struct place *place)
{
    char *note = NULL;
    uint64_t size = 0;
    assert_int_equal(lethe_log_checkpoint(place->log, &size, &note, NULL), 0);
    free(note);
    return size;
}

static void check(struct place *place, uint64_t size, uint64_t checkpoints)
{
    uint64_t entries = 0, n = 0;
    struct lethe_error err = {0};
    int rc = lethe_log_check(place->store, place_dir, &entries, &n, &err);
    if (rc < 0)
        print_error("%s\n", err.what);
    assert_int_equal(rc, 0);
    assert_int_equal(entries, size);
    assert_int_equal(n, checkpoints);
}

/* Every Nth entry is proved as a verifier would see it. */
static void prove_all(struct place *place, uint64_t size, uint64_t each)
{
    for (uint64_t i = 0; i < size; i += each) {
        char *text = NULL;
        size_t len;
        struct lethe_tlog_proof proof;
        struct lethe_tlog_proven proven;
        struct lethe_tlog_entry entry;
        struct lethe_tlog_hash leaf;
        struct lethe_error err = {0};
        assert_int_equal(lethe_log_prove(place->log, i, &text, &len, &err), 0);
        assert_int_equal(lethe_tlog_proof_parse(text, len, &proof, &err), 0);
        assert_int_equal(lethe_tlog_proof_entry(&proof, &entry, &leaf, &err), 0);
        assert_int_equal(lethe_tlog_proof_verify(&proof, &leaf, lethe_log_key(place->log), NULL, 0,
                                                 &proven, &err),
                         0);
        assert_int_equal(proven.index, i);
        assert_string_equal(proven.checkpoint.origin, lethe_log_origin(place->log));
        free(text);
    }
}

static void it_begins_with_the_key(void **state)
{
    (void)state;
    struct place place;
    struct lethe_tlog_key key;
    struct stat st;
    char file[128];
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(size_of(&place), 1);
    assert_int_equal(strncmp(lethe_log_origin(place.log), "lethe.log/acme/bench-1/", 23), 0);
    assert_int_equal(lethe_log_key_read(place_dir, &key, NULL), 0);
    assert_string_equal(key.name, lethe_log_origin(place.log));
    prove_all(&place, 1, 1);
    assert_int_equal(lethe_store_check(place.store, NULL), 0);
    place_close(&place);
    /* Opened again it says nothing new. */
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(size_of(&place), 1);
    check(&place, 1, 1);
    place_close(&place);
    snprintf(file, sizeof(file), "%s/keys/log.key", place_dir);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(file, 0644), 0);
    assert_int_equal(place_open(&place, NULL), -LETHE_E_REFUSED);
}

static void names_of_logs(void **state)
{
    (void)state;
    char origin[LETHE_TLOG_NAME_MAX];
    lethe_log_origin_make(origin, "Zweite Hand GmbH & Co. KG", "bench-1", "0123456789abcdef");
    assert_string_equal(origin, "lethe.log/zweite-hand-gmbh-co-kg/bench-1/01234567");
    lethe_log_origin_make(origin, "忘川", "B.1_x", "89abcdef0");
    assert_string_equal(origin, "lethe.log/org/b-1-x/89abcdef");
    assert_true(lethe_tlog_name_valid(origin));
}

static void many_entries(void **state)
{
    (void)state;
    struct place place;
    assert_int_equal(place_open(&place, NULL), 0);
    /* One at a time, over the edge of a tile. */
    for (unsigned i = 1; i < 300; i += 23) {
        assert_int_equal(place_promise(&place, i, 23), 0);
        assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
        assert_int_equal(size_of(&place), i + 23);
    }
    assert_true(is_there("tile/0/000"));
    assert_true(is_there("tile/entries/000"));
    assert_true(is_there("tile/1/000.p/1"));
    assert_false(is_there("tile/0/000.p")); /* full: its partial ones went */
    assert_false(is_there("tile/entries/000.p"));
    /* All at once: two levels. */
    assert_int_equal(place_promise(&place, 1000, 70000 - 300), 0);
    uint64_t began = lethe_monotonic_ms();
    assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    print_message("%llu entries into tiles: %llu ms\n", 70000ULL - 300,
                  (unsigned long long)(lethe_monotonic_ms() - began));
    assert_int_equal(size_of(&place), 70000);
    assert_true(is_there("tile/0/272"));
    assert_true(is_there("tile/0/273.p/112")); /* tlog-tiles has this example */
    assert_true(is_there("tile/2/000.p/1"));
    prove_all(&place, 70000, 997);
    check(&place, 70000, 15);
    place_close(&place);
}

static int drop(const char *file, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(file);
}

/* Proofs under old checkpoints, too: the tiles that are made again are as wide as the log now. */
static void lost_tiles(void **state)
{
    (void)state;
    struct place place;
    char dir[128], *before = NULL, *after = NULL;
    uint64_t size;
    assert_int_equal(place_open(&place, NULL), 0);
    for (unsigned i = 1; i < 40; i += 10) {
        assert_int_equal(place_promise(&place, i, 10), 0);
        assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    }
    assert_int_equal(lethe_log_checkpoint(place.log, &size, &before, NULL), 0);
    place_close(&place);
    path(dir, ".");
    dir[strlen(dir) - 2] = '\0';
    assert_int_equal(nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS), 0);
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(lethe_log_checkpoint(place.log, &size, &after, NULL), 0);
    assert_string_equal(before, after);
    prove_all(&place, 41, 1);
    check(&place, 41, 5);
    place_close(&place);
    free(before);
    free(after);
}

static void put(const char *name, const char *text)
{
    char file[128];
    path(file, name);
    assert_int_equal(lethe_file_write(file, text, strlen(text), 0644, NULL), 0);
}

/* A tile that somebody changed gives no proof, and the check names it; taken away, it is mended. */
static void changed_tiles(void **state)
{
    (void)state;
    struct place place;
    struct lethe_error err = {0};
    char file[128], *text = NULL, hash[33] = "................................";
    size_t len;
    uint64_t entries, checkpoints;
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(place_promise(&place, 1, 1), 0);
    assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    assert_int_equal(place_promise(&place, 2, 1), 0);
    assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    char tile[97];
    snprintf(tile, sizeof(tile), "%s%s%s", hash, hash, hash);
    put("tile/0/000.p/3", tile);
    assert_int_equal(lethe_log_prove(place.log, 2, &text, &len, &err), -LETHE_E_UNTRUSTED);
    assert_int_equal(lethe_log_check(place.store, place_dir, &entries, &checkpoints, &err),
                     -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "tile/0/000.p/3"));
    place_close(&place);
    /* The next start does not believe it, either. */
    assert_int_equal(place_open(&place, NULL), 0);
    prove_all(&place, 3, 1);
    check(&place, 3, 3);
    path(file, "checkpoint");
    assert_int_equal(unlink(file), 0);
    place_close(&place);
    assert_int_equal(place_open(&place, NULL), 0);
    assert_true(is_there("checkpoint"));
    place_close(&place);
}

/* The store of last week, with the log's files of today. */
static void a_store_behind_its_files(void **state)
{
    (void)state;
    struct place place;
    struct lethe_error err = {0};
    char db[96], command[512];
    assert_int_equal(place_open(&place, NULL), 0);
    place_close(&place);
    snprintf(db, sizeof(db), "%s/lethe.db", place_dir);
    snprintf(command, sizeof(command), "cp %s %s.old", db, db);
    assert_int_equal(system(command), 0);
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(place_promise(&place, 1, 3), 0);
    assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    place_close(&place);
    snprintf(command, sizeof(command), "mv %s.old %s && rm -f %s-wal %s-shm", db, db, db, db);
    assert_int_equal(system(command), 0);
    assert_int_equal(place_open(&place, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "4 entries"));
    assert_non_null(strstr(err.effect, "second story"));
    assert_non_null(strstr(err.remedy, "lethe log init --again"));
}

/* Somebody else's checkpoint in our directory. */
static void a_foreign_checkpoint(void **state)
{
    (void)state;
    struct place place;
    struct lethe_error err = {0};
    assert_int_equal(place_open(&place, NULL), 0);
    place_close(&place);
    put("checkpoint", "another.log\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
                      "\xE2\x80\x94 another.log AAAAAAAA\n");
    assert_true(place_open(&place, &err) < 0);
    assert_true(err.remedy[0]);
}

/* ---- Rollback: a guard that remembers what it was told ---- */
struct memory {
    struct lethe_log_guard guard;
    uint64_t size;
    uint8_t root[32];
    bool silent;
};

static int remember(struct lethe_log_guard *guard, struct lethe_log *log,
                    const struct lethe_store_checkpoint *checkpoint, uint64_t *known,
                    struct lethe_error *err)
{
    struct memory *memory = (struct memory *)guard;
    (void)log;
    if (memory->silent)
        return lethe_fail(err, LETHE_E_TIMEOUT, "no answer");
    *known = memory->size;
    if (memory->size > checkpoint->size ||
        (memory->size == checkpoint->size && memcmp(memory->root, checkpoint->root, 32) != 0))
        return lethe_fail(err, LETHE_E_CHANGED, "it knows %llu entries",
                          (unsigned long long)memory->size);
    memory->size = checkpoint->size;
    memcpy(memory->root, checkpoint->root, 32);
    return 0;
}

static const struct lethe_log_guard_ops memory_ops = {.name = "memory", .advance = remember};

static void a_guard_knows_better(void **state)
{
    (void)state;
    struct place place;
    struct lethe_error err = {0};
    struct memory memory = {.guard = {.ops = &memory_ops, .name = "memory"}};
    char backup[80];
    snprintf(backup, sizeof(backup), "%s-backup", place_dir);
    assert_int_equal(place_open(&place, NULL), 0);
    assert_false(lethe_log_rollback_excluded(place.log));
    memory.silent = true;
    assert_int_equal(lethe_log_consult(place.log, &memory.guard, &err), -LETHE_E_TIMEOUT);
    assert_false(lethe_log_rollback_excluded(place.log));
    memory.silent = false;
    assert_int_equal(lethe_log_consult(place.log, &memory.guard, &err), 0);
    assert_true(lethe_log_rollback_excluded(place.log));
    place_close(&place);
    place_copy(backup);
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(place_promise(&place, 1, 2), 0);
    assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    assert_int_equal(lethe_log_consult(place.log, &memory.guard, &err), 0);
    place_close(&place);
    /* Behind; and beside, with as many entries. */
    for (unsigned more = 0; more <= 2; more += 2) {
        place_restore(backup);
        assert_int_equal(place_open(&place, NULL), 0);
        assert_int_equal(place_promise(&place, 100, more), 0);
        assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
        assert_int_equal(lethe_log_consult(place.log, &memory.guard, &err), -LETHE_E_REFUSED);
        assert_non_null(strstr(err.what, "it knows 3 entries"));
        assert_int_equal(lethe_log_ready(place.log, &err), -LETHE_E_REFUSED);
        place_close(&place);
        /* It stays shut. */
        assert_int_equal(place_open(&place, &err), -LETHE_E_REFUSED);
        assert_non_null(strstr(err.what, "it knows 3 entries"));
    }
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", backup);
    assert_int_equal(system(command), 0);
}

static void a_log_begins_again(void **state)
{
    (void)state;
    struct lethe_tlog_key before, after;
    struct lethe_error err = {0};
    char kept[128];
    assert_int_equal(lethe_log_key_read(place_dir, &before, NULL), 0);
    assert_int_equal(lethe_log_key_init(place_dir, NULL, false, &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_log_key_init(place_dir, NULL, true, &err), 0);
    assert_int_equal(lethe_log_key_read(place_dir, &after, NULL), 0);
    assert_string_not_equal(before.name, after.name);
    snprintf(kept, sizeof(kept), "%s/trust/log-%08x.vkey", place_dir, before.id);
    assert_int_equal(access(kept, F_OK), 0);
    struct place place;
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(size_of(&place), 1);
    place_close(&place);
}

static void what_is_published(void **state)
{
    (void)state;
    struct place place;
    char www[80], old[96], command[256];
    size_t files = 0;
    struct lethe_error err = {0};
    snprintf(www, sizeof(www), "%s-www", place_dir);
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(place_promise(&place, 1, 600), 0);
    assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    assert_int_equal(lethe_log_publish(place.log, www, &files, &err), 0);
    assert_int_equal(files, 3 + 3 + 1 + 2 + 1); /* tiles, bundles, level 1, checkpoints, key */
    assert_int_equal(lethe_log_publish(place.log, www, &files, &err), 0);
    assert_int_equal(files, 0);
    assert_int_equal(place_promise(&place, 1000, 1), 0);
    assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    assert_int_equal(lethe_log_publish(place.log, www, &files, &err), 0);
    assert_int_equal(files, 1 + 1 + 1);
    /* A directory with another story of this log. */
    snprintf(old, sizeof(old), "%s/checkpoint", www);
    char *note;
    size_t len;
    assert_int_equal(lethe_file_read(old, 4096, &note, &len, NULL), 0);
    note[strlen(lethe_log_origin(place.log)) + 1] = '9';
    assert_int_equal(lethe_file_write(old, note, len, 0644, NULL), 0);
    free(note);
    assert_true(lethe_log_publish(place.log, www, &files, &err) < 0);
    place_close(&place);
    snprintf(command, sizeof(command), "rm -rf '%s'", www);
    assert_int_equal(system(command), 0);
}

/* Whoever is killed over publishing leaves nothing that the next one does not take away. */
static void publishing_that_was_killed(void **state)
{
    (void)state;
    struct place place;
    char www[80], tiles[96], command[256], **names;
    size_t files = 0;
    int status;
    struct lethe_error err = {0};
    snprintf(www, sizeof(www), "%s-www", place_dir);
    snprintf(tiles, sizeof(tiles), "%s/tile/0/000.p", www);
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(place_promise(&place, 1, 3), 0);
    assert_int_equal(lethe_log_integrate(place.log, NULL), 0);
    place_close(&place);
    pid_t pid = fork();
    if (pid == 0) {
        if (place_open(&place, NULL) < 0)
            _exit(1);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0}); /* SIGXFSZ at the first write */
        lethe_log_publish(place.log, www, &files, NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(lethe_dir_list(tiles, &names, NULL), 0);
    assert_non_null(names[0]); /* half of a tile */
    lethe_names_free(names);
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(lethe_log_publish(place.log, www, &files, &err), 0);
    assert_int_equal(lethe_dir_list(tiles, &names, NULL), 0);
    assert_string_equal(names[0], "4");
    assert_null(names[1]);
    lethe_names_free(names);
    place_close(&place);
    snprintf(command, sizeof(command), "rm -rf '%s'", www);
    assert_int_equal(system(command), 0);
}

static void revocations(void **state)
{
    (void)state;
    struct place place;
    uint64_t index = 0;
    char *text = NULL;
    struct lethe_tlog_entry entry;
    const char *jti = "01940000-0000-7000-8000-000000000001";
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(lethe_log_revoke(place.log, jti, 1700000000, 1, NULL), 0);
    assert_int_equal(size_of(&place), 2);
    assert_int_equal(
        lethe_store_log_find(place.store, NULL, "revoke", jti, NULL, &index, &text, NULL), 0);
    assert_int_equal(lethe_tlog_entry_parse(text, strlen(text), &entry, NULL), 0);
    assert_int_equal(entry.kind, LETHE_TLOG_REVOKE);
    assert_int_equal(entry.since, 1700000000);
    assert_int_equal(entry.reason, 1);
    free(text);
    place_close(&place);
}

#define T(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_begins_with_the_key),
        T(names_of_logs),
        T(many_entries),
        T(lost_tiles),
        T(changed_tiles),
        T(a_store_behind_its_files),
        T(a_foreign_checkpoint),
        T(a_guard_knows_better),
        T(a_log_begins_again),
        T(what_is_published),
        T(publishing_that_was_killed),
        T(revocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
