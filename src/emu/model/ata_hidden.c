/* SPDX-License-Identifier: Apache-2.0 */
/* What hides sectors: HPA, DCO, and the accessible max address configuration. */
#include "emu/model/bytes.h"
#include "emu/model/model.h"

static void set_max(struct model *m, struct ata_registers *r, uint64_t lba, bool keep)
{
    struct hidden *h = &m->state->hidden;
    /* READ NATIVE MAX must come right before; one kept change a power cycle (ATA8-ACS 7.59). */
    if (!h->native_was_read || lba >= h->native || m->state->security.locked) {
        ata_abort(r, 0);
    } else if (keep && h->changed) {
        ata_abort(r, 0x10);
    } else if (keep) {
        h->max = lba + 1;
        h->volatile_max = 0;
        h->changed = 1;
    } else {
        h->volatile_max = lba + 1;
    }
}

static void accessible(struct model *m, struct ata_registers *r)
{
    struct hidden *h = &m->state->hidden;
    uint64_t real = m->controller.capacity / m->controller.block;
    if (!model_has(m, FEATURE_AMAC) ||
        (r->feature == 0 && model_has(m, FEATURE_NATIVE_MAX_REFUSED))) {
        ata_abort(r, 0);
        return;
    }
    switch (r->feature) {
    case 0:
        r->lba = h->native - 1;
        break;
    case 1:
        if (h->amac_frozen || h->changed || r->lba >= h->native || h->native > real) {
            ata_abort(r, 0);
            break;
        }
        h->max = r->lba + 1;
        h->changed = 1;
        break;
    case 2:
        h->amac_frozen = 1;
        break;
    default:
        ata_abort(r, 0);
    }
}

static void dco_identify(const struct model *m, uint8_t *data, size_t len)
{
    uint8_t block[512] = {0};
    uint64_t real = m->controller.capacity / m->controller.block;
    put_le(block, 2, 2);        /* revision */
    put_le(block + 2, 2, 7);    /* multiword DMA */
    put_le(block + 4, 2, 0x7f); /* ultra DMA */
    put_le(block + 6, 8, real - 1);
    put_le(block + 14, 2, 0x00b7); /* SMART, security, HPA, LBA48 ... */
    block[510] = 0xa5;
    uint8_t sum = 0;
    for (unsigned i = 0; i < 511; i++)
        sum = (uint8_t)(sum + block[i]);
    block[511] = (uint8_t)-sum;
    memcpy(data, block, len < sizeof(block) ? len : sizeof(block));
}

static void overlay(struct model *m, struct ata_registers *r, uint8_t *data, size_t len)
{
    struct hidden *h = &m->state->hidden;
    uint64_t real = m->controller.capacity / m->controller.block;
    unsigned feature = r->feature & 0xff;
    if (!model_has(m, FEATURE_DCO) || h->dco_frozen || m->state->security.locked) {
        ata_abort(r, 0);
        return;
    }
    switch (feature) {
    case 0xc0: /* RESTORE: not while a SET MAX limit exists */
        if (h->max != h->native || h->volatile_max)
            ata_abort(r, 0);
        else
            h->native = h->max = real;
        break;
    case 0xc1:
        h->dco_frozen = 1;
        break;
    case 0xc2:
        dco_identify(m, data, len);
        break;
    case 0xc3: /* SET */
        if (len < 512 || h->max != h->native || get_le(data + 6, 8) >= real) {
            ata_abort(r, 0);
            break;
        }
        h->native = h->max = get_le(data + 6, 8) + 1;
        break;
    default:
        ata_abort(r, 0);
    }
}

void ata_hidden(struct model *m, struct ata_registers *r, uint8_t *data, size_t len)
{
    struct hidden *h = &m->state->hidden;
    bool hpa = model_has(m, FEATURE_HPA);
    if (r->command == 0x78) {
        accessible(m, r);
        return;
    }
    if (r->command == 0xb1) {
        overlay(m, r, data, len);
        return;
    }
    if (!hpa ||
        ((r->command == 0x27 || r->command == 0xf8) && model_has(m, FEATURE_NATIVE_MAX_REFUSED))) {
        ata_abort(r, 0);
        return;
    }
    uint64_t short_lba = (r->lba & 0xffffff) | (uint64_t)(r->device & 15) << 24;
    switch (r->command) {
    case 0x27:
        r->lba = h->native - 1;
        h->native_was_read = 1;
        break;
    case 0xf8:
        short_lba = h->native - 1 < 0x0fffffff ? h->native - 1 : 0x0fffffff;
        r->lba = short_lba & 0xffffff;
        r->device = (uint8_t)((r->device & 0xf0) | (short_lba >> 24 & 15));
        h->native_was_read = 1;
        break;
    case 0x37:
        set_max(m, r, r->lba, r->count & 1);
        break;
    default: /* F9h: feature 0 sets the address, others are passwords and locks */
        if (r->feature & 0xff)
            ata_abort(r, 0);
        else
            set_max(m, r, short_lba, r->count & 1);
    }
}
