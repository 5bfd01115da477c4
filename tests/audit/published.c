/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/published.h"

#include "base/file.h"
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void path_of(const struct published *published, const char *path, char out[256])
{
    snprintf(out, 256, "%s/%s", published->dir, path);
}

/* Not durable: tests write thousands of files. */
void published_write(const struct published *published, const char *path, const void *data,
                     size_t len)
{
    char full[256], parent[256];
    path_of(published, path, full);
    strcpy(parent, full);
    *strrchr(parent, '/') = '\0';
    must(lethe_dir_make(parent, 0700, NULL) == 0);
    FILE *file = fopen(full, "wb");
    must(file && fwrite(data, 1, len, file) == len && fclose(file) == 0);
}

char *published_read(const struct published *published, const char *path, size_t *len)
{
    char full[256], *data;
    path_of(published, path, full);
    must(lethe_file_read(full, 1 << 22, &data, len, NULL) == 0);
    return data;
}

void published_remove(const struct published *published, const char *path)
{
    char full[256];
    path_of(published, path, full);
    must(unlink(full) == 0);
}

static int put_tile(void *user, const struct lethe_tlog_tile *tile,
                    const struct lethe_tlog_hash *hashes, struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    (void)err;
    must(lethe_tlog_tile_path(tile, path) == 0);
    published_write(user, path, hashes, tile->width * sizeof(*hashes));
    return 0;
}

static int put_bundle(void *user, uint64_t index, unsigned width, const void *data, size_t len,
                      struct lethe_error *err)
{
    char path[LETHE_TLOG_PATH_MAX];
    (void)err;
    must(lethe_tlog_bundle_path(index, width, path) == 0);
    published_write(user, path, data, len);
    return 0;
}

void published_open(struct published *out)
{
    char policy[1024];
    memset(out, 0, sizeof(*out));
    strcpy(out->dir, "/tmp/lethe-audit-XXXXXX");
    must(mkdtemp(out->dir));
    struct lethe_tlog_sink sink = {put_tile, put_bundle, out};
    must(lethe_tlog_builder_new(&sink, &out->builder, NULL) == 0);
    signing_key_make(&out->log, "example.org/log", LETHE_TLOG_ED25519, 1);
    signing_key_make(&out->witness, "witness.example", LETHE_TLOG_COSIGNATURE, 2);
    signing_policy(policy, sizeof(policy), &out->log, &out->witness, "w");
    must(lethe_tlog_policy_parse(policy, strlen(policy), &out->policy, NULL) == 0);
    out->time = PUBLISHED_TIME;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void published_close(struct published *published)
{
    lethe_tlog_builder_free(published->builder);
    nftw(published->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

uint64_t published_text(struct published *published, const char *text)
{
    uint64_t index = lethe_tlog_builder_size(published->builder);
    must(lethe_tlog_builder_append(published->builder, text, strlen(text), NULL) == 0);
    return index;
}

uint64_t published_add(struct published *published, struct lethe_tlog_entry *entry)
{
    char text[LETHE_TLOG_ENTRY_MAX + 1];
    if (entry->time == 0)
        entry->time = published->time;
    published->time += 10;
    must(lethe_tlog_entry_format(entry, text, NULL) > 0);
    return published_text(published, text);
}

void published_uuid(unsigned number, char out[37])
{
    snprintf(out, 37, "018f0000-0000-7000-8000-%012x", number);
}

static void put_device(struct lethe_tlog_entry *entry, unsigned device)
{
    snprintf((char *)entry->device, sizeof(entry->device), "device %u", device);
}

uint64_t published_start(struct published *published, unsigned job, unsigned device)
{
    struct lethe_tlog_entry entry = {.kind = LETHE_TLOG_START, .has_hash = true};
    published_uuid(job, entry.name);
    put_device(&entry, device);
    return published_add(published, &entry);
}

static uint64_t end(struct published *published, unsigned job, unsigned device,
                    enum lethe_tlog_kind kind, const char *outcome)
{
    struct lethe_tlog_entry entry = {.kind = kind, .has_hash = true};
    published_uuid(job + 0x80000000u, entry.name);
    published_uuid(job, entry.job);
    strcpy(entry.outcome, outcome);
    put_device(&entry, device);
    return published_add(published, &entry);
}

uint64_t published_cert(struct published *published, unsigned job, unsigned device)
{
    return end(published, job, device, LETHE_TLOG_CERT, "passed");
}

uint64_t published_fail(struct published *published, unsigned job, unsigned device)
{
    return end(published, job, device, LETHE_TLOG_FAIL, "failed");
}

void published_note(struct published *published, uint64_t witnessed, char *out, size_t size)
{
    struct lethe_tlog_checkpoint checkpoint = {.origin = "example.org/log",
                                               .size = lethe_tlog_builder_size(published->builder)};
    lethe_tlog_builder_root(published->builder, &checkpoint.root);
    signing_checkpoint(out, size, &checkpoint);
    signing_add(out, size, &published->log, 0);
    if (witnessed)
        signing_add(out, size, &published->witness, witnessed);
}

void published_checkpoint(struct published *published, uint64_t witnessed)
{
    char note[1024], path[64];
    must(lethe_tlog_builder_flush(published->builder, NULL) == 0);
    published_note(published, witnessed, note, sizeof(note));
    snprintf(path, sizeof(path), "checkpoints/%" PRIu64,
             lethe_tlog_builder_size(published->builder));
    published_write(published, path, note, strlen(note));
    published_write(published, "checkpoint", note, strlen(note));
}
