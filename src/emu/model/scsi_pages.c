/* SPDX-License-Identifier: Apache-2.0 */
/* MODE SENSE and SELECT (block length, cache), LOG SENSE (health). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"

/* Their first byte: AWRE and ARRE, WCE; the rest of them is zeros. */
static const struct {
    uint8_t code, length, first;
} pages[] = {{0x01, 10, 0xc0}, {0x08, 18, 0x04}, {0x0a, 10, 0x00}, {0x1c, 10, 0x00}};

static int mode_sense(struct model *m, struct lethe_command *c, bool ten)
{
    uint8_t out[96] = {0};
    size_t header = ten ? 8 : 4, at = header;
    unsigned page = c->bytes[2] & 0x3f;
    uint64_t blocks = model_blocks(m);
    if (!(c->bytes[1] & 8)) { /* DBD */
        put_be(out + at, 4, blocks > UINT32_MAX ? UINT32_MAX : blocks);
        put_be(out + at + 5, 3, m->state->sector);
        at += 8;
    }
    size_t described = at - header;
    for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
        if (page != pages[i].code && page != 0x3f)
            continue;
        out[at] = pages[i].code;
        out[at + 1] = pages[i].length;
        out[at + 2] = pages[i].first;
        at += 2u + pages[i].length;
    }
    if (page != 0x3f && at == header + described && page != 0)
        return scsi_sense(c, 5, 0x2400);
    uint8_t flags = model_has(m, FEATURE_WRITE_PROTECTED) ? 0x80 : 0x10; /* DPOFUA */
    if (ten) {
        put_be(out, 2, at - 2);
        out[3] = flags;
        put_be(out + 6, 2, described);
        return scsi_reply(c, out, at, get_be(c->bytes + 7, 2));
    }
    out[0] = (uint8_t)(at - 1);
    out[2] = flags;
    out[3] = (uint8_t)described;
    return scsi_reply(c, out, at, c->bytes[4]);
}

/* A block descriptor with another length: taken by the next FORMAT UNIT. */
static int mode_select(struct model *m, struct lethe_command *c, bool ten)
{
    const uint8_t *list = c->data;
    size_t header = ten ? 8 : 4, len = ten ? get_be(c->bytes + 7, 2) : c->bytes[4];
    if (len == 0)
        return 0;
    if (c->direction != LETHE_DATA_OUT || c->data_len < len || len < header)
        return scsi_sense(c, 5, 0x1a00);
    c->transferred = len;
    size_t described = ten ? get_be(list + 6, 2) : list[3];
    if (described < 8)
        return 0;
    if (len < header + 8)
        return scsi_sense(c, 5, 0x1a00);
    uint32_t sector = (uint32_t)get_be(list + header + 5, 3);
    if (sector == 0 || sector == m->state->sector)
        return 0;
    if (m->controller.kind != MODEL_SCSI || m->controller.bridge != BRIDGE_NONE ||
        (sector != m->controller.block && sector != m->controller.sector))
        return scsi_sense(c, 5, 0x2600);
    m->state->new_sector = sector;
    return 0;
}

int scsi_mode(struct model *m, struct lethe_command *c)
{
    switch (c->bytes[0]) {
    case 0x1a:
        return mode_sense(m, c, false);
    case 0x5a:
        return mode_sense(m, c, true);
    default:
        return mode_select(m, c, c->bytes[0] == 0x55);
    }
}

static size_t parameter(uint8_t *at, unsigned code, size_t n, uint64_t value)
{
    put_be(at, 2, code);
    at[2] = 3; /* binary list */
    at[3] = (uint8_t)n;
    put_be(at + 4, n, value);
    return 4 + n;
}

int scsi_log(struct model *m, struct lethe_command *c)
{
    static const uint8_t logs[] = {0x00, 0x03, 0x11, 0x15, 0x2f};
    const struct controller *k = &m->controller;
    uint8_t out[128] = {0};
    unsigned page = c->bytes[2] & 0x3f;
    size_t at = 4;
    switch (page) {
    case 0x00:
        for (size_t i = 0; i < sizeof(logs); i++)
            if (logs[i] != 0x11 || !k->magnetic)
                out[at++] = logs[i];
        break;
    case 0x03: /* read errors: total uncorrected */
        at += parameter(out + at, 0x0006, 8, k->uncorrectable);
        break;
    case 0x11: /* solid state media: percentage used */
        if (k->magnetic)
            return scsi_sense(c, 5, 0x2400);
        at += parameter(out + at, 0x0001, 4, k->life_used);
        break;
    case 0x15: /* background scan: minutes powered on */
        at += parameter(out + at, 0x0000, 12, 0);
        put_be(out + 8, 4, k->hours * 60);
        break;
    case 0x2f: /* informational exceptions */
        at += parameter(out + at, 0x0000, 4, k->health_failed ? 0x5d000000 : 0);
        break;
    default:
        return scsi_sense(c, 5, 0x2400);
    }
    out[0] = (uint8_t)page;
    put_be(out + 2, 2, at - 4);
    return scsi_reply(c, out, at, get_be(c->bytes + 7, 2));
}
