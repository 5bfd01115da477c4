/* SPDX-License-Identifier: Apache-2.0 */
#include "phone/adb.h"

#include "base/time.h"
#include "phone/bulk.h"

#include <stdlib.h>
#include <string.h>

#define BANNER "host::features=shell_v2,cmd"
#define CONNECT_MS 5000
#define STALE_MAX 256 /* messages of a session before ours, before the phone answers to it */
#define TOKENS_MAX 4  /* how often it may ask who we are */
#define PAYLOAD_LEAST 1024
#define CLOSE_MS 2000

struct lethe_adb {
    struct lethe_io *io;
    struct lethe_adb_banner banner;
    enum lethe_adb_trust trust;
    bool connected;
    bool sums;              /* those of payloads are checked */
    uint32_t payload_max;   /* what the phone takes */
    uint32_t local, remote; /* the stream; remote 0: not open (yet) */
    bool closed;            /* by the phone */
    bool acknowledged;      /* our last message */
    size_t have, at;        /* what came and was not read yet */
    bool owed;              /* an OKAY, for what came */
    uint8_t data[LETHE_ADB_PAYLOAD_MAX], waste[LETHE_ADB_PAYLOAD_MAX];
};

const struct lethe_adb_banner *lethe_adb_peer(const struct lethe_adb *adb)
{
    return &adb->banner;
}

enum lethe_adb_trust lethe_adb_trust(const struct lethe_adb *adb)
{
    return adb->trust;
}

uint32_t lethe_adb_payload(const struct lethe_adb *adb)
{
    return adb->payload_max;
}

bool lethe_adb_pending(const struct lethe_adb *adb)
{
    return adb->at < adb->have || adb->closed;
}

/* -- messages ---------------------------------------------------------------------------------- */

static int put(struct lethe_adb *adb, uint32_t command, uint32_t arg0, uint32_t arg1,
               const void *payload, size_t len, uint64_t until, struct lethe_error *err)
{
    uint8_t header[LETHE_ADB_HEADER];
    lethe_adb_header_build(header, command, arg0, arg1, payload, (uint32_t)len);
    int rc = lethe_bulk_out(adb->io, header, sizeof(header), until, err);
    return rc < 0 || len == 0 ? rc : lethe_bulk_out(adb->io, payload, len, until, err);
}

/* Before the phone has answered to us, it may still be in the middle of another session's words:
 * they are read over. */
static int get_header(struct lethe_adb *adb, struct lethe_adb_message *out, uint64_t until,
                      struct lethe_error *err)
{
    for (unsigned stale = 0; stale < STALE_MAX; stale++) {
        ssize_t len = lethe_bulk_in(adb->io, adb->waste, sizeof(adb->waste), until, err);
        if (len < 0)
            return (int)len;
        int rc = lethe_adb_header_parse(adb->waste, (size_t)len, LETHE_ADB_PAYLOAD_MAX, out, err);
        if (rc == 0 || adb->connected)
            return rc;
    }
    return -LETHE_E_INVALID;
}

static int get_payload(struct lethe_adb *adb, const struct lethe_adb_message *message,
                       uint8_t *payload, uint64_t until, struct lethe_error *err)
{
    for (size_t at = 0; at < message->length;) {
        ssize_t len = lethe_bulk_in(adb->io, payload + at, message->length - at, until, err);
        if (len < 0)
            return (int)len;
        if (len == 0)
            return lethe_fail(err, LETHE_E_INVALID, "the phone broke off in a message of ADB");
        at += (size_t)len;
    }
    if (adb->sums && !lethe_adb_payload_check(message, payload))
        return lethe_fail(err, LETHE_E_INVALID, "a message of the phone's ADB was garbled");
    return 0;
}

/* -- connecting -------------------------------------------------------------------------------- */

struct greeting {
    struct lethe_adb_host *host;
    unsigned prompt_ms, tokens;
    uint64_t until;
    bool signed_, asked; /* we gave a signature; our key, for a person to allow */
};

