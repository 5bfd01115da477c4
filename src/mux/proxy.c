/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loop over all sockets. Clients ask in small messages, then at most one thing: to hear events,
 * or to be let through to a port of the device.
 */
#include "mux/proxy.h"

#include <base/time.h>
#include <errno.h>
#include <poll.h>
#include <proto/plist.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK ((size_t)32 << 10)
#define LISTEN_AGAIN_MS 500

enum state { ASKING, LISTENING, RELAYING };

/* One way of a relay, or what one side still has to be told. */
struct way {
    struct lethe_buf bytes;
    size_t sent;
    bool ended; /* nothing more comes */
    bool told;  /* and the other side knows */
};

struct client {
    int fd, up; /* up: of LISTENING and RELAYING; -1 none */
    enum state state;
    struct lethe_buf in;    /* ASKING: of the client; LISTENING: of the real usbmuxd */
    struct way out, upward; /* to the client; to the device */
    struct lethe_mux_seen shown;
    uint64_t since; /* ASKING: the last whole message; LISTENING: the last try to listen */
    bool dead;
};

struct proxy {
    struct lethe_mux *mux;
    struct lethe_mux_real *real;
    struct client clients[LETHE_MUX_CLIENTS_MAX];
    size_t n;
};

static void end(struct client *c)
{
    close(c->fd);
    if (c->up >= 0)
        close(c->up);
    lethe_buf_free(&c->in);
    lethe_buf_free(&c->out.bytes);
    lethe_buf_free(&c->upward.bytes);
}

static size_t pending(const struct way *way)
{
    return way->bytes.len - way->sent;
}

