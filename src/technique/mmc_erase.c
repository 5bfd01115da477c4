/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eMMC (JESD84-B51 6.6.9, 6.6.11): mmc-sanitize and mmc-erase. ERASE (CMD35, 36, 38) unmaps the
 * user area, both boot areas and all general purpose ones; SANITIZE_START then removes what was
 * unmapped. Marks and verification see the user area only, so the others are read back here, block
 * by block: they must hold what the card says that erased blocks hold.
 */
#include "proto/mmc.h"
#include "technique/sanitize.h"

#include "base/time.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MS 15000
#define ERASE_MS 3600000u /* of one area, and of SANITIZE_START: cards tell no bound */
#define BLOCK 512
#define LOOKS_MAX                                                                                  \
    16384       /* blocks of an area that are read back: all of 8 MiB, else spread over it */
#define AREAS 7 /* user, two boot, four general purpose */

struct mmc {
    bool sanitize, erased, sanitized;
    struct lethe_ext_csd csd;
    uint64_t looked; /* blocks read back outside of the user area */
    uint64_t began, ended;
    json_t *commands;
};

/* PARTITION_ACCESS of area I and its size (JESD84-B51 7.4.69). */
static unsigned access_of(unsigned i)
{
    return i < 3 ? i : i + 1;
}

static uint64_t size_of(const struct mmc *self, const struct lethe_run *run, unsigned i)
{
    return i == 0 ? run->capacity : i < 3 ? self->csd.boot_bytes : self->csd.gp_bytes[i - 3];
}

static int run_command(struct lethe_run *run, const struct lethe_mmc_command *cmd, void *data,
                       const char *words, struct lethe_error *err)
{
    unsigned ms = cmd->timeout_ms ? cmd->timeout_ms : COMMAND_MS;
    struct lethe_command c = {.set = LETHE_SET_MMC,
                              .bytes = {cmd->opcode, cmd->app, (uint8_t)(cmd->argument >> 24),
                                        (uint8_t)(cmd->argument >> 16),
                                        (uint8_t)(cmd->argument >> 8), (uint8_t)cmd->argument},
                              .n_bytes = 6,
                              .direction = data ? LETHE_DATA_IN : LETHE_DATA_NONE,
                              .data = data,
                              .data_len = data ? (size_t)cmd->block_size * cmd->blocks : 0,
                              .timeout_ms = ms};
    int rc = lethe_io_command(run->io, &c);
    if (rc < 0)
        return lethe_technique_no_answer(rc, words, err);
    uint32_t status = (uint32_t)c.sense[0] << 24 | (uint32_t)c.sense[1] << 16 |
                      (uint32_t)c.sense[2] << 8 | c.sense[3];
    return c.n_sense >= 4 && lethe_mmc_status_failed(status)
               ? lethe_technique_fail(err, "the card refused %s: %s", words,
                                      lethe_mmc_status_word(status))
               : 0;
}

static void note(struct mmc *self, const struct lethe_mmc_command *cmd)
{
    char line[48];
    snprintf(line, sizeof(line), "MMC CMD%u %08X", cmd->opcode, cmd->argument);
    json_array_append_new(self->commands, json_string(line));
}

static int read_registers(struct lethe_run *run, struct lethe_ext_csd *csd, struct lethe_error *err)
{
    uint8_t data[LETHE_MMC_EXT_CSD_SIZE] = {0};
    struct lethe_mmc_command ask = lethe_mmc_cmd_send_ext_csd();
    int rc = run_command(run, &ask, data, "SEND_EXT_CSD", err);
    return rc < 0 ? rc : lethe_ext_csd_parse(data, sizeof(data), csd, err);
}

/* A kernel may switch back behind our back: what the card says then is what counts. */
static int enter(struct lethe_run *run, unsigned area, struct lethe_error *err)
{
    struct mmc *self = run->state;
    struct lethe_mmc_command cmd;
    struct lethe_ext_csd now;
    int rc = lethe_mmc_cmd_partition(self->csd.partition_config, access_of(area), &cmd, err);
    if (rc < 0)
        return rc;
    note(self, &cmd);
    rc = run_command(run, &cmd, NULL, "SWITCH to another area", err);
    if (rc == 0)
        rc = read_registers(run, &now, err);
    if (rc < 0 || (now.partition_config & 7) == access_of(area))
        return rc;
    lethe_fail(err, LETHE_E_UNSUPPORTED,
               "the card's boot and general purpose areas can't be reached through this kernel");
    lethe_error_effect(err, "the device is NOT sanitised");
    lethe_error_remedy(err, "overwrite it by a Clear policy, or destroy it");
    return -LETHE_E_UNSUPPORTED;
}

