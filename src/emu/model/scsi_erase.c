/* SPDX-License-Identifier: Apache-2.0 */
/* SANITIZE, FORMAT UNIT, and how REQUEST SENSE tells of them (SBC-4 5.30, 5.4, 4.11). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <errno.h>

static int run(struct model *m, struct lethe_command *c, const struct operation *o, bool immediate)
{
    int rc = operation_start(m, o);
    if (rc < 0)
        return scsi_sense(c, 11, 0x0000);
    c->transferred = c->direction == LETHE_DATA_OUT ? c->data_len : 0;
    if (rc == 1 || immediate)
        return 0;
    rc = operation_wait(m, c->timeout_ms);
    if (rc == -EIO) {
        (void)scsi_busy(m, c);
        return 0;
    }
    if (rc == -ECONNRESET) {
        m->state->attention = 0;
        return scsi_sense(c, 6, 0x2900);
    }
    return rc;
}

/* The parameter list of OVERWRITE: [0] INVERT 80h, TEST 60h, COUNT; [2:3] length; the pattern. */
static bool overwrite_list(struct model *m, const struct lethe_command *c, struct operation *o)
{
    const uint8_t *list = c->data;
    size_t len = get_be(c->bytes + 7, 2);
    if (c->direction != LETHE_DATA_OUT || len < 5 || len > c->data_len)
        return false;
    size_t n = get_be(list + 2, 2);
    unsigned count = list[0] & 0x1f;
    if (count == 0 || n + 4 != len || (n != 1 && n != 2 && n != 4))
        return false;
    uint8_t pattern[4];
    for (size_t i = 0; i < 4; i++)
        pattern[i] = list[4 + i % n];
    bool inverted = (list[0] & 0x80) && count % 2 == 0;
    o->fill = FILL_PATTERN;
    o->key = get_be(pattern, 4) ^ (inverted ? UINT32_MAX : 0);
    (void)m;
    return true;
}

int scsi_sanitize(struct model *m, struct lethe_command *c)
{
    const uint8_t *cdb = c->bytes;
    struct sanitize_log *log = &m->state->sanitize;
    unsigned action = cdb[1] & 0x1f;
    static const enum feature_number needs[] = {FEATURE_SANITIZE_OVERWRITE, FEATURE_SANITIZE_BLOCK,
                                                FEATURE_SANITIZE_CRYPTO};
    struct operation o = operation_new(m, OPERATION_SANITIZE, FILL_ZEROS);
    if (m->state->operation.running) {
        (void)scsi_busy(m, c);
        return 0;
    }
    if (action == 0x1f) { /* EXIT FAILURE MODE */
        if (log->status == 3 && !log->unrestricted)
            return scsi_sense(c, 3, 0x3103);
        if (log->status == 3)
            log->status = 0;
        return 0;
    }
    if (action < 1 || action > 3 || !model_has(m, needs[action - 1]))
        return scsi_sense(c, 5, action < 1 || action > 3 ? 0x2400 : 0x2000);
    if (log->status == 3 && !log->unrestricted)
        return scsi_sense(c, 3, 0x3103);
    o.zones_stay = cdb[1] >> 6 & 1;
    if (o.zones_stay && model_has(m, FEATURE_NO_ZNR))
        return scsi_sense(c, 5, 0x2400);
    if (action == 1 && !overwrite_list(m, c, &o))
        return scsi_sense(c, 5, 0x2600);
    if (action != 1 && get_be(cdb + 7, 2) != 0)
        return scsi_sense(c, 5, 0x2400);
    if (action == 2)
        o.fill = model_has(m, FEATURE_ONES) ? FILL_ONES : FILL_ZEROS;
    if (action == 3)
        o.fill = FILL_RANDOM;
    o.unreadable = (action == 2 && model_has(m, FEATURE_WABEREQ)) ||
                   (action == 3 && model_has(m, FEATURE_WACEREQ));
    o.command = action;
    o.unrestricted = cdb[1] >> 5 & 1;
    return run(m, c, &o, cdb[1] & 0x80);
}

int scsi_format(struct model *m, struct lethe_command *c)
{
    const uint8_t *list = c->data;
    struct operation o = operation_new(m, OPERATION_FORMAT, FILL_ZEROS);
    bool data = c->bytes[1] & 0x10, immediate = false;
    if (!model_has(m, FEATURE_FORMAT))
        return scsi_sense(c, 5, 0x2000);
    if (m->state->operation.running || m->state->sanitize.status == 3) {
        (void)scsi_busy(m, c);
        return 0;
    }
    if (data && (c->direction != LETHE_DATA_OUT || c->data_len < 4))
        return scsi_sense(c, 5, 0x1a00);
    if (data)
        immediate = list[1] & 2;
    o.areas = 0; /* it prepares the medium; erasing is no more than a side effect */
    o.command = c->bytes[1];
    return run(m, c, &o, immediate);
}

int scsi_request_sense(struct model *m, struct lethe_command *c)
{
    struct lethe_command pending = {.result = 0};
    uint8_t out[18] = {0}, described[16] = {0};
    size_t allocation = c->bytes[4];
    out[0] = 0x70;
    out[7] = 10;
    if (m->state->attention) {
        (void)scsi_sense(&pending, m->state->attention >> 16, m->state->attention & 0xffff);
        m->state->attention = 0;
        memcpy(out, pending.sense, sizeof(out));
    } else if (scsi_busy(m, &pending)) {
        memcpy(out, pending.sense, sizeof(out));
    }
    if (!(c->bytes[1] & 1))
        return scsi_reply(c, out, sizeof(out), allocation);
    described[0] = 0x72;
    described[1] = out[2];
    memcpy(described + 2, out + 12, 2);
    if (out[15] & 0x80) { /* sense key specific descriptor */
        described[7] = 8;
        described[8] = 2;
        described[9] = 6;
        memcpy(described + 12, out + 15, 3);
    }
    return scsi_reply(c, described, 8u + described[7], allocation);
}
