/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phone's side of usbmux over USB (facts/phones.md 5.3): the version, then TCP without IP or
 * checksums, each connection into the same streams that muxd.c has. The host asks, the phone never
 * connects by itself.
 */
#include "emu/phone/iphone_stream.h"
#include "emu/phone/phone_usb.h"
#include "proto/usbmux.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 64, WINDOW = 131072, REPLY_VERSION = 2 };
/* So large that usbmuxd must put it together from two reads. */
enum { PAYLOAD = 20000 };

struct connection {
    struct iphone_stream *stream; /* NULL: free */
    uint16_t host, port;          /* the host's port, and ours */
    uint32_t said, heard;         /* our next sequence number, and the host's */
    uint32_t acked, window;       /* what the host has of ours, and takes beyond that */
};

struct mux {
    struct phone_engine engine; /* first: engines are told apart by their protocol */
    struct iphone iphone;
    unsigned version; /* of packets: 1 until the host has asked */
    uint16_t sent, received;
    struct lethe_buf in; /* a packet that isn't whole yet */
    struct connection connections[CONNECTIONS];
};

static int say(struct mux *mux, enum lethe_mux_protocol protocol, const void *head, size_t head_len,
               const void *data, size_t len)
{
    uint8_t packet[LETHE_MUX_HEADER_V2 + LETHE_MUX_TCP_HEADER + PAYLOAD];
    size_t at = lethe_mux_header_build(packet, mux->version, protocol, mux->sent, mux->received,
                                       (uint32_t)(head_len + len));
    memcpy(packet + at, head, head_len);
    if (len > 0)
        memcpy(packet + at + head_len, data, len);
    mux->sent++;
    return phone_engine_say(&mux->engine, packet, at + head_len + len);
}

static int say_tcp(struct mux *mux, const struct connection *c, uint8_t flags, const void *data,
                   size_t len)
{
    uint8_t head[LETHE_MUX_TCP_HEADER];
    const struct lethe_mux_tcp tcp = {.source = c->port,
                                      .destination = c->host,
                                      .seq = c->said,
                                      .ack = c->heard,
                                      .flags = flags,
                                      .window = WINDOW};
    lethe_mux_tcp_build(head, &tcp);
    return say(mux, LETHE_MUX_TCP, head, sizeof(head), data, len);
}

static int reset(struct mux *mux, struct connection *c, const char *why)
{
    int rc = say_tcp(mux, c, LETHE_MUX_RST, why, strlen(why));
    iphone_stream_close(c->stream);
    *c = (struct connection){0};
    return rc;
}

/* What the phone has to say, as far as the host's window goes; and the end. */
static int push(struct mux *mux, struct connection *c)
{
    uint8_t data[PAYLOAD];
    for (;;) {
        uint32_t flying = c->said - c->acked;
        uint32_t room = c->window > flying ? c->window - flying : 0;
        size_t len = iphone_stream_take(c->stream, data, room < sizeof(data) ? room : sizeof(data));
        if (len == 0)
            break;
        int rc = say_tcp(mux, c, LETHE_MUX_ACK, data, len);
        if (rc < 0)
            return rc;
        c->said += (uint32_t)len;
    }
    return iphone_stream_over(c->stream) ? reset(mux, c, "connection closed") : 0;
}

static struct connection *find(struct mux *mux, const struct lethe_mux_tcp *tcp)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &mux->connections[i];
        if (c->stream && c->host == tcp->source && c->port == tcp->destination)
            return c;
    }
    return NULL;
}

static int greet(struct mux *mux, const struct lethe_mux_tcp *tcp)
{
    struct connection refused = {
        .host = tcp->source, .port = tcp->destination, .heard = tcp->seq + 1};
    struct connection *c = mux->connections;
    while (c < mux->connections + CONNECTIONS && c->stream)
        c++;
    if (c == mux->connections + CONNECTIONS)
        return reset(mux, &refused, "too many connections");
    *c = refused;
    c->stream = iphone_stream_open(&mux->iphone, c->port);
    if (!c->stream)
        return reset(mux, c, "connection refused");
    c->window = tcp->window;
    int rc = say_tcp(mux, c, LETHE_MUX_SYN | LETHE_MUX_ACK, NULL, 0);
    /* The host's first acknowledgement is of this. */
    c->said = 1;
    c->acked = 1;
    return rc;
}

