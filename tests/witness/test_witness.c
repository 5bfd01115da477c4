/* SPDX-License-Identifier: Apache-2.0 */
/* Every answer of C2SP tlog-witness, and what a witness never does: go back, or sign two roots of
 * one size. */
#include "witness/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/time.h"
#include <ftw.h>
#include <openssl/evp.h>
#include <unistd.h>

static char dir[64];
static struct lethe_witness witness;
static EVP_PKEY *log_pkey;
static struct lethe_tlog_key log_key;

/* Two logs of the same beginning: the second differs from entry FORK on. */
#define LEAVES 20
#define FORK 8
static struct lethe_tlog_hash tiles[2][LEAVES];

static int read_tile(void *user, const struct lethe_tlog_tile *tile, struct lethe_tlog_hash *out,
                     struct lethe_error *err)
{
    (void)err;
    memcpy(out, user, tile->width * sizeof(*out));
    return 0;
}

static void put_config(const char *text)
{
    assert_int_equal(lethe_file_write(witness.config, text, strlen(text), 0644, NULL), 0);
}

static void put_logs(void)
{
    char line[LETHE_TLOG_VKEY_MAX + 64], vkey[LETHE_TLOG_VKEY_MAX];
    lethe_tlog_key_format(&log_key, vkey);
    snprintf(line, sizeof(line), "# who may ask\nlog %s\n", vkey);
    put_config(line);
}

static int setup(void **state)
{
    uint8_t pub[32];
    size_t len = sizeof(pub);
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/lethe-witness-XXXXXX");
    log_pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (!mkdtemp(dir) || EVP_PKEY_get_raw_public_key(log_pkey, pub, &len) != 1 ||
        lethe_tlog_key_make(&log_key, "a.log/one", LETHE_TLOG_ED25519, pub, NULL) < 0 ||
        lethe_witness_open(dir, "witness.example", NULL, true, &witness, NULL) < 0)
        return -1;
    for (unsigned i = 0; i < LEAVES; i++)
        for (unsigned fork = 0; fork < 2; fork++) {
            char entry[8];
            snprintf(entry, sizeof(entry), "%u%s", i, fork && i >= FORK ? "b" : "");
            lethe_tlog_hash_leaf(&tiles[fork][i], entry, strlen(entry));
        }
    put_logs();
    return 0;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    (void)state;
    lethe_witness_close(&witness);
    EVP_PKEY_free(log_pkey);
    return nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}

/* The request of a log that goes on from OLD to SIZE. */
struct wanted {
    unsigned fork;
    uint64_t old, size;
    const char *origin; /* NULL: the log's */
    bool other_key, no_proof, other_root;
};

static void request(const struct wanted *w, struct lethe_buf *out)
{
    struct lethe_tlog_reader reader = {.tile = read_tile, .user = tiles[w->fork]};
    struct lethe_tlog_checkpoint checkpoint = {.size = w->size};
    struct lethe_tlog_hashes proof = {0};
    struct lethe_tlog_key key = log_key;
    char text[LETHE_TLOG_CHECKPOINT_TEXT_MAX], line[LETHE_TLOG_LINE_MAX];
    uint8_t signature[64];
    size_t len = sizeof(signature);
    snprintf(checkpoint.origin, sizeof(checkpoint.origin), "%s",
             w->origin ? w->origin : "a.log/one");
    assert_int_equal(lethe_tlog_root(&reader, w->size, &checkpoint.root, NULL), 0);
    if (w->other_root)
        checkpoint.root.bytes[0] ^= 1;
    if (w->old > 0 && w->old < w->size && !w->no_proof)
        assert_int_equal(lethe_tlog_prove_consistency(&reader, w->old, w->size, &proof, NULL), 0);
    assert_true(lethe_tlog_checkpoint_format(&checkpoint, text, NULL) >= 0);
    EVP_PKEY *other = w->other_key ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, other ? other : log_pkey), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &len, (const uint8_t *)text, strlen(text)), 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(other);
    snprintf(key.name, sizeof(key.name), "%s", checkpoint.origin);
    assert_true(lethe_tlog_signature_line(&key, signature, 0, line, NULL) >= 0);
    lethe_buf_printf(out, "old %llu\n", (unsigned long long)w->old);
    for (size_t i = 0; i < proof.n; i++) {
        char hash[LETHE_TLOG_BASE64_SIZE(32)];
        lethe_tlog_base64_encode(hash, proof.hash[i].bytes, 32);
        lethe_buf_printf(out, "%s\n", hash);
    }
    lethe_buf_printf(out, "\n%s\n%s", text, line);
}

