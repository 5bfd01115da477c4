/* SPDX-License-Identifier: Apache-2.0 */
/* Lockdown and its services behind the seam of io/apple.h (facts/phones.md 5.5). */
#include "io/phone/apple.h"
#include "io/phone/apple_link.h"
#include "io/phone/apple_record.h"
#include "io/phone/apple_way.h"

#include <base/crypto.h>
#include <base/text.h>
#include <errno.h>
#include <io/jail.h>
#include <openssl/crypto.h>
#include <proto/plist.h>
#include <proto/usbmux.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <usbmuxd.h>

#define LABEL "lethe"

struct apple {
    struct lethe_io io;
    char udid[64];
    char socket[LETHE_APPLE_PATH_MAX]; /* of the proxy, as seen from the jail */
    struct lethe_apple_link *lockdown; /* NULL until asked, and after any break */
    bool session;                      /* within one: never silently without it */
    json_t *candidate; /* a record offered to the device: the same again while somebody decides */
};

struct lethe_apple_service {
    struct lethe_apple_link *link;
};

static struct apple *of(struct lethe_io *io)
{
    return (struct apple *)(void *)io;
}

static const char *apple_udid(struct lethe_io *io)
{
    return of(io)->udid;
}

static const char *apple_broken(struct lethe_io *io)
{
    return lethe_apple_way_broken(of(io)->socket);
}

static void drop(struct apple *self)
{
    lethe_apple_link_close(self->lockdown);
    self->lockdown = NULL;
}

/* One request to lockdown, whose errors are a member of the answer. A device closes what is idle:
 * then it is asked once more, but for a session, which would be another one. Consumes REQUEST. */
static void ask(struct apple *self, json_t *request, unsigned timeout_ms,
                struct lethe_apple_answer *out)
{
    lethe_apple_answer_clear(out);
    out->end = LETHE_APPLE_INTERNAL;
    for (int again = 0; request && again < 2; again++) {
        bool fresh = !self->lockdown;
        if (fresh && self->session) {
            out->end = LETHE_APPLE_CUT;
            break;
        }
        if (fresh)
            out->end =
                lethe_apple_link_open(self->udid, LETHE_LOCKDOWN_PORT, timeout_ms, &self->lockdown);
        if (!self->lockdown)
            break;
        lethe_apple_link_exchange(self->lockdown, request, timeout_ms, out);
        if (out->end == LETHE_APPLE_REPLY)
            break;
        drop(self);
        if (fresh || self->session || out->end == LETHE_APPLE_TIMEOUT)
            break;
    }
    json_decref(request);
    const char *error = json_string_value(json_object_get(out->reply, "Error"));
    if (error)
        lethe_text_clean(out->error, sizeof(out->error), error, strlen(error));
    if (out->end == LETHE_APPLE_REPLY && !json_is_object(out->reply))
        out->end = LETHE_APPLE_MALFORMED;
}

static void apple_value(struct lethe_io *io, const char *domain, const char *key,
                        unsigned timeout_ms, struct lethe_apple_answer *out)
{
    ask(of(io),
        json_pack("{s:s, s:s, s:s*, s:s*}", "Label", LABEL, "Request", "GetValue", "Domain", domain,
                  "Key", key),
        timeout_ms, out);
    if (!lethe_apple_ok(out))
        return;
    json_t *value = json_incref(json_object_get(out->reply, "Value"));
    json_decref(out->reply);
    out->reply = value;
    if (!value)
        lethe_text_format(out->error, sizeof(out->error), "MissingValue");
}

/* The proxy's record; its bytes' hash into SHA256 and whether it said that there is NONE, where
 * that is wanted. New reference, or NULL. */
