/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((format(printf, 3, 0))) static void path_make(const struct tree *tree,
                                                            char out[PATH_MAX], const char *format,
                                                            va_list args)
{
    size_t n = (size_t)snprintf(out, PATH_MAX, "%s/", tree->root);
    assert_true(vsnprintf(out + n, PATH_MAX - n, format, args) < (int)(PATH_MAX - n));
    char dir[PATH_MAX];
    strcpy(dir, out);
    *strrchr(dir, '/') = '\0';
    assert_int_equal(lethe_dir_make(dir, 0755, NULL), 0);
}

static void write_to(const char *path, const void *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
    close(fd);
}

void tree_bytes(struct tree *tree, const void *data, size_t len, const char *path, ...)
{
    char full[PATH_MAX];
    va_list args;
    va_start(args, path);
    path_make(tree, full, path, args);
    va_end(args);
    write_to(full, data, len);
}

void tree_file(struct tree *tree, const char *text, const char *path, ...)
{
    char full[PATH_MAX];
    va_list args;
    va_start(args, path);
    path_make(tree, full, path, args);
    va_end(args);
    write_to(full, text, strlen(text));
}

void tree_link(struct tree *tree, const char *target, const char *path, ...)
{
    char full[PATH_MAX];
    va_list args;
    va_start(args, path);
    path_make(tree, full, path, args);
    va_end(args);
    unlink(full);
    assert_int_equal(symlink(target, full), 0);
}

void tree_drop(struct tree *tree, const char *path)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s/%s", tree->root, path);
    assert_int_equal(unlink(full), 0);
}

