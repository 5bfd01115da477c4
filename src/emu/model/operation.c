/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What takes time: sanitize, security erase, format. Progress is elapsed time, kept in the state,
 * so that it goes on whoever looks; the medium is wiped as far as the progress says, so that a
 * power loss leaves what it would have left. Only an opening that may write does the work.
 */
#include "emu/fault.h"
#include "emu/model/model.h"
#include <errno.h>
#include <string.h>

#define ALL_AREAS (1u << AREA_SPARE | 1u << AREA_NAMESPACE | 1u << AREA_BOOT | 1u << AREA_GP)

struct operation operation_new(const struct model *m, enum operation_kind kind, enum fill fill)
{
    return (struct operation){.kind = kind,
                              .fill = fill,
                              .areas = ALL_AREAS,
                              .duration_ms = m->controller.duration_ms,
                              .to = m->controller.capacity,
                              .key = m->state->commands + m->state->cycles * 1000003 + 1};
}

static bool spared(struct model *m, const char *area, bool count)
{
    enum operation_kind kind = (enum operation_kind)m->state->operation.kind;
    for (size_t i = 0; i < m->controller.n_lies; i++) {
        const struct lie_rule *lie = &m->controller.lies[i];
        if (lie->kind != LIE_KEEP_AREA || strcmp(lie->area, area) != 0 ||
            (lie->of != OPERATION_NONE && lie->of != kind) ||
            (lie->times > 0 && m->state->fired[i] >= lie->times))
            continue;
        m->state->fired[i] += count;
        return true;
    }
    return false;
}

bool operation_spares(struct model *m, uint64_t offset)
{
    for (size_t i = 0; i < m->controller.n_areas; i++)
        if (m->controller.areas[i].offset == offset)
            return spared(m, m->controller.areas[i].name, true);
    return false;
}

static void keep_everything(struct operation *o)
{
    o->fill = FILL_NOTHING;
    o->areas = 0;
    o->unreadable = 0;
}

/* Lies that are told from the start. */
static void bend(struct model *m, struct operation *o)
{
    enum operation_kind kind = (enum operation_kind)o->kind;
    const struct lie_rule *lie;
    if (model_strike(m, LIE_KEEP_DATA, kind))
        keep_everything(o);
    if (model_strike(m, LIE_ZONES_ONLY, kind)) {
        keep_everything(o);
        o->zones_stay = 0;
    }
    if (model_strike(m, LIE_ZONES_RESET, kind))
        o->zones_stay = 0;
    if (o->fill == FILL_RANDOM && model_strike(m, LIE_KEEP_KEY, kind))
        keep_everything(o);
    if (model_strike(m, LIE_FIRST_BLOCK_ONLY, kind)) {
        o->to = o->from + m->controller.block;
        o->areas = 0;
    }
    if ((lie = model_strike(m, LIE_PARTIAL_ERASE, kind))) {
        o->to = o->from + lie->size < o->to ? o->from + lie->size : o->to;
        o->areas = 0;
    }
}

int operation_start(struct model *m, const struct operation *operation)
{
    struct model_state *s = m->state;
    enum operation_kind kind = (enum operation_kind)operation->kind;
    if (model_strike(m, LIE_ABORTS, kind))
        return -EIO;
    if (kind == OPERATION_SANITIZE && model_strike(m, LIE_STALE_SUCCESS, kind))
        return 1;
    s->operation = *operation;
    s->operation.running = 1;
    s->operation.started_ms = model_now(m);
    s->operation.wiped = operation->from;
    bend(m, &s->operation);
    m->power->undo_end = 0; /* what was in the cache goes too */
    if (kind == OPERATION_SANITIZE) {
        s->sanitize.status = 2;
        s->sanitize.command =
            operation->command ^ (model_strike(m, LIE_OTHER_COMMAND, kind) ? 6 : 0);
        s->sanitize.unrestricted = operation->unrestricted;
    }
    return 0;
}

static uint64_t elapsed(struct model *m)
{
    struct operation *o = &m->state->operation;
    uint64_t now = model_now(m);
    if (now < o->started_ms) /* a host that was started anew since */
        o->started_ms = now;
    return o->credit_ms + (now - o->started_ms);
}

