/* SPDX-License-Identifier: Apache-2.0 */
/* The PSID revert: ComPackets of one packet with one subpacket of one method call (TCG Storage Core
 * 2.01 3.2.3, 5.2.3; Enterprise SSC 3.00). */
#include "proto/tcg.h"

#include "base/crypto.h"
#include "proto/bytes.h"
#include "proto/tcg_stream.h"

#include <string.h>

#define COM_PACKET 20
#define PACKET 24
#define SUBPACKET 12
#define HEADERS (COM_PACKET + PACKET + SUBPACKET)

#define UID 8
static const uint8_t session_manager[UID] = {0, 0, 0, 0, 0, 0, 0, 0xff};
static const uint8_t this_sp[UID] = {0, 0, 0, 0, 0, 0, 0, 0x01};
static const uint8_t admin_sp[UID] = {0, 0, 0x02, 0x05, 0, 0, 0, 0x01};
static const uint8_t authority_psid[UID] = {0, 0, 0, 0x09, 0, 0x01, 0xff, 0x01};
static const uint8_t method_start_session[UID] = {0, 0, 0, 0, 0, 0, 0xff, 0x02};
static const uint8_t method_sync_session[UID] = {0, 0, 0, 0, 0, 0, 0xff, 0x03};
static const uint8_t method_revert[UID] = {0, 0, 0, 0x06, 0, 0, 0x02, 0x02};
static const uint8_t method_revert_sp[UID] = {0, 0, 0, 0x06, 0, 0, 0, 0x11};
static const uint8_t method_authenticate[UID] = {0, 0, 0, 0x06, 0, 0, 0, 0x0c}; /* Enterprise */

int lethe_tcg_psid_clean(const char *text, char out[LETHE_TCG_PSID_MAX + 1],
                         struct lethe_error *err)
{
    int n = 0;
    out[0] = '\0';
    for (; *text; text++) {
        char c = *text;
        if (c == '-' || c == ' ')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) || n == LETHE_TCG_PSID_MAX) {
            n = -1;
            break;
        }
        out[n++] = c;
    }
    if (n != LETHE_TCG_PSID_MAX) {
        lethe_wipe(out, LETHE_TCG_PSID_MAX + 1);
        lethe_fail(err, LETHE_E_USAGE, "a PSID has 32 letters and digits");
        lethe_error_remedy(err, "scan or type what follows \"PSID\" on the label of the drive");
        return -LETHE_E_USAGE;
    }
    out[n] = '\0';
    return n;
}

/* -- writing ----------------------------------------------------------------------------------- */

static struct lethe_tcg_writer begin(uint8_t out[LETHE_TCG_PACKET_SIZE])
{
    memset(out, 0, LETHE_TCG_PACKET_SIZE);
    return (struct lethe_tcg_writer){.data = out, .len = HEADERS, .size = LETHE_TCG_PACKET_SIZE};
}

static void begin_call(struct lethe_tcg_writer *w, const uint8_t object[UID],
                       const uint8_t method[UID])
{
    lethe_tcg_put_token(w, LETHE_TCG_CALL);
    lethe_tcg_put_bytes(w, object, UID);
    lethe_tcg_put_bytes(w, method, UID);
    lethe_tcg_put_token(w, LETHE_TCG_START_LIST);
}

static void end_call(struct lethe_tcg_writer *w)
{
    lethe_tcg_put_token(w, LETHE_TCG_END_LIST);
    lethe_tcg_put_token(w, LETHE_TCG_END_OF_DATA);
    lethe_tcg_put_token(w, LETHE_TCG_START_LIST); /* status list: no error, reserved, reserved */
    for (int i = 0; i < 3; i++)
        lethe_tcg_put_uint(w, 0);
    lethe_tcg_put_token(w, LETHE_TCG_END_LIST);
}

/* The three headers, around a payload that is padded to 4 bytes. */
static void finish(struct lethe_tcg_writer *w, uint16_t com_id, uint32_t tper, uint32_t host)
{
    uint32_t payload = (uint32_t)(w->len - HEADERS), padded = (payload + 3) & ~3u;
    uint8_t *com = w->data, *packet = com + COM_PACKET, *sub = packet + PACKET;
    lethe_put_be16(com + 4, com_id);
    lethe_put_be32(com + 16, PACKET + SUBPACKET + padded);
    lethe_put_be32(packet, tper);
    lethe_put_be32(packet + 4, host);
    lethe_put_be32(packet + 20, SUBPACKET + padded);
    lethe_put_be32(sub + 8, payload);
}

