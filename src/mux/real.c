/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the proxy: usbmuxd, or an emulated one. It may end and begin again at any time. */
#include "mux/proxy.h"

#include <base/time.h>
#include <errno.h>
#include <poll.h>
#include <proto/plist.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define AGAIN_MS 50

static int knock(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Its socket outlives it by a moment, and is missing for another (facts/phones.md 5.9). */
static int reach(const char *path)
{
    uint64_t until = lethe_monotonic_ms() + LETHE_MUX_RECONNECT_MS;
    for (;;) {
        int fd = knock(path);
        if (fd >= 0 || lethe_monotonic_ms() >= until)
            return fd;
        poll(NULL, 0, AGAIN_MS);
    }
}

/* All of DATA in one direction, before UNTIL. */
static bool move(int fd, bool out, void *data, size_t len, uint64_t until)
{
    for (uint8_t *at = data; len > 0;) {
        struct pollfd waits = {.fd = fd, .events = out ? POLLOUT : POLLIN};
        uint64_t now = lethe_monotonic_ms();
        if (now >= until || poll(&waits, 1, (int)(until - now)) <= 0)
            return false;
        ssize_t n = out ? send(fd, at, len, MSG_NOSIGNAL) : recv(fd, at, len, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* One request, its reply. The bytes behind the reply stay in the socket. */
static json_t *exchange(int fd, const json_t *request)
{
    LETHE_BUF_AUTO message = {0};
    uint8_t header[LETHE_MUX_CLIENT_HEADER];
    uint32_t tag, len;
    uint64_t until = lethe_monotonic_ms() + LETHE_MUX_ANSWER_MS;
    if (lethe_mux_frame(1, request, &message) < 0 ||
        !move(fd, true, message.data, message.len, until) ||
        !move(fd, false, header, sizeof(header), until) ||
        lethe_mux_client_parse(header, &tag, &len, NULL) < 0)
        return NULL;
    uint8_t *plist = malloc(len ? len : 1);
    json_t *reply =
        plist && move(fd, false, plist, len, until) ? lethe_plist_parse(plist, len, NULL) : NULL;
    free(plist);
    return reply;
}

json_t *lethe_mux_real_ask(void *real_, const json_t *request)
{
    const struct lethe_mux_real *real = real_;
    int fd = reach(real->path);
    if (fd < 0)
        return NULL;
    json_t *reply = exchange(fd, request);
    close(fd);
    return reply;
}

/* -1: no result came. */
static json_int_t number_of(json_t *reply)
{
    const json_t *number = json_object_get(reply, "Number");
    json_int_t value = json_is_integer(number) ? json_integer_value(number) : -1;
    json_decref(reply);
    return value;
}

unsigned lethe_mux_real_connect(void *real_, uint32_t device, uint16_t port)
{
    struct lethe_mux_real *real = real_;
    int fd = reach(real->path);
    if (fd < 0)
        return LETHE_MUX_BAD_DEVICE;
    json_t *request =
        json_pack("{s:s, s:s, s:s, s:i, s:I, s:i}", "MessageType", "Connect", "ProgName",
                  "lethe-mux", "ClientVersionString", "lethe-mux", "kLibUSBMuxVersion", 3,
                  "DeviceID", (json_int_t)device, "PortNumber", (int)LETHE_MUX_PORT_SWAP(port));
    json_int_t result = request ? number_of(exchange(fd, request)) : -1;
    json_decref(request);
    if (result != LETHE_MUX_OK) {
        close(fd);
        return result > 0 && result < 100 ? (unsigned)result : LETHE_MUX_REFUSED;
    }
    real->through = fd;
    return LETHE_MUX_OK;
}

int lethe_mux_real_listen(const struct lethe_mux_real *real)
{
    int fd = knock(real->path);
    if (fd < 0)
        return -1;
    json_t *request =
        json_pack("{s:s, s:s, s:s, s:i}", "MessageType", "Listen", "ProgName", "lethe-mux",
                  "ClientVersionString", "lethe-mux", "kLibUSBMuxVersion", 3);
    json_int_t result = request ? number_of(exchange(fd, request)) : -1;
    json_decref(request);
    if (result == LETHE_MUX_OK)
        return fd;
    close(fd);
    return -1;
}