static uint32_t permille(struct model *m)
{
    const struct operation *o = &m->state->operation;
    uint64_t done = o->duration_ms ? elapsed(m) * 1000 / o->duration_ms : 1000;
    const struct lie_rule *stuck = model_lie(m, LIE_STUCK, (enum operation_kind)o->kind);
    if (stuck && done > stuck->permille)
        return stuck->permille;
    return done < 1000 ? (uint32_t)done : 1000;
}

uint32_t operation_progress(struct model *m)
{
    if (!m->state->operation.running)
        return 65535;
    uint32_t done = permille(m);
    return done >= 1000 ? 65535 : done * 65536 / 1000;
}

static const struct area *only_namespace(const struct model *m, uint32_t nsid)
{
    for (size_t i = 0; nsid > 1 && i < m->controller.n_areas; i++)
        if (m->controller.areas[i].use == AREA_NAMESPACE && m->controller.areas[i].number == nsid)
            return &m->controller.areas[i];
    return NULL;
}

static void wipe_main(struct model *m, uint32_t done)
{
    struct operation *o = &m->state->operation;
    uint64_t to = o->from + (uint64_t)((unsigned __int128)(o->to - o->from) * done / 1000);
    to -= done < 1000 ? to % m->controller.block : 0;
    if (o->namespace_ > 1 || to <= o->wiped || spared(m, "main", false))
        return;
    if (medium_fill(m, m->data, o->wiped, to, 0, (enum fill)o->fill, o->key) < 0)
        o->failed = 1;
    if (o->fill != FILL_NOTHING)
        medium_mark(m, o->wiped, to, o->unreadable);
    o->wiped = to;
}

static void wipe_areas(struct model *m)
{
    struct operation *o = &m->state->operation;
    const struct area *only = only_namespace(m, o->namespace_);
    enum fill fill = o->fill == FILL_NOTHING ? FILL_ZEROS : (enum fill)o->fill;
    for (size_t i = 0; i < m->controller.n_areas; i++) {
        const struct area *area = &m->controller.areas[i];
        if (!(o->areas >> area->use & 1) || spared(m, area->name, true) ||
            (o->namespace_ > 0 && area->use == AREA_NAMESPACE && area != only))
            continue;
        if (medium_fill(m, m->file, 0, area->size, area->offset, fill, o->key ^ area->offset) < 0)
            o->failed = 1;
    }
    (void)spared(m, "main", true);
}

static void change_who_it_is(struct model *m, enum operation_kind kind)
{
    const struct lie_rule *lie = model_strike(m, LIE_NEW_SERIAL, kind);
    if (lie)
        m->state->renamed = 1 + (uint32_t)(lie - m->controller.lies);
    if (model_strike(m, LIE_DEAD_AFTER, kind))
        m->state->dead = 1;
}

static void end_well(struct model *m)
{
    struct model_state *s = m->state;
    struct operation *o = &s->operation;
    wipe_areas(m);
    switch ((enum operation_kind)o->kind) {
    case OPERATION_SANITIZE:
        /* NDAS was set and honoured: "completed, not deallocated" (NVMe 1.4 figure 200). */
        s->sanitize.status = m->controller.kind == MODEL_NVME && (o->command >> 9 & 1) ? 4 : 1;
        s->sanitize.written = 0;
        zones_sanitized(m, o);
        break;
    case OPERATION_SECURITY_ERASE:
        if (model_strike(m, LIE_LOCKED_AGAIN, OPERATION_SECURITY_ERASE)) {
            s->security.locked = 1;
            s->security.expired =
                model_strike(m, LIE_TRIES_USED_UP, OPERATION_SECURITY_ERASE) != NULL;
            break;
        }
        memset(s->security.user, 0, sizeof(s->security.user));
        s->security.max_level = 0;
        s->security.enabled = s->security.locked =
            model_strike(m, LIE_LOCKED_BY_ANOTHER, OPERATION_SECURITY_ERASE) != NULL;
        break;
    case OPERATION_FORMAT:
        s->torn = 0;
        s->sector = s->new_sector ? s->new_sector : s->sector;
        s->new_sector = 0;
        break;
    case OPERATION_NONE:
    case OPERATION_ERASE:
    case OPERATION_REVERT:
        break;
    }
    change_who_it_is(m, (enum operation_kind)o->kind);
}