int lethe_tcg_psid_start(const struct lethe_tcg_discovery *discovery, uint32_t host_session,
                         const char *psid, struct lethe_tcg_session *session,
                         uint8_t out[LETHE_TCG_PACKET_SIZE], struct lethe_error *err)
{
    size_t len = strlen(psid);
    if (discovery->com_id == 0)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "the drive has no TCG interface to talk to");
    if (len == 0 || len > LETHE_TCG_PSID_MAX || host_session == 0)
        return lethe_fail(err, LETHE_E_USAGE, "a PSID and a session number are needed");
    *session = (struct lethe_tcg_session){.com_id = discovery->com_id,
                                          .enterprise = discovery->ssc == LETHE_TCG_ENTERPRISE,
                                          .host = host_session};
    struct lethe_tcg_writer w = begin(out);
    begin_call(&w, session_manager, method_start_session);
    lethe_tcg_put_uint(&w, host_session);
    lethe_tcg_put_bytes(&w, admin_sp, UID);
    lethe_tcg_put_uint(&w, 1); /* may write */
    if (session->enterprise) { /* without it a lost session blocks the SP until power cycle */
        lethe_tcg_put_token(&w, LETHE_TCG_START_NAME);
        lethe_tcg_put_bytes(&w, "SessionTimeout", 14);
        lethe_tcg_put_uint(&w, 60000); /* ms */
        lethe_tcg_put_token(&w, LETHE_TCG_END_NAME);
    } else {
        lethe_tcg_put_token(&w, LETHE_TCG_START_NAME);
        lethe_tcg_put_uint(&w, 0); /* HostChallenge */
        lethe_tcg_put_bytes(&w, psid, len);
        lethe_tcg_put_token(&w, LETHE_TCG_END_NAME);
        lethe_tcg_put_token(&w, LETHE_TCG_START_NAME);
        lethe_tcg_put_uint(&w, 3); /* HostSigningAuthority */
        lethe_tcg_put_bytes(&w, authority_psid, UID);
        lethe_tcg_put_token(&w, LETHE_TCG_END_NAME);
    }
    end_call(&w);
    finish(&w, session->com_id, 0, 0);
    return 0;
}

int lethe_tcg_authenticate(const struct lethe_tcg_session *session, const char *psid,
                           uint8_t out[LETHE_TCG_PACKET_SIZE], struct lethe_error *err)
{
    size_t len = strlen(psid);
    if (len == 0 || len > LETHE_TCG_PSID_MAX)
        return lethe_fail(err, LETHE_E_USAGE, "a PSID is needed");
    struct lethe_tcg_writer w = begin(out);
    begin_call(&w, this_sp, method_authenticate);
    lethe_tcg_put_bytes(&w, authority_psid, UID);
    lethe_tcg_put_token(&w, LETHE_TCG_START_NAME);
    lethe_tcg_put_bytes(&w, "Challenge", 9);
    lethe_tcg_put_bytes(&w, psid, len);
    lethe_tcg_put_token(&w, LETHE_TCG_END_NAME);
    end_call(&w);
    finish(&w, session->com_id, session->tper, session->host);
    return 0;
}

void lethe_tcg_revert(const struct lethe_tcg_session *session, uint8_t out[LETHE_TCG_PACKET_SIZE])
{
    struct lethe_tcg_writer w = begin(out);
    if (session->enterprise)
        begin_call(&w, this_sp, method_revert_sp);
    else
        begin_call(&w, admin_sp, method_revert);
    end_call(&w);
    finish(&w, session->com_id, session->tper, session->host);
}

void lethe_tcg_end_session(const struct lethe_tcg_session *session,
                           uint8_t out[LETHE_TCG_PACKET_SIZE])
{
    struct lethe_tcg_writer w = begin(out);
    lethe_tcg_put_token(&w, LETHE_TCG_END_OF_SESSION);
    finish(&w, session->com_id, session->tper, session->host);
}

/* -- reading ----------------------------------------------------------------------------------- */

