/* SPDX-License-Identifier: Apache-2.0 */
/* The driver of the kernel's block devices. */
#include "base/text.h"
#include "scan/disk.h"
#include "scan/held.h"
#include "scan/uses.h"

/* The device that the claim holds, looked up by its number: a name may mean another one by now. */
static int block_now(struct lethe_held *held, struct lethe_device *now, struct lethe_error *err)
{
    struct lethe_block_facts facts;
    LETHE_SCAN_AUTO scan = {0};
    int rc = lethe_block_facts(held->fd, &facts, err);
    if (rc < 0)
        return rc == -LETHE_E_IO
                   ? lethe_fail(err, LETHE_E_GONE, "%s doesn't answer any more", held->device.node)
                   : rc;
    rc = lethe_scan_start(held->env, &scan, err);
    if (rc < 0)
        return rc;
    int node = lethe_graph_by_number(&scan.graph, facts.number);
    if (node < 0)
        return lethe_fail(err, LETHE_E_GONE, "%s is gone", held->device.node);
    rc = lethe_disk_read(&scan, node, now, err);
    if (rc < 0)
        return rc == -LETHE_E_NOT_FOUND
                   ? lethe_fail(err, LETHE_E_GONE, "%s is gone", held->device.node)
                   : rc;
    if (now->diskseq != facts.diskseq ||
        (held->device.diskseq && facts.diskseq != held->device.diskseq))
        return lethe_fail(err, LETHE_E_CHANGED,
                          "%s is another medium than the one that was armed (sequence number %llu, "
                          "was %llu)",
                          held->device.node, (unsigned long long)now->diskseq,
                          (unsigned long long)held->device.diskseq);
    /* The descriptor's word on the size counts, not sysfs's: it is what is written to. */
    now->identity.capacity = facts.capacity;
    now->identity.logical_block = facts.logical_block;
    now->identity.physical_block = facts.physical_block;
    return 0;
}

static int block_claim(const struct lethe_scan_env *env, const struct lethe_device *device,
                       struct lethe_held **out, struct lethe_error *err)
{
    int rc = lethe_device_refuse(device, err);
    if (rc < 0)
        return rc;
    struct lethe_held *held = lethe_held_new(env, device, err);
    if (!held)
        return -LETHE_E_INTERNAL;
    held->fd = lethe_block_claim(device->node, err);
    rc = held->fd < 0 ? held->fd : 0;
    if (rc == -LETHE_E_BUSY)
        rc = lethe_held_blame(held, err);
    /* The guard again, now that nothing new can take hold of it. */
    struct lethe_device now = {0};
    if (rc == 0)
        rc = block_now(held, &now, err);
    if (rc == 0)
        rc = lethe_uses_openers(env, &now, err);
    if (rc == 0)
        rc = lethe_device_refuse(&now, err);
    if (rc == 0)
        rc = lethe_identity_same(&device->identity, &now.identity, err);
    lethe_device_clear(&now);
    if (rc < 0) {
        lethe_held_free(held);
        return rc;
    }
    *out = held;
    return 0;
}

static int block_identify(struct lethe_held *held, struct lethe_identity *out,
                          struct lethe_error *err)
{
    struct lethe_device now = {0};
    int rc = block_now(held, &now, err);
    if (rc == 0)
        *out = now.identity;
    lethe_device_clear(&now);
    return rc;
}

static int block_peek(const struct lethe_scan_env *env, const struct lethe_device *device,
                      struct lethe_io_spec *out, struct lethe_error *err)
{
    (void)env;
    enum lethe_bus bus = device->identity.bus;
    if (bus == LETHE_BUS_VIRTIO || bus == LETHE_BUS_LOOP)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "%s has no firmware", device->node);
    int rc = lethe_held_spec("block", lethe_block_peek(device->node, err), false, out);
    for (unsigned area = 1; rc == 0 && bus == LETHE_BUS_MMC && area < LETHE_MMC_AREAS; area++) {
        char node[sizeof device->node + 8];
        const char *name = lethe_mmc_area_name(area);
        if (!name || !lethe_text_format(node, sizeof node, "%s%s", device->node, name))
            continue;
        int fd = lethe_block_peek(node, NULL); /* most cards have few of them */
        rc = fd < 0 ? 0 : lethe_held_spec_area(out, area, fd, err);
    }
    return rc;
}

static int block_spec(struct lethe_held *held, bool writable, struct lethe_io_spec *out,
                      struct lethe_error *err)
{
    int rc = lethe_held_spec(
        "block", lethe_block_reopen(held->device.node, held->fd, writable, err), writable, out);
    /* Read-only: what erases an area is a command, which asks for a capability (force_ro of sysfs
     * is for writes). Who verifies sends none. */
    for (size_t i = 0; rc == 0 && writable && i < held->n_rest; i++) {
        const char *node = held->rest[i].node;
        unsigned area = lethe_mmc_area_of(node);
        if (area > 0)
            rc = lethe_held_spec_area(out, area,
                                      lethe_block_reopen(node, held->rest[i].fd, false, err), err);
    }
    return rc;
}

const struct lethe_driver lethe_driver_block = {
    .name = "block",
    .passes_through = true,
    .claim = block_claim,
    .claim_rest = lethe_held_claim_rest,
    .identify = block_identify,
    .peek = block_peek,
    .spec = block_spec,
    .release = lethe_held_free,
    .open = lethe_held_open,
};
