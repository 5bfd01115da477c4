/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench/issue: `lethe` itself, linked with a stopwatch around what follows the record of a job's
 * end (-Wl,--wrap, see CMakeLists.txt). At exit it adds one line for each job to the file
 * LETHE_BENCH_ISSUE: milliseconds of END, sign, log, page, and how often it synced for the three.
 */
#include <base/file.h>
#include <base/time.h>
#include <fcntl.h>
#include <station/bench.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double ended, logged, paged;
static unsigned syncs;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    syncs++;
    return __real_fsync(fd);
}

int __real_lethe_bench_record(struct lethe_bench *bench, enum lethe_event_type type, json_t *body,
                              struct lethe_error *err);
int __wrap_lethe_bench_record(struct lethe_bench *bench, enum lethe_event_type type, json_t *body,
                              struct lethe_error *err);
int __wrap_lethe_bench_record(struct lethe_bench *bench, enum lethe_event_type type, json_t *body,
                              struct lethe_error *err)
{
    int rc = __real_lethe_bench_record(bench, type, body, err);
    if (type == LETHE_EVENT_END) {
        ended = now();
        logged = paged = 0;
        syncs = 0;
    }
    return rc;
}

#define LOGGED(call)                                                                               \
    double began = now();                                                                          \
    int rc = call;                                                                                 \
    logged += now() - began;                                                                       \
    return rc

int __real_lethe_bench_keep_certificate(struct lethe_bench *bench, const char *text,
                                        struct lethe_error *err);
int __wrap_lethe_bench_keep_certificate(struct lethe_bench *bench, const char *text,
                                        struct lethe_error *err);
int __wrap_lethe_bench_keep_certificate(struct lethe_bench *bench, const char *text,
                                        struct lethe_error *err)
{
    LOGGED(__real_lethe_bench_keep_certificate(bench, text, err));
}

int __real_lethe_bench_prove(struct lethe_bench *bench, struct lethe_error *err);
int __wrap_lethe_bench_prove(struct lethe_bench *bench, struct lethe_error *err);
int __wrap_lethe_bench_prove(struct lethe_bench *bench, struct lethe_error *err)
{
    LOGGED(__real_lethe_bench_prove(bench, err));
}

void __real_lethe_station_page(struct lethe_station *station, const char *job,
                               struct lethe_result *result, struct lethe_signer *signer);
void __wrap_lethe_station_page(struct lethe_station *station, const char *job,
                               struct lethe_result *result, struct lethe_signer *signer);
void __wrap_lethe_station_page(struct lethe_station *station, const char *job,
                               struct lethe_result *result, struct lethe_signer *signer)
{
    double began = now();
    __real_lethe_station_page(station, job, result, signer);
    paged += now() - began;
}

void __real_lethe_bench_finish(struct lethe_bench *bench);
void __wrap_lethe_bench_finish(struct lethe_bench *bench);
void __wrap_lethe_bench_finish(struct lethe_bench *bench)
{
    const char *path = getenv("LETHE_BENCH_ISSUE");
    double began = now();
    __real_lethe_bench_finish(bench);
    double done = now();
    LETHE_FD_AUTO fd = path ? lethe_file_open(path, O_CREAT | O_WRONLY | O_APPEND, 0600, NULL) : -1;
    if (fd >= 0)
        dprintf(fd, "%.2f %.2f %.2f %.2f %.2f %u %d\n", ended - began,
                done - ended - logged - paged, logged, paged, done - ended, syncs,
                bench->result.page[0] != '\0');
}