static int malformed(struct lethe_error *err)
{
    return lethe_fail(err, LETHE_E_INVALID, "the drive's TCG answer is malformed");
}

/* The payload of the only subpacket, and whose session it is. */
static int open_answer(const uint8_t *data, size_t len, struct lethe_tcg_reader *out,
                       uint32_t *tper, uint32_t *host, struct lethe_error *err)
{
    if (len < COM_PACKET)
        return malformed(err);
    uint32_t com_len = lethe_be32(data + 16);
    if (com_len == 0) { /* 3.3.10.2.1 */
        if (lethe_be32(data + 8) != 0)
            return lethe_fail(err, LETHE_E_BUSY, "the drive has not answered yet");
        return lethe_fail(err, LETHE_E_INVALID, "the drive has no TCG answer for us");
    }
    if (len < HEADERS || com_len > len - COM_PACKET || com_len < PACKET + SUBPACKET)
        return malformed(err);
    const uint8_t *packet = data + COM_PACKET, *sub = packet + PACKET;
    uint32_t packet_len = lethe_be32(packet + 20), sub_len = lethe_be32(sub + 8);
    if (packet_len < SUBPACKET || packet_len > com_len - PACKET ||
        sub_len > packet_len - SUBPACKET || lethe_be16(sub + 6) != 0)
        return malformed(err);
    *tper = lethe_be32(packet);
    *host = lethe_be32(packet + 4);
    *out = (struct lethe_tcg_reader){.data = sub + SUBPACKET, .len = sub_len};
    return 0;
}

/* The status list behind END OF DATA; the tokens before it, from READER on, are left unread. */
static int status_list(struct lethe_tcg_reader reader, struct lethe_error *err)
{
    struct lethe_tcg_atom atom;
    int rc;
    while ((rc = lethe_tcg_next(&reader, &atom)) == 1 && atom.token != LETHE_TCG_END_OF_DATA)
        if (atom.token == LETHE_TCG_CALL || atom.token == LETHE_TCG_END_OF_SESSION)
            break;
    if (rc != 1)
        return malformed(err);
    if (atom.token != LETHE_TCG_END_OF_DATA)
        return lethe_fail(err, LETHE_E_GONE,
                          "the drive closed the TCG session without a status: outcome unknown");
    if (lethe_tcg_next(&reader, &atom) != 1 || atom.token != LETHE_TCG_START_LIST ||
        lethe_tcg_next(&reader, &atom) != 1 || atom.token != LETHE_TCG_UINT || atom.value > 0xff)
        return malformed(err);
    return (int)atom.value;
}

static int refused(int status, const char *what, struct lethe_error *err)
{
    bool secret =
        status == LETHE_TCG_STATUS_NOT_AUTHORIZED || status == LETHE_TCG_STATUS_AUTHORITY_LOCKED;
    lethe_fail(err, secret ? LETHE_E_REFUSED : LETHE_E_IO, "%s failed: %s", what,
               lethe_tcg_status_name(status));
    if (status == LETHE_TCG_STATUS_AUTHORITY_LOCKED)
        lethe_error_remedy(err, "power the drive off and on, then try again");
    else if (secret)
        lethe_error_remedy(err, "compare the PSID with the label of the drive");
    return secret ? -LETHE_E_REFUSED : -LETHE_E_IO;
}

static bool is_uid(struct lethe_tcg_reader *reader, const uint8_t uid[UID])
{
    struct lethe_tcg_atom atom;
    return lethe_tcg_next(reader, &atom) == 1 && atom.token == LETHE_TCG_BYTES && atom.len == UID &&
           memcmp(atom.data, uid, UID) == 0;
}

