/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/graph.h"
#include "base/file.h"
#include "base/text.h"
#include "scan/sysfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void *lethe_grow(void *items, size_t *n, size_t size)
{
    char *grown = items;
    if ((*n & (*n - 1)) == 0) /* full at every power of two */
        grown = reallocarray(items, *n ? 2 * *n : 1, size);
    if (!grown)
        return NULL;
    memset(grown + *n * size, 0, size);
    ++*n;
    return grown;
}

void lethe_graph_free(struct lethe_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        free(graph->nodes[i].backing);
    for (size_t i = 0; i < graph->n_mounts; i++) {
        free(graph->mounts[i].point);
        free(graph->mounts[i].fstype);
        free(graph->mounts[i].source);
        free(graph->mounts[i].options);
    }
    for (size_t i = 0; i < graph->n_swaps; i++)
        free(graph->swaps[i].path);
    free(graph->nodes);
    free(graph->edges);
    free(graph->mounts);
    free(graph->swaps);
    free(graph->stands);
    memset(graph, 0, sizeof *graph);
}

int lethe_graph_by_name(const struct lethe_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (strcmp(graph->nodes[i].name, name) == 0)
            return (int)i;
    return LETHE_NO_NODE;
}

int lethe_graph_by_number(const struct lethe_graph *graph, dev_t number)
{
    for (size_t i = 0; number && i < graph->n_nodes; i++)
        if (graph->nodes[i].number == number)
            return (int)i;
    return LETHE_NO_NODE;
}

/* PATH behind /dev/ (the one tests made, or the real one: mountinfo always says /dev). */
static const char *below_dev(const struct lethe_scan_env *env, const char *path)
{
    size_t n = strlen(env->dev);
    if (strncmp(path, env->dev, n) == 0 && path[n] == '/')
        return path + n + 1;
    return strncmp(path, "/dev/", 5) == 0 ? path + 5 : NULL;
}

int lethe_graph_by_path(const struct lethe_scan_env *env, const struct lethe_graph *graph,
                        const char *path)
{
    const char *below = below_dev(env, path);
    char name[256], link[PATH_MAX], target[64];
    if (!below || !lethe_text_format(name, sizeof name, "%s", below))
        return LETHE_NO_NODE;
    if (strncmp(name, "mapper/", 7) == 0)
        for (size_t i = 0; i < graph->n_nodes; i++)
            if (strcmp(graph->nodes[i].dm_name, name + 7) == 0)
                return (int)i;
    /* udev's links (/dev/disk/by-uuid, /dev/vg/lv) end at the node itself. */
    if (lethe_text_format(link, sizeof link, "%s/%s", env->dev, name) &&
        lethe_sys_link(target, sizeof target, "%s", link))
        return lethe_graph_by_name(graph, target);
    for (char *slash = name; (slash = strchr(slash, '/'));)
        *slash = '!';
    return lethe_graph_by_name(graph, name);
}

static int mount_of(const struct lethe_graph *graph, int pid, int except, const char *path)
{
    int best = -1;
    size_t best_len = 0;
    for (size_t i = 0; path[0] == '/' && i < graph->n_mounts; i++) {
        const struct lethe_mount *mount = &graph->mounts[i];
        size_t len = strcmp(mount->point, "/") == 0 ? 0 : strlen(mount->point);
        /* The later of two mounts on the same point covers the earlier. */
        if ((int)i != except && mount->pid == pid && strncmp(path, mount->point, len) == 0 &&
            (path[len] == '/' || path[len] == '\0') && len >= best_len) {
            best = (int)i;
            best_len = len;
        }
    }
    return best;
}

int lethe_graph_mount_of(const struct lethe_graph *graph, const char *path)
{
    return mount_of(graph, 0, -1, path);
}

bool lethe_graph_stands(const struct lethe_graph *graph, int mount, int node)
{
    for (size_t i = 0; mount >= 0 && i < graph->n_stands; i++)
        if (graph->stands[i].mount == mount && graph->stands[i].node == node)
            return true;
    return false;
}

static int edge_add(struct lethe_graph *graph, int upper, int lower, bool file)
{
    if (upper < 0 || lower < 0 || upper == lower)
        return 0;
    struct lethe_edge *grown = lethe_grow(graph->edges, &graph->n_edges, sizeof *grown);
    if (!grown)
        return -1;
    graph->edges = grown;
    grown[graph->n_edges - 1] = (struct lethe_edge){.upper = upper, .lower = lower, .file = file};
    return 0;
}

