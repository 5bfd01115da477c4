/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "tlog/log.h"
#include "tlog/signing.h"
#include <stdlib.h>
#include <string.h>

#define SIZES 600

/* Every tile of every size up to SIZES, and the roots of all sizes. */
static struct log_store store;
static struct lethe_tlog_reader reader;
static struct lethe_tlog_hash roots[SIZES + 1];

static int make_log(void **state)
{
    struct lethe_tlog_sink sink = log_sink(&store);
    struct lethe_tlog_builder *builder;
    char entry[32];
    (void)state;
    reader = log_reader(&store);
    if (lethe_tlog_builder_new(&sink, &builder, NULL) < 0)
        return -1;
    for (uint64_t size = 0; size <= SIZES; size++) {
        lethe_tlog_builder_flush(builder, NULL);
        lethe_tlog_builder_root(builder, &roots[size]);
        lethe_tlog_builder_append(builder, entry, log_entry(size, entry), NULL);
    }
    lethe_tlog_builder_free(builder);
    return 0;
}

static int free_log(void **state)
{
    (void)state;
    log_free(&store);
    return 0;
}

static void mth(uint64_t start, uint64_t n, struct lethe_tlog_hash *out)
{
    struct lethe_tlog_tree tree = {0};
    struct lethe_tlog_hash leaf;
    for (uint64_t i = start; i < start + n; i++) {
        log_leaf(i, &leaf);
        lethe_tlog_tree_append(&tree, &leaf);
    }
    lethe_tlog_tree_root(&tree, out);
}

/* The audit path by the definition of RFC 6962 section 2.1.1, for the order of its hashes. */
static size_t path_by_definition(uint64_t start, uint64_t n, uint64_t index,
                                 struct lethe_tlog_hash *out)
{
    uint64_t k = 1;
    if (n == 1)
        return 0;
    while (2 * k < n)
        k *= 2;
    bool left = index < k;
    size_t below = left ? path_by_definition(start, k, index, out)
                        : path_by_definition(start + k, n - k, index - k, out);
    mth(left ? start + k : start, left ? n - k : k, &out[below]);
    return below + 1;
}

static void paths_are_those_of_the_definition(void **state)
{
    static const uint64_t sizes[] = {1, 2, 3, 7, 8, 255, 256, 257, 300, 513, 600};
    struct lethe_tlog_hashes proof;
    struct lethe_tlog_hash expected[64];
    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
        for (uint64_t i = 0; i < sizes[s]; i += 1 + sizes[s] / 9) {
            size_t n = path_by_definition(0, sizes[s], i, expected);
            assert_int_equal(lethe_tlog_prove_inclusion(&reader, i, sizes[s], &proof, NULL), 0);
            assert_int_equal(proof.n, n);
            assert_memory_equal(proof.hash, expected, n * sizeof(expected[0]));
        }
}

/* Every entry of every size; and that nothing else holds. */
static void every_entry_is_included(void **state)
{
    struct lethe_tlog_hashes proof;
    struct lethe_tlog_hash leaf, other;
    (void)state;
    for (uint64_t size = 1; size <= SIZES; size++)
        for (uint64_t i = 0; i < size; i += size < 40 ? 1 : 1 + size / 23) {
            log_leaf(i, &leaf);
            assert_int_equal(lethe_tlog_prove_inclusion(&reader, i, size, &proof, NULL), 0);
            assert_int_equal(lethe_tlog_check_inclusion(&proof, i, size, &leaf, &roots[size], NULL),
                             0);
            log_leaf(i + 1, &other);
            assert_int_equal(
                lethe_tlog_check_inclusion(&proof, i, size, &other, &roots[size], NULL),
                -LETHE_E_UNTRUSTED);
            assert_int_equal(
                lethe_tlog_check_inclusion(&proof, i ^ 1, size, &leaf, &roots[size], NULL),
                -LETHE_E_UNTRUSTED);
            assert_int_equal(
                lethe_tlog_check_inclusion(&proof, i, size, &leaf, &roots[size - 1], NULL),
                -LETHE_E_UNTRUSTED);
            if (proof.n > 0) {
                proof.hash[proof.n - 1].bytes[31] ^= 1;
                assert_int_equal(
                    lethe_tlog_check_inclusion(&proof, i, size, &leaf, &roots[size], NULL),
                    -LETHE_E_UNTRUSTED);
                proof.hash[proof.n-- - 1].bytes[31] ^= 1;
                assert_int_equal(
                    lethe_tlog_check_inclusion(&proof, i, size, &leaf, &roots[size], NULL),
                    -LETHE_E_UNTRUSTED);
                proof.n++;
            }
            proof.n++;
            assert_int_equal(lethe_tlog_check_inclusion(&proof, i, size, &leaf, &roots[size], NULL),
                             -LETHE_E_UNTRUSTED);
        }
}

