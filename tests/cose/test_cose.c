/* SPDX-License-Identifier: Apache-2.0 */
/* Base45 and deterministic CBOR: the vectors of their RFCs, and what must be refused. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/buf.h"
#include "base/text.h"
#include "cose/base45.h"
#include "cose/cbor.h"
#include <lethe/cose.h>
#include <stdlib.h>
#include <string.h>

/* ---- base45 ---- */

static void test_base45_of_the_rfc(void **state)
{
    (void)state;
    /* RFC 9285 sections 4.3 and 4.4. */
    static const struct {
        const char *bytes, *text;
    } vectors[] = {{"AB", "BB8"},
                   {"Hello!!", "%69 VD92EX0"},
                   {"base-45", "UJCLQE7W581"},
                   {"ietf!", "QED8WEX0"},
                   {"", ""}};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char text[32];
        uint8_t bytes[16];
        size_t len = strlen(vectors[i].bytes);
        lethe_base45_encode(text, (const uint8_t *)vectors[i].bytes, len);
        assert_string_equal(text, vectors[i].text);
        assert_int_equal(lethe_base45_decode(bytes, sizeof(bytes), text, strlen(text)), len);
        assert_memory_equal(bytes, vectors[i].bytes, len);
    }
}

static void test_base45_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "B",  "BB8B",         "bb8",  "BB8=",       ":::", "GGW" /* 65536 */,
        "::", "V5" /* 256 */, "BB\n", "BB8\xff\xff"};
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (lethe_base45_decode(bytes, sizeof(bytes), bad[i], strlen(bad[i])) != -1)
            fail_msg("\"%s\" was read", bad[i]);
    assert_int_equal(lethe_base45_decode(bytes, 2, "FGW", 3), 2); /* 65535 */
    assert_memory_equal(bytes, "\xff\xff", 2);
    assert_int_equal(lethe_base45_decode(bytes, 1, "FGW", 3), -1); /* no room */
    assert_int_equal(lethe_base45_decode(bytes, 16, "B\0008", 3), -1);
    /* Every pair of bytes comes back. */
    for (unsigned n = 0; n < 65536; n++) {
        uint8_t in[2] = {(uint8_t)(n >> 8), (uint8_t)n}, out[2];
        char text[4];
        lethe_base45_encode(text, in, 2);
        assert_int_equal(lethe_base45_decode(out, 2, text, 3), 2);
        assert_memory_equal(in, out, 2);
    }
}

/* ---- CBOR ---- */

static const char *fault_of(const char *hex)
{
    uint8_t bytes[128];
    ssize_t n = lethe_hex_decode(bytes, sizeof(bytes), hex, strlen(hex));
    assert_true(n >= 0);
    return lethe_cbor_fault(bytes, (size_t)n);
}

static void test_cbor_accepts(void **state)
{
    (void)state;
    /* RFC 8949 appendix A, of the kinds we take. */
    static const char *const good[] = {"00",
                                       "01",
                                       "0a",
                                       "17",
                                       "1818",
                                       "1819",
                                       "1864",
                                       "1903e8",
                                       "1a000f4240",
                                       "1b000000e8d4a51000",
                                       "1bffffffffffffffff",
                                       "3bffffffffffffffff",
                                       "20",
                                       "29",
                                       "3863",
                                       "3903e7",
                                       "f4",
                                       "f5",
                                       "c11a514b67b0",
                                       "d74401020304",
                                       "d818456449455446",
                                       "40",
                                       "4401020304",
                                       "60",
                                       "6161",
                                       "6449455446",
                                       "62225c",
                                       "62c3bc",
                                       "63e6b0b4",
                                       "64f0908591",
                                       "80",
                                       "83010203",
                                       "8301820203820405",
                                       "a0",
                                       "a201020304",
                                       "a26161016162820203",
                                       "826161a161626163",
                                       "a56161614161626142616361436164614461656145"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const char *fault = fault_of(good[i]);
        if (fault)
            fail_msg("%s: %s", good[i], fault);
    }
}

