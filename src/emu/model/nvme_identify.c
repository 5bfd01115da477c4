/* SPDX-License-Identifier: Apache-2.0 */
/* NVMe Identify and log pages. */
#include "emu/model/bytes.h"
#include "emu/model/model.h"

enum { INVALID_FIELD = 0x4002, INVALID_NAMESPACE = 0x400b, INVALID_LOG = 0x4109 };

static bool is_there(const struct model *m, uint32_t nsid, bool attached)
{
    return nsid >= 1 && nsid <= NVME_NAMESPACES_MAX && nvme_size(m, nsid) > 0 &&
           m->state->namespaces[nsid - 1].exists &&
           (!attached || m->state->namespaces[nsid - 1].attached);
}

static uint64_t total(const struct model *m, bool unallocated_only)
{
    uint64_t sum = m->controller.unallocated;
    for (uint32_t nsid = 1; nsid <= NVME_NAMESPACES_MAX; nsid++)
        if (!unallocated_only || !is_there(m, nsid, false))
            sum += nvme_size(m, nsid);
    return sum;
}

static uint32_t flag(const struct model *m, enum feature_number feature, unsigned number)
{
    return model_has(m, feature) ? 1u << number : 0;
}

static void controller(const struct model *m, uint8_t *out)
{
    const struct controller *c = &m->controller;
    char serial[96];
    model_serial(m, serial);
    put_le(out, 2, 0x1d1d);
    put_le(out + 2, 2, 0x1d1d);
    put_text(out + 4, 20, serial);
    put_text(out + 24, 40, c->model);
    put_text(out + 64, 8, c->revision);
    out[77] = 5; /* MDTS: 128 KiB */
    put_le(out + 78, 2, 1);
    put_le(out + 80, 4, 0x010400);
    out[111] = 1;
    put_le(out + 256, 2,
           (tcg_is_there(m) ? 1u : 0) | flag(m, FEATURE_FORMAT, 1) |
               flag(m, FEATURE_NAMESPACES, 3));
    out[258] = 3;
    out[259] = 3;
    out[260] = 2;
    out[261] = 0x06; /* effects log, extended data of Get Log Page */
    put_le(out + 266, 2, 343);
    put_le(out + 268, 2, 353);
    put_le(out + 280, 8, total(m, false));
    put_le(out + 296, 8, total(m, true));
    put_le(out + 320, 2, 10);
    put_le(out + 328, 4,
           flag(m, FEATURE_SANITIZE_CRYPTO, 0) | flag(m, FEATURE_SANITIZE_BLOCK, 1) |
               flag(m, FEATURE_SANITIZE_OVERWRITE, 2) | flag(m, FEATURE_NO_NODEALLOC, 29));
    out[512] = 0x66;
    out[513] = 0x44;
    put_le(out + 514, 2, 128);
    put_le(out + 516, 4, NVME_NAMESPACES_MAX);
    put_le(out + 520, 2, 0x000c); /* DSM, Write Zeroes */
    out[524] = (uint8_t)(flag(m, FEATURE_FORMAT_ALL, 0) | flag(m, FEATURE_FORMAT_ALL, 1) |
                         flag(m, FEATURE_FORMAT_CRYPTO, 2) | flag(m, FEATURE_FORMAT_SINGLE, 3));
    out[525] = 0x01;
    memcpy(out + 768, "nqn.2026-01.invalid.lethe:", 26);
    memcpy(out + 794, serial, strnlen(serial, 90));
}

static void names(const struct model *m, uint32_t nsid, uint8_t nguid[16], uint8_t eui[8])
{
    uint64_t hash = 0xcbf29ce484222325u;
    char serial[96];
    model_serial(m, serial);
    for (const char *at = serial; *at; at++)
        hash = (hash ^ (uint8_t)*at) * 0x100000001b3u;
    put_be(eui, 8, (hash & ~0xffu) | nsid);
    put_be(nguid, 8, hash);
    put_be(nguid + 8, 8, nsid);
}

static void name_space(const struct model *m, uint32_t nsid, uint8_t *out)
{
    uint64_t blocks = nvme_size(m, nsid) / m->controller.block;
    put_le(out, 8, blocks);
    put_le(out + 8, 8, blocks);
    put_le(out + 16, 8, blocks);
    out[33] = model_has(m, FEATURE_WABEREQ) || model_has(m, FEATURE_WACEREQ) ? 0 : 1;
    put_le(out + 48, 8, nvme_size(m, nsid));
    names(m, nsid, out + 104, out + 120);
    out[130] = m->controller.block == 4096 ? 12 : 9;
}

static void list(const struct model *m, uint32_t above, bool attached, uint8_t *out)
{
    for (uint32_t nsid = 1, n = 0; nsid <= NVME_NAMESPACES_MAX; nsid++)
        if (nsid > above && is_there(m, nsid, attached))
            put_le(out + 4u * n++, 4, nsid);
}