static json_t *load_record(struct apple *self, char sha256[65], bool *none)
{
    char *data = NULL;
    uint32_t len = 0;
    uint8_t hash[LETHE_HASH_SIZE];
    int rc = usbmuxd_read_pair_record(self->udid, &data, &len);
    if (none)
        *none = rc == -LETHE_MUX_BAD_DEVICE;
    if (rc < 0 || !data)
        return NULL;
    json_t *record = len <= LETHE_APPLE_RECORD_MAX ? lethe_plist_parse(data, len, NULL) : NULL;
    if (record && sha256) {
        lethe_sha256(hash, data, len);
        lethe_hex_encode(sha256, hash, sizeof(hash));
    }
    lethe_wipe(data, len);
    free(data);
    return record;
}

static void apple_record(struct lethe_io *io, struct lethe_apple_record *out)
{
    *out = (struct lethe_apple_record){0};
    json_t *record = load_record(of(io), out->sha256, NULL);
    const char *id = json_string_value(json_object_get(record, "HostID"));
    out->present = id != NULL;
    if (id)
        lethe_text_clean(out->host_id, sizeof(out->host_id), id, strlen(id));
    json_decref(record);
}

/* -- pairing ----------------------------------------------------------------------------------- */

static json_t *pair_request(const char *word, const json_t *record)
{
    return json_pack("{s:s, s:s, s:o, s:s, s:{s:b}}", "Label", LABEL, "Request", word, "PairRecord",
                     lethe_apple_record_public(record), "ProtocolVersion", "2", "PairingOptions",
                     "ExtendedPairingErrors", 1);
}

static void make_candidate(struct apple *self, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    char *buid = NULL;
    size_t len = 0;
    apple_value(&self->io, NULL, "DevicePublicKey", timeout_ms, out);
    void *key = lethe_apple_ok(out) ? lethe_plist_data_get(out->reply, &len) : NULL;
    if (key && usbmuxd_read_buid(&buid) == 0 && buid)
        self->candidate = lethe_apple_record_make(key, len, buid, NULL);
    if (lethe_apple_ok(out) && !self->candidate)
        out->end = key ? LETHE_APPLE_INTERNAL : LETHE_APPLE_MALFORMED;
    free(key);
    free(buid);
}

/* The accepted candidate, with what the device adds to it. */
static bool keep_candidate(struct apple *self, const json_t *reply)
{
    struct lethe_buf text = {0};
    const json_t *escrow = json_object_get(reply, "EscrowBag");
    json_t *record = json_deep_copy(self->candidate);
    if (record && escrow)
        json_object_set_new(record, "EscrowBag", json_deep_copy(escrow));
    bool kept = record && lethe_plist_xml_format(record, &text, NULL) == 0 &&
                text.len <= LETHE_APPLE_RECORD_MAX &&
                usbmuxd_save_pair_record(self->udid, text.data, (uint32_t)text.len) == 0;
    lethe_wipe(text.data, text.len);
    lethe_buf_free(&text);
    json_decref(record);
    return kept;
}

static void apple_session_close(struct lethe_io *io)
{
    struct apple *self = of(io);
    if (self->session)
        drop(self);
    self->session = false;
}

static void apple_pair(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    struct apple *self = of(io);
    apple_session_close(io);
    lethe_apple_answer_clear(out);
    if (!self->candidate)
        make_candidate(self, timeout_ms, out);
    if (!self->candidate)
        return;
    ask(self, pair_request("Pair", self->candidate), timeout_ms, out);
    /* Another device key, or a no: what was offered is worth nothing any more. */
    bool pending =
        out->end == LETHE_APPLE_REPLY && lethe_apple_pairing_of(out) == LETHE_PAIRING_DIALOG;
    if (lethe_apple_ok(out) && !keep_candidate(self, out->reply))
        out->end = LETHE_APPLE_INTERNAL;
    if (!pending) {
        json_decref(self->candidate);
        self->candidate = NULL;
    }
    /* It holds the escrow bag. */
    json_decref(out->reply);
    out->reply = out->end == LETHE_APPLE_REPLY ? json_object() : NULL;
}

/* The device is asked to forget the host of the record that the proxy shows, and that record is
 * taken out of its keeping. UNPAIRED: there is none. */
