/* SPDX-License-Identifier: Apache-2.0 */
/* When a fault strikes, the meter, and how they are stacked. */
#include "emu/fault.h"

#include <errno.h>
#include <lethe/emu.h>
#include <stdlib.h>
#include <time.h>

bool fault_armed(const struct fault *fault, bool write)
{
    const struct fault_rule *rule = &fault->rule;
    const struct fault_session *session = fault->session;
    if (session->state->writes < rule->after_writes ||
        session->state->bytes_written < rule->after_bytes)
        return false;
    switch (rule->during) {
    case FAULT_WRITE:
        return write;
    case FAULT_READ:
        return !write;
    case FAULT_VERIFY:
        return !write && !session->writable && !session->wrote;
    case FAULT_ANY:
        break;
    }
    return true;
}

/* The finaliser of SplitMix64: enough to look random, and the same everywhere. */
uint64_t fault_hash(uint64_t seed, uint64_t number)
{
    uint64_t x = seed * 0xD1342543DE82EF95u + (number + 1) * 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static bool covers(const struct fault *fault, uint64_t offset)
{
    const struct fault_rule *rule = &fault->rule;
    return offset >= rule->from && offset < rule->to &&
           (rule->fraction_ppm >= 1000000 ||
            fault_hash(rule->seed, offset / fault->session->granule) % 1000000 <
                rule->fraction_ppm);
}

/* The next offset where the answer of covers() could be another one. */
static uint64_t boundary(const struct fault *fault, uint64_t offset)
{
    const struct fault_rule *rule = &fault->rule;
    if (offset >= rule->to)
        return UINT64_MAX;
    if (offset < rule->from)
        return rule->from;
    uint64_t granule = fault->session->granule;
    uint64_t next = rule->fraction_ppm >= 1000000 ? UINT64_MAX : (offset / granule + 1) * granule;
    return next < rule->to ? next : rule->to;
}

size_t fault_run(const struct fault *fault, uint64_t offset, size_t len, bool *covered)
{
    uint64_t at = offset, end = offset + len;
    *covered = covers(fault, offset);
    do
        at = boundary(fault, at);
    while (at < end && covers(fault, at) == *covered);
    return at < end ? (size_t)(at - offset) : len;
}

size_t fault_first(const struct fault *fault, uint64_t offset, size_t len)
{
    bool covered;
    size_t n = len > 0 ? fault_run(fault, offset, len, &covered) : 0;
    return len > 0 && covered ? 0 : n;
}

bool fault_fires(struct fault *fault, bool write, uint64_t offset, size_t len)
{
    if (!fault_armed(fault, write) || fault_first(fault, offset, len) == len)
        return false;
    uint64_t fired = fault->slot->fired++;
    return fault->rule.times == 0 || fired < fault->rule.times;
}

void fault_sleep(uint64_t nanoseconds)
{
    struct timespec left = {.tv_sec = (time_t)(nanoseconds / 1000000000),
                            .tv_nsec = (long)(nanoseconds % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        ;
}

int fault_info(struct lethe_io *io, struct lethe_io_info *out)
{
    return lethe_io_info(io->lower, out);
}

ssize_t fault_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    return lethe_io_pread(io->lower, buf, len, offset);
}

ssize_t fault_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    return lethe_io_pwrite(io->lower, buf, len, offset);
}

int fault_sync(struct lethe_io *io)
{
    return lethe_io_sync(io->lower);
}

int fault_command(struct lethe_io *io, struct lethe_command *command)
{
    return lethe_io_command(io->lower, command);
}

void fault_close(struct lethe_io *io)
{
    lethe_io_buffer_free(fault_of(io)->bounce);
    free(fault_of(io));
}

/* ---- The meter: counts what the host asks for, and has the power switch. ---- */

struct meter {
    struct lethe_io io;
    struct fault_session session;
};

static struct fault_session *session_of(struct lethe_io *io)
{
    return &((struct meter *)io)->session;
}

static bool dead(const struct fault_session *session)
{
    return session->state->off || session->state->generation != session->generation;
}

static int meter_info(struct lethe_io *io, struct lethe_io_info *out)
{
    return dead(session_of(io)) ? -ENODEV : lethe_io_info(io->lower, out);
}

static ssize_t meter_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    struct fault_session *session = session_of(io);
    if (dead(session))
        return -ENODEV;
    ssize_t got = lethe_io_pread(io->lower, buf, len, offset);
    session->state->reads++;
    session->state->bytes_read += len;
    return got;
}

