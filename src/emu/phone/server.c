/* SPDX-License-Identifier: Apache-2.0 */
/* `lethe-phone adbd` and `lethe-phone fastboot`: the same bytes over TCP. A connection is an
 * enumeration: while the phone is away or in another mode, callers are hung up on. */
#include "base/text.h"
#include "base/time.h"
#include "emu/phone/phone_usb.h"
#include "emu/phone/verbs.h"
#include "proto/fastboot.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLERS_MAX 8
#define HELLO (sizeof(LETHE_FASTBOOT_TCP_HELLO) - 1)

struct caller {
    int fd; /* 0: free */
    struct phone_engine *engine;
    size_t hello; /* of FB01, heard */
    uint8_t in[LETHE_USB_TRANSFER_MAX];
    size_t n_in;
    uint64_t left; /* of a packet whose length was heard */
};

struct server {
    const char *memory;
    bool framed; /* fastboot's packets with their length; adb's stream as it is */
    int fd;
    struct caller callers[CALLERS_MAX];
};

static int parse_address(const char *text, struct sockaddr_in *out, struct lethe_error *err)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    char *end;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    /* Nothing of a model is for other machines. */
    if (!colon || *end || end == colon + 1 || port > 65535 ||
        !lethe_text_format(host, sizeof(host), "%.*s", (int)(colon - text), text) ||
        inet_pton(AF_INET, host, &out->sin_addr) != 1 || (ntohl(out->sin_addr.s_addr) >> 24) != 127)
        return lethe_fail(err, LETHE_E_USAGE, "\"%s\" is not an address such as 127.0.0.1:5555",
                          text);
    return 0;
}

static int begin(struct server *server, const char *address, struct lethe_error *err)
{
    struct sockaddr_in at;
    socklen_t len = sizeof(at);
    const int one = 1;
    int rc = parse_address(address, &at, err);
    if (rc < 0)
        return rc;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->fd < 0 || setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(server->fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
        listen(server->fd, CALLERS_MAX) < 0 ||
        getsockname(server->fd, (struct sockaddr *)&at, &len) < 0)
        return lethe_fail_errno(err, errno, "cannot listen on %s", address);
    printf("listening on 127.0.0.1:%u\n", ntohs(at.sin_port));
    fflush(stdout);
    return 0;
}

static void hang_up(struct caller *caller)
{
    phone_engine_close(caller->engine);
    close(caller->fd);
    caller->fd = 0;
    caller->engine = NULL;
}

static void welcome(struct server *server)
{
    struct caller *caller = NULL;
    const int one = 1;
    int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    for (size_t i = 0; !caller && i < CALLERS_MAX; i++)
        if (!server->callers[i].fd)
            caller = &server->callers[i];
    if (!caller) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    *caller = (struct caller){.fd = fd};
    if (phone_engine_open(server->memory, &caller->engine, NULL) < 0) {
        hang_up(caller);
        return;
    }
    bool fastboot = caller->engine->protocol == &phone_protocol_fastboot;
    if (fastboot != server->framed)
        hang_up(caller);
}

/* -- the wire ---------------------------------------------------------------------------------- */