static void test_cbor_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *why;
    } bad[] = {
        {"", "ends too early"},
        {"18", "ends too early"},
        {"1903", "ends too early"},
        {"4401", "ends too early"},
        {"8201", "ends too early"},
        {"a101", "ends too early"},
        {"c1", "ends too early"},
        {"9bffffffffffffffff", "ends too early"},
        {"bbffffffffffffffff", "ends too early"},
        {"5bffffffffffffffff", "ends too early"},
        {"0000", "follows"},
        /* section 4.2.1: the shortest form, definite lengths, keys in order and once */
        {"1800", "shortest"},
        {"1817", "shortest"},
        {"190017", "shortest"},
        {"1900ff", "shortest"},
        {"1a0000ffff", "shortest"},
        {"1b00000000ffffffff", "shortest"},
        {"3800", "shortest"},
        {"580100", "shortest"},
        {"780161", "shortest"},
        {"980100", "shortest"},
        {"b8010000", "shortest"},
        {"d80100", "shortest"},
        {"5f42010243030405ff", "indefinite"},
        {"7f657374726561646d696e67ff", "indefinite"},
        {"9fff", "indefinite"},
        {"bfff", "indefinite"},
        {"ff", "indefinite"},
        {"a203040102", "out of order"},
        {"a220000100", "out of order"},
        {"a2616261610100", "out of order"},
        {"a201020103", "twice"},
        {"a2616101616102", "twice"},
        /* what we have no use for */
        {"f90000", "float"},
        {"fa47c35000", "float"},
        {"fb3ff199999999999a", "float"},
        {"f8ff", "float"},
        {"f6", "neither"},
        {"f7", "neither"},
        {"f0", "neither"},
        {"1c", "reserved"},
        {"3e", "reserved"},
        /* RFC 3629 */
        {"61ff", "UTF-8"},
        {"6180", "UTF-8"},
        {"62c080", "UTF-8"},
        {"62c3", "ends too early"},
        {"63eda080", "UTF-8"},
        {"64f4908080", "UTF-8"},
        {"63e08080", "UTF-8"},
        {"64f0808080", "UTF-8"},
        {"61c3", "UTF-8"},
        {"81818181818181818100", "deep"},
        {"c1c1c1c1c1c1c1c1c100", "deep"},
        {"a100a100a100a100a100a100a100a100a10000", "deep"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *fault = fault_of(bad[i].hex);
        if (!fault || !strstr(fault, bad[i].why))
            fail_msg("%s: %s, not %s", bad[i].hex, fault ? fault : "taken", bad[i].why);
    }
    assert_null(fault_of("818181818181818100")); /* the last depth allowed */
}

static void test_cbor_writes_what_it_reads(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0,     1,     23,         24,         255,       256,
                                      65535, 65536, 4294967295, 4294967296, INT64_MAX, -1,
                                      -24,   -25,   -256,       -257,       INT64_MIN};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        LETHE_BUF_AUTO out = {0};
        int64_t back;
        assert_int_equal(lethe_cbor_put_int(&out, numbers[i]), 0);
        assert_null(lethe_cbor_fault((uint8_t *)out.data, out.len));
        struct lethe_cbor in = {(uint8_t *)out.data, (uint8_t *)out.data + out.len};
        assert_true(lethe_cbor_take_int(&in, &back));
        assert_true(back == numbers[i] && in.at == in.end);
    }
    /* Beyond what we count with: sound CBOR, no number of ours. */
    const uint8_t huge[] = {0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct lethe_cbor in = {huge, huge + sizeof(huge)};
    int64_t back;
    assert_false(lethe_cbor_take_int(&in, &back));
    assert_ptr_equal(in.at, huge);
}

/* ---- the label ---- */

