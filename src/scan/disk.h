/* SPDX-License-Identifier: Apache-2.0 */
/* Who a block device or an image is, as far as reading tells; nothing is sent to it. */
#ifndef LETHE_SCAN_DISK_H
#define LETHE_SCAN_DISK_H

#include "scan/chain.h"
#include "scan/graph.h"
#include "scan/udev.h"
#include "scan/vpd.h"

#include <sys/stat.h>

/* What one scan reads once. */
struct lethe_scan {
    const struct lethe_scan_env *env;
    struct lethe_machine machine;
    struct lethe_graph graph;
};
int lethe_scan_start(const struct lethe_scan_env *env, struct lethe_scan *out,
                     struct lethe_error *err);
void lethe_scan_end(struct lethe_scan *scan);
#define LETHE_SCAN_AUTO __attribute__((cleanup(lethe_scan_end))) struct lethe_scan

/* Everything of DEVICE, its uses too. Node INDEX is a whole disk. */
int lethe_disk_read(const struct lethe_scan *scan, int index, struct lethe_device *out,
                    struct lethe_error *err);
/* PATH is canonical; ST is of it. */
int lethe_image_read(const struct lethe_scan *scan, const char *path, const struct stat *st,
                     struct lethe_device *out, struct lethe_error *err);

/* The identifiers and media of a disk from what was read; apart from reading, for tests. */
struct lethe_disk_facts {
    enum lethe_bus bus;
    struct lethe_vpd vpd;
    struct lethe_udev_facts udev;
    char usb_serial[64]; /* of the USB device: the bridge's, or the stick's */
    char wwid[192];      /* SCSI device/wwid */
    int rotational;      /* queue/rotational; -1 unknown */
};
void lethe_disk_identify(const struct lethe_disk_facts *facts, struct lethe_identity *out);
enum lethe_media lethe_disk_media(const struct lethe_disk_facts *facts);

/* "backing-" and 16 hex digits that stand for the file under a virtual device. OFFSET and LIMIT
 * tell parts of one file apart; 0 for the whole. */
void lethe_backing_id(char out[32], const struct stat *st, uint64_t offset, uint64_t limit);

#endif