static void descriptors(const struct model *m, uint32_t nsid, uint8_t *out)
{
    uint8_t nguid[16], eui[8];
    names(m, nsid, nguid, eui);
    out[0] = 1; /* EUI-64 */
    out[1] = 8;
    memcpy(out + 4, eui, 8);
    out[12] = 2;
    out[13] = 16;
    memcpy(out + 16, nguid, 16);
    out[32] = 4; /* command set: NVM */
    out[33] = 1;
}

size_t nvme_identify(struct model *m, unsigned cns, uint32_t nsid, uint8_t out[4096],
                     uint16_t *status)
{
    memset(out, 0, 4096);
    switch (cns) {
    case 0x00:
    case 0x11:
        if (nsid == UINT32_MAX && cns == 0) {
            out[130] = m->controller.block == 4096 ? 12 : 9;
            break;
        }
        if (nsid == 0 || nsid > NVME_NAMESPACES_MAX)
            *status = INVALID_NAMESPACE;
        else if (is_there(m, nsid, cns == 0)) /* else all zeros: inactive */
            name_space(m, nsid, out);
        break;
    case 0x01:
        controller(m, out);
        break;
    case 0x02:
    case 0x10:
        list(m, nsid, cns == 0x02, out);
        break;
    case 0x03:
        if (is_there(m, nsid, true))
            descriptors(m, nsid, out);
        else
            *status = INVALID_NAMESPACE;
        break;
    case 0x12:
    case 0x13:
        put_le(out, 2, 1);
        put_le(out + 2, 2, 1);
        break;
    default:
        *status = INVALID_FIELD;
    }
    return 4096;
}

static void health(const struct model *m, uint8_t *out)
{
    const struct controller *c = &m->controller;
    out[0] = c->health_failed ? 0x04 : 0; /* reliability degraded */
    put_le(out + 1, 2, 310);
    out[3] = c->life_used < 100 ? (uint8_t)(100 - c->life_used) : 0;
    out[4] = 10;
    out[5] = (uint8_t)c->life_used;
    put_le(out + 32, 8, m->power->bytes_read / 512000);
    put_le(out + 48, 8, m->power->bytes_written / 512000);
    put_le(out + 64, 8, m->power->reads);
    put_le(out + 80, 8, m->power->writes);
    put_le(out + 112, 8, m->state->cycles);
    put_le(out + 128, 8, c->hours);
    put_le(out + 160, 8, c->uncorrectable); /* media and data integrity errors */
}

/* Of an overwrite, completed so far. */
static uint32_t passes(struct model *m)
{
    const struct sanitize_log *log = &m->state->sanitize;
    uint32_t all = log->command >> 4 & 15 ? log->command >> 4 & 15 : 16;
    if ((log->command & 7) != 3 || log->status == 0)
        return 0;
    return log->status == 2 ? all * operation_progress(m) >> 16 : all;
}

static void sanitize_status(struct model *m, uint8_t *out)
{
    const struct sanitize_log *log = &m->state->sanitize;
    uint64_t seconds = m->controller.duration_ms / 1000 + 1;
    bool erased = (log->status == 1 || log->status == 4) && !log->written;
    put_le(out, 2, log->status == 2 ? operation_progress(m) : 65535);
    put_le(out + 2, 2, log->status | passes(m) << 3 | (erased ? 1u << 8 : 0));
    put_le(out + 4, 4, log->command);
    for (unsigned i = 0; i < 6; i++)
        put_le(out + 8 + 4 * i, 4, i < 3 ? seconds : UINT32_MAX);
}

/* Commands supported, and effects: bit 0 supported, 1 logical blocks change, 16:18 alone. */
static void effects(const struct model *m, uint8_t *out)
{
    static const uint8_t plain[] = {0x02, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x18};
    for (size_t i = 0; i < sizeof(plain); i++)
        put_le(out + 4u * plain[i], 4, 1);
    if (model_has(m, FEATURE_FORMAT))
        put_le(out + 4 * 0x80, 4, 0x00020003);
    if (model_has(m, FEATURE_SANITIZE_BLOCK) || model_has(m, FEATURE_SANITIZE_CRYPTO))
        put_le(out + 4 * 0x84, 4, 0x00020003);
    for (unsigned i = 0; i < 3; i++)
        put_le(out + 1024 + 4 * i, 4, i == 1 ? 3 : 1);
}

uint16_t nvme_log(struct model *m, unsigned id, uint8_t out[4096], size_t *len)
{
    bool sanitizes = model_has(m, FEATURE_SANITIZE_CRYPTO) ||
                     model_has(m, FEATURE_SANITIZE_BLOCK) ||
                     model_has(m, FEATURE_SANITIZE_OVERWRITE);
    *len = 512;
    switch (id) {
    case 0x01:
    case 0x04: /* changed namespaces */
        *len = id == 0x04 ? 4096 : 64;
        return 0;
    case 0x02:
        health(m, out);
        return 0;
    case 0x03:
        out[0] = 1;
        put_text(out + 8, 8, m->controller.revision);
        return 0;
    case 0x05:
        effects(m, out);
        *len = 4096;
        return 0;
    case 0x81:
        if (!sanitizes)
            return INVALID_LOG;
        sanitize_status(m, out);
        return 0;
    default:
        return INVALID_LOG;
    }
}