static int stand_add(struct lethe_graph *graph, int mount, int node)
{
    if (node < 0)
        return 0;
    /* Mounts are resolved one after the other: this one's are the last. */
    for (size_t i = graph->n_stands; i-- > 0 && graph->stands[i].mount == mount;)
        if (graph->stands[i].node == node)
            return 0;
    struct lethe_stand *grown = lethe_grow(graph->stands, &graph->n_stands, sizeof *grown);
    if (!grown)
        return -1;
    graph->stands = grown;
    grown[graph->n_stands - 1] = (struct lethe_stand){.mount = mount, .node = node};
    const char *group = graph->nodes[node].btrfs;
    for (size_t i = 0; group[0] && i < graph->n_nodes; i++)
        if (strcmp(graph->nodes[i].btrfs, group) == 0 && stand_add(graph, mount, (int)i) < 0)
            return -1;
    return 0;
}

/* MOUNT stands on what BELOW (itself, or a mount that holds one of its layers) stands on. */
static int mount_resolve(const struct lethe_scan_env *env, struct lethe_graph *graph, int mount,
                         int below, int depth)
{
    const struct lethe_mount *m = &graph->mounts[below];
    int node = lethe_graph_by_number(graph, m->number);
    if (node >= 0)
        return stand_add(graph, mount, node);
    bool layered = strcmp(m->fstype, "overlay") == 0 || strcmp(m->fstype, "aufs") == 0;
    if (!layered) {
        /* btrfs, bcachefs and others show an anonymous number: their source names the device, or
         * several with ":" between. */
        char *copy = strdup(m->source), *rest = copy, *one;
        int rc = copy ? 0 : -1;
        while (rc == 0 && (one = strsep(&rest, ":")))
            rc = stand_add(graph, mount, lethe_graph_by_path(env, graph, one));
        free(copy);
        return rc;
    }
    if (depth == 0)
        return 0;
    char *copy = strdup(m->options), *rest = copy, *option;
    int rc = copy ? 0 : -1;
    while (rc == 0 && (option = strsep(&rest, ","))) {
        char *value = strchr(option, '='), *dir;
        if (!value ||
            !(strncmp(option, "lowerdir", 8) == 0 || strncmp(option, "upperdir", 8) == 0 ||
              strncmp(option, "br=", 3) == 0 || strncmp(option, "br:", 3) == 0))
            continue;
        value++;
        while (rc == 0 && (dir = strsep(&value, ":"))) {
            int layer = mount_of(graph, m->pid, below, dir);
            if (layer >= 0)
                rc = mount_resolve(env, graph, mount, layer, depth - 1);
        }
    }
    free(copy);
    return rc;
}

static int node_add(const struct lethe_scan_env *env, struct lethe_graph *graph, const char *name)
{
    struct lethe_node *grown = lethe_grow(graph->nodes, &graph->n_nodes, sizeof *grown);
    if (!grown)
        return -1;
    graph->nodes = grown;
    struct lethe_node *node = &grown[graph->n_nodes - 1];
    node->disk = LETHE_NO_NODE;
    char shown[64], backing[PATH_MAX];
    if (!lethe_text_format(node->name, sizeof node->name, "%s", name) ||
        !(node->number = lethe_sys_dev("%s/class/block/%s/dev", env->sys, name))) {
        graph->n_nodes--; /* went away just now, or a hidden path of a multipath disk */
        return 0;
    }
    lethe_text_format(shown, sizeof shown, "%s", name);
    for (char *bang = shown; (bang = strchr(bang, '!'));)
        *bang = '/';
    lethe_text_format(node->path, sizeof node->path, "%s/%s", env->dev, shown);
    if (strncmp(name, "dm-", 3) == 0) {
        lethe_sys_raw(node->dm_name, sizeof node->dm_name, "%s/class/block/%s/dm/name", env->sys,
                      name);
        lethe_sys_raw(node->dm_uuid, sizeof node->dm_uuid, "%s/class/block/%s/dm/uuid", env->sys,
                      name);
    } else if (strncmp(name, "loop", 4) == 0 &&
               lethe_sys_raw(backing, sizeof backing, "%s/class/block/%s/loop/backing_file",
                             env->sys, name)) {
        static const char deleted[] = " (deleted)";
        size_t len = strlen(backing);
        if (len >= sizeof deleted && strcmp(backing + len + 1 - sizeof deleted, deleted) == 0) {
            backing[len + 1 - sizeof deleted] = '\0';
            node->backing_deleted = true;
        }
        node->backing_offset = lethe_sys_u64(0, "%s/class/block/%s/loop/offset", env->sys, name);
        node->backing_limit = lethe_sys_u64(0, "%s/class/block/%s/loop/sizelimit", env->sys, name);
        if (!(node->backing = strdup(backing)))
            return -1;
    }
    return 0;
}

