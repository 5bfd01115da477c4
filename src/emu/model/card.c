/* SPDX-License-Identifier: Apache-2.0 */
/* eMMC and SD cards by their commands (JESD84-B51, SD 6.0; facts/drives.md A5). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Bits of the card status in R1. */
enum {
    OUT_OF_RANGE = 1u << 31,
    ERASE_SEQUENCE = 1u << 28,
    ERASE_PARAMETER = 1u << 27,
    WRITE_PROTECTED = 1u << 26,
    ERROR = 1u << 19,
    SWITCH_ERROR = 1u << 7,
    READY = 0x900 /* transfer state, ready for data */
};
#define GROUP ((uint64_t)512 << 10)

void card_power_on(struct model *m)
{
    uint32_t protected = m->state->card.boot_protected;
    memset(&m->state->card, 0, sizeof(m->state->card));
    m->state->card.boot_protected = protected & ~1u; /* until the power goes, or for ever */
}

int card_respond(struct lethe_command *c, uint32_t status)
{
    put_be(c->sense, 4, status | READY);
    c->n_sense = 4;
    return 0;
}

/* PARTITION_ACCESS of EXT_CSD[179]: 0 user, 1 and 2 boot, 3 RPMB, 4 to 7 general purpose. */
bool card_area(const struct model *m, unsigned partition, int *fd, uint64_t *offset, uint64_t *size)
{
    enum area_use use = partition <= 2 ? AREA_BOOT : AREA_GP;
    unsigned number = partition <= 2 ? partition : partition - 3;
    *fd = m->data;
    *offset = 0;
    *size = m->controller.capacity;
    for (size_t i = 0; partition > 0 && i < m->controller.n_areas; i++) {
        const struct area *area = &m->controller.areas[i];
        if (partition == 3 || area->use != use || area->number != number)
            continue;
        *fd = m->file;
        *offset = area->offset;
        *size = area->size;
        return true;
    }
    return partition == 0;
}

static unsigned current(const struct model *m)
{
    return m->state->card.partition & 7;
}

static int transfer(struct model *m, struct lethe_command *c, uint32_t lba, bool write)
{
    int fd;
    uint64_t offset, size, at = (uint64_t)lba * 512;
    if (!card_area(m, current(m), &fd, &offset, &size) || at > size || c->data_len > size - at)
        return card_respond(c, OUT_OF_RANGE);
    if (write && (model_protected(m) || (offset > 0 && m->state->card.boot_protected)))
        return card_respond(c, WRITE_PROTECTED);
    ssize_t n;
    if (fd == m->data)
        n = write ? model_write(m, c->data, c->data_len, at)
                  : model_read(m, c->data, c->data_len, at);
    else
        n = write ? pwrite(fd, c->data, c->data_len, (off_t)(offset + at))
                  : pread(fd, c->data, c->data_len, (off_t)(offset + at));
    if (n == -ENODEV)
        return -ENODEV;
    c->transferred = c->data_len;
    return card_respond(c, n == (ssize_t)c->data_len ? 0 : ERROR);
}

/* Erase works on groups, trim and discard on blocks; all of them unmap, and only secure erase (and
 * sanitize afterwards) reaches what the flash still has. */
