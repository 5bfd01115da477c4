/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/chain.h"
#include "base/file.h"
#include "base/text.h"
#include "scan/sysfs.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void chain_tag(struct lethe_chain *chain,
                                                            const char *format, ...)
{
    if (chain->n_tags == LETHE_CHAIN_TAGS) {
        chain->overflow = true;
        return;
    }
    va_list args;
    va_start(args, format);
    int n = vsnprintf(chain->tags[chain->n_tags], LETHE_CHAIN_TAG_SIZE, format, args);
    va_end(args);
    if (n < 0)
        return;
    chain->n_tags++;
}

bool lethe_chain_has(const struct lethe_chain *chain, const char *pattern)
{
    for (size_t i = 0; i < chain->n_tags; i++)
        if (fnmatch(pattern, chain->tags[i], 0) == 0)
            return true;
    return false;
}

static void keep_first(char *field, size_t size, const char *value)
{
    if (field[0] == '\0')
        lethe_text_format(field, size, "%s", value);
}

static bool numbered(const char *name, const char *prefix)
{
    size_t n = strlen(prefix);
    if (strncmp(name, prefix, n) != 0 || name[n] == '\0')
        return false;
    return strspn(name + n, "0123456789") == strlen(name + n);
}

/* What the directory DIR (last component NAME) tells about the device below it. */
static void chain_link(struct lethe_chain *chain, const char *dir, const char *name)
{
    char subsystem[32], text[64], vendor[32];
    chain_tag(chain, "dir:%s", name);
    lethe_sys_link(subsystem, sizeof subsystem, "%s/subsystem", dir);
    if (subsystem[0])
        chain_tag(chain, "sub:%s", subsystem);
    if (lethe_sys_link(text, sizeof text, "%s/driver", dir))
        chain_tag(chain, "drv:%s", text);

    if (strcmp(subsystem, "scsi") == 0) {
        if (lethe_sys_text(text, sizeof text, "%s/scsi_host/%s/proc_name", dir, name))
            chain_tag(chain, "host:%s", text);
        if (lethe_sys_exists("%s/model", dir)) { /* the logical unit: hosts and targets have none */
            lethe_sys_text(text, sizeof text, "%s/model", dir);
            keep_first(chain->scsi, sizeof chain->scsi, dir);
            lethe_sys_text(vendor, sizeof vendor, "%s/vendor", dir);
            chain_tag(chain, "name:%s %s", vendor, text);
        }
    } else if (strcmp(subsystem, "nvme") == 0) {
        keep_first(chain->nvme, sizeof chain->nvme, dir);
        if (!lethe_sys_text(text, sizeof text, "%s/transport", dir))
            lethe_text_format(text, sizeof text, "unknown");
        chain_tag(chain, "nvme:%s", text);
        if (lethe_sys_text(text, sizeof text, "%s/model", dir))
            chain_tag(chain, "name:%s", text);
    } else if (strcmp(subsystem, "mmc") == 0) {
        keep_first(chain->mmc, sizeof chain->mmc, dir);
    } else if (strcmp(subsystem, "usb") == 0) {
        if (!lethe_sys_exists("%s/idVendor", dir))
            return; /* an interface, not a device */
        char id[2][8];
        lethe_sys_text(id[0], sizeof id[0], "%s/idVendor", dir);
        lethe_sys_text(id[1], sizeof id[1], "%s/idProduct", dir);
        if (numbered(name, "usb")) { /* the root hub: its parent is the host controller */
            if (lethe_sys_link(text, sizeof text, "%s/../driver", dir))
                chain_tag(chain, "hcd:%s", text);
        } else {
            keep_first(chain->usb, sizeof chain->usb, dir);
            chain_tag(chain, "usb:%s:%s", id[0], id[1]);
        }
    } else if (strcmp(subsystem, "pci") == 0) {
        keep_first(chain->pci, sizeof chain->pci, name);
        if (lethe_sys_text(text, sizeof text, "%s/vendor", dir))
            chain_tag(chain, "pci:%s", text);
    } else if (strcmp(subsystem, "platform") == 0) {
        keep_first(chain->platform, sizeof chain->platform, name);
    }
    if (numbered(name, "ata"))
        keep_first(chain->ata, sizeof chain->ata, name);
    if (strncmp(name, "end_device-", 11) == 0)
        keep_first(chain->end_device, sizeof chain->end_device, name);
    if (strncmp(name, "port-", 5) == 0)
        keep_first(chain->sas_port, sizeof chain->sas_port, dir);
}

