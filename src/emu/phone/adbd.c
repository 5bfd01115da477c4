/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: CNXN and AUTH, then streams with one WRTE in flight each (facts/phones.md 2.1).
 */
#include "emu/phone/adbd.h"

#include "base/text.h"
#include "base/time.h"
#include "emu/phone/android.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct adb *adb_of(struct phone_engine *engine)
{
    return (struct adb *)engine;
}

void adb_send(struct adb *adb, uint32_t command, uint32_t arg0, uint32_t arg1, const void *data,
              size_t len)
{
    uint8_t header[LETHE_ADB_HEADER];
    lethe_adb_header_build(header, command, arg0, arg1, data, (uint32_t)len);
    if (phone_engine_say(&adb->base, header, sizeof(header)) < 0 ||
        (len > 0 && phone_engine_say(&adb->base, data, len) < 0))
        adb->base.left = true;
}

/* -- who may come in --------------------------------------------------------------------------- */

void adb_prop(const struct phone *phone, const char *name, char *out, size_t out_size)
{
    const json_t *value = json_object_get(phone_trait(phone, "props"), name);
    if (json_is_integer(value))
        lethe_text_format(out, out_size, "%lld", (long long)json_integer_value(value));
    else
        lethe_text_format(out, out_size, "%s", value ? json_string_value(value) : "");
    if (strcmp(name, "ro.product.model") == 0 && phone_fault(phone, PHONE_FAULT_CONTROL))
        lethe_text_format(out, out_size,
                          "Pixel\x1b[2J\x07 \xe2\x80\xae"
                          "7\r\n]: [x]\n[ro.x]: [");
}

static void say_hello(struct adb *adb)
{
    static const char *const names[] = {"ro.product.name", "ro.product.model", "ro.product.device"};
    const struct phone *phone = &adb->base.phone;
    LETHE_BUF_AUTO banner = {0};
    enum lethe_phone_mode mode = phone_mode(phone);
    lethe_buf_puts(&banner, mode == LETHE_MODE_NORMAL ? "device" : lethe_phone_mode_name(mode));
    lethe_buf_puts(&banner, "::");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char value[256];
        adb_prop(phone, names[i], value, sizeof(value));
        lethe_buf_printf(&banner, "%s=%s;", names[i], value);
    }
    lethe_buf_puts(&banner, "features=cmd,shell_v2");
    if (phone_fault(phone, PHONE_FAULT_GARBAGE)) {
        for (size_t i = 0; i < banner.len; i++)
            banner.data[i] = (char)(0x80 + i * 7 % 128);
    }
    adb->online = true;
    adb_send(adb, LETHE_ADB_CNXN, LETHE_ADB_VERSION_SKIP, LETHE_ADB_PAYLOAD_MAX, banner.data,
             banner.len);
}

static void ask_for_a_key(struct adb *adb)
{
    lethe_random(adb->token, sizeof(adb->token));
    adb_send(adb, LETHE_ADB_AUTH, LETHE_ADB_TOKEN, 0, adb->token, sizeof(adb->token));
}

static void stream_free(struct adb_stream *stream)
{
    if (stream->service && stream->service->close)
        stream->service->close(stream);
    lethe_buf_free(&stream->out);
    *stream = (struct adb_stream){0};
}

static void on_connect(struct adb *adb)
{
    enum lethe_phone_mode mode = phone_mode(&adb->base.phone);
    for (size_t i = 0; i < ADB_STREAMS; i++)
        stream_free(&adb->streams[i]);
    adb->unchecked = adb->message.arg0 >= LETHE_ADB_VERSION_SKIP;
    adb->host_max = adb->message.arg1 < LETHE_ADB_PAYLOAD_MIN   ? LETHE_ADB_PAYLOAD_MIN
                    : adb->message.arg1 > LETHE_ADB_PAYLOAD_MAX ? LETHE_ADB_PAYLOAD_MAX
                                                                : adb->message.arg1;
    adb->online = false;
    /* minadbd lets anybody in: facts/phones.md 2.2. */
    if (mode == LETHE_MODE_SIDELOAD || mode == LETHE_MODE_RESCUE)
        say_hello(adb);
    else
        ask_for_a_key(adb);
}

static bool accepted(const struct adb *adb)
{
    const json_t *key;
    size_t i;
    if (phone_fault(&adb->base.phone, PHONE_FAULT_UNAUTHORISED))
        return false;
    json_array_foreach(json_object_get(phone_state(&adb->base.phone), "keys"), i, key)
    {
        if (adb_signed(json_string_value(key), adb->token, adb->payload, adb->message.length))
            return true;
    }
    return false;
}

static int ask_key(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)err;
    return android_ask_key(phone, user);
}

static void on_auth(struct adb *adb)
{
    uint8_t key[LETHE_ADB_KEY];
    if (adb->message.arg0 == LETHE_ADB_SIGNATURE) {
        if (accepted(adb))
            say_hello(adb);
        else
            ask_for_a_key(adb);
    } else if (adb->message.arg0 == LETHE_ADB_PUBLIC_KEY &&
               lethe_adb_key_parse(adb->payload, adb->message.length, key, NULL) == 0) {
        /* Without the comment: one key is one key, whoever sends it. */
        lethe_adb_key_format(key, "", adb->asked);
        adb->asked[strcspn(adb->asked, " ")] = '\0';
        phone_engine_change(&adb->base, ask_key, adb->asked);
    }
}

/* -- streams ----------------------------------------------------------------------------------- */

int adb_write(struct adb_stream *stream, const void *data, size_t len)
{
    return lethe_buf_add(&stream->out, data, len);
}

void adb_end(struct adb_stream *stream)
{
    stream->ending = true;
}

