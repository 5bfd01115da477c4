/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of TCG sessions as a PSID revert takes. Opal, Pyrite and Ruby (Opal 2.01 and its kin): a
 * session is opened as PSID, and Revert is of the Admin SP. Enterprise (SSC 3.00): a session is
 * opened as anybody, parameters have names and not numbers, Authenticate tells in its result
 * whether it was believed, and RevertSP is of the SP that the session is with.
 */
#include "emu/model/bytes.h"
#include "emu/model/tcg_token.h"
#include <errno.h>

#define TSN 0x1001

static const uint8_t THIS_SP[8] = {0, 0, 0, 0, 0, 0, 0, 1};
static const uint8_t ADMIN_SP[8] = {0, 0, 2, 5, 0, 0, 0, 1};
static const uint8_t PSID[8] = {0, 0, 0, 9, 0, 1, 0xff, 1};
static const uint8_t SESSION_MANAGER[8] = {0, 0, 0, 0, 0, 0, 0, 0xff};
static const uint8_t PROPERTIES[8] = {0, 0, 0, 0, 0, 0, 0xff, 1};
static const uint8_t START_SESSION[8] = {0, 0, 0, 0, 0, 0, 0xff, 2};
static const uint8_t SYNC_SESSION[8] = {0, 0, 0, 0, 0, 0, 0xff, 3};
static const uint8_t REVERT[8] = {0, 0, 0, 6, 0, 0, 2, 2};
static const uint8_t AUTHENTICATE[8] = {0, 0, 0, 6, 0, 0, 0, 0x0c};
static const uint8_t REVERT_SP[8] = {0, 0, 0, 6, 0, 0, 0, 0x11};

enum { NOT_AUTHORIZED = 0x01, INVALID_PARAMETER = 0x0c, INVALID_REFERENCE = 0x0d, FAIL = 0x3f };

bool tcg_encrypts(const struct model *m)
{
    return !model_has(m, FEATURE_PYRITE) && !model_has(m, FEATURE_PYRITE2);
}

/* An answer of nothing but a status. */
static void answer(struct tcg *t, unsigned status, uint32_t tsn, uint32_t hsn)
{
    struct reply r = {.len = 0};
    tcg_add(&r, TCG_START_LIST);
    tcg_add(&r, TCG_END_LIST);
    tcg_add_status(&r, status);
    tcg_reply(t, &r, tsn, hsn);
}

static void properties(struct tcg *t)
{
    struct reply r = {.len = 0};
    tcg_add(&r, TCG_CALL);
    tcg_add_uid(&r, SESSION_MANAGER);
    tcg_add_uid(&r, PROPERTIES);
    tcg_add(&r, TCG_START_LIST);
    tcg_add(&r, TCG_START_LIST); /* one of them: MaxComPacketSize */
    tcg_add(&r, TCG_START_NAME);
    tcg_add(&r, 0xd0);
    tcg_add(&r, 16);
    for (const char *at = "MaxComPacketSize"; *at; at++)
        tcg_add(&r, (uint8_t)*at);
    tcg_add_number(&r, 2048);
    tcg_add(&r, TCG_END_NAME);
    tcg_add(&r, TCG_END_LIST);
    tcg_add(&r, TCG_END_LIST);
    tcg_add_status(&r, 0);
    tcg_reply(t, &r, 0, 0);
}

/* The value of the parameter that is named from K[FROM] on: by NUMBER, or by NAME. */
static const struct token *named(const struct token *k, int n, int from, unsigned number,
                                 const char *name)
{
    for (int i = from; i + 3 < n; i++)
        if (tcg_is_control(&k[i], TCG_START_NAME) && tcg_is_control(&k[i + 3], TCG_END_NAME) &&
            (name ? k[i + 1].bytes && k[i + 1].len == strlen(name) &&
                        memcmp(k[i + 1].data, name, k[i + 1].len) == 0
                  : !k[i + 1].bytes && k[i + 1].number == number))
            return &k[i + 2];
    return NULL;
}

static bool is_psid(const struct model *m, const struct token *proof)
{
    const char *psid = m->controller.psid;
    return psid[0] && proof && proof->bytes && proof->len == strlen(psid) &&
           memcmp(proof->data, psid, proof->len) == 0;
}

/* StartSession(HostSessionID, SPID, Write, ...): [0: HostChallenge], [3: HostSigningAuthority], or
 * Enterprise ["SessionTimeout"]. */
