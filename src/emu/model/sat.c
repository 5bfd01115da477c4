/* SPDX-License-Identifier: Apache-2.0 */
/* SCSI/ATA translation of ATA PASS-THROUGH, as libata does it and as bridges do (SAT-4 12.2;
 * facts/drives.md A2 and C). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <errno.h>

struct pass_through {
    struct ata_registers r;
    unsigned protocol, length; /* T_LENGTH */
    bool extended, check, in, bytes;
    size_t data_len;
};

static void decode(const struct lethe_command *c, struct pass_through *p)
{
    const uint8_t *cdb = c->bytes;
    struct ata_registers *r = &p->r;
    bool sixteen = cdb[0] == 0x85;
    p->protocol = cdb[1] >> 1 & 15;
    p->extended = sixteen && (cdb[1] & 1);
    p->check = cdb[2] & 0x20;
    p->in = cdb[2] & 0x08;
    p->bytes = !(cdb[2] & 0x04);
    p->length = cdb[2] & 3;
    if (sixteen) {
        uint64_t low = (uint64_t)cdb[8] | (uint64_t)cdb[10] << 8 | (uint64_t)cdb[12] << 16;
        uint64_t high = (uint64_t)cdb[7] | (uint64_t)cdb[9] << 8 | (uint64_t)cdb[11] << 16;
        r->feature = cdb[4];
        r->count = cdb[6];
        r->lba = low;
        if (p->extended) {
            r->feature = (uint16_t)(cdb[3] << 8 | cdb[4]);
            r->count = (uint16_t)(cdb[5] << 8 | cdb[6]);
            r->lba = low | high << 24;
        }
        r->device = cdb[13];
        r->command = cdb[14];
    } else {
        r->feature = cdb[3];
        r->count = cdb[4];
        r->lba = get_le(cdb + 5, 3);
        r->device = cdb[8];
        r->command = cdb[9];
    }
    unsigned blocks = p->length == 1 ? r->feature : p->length == 2 ? r->count : 0;
    p->data_len = p->length == 3 ? c->data_len : (size_t)blocks * (p->bytes ? 1 : 512);
    if (p->data_len > c->data_len)
        p->data_len = c->data_len;
}

static void descriptor(const struct pass_through *p, uint8_t out[14])
{
    const struct ata_registers *r = &p->r;
    uint64_t lba = p->extended ? r->lba : r->lba & 0xffffff;
    out[0] = 0x09;
    out[1] = 0x0c;
    out[2] = p->extended;
    out[3] = r->error;
    out[4] = (uint8_t)(p->extended ? r->count >> 8 : 0);
    out[5] = (uint8_t)r->count;
    for (unsigned i = 0; i < 3; i++) {
        out[6 + 2 * i] = (uint8_t)(lba >> (24 + 8 * i));
        out[7 + 2 * i] = (uint8_t)(lba >> (8 * i));
    }
    out[12] = r->device;
    out[13] = r->status;
}

/* Table 190 of SAT-4: what error register goes with what sense. */
static void sense_of(const struct ata_registers *r, unsigned *key, unsigned *code)
{
    *key = 11;
    *code = 0x0000;
    if (!(r->status & 1)) {
        *key = 1;
        *code = 0x001d; /* ATA PASS-THROUGH information available */
    } else if (r->error & 0x40) {
        *key = 3;
        *code = 0x1104;
    } else if (r->error & 0x10) {
        *key = 5;
        *code = 0x2100;
    }
}

static int registers_as_sense(struct model *m, struct lethe_command *c,
                              const struct pass_through *p)
{
    const struct ata_registers *r = &p->r;
    unsigned key, code;
    sense_of(r, &key, &code);
    if (m->controller.bridge != BRIDGE_SAT_FIXED) {
        memset(c->sense, 0, 22);
        c->sense[0] = 0x72;
        c->sense[1] = (uint8_t)key;
        put_be(c->sense + 2, 2, code);
        c->sense[7] = 14;
        descriptor(p, c->sense + 8);
        c->n_sense = 22;
        c->result = 2;
        return 0;
    }
    size_t moved = c->transferred;
    (void)scsi_sense(c, key, code);
    c->transferred = moved;
    c->sense[3] = r->error;
    c->sense[4] = r->status;
    c->sense[5] = r->device;
    c->sense[6] = (uint8_t)r->count;
    c->sense[8] = (uint8_t)((p->extended ? 0x80u : 0) | (r->count >> 8 ? 0x40u : 0) |
                            (r->lba >> 24 ? 0x20u : 0));
    put_le(c->sense + 9, 3, r->lba & 0xffffff);
    return 0;
}