static void every_pair_is_consistent(void **state)
{
    struct lethe_tlog_hashes proof;
    (void)state;
    for (uint64_t size = 0; size <= SIZES; size += size < 70 ? 1 : 7)
        for (uint64_t old = 0; old <= size; old += size < 70 ? 1 : 5) {
            assert_int_equal(lethe_tlog_prove_consistency(&reader, old, size, &proof, NULL), 0);
            assert_int_equal(
                lethe_tlog_check_consistency(&proof, old, &roots[old], size, &roots[size], NULL),
                0);
            struct lethe_tlog_hash forked = roots[old];
            forked.bytes[0] ^= 1;
            assert_int_equal(
                lethe_tlog_check_consistency(&proof, old, &forked, size, &roots[size], NULL),
                -LETHE_E_UNTRUSTED);
            if (old > 0 && old < size) {
                forked = roots[size];
                forked.bytes[31] ^= 0x80;
                assert_int_equal(
                    lethe_tlog_check_consistency(&proof, old, &roots[old], size, &forked, NULL),
                    -LETHE_E_UNTRUSTED);
                proof.n--;
                assert_int_equal(lethe_tlog_check_consistency(&proof, old, &roots[old], size,
                                                              &roots[size], NULL),
                                 -LETHE_E_UNTRUSTED);
                proof.n++;
            }
            proof.n++;
            assert_int_equal(
                lethe_tlog_check_consistency(&proof, old, &roots[old], size, &roots[size], NULL),
                -LETHE_E_UNTRUSTED);
            if (old < size) {
                proof.n--;
                assert_int_equal(lethe_tlog_check_consistency(&proof, size, &roots[size], old,
                                                              &roots[old], NULL),
                                 -LETHE_E_UNTRUSTED);
            }
        }
}

static void what_cannot_be_asked(void **state)
{
    struct lethe_tlog_hashes proof = {0};
    struct lethe_tlog_hash leaf;
    struct lethe_error err;
    (void)state;
    log_leaf(0, &leaf);
    assert_int_equal(lethe_tlog_prove_inclusion(&reader, 5, 5, &proof, &err), -LETHE_E_USAGE);
    assert_int_equal(lethe_tlog_prove_inclusion(&reader, 0, UINT64_MAX, &proof, &err),
                     -LETHE_E_USAGE);
    assert_int_equal(lethe_tlog_prove_consistency(&reader, 6, 5, &proof, &err), -LETHE_E_USAGE);
    assert_int_equal(lethe_tlog_check_inclusion(&proof, UINT64_MAX, UINT64_MAX, &leaf, &leaf, &err),
                     -LETHE_E_UNTRUSTED);
    proof.n = SIZE_MAX;
    assert_int_equal(lethe_tlog_check_inclusion(&proof, 0, 9, &leaf, &leaf, &err),
                     -LETHE_E_UNTRUSTED);
    /* A tile that is gone is an error, not a wrong proof. */
    struct log_store nothing = {0};
    struct lethe_tlog_reader empty = log_reader(&nothing);
    assert_int_equal(lethe_tlog_prove_inclusion(&empty, 0, 5, &proof, &err), -LETHE_E_NOT_FOUND);
}

/* ---- Proof files ---- */

#define ENTRY                                                                                      \
    "{\"d\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","                                      \
    "\"h\":\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\",\"j\":\"018f0000-0000-7000-8000-"       \
    "000000000001\",\"k\":\"cert\",\"n\":\"018f0000-0000-7000-8000-000000000002\",\"o\":"          \
    "\"passed\","                                                                                  \
    "\"t\":1795400000,\"v\":1}"

static struct signing_key log_key, witness;

/* The proof of ENTRY, third of three, with one cosignature. */
static char *make_proof(size_t *len)
{
    struct log_store mine = {0};
    struct lethe_tlog_sink sink = log_sink(&mine);
    struct lethe_tlog_reader from = log_reader(&mine);
    struct lethe_tlog_builder *builder;
    struct lethe_tlog_checkpoint checkpoint = {.origin = "example.org/log", .size = 3};
    struct lethe_tlog_hashes hashes;
    char *out;
    signing_key_make(&log_key, "example.org/log", LETHE_TLOG_ED25519, 1);
    signing_key_make(&witness, "witness.example/1", LETHE_TLOG_COSIGNATURE, 2);
    lethe_tlog_builder_new(&sink, &builder, NULL);
    lethe_tlog_builder_append(builder, "one", 3, NULL);
    lethe_tlog_builder_append(builder, "two", 3, NULL);
    lethe_tlog_builder_append(builder, ENTRY, strlen(ENTRY), NULL);
    lethe_tlog_builder_flush(builder, NULL);
    lethe_tlog_builder_root(builder, &checkpoint.root);
    lethe_tlog_builder_free(builder);
    assert_int_equal(lethe_tlog_prove_inclusion(&from, 2, 3, &hashes, NULL), 0);
    char note[1024] = "";
    signing_checkpoint(note, sizeof(note), &checkpoint);
    signing_add(note, sizeof(note), &log_key, 0);
    signing_add(note, sizeof(note), &witness, 1795400060);
    assert_int_equal(lethe_tlog_proof_format(2, &hashes, ENTRY, strlen(ENTRY), note, strlen(note),
                                             &out, len, NULL),
                     0);
    log_free(&mine);
    return out;
}

