/* SPDX-License-Identifier: Apache-2.0 */
/* What write pointers let through (ZBC-2 4.5.3), and what a sanitize makes of them (SBC-4 5.30.1).
 */
#include "emu/model/model.h"
#include <errno.h>

/* Has the zone of OFFSET a write pointer? */
static bool sequential(const struct model *m, uint64_t offset, uint64_t *zone)
{
    *zone = offset / m->controller.zone;
    return zones_are_there(m) && *zone >= m->controller.conventional && *zone < ZONES_MAX;
}

uint64_t zones_end(const struct model *m, uint64_t offset)
{
    return zones_are_there(m) ? (offset / m->controller.zone + 1) * m->controller.zone : UINT64_MAX;
}

int zones_write(struct model *m, size_t len, uint64_t offset)
{
    uint64_t zone;
    if (!sequential(m, offset, &zone))
        return 0;
    uint64_t at = offset % m->controller.zone / m->controller.block;
    if (model_has(m, FEATURE_HOST_AWARE)) { /* the pointer follows the highest block */
        uint64_t end = at + len / m->controller.block;
        m->state->zones[zone] = end > m->state->zones[zone] ? end : m->state->zones[zone];
        return 0;
    }
    if (at != m->state->zones[zone] || len > zones_end(m, offset) - offset)
        return -EROFS;
    m->state->zones[zone] += len / m->controller.block;
    return 0;
}

int zones_read(const struct model *m, size_t len, uint64_t offset, size_t *readable)
{
    uint64_t zone;
    if (!sequential(m, offset, &zone))
        return 0;
    bool free_reads = model_has(m, FEATURE_UNRESTRICTED_READS) || model_has(m, FEATURE_HOST_AWARE);
    if (len > zones_end(m, offset) - offset) {
        *readable = len; /* of more than one zone: whole or not at all is near enough here */
        return free_reads ? 0 : -ECHILD;
    }
    uint64_t pointer = zone * m->controller.zone + m->state->zones[zone] * m->controller.block;
    if (offset + len <= pointer)
        return 0;
    if (!free_reads)
        return -EDOM;
    *readable = offset < pointer ? (size_t)(pointer - offset) : 0;
    if (model_lie(m, LIE_OLD_BEHIND_POINTER, OPERATION_NONE))
        *readable = len;
    return 0;
}

/* Pointers stay where a key was changed; else zones that were written become full, unless all are
 * to be reset. */
void zones_sanitized(struct model *m, const struct operation *o)
{
    uint64_t whole = m->controller.zone / m->controller.block;
    for (size_t i = 0; i < ZONES_MAX; i++) {
        uint64_t at = i * whole, blocks = model_blocks(m);
        uint64_t size = at >= blocks ? 0 : blocks - at < whole ? blocks - at : whole;
        if (!o->zones_stay)
            m->state->zones[i] = 0;
        else if (o->fill != FILL_RANDOM && m->state->zones[i] > 0)
            m->state->zones[i] = size;
    }
}
