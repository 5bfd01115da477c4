/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "scan/disk.h"
#include "scan/phone.h"
#include "scan/sysfs.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const struct lethe_scan_env lethe_scan_env_system = {
    .sys = "/sys", .dev = "/dev", .proc = "/proc", .run = "/run"};

/* Block devices that are not offered: they stand on others (which are listed with that use), are
 * memory, are read-only by nature, or are a part of a chip that is listed itself. By name one can
 * still ask for most of them. */
static const char *const unlisted[] = {
    "dm-*",  "md[0-9_]*",    "bcache*",    "drbd*",       "zd*",  "ram[0-9]*",
    "zram*", "sr[0-9]*",     "fd[0-9]*",   "mtdblock*",   "rbd*", "nullb*",
    "pmem*", "mmcblk*boot*", "mmcblk*gp*", "mmcblk*rpmb",
};

int lethe_scan_start(const struct lethe_scan_env *env, struct lethe_scan *out,
                     struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    out->env = env;
    lethe_machine_read(env, &out->machine);
    return lethe_graph_read(env, &out->graph, err);
}

void lethe_scan_end(struct lethe_scan *scan)
{
    lethe_graph_free(&scan->graph);
}

static bool listed(const struct lethe_scan *scan, const struct lethe_node *node)
{
    const char *sys = scan->env->sys;
    if (node->disk >= 0)
        return false;
    for (size_t i = 0; i < sizeof unlisted / sizeof *unlisted; i++)
        if (fnmatch(unlisted[i], node->name, 0) == 0)
            return false;
    if (lethe_sys_u64(0, "%s/class/block/%s/hidden", sys, node->name))
        return false; /* one path of an NVMe multipath disk */
    if (strncmp(node->name, "loop", 4) == 0)
        return node->backing != NULL;
    /* A reader without a card and an idle nbd are no targets; a fixed disk that shows no capacity
     * is broken and worth showing. */
    return lethe_sys_u64(0, "%s/class/block/%s/size", sys, node->name) != 0 ||
           (lethe_sys_u64(1, "%s/class/block/%s/removable", sys, node->name) == 0 &&
            strncmp(node->name, "nbd", 3) != 0);
}

int lethe_scan_all(const struct lethe_scan_env *env, struct lethe_device_list *out,
                   struct lethe_error *err)
{
    LETHE_SCAN_AUTO scan = {0};
    *out = (struct lethe_device_list){0};
    int rc = lethe_scan_start(env, &scan, err);
    if (rc < 0)
        return rc;
    out->devices = calloc(scan.graph.n_nodes + 1, sizeof *out->devices);
    if (!out->devices)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (int i = 0; i < (int)scan.graph.n_nodes; i++) {
        if (!listed(&scan, &scan.graph.nodes[i]))
            continue;
        struct lethe_device *device = &out->devices[out->n];
        rc = lethe_disk_read(&scan, i, device, err);
        if (rc < 0)
            lethe_device_clear(device);
        if (rc == -LETHE_E_NOT_FOUND)
            continue; /* pulled out while we looked */
        if (rc < 0) {
            lethe_device_list_clear(out);
            return rc;
        }
        out->n++;
    }
    rc = lethe_phones_read(env, &scan.machine, out, err);
    if (rc < 0)
        lethe_device_list_clear(out);
    return rc;
}

static int block_target(const struct lethe_scan *scan, const char *target, dev_t number,
                        struct lethe_device *out, struct lethe_error *err)
{
    const struct lethe_graph *graph = &scan->graph;
    int node = lethe_graph_by_number(graph, number);
    if (node < 0)
        return lethe_fail(err, LETHE_E_NOT_FOUND, "%s is not a block device that is attached",
                          target);
    if (graph->nodes[node].disk >= 0) {
        const char *disk = graph->nodes[graph->nodes[node].disk].path;
        int rc = lethe_fail(err, LETHE_E_REFUSED, "%s is a partition of %s", target, disk);
        lethe_error_effect(err, "only whole devices are erased: what is left beside a partition "
                                "would not be covered by the certificate");
        lethe_error_remedy(err, "name the whole disk: %s", disk);
        return rc;
    }
    return lethe_disk_read(scan, node, out, err);
}

int lethe_scan_target(const struct lethe_scan_env *env, const char *target,
                      struct lethe_device *out, struct lethe_error *err)
{
    char path[PATH_MAX];
    struct stat st;
    LETHE_SCAN_AUTO scan = {0};
    memset(out, 0, sizeof *out);
    if (!realpath(target, path) || stat(path, &st) < 0) {
        int why = errno;
        struct lethe_machine machine;
        lethe_machine_read(env, &machine);
        int rc = lethe_phone_target(env, &machine, target, out, err);
        if (rc != 0)
            return rc < 0 ? rc : 0;
        rc = lethe_fail_errno(err, why, "%s", target);
        lethe_error_remedy(err, "see what is attached: lethe list");
        return rc;
    }
    int rc = lethe_scan_start(env, &scan, err);
    if (rc < 0)
        return rc;
    if (S_ISBLK(st.st_mode))
        rc = block_target(&scan, target, st.st_rdev, out, err);
    else if (S_ISREG(st.st_mode))
        rc = lethe_image_read(&scan, path, &st, out, err);
    else {
        rc =
            lethe_fail(err, LETHE_E_USAGE, "%s is neither a block device nor a plain file", target);
        lethe_error_remedy(err, "name a whole disk (see: lethe list) or a disk image");
    }
    if (rc < 0)
        lethe_device_clear(out);
    return rc;
}

int lethe_scan_uses(const struct lethe_scan_env *env, struct lethe_device *device,
                    struct lethe_error *err)
{
    if (device->node[0] == '\0')
        return 0; /* emulated: nobody else can hold it */
    struct lethe_device now = {0};
    bool phone = strncmp(device->target, "usb:", 4) == 0;
    int rc = lethe_scan_target(env, phone ? device->target : device->node, &now, err);
    if (rc < 0)
        return rc;
    free(device->uses);
    device->uses = now.uses;
    device->n_uses = now.n_uses;
    now.uses = NULL;
    lethe_device_clear(&now);
    return 0;
}
