/* SPDX-License-Identifier: Apache-2.0 */
/* Host-managed zones: REPORT ZONES and RESET WRITE POINTER (ZBC-2), and how a report can lie. */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <stdlib.h>

static uint64_t zone_blocks(const struct model *m)
{
    return m->controller.zone / m->controller.block;
}

static uint64_t zone_count(const struct model *m)
{
    uint64_t n = (model_blocks(m) + zone_blocks(m) - 1) / zone_blocks(m);
    return n < ZONES_MAX ? n : ZONES_MAX;
}

/* The last one may be smaller. */
static uint64_t blocks_of(const struct model *m, uint64_t zone)
{
    uint64_t left = model_blocks(m) - zone * zone_blocks(m);
    return left < zone_blocks(m) ? left : zone_blocks(m);
}

static void lie(const struct model *m, uint64_t zone, uint8_t *at)
{
    uint64_t size = zone_blocks(m);
    if (model_lie(m, LIE_ZONES_OVERLAP, OPERATION_NONE) && zone == 2)
        put_be(at + 16, 8, zone * size - size / 2);
    if (model_lie(m, LIE_ZONES_UNEVEN, OPERATION_NONE) && zone == 1)
        put_be(at + 8, 8, size / 2);
    if (model_lie(m, LIE_ZONES_ENDLESS, OPERATION_NONE))
        put_be(at + 8, 8, 0);
    if (model_lie(m, LIE_ZONES_OFFLINE, OPERATION_NONE) && zone == 3)
        at[1] = 0xf0;
}

static void describe(const struct model *m, uint64_t zone, uint8_t *at)
{
    uint64_t size = blocks_of(m, zone), pointer = m->state->zones[zone];
    bool conventional = zone < m->controller.conventional;
    at[0] = conventional ? 1 : model_has(m, FEATURE_ZONED) ? 2 : 3; /* required, preferred */
    at[1] = conventional ? 0 : pointer == 0 ? 0x10 : pointer >= size ? 0xe0 : 0x20;
    put_be(at + 8, 8, size);
    put_be(at + 16, 8, zone * zone_blocks(m));
    put_be(at + 24, 8, conventional ? UINT64_MAX : zone * zone_blocks(m) + pointer);
    lie(m, zone, at);
}

static int report(struct model *m, struct lethe_command *c)
{
    uint64_t start = get_be(c->bytes + 2, 8), count = zone_count(m);
    size_t allocation = get_be(c->bytes + 10, 4), n = 0;
    uint64_t first = start / zone_blocks(m);
    if (model_lie(m, LIE_ZONES_SHORT, OPERATION_NONE))
        count = count > 1 ? count - 1 : count;
    if (start >= model_blocks(m))
        return scsi_sense(c, 5, 0x2100);
    uint8_t *out = calloc(1, 64 + (size_t)(count + 1) * 64);
    if (!out)
        return scsi_sense(c, 4, 0x4400);
    size_t room = allocation / 64 > 0 ? allocation / 64 - 1 : 0;
    bool partial = c->bytes[14] & 0x80;
    for (uint64_t zone = first; zone < count && (!partial || n < room); zone++, n++)
        describe(m, zone, out + 64 + n * 64);
    put_be(out, 4, n * 64);
    out[4] = m->controller.conventional == 0 && model_blocks(m) % zone_blocks(m) == 0;
    put_be(out + 8, 8, model_blocks(m) - 1);
    int rc = scsi_reply(c, out, 64 + n * 64, allocation);
    free(out);
    return rc;
}

/* What was in a zone can't be read any more, but the medium has it. */
static int reset(struct model *m, struct lethe_command *c)
{
    uint64_t lba = get_be(c->bytes + 2, 8), size = zone_blocks(m);
    bool all = c->bytes[14] & 1;
    if (!all &&
        (lba % size || lba / size >= zone_count(m) || lba / size < m->controller.conventional))
        return scsi_sense(c, 5, 0x2400);
    if (model_strike(m, LIE_RESET_PRETENDED, OPERATION_NONE))
        return 0;
    for (uint64_t zone = all ? 0 : lba / size; zone < (all ? zone_count(m) : lba / size + 1);
         zone++)
        m->state->zones[zone] = 0;
    return 0;
}

int scsi_zones(struct model *m, struct lethe_command *c)
{
    unsigned action = c->bytes[1] & 0x1f;
    if (!zones_are_there(m))
        return scsi_sense(c, 5, 0x2000);
    if (scsi_busy(m, c))
        return 0;
    if (c->bytes[0] == 0x95 && action == 0)
        return report(m, c);
    if (c->bytes[0] == 0x94 && action == 4)
        return reset(m, c);
    return scsi_sense(c, 5, 0x2400);
}
