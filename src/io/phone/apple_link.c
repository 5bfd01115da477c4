/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libimobiledevice connects and speaks TLS; what is said is framed, measured and read here, since
 * it would take any length a device names and wait for ever (facts/phones.md 6). One timer is the
 * wall clock of all calls: when it rings, the socket is shut down under whoever waits on it.
 */
#include "io/phone/apple_link.h"

#include <base/buf.h>
#include <errno.h>
#include <libimobiledevice/libimobiledevice.h>
#include <proto/bytes.h>
#include <proto/plist.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

struct lethe_apple_link {
    idevice_t device;
    idevice_connection_t connection;
    int fd;
};

static volatile sig_atomic_t rung;
static volatile sig_atomic_t guarded = -1;

static void on_alarm(int number)
{
    int kept = errno;
    (void)number;
    rung = 1;
    if (guarded >= 0)
        shutdown(guarded, SHUT_RDWR);
    errno = kept;
}

int lethe_apple_clock(struct lethe_error *err)
{
    struct sigaction alarmed = {.sa_handler = on_alarm}, ignored = {.sa_handler = SIG_IGN};
    /* TLS writes to a socket whose other end may be gone. */
    if (sigaction(SIGALRM, &alarmed, NULL) < 0 || sigaction(SIGPIPE, &ignored, NULL) < 0)
        return lethe_fail_errno(err, errno, "the clock of the device's answers can't be set");
    return 0;
}

/* Rings again each second: what was waited on may have changed in between. */
static void watch(int fd, unsigned timeout_ms)
{
    struct itimerval timer = {.it_value = {.tv_sec = timeout_ms / 1000,
                                           .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000},
                              .it_interval = {.tv_sec = 1}};
    rung = 0;
    guarded = fd;
    setitimer(ITIMER_REAL, &timer, NULL);
}

static bool watched(void)
{
    static const struct itimerval never;
    setitimer(ITIMER_REAL, &never, NULL);
    guarded = -1;
    return rung;
}