static int erase(struct model *m, struct lethe_command *c, uint32_t argument)
{
    int fd;
    uint64_t offset, size, from, to;
    bool groups = m->controller.kind == MODEL_MMC && (argument & 3) == 0;
    bool secure = argument >> 31;
    uint32_t armed = m->state->card.erase_armed;
    m->state->card.erase_armed = 0;
    if (armed != 3)
        return card_respond(c, ERASE_SEQUENCE);
    if (secure && !model_has(m, FEATURE_SECURE_ERASE))
        return card_respond(c, ERASE_PARAMETER);
    from = (uint64_t)m->state->card.erase_first * 512;
    to = ((uint64_t)m->state->card.erase_last + 1) * 512;
    if (groups) {
        from -= from % GROUP;
        to = (to + GROUP - 1) / GROUP * GROUP;
    }
    if (!card_area(m, current(m), &fd, &offset, &size) || from >= to || from >= size)
        return card_respond(c, ERASE_PARAMETER);
    to = to < size ? to : size;
    if (model_protected(m) || (offset > 0 && m->state->card.boot_protected))
        return card_respond(c, WRITE_PROTECTED);
    enum fill fill = model_has(m, FEATURE_ONES) ? FILL_ONES : FILL_ZEROS;
    if (fd != m->data) {
        bool kept = operation_spares(m, offset) || model_strike(m, LIE_KEEP_DATA, OPERATION_ERASE);
        int rc = kept ? 0 : medium_fill(m, fd, from, to, offset, fill, 0);
        return card_respond(c, rc < 0 ? ERROR : 0);
    }
    struct operation o = operation_new(m, OPERATION_ERASE, fill);
    o.from = from;
    o.to = to;
    o.areas = secure && from == 0 && to == size ? 1u << AREA_SPARE : 0;
    int rc = operation_start(m, &o);
    if (rc == 0)
        rc = operation_wait(m, c->timeout_ms);
    return rc == -EIO ? card_respond(c, ERROR) : rc < 0 ? rc : card_respond(c, 0);
}

static int sanitize(struct model *m, struct lethe_command *c)
{
    struct operation o = operation_new(m, OPERATION_SANITIZE, FILL_NOTHING);
    if (!model_has(m, FEATURE_SANITIZE_BLOCK))
        return card_respond(c, SWITCH_ERROR);
    o.areas = 1u << AREA_SPARE; /* "unmapped user data" (JESD84-B51 6.6.11) */
    o.command = 1;
    int rc = operation_start(m, &o);
    if (rc == 0)
        rc = operation_wait(m, c->timeout_ms);
    if (rc == -EIO) {
        m->state->sanitize.status = 0; /* a card has no failed state to stay in */
        return card_respond(c, ERROR);
    }
    return rc < 0 ? rc : card_respond(c, 0);
}

static int switch_byte(struct model *m, struct lethe_command *c, uint32_t argument)
{
    unsigned access = argument >> 24 & 3, index = argument >> 16 & 0xff;
    unsigned value = argument >> 8 & 0xff, *to = NULL;
    uint64_t offset, size;
    int fd;
    if (index == 165)
        return value ? sanitize(m, c) : card_respond(c, 0);
    if (index == 179)
        to = &m->state->card.partition;
    if (index == 173)
        to = &m->state->card.boot_protected;
    /* Bus width, timing, power class, flush, erase groups: the host's, nothing to model. */
    if (!to)
        return card_respond(c, index >= 32 && index < 192 ? 0 : SWITCH_ERROR);
    value = access == 1 ? *to | value : access == 2 ? *to & ~value : value;
    if (access == 0 || (index == 179 && !card_area(m, value & 7, &fd, &offset, &size)))
        return card_respond(c, SWITCH_ERROR);
    *to = value;
    return card_respond(c, 0);
}

static int reply(struct lethe_command *c, const uint8_t *data, size_t len)
{
    if (c->direction != LETHE_DATA_IN)
        return -EINVAL;
    c->transferred = len < c->data_len ? len : c->data_len;
    memcpy(c->data, data, c->transferred);
    return card_respond(c, 0);
}

static uint32_t serial_number(const struct model *m)
{
    char serial[96], *end;
    model_serial(m, serial);
    unsigned long long number = strtoull(serial, &end, 16);
    if (*end == '\0' && serial[0])
        return (uint32_t)number;
    uint32_t hash = 0x811c9dc5;
    for (const char *at = serial; *at; at++)
        hash = (hash ^ (uint8_t)*at) * 0x01000193;
    return hash;
}

