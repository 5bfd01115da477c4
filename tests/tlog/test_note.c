/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "tlog/signing.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DASH "\xE2\x80\x94 "

/* The example and the key of golang.org/x/mod/sumdb/note's documentation. */
static const char go_vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char go_note[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n" DASH "PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/* The example of tlog-cosignature: that its key ids are read as they stand. */
static const char c2sp_note[] =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n" DASH
    "example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2"
    "q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" DASH "witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1"
    "nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

static void a_note_of_go(void **state)
{
    struct lethe_tlog_key key;
    struct lethe_tlog_note note;
    char vkey[LETHE_TLOG_VKEY_MAX], changed[sizeof(go_note)];
    uint64_t time = 7;
    (void)state;
    assert_int_equal(lethe_tlog_key_parse(go_vkey, strlen(go_vkey), &key, NULL), 0);
    assert_int_equal(key.id, 0xc74f20a3);
    lethe_tlog_key_format(&key, vkey);
    assert_string_equal(vkey, go_vkey);
    assert_int_equal(lethe_tlog_note_parse(go_note, strlen(go_note), &note, NULL), 0);
    assert_int_equal(lethe_tlog_note_verify(&note, &key, &time, NULL), 1);
    assert_int_equal(time, 0);
    memcpy(changed, go_note, sizeof(changed));
    changed[0] = 'J';
    assert_int_equal(lethe_tlog_note_parse(changed, strlen(changed), &note, NULL), 0);
    assert_int_equal(lethe_tlog_note_verify(&note, &key, &time, NULL), -LETHE_E_UNTRUSTED);
}

static void the_example_of_cosignatures(void **state)
{
    struct lethe_tlog_note note;
    struct lethe_tlog_checkpoint checkpoint;
    char text[LETHE_TLOG_CHECKPOINT_TEXT_MAX];
    (void)state;
    assert_int_equal(lethe_tlog_note_parse(c2sp_note, strlen(c2sp_note), &note, NULL), 0);
    assert_int_equal(note.n, 2);
    assert_int_equal(note.signature[0].id, 0x033de0ae);
    assert_int_equal(note.signature[1].id, 0x8d66cf3f);
    assert_int_equal(lethe_tlog_checkpoint_parse(note.text, note.text_len, &checkpoint, NULL), 0);
    assert_int_equal(checkpoint.size, 20852163);
    assert_int_equal(lethe_tlog_checkpoint_format(&checkpoint, text, NULL), 0);
    assert_int_equal(strlen(text), note.text_len);
    assert_memory_equal(text, note.text, note.text_len);
}

static void sign_and_verify(void **state)
{
    struct signing_key log, witness, stranger;
    struct lethe_tlog_checkpoint checkpoint = {.origin = "example.org/log", .size = 5}, got;
    struct lethe_tlog_note note;
    char text[2048];
    uint64_t time;
    (void)state;
    signing_key_make(&log, "example.org/log", LETHE_TLOG_ED25519, 1);
    signing_key_make(&witness, "w.example/\xC3\xA9", LETHE_TLOG_COSIGNATURE, 2);
    signing_key_make(&stranger, "example.org/log", LETHE_TLOG_ED25519, 3);
    signing_checkpoint(text, sizeof(text), &checkpoint);
    signing_add(text, sizeof(text), &witness, 1679315147);
    /* Not signed by the log itself. */
    assert_int_equal(lethe_tlog_checkpoint_open(text, strlen(text), &log.key, &got, NULL, NULL),
                     -LETHE_E_UNTRUSTED);
    signing_add(text, sizeof(text), &log, 0);
    signing_add(text, sizeof(text), &stranger, 0); /* unknown signers are ignored */
    assert_int_equal(lethe_tlog_checkpoint_open(text, strlen(text), &log.key, &got, &note, NULL),
                     0);
    assert_int_equal(got.size, 5);
    assert_int_equal(note.n, 3);
    assert_int_equal(lethe_tlog_note_verify(&note, &witness.key, &time, NULL), 1);
    assert_int_equal(time, 1679315147);
    /* The same key as another type has another id: not signed by it. */
    struct lethe_tlog_key other;
    assert_int_equal(
        lethe_tlog_key_make(&other, witness.key.name, LETHE_TLOG_ED25519, witness.key.pub, NULL),
        0);
    assert_int_equal(lethe_tlog_note_verify(&note, &other, &time, NULL), 0);
    /* Of another log: refused though its key is right. */
    struct lethe_tlog_key renamed = log.key;
    strcpy(renamed.name, "example.org/other");
    assert_int_equal(lethe_tlog_checkpoint_open(text, strlen(text), &renamed, &got, NULL, NULL),
                     -LETHE_E_UNTRUSTED);
    /* The time is signed, too. */
    char *digit = strstr(text, DASH "w.example");
    digit = strchr(digit + 5, ' ') + 1 + 14; /* the last bytes of the time */
    *digit = *digit == 'A' ? 'B' : 'A';
    assert_int_equal(lethe_tlog_note_parse(text, strlen(text), &note, NULL), 0);
    assert_int_equal(lethe_tlog_note_verify(&note, &witness.key, &time, NULL), -LETHE_E_UNTRUSTED);
}

/* An Ed25519 signature of the log shown as if it were a cosignature, and one that is too short. */
static void signatures_of_the_wrong_length(void **state)
{
    struct signing_key log;
    struct lethe_tlog_checkpoint checkpoint = {.origin = "example.org/log"};
    struct lethe_tlog_note note;
    char text[2048];
    (void)state;
    signing_key_make(&log, "example.org/log", LETHE_TLOG_ED25519, 1);
    signing_checkpoint(text, sizeof(text), &checkpoint);
    size_t len = strlen(text);
    uint8_t blob[76] = {(uint8_t)(log.key.id >> 24), (uint8_t)(log.key.id >> 16),
                        (uint8_t)(log.key.id >> 8), (uint8_t)log.key.id};
    static const size_t lens[] = {5, 67, 69, 76};
    for (size_t i = 0; i < 4; i++) {
        char base64[128];
        lethe_tlog_base64_encode(base64, blob, lens[i]);
        snprintf(text + len, sizeof(text) - len, DASH "example.org/log %s\n", base64);
        assert_int_equal(lethe_tlog_note_parse(text, strlen(text), &note, NULL), 0);
        assert_int_equal(lethe_tlog_note_verify(&note, &log.key, NULL, NULL), -LETHE_E_UNTRUSTED);
    }
}

static void malformed_notes(void **state)
{
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n" DASH "a AAAAAAAA\n",     /* no empty line */
        "text\n\n" DASH "a AAAAAAAA",     /* no end of line */
        "text\n\n" DASH "a AAAAAAAA\n\n", /* the last empty line parts */
        "text\n\n- a AAAAAAAA\n",
        "text\n\n" DASH "AAAAAAAA\n",
        "text\n\n" DASH " AAAAAAAA\n",
        "text\n\n" DASH "a+b AAAAAAAA\n",
        "text\n\n" DASH "a\xC2\xA0"
        "b AAAAAAAA\n",                 /* no-break space in the name */
        "text\n\n" DASH "a AAAA\n",     /* only an id, not even that */
        "text\n\n" DASH "a AAAAAA==\n", /* an id and nothing */
        "text\n\n" DASH "a AAAAAAB=\n", /* unused bits */
        "text\n\n" DASH "a AAAAAAA\n",
        "text\n\n" DASH "a AAAAAAAA \n",
        "text\n\n" DASH "a AAAA=AAA\n",
        "text\n\n" DASH "a  AAAAAAAA\n",
        "text\n\n" DASH "a AAAAAAAA\n" DASH "a AAAAAAAB\n", /* one key twice */
        "te\txt\n\n" DASH "a AAAAAAAA\n",
        "te\rxt\n\n" DASH "a AAAAAAAA\n",
        "te\xFFxt\n\n" DASH "a AAAAAAAA\n",
        "te\xC0\xAFxt\n\n" DASH "a AAAAAAAA\n",     /* overlong */
        "te\xED\xA0\x80xt\n\n" DASH "a AAAAAAAA\n", /* surrogate */
    };
    struct lethe_tlog_note note;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lethe_tlog_note_parse(bad[i], strlen(bad[i]), &note, NULL),
                         -LETHE_E_INVALID);
    static const char nul[] = "te\0xt\n\n" DASH "a AAAAAAAA\n";
    assert_int_equal(lethe_tlog_note_parse(nul, sizeof(nul) - 1, &note, NULL), -LETHE_E_INVALID);
    static const char fine[] =
        "text\n\nmore\n\n" DASH "a AAAAAAAA\n" DASH "a AAAAAQAA\n" DASH "b AAAAAAAA\n";
    assert_int_equal(lethe_tlog_note_parse(fine, sizeof(fine) - 1, &note, NULL), 0);
    assert_int_equal(note.text_len, strlen("text\n\nmore\n"));
    assert_int_equal(note.n, 3);
}

