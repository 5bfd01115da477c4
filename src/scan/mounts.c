/* SPDX-License-Identifier: Apache-2.0 */
/* proc(5): /proc/PID/mountinfo and /proc/swaps. What can't be read here can't be guarded: errors
 * about our own namespace end the scan. */
#include "base/file.h"
#include "base/text.h"
#include "scan/graph.h"
#include "scan/sysfs.h"

#include <stdlib.h>
#include <string.h>

enum { PROC_MAX = 32 << 20 };

/* The kernel writes space, tab, newline and backslash as \ooo. */
static char *unescape(const char *text)
{
    char *out = strdup(text), *to = out;
    if (!out)
        return NULL;
    for (const char *from = text; *from;) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
            from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
            *to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return out;
}

/* 36 35 98:0 /root /point options [optional fields] - fstype source super-options */
static int mount_add(struct lethe_graph *graph, char *line, int pid, bool system)
{
    char *fields[6], *tail[3], *rest = line;
    for (size_t i = 0; i < 6; i++)
        if (!(fields[i] = strsep(&rest, " ")))
            return 0;
    char *dash;
    do {
        if (!(dash = strsep(&rest, " ")))
            return 0;
    } while (strcmp(dash, "-") != 0);
    for (size_t i = 0; i < 3; i++)
        if (!(tail[i] = strsep(&rest, " ")))
            tail[i] = fields[5] + strlen(fields[5]); /* "" */
    struct lethe_mount *grown = lethe_grow(graph->mounts, &graph->n_mounts, sizeof *grown);
    if (!grown)
        return -1;
    graph->mounts = grown;
    struct lethe_mount *mount = &grown[graph->n_mounts - 1];
    mount->number = lethe_dev_parse(fields[2]);
    mount->pid = pid;
    mount->system = system;
    mount->point = unescape(fields[4]);
    mount->fstype = unescape(tail[0]);
    mount->source = unescape(tail[1]);
    mount->options = unescape(tail[2]);
    return mount->point && mount->fstype && mount->source && mount->options ? 0 : -1;
}

static int mounts_of(const char *path, struct lethe_graph *graph, int pid, bool system,
                     struct lethe_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = lethe_file_read(path, PROC_MAX, &text, &len, err);
    char *rest = text, *line;
    while (rc == 0 && (line = strsep(&rest, "\n")))
        if (*line && mount_add(graph, line, pid, system) < 0)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    free(text);
    return rc;
}

/* A disk mounted in a container only is in use as well. One process a namespace is asked; those
 * that we may not see are left to the exclusive claim. */
static int mounts_elsewhere(const struct lethe_scan_env *env, struct lethe_graph *graph,
                            struct lethe_error *err)
{
    char own[64], first[64], ns[64], path[PATH_MAX], **pids = NULL;
    char(*seen)[64] = NULL;
    size_t n_seen = 0;
    if (!lethe_sys_link(own, sizeof own, "%s/self/ns/mnt", env->proc))
        return 0;
    if (!lethe_sys_link(first, sizeof first, "%s/1/ns/mnt", env->proc))
        first[0] = '\0';
    int rc = lethe_dir_list(env->proc, &pids, err);
    for (size_t i = 0; rc == 0 && pids[i]; i++) {
        if (pids[i][strspn(pids[i], "0123456789")] != '\0' ||
            !lethe_sys_link(ns, sizeof ns, "%s/%s/ns/mnt", env->proc, pids[i]) ||
            strcmp(ns, own) == 0)
            continue;
        size_t k = 0;
        while (k < n_seen && strcmp(seen[k], ns) != 0)
            k++;
        if (k < n_seen ||
            !lethe_text_format(path, sizeof path, "%s/%s/mountinfo", env->proc, pids[i]))
            continue;
        char(*grown)[64] = lethe_grow(seen, &n_seen, sizeof *grown);
        if (!grown) {
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
            break;
        }
        seen = grown;
        memcpy(seen[n_seen - 1], ns, sizeof ns);
        /* The process may be gone by now: then so is its claim on the namespace. */
        unsigned pid = 0;
        lethe_number_parse(pids[i], 10, &pid);
        if (mounts_of(path, graph, (int)pid, strcmp(ns, first) == 0, NULL) == -LETHE_E_INTERNAL)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    free(seen);
    lethe_names_free(pids);
    return rc;
}

int lethe_mounts_read(const struct lethe_scan_env *env, struct lethe_graph *graph,
                      struct lethe_error *err)
{
    char path[PATH_MAX];
    if (!lethe_text_format(path, sizeof path, "%s/self/mountinfo", env->proc))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of %s is too long", env->proc);
    int rc = mounts_of(path, graph, 0, true, err);
    return rc < 0 ? rc : mounts_elsewhere(env, graph, err);
}

int lethe_swaps_read(const struct lethe_scan_env *env, struct lethe_graph *graph,
                     struct lethe_error *err)
{
    char path[PATH_MAX], *text = NULL;
    size_t len = 0;
    if (!lethe_text_format(path, sizeof path, "%s/swaps", env->proc))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of %s is too long", env->proc);
    int rc = lethe_file_read(path, PROC_MAX, &text, &len, err);
    if (rc == -LETHE_E_NOT_FOUND)
        return 0; /* a kernel without swap */
    char *rest = text, *line;
    for (bool head = true; rc == 0 && (line = strsep(&rest, "\n")); head = false) {
        char *kind = line + strcspn(line, " \t");
        if (head || *line == '\0' || *kind == '\0')
            continue;
        *kind++ = '\0';
        kind += strspn(kind, " \t");
        struct lethe_swap *grown = lethe_grow(graph->swaps, &graph->n_swaps, sizeof *grown);
        if (grown) {
            graph->swaps = grown;
            struct lethe_swap *swap = &grown[graph->n_swaps - 1];
            swap->path = unescape(line);
            swap->file = strncmp(kind, "file", 4) == 0;
            swap->node = LETHE_NO_NODE;
        }
        if (!grown || !graph->swaps[graph->n_swaps - 1].path)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    free(text);
    return rc;
}
