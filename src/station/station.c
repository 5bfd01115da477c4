/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: hear the workers, watch the clock, heed the operator; all devices side by side. */
#include <base/time.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_MS 250

struct loop {
    struct lethe_station *station;
    struct lethe_bench *benches;
    size_t n;
    int signals;
    sigset_t old_mask;
    void (*old_pipe)(int);
};

static bool running(const struct loop *loop)
{
    for (size_t i = 0; i < loop->n; i++)
        if (loop->benches[i].phase != LETHE_PHASE_DONE)
            return true;
    return false;
}

static void start(struct lethe_bench *bench)
{
    struct lethe_error err = {0};
    const struct lethe_request *request = bench->request;
    int rc = 0;
    if (request->resume) {
        bench->resumed = true;
        bench->lock = lethe_store_job_lock(bench->station->store, request->resume, &err);
        rc = bench->lock < 0
                 ? bench->lock
                 : lethe_store_load(bench->station->store, request->resume, &bench->job, &err);
        if (rc == 0 && bench->job.state != LETHE_JOB_INTERRUPTED &&
            !lethe_bench_lacks_last_look(&bench->job))
            rc = lethe_fail(&err, LETHE_E_REFUSED, "job %s was not interrupted", request->resume);
        lethe_pace_start(&bench->pace, lethe_monotonic_ms());
        if (rc == 0)
            rc = lethe_bench_resume(bench, &err);
    } else {
        rc = lethe_bench_arm(bench, &err);
        lethe_pace_start(&bench->pace, lethe_monotonic_ms());
        if (rc == 0) {
            bench->phase = LETHE_PHASE_ERASE;
            rc = lethe_bench_spawn(bench, LETHE_ROLE_ERASE, NULL, &err);
        }
    }
    if (rc < 0)
        lethe_bench_refuse(bench, &err);
}

static void abort_all(struct loop *loop, const char *by, const char *reason)
{
    for (size_t i = 0; i < loop->n; i++)
        if (loop->benches[i].phase != LETHE_PHASE_DONE)
            lethe_bench_abort(&loop->benches[i], by, reason);
}

static void heed_signal(struct loop *loop)
{
    struct signalfd_siginfo info;
    if (read(loop->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    struct lethe_station *station = loop->station;
    if (info.ssi_signo == SIGHUP)
        return;
    if (info.ssi_signo == SIGTERM) {
        abort_all(loop, "supervisor", "the bench was told to stop (SIGTERM)");
        return;
    }
    if (!station->on_interrupt || station->on_interrupt(station->user) == LETHE_INTERRUPT_ABORT) {
        abort_all(loop, "operator", "stopped by the operator");
        return;
    }
    /* A person took time to answer; that is not the drive's fault. */
    for (size_t i = 0; i < loop->n; i++)
        loop->benches[i].pace.moved_ms = lethe_monotonic_ms();
}

static int turn(struct loop *loop, struct pollfd *fds)
{
    for (size_t i = 0; i < loop->n; i++)
        fds[i] = (struct pollfd){.fd = loop->benches[i].socket, .events = POLLIN};
    fds[loop->n] = (struct pollfd){.fd = loop->signals, .events = POLLIN};
    int ready = poll(fds, (nfds_t)loop->n + 1, TICK_MS);
    if (ready < 0)
        return errno == EINTR ? 0 : -errno;
    if (fds[loop->n].revents)
        heed_signal(loop);
    for (size_t i = 0; i < loop->n; i++)
        if (fds[i].revents && loop->benches[i].socket == fds[i].fd)
            lethe_bench_hear(&loop->benches[i]);
    return 0;
}

static int take_signals(struct loop *loop, struct lethe_error *err)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    /* A terminal or a reader that went away is no reason to leave sixty drives half-way. */
    loop->old_pipe = signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &mask, &loop->old_mask) < 0)
        return lethe_fail_errno(err, errno, "signals can't be taken");
    loop->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    return loop->signals < 0 ? lethe_fail_errno(err, errno, "signals can't be heard") : 0;
}

static int run(struct loop *loop, struct lethe_error *err)
{
    struct pollfd *fds = calloc(loop->n + 1, sizeof(*fds));
    if (!fds)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    lethe_station_begin_log(loop->station);
    lethe_station_begin_pages(loop->station);
    for (size_t i = 0; i < loop->n; i++)
        start(&loop->benches[i]);
    uint64_t ticked = 0;
    int rc = 0;
    while (rc == 0 && running(loop)) {
        rc = turn(loop, fds);
        uint64_t now = lethe_monotonic_ms();
        for (size_t i = 0; i < loop->n; i++)
            if (loop->benches[i].phase == LETHE_PHASE_WINDOW)
                lethe_bench_window_look(&loop->benches[i], now);
            else if (loop->benches[i].phase == LETHE_PHASE_ATTEST)
                lethe_bench_attest_look(&loop->benches[i], now);
            else if (loop->benches[i].phase != LETHE_PHASE_DONE)
                lethe_bench_watch(&loop->benches[i], now);
        if (now - ticked >= TICK_MS && loop->station->on_tick) {
            ticked = now;
            loop->station->on_tick(loop->station->user);
        }
    }
    free(fds);
    return rc < 0 ? lethe_fail_errno(err, -rc, "the bench can't wait for its workers") : 0;
}

int lethe_station_run(struct lethe_station *station, const struct lethe_request *requests, size_t n,
                      struct lethe_result *results, struct lethe_error *err)
{
    struct loop loop = {.station = station, .n = n, .signals = -1, .old_pipe = SIG_ERR};
    loop.benches = calloc(n ? n : 1, sizeof(*loop.benches));
    if (!loop.benches)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct lethe_bench *bench = &loop.benches[i];
        *bench = (struct lethe_bench){.station = station,
                                      .index = i,
                                      .request = &requests[i],
                                      .lock = -1,
                                      .faults = -1,
                                      .socket = -1};
        lethe_job_init(&bench->job);
    }
    int rc = take_signals(&loop, err);
    if (rc == 0)
        rc = run(&loop, err);
    for (size_t i = 0; i < n; i++) {
        lethe_bench_release(&loop.benches[i]);
        results[i] = loop.benches[i].result;
        lethe_job_clear(&loop.benches[i].job);
    }
    lethe_station_end_log(station, results, n);
    lethe_station_end_pages(station);
    if (loop.signals >= 0)
        close(loop.signals);
    sigprocmask(SIG_SETMASK, &loop.old_mask, NULL);
    if (loop.old_pipe != SIG_ERR)
        signal(SIGPIPE, loop.old_pipe);
    free(loop.benches);
    return rc;
}
