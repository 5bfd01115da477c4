/* SPDX-License-Identifier: Apache-2.0 */
/* TCG storage: level 0 discovery, and as much of sessions as a PSID revert takes (Core 2.01, Opal
 * 2.01; facts/drives.md A6). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <errno.h>

#define COMID 0x07fe
#define TSN 0x1001
#define TOKENS_MAX 64

static const uint8_t ADMIN_SP[8] = {0, 0, 2, 5, 0, 0, 0, 1};
static const uint8_t PSID[8] = {0, 0, 0, 9, 0, 1, 0xff, 1};
static const uint8_t SESSION_MANAGER[8] = {0, 0, 0, 0, 0, 0, 0, 0xff};
static const uint8_t PROPERTIES[8] = {0, 0, 0, 0, 0, 0, 0xff, 1};
static const uint8_t START_SESSION[8] = {0, 0, 0, 0, 0, 0, 0xff, 2};
static const uint8_t REVERT[8] = {0, 0, 0, 6, 0, 0, 2, 2};

enum { NOT_AUTHORIZED = 0x01, INVALID_PARAMETER = 0x0c, FAIL = 0x3f };
enum { START_LIST = 0xf0, END_LIST, START_NAME, END_NAME, CALL = 0xf8, END_OF_DATA, END_SESSION };

struct token {
    bool control, bytes;
    uint64_t number; /* also of a control token */
    const uint8_t *data;
    size_t len;
};

void tcg_power_on(struct model *m)
{
    struct tcg *t = &m->state->tcg;
    bool first = m->state->cycles == 1;
    t->locked = model_has(m, FEATURE_TCG_LOCKED) && !t->reverted;
    t->blocked = first && model_has(m, FEATURE_BLOCK_SID);
    t->session = t->reply_len = 0;
}

/* ---- Level 0 discovery ---- */

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
    put_be(at + 4, 2, COMID);
    put_be(at + 6, 2, 1);
    return n;
}

static size_t discovery(const struct model *m, uint8_t out[256])
{
    const struct tcg *t = &m->state->tcg;
    bool encrypts = !model_has(m, FEATURE_PYRITE);
    size_t at = 48, start;
    memset(out, 0, 256);
    put_be(out + 4, 4, 1);
    start = at;
    at += feature(out + at, 0x0001, 1, 12);
    out[start + 4] = 0x11; /* synchronous, streaming */
    start = at;
    at += feature(out + at, 0x0002, 1, 12);
    out[start + 4] = (uint8_t)(1 | (model_has(m, FEATURE_TCG_LOCKED) && !t->reverted ? 2 : 0) |
                               (t->locked ? 4 : 0) | (encrypts ? 8 : 0));
    if (model_has(m, FEATURE_ENTERPRISE))
        at += subsystem(out + at, 0x0100);
    if (model_has(m, FEATURE_OPAL))
        at += subsystem(out + at, 0x0203);
    if (model_has(m, FEATURE_PYRITE))
        at += subsystem(out + at, 0x0303);
    if (model_has(m, FEATURE_RUBY))
        at += subsystem(out + at, 0x0304);
    start = at;
    at += feature(out + at, 0x0402, 1, 12);
    out[start + 4] = t->blocked ? 2 : 0;
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
    } else if (protocol == 1 && comid == COMID) {
        from = t->reply;
        n = t->reply_len < sizeof(t->reply) ? t->reply_len : sizeof(t->reply);
        t->reply_len = 0;
        if (n == 0) { /* nothing waits: an empty ComPacket */
            put_be(page + 4, 2, COMID);
            from = page;
            n = 20;
        }
    } else if (protocol != 2) {
        return -EINVAL;
    }
    memcpy(out, from, n < len ? n : len);
    return 0;
}

/* ---- Tokens ---- */

