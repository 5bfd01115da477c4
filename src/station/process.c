/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a worker: a new process image with an address space of its own, one socket and the
 * device's descriptors; never the store, never the key.
 */
#include <base/crypto.h>
#include <base/json.h>
#include <base/program.h>
#include <base/text.h>
#include <errno.h>
#include <limits.h>
#include <phone/adb_host.h>
#include <signal.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <worker/worker.h>

/* lethe-worker links what a worker needs and no more. Where it is not installed, this very program
 * does its work; not for phones, whose libraries are in lethe-worker-phone alone. */
int lethe_process_start(const char *program, bool phone, const char *word, int socket, pid_t *pid,
                        struct lethe_error *err)
{
    char name[16], lean[PATH_MAX];
    lethe_text_format(name, sizeof(name), "%s", word);
    char *argv[] = {(char[]){"lethe"}, name, NULL};
    if (!program && phone) {
        int found = lethe_program_find("lethe-worker-phone", lean, sizeof(lean), err);
        if (found < 0) {
            lethe_error_effect(err, "phones and tablets can't be asked or erased");
            lethe_error_remedy(err, "install lethe-worker-phone beside lethe");
            return found;
        }
        program = lean;
    }
    if (!program)
        program = lethe_program_find("lethe-worker", lean, sizeof(lean), NULL) == 0
                      ? lean
                      : "/proc/self/exe";
    int rc = lethe_program_spawn(program, argv, environ, socket, LETHE_WORKER_FD, pid);
    return rc ? lethe_fail_errno(err, rc, "no worker process can be started") : 0;
}

int lethe_process_order(int socket, const json_t *json, const struct lethe_io_spec *spec,
                        struct lethe_error *err)
{
    char *text = json ? lethe_json_canonical(json) : NULL;
    if (!text)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    size_t len = strlen(text);

    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * LETHE_IO_FDS_MAX)];
    } control = {0};
    struct iovec iov = {text, len};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    if (spec->n_fds) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * spec->n_fds);
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * spec->n_fds);
        memcpy(CMSG_DATA(c), spec->fds, sizeof(int) * spec->n_fds);
    }
    ssize_t sent = len > LETHE_MESSAGE_MAX ? -1 : sendmsg(socket, &message, MSG_NOSIGNAL);
    int errnum = len > LETHE_MESSAGE_MAX ? EMSGSIZE : errno;
    lethe_wipe(text, len);
    free(text);
    if (sent < 0)
        return lethe_fail_errno(err, errnum, "the worker did not take its order");
    return 0;
}

static void fill_order(const struct lethe_bench *bench, enum lethe_role role,
                       const struct lethe_io_spec *spec, const struct lethe_resume_point *resume,
                       struct lethe_order *order)
{
    const struct lethe_job *job = &bench->job;
    int step = lethe_job_next_step(job);
    order->role = role;
    order->step = step < 0 ? 0 : (unsigned)step;
    memcpy(order->job, job->id, sizeof(order->job));
    memcpy(order->driver, spec->driver, sizeof(order->driver));
    order->writable = spec->writable;
    order->config = json_incref(spec->config);
    order->plan = job->plan;
    memcpy(order->seed, bench->seed, sizeof(order->seed));
    memcpy(order->canary_key, bench->canary_key, sizeof(order->canary_key));
    if (role == LETHE_ROLE_ERASE) {
        order->resume = resume != NULL;
        order->resume_pass = resume ? resume->pass : 0;
        order->resume_offset = resume ? resume->offset : 0;
        order->intent = resume ? json_incref(job->intent) : NULL;
        if (bench->request->psid)
            lethe_text_format(order->psid, sizeof(order->psid), "%s", bench->request->psid);
        return;
    }
    /* What the state is judged beside: the evidence of the step that brought it about. */
    if (step >= 0 && job->plan.steps[step].kind == LETHE_STEP_STATE)
        for (int i = 0; i < step; i++)
            if (job->plan.steps[i].kind == LETHE_STEP_TECHNIQUE && job->attests[i] &&
                strcmp(job->plan.steps[i].technique, job->plan.steps[step].technique) == 0)
                order->intent = job->attests[i];
    json_incref(order->intent);
    /* Who erases must not know where it will be looked at: k only goes to the verifier. */
    memcpy(order->sample_key, bench->sample_key, sizeof(order->sample_key));
    order->full = job->interruptions > 0;
    order->n_exceptions = job->n_write_exceptions;
    memcpy(order->exceptions, job->write_exceptions,
           job->n_write_exceptions * sizeof(*order->exceptions));
}

