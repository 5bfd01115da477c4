/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rest of a drive: other namespaces of an NVMe subsystem, other LUNs of a SCSI target, the boot
 * and general-purpose areas of an eMMC. A command of its firmware reaches all of them, so all are
 * claimed, and one that is in use stops the job (facts/drives.md A1).
 */
#include "base/text.h"
#include "scan/disk.h"
#include "scan/held.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The directory in sysfs below which all parts of one drive are. */
static bool drive_dir(const struct lethe_scan_env *env, const char *name, char out[PATH_MAX])
{
    char link[PATH_MAX];
    if (!lethe_text_format(link, sizeof link, "%s/class/block/%s", env->sys, name) ||
        !realpath(link, out))
        return false;
    char *target = strstr(out, "/target"), *block = strstr(out, "/block/");
    char *cut = target ? strchr(target + 1, '/') : block ? block : strrchr(out, '/');
    if (!cut)
        return false;
    *cut = '\0';
    return true;
}

static bool is_below(const struct lethe_scan_env *env, const char *name, const char *dir)
{
    char link[PATH_MAX], path[PATH_MAX];
    size_t n = strlen(dir);
    return lethe_text_format(link, sizeof link, "%s/class/block/%s", env->sys, name) &&
           realpath(link, path) && strncmp(path, dir, n) == 0 && path[n] == '/';
}

static int claim_part(struct lethe_held *held, const struct lethe_scan *scan, int node,
                      struct lethe_error *err)
{
    struct lethe_device part = {0};
    const char *path = scan->graph.nodes[node].path;
    if (held->n_rest == LETHE_HELD_REST_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the drive of %s has more than %d parts",
                          held->device.node, LETHE_HELD_REST_MAX);
    int rc = lethe_disk_read(scan, node, &part, err);
    if (rc == 0)
        rc = lethe_device_refuse(&part, err);
    lethe_device_clear(&part);
    if (rc == 0)
        rc = lethe_block_hold(path, err);
    if (rc < 0) {
        lethe_error_effect(err, "%s is a part of the same drive, and would be erased too", path);
        return rc;
    }
    held->rest[held->n_rest].fd = rc;
    if (!lethe_text_format(held->rest[held->n_rest++].node, sizeof held->rest[0].node, "%s", path))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %s is too long", path);
    return 0;
}

static bool has_area(const struct lethe_held *held, const char *name)
{
    for (size_t i = 0; i < held->n_rest; i++) {
        const char *area = lethe_mmc_area_name(lethe_mmc_area_of(held->rest[i].node));
        if (area && strcmp(area, name) == 0)
            return true;
    }
    return false;
}

/* The card is asked for its areas (EXT_CSD), the kernel for their nodes: without one nothing gets
 * there, and that is known before anything is begun. */
static int check_areas(const struct lethe_held *held, struct lethe_error *err)
{
    const struct lethe_facts *facts = held->device.facts;
    for (size_t i = 0; facts && i < facts->n_areas; i++) {
        const char *name = facts->areas[i].name;
        if (strcmp(name, "rpmb") == 0 || has_area(held, name))
            continue;
        lethe_fail(err, LETHE_E_REFUSED, "the kernel has no node for the area %s of the card %s",
                   name, held->device.node);
        lethe_error_effect(err, "nothing was sent to the device: the area could not be erased");
        lethe_error_remedy(err, "plug the card in again; or choose a policy and a profile that "
                                "overwrite, which leaves that area as it is");
        return -LETHE_E_REFUSED;
    }
    return 0;
}

int lethe_held_claim_rest(struct lethe_held *held, struct lethe_error *err)
{
    char dir[PATH_MAX];
    struct lethe_block_facts facts;
    LETHE_SCAN_AUTO scan = {0};
    int rc = lethe_block_facts(held->fd, &facts, err);
    if (rc == 0)
        rc = lethe_scan_start(held->env, &scan, err);
    int own = rc == 0 ? lethe_graph_by_number(&scan.graph, facts.number) : LETHE_NO_NODE;
    if (rc < 0 || own < 0)
        return rc < 0 ? rc : lethe_fail(err, LETHE_E_GONE, "%s is gone", held->device.node);
    if (!drive_dir(held->env, scan.graph.nodes[own].name, dir))
        return lethe_fail(err, LETHE_E_IO, "the parts of the drive of %s can't be told",
                          held->device.node);
    for (size_t i = 0; rc == 0 && i < scan.graph.n_nodes; i++) {
        const struct lethe_node *node = &scan.graph.nodes[i];
        if ((int)i != own && node->disk == LETHE_NO_NODE && is_below(held->env, node->name, dir))
            rc = claim_part(held, &scan, (int)i, err);
    }
    return rc < 0 ? rc : check_areas(held, err);
}
