/* SPDX-License-Identifier: Apache-2.0 */
/* An NVMe controller and all namespaces of its subsystem, natively or behind a USB bridge. */
#include "device/look.h"

#include "base/text.h"
#include "proto/smart.h"
#include "proto/tcg.h"

#include <errno.h>
#include <stdlib.h>

static int run(struct lethe_look *look, enum lethe_path path, struct lethe_nvme_admin command,
               void *data)
{
    struct lethe_nvme_result result;
    int rc = lethe_nvme_exec(look->io, path, &command, data, LETHE_LOOK_MS, &result);
    if (rc < 0)
        return rc;
    return !result.known || result.status == LETHE_NVME_SUCCESS ? 0 : -EOPNOTSUPP;
}

static int get_log(struct lethe_look *look, enum lethe_path path, uint8_t log, uint8_t *data,
                   uint32_t len)
{
    struct lethe_nvme_admin command;
    if (lethe_nvme_cmd_get_log(log, LETHE_NVME_ALL, len, &command, NULL) < 0)
        return -EINVAL;
    return run(look, path, command, data);
}

static size_t list(struct lethe_look *look, enum lethe_path path, enum lethe_nvme_cns cns,
                   uint8_t *data, uint32_t out[LETHE_NVME_LIST_MAX])
{
    if (run(look, path, lethe_nvme_cmd_identify(cns, 0), data) < 0)
        return 0;
    int n = lethe_nvme_list_parse(data, LETHE_NVME_IDENTIFY_SIZE, out, LETHE_NVME_LIST_MAX, NULL);
    return n > 0 ? (size_t)n : 0;
}