static bool atom(const uint8_t *data, size_t len, size_t *used, struct token *out)
{
    uint8_t first = data[0];
    size_t header = 1, n = 0;
    *out = (struct token){.number = first, .control = first >= 0xf0};
    if (first >= 0xf0 || first < 0x80) {
        *used = 1;
        out->number = first >= 0xf0 ? first : first & 0x3f;
        return true;
    }
    if (first < 0xc0) {
        n = first & 15;
        out->bytes = first & 0x20;
    } else if (first < 0xe0 && len >= 2) {
        header = 2;
        n = (size_t)(first & 7) << 8 | data[1];
        out->bytes = first & 0x10;
    } else if (first < 0xe4 && len >= 4) {
        header = 4;
        n = get_be(data + 1, 3);
        out->bytes = first & 2;
    } else {
        return false;
    }
    if (n > len - header)
        return false;
    out->data = data + header;
    out->len = n;
    out->number = n <= 8 ? get_be(out->data, n) : 0;
    *used = header + n;
    return true;
}

/* How many, or -1. */
static int tokens(const uint8_t *data, size_t len, struct token out[TOKENS_MAX])
{
    int n = 0;
    for (size_t at = 0, used; at < len; at += used) {
        if (data[at] == 0xff) { /* padding */
            used = 1;
            continue;
        }
        if (n == TOKENS_MAX || !atom(data + at, len - at, &used, &out[n]))
            return -1;
        n++;
    }
    return n;
}

static bool is_control(const struct token *t, unsigned which)
{
    return t->control && t->number == which;
}

static bool is_uid(const struct token *t, const uint8_t uid[8])
{
    return t->bytes && t->len == 8 && memcmp(t->data, uid, 8) == 0;
}

/* ---- Replies ---- */

struct reply {
    uint8_t data[256];
    size_t len;
};

static void add(struct reply *r, unsigned byte)
{
    if (r->len < sizeof(r->data))
        r->data[r->len++] = (uint8_t)byte;
}

static void add_uid(struct reply *r, const uint8_t uid[8])
{
    add(r, 0xa8);
    for (size_t i = 0; i < 8; i++)
        add(r, uid[i]);
}

static void add_number(struct reply *r, uint32_t number)
{
    add(r, 0x84);
    for (int shift = 24; shift >= 0; shift -= 8)
        add(r, number >> shift & 0xff);
}

static void add_status(struct reply *r, unsigned status)
{
    add(r, END_OF_DATA);
    add(r, START_LIST);
    add(r, status);
    add(r, 0);
    add(r, 0);
    add(r, END_LIST);
}

static void send_reply(struct tcg *t, const struct reply *r, uint32_t tsn, uint32_t hsn)
{
    size_t padded = (r->len + 3) & ~(size_t)3;
    memset(t->reply, 0, sizeof(t->reply));
    put_be(t->reply + 4, 2, COMID);
    put_be(t->reply + 16, 4, 36 + padded);
    put_be(t->reply + 20, 4, tsn);
    put_be(t->reply + 24, 4, hsn);
    put_be(t->reply + 40, 4, 12 + padded);
    put_be(t->reply + 52, 4, r->len);
    memcpy(t->reply + 56, r->data, r->len);
    t->reply_len = (uint32_t)(56 + padded);
}

/* ---- Methods ---- */

static void fail(struct tcg *t, unsigned status, uint32_t tsn, uint32_t hsn)
{
    struct reply r = {.len = 0};
    add(&r, START_LIST);
    add(&r, END_LIST);
    add_status(&r, status);
    send_reply(t, &r, tsn, hsn);
}

static void properties(struct tcg *t)
{
    struct reply r = {.len = 0};
    add(&r, CALL);
    add_uid(&r, SESSION_MANAGER);
    add_uid(&r, PROPERTIES);
    add(&r, START_LIST);
    add(&r, START_LIST); /* one of them: MaxComPacketSize */
    add(&r, START_NAME);
    add(&r, 0xd0);
    add(&r, 16);
    for (const char *at = "MaxComPacketSize"; *at; at++)
        add(&r, (uint8_t)*at);
    add_number(&r, 2048);
    add(&r, END_NAME);
    add(&r, END_LIST);
    add(&r, END_LIST);
    add_status(&r, 0);
    send_reply(t, &r, 0, 0);
}

