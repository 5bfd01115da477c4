/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eMMC (JESD84-B51 6.6.9, 6.6.11): mmc-sanitize and mmc-erase. ERASE (CMD35, 36, 38) unmaps the
 * user area, both boot areas and all general purpose ones, each through its own node;
 * SANITIZE_START is to remove what was unmapped. Marks and verification see the user area only, so
 * the others are read back here, block by block: they must hold what the card says that erased
 * blocks hold.
 *
 * Of SANITIZE_START nothing can be observed: the card is busy within the command, has no log of it,
 * and one that ignores it answers as well. So it adds nothing to what is claimed (rule 1): Clear.
 */
#include "proto/mmc.h"
#include "technique/sanitize.h"

#include "base/time.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_MS 15000
#define ERASE_MS 3600000u /* of one area, and of SANITIZE_START: cards tell no bound */
#define BLOCK 512
#define TELL_MS 200
#define CARD LETHE_MMC_AREAS
#define LOOKS_MAX                                                                                  \
    16384 /* blocks of an area that are read back: all of 8 MiB, else spread over it */

struct mmc {
    bool sanitize, erased, sanitized;
    struct lethe_ext_csd csd;
    uint64_t looked;                            /* blocks read back outside of the user area */
    uint64_t bytes, looks, done_bytes, told_ms; /* all there is to erase and to look at; progress */
    uint64_t began, ended, sanitize_ms;
    json_t *commands;
};

/* Of PARTITION_ACCESS value AREA (JESD84-B51 7.4.69); 0: it isn't there, or is RPMB. */
static uint64_t size_of(const struct mmc *self, const struct lethe_run *run, unsigned area)
{
    return area == 0  ? run->capacity
           : area < 3 ? self->csd.boot_bytes
           : area > 3 ? self->csd.gp_bytes[area - 4]
                      : 0;
}

static const char *name_of(unsigned area)
{
    return area == 0 ? "user" : lethe_mmc_area_name(area);
}

static int unreachable(unsigned area, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_UNSUPPORTED,
               "the %s area of the card can't be reached through this kernel", name_of(area));
    lethe_error_effect(err, "the device is NOT sanitised");
    lethe_error_remedy(err, "overwrite it by a Clear policy, or destroy it");
    return -LETHE_E_UNSUPPORTED;
}