static int erase_area(struct lethe_run *run, unsigned area, struct lethe_error *err)
{
    struct mmc *self = run->state;
    struct lethe_mmc_command cmds[LETHE_MMC_ERASE_COMMANDS];
    uint64_t blocks = size_of(self, run, area) / BLOCK;
    int rc = lethe_mmc_cmd_erase(LETHE_MMC_EMMC, LETHE_MMC_ERASE, 0, blocks - 1,
                                 self->csd.sectors == 0, ERASE_MS, cmds, err);
    for (int i = 0; rc == 0 && i < LETHE_MMC_ERASE_COMMANDS; i++) {
        note(self, &cmds[i]);
        rc = run_command(run, &cmds[i], NULL, "ERASE", err);
    }
    return rc;
}

static int look_at(struct lethe_run *run, uint64_t block, struct lethe_error *err)
{
    struct mmc *self = run->state;
    uint8_t data[BLOCK] = {0};
    bool bytes = self->csd.sectors == 0;
    struct lethe_mmc_command read = {.opcode = 17,
                                     .argument = (uint32_t)(bytes ? block * BLOCK : block),
                                     .transfer = LETHE_TRANSFER_IN,
                                     .block_size = BLOCK,
                                     .blocks = 1};
    int rc = run_command(run, &read, data, "READ_SINGLE_BLOCK", err);
    self->looked++;
    for (size_t i = 0; rc == 0 && i < sizeof(data); i++)
        if (data[i] != self->csd.erased_value)
            rc =
                lethe_technique_fail(err, "an area beside the user area is not erased (block %llu)",
                                     (unsigned long long)block);
    return rc;
}

static int look_at_area(struct lethe_run *run, unsigned area, struct lethe_error *err)
{
    uint64_t blocks = size_of(run->state, run, area) / BLOCK;
    uint64_t looks = blocks < LOOKS_MAX ? blocks : LOOKS_MAX;
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < looks; i++)
        rc = look_at(run, looks < 2 ? 0 : i * (blocks - 1) / (looks - 1), err);
    return rc;
}

/* WHAT of every area there is, the user area last: the card stays switched to it. */
static int for_all(struct lethe_run *run,
                   int (*what)(struct lethe_run *, unsigned, struct lethe_error *), bool user,
                   struct lethe_error *err)
{
    int rc = 0;
    for (unsigned area = AREAS; rc == 0 && area-- > 0;) {
        if (size_of(run->state, run, area) == 0)
            continue;
        rc = enter(run, area, err);
        if (rc == 0 && (area > 0 || user))
            rc = what(run, area, err);
    }
    if (rc < 0)
        (void)enter(run, 0, NULL);
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
    int rc = read_registers(run, &self->csd, err);
    if (rc < 0)
        return rc;
    if (self->csd.user_wp_permanent || self->csd.user_wp_power_on || self->csd.boot_wp_permanent ||
        self->csd.boot_wp_power_on || self->csd.boot_wp_status) {
        lethe_technique_fail(err, "areas of the card are write-protected");
        lethe_error_remedy(err, "power it off and on; protection that stays is for good: destroy "
                                "the card");
        return -LETHE_E_REFUSED;
    }
    if (self->csd.partitioned || self->csd.boot_bytes)
        rc =
            enter(run, self->csd.boot_bytes ? 1 : 0, err); /* before anything is sent: can it be? */
    return rc < 0 ? rc : enter(run, 0, err);
}

static int start_sanitize(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, true, err);
}

/* Left switched to another area, where marks would hide. */
static int settle(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, false, err);
}

static int start_erase(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, false, err);
}

static int step(struct lethe_run *run, struct lethe_error *err)
{
    struct mmc *self = run->state;
    if (run->report.intent(run->report.user, "mmc-erase",
                           json_pack("{s:b}", "sanitize", self->sanitize)) < 0)
        return lethe_fail(err, LETHE_E_CANCELLED, "stopped before the erase was begun");
    self->began = lethe_now_ms();
    int rc = for_all(run, erase_area, true, err);
    self->erased = rc == 0;
    if (rc == 0 && self->sanitize) {
        struct lethe_mmc_command cmd = lethe_mmc_cmd_sanitize(ERASE_MS);
        note(self, &cmd);
        rc = run_command(run, &cmd, NULL, "SANITIZE_START", err);
        self->sanitized = rc == 0;
    }
    self->ended = lethe_now_ms();
    return rc < 0 ? rc : for_all(run, look_at_area, false, err);
}

static int attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct mmc *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    *evidence =
        json_pack("{s:s, s:s, s:O, s:b, s:b, s:I, s:s, s:s, s:b}", "set", "mmc", "action",
                  self->sanitize ? "erase, sanitize" : "erase", "commands", self->commands,
                  "erased", self->erased, "sanitized", self->sanitized, "other_blocks_read_back",
                  (json_int_t)self->looked, "started", began, "ended", ended, "proved",
                  self->erased && (self->sanitized || !self->sanitize));
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
    .method = LETHE_METHOD_PURGE,
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
