/* SPDX-License-Identifier: Apache-2.0 */
/* NVMe admin commands (NVMe 1.4; facts/drives.md A4). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <errno.h>

/* SCT << 8 | SC */
enum {
    INVALID_OPCODE = 0x001,
    INVALID_FIELD = 0x002,
    INTERNAL = 0x006,
    ABORTED = 0x007,
    INVALID_NAMESPACE = 0x00b,
    DENIED = 0x015,
    SANITIZE_FAILED = 0x01c,
    SANITIZE_RUNS = 0x01d,
    FORMAT_RUNS = 0x084,
    INVALID_FORMAT = 0x10a,
    NO_CAPACITY = 0x115,
    NO_NSID = 0x116,
    IS_ATTACHED = 0x118,
    NOT_ATTACHED = 0x11a,
    DNR = 0x4000
};

struct admin {
    const uint8_t *command;
    uint32_t nsid, dw[6]; /* CDW10 to 15 */
    uint8_t *data;
    size_t len;
    bool in;
    unsigned timeout_ms;
    uint32_t result;
    int rc;
};

void nvme_power_on(struct model *m)
{
    struct model_state *s = m->state;
    if (m->controller.kind != MODEL_NVME || s->cycles != 1)
        return;
    s->namespaces[0] = (struct namespace_){1, 1};
    for (size_t i = 0; i < m->controller.n_areas; i++)
        if (m->controller.areas[i].use == AREA_NAMESPACE)
            s->namespaces[m->controller.areas[i].number - 1] = (struct namespace_){1, 1};
    if (model_has(m, FEATURE_SANITIZED_BEFORE)) {
        s->sanitize.status = 1;
        s->sanitize.command = 2;
    }
}

uint64_t nvme_size(const struct model *m, uint32_t nsid)
{
    if (nsid == 1)
        return m->controller.capacity;
    for (size_t i = 0; i < m->controller.n_areas; i++)
        if (m->controller.areas[i].use == AREA_NAMESPACE && m->controller.areas[i].number == nsid)
            return m->controller.areas[i].size;
    return 0;
}

static bool allocated(const struct model *m, uint32_t nsid)
{
    return nsid >= 1 && nsid <= NVME_NAMESPACES_MAX && nvme_size(m, nsid) > 0 &&
           m->state->namespaces[nsid - 1].exists;
}

static uint16_t identify(struct model *m, struct admin *a)
{
    uint8_t out[4096];
    uint16_t status = 0;
    size_t n = nvme_identify(m, a->dw[0] & 0xff, a->nsid, out, &status);
    if (status == 0 && a->in)
        memcpy(a->data, out, n < a->len ? n : a->len);
    return status;
}

static uint16_t get_log(struct model *m, struct admin *a)
{
    uint8_t out[4096] = {0};
    size_t n = 0, wanted = (((size_t)a->dw[0] >> 16 | (size_t)(a->dw[1] & 0xffff) << 16) + 1) * 4;
    uint64_t offset = a->dw[2] | (uint64_t)a->dw[3] << 32;
    uint16_t status = nvme_log(m, a->dw[0] & 0xff, out, &n);
    if (status || !a->in)
        return status ? status : INVALID_FIELD | DNR;
    if (offset > n || offset % 4)
        return INVALID_FIELD | DNR;
    wanted = wanted < a->len ? wanted : a->len;
    memset(a->data, 0, wanted);
    memcpy(a->data, out + offset, n - offset < wanted ? n - (size_t)offset : wanted);
    return 0;
}

static uint16_t ended(struct admin *a, int rc)
{
    if (rc == -EIO)
        return INTERNAL;
    if (rc == -ECONNRESET)
        return ABORTED;
    a->rc = rc;
    return 0;
}