static int identification(const struct model *m, struct lethe_command *c)
{
    bool sd = m->controller.kind == MODEL_SD;
    memset(c->sense, 0, 16);
    c->sense[0] = sd ? 0x03 : 0x15;
    if (sd) {
        memcpy(c->sense + 1, "LT", 2);
        put_text(c->sense + 3, 5, m->controller.model);
        put_be(c->sense + 9, 4, serial_number(m));
        put_be(c->sense + 13, 2, 0x01a1);
    } else {
        c->sense[1] = 0x01; /* soldered */
        put_text(c->sense + 3, 6, m->controller.model);
        put_be(c->sense + 10, 4, serial_number(m));
        c->sense[14] = 0x1d;
    }
    c->sense[15] = 1;
    c->n_sense = 16;
    return 0;
}

static int specific(const struct model *m, struct lethe_command *c)
{
    memset(c->sense, 0, 16);
    c->sense[0] = m->controller.kind == MODEL_SD ? 0x40 : 0xd0;
    c->sense[3] = 0x32;
    put_be(c->sense + 4, 2, 0x5b59);
    if (m->controller.kind == MODEL_SD) /* C_SIZE: in 512 KiB, less one */
        put_be(c->sense + 7, 3, m->controller.capacity / GROUP - 1);
    else
        put_be(c->sense + 6, 3, 0x0fffff); /* see EXT_CSD */
    c->sense[15] = 1;
    c->n_sense = 16;
    return 0;
}

static int emmc(struct model *m, struct lethe_command *c, unsigned index, uint32_t argument)
{
    uint8_t registers[512], groups[8] = {0};
    switch (index) {
    case 6:
        return switch_byte(m, c, argument);
    case 8:
        card_registers(m, registers);
        return reply(c, registers, sizeof(registers));
    case 30: /* SEND_WRITE_PROT, and its type: 3 permanent, 2 until the power goes */
    case 31:
        if (model_protected(m))
            memset(groups, index == 30 || model_has(m, FEATURE_WRITE_PROTECTED) ? 0xff : 0xaa,
                   sizeof(groups));
        return reply(c, groups, index == 30 ? 4 : 8);
    default:
        return -ETIMEDOUT; /* a card doesn't answer what it doesn't know */
    }
}

static int card_sd(const struct model *m, unsigned index, bool application, struct lethe_command *c)
{
    uint8_t status[64] = {0}, scr[8] = {0x02, 0x35, 0x80, 0x03};
    if (application && index == 51)
        return reply(c, scr, sizeof(scr));
    if (application && index == 13) {
        status[8] = 4; /* class 10 */
        put_be(status + 11, 2, 1);
        status[13] = 1 << 2;
        status[24] = model_has(m, FEATURE_TRIM) ? 2 : 0; /* DISCARD_SUPPORT */
        return reply(c, status, sizeof(status));
    }
    if (application && index == 22)
        return reply(c, status, 4);
    return -ETIMEDOUT;
}

static int card_command(struct model *m, struct lethe_command *c, const uint8_t *bytes)
{
    unsigned index = bytes[0];
    bool application = bytes[1] & 1, sd = m->controller.kind == MODEL_SD;
    uint32_t argument = (uint32_t)get_be(bytes + 2, 4);
    unsigned first = sd ? 32 : 35;
    if (!application) {
        switch (index) {
        case 9:
            return specific(m, c);
        case 10:
            return identification(m, c);
        case 13:
        case 7:
        case 16:
            return card_respond(c, 0);
        case 23:
            m->state->card.blocks = argument & 0xffff;
            return card_respond(c, 0);
        case 12:
            return card_respond(c, 0);
        case 17:
        case 18:
            return c->direction == LETHE_DATA_IN ? transfer(m, c, argument, false) : -EINVAL;
        case 24:
        case 25:
            return c->direction == LETHE_DATA_OUT ? transfer(m, c, argument, true) : -EINVAL;
        case 38:
            return erase(m, c, argument);
        default:
            break;
        }
        if (index == first || index == first + 1) {
            bool last = index != first;
            *(last ? &m->state->card.erase_last : &m->state->card.erase_first) = argument;
            m->state->card.erase_armed = last ? m->state->card.erase_armed | 2 : 1;
            return card_respond(c, 0);
        }
    }
    return sd            ? card_sd(m, index, application, c)
           : application ? -ETIMEDOUT
                         : emmc(m, c, index, argument);
}

