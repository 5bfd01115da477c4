/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An adb server owns every phone that it finds: the interface can't be claimed, and what it is
 * doing there nobody else can see. Noticed before anything is tried, and explained.
 */
#include "base/file.h"
#include "base/text.h"
#include "scan/phone.h"
#include "scan/sysfs.h"
#include "scan/uses.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* proc_net_tcp(5): "  0: 0100007F:13AD 00000000:0000 0A ..."; port 5037, state LISTEN. */
static bool listens(const struct lethe_scan_env *env, const char *table)
{
    char path[PATH_MAX], *text = NULL;
    size_t len = 0;
    bool found = false;
    if (!lethe_text_format(path, sizeof path, "%s/net/%s", env->proc, table) ||
        lethe_file_read(path, 16U << 20, &text, &len, NULL) < 0)
        return false;
    for (const char *at = text; (at = strstr(at, ":13AD ")) && !found; at++) {
        const char *state = strchr(at + 6, ' ');
        found = state && strncmp(state, " 0A ", 4) == 0;
    }
    free(text);
    return found;
}

int lethe_phone_uses(const struct lethe_scan_env *env, const char *name,
                     const struct lethe_phone_kind *kind, struct lethe_device *device,
                     struct lethe_error *err)
{
    char driver[64], what[256];
    if (kind->talk != LETHE_TALK_ADB && kind->talk != LETHE_TALK_FASTBOOT)
        return 0; /* usbmuxd is meant to hold the others */
    lethe_sys_link(driver, sizeof driver, "%s/bus/usb/devices/%s/%s:%u.%u/driver", env->sys, name,
                   name, kind->usb.interface->configuration, kind->usb.interface->number);
    bool held = strcmp(driver, "usbfs") == 0;
    bool server = kind->talk == LETHE_TALK_ADB && (listens(env, "tcp") || listens(env, "tcp6"));
    if (!held && !server)
        return 0;
    if (server)
        lethe_text_format(what, sizeof what,
                          "an adb server runs on this bench (port 5037) and takes every phone for "
                          "itself");
    else
        lethe_text_format(what, sizeof what, "another program holds the %s interface of %.64s",
                          kind->talk == LETHE_TALK_ADB ? "debugging" : "fastboot", device->target);
    return lethe_use_add(device, server ? "adb-server" : "claimed", false,
                         server                         ? "adb kill-server"
                         : kind->talk == LETHE_TALK_ADB ? "adb kill-server, or end that program"
                                                        : "end that program (fastboot?)",
                         what) < 0
               ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
               : 0;
}
