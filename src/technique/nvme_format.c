/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format NVM, 80h (NVMe Base 2.0 5.14) with Secure Erase Settings: nvme-format-user (SES 1) and
 * nvme-format-crypto (SES 2). SES 0 erases nothing and can't be built. There is no log of it: only
 * the completion, and the marks that must be gone. Clear (facts/standards.md section 3).
 */
#include "io/exec.h"
#include "technique/sanitize.h"

#include "base/time.h"

#include <stdlib.h>

#define COMMAND_MS 15000
#define FORMAT_S 3600 /* at least: makers tell no time, and large drives need many minutes */

struct format {
    bool crypto, accepted, same_after;
    uint32_t nsid; /* that the command goes to */
    struct lethe_nvme_controller controller;
    struct lethe_nvme_namespace ns;
    uint64_t began, ended;
    json_t *commands;
};

static int identify(struct lethe_run *run, enum lethe_nvme_cns cns, uint32_t nsid, uint8_t *data,
                    struct lethe_error *err)
{
    struct lethe_nvme_admin cmd = lethe_nvme_cmd_identify(cns, nsid);
    struct lethe_nvme_result result;
    int rc = lethe_nvme_exec(run->io, run->path, &cmd, data, COMMAND_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "Identify", err);
    return result.known && result.status != LETHE_NVME_SUCCESS
               ? lethe_technique_fail(err, "the drive does not say who it is: %s",
                                      lethe_nvme_status_name(result.status))
               : 0;
}

/* A plan is for a drive of one namespace (src/plan/make.c). The command goes to "all of them", so
 * that none is forgotten; to that one by its number where the controller wants it so (FNA bit 3).
 */
static int look(struct lethe_run *run, struct lethe_nvme_controller *controller,
                struct lethe_nvme_namespace *ns, uint32_t *nsid, struct lethe_error *err)
{
    uint32_t ids[LETHE_NVME_LIST_MAX];
    uint8_t *data = calloc(1, LETHE_NVME_IDENTIFY_SIZE);
    int rc = data ? identify(run, LETHE_NVME_CNS_CONTROLLER, 0, data, err)
                  : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0)
        rc = lethe_nvme_controller_parse(data, LETHE_NVME_IDENTIFY_SIZE, controller, err);
    if (rc == 0)
        rc = identify(run, LETHE_NVME_CNS_ACTIVE_LIST, 0, data, err);
    if (rc == 0)
        rc = lethe_nvme_list_parse(data, LETHE_NVME_IDENTIFY_SIZE, ids, LETHE_NVME_LIST_MAX, err);
    if (rc == 0)
        rc = lethe_technique_fail(err, "the drive has no active namespace");
    if (rc > 1)
        rc = lethe_technique_fail(err, "the drive has %d namespaces now, and had one", rc);
    *nsid = controller->format_no_broadcast ? ids[0] : LETHE_NVME_ALL;
    if (rc > 0)
        rc = identify(run, LETHE_NVME_CNS_NAMESPACE, ids[0], data, err);
    if (rc == 0)
        rc = lethe_nvme_namespace_parse(data, LETHE_NVME_IDENTIFY_SIZE, ns, err);
    free(data);
    return rc;
}

static int start(struct lethe_run *run, bool crypto, struct lethe_error *err)
{
    struct format *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->crypto = crypto;
    self->commands = json_array();
    return look(run, &self->controller, &self->ns, &self->nsid, err);
}

static int start_user(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, false, err);
}

static int start_crypto(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, true, err);
}

static int step(struct lethe_run *run, struct lethe_error *err)
{
    struct format *self = run->state;
    struct lethe_nvme_admin cmd;
    struct lethe_nvme_result result;
    struct lethe_nvme_controller controller;
    struct lethe_nvme_namespace ns;
    uint32_t nsid;
    uint8_t entry[64];
    int rc =
        lethe_nvme_cmd_format(&self->controller, &self->ns, self->nsid, self->crypto, &cmd, err);
    if (rc == 0 && run->report.intent(run->report.user, "nvme-format",
                                      json_pack("{s:b}", "crypto", self->crypto)) < 0)
        rc = lethe_fail(err, LETHE_E_CANCELLED, "stopped before the format was begun");
    if (rc < 0)
        return rc;
    lethe_nvme_admin_encode(&cmd, entry);
    lethe_technique_hex(self->commands, "NVMe", entry, sizeof(entry));
    self->began = lethe_now_ms();
    rc = lethe_nvme_exec(run->io, run->path, &cmd, NULL, FORMAT_S * 1000u, &result);
    self->ended = lethe_now_ms();
    if (rc < 0)
        return lethe_technique_no_answer(rc, "Format NVM", err);
    if (!result.known || result.status != LETHE_NVME_SUCCESS)
        return lethe_technique_fail(err, "the drive did not format: %s",
                                    result.known ? lethe_nvme_status_name(result.status)
                                                 : "the bridge keeps its answer");
    self->accepted = true;
    /* Drives were unusable after a format (facts/drives.md C): who is there now? */
    rc = look(run, &controller, &ns, &nsid, err);
    if (rc < 0)
        return rc;
    self->same_after = ns.size == self->ns.size && ns.block == self->ns.block;
    return self->same_after
               ? 0
               : lethe_technique_fail(err, "the drive has another size or format than before");
}

static int attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct format *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    *evidence =
        json_pack("{s:s, s:s, s:O, s:b, s:b, s:s, s:s, s:b}", "set", "nvme", "action",
                  self->crypto ? "format, SES 2" : "format, SES 1", "commands", self->commands,
                  "accepted", self->accepted, "same_format_after", self->same_after, "started",
                  began, "ended", ended, "proved", self->accepted && self->same_after);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void stop(struct lethe_run *run)
{
    struct format *self = run->state;
    if (!self)
        return;
    json_decref(self->commands);
    free(self);
    run->state = NULL;
}

static uint64_t patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return FORMAT_S + 60;
}

const struct lethe_technique lethe_technique_nvme_format_user = {
    .name = "nvme-format-user",
    .kind = LETHE_KIND_BLOCK_ERASE,
    .method = LETHE_METHOD_CLEAR,
    .needs = LETHE_NEEDS_SYS_ADMIN,
    .protocol = LETHE_PROTOCOL_NVME,
    .capability = LETHE_CAN_FORMAT_USER,
    .leaves = LETHE_LEAVES_UNIFORM,
    .patience = patience,
    .start = start_user,
    .step = step,
    .attest = attest,
    .stop = stop,
};

const struct lethe_technique lethe_technique_nvme_format_crypto = {
    .name = "nvme-format-crypto",
    .kind = LETHE_KIND_CRYPTO_ERASE,
    .method = LETHE_METHOD_CLEAR,
    .needs = LETHE_NEEDS_SYS_ADMIN,
    .protocol = LETHE_PROTOCOL_NVME,
    .capability = LETHE_CAN_FORMAT_CRYPTO,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .patience = patience,
    .start = start_crypto,
    .step = step,
    .attest = attest,
    .stop = stop,
};
