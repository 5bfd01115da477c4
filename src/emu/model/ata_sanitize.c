/* SPDX-License-Identifier: Apache-2.0 */
/* SANITIZE DEVICE, B4h (ACS-3 7.36). */
#include "emu/model/model.h"

enum {
    STATUS = 0x0000,
    CRYPTO = 0x0011,
    BLOCK = 0x0012,
    OVERWRITE = 0x0014,
    FREEZE = 0x0020,
    ANTIFREEZE = 0x0040
};
/* LBA(7:0) when aborted. */
enum { LAST_FAILED = 1, NOT_SUPPORTED = 2, IS_FROZEN = 3, IS_ANTIFROZEN = 4 };

static void refuse(struct ata_registers *r, unsigned reason)
{
    ata_abort(r, 0);
    r->lba = reason;
}

static void report(struct model *m, struct ata_registers *r)
{
    const struct sanitize_log *log = &m->state->sanitize;
    r->count = (uint16_t)((log->status == 1 ? 1u << 15 : 0) | (log->status == 2 ? 1u << 14 : 0) |
                          (log->frozen ? 1u << 13 : 0) | (log->antifreeze ? 1u << 12 : 0));
    r->lba = log->status == 2 ? operation_progress(m) : 0xffff;
}

static void status(struct model *m, struct ata_registers *r)
{
    struct sanitize_log *log = &m->state->sanitize;
    if (log->status == 3) {
        /* b0: leave the failed state; only where the command that failed allowed it. */
        if ((r->count & 1) && log->unrestricted) {
            log->status = 0;
        } else {
            refuse(r, LAST_FAILED);
            return;
        }
    }
    report(m, r);
}

static bool known(const struct model *m, const struct ata_registers *r)
{
    switch (r->feature) {
    case CRYPTO:
        return model_has(m, FEATURE_SANITIZE_CRYPTO) && r->lba == 0x43727970;
    case BLOCK:
        return model_has(m, FEATURE_SANITIZE_BLOCK) && r->lba == 0x426b4572;
    case OVERWRITE:
        return model_has(m, FEATURE_SANITIZE_OVERWRITE) && r->lba >> 32 == 0x4f57;
    default:
        return false;
    }
}

static struct operation wanted(const struct model *m, const struct ata_registers *r)
{
    enum fill erased = model_has(m, FEATURE_ONES) ? FILL_ONES : FILL_ZEROS;
    struct operation o = operation_new(m, OPERATION_SANITIZE,
                                       r->feature == CRYPTO  ? FILL_RANDOM
                                       : r->feature == BLOCK ? erased
                                                             : FILL_PATTERN);
    if (r->feature == OVERWRITE) {
        unsigned passes = r->count & 15 ? r->count & 15 : 16;
        uint32_t pattern = (uint32_t)r->lba;
        bool inverted = (r->count & 0x80) && passes % 2 == 0;
        /* The double word as ATA has it: least significant byte first. */
        o.key = __builtin_bswap32(inverted ? ~pattern : pattern);
    }
    o.unreadable = (r->feature == BLOCK && model_has(m, FEATURE_WABEREQ)) ||
                   (r->feature == CRYPTO && model_has(m, FEATURE_WACEREQ));
    o.command = r->feature;
    o.unrestricted = r->count >> 4 & 1;
    o.zones_stay = r->count >> 15 & 1;
    return o;
}

static void begin(struct model *m, struct ata_registers *r)
{
    struct sanitize_log *log = &m->state->sanitize;
    if (!known(m, r)) {
        refuse(r, NOT_SUPPORTED);
    } else if (r->count >> 15 & 1 && model_has(m, FEATURE_NO_ZNR)) {
        ata_abort(r, 0);
    } else if (log->frozen) {
        refuse(r, IS_FROZEN);
    } else if (log->status == 2 || m->state->security.locked) {
        ata_abort(r, 0);
    } else if (log->status == 3 && !log->unrestricted) {
        refuse(r, LAST_FAILED);
    } else {
        struct operation o = wanted(m, r);
        if (operation_start(m, &o) < 0)
            ata_abort(r, 0);
        else
            report(m, r);
    }
}

void ata_sanitize(struct model *m, struct ata_registers *r)
{
    struct sanitize_log *log = &m->state->sanitize;
    bool any = model_has(m, FEATURE_SANITIZE_CRYPTO) || model_has(m, FEATURE_SANITIZE_BLOCK) ||
               model_has(m, FEATURE_SANITIZE_OVERWRITE);
    if (!any) {
        refuse(r, NOT_SUPPORTED);
        return;
    }
    switch (r->feature) {
    case STATUS:
        status(m, r);
        break;
    case FREEZE:
        if (r->lba != 0x46724c6b || log->antifreeze) {
            refuse(r, log->antifreeze ? IS_ANTIFROZEN : NOT_SUPPORTED);
            break;
        }
        log->frozen = 1;
        report(m, r);
        break;
    case ANTIFREEZE:
        if (!model_has(m, FEATURE_ANTIFREEZE) || r->lba != 0x416e7469 || log->frozen) {
            refuse(r, log->frozen ? IS_FROZEN : NOT_SUPPORTED);
            break;
        }
        log->antifreeze = 1;
        report(m, r);
        break;
    default:
        begin(m, r);
    }
}
