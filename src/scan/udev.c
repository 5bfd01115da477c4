/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/udev.h"
#include "base/text.h"
#include "scan/sysfs.h"

#include <libudev.h>
#include <string.h>

bool lethe_udev_runs(const struct lethe_scan_env *env)
{
    /* libudev always reads the system's own trees. */
    return strcmp(env->sys, "/sys") == 0 && strcmp(env->run, "/run") == 0 &&
           lethe_sys_exists("%s/udev/control", env->run);
}

static void property(struct udev_device *device, const char *key, char *out, size_t size)
{
    const char *value = udev_device_get_property_value(device, key);
    lethe_text_clean(out, size, value ? value : "", value ? strlen(value) : 0);
}

void lethe_udev_read(const struct lethe_scan_env *env, dev_t number, struct lethe_udev_facts *out)
{
    *out = (struct lethe_udev_facts){.rotation = -1};
    struct udev *udev = lethe_udev_runs(env) ? udev_new() : NULL;
    struct udev_device *device = udev ? udev_device_new_from_devnum(udev, 'b', number) : NULL;
    if (device) {
        char text[32];
        property(device, "ID_ATA", text, sizeof text);
        out->ata = strcmp(text, "1") == 0;
        property(device, "ID_SERIAL_SHORT", out->serial, sizeof out->serial);
        property(device, "ID_WWN_WITH_EXTENSION", out->wwn, sizeof out->wwn);
        if (!out->wwn[0])
            property(device, "ID_WWN", out->wwn, sizeof out->wwn);
        property(device, "ID_ATA_ROTATION_RATE_RPM", text, sizeof text);
        unsigned rate;
        const char *rest = lethe_number_parse(text, 10, &rate);
        if (rest && *rest == '\0' && rate <= 0xffff)
            out->rotation = (int)rate;
        udev_device_unref(device);
    }
    if (udev)
        udev_unref(udev);
}
