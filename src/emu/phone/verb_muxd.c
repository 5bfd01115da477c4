/* SPDX-License-Identifier: Apache-2.0 */
/* `lethe-phone muxd`: usbmuxd's socket with emulated iPhones behind it. */
#include "base/text.h"
#include "emu/phone/muxd.h"
#include "emu/phone/verbs.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LEASH = 3 };

/* Bound beside PATH and put in place when it listens: whoever sees it can connect. */
static int listen_at(const char *path, struct lethe_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!lethe_text_format(address.sun_path, sizeof(address.sun_path), "%s~", path))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of a socket has at most %zu bytes",
                          sizeof(address.sun_path) - 2);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unlink(address.sun_path);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(address.sun_path, 0666) < 0 || listen(fd, 64) < 0 ||
        rename(address.sun_path, path) < 0) {
        int rc = lethe_fail_errno(err, errno, "cannot listen at %s", path);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    return fd;
}

/* Whoever tied it made a directory for its socket alone. */
static void take_away(const char *path, bool with_directory)
{
    char dir[PATH_MAX];
    unlink(path);
    lethe_text_format(dir, sizeof(dir), "%s", path);
    char *slash = strrchr(dir, '/');
    if (with_directory && slash && slash != dir) {
        *slash = '\0';
        rmdir(dir);
    }
}

static int plug_in(struct muxd *muxd, const char *path, struct lethe_error *err)
{
    struct muxd_device *device = &muxd->devices[muxd->n_devices];
    int rc = phone_open(path, &device->iphone.phone, err);
    if (rc < 0)
        return rc;
    muxd->n_devices++;
    return phone_family(&device->iphone.phone) == LETHE_FAMILY_IOS
               ? 0
               : lethe_fail(err, LETHE_E_USAGE, "%s is no iPhone or iPad", path);
}

int verb_muxd(const struct verb_options *options, struct lethe_error *err)
{
    _Static_assert(VERB_MEMORIES_MAX <= MUXD_DEVICES, "each memory is a device");
    struct muxd *muxd = calloc(1, sizeof(*muxd));
    int rc = muxd ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0 && !options->socket)
        rc = lethe_fail(err, LETHE_E_USAGE, "--socket is needed");
    for (size_t i = 0; rc == 0 && i < options->n_memories; i++)
        rc = plug_in(muxd, options->memory[i], err);
    if (rc == 0) {
        lethe_text_format(muxd->records, sizeof(muxd->records), "%s%s",
                          options->records ? options->records : options->socket,
                          options->records ? "" : ".records");
        muxd->leash = options->tied ? LEASH : -1;
        muxd->preflight = options->preflight;
        rc = muxd->listener = listen_at(options->socket, err);
    }
    if (rc >= 0 && options->tied)
        rc = verb_detach(err);
    if (rc >= 0) {
        rc = muxd_run(muxd, err);
        close(muxd->listener);
        take_away(options->socket, options->tied);
    }
    for (size_t i = 0; muxd && i < muxd->n_devices; i++)
        phone_close(&muxd->devices[i].iphone.phone);
    free(muxd);
    return rc;
}
