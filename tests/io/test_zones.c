/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over a drive's zones believes nothing that can't be, and a zone is rewound only where
 * its pointer is elsewhere. */
#include "base/text.h"
#include "io/zones.h"
#include "proto/bytes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define BLOCK 512
#define SIZE 64 /* blocks of a zone */
#define ZONES 8

struct told {
    uint8_t type, condition;
    uint64_t length, start, pointer;
};
static struct fake {
    struct lethe_io io;
    struct told zones[ZONES];
    size_t n, at_once; /* descriptors in one answer; 0: all that fit */
    unsigned resets;
    uint64_t reset_lba;
    bool pretends;
    int fails;
} fake;

static size_t list(uint64_t lba, uint8_t *data, size_t len)
{
    size_t n = 0, room = len / LETHE_ZONE_BYTES - 1;
    room = fake.at_once && fake.at_once < room ? fake.at_once : room;
    for (size_t i = 0; i < fake.n && n < room; i++) {
        const struct told *zone = &fake.zones[i];
        uint8_t *at = data + (1 + n) * LETHE_ZONE_BYTES;
        if (i * SIZE < lba / SIZE * SIZE)
            continue;
        at[0] = zone->type;
        at[1] = (uint8_t)(zone->condition << 4);
        lethe_put_be64(at + 8, zone->length);
        lethe_put_be64(at + 16, zone->start);
        lethe_put_be64(at + 24, zone->pointer);
        n++;
    }
    lethe_put_be32(data, (uint32_t)(n * LETHE_ZONE_BYTES));
    return (1 + n) * LETHE_ZONE_BYTES;
}

static int command(struct lethe_io *io, struct lethe_command *c)
{
    (void)io;
    uint64_t lba = lethe_be64(c->bytes + 2);
    if (fake.fails)
        return fake.fails;
    c->result = 0;
    if (c->bytes[0] == 0x95) {
        assert_int_equal(c->bytes[1], 0);
        assert_int_equal(c->bytes[14], 0x80);
        assert_int_equal(lethe_be32(c->bytes + 10), c->data_len);
        assert_int_equal(c->data_len % 512, 0);
        c->transferred = list(lba, c->data, c->data_len);
        return 0;
    }
    assert_int_equal(c->bytes[0], 0x94);
    assert_int_equal(c->bytes[1], 4);
    assert_int_equal(c->bytes[14], 0); /* never all of them */
    fake.resets++;
    fake.reset_lba = lba;
    if (!fake.pretends) {
        fake.zones[lba / SIZE].condition = LETHE_ZONE_EMPTY;
        fake.zones[lba / SIZE].pointer = lba;
    }
    return 0;
}

static const struct lethe_io_ops ops = {.name = "fake", .command = command};

/* Conventional, empty, open, full, and so on again; all of one size. */
static void honest(size_t n)
{
    static const uint8_t conditions[] = {LETHE_ZONE_NO_POINTER, LETHE_ZONE_EMPTY, LETHE_ZONE_OPENED,
                                         LETHE_ZONE_FULL};
    memset(&fake, 0, sizeof(fake));
    fake.io.ops = &ops;
    fake.n = n;
    for (size_t i = 0; i < n; i++) {
        struct told *zone = &fake.zones[i];
        zone->condition = conditions[i % 4];
        zone->type = i % 4 ? LETHE_ZONE_SEQUENTIAL : LETHE_ZONE_CONVENTIONAL;
        zone->length = SIZE;
        zone->start = i * SIZE;
        zone->pointer = i % 4 == 1 ? zone->start : i % 4 == 2 ? zone->start + 5 : UINT64_MAX;
    }
}

static int counted(uint64_t blocks, struct lethe_zone_census *census, struct lethe_error *err)
{
    memset(err, 0, sizeof(*err));
    return lethe_zones_count(&fake.io, blocks * BLOCK, BLOCK, census, err);
}

static void zones_are_counted(void **state)
{
    struct lethe_zone_census census;
    struct lethe_error err;
    (void)state;
    for (fake.at_once = 0; fake.at_once < 4;) {
        size_t at_once = fake.at_once;
        honest(ZONES);
        fake.at_once = at_once;
        assert_int_equal(counted(ZONES * SIZE, &census, &err), 0);
        assert_int_equal(census.size, SIZE * BLOCK);
        assert_int_equal(census.count, ZONES);
        assert_int_equal(census.conventional, 2);
        assert_int_equal(census.empty, 2);
        assert_int_equal(census.partly, 2);
        assert_int_equal(census.full, 2);
        assert_int_equal(census.written, 2 * (5 + SIZE) * BLOCK);
        fake.at_once = at_once + 1;
    }
    honest(4); /* the last one may be smaller */
    fake.zones[3].length = 10;
    assert_int_equal(counted(3 * SIZE + 10, &census, &err), 0);
    assert_int_equal(census.size, SIZE * BLOCK);
    assert_int_equal(census.count, 4);
    honest(4);
    fake.zones[1].condition = LETHE_ZONE_OFFLINE;
    fake.zones[2].condition = LETHE_ZONE_READ_ONLY;
    assert_int_equal(counted(4 * SIZE, &census, &err), 0);
    assert_int_equal(census.unusable, 2);
}

