/* SPDX-License-Identifier: Apache-2.0 */
/* Host-managed zones: REPORT ZONES and RESET WRITE POINTER (ZBC). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <stdlib.h>

static uint64_t zone_blocks(const struct model *m)
{
    return m->controller.zone / m->controller.block;
}

static uint64_t zone_count(const struct model *m)
{
    uint64_t n = model_blocks(m) / zone_blocks(m);
    return n < ZONES_MAX ? n : ZONES_MAX;
}

static int report(struct model *m, struct lethe_command *c)
{
    uint64_t start = get_be(c->bytes + 2, 8), size = zone_blocks(m), count = zone_count(m);
    size_t allocation = get_be(c->bytes + 10, 4), n = 0;
    uint64_t first = start / size;
    if (first >= count)
        return scsi_sense(c, 5, 0x2100);
    uint8_t *out = calloc(1, 64 + (size_t)(count - first) * 64);
    if (!out)
        return scsi_sense(c, 4, 0x4400);
    for (uint64_t zone = first; zone < count; zone++, n++) {
        uint8_t *at = out + 64 + n * 64;
        uint64_t pointer = m->state->zones[zone];
        at[0] = 2;                                                   /* sequential write required */
        at[1] = pointer == 0 ? 0x10 : pointer >= size ? 0xe0 : 0x20; /* empty, full, open */
        put_be(at + 8, 8, size);
        put_be(at + 16, 8, zone * size);
        put_be(at + 24, 8, zone * size + pointer);
    }
    put_be(out, 4, n * 64);
    out[4] = 1; /* all alike */
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
    if (!all && (lba % size || lba / size >= zone_count(m)))
        return scsi_sense(c, 5, 0x2400);
    for (uint64_t zone = all ? 0 : lba / size; zone < (all ? zone_count(m) : lba / size + 1);
         zone++)
        m->state->zones[zone] = 0;
    return 0;
}

int scsi_zones(struct model *m, struct lethe_command *c)
{
    unsigned action = c->bytes[1] & 0x1f;
    if (!model_has(m, FEATURE_ZONED))
        return scsi_sense(c, 5, 0x2000);
    if (scsi_busy(m, c))
        return 0;
    if (c->bytes[0] == 0x95 && action == 0)
        return report(m, c);
    if (c->bytes[0] == 0x94 && action == 4)
        return reset(m, c);
    return scsi_sense(c, 5, 0x2400);
}
