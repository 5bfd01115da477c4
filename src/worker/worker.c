/* SPDX-License-Identifier: Apache-2.0 */
#include <base/crypto.h>
#include <base/json.h>
#include <base/pattern.h>
#include <base/time.h>
#include <errno.h>
#include <lethe/worker.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <worker/worker.h>

int lethe_worker_receive(int fd, json_t **order, struct lethe_io_spec *spec,
                         struct lethe_error *err)
{
    char *text = malloc(LETHE_MESSAGE_MAX);
    if (!text)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * LETHE_IO_FDS_MAX)];
    } control;
    struct iovec iov = {text, LETHE_MESSAGE_MAX};
    struct msghdr message = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    ssize_t len;
    do
        len = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (len < 0 && errno == EINTR);

    int rc;
    if (len <= 0) {
        rc = lethe_fail(err, LETHE_E_GONE, "the supervisor sent no order");
    } else if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        rc = lethe_fail(err, LETHE_E_INVALID, "the order is too long");
    } else {
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
            if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                continue;
            spec->n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            memcpy(spec->fds, CMSG_DATA(c), spec->n_fds * sizeof(int));
        }
        *order = lethe_json_load(text, (size_t)len, LETHE_MESSAGE_MAX, err);
        rc = *order ? 0 : -LETHE_E_INVALID;
    }
    lethe_wipe(text, LETHE_MESSAGE_MAX);
    free(text);
    return rc;
}

/* libcrypto loads its providers, and libc its time zone, on first use: before the door closes. */
static void warm_up(const struct lethe_order *order)
{
    char now[21];
    lethe_time_format(now, lethe_now_ms());
    uint8_t out[LETHE_HASH_SIZE];
    lethe_sha256(out, "", 0);
    lethe_hmac_sha256(out, "", 0, "", 0);
    lethe_hkdf(out, sizeof(out), "", 0, "", 0);
    static const struct lethe_pattern random = {.kind = LETHE_PATTERN_RANDOM};
    struct lethe_stream *stream = NULL;
    if (lethe_stream_new(&random, order->seed, order->job, 0, &stream, NULL) == 0) {
        lethe_stream_fill(stream, 0, out, sizeof(out));
        lethe_stream_free(stream);
    }
}

/* What the techniques of this order need beside plain reads and writes. */
static unsigned needs_of(const struct lethe_order *order)
{
    const struct lethe_driver *driver = lethe_driver_find(order->driver);
    unsigned needs = 0;
    if (!driver || !driver->passes_through)
        return LETHE_NEEDS_WRITE;
    for (size_t i = 0; i < order->plan.n_steps && order->role == LETHE_ROLE_ERASE; i++) {
        const struct lethe_technique *technique =
            lethe_technique_find(order->plan.steps[i].technique);
        needs |= technique ? technique->needs : 0;
    }
    /* Zones are asked for and rewound by SCSI commands, whoever writes to them. */
    if (order->plan.zone > 0 && order->role == LETHE_ROLE_ERASE)
        needs |= LETHE_NEEDS_RAWIO;
    /* NVMe inside a USB bridge's SCSI: the kernel asks for another capability. */
    bool bridged = order->plan.path != LETHE_PATH_NVME;
    if (bridged && needs & LETHE_NEEDS_SYS_ADMIN)
        needs = (needs & ~(unsigned)LETHE_NEEDS_SYS_ADMIN) | LETHE_NEEDS_RAWIO;
    return needs;
}

/* Does a step of this order write all of a phone's storage, or read it back? */
static bool moves_bytes(const struct lethe_order *order)
{
    for (size_t i = 0; i < order->plan.n_steps; i++) {
        const struct lethe_technique *technique =
            lethe_technique_find(order->plan.steps[i].technique);
        if (technique && technique->kind == LETHE_KIND_OVERWRITE)
            return true;
    }
    return false;
}

/* A worker that can't start says so in the words of a failed step, so that the job's record has it.
 */
static void tell_failure(int fd, const struct lethe_error *why)
{
    LETHE_JSON_AUTO *json = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "failed", "code",
                                      lethe_error_code_name(why->code), "reason", why->what,
                                      "effect", why->effect, "remedy", why->remedy);
    char *text = json ? lethe_json_canonical(json) : NULL;
    if (text)
        (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
    free(text);
}

int lethe_worker_main(int fd)
{
    struct lethe_error err = {0};
    struct lethe_io_spec spec = {0};
    struct lethe_io *io = NULL;
    struct lethe_sandbox sandbox = {0};
    struct lethe_order *order = calloc(1, sizeof(*order));
    if (!order)
        return 1;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    LETHE_JSON_AUTO *json = NULL;
    int rc = lethe_worker_receive(fd, &json, &spec, &err);
    if (rc == 0)
        rc = lethe_order_from_json(json, order, &err);
    if (rc == 0) {
        memcpy(spec.driver, order->driver, sizeof(spec.driver));
        spec.writable = order->writable;
        spec.config = json_incref(order->config);
        rc = lethe_spec_attach(&spec, &io, &err);
    }
    if (rc == 0) {
        warm_up(order);
        struct lethe_cell cell = {.role = order->role, .needs = needs_of(order)};
        if (lethe_cell_of_phone(lethe_driver_find(order->driver), io, &cell) && moves_bytes(order))
            cell.cpu_seconds = LETHE_WORKER_CPU_FILLING;
        rc = lethe_sandbox_enter(&cell, &sandbox, &err);
    }
    if (rc == 0)
        rc = lethe_runner_run(order, io, &sandbox, fd);
    else
        tell_failure(fd, &err);

    lethe_io_close(io);
    lethe_io_spec_close(&spec);
    lethe_order_clear(order);
    free(order);
    return rc == 0 ? 0 : 1;
}