static unsigned ask(const struct wanted *w, struct lethe_witness_answer *out)
{
    LETHE_BUF_AUTO body = {0};
    request(w, &body);
    lethe_witness_add_checkpoint(&witness, body.data, body.len, out);
    return out->status;
}

/* 200, and its line verifies below the checkpoint. */
static void assert_signed(const struct wanted *w)
{
    LETHE_BUF_AUTO body = {0};
    struct lethe_witness_answer out;
    struct lethe_tlog_note note;
    uint64_t time = 0;
    request(w, &body);
    lethe_witness_add_checkpoint(&witness, body.data, body.len, &out);
    assert_int_equal(out.status, 200);
    const char *at = strstr(body.data, "\n\n") + 2;
    LETHE_BUF_AUTO whole = {0};
    lethe_buf_puts(&whole, at);
    lethe_buf_puts(&whole, out.body);
    assert_int_equal(lethe_tlog_note_parse(whole.data, whole.len, &note, NULL), 0);
    assert_int_equal(lethe_tlog_note_verify(&note, &log_key, NULL, NULL), 1);
    assert_int_equal(lethe_tlog_note_verify(&note, &witness.key, &time, NULL), 1);
    assert_in_range(time, lethe_now_ms() / 1000 - 5, lethe_now_ms() / 1000);
}

static void assert_size(const struct wanted *w, const char *size)
{
    struct lethe_witness_answer out;
    assert_int_equal(ask(w, &out), 409);
    assert_string_equal(out.type, "text/x.tlog.size");
    assert_string_equal(out.body, size);
}

static void it_follows_a_log(void **state)
{
    (void)state;
    struct lethe_witness_answer out;
    assert_signed(&(struct wanted){.old = 0, .size = 5});
    assert_signed(&(struct wanted){.old = 5, .size = 5}); /* the same again: at a later time */
    assert_signed(&(struct wanted){.old = 5, .size = 6});
    assert_signed(&(struct wanted){.old = 6, .size = 16});
    /* Who does not know where it stands is told. */
    assert_size(&(struct wanted){.old = 0, .size = 20}, "16\n");
    assert_size(&(struct wanted){.old = 6, .size = 20}, "16\n");
    assert_size(&(struct wanted){.old = 20, .size = 20}, "16\n");
    assert_int_equal(ask(&(struct wanted){.old = 16, .size = 7}, &out), 400);
    assert_signed(&(struct wanted){.old = 16, .size = 20});
}

static void it_never_goes_back_nor_aside(void **state)
{
    (void)state;
    struct lethe_witness_answer out;
    assert_signed(&(struct wanted){.old = 0, .size = 12});
    assert_size(&(struct wanted){.old = 0, .size = 11}, "12\n");
    assert_size(&(struct wanted){.old = 11, .size = 11}, "12\n");
    assert_size(&(struct wanted){.fork = 1, .old = 0, .size = 12}, "12\n");
    assert_size(&(struct wanted){.fork = 1, .old = 12, .size = 12}, "12\n");
    assert_size(&(struct wanted){.old = 12, .size = 12, .other_root = true}, "12\n");
    assert_int_equal(ask(&(struct wanted){.fork = 1, .old = 12, .size = 14}, &out), 422);
    assert_int_equal(ask(&(struct wanted){.old = 12, .size = 14, .no_proof = true}, &out), 422);
    assert_int_equal(ask(&(struct wanted){.old = 12, .size = 14, .other_root = true}, &out), 422);
    /* Not after it was started again, either. */
    lethe_witness_close(&witness);
    assert_int_equal(lethe_witness_open(dir, NULL, NULL, true, &witness, NULL), 0);
    assert_size(&(struct wanted){.fork = 1, .old = 0, .size = 12}, "12\n");
    assert_signed(&(struct wanted){.old = 12, .size = 13});
}