/* Why nothing (more) came. INSIDE a message an end of the stream is a cut. */
static enum lethe_apple_end why(const struct lethe_apple_link *link, idevice_error_t error,
                                bool inside)
{
    char byte;
    if (rung || error == IDEVICE_E_TIMEOUT)
        return LETHE_APPLE_TIMEOUT;
    ssize_t n = recv(link->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 && !inside ? LETHE_APPLE_EOF : LETHE_APPLE_CUT;
}

enum lethe_apple_end lethe_apple_link_open(const char *udid, uint16_t port, unsigned timeout_ms,
                                           struct lethe_apple_link **out)
{
    struct lethe_apple_link *link = calloc(1, sizeof(*link));
    enum lethe_apple_end end = LETHE_APPLE_INTERNAL;
    *out = NULL;
    if (!link)
        return end;
    link->fd = -1;
    watch(-1, timeout_ms);
    if (idevice_new(&link->device, udid) != IDEVICE_E_SUCCESS)
        end = LETHE_APPLE_ABSENT;
    else if (idevice_connect(link->device, port, &link->connection) != IDEVICE_E_SUCCESS)
        end = LETHE_APPLE_REFUSED;
    else if (idevice_connection_get_fd(link->connection, &link->fd) == IDEVICE_E_SUCCESS)
        end = LETHE_APPLE_REPLY;
    if (watched() && end != LETHE_APPLE_REPLY)
        end = LETHE_APPLE_TIMEOUT;
    if (end == LETHE_APPLE_REPLY) {
        *out = link;
        return end;
    }
    lethe_apple_link_close(link);
    return end;
}

enum lethe_apple_end lethe_apple_link_secure(struct lethe_apple_link *link, unsigned timeout_ms)
{
    watch(link->fd, timeout_ms);
    idevice_error_t error = idevice_connection_enable_ssl(link->connection);
    if (watched())
        return LETHE_APPLE_TIMEOUT;
    return error == IDEVICE_E_SUCCESS ? LETHE_APPLE_REPLY : LETHE_APPLE_CUT;
}

static enum lethe_apple_end send_all(struct lethe_apple_link *link, const char *data, size_t len)
{
    while (len > 0) {
        uint32_t part = len < 65536 ? (uint32_t)len : 65536, sent = 0;
        idevice_error_t error = idevice_connection_send(link->connection, data, part, &sent);
        if (error != IDEVICE_E_SUCCESS || sent == 0)
            return rung ? LETHE_APPLE_TIMEOUT : LETHE_APPLE_CUT;
        data += sent;
        len -= sent;
    }
    return LETHE_APPLE_REPLY;
}

static enum lethe_apple_end receive_all(struct lethe_apple_link *link, char *data, size_t len,
                                        unsigned timeout_ms, bool inside)
{
    while (len > 0) {
        uint32_t part = len < 65536 ? (uint32_t)len : 65536, got = 0;
        idevice_error_t error =
            idevice_connection_receive_timeout(link->connection, data, part, &got, timeout_ms);
        if (error != IDEVICE_E_SUCCESS || got == 0)
            return why(link, error, inside);
        data += got;
        len -= got;
        inside = true;
    }
    return LETHE_APPLE_REPLY;
}

enum lethe_apple_end lethe_apple_link_send(struct lethe_apple_link *link, const void *data,
                                           size_t len, unsigned timeout_ms)
{
    watch(link->fd, timeout_ms);
    enum lethe_apple_end end = send_all(link, data, len);
    watched();
    return end;
}

enum lethe_apple_end lethe_apple_link_receive(struct lethe_apple_link *link, void *data, size_t len,
                                              unsigned timeout_ms)
{
    watch(link->fd, timeout_ms);
    enum lethe_apple_end end = receive_all(link, data, len, timeout_ms, false);
    watched();
    return end;
}

static enum lethe_apple_end send_plist(struct lethe_apple_link *link, const json_t *request)
{
    struct lethe_buf text = {0};
    uint8_t length[4];
    enum lethe_apple_end end = LETHE_APPLE_INTERNAL;
    if (lethe_plist_xml_format(request, &text, NULL) == 0) {
        lethe_put_be32(length, (uint32_t)text.len);
        end = send_all(link, (const char *)length, sizeof(length));
        if (end == LETHE_APPLE_REPLY)
            end = send_all(link, text.data, text.len);
    }
    lethe_buf_free(&text);
    return end;
}

static enum lethe_apple_end receive_plist(struct lethe_apple_link *link, unsigned timeout_ms,
                                          json_t **out)
{
    uint8_t header[4];
    enum lethe_apple_end end = receive_all(link, (char *)header, sizeof(header), timeout_ms, false);
    if (end != LETHE_APPLE_REPLY)
        return end;
    size_t len = lethe_be32(header);
    if (len == 0 || len > LETHE_APPLE_REPLY_MAX)
        return LETHE_APPLE_MALFORMED;
    char *data = malloc(len);
    if (!data)
        return LETHE_APPLE_INTERNAL;
    end = receive_all(link, data, len, timeout_ms, true);
    if (end == LETHE_APPLE_REPLY && !(*out = lethe_plist_parse(data, len, NULL)))
        end = LETHE_APPLE_MALFORMED;
    free(data);
    return end;
}

void lethe_apple_link_exchange(struct lethe_apple_link *link, const json_t *request,
                               unsigned timeout_ms, struct lethe_apple_answer *out)
{
    lethe_apple_answer_clear(out);
    watch(link->fd, timeout_ms);
    out->end = request ? send_plist(link, request) : LETHE_APPLE_REPLY;
    if (out->end == LETHE_APPLE_REPLY)
        out->end = receive_plist(link, timeout_ms, &out->reply);
    watched();
}

void lethe_apple_link_close(struct lethe_apple_link *link)
{
    if (!link)
        return;
    /* Says goodbye in TLS, to somebody who may not listen. */
    watch(link->fd, 2000);
    if (link->connection)
        idevice_disconnect(link->connection);
    watched();
    if (link->device)
        idevice_free(link->device);
    free(link);
}