static void what_can_not_be_is_refused(void **state)
{
    static const struct {
        size_t zone;
        struct told told;
    } lies[] = {
        {1, {2, 1, SIZE, SIZE / 2, SIZE / 2}},     /* overlaps */
        {1, {2, 1, SIZE, SIZE + 8, SIZE + 8}},     /* a gap */
        {0, {1, 0, 0, 0, 0}},                      /* without end */
        {3, {2, 14, SIZE + 1, 3 * SIZE, 0}},       /* behind the drive */
        {3, {2, 14, SIZE - 1, 3 * SIZE, 0}},       /* not to its end */
        {1, {2, 1, SIZE / 2, SIZE, SIZE}},         /* of another size */
        {2, {2, 2, SIZE, 2 * SIZE, 3 * SIZE + 1}}, /* the pointer in another zone */
        {2, {2, 2, SIZE, 2 * SIZE, 2 * SIZE - 1}}, /* ... or before its own */
        {1, {2, 1, SIZE, SIZE, SIZE + 1}},         /* empty, and written */
        {1, {2, 0, SIZE, SIZE, SIZE}},             /* sequential, without a pointer */
        {0, {1, 1, SIZE, 0, 0}},                   /* conventional, with one */
        {1, {9, 1, SIZE, SIZE, SIZE}},             /* no such type */
        {1, {2, 9, SIZE, SIZE, SIZE}},             /* no such condition */
        {1, {2, 1, UINT64_MAX, SIZE, SIZE}},       /* wraps around */
        {1, {2, 1, SIZE, UINT64_MAX, UINT64_MAX}},
    };
    struct lethe_zone_census census, none = {0};
    struct lethe_error err;
    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
        honest(4);
        fake.zones[lies[i].zone] = lies[i].told;
        assert_int_equal(counted(4 * SIZE, &census, &err), -LETHE_E_INVALID);
        assert_true(err.what[0]);
        assert_memory_equal(&census, &none, sizeof(none));
    }
    honest(3); /* one is missing */
    assert_int_equal(counted(4 * SIZE, &census, &err), -LETHE_E_INVALID);
    honest(4);
    assert_int_equal(lethe_zones_count(&fake.io, 100, BLOCK, &census, &err), -LETHE_E_INVALID);
}

static void no_answer_has_its_reason(void **state)
{
    static const struct {
        int fails, due;
    } cases[] = {{-ENODEV, -LETHE_E_GONE},
                 {-EPERM, -LETHE_E_UNSUPPORTED},
                 {-EOPNOTSUPP, -LETHE_E_UNSUPPORTED},
                 {-EIO, -LETHE_E_IO}};
    struct lethe_zone_census census;
    struct lethe_error err;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        honest(4);
        fake.fails = cases[i].fails;
        assert_int_equal(counted(4 * SIZE, &census, &err), cases[i].due);
        assert_true(err.what[0]);
    }
}

static void only_pointers_that_are_elsewhere_are_reset(void **state)
{
    struct lethe_error err = {0};
    (void)state;
    honest(4);
    for (size_t i = 0; i < 2; i++) /* conventional, empty */
        assert_int_equal(lethe_zone_rewind(&fake.io, i * SIZE * BLOCK, BLOCK, &err), 0);
    assert_int_equal(fake.resets, 0);
    for (size_t i = 2; i < 4; i++) { /* open, full */
        assert_int_equal(lethe_zone_rewind(&fake.io, i * SIZE * BLOCK, BLOCK, &err), 0);
        assert_int_equal(fake.resets, i - 1);
        assert_int_equal(fake.reset_lba, i * SIZE);
    }
    honest(4); /* a reset is believed when the zone is empty */
    fake.pretends = true;
    assert_int_equal(lethe_zone_rewind(&fake.io, 3 * SIZE * BLOCK, BLOCK, &err), -LETHE_E_IO);
    honest(4); /* asked for one, it tells of another */
    fake.zones[2].start = SIZE;
    assert_int_equal(lethe_zone_rewind(&fake.io, 2 * SIZE * BLOCK, BLOCK, &err), -LETHE_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_counted),
        cmocka_unit_test(what_can_not_be_is_refused),
        cmocka_unit_test(no_answer_has_its_reason),
        cmocka_unit_test(only_pointers_that_are_elsewhere_are_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