static uint16_t format(struct model *m, struct admin *a)
{
    unsigned ses = a->dw[0] >> 9 & 7;
    bool all = a->nsid == UINT32_MAX || model_has(m, FEATURE_FORMAT_ALL);
    bool pretended = ses == 2 && !model_has(m, FEATURE_FORMAT_CRYPTO);
    struct operation o = operation_new(m, OPERATION_FORMAT, FILL_NOTHING);
    if (!model_has(m, FEATURE_FORMAT))
        return INVALID_OPCODE | DNR;
    if (a->nsid == UINT32_MAX && model_has(m, FEATURE_FORMAT_SINGLE))
        return INVALID_FIELD | DNR;
    if (!all && !allocated(m, a->nsid))
        return INVALID_NAMESPACE | DNR;
    if ((a->dw[0] & 15) != 0)
        return INVALID_FORMAT | DNR;
    if (ses > 2 || (pretended && !model_lie(m, LIE_CRYPTO_PRETENDED, OPERATION_FORMAT)))
        return INVALID_FIELD | DNR;
    o.namespace_ = all ? 0 : a->nsid;
    o.command = a->dw[0];
    if (ses == 0)
        o.areas = 0;
    else if (ses == 1)
        o.fill = model_has(m, FEATURE_ONES) ? FILL_ONES : FILL_ZEROS;
    else
        o.fill = pretended ? FILL_ZEROS : FILL_RANDOM;
    if (pretended) { /* success, and nothing but the mapping is gone */
        (void)model_strike(m, LIE_CRYPTO_PRETENDED, OPERATION_FORMAT);
        o.areas = 0;
    }
    if (operation_start(m, &o) < 0)
        return INTERNAL;
    return ended(a, operation_wait(m, a->timeout_ms));
}

static uint16_t sanitize(struct model *m, struct admin *a)
{
    struct sanitize_log *log = &m->state->sanitize;
    static const enum feature_number needs[] = {FEATURE_SANITIZE_BLOCK, FEATURE_SANITIZE_OVERWRITE,
                                                FEATURE_SANITIZE_CRYPTO};
    unsigned action = a->dw[0] & 7;
    bool ause = a->dw[0] >> 3 & 1, nodealloc = a->dw[0] >> 9 & 1;
    if (!model_has(m, needs[0]) && !model_has(m, needs[1]) && !model_has(m, needs[2]))
        return INVALID_OPCODE | DNR;
    if (log->status == 2)
        return SANITIZE_RUNS;
    if (action == 1) {
        if (log->status == 3 && !log->unrestricted)
            return SANITIZE_FAILED;
        log->status = log->status == 3 ? 0 : log->status;
        return 0;
    }
    if (action < 2 || action > 4 || !model_has(m, needs[action - 2]) ||
        (nodealloc && model_has(m, FEATURE_NO_NODEALLOC)))
        return INVALID_FIELD | DNR;
    if (log->status == 3 && !log->unrestricted && ause)
        return SANITIZE_FAILED;
    struct operation o = operation_new(m, OPERATION_SANITIZE, FILL_RANDOM);
    if (action == 2)
        o.fill = model_has(m, FEATURE_ONES) ? FILL_ONES : FILL_ZEROS;
    if (action == 3) {
        unsigned passes = a->dw[0] >> 4 & 15 ? a->dw[0] >> 4 & 15 : 16;
        bool inverted = (a->dw[0] >> 8 & 1) && passes % 2 == 0;
        o.fill = FILL_PATTERN;
        o.key = __builtin_bswap32(inverted ? ~a->dw[1] : a->dw[1]);
    }
    o.unreadable = (action == 2 && model_has(m, FEATURE_WABEREQ)) ||
                   (action == 4 && model_has(m, FEATURE_WACEREQ));
    o.command = a->dw[0];
    o.unrestricted = ause;
    return operation_start(m, &o) < 0 ? INTERNAL : 0;
}

static uint16_t manage(struct model *m, struct admin *a)
{
    struct model_state *s = m->state;
    if (!model_has(m, FEATURE_NAMESPACES))
        return INVALID_OPCODE | DNR;
    if ((a->dw[0] & 15) == 1) { /* delete: its data stays where it was */
        bool any = false;
        for (uint32_t nsid = 1; nsid <= NVME_NAMESPACES_MAX; nsid++) {
            if (!allocated(m, nsid) || (a->nsid != UINT32_MAX && a->nsid != nsid))
                continue;
            s->namespaces[nsid - 1] = (struct namespace_){0, 0};
            any = true;
        }
        return any || a->nsid == UINT32_MAX ? 0 : INVALID_NAMESPACE | DNR;
    }
    if ((a->dw[0] & 15) != 0 || a->in || a->len < 16)
        return INVALID_FIELD | DNR;
    for (uint32_t nsid = 1; nsid <= NVME_NAMESPACES_MAX; nsid++) {
        uint64_t size = nvme_size(m, nsid) / m->controller.block;
        if (size == 0 || allocated(m, nsid) || size != get_le(a->data, 8))
            continue;
        s->namespaces[nsid - 1].exists = 1;
        a->result = nsid;
        return 0;
    }
    return NO_CAPACITY | DNR;
}