/* From START (inside /sys/devices) up to, and without, /sys/devices itself. */
static void chain_climb(struct lethe_chain *chain, const char *devices, const char *start)
{
    char dir[PATH_MAX];
    size_t stop = strlen(devices);
    if (!lethe_text_format(dir, sizeof dir, "%s", start))
        return;
    while (strlen(dir) > stop + 1 && strncmp(dir, devices, stop) == 0 && dir[stop] == '/') {
        char *slash = strrchr(dir, '/');
        chain_link(chain, dir, slash + 1);
        *slash = '\0';
    }
}

/* With native multipath the namespace hangs on /devices/virtual/nvme-subsystem/…, and the hardware
 * on each controller of the subsystem: the chain is that of all of them. */
static void chain_subsystem(struct lethe_chain *chain, const char *devices, const char *subsystem)
{
    char **names = NULL;
    if (lethe_dir_list(subsystem, &names, NULL) < 0)
        return;
    for (size_t i = 0; names[i]; i++) {
        char path[PATH_MAX], real[PATH_MAX];
        if (numbered(names[i], "nvme") &&
            lethe_text_format(path, sizeof path, "%s/%s", subsystem, names[i]) &&
            realpath(path, real))
            chain_climb(chain, devices, real);
    }
    lethe_names_free(names);
}

static enum lethe_bus chain_bus(const struct lethe_chain *chain)
{
    if (chain->usb[0])
        return LETHE_BUS_USB;
    if (chain->nvme[0])
        return LETHE_BUS_NVME;
    if (chain->mmc[0])
        return LETHE_BUS_MMC;
    if (chain->ata[0])
        return LETHE_BUS_ATA;
    if (chain->scsi[0])
        return LETHE_BUS_SCSI;
    if (lethe_chain_has(chain, "sub:virtio"))
        return LETHE_BUS_VIRTIO;
    return numbered(chain->name, "loop") ? LETHE_BUS_LOOP : LETHE_BUS_UNKNOWN;
}

/* NAME below SYS/AREA, and where the chain ends. */
static int chain_begin(const struct lethe_scan_env *env, const char *area, const char *name,
                       char devices[PATH_MAX], struct lethe_chain *out, struct lethe_error *err)
{
    char link[PATH_MAX];
    memset(out, 0, sizeof *out);
    if (!lethe_text_format(out->name, sizeof out->name, "%s", name) ||
        !lethe_text_format(link, sizeof link, "%s/%s/%s", env->sys, area, name))
        return lethe_fail(err, LETHE_E_INVALID, "the name of device %s is too long", name);
    if (!realpath(link, out->path))
        return lethe_fail_errno(err, errno, "device %s", name);
    if (!lethe_text_format(link, sizeof link, "%s/devices", env->sys) || !realpath(link, devices))
        return lethe_fail_errno(err, errno, "sysfs at %s", env->sys);
    return 0;
}

int lethe_chain_usb(const struct lethe_scan_env *env, const char *name, struct lethe_chain *out,
                    struct lethe_error *err)
{
    char devices[PATH_MAX];
    int rc = chain_begin(env, "bus/usb/devices", name, devices, out, err);
    if (rc < 0)
        return rc;
    chain_climb(out, devices, out->path);
    out->bus = LETHE_BUS_USB;
    return 0;
}

