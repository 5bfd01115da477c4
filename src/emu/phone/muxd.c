/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/phone/muxd.h"

#include "base/file.h"
#include "base/time.h"
#include "emu/phone/plist.h"
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { LOOK_MS = 40, CHUNK = 65536, OUT_FULL = 1 << 20, MESSAGE_MAX = 1 << 20 };

/* ---- devices ---- */

/* Did its memory change since the last look, or is something due by now? */
static bool worth_a_look(struct muxd_device *device)
{
    struct phone *phone = &device->iphone.phone;
    struct stat st;
    if (stat(phone->path, &st) < 0)
        return false;
    uint64_t changed = (uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec;
    bool other = device->inode != st.st_ino || device->changed != changed;
    device->inode = st.st_ino;
    device->changed = changed;
    return other || json_is_object(json_object_get(phone->memory, "due"));
}

static void tell_all(struct muxd *muxd, const struct muxd_device *device, const char *what)
{
    for (size_t i = 0; i < muxd->n_clients; i++)
        if (muxd->clients[i]->listening)
            muxd_tell(muxd->clients[i], device, what);
}

static void detach(struct muxd *muxd, struct muxd_device *device)
{
    for (size_t i = 0; i < muxd->n_clients; i++) {
        struct muxd_client *client = muxd->clients[i];
        if (client->device != device)
            continue;
        iphone_stream_close(client->stream);
        client->stream = NULL;
        client->ended = true;
    }
    memset(device->iphone.tickets, 0, sizeof(device->iphone.tickets));
    tell_all(muxd, device, "Detached");
    device->id = 0;
}

static void look_at(struct muxd *muxd, struct muxd_device *device)
{
    struct phone *phone = &device->iphone.phone;
    if (worth_a_look(device) && phone_read(phone, NULL) < 0)
        return;
    bool here = !phone_is_away(phone) && phone_mode(phone) == LETHE_MODE_NORMAL;
    if (device->id && (!here || phone_generation(phone) != device->generation))
        detach(muxd, device);
    if (here && !device->id) {
        device->id = ++muxd->last_id;
        device->generation = phone_generation(phone);
        if (muxd->preflight)
            muxd_preflight(muxd, phone);
        tell_all(muxd, device, "Attached");
    }
}

/* ---- clients ---- */

static void drop_client(struct muxd *muxd, size_t index)
{
    struct muxd_client *client = muxd->clients[index];
    iphone_stream_close(client->stream);
    close(client->fd);
    lethe_buf_free(&client->in);
    lethe_buf_free(&client->out);
    free(client);
    muxd->clients[index] = muxd->clients[--muxd->n_clients];
}

static void greet_client(struct muxd *muxd)
{
    int fd = accept4(muxd->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct muxd_client *client = muxd->n_clients < MUXD_CLIENTS ? calloc(1, sizeof(*client)) : NULL;
    if (!client) {
        close(fd);
        return;
    }
    client->fd = fd;
    muxd->clients[muxd->n_clients++] = client;
}

/* Messages as long as it speaks to us; after Connect, bytes for the phone. */
static void hear_client(struct muxd *muxd, struct muxd_client *client)
{
    uint32_t header[4];
    while (!client->stream && !client->ended && client->in.len >= sizeof(header)) {
        memcpy(header, client->in.data, sizeof(header));
        uint32_t len = le32toh(header[0]);
        if (len < sizeof(header) || len > MESSAGE_MAX) {
            client->ended = true;
            return;
        }
        if (client->in.len < len)
            return;
        LETHE_JSON_AUTO *message =
            plist_decode(client->in.data + sizeof(header), len - sizeof(header));
        client->tag = header[3];
        iphone_drop(&client->in, len);
        muxd_message(muxd, client, message);
    }
    if (client->stream && client->in.len > 0) {
        iphone_stream_feed(client->stream, client->in.data, client->in.len);
        client->in.len = 0;
    }
}

/* False: it has gone. */
static bool receive(struct muxd *muxd, struct muxd_client *client)
{
    char chunk[CHUNK];
    ssize_t got = recv(client->fd, chunk, sizeof(chunk), 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0 || lethe_buf_add(&client->in, chunk, (size_t)got) < 0)
        return false;
    hear_client(muxd, client);
    return true;
}

static void gather(struct muxd_client *client)
{
    char chunk[CHUNK];
    size_t got = 1;
    while (client->stream && got > 0 && client->out.len < OUT_FULL) {
        got = iphone_stream_take(client->stream, chunk, sizeof(chunk));
        if (got > 0 && lethe_buf_add(&client->out, chunk, got) < 0)
            client->ended = true;
    }
    if (client->stream && iphone_stream_over(client->stream))
        client->ended = true;
}

/* False: it has gone, or has heard everything that there is. */
static bool send_out(struct muxd_client *client)
{
    gather(client);
    if (client->out.len > 0) {
        ssize_t put = send(client->fd, client->out.data, client->out.len, MSG_NOSIGNAL);
        if (put < 0)
            return errno == EAGAIN || errno == EINTR;
        iphone_drop(&client->out, (size_t)put);
    }
    return client->out.len > 0 || !client->ended;
}

/* ---- */

static short wanted(const struct muxd_client *client)
{
    bool full = client->stream && client->stream->out.len > OUT_FULL;
    bool more = client->out.len > 0 || (client->stream && iphone_stream_has(client->stream));
    return (short)((full || client->ended ? 0 : POLLIN) | (more ? POLLOUT : 0));
}

static void serve(struct muxd *muxd, const struct pollfd *polled)
{
    /* Backwards: the last client takes the place of one that goes. */
    for (size_t i = muxd->n_clients; i-- > 0;) {
        struct muxd_client *client = muxd->clients[i];
        bool here = true;
        if (client->stream)
            iphone_stream_tick(client->stream);
        if (polled[i].revents & (POLLIN | POLLHUP | POLLERR))
            here = receive(muxd, client);
        if (!here || !send_out(client))
            drop_client(muxd, i);
    }
}

int muxd_run(struct muxd *muxd, struct lethe_error *err)
{
    struct pollfd fds[2 + MUXD_CLIENTS];
    for (;;) {
        for (size_t i = 0; i < muxd->n_devices; i++)
            look_at(muxd, &muxd->devices[i]);
        fds[0] = (struct pollfd){.fd = muxd->listener, .events = POLLIN};
        fds[1] = (struct pollfd){.fd = muxd->leash, .events = POLLIN};
        for (size_t i = 0; i < muxd->n_clients; i++)
            fds[2 + i] =
                (struct pollfd){.fd = muxd->clients[i]->fd, .events = wanted(muxd->clients[i])};
        if (poll(fds, 2 + muxd->n_clients, LOOK_MS) < 0 && errno != EINTR)
            return lethe_fail_errno(err, errno, "poll failed");
        if (fds[1].revents & (POLLHUP | POLLERR))
            return 0;
        serve(muxd, fds + 2);
        if (fds[0].revents & POLLIN)
            greet_client(muxd);
    }
}