static struct adb_stream *stream_of(struct adb *adb, uint32_t local)
{
    for (size_t i = 0; local && i < ADB_STREAMS; i++)
        if (adb->streams[i].local == local)
            return &adb->streams[i];
    return NULL;
}

static void flush(struct adb *adb, struct adb_stream *stream)
{
    if (!stream->local || stream->waiting)
        return;
    if (stream->sent == stream->out.len) {
        lethe_buf_free(&stream->out);
        stream->sent = 0;
        if (!stream->ending && stream->service->more)
            stream->service->more(adb, stream);
    }
    size_t rest = stream->out.len - stream->sent;
    size_t n = rest < adb->host_max ? rest : adb->host_max;
    if (n > 0) {
        adb_send(adb, LETHE_ADB_WRTE, stream->local, stream->remote,
                 stream->out.data + stream->sent, n);
        stream->sent += n;
        stream->waiting = true;
    } else if (stream->ending) {
        adb_send(adb, LETHE_ADB_CLSE, stream->local, stream->remote, NULL, 0);
        stream_free(stream);
    }
}

static void on_open(struct adb *adb)
{
    char name[4096 + 1];
    const char *argument;
    size_t len = strnlen((const char *)adb->payload, adb->message.length);
    struct adb_stream *stream = NULL;
    for (size_t i = 0; !stream && i < ADB_STREAMS; i++)
        if (!adb->streams[i].local)
            stream = &adb->streams[i];
    lethe_text_format(name, sizeof(name), "%.*s", len < 4096 ? (int)len : 4096,
                      (const char *)adb->payload);
    const struct adb_service *service = adb_service_find(&adb->base.phone, name, &argument);
    if (!stream || !service || adb->message.arg0 == 0) {
        adb_send(adb, LETHE_ADB_CLSE, 0, adb->message.arg0, NULL, 0);
        return;
    }
    *stream = (struct adb_stream){
        .local = ++adb->last_id, .remote = adb->message.arg0, .service = service};
    /* OKAY before what is done may take the phone from its port. */
    adb_send(adb, LETHE_ADB_OKAY, stream->local, stream->remote, NULL, 0);
    if (service->open(adb, stream, argument) < 0)
        adb_end(stream);
    flush(adb, stream);
}

static void on_message(struct adb *adb)
{
    const struct lethe_adb_message *message = &adb->message;
    if (message->command == LETHE_ADB_CNXN)
        on_connect(adb);
    else if (message->command == LETHE_ADB_AUTH && !adb->online)
        on_auth(adb);
    if (!adb->online)
        return;
    struct adb_stream *stream = stream_of(adb, message->arg1);
    if (message->command == LETHE_ADB_OPEN) {
        on_open(adb);
    } else if (message->command == LETHE_ADB_WRTE && stream) {
        if (stream->service->data)
            stream->service->data(adb, stream, adb->payload, message->length);
        adb_send(adb, LETHE_ADB_OKAY, stream->local, stream->remote, NULL, 0);
        flush(adb, stream);
    } else if (message->command == LETHE_ADB_OKAY && stream) {
        stream->waiting = false;
        flush(adb, stream);
    } else if (message->command == LETHE_ADB_CLSE && stream) {
        adb_send(adb, LETHE_ADB_CLSE, stream->local, stream->remote, NULL, 0);
        stream_free(stream);
    }
}

/* One header or payload more, if DATA has it whole. How much was taken; negative: nonsense. */
static ssize_t take(struct adb *adb, const uint8_t *data, size_t len)
{
    if (adb->n_header < LETHE_ADB_HEADER) {
        size_t n = LETHE_ADB_HEADER - adb->n_header;
        n = n < len ? n : len;
        memcpy(adb->header + adb->n_header, data, n);
        adb->n_header += n;
        adb->n_payload = 0;
        if (adb->n_header == LETHE_ADB_HEADER &&
            lethe_adb_header_parse(adb->header, sizeof(adb->header), LETHE_ADB_PAYLOAD_MAX,
                                   &adb->message, NULL) < 0)
            return -EPROTO;
        return (ssize_t)n;
    }
    size_t n = adb->message.length - adb->n_payload;
    n = n < len ? n : len;
    memcpy(adb->payload + adb->n_payload, data, n);
    adb->n_payload += n;
    return (ssize_t)n;
}

static int adb_out(struct phone_engine *engine, const uint8_t *data, size_t len)
{
    struct adb *adb = adb_of(engine);
    while (len > 0) {
        ssize_t n = take(adb, data, len);
        if (n < 0)
            engine->left = true;
        if (engine->left)
            return -ENODEV;
        data += n;
        len -= (size_t)n;
        if (adb->n_header < LETHE_ADB_HEADER || adb->n_payload < adb->message.length)
            continue;
        adb->n_header = 0;
        if (!adb->unchecked && adb->message.command != LETHE_ADB_CNXN &&
            !lethe_adb_payload_check(&adb->message, adb->payload))
            return 0; /* as a message that never came */
        on_message(adb);
    }
    return engine->left ? -ENODEV : 0;
}

/* The screen was tapped. */
static int adb_tick(struct phone_engine *engine)
{
    struct adb *adb = adb_of(engine);
    if (!adb->online && adb->asked[0] && android_trusts(&engine->phone, adb->asked)) {
        adb->asked[0] = '\0';
        say_hello(adb);
    }
    return 0;
}

static void adb_close(struct phone_engine *engine)
{
    struct adb *adb = adb_of(engine);
    for (size_t i = 0; i < ADB_STREAMS; i++)
        stream_free(&adb->streams[i]);
}

const struct phone_protocol phone_protocol_adb = {
    .size = sizeof(struct adb), .out = adb_out, .tick = adb_tick, .close = adb_close};