static bool put(int fd, const void *data, size_t len)
{
    for (const uint8_t *at = data; len > 0;) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        if (n < 0 && errno == EAGAIN) {
            if (poll(&wait, 1, 10000) <= 0)
                return false;
            continue;
        }
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool put_packet(const struct server *server, const struct caller *caller, const void *data,
                       size_t len)
{
    uint8_t header[LETHE_FASTBOOT_TCP_HEADER];
    for (unsigned i = 0; i < sizeof(header); i++)
        header[i] = (uint8_t)((uint64_t)len >> 8 * (sizeof(header) - 1 - i));
    return (!server->framed || put(caller->fd, header, sizeof(header))) &&
           put(caller->fd, data, len);
}

static bool speak(const struct server *server, struct caller *caller)
{
    static uint8_t data[LETHE_USB_TRANSFER_MAX];
    ssize_t n;
    while ((n = phone_engine_in(caller->engine, data, sizeof(data))) > 0)
        if (!put_packet(server, caller, data, (size_t)n))
            return false;
    return n == 0;
}

/* Packets, or pieces of large ones, out of what came. */
static bool unwrap(struct caller *caller)
{
    for (;;) {
        if (caller->left == 0) {
            if (caller->n_in < LETHE_FASTBOOT_TCP_HEADER)
                return true;
            for (unsigned i = 0; i < LETHE_FASTBOOT_TCP_HEADER; i++)
                caller->left = caller->left << 8 | caller->in[i];
            caller->n_in -= LETHE_FASTBOOT_TCP_HEADER;
            memmove(caller->in, caller->in + LETHE_FASTBOOT_TCP_HEADER, caller->n_in);
            if (caller->left == 0)
                continue;
        }
        /* A command must be whole; of a download any piece will do. */
        size_t n = caller->left < caller->n_in ? (size_t)caller->left : caller->n_in;
        if (n == 0 || (n < caller->left && caller->left <= 4096))
            return true;
        if (phone_engine_out(caller->engine, caller->in, n) < 0)
            return false;
        caller->left -= n;
        caller->n_in -= n;
        memmove(caller->in, caller->in + n, caller->n_in);
    }
}

static bool hear(const struct server *server, struct caller *caller)
{
    ssize_t n = recv(caller->fd, caller->in + caller->n_in, sizeof(caller->in) - caller->n_in,
                     MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        return false;
    caller->n_in += (size_t)n;
    if (!server->framed) {
        size_t len = caller->n_in;
        caller->n_in = 0;
        return phone_engine_out(caller->engine, caller->in, len) == 0;
    }
    if (caller->hello < HELLO) {
        if (caller->n_in < HELLO)
            return true;
        if (memcmp(caller->in, "FB", 2) != 0 || !put(caller->fd, LETHE_FASTBOOT_TCP_HELLO, HELLO))
            return false;
        caller->hello = HELLO;
        caller->n_in -= HELLO;
        memmove(caller->in, caller->in + HELLO, caller->n_in);
    }
    return unwrap(caller);
}

static int serve(struct server *server)
{
    for (;;) {
        struct pollfd fds[CALLERS_MAX + 1] = {{.fd = server->fd, .events = POLLIN}};
        bool busy = false;
        for (size_t i = 0; i < CALLERS_MAX; i++) {
            bool here = server->callers[i].fd != 0;
            fds[i + 1] = (struct pollfd){.fd = here ? server->callers[i].fd : -1, .events = POLLIN};
            busy |= here;
        }
        if (poll(fds, CALLERS_MAX + 1, busy ? 20 : -1) < 0 && errno != EINTR)
            return -LETHE_E_IO;
        for (size_t i = 0; i < CALLERS_MAX; i++) {
            struct caller *caller = &server->callers[i];
            if (!caller->fd)
                continue;
            bool here = !fds[i + 1].revents || hear(server, caller);
            here = phone_engine_tick(caller->engine) == 0 && here;
            here = speak(server, caller) && here;
            if (!here)
                hang_up(caller);
        }
        if (fds[0].revents)
            welcome(server);
    }
}

static int run(const struct verb_options *options, bool framed, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    int rc = phone_open(options->memory[0], &phone, err);
    if (rc < 0)
        return rc; /* callers would be hung up on, and not be told why */
    struct server *server = calloc(1, sizeof(*server));
    if (!server)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    *server = (struct server){.memory = options->memory[0], .framed = framed};
    rc = begin(server, options->listen, err);
    if (rc == 0 && serve(server) < 0)
        rc = lethe_fail(err, LETHE_E_IO, "no more can be heard");
    free(server);
    return rc;
}

int verb_adbd(const struct verb_options *options, struct lethe_error *err)
{
    return run(options, false, err);
}

int verb_fastboot(const struct verb_options *options, struct lethe_error *err)
{
    return run(options, true, err);
}