static int untrusted(const struct greeting *g, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_UNTRUSTED,
               g->asked ? "nobody allowed USB debugging on the phone's screen in time"
                        : "the phone does not know this bench");
    lethe_error_remedy(err, "unlock the phone, tick \"Always allow from this computer\" and tap "
                            "Allow, then try again");
    return -LETHE_E_UNTRUSTED;
}

/* Our signature first; where that is not taken, our key, which a person must allow. */
static int answer_token(struct lethe_adb *adb, struct greeting *g,
                        const uint8_t token[LETHE_ADB_TOKEN_SIZE], struct lethe_error *err)
{
    uint8_t signature[LETHE_ADB_SIGNATURE_SIZE];
    char key[LETHE_ADB_KEY_TEXT];
    if (!g->host || ++g->tokens > TOKENS_MAX)
        return untrusted(g, err);
    if (!g->signed_) {
        g->signed_ = true;
        int rc = lethe_adb_host_sign(g->host, token, signature, err);
        return rc < 0 ? rc
                      : put(adb, LETHE_ADB_AUTH, LETHE_ADB_SIGNATURE, 0, signature,
                            sizeof(signature), g->until, err);
    }
    if (g->asked || g->prompt_ms == 0)
        return untrusted(g, err);
    int len = lethe_adb_host_public(g->host, key, err);
    if (len < 0)
        return len;
    g->asked = true;
    g->until = lethe_monotonic_ms() + g->prompt_ms;
    return put(adb, LETHE_ADB_AUTH, LETHE_ADB_PUBLIC_KEY, 0, key, (size_t)len, g->until, err);
}

static int take_banner(struct lethe_adb *adb, const struct greeting *g,
                       const struct lethe_adb_message *message, struct lethe_error *err)
{
    int rc = lethe_adb_banner_parse(adb->data, message->length, &adb->banner, err);
    if (rc < 0)
        return rc;
    if (message->arg1 < PAYLOAD_LEAST)
        return lethe_fail(err, LETHE_E_INVALID, "the phone's ADB takes messages of %u bytes only",
                          message->arg1);
    adb->payload_max =
        message->arg1 < LETHE_ADB_PAYLOAD_MAX ? message->arg1 : LETHE_ADB_PAYLOAD_MAX;
    adb->sums = message->arg0 < LETHE_ADB_VERSION_SKIP;
    adb->trust = g->asked     ? LETHE_ADB_TRUST_TOLD
                 : g->signed_ ? LETHE_ADB_TRUST_SIGNED
                              : LETHE_ADB_TRUST_NONE;
    adb->connected = true;
    return 0;
}

static int greet(struct lethe_adb *adb, struct greeting *g, struct lethe_error *err)
{
    int rc = put(adb, LETHE_ADB_CNXN, LETHE_ADB_VERSION_SKIP, LETHE_ADB_PAYLOAD_MAX, BANNER,
                 strlen(BANNER), g->until, err);
    for (unsigned stale = 0; rc == 0 && !adb->connected; stale++) {
        struct lethe_adb_message message;
        rc = get_header(adb, &message, g->until, err);
        if (rc == 0)
            rc = get_payload(adb, &message, adb->data, g->until, err);
        if (rc == -LETHE_E_TIMEOUT && g->asked)
            return untrusted(g, err);
        if (rc < 0)
            return rc;
        if (message.command == LETHE_ADB_CNXN)
            rc = take_banner(adb, g, &message, err);
        else if (message.command == LETHE_ADB_AUTH && message.arg0 == LETHE_ADB_TOKEN &&
                 message.length == LETHE_ADB_TOKEN_SIZE)
            rc = answer_token(adb, g, adb->data, err);
        else if (message.command == LETHE_ADB_STLS)
            rc = lethe_fail(err, LETHE_E_UNSUPPORTED, "the phone wants TLS, which is for Wi-Fi");
        else if (stale >= STALE_MAX)
            rc = lethe_fail(err, LETHE_E_INVALID, "the phone does not answer to a new connection");
    }
    return rc;
}