static void many_signatures(void **state)
{
    char text[8192] = "text\n\n";
    struct lethe_tlog_note note;
    (void)state;
    for (int i = 0; i < LETHE_TLOG_SIGNATURES_MAX; i++)
        sprintf(text + strlen(text), DASH "a%d AAAAAAAA\n", i);
    assert_int_equal(lethe_tlog_note_parse(text, strlen(text), &note, NULL), 0);
    assert_int_equal(note.n, LETHE_TLOG_SIGNATURES_MAX);
    strcat(text, DASH "more AAAAAAAA\n");
    assert_int_equal(lethe_tlog_note_parse(text, strlen(text), &note, NULL), -LETHE_E_LIMIT);
    char *huge = malloc(LETHE_TLOG_NOTE_MAX + 1);
    memset(huge, 'a', LETHE_TLOG_NOTE_MAX + 1);
    assert_int_equal(lethe_tlog_note_parse(huge, LETHE_TLOG_NOTE_MAX + 1, &note, NULL),
                     -LETHE_E_LIMIT);
    free(huge);
}

/* signed-note bounds no name, and unknown signers are ignored: a stranger's name refuses no note.
 */
static void a_stranger_with_a_long_name(void **state)
{
    struct signing_key log;
    struct lethe_tlog_checkpoint checkpoint = {.origin = "example.org/log"}, got;
    char text[4096];
    (void)state;
    signing_key_make(&log, "example.org/log", LETHE_TLOG_ED25519, 1);
    signing_checkpoint(text, sizeof(text), &checkpoint);
    sprintf(text + strlen(text), DASH "%0500d AAAAAAAA\n", 7);
    signing_add(text, sizeof(text), &log, 0);
    assert_int_equal(lethe_tlog_checkpoint_open(text, strlen(text), &log.key, &got, NULL, NULL), 0);
}

