/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libimobiledevice calls a device absent whoever is missing. Which of the two it is decides whose
 * fault a silence is; so the proxy is asked once more, by us, and says what it knows of usbmuxd.
 */
#include "io/phone/apple_way.h"

#include <base/buf.h>
#include <base/file.h>
#include <base/text.h>
#include <errno.h>
#include <jansson.h>
#include <proto/plist.h>
#include <proto/usbmux.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_S 8 /* longer than the proxy waits for usbmuxd: mux/proxy.h */
#define ANSWER_MAX ((uint32_t)64 << 10)

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = ANSWER_S};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    if (!lethe_text_format(address.sun_path, sizeof(address.sun_path), "%s", path) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool move(int fd, bool out, void *data, size_t len)
{
    for (char *at = data; len > 0;) {
        ssize_t n = out ? send(fd, at, len, MSG_NOSIGNAL) : recv(fd, at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool send_question(int fd)
{
    LETHE_BUF_AUTO text = {0};
    uint8_t header[LETHE_MUX_CLIENT_HEADER];
    json_t *ask = json_pack("{s:s, s:s, s:s, s:i}", "MessageType", "ListDevices", "ProgName",
                            "lethe", "ClientVersionString", "lethe", "kLibUSBMuxVersion", 3);
    bool sent = ask && lethe_plist_xml_format(ask, &text, NULL) == 0;
    json_decref(ask);
    if (!sent)
        return false;
    lethe_mux_client_build(header, 1, (uint32_t)text.len);
    return move(fd, true, header, sizeof(header)) && move(fd, true, text.data, text.len);
}

static json_t *hear_answer(int fd)
{
    uint8_t header[LETHE_MUX_CLIENT_HEADER];
    uint32_t tag, len;
    if (!move(fd, false, header, sizeof(header)) ||
        lethe_mux_client_parse(header, &tag, &len, NULL) < 0 || len == 0 || len > ANSWER_MAX)
        return NULL;
    void *data = malloc(len);
    json_t *answer = data && move(fd, false, data, len) ? lethe_plist_parse(data, len, NULL) : NULL;
    free(data);
    return answer;
}

const char *lethe_apple_way_broken(const char *socket_path)
{
    LETHE_FD_AUTO fd = connect_to(socket_path);
    json_t *answer = fd >= 0 && send_question(fd) ? hear_answer(fd) : NULL;
    const char *who = !answer                                                      ? "lethe-mux"
                      : json_is_true(json_object_get(answer, LETHE_MUX_UNREACHED)) ? "usbmuxd"
                                                                                   : NULL;
    json_decref(answer);
    return who;
}