static int send(struct lethe_run *run, unsigned area, const struct lethe_mmc_command *cmds,
                size_t n, void *data, const char *words, struct lethe_error *err)
{
    unsigned ms = cmds[n - 1].timeout_ms ? cmds[n - 1].timeout_ms : COMMAND_MS;
    struct lethe_command c = {.set = LETHE_SET_MMC,
                              .n_bytes = 7 * n,
                              .direction = data ? LETHE_DATA_IN : LETHE_DATA_NONE,
                              .data = data,
                              .data_len = data ? (size_t)cmds->block_size * cmds->blocks : 0,
                              .timeout_ms = ms};
    for (size_t i = 0; i < n; i++) {
        uint32_t argument = cmds[i].argument;
        const uint8_t bytes[7] = {cmds[i].opcode,
                                  cmds[i].app,
                                  (uint8_t)(argument >> 24),
                                  (uint8_t)(argument >> 16),
                                  (uint8_t)(argument >> 8),
                                  (uint8_t)argument,
                                  (uint8_t)area};
        memcpy(c.bytes + 7 * i, bytes, sizeof(bytes));
    }
    int rc = lethe_io_command(run->io, &c);
    if (rc == -ENXIO && area > 0)
        return unreachable(area, err);
    if (rc < 0)
        return lethe_technique_no_answer(rc, words, err);
    for (size_t i = 0; i < n && c.n_sense >= 4 * (i + 1); i++) {
        const uint8_t *s = c.sense + 4 * i;
        uint32_t status =
            (uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 | (uint32_t)s[2] << 8 | (uint32_t)s[3];
        if (lethe_mmc_status_failed(status))
            return lethe_technique_fail(err, "the card refused %s of its %s area: %s", words,
                                        name_of(area), lethe_mmc_status_word(status));
    }
    return 0;
}

/* What is of no one area: CARD. */
static void note(struct mmc *self, unsigned area, const struct lethe_mmc_command *cmd)
{
    char line[64];
    int len = snprintf(line, sizeof(line), "MMC CMD%u %08X", cmd->opcode, cmd->argument);
    if (area != CARD)
        snprintf(line + len, sizeof(line) - (size_t)len, " (%s area)", name_of(area));
    json_array_append_new(self->commands, json_string(line));
}

static int read_registers(struct lethe_run *run, unsigned area, struct lethe_ext_csd *csd,
                          struct lethe_error *err)
{
    uint8_t data[LETHE_MMC_EXT_CSD_SIZE] = {0};
    struct lethe_mmc_command ask = lethe_mmc_cmd_send_ext_csd();
    int rc = send(run, area, &ask, 1, data, "SEND_EXT_CSD", err);
    return rc < 0 ? rc : lethe_ext_csd_parse(data, sizeof(data), csd, err);
}

/* Asked through the node of AREA: is the card there? What it says itself is what counts. */
static int reach(struct lethe_run *run, unsigned area, struct lethe_error *err)
{
    struct lethe_ext_csd now;
    int rc = read_registers(run, area, &now, err);
    return rc < 0 || (now.partition_config & 7) == area ? rc : unreachable(area, err);
}

/* How far it is, as a share of the capacity: the erase one half, looking at it the other. */
static int tell(struct lethe_run *run, struct lethe_error *err)
{
    struct mmc *self = run->state;
    uint64_t now = lethe_monotonic_ms();
    if (now - self->told_ms < TELL_MS)
        return 0;
    self->told_ms = now;
    uint64_t erased = self->bytes ? self->done_bytes * 1000 / self->bytes : 0;
    uint64_t seen = self->looks ? self->looked * 1000 / self->looks : 0;
    uint64_t permille = self->looks ? (erased + seen) / 2 : erased;
    return run->report.progress(run->report.user, 0, run->capacity / 1000 * permille, 0) < 0
               ? lethe_fail(err, LETHE_E_CANCELLED, "stopped while the card was erased")
               : 0;
}

static uint64_t looks_of(const struct lethe_run *run, unsigned area)
{
    uint64_t blocks = size_of(run->state, run, area) / BLOCK;
    return area == 0 ? 0 : blocks < LOOKS_MAX ? blocks : LOOKS_MAX;
}

static int count_area(struct lethe_run *run, unsigned area, struct lethe_error *err)
{
    struct mmc *self = run->state;
    (void)err;
    self->bytes += size_of(self, run, area);
    self->looks += looks_of(run, area);
    return 0;
}

static int erase_area(struct lethe_run *run, unsigned area, struct lethe_error *err)
{
    struct mmc *self = run->state;
    struct lethe_mmc_command cmds[LETHE_MMC_ERASE_COMMANDS];
    uint64_t blocks = size_of(self, run, area) / BLOCK;
    int rc = lethe_mmc_cmd_erase(LETHE_MMC_EMMC, LETHE_MMC_ERASE, 0, blocks - 1,
                                 self->csd.sectors == 0, ERASE_MS, cmds, err);
    for (int i = 0; rc == 0 && i < LETHE_MMC_ERASE_COMMANDS; i++)
        note(self, area, &cmds[i]);
    if (rc == 0)
        rc = send(run, area, cmds, LETHE_MMC_ERASE_COMMANDS, NULL, "ERASE", err);
    self->done_bytes += size_of(self, run, area);
    return rc < 0 ? rc : tell(run, err);
}

static int look_at(struct lethe_run *run, unsigned area, uint64_t block, struct lethe_error *err)
{
    struct mmc *self = run->state;
    uint8_t data[BLOCK] = {0};
    struct lethe_mmc_command read = lethe_mmc_cmd_read_block(block, self->csd.sectors == 0);
    int rc = send(run, area, &read, 1, data, "READ_SINGLE_BLOCK", err);
    self->looked++;
    for (size_t i = 0; rc == 0 && i < sizeof(data); i++)
        if (data[i] != self->csd.erased_value)
            rc = lethe_technique_fail(err, "the %s area is not erased (block %llu)", name_of(area),
                                      (unsigned long long)block);
    return rc;
}

static int look_at_area(struct lethe_run *run, unsigned area, struct lethe_error *err)
{
    uint64_t blocks = size_of(run->state, run, area) / BLOCK, looks = looks_of(run, area);
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < looks; i++) {
        rc = look_at(run, area, looks < 2 ? 0 : i * (blocks - 1) / (looks - 1), err);
        if (rc == 0)
            rc = tell(run, err);
    }
    return rc;
}

/* WHAT of every area there is, the user area last. */
static int for_all(struct lethe_run *run,
                   int (*what)(struct lethe_run *, unsigned, struct lethe_error *),
                   struct lethe_error *err)
{
    int rc = 0;
    for (unsigned area = LETHE_MMC_AREAS; rc == 0 && area-- > 0;)
        if (size_of(run->state, run, area) > 0)
            rc = what(run, area, err);
    return rc;
}

static int start(struct lethe_run *run, bool sanitize, struct lethe_error *err)
{
    struct mmc *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->sanitize = sanitize;
    self->commands = json_array();
    int rc = read_registers(run, 0, &self->csd, err);
    if (rc < 0)
        return rc;
    if (self->csd.user_wp_permanent || self->csd.user_wp_power_on || self->csd.boot_wp_permanent ||
        self->csd.boot_wp_power_on || self->csd.boot_wp_status) {
        lethe_technique_fail(err, "areas of the card are write-protected");
        lethe_error_remedy(err, "power it off and on; protection that stays is for good: destroy "
                                "the card");
        return -LETHE_E_REFUSED;
    }
    return for_all(run, reach, err);
}

