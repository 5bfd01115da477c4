/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/uses.h"
#include "base/text.h"
#include "scan/sysfs.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { USES_MAX = 128 };

/* Mount points without which the system doesn't run (or doesn't boot again). */
static const char *const system_points[] = {
    "/",           "/boot",       "/boot/*",
    "/efi",        "/usr",        "/usr/*",
    "/etc",        "/lib",        "/bin",
    "/var",        "/var/lib",    "/nix",
    "/run/live/*", "/lib/live/*", "/run/initramfs/*", /* live images run from these */
};

struct walk {
    const struct lethe_scan_env *env;
    const struct lethe_graph *graph;
    struct lethe_device *device;
    int target;          /* asks: standing on something is no use of that by others */
    bool *seen, *system; /* per node */
    int state_mount, exe_mount;
    char state[PATH_MAX], exe[PATH_MAX];
    int rc;
};

bool lethe_shell_word(char *out, size_t size, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "/._-+:@%,=";
    if (!lethe_text_is_clean(word) || word[0] == '\0' || word[0] == '-' || strchr(word, '\''))
        return false;
    bool plain = word[strspn(word, safe)] == '\0';
    return lethe_text_format(out, size, plain ? "%s" : "'%s'", word);
}

/* COMMAND with WORD as its last argument; "" when no such command can be written down. */
static void command(char out[256], const char *verb, const char *word)
{
    char quoted[220];
    if (!lethe_shell_word(quoted, sizeof quoted, word) ||
        !lethe_text_format(out, 256, "%s %s", verb, quoted))
        out[0] = '\0';
}

int lethe_use_add(struct lethe_device *device, const char *kind, bool never, const char *release,
                  const char *what)
{
    struct lethe_use use = {.never = never};
    lethe_text_format(use.kind, sizeof use.kind, "%s", kind);
    lethe_text_clean(use.what, sizeof use.what, what, strlen(what));
    lethe_text_format(use.release, sizeof use.release, "%s", release);
    for (size_t i = 0; i < device->n_uses; i++)
        if (strcmp(device->uses[i].what, use.what) == 0 &&
            strcmp(device->uses[i].release, use.release) == 0)
            return 0;
    /* The list is bounded; what makes it final must not be cut off. */
    if (device->n_uses >= USES_MAX) {
        if (never)
            device->uses[USES_MAX - 1] = use;
        return 0;
    }
    struct lethe_use *grown = reallocarray(device->uses, device->n_uses + 1, sizeof *device->uses);
    if (!grown)
        return -1;
    device->uses = grown;
    grown[device->n_uses++] = use;
    return 0;
}