/* Some give a made-up drive whatever is behind them. */
static int fake(struct model *m, struct lethe_command *c, const struct pass_through *p)
{
    uint8_t id[512] = {0};
    if (p->r.command != 0xec || c->direction != LETHE_DATA_IN)
        return scsi_sense(c, 5, 0x2400);
    put_le(id, 2, 0x0040);
    memset(id + 20, ' ', 80);
    memcpy(id + 20, "F1K0EE", 6);
    memcpy(id + 54, "SUEB irgd e", 11);
    put_le(id + 98, 2, 0x0200);
    put_le(id + 166, 2, 0x4400);
    put_le(id + 172, 2, 0x0400);
    put_le(id + 200, 8, m->state->known_capacity);
    return scsi_reply(c, id, sizeof(id), p->data_len);
}

/* Bridges that don't do as SAT says: 1 when the command was answered here. */
static int quirk(struct model *m, struct lethe_command *c, const struct pass_through *p)
{
    /* As libata answers without allow_tpm. */
    if (model_has(m, FEATURE_TRUSTED_REFUSED) && p->r.command >= 0x5c && p->r.command <= 0x5f) {
        (void)scsi_sense(c, 5, 0x2400);
        return 1;
    }
    switch (m->controller.bridge) {
    case BRIDGE_PLAIN:
        (void)scsi_sense(c, 5, 0x2000);
        return 1;
    case BRIDGE_NO_ATA_1X: /* as usb-storage and uas answer by themselves */
        (void)scsi_sense(c, 5, 0x2400);
        return 1;
    case BRIDGE_SAT_12:
        if (c->bytes[0] == 0xa1)
            return 0;
        (void)scsi_sense(c, 5, 0x2000);
        return 1;
    case BRIDGE_SAT_DATA_ONLY:
        if (p->protocol != 3)
            return 0;
        (void)scsi_sense(c, 5, 0x2400);
        return 1;
    case BRIDGE_SAT_INVENTS: /* GOOD, and what the buffer had */
        if (c->direction == LETHE_DATA_IN)
            (void)scsi_reply(c, m->state->buffer, sizeof(m->state->buffer), p->data_len);
        return 1;
    case BRIDGE_SAT_FAKE:
        (void)fake(m, c, p);
        return 1;
    default:
        return 0;
    }
}

/* Protocol 15: the registers of the command before. */
static int response(struct model *m, struct lethe_command *c)
{
    bool has = m->controller.bridge == BRIDGE_NONE || m->controller.bridge == BRIDGE_SAT ||
               m->controller.bridge == BRIDGE_SAT_ZONES || m->controller.bridge == BRIDGE_SAT_FIXED;
    return has ? scsi_reply(c, m->state->response, sizeof(m->state->response), c->data_len)
               : scsi_sense(c, 5, 0x2400);
}

int sat_pass_through(struct model *m, struct lethe_command *c)
{
    struct pass_through p = {.protocol = 0};
    if (c->n_bytes < (c->bytes[0] == 0x85 ? 16u : 12u))
        return -EINVAL;
    decode(c, &p);
    if (quirk(m, c, &p))
        return 0;
    if (p.protocol == 15)
        return response(m, c);
    enum lethe_direction way = p.length == 0 ? LETHE_DATA_NONE
                               : p.in        ? LETHE_DATA_IN
                                             : LETHE_DATA_OUT;
    /* 3 non-data, 4 and 5 PIO, 6 DMA, 10 and 11 UDMA, 12 FPDMA */
    bool known = (p.protocol >= 3 && p.protocol <= 6) || (p.protocol >= 10 && p.protocol <= 12);
    if (!known || (way != c->direction && p.data_len > 0) ||
        (p.protocol == 3) != (way == LETHE_DATA_NONE))
        return scsi_sense(c, 5, 0x2400);
    uint8_t none[1] = {0};
    uint8_t *data = p.data_len > 0 ? c->data : none;
    if (way == LETHE_DATA_IN)
        memset(data, 0, p.data_len);
    int rc = ata_command(m, &p.r, way, data, p.data_len, c->timeout_ms);
    if (rc < 0)
        return rc;
    c->transferred = p.data_len;
    descriptor(&p, m->state->response);
    if (!(p.r.status & 1) && !p.check)
        return 0;
    if (m->controller.bridge == BRIDGE_SAT_NO_SENSE && p.check && !(p.r.status & 1))
        return 0; /* facts: JMS567, the data but no sense */
    return registers_as_sense(m, c, &p);
}
