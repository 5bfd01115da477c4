/* SPDX-License-Identifier: Apache-2.0 */
#include "io/record.h"

#include "base/json.h"
#include "base/text.h"
#include "io/apple.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct replay_io {
    struct lethe_io io;
    struct lethe_io_ops ops;
    const json_t *exchange; /* referenced */
    bool *used;             /* by entry */
    size_t n;
    unsigned strangers;
};

struct lethe_apple_service {
    struct replay_io *replay;
};

static const char *text_of(const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));
    return text ? text : "";
}

static int64_t number_of(const json_t *entry, const char *key)
{
    return json_integer_value(json_object_get(entry, key));
}

/* Members of QUESTION must be the entry's, too. */
static bool answers(const json_t *entry, const json_t *question)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)question, key, value)
    {
        const json_t *there = json_object_get(entry, key);
        if (!json_equal(value, there) && !(json_is_null(value) && !there))
            return false;
    }
    return true;
}

/* The first answer to QUESTION (consumed) that was not given yet; one that was given may be given
 * again, for today's questions may come more often than those of then. Transfers of a pipe are no
 * questions: each is given once. */
static const json_t *find(struct replay_io *r, json_t *question, bool again)
{
    const json_t *found = NULL;
    for (size_t i = 0; question && i < r->n; i++) {
        const json_t *entry = json_array_get(r->exchange, i);
        if ((r->used[i] && (!again || found)) || !answers(entry, question))
            continue;
        found = entry;
        if (r->used[i])
            continue; /* better one that is still due */
        r->used[i] = true;
        break;
    }
    json_decref(question);
    r->strangers += !found;
    return found;
}

static struct replay_io *replay_of(struct lethe_io *io)
{
    return (struct replay_io *)io;
}

/* OUT gets at most SIZE bytes, zeros behind what the entry has. */
static void unhex(const json_t *entry, const char *key, void *out, size_t size)
{
    const char *text = text_of(entry, key);
    memset(out, 0, size);
    if (lethe_hex_decode(out, size, text, strlen(text)) < 0)
        memset(out, 0, size);
}

static int replay_info(struct lethe_io *io, struct lethe_io_info *out)
{
    const json_t *e = find(replay_of(io), json_pack("{s:s}", "op", "info"), true);
    if (!e)
        return -EIO;
    *out = (struct lethe_io_info){.capacity = (uint64_t)number_of(e, "capacity"),
                                  .logical_block = (uint32_t)number_of(e, "logical"),
                                  .physical_block = (uint32_t)number_of(e, "physical"),
                                  .alignment = (uint32_t)number_of(e, "alignment")};
    return (int)number_of(e, "rc");
}

static ssize_t replay_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    const json_t *e = find(replay_of(io),
                           json_pack("{s:s, s:I, s:I}", "op", "read", "offset", (json_int_t)offset,
                                     "length", (json_int_t)len),
                           true);
    memset(buf, 0, len);
    return e ? (ssize_t)number_of(e, "rc") : -EIO;
}

/* A pipe's transfers come in their order, whatever is sent: with other keys, a host signs other
 * words. Other commands are known by their bytes. */
static json_t *question_of(const struct lethe_command *c)
{
    static const char *const sets[] = {[LETHE_SET_SCSI] = "scsi",
                                       [LETHE_SET_NVME] = "nvme",
                                       [LETHE_SET_USB] = "usb",
                                       [LETHE_SET_MMC] = "mmc"};
    static const char *const directions[] = {
        [LETHE_DATA_NONE] = "none", [LETHE_DATA_IN] = "in", [LETHE_DATA_OUT] = "out"};
    char bytes[2 * sizeof(c->bytes) + 1];
    size_t n = c->n_bytes;
    while (n > 0 && c->bytes[n - 1] == 0)
        n--;
    lethe_hex_encode(bytes, c->bytes, n);
    json_t *question = json_pack("{s:s, s:s, s:s}", "op", "command", "set", sets[c->set],
                                 "direction", directions[c->direction]);
    if (question && c->set != LETHE_SET_USB) {
        json_object_set_new(question, "bytes", json_string(bytes));
        json_object_set_new(question, "length", json_integer((json_int_t)c->data_len));
    }
    return question;
}

static int replay_command(struct lethe_io *io, struct lethe_command *c)
{
    const json_t *e = find(replay_of(io), question_of(c), c->set != LETHE_SET_USB);
    if (!e)
        return c->set == LETHE_SET_USB ? -ENODEV : -EIO; /* it said nothing more */
    size_t sense = strlen(text_of(e, "sense")) / 2;
    c->n_sense = sense < sizeof(c->sense) ? sense : sizeof(c->sense);
    unhex(e, "sense", c->sense, c->n_sense);
    c->result = number_of(e, "result");
    c->transferred = (size_t)number_of(e, "transferred");
    if (c->direction == LETHE_DATA_OUT) /* whatever was sent then */
        c->transferred = c->data_len;
    if (c->transferred > c->data_len)
        return -EIO;
    if (c->direction == LETHE_DATA_IN)
        unhex(e, "in", c->data, c->data_len);
    return (int)number_of(e, "rc");
}

static void replay_close(struct lethe_io *io)
{
    struct replay_io *r = replay_of(io);
    json_decref((json_t *)(uintptr_t)r->exchange);
    free(r->used);
    free(r);
}