/* mmc_blk_part_switch() of drivers/mmc/core/block.c: before each command the card is brought to the
 * area of the node that was asked, whatever somebody switched it to. */
static int enter(struct model *m, unsigned area)
{
    const struct lie_rule *lost = model_lie(m, LIE_NO_NODE, OPERATION_NONE);
    const char *name = lethe_mmc_area_name(area);
    uint64_t offset, size;
    int fd;
    if (area > 0 &&
        (area >= LETHE_MMC_AREAS || !name || m->controller.kind != MODEL_MMC ||
         !card_area(m, area, &fd, &offset, &size) || (lost && strcmp(lost->area, name) == 0)))
        return -ENXIO; /* there is no such node */
    m->state->card.partition = (m->state->card.partition & ~7u) | area;
    return 0;
}

/* One ioctl of the node: a command or, in 7 bytes each, several. With command queueing, the kernel
 * switches it off before and on again behind, which ends an erase that was only begun. */
int card_ioctl(struct model *m, struct lethe_command *c)
{
    size_t size = c->n_bytes == 6 ? 6 : 7, n = c->n_bytes / size, answered = 0;
    uint8_t answers[4 * LETHE_MMC_TOGETHER];
    int rc = n > 0 && n <= LETHE_MMC_TOGETHER && c->n_bytes % size == 0 &&
                     (n == 1 || c->direction == LETHE_DATA_NONE)
                 ? 0
                 : -EINVAL;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = enter(m, size == 7 ? c->bytes[7 * i + 6] : 0);
        if (rc == 0)
            rc = card_command(m, c, c->bytes + size * i);
        memcpy(answers + answered, c->sense, 4);
        answered += 4;
    }
    if (rc == 0 && n > 1) {
        memcpy(c->sense, answers, answered);
        c->n_sense = answered;
    }
    if (m->controller.kind == MODEL_MMC)
        m->state->card.erase_armed = 0;
    return rc;
}

/* Life in steps of 10 %: 01h is 0-10 %, 0Bh beyond. */
static uint8_t life(const struct model *m)
{
    uint64_t step = m->controller.life_used / 10 + 1;
    return step > 11 ? 11 : (uint8_t)step;
}

void card_registers(const struct model *m, uint8_t out[512])
{
    int fd;
    uint64_t offset, size;
    memset(out, 0, 512);
    for (unsigned i = 0; i < 4; i++)
        if (card_area(m, 4 + i, &fd, &offset, &size))
            put_le(out + 143 + 3 * i, 3, size / GROUP);
    out[160] = 7;
    out[168] = 1; /* RPMB: 128 KiB */
    out[171] = model_has(m, FEATURE_WRITE_PROTECTED) ? 0x04 : 0;
    out[173] = (uint8_t)m->state->card.boot_protected;
    out[175] = 1;
    out[179] = (uint8_t)m->state->card.partition;
    out[181] = model_has(m, FEATURE_ONES);
    out[183] = 2;
    out[185] = 1;
    out[192] = 8; /* 5.1 */
    out[194] = 2;
    out[196] = 0x57;
    put_le(out + 212, 4, m->controller.capacity / 512);
    out[217] = 0x10;
    out[221] = 1;
    out[222] = 1;
    out[223] = 2;
    out[224] = 1; /* groups of 512 KiB */
    if (card_area(m, 1, &fd, &offset, &size))
        out[226] = (uint8_t)(size / (128 << 10));
    out[228] = 7;
    out[229] = 2;
    out[230] = 2;
    out[231] = (uint8_t)((model_has(m, FEATURE_SECURE_ERASE) ? 0x05 : 0) |
                         (model_has(m, FEATURE_TRIM) ? 0x10 : 0) |
                         (model_has(m, FEATURE_SANITIZE_BLOCK) ? 0x40 : 0));
    out[232] = 2;
    memcpy(out + 254, m->controller.revision, strnlen(m->controller.revision, 8));
    out[267] = m->controller.health_failed ? 3 : m->controller.life_used >= 80 ? 2 : 1;
    out[268] = out[269] = life(m);
    out[504] = 1;
}