static void end_badly(struct model *m)
{
    struct operation *o = &m->state->operation;
    o->failed = 1;
    if (o->kind == OPERATION_SANITIZE) {
        m->state->sanitize.status = 3;
        m->state->sanitize.last_error = 1;
    }
    if (o->kind == OPERATION_FORMAT && m->controller.kind == MODEL_SCSI)
        m->state->torn = 1;
}

/* Lies that strike at some progress: true when it ends here. */
static bool strike_on_the_way(struct model *m, uint32_t done)
{
    struct operation *o = &m->state->operation;
    enum operation_kind kind = (enum operation_kind)o->kind;
    const struct lie_rule *lie = model_lie(m, LIE_BACKWARDS, kind);
    if (lie && !o->went_back && done >= lie->permille) {
        (void)model_strike(m, LIE_BACKWARDS, kind);
        o->went_back = 1;
        o->credit_ms = 0;
        o->started_ms = model_now(m);
        return true;
    }
    lie = model_lie(m, LIE_POWER_LOSS, kind);
    if (lie && done >= lie->permille) {
        (void)model_strike(m, LIE_POWER_LOSS, kind);
        wipe_main(m, lie->permille);
        o->credit_ms = o->duration_ms * lie->permille / 1000;
        o->started_ms = model_now(m);
        m->power->off = 1;
        return true;
    }
    lie = model_lie(m, LIE_RESET_DURING, kind);
    if (lie && done >= lie->permille) {
        (void)model_strike(m, LIE_RESET_DURING, kind);
        wipe_main(m, lie->permille);
        o->running = 0;
        o->reset_seen = 1;
        m->state->attention = 0x062900;
        return true;
    }
    lie = model_lie(m, LIE_FAILS, kind);
    if (lie && done >= lie->permille) {
        (void)model_strike(m, LIE_FAILS, kind);
        wipe_main(m, lie->permille);
        o->running = 0;
        end_badly(m);
        return true;
    }
    return false;
}

void operation_advance(struct model *m)
{
    struct operation *o = &m->state->operation;
    if (!o->running || !m->writable || m->power->off)
        return;
    uint32_t done = permille(m);
    if (strike_on_the_way(m, done))
        return;
    wipe_main(m, done);
    if (done < 1000)
        return;
    o->running = 0;
    if (o->failed)
        end_badly(m);
    else
        end_well(m);
}

/* A sanitize goes on where it was (SBC-4 4.11, NVMe 1.4 8.15, ACS-4 7.36); nothing else does. */
void operation_power_on(struct model *m)
{
    struct operation *o = &m->state->operation;
    if (!o->running)
        return;
    (void)model_strike(m, LIE_STUCK, (enum operation_kind)o->kind); /* `times` counts these */
    uint64_t size = o->to - o->from;
    uint64_t credit =
        size ? (uint64_t)((unsigned __int128)o->duration_ms * (o->wiped - o->from) / size)
             : o->duration_ms;
    o->credit_ms = credit > o->credit_ms ? credit : o->credit_ms;
    o->started_ms = model_now(m);
    if (o->kind == OPERATION_SANITIZE)
        return;
    o->running = 0;
    end_badly(m);
}

int operation_wait(struct model *m, unsigned timeout_ms)
{
    uint64_t until = model_now(m) + (timeout_ms ? timeout_ms : 86400000);
    const struct operation *o = &m->state->operation;
    for (;;) {
        int rc = model_wake(m);
        if (rc < 0)
            return rc;
        if (o->reset_seen)
            return -ECONNRESET;
        if (!o->running)
            return o->failed ? -EIO : 0;
        if (model_now(m) >= until)
            return -ETIMEDOUT;
        model_unlock(m);
        fault_sleep(2000000);
        model_lock(m);
    }
}