static struct lethe_qr sample(void)
{
    struct lethe_qr qr = {.issued = 1795399200,
                          .ended = 1795399100,
                          .certificate = true,
                          .outcome = LETHE_OUTCOME_PASSED,
                          .method = LETHE_METHOD_CLEAR,
                          .substrate = LETHE_SUBSTRATE_PHYSICAL,
                          .policy = "nist-800-88r2-clear",
                          .policy_met = true,
                          .by = "bench-1, Example"};
    memset(qr.kid, 0xab, sizeof(qr.kid));
    memset(qr.jti, 0x5a, sizeof(qr.jti));
    memset(qr.jwt_sha256, 0x77, sizeof(qr.jwt_sha256));
    qr.n_devices = 2;
    lethe_qr_device_hash(qr.jti, LETHE_ID_SERIAL, "WD-123 456", qr.devices[0]);
    lethe_qr_device_hash(qr.jti, LETHE_ID_IMEI, "490154203237518", qr.devices[1]);
    return qr;
}

static void test_label_there_and_back(void **state)
{
    (void)state;
    struct lethe_qr qr = sample(), back;
    struct lethe_qr_why why;
    uint8_t signature[64], read[64], *wanted, *signed_part;
    size_t wanted_len, signed_len;
    char *text;
    memset(signature, 0x11, sizeof(signature));
    assert_int_equal(lethe_qr_encode(&qr, signature, &text, NULL), 0);
    assert_int_equal(
        lethe_qr_decode(text, strlen(text), &back, &signed_part, &signed_len, read, &why), 0);
    assert_int_equal(lethe_qr_to_be_signed(&qr, &wanted, &wanted_len, NULL), 0);
    assert_int_equal(signed_len, wanted_len);
    assert_memory_equal(signed_part, wanted, wanted_len);
    assert_memory_equal(read, signature, sizeof(read));
    assert_memory_equal(back.kid, qr.kid, sizeof(qr.kid));
    assert_memory_equal(back.jti, qr.jti, sizeof(qr.jti));
    assert_memory_equal(back.jwt_sha256, qr.jwt_sha256, sizeof(qr.jwt_sha256));
    assert_memory_equal(back.devices, qr.devices, sizeof(qr.devices));
    assert_int_equal(back.n_devices, 2);
    assert_true(back.issued == qr.issued && back.ended == qr.ended);
    assert_true(back.certificate && back.policy_met);
    assert_int_equal(back.outcome, qr.outcome);
    assert_int_equal(back.method, qr.method);
    assert_int_equal(back.substrate, qr.substrate);
    assert_string_equal(back.policy, qr.policy);
    assert_string_equal(back.by, qr.by);
    assert_true(strlen(text) <= LETHE_QR_SMALL);
    free(signed_part);
    free(wanted);
    free(text);
}

