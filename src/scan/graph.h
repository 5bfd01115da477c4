/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands on whom: block devices, what is stacked on them (dm, md, loop, bcache), the file
 * systems and swap on top. Read once per scan; the guard (uses.c) walks it. */
#ifndef LETHE_SCAN_GRAPH_H
#define LETHE_SCAN_GRAPH_H

#include "scan/chain.h"

#include <lethe/device.h>
#include <sys/types.h>

enum { LETHE_NO_NODE = -1 };

struct lethe_node {
    char name[64];  /* in /sys/class/block, "!" for "/" */
    char path[192]; /* "/dev/sdb1" */
    dev_t number;
    int disk; /* index of the whole disk, LETHE_NO_NODE when this is one */
    char dm_name[128], dm_uuid[160];
    char btrfs[40];       /* the mounted btrfs that it is a member of */
    char *backing;        /* of a loop device: path as the kernel tells it; owned */
    bool backing_deleted; /* the path is gone, the file isn't */
    uint64_t backing_offset, backing_limit;
};

/* UPPER is made of LOWER; FILE when only through a file system on LOWER. */
struct lethe_edge {
    int upper, lower;
    bool file;
};

struct lethe_mount {
    dev_t number;
    char *point, *fstype, *source, *options; /* owned */
    int pid;     /* 0 own mount namespace, else a process in the other one */
    bool system; /* own namespace or that of process 1: its / is really the system's */
};

struct lethe_swap {
    char *path; /* owned */
    bool file;
    int node;  /* the partition, or LETHE_NO_NODE */
    int mount; /* that the file lies on, or -1 */
};

/* A mount stands on a node (a btrfs on several, an overlay on those of its layers). */
struct lethe_stand {
    int mount, node;
};

struct lethe_graph {
    size_t n_nodes, n_edges, n_mounts, n_swaps, n_stands;
    struct lethe_node *nodes;
    struct lethe_edge *edges;
    struct lethe_mount *mounts;
    struct lethe_swap *swaps;
    struct lethe_stand *stands;
};

int lethe_graph_read(const struct lethe_scan_env *env, struct lethe_graph *out,
                     struct lethe_error *err);
void lethe_graph_free(struct lethe_graph *graph);
#define LETHE_GRAPH_AUTO __attribute__((cleanup(lethe_graph_free))) struct lethe_graph

int lethe_graph_by_name(const struct lethe_graph *graph, const char *name);
int lethe_graph_by_number(const struct lethe_graph *graph, dev_t number);
/* "/dev/sdb1", "/dev/mapper/vg-lv", "/dev/disk/by-uuid/…" */
int lethe_graph_by_path(const struct lethe_scan_env *env, const struct lethe_graph *graph,
                        const char *path);
/* Index of the mount of our own namespace that PATH (absolute) lies on, or -1. */
int lethe_graph_mount_of(const struct lethe_graph *graph, const char *path);
bool lethe_graph_stands(const struct lethe_graph *graph, int mount, int node);

/* Room for one more element in the array *ITEMS of *N; NULL when memory ran out. Zeroed. */
void *lethe_grow(void *items, size_t *n, size_t size);

/* mounts.c: /proc/…/mountinfo of every mount namespace that can be seen, and /proc/swaps. */
int lethe_mounts_read(const struct lethe_scan_env *env, struct lethe_graph *graph,
                      struct lethe_error *err);
int lethe_swaps_read(const struct lethe_scan_env *env, struct lethe_graph *graph,
                     struct lethe_error *err);

#endif