int lethe_tcg_session_started(const uint8_t *data, size_t len, struct lethe_tcg_session *session,
                              struct lethe_error *err)
{
    struct lethe_tcg_reader reader;
    struct lethe_tcg_atom atom, host, tper;
    uint32_t packet_tper, packet_host;
    int rc = open_answer(data, len, &reader, &packet_tper, &packet_host, err);
    if (rc < 0)
        return rc;
    /* A refusal may come as a bare result, without SyncSession around it. */
    struct lethe_tcg_reader whole = reader;
    bool called = lethe_tcg_next(&reader, &atom) == 1 && atom.token == LETHE_TCG_CALL;
    if (called && (!is_uid(&reader, session_manager) || !is_uid(&reader, method_sync_session)))
        return malformed(err);
    int status = status_list(called ? reader : whole, err);
    if (status < 0)
        return status;
    if (status != 0)
        return refused(status, "opening a TCG session by PSID", err);
    if (!called)
        return malformed(err);
    if (lethe_tcg_next(&reader, &atom) != 1 || atom.token != LETHE_TCG_START_LIST ||
        lethe_tcg_next(&reader, &host) != 1 || host.token != LETHE_TCG_UINT ||
        lethe_tcg_next(&reader, &tper) != 1 || tper.token != LETHE_TCG_UINT)
        return malformed(err);
    if (host.value != session->host || tper.value == 0 || tper.value > UINT32_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "the drive answered another TCG session");
    session->tper = (uint32_t)tper.value;
    return 0;
}

static int own_answer(const uint8_t *data, size_t len, const struct lethe_tcg_session *session,
                      struct lethe_tcg_reader *reader, struct lethe_error *err)
{
    uint32_t tper, host;
    int rc = open_answer(data, len, reader, &tper, &host, err);
    if (rc == 0 && (tper != session->tper || host != session->host)) {
        /* CloseSession comes from the session manager: session 0. */
        if (tper == 0 && host == 0)
            return lethe_fail(err, LETHE_E_GONE,
                              "the drive closed the TCG session without a status: outcome unknown");
        return lethe_fail(err, LETHE_E_INVALID, "the drive answered another TCG session");
    }
    return rc;
}

int lethe_tcg_method_status(const uint8_t *data, size_t len,
                            const struct lethe_tcg_session *session, struct lethe_error *err)
{
    struct lethe_tcg_reader reader;
    int rc = own_answer(data, len, session, &reader, err);
    return rc < 0 ? rc : status_list(reader, err);
}

int lethe_tcg_authenticated(const uint8_t *data, size_t len,
                            const struct lethe_tcg_session *session, struct lethe_error *err)
{
    struct lethe_tcg_reader reader;
    struct lethe_tcg_atom atom;
    int rc = own_answer(data, len, session, &reader, err);
    if (rc < 0)
        return rc;
    int status = status_list(reader, err);
    if (status < 0)
        return status;
    if (status != 0)
        return refused(status, "authenticating by PSID", err);
    /* [ TRUE ]: a wrong PSID is a success with the answer FALSE (Core 5.3.3.12). */
    if (lethe_tcg_next(&reader, &atom) != 1 || atom.token != LETHE_TCG_START_LIST ||
        lethe_tcg_next(&reader, &atom) != 1 || atom.token != LETHE_TCG_UINT)
        return malformed(err);
    return atom.value == 1
               ? 0
               : refused(LETHE_TCG_STATUS_NOT_AUTHORIZED, "authenticating by PSID", err);
}

const char *lethe_tcg_status_name(int status)
{
    static const struct {
        int status;
        const char *name;
    } names[] = {
        {0x00, "success"},
        {LETHE_TCG_STATUS_NOT_AUTHORIZED, "not authorised"},
        {LETHE_TCG_STATUS_SP_BUSY, "the security provider is busy"},
        {LETHE_TCG_STATUS_SP_FAILED, "the security provider has failed"},
        {LETHE_TCG_STATUS_SP_DISABLED, "the security provider is disabled"},
        {LETHE_TCG_STATUS_SP_FROZEN, "the security provider is frozen"},
        {LETHE_TCG_STATUS_NO_SESSIONS, "no sessions available"},
        {0x08, "uniqueness conflict"},
        {0x09, "insufficient space"},
        {0x0a, "insufficient rows"},
        {0x0b, "invalid function"},
        {LETHE_TCG_STATUS_INVALID_PARAMETER, "invalid parameter"},
        {0x0d, "invalid reference"},
        {LETHE_TCG_STATUS_TPER_MALFUNCTION, "malfunction of the drive"},
        {LETHE_TCG_STATUS_TRANSACTION_FAILURE, "transaction failure"},
        {0x11, "response overflow"},
        {LETHE_TCG_STATUS_AUTHORITY_LOCKED, "too many wrong tries, the authority is locked out"},
        {LETHE_TCG_STATUS_FAIL, "failed"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].status == status)
            return names[i].name;
    return "unknown status";
}
