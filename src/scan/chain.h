/* SPDX-License-Identifier: Apache-2.0 */
/* The parent chain of a block device in sysfs: what it hangs on, up to the root. The bus, the slot
 * and the substrate are read off it; udev's ID_BUS is not asked, it calls a SAT-capable USB disk
 * "ata" (facts/drives.md A1). */
#ifndef LETHE_SCAN_CHAIN_H
#define LETHE_SCAN_CHAIN_H

#include <lethe/device.h>
#include <limits.h>

/* Facts about the chain as "kind:value" words, which the table in substrate.c matches:
 *   block:sdb      name of the block device        dir:ata3     a directory of the chain
 *   sub:usb        subsystem of an ancestor        drv:uas      driver of an ancestor
 *   host:ahci      SCSI host's driver              hcd:xhci_hcd driver of the USB host controller
 *   nvme:pcie      transport of its controllers    pci:0x8086   vendor of a PCI ancestor
 *   usb:152d:0578  USB device                      name:WDC WD10 SCSI vendor and product, NVMe
 * model */
enum { LETHE_CHAIN_TAGS = 160, LETHE_CHAIN_TAG_SIZE = 80 };

struct lethe_chain {
    char name[64];           /* as in /sys/class/block */
    char path[PATH_MAX];     /* real directory of the block device */
    char usb[PATH_MAX];      /* directory of the nearest USB device, "" none */
    char scsi[PATH_MAX];     /* of the SCSI device */
    char nvme[PATH_MAX];     /* of the (first) NVMe controller */
    char mmc[PATH_MAX];      /* of the card */
    char ata[16];            /* "ata3" */
    char sas_port[PATH_MAX]; /* "…/port-0:3" above a SAS end device */
    char end_device[32];
    char pci[32];      /* nearest PCI function: "0000:00:14.0" */
    char platform[64]; /* nearest platform device */
    enum lethe_bus bus;
    size_t n_tags;
    bool overflow; /* more tags than room: then nothing is certain */
    char tags[LETHE_CHAIN_TAGS][LETHE_CHAIN_TAG_SIZE];
};

int lethe_chain_read(const struct lethe_scan_env *env, const char *name, struct lethe_chain *out,
                     struct lethe_error *err);
/* The same of a USB device without a node: NAME as in /sys/bus/usb/devices, "2-4.1". */
int lethe_chain_usb(const struct lethe_scan_env *env, const char *name, struct lethe_chain *out,
                    struct lethe_error *err);
/* Does a tag match the fnmatch(3) PATTERN? */
bool lethe_chain_has(const struct lethe_chain *chain, const char *pattern);

/* Port or bay in the spelling of udev's ID_PATH, without the part that names the medium. */
void lethe_chain_slot(const struct lethe_scan_env *env, const struct lethe_chain *chain, char *out,
                      size_t size);

/* Is this machine real? When that can't be told, it is not. Once a scan: cpuinfo is slow to read.
 */
struct lethe_machine {
    bool real;
    char reason[128]; /* why not */
};
void lethe_machine_read(const struct lethe_scan_env *env, struct lethe_machine *out);

/* Rule 8: PHYSICAL only when the chain ends at real hardware and no hypervisor is present. */
enum lethe_substrate lethe_substrate_of(const struct lethe_machine *machine,
                                        const struct lethe_chain *chain, char *reason, size_t size);

#endif
