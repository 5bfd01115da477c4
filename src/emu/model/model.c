/* SPDX-License-Identifier: Apache-2.0 */
/* One opening of a controller: its lock, its clock, its power, and the way to its kind. */
#include "emu/model/model.h"

#include "base/text.h"
#include "emu/fault.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A process that dies in here holds the others up no longer than this. */
#define LOCK_MS 2000

static struct model *model_of(struct lethe_io *io)
{
    return (struct model *)io;
}

static uint64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void model_lock(struct model *m)
{
    for (;;) {
        uint64_t seen = m->state->lock, now = clock_ms();
        /* An expiry far ahead is of a boot before this one. */
        if ((seen == 0 || seen < now || seen > now + LOCK_MS) &&
            atomic_compare_exchange_strong(&m->state->lock, &seen, now + LOCK_MS)) {
            m->held = now + LOCK_MS;
            return;
        }
        fault_sleep(200000);
    }
}

void model_unlock(struct model *m)
{
    uint64_t mine = m->held;
    atomic_compare_exchange_strong(&m->state->lock, &mine, 0);
}

/* A long piece of work under the lock says that it is alive. */
uint64_t model_now(struct model *m)
{
    uint64_t now = clock_ms(), mine = m->held;
    if (atomic_compare_exchange_strong(&m->state->lock, &mine, now + LOCK_MS))
        m->held = now + LOCK_MS;
    return now;
}

const struct lie_rule *model_lie(const struct model *m, enum lie kind,
                                 enum operation_kind operation)
{
    for (size_t i = 0; i < m->controller.n_lies; i++) {
        const struct lie_rule *lie = &m->controller.lies[i];
        if (lie->kind == kind && (lie->times == 0 || m->state->fired[i] < lie->times) &&
            (lie->of == OPERATION_NONE || lie->of == operation))
            return lie;
    }
    return NULL;
}

const struct lie_rule *model_strike(struct model *m, enum lie kind, enum operation_kind operation)
{
    const struct lie_rule *lie = model_lie(m, kind, operation);
    if (lie)
        m->state->fired[lie - m->controller.lies]++;
    return lie;
}

void model_serial(const struct model *m, char out[96])
{
    uint32_t renamed = m->state->renamed;
    bool lied = renamed > 0 && renamed <= m->controller.n_lies;
    memcpy(out, lied ? m->controller.lies[renamed - 1].serial : m->controller.serial, 96);
}

uint64_t model_blocks(const struct model *m)
{
    const struct controller *c = &m->controller;
    const struct hidden *hidden = &m->state->hidden;
    uint64_t blocks = c->capacity / c->block;
    if (m->state->no_capacity)
        return 0;
    if (c->kind == MODEL_NVME)
        return m->state->namespaces[0].exists && m->state->namespaces[0].attached ? blocks : 0;
    if (c->kind != MODEL_ATA)
        return blocks;
    blocks = hidden->volatile_max ? hidden->volatile_max : hidden->max;
    return blocks < hidden->native ? blocks : hidden->native;
}

static void power_on(struct model *m)
{
    struct model_state *s = m->state;
    bool first = s->cycles == 0;
    s->cycles++;
    s->sector = first ? m->controller.sector : s->sector;
    s->attention = 0;
    if (!first && s->no_capacity)
        s->no_capacity = 0;
    if (!first && model_strike(m, LIE_ZERO_CAPACITY, OPERATION_NONE))
        s->no_capacity = 1;
    ata_power_on(m);
    scsi_power_on(m);
    nvme_power_on(m);
    card_power_on(m);
    tcg_power_on(m);
    operation_power_on(m);
    s->known_capacity = model_blocks(m);
    ata_identify(m, s->identify);
}

int model_wake(struct model *m)
{
    struct model_state *s = m->state;
    struct lethe_io_info info;
    /* The meter below knows about power; whoever comes first after it tells the firmware. */
    int rc = lethe_io_info(m->io.lower, &info);
    if (rc < 0)
        return rc;
    if (s->lies != m->controller.digest) {
        memset(s->fired, 0, sizeof(s->fired));
        s->lies = m->controller.digest;
    }
    if (s->cycles == 0 || s->generation != m->power->generation) {
        s->generation = m->power->generation;
        power_on(m);
    }
    operation_advance(m);
    return m->power->off || s->dead ? -ENODEV : 0;
}

static int model_info(struct lethe_io *io, struct lethe_io_info *out)
{
    struct model *m = model_of(io);
    int rc = lethe_io_info(io->lower, out);
    if (rc < 0)
        return rc;
    model_lock(m);
    rc = model_wake(m);
    uint64_t blocks =
        m->controller.bridge == BRIDGE_NONE ? model_blocks(m) : m->state->known_capacity;
    /* Kernels know no block of 520 bytes: they give the disk no capacity at all. */
    uint64_t seen = m->state->sector == m->controller.block && !m->state->no_capacity
                        ? blocks * m->controller.block
                        : 0;
    /* A fault of the medium may show still less. */
    out->capacity = out->capacity < seen ? out->capacity : seen;
    model_unlock(m);
    return rc;
}

