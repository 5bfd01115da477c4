/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/text.h"
#include "tlog/log.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SIZES 600

/* The seven entries that the test vectors of Certificate Transparency are made of, and the roots of
 * the trees of 1 to 8 of them (google/certificate-transparency, merkle_tree_test). */
static const char *const ct_entries[8] = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
static const char *const ct_roots[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

static void hex_equals(const struct lethe_tlog_hash *hash, const char *expected)
{
    char hex[65];
    lethe_hex_encode(hex, hash->bytes, 32);
    assert_string_equal(hex, expected);
}

static void roots_of_certificate_transparency(void **state)
{
    struct lethe_tlog_tree tree = {0};
    struct lethe_tlog_hash hash;
    (void)state;
    for (int i = 0; i <= 8; i++) {
        lethe_tlog_tree_root(&tree, &hash);
        hex_equals(&hash, ct_roots[i]);
        if (i == 8)
            break;
        uint8_t entry[16];
        ssize_t len = lethe_hex_decode(entry, sizeof(entry), ct_entries[i], strlen(ct_entries[i]));
        assert_true(len >= 0);
        lethe_tlog_hash_leaf(&hash, entry, (size_t)len);
        assert_int_equal(lethe_tlog_tree_append(&tree, &hash), 0);
    }
}

/* MTH of RFC 6962 section 2.1, word by word, as the oracle. */
static void mth(uint64_t start, uint64_t n, struct lethe_tlog_hash *out)
{
    struct lethe_tlog_hash left, right;
    uint64_t k = 1;
    if (n == 0) {
        lethe_tlog_hash_empty(out);
        return;
    }
    if (n == 1) {
        log_leaf(start, out);
        return;
    }
    while (2 * k < n)
        k *= 2;
    mth(start, k, &left);
    mth(start + k, n - k, &right);
    lethe_tlog_hash_node(out, &left, &right);
}

/* Tree, builder, tiles and definition say one root at every size. */
static void every_size_has_one_root(void **state)
{
    struct log_store store = {0};
    struct lethe_tlog_sink sink = log_sink(&store);
    struct lethe_tlog_reader reader = log_reader(&store);
    struct lethe_tlog_builder *builder;
    struct lethe_tlog_tree tree = {0};
    struct lethe_tlog_hash expected, got, leaf;
    char entry[32];
    (void)state;
    assert_int_equal(lethe_tlog_builder_new(&sink, &builder, NULL), 0);
    for (uint64_t size = 0; size <= SIZES; size++) {
        mth(0, size, &expected);
        lethe_tlog_tree_root(&tree, &got);
        assert_memory_equal(&got, &expected, sizeof(got));
        lethe_tlog_builder_root(builder, &got);
        assert_memory_equal(&got, &expected, sizeof(got));
        assert_int_equal(lethe_tlog_builder_flush(builder, NULL), 0);
        assert_int_equal(lethe_tlog_root(&reader, size, &got, NULL), 0);
        assert_memory_equal(&got, &expected, sizeof(got));
        size_t len = log_entry(size, entry);
        assert_int_equal(lethe_tlog_builder_append(builder, entry, len, NULL), 0);
        log_leaf(size, &leaf);
        assert_int_equal(lethe_tlog_tree_append(&tree, &leaf), 0);
        assert_int_equal(lethe_tlog_builder_size(builder), size + 1);
    }
    lethe_tlog_builder_free(builder);
    log_free(&store);
}

/* tlog-tiles, "Partial Tiles": its two examples. */
static void shapes_of_the_specification(void **state)
{
    struct log_store store = {0};
    struct lethe_tlog_hash root, again;
    size_t levels[LETHE_TLOG_LEVELS] = {0}, bundles = 0;
    (void)state;
    log_fill(&store, 70000, &root);
    assert_int_equal(log_find(&store, "tile/0/273.p/112")->len, 112 * 32);
    assert_int_equal(log_find(&store, "tile/1/000")->len, 8192);
    assert_int_equal(log_find(&store, "tile/1/001.p/17")->len, 17 * 32);
    assert_int_equal(log_find(&store, "tile/2/000.p/1")->len, 32);
    assert_non_null(log_find(&store, "tile/entries/273.p/112"));
    for (size_t i = 0; i < store.n; i++) {
        struct lethe_tlog_tile tile;
        bool entries;
        assert_int_equal(lethe_tlog_path_parse(store.file[i].path, &tile, &entries), 0);
        if (entries)
            bundles++;
        else
            levels[tile.level]++;
        assert_int_equal(tile.width, lethe_tlog_tile_width(70000, tile.level, tile.index));
    }
    assert_int_equal(levels[0], 274);
    assert_int_equal(levels[1], 2);
    assert_int_equal(levels[2], 1);
    assert_int_equal(levels[3], 0);
    assert_int_equal(bundles, 274);
    struct lethe_tlog_reader reader = log_reader(&store);
    assert_int_equal(lethe_tlog_root(&reader, 70000, &again, NULL), 0);
    assert_memory_equal(&root, &again, sizeof(root));
    log_free(&store);

    assert_int_equal(lethe_tlog_tile_width(256, 0, 0), 256);
    assert_int_equal(lethe_tlog_tile_width(256, 0, 1), 0);
    assert_int_equal(lethe_tlog_tile_width(256, 1, 0), 1);
    assert_int_equal(lethe_tlog_tile_width(255, 1, 0), 0);
    assert_int_equal(lethe_tlog_tile_width(0, 0, 0), 0);
    assert_int_equal(lethe_tlog_tile_width(LETHE_TLOG_SIZE_MAX, 6, 0), 31);
    assert_int_equal(lethe_tlog_tile_width(LETHE_TLOG_SIZE_MAX, 7, 0), 0);
}

static void paths_have_one_spelling(void **state)
{
    static const char *const good[] = {"tile/0/000", "tile/0/x001/x234/067", "tile/6/999.p/255",
                                       "tile/entries/x001/000.p/1", "tile/entries/x001/x234/067"};
    static const char *const bad[] = {"",
                                      "tile/0/",
                                      "tile/7/000",
                                      "tile/00/000",
                                      "tile/0/0",
                                      "tile/0/0000",
                                      "tile/0/x000/001",
                                      "tile/0/001/002",
                                      "tile/0/x001",
                                      "tile/0/x001/",
                                      "tile/0/000.p/0",
                                      "tile/0/000.p/256",
                                      "tile/0/000.p/01",
                                      "tile/0/000.p/",
                                      "tile/0/000.p/1/",
                                      "tile/entries/000 ",
                                      "/tile/0/000",
                                      "tile/0/../000",
                                      "tile/x/000",
                                      "tile/-1/000",
                                      "tile/0/x999/x999/x999/x999/x999/x999/x999/999"};
    char again[LETHE_TLOG_PATH_MAX];
    struct lethe_tlog_tile tile;
    bool entries;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(lethe_tlog_path_parse(good[i], &tile, &entries), 0);
        assert_int_equal(entries ? lethe_tlog_bundle_path(tile.index, tile.width, again)
                                 : lethe_tlog_tile_path(&tile, again),
                         0);
        assert_string_equal(again, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lethe_tlog_path_parse(bad[i], &tile, &entries), -LETHE_E_INVALID);
    tile = (struct lethe_tlog_tile){0, LETHE_TLOG_SIZE_MAX, 255};
    assert_int_equal(lethe_tlog_tile_path(&tile, again), 0);
    assert_string_equal(again, "tile/0/x009/x007/x199/x254/x740/991.p/255");
}

/* A builder that was loaded writes what one that was never stopped writes. */
static void going_on_after_a_stop(void **state)
{
    static const uint64_t stops[] = {0, 1, 255, 256, 257, 511, 512, 70000};
    (void)state;
    for (size_t s = 0; s < sizeof(stops) / sizeof(stops[0]); s++) {
        uint64_t size = stops[s];
        struct log_store one = {0}, whole = {0};
        struct lethe_tlog_sink sink = log_sink(&one);
        struct lethe_tlog_reader reader = log_reader(&one);
        struct lethe_tlog_builder *builder;
        struct lethe_tlog_hash root, expected;
        struct lethe_error err = {0};
        char path[LETHE_TLOG_PATH_MAX], entry[32];
        log_fill(&one, size, &root);
        const struct log_file *bundle = NULL;
        if (size % 256) {
            assert_int_equal(lethe_tlog_bundle_path(size / 256, size % 256, path), 0);
            bundle = log_find(&one, path);
        }
        uint8_t *copy = bundle ? bundle->data : NULL;
        size_t len = bundle ? bundle->len : 0;
        assert_int_equal(lethe_tlog_builder_new(&sink, &builder, NULL), 0);
        assert_int_equal(lethe_tlog_builder_load(builder, size, &reader, copy, len, &err), 0);
        lethe_tlog_builder_root(builder, &expected);
        assert_memory_equal(&root, &expected, sizeof(root));
        assert_int_equal(lethe_tlog_builder_flush(builder, NULL), 0); /* writes nothing again */
        for (uint64_t i = size; i < size + 300; i++) {
            size_t n = log_entry(i, entry);
            assert_int_equal(lethe_tlog_builder_append(builder, entry, n, NULL), 0);
        }
        assert_int_equal(lethe_tlog_builder_flush(builder, NULL), 0);
        lethe_tlog_builder_root(builder, &root);
        log_fill(&whole, size + 300, &expected);
        assert_memory_equal(&root, &expected, sizeof(root));
        for (size_t i = 0; i < whole.n; i++) {
            const struct log_file *file = log_find(&one, whole.file[i].path);
            assert_non_null(file);
            assert_int_equal(file->len, whole.file[i].len);
            assert_memory_equal(file->data, whole.file[i].data, file->len);
        }
        lethe_tlog_builder_free(builder);
        log_free(&one);
        log_free(&whole);
    }
}

/* A bundle that is not what the leaves say, and one that is too short or long. */
static void loading_what_does_not_fit(void **state)
{
    struct log_store store = {0};
    struct lethe_tlog_sink sink = log_sink(&store);
    struct lethe_tlog_reader reader = log_reader(&store);
    struct lethe_tlog_builder *builder;
    struct lethe_tlog_hash root;
    (void)state;
    log_fill(&store, 10, &root);
    const struct log_file *bundle = log_find(&store, "tile/entries/000.p/10");
    for (int what = 0; what < 4; what++) {
        uint8_t bytes[512];
        size_t len = bundle->len;
        memcpy(bytes, bundle->data, len);
        if (what == 0)
            bytes[len - 1] ^= 1;
        else if (what == 1)
            len -= 1;
        else if (what == 2)
            bytes[len++] = 0, bytes[len++] = 0;
        else
            len = 0;
        assert_int_equal(lethe_tlog_builder_new(&sink, &builder, NULL), 0);
        assert_int_equal(lethe_tlog_builder_load(builder, 10, &reader, bytes, len, NULL),
                         -LETHE_E_INVALID);
        lethe_tlog_builder_free(builder);
    }
    log_free(&store);
}

static void entries_are_bounded(void **state)
{
    struct log_store store = {0};
    struct lethe_tlog_sink sink = log_sink(&store);
    struct lethe_tlog_builder *builder;
    char entry[LETHE_TLOG_ENTRY_MAX + 1] = "x";
    (void)state;
    assert_int_equal(lethe_tlog_builder_new(&sink, &builder, NULL), 0);
    assert_int_equal(lethe_tlog_builder_append(builder, entry, 0, NULL), -LETHE_E_LIMIT);
    assert_int_equal(lethe_tlog_builder_append(builder, entry, sizeof(entry), NULL),
                     -LETHE_E_LIMIT);
    for (int i = 0; i < 256; i++)
        assert_int_equal(lethe_tlog_builder_append(builder, entry, sizeof(entry) - 1, NULL), 0);
    assert_int_equal(log_find(&store, "tile/entries/000")->len, 256 * 1026);
    lethe_tlog_builder_free(builder);
    log_free(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_of_certificate_transparency),
        cmocka_unit_test(every_size_has_one_root),
        cmocka_unit_test(shapes_of_the_specification),
        cmocka_unit_test(paths_have_one_spelling),
        cmocka_unit_test(going_on_after_a_stop),
        cmocka_unit_test(loading_what_does_not_fit),
        cmocka_unit_test(entries_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
