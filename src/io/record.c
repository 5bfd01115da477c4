/* SPDX-License-Identifier: Apache-2.0 */
#include "io/record.h"

#include "base/text.h"
#include "io/apple.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct record_io {
    struct lethe_io io;
    struct lethe_io_ops ops; /* with those of the lower one that it has */
    json_t *exchange;        /* referenced */
    size_t bytes, lost;
    bool secret; /* what is sent next is for the device alone: signatures, keys */
};

struct lethe_apple_service {
    struct record_io *record;
    struct lethe_apple_service *lower;
};

static struct record_io *record_of(struct lethe_io *io)
{
    return (struct record_io *)io;
}

static const struct lethe_apple_ops *apple_of(struct lethe_io *io)
{
    return io->lower->ops->apple;
}

/* ENTRY is consumed; SIZE is about what it takes in the file. */
static void keep(struct record_io *r, json_t *entry, size_t size)
{
    bool room = json_array_size(r->exchange) < LETHE_RECORDING_ENTRIES_MAX &&
                r->bytes + size < LETHE_RECORDING_MAX / 2;
    if (room && entry && json_array_append(r->exchange, entry) == 0) {
        r->bytes += size + 128;
    } else if (r->lost++ == 0) {
        json_array_append_new(r->exchange, json_pack("{s:s, s:i}", "op", "lost", "n", 1));
    } else {
        json_t *last = json_array_get(r->exchange, json_array_size(r->exchange) - 1);
        json_object_set_new(last, "n", json_integer((json_int_t)r->lost));
    }
    json_decref(entry);
}

/* Zeros at the end go without saying. */
static json_t *hex(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    while (len > 0 && bytes[len - 1] == 0)
        len--;
    char *text = malloc(2 * len + 1);
    if (!text)
        return json_null();
    lethe_hex_encode(text, bytes, len);
    json_t *json = json_string(text);
    free(text);
    return json;
}

static int record_info(struct lethe_io *io, struct lethe_io_info *out)
{
    int rc = lethe_io_info(io->lower, out);
    keep(record_of(io),
         json_pack("{s:s, s:i, s:I, s:i, s:i, s:i}", "op", "info", "rc", rc, "capacity",
                   (json_int_t)out->capacity, "logical", (int)out->logical_block, "physical",
                   (int)out->physical_block, "alignment", (int)out->alignment),
         0);
    return rc;
}

/* What somebody keeps on a device is nobody's business: only that it could be read. */
static ssize_t record_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    ssize_t n = lethe_io_pread(io->lower, buf, len, offset);
    keep(record_of(io),
         json_pack("{s:s, s:I, s:I, s:I}", "op", "read", "offset", (json_int_t)offset, "length",
                   (json_int_t)len, "rc", (json_int_t)n),
         0);
    return n;
}

static const char *const sets[] = {[LETHE_SET_SCSI] = "scsi",
                                   [LETHE_SET_NVME] = "nvme",
                                   [LETHE_SET_USB] = "usb",
                                   [LETHE_SET_MMC] = "mmc"};
static const char *const directions[] = {
    [LETHE_DATA_NONE] = "none", [LETHE_DATA_IN] = "in", [LETHE_DATA_OUT] = "out"};

/* The header of an ADB message AUTH: what follows is a signature, or a key with a name on it. */
static bool announces_secret(const struct lethe_command *c)
{
    return c->set == LETHE_SET_USB && c->data_len == 24 && memcmp(c->data, "AUTH", 4) == 0;
}

static int record_command(struct lethe_io *io, struct lethe_command *c)
{
    struct record_io *r = record_of(io);
    bool out = c->direction == LETHE_DATA_OUT;
    bool withheld = out && r->secret;
    json_t *sent = out && !withheld ? hex(c->data, c->data_len) : NULL;
    if (out)
        r->secret = !withheld && announces_secret(c);
    int rc = lethe_io_command(io->lower, c);
    size_t got = c->direction == LETHE_DATA_IN && rc >= 0
                     ? (c->transferred < c->data_len ? c->transferred : c->data_len)
                     : 0;
    json_t *entry = json_pack("{s:s, s:s, s:s, s:o, s:I, s:i, s:I, s:I, s:o}", "op", "command",
                              "set", sets[c->set], "direction", directions[c->direction], "bytes",
                              hex(c->bytes, c->n_bytes), "length", (json_int_t)c->data_len, "rc",
                              rc, "result", (json_int_t)c->result, "transferred",
                              (json_int_t)c->transferred, "sense", hex(c->sense, c->n_sense));
    if (entry && sent)
        json_object_set_new(entry, "out", sent);
    if (entry && got > 0)
        json_object_set_new(entry, "in", hex(c->data, got));
    keep(r, entry, 2 * (c->n_bytes + c->n_sense + (out ? c->data_len : got)));
    return rc;
}

static void record_close(struct lethe_io *io)
{
    json_decref(record_of(io)->exchange);
    free(io);
}

/* ---- Apple ---- */