static void a_proof_is_taken_away(void **state)
{
    struct lethe_tlog_proof proof;
    struct lethe_tlog_entry entry;
    struct lethe_tlog_hash leaf;
    struct lethe_tlog_proven proven;
    struct lethe_tlog_policy *policy = calloc(1, sizeof(*policy));
    struct lethe_error err = {0};
    size_t len, again_len;
    char *text = make_proof(&len), *again, words[1024];
    (void)state;
    assert_int_equal(lethe_tlog_proof_parse(text, len, &proof, &err), 0);
    assert_int_equal(proof.index, 2);
    assert_int_equal(proof.hashes.n, 1);
    assert_int_equal(lethe_tlog_proof_entry(&proof, &entry, &leaf, &err), 0);
    assert_int_equal(entry.kind, LETHE_TLOG_CERT);
    assert_string_equal(entry.outcome, "passed");
    signing_policy(words, sizeof(words), &log_key, &witness, "w");
    assert_int_equal(lethe_tlog_policy_parse(words, strlen(words), policy, &err), 0);
    for (int pinned = 0; pinned < 2; pinned++) {
        assert_int_equal(lethe_tlog_proof_verify(&proof, &leaf, pinned ? &log_key.key : NULL,
                                                 policy, 1795400100, &proven, &err),
                         0);
        assert_true(proven.quorum.met);
        assert_int_equal(proven.quorum.not_after, 1795400060);
        assert_int_equal(proven.checkpoint.size, 3);
        assert_string_equal(proven.checkpoint.origin, "example.org/log");
    }
    /* Without a policy: inclusion, no quorum. Without any key: nothing. */
    assert_int_equal(lethe_tlog_proof_verify(&proof, &leaf, &log_key.key, NULL, 0, &proven, &err),
                     0);
    assert_false(proven.quorum.met);
    assert_int_equal(lethe_tlog_proof_verify(&proof, &leaf, NULL, NULL, 0, &proven, &err),
                     -LETHE_E_UNTRUSTED);
    /* The witness's time is in the future: it proves nothing yet. */
    assert_int_equal(
        lethe_tlog_proof_verify(&proof, &leaf, NULL, policy, 1795390000, &proven, &err), 0);
    assert_false(proven.quorum.met);
    assert_int_equal(proven.quorum.future, 1);
    assert_int_equal(proven.quorum.not_after, 0);
    /* Another entry is not included, and another log's key did not sign. */
    struct lethe_tlog_hash other = leaf;
    other.bytes[5] ^= 4;
    assert_int_equal(lethe_tlog_proof_verify(&proof, &other, NULL, policy, 0, &proven, &err),
                     -LETHE_E_UNTRUSTED);
    struct signing_key stranger;
    signing_key_make(&stranger, "example.org/log", LETHE_TLOG_ED25519, 9);
    assert_int_equal(
        lethe_tlog_proof_verify(&proof, &leaf, &stranger.key, policy, 0, &proven, &err),
        -LETHE_E_UNTRUSTED);
    /* What was parsed is written as it was. */
    assert_int_equal(lethe_tlog_proof_format(proof.index, &proof.hashes, ENTRY, strlen(ENTRY),
                                             proof.note, proof.note_len, &again, &again_len, &err),
                     0);
    assert_int_equal(len, again_len);
    assert_memory_equal(text, again, len);
    free(again);
    free(text);
    free(policy);
}

static void malformed_proofs(void **state)
{
    static const char *const bad[] = {
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\r\nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 9007199254740992\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 0 \n\nx\n",
        "c2sp.org/tlog-proof@v1\nextra aaaa\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra aaaa\n\nx\n",
        "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\nextra AB==\nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx\n",
        ("c2sp.org/tlog-proof@v1\nindex 0\n"
         "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n\nx\n"), /* unused bits */
        "c2sp.org/tlog-proof@v1\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    };
    struct lethe_tlog_proof proof;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lethe_tlog_proof_parse(bad[i], strlen(bad[i]), &proof, NULL),
                         -LETHE_E_INVALID);
    struct lethe_tlog_entry entry;
    struct lethe_tlog_hash leaf;
    static const char without[] = "c2sp.org/tlog-proof@v1\nindex 0\n\nx\n";
    assert_int_equal(lethe_tlog_proof_parse(without, strlen(without), &proof, NULL), 0);
    assert_int_equal(lethe_tlog_proof_entry(&proof, &entry, &leaf, NULL), -LETHE_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_those_of_the_definition),
        cmocka_unit_test(every_entry_is_included),
        cmocka_unit_test(every_pair_is_consistent),
        cmocka_unit_test(what_cannot_be_asked),
        cmocka_unit_test(a_proof_is_taken_away),
        cmocka_unit_test(malformed_proofs),
    };
    return cmocka_run_group_tests(tests, make_log, free_log);
}
