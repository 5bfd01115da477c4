/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: frames of plists, what a faulty phone makes of them, ports of services. */
#include "emu/phone/iphone_stream.h"

#include "base/time.h"
#include "emu/phone/plist.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 1 << 20, NESTING = 30000, FIRST_PORT = 49152 };

static const struct iphone_service *const services[] = {
    &iphone_mcinstall,   &iphone_backup,        &iphone_afc,
    &iphone_diagnostics, &iphone_notifications, &iphone_insecure_notifications};

const struct iphone_service *iphone_service_find(const char *name)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
        if (strcmp(services[i]->name, name) == 0)
            return services[i];
    return NULL;
}

uint16_t iphone_promise(struct iphone *iphone, const struct iphone_service *service,
                        const char *host)
{
    for (size_t i = 0; i < IPHONE_TICKETS; i++) {
        struct iphone_ticket *ticket = &iphone->tickets[i];
        if (ticket->port)
            continue;
        /* A port that was just used is not used again at once. */
        iphone->last_port =
            iphone->last_port < FIRST_PORT ? FIRST_PORT : (uint16_t)(iphone->last_port + 1);
        *ticket = (struct iphone_ticket){.port = iphone->last_port, .service = service};
        memccpy(ticket->host, host, '\0', sizeof(ticket->host) - 1);
        return ticket->port;
    }
    return 0;
}

static void begin(struct iphone_stream *stream)
{
    if (!stream->service->tls)
        iphone_greet(stream);
    else if (!iphone_tls_begin(stream, stream->host))
        stream->ended = true;
}

void iphone_greet(struct iphone_stream *stream)
{
    if (stream->service->greet && !stream->greeted)
        stream->service->greet(stream);
    stream->greeted = true;
}

struct iphone_stream *iphone_stream_open(struct iphone *iphone, uint16_t port)
{
    const struct iphone_service *service = port == IPHONE_LOCKDOWN_PORT ? &iphone_lockdown : NULL;
    struct iphone_ticket *ticket = iphone->tickets;
    while (!service && ticket < iphone->tickets + IPHONE_TICKETS) {
        if (ticket->port == port && port != 0)
            service = ticket->service;
        else
            ticket++;
    }
    struct iphone_stream *stream = service ? calloc(1, sizeof(*stream)) : NULL;
    if (!stream)
        return NULL;
    *stream = (struct iphone_stream){.iphone = iphone, .phone = &iphone->phone, .service = service};
    if (port != IPHONE_LOCKDOWN_PORT) {
        memcpy(stream->host, ticket->host, sizeof(stream->host));
        *ticket = (struct iphone_ticket){0};
    }
    begin(stream);
    return stream;
}

void iphone_stream_close(struct iphone_stream *stream)
{
    if (!stream)
        return;
    if (stream->service->end)
        stream->service->end(stream);
    iphone_tls_end(stream);
    lethe_buf_free(&stream->in);
    lethe_buf_free(&stream->out);
    free(stream);
}

/* ---- to the host ---- */

void iphone_say_bytes(struct iphone_stream *stream, const void *data, size_t len)
{
    if (stream->tls)
        iphone_tls_say(stream, data, len);
    else if (lethe_buf_add(&stream->out, data, len) < 0)
        stream->ended = true;
}

/* <array> in <array> in <array>. */
static int nest(struct lethe_buf *out)
{
    int rc =
        lethe_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">");
    for (int i = 0; rc == 0 && i < NESTING; i++)
        rc = lethe_buf_puts(out, "<array>");
    for (int i = 0; rc == 0 && i < NESTING; i++)
        rc = lethe_buf_puts(out, "</array>");
    return rc < 0 ? rc : lethe_buf_puts(out, "</plist>\n");
}

/* Does FAULT strike at what this service says? "of" names one: "lockdown" (all of GetValue and
 * later, also where nothing is said), "MCInstall", "backup", "diagnostics". */