static void malformed_checkpoints(void **state)
{
#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    static const char *const bad[] = {
        "",
        "a\n0\n",
        "a\n0\n" ROOT,
        "a\n0\n" ROOT "\nextension\n",
        "\n0\n" ROOT "\n",
        "a b\n0\n" ROOT "\n",
        "a\n00\n" ROOT "\n",
        "a\n\n" ROOT "\n",
        "a\n-1\n" ROOT "\n",
        "a\n+1\n" ROOT "\n",
        "a\n1 \n" ROOT "\n",
        "a\n9007199254740992\n" ROOT "\n",
        "a\n18446744073709551616\n" ROOT "\n",
        "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n",
        "a\n0\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "a\n0\nAAAA\n",
    };
    static const char fine[] = "a\n9007199254740991\n" ROOT "\n";
    struct lethe_tlog_checkpoint checkpoint;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lethe_tlog_checkpoint_parse(bad[i], strlen(bad[i]), &checkpoint, NULL),
                         -LETHE_E_INVALID);
    assert_int_equal(lethe_tlog_checkpoint_parse(fine, strlen(fine), &checkpoint, NULL), 0);
    assert_int_equal(checkpoint.size, LETHE_TLOG_SIZE_MAX);
}

static void malformed_keys(void **state)
{
    static const char *const bad[] = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAAAA",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n\n",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW more",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    };
    struct lethe_tlog_key key;
    uint8_t pub[32] = {0};
    char name[LETHE_TLOG_NAME_MAX + 1];
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lethe_tlog_key_parse(bad[i], strlen(bad[i]), &key, NULL),
                         -LETHE_E_INVALID);
    /* A type we do not know: ECDSA 0x02. */
    static const char ecdsa[] = "a+00000000+AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_int_equal(lethe_tlog_key_parse(ecdsa, strlen(ecdsa), &key, NULL), -LETHE_E_UNSUPPORTED);
    memset(name, 'n', sizeof(name));
    name[LETHE_TLOG_NAME_MAX] = '\0';
    assert_false(lethe_tlog_name_valid(name));
    name[LETHE_TLOG_NAME_MAX - 1] = '\0';
    assert_true(lethe_tlog_name_valid(name));
    /* The longest name there can be still has a vkey that is read back. */
    char vkey[LETHE_TLOG_VKEY_MAX];
    assert_int_equal(lethe_tlog_key_make(&key, name, LETHE_TLOG_COSIGNATURE, pub, NULL), 0);
    lethe_tlog_key_format(&key, vkey);
    assert_int_equal(lethe_tlog_key_parse(vkey, strlen(vkey), &key, NULL), 0);
}

static void base64_has_one_spelling(void **state)
{
    uint8_t in[64], out[64];
    char text[LETHE_TLOG_BASE64_SIZE(64)];
    (void)state;
    for (size_t len = 0; len <= sizeof(in); len++) {
        for (size_t i = 0; i < len; i++)
            in[i] = (uint8_t)(i * 89 + len);
        lethe_tlog_base64_encode(text, in, len);
        assert_int_equal(strlen(text) + 1, LETHE_TLOG_BASE64_SIZE(len));
        assert_int_equal(lethe_tlog_base64_decode(out, sizeof(out), text, strlen(text)), len);
        assert_memory_equal(in, out, len);
        if (len > 0)
            assert_int_equal(lethe_tlog_base64_decode(out, len - 1, text, strlen(text)), -1);
    }
    static const char *const bad[] = {"A",    "AA",   "AAA",   "A===",     "====", "AA=A",
                                      "AB==", "AAB=", "AA\nA", "AA==AAAA", "AAA-", " AAA"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lethe_tlog_base64_decode(out, sizeof(out), bad[i], strlen(bad[i])), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_of_go),
        cmocka_unit_test(the_example_of_cosignatures),
        cmocka_unit_test(sign_and_verify),
        cmocka_unit_test(signatures_of_the_wrong_length),
        cmocka_unit_test(malformed_notes),
        cmocka_unit_test(many_signatures),
        cmocka_unit_test(a_stranger_with_a_long_name),
        cmocka_unit_test(malformed_checkpoints),
        cmocka_unit_test(malformed_keys),
        cmocka_unit_test(base64_has_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