static void unpair_one(struct apple *self, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    bool none;
    json_t *record = load_record(self, NULL, &none);
    lethe_apple_answer_clear(out);
    out->end = none ? LETHE_APPLE_UNPAIRED : LETHE_APPLE_INTERNAL;
    if (record)
        ask(self, pair_request("Unpair", record), timeout_ms, out);
    json_decref(record);
    if (out->end == LETHE_APPLE_REPLY && strcmp(out->error, "InvalidHostID") == 0)
        out->error[0] = '\0'; /* whom it does not know it has forgotten */
    if (usbmuxd_delete_pair_record(self->udid) < 0 && lethe_apple_ok(out))
        out->end = LETHE_APPLE_INTERNAL;
}

static void apple_session_open(struct lethe_io *io, unsigned timeout_ms,
                               struct lethe_apple_answer *out);

/* Ours; and what the proxy shows behind it: usbmuxd pairs by itself with what is in its setup, and
 * the device would go on trusting that (facts/phones.md 5.9). */
static void apple_unpair(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    struct lethe_apple_answer behind = {0};
    unpair_one(of(io), timeout_ms, out);
    apple_session_open(io, timeout_ms, &behind);
    unpair_one(of(io), timeout_ms, &behind);
    apple_session_close(io);
    bool nothing_yet = out->end == LETHE_APPLE_UNPAIRED || lethe_apple_ok(out);
    if (nothing_yet && behind.end != LETHE_APPLE_UNPAIRED) {
        lethe_apple_answer_clear(out);
        *out = behind;
    } else {
        lethe_apple_answer_clear(&behind);
    }
}

/* -- sessions and services --------------------------------------------------------------------- */

static void apple_session_open(struct lethe_io *io, unsigned timeout_ms,
                               struct lethe_apple_answer *out)
{
    struct apple *self = of(io);
    apple_session_close(io);
    lethe_apple_answer_clear(out);
    json_t *record = load_record(self, NULL, NULL);
    const json_t *host = json_object_get(record, "HostID");
    const json_t *buid = json_object_get(record, "SystemBUID");
    if (json_is_string(host) && json_is_string(buid)) {
        ask(self,
            json_pack("{s:s, s:s, s:O, s:O}", "Label", LABEL, "Request", "StartSession", "HostID",
                      host, "SystemBUID", buid),
            timeout_ms, out);
        if (lethe_apple_ok(out) && !json_is_string(json_object_get(out->reply, "SessionID")))
            out->end = LETHE_APPLE_MALFORMED;
        if (lethe_apple_ok(out) && json_is_true(json_object_get(out->reply, "EnableSessionSSL")))
            out->end = lethe_apple_link_secure(self->lockdown, timeout_ms);
        if (lethe_apple_ok(out))
            self->session = true;
        else if (out->end != LETHE_APPLE_REPLY)
            drop(self);
    } else {
        out->end = LETHE_APPLE_UNPAIRED;
    }
    json_decref(record);
}

static struct lethe_apple_service *apple_service_open(struct lethe_io *io, const char *name,
                                                      unsigned timeout_ms,
                                                      struct lethe_apple_answer *out)
{
    struct apple *self = of(io);
    struct lethe_apple_service *service = NULL;
    ask(self,
        json_pack("{s:s, s:s, s:s}", "Label", LABEL, "Request", "StartService", "Service", name),
        timeout_ms, out);
    if (!lethe_apple_ok(out))
        return NULL;
    json_int_t port = json_integer_value(json_object_get(out->reply, "Port"));
    bool secure = json_is_true(json_object_get(out->reply, "EnableServiceSSL"));
    if (port <= 0 || port > UINT16_MAX) {
        out->end = LETHE_APPLE_MALFORMED;
        return NULL;
    }
    service = calloc(1, sizeof(*service));
    out->end = service
                   ? lethe_apple_link_open(self->udid, (uint16_t)port, timeout_ms, &service->link)
                   : LETHE_APPLE_INTERNAL;
    if (out->end == LETHE_APPLE_REPLY && secure)
        out->end = lethe_apple_link_secure(service->link, timeout_ms);
    if (out->end == LETHE_APPLE_REPLY)
        return service;
    if (service)
        lethe_apple_link_close(service->link);
    free(service);
    return NULL;
}