static void test_label_names_a_device(void **state)
{
    (void)state;
    struct lethe_qr qr = sample();
    static const char *const good[] = {"WD-123 456", "wd-123456", "490154203237518",
                                       "49015420 3237518"};
    static const char *const bad[] = {"", " ", "WD-123457", "WD-12345", "490154203237519"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(lethe_qr_names_device(&qr, good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(lethe_qr_names_device(&qr, bad[i]));
    /* A name so long that folding would cut it is none, whatever it begins with. */
    char name[300] = "wd-123456";
    memset(name + 9, ' ', 290);
    assert_false(lethe_qr_names_device(&qr, name));
    /* Salted: another certificate's hash of the same device is another one. */
    qr.jti[0] ^= 1;
    assert_false(lethe_qr_names_device(&qr, good[0]));
    qr.jti[0] ^= 1;
    qr.n_devices = 0;
    assert_false(lethe_qr_names_device(&qr, good[0]));
}

/* ---- labels put together wrongly ---- */

/* A label of these claims (hex of a CBOR map), decoded; the code it was refused with. */
static const char *decode_claims(const char *hex, struct lethe_qr_why *why)
{
    static char code[32];
    uint8_t object[512] = {0xd2, 0x84, 0x4d, 0xa2, 0x01, 0x26, 0x04, 0x48, 1,
                           2,    3,    4,    5,    6,    7,    8,    0xa0, 0x58};
    size_t at = 18;
    ssize_t n = lethe_hex_decode(object + at + 1, 300, hex, strlen(hex));
    assert_true(n >= 24 && n < 256);
    object[at] = (uint8_t)n;
    at += 1 + (size_t)n;
    object[at++] = 0x58;
    object[at++] = 64;
    memset(object + at, 0x22, 64);
    char text[1024] = LETHE_QR_PREFIX;
    lethe_base45_encode(text + 4, object, at + 64);
    struct lethe_qr qr;
    int rc = lethe_qr_decode(text, strlen(text), &qr, NULL, NULL, NULL, why);
    lethe_text_format(code, sizeof(code), "%s", rc == 0 ? "" : why->code);
    return code;
}

#define CTI "0750000102030405060708090a0b0c0d0e0f"
#define JWT "285820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void test_label_claims(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *code;
    } labels[] = {
        {"ab061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         ""},
        {"ac061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT "2a6161",
         ""},
        /* a claim of a later version, a later version */
        {"ac061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT "2b00",
         "claim-unknown"},
        {"ab061a6b03a0a0" CTI "20022101220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "claim-unknown"},
        {"ac01616106190fff" CTI "20012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "claim-unknown"},
        /* version 0; a type, outcome, method, substrate that is none */
        {"ab061a6b03a0a0" CTI "20002101220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012100220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012103220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012101220023012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012101220823012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012101220123042403256161"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012101220123012404256161"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        /* policy: empty, a control character, a direction override, a NUL */
        {"ab061a6b03a0a0" CTI "200121012201230124032560"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012101220123012403256107"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "200121012201230124032563e280ae"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012101220123012403256100"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        /* met is a number; a time of zero; a short hash; one missing */
        {"ab061a6b03a0a0" CTI "20012101220123012403256161"
         "2601"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5"
         "2700" JWT,
         "qr-claims"},
        {"ab061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5"
         "271a6b03a000"
         "284100",
         "qr-claims"},
        {"aa061a6b03a0a0" CTI "2101220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "qr-claims"},
        {"aa061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5" JWT,
         "qr-claims"},
        /* devices: none, three, short, the same twice */
        {"ac061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT "2980",
         "qr-claims"},
        {"ac061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT "29814101",
         "qr-claims"},
        {"ac061a6b03a0a0" CTI "20012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT
         "298250000102030405060708090a0b0c0d0e0f50000102030405060708090a0b0c0d0e0f",
         "qr-claims"},
        /* not deterministic, not a map, a text for a key */
        {"ab" CTI "061a6b03a0a020012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "cbor"},
        {"ab061a6b03a0a0" CTI "2018012101220123012403256161"
         "26f5"
         "271a6b03a000" JWT,
         "cbor"},
        {"581d000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c", "qr-claims"},
        {"a161617818000000000000000000000000000000000000000000000000", "qr-claims"},
    };
    struct lethe_qr_why why;
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        const char *code = decode_claims(labels[i].hex, &why);
        if (strcmp(code, labels[i].code) != 0)
            fail_msg("label %zu: \"%s\" (%s), not \"%s\"", i, code, why.text, labels[i].code);
    }
}

static void test_label_envelope(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *code;
    } objects[] = {
        {"844da2012604480102030405060708a0", "cbor"},           /* cut short */
        {"844da2012604480102030405060708a0414040", "cose"},     /* no tag */
        {"d2834da2012604480102030405060708a04100", "cose"},     /* COSE_Mac0's shape is another */
        {"d1844da2012604480102030405060708a041004100", "cose"}, /* another tag */
        {"d2844da2012604480102030405060708a1012641004100", "cose"}, /* unprotected header */
        {"d2844da2012604480102030405060708a041004100", "cose"},     /* short signature */
        /* RFC 9052 appendix C.2.1 (cose-wg, sign1): sound, and with its key id unprotected */
        {"d28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05"
         "aac34"
         "cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e"
         "5a4c3"
         "45cacb36",
         "cose"},
    };
    struct lethe_qr qr;
    struct lethe_qr_why why;
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        uint8_t object[256];
        char text[512] = LETHE_QR_PREFIX;
        ssize_t n =
            lethe_hex_decode(object, sizeof(object), objects[i].hex, strlen(objects[i].hex));
        assert_true(n > 0);
        lethe_base45_encode(text + 4, object, (size_t)n);
        assert_true(lethe_qr_decode(text, strlen(text), &qr, NULL, NULL, NULL, &why) < 0);
        if (strcmp(why.code, objects[i].code) != 0)
            fail_msg("object %zu: %s (%s)", i, why.code, why.text);
    }
    static const struct {
        const char *text, *code;
    } texts[] = {{"", "qr-prefix"},        {"ER1", "qr-prefix"},      {"ER2:BB8", "qr-prefix"},
                 {"er1:BB8", "qr-prefix"}, {" ER1:BB8", "qr-prefix"}, {"ER1:", "cbor"},
                 {"ER1:B", "base45"},      {"ER1:bb8", "base45"},     {"ER1:BB8\n", "base45"}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_true(
            lethe_qr_decode(texts[i].text, strlen(texts[i].text), &qr, NULL, NULL, NULL, &why) < 0);
        assert_string_equal(why.code, texts[i].code);
    }
    char big[LETHE_QR_MAX + 2];
    memset(big, '0', sizeof(big));
    memcpy(big, LETHE_QR_PREFIX, 4);
    assert_true(lethe_qr_decode(big, sizeof(big), &qr, NULL, NULL, NULL, &why) < 0);
    assert_string_equal(why.code, "qr-size");
}

/* The protected header: each way to spell another one. */
static void test_label_header(void **state)
{
    (void)state;
    static const struct {
        const char *header, *code;
    } headers[] = {
        {"a10126", "cose"},                              /* no key id */
        {"a20126044701020304050607", "cose"},            /* of 7 bytes */
        {"a2012704480102030405060708", "alg"},           /* EdDSA */
        {"a2010504480102030405060708", "alg"},           /* HMAC */
        {"a201382204480102030405060708", "alg"},         /* ES384 */
        {"a20165455332353604480102030405060708", "alg"}, /* "ES256" as text */
        {"a3012602810404480102030405060708", "cose"},    /* crit */
        {"a3012604480102030405060708182000", "cose"},    /* one more */
        {"a2044801020304050607080126", "cbor"},          /* out of order */
        {"", "cbor"},
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        uint8_t object[256] = {0xd2, 0x84}, header[64];
        char text[512] = LETHE_QR_PREFIX;
        ssize_t n =
            lethe_hex_decode(header, sizeof(header), headers[i].header, strlen(headers[i].header));
        assert_true(n >= 0);
        size_t at = 2;
        object[at++] = (uint8_t)(0x40 + n);
        memcpy(object + at, header, (size_t)n);
        at += (size_t)n;
        object[at++] = 0xa0;
        object[at++] = 0x41;
        object[at++] = 0xa0;
        object[at++] = 0x58;
        object[at++] = 64;
        memset(object + at, 1, 64);
        lethe_base45_encode(text + 4, object, at + 64);
        struct lethe_qr qr;
        struct lethe_qr_why why;
        assert_true(lethe_qr_decode(text, strlen(text), &qr, NULL, NULL, NULL, &why) < 0);
        if (strcmp(why.code, headers[i].code) != 0)
            fail_msg("header %s: %s (%s)", headers[i].header, why.code, why.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base45_of_the_rfc),
        cmocka_unit_test(test_base45_refuses),
        cmocka_unit_test(test_cbor_accepts),
        cmocka_unit_test(test_cbor_refuses),
        cmocka_unit_test(test_cbor_writes_what_it_reads),
        cmocka_unit_test(test_label_there_and_back),
        cmocka_unit_test(test_label_names_a_device),
        cmocka_unit_test(test_label_claims),
        cmocka_unit_test(test_label_envelope),
        cmocka_unit_test(test_label_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
