/* SPDX-License-Identifier: Apache-2.0 */
/* An ATA drive by its registers (ACS-3; facts/drives.md A2). */
#include "base/text.h"
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <errno.h>

void ata_power_on(struct model *m)
{
    struct model_state *s = m->state;
    const struct controller *c = &m->controller;
    bool first = s->cycles == 1;
    if (first) {
        s->hidden.native = (c->dco ? c->dco : c->capacity) / c->block;
        s->hidden.max = c->hpa ? c->hpa / c->block : s->hidden.native;
        s->security.enabled = c->password[0] != '\0';
        s->security.max_level = model_has(m, FEATURE_MAX_LEVEL);
        memcpy(s->security.user, c->password, 32);
        s->sanitize.status = model_has(m, FEATURE_SANITIZED_BEFORE) ? 1 : 0;
    }
    if (!first && c->hpa && model_strike(m, LIE_HIDDEN_RETURNS, OPERATION_NONE))
        s->hidden.max = c->hpa / c->block;
    s->hidden.volatile_max = 0;
    s->hidden.changed = s->hidden.amac_frozen = 0;
    s->hidden.dco_frozen =
        model_has(m, FEATURE_DCO_FROZEN_AT_BOOT) || (first && model_has(m, FEATURE_DCO_FROZEN));
    s->hidden.native_was_read = 0;
    s->security.locked = s->security.enabled;
    s->security.frozen =
        model_has(m, FEATURE_FROZEN_AT_BOOT) || (first && model_has(m, FEATURE_FROZEN));
    s->security.expired = s->security.prepared = s->security.tries = 0;
    s->sanitize.frozen = first && model_has(m, FEATURE_SANITIZE_FROZEN);
    s->sanitize.antifreeze = 0;
}

static void text_words(uint8_t *out, size_t words, const char *text)
{
    put_text(out, words * 2, text);
    for (size_t i = 0; i < words * 2; i += 2) {
        uint8_t first = out[i];
        out[i] = out[i + 1];
        out[i + 1] = first;
    }
}

static void word(uint8_t *id, unsigned number, unsigned value)
{
    put_le(id + (size_t)number * 2, 2, value);
}

static unsigned bit(const struct model *m, enum feature_number feature, unsigned number)
{
    return model_has(m, feature) ? 1u << number : 0;
}

static void identify_features(const struct model *m, uint8_t *id)
{
    const struct security *sec = &m->state->security;
    bool sanitize = model_has(m, FEATURE_SANITIZE_CRYPTO) || model_has(m, FEATURE_SANITIZE_BLOCK) ||
                    model_has(m, FEATURE_SANITIZE_OVERWRITE);
    unsigned hpa = bit(m, FEATURE_HPA, 10), dco = bit(m, FEATURE_DCO, 11);
    word(id, 59,
         bit(m, FEATURE_SANITIZE_BLOCK, 15) | bit(m, FEATURE_SANITIZE_OVERWRITE, 14) |
             bit(m, FEATURE_SANITIZE_CRYPTO, 13) | (sanitize ? 1u << 12 : 0) |
             (sanitize ? bit(m, FEATURE_ANTIFREEZE, 10) : 0));
    word(id, 82, 0x4061 | bit(m, FEATURE_SECURITY, 1) | hpa); /* NOP, cache, look-ahead, SMART */
    word(id, 83, 0x7400 | dco); /* LBA48, FLUSH CACHE and EXT; 15:14 = 01 */
    word(id, 84, 0x4063);       /* SMART log and self-test, GPL */
    word(id, 85, 0x4061 | (sec->enabled ? 2u : 0) | hpa);
    word(id, 86, 0xb400 | dco); /* as 83, and b15: words 119 and 120 are valid */
    word(id, 87, 0x4063);
    word(id, 119, 0x4000 | bit(m, FEATURE_AMAC, 8));
    word(id, 120, 0x4000 | bit(m, FEATURE_AMAC, 8));
    unsigned zones = bit(m, FEATURE_SHINGLED, 1) | bit(m, FEATURE_HOST_AWARE, 0);
    word(id, 69, zones);
    if (model_has(m, FEATURE_TRIM)) {
        word(id, 69, 1u << 14 | 1u << 5 | zones);
        word(id, 105, 8);
        word(id, 169, 1);
    }
    if (tcg_is_there(m))
        word(id, 48, 0x4001); /* Trusted Computing */
    if (!model_has(m, FEATURE_SECURITY))
        return;
    /* In units of two minutes, from 1. */
    unsigned minutes = (unsigned)(m->controller.duration_ms / 120000 + 1);
    word(id, 89, minutes > 255 ? 255 : minutes);
    word(id, 90, minutes > 255 ? 255 : minutes);
    word(id, 92, 0xfffe);
    word(id, 128,
         1u | (sec->enabled ? 2u : 0) | (sec->locked ? 4u : 0) | (sec->frozen ? 8u : 0) |
             (sec->expired ? 16u : 0) | bit(m, FEATURE_ENHANCED_ERASE, 5) |
             (sec->enabled && sec->max_level ? 1u << 8 : 0));
}