static bool strikes(struct iphone_stream *stream, enum phone_fault fault)
{
    const json_t *rule = phone_fault(stream->phone, fault);
    const char *of = json_string_value(json_object_get(rule, "of"));
    return rule && strstr(stream->service->name, of ? of : "lockdown") &&
           phone_strikes(stream->phone, fault);
}

void iphone_say(struct iphone_stream *stream, json_t *plist)
{
    LETHE_BUF_AUTO body = {0};
    const json_t *slow = phone_fault(stream->phone, PHONE_FAULT_SLOW);
    if (slow && phone_strikes(stream->phone, PHONE_FAULT_SLOW))
        stream->held_until = lethe_now_ms() + phone_fault_count(slow, "milliseconds", 1000);
    int rc = plist ? 0 : -LETHE_E_INTERNAL;
    if (rc == 0)
        rc = strikes(stream, PHONE_FAULT_DEEP)
                 ? nest(&body)
                 : plist_encode(plist, stream->service->binary, &body);
    json_decref(plist);
    uint32_t length = htobe32((uint32_t)body.len);
    bool cut = rc == 0 && strikes(stream, PHONE_FAULT_HALF_PLIST);
    if (rc == 0 && strikes(stream, PHONE_FAULT_LENGTH_4G))
        length = UINT32_MAX;
    if (rc == 0) {
        iphone_say_bytes(stream, &length, sizeof(length));
        iphone_say_bytes(stream, body.data, cut ? body.len / 2 : body.len);
    }
    if (rc < 0 || cut)
        stream->ended = true;
}

size_t iphone_stream_take(struct iphone_stream *stream, void *data, size_t max)
{
    if (!iphone_stream_has(stream))
        return 0;
    size_t len = stream->out.len < max ? stream->out.len : max;
    memcpy(data, stream->out.data, len);
    iphone_drop(&stream->out, len);
    return len;
}

bool iphone_stream_has(const struct iphone_stream *stream)
{
    return stream->out.len > 0 && (!stream->held_until || stream->held_until <= lethe_now_ms());
}

bool iphone_stream_over(const struct iphone_stream *stream)
{
    return stream->ended && stream->out.len == 0;
}

/* ---- from the host ---- */

/* How much of DATA was one message; 0: it isn't whole. */
static size_t take_frame(struct iphone_stream *stream, const uint8_t *data, size_t len)
{
    uint32_t size;
    if (len < sizeof(size))
        return 0;
    memcpy(&size, data, sizeof(size));
    size = be32toh(size);
    if (size > FRAME_MAX) {
        stream->ended = true;
        return 0;
    }
    if (len < sizeof(size) + size)
        return 0;
    LETHE_JSON_AUTO *plist = plist_decode(data + sizeof(size), size);
    if (plist && phone_read(stream->phone, NULL) == 0)
        stream->service->message(stream, plist);
    else
        stream->ended = true;
    return sizeof(size) + size;
}

void iphone_hear(struct iphone_stream *stream, const void *data, size_t len)
{
    if (stream->ended || lethe_buf_add(&stream->in, data, len) < 0) {
        stream->ended = true;
        return;
    }
    size_t used = 1;
    while (used > 0 && stream->in.len > 0 && !stream->ended) {
        const uint8_t *bytes = (const uint8_t *)stream->in.data;
        used = stream->service->message ? take_frame(stream, bytes, stream->in.len)
                                        : stream->service->bytes(stream, bytes, stream->in.len);
        iphone_drop(&stream->in, used);
    }
}

void iphone_stream_feed(struct iphone_stream *stream, const void *data, size_t len)
{
    if (stream->tls)
        iphone_tls_feed(stream, data, len);
    else
        iphone_hear(stream, data, len);
}

void iphone_stream_tick(struct iphone_stream *stream)
{
    if (stream->service->tick && !stream->ended)
        stream->service->tick(stream);
}