static void start_session(struct model *m, const struct token *k, int n)
{
    struct tcg *t = &m->state->tcg;
    struct reply r = {.len = 0};
    bool enterprise = model_has(m, FEATURE_ENTERPRISE);
    const struct token *authority = named(k, n, 7, 3, NULL);
    if (n < 7 || k[4].control || !tcg_is_uid(&k[5], ADMIN_SP) || (enterprise && authority)) {
        answer(t, INVALID_PARAMETER, 0, 0);
        return;
    }
    bool proved = !enterprise && authority && tcg_is_uid(authority, PSID) &&
                  is_psid(m, named(k, n, 7, 0, NULL));
    if (t->blocked || !(proved || enterprise)) {
        answer(t, NOT_AUTHORIZED, 0, 0);
        return;
    }
    t->authenticated = proved;
    t->session = TSN;
    t->host_session = (uint32_t)k[4].number;
    tcg_add(&r, TCG_CALL);
    tcg_add_uid(&r, SESSION_MANAGER);
    tcg_add_uid(&r, SYNC_SESSION);
    tcg_add(&r, TCG_START_LIST);
    tcg_add_number(&r, t->host_session);
    tcg_add_number(&r, TSN);
    tcg_add(&r, TCG_END_LIST);
    tcg_add_status(&r, 0);
    tcg_reply(t, &r, 0, 0);
}

/* Authenticate(Authority, ["Challenge"]): a wrong proof is a success with the result FALSE. */
static void authenticate(struct model *m, const struct token *k, int n)
{
    struct tcg *t = &m->state->tcg;
    struct reply r = {.len = 0};
    if (n < 5 || !tcg_is_uid(&k[4], PSID)) {
        answer(t, INVALID_REFERENCE, TSN, t->host_session);
        return;
    }
    t->authenticated = is_psid(m, named(k, n, 5, 0, "Challenge"));
    tcg_add(&r, TCG_START_LIST);
    tcg_add(&r, t->authenticated);
    tcg_add(&r, TCG_END_LIST);
    tcg_add_status(&r, 0);
    tcg_reply(t, &r, TSN, t->host_session);
}

/* Who encrypts, throws the key away. Pyrite 1 only opens, and the data stays (facts A6); Pyrite 2
 * removes it by the mechanism that it tells of: here, block erase. */
static int revert(struct model *m)
{
    struct tcg *t = &m->state->tcg;
    bool removes = model_has(m, FEATURE_PYRITE2);
    struct operation o = operation_new(m, OPERATION_REVERT,
                                       tcg_encrypts(m) ? FILL_RANDOM
                                       : removes       ? FILL_ZEROS
                                                       : FILL_NOTHING);
    if (!tcg_encrypts(m) && !removes)
        o.areas = 0;
    uint32_t hsn = t->host_session;
    int rc = operation_start(m, &o);
    if (rc == 0)
        rc = operation_wait(m, 0);
    if (rc == -ENODEV)
        return rc;
    t->session = t->authenticated = 0; /* the session ends with it */
    if (rc == 0 && !model_strike(m, LIE_LOCKED_AGAIN, OPERATION_REVERT)) {
        t->locked = 0;
        t->reverted = 1;
    }
    answer(t, rc < 0 ? FAIL : 0, TSN, hsn);
    return 0;
}

int tcg_call(struct model *m, const struct token *k, int n, uint32_t tsn)
{
    struct tcg *t = &m->state->tcg;
    bool enterprise = model_has(m, FEATURE_ENTERPRISE), within = t->session && tsn == TSN;
    if (n < 4 || !tcg_is_control(&k[0], TCG_CALL) || !k[1].bytes || !k[2].bytes ||
        !tcg_is_control(&k[3], TCG_START_LIST)) {
        answer(t, INVALID_PARAMETER, tsn, t->host_session);
    } else if (tcg_is_uid(&k[1], SESSION_MANAGER) && tcg_is_uid(&k[2], PROPERTIES)) {
        properties(t);
    } else if (tcg_is_uid(&k[1], SESSION_MANAGER) && tcg_is_uid(&k[2], START_SESSION)) {
        start_session(m, k, n);
    } else if (enterprise && within && tcg_is_uid(&k[1], THIS_SP) &&
               tcg_is_uid(&k[2], AUTHENTICATE)) {
        authenticate(m, k, n);
    } else if (within && t->authenticated && tcg_is_uid(&k[1], enterprise ? THIS_SP : ADMIN_SP) &&
               tcg_is_uid(&k[2], enterprise ? REVERT_SP : REVERT)) {
        return revert(m);
    } else {
        answer(t, NOT_AUTHORIZED, tsn, t->host_session);
    }
    return 0;
}
