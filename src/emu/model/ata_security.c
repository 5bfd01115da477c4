/* SPDX-License-Identifier: Apache-2.0 */
/* SECURITY feature set: password, locked, frozen, counter (ACS-3 4.17). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <errno.h>

#define TRIES 5

/* Word 0 b0: the master password; words 1 to 16: which. */
static bool matches(const struct security *s, const uint8_t *block)
{
    return memcmp((block[0] & 1) ? s->master : s->user, block + 2, 32) == 0;
}

static void set_password(struct model *m, struct ata_registers *r, const uint8_t *block)
{
    struct security *s = &m->state->security;
    if (s->locked || s->frozen) {
        ata_abort(r, 0);
        return;
    }
    if (block[0] & 1) {
        memcpy(s->master, block + 2, 32);
        return;
    }
    memcpy(s->user, block + 2, 32);
    if (model_strike(m, LIE_PASSWORD_REFUSED, OPERATION_NONE))
        s->user[31] ^= 0xff;
    s->enabled = 1;
    s->max_level = block[1] & 1; /* word 0 b8 */
}

static void wrong(struct security *s, struct ata_registers *r)
{
    if (++s->tries >= TRIES)
        s->expired = 1;
    ata_abort(r, 0);
}

static void unlock(struct model *m, struct ata_registers *r, const uint8_t *block)
{
    struct security *s = &m->state->security;
    if (s->frozen || s->expired || !s->enabled) {
        ata_abort(r, 0);
        return;
    }
    /* With level Maximum the master password opens nothing. */
    if (!matches(s, block) || ((block[0] & 1) && s->max_level)) {
        wrong(s, r);
        return;
    }
    s->locked = 0;
    s->tries = 0;
}

static void disable(struct model *m, struct ata_registers *r, const uint8_t *block)
{
    struct security *s = &m->state->security;
    if (s->locked || s->frozen || !matches(s, block) || ((block[0] & 1) && s->max_level)) {
        ata_abort(r, 0);
        return;
    }
    s->enabled = 0;
}

static void erase(struct model *m, struct ata_registers *r, const uint8_t *block, bool prepared,
                  unsigned timeout_ms, int *rc)
{
    struct security *s = &m->state->security;
    bool enhanced = block[0] & 2;
    if (s->frozen || s->expired || !prepared ||
        (enhanced && !model_has(m, FEATURE_ENHANCED_ERASE))) {
        ata_abort(r, 0);
        return;
    }
    if (!matches(s, block)) {
        wrong(s, r);
        return;
    }
    struct operation o = operation_new(m, OPERATION_SECURITY_ERASE,
                                       enhanced                     ? FILL_RANDOM
                                       : model_has(m, FEATURE_ONES) ? FILL_ONES
                                                                    : FILL_ZEROS);
    if (!enhanced) {
        o.areas = 0; /* normal: what the host can address */
        o.to = model_blocks(m) * m->controller.block;
    }
    if (operation_start(m, &o) < 0) {
        ata_abort(r, 0);
        return;
    }
    *rc = operation_wait(m, timeout_ms);
    if (*rc == -EIO || *rc == -ECONNRESET) {
        if (*rc == -ECONNRESET) /* a reset's signature, which is no proof of anything */
            r->status = 0x50, r->error = 0x01;
        else
            ata_abort(r, 0);
        *rc = 0;
    }
}

void ata_security(struct model *m, struct ata_registers *r, const uint8_t *data, size_t len,
                  unsigned timeout_ms, int *rc)
{
    struct security *s = &m->state->security;
    bool prepared = s->prepared;
    s->prepared = 0;
    bool block = r->command != 0xf3 && r->command != 0xf5;
    if (!model_has(m, FEATURE_SECURITY) || (block && len < 512)) {
        ata_abort(r, 0);
        return;
    }
    switch (r->command) {
    case 0xf1:
        set_password(m, r, data);
        break;
    case 0xf2:
        unlock(m, r, data);
        break;
    case 0xf3:
        if (s->frozen)
            ata_abort(r, 0);
        else
            s->prepared = 1;
        break;
    case 0xf4:
        erase(m, r, data, prepared, timeout_ms, rc);
        break;
    case 0xf5:
        if (s->locked)
            ata_abort(r, 0);
        else
            s->frozen = 1;
        break;
    default:
        disable(m, r, data);
    }
}
