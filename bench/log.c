/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast is a whole log audited, against the one thing that can't be left out: its hashes.
 *
 *   lethe-bench-log LETHE-VERIFY DIR [ENTRIES [ROUNDS]]
 *
 * Writes a log of ENTRIES (1,000,000: jobs of a start and an end, a kept checkpoint for each
 * thousand) to DIR, and then in turns, on one core: SHA-256 of every leaf and every node of that
 * tree as one-shot calls of libcrypto; the same bytes as one stream; and `lethe-verify log DIR`,
 * files and all. The medians count. Exit 1 below 300,000 entries a second or above 64 MiB.
 */
#include "audit/published.h"
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 64
#define RATE_GOAL 300000.0
#define KIB_GOAL 65536

static double cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *all, size_t n)
{
    qsort(all, n, sizeof(*all), by_size);
    return all[n / 2];
}

static void write_log(const char *dir, uint64_t entries)
{
    static struct published published;
    char vkey[LETHE_TLOG_VKEY_MAX];
    published_open(&published);
    rmdir(published.dir);
    if (strlen(dir) >= sizeof(published.dir))
        exit(2);
    strcpy(published.dir, dir);
    published.time = 1700000000;
    lethe_tlog_key_format(&published.log.key, vkey);
    published_write(&published, "log.vkey", vkey, strlen(vkey));
    for (uint64_t i = 0; i < entries; i += 2) {
        unsigned job = (unsigned)(i / 2);
        published.time -= 19; /* one second for a job */
        published_start(&published, job, job % 400000);
        if (job % 33 == 5)
            published_fail(&published, job, job % 400000);
        else
            published_cert(&published, job, job % 400000);
        if (i % 1000 == 998)
            published_checkpoint(&published, 0);
    }
    published_checkpoint(&published, 0);
    lethe_tlog_builder_free(published.builder);
}

/* Seconds for N leaves of LEN bytes and N nodes. */
static double hashes(uint64_t n, size_t len)
{
    static uint8_t bytes[LETHE_TLOG_ENTRY_MAX + 1];
    double start = cpu();
    for (uint64_t i = 0; i < n; i++) {
        SHA256(bytes, 1 + len, bytes + 1);
        SHA256(bytes, 65, bytes + 1);
    }
    return cpu() - start;
}

static double stream(uint64_t n, size_t len)
{
    enum { PIECE = 1 << 16 };
    static uint8_t piece[PIECE];
    double start = cpu();
    for (uint64_t left = n * (len + 66); left >= PIECE; left -= PIECE)
        SHA256(piece, PIECE, piece);
    return cpu() - start;
}

/* Seconds of CPU; the peak in KiB. */
static double audit(const char *program, const char *dir, long *kib)
{
    char key[512];
    struct rusage usage;
    int status;
    snprintf(key, sizeof(key), "%s/log.vkey", dir);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout))
            execl(program, program, "log", dir, "--key", key, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0) {
        fprintf(stderr, "lethe-bench-log: the log was not found sound\n");
        exit(1);
    }
    if (usage.ru_maxrss > *kib)
        *kib = usage.ru_maxrss;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    double ours[ROUNDS_MAX], each[ROUNDS_MAX], whole[ROUNDS_MAX];
    if (argc < 3)
        return 2;
    uint64_t entries = argc > 3 ? strtoull(argv[3], NULL, 10) : 1000000;
    size_t rounds = argc > 4 ? strtoul(argv[4], NULL, 10) : 5, len = 245; /* about, in the mean */
    long kib = 0;
    if (entries < 2 || rounds < 1 || rounds > ROUNDS_MAX)
        return 2;
    double start = cpu();
    write_log(argv[2], entries);
    printf("%llu entries written in %.2f s\n", (unsigned long long)entries, cpu() - start);
    for (size_t i = 0; i < rounds; i++) {
        each[i] = hashes(entries, len);
        whole[i] = stream(entries, len);
        ours[i] = audit(argv[1], argv[2], &kib);
    }
    double n = (double)entries, seconds = median(ours, rounds);
    double limit = median(each, rounds), limit_stream = median(whole, rounds);
    printf("%-44s %10.0f entries/s\n", "SHA-256 of the same bytes in one stream", n / limit_stream);
    printf("%-44s %10.0f entries/s\n", "SHA-256 of each leaf and node", n / limit);
    printf("%-44s %10.0f entries/s, %.2f of the hashes alone\n", "lethe-verify log, files and all",
           n / seconds, limit / seconds);
    printf("%-44s %10.1f MiB\n", "peak", (double)kib / 1024);
    bool met = n / seconds >= RATE_GOAL && kib <= KIB_GOAL;
    printf("goal (%.0f entries/s, %d MiB): %s\n", RATE_GOAL, KIB_GOAL / 1024,
           met ? "met" : "MISSED");
    return met ? 0 : 1;
}