int lethe_adb_connect(struct lethe_io *io, unsigned prompt_ms, struct lethe_adb **out,
                      struct lethe_error *err)
{
    struct greeting g = {.prompt_ms = prompt_ms, .until = lethe_monotonic_ms() + CONNECT_MS};
    struct lethe_adb *adb = calloc(1, sizeof(*adb));
    if (!adb)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    adb->io = io;
    int rc =
        lethe_adb_host_new(json_string_value(json_object_get(io->config, "adb_key")), &g.host, err);
    /* Modes without authentication (sideload, rescue) need no key. */
    if (rc == 0 || rc == -LETHE_E_NOT_FOUND)
        rc = greet(adb, &g, err);
    lethe_adb_host_free(g.host);
    if (rc < 0) {
        lethe_adb_free(adb);
        return rc;
    }
    *out = adb;
    return 0;
}

void lethe_adb_free(struct lethe_adb *adb)
{
    free(adb);
}

/* -- streams ----------------------------------------------------------------------------------- */

/* Of a message that is not data of our stream: nobody wants its payload. */
static int get_waste(struct lethe_adb *adb, const struct lethe_adb_message *message, uint64_t until,
                     struct lethe_error *err)
{
    return message->length > 0 ? get_payload(adb, message, adb->waste, until, err) : 0;
}

static int get_data(struct lethe_adb *adb, const struct lethe_adb_message *message, uint64_t until,
                    struct lethe_error *err)
{
    if (adb->owed)
        return lethe_fail(err, LETHE_E_INVALID, "the phone says more before it was told to go on");
    int rc = get_payload(adb, message, adb->data, until, err);
    if (rc < 0)
        return rc;
    adb->at = 0;
    adb->have = message->length;
    adb->owed = true;
    return 0;
}

/* One message, whatever it is. */
static int pump(struct lethe_adb *adb, uint64_t until, struct lethe_error *err)
{
    struct lethe_adb_message message;
    int rc = get_header(adb, &message, until, err);
    if (rc < 0)
        return rc;
    bool ours = adb->local && message.arg1 == adb->local;
    if (message.command == LETHE_ADB_WRTE && ours && adb->remote && message.arg0 == adb->remote)
        return get_data(adb, &message, until, err);
    rc = get_waste(adb, &message, until, err);
    if (rc < 0)
        return rc;
    switch (message.command) {
    case LETHE_ADB_OKAY:
        if (ours && message.arg0 != 0 && (!adb->remote || adb->remote == message.arg0)) {
            adb->remote = message.arg0;
            adb->acknowledged = true;
        }
        return 0;
    case LETHE_ADB_CLSE:
        adb->closed = adb->closed || ours;
        return 0;
    case LETHE_ADB_WRTE: /* of a stream that is over */
        return 0;
    case LETHE_ADB_OPEN: /* nothing here is for phones to open */
        return put(adb, LETHE_ADB_CLSE, 0, message.arg0, NULL, 0, until, err);
    case LETHE_ADB_STLS:
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "the phone wants TLS, which is for Wi-Fi");
    default:
        return lethe_fail(err, LETHE_E_IO, "the phone's ADB began anew");
    }
}

/* A phone that talks all the time about nothing is as silent as any. */
static int pump_in_time(struct lethe_adb *adb, uint64_t until, struct lethe_error *err)
{
    if (lethe_monotonic_ms() >= until)
        return lethe_fail(err, LETHE_E_TIMEOUT, "the phone did not answer in time");
    return pump(adb, until, err);
}

int lethe_adb_open(struct lethe_adb *adb, const char *service, uint64_t until,
                   struct lethe_error *err)
{
    lethe_adb_close(adb);
    adb->local++;
    adb->remote = 0;
    adb->closed = adb->acknowledged = adb->owed = false;
    adb->have = adb->at = 0;
    size_t len = strlen(service) + 1;
    if (len > adb->payload_max)
        return lethe_fail(err, LETHE_E_LIMIT, "the phone's ADB takes no service that long");
    int rc = put(adb, LETHE_ADB_OPEN, adb->local, 0, service, len, until, err);
    while (rc == 0 && !adb->acknowledged && !adb->closed)
        rc = pump_in_time(adb, until, err);
    if (rc == 0 && !adb->acknowledged)
        rc = lethe_fail(err, LETHE_E_UNSUPPORTED, "the phone has no service \"%.40s\"", service);
    return rc;
}