/* …/block/sdb/sdb1: the directory above a partition is its disk. */
static int disk_of(const struct lethe_scan_env *env, const struct lethe_graph *graph,
                   const char *name)
{
    char link[PATH_MAX], target[PATH_MAX];
    if (!lethe_sys_exists("%s/class/block/%s/partition", env->sys, name) ||
        !lethe_text_format(link, sizeof link, "%s/class/block/%s", env->sys, name))
        return LETHE_NO_NODE;
    ssize_t len = readlink(link, target, sizeof target - 1);
    if (len <= 0)
        return LETHE_NO_NODE;
    target[len] = '\0';
    char *slash = strrchr(target, '/');
    if (!slash)
        return LETHE_NO_NODE;
    *slash = '\0';
    slash = strrchr(target, '/');
    return slash ? lethe_graph_by_name(graph, slash + 1) : LETHE_NO_NODE;
}

static int holders_read(const struct lethe_scan_env *env, struct lethe_graph *graph, int node)
{
    char path[PATH_MAX], **names = NULL;
    if (!lethe_text_format(path, sizeof path, "%s/class/block/%s/holders", env->sys,
                           graph->nodes[node].name) ||
        lethe_dir_list(path, &names, NULL) < 0)
        return 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && names[i]; i++)
        rc = edge_add(graph, lethe_graph_by_name(graph, names[i]), node, false);
    lethe_names_free(names);
    return rc;
}

/* A file system's directory in /sys/fs/btrfs is there only while it is mounted. */
static void btrfs_read(const struct lethe_scan_env *env, struct lethe_graph *graph)
{
    char path[PATH_MAX], **names = NULL;
    if (!lethe_text_format(path, sizeof path, "%s/fs/btrfs", env->sys) || access(path, F_OK) != 0 ||
        lethe_dir_list(path, &names, NULL) < 0)
        return;
    for (size_t i = 0; names[i]; i++)
        for (size_t k = 0; k < graph->n_nodes; k++)
            if (lethe_sys_exists("%s/%s/devices/%s", path, names[i], graph->nodes[k].name))
                lethe_text_format(graph->nodes[k].btrfs, sizeof graph->nodes[k].btrfs, "%s",
                                  names[i]);
    lethe_names_free(names);
}

static int loop_edges(const struct lethe_scan_env *env, struct lethe_graph *graph, int loop)
{
    const char *backing = graph->nodes[loop].backing;
    if (!backing)
        return 0;
    int lower = lethe_graph_by_path(env, graph, backing);
    if (lower >= 0)
        return edge_add(graph, loop, lower, false);
    int mount = lethe_graph_mount_of(graph, backing), rc = 0;
    for (size_t i = 0; rc == 0 && mount >= 0 && i < graph->n_stands; i++)
        if (graph->stands[i].mount == mount)
            rc = edge_add(graph, loop, graph->stands[i].node, true);
    return rc;
}

static int stack_read(const struct lethe_scan_env *env, struct lethe_graph *graph)
{
    int rc = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        graph->nodes[i].disk = disk_of(env, graph, graph->nodes[i].name);
    btrfs_read(env, graph);
    for (int i = 0; rc == 0 && i < (int)graph->n_nodes; i++)
        rc = holders_read(env, graph, i);
    for (int i = 0; rc == 0 && i < (int)graph->n_mounts; i++)
        rc = mount_resolve(env, graph, i, i, 8);
    for (int i = 0; rc == 0 && i < (int)graph->n_nodes; i++)
        rc = loop_edges(env, graph, i);
    for (size_t i = 0; i < graph->n_swaps; i++) {
        struct lethe_swap *swap = &graph->swaps[i];
        swap->mount = swap->file ? lethe_graph_mount_of(graph, swap->path) : -1;
        swap->node = swap->file ? LETHE_NO_NODE : lethe_graph_by_path(env, graph, swap->path);
    }
    return rc;
}

int lethe_graph_read(const struct lethe_scan_env *env, struct lethe_graph *out,
                     struct lethe_error *err)
{
    char path[PATH_MAX], **names = NULL;
    memset(out, 0, sizeof *out);
    if (!lethe_text_format(path, sizeof path, "%s/class/block", env->sys))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of %s is too long", env->sys);
    int rc = lethe_dir_list(path, &names, err);
    for (size_t i = 0; rc == 0 && names[i]; i++)
        if (node_add(env, out, names[i]) < 0)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    lethe_names_free(names);
    if (rc == 0)
        rc = lethe_mounts_read(env, out, err);
    if (rc == 0)
        rc = lethe_swaps_read(env, out, err);
    if (rc == 0 && stack_read(env, out) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc < 0)
        lethe_graph_free(out);
    return rc;
}