static void the_fork_before_the_first_look(void **state)
{
    (void)state;
    assert_signed(&(struct wanted){.old = 0, .size = FORK});
    assert_signed(&(struct wanted){.fork = 1, .old = FORK, .size = 12});
    assert_size(&(struct wanted){.old = FORK, .size = 12}, "12\n");
}

static void it_signs_for_those_it_knows(void **state)
{
    (void)state;
    struct lethe_witness_answer out;
    assert_int_equal(ask(&(struct wanted){.size = 3, .origin = "another.log"}, &out), 404);
    assert_int_equal(ask(&(struct wanted){.size = 3, .other_key = true}, &out), 403);
    put_config("# nobody\n");
    assert_int_equal(ask(&(struct wanted){.size = 3}, &out), 404);
    put_config("log not a key\n");
    assert_int_equal(ask(&(struct wanted){.size = 3}, &out), 500);
    put_logs();
    assert_signed(&(struct wanted){.size = 3});
    json_t *status = lethe_witness_status(&witness, NULL);
    json_t *log = json_array_get(json_object_get(status, "logs"), 0);
    assert_string_equal(json_string_value(json_object_get(log, "origin")), "a.log/one");
    assert_int_equal(json_integer_value(json_object_get(log, "size")), 3);
    json_decref(status);
}

static void what_is_no_request(void **state)
{
    static const char *const bodies[] = {
        "",
        "old",
        "old 0",
        "old \n\n",
        "old 00\n\nx\n",
        "old 01\n\nx\n",
        "old -1\n\nx\n",
        "old 99999999999999999999\n\nx\n",
        "old 9007199254740992\n\nx\n",
        "old 0\n",
        "old 0\n\n",
        "old 0\nAAAA\n\nx\n",
        "old 0\n\na.log/one\n3\nAAAA\n\n",
        "OLD 0\n\n",
    };
    (void)state;
    struct lethe_witness_answer out;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
        lethe_witness_add_checkpoint(&witness, bodies[i], strlen(bodies[i]), &out);
        if (out.status != 400)
            print_error("%u: %s\n", out.status, bodies[i]);
        assert_int_equal(out.status, 400);
    }
    /* 64 lines of proof are one too many; and every beginning of a good one is none. */
    LETHE_BUF_AUTO good = {0};
    LETHE_BUF_AUTO many = {0};
    request(&(struct wanted){.size = 3}, &good);
    lethe_buf_puts(&many, "old 1\n");
    for (int i = 0; i < 64; i++)
        lethe_buf_puts(&many, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    lethe_buf_puts(&many, strstr(good.data, "\n\n") + 1);
    lethe_witness_add_checkpoint(&witness, many.data, many.len, &out);
    assert_int_equal(out.status, 400);
    for (size_t len = 0; len < good.len; len++) {
        lethe_witness_add_checkpoint(&witness, good.data, len, &out);
        assert_int_equal(out.status, 400);
    }
    assert_signed(&(struct wanted){.size = 3});
}

static void one_witness_a_directory(void **state)
{
    (void)state;
    struct lethe_witness second;
    struct lethe_error err = {0};
    char seen[96];
    assert_int_equal(lethe_witness_open(dir, NULL, NULL, true, &second, &err), -LETHE_E_BUSY);
    assert_int_equal(lethe_witness_open(dir, NULL, NULL, false, &second, &err), 0);
    assert_int_equal(second.key.id, witness.key.id);
    lethe_witness_close(&second);
    /* What it signed is gone: it must not begin at nothing. */
    lethe_witness_close(&witness);
    snprintf(seen, sizeof(seen), "%s/seen", dir);
    assert_int_equal(rmdir(seen), 0);
    assert_int_equal(lethe_witness_open(dir, NULL, NULL, true, &witness, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.effect, "second story"));
    /* A new one needs a name. */
    assert_int_equal(lethe_witness_open(seen, NULL, NULL, true, &witness, &err), -LETHE_E_USAGE);
    assert_int_equal(lethe_witness_open(seen, "has space", NULL, true, &witness, &err) < 0, 1);
    assert_int_equal(lethe_witness_open(seen, "w", NULL, true, &witness, &err), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_follows_a_log),
        T(it_never_goes_back_nor_aside),
        T(the_fork_before_the_first_look),
        T(it_signs_for_those_it_knows),
        T(what_is_no_request),
        T(one_witness_a_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
