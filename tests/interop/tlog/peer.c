/* SPDX-License-Identifier: Apache-2.0 */
/* Our side of the exchange with Go's golang.org/x/mod/sumdb:
 *   peer write DIR N   a log of N entries in DIR, with keys, kept checkpoints and proofs of it
 *   peer check DIR     the proof that the other side wrote: DIR/log.policy, DIR/proof, DIR/entry */
#include "audit/published.h"
#include "base/file.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int rc, const struct lethe_error *err)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "peer: %s\n", err->what);
    exit(1);
}

static void write_key(const struct published *published, const char *path,
                      const struct lethe_tlog_key *key)
{
    char vkey[LETHE_TLOG_VKEY_MAX];
    lethe_tlog_key_format(key, vkey);
    strcat(vkey, "\n");
    published_write(published, path, vkey, strlen(vkey));
}

/* proofs/INDEX, under the newest checkpoint. */
static void write_proof(const struct published *published, const struct lethe_tlog_reader *reader,
                        uint64_t index, uint64_t size)
{
    struct lethe_error err = {0};
    struct lethe_tlog_hashes hashes;
    char path[64], *text;
    size_t note_len, len;
    char *note = published_read(published, "checkpoint", &note_len);
    must(lethe_tlog_prove_inclusion(reader, index, size, &hashes, &err), &err);
    must(lethe_tlog_proof_format(index, &hashes, NULL, 0, note, note_len, &text, &len, &err), &err);
    snprintf(path, sizeof(path), "proofs/%" PRIu64, index);
    published_write(published, path, text, len);
    free(text);
    free(note);
}

/* consistency/OLD: base64 lines, from the tree of OLD to the newest. */
static void write_consistency(const struct published *published,
                              const struct lethe_tlog_reader *reader, uint64_t old, uint64_t size)
{
    struct lethe_error err = {0};
    struct lethe_tlog_hashes hashes;
    char path[64], text[LETHE_TLOG_HASHES_MAX * 45 + 1] = "";
    must(lethe_tlog_prove_consistency(reader, old, size, &hashes, &err), &err);
    for (size_t i = 0; i < hashes.n; i++) {
        char base64[LETHE_TLOG_BASE64_SIZE(32)];
        lethe_tlog_base64_encode(base64, hashes.hash[i].bytes, 32);
        strcat(strcat(text, base64), "\n");
    }
    snprintf(path, sizeof(path), "consistency/%" PRIu64, old);
    published_write(published, path, text, strlen(text));
}

static void write_log(const char *dir, uint64_t size)
{
    struct published published;
    published_open(&published);
    rmdir(published.dir);
    if (strlen(dir) >= sizeof(published.dir))
        exit(2);
    strcpy(published.dir, dir);
    write_key(&published, "log.vkey", &published.log.key);
    write_key(&published, "witness.vkey", &published.witness.key);
    for (uint64_t i = 0; i < size; i++) {
        if (i % 2 == 0)
            published_start(&published, (unsigned)i, (unsigned)i);
        else
            published_cert(&published, (unsigned)(i - 1), (unsigned)(i - 1));
        if (i % 997 == 500 || i == 255 || i == 0)
            published_checkpoint(&published, published.time);
    }
    published_checkpoint(&published, published.time);
    struct lethe_tlog_reader reader = {lethe_tlog_directory_tile, published.dir};
    for (uint64_t i = 0; i < size; i += 1 + size / 40)
        write_proof(&published, &reader, i, size);
    write_proof(&published, &reader, size - 1, size);
    for (uint64_t i = 0; i < size; i++)
        if (i % 997 == 500 || i == 255 || i == 0)
            write_consistency(&published, &reader, i + 1, size);
    lethe_tlog_builder_free(published.builder);
}

static char *read_file(const char *dir, const char *name, size_t *len)
{
    struct lethe_error err = {0};
    char path[512], *text;
    must(lethe_path_join(path, sizeof(path), dir, name, &err), &err);
    must(lethe_file_read(path, 1 << 20, &text, len, &err), &err);
    return text;
}

static void check_proof(const char *dir)
{
    struct lethe_error err = {0};
    struct lethe_tlog_policy *policy = calloc(1, sizeof(*policy));
    struct lethe_tlog_proof proof;
    struct lethe_tlog_proven proven;
    struct lethe_tlog_hash leaf;
    size_t policy_len, proof_len, entry_len;
    char *words = read_file(dir, "log.policy", &policy_len);
    char *text = read_file(dir, "proof", &proof_len);
    char *entry = read_file(dir, "entry", &entry_len);
    must(lethe_tlog_policy_parse(words, policy_len, policy, &err), &err);
    must(lethe_tlog_proof_parse(text, proof_len, &proof, &err), &err);
    lethe_tlog_hash_leaf(&leaf, entry, entry_len);
    must(lethe_tlog_proof_verify(&proof, &leaf, NULL, policy, 0, &proven, &err), &err);
    if (!proven.quorum.met)
        must(lethe_fail(&err, LETHE_E_UNTRUSTED, "the quorum is not met"), &err);
    printf("entry %" PRIu64 " of %" PRIu64 " in %s, witnessed at %" PRIu64 "\n", proven.index,
           proven.checkpoint.size, proven.checkpoint.origin, proven.quorum.not_after);
    free(words);
    free(text);
    free(entry);
    free(policy);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "write") == 0) {
        write_log(argv[2], strtoull(argv[3], NULL, 10));
    } else if (argc == 3 && strcmp(argv[1], "check") == 0) {
        check_proof(argv[2]);
    } else {
        fprintf(stderr, "usage: peer write DIR N | check DIR\n");
        return 2;
    }
    return 0;
}