void ata_identify(struct model *m, uint8_t id[512])
{
    const struct controller *c = &m->controller;
    uint64_t blocks = model_blocks(m);
    char serial[96], wwn[17];
    uint64_t name = 0;
    memset(id, 0, 512);
    model_serial(m, serial);
    word(id, 0, 0x0040);
    word(id, 1, 16383);
    word(id, 3, 16);
    word(id, 6, 63);
    text_words(id + 20, 10, serial);
    text_words(id + 46, 4, c->revision);
    text_words(id + 54, 20, c->model);
    word(id, 47, 0x8010);
    word(id, 49, 0x2f00);
    word(id, 50, 0x4000);
    word(id, 53, 0x0006);
    put_le(id + 120, 4, blocks < 0x0fffffff ? blocks : 0x0fffffff);
    word(id, 63, 0x0007);
    word(id, 64, 0x0003);
    word(id, 75, 31);
    word(id, 76, 0x010e); /* SATA 1 to 3, NCQ */
    word(id, 80, 0x07f0); /* to ACS-3 */
    word(id, 88, 0x407f);
    put_le(id + 200, 8, blocks);
    if (c->block == 4096) {
        word(id, 106, 0x5000);
        put_le(id + 234, 4, 2048);
    } else {
        word(id, 106, 0x6003); /* eight to a physical one */
    }
    lethe_text_format(wwn, sizeof(wwn), "%.16s", c->wwn);
    for (const char *at = wwn; *at; at++)
        name = name << 4 |
               (uint64_t)((*at | 0x20) >= 'a' ? ((*at | 0x20) - 'a' + 10) & 15 : (*at - '0') & 15);
    if (name) {
        for (unsigned i = 0; i < 4; i++)
            word(id, 108 + i, (unsigned)(name >> (48 - 16 * i)) & 0xffff);
    }
    identify_features(m, id);
    if (name) {
        word(id, 84, 0x4163);
        word(id, 87, 0x4163);
    }
    word(id, 217, c->magnetic ? 7200 : 1);
    word(id, 222, 0x10ff);
    id[510] = 0xa5;
    uint8_t sum = 0;
    for (unsigned i = 0; i < 511; i++)
        sum = (uint8_t)(sum + id[i]);
    id[511] = (uint8_t)-sum;
}

static void give(uint8_t *out, size_t len, const uint8_t *data, size_t n)
{
    memcpy(out, data, n < len ? n : len);
}

static void identify_device(struct model *m, uint8_t *data, size_t len)
{
    uint8_t id[512];
    if (model_strike(m, LIE_STALE_IDENTIFY, OPERATION_NONE))
        memcpy(id, m->state->identify, sizeof(id));
    else
        ata_identify(m, id);
    give(data, len, id, sizeof(id));
}

/* Moves sectors; LBA and count by the registers. */
static void transfer(struct model *m, struct ata_registers *r, bool write, bool extended,
                     uint8_t *data, size_t len)
{
    uint32_t block = m->controller.block;
    uint64_t lba = extended ? r->lba : (r->lba & 0xffffff) | (uint64_t)(r->device & 15) << 24;
    uint64_t count = extended ? r->count : r->count & 0xff;
    count = count ? count : extended ? 65536 : 256;
    if (lba + count > model_blocks(m) || count * block > len) {
        ata_abort(r, 0x10); /* IDNF */
        return;
    }
    ssize_t n = write ? model_write(m, data, (size_t)count * block, lba * block)
                      : model_read(m, data, (size_t)count * block, lba * block);
    if (n == -EACCES || n == -EBUSY)
        ata_abort(r, 0);
    else if (n < 0)
        ata_abort(r, 0x40); /* UNC */
}