static bool contains(const uint32_t *ids, size_t n, uint32_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* Allocated ones too: what is not attached now holds data all the same (facts/drives.md A4). */
static void look_namespaces(struct lethe_look *look, enum lethe_path path, uint8_t *data)
{
    struct lethe_facts *f = look->facts;
    uint32_t active[LETHE_NVME_LIST_MAX], all[LETHE_NVME_LIST_MAX];
    size_t n_active = list(look, path, LETHE_NVME_CNS_ACTIVE_LIST, data, active);
    size_t n = list(look, path, LETHE_NVME_CNS_ALLOCATED_LIST, data, all);
    const uint32_t *ids = n >= n_active ? all : active;
    n = n >= n_active ? n : n_active;
    for (size_t i = 0; i < n && f->n_namespaces < LETHE_NAMESPACES_MAX; i++) {
        struct lethe_nvme_namespace ns;
        bool attached = contains(active, n_active, ids[i]);
        enum lethe_nvme_cns cns =
            attached ? LETHE_NVME_CNS_NAMESPACE : LETHE_NVME_CNS_ALLOCATED_NAMESPACE;
        uint64_t bytes = 0;
        if (run(look, path, lethe_nvme_cmd_identify(cns, ids[i]), data) == 0 &&
            lethe_nvme_namespace_parse(data, LETHE_NVME_IDENTIFY_SIZE, &ns, NULL) == 0)
            bytes = __builtin_mul_overflow(ns.size, ns.block, &bytes) ? 0 : bytes;
        f->namespaces[f->n_namespaces].nsid = ids[i];
        f->namespaces[f->n_namespaces].capacity = bytes;
        f->namespaces[f->n_namespaces++].active = attached;
    }
}

static void look_sanitize(struct lethe_look *look, enum lethe_path path,
                          const struct lethe_nvme_controller *c)
{
    struct lethe_facts *f = look->facts;
    uint8_t data[LETHE_NVME_SANITIZE_LOG_SIZE] = {0};
    struct lethe_sanitize_status status;
    bool can = c->sanitize_crypto || c->sanitize_block || c->sanitize_overwrite;
    if (!can || get_log(look, path, LETHE_NVME_LOG_SANITIZE, data, sizeof(data)) < 0 ||
        lethe_nvme_sanitize_log_parse(data, sizeof(data), &status, NULL) < 0)
        return;
    f->sanitize.known = status.state != LETHE_SANITIZE_UNKNOWN;
    f->sanitize.running = status.state == LETHE_SANITIZE_RUNNING;
    f->sanitize.failed = status.state == LETHE_SANITIZE_FAILED;
    f->sanitize.progress = status.progress;
    f->sanitize.crypto_seconds = status.estimate_crypto;
    f->sanitize.block_seconds = status.estimate_block;
    f->sanitize.overwrite_seconds = status.estimate_overwrite;
    f->can |= (c->sanitize_crypto ? (unsigned)LETHE_CAN_SANITIZE_CRYPTO : 0) |
              (c->sanitize_block ? (unsigned)LETHE_CAN_SANITIZE_BLOCK : 0) |
              (c->sanitize_overwrite ? (unsigned)LETHE_CAN_SANITIZE_OVERWRITE : 0);
}

/* Only JMicron's wrapping carries every dword and brings the status back; with the others a Format
 * or Sanitize would be a guess. */
static bool erases_through(enum lethe_path path)
{
    return path == LETHE_PATH_NVME || path == LETHE_PATH_NVME_JMICRON;
}

static void look_controller(struct lethe_look *look, enum lethe_path path,
                            const struct lethe_nvme_controller *c)
{
    struct lethe_facts *f = look->facts;
    lethe_text_format(f->model, sizeof(f->model), "%s", c->model);
    lethe_text_format(f->serial, sizeof(f->serial), "%s", c->serial);
    lethe_text_format(f->firmware, sizeof(f->firmware), "%s", c->firmware);
    f->unallocated = c->unallocated;
    /* NVMe Base 2.0 5.24: after a block or crypto erase reads may fail until the block is written,
     * unless it was deallocated; which of them a drive does it does not tell. */
    f->reads_fail_after_block = f->reads_fail_after_crypto = true;
    f->hidden_known = true;
    if (!erases_through(path)) {
        lethe_look_obstacle(look, "this USB bridge does not carry the drive's erase commands whole",
                            "move the drive to a native NVMe slot");
        return;
    }
    look_sanitize(look, path, c);
    if (!c->format)
        return;
    f->can |= LETHE_CAN_FORMAT_USER;
    if (c->format_crypto)
        f->can |= LETHE_CAN_FORMAT_CRYPTO;
}

int lethe_look_nvme(struct lethe_look *look, enum lethe_path path)
{
    struct lethe_nvme_controller c;
    uint8_t *data = calloc(1, LETHE_NVME_IDENTIFY_SIZE);
    int rc = data ? 0 : -ENOMEM;
    if (rc == 0)
        rc = run(look, path, lethe_nvme_cmd_identify(LETHE_NVME_CNS_CONTROLLER, 0), data);
    if (rc == 0 && lethe_nvme_controller_parse(data, LETHE_NVME_IDENTIFY_SIZE, &c, NULL) < 0)
        rc = -EBADMSG;
    if (rc < 0) {
        free(data);
        return rc;
    }
    look->facts->protocol = LETHE_PROTOCOL_NVME;
    look->facts->path = path;
    look_controller(look, path, &c);
    if (look->identity->bus == LETHE_BUS_NVME &&
        !lethe_look_agrees(look, LETHE_ID_SERIAL, c.serial)) {
        look->facts->disagrees = true;
        lethe_look_obstacle(look, "the serial number that the drive tells is not the kernel's",
                            "unplug it and plug it in again");
    }
    look_namespaces(look, path, data);
    uint8_t log[LETHE_NVME_SMART_LOG_SIZE] = {0}, discovery[LETHE_TCG_DISCOVERY_SIZE] = {0};
    if (get_log(look, path, LETHE_NVME_LOG_SMART, log, sizeof(log)) == 0)
        lethe_health_add_nvme(&look->health, log, sizeof(log), NULL);
    if (c.security && run(look, path,
                          lethe_nvme_cmd_security_receive(
                              LETHE_TCG_PROTOCOL, LETHE_TCG_DISCOVERY_COMID, 0, sizeof(discovery)),
                          discovery) == 0)
        lethe_look_tcg(look, discovery, sizeof(discovery));
    free(data);
    return 0;
}
