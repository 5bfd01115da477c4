/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/bytes.h"
#include "proto/tcg.h"
#include "proto/tcg_stream.h"

#include <string.h>

static const char psid[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/* Level 0 discovery: header and features one behind the other. */
static size_t begin(uint8_t *d)
{
    memset(d, 0, 512);
    lethe_put_be32(d + 4, 1);
    return 48;
}

static size_t add(uint8_t *d, size_t at, uint16_t code, const uint8_t *data, uint8_t len)
{
    lethe_put_be16(d + at, code);
    d[at + 2] = 0x10;
    d[at + 3] = len;
    memcpy(d + at + 4, data, len);
    at += 4 + (size_t)len;
    lethe_put_be32(d, (uint32_t)at - 4);
    return at;
}

static const uint8_t sscs[12] = {0x07, 0xfe, 0, 1, 0, 0, 4, 0, 9, 0, 0};

static struct lethe_tcg_discovery drive(uint16_t ssc, uint8_t locking)
{
    uint8_t d[512], features[12] = {locking};
    struct lethe_tcg_discovery out;
    size_t at = add(d, begin(d), 0x0002, features, 12);
    at = add(d, at, ssc, sscs, 12);
    assert_int_equal(lethe_tcg_discovery_parse(d, at, &out, NULL), 0);
    return out;
}

static void discovery(void **state)
{
    (void)state;
    uint8_t d[512];
    struct lethe_tcg_discovery t;
    char text[64];
    size_t at = add(d, begin(d), 0x0001, (const uint8_t[12]){0x11}, 12);
    at = add(d, at, 0x0002, (const uint8_t[12]){0x0f}, 12);
    at = add(d, at, 0x0303, (const uint8_t[12]){0x10, 0x04}, 12);
    at = add(d, at, 0x0203, sscs, 12);
    at = add(d, at, 0xc001, (const uint8_t[4]){1}, 4); /* a maker's own */
    at = add(d, at, 0x0402, (const uint8_t[12]){0x02}, 12);
    at = add(d, at, 0x0404, (const uint8_t[8]){0, 1, 0x06}, 8);
    assert_int_equal(lethe_tcg_discovery_parse(d, at, &t, NULL), 0);
    assert_int_equal(t.ssc, LETHE_TCG_OPAL2 | LETHE_TCG_PYRITE2);
    assert_int_equal(t.com_id, 0x07fe); /* Opal before Pyrite */
    assert_true(t.tper && t.sync_protocol);
    assert_true(t.locking.supported && t.locking.enabled && t.locking.locked);
    assert_true(t.locking.media_encryption && !t.locking.mbr_enabled);
    assert_true(t.block_sid.present && t.block_sid.sid_is_msid && t.block_sid.blocked);
    assert_true(t.removal.present && t.removal.processing);
    assert_int_equal(t.removal.mechanisms, 6);
    lethe_tcg_format(text, sizeof text, &t);
    assert_string_equal(text, "Opal 2, Pyrite 2, Block SID");
    lethe_tcg_format(text, 8, &t);
    assert_int_equal(strlen(text), 7);
    assert_int_equal(lethe_tcg_discovery_parse(d, at - 1, &t, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_tcg_discovery_parse(d, 47, &t, NULL), -LETHE_E_INVALID);
    memset(d, 0, sizeof d);
    assert_int_equal(lethe_tcg_discovery_parse(d, sizeof d, &t, NULL), 0);
    assert_int_equal(t.ssc, 0);
}

static void what_revert_erases(void **state)
{
    (void)state;
    struct lethe_tcg_discovery t = drive(0x0203, 0x09);
    assert_true(lethe_tcg_revert_erases(&t));
    t = drive(0x0203, 0x01); /* Opal without media encryption */
    assert_false(lethe_tcg_revert_erases(&t));
    t = drive(0x0302, 0x09); /* Pyrite, whatever it says */
    assert_false(lethe_tcg_revert_erases(&t));
    t = drive(0x0303, 0x09);
    assert_false(lethe_tcg_revert_erases(&t));
    t = drive(0x0100, 0x09);
    assert_true(lethe_tcg_revert_erases(&t));
}

static void psids(void **state)
{
    (void)state;
    char out[LETHE_TCG_PSID_MAX + 1];
    assert_int_equal(lethe_tcg_psid_clean("abcdefgh-IJKLMNOP QRSTUVWX-yz012345", out, NULL), 32);
    assert_string_equal(out, psid);
    assert_int_equal(lethe_tcg_psid_clean("ABC", out, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_tcg_psid_clean("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456", out, NULL),
                     -LETHE_E_USAGE);
    assert_int_equal(lethe_tcg_psid_clean("ABCDEFGHIJKLMNOPQRSTUVWXYZ01234\x1b", out, NULL),
                     -LETHE_E_USAGE);
    assert_string_equal(out, "");
}

/* The tokens in the order in which sedutil and Linux (sed-opal) send them. */
static void start_session(void **state)
{
    (void)state;
    struct lethe_tcg_discovery t = drive(0x0203, 0x09);
    struct lethe_tcg_session s;
    uint8_t p[LETHE_TCG_PACKET_SIZE];
    static const uint8_t expected[] = {
        0xf8, 0xa8, 0,    0,    0,    0,    0,    0,    0,    0xff, 0xa8, 0,    0,   0,   0,
        0,    0,    0xff, 0x02, 0xf0, 0x81, 0x69, 0xa8, 0,    0,    0x02, 0x05, 0,   0,   0,
        0x01, 0x01, 0xf2, 0x00, 0xd0, 0x20, 'A',  'B',  'C',  'D',  'E',  'F',  'G', 'H', 'I',
        'J',  'K',  'L',  'M',  'N',  'O',  'P',  'Q',  'R',  'S',  'T',  'U',  'V', 'W', 'X',
        'Y',  'Z',  '0',  '1',  '2',  '3',  '4',  '5',  0xf3, 0xf2, 0x03, 0xa8, 0,   0,   0,
        0x09, 0,    0x01, 0xff, 0x01, 0xf3, 0xf1, 0xf9, 0xf0, 0,    0,    0,    0xf1};
    assert_int_equal(lethe_tcg_psid_start(&t, 105, psid, &s, p, NULL), 0);
    assert_memory_equal(p + 56, expected, sizeof expected);
    assert_int_equal(lethe_be16(p + 4), 0x07fe);
    assert_int_equal(lethe_be32(p + 52), sizeof expected);
    assert_int_equal(lethe_be32(p + 16), 36 + ((sizeof expected + 3) & ~3u));
    assert_int_equal(lethe_be32(p + 40), 12 + ((sizeof expected + 3) & ~3u));
    t.com_id = 0;
    assert_int_equal(lethe_tcg_psid_start(&t, 105, psid, &s, p, NULL), -LETHE_E_UNSUPPORTED);
}

static size_t answer(uint8_t *d, uint32_t tper, uint32_t host, const uint8_t *payload, size_t len)
{
    memset(d, 0, 512);
    size_t padded = (len + 3) & ~(size_t)3;
    lethe_put_be32(d + 16, (uint32_t)(36 + padded));
    lethe_put_be32(d + 20, tper);
    lethe_put_be32(d + 24, host);
    lethe_put_be32(d + 40, (uint32_t)(12 + padded));
    lethe_put_be32(d + 52, (uint32_t)len);
    memcpy(d + 56, payload, len);
    return 56 + padded;
}

static void session_answers(void **state)
{
    (void)state;
    struct lethe_tcg_session s = {.com_id = 0x07fe, .host = 105};
    uint8_t d[512], sync[] = {0xf8, 0xa8, 0,    0,    0,    0,    0,    0,    0,    0xff, 0xa8,
                              0,    0,    0,    0,    0,    0,    0xff, 0x03, 0xf0, 0x81, 0x69,
                              0x82, 0x10, 0x01, 0xf1, 0xf9, 0xf0, 0,    0,    0,    0xf1};
    size_t n = answer(d, 0, 0, sync, sizeof sync);
    assert_int_equal(lethe_tcg_session_started(d, n, &s, NULL), 0);
    assert_int_equal(s.tper, 0x1001);
    assert_int_equal(lethe_tcg_session_started(d, n - 4, &s, NULL), -LETHE_E_INVALID);
    sync[28] = LETHE_TCG_STATUS_NOT_AUTHORIZED; /* a wrong PSID */
    n = answer(d, 0, 0, sync, sizeof sync);
    assert_int_equal(lethe_tcg_session_started(d, n, &s, NULL), -LETHE_E_REFUSED);
    sync[28] = LETHE_TCG_STATUS_AUTHORITY_LOCKED;
    n = answer(d, 0, 0, sync, sizeof sync);
    assert_int_equal(lethe_tcg_session_started(d, n, &s, NULL), -LETHE_E_REFUSED);
    sync[28] = LETHE_TCG_STATUS_FAIL;
    n = answer(d, 0, 0, sync, sizeof sync);
    assert_int_equal(lethe_tcg_session_started(d, n, &s, NULL), -LETHE_E_IO);
    sync[28] = 0;
    sync[21] = 0x68; /* somebody else's session */
    n = answer(d, 0, 0, sync, sizeof sync);
    assert_int_equal(lethe_tcg_session_started(d, n, &s, NULL), -LETHE_E_INVALID);
    memset(d, 0, sizeof d);
    assert_int_equal(lethe_tcg_session_started(d, 512, &s, NULL), -LETHE_E_INVALID);
    d[11] = 1; /* outstanding data */
    assert_int_equal(lethe_tcg_session_started(d, 512, &s, NULL), -LETHE_E_BUSY);
}

static void revert(void **state)
{
    (void)state;
    struct lethe_tcg_session s = {.com_id = 0x07fe, .host = 105, .tper = 0x1001};
    uint8_t p[LETHE_TCG_PACKET_SIZE], d[512];
    static const uint8_t opal[] = {0xf8, 0xa8, 0,    0,    0x02, 0x05, 0, 0, 0,
                                   0x01, 0xa8, 0,    0,    0,    0x06, 0, 0, 0x02,
                                   0x02, 0xf0, 0xf1, 0xf9, 0xf0, 0,    0, 0, 0xf1};
    lethe_tcg_revert(&s, p);
    assert_memory_equal(p + 56, opal, sizeof opal);
    assert_int_equal(lethe_be32(p + 20), 0x1001);
    assert_int_equal(lethe_be32(p + 24), 105);
    s.enterprise = true;
    static const uint8_t enterprise[] = {0xf8, 0xa8, 0, 0,    0, 0, 0, 0,    0,    0x01, 0xa8,
                                         0,    0,    0, 0x06, 0, 0, 0, 0x11, 0xf0, 0xf1};
    lethe_tcg_revert(&s, p);
    assert_memory_equal(p + 56, enterprise, sizeof enterprise);

    uint8_t ok[] = {0xf0, 0xf1, 0xf9, 0xf0, 0, 0, 0, 0xf1};
    size_t n = answer(d, 0x1001, 105, ok, sizeof ok);
    assert_int_equal(lethe_tcg_method_status(d, n, &s, NULL), 0);
    ok[4] = LETHE_TCG_STATUS_TPER_MALFUNCTION;
    n = answer(d, 0x1001, 105, ok, sizeof ok);
    assert_int_equal(lethe_tcg_method_status(d, n, &s, NULL), LETHE_TCG_STATUS_TPER_MALFUNCTION);
    ok[4] = 0;
    n = answer(d, 0x1002, 105, ok, sizeof ok);
    assert_int_equal(lethe_tcg_method_status(d, n, &s, NULL), -LETHE_E_INVALID);
    /* A session closed instead of a status is no success. */
    n = answer(d, 0, 0, ok, sizeof ok);
    assert_int_equal(lethe_tcg_method_status(d, n, &s, NULL), -LETHE_E_GONE);
    n = answer(d, 0x1001, 105, (const uint8_t[1]){0xfa}, 1);
    assert_int_equal(lethe_tcg_method_status(d, n, &s, NULL), -LETHE_E_GONE);
    n = answer(d, 0x1001, 105, (const uint8_t[2]){0xf0, 0xf1}, 2);
    assert_int_equal(lethe_tcg_method_status(d, n, &s, NULL), -LETHE_E_INVALID);
}

static void enterprise_authentication(void **state)
{
    (void)state;
    struct lethe_tcg_discovery t = drive(0x0100, 0x09);
    struct lethe_tcg_session s;
    uint8_t p[LETHE_TCG_PACKET_SIZE], d[512];
    assert_int_equal(lethe_tcg_psid_start(&t, 105, psid, &s, p, NULL), 0);
    assert_true(s.enterprise);
    for (size_t i = 0; i + 32 <= sizeof p; i++) /* the PSID is not in there */
        assert_memory_not_equal(p + i, psid, 32);
    s.tper = 0x1001;
    assert_int_equal(lethe_tcg_authenticate(&s, psid, p, NULL), 0);
    assert_memory_equal(p + 56 + 20,
                        "\xa8\0\0\0\x09\0\x01\xff\x01\xf2\xa9"
                        "Challenge\xd0\x20"
                        "ABCD",
                        26);
    uint8_t yes[] = {0xf0, 0x01, 0xf1, 0xf9, 0xf0, 0, 0, 0, 0xf1};
    size_t n = answer(d, 0x1001, 105, yes, sizeof yes);
    assert_int_equal(lethe_tcg_authenticated(d, n, &s, NULL), 0);
    yes[1] = 0; /* success that says no */
    n = answer(d, 0x1001, 105, yes, sizeof yes);
    assert_int_equal(lethe_tcg_authenticated(d, n, &s, NULL), -LETHE_E_REFUSED);
}

static void stream(void **state)
{
    (void)state;
    uint8_t buffer[64];
    struct lethe_tcg_writer w = {.data = buffer, .size = sizeof buffer};
    static const uint32_t values[] = {0, 63, 64, 255, 256, 65535, 65536, 0xffffff, 0xffffffff};
    for (size_t i = 0; i < 9; i++)
        lethe_tcg_put_uint(&w, values[i]);
    lethe_tcg_put_bytes(&w, "0123456789abcdef", 16);
    assert_false(w.full);
    struct lethe_tcg_reader r = {.data = buffer, .len = w.len};
    struct lethe_tcg_atom atom;
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(lethe_tcg_next(&r, &atom), 1);
        assert_int_equal(atom.token, LETHE_TCG_UINT);
        assert_int_equal(atom.value, values[i]);
    }
    assert_int_equal(lethe_tcg_next(&r, &atom), 1);
    assert_int_equal(atom.token, LETHE_TCG_BYTES);
    assert_int_equal(atom.len, 16);
    assert_int_equal(lethe_tcg_next(&r, &atom), 0);
    w.size = w.len + 1;
    lethe_tcg_put_uint(&w, 64);
    assert_true(w.full);
    static const uint8_t bad[][4] = {{0xa8, 1}, {0xd7}, {0xe2, 0, 0},   {0x40},
                                     {0xfb},    {0x80}, {0x89, 1, 2, 3}};
    static const size_t sizes[] = {2, 1, 3, 1, 1, 1, 4};
    for (size_t i = 0; i < 7; i++) {
        r = (struct lethe_tcg_reader){.data = bad[i], .len = sizes[i]};
        assert_int_equal(lethe_tcg_next(&r, &atom), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(discovery),       cmocka_unit_test(what_revert_erases),
        cmocka_unit_test(psids),           cmocka_unit_test(start_session),
        cmocka_unit_test(session_answers), cmocka_unit_test(revert),
        cmocka_unit_test(stream),          cmocka_unit_test(enterprise_authentication),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