static ssize_t meter_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct fault_session *session = session_of(io);
    if (dead(session))
        return -ENODEV;
    session->wrote = true;
    ssize_t put = lethe_io_pwrite(io->lower, buf, len, offset);
    session->state->writes++;
    session->state->bytes_written += len;
    return put;
}

static int meter_sync(struct lethe_io *io)
{
    struct fault_session *session = session_of(io);
    if (dead(session))
        return -ENODEV;
    int rc = lethe_io_sync(io->lower);
    session->state->syncs++;
    return rc;
}

static int meter_command(struct lethe_io *io, struct lethe_command *command)
{
    return dead(session_of(io)) ? -ENODEV : lethe_io_command(io->lower, command);
}

static void meter_close(struct lethe_io *io)
{
    struct fault_session *session = session_of(io);
    if (session->mapped)
        lethe_emu_state_unmap(session->state);
    free(io);
}

static const struct lethe_io_ops meter_ops = {.name = "faults",
                                              .info = meter_info,
                                              .pread = meter_pread,
                                              .pwrite = meter_pwrite,
                                              .sync = meter_sync,
                                              .command = meter_command,
                                              .close = meter_close};

/* ---- Stacking. ---- */

static const struct lethe_io_ops *const kind_ops[FAULT_KINDS] = {
#define LETHE_FAULT(symbol, spelling, ops, must, may) &fault_ops_##ops,
#include "emu/faults.def"
#undef LETHE_FAULT
};

static struct lethe_io *fault_new(struct lethe_io *lower, const struct fault_rule *rule,
                                  struct fault_session *session, size_t index)
{
    struct fault *fault = calloc(1, sizeof(*fault));
    if (!fault)
        return NULL;
    *fault = (struct fault){.io = {.ops = kind_ops[rule->kind], .lower = lower},
                            .rule = *rule,
                            .slot = &session->state->slots[index],
                            .session = session};
    if (rule->kind == FAULT_CORRUPT && !(fault->bounce = lethe_io_buffer(FAULT_BOUNCE))) {
        free(fault);
        return NULL;
    }
    return &fault->io;
}

int fault_stack(struct lethe_io *lower, const struct fault_rule *rules, size_t n,
                const struct fault_session *session, struct lethe_io **out, struct lethe_error *err)
{
    struct meter *meter = calloc(1, sizeof(*meter));
    struct lethe_io *top = lower;
    if (!meter)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    meter->io.ops = &meter_ops;
    meter->session = *session;
    for (size_t i = n; i > 0; i--) {
        struct lethe_io *next = fault_new(top, &rules[i - 1], &meter->session, i - 1);
        if (!next) {
            while (top != lower) {
                next = top->lower;
                fault_close(top);
                top = next;
            }
            free(meter);
            return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
        }
        top = next;
    }
    meter->io.lower = top;
    *out = &meter->io;
    return 0;
}

bool fault_gone(const struct lethe_emu_state *state, const struct fault_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rules[i].kind == FAULT_VANISH && state->slots[i].latched)
            return true;
    return state->off;
}

int lethe_fault_open(struct lethe_io *lower, const json_t *faults, void *state,
                     struct lethe_io **out, struct lethe_error *err)
{
    struct fault_rule rules[LETHE_FAULTS_MAX];
    struct lethe_io_info info;
    int rc = lethe_io_info(lower, &info);
    if (rc < 0)
        return lethe_fail_errno(err, -rc, "the device below the faults does not answer");
    int n = fault_rules_parse(faults, info.capacity, info.logical_block, rules, err);
    if (n < 0)
        return n;
    for (int i = 0; i < n; i++)
        if (fault_rule_remembers(&rules[i]) || rules[i].kind == FAULT_SWAP)
            return lethe_fail(err, LETHE_E_UNSUPPORTED,
                              "the fault %s needs an emulated device below it",
                              fault_kind_name(rules[i].kind));
    struct fault_session session = {.state = state,
                                    .old = -1,
                                    .capacity = info.capacity,
                                    .logical_block = info.logical_block,
                                    .granule = info.physical_block > info.logical_block
                                                   ? info.physical_block
                                                   : info.logical_block};
    session.generation = session.state->generation;
    return fault_stack(lower, rules, (size_t)n, &session, out, err);
}