static uint16_t attach(struct model *m, struct admin *a)
{
    if (!model_has(m, FEATURE_NAMESPACES))
        return INVALID_OPCODE | DNR;
    if (!allocated(m, a->nsid))
        return INVALID_NAMESPACE | DNR;
    struct namespace_ *ns = &m->state->namespaces[a->nsid - 1];
    switch (a->dw[0] & 15) {
    case 0:
        if (ns->attached)
            return IS_ATTACHED | DNR;
        ns->attached = 1;
        return 0;
    case 1:
        if (!ns->attached)
            return NOT_ATTACHED | DNR;
        ns->attached = 0;
        return 0;
    default:
        return INVALID_FIELD | DNR;
    }
}

static uint16_t features(struct model *m, struct admin *a, bool set)
{
    unsigned id = a->dw[0] & 0xff;
    (void)m;
    switch (id) {
    case 0x07: /* number of queues, 0's based both ways */
        a->result = set ? a->dw[1] : 0x00030003;
        return 0;
    case 0x06: /* volatile write cache */
        a->result = 1;
        return 0;
    case 0x01:
    case 0x02:
    case 0x04:
    case 0x05:
    case 0x0a:
    case 0x0b:
    case 0x0f:
    case 0x10:
    case 0x17:
        return 0;
    default:
        return INVALID_FIELD | DNR;
    }
}

static uint16_t security(struct model *m, struct admin *a)
{
    unsigned protocol = a->dw[0] >> 24, comid = a->dw[0] >> 8 & 0xffff;
    size_t len = a->dw[1] < a->len ? a->dw[1] : a->len;
    if (!tcg_is_there(m))
        return INVALID_OPCODE | DNR;
    int rc = a->in ? tcg_receive(m, protocol, comid, a->data, len)
                   : tcg_send(m, protocol, comid, a->data, len);
    return rc < 0 ? INVALID_FIELD | DNR : 0;
}

/* What is answered while a sanitize runs or after it failed (NVMe 1.4 8.15.1). */
static uint16_t barred(const struct model *m, unsigned opcode)
{
    switch (opcode) {
    case 0x00:
    case 0x01:
    case 0x02:
    case 0x04:
    case 0x05:
    case 0x06:
    case 0x08:
    case 0x09:
    case 0x0a:
    case 0x0c:
    case 0x18:
    case 0x84:
        return 0;
    default:
        if (m->state->sanitize.status == 2)
            return SANITIZE_RUNS;
        if (m->state->sanitize.status == 3)
            return SANITIZE_FAILED;
        return m->state->operation.running ? FORMAT_RUNS : 0;
    }
}

static uint16_t execute(struct model *m, struct admin *a)
{
    unsigned opcode = a->command[0];
    uint16_t status = barred(m, opcode);
    if (status)
        return status;
    /* Some refuse until the power has been off: the computer's firmware locked them. */
    if ((opcode == 0x80 || opcode == 0x84) && m->state->cycles == 1 &&
        model_has(m, FEATURE_REFUSES_AT_FIRST))
        return DENIED | DNR;
    switch (opcode) {
    case 0x06:
        return identify(m, a);
    case 0x02:
        return get_log(m, a);
    case 0x09:
        return features(m, a, true);
    case 0x0a:
        return features(m, a, false);
    case 0x08: /* Abort: was not */
        a->result = 1;
        return 0;
    case 0x18: /* Keep Alive */
        return 0;
    case 0x0d:
        return manage(m, a);
    case 0x15:
        return attach(m, a);
    case 0x80:
        return format(m, a);
    case 0x84:
        return sanitize(m, a);
    case 0x81:
    case 0x82:
        return a->in == (opcode == 0x82) ? security(m, a) : INVALID_FIELD | DNR;
    default:
        return INVALID_OPCODE | DNR;
    }
}

int nvme_admin(struct model *m, const uint8_t command[64], uint8_t *data, size_t len, bool in,
               unsigned timeout_ms, uint16_t *status, uint32_t *result)
{
    struct admin a = {.command = command,
                      .nsid = (uint32_t)get_le(command + 4, 4),
                      .data = data,
                      .len = len,
                      .in = in,
                      .timeout_ms = timeout_ms};
    for (size_t i = 0; i < 6; i++)
        a.dw[i] = (uint32_t)get_le(command + 40 + 4 * i, 4);
    *status = execute(m, &a);
    *result = a.result;
    return a.rc;
}