/* ---- Apple ---- */

static enum lethe_apple_end end_of(const json_t *entry)
{
#define LETHE_APPLE_WORD(symbol, spelling)                                                         \
    if (entry && strcmp(text_of(entry, "end"), spelling) == 0)                                     \
        return LETHE_##symbol;
    LETHE_APPLE_ENDS(LETHE_APPLE_WORD)
#undef LETHE_APPLE_WORD
    return LETHE_APPLE_ABSENT; /* what was not recorded is not there */
}

static void fill(const json_t *entry, struct lethe_apple_answer *out)
{
    const json_t *reply = json_object_get(entry, "reply");
    *out = (struct lethe_apple_answer){.end = end_of(entry)};
    lethe_text_format(out->error, sizeof(out->error), "%s", text_of(entry, "error"));
    if (reply)
        out->reply = json_deep_copy(reply);
}

static const char *apple_udid(struct lethe_io *io)
{
    const json_t *e = find(replay_of(io), json_pack("{s:s}", "op", "udid"), true);
    return text_of(e, "udid");
}

static void apple_value(struct lethe_io *io, const char *domain, const char *key,
                        unsigned timeout_ms, struct lethe_apple_answer *out)
{
    (void)timeout_ms;
    fill(find(replay_of(io),
              json_pack("{s:s, s:s?, s:s?}", "op", "value", "domain", domain, "key", key), true),
         out);
}

static void apple_record(struct lethe_io *io, struct lethe_apple_record *out)
{
    const json_t *e = find(replay_of(io), json_pack("{s:s}", "op", "record"), true);
    *out = (struct lethe_apple_record){.present = json_is_true(json_object_get(e, "present"))};
}

static void simple(struct lethe_io *io, const char *op, struct lethe_apple_answer *out)
{
    fill(find(replay_of(io), json_pack("{s:s}", "op", op), true), out);
}

static void apple_pair(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    (void)timeout_ms;
    simple(io, "pair", out);
}

static void apple_unpair(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    (void)timeout_ms;
    simple(io, "unpair", out);
}

static void apple_session_open(struct lethe_io *io, unsigned timeout_ms,
                               struct lethe_apple_answer *out)
{
    (void)timeout_ms;
    simple(io, "session", out);
}

static void apple_session_close(struct lethe_io *io)
{
    (void)io;
}

static struct lethe_apple_service *apple_service_open(struct lethe_io *io, const char *name,
                                                      unsigned timeout_ms,
                                                      struct lethe_apple_answer *out)
{
    (void)timeout_ms;
    fill(find(replay_of(io), json_pack("{s:s, s:s}", "op", "service", "name", name), true), out);
    struct lethe_apple_service *service = lethe_apple_ok(out) ? malloc(sizeof(*service)) : NULL;
    if (service)
        service->replay = replay_of(io);
    return service;
}

static void apple_exchange(struct lethe_apple_service *service, const json_t *request,
                           unsigned timeout_ms, struct lethe_apple_answer *out)
{
    (void)timeout_ms;
    json_t *question = json_pack("{s:s}", "op", "exchange");
    if (question && request)
        json_object_set_new(question, "request", json_deep_copy(request));
    fill(find(service->replay, question, true), out);
}

static enum lethe_apple_end apple_send(struct lethe_apple_service *service, const void *data,
                                       size_t len, unsigned timeout_ms)
{
    (void)data, (void)timeout_ms;
    return end_of(find(service->replay,
                       json_pack("{s:s, s:I}", "op", "send", "length", (json_int_t)len), true));
}

static enum lethe_apple_end apple_receive(struct lethe_apple_service *service, void *data,
                                          size_t len, unsigned timeout_ms)
{
    (void)timeout_ms;
    memset(data, 0, len);
    return end_of(find(service->replay,
                       json_pack("{s:s, s:I}", "op", "receive", "length", (json_int_t)len), true));
}

static void apple_service_close(struct lethe_apple_service *service)
{
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

static bool has(const json_t *exchange, const char *op)
{
    size_t i;
    json_t *entry;
    json_array_foreach(exchange, i, entry)
    {
        if (strcmp(text_of(entry, "op"), op) == 0)
            return true;
    }
    return false;
}

int lethe_replay_open(const json_t *exchange, struct lethe_io **out, struct lethe_error *err)
{
    size_t n = json_array_size(exchange);
    if (!json_is_array(exchange) || n > LETHE_RECORDING_ENTRIES_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "not the exchange of a recording");
    struct replay_io *r = calloc(1, sizeof(*r));
    bool *used = calloc(n + 1, sizeof(*used));
    if (!r || !used) {
        free(r);
        free(used);
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    }
    r->exchange = json_incref((json_t *)(uintptr_t)exchange);
    r->used = used;
    r->n = n;
    r->ops = (struct lethe_io_ops){.name = "replay",
                                   .info = replay_info,
                                   .pread = replay_pread,
                                   .command = has(exchange, "command") ? replay_command : NULL,
                                   .apple = has(exchange, "value") ? &apple_ops : NULL,
                                   .close = replay_close};
    r->io.ops = &r->ops;
    *out = &r->io;
    return 0;
}

unsigned lethe_replay_strangers(const struct lethe_io *io)
{
    return ((const struct replay_io *)io)->strangers;
}