int lethe_chain_read(const struct lethe_scan_env *env, const char *name, struct lethe_chain *out,
                     struct lethe_error *err)
{
    char devices[PATH_MAX];
    int rc = chain_begin(env, "class/block", name, devices, out, err);
    if (rc < 0)
        return rc;
    chain_tag(out, "block:%s", name);
    char parent[PATH_MAX], *last;
    lethe_text_format(parent, sizeof parent, "%s", out->path);
    last = strrchr(parent, '/');
    *last = '\0';
    if (strstr(parent, "/nvme-subsystem/"))
        chain_subsystem(out, devices, parent);
    else
        chain_climb(out, devices, parent);
    out->bus = chain_bus(out);
    return 0;
}

/* Phy of the port above a SAS end device: its bay, as far as sysfs can tell. */
static bool sas_phy(const char *port, char *out, size_t size)
{
    char **names = NULL;
    bool found = false;
    if (lethe_dir_list(port, &names, NULL) < 0)
        return false;
    for (size_t i = 0; names[i] && !found; i++) {
        const char *colon = strrchr(names[i], ':');
        if (strncmp(names[i], "phy-", 4) == 0 && colon)
            found = lethe_text_format(out, size, "%s", colon + 1);
    }
    lethe_names_free(names);
    return found;
}

/* ".../2:0:1:0": host, channel, target, unit. */
static void hctl_parse(const char *scsi, unsigned *channel, unsigned *id, unsigned *lun)
{
    unsigned host, *const numbers[] = {&host, channel, id, lun};
    const char *at = strrchr(scsi, '/');
    for (size_t i = 0; at && i < 4 && (*at == '/' || *at == ':'); i++)
        at = lethe_number_parse(at + 1, 10, numbers[i]);
}

void lethe_chain_slot(const struct lethe_scan_env *env, const struct lethe_chain *chain, char *out,
                      size_t size)
{
    char at[80] = "", part[64];
    unsigned channel = 0, id = 0, lun = 0;
    if (chain->pci[0])
        lethe_text_format(at, sizeof at, "pci-%s", chain->pci);
    else if (chain->platform[0])
        lethe_text_format(at, sizeof at, "platform-%s", chain->platform);
    out[0] = '\0';
    if (at[0] == '\0')
        return;
    hctl_parse(chain->scsi, &channel, &id, &lun);

    switch (chain->bus) {
    case LETHE_BUS_USB:
        lethe_sys_text(part, sizeof part, "%s/devpath", chain->usb);
        lethe_text_format(out, size, "%s-usb-0:%s", at, part);
        break;
    case LETHE_BUS_ATA: /* the number in "ata3" counts all ports of the machine; port_no doesn't */
        lethe_text_format(out, size, "%s-ata-%llu.%u", at,
                          (unsigned long long)lethe_sys_u64(0, "%s/class/ata_port/%s/port_no",
                                                            env->sys, chain->ata),
                          channel ? channel : id);
        break;
    case LETHE_BUS_SCSI: {
        uint64_t bay = lethe_sys_u64(UINT64_MAX, "%s/class/sas_device/%s/bay_identifier", env->sys,
                                     chain->end_device);
        if (chain->end_device[0] && bay != UINT64_MAX)
            lethe_text_format(out, size, "%s-sas-bay%llu", at, (unsigned long long)bay);
        else if (chain->sas_port[0] && sas_phy(chain->sas_port, part, sizeof part))
            lethe_text_format(out, size, "%s-sas-phy%s", at, part);
        else
            lethe_text_format(out, size, "%s-scsi-%u:%u", at, channel, id);
        break;
    }
    case LETHE_BUS_NVME:
        lethe_text_format(out, size, "%s", at);
        lun = (unsigned)lethe_sys_u64(1, "%s/nsid", chain->path);
        lun = lun ? lun - 1 : 0;
        break;
    default:
        lethe_text_format(out, size, "%s", at);
    }
    /* Several media behind one port (card reader, dual dock, namespaces) stay apart. */
    if (lun) {
        size_t used = strlen(out);
        lethe_text_format(out + used, size - used,
                          chain->bus == LETHE_BUS_NVME ? "-nvme-%u" : "-lun-%u",
                          chain->bus == LETHE_BUS_NVME ? lun + 1 : lun);
    }
}