/* StartSession(HostSessionID, SPID, Write, [0: HostChallenge], [3: HostSigningAuthority]) */
static void start_session(struct model *m, const struct token *k, int n)
{
    struct tcg *t = &m->state->tcg;
    struct reply r = {.len = 0};
    bool psid = false, proved = false;
    if (n < 7 || k[4].control || !is_uid(&k[5], ADMIN_SP)) {
        fail(t, INVALID_PARAMETER, 0, 0);
        return;
    }
    for (int i = 7; i + 3 < n; i++) {
        if (!is_control(&k[i], START_NAME) || !is_control(&k[i + 3], END_NAME))
            continue;
        if (k[i + 1].number == 3)
            psid = is_uid(&k[i + 2], PSID);
        if (k[i + 1].number == 0 && k[i + 2].bytes)
            proved = m->controller.psid[0] && k[i + 2].len == strlen(m->controller.psid) &&
                     memcmp(k[i + 2].data, m->controller.psid, k[i + 2].len) == 0;
    }
    if (!psid || !proved || t->blocked) {
        fail(t, NOT_AUTHORIZED, 0, 0);
        return;
    }
    t->session = TSN;
    t->host_session = (uint32_t)k[4].number;
    add(&r, CALL);
    add_uid(&r, SESSION_MANAGER);
    add_uid(&r, (const uint8_t[8]){0, 0, 0, 0, 0, 0, 0xff, 3}); /* SyncSession */
    add(&r, START_LIST);
    add_number(&r, t->host_session);
    add_number(&r, TSN);
    add(&r, END_LIST);
    add_status(&r, 0);
    send_reply(t, &r, 0, 0);
}

/* With Opal the key is gone; with Pyrite there is none, and the data stays (facts A6). */
static int revert(struct model *m)
{
    struct tcg *t = &m->state->tcg;
    struct reply r = {.len = 0};
    struct operation o = operation_new(m, OPERATION_REVERT,
                                       model_has(m, FEATURE_PYRITE) ? FILL_NOTHING : FILL_RANDOM);
    if (model_has(m, FEATURE_PYRITE))
        o.areas = 0;
    uint32_t hsn = t->host_session;
    int rc = operation_start(m, &o);
    if (rc == 0)
        rc = operation_wait(m, 0);
    if (rc == -ENODEV)
        return rc;
    t->session = 0; /* the session ends with it */
    if (rc < 0) {
        fail(t, FAIL, TSN, hsn);
        return 0;
    }
    t->locked = 0;
    t->reverted = 1;
    add(&r, START_LIST);
    add(&r, END_LIST);
    add_status(&r, 0);
    send_reply(t, &r, TSN, hsn);
    return 0;
}

static int call(struct model *m, const struct token *k, int n, uint32_t tsn)
{
    struct tcg *t = &m->state->tcg;
    if (n < 4 || !is_control(&k[0], CALL) || !k[1].bytes || !k[2].bytes ||
        !is_control(&k[3], START_LIST)) {
        fail(t, INVALID_PARAMETER, tsn, t->host_session);
    } else if (is_uid(&k[1], SESSION_MANAGER) && is_uid(&k[2], PROPERTIES)) {
        properties(t);
    } else if (is_uid(&k[1], SESSION_MANAGER) && is_uid(&k[2], START_SESSION)) {
        start_session(m, k, n);
    } else if (is_uid(&k[1], ADMIN_SP) && is_uid(&k[2], REVERT) && t->session && tsn == TSN) {
        return revert(m);
    } else {
        fail(t, NOT_AUTHORIZED, tsn, t->host_session);
    }
    return 0;
}

int tcg_send(struct model *m, unsigned protocol, unsigned comid, const uint8_t *data, size_t len)
{
    struct tcg *t = &m->state->tcg;
    struct token k[TOKENS_MAX];
    if (protocol == 2)
        return 0; /* stack reset */
    if (protocol != 1 || comid != COMID || len < 56)
        return -EINVAL;
    uint32_t tsn = (uint32_t)get_be(data + 20, 4);
    size_t n_data = get_be(data + 52, 4);
    if (n_data > len - 56)
        return -EINVAL;
    int n = tokens(data + 56, n_data, k);
    if (n < 1) {
        fail(t, INVALID_PARAMETER, tsn, t->host_session);
        return 0;
    }
    if (is_control(&k[0], END_SESSION)) {
        struct reply r = {.len = 0};
        add(&r, END_SESSION);
        send_reply(t, &r, tsn, t->host_session);
        t->session = 0;
        return 0;
    }
    return call(m, k, n, tsn);
}
