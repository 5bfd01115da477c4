/* SPDX-License-Identifier: Apache-2.0 */
/* ADB's wire: what we say is what the other side reads, and what can't be is refused. */
#include "proto/adb.h"

#include "proto/bytes.h"
#include <openssl/bn.h>
#include <openssl/rand.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

static void test_a_message(void **state)
{
    (void)state;
    /* OPEN(1, 0, "shell:") as Debian's adb sends it. */
    static const uint8_t wanted[LETHE_ADB_HEADER] = {'O',  'P', 'E', 'N', 1,    0,    0,    0,
                                                     0,    0,   0,   0,   7,    0,    0,    0,
                                                     0x56, 2,   0,   0,   0xb0, 0xaf, 0xba, 0xb1};
    uint8_t header[LETHE_ADB_HEADER];
    struct lethe_adb_message message;
    lethe_adb_header_build(header, LETHE_ADB_OPEN, 1, 0, "shell:", 7);
    assert_memory_equal(header, wanted, 16);
    assert_memory_equal(header + 20, wanted + 20, 4);
    assert_int_equal(lethe_le32(header + 16), 's' + 'h' + 'e' + 'l' + 'l' + ':');
    assert_int_equal(lethe_adb_header_parse(header, sizeof(header), 64, &message, NULL), 0);
    assert_int_equal(message.command, LETHE_ADB_OPEN);
    assert_int_equal(message.length, 7);
    assert_true(lethe_adb_payload_check(&message, (const uint8_t *)"shell:"));
    assert_false(lethe_adb_payload_check(&message, (const uint8_t *)"shell;"));
}

static void test_messages_that_cannot_be(void **state)
{
    (void)state;
    uint8_t header[LETHE_ADB_HEADER];
    struct lethe_adb_message message;
    lethe_adb_header_build(header, LETHE_ADB_WRTE, 1, 2, "", 0);
    assert_int_equal(lethe_adb_header_parse(header, 23, 64, &message, NULL), -LETHE_E_INVALID);
    header[20] ^= 1; /* magic */
    assert_int_equal(lethe_adb_header_parse(header, 24, 64, &message, NULL), -LETHE_E_INVALID);
    lethe_adb_header_build(header, 0x12345678, 1, 2, "", 0);
    assert_int_equal(lethe_adb_header_parse(header, 24, 64, &message, NULL), -LETHE_E_INVALID);
    lethe_adb_header_build(header, LETHE_ADB_WRTE, 1, 2, "", 0);
    lethe_put_le32(header + 12, UINT32_MAX); /* 4 GiB */
    assert_int_equal(lethe_adb_header_parse(header, 24, LETHE_ADB_PAYLOAD_MAX, &message, NULL),
                     -LETHE_E_LIMIT);
}

