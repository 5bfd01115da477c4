/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcg-psid-revert (TCG Storage Feature Set: PSID 1.00): whoever reads the label may set the drive
 * back, which throws away the key that everything was encrypted with. Where nothing is encrypted
 * (Pyrite) it opens locks and erases nothing: then it is a PREPARE step and earns no method.
 */
#include "io/exec.h"
#include "proto/tcg.h"
#include "technique/sanitize.h"

#include "base/time.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MS 60000
#define WAITS_MAX 600 /* for an answer that is not there yet */
#define HOST_SESSION 0x4c455448

struct revert {
    struct lethe_tcg_discovery before, after;
    bool asked, authorised, reverted, looked, opened; /* asked, looked: before, after */
    uint64_t began, ended;
    json_t *commands;
};

int lethe_psid_check(const char *text, struct lethe_error *err)
{
    char clean[LETHE_TCG_PSID_MAX + 1];
    int n = lethe_tcg_psid_clean(text, clean, err);
    return n < 0 ? n : 0;
}

/* IF-SEND or IF-RECV, whatever carries it; data is always whole blocks of 512 bytes. */
static int transfer(struct lethe_run *run, bool out, uint16_t com_id, void *data, size_t len,
                    struct lethe_error *err)
{
    const char *words = out ? "IF-SEND" : "IF-RECV";
    bool good = false, busy = false;
    int rc;
    if (run->path == LETHE_PATH_SAT16 || run->path == LETHE_PATH_SAT12) {
        uint8_t blocks = (uint8_t)(len / LETHE_ATA_BLOCK);
        struct lethe_ata_taskfile t =
            out ? lethe_ata_cmd_trusted_send(LETHE_TCG_PROTOCOL, com_id, blocks)
                : lethe_ata_cmd_trusted_receive(LETHE_TCG_PROTOCOL, com_id, blocks);
        struct lethe_ata_result result;
        rc = lethe_ata_exec(run->io, run->path, &t, data, COMMAND_MS, &result);
        good = rc == 0 && lethe_ata_succeeded(&result);
    } else if (run->path == LETHE_PATH_SCSI) {
        struct lethe_cdb cdb =
            out ? lethe_scsi_cmd_security_out(LETHE_TCG_PROTOCOL, com_id, (uint32_t)len, false)
                : lethe_scsi_cmd_security_in(LETHE_TCG_PROTOCOL, com_id, (uint32_t)len, false);
        struct lethe_scsi_result result;
        rc = lethe_scsi_exec(run->io, &cdb, data, COMMAND_MS, &result);
        good = rc == 0 && result.status == 0;
    } else {
        struct lethe_nvme_admin cmd =
            out ? lethe_nvme_cmd_security_send(LETHE_TCG_PROTOCOL, com_id, 0, (uint32_t)len)
                : lethe_nvme_cmd_security_receive(LETHE_TCG_PROTOCOL, com_id, 0, (uint32_t)len);
        struct lethe_nvme_result result;
        rc = lethe_nvme_exec(run->io, run->path, &cmd, data, COMMAND_MS, &result);
        good = rc == 0 && result.known && result.status == LETHE_NVME_SUCCESS;
        busy = rc == 0 && result.known &&
               (result.status == LETHE_NVME_FORMAT_IN_PROGRESS ||
                result.status == LETHE_NVME_SANITIZE_IN_PROGRESS);
    }
    if (rc < 0)
        return lethe_technique_no_answer(rc, words, err);
    if (busy) {
        lethe_technique_fail(err, "the drive is busy with what it was told before (%s)", words);
        return -LETHE_E_BUSY;
    }
    return good ? 0 : lethe_technique_fail(err, "the drive refused %s", words);
}

static int discover(struct lethe_run *run, struct lethe_tcg_discovery *out, struct lethe_error *err)
{
    uint8_t data[LETHE_TCG_DISCOVERY_SIZE] = {0};
    int rc = transfer(run, false, LETHE_TCG_DISCOVERY_COMID, data, sizeof(data), err);
    if (rc == 0)
        rc = lethe_tcg_discovery_parse(data, sizeof(data), out, err);
    return rc;
}

static void wait_a_little(const struct lethe_run *run)
{
    lethe_technique_wait(run->poll_ms < 100 ? run->poll_ms : 100);
}

