/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small tool behind bench/run:
 *   lethe-bench measure LOG COMMAND...   run it, print "wall user system peak-KiB status"
 *   lethe-bench engine NODE...           one random pass and a full verification of each block
 * device, one process a device: the layers alone, without record and certificate lethe-bench sample
 * BYTES             a sampled verification of a sparse file of that size
 */
#include "base/time.h"

#include <err.h>
#include <fcntl.h>
#include <lethe/technique.h>
#include <lethe/verification.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH 32
#define MEMORY ((size_t)12 << 20)
#define JOB "01234567-89ab-7cde-8f01-23456789abcd"

static const uint8_t key[LETHE_KEY_SIZE] = {42};

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int measure(const char *log, char **command)
{
    struct rusage use;
    int status;
    uint64_t began = lethe_monotonic_ms();
    pid_t child = fork();
    if (child == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
            _exit(127);
        execvp(command[0], command);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        err(1, "%s", command[0]);
    double wall = (double)(lethe_monotonic_ms() - began) / 1000;
    getrusage(RUSAGE_CHILDREN, &use);
    printf("%.3f %.3f %.3f %ld %d\n", wall, seconds(use.ru_utime), seconds(use.ru_stime),
           use.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}

static void check(int rc, const char *node, const struct lethe_error *error)
{
    if (rc < 0)
        errx(1, "%s: %s", node, error->what);
}

static void erase(struct lethe_io *io, uint64_t capacity, const char *node)
{
    static const char passes[1][24] = {"random"};
    const struct lethe_technique *technique = lethe_technique_find("overwrite");
    struct lethe_error error;
    struct lethe_run run = {.io = io,
                            .job = JOB,
                            .seed = key,
                            .capacity = capacity,
                            .n_passes = 1,
                            .passes = passes,
                            .memory = MEMORY};
    int rc = technique->start(&run, &error);
    while (rc >= 0 && (rc = technique->step(&run, &error)) > 0)
        ;
    check(rc, node, &error);
    technique->stop(&run);
}

static void verify(struct lethe_io *io, uint64_t capacity, const char *node, const char *pattern,
                   const struct lethe_verification_rule *rule, struct lethe_verify_result *result)
{
    struct lethe_error error;
    struct lethe_verify_run run = {.io = io,
                                   .job = JOB,
                                   .capacity = capacity,
                                   .rule = *rule,
                                   .pattern = pattern,
                                   .seed = key,
                                   .sample_key = key,
                                   .canary_key = key,
                                   .canaries = 16,
                                   .memory = MEMORY};
    check(lethe_verify_device(&run, result, &error), node, &error);
    if (result->mismatches || result->unreadable || !result->complete)
        errx(1, "%s: the verification found something", node);
}

static int open_device(const char *node, int claim, bool writable, struct lethe_io **io,
                       struct lethe_io_info *info)
{
    struct lethe_error error;
    int fd = lethe_block_reopen(node, claim, writable, &error);
    check(fd, node, &error);
    check(lethe_io_fd_open(fd, writable, DEPTH, io, &error), node, &error);
    lethe_io_info(*io, info);
    return fd;
}

static void engine_one(const char *node)
{
    static const struct lethe_verification_rule full = {.mode = LETHE_VERIFY_FULL};
    struct lethe_verify_result result;
    struct lethe_io_info info;
    struct lethe_error error;
    struct lethe_io *io;
    int claim = lethe_block_claim(node, &error);
    check(claim, node, &error);
    uint64_t began = lethe_monotonic_ms();
    int fd = open_device(node, claim, true, &io, &info);
    erase(io, info.capacity, node);
    lethe_io_close(io);
    close(fd);
    uint64_t written = lethe_monotonic_ms();
    fd = open_device(node, claim, false, &io, &info);
    verify(io, info.capacity, node, "random", &full, &result);
    lethe_io_close(io);
    close(fd);
    close(claim);
    printf("%s: write %.2f s, verify %.2f s\n", node, (double)(written - began) / 1000,
           (double)(lethe_monotonic_ms() - written) / 1000);
}

static int engine(int n, char **nodes)
{
    int status, worst = 0;
    for (int i = 0; i < n; i++) {
        pid_t child = fork();
        if (child < 0)
            err(1, "fork");
        if (child == 0) {
            engine_one(nodes[i]);
            exit(0);
        }
    }
    while (wait(&status) > 0)
        worst = worst || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    return worst;
}

static int sample(uint64_t size)
{
    static const struct lethe_verification_rule rule = {
        .mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 990000, .fraction_ppm = 1000};
    struct lethe_verify_result result;
    struct lethe_error error;
    struct lethe_io *io;
    struct rusage before, after;
    int fd = memfd_create("lethe-bench", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
        err(1, "a sparse file of %llu bytes", (unsigned long long)size);
    check(lethe_io_fd_open(fd, false, DEPTH, &io, &error), "sparse file", &error);
    getrusage(RUSAGE_SELF, &before);
    uint64_t began = lethe_monotonic_ms();
    verify(io, size, "sparse file", "zero", &rule, &result);
    uint64_t took = lethe_monotonic_ms() - began;
    getrusage(RUSAGE_SELF, &after);
    printf("%llu %llu %llu %.3f %ld\n", (unsigned long long)size,
           (unsigned long long)result.samples, (unsigned long long)took,
           seconds(after.ru_utime) - seconds(before.ru_utime), after.ru_maxrss);
    lethe_io_close(io);
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "measure") == 0)
        return measure(argv[2], argv + 3);
    if (argc >= 3 && strcmp(argv[1], "engine") == 0)
        return engine(argc - 2, argv + 2);
    if (argc == 3 && strcmp(argv[1], "sample") == 0)
        return sample(strtoull(argv[2], NULL, 10));
    errx(2, "usage: lethe-bench measure LOG COMMAND... | engine NODE... | sample BYTES");
}