static void apple_exchange(struct lethe_apple_service *service, const json_t *request,
                           unsigned timeout_ms, struct lethe_apple_answer *out)
{
    lethe_apple_link_exchange(service->link, request, timeout_ms, out);
}

static enum lethe_apple_end apple_send(struct lethe_apple_service *service, const void *data,
                                       size_t len, unsigned timeout_ms)
{
    return lethe_apple_link_send(service->link, data, len, timeout_ms);
}

static enum lethe_apple_end apple_receive(struct lethe_apple_service *service, void *data,
                                          size_t len, unsigned timeout_ms)
{
    return lethe_apple_link_receive(service->link, data, len, timeout_ms);
}

static void apple_service_close(struct lethe_apple_service *service)
{
    if (!service)
        return;
    lethe_apple_link_close(service->link);
    free(service);
}

/* -- the io ------------------------------------------------------------------------------------ */

static const struct lethe_apple_ops apple_ops = {
    .udid = apple_udid,
    .broken = apple_broken,
    .value = apple_value,
    .record = apple_record,
    .pair = apple_pair,
    .unpair = apple_unpair,
    .session_open = apple_session_open,
    .session_close = apple_session_close,
    .service_open = apple_service_open,
    .exchange = apple_exchange,
    .send = apple_send,
    .receive = apple_receive,
    .service_close = apple_service_close,
};

static void apple_close(struct lethe_io *io)
{
    struct apple *self = of(io);
    drop(self);
    json_decref(self->candidate);
    free(self);
}

static const struct lethe_io_ops io_ops = {
    .name = "ios",
    .apple = &apple_ops,
    .close = apple_close,
};

/* The socket's directory becomes all that this process can ever name. SEEN: the socket from there.
 */
static int enter(const char *path, char seen[LETHE_APPLE_PATH_MAX], struct lethe_error *err)
{
    char dir[LETHE_APPLE_PATH_MAX];
    char *slash = lethe_text_format(dir, sizeof(dir), "%s", path) ? strrchr(dir, '/') : NULL;
    if (!slash || slash == dir)
        return lethe_fail(err, LETHE_E_INVALID, "the way to the device is not one: %s", path);
    lethe_text_format(seen, LETHE_APPLE_PATH_MAX, "%s", path + (slash - dir));
    *slash = '\0';
    /* libcrypto reads its configuration on first use: while there is one to read. */
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
    return lethe_jail_enter(dir, err);
}

int lethe_apple_open(const char *path, const char *udid, struct lethe_io **out,
                     struct lethe_error *err)
{
    char address[LETHE_APPLE_PATH_MAX + 8], seen[LETHE_APPLE_PATH_MAX];
    tzset(); /* certificates have dates: the zone's file is read before the door closes */
    int rc = enter(path, seen, err);
    if (rc < 0)
        return rc;
    struct apple *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    self->io.ops = &io_ops;
    if (!lethe_text_format(self->udid, sizeof(self->udid), "%s", udid) ||
        !lethe_text_format(self->socket, sizeof(self->socket), "%s", seen) ||
        !lethe_text_format(address, sizeof(address), "UNIX:%s", seen) ||
        setenv("USBMUXD_SOCKET_ADDRESS", address, 1) < 0) {
        free(self);
        return lethe_fail(err, LETHE_E_INVALID, "the way to the device is not one: %s", path);
    }
    rc = lethe_apple_clock(err);
    if (rc < 0) {
        free(self);
        return rc;
    }
    *out = &self->io;
    return 0;
}