/* DATA SET MANAGEMENT, TRIM: reads zero by mapping; the flash keeps it. */
static void trim(struct model *m, struct ata_registers *r, const uint8_t *data, size_t len)
{
    uint32_t block = m->controller.block;
    if (!model_has(m, FEATURE_TRIM) || (r->feature & 1) == 0 || m->state->security.locked) {
        ata_abort(r, 0);
        return;
    }
    for (size_t i = 0; i + 8 <= len; i += 8) {
        uint64_t entry = get_le(data + i, 8), lba = entry & 0xffffffffffff, n = entry >> 48;
        if (n == 0)
            continue;
        if (lba + n > model_blocks(m)) {
            ata_abort(r, 0x10);
            return;
        }
        (void)medium_fill(m, m->data, lba * block, (lba + n) * block, 0, FILL_ZEROS, 0);
    }
}

static void trusted(struct model *m, struct ata_registers *r, bool in, uint8_t *data, size_t len)
{
    unsigned protocol = r->feature & 0xff, comid = (unsigned)(r->lba >> 8) & 0xffff;
    size_t wanted = (size_t)((r->count & 0xff) | (r->lba & 0xff) << 8) * 512;
    len = wanted < len ? wanted : len;
    int rc = !tcg_is_there(m) ? -EINVAL
             : in             ? tcg_receive(m, protocol, comid, data, len)
                              : tcg_send(m, protocol, comid, data, len);
    if (rc < 0)
        ata_abort(r, 0);
}

/* While a sanitize runs or has failed, little else is answered (ACS-3 4.18). */
static bool barred(const struct model *m, const struct ata_registers *r)
{
    switch (r->command) {
    case 0xec: /* IDENTIFY */
    case 0xb4: /* SANITIZE DEVICE */
    case 0x2f: /* READ LOG */
    case 0xb0: /* SMART */
    case 0xe5: /* CHECK POWER MODE */
    case 0xe0: /* STANDBY IMMEDIATE */
    case 0xe1: /* IDLE IMMEDIATE */
        return false;
    default:
        return m->state->sanitize.status == 2 || m->state->sanitize.status == 3;
    }
}

int ata_command(struct model *m, struct ata_registers *r, enum lethe_direction direction,
                uint8_t *data, size_t len, unsigned timeout_ms)
{
    struct model_state *s = m->state;
    int rc = 0;
    bool in = direction == LETHE_DATA_IN, out = direction == LETHE_DATA_OUT;
    /* ERASE PREPARE counts for the very next command only. */
    bool prepared = s->security.prepared && r->command == 0xf4;
    s->security.prepared = prepared;
    r->status = 0x50;
    r->error = 0;
    if (barred(m, r)) {
        ata_abort(r, 0);
        return 0;
    }
    switch (r->command) {
    case 0xec:
        identify_device(m, data, in ? len : 0);
        break;
    case 0x20: /* READ, DMA, EXT and FPDMA-less */
    case 0xc8:
        transfer(m, r, false, false, data, in ? len : 0);
        break;
    case 0x24:
    case 0x25:
        transfer(m, r, false, true, data, in ? len : 0);
        break;
    case 0x30:
    case 0xca:
        transfer(m, r, true, false, data, out ? len : 0);
        break;
    case 0x34:
    case 0x35:
    case 0x3d: /* DMA FUA EXT */
        transfer(m, r, true, true, data, out ? len : 0);
        break;
    case 0x06:
        trim(m, r, data, out ? len : 0);
        break;
    case 0xe7: /* FLUSH CACHE, EXT */
    case 0xea:
        if (lethe_io_sync(m->io.lower) < 0)
            ata_abort(r, 0);
        break;
    case 0xe5:
        r->count = 0xff; /* active */
        break;
    case 0xe0:
    case 0xe1:
    case 0xe2:
    case 0xe3:
    case 0xef: /* SET FEATURES */
    case 0x40: /* READ VERIFY */
    case 0x42:
        break;
    case 0xf1:
    case 0xf2:
    case 0xf3:
    case 0xf4:
    case 0xf5:
    case 0xf6:
        ata_security(m, r, data, out ? len : 0, timeout_ms, &rc);
        break;
    case 0xb4:
        ata_sanitize(m, r);
        break;
    case 0x27:
    case 0xf8:
    case 0x37:
    case 0xf9:
    case 0x78:
    case 0xb1:
        ata_hidden(m, r, data, direction == LETHE_DATA_NONE ? 0 : len);
        break;
    case 0x2f:
    case 0x47: /* READ LOG DMA EXT */
    case 0xb0:
        if (!ata_log(m, r, data, in ? len : 0))
            ata_abort(r, 0);
        break;
    case 0x5c:
    case 0x5d:
        trusted(m, r, true, data, in ? len : 0);
        break;
    case 0x5e:
    case 0x5f:
        trusted(m, r, false, data, out ? len : 0);
        break;
    default:
        ata_abort(r, 0);
    }
    if (r->command != 0xf3)
        s->security.prepared = 0;
    return rc;
}
