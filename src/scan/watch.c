/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hot-plug. With udev its own events are heard: they come after its probes and links. Without, the
 * kernel's. An iPhone can be asked only once usbmuxd lists it, some time after that: what usbmuxd
 * tells is heard as well, as often as it comes and goes.
 */
#include "base/text.h"
#include "scan/phone.h"
#include "scan/sysfs.h"
#include "scan/udev.h"

#include <libudev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct lethe_watch {
    struct udev *udev;
    struct udev_monitor *monitor;
    const struct lethe_scan_env *env;
    int all;   /* of the three */
    int again; /* once a second while usbmuxd does not run */
    int mux;   /* -1: it does not */
};

static bool join(const struct lethe_watch *watch, int fd)
{
    struct epoll_event in = {.events = EPOLLIN, .data.fd = fd};
    return fd >= 0 && epoll_ctl(watch->all, EPOLL_CTL_ADD, fd, &in) == 0;
}

static void tick(const struct lethe_watch *watch, bool on)
{
    const struct itimerspec every = {{.tv_sec = on}, {.tv_sec = on}};
    timerfd_settime(watch->again, 0, &every, NULL);
}

static void listen_to_mux(struct lethe_watch *watch)
{
    watch->mux = lethe_mux_listen(watch->env);
    if (watch->mux >= 0 && !join(watch, watch->mux)) {
        close(watch->mux);
        watch->mux = -1;
    }
    tick(watch, watch->mux < 0);
}

/* Has usbmuxd come, gone, or told of a device? */
static bool mux_told(struct lethe_watch *watch)
{
    uint64_t ticks;
    bool ended;
    if (watch->mux < 0) {
        if (read(watch->again, &ticks, sizeof ticks) != (ssize_t)sizeof ticks)
            return false;
        listen_to_mux(watch);
        return watch->mux >= 0;
    }
    bool told = lethe_mux_told(watch->mux, &ended);
    if (ended) {
        close(watch->mux);
        watch->mux = -1;
        tick(watch, true);
    }
    return told;
}

int lethe_watch_open(const struct lethe_scan_env *env, struct lethe_watch **out,
                     struct lethe_error *err)
{
    struct lethe_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = -1;
    watch->env = env;
    watch->mux = -1;
    watch->again = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    watch->all = epoll_create1(EPOLL_CLOEXEC);
    watch->udev = udev_new();
    if (watch->udev)
        watch->monitor =
            udev_monitor_new_from_netlink(watch->udev, lethe_udev_runs(env) ? "udev" : "kernel");
    if (watch->monitor) {
        rc = udev_monitor_filter_add_match_subsystem_devtype(watch->monitor, "block", "disk");
        if (rc >= 0)
            rc = udev_monitor_filter_add_match_subsystem_devtype(watch->monitor, "usb",
                                                                 "usb_device");
        if (rc >= 0)
            rc = udev_monitor_enable_receiving(watch->monitor);
    }
    if (rc >= 0 &&
        (!join(watch, udev_monitor_get_fd(watch->monitor)) || !join(watch, watch->again)))
        rc = -1;
    if (rc < 0) {
        lethe_watch_close(watch);
        rc = lethe_fail(err, LETHE_E_IO, "hot-plug events can't be heard here");
        lethe_error_remedy(err, "list again by hand: lethe list");
        return rc;
    }
    listen_to_mux(watch);
    *out = watch;
    return 0;
}

int lethe_watch_fd(const struct lethe_watch *watch)
{
    return watch->all;
}

/* The kernel tells of a removal before it takes the directory away, with the parent's attributes
 * gone already: a scan in between would find half a disk, and no later event would correct it. */
static void wait_until_gone(struct udev_device *device)
{
    const struct timespec pause = {.tv_nsec = 5 * 1000 * 1000};
    const char *path = udev_device_get_syspath(device);
    const char *sequence = udev_device_get_property_value(device, "DISKSEQ");
    for (int i = 0; i < 200 && path && lethe_sys_exists("%s", path); i++) {
        char now[32];
        if (sequence && lethe_sys_text(now, sizeof now, "%s/diskseq", path) &&
            strcmp(now, sequence) != 0)
            return; /* the next one is there already */
        nanosleep(&pause, NULL);
    }
}

int lethe_watch_next(struct lethe_watch *watch, char action[16], char node[128],
                     struct lethe_error *err)
{
    (void)err;
    struct udev_device *device;
    /* The monitor's socket doesn't block; NULL is an empty queue or an event that was filtered. */
    while ((device = udev_monitor_receive_device(watch->monitor))) {
        const char *act = udev_device_get_action(device), *name = udev_device_get_devnode(device);
        bool told = act && name && lethe_text_format(action, 16, "%s", act) &&
                    lethe_text_format(node, 128, "%s", name);
        if (told && strcmp(act, "remove") == 0)
            wait_until_gone(device);
        udev_device_unref(device);
        if (told)
            return 1;
    }
    if (!mux_told(watch))
        return 0;
    lethe_text_format(action, 16, "change");
    lethe_text_format(node, 128, "usbmuxd");
    return 1;
}

void lethe_watch_close(struct lethe_watch *watch)
{
    if (!watch)
        return;
    if (watch->monitor)
        udev_monitor_unref(watch->monitor);
    if (watch->udev)
        udev_unref(watch->udev);
    const int fds[] = {watch->mux, watch->again, watch->all};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(watch);
}
