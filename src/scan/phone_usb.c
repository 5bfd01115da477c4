/* SPDX-License-Identifier: Apache-2.0 */
/* A USB device as sysfs shows it. */
#include "base/text.h"
#include "scan/phone.h"
#include "scan/sysfs.h"

#include <stdlib.h>
#include <string.h>

/* A socket's other port: ".../usb1-port8" or ".../1-8-port3" is the path "8" or "8.3". */
static bool peer_path(const char *usb, char *out, size_t size)
{
    char link[PATH_MAX], real[PATH_MAX];
    if (lethe_sys_u64(0, "%s/speed", usb) < 5000 ||
        !lethe_text_format(link, sizeof link, "%s/port/peer", usb) || !realpath(link, real))
        return false;
    const char *name = strrchr(real, '/') + 1, *port = strstr(name, "-port");
    if (!port)
        return false;
    if (strncmp(name, "usb", 3) == 0)
        return lethe_text_format(out, size, "%s", port + 5);
    const char *hub = strchr(name, '-');
    return hub && hub < port &&
           lethe_text_format(out, size, "%.*s.%s", (int)(port - hub - 1), hub + 1, port + 5);
}

void lethe_usb_slot(const struct lethe_scan_env *env, const struct lethe_chain *chain, char *out,
                    size_t size)
{
    char path[64];
    lethe_chain_slot(env, chain, out, size);
    char *port = strstr(out, "-usb-0:");
    if (port && peer_path(chain->usb, path, sizeof path))
        lethe_text_format(port, size - (size_t)(port - out), "-usb-0:%s", path);
}

/* Their names are strings of their own, which the kernel has read of the configuration in use. */
static void name_interfaces(const char *dir, const char *name, struct lethe_usb_sight *out)
{
    for (size_t i = 0; i < out->usb.n_interfaces; i++) {
        struct lethe_usb_interface *one = &out->usb.interfaces[i];
        if (one->configuration == out->configuration)
            lethe_sys_text(one->name, sizeof one->name, "%s/%s:%u.%u/interface", dir, name,
                           one->configuration, one->number);
    }
}

bool lethe_usb_sight_read(const struct lethe_scan_env *env, const char *name,
                          struct lethe_usb_sight *out)
{
    char dir[PATH_MAX];
    *out = (struct lethe_usb_sight){0};
    uint8_t *bytes = malloc(LETHE_USB_DESCRIPTORS_MAX);
    if (!bytes)
        return false;
    lethe_text_format(dir, sizeof dir, "%s/bus/usb/devices/%s", env->sys, name);
    size_t len = lethe_sys_bytes(bytes, LETHE_USB_DESCRIPTORS_MAX, "%s/descriptors", dir);
    bool read = len > 0 && lethe_usb_descriptors_parse(bytes, len, &out->usb, NULL) == 0;
    free(bytes);
    if (!read)
        return false;
    out->configuration = (uint8_t)lethe_sys_u64(0, "%s/bConfigurationValue", dir);
    lethe_sys_text(out->maker, sizeof out->maker, "%s/manufacturer", dir);
    lethe_sys_text(out->name, sizeof out->name, "%s/product", dir);
    lethe_sys_text(out->serial, sizeof out->serial, "%s/serial", dir);
    name_interfaces(dir, name, out);
    return true;
}