int lethe_bench_spawn(struct lethe_bench *bench, enum lethe_role role,
                      const struct lethe_resume_point *resume, struct lethe_error *err)
{
    struct lethe_io_spec spec = {0};
    int rc = bench->driver->spec(bench->held, role == LETHE_ROLE_ERASE, &spec, err);
    if (rc == 0 && bench->driver->phone)
        rc = lethe_adb_host_give(bench->station->env->state_dir, &spec, err);
    if (rc < 0) {
        lethe_io_spec_close(&spec);
        return rc;
    }
    if (bench->request->faults) {
        int state = dup(bench->faults);
        rc = state < 0 ? lethe_fail_errno(err, errno, "the counters of the faults can't be shared")
                       : lethe_spec_add_faults(&spec, bench->request->faults, state, err);
    }

    int pair[2] = {-1, -1};
    if (rc == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        rc = lethe_fail_errno(err, errno, "no socket for a worker");
    struct lethe_order *order = calloc(1, sizeof(*order));
    if (rc == 0 && !order)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    if (rc == 0)
        rc = lethe_process_start(bench->station->worker, bench->driver->phone, "__worker", pair[1],
                                 &bench->worker, err);
    if (pair[1] >= 0)
        close(pair[1]);
    if (rc == 0) {
        bench->socket = pair[0];
        fill_order(bench, role, &spec, resume, order);
        LETHE_JSON_AUTO *json = lethe_order_to_json(order);
        rc = lethe_process_order(bench->socket, json, &spec, err);
        if (rc < 0)
            lethe_bench_drop_worker(bench);
    } else if (pair[0] >= 0) {
        close(pair[0]);
    }
    lethe_io_spec_close(&spec);
    if (order)
        lethe_order_clear(order);
    free(order);
    return rc;
}

/* One that hangs in the kernel is left behind; the bench goes on. */
static bool reap(struct lethe_bench *bench, int *status)
{
    pid_t reaped = 0;
    for (int i = 0; i < 50 && reaped == 0; i++) {
        reaped = waitpid(bench->worker, status, WNOHANG);
        if (reaped == 0)
            usleep(2000);
    }
    bool ended = reaped == bench->worker;
    bench->worker = 0;
    return ended;
}

void lethe_bench_drop_worker(struct lethe_bench *bench)
{
    if (bench->socket >= 0)
        close(bench->socket);
    bench->socket = -1;
    if (bench->worker > 0) {
        int status;
        kill(bench->worker, SIGKILL);
        reap(bench, &status);
    }
}

bool lethe_bench_obituary(struct lethe_bench *bench, char *out, size_t out_size)
{
    int status = 0;
    if (!reap(bench, &status))
        lethe_text_format(out, out_size, "it hangs in the kernel");
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        lethe_text_format(out, out_size, "it tried a forbidden system call");
    else if (WIFSIGNALED(status))
        lethe_text_format(out, out_size, "%s", strsignal(WTERMSIG(status)));
    else
        lethe_text_format(out, out_size, "exit status %d", WEXITSTATUS(status));
    return !WIFSIGNALED(status) || (WTERMSIG(status) != SIGSYS && WTERMSIG(status) != SIGXCPU);
}
