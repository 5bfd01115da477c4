/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What usbmuxd lists, asked over its socket (facts/phones.md 5.4): one request, one answer, within
 * half a second. It serves everybody on this bench, so its word is checked like anybody's.
 */
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "proto/plist.h"
#include "proto/usbmux.h"
#include "scan/phone.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 500

bool lethe_mux_address(const struct lethe_scan_env *env, char out[LETHE_MUX_ADDRESS_MAX])
{
    const char *asked = getenv("USBMUXD_SOCKET_ADDRESS");
    if (asked && strncmp(asked, "UNIX:", 5) == 0 && strcmp(env->run, "/run") == 0)
        return lethe_text_format(out, LETHE_MUX_ADDRESS_MAX, "%s", asked + 5);
    return lethe_text_format(out, LETHE_MUX_ADDRESS_MAX, "%s/usbmuxd", env->run);
}

static int dial(const struct lethe_scan_env *env)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    static_assert(sizeof to.sun_path >= LETHE_MUX_ADDRESS_MAX, "a path that does not fit");
    if (!lethe_mux_address(env, to.sun_path))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* All LEN bytes before the monotonic time UNTIL. */
static bool receive(int fd, void *data, size_t len, uint64_t until)
{
    for (size_t done = 0; done < len;) {
        uint64_t now = lethe_monotonic_ms();
        struct pollfd poll_in = {.fd = fd, .events = POLLIN};
        if (now >= until || poll(&poll_in, 1, (int)(until - now)) <= 0)
            return false;
        ssize_t n = recv(fd, (char *)data + done, len - done, 0);
        if (n <= 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR)))
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool ask(int fd, const char *type)
{
    char text[512];
    uint8_t message[LETHE_MUX_CLIENT_HEADER + sizeof text];
    if (!lethe_text_format(
            text, sizeof text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
            "<key>MessageType</key><string>%s</string>"
            "<key>ClientVersionString</key><string>lethe</string>"
            "<key>ProgName</key><string>lethe</string>"
            "<key>kLibUSBMuxVersion</key><integer>3</integer></dict></plist>",
            type))
        return false;
    size_t len = strlen(text), whole = LETHE_MUX_CLIENT_HEADER + len;
    lethe_mux_client_build(message, 1, (uint32_t)len);
    memcpy(message + LETHE_MUX_CLIENT_HEADER, text, len);
    return send(fd, message, whole, MSG_NOSIGNAL) == (ssize_t)whole;
}

int lethe_mux_listen(const struct lethe_scan_env *env)
{
    int fd = dial(env);
    if (fd >= 0 && !ask(fd, "Listen")) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool lethe_mux_told(int fd, bool *ended)
{
    char bytes[4096];
    bool any = false;
    ssize_t n;
    while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        any = true;
    *ended = n == 0 || (errno != EAGAIN && errno != EINTR);
    return any || *ended;
}

static json_t *hear(int fd)
{
    uint8_t header[LETHE_MUX_CLIENT_HEADER];
    uint64_t until = lethe_monotonic_ms() + PATIENCE_MS;
    uint32_t tag, len;
    if (!receive(fd, header, sizeof header, until) ||
        lethe_mux_client_parse(header, &tag, &len, NULL) < 0 || tag != 1)
        return NULL;
    char *body = malloc(len ? len : 1);
    json_t *json = NULL;
    if (body && receive(fd, body, len, until))
        json = lethe_plist_parse(body, len, NULL);
    free(body);
    return json;
}

static void take(struct lethe_mux_list *out, const json_t *properties)
{
    const char *udid = json_string_value(json_object_get(properties, "SerialNumber"));
    const char *type = json_string_value(json_object_get(properties, "ConnectionType"));
    json_int_t location = json_integer_value(json_object_get(properties, "LocationID"));
    if (!udid || !type || strcmp(type, "USB") != 0 || location <= 0 || location > UINT32_MAX ||
        out->n == sizeof out->devices / sizeof *out->devices)
        return; /* over Wi-Fi: nobody at this bench can point at it */
    out->devices[out->n].location = (uint32_t)location;
    lethe_text_clean(out->devices[out->n].udid, sizeof out->devices[0].udid, udid, strlen(udid));
    out->n++;
}

void lethe_mux_list(const struct lethe_scan_env *env, struct lethe_mux_list *out)
{
    *out = (struct lethe_mux_list){.asked = true};
    int fd = dial(env);
    if (fd < 0)
        return;
    LETHE_JSON_AUTO *json = ask(fd, "ListDevices") ? hear(fd) : NULL;
    close(fd);
    const json_t *devices = json_object_get(json, "DeviceList");
    out->runs = json_is_array(devices);
    size_t i;
    json_t *device;
    json_array_foreach((json_t *)(uintptr_t)devices, i, device)
        take(out, json_object_get(device, "Properties"));
}