/* A revert goes on without the bench that began it, and an NVMe drive answers nobody meanwhile. */
static int discover_idle(struct lethe_run *run, struct lethe_tcg_discovery *out,
                         struct lethe_error *err)
{
    int rc = discover(run, out, err);
    for (int i = 0; rc == -LETHE_E_BUSY && i < WAITS_MAX; i++) {
        wait_a_little(run);
        rc = discover(run, out, err);
    }
    return rc;
}

/* PACKET out, then what READ makes of the answer, which may take its time. WORDS as certs/SPEC.md
 * has them, whichever SSC's methods they are: a verifier compares them. */
static int say(struct lethe_run *run, struct lethe_tcg_session *session, uint8_t *packet,
               const char *words,
               int (*read)(const uint8_t *, size_t, struct lethe_tcg_session *,
                           struct lethe_error *),
               struct lethe_error *err)
{
    struct revert *self = run->state;
    uint8_t answer[LETHE_TCG_RECEIVE_SIZE];
    json_array_append_new(self->commands, json_string(words));
    int rc = transfer(run, true, session->com_id, packet, LETHE_TCG_PACKET_SIZE, err);
    for (int i = 0; rc == 0 && i < WAITS_MAX; i++) {
        memset(answer, 0, sizeof(answer));
        rc = transfer(run, false, session->com_id, answer, sizeof(answer), err);
        if (rc == 0)
            rc = read(answer, sizeof(answer), session, err);
        if (rc != -LETHE_E_BUSY)
            return rc;
        rc = 0;
        wait_a_little(run);
    }
    return rc < 0 ? rc : lethe_technique_fail(err, "the drive never answered %s", words);
}

static int read_authenticated(const uint8_t *data, size_t len, struct lethe_tcg_session *session,
                              struct lethe_error *err)
{
    return lethe_tcg_authenticated(data, len, session, err);
}

static int read_status(const uint8_t *data, size_t len, struct lethe_tcg_session *session,
                       struct lethe_error *err)
{
    int status = lethe_tcg_method_status(data, len, session, err);
    return status > 0 ? lethe_technique_fail(err, "the drive did not revert: %s",
                                             lethe_tcg_status_name(status))
                      : status;
}

static int start(struct lethe_run *run, struct lethe_error *err)
{
    struct revert *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->commands = json_array();
    if (!run->psid || !run->psid[0]) {
        lethe_technique_fail(err, "the PSID on the drive's label is needed, and was not given");
        lethe_error_remedy(err, "give it: lethe erase TARGET --psid PSID");
        return -LETHE_E_REFUSED;
    }
    int rc = discover_idle(run, &self->before, err);
    self->asked = rc == 0;
    return rc;
}

/* The session ends with the revert, whatever came of it. */
static int converse(struct lethe_run *run, const char *psid, struct lethe_error *err)
{
    struct revert *self = run->state;
    struct lethe_tcg_session session;
    uint8_t packet[LETHE_TCG_PACKET_SIZE] = {0};
    int rc = lethe_tcg_psid_start(&self->before, HOST_SESSION, psid, &session, packet, err);
    if (rc == 0)
        rc = say(run, &session, packet, "StartSession, Admin SP, as PSID",
                 lethe_tcg_session_started, err);
    bool shown = rc == 0;
    if (rc == 0 && session.enterprise) {
        rc = lethe_tcg_authenticate(&session, psid, packet, err);
        if (rc == 0)
            rc = say(run, &session, packet, "Authenticate", read_authenticated, err);
    }
    if (rc == -LETHE_E_REFUSED && session.enterprise && !shown) {
        lethe_technique_fail(err, "the drive opened no session, before the PSID was shown to it: "
                                  "it keeps everybody out until it loses power (Block SID)");
        lethe_error_remedy(err, "power the drive off and on with the bench running, then erase it "
                                "again with --psid; if it still opens none, destroy it");
    } else if (rc == -LETHE_E_REFUSED) {
        lethe_technique_fail(err, "the drive did not accept the PSID");
        lethe_error_remedy(err, "compare it with the label (0 and O, 1 and I), power the drive off "
                                "and on (wrong tries and Block SID end by that), then erase it "
                                "again with --psid");
    }
    if (rc < 0)
        return rc;
    self->authorised = true;
    if (run->report.intent(run->report.user, "tcg-psid-revert", json_object()) < 0)
        return lethe_fail(err, LETHE_E_CANCELLED, "stopped before the revert was begun");
    self->began = lethe_now_ms();
    lethe_tcg_revert(&session, packet);
    rc = say(run, &session, packet, "Revert", read_status, err);
    self->ended = lethe_now_ms();
    return rc;
}