static int hear(struct mux *mux, struct connection *c, const struct lethe_mux_tcp *tcp)
{
    if (tcp->flags & (LETHE_MUX_RST | LETHE_MUX_FIN)) {
        iphone_stream_close(c->stream);
        *c = (struct connection){0};
        return 0;
    }
    c->acked = tcp->ack;
    c->window = tcp->window;
    if (tcp->len > 0) {
        if (tcp->seq != c->heard)
            return reset(mux, c, "sequence number out of place");
        c->heard += (uint32_t)tcp->len;
        iphone_stream_feed(c->stream, tcp->data, tcp->len);
        /* At once: the host sends no more than the window that is told here. */
        int rc = say_tcp(mux, c, LETHE_MUX_ACK, NULL, 0);
        if (rc < 0)
            return rc;
    }
    return push(mux, c);
}

static int hear_tcp(struct mux *mux, const struct lethe_mux_packet *packet)
{
    struct lethe_mux_tcp tcp;
    if (lethe_mux_tcp_parse(packet->payload, packet->payload_len, &tcp, NULL) < 0)
        return 0;
    struct connection *c = find(mux, &tcp);
    if (c)
        return hear(mux, c, &tcp);
    if (tcp.flags == LETHE_MUX_SYN)
        return greet(mux, &tcp);
    struct connection unknown = {.host = tcp.source, .port = tcp.destination, .said = tcp.ack};
    return tcp.flags & LETHE_MUX_RST ? 0 : reset(mux, &unknown, "no such connection");
}

static void hang_up(struct mux *mux)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        iphone_stream_close(mux->connections[i].stream);
        mux->connections[i] = (struct connection){0};
    }
}

static int hear_packet(struct mux *mux, const struct lethe_mux_packet *packet)
{
    uint8_t version[12];
    mux->received = packet->tx_seq;
    switch (packet->protocol) {
    case LETHE_MUX_VERSION:
        hang_up(mux); /* another usbmuxd, perhaps */
        lethe_mux_version_build(version, REPLY_VERSION, 0);
        if (say(mux, LETHE_MUX_VERSION, version, sizeof(version), NULL, 0) < 0)
            return -ENODEV;
        mux->version = REPLY_VERSION;
        mux->sent = 0;
        return 0;
    case LETHE_MUX_TCP:
        return hear_tcp(mux, packet);
    default:
        return 0; /* SETUP asks nothing, and CONTROL is the host's log */
    }
}

static int out(struct phone_engine *engine, const uint8_t *data, size_t len)
{
    struct mux *mux = (struct mux *)engine;
    struct lethe_mux_packet packet;
    if (lethe_buf_add(&mux->in, data, len) < 0)
        return -ENODEV;
    for (;;) {
        int whole = lethe_mux_packet_parse((const uint8_t *)mux->in.data, mux->in.len, mux->version,
                                           &packet, NULL);
        if (whole == 0)
            return 0;
        if (whole < 0) {
            static const char why[] = "\3that is no packet of usbmux";
            mux->in.len = 0;
            return say(mux, LETHE_MUX_CONTROL, why, sizeof(why) - 1, NULL, 0);
        }
        int rc = hear_packet(mux, &packet);
        iphone_drop(&mux->in, packet.length);
        if (rc < 0)
            return -ENODEV;
    }
}

static int tick(struct phone_engine *engine)
{
    struct mux *mux = (struct mux *)engine;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &mux->connections[i];
        if (!c->stream)
            continue;
        iphone_stream_tick(c->stream);
        if (push(mux, c) < 0)
            return -ENODEV;
    }
    return 0;
}

static int begin(struct phone_engine *engine, struct lethe_error *err)
{
    struct mux *mux = (struct mux *)engine;
    mux->version = 1;
    return phone_open(engine->phone.path, &mux->iphone.phone, err);
}

static void end(struct phone_engine *engine)
{
    struct mux *mux = (struct mux *)engine;
    hang_up(mux);
    lethe_buf_free(&mux->in);
    phone_close(&mux->iphone.phone);
}

const struct phone_protocol phone_protocol_mux = {
    .size = sizeof(struct mux), .open = begin, .out = out, .tick = tick, .close = end};
