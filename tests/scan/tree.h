/* SPDX-License-Identifier: Apache-2.0 */
/* Trees that look like /sys, /dev, /proc and /run, made in a temporary directory. */
#ifndef LETHE_TESTS_SCAN_TREE_H
#define LETHE_TESTS_SCAN_TREE_H

#include <lethe/device.h>
#include <stddef.h>

struct tree {
    char root[64], sys[80], dev[80], proc[80], run[80];
    struct lethe_scan_env env;
};

/* A real machine with nothing attached, / on nothing that is in the tree. */
void tree_make(struct tree *tree);
void tree_remove(struct tree *tree);

/* PATH is a format, relative to the root; directories on the way are made. */
void tree_bytes(struct tree *tree, const void *data, size_t len, const char *path, ...)
    __attribute__((format(printf, 4, 5)));
void tree_file(struct tree *tree, const char *text, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
void tree_link(struct tree *tree, const char *target, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
void tree_drop(struct tree *tree, const char *path);

/* A directory of /sys/devices that has a subsystem and maybe a driver. */
void tree_bus(struct tree *tree, const char *devpath, const char *subsystem, const char *driver);
/* Whole disk NAME below /sys/devices/DEVPATH (…/block is added unless NAME is nvme*), 1 GiB. */
void tree_disk(struct tree *tree, const char *devpath, const char *name, const char *number);
void tree_partition(struct tree *tree, const char *disk, const char *name, const char *number);
void tree_holder(struct tree *tree, const char *lower, const char *upper);
void tree_mounts(struct tree *tree, const char *mountinfo);
void tree_swaps(struct tree *tree, const char *lines);

/* Chains that are used again and again; each has one disk NAME. */
void tree_sata(struct tree *tree, const char *name, const char *number);
void tree_usb(struct tree *tree, const char *hcd_path, const char *hcd_driver, const char *name,
              const char *number);
void tree_dm(struct tree *tree, const char *name, const char *number, const char *dm_name,
             const char *dm_uuid);

/* Scan, and the one device whose node ends in NAME; fails the test when there is none. */
void tree_scan(struct tree *tree, const char *name, struct lethe_device *out);
const struct lethe_use *tree_use(const struct lethe_device *device, const char *kind);

#endif