/* The Locking SP of Enterprise is "enabled" on drives that nobody has locked, too: it is never
 * inactive (sedutil issue 36). */
static bool is_open(const struct lethe_tcg_discovery *d)
{
    return !d->locking.locked && (!d->locking.enabled || d->ssc == LETHE_TCG_ENTERPRISE);
}

static int step(struct lethe_run *run, struct lethe_error *err)
{
    struct revert *self = run->state;
    char psid[LETHE_TCG_PSID_MAX + 1];
    int rc = lethe_tcg_psid_clean(run->psid, psid, err);
    if (rc >= 0)
        rc = converse(run, psid, err);
    if (rc < 0)
        return rc;
    self->reverted = true;
    rc = discover_idle(run, &self->after, err);
    if (rc < 0)
        return rc;
    self->looked = true;
    self->opened = is_open(&self->after);
    return self->opened
               ? 0
               : lethe_technique_fail(err, "the drive says it was reverted and is still locked");
}

/* What level 0 discovery tells of its locks and of its owner: his PIN is the default, or his own.
 */
static json_t *state_of(const struct lethe_tcg_discovery *d, bool known)
{
    char ssc[96];
    if (!known)
        return json_null();
    lethe_tcg_format(ssc, sizeof(ssc), d);
    const char *owner = !d->block_sid.present      ? "not told"
                        : d->block_sid.sid_is_msid ? "default"
                                                   : "set";
    return json_pack("{s:s, s:b, s:b, s:b, s:b, s:s, s:b}", "ssc", ssc, "locking_enabled",
                     d->locking.enabled, "locked", d->locking.locked, "mbr_shadowed",
                     d->locking.mbr_enabled, "encrypts", d->locking.media_encryption, "owner_pin",
                     owner, "sid_blocked", d->block_sid.blocked);
}

static int attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct revert *self = run->state;
    char began[21], ended[21];
    bool erases = lethe_tcg_revert_erases(&self->before);
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    bool enterprise = self->before.ssc == LETHE_TCG_ENTERPRISE;
    *evidence = json_pack(
        "{s:s, s:s, s:O, s:s, s:o, s:b, s:b, s:b, s:o, s:b, s:s, s:s, s:b}", "set", "tcg", "action",
        "psid-revert", "commands", self->commands, "method", enterprise ? "RevertSP" : "Revert",
        "before", state_of(&self->before, self->asked), "destroys_key", erases, "authorised",
        self->authorised, "reverted", self->reverted, "after", state_of(&self->after, self->looked),
        "open_after", self->opened, "started", began, "ended", ended, "proved",
        erases && self->reverted && self->opened);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void stop(struct lethe_run *run)
{
    struct revert *self = run->state;
    lethe_technique_drop(run, self ? self->commands : NULL);
}

static int ready(const struct lethe_facts *facts, struct lethe_error *err)
{
    if (facts->psid && !facts->tcg.block_sid)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED,
               facts->psid ? "the drive takes no PSID until it loses power (Block SID)"
                           : "a revert needs the PSID that is printed on the drive's label");
    lethe_error_remedy(err, facts->psid ? "power the drive off and on with the bench running, then "
                                          "again"
                                        : "give it: --psid PSID, or the column psid of a manifest");
    return -LETHE_E_REFUSED;
}

const struct lethe_technique lethe_technique_tcg_psid_revert = {
    .name = "tcg-psid-revert",
    .kind = LETHE_KIND_CRYPTO_ERASE,
    .method = LETHE_METHOD_PURGE,
    .needs = LETHE_NEEDS_RAWIO | LETHE_NEEDS_SYS_ADMIN,
    .flags = LETHE_TECHNIQUE_PSID,
    .capability = LETHE_CAN_PSID_REVERT,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .ready = ready,
    .start = start,
    .step = step,
    .attest = attest,
    .stop = stop,
};