int model_facts(struct lethe_io *io, char serial[96], uint64_t *capacity)
{
    struct lethe_io_info info;
    int rc = model_info(io, &info);
    model_serial(model_of(io), serial);
    *capacity = rc < 0 ? 0 : info.capacity;
    return rc;
}

/* Block layers wait for an operation to end: facts A3, a read hung for all of a sanitize. NVMe and
 * cards answer at once. */
static int until_idle(struct model *m)
{
    bool waits =
        m->writable && (m->controller.kind == MODEL_ATA || m->controller.kind == MODEL_SCSI);
    while (waits && m->state->operation.running) {
        model_unlock(m);
        fault_sleep(5000000);
        model_lock(m);
        int rc = model_wake(m);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int may_touch(struct model *m, uint64_t offset, size_t *len, bool write)
{
    const struct model_state *s = m->state;
    uint64_t end = model_blocks(m) * m->controller.block;
    if (s->operation.running)
        return -EBUSY;
    if (s->security.locked || s->tcg.locked)
        return -EACCES;
    if (s->sanitize.status == 3 || s->torn || s->sector != m->controller.block)
        return -EIO;
    if (write && model_protected(m))
        return -EROFS;
    if (offset >= end)
        return write ? -ENOSPC : 0;
    if (*len > end - offset)
        *len = (size_t)(end - offset);
    return 1;
}

ssize_t model_read(struct model *m, void *buf, size_t len, uint64_t offset)
{
    int rc = may_touch(m, offset, &len, false);
    if (rc <= 0)
        return rc;
    size_t readable = len;
    rc = zones_read(m, len, offset, &readable);
    if (rc < 0)
        return rc;
    if (medium_unreadable(m, offset, offset + readable))
        return -EILSEQ;
    memset((char *)buf + readable, 0, len - readable);
    ssize_t got = readable ? lethe_io_pread(m->io.lower, buf, readable, offset) : 0;
    return got == (ssize_t)readable ? (ssize_t)len : got;
}

ssize_t model_write(struct model *m, const void *buf, size_t len, uint64_t offset)
{
    int rc = may_touch(m, offset, &len, true);
    if (rc == 1)
        rc = zones_write(m, len, offset) < 0 ? -EROFS : 1;
    if (rc <= 0)
        return rc;
    medium_mark(m, offset, offset + len, false);
    m->state->sanitize.written = 1;
    return lethe_io_pwrite(m->io.lower, buf, len, offset);
}

static ssize_t move(struct model *m, uint32_t nsid, void *buf, size_t len, uint64_t offset,
                    bool write)
{
    if (nsid <= 1)
        return write ? model_write(m, buf, len, offset) : model_read(m, buf, len, offset);
    uint64_t size = nvme_size(m, nsid);
    for (size_t i = 0; i < m->controller.n_areas; i++) {
        const struct area *area = &m->controller.areas[i];
        if (area->use != AREA_NAMESPACE || area->number != nsid)
            continue;
        int rc = m->state->operation.running      ? -EBUSY
                 : m->state->sanitize.status == 3 ? -EIO
                 : m->state->tcg.locked           ? -EACCES
                                                  : 0;
        if (rc < 0 || offset > size || len > size - offset)
            return rc < 0 ? rc : -ENOSPC;
        off_t at = (off_t)(area->offset + offset);
        return write ? pwrite(m->file, buf, len, at) : pread(m->file, buf, len, at);
    }
    return -ENXIO;
}

ssize_t model_transfer(struct lethe_io *io, uint32_t nsid, void *buf, size_t len, uint64_t offset,
                       bool write)
{
    struct model *m = model_of(io);
    model_lock(m);
    int rc = model_wake(m);
    ssize_t moved = rc < 0 ? rc : move(m, nsid, buf, len, offset, write);
    model_unlock(m);
    return moved;
}

/* What a kernel makes of the firmware's answer. */
static ssize_t as_kernel(ssize_t rc)
{
    return rc == -EACCES || rc == -EBUSY || rc == -EROFS ? -EIO
           : rc == -EDOM || rc == -ECHILD                ? -EREMOTEIO
           : rc == -EILSEQ                               ? -ENODATA
                                                         : rc;
}

/* They cut transfers where zones end (chunk_sectors). */
static ssize_t in_zones(struct model *m, char *buf, size_t len, uint64_t offset, bool write)
{
    size_t done = 0;
    ssize_t n = 0;
    while (done < len) {
        uint64_t left = zones_end(m, offset + done) - (offset + done);
        size_t piece = left < len - done ? (size_t)left : len - done;
        n = write ? model_write(m, buf + done, piece, offset + done)
                  : model_read(m, buf + done, piece, offset + done);
        if (n <= 0)
            break;
        done += (size_t)n;
        if ((size_t)n < piece)
            break;
    }
    return done > 0 ? (ssize_t)done : n;
}

static ssize_t model_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    struct model *m = model_of(io);
    model_lock(m);
    int rc = model_wake(m);
    if (rc == 0)
        rc = until_idle(m);
    ssize_t got = rc < 0 ? rc : in_zones(m, buf, len, offset, false);
    model_unlock(m);
    return as_kernel(got);
}

static ssize_t model_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct model *m = model_of(io);
    model_lock(m);
    int rc = model_wake(m);
    if (rc == 0)
        rc = until_idle(m);
    ssize_t put = rc < 0 ? rc : in_zones(m, (char *)(uintptr_t)buf, len, offset, true);
    model_unlock(m);
    return as_kernel(put);
}

