/* SPDX-License-Identifier: Apache-2.0 */
/* bench/append: durable entries a second, beside what the disk can sync. append DIR [SECONDS] */
#include <base/file.h>
#include <base/text.h>
#include <base/time.h>
#include <fcntl.h>
#include <keys/log_key.h>
#include <lethe/log.h>
#include <lethe/trust.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH_MAX 256

static void must(int rc, const struct lethe_error *err)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "append: %s\n", err->what);
    exit(1);
}

static uint64_t seconds = 2;

static bool more(uint64_t began)
{
    return lethe_monotonic_ms() - began < 1000 * seconds;
}

static void report(const char *what, uint64_t n, uint64_t began)
{
    uint64_t ms = lethe_monotonic_ms() - began;
    printf("%-52s %8llu /s\n", what, (unsigned long long)(1000 * n / (ms ? ms : 1)));
}

/* The limit: 4 KiB written behind the last, and synced. */
static void raw(const char *dir, struct lethe_error *err)
{
    char path[4200], block[4096];
    uint64_t n = 0, began = lethe_monotonic_ms();
    memset(block, 'x', sizeof(block));
    must(lethe_path_join(path, sizeof(path), dir, "raw", err), err);
    LETHE_FD_AUTO fd = lethe_file_open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600, err);
    must(fd, err);
    for (; more(began); n++)
        if (write(fd, block, sizeof(block)) != sizeof(block) || fdatasync(fd) < 0)
            exit(1);
    report("raw: write 4 KiB, fdatasync", n, began);
}

static uint64_t next;

/* Entries as they are: 250 bytes, in one transaction, then tiles and a signed checkpoint. */
static void promise(struct lethe_store *store, struct lethe_log *log, size_t n,
                    struct lethe_error *err)
{
    static struct lethe_store_entry entries[BATCH_MAX];
    static char texts[BATCH_MAX][320], names[BATCH_MAX][40];
    for (size_t i = 0; i < n; i++, next++) {
        lethe_text_format(names[i], sizeof(names[i]), "01940000-0000-7000-8000-%012llx",
                          (unsigned long long)next);
        lethe_text_format(
            texts[i], sizeof(texts[i]),
            "{\"d\":\"%043llu\",\"h\":\"%043llu\",\"j\":\"%s\",\"k\":\"cert\",\"n\":\"%s\","
            "\"o\":\"passed\",\"t\":1700000000,\"v\":1}",
            (unsigned long long)next, (unsigned long long)next, names[i], names[i]);
        entries[i] = (struct lethe_store_entry){
            .log = lethe_log_origin(log), .kind = "cert", .name = names[i], .text = texts[i]};
    }
    must(lethe_store_log_add(store, entries, n, err), err);
}

static void batches(struct lethe_store *store, struct lethe_log *log, size_t each,
                    struct lethe_error *err)
{
    char what[96];
    uint64_t n = 0, began = lethe_monotonic_ms();
    for (; more(began); n += each) {
        promise(store, log, each, err);
        must(lethe_log_integrate(log, err), err);
    }
    lethe_text_format(what, sizeof(what), "entries, %zu to a transaction and a checkpoint", each);
    report(what, n, began);
}

/* What a certificate waits for beside its signature: promise, checkpoint, proof file. */
static void proofs(struct lethe_store *store, struct lethe_log *log, const char *dir,
                   struct lethe_error *err)
{
    char path[4200];
    uint64_t size, n = 0, began = lethe_monotonic_ms();
    must(lethe_path_join(path, sizeof(path), dir, "proof", err), err);
    for (; more(began); n++) {
        promise(store, log, 1, err);
        must(lethe_store_log_size(store, lethe_log_origin(log), &size, err), err);
        must(lethe_log_integrate(log, err), err);
        must(lethe_log_prove_file(log, size - 1, path, err), err);
    }
    report("certificates logged: entry, checkpoint, proof file", n, began);
}

int main(int argc, char **argv)
{
    struct lethe_error err = {0};
    struct lethe_store *store;
    struct lethe_log_signer *signer;
    struct lethe_log *log;
    if (argc < 2)
        return 2;
    if (argc > 2)
        seconds = strtoull(argv[2], NULL, 10);
    const char *dir = argv[1];
    must(lethe_keys_init(dir, "Bench", "bench-1", NULL, 0, &err), &err);
    must(lethe_store_open(dir, &store, &err), &err);
    must(lethe_log_signer_open(dir, NULL, NULL, &signer, &err), &err);
    must(lethe_log_open(store, dir, signer, &log, &err), &err);
    raw(dir, &err);
    batches(store, log, 1, &err);
    batches(store, log, 16, &err);
    batches(store, log, BATCH_MAX, &err);
    proofs(store, log, dir, &err);
    lethe_log_close(log);
    lethe_store_close(store);
    return 0;
}