void tree_make(struct tree *tree)
{
    memset(tree, 0, sizeof *tree);
    strcpy(tree->root, "/tmp/lethe-tree-XXXXXX");
    assert_non_null(mkdtemp(tree->root));
    snprintf(tree->sys, sizeof tree->sys, "%s/sys", tree->root);
    snprintf(tree->dev, sizeof tree->dev, "%s/dev", tree->root);
    snprintf(tree->proc, sizeof tree->proc, "%s/proc", tree->root);
    snprintf(tree->run, sizeof tree->run, "%s/run", tree->root);
    tree->env = (struct lethe_scan_env){
        .sys = tree->sys, .dev = tree->dev, .proc = tree->proc, .run = tree->run};
    tree_file(tree, "", "sys/class/block/.keep");
    tree_drop(tree, "sys/class/block/.keep");
    tree_file(tree, "", "sys/devices/.keep");
    tree_file(tree, "", "dev/.keep");
    tree_file(tree, "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme sse aes\n\n",
              "proc/cpuinfo");
    tree_file(tree, "LENOVO\n", "sys/class/dmi/id/sys_vendor");
    tree_file(tree, "ThinkCentre\n", "sys/class/dmi/id/product_name");
    tree_mounts(tree, "");
    tree_swaps(tree, "");
    tree_link(tree, "mnt:[1]", "proc/self/ns/mnt");
    tree_link(tree, "mnt:[1]", "proc/1/ns/mnt");
    tree_link(tree, "/opt/bench/bin/lethe", "proc/self/exe");
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void tree_remove(struct tree *tree)
{
    assert_int_equal(nftw(tree->root, drop, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void tree_bus(struct tree *tree, const char *devpath, const char *subsystem, const char *driver)
{
    char target[128];
    snprintf(target, sizeof target, "../../bus/%s", subsystem);
    tree_link(tree, target, "sys/devices/%s/subsystem", devpath);
    if (driver) {
        snprintf(target, sizeof target, "../../bus/%s/drivers/%s", subsystem, driver);
        tree_link(tree, target, "sys/devices/%s/driver", devpath);
    }
}

void tree_disk(struct tree *tree, const char *devpath, const char *name, const char *number)
{
    char dir[768], link[800], text[64];
    bool bare = strncmp(name, "nvme", 4) == 0 || strncmp(devpath, "virtual/block", 13) == 0;
    snprintf(dir, sizeof dir, "%s%s/%s", devpath, bare ? "" : "/block", name);
    snprintf(link, sizeof link, "../../devices/%s", dir);
    snprintf(text, sizeof text, "%s\n", number);
    tree_link(tree, link, "sys/class/block/%s", name);
    tree_file(tree, text, "sys/devices/%s/dev", dir);
    tree_file(tree, "2097152\n", "sys/devices/%s/size", dir);
    tree_file(tree, "0\n", "sys/devices/%s/removable", dir);
    tree_file(tree, "7\n", "sys/devices/%s/diskseq", dir);
    tree_file(tree, "512\n", "sys/devices/%s/queue/logical_block_size", dir);
    tree_file(tree, "4096\n", "sys/devices/%s/queue/physical_block_size", dir);
    tree_file(tree, "1\n", "sys/devices/%s/queue/rotational", dir);
}

void tree_partition(struct tree *tree, const char *disk, const char *name, const char *number)
{
    char link[PATH_MAX], target[PATH_MAX], text[64];
    snprintf(link, sizeof link, "%s/class/block/%s", tree->sys, disk);
    ssize_t n = readlink(link, target, sizeof target - 65);
    assert_true(n > 0);
    target[n] = '\0';
    strcat(target, "/");
    strcat(target, name);
    tree_link(tree, target, "sys/class/block/%s", name);
    snprintf(text, sizeof text, "%s\n", number);
    tree_file(tree, text, "sys/%s/dev", target + strlen("../../"));
    tree_file(tree, "1\n", "sys/%s/partition", target + strlen("../../"));
}

void tree_holder(struct tree *tree, const char *lower, const char *upper)
{
    tree_link(tree, "../../somewhere", "sys/class/block/%s/holders/%s", lower, upper);
}

void tree_mounts(struct tree *tree, const char *mountinfo)
{
    tree_file(tree, mountinfo, "proc/self/mountinfo");
    tree_file(tree, mountinfo, "proc/1/mountinfo");
}

void tree_swaps(struct tree *tree, const char *lines)
{
    char text[1024];
    snprintf(text, sizeof text, "Filename\tType\tSize\tUsed\tPriority\n%s", lines);
    tree_file(tree, text, "proc/swaps");
}

void tree_sata(struct tree *tree, const char *name, const char *number)
{
    char dir[256];
    static const char pci[] = "pci0000:00/0000:00:17.0";
    tree_bus(tree, pci, "pci", "ahci");
    tree_file(tree, "0x8086\n", "sys/devices/%s/vendor", pci);
    snprintf(dir, sizeof dir, "%s/ata3/host2", pci);
    tree_bus(tree, dir, "scsi", NULL);
    tree_file(tree, "ahci\n", "sys/devices/%s/scsi_host/host2/proc_name", dir);
    tree_file(tree, "3\n", "sys/class/ata_port/ata3/port_no");
    snprintf(dir, sizeof dir, "%s/ata3/host2/target2:0:0/2:0:0:0", pci);
    tree_bus(tree, dir, "scsi", "sd");
    tree_file(tree, "ATA     \n", "sys/devices/%s/vendor", dir);
    tree_file(tree, "WDC WD10EZEX-08W\n", "sys/devices/%s/model", dir);
    tree_file(tree, "1A01\n", "sys/devices/%s/rev", dir);
    tree_disk(tree, dir, name, number);
}

void tree_usb(struct tree *tree, const char *hcd_path, const char *hcd_driver, const char *name,
              const char *number)
{
    char dir[600], scsi[300];
    bool pci = strncmp(hcd_path, "pci", 3) == 0;
    tree_bus(tree, hcd_path, pci ? "pci" : "platform", hcd_driver);
    if (pci)
        tree_file(tree, "0x8086\n", "sys/devices/%s/vendor", hcd_path);
    snprintf(dir, sizeof dir, "%s/usb2", hcd_path);
    tree_bus(tree, dir, "usb", "usb");
    tree_file(tree, "1d6b\n", "sys/devices/%s/idVendor", dir);
    tree_file(tree, "0003\n", "sys/devices/%s/idProduct", dir);
    strcat(dir, "/2-4");
    tree_bus(tree, dir, "usb", "usb");
    tree_file(tree, "152d\n", "sys/devices/%s/idVendor", dir);
    tree_file(tree, "0578\n", "sys/devices/%s/idProduct", dir);
    tree_file(tree, "0414\n", "sys/devices/%s/bcdDevice", dir);
    tree_file(tree, "JMicron\n", "sys/devices/%s/manufacturer", dir);
    tree_file(tree, "SATA Bridge\n", "sys/devices/%s/product", dir);
    tree_file(tree, "DD56419883\n", "sys/devices/%s/serial", dir);
    tree_file(tree, "4\n", "sys/devices/%s/devpath", dir);
    strcat(dir, "/2-4:1.0");
    tree_bus(tree, dir, "usb", "usb-storage");
    snprintf(scsi, sizeof scsi, "%.250s/host6", dir);
    tree_bus(tree, scsi, "scsi", NULL);
    tree_file(tree, "usb-storage\n", "sys/devices/%s/scsi_host/host6/proc_name", scsi);
    /* Two disks of one bridge are its logical units 0 and 1. */
    unsigned lun = 0;
    char taken[PATH_MAX];
    snprintf(taken, sizeof taken, "%s/devices/%s/target6:0:0/6:0:0:0", tree->sys, scsi);
    if (access(taken, F_OK) == 0)
        lun = 1;
    snprintf(dir, sizeof dir, "%s/target6:0:0/6:0:0:%u", scsi, lun);
    tree_bus(tree, dir, "scsi", "sd");
    tree_file(tree, "WDC WD10\n", "sys/devices/%s/vendor", dir);
    tree_file(tree, "EZEX-08WN4A0    \n", "sys/devices/%s/model", dir);
    tree_file(tree, "0209\n", "sys/devices/%s/rev", dir);
    tree_disk(tree, dir, name, number);
}

void tree_dm(struct tree *tree, const char *name, const char *number, const char *dm_name,
             const char *dm_uuid)
{
    char text[256];
    tree_disk(tree, "virtual/block", name, number);
    snprintf(text, sizeof text, "%s\n", dm_name);
    tree_file(tree, text, "sys/class/block/%s/dm/name", name);
    snprintf(text, sizeof text, "%s\n", dm_uuid);
    tree_file(tree, text, "sys/class/block/%s/dm/uuid", name);
}

void tree_scan(struct tree *tree, const char *name, struct lethe_device *out)
{
    struct lethe_device_list list;
    struct lethe_error err;
    char node[256];
    bool found = false;
    snprintf(node, sizeof node, "%s/%s", tree->dev, name);
    if (lethe_scan_all(&tree->env, &list, &err) < 0)
        fail_msg("%s", err.what);
    for (size_t i = 0; i < list.n; i++)
        if (strcmp(list.devices[i].node, node) == 0) {
            assert_int_equal(lethe_device_copy(&list.devices[i], out), 0);
            found = true;
        }
    lethe_device_list_clear(&list);
    if (!found)
        fail_msg("%s is not in the list", name);
}

const struct lethe_use *tree_use(const struct lethe_device *device, const char *kind)
{
    for (size_t i = 0; i < device->n_uses; i++)
        if (strcmp(device->uses[i].kind, kind) == 0)
            return &device->uses[i];
    return NULL;
}
