/* SPDX-License-Identifier: Apache-2.0 */
/* FORMAT UNIT by what a drive answers to REQUEST SENSE, look by look. Its course is the one of
 * test_sanitize.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include <lethe/technique.h>

struct drive {
    struct lethe_io io;
    const uint32_t *senses; /* key << 16 | ASC << 8 | ASCQ of each look; the last one stays */
    unsigned formats;
    bool asked;     /* for blocks of 512 bytes */
    bool waits_not; /* refuses to format while one waits */
};

static int command(struct lethe_io *io, struct lethe_command *c)
{
    struct drive *drive = (struct drive *)io;
    uint8_t *out = c->data;
    c->result = 0;
    if (c->bytes[0] == 0x15) {
        static const uint8_t blocks[12] = {[3] = 8, [10] = 2}; /* as many as there is room for */
        assert_int_equal(c->bytes[1], 0x10);
        assert_int_equal(c->data_len, sizeof(blocks));
        assert_memory_equal(out, blocks, sizeof(blocks));
        drive->asked = true;
        c->transferred = c->data_len;
        return 0;
    }
    if (c->bytes[0] == 0x04) {
        assert_int_equal(c->bytes[1] & 0x10, 0x10);                /* FMTDATA */
        assert_int_equal(out[1] & 2, drive->formats == 0 ? 2 : 0); /* IMMED, and then without */
        if (drive->formats++ > 0 && drive->waits_not) {
            c->result = 2;
            return 0;
        }
        c->transferred = c->data_len;
        return 0;
    }
    assert_int_equal(c->bytes[0], 0x03);
    memset(out, 0, 18);
    out[0] = 0x70;
    out[2] = (uint8_t)(drive->senses[0] >> 16);
    out[7] = 10;
    out[12] = (uint8_t)(drive->senses[0] >> 8);
    out[13] = (uint8_t)drive->senses[0];
    c->transferred = 18;
    if (drive->senses[1] != UINT32_MAX)
        drive->senses++;
    return 0;
}

static const struct lethe_io_ops ops = {.name = "drive", .command = command};

static int intent(void *user, const char *action, json_t *detail)
{
    (void)user;
    (void)action;
    json_decref(detail);
    return 0;
}

static int progress(void *user, unsigned pass, uint64_t done, uint64_t errors)
{
    (void)user;
    (void)pass;
    (void)done;
    (void)errors;
    return 0;
}

/* 1 proved, 0 not proved, negative failed. */
static int carry_out_by(const char *name, const uint32_t *senses, unsigned formats, bool resumed,
                        bool waits_not)
{
    const struct lethe_technique *t = lethe_technique_find(name);
    struct drive drive = {.io = {.ops = &ops}, .senses = senses, .waits_not = waits_not};
    struct lethe_error err = {0};
    struct lethe_run run = {.io = &drive.io,
                            .capacity = 65536,
                            .resumed = resumed,
                            .path = LETHE_PATH_SCSI,
                            .poll_ms = 1,
                            .report = {.intent = intent, .progress = progress}};
    json_t *evidence = NULL;
    int rc = t->start(&run, &err);
    while (rc == 0 && (rc = t->step(&run, &err)) > 0)
        rc = 0;
    if (rc == 0)
        rc = t->attest(&run, &evidence, &err);
    if (rc == 0)
        rc = json_is_true(json_object_get(evidence, "proved"));
    assert_int_equal(drive.formats, formats);
    assert_int_equal(drive.asked, formats > 0 && strcmp(name, "scsi-reformat") == 0);
    json_decref(evidence);
    t->stop(&run);
    return rc;
}

static int carry_out(const uint32_t *senses, unsigned formats)
{
    return carry_out_by("scsi-format-unit", senses, formats, false, false);
}

#define END UINT32_MAX
#define NOTHING 0x000000
#define FORMATS 0x020404
#define SANITIZES 0x02041b
#define TORN 0x033100
#define SENSES(...)                                                                                \
    (const uint32_t[])                                                                             \
    {                                                                                              \
        __VA_ARGS__, END                                                                           \
    }

static void an_end_is_seen_or_it_is_none(void **state)
{
    (void)state;
    assert_int_equal(carry_out(SENSES(NOTHING, FORMATS, FORMATS, NOTHING), 1), 1);
    assert_int_equal(carry_out(SENSES(TORN, FORMATS, NOTHING), 1), 1); /* torn before */
    /* Never seen running: once more, and its answer is the end. */
    assert_int_equal(carry_out(SENSES(NOTHING, NOTHING), 2), 1);
    assert_int_equal(carry_out_by("scsi-format-unit", SENSES(NOTHING, NOTHING), 2, false, true), 0);
    assert_true(carry_out(SENSES(NOTHING, FORMATS, TORN), 1) < 0);
    assert_true(carry_out(SENSES(FORMATS, FORMATS), 0) < 0); /* somebody else's */
    assert_true(carry_out(SENSES(SANITIZES, SANITIZES), 0) < 0);
}

static void other_blocks_are_asked_for_first(void **state)
{
    (void)state;
    const char *name = "scsi-reformat";
    assert_int_equal(carry_out_by(name, SENSES(NOTHING, FORMATS, NOTHING), 1, false, false), 1);
    assert_true(carry_out_by(name, SENSES(NOTHING, FORMATS, TORN), 1, false, false) < 0);
    assert_true(carry_out_by(name, SENSES(FORMATS, FORMATS), 0, false, false) <
                0); /* somebody else's */
    /* Of a job that was cut short it is our own: waited for, and done once more. */
    assert_int_equal(
        carry_out_by(name, SENSES(FORMATS, NOTHING, NOTHING, FORMATS, NOTHING), 1, true, false), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_end_is_seen_or_it_is_none),
                                       cmocka_unit_test(other_blocks_are_asked_for_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