static void test_banners(void **state)
{
    (void)state;
    struct lethe_adb_banner banner;
    static const char whole[] = "device::ro.product.name=redfin;ro.product.model=Pixel 5;"
                                "ro.product.device=redfin;features=shell_v2,cmd,stat_v2";
    assert_int_equal(lethe_adb_banner_parse(whole, sizeof(whole), &banner, NULL), 0);
    assert_int_equal(banner.state, LETHE_ADB_STATE_DEVICE);
    assert_string_equal(banner.model, "Pixel 5");
    assert_string_equal(banner.device, "redfin");
    assert_true(lethe_adb_banner_has(&banner, "cmd"));
    assert_false(lethe_adb_banner_has(&banner, "shell"));
    assert_false(lethe_adb_banner_has(&banner, "cmd,stat_v2"));
    char text[256];
    assert_int_equal(lethe_adb_banner_format(&banner, text, sizeof(text)), sizeof(whole) - 1);
    assert_string_equal(text, whole);

    assert_int_equal(lethe_adb_banner_parse("sideload::", 10, &banner, NULL), 0);
    assert_int_equal(banner.state, LETHE_ADB_STATE_SIDELOAD);
    assert_string_equal(banner.model, "");
    assert_int_equal(lethe_adb_banner_parse("rescue::a=b;;;=;", 16, &banner, NULL), 0);
    assert_int_equal(banner.state, LETHE_ADB_STATE_RESCUE);
    assert_int_equal(lethe_adb_banner_parse("devices::", 9, &banner, NULL), 0);
    assert_int_equal(banner.state, LETHE_ADB_STATE_UNKNOWN);
    assert_int_equal(lethe_adb_banner_parse("device", 6, &banner, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_adb_banner_parse("", 0, &banner, NULL), -LETHE_E_INVALID);
    /* Control characters in a name are not for a terminal. */
    static const char rude[] = "device::ro.product.model=A\033[31mB";
    assert_int_equal(lethe_adb_banner_parse(rude, sizeof(rude), &banner, NULL), 0);
    assert_string_equal(banner.model, "A?[31mB");
}

/* Against libcrypto's arithmetic. */
static void test_keys(void **state)
{
    (void)state;
    uint8_t modulus[LETHE_ADB_MODULUS], back[LETHE_ADB_MODULUS], key[LETHE_ADB_KEY],
        same[LETHE_ADB_KEY], rr[LETHE_ADB_MODULUS];
    char text[LETHE_ADB_KEY_TEXT];
    uint32_t exponent;
    BN_CTX *context = BN_CTX_new();
    for (int i = 0; i < 20; i++) {
        assert_int_equal(RAND_bytes(modulus, sizeof(modulus)), 1);
        modulus[0] |= 0x80;
        modulus[sizeof(modulus) - 1] |= 1;
        assert_int_equal(lethe_adb_key_encode(modulus, 65537, key, NULL), 0);
        BIGNUM *n = BN_bin2bn(modulus, sizeof(modulus), NULL), *r = BN_new();
        assert_int_equal(BN_set_bit(r, 4096), 1);
        assert_int_equal(BN_mod(r, r, n, context), 1);
        assert_int_equal(BN_bn2lebinpad(r, rr, sizeof(rr)), sizeof(rr));
        assert_int_equal(lethe_le32(key), 64);
        assert_int_equal((uint32_t)(lethe_le32(key + 4) * lethe_be32(modulus + 252) + 1), 0);
        assert_memory_equal(key + 8 + LETHE_ADB_MODULUS, rr, sizeof(rr));
        BN_free(n);
        BN_free(r);
    }
    BN_CTX_free(context);
    int len = lethe_adb_key_format(key, "lethe@bench", text);
    assert_int_equal(len, 700 + 1 + 11 + 1);
    assert_int_equal(text[len - 1], '\0');
    assert_int_equal(lethe_adb_key_parse(text, (size_t)len, same, NULL), 0);
    assert_memory_equal(same, key, sizeof(key));
    assert_int_equal(lethe_adb_key_decode(key, sizeof(key), back, &exponent, NULL), 0);
    assert_memory_equal(back, modulus, sizeof(modulus));
    assert_int_equal(exponent, 65537);
    key[300] ^= 1; /* R^2 that does not follow */
    assert_int_equal(lethe_adb_key_decode(key, sizeof(key), back, &exponent, NULL),
                     -LETHE_E_INVALID);
    modulus[255] &= 0xfe;
    assert_int_equal(lethe_adb_key_encode(modulus, 3, key, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_adb_key_parse("AAAA x", 6, key, NULL), -LETHE_E_INVALID);
}

/* Cut anywhere, the packets are the same. */
static void test_shell_packets(void **state)
{
    (void)state;
    uint8_t stream[64];
    size_t len = 0;
    lethe_adb_shell_build(stream, LETHE_ADB_SHELL_STDOUT, 5);
    memcpy(stream + 5, "hello", 5);
    lethe_adb_shell_build(stream + 10, LETHE_ADB_SHELL_STDERR, 0);
    lethe_adb_shell_build(stream + 15, LETHE_ADB_SHELL_EXIT, 1);
    stream[20] = 7;
    len = 21;
    for (size_t step = 1; step <= len; step++) {
        struct lethe_adb_shell shell = {0};
        char out[16] = "";
        size_t n = 0;
        int status = -1, ended = 0;
        for (size_t at = 0; at < len; at += step) {
            const uint8_t *p = stream + at, *piece;
            size_t left = len - at < step ? len - at : step, piece_len;
            enum lethe_adb_shell_id id;
            bool last;
            while (lethe_adb_shell_next(&shell, &p, &left, &id, &piece, &piece_len, &last, NULL) >
                   0) {
                if (id == LETHE_ADB_SHELL_STDOUT) {
                    memcpy(out + n, piece, piece_len);
                    n += piece_len;
                } else if (id == LETHE_ADB_SHELL_EXIT) {
                    status = piece[0];
                }
                ended += last;
            }
            assert_int_equal(left, 0);
        }
        assert_string_equal(out, "hello");
        assert_int_equal(status, 7);
        assert_int_equal(ended, 3);
    }
    struct lethe_adb_shell shell = {0};
    const uint8_t *p = stream, *piece;
    size_t left = 5, piece_len;
    enum lethe_adb_shell_id id;
    bool last;
    lethe_adb_shell_build(stream, LETHE_ADB_SHELL_STDOUT, UINT32_MAX);
    assert_int_equal(lethe_adb_shell_next(&shell, &p, &left, &id, &piece, &piece_len, &last, NULL),
                     -LETHE_E_INVALID);
}

static void test_sync(void **state)
{
    (void)state;
    uint8_t data[64];
    struct lethe_adb_sync sync;
    lethe_adb_sync_build(data, LETHE_SYNC_SEND, 9);
    memcpy(data + 8, "/sdcard/a", 9);
    for (size_t len = 0; len < 17; len++)
        assert_int_equal(lethe_adb_sync_parse(data, len, false, &sync, NULL), 0);
    assert_int_equal(lethe_adb_sync_parse(data, sizeof(data), false, &sync, NULL), 17);
    assert_int_equal(sync.id, LETHE_SYNC_SEND);
    assert_memory_equal(sync.body, "/sdcard/a", sync.body_len);
    /* A phone sends no SEND, and a STAT of another shape. */
    assert_int_equal(lethe_adb_sync_parse(data, 17, true, &sync, NULL), -LETHE_E_INVALID);
    lethe_adb_sync_stat_build(data, 0100644, 4096, 1);
    assert_int_equal(lethe_adb_sync_parse(data, 16, true, &sync, NULL), 16);
    assert_int_equal(sync.size, 4096);
    assert_int_equal(sync.mode, 0100644);
    lethe_adb_sync_build(data, LETHE_SYNC_DATA, LETHE_ADB_SYNC_DATA_MAX + 1);
    assert_int_equal(lethe_adb_sync_parse(data, sizeof(data), true, &sync, NULL), -LETHE_E_LIMIT);
    lethe_adb_sync_build(data, LETHE_SYNC_FAIL, 1 << 20);
    assert_int_equal(lethe_adb_sync_parse(data, sizeof(data), true, &sync, NULL), -LETHE_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message),     cmocka_unit_test(test_messages_that_cannot_be),
        cmocka_unit_test(test_banners),       cmocka_unit_test(test_keys),
        cmocka_unit_test(test_shell_packets), cmocka_unit_test(test_sync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