static void keep_answer(struct lethe_io *io, json_t *entry, const struct lethe_apple_answer *a)
{
    char *text = a->reply ? json_dumps(a->reply, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    size_t size = text ? strlen(text) : 0;
    free(text);
    if (entry) {
        json_object_set_new(entry, "end", json_string(lethe_apple_end_name(a->end)));
        if (a->error[0])
            json_object_set_new(entry, "error", json_string(a->error));
        if (a->reply)
            json_object_set_new(entry, "reply", json_deep_copy(a->reply));
    }
    keep(record_of(io), entry, size);
}

static const char *apple_udid(struct lethe_io *io)
{
    const char *udid = apple_of(io)->udid(io->lower);
    keep(record_of(io), json_pack("{s:s, s:s}", "op", "udid", "udid", udid), 0);
    return udid;
}

static void apple_value(struct lethe_io *io, const char *domain, const char *key,
                        unsigned timeout_ms, struct lethe_apple_answer *out)
{
    apple_of(io)->value(io->lower, domain, key, timeout_ms, out);
    keep_answer(io, json_pack("{s:s, s:s?, s:s?}", "op", "value", "domain", domain, "key", key),
                out);
}

/* Which pair record it is belongs to this bench. */
static void apple_record(struct lethe_io *io, struct lethe_apple_record *out)
{
    apple_of(io)->record(io->lower, out);
    keep(record_of(io), json_pack("{s:s, s:b}", "op", "record", "present", out->present), 0);
}

static void apple_pair(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    apple_of(io)->pair(io->lower, timeout_ms, out);
    keep_answer(io, json_pack("{s:s}", "op", "pair"), out);
}

static void apple_unpair(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    apple_of(io)->unpair(io->lower, timeout_ms, out);
    keep_answer(io, json_pack("{s:s}", "op", "unpair"), out);
}

static void apple_session_open(struct lethe_io *io, unsigned timeout_ms,
                               struct lethe_apple_answer *out)
{
    apple_of(io)->session_open(io->lower, timeout_ms, out);
    keep_answer(io, json_pack("{s:s}", "op", "session"), out);
}

static void apple_session_close(struct lethe_io *io)
{
    apple_of(io)->session_close(io->lower);
}

static struct lethe_apple_service *apple_service_open(struct lethe_io *io, const char *name,
                                                      unsigned timeout_ms,
                                                      struct lethe_apple_answer *out)
{
    struct lethe_apple_service *lower =
        apple_of(io)->service_open(io->lower, name, timeout_ms, out);
    keep_answer(io, json_pack("{s:s, s:s}", "op", "service", "name", name), out);
    struct lethe_apple_service *service = lower ? malloc(sizeof(*service)) : NULL;
    if (service)
        *service = (struct lethe_apple_service){record_of(io), lower};
    else
        apple_of(io)->service_close(lower);
    return service;
}

static void apple_exchange(struct lethe_apple_service *service, const json_t *request,
                           unsigned timeout_ms, struct lethe_apple_answer *out)
{
    struct lethe_io *io = &service->record->io;
    apple_of(io)->exchange(service->lower, request, timeout_ms, out);
    json_t *entry = json_pack("{s:s}", "op", "exchange");
    if (entry && request)
        json_object_set_new(entry, "request", json_deep_copy(request));
    keep_answer(io, entry, out);
}

/* Files (AFC): that they went and came, not what. */
static enum lethe_apple_end apple_send(struct lethe_apple_service *service, const void *data,
                                       size_t len, unsigned timeout_ms)
{
    struct lethe_io *io = &service->record->io;
    enum lethe_apple_end end = apple_of(io)->send(service->lower, data, len, timeout_ms);
    keep(service->record,
         json_pack("{s:s, s:I, s:s}", "op", "send", "length", (json_int_t)len, "end",
                   lethe_apple_end_name(end)),
         0);
    return end;
}

static enum lethe_apple_end apple_receive(struct lethe_apple_service *service, void *data,
                                          size_t len, unsigned timeout_ms)
{
    struct lethe_io *io = &service->record->io;
    enum lethe_apple_end end = apple_of(io)->receive(service->lower, data, len, timeout_ms);
    keep(service->record,
         json_pack("{s:s, s:I, s:s}", "op", "receive", "length", (json_int_t)len, "end",
                   lethe_apple_end_name(end)),
         0);
    return end;
}

static void apple_service_close(struct lethe_apple_service *service)
{
    if (service)
        apple_of(&service->record->io)->service_close(service->lower);
    free(service);
}

static const struct lethe_apple_ops apple_ops = {.udid = apple_udid,
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
                                                 .service_close = apple_service_close};

int lethe_record_open(struct lethe_io *lower, json_t *exchange, struct lethe_io **out,
                      struct lethe_error *err)
{
    struct record_io *r = calloc(1, sizeof(*r));
    if (!r)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    r->ops = (struct lethe_io_ops){.name = "record",
                                   .info = record_info,
                                   .pread = record_pread,
                                   .command = lower->ops->command ? record_command : NULL,
                                   .apple = lower->ops->apple ? &apple_ops : NULL,
                                   .close = record_close};
    r->io.ops = &r->ops;
    r->io.lower = lower;
    r->io.config = lower->config;
    r->exchange = json_incref(exchange);
    *out = &r->io;
    return 0;
}