__attribute__((format(printf, 5, 6))) static void add(struct walk *walk, const char *kind,
                                                      bool never, const char *release,
                                                      const char *format, ...)
{
    char what[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (lethe_use_add(walk->device, kind, never, release, what) < 0)
        walk->rc = -1;
}

static bool is_system_point(const char *point)
{
    for (size_t i = 0; i < sizeof system_points / sizeof *system_points; i++)
        if (fnmatch(system_points[i], point, 0) == 0)
            return true;
    return false;
}

static bool add_mount(struct walk *walk, const struct lethe_mount *mount,
                      const struct lethe_node *node)
{
    char release[256];
    if (mount->system && is_system_point(mount->point)) {
        add(walk, "system", true, "", "%s holds %s of the running system", node->path,
            mount->point);
        return true;
    }
    command(release, "umount", mount->point);
    if (mount->pid) {
        char inner[256];
        memcpy(inner, release, sizeof inner);
        if (!inner[0] ||
            !lethe_text_format(release, sizeof release, "nsenter --mount=%s/%d/ns/mnt %s",
                               walk->env->proc, mount->pid, inner))
            release[0] = '\0';
        add(walk, "mounted", false, release,
            "%s is mounted on %s in the mount namespace of process %d", node->path, mount->point,
            mount->pid);
    } else {
        if (!release[0]) /* a name that can't be typed: the device can */
            command(release, "umount", node->path);
        add(walk, "mounted", false, release, "%s is mounted on %s", node->path, mount->point);
    }
    return false;
}

/* The volume group of a dm name: "-" parts it from the volume, "--" is a dash of its own. */
static void volume_group(char *out, size_t size, const char *dm_name)
{
    size_t n = 0;
    for (const char *p = dm_name; *p && n + 1 < size; p++) {
        if (*p == '-' && p[1] != '-')
            break;
        if (*p == '-')
            p++;
        out[n++] = *p;
    }
    out[n] = '\0';
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* UPPER stands on NODE. When it holds the system, nothing may release it. */
static void add_holder(struct walk *walk, const struct lethe_node *upper,
                       const struct lethe_node *node, bool file, bool system)
{
    char release[256] = "", name[160];
    const char *kind = "held";
    char what[600];
    if (has_prefix(upper->dm_uuid, "LVM-")) {
        kind = "lvm";
        volume_group(name, sizeof name, upper->dm_name);
        command(release, "vgchange -an", name);
        snprintf(what, sizeof what, "%s belongs to the active LVM volume group %s", node->path,
                 name);
    } else if (has_prefix(upper->dm_uuid, "CRYPT-")) {
        kind = "crypt";
        command(release, "cryptsetup close", upper->dm_name);
        snprintf(what, sizeof what, "%s is opened as the encrypted volume %s", node->path,
                 upper->dm_name);
    } else if (has_prefix(upper->dm_uuid, "mpath-")) {
        kind = "multipath";
        command(release, "multipath -f", upper->dm_name);
        snprintf(what, sizeof what, "%s is a path of the multipath device %s", node->path,
                 upper->dm_name);
    } else if (has_prefix(upper->name, "dm-")) {
        kind = "dm";
        command(release, "dmsetup remove", upper->dm_name[0] ? upper->dm_name : upper->path);
        snprintf(what, sizeof what, "%s is used by the device-mapper volume %s", node->path,
                 upper->dm_name[0] ? upper->dm_name : upper->path);
    } else if (has_prefix(upper->name, "md")) {
        kind = "md";
        command(release, "mdadm --stop", upper->path);
        snprintf(what, sizeof what, "%s is a member of the array %s", node->path, upper->path);
    } else if (upper->backing) {
        kind = "loop";
        command(release, "losetup -d", upper->path);
        snprintf(what, sizeof what,
                 file ? "%s holds %s, which the loop device %s stands on"
                      : "%s (as %s) backs the loop device %s",
                 node->path, upper->backing, upper->path);
    } else if (has_prefix(upper->name, "bcache")) {
        kind = "bcache";
        lethe_text_format(release, sizeof release, "echo 1 > %s/block/%s/bcache/stop",
                          walk->env->sys, upper->name);
        snprintf(what, sizeof what, "%s belongs to the cached volume %s", node->path, upper->path);
    } else {
        snprintf(what, sizeof what, "%s is held by %s", node->path, upper->path);
    }
    add(walk, kind, system, system ? "" : release, "%s%s", what, system ? ", which must stay" : "");
}

static bool visit(struct walk *walk, int index);

static bool visit_holders(struct walk *walk, int index)
{
    const struct lethe_graph *graph = walk->graph;
    bool system = false;
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct lethe_edge *edge = &graph->edges[i];
        if (edge->lower != index || edge->upper == walk->target)
            continue;
        bool above = visit(walk, edge->upper);
        add_holder(walk, &graph->nodes[edge->upper], &graph->nodes[index], edge->file, above);
        system |= above;
    }
    return system;
}

/* Everything that stands on node INDEX, topmost first. True when the running system does. */
static bool visit(struct walk *walk, int index)
{
    const struct lethe_graph *graph = walk->graph;
    const struct lethe_node *node = &graph->nodes[index];
    if (walk->seen[index])
        return walk->system[index];
    walk->seen[index] = true;
    bool system = false;
    for (int i = 0; i < (int)graph->n_nodes; i++)
        if (graph->nodes[i].disk == index)
            system |= visit(walk, i);
    system |= visit_holders(walk, index);

    bool mounted = false;
    for (size_t i = graph->n_stands; i-- > 0;) /* the last mounted is the first to go */
        if (graph->stands[i].node == index) {
            system |= add_mount(walk, &graph->mounts[graph->stands[i].mount], node);
            mounted = true;
        }
    if (node->btrfs[0] && !mounted)
        add(walk, "btrfs", false, "", "%s is a member of the mounted btrfs %s", node->path,
            node->btrfs);
    for (size_t i = 0; i < graph->n_swaps; i++) {
        const struct lethe_swap *swap = &graph->swaps[i];
        char release[256];
        command(release, "swapoff", swap->path);
        /* No flag overrides swap, but the operator may turn it off. */
        if (swap->node == index)
            add(walk, "swap", true, release, "%s is used as swap", node->path);
        else if (lethe_graph_stands(graph, swap->mount, index))
            add(walk, "swap", true, release, "%s holds the swap file %s", node->path, swap->path);
    }
    if (lethe_graph_stands(graph, walk->state_mount, index)) {
        add(walk, "state", true, "", "%s holds Lethe's own records (%s)", node->path, walk->state);
        system = true;
    }
    if (lethe_graph_stands(graph, walk->exe_mount, index)) {
        add(walk, "system", true, "", "%s holds the running program %s", node->path, walk->exe);
        system = true;
    }
    walk->system[index] = system;
    return system;
}

/* PATH as the kernel would name it: the deepest directory that exists, resolved, and the rest. */
static void resolve(const char *path, char out[PATH_MAX])
{
    char head[PATH_MAX], real[PATH_MAX];
    out[0] = '\0';
    if (!path || !lethe_text_format(head, sizeof head, "%s", path))
        return;
    for (size_t cut = strlen(head); cut > 0;) {
        head[cut] = '\0';
        if (realpath(head, real)) {
            if (strcmp(real, "/") == 0)
                real[0] = '\0';
            while (path[cut] == '/')
                cut++;
            lethe_text_format(out, PATH_MAX, path[cut] ? "%s/%s" : "%s", real, path + cut);
            if (out[0] == '\0')
                lethe_text_format(out, PATH_MAX, "/");
            return;
        }
        while (cut > 0 && head[cut - 1] != '/')
            cut--;
        while (cut > 1 && head[cut - 1] == '/')
            cut--;
        if (cut == 0 && realpath(".", real)) { /* a relative name of nothing yet */
            lethe_text_format(out, PATH_MAX, "%s/%s", real, path);
            return;
        }
    }
}

static int walk_start(struct walk *walk, const struct lethe_scan_env *env,
                      const struct lethe_graph *graph, int target, struct lethe_device *device)
{
    char link[PATH_MAX];
    memset(walk, 0, sizeof *walk);
    walk->env = env;
    walk->graph = graph;
    walk->device = device;
    walk->target = target;
    walk->seen = calloc(graph->n_nodes + 1, sizeof *walk->seen);
    walk->system = calloc(graph->n_nodes + 1, sizeof *walk->system);
    free(device->uses);
    device->uses = NULL;
    device->n_uses = 0;
    resolve(env->state_dir, walk->state);
    if (lethe_text_format(link, sizeof link, "%s/self/exe", env->proc)) {
        ssize_t n = readlink(link, walk->exe, sizeof walk->exe - 1);
        walk->exe[n > 0 ? n : 0] = '\0';
    }
    walk->state_mount = lethe_graph_mount_of(graph, walk->state);
    walk->exe_mount = lethe_graph_mount_of(graph, walk->exe);
    return walk->seen && walk->system ? 0 : -1;
}

static int walk_end(struct walk *walk, struct lethe_error *err)
{
    free(walk->seen);
    free(walk->system);
    return walk->rc < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out") : 0;
}

static bool inside(const char *path, const char *dir)
{
    size_t n = strlen(dir);
    return n && strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* What a plain file is used for, by name and by inode, except by the loop device LOOP. */
static void visit_file(struct walk *walk, const char *path, dev_t number, ino_t inode, int loop)
{
    const struct lethe_graph *graph = walk->graph;
    struct stat st;
    char release[256];
    for (int i = 0; i < (int)graph->n_nodes; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        if (i == loop || !node->backing)
            continue;
        bool same = !node->backing_deleted && stat(node->backing, &st) == 0
                        ? st.st_dev == number && st.st_ino == inode
                        : strcmp(node->backing, path) == 0;
        if (!same)
            continue;
        bool system = visit(walk, i);
        command(release, "losetup -d", node->path);
        add(walk, "loop", system, system ? "" : release, "%s backs the loop device %s", path,
            node->path);
    }
    for (size_t i = 0; i < graph->n_swaps; i++) {
        const struct lethe_swap *swap = &graph->swaps[i];
        if (!swap->file || !(stat(swap->path, &st) == 0 ? st.st_dev == number && st.st_ino == inode
                                                        : strcmp(swap->path, path) == 0))
            continue;
        command(release, "swapoff", swap->path);
        add(walk, "swap", true, release, "%s is used as swap", path);
    }
    if (inside(path, walk->state))
        add(walk, "state", true, "", "%s is one of Lethe's own records (%s)", path, walk->state);
    if (strcmp(path, walk->exe) == 0)
        add(walk, "system", true, "", "%s is the running program", path);
}

/* A loop device writes to what is below it, and claims none of it: whoever uses that is hit too.
 * (dm and md hold their parts exclusively.) */
static void visit_below(struct walk *walk, int at)
{
    const struct lethe_graph *graph = walk->graph;
    for (int depth = 0; depth < 16 && graph->nodes[at].backing; depth++) {
        const struct lethe_node *node = &graph->nodes[at];
        int lower = lethe_graph_by_path(walk->env, graph, node->backing);
        if (lower < 0) {
            struct stat st;
            if (node->backing_deleted || stat(node->backing, &st) < 0)
                memset(&st, 0, sizeof st);
            visit_file(walk, node->backing, st.st_dev, st.st_ino, at);
            return;
        }
        walk->target = at; /* standing on it is why we look */
        visit(walk, lower);
        at = lower;
    }
}

/* Opening it for writing succeeds, the first write fails: that must be known before the START. */
static void add_write_protection(struct walk *walk, const struct lethe_node *node)
{
    char release[256];
    if (lethe_sys_u64(0, "%s/class/block/%s/ro", walk->env->sys, node->name) == 0)
        return;
    command(release, "blockdev --setrw", node->path);
    add(walk, "read-only", false, release, "%s is write-protected, by a switch or by the kernel",
        node->path);
}

int lethe_uses_disk(const struct lethe_scan_env *env, const struct lethe_graph *graph, int node,
                    struct lethe_device *device, struct lethe_error *err)
{
    struct walk walk;
    walk.rc = walk_start(&walk, env, graph, node, device);
    if (walk.rc == 0)
        visit(&walk, node);
    if (walk.rc == 0)
        add_write_protection(&walk, &graph->nodes[node]);
    /* eMMC: the boot and general-purpose areas are other disks, but the same chip. */
    const char *name = graph->nodes[node].name;
    char pattern[80];
    lethe_text_format(pattern, sizeof pattern, "%s[bg][op]*", name);
    for (int i = 0; walk.rc == 0 && has_prefix(name, "mmcblk") && i < (int)graph->n_nodes; i++)
        if (fnmatch(pattern, graph->nodes[i].name, 0) == 0)
            visit(&walk, i);
    if (walk.rc == 0)
        visit_below(&walk, node);
    return walk_end(&walk, err);
}

int lethe_uses_file(const struct lethe_scan_env *env, const struct lethe_graph *graph,
                    const char *path, dev_t number, ino_t inode, struct lethe_device *device,
                    struct lethe_error *err)
{
    struct walk walk;
    walk.rc = walk_start(&walk, env, graph, LETHE_NO_NODE, device);
    if (walk.rc == 0)
        visit_file(&walk, path, number, inode, LETHE_NO_NODE);
    return walk_end(&walk, err);
}