/* What can be sent now; false when FD is done for. */
static bool flush(struct way *way, int fd)
{
    while (pending(way)) {
        ssize_t n =
            send(fd, way->bytes.data + way->sent, pending(way), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        way->sent += (size_t)n;
    }
    way->bytes.len = way->sent = 0;
    if (way->ended && !way->told) {
        shutdown(fd, SHUT_WR);
        way->told = true;
    }
    return true;
}

/* Some bytes more of FD behind BUF: 1, 0 its end, -1 none now, -2 broken. */
static int take(int fd, struct lethe_buf *buf, size_t room)
{
    char bytes[CHUNK];
    ssize_t n = recv(fd, bytes, room < sizeof(bytes) ? room : sizeof(bytes), MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? -1 : -2;
    if (n == 0)
        return 0;
    return lethe_buf_add(buf, bytes, (size_t)n) < 0 ? -2 : 1;
}

/* The first whole message of BUF: 1 with TAG, LEN of its plist; 0 not yet; negative never. */
static int whole(const struct lethe_buf *buf, uint32_t *tag, uint32_t *len)
{
    if (buf->len < LETHE_MUX_CLIENT_HEADER)
        return 0;
    int rc = lethe_mux_client_parse((const uint8_t *)buf->data, tag, len, NULL);
    return rc < 0 ? rc : buf->len >= LETHE_MUX_CLIENT_HEADER + *len;
}

static void consume(struct lethe_buf *buf, size_t n)
{
    memmove(buf->data, buf->data + n, buf->len - n);
    buf->len -= n;
}

static void answer(struct proxy *p, struct client *c)
{
    uint32_t tag, len;
    int there = 0;
    while (!c->dead && c->state == ASKING && (there = whole(&c->in, &tag, &len)) == 1) {
        enum lethe_mux_next next =
            lethe_mux_handle(p->mux, tag, c->in.data + LETHE_MUX_CLIENT_HEADER, len, &c->out.bytes);
        consume(&c->in, LETHE_MUX_CLIENT_HEADER + len);
        c->since = lethe_monotonic_ms();
        c->dead = next == LETHE_MUX_NEXT_DROP || c->out.bytes.len > 2 * LETHE_MUX_CLIENT_MAX;
        if (next == LETHE_MUX_NEXT_LISTEN) {
            c->state = LISTENING;
            c->since = 0;
        } else if (next == LETHE_MUX_NEXT_RELAY) {
            c->state = RELAYING;
            c->up = p->real->through;
            p->real->through = -1;
            /* It may have begun to talk at once. */
            c->dead = c->dead || lethe_buf_add(&c->upward.bytes, c->in.data, c->in.len) < 0;
        }
        if (c->state != ASKING)
            c->in.len = 0;
    }
    if (there < 0)
        c->dead = true;
}

static void tell(struct client *c, json_t *event)
{
    if (lethe_mux_frame(0, event, &c->out.bytes) < 0)
        c->dead = true;
    json_decref(event);
}

static void gone(struct client *c)
{
    if (c->shown.present)
        tell(c, lethe_mux_detached(c->shown.id));
    c->shown = (struct lethe_mux_seen){0};
}

/* An event of the real one: of our device it is passed on, in our words. */
static void hear(struct proxy *p, struct client *c, const void *plist, size_t len)
{
    struct lethe_mux_seen seen;
    json_t *event = lethe_plist_parse(plist, len, NULL);
    const char *type = json_string_value(json_object_get(event, "MessageType"));
    const json_t *id = json_object_get(event, "DeviceID");
    if (type && strcmp(type, "Attached") == 0 && lethe_mux_is_ours(p->mux, event, &seen)) {
        gone(c);
        c->shown = seen;
        tell(c, lethe_mux_attached(p->mux, &seen));
    } else if (type && strcmp(type, "Detached") == 0 && json_is_integer(id) &&
               json_integer_value(id) == (json_int_t)c->shown.id) {
        gone(c);
    }
    json_decref(event);
}

static void listen_on(struct proxy *p, struct client *c)
{
    uint32_t tag, len;
    int got = take(c->up, &c->in, CHUNK), there = 0;
    while (got > 0 && (there = whole(&c->in, &tag, &len)) == 1) {
        hear(p, c, c->in.data + LETHE_MUX_CLIENT_HEADER, len);
        consume(&c->in, LETHE_MUX_CLIENT_HEADER + len);
    }
    if (got == 0 || got == -2 || there < 0) { /* it ended: so has all that it showed */
        gone(c);
        close(c->up);
        c->up = -1;
        c->in.len = 0;
    }
}

static void relay(struct client *c, bool from_client)
{
    struct way *way = from_client ? &c->upward : &c->out;
    int got = take(from_client ? c->fd : c->up, &way->bytes, CHUNK);
    if (got == 0)
        way->ended = true;
    if (got == -2)
        c->dead = true;
}

static void on_client(struct proxy *p, struct client *c)
{
    if (c->state == RELAYING) {
        relay(c, true);
        return;
    }
    /* Who listens says nothing more; who hangs up has gone. */
    int got = take(c->fd, &c->in, CHUNK);
    if (got == 0 || got == -2 || (got > 0 && c->state == LISTENING))
        c->dead = true;
    if (got > 0 && c->state == ASKING)
        answer(p, c);
}

static void settle(struct client *c)
{
    if (!c->dead && !flush(&c->out, c->fd))
        c->dead = true;
    if (!c->dead && c->state == RELAYING && !flush(&c->upward, c->up))
        c->dead = true;
    if (c->state == RELAYING && c->out.told && c->upward.told)
        c->dead = true;
}

static short wants(const struct way *in, const struct way *out)
{
    return (short)((in && !in->ended && !pending(in) ? POLLIN : 0) | (pending(out) ? POLLOUT : 0));
}

/* Two entries a client. Returns until when to wait. */
static int prepare(struct proxy *p, struct pollfd *fds)
{
    uint64_t now = lethe_monotonic_ms();
    int timeout = 5000;
    for (size_t i = 0; i < p->n; i++) {
        struct client *c = &p->clients[i];
        if (c->state == LISTENING && c->up < 0 && now - c->since >= LISTEN_AGAIN_MS) {
            c->up = lethe_mux_real_listen(p->real);
            c->since = now;
        }
        if (c->state == LISTENING && c->up < 0)
            timeout = LISTEN_AGAIN_MS;
        if (c->state == ASKING && now - c->since > LETHE_MUX_IDLE_MS)
            c->dead = true;
        bool relays = c->state == RELAYING;
        struct pollfd *own = &fds[2 * i], *up = own + 1;
        *own = (struct pollfd){.fd = c->fd, .events = wants(&c->upward, &c->out)};
        *up = (struct pollfd){.fd = c->up, .events = POLLIN};
        if (relays)
            up->events = wants(&c->out, &c->upward);
        /* One that has ended both ways would wake us for ever. */
        if (relays && !own->events)
            own->fd = -1;
        if (relays && !up->events)
            up->fd = -1;
    }
    return timeout;
}

static void serve_ready(struct proxy *p, const struct pollfd *fds)
{
    for (size_t i = 0; i < p->n; i++) {
        struct client *c = &p->clients[i];
        short reads = POLLIN | POLLHUP | POLLERR;
        if (!c->dead && fds[2 * i].revents & reads && fds[2 * i].events & POLLIN)
            on_client(p, c);
        if (!c->dead && c->up >= 0 && c->up == fds[2 * i + 1].fd &&
            fds[2 * i + 1].revents & reads && fds[2 * i + 1].events & POLLIN) {
            if (c->state == RELAYING)
                relay(c, false);
            else
                listen_on(p, c);
        }
        settle(c);
    }
    for (size_t i = 0; i < p->n;)
        if (p->clients[i].dead) {
            end(&p->clients[i]);
            p->clients[i] = p->clients[--p->n];
        } else {
            i++;
        }
}

static void welcome(struct proxy *p, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (p->n == LETHE_MUX_CLIENTS_MAX) {
        close(fd);
        return;
    }
    p->clients[p->n++] = (struct client){.fd = fd, .up = -1, .since = lethe_monotonic_ms()};
}

int lethe_mux_serve(struct lethe_mux *mux, struct lethe_mux_real *real, int listener, int leash,
                    struct lethe_error *err)
{
    struct proxy *p = calloc(1, sizeof(*p));
    if (!p)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    p->mux = mux;
    p->real = real;
    for (;;) {
        struct pollfd fds[2 + 2 * LETHE_MUX_CLIENTS_MAX] = {{.fd = leash, .events = POLLIN},
                                                            {.fd = listener, .events = POLLIN}};
        int timeout = prepare(p, fds + 2);
        if (poll(fds, (nfds_t)(2 + 2 * p->n), timeout) < 0 && errno != EINTR)
            break;
        if (fds[0].revents)
            break;
        serve_ready(p, fds + 2);
        if (fds[1].revents & POLLIN)
            welcome(p, listener);
    }
    while (p->n > 0)
        end(&p->clients[--p->n]);
    free(p);
    return 0;
}
