/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/time.h"
#include "scratch.h"
#include <lethe/trust.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define URI "https://acme.example/status/1"

static uint64_t slot_of(struct lethe_store *store, unsigned n, const char *uri, const char *wanted)
{
    char id[37], got[256];
    uint64_t slot = UINT64_MAX;
    struct lethe_error err = {0};
    scratch_id(id, n);
    if (lethe_store_status_slot(store, id, uri, got, &slot, &err) != 0)
        fail_msg("%s", err.what);
    assert_string_equal(got, wanted);
    assert_true(slot < LETHE_STATUS_SLOTS);
    return slot;
}

static void a_slot_is_drawn_once(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    uint64_t slots[8];
    for (unsigned n = 0; n < 8; n++) {
        scratch_job(store, n, false);
        slots[n] = slot_of(store, n, URI, URI);
        for (unsigned k = 0; k < n; k++)
            assert_int_not_equal(slots[n], slots[k]);
    }
    /* Eight in a row by chance: once in 2^140. */
    assert_false(slots[1] == slots[0] + 1 && slots[2] == slots[1] + 1);
    lethe_store_close(store);
    /* After a crash before signing, and even after the address was changed: the same. */
    store = scratch_open();
    assert_int_equal(slot_of(store, 3, URI "/new", URI), slots[3]);
    scratch_job(store, 9, false);
    slot_of(store, 9, URI "/new", URI "/new");
    assert_int_equal(lethe_store_check(store, NULL), 0);
    lethe_store_close(store);
}

/* Chance that says the same slot again: it is not used twice. */
static uint8_t next;
static void same_first(void *out, size_t len)
{
    memset(out, 0, len);
    *(uint8_t *)out = next++ / 2;
}

static void a_slot_is_never_used_twice(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    scratch_job(store, 0, false);
    scratch_job(store, 1, false);
    scratch_job(store, 2, false);
    next = 0;
    lethe_time_override(NULL, same_first);
    assert_int_equal(slot_of(store, 0, URI, URI), 0);
    assert_int_equal(slot_of(store, 1, URI, URI), 1);
    assert_int_equal(slot_of(store, 2, URI "2", URI "2"), 1); /* another list */
    lethe_time_override(NULL, NULL);
    lethe_store_close(store);
    assert_int_not_equal(scratch_sql("UPDATE status_slots SET slot = 7"), SQLITE_OK);
    assert_int_not_equal(scratch_sql("DELETE FROM status_slots"), SQLITE_OK);
}

struct seen {
    unsigned n;
    uint64_t slot;
    int status;
};
static int see(void *user, uint64_t slot, int status)
{
    struct seen *seen = user;
    *seen = (struct seen){seen->n + 1, slot, status};
    return 0;
}

static void what_was_said_last_holds(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_error err = {0};
    struct seen seen = {0};
    char id[37], uri[256];
    uint64_t slot;
    int status;
    scratch_job(store, 0, false);
    scratch_id(id, 0);
    assert_int_equal(lethe_store_status_get(store, id, uri, &slot, &status, &err),
                     -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_store_status_set(store, id, LETHE_STATUS_INVALID, "x", &err),
                     -LETHE_E_NOT_FOUND);
    uint64_t drawn = slot_of(store, 0, URI, URI);
    assert_int_equal(lethe_store_status_get(store, id, uri, &slot, &status, NULL), 0);
    assert_int_equal(slot, drawn);
    assert_int_equal(status, LETHE_STATUS_VALID);
    assert_int_equal(lethe_store_status_each(store, URI, see, &seen, NULL), 0);
    assert_int_equal(seen.n, 0);
    static const struct {
        int to, rc;
    } steps[] = {{LETHE_STATUS_VALID, -LETHE_E_REFUSED},
                 {LETHE_STATUS_SUSPENDED, 0},
                 {LETHE_STATUS_SUSPENDED, -LETHE_E_REFUSED},
                 {LETHE_STATUS_VALID, 0},
                 {LETHE_STATUS_SUSPENDED, 0},
                 {LETHE_STATUS_INVALID, 0},
                 {LETHE_STATUS_INVALID, -LETHE_E_REFUSED},
                 {LETHE_STATUS_SUSPENDED, -LETHE_E_REFUSED},
                 {LETHE_STATUS_VALID, -LETHE_E_REFUSED}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (lethe_store_status_set(store, id, steps[i].to, "why", &err) != steps[i].rc)
            fail_msg("step %zu: %s", i, err.what);
    assert_int_equal(lethe_store_status_each(store, URI, see, &seen, NULL), 0);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.slot, drawn);
    assert_int_equal(seen.status, LETHE_STATUS_INVALID);
    assert_int_equal(lethe_store_status_each(store, URI "2", see, &seen, NULL), 0);
    assert_int_equal(seen.n, 1);
    lethe_store_close(store);
    assert_int_not_equal(scratch_sql("UPDATE status_changes SET status = 0"), SQLITE_OK);
    assert_int_not_equal(scratch_sql("DELETE FROM status_changes"), SQLITE_OK);
}

static void a_store_of_schema_3_gets_them(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_error err = {0};
    struct seen seen = {0};
    scratch_job(store, 0, true);
    lethe_store_close(store);
    assert_int_equal(
        scratch_sql("DROP TABLE log_shown; DROP TABLE status_changes; DROP TABLE status_slots;"
                    "PRAGMA user_version=3"),
        SQLITE_OK);
    assert_int_equal(lethe_store_open_existing(scratch_dir, &store, &err), 0);
    assert_int_equal(lethe_store_status_each(store, URI, see, &seen, NULL), 0);
    lethe_store_close(store);
    store = scratch_open();
    slot_of(store, 0, URI, URI);
    assert_int_equal(lethe_store_check(store, NULL), 0);
    lethe_store_close(store);
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {T(a_slot_is_drawn_once), T(a_slot_is_never_used_twice),
                                       T(what_was_said_last_holds),
                                       T(a_store_of_schema_3_gets_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