static int start_sanitize(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, true, err);
}

/* Before new marks: the areas must still be there. */
static int settle(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, false, err);
}

static int start_erase(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, false, err);
}

/* Through the user area's node, where the kernel knows it and waits for its end. */
static int sanitize(struct lethe_run *run, struct lethe_error *err)
{
    struct mmc *self = run->state;
    struct lethe_mmc_command cmd = lethe_mmc_cmd_sanitize(ERASE_MS);
    uint64_t began = lethe_monotonic_ms();
    note(self, CARD, &cmd);
    int rc = send(run, 0, &cmd, 1, NULL, "SANITIZE_START", err);
    self->sanitize_ms = lethe_monotonic_ms() - began;
    self->sanitized = rc == 0;
    return rc;
}

static int step(struct lethe_run *run, struct lethe_error *err)
{
    struct mmc *self = run->state;
    if (run->report.intent(run->report.user, "mmc-erase",
                           json_pack("{s:b}", "sanitize", self->sanitize)) < 0)
        return lethe_fail(err, LETHE_E_CANCELLED, "stopped before the erase was begun");
    self->began = lethe_now_ms();
    (void)for_all(run, count_area, NULL);
    int rc = for_all(run, erase_area, err);
    self->erased = rc == 0;
    if (rc == 0 && self->sanitize)
        rc = sanitize(run, err);
    self->ended = lethe_now_ms();
    return rc < 0 ? rc : for_all(run, look_at_area, err);
}

/* "proved" is the erase alone: each command taken, what it did read back. */
static int attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct mmc *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    *evidence =
        json_pack("{s:s, s:s, s:O, s:b, s:I, s:s, s:s, s:b}", "set", "mmc", "action",
                  self->sanitize ? "erase, sanitize" : "erase", "commands", self->commands,
                  "erased", self->erased, "other_blocks_read_back", (json_int_t)self->looked,
                  "started", began, "ended", ended, "proved", self->erased);
    if (*evidence && self->sanitized)
        json_object_set_new(*evidence, LETHE_EVIDENCE_UNSEEN,
                            json_pack("{s:s, s:I}", "command", "SANITIZE_START", "milliseconds",
                                      (json_int_t)self->sanitize_ms));
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void stop(struct lethe_run *run)
{
    struct mmc *self = run->state;
    lethe_technique_drop(run, self ? self->commands : NULL);
}

static int ready(const struct lethe_facts *facts, struct lethe_error *err)
{
    for (size_t i = 0; i < facts->n_areas; i++) {
        if (!facts->areas[i].protected_ || strcmp(facts->areas[i].name, "rpmb") == 0)
            continue;
        lethe_fail(err, LETHE_E_REFUSED, "the card's area %s is write-protected for good",
                   facts->areas[i].name);
        lethe_error_remedy(err, "destroy the card");
        return -LETHE_E_REFUSED;
    }
    if (facts->protection.other) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "a boot area of the card is write-protected until it "
                   "loses power");
        lethe_error_remedy(err, "power it off and on, in a reader where its board protects it "
                                "again, then again; or overwrite its user area by a Clear policy");
        return -LETHE_E_REFUSED;
    }
    return 0;
}

static uint64_t patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return 2ull * ERASE_MS / 1000;
}

const struct lethe_technique lethe_technique_mmc_sanitize = {
    .name = "mmc-sanitize",
    .kind = LETHE_KIND_BLOCK_ERASE,
    .method = LETHE_METHOD_CLEAR,
    .at_most = "a card tells nothing by which it could be seen that SANITIZE_START was done",
    .needs = LETHE_NEEDS_RAWIO,
    .protocol = LETHE_PROTOCOL_MMC,
    .capability = LETHE_CAN_MMC_SANITIZE,
    .leaves = LETHE_LEAVES_UNIFORM,
    .ready = ready,
    .patience = patience,
    .settle = settle,
    .start = start_sanitize,
    .step = step,
    .attest = attest,
    .stop = stop,
};

const struct lethe_technique lethe_technique_mmc_erase = {
    .name = "mmc-erase",
    .kind = LETHE_KIND_BLOCK_ERASE,
    .method = LETHE_METHOD_CLEAR,
    .needs = LETHE_NEEDS_RAWIO,
    .protocol = LETHE_PROTOCOL_MMC,
    .capability = LETHE_CAN_MMC_ERASE,
    .leaves = LETHE_LEAVES_UNIFORM,
    .ready = ready,
    .patience = patience,
    .settle = settle,
    .start = start_erase,
    .step = step,
    .attest = attest,
    .stop = stop,
};
