/* SPDX-License-Identifier: Apache-2.0 */
/* TCG storage: level 0 discovery, and the way to and from sessions (Core 2.01, Opal 2.01,
 * Enterprise 3.00). */
#include "emu/model/bytes.h"
#include "emu/model/tcg_token.h"
#include <errno.h>

void tcg_power_on(struct model *m)
{
    struct tcg *t = &m->state->tcg;
    bool first = m->state->cycles == 1;
    t->locked = model_has(m, FEATURE_TCG_LOCKED) && !t->reverted;
    t->blocked =
        first && (model_has(m, FEATURE_BLOCK_SID) || model_has(m, FEATURE_BLOCK_SID_UNTOLD));
    t->session = t->authenticated = t->reply_len = 0;
}

static size_t feature(uint8_t *at, unsigned code, unsigned version, size_t len)
{
    put_be(at, 2, code);
    at[2] = (uint8_t)(version << 4);
    at[3] = (uint8_t)len;
    return 4 + len;
}

static size_t subsystem(uint8_t *at, unsigned code)
{
    size_t n = feature(at, code, 1, 16);
    put_be(at + 4, 2, TCG_COMID);
    put_be(at + 6, 2, 1);
    return n;
}

static size_t discovery(const struct model *m, uint8_t out[256])
{
    const struct tcg *t = &m->state->tcg;
    bool enterprise = model_has(m, FEATURE_ENTERPRISE);
    bool owned = model_has(m, FEATURE_TCG_LOCKED) && !t->reverted;
    size_t at = 48, start;
    memset(out, 0, 256);
    put_be(out + 4, 4, 1);
    start = at;
    at += feature(out + at, 0x0001, 1, 12);
    out[start + 4] = 0x11; /* synchronous, streaming */
    start = at;
    at += feature(out + at, 0x0002, 1, 12);
    /* The Locking SP of Enterprise is never inactive: "enabled" from the factory on. */
    out[start + 4] = (uint8_t)(1 | (owned || enterprise ? 2 : 0) | (t->locked ? 4 : 0) |
                               (tcg_encrypts(m) ? 8 : 0));
    if (enterprise)
        at += subsystem(out + at, 0x0100);
    if (model_has(m, FEATURE_OPAL))
        at += subsystem(out + at, 0x0203);
    if (model_has(m, FEATURE_PYRITE))
        at += subsystem(out + at, 0x0302);
    if (model_has(m, FEATURE_PYRITE2))
        at += subsystem(out + at, 0x0303);
    if (model_has(m, FEATURE_RUBY))
        at += subsystem(out + at, 0x0304);
    bool told = !enterprise || model_has(m, FEATURE_BLOCK_SID);
    if (told && !model_has(m, FEATURE_BLOCK_SID_UNTOLD)) { /* Block SID: has the owner a PIN of his
                                                              own, is he kept out */
        start = at;
        at += feature(out + at, 0x0402, 1, 12);
        out[start + 4] = (uint8_t)((owned ? 1 : 0) | (t->blocked ? 2 : 0));
    }
    if (model_has(m, FEATURE_PYRITE2)) {
        start = at;
        at += feature(out + at, 0x0404, 1, 32);
        out[start + 6] = 2; /* data removal: block erase */
    }
    put_be(out, 4, at - 4);
    return at;
}

int tcg_receive(struct model *m, unsigned protocol, unsigned comid, uint8_t *out, size_t len)
{
    struct tcg *t = &m->state->tcg;
    uint8_t page[256] = {0};
    size_t n = 0;
    const uint8_t *from = page;
    memset(out, 0, len);
    if (protocol == 0) { /* which protocols there are */
        memcpy(page + 6, (const uint8_t[]){0, 3, 0, 1, 2}, 5);
        n = 11;
    } else if (protocol == 1 && comid == 1) {
        n = discovery(m, page);
    } else if (protocol == 1 && comid == TCG_COMID) {
        from = t->reply;
        n = t->reply_len < sizeof(t->reply) ? t->reply_len : sizeof(t->reply);
        t->reply_len = 0;
        if (n == 0) { /* nothing waits: an empty ComPacket */
            put_be(page + 4, 2, TCG_COMID);
            from = page;
            n = 20;
        }
    } else if (protocol != 2) {
        return -EINVAL;
    }
    memcpy(out, from, n < len ? n : len);
    return 0;
}

int tcg_send(struct model *m, unsigned protocol, unsigned comid, const uint8_t *data, size_t len)
{
    struct tcg *t = &m->state->tcg;
    struct token k[TCG_TOKENS_MAX];
    if (protocol == 2)
        return 0; /* stack reset */
    if (protocol != 1 || comid != TCG_COMID || len < 56)
        return -EINVAL;
    uint32_t tsn = (uint32_t)get_be(data + 20, 4);
    size_t n_data = get_be(data + 52, 4);
    if (n_data > len - 56)
        return -EINVAL;
    int n = tcg_tokens(data + 56, n_data, k);
    if (n > 0 && tcg_is_control(&k[0], TCG_END_SESSION)) {
        struct reply r = {.len = 0};
        tcg_add(&r, TCG_END_SESSION);
        tcg_reply(t, &r, tsn, t->host_session);
        t->session = t->authenticated = 0;
        return 0;
    }
    return tcg_call(m, k, n, tsn);
}