ssize_t lethe_adb_read(struct lethe_adb *adb, void *out, size_t size, uint64_t until,
                       struct lethe_error *err)
{
    while (adb->at == adb->have) {
        int rc = 0;
        if (adb->owed && !adb->closed)
            rc = put(adb, LETHE_ADB_OKAY, adb->local, adb->remote, NULL, 0, until, err);
        adb->owed = false;
        if (rc == 0 && adb->closed)
            return 0;
        if (rc == 0)
            rc = pump_in_time(adb, until, err);
        if (rc < 0)
            return rc;
    }
    size_t len = adb->have - adb->at < size ? adb->have - adb->at : size;
    memcpy(out, adb->data + adb->at, len);
    adb->at += len;
    return (ssize_t)len;
}

int lethe_adb_write(struct lethe_adb *adb, const void *data, size_t len, uint64_t until,
                    struct lethe_error *err)
{
    for (size_t at = 0; at < len;) {
        size_t n = len - at < adb->payload_max ? len - at : adb->payload_max;
        adb->acknowledged = false;
        int rc = adb->closed ? 0
                             : put(adb, LETHE_ADB_WRTE, adb->local, adb->remote,
                                   (const uint8_t *)data + at, n, until, err);
        while (rc == 0 && !adb->acknowledged && !adb->closed)
            rc = pump_in_time(adb, until, err);
        if (rc < 0)
            return rc;
        if (!adb->acknowledged)
            return lethe_fail(err, LETHE_E_IO, "the phone hung up");
        at += n;
    }
    return 0;
}

void lethe_adb_close(struct lethe_adb *adb)
{
    if (adb->remote && !adb->closed)
        (void)put(adb, LETHE_ADB_CLSE, adb->local, adb->remote, NULL, 0,
                  lethe_monotonic_ms() + CLOSE_MS, NULL);
    adb->closed = true;
}

/* -- services that are one question ------------------------------------------------------------ */

int lethe_adb_ask(struct lethe_adb *adb, const char *service, size_t max, struct lethe_buf *out,
                  unsigned timeout_ms, struct lethe_error *err)
{
    uint64_t until = lethe_monotonic_ms() + timeout_ms;
    char piece[4096];
    ssize_t len;
    int rc = lethe_adb_open(adb, service, until, err);
    if (rc < 0)
        return rc;
    while ((len = lethe_adb_read(adb, piece, sizeof(piece), until, err)) > 0)
        if (out->len + (size_t)len > max || lethe_buf_add(out, piece, (size_t)len) < 0) {
            lethe_adb_close(adb);
            return lethe_fail(err, LETHE_E_LIMIT, "the phone answers with more than %zu bytes",
                              max);
        }
    return (int)len;
}

int lethe_adb_await_leave(struct lethe_adb *adb, unsigned timeout_ms, struct lethe_error *err)
{
    uint64_t until = lethe_monotonic_ms() + timeout_ms;
    int rc;
    do
        rc = pump_in_time(adb, until, err);
    while (rc == 0);
    if (rc == -LETHE_E_GONE)
        return 0;
    if (rc == -LETHE_E_TIMEOUT)
        lethe_fail(err, LETHE_E_TIMEOUT, "the phone was to leave its present mode and stayed");
    return rc;
}

int lethe_adb_leave(struct lethe_adb *adb, const char *service, unsigned timeout_ms,
                    struct lethe_error *err)
{
    int rc = lethe_adb_open(adb, service, lethe_monotonic_ms() + timeout_ms, err);
    if (rc == -LETHE_E_GONE)
        return 0;
    return rc < 0 ? rc : lethe_adb_await_leave(adb, timeout_ms, err);
}