static int model_sync(struct lethe_io *io)
{
    return lethe_io_sync(io->lower);
}

static int dispatch(struct model *m, struct lethe_command *c)
{
    enum model_kind kind = m->controller.kind;
    bool bridged = m->controller.bridge != BRIDGE_NONE;
    uint16_t status = 0;
    uint32_t result = 0;
    switch (c->set) {
    case LETHE_SET_SCSI:
        return bridged || kind == MODEL_ATA || kind == MODEL_SCSI ? scsi_command(m, c) : -ENOTTY;
    case LETHE_SET_NVME:
        if (bridged || kind != MODEL_NVME)
            return -ENOTTY;
        if (c->n_bytes != 64)
            return -EINVAL;
        c->transferred = c->data_len;
        int rc = nvme_admin(m, c->bytes, c->data, c->data_len, c->direction == LETHE_DATA_IN,
                            c->timeout_ms, &status, &result);
        c->result = (int64_t)((uint64_t)status << 32 | result);
        return rc;
    case LETHE_SET_MMC:
        if (bridged || (kind != MODEL_MMC && kind != MODEL_SD))
            return -ENOTTY;
        return card_ioctl(m, c);
    case LETHE_SET_USB:
        break;
    }
    return -EOPNOTSUPP;
}

static int model_command(struct lethe_io *io, struct lethe_command *c)
{
    struct model *m = model_of(io);
    if (c->n_bytes > sizeof(c->bytes) || (c->data_len > 0 && !c->data))
        return -EINVAL;
    model_lock(m);
    const struct lie_rule *slow = model_strike(m, LIE_SLOW_COMMANDS, OPERATION_NONE);
    model_unlock(m);
    if (slow)
        fault_sleep(slow->milliseconds * 1000000);
    c->n_sense = 0;
    c->result = 0;
    c->transferred = 0;
    model_lock(m);
    int rc = model_wake(m);
    if (rc == 0) {
        m->state->commands++;
        rc = dispatch(m, c);
    }
    if (rc == 0 && (m->power->off || m->state->dead))
        rc = -ENODEV;
    model_unlock(m);
    return rc;
}

static void model_close(struct lethe_io *io)
{
    struct model *m = model_of(io);
    munmap(m->state, MODEL_STATE_SIZE);
    free(m->chunk);
    free(m);
}

static const struct lethe_io_ops model_ops = {.name = "firmware",
                                              .info = model_info,
                                              .pread = model_pread,
                                              .pwrite = model_pwrite,
                                              .sync = model_sync,
                                              .command = model_command,
                                              .close = model_close};

int model_open(struct lethe_io *media, int data, int file, bool writable,
               const struct controller *controller, struct lethe_emu_state *power,
               struct lethe_io **out, struct lethe_error *err)
{
    struct stat st;
    if (fstat(file, &st) < 0 || st.st_size < (off_t)MODEL_STATE_SIZE)
        return lethe_fail(err, LETHE_E_INVALID, "the firmware's memory is not what it was");
    struct model *m = calloc(1, sizeof(*m));
    char *chunk = malloc(MODEL_CHUNK);
    if (!m || !chunk) {
        free(m);
        free(chunk);
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    *m = (struct model){.io = {.ops = &model_ops, .lower = media},
                        .controller = *controller,
                        .power = power,
                        .data = data,
                        .file = file,
                        .writable = writable,
                        .chunk = chunk};
    void *map = mmap(NULL, MODEL_STATE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) {
        free(chunk);
        free(m);
        return lethe_fail_errno(err, errno, "cannot map the firmware's memory");
    }
    m->state = map;
    *out = &m->io;
    return 0;
}

uint64_t model_size(const struct controller *c)
{
    const struct area *last = c->n_areas > 0 ? &c->areas[c->n_areas - 1] : NULL;
    return last ? last->offset + last->size : MODEL_STATE_SIZE;
}

int model_make(int file, const struct controller *controller, struct lethe_error *err)
{
    if (ftruncate(file, 0) < 0 || ftruncate(file, (off_t)model_size(controller)) < 0)
        return lethe_fail_errno(err, errno, "cannot make the firmware's memory");
    return medium_make_areas(file, controller, err);
}
