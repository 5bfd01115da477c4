/* SPDX-License-Identifier: Apache-2.0 */
/* An ATA drive, natively or behind a translator: IDENTIFY, what is hidden, the state of sanitise,
 * health, TCG. */
#include "device/look.h"

#include "base/text.h"
#include "proto/smart.h"
#include "proto/tcg.h"
#include "proto/zones.h"

#include <errno.h>
#include <string.h>

static int run(struct lethe_look *look, enum lethe_path path, struct lethe_ata_taskfile taskfile,
               void *data, struct lethe_ata_result *result)
{
    return lethe_ata_exec(look->io, path, &taskfile, data, LETHE_LOOK_MS, result);
}

static bool behind_usb(const struct lethe_look *look)
{
    return look->identity->bus == LETHE_BUS_USB || look->identity->usb_vendor;
}

static void take_identity(struct lethe_look *look, const struct lethe_ata_identify *id)
{
    struct lethe_facts *f = look->facts;
    lethe_text_format(f->model, sizeof(f->model), "%s", id->model);
    lethe_text_format(f->serial, sizeof(f->serial), "%s", id->serial);
    lethe_text_format(f->firmware, sizeof(f->firmware), "%s", id->firmware);
    f->security.supported = id->security.supported;
    f->security.enabled = id->security.enabled;
    f->security.locked = id->security.locked;
    f->security.frozen = id->security.frozen;
    f->security.expired = id->security.count_expired;
    f->security.maximum = id->security.level_maximum;
    f->security.erase_minutes = id->security.erase_minutes;
    f->security.enhanced_minutes = id->security.enhanced_erase_minutes;
}

/* A host-managed drive has a signature of its own and says nothing in word 69 (ZAC): the
 * kernel's translator makes a device type of it, many a bridge shows a plain disk. The drive's own
 * page of its zones tells. Disks with zones turn. */
static bool is_host_managed(struct lethe_look *look, enum lethe_path path,
                            const struct lethe_ata_identify *id)
{
    uint8_t data[LETHE_ATA_BLOCK] = {0};
    struct lethe_ata_result result;
    struct lethe_ata_zoned_page page;
    return path == LETHE_PATH_SAT16 && behind_usb(look) && id->general_logging &&
           id->zoned == LETHE_ATA_ZONED_NO && id->rotation_rate != 1 &&
           run(look, path,
               lethe_ata_cmd_read_log(LETHE_ATA_LOG_IDENTIFY, LETHE_ATA_IDENTIFY_ZONED, 1), data,
               &result) == 0 &&
           !(result.known & LETHE_ATA_KNOWN_STATUS && result.status & LETHE_ATA_STATUS_ERROR) &&
           lethe_ata_zoned_parse(data, sizeof(data), &page, NULL) == 0;
}

static void look_zoned(struct lethe_look *look, enum lethe_path path,
                       const struct lethe_ata_identify *id)
{
    struct lethe_facts *f = look->facts;
    f->zoned = f->zoned || is_host_managed(look, path, id);
    f->zones.host_aware = !f->zoned && id->zoned == LETHE_ATA_ZONED_HOST_AWARE;
}

/* A bridge may show another drive's IDENTIFY, or one it made up (facts/drives.md A2, C). */
static bool is_another(struct lethe_look *look, const struct lethe_ata_identify *id)
{
    uint64_t bytes = id->sectors * (id->logical_sector ? id->logical_sector : 512);
    bool smaller = bytes < look->identity->capacity;
    if (!smaller && lethe_look_agrees(look, LETHE_ID_SERIAL, id->serial) &&
        lethe_look_agrees(look, LETHE_ID_WWN, id->wwn))
        return false;
    look->facts->disagrees = true;
    lethe_look_obstacle(look,
                        smaller ? "the capacity that the drive tells is less than the one the "
                                  "kernel sees: the bridge answers for it"
                                : "the serial number that the drive tells is not the one the "
                                  "kernel sees: the bridge answers for it",
                        "move the drive to a native SATA slot");
    return true;
}

/* The last sector that a way to hide leaves, asked of a drive that says it has that way: false
 * where no answer came. RESULT tells whether the drive itself refused. */
static bool ask_limit(struct lethe_look *look, enum lethe_path path,
                      const struct lethe_ata_identify *id, struct lethe_ata_result *result,
                      uint64_t *max)
{
    bool amac = id->hidden.amac_supported;
    struct lethe_ata_taskfile get =
        amac ? lethe_ata_cmd_amac_get() : lethe_ata_cmd_read_native_max(id->lba48);
    return run(look, path, get, NULL, result) == 0 &&
           lethe_ata_result_max_lba(result, amac || id->lba48, max);
}

static bool ask_overlay(struct lethe_look *look, enum lethe_path path,
                        struct lethe_ata_result *result, uint64_t *max)
{
    uint8_t data[LETHE_ATA_BLOCK] = {0};
    struct lethe_ata_dco told;
    if (run(look, path, lethe_ata_cmd_dco_identify(), data, result) < 0 ||
        !lethe_ata_succeeded(result) || lethe_ata_dco_parse(data, sizeof(data), &told, NULL) < 0)
        return false;
    *max = told.max_lba;
    return true;
}

static void add_way(char *ways, size_t ways_size, const char *way)
{
    size_t len = strlen(ways);
    lethe_text_format(ways + len, ways_size - len, "%s%s", len ? "+" : "", way);
}

/* It says that it can hide a part of itself so, and did not answer whether it does: nobody knows
 * then. A frozen overlay aborts the question until the drive loses power (ATA8-ACS 7.10); a bridge
 * may not carry it, or lose the answer. */
static void unasked(struct lethe_look *look, const char *way, const struct lethe_ata_result *result)
{
    struct lethe_facts *f = look->facts;
    bool aborted =
        result->known & LETHE_ATA_KNOWN_STATUS && result->status & LETHE_ATA_STATUS_ERROR;
    add_way(f->hidden_unasked, sizeof(f->hidden_unasked), way);
    f->hidden_refused = f->hidden_refused || aborted || !behind_usb(look);
}

static bool tells_status(const struct lethe_ata_result *result)
{
    return result->known & LETHE_ATA_KNOWN_STATUS;
}

/* What opens them are commands without data, whose only answer is the drive's status. Where the
 * question of the limit lost its own, nobody knows whether one stands, and an overlay is not opened
 * then; where there was no such question, CHECK POWER MODE is carried as they are. */
static bool carries_opening(struct lethe_look *look, enum lethe_path path, bool has_limit,
                            const struct lethe_ata_result *limit)
{
    struct lethe_ata_result result = {0};
    if (!behind_usb(look) || has_limit)
        return !behind_usb(look) || tells_status(limit);
    return run(look, path, lethe_ata_cmd_check_power(), NULL, &result) == 0 &&
           tells_status(&result);
}

static void look_hidden(struct lethe_look *look, enum lethe_path path,
                        const struct lethe_ata_identify *id)
{
    struct lethe_facts *f = look->facts;
    struct lethe_ata_result result, asked = {0};
    uint64_t max = 0, highest = id->sectors ? id->sectors - 1 : 0;
    uint32_t sector = id->logical_sector ? id->logical_sector : 512;
    const char *limit = id->hidden.amac_supported  ? "amac"
                        : id->hidden.hpa_supported ? "hpa"
                                                   : NULL;
    if (limit && !ask_limit(look, path, id, &asked, &max)) {
        unasked(look, limit, &asked);
    } else if (limit && max > highest) {
        highest = max;
        add_way(f->hidden_by, sizeof(f->hidden_by), limit);
    }
    if (id->hidden.dco_supported && !ask_overlay(look, path, &result, &max)) {
        unasked(look, "dco", &result);
    } else if (id->hidden.dco_supported && max > highest) {
        highest = max;
        add_way(f->hidden_by, sizeof(f->hidden_by), "dco");
    }
    f->hidden_known = !f->hidden_unasked[0];
    f->native_capacity = (highest + 1) * sector;
    f->unhide_needs_cycle = f->hidden_by[0];
    if (f->hidden_by[0] && carries_opening(look, path, limit != NULL, &asked))
        f->can |= LETHE_CAN_UNHIDE;
}

static void look_sanitize(struct lethe_look *look, enum lethe_path path,
                          const struct lethe_ata_identify *id)
{
    struct lethe_facts *f = look->facts;
    struct lethe_ata_result result;
    struct lethe_sanitize_status status;
    if (!id->sanitize.supported)
        return;
    if (path == LETHE_PATH_SAT12) {
        lethe_look_obstacle(look,
                            "the bridge carries no 48-bit commands, so not the drive's sanitise",
                            "move the drive to a native SATA slot");
        return;
    }
    if (run(look, path, lethe_ata_cmd_sanitize_status(false), NULL, &result) < 0)
        memset(&result, 0, sizeof(result));
    lethe_ata_sanitize_result(&result, &status);
    f->sanitize.known = status.state != LETHE_SANITIZE_UNKNOWN;
    f->sanitize.running = status.state == LETHE_SANITIZE_RUNNING;
    f->sanitize.failed = status.state == LETHE_SANITIZE_FAILED;
    f->sanitize.frozen = status.frozen;
    f->sanitize.progress = status.progress;
    if (!f->sanitize.known) {
        lethe_look_obstacle(look,
                            "the drive can sanitise itself, but its status does not come through "
                            "the bridge: a success could not be told from a failure",
                            "move the drive to a native SATA slot");
        return;
    }
    f->can |= (id->sanitize.crypto ? (unsigned)LETHE_CAN_SANITIZE_CRYPTO : 0) |
              (id->sanitize.block_erase ? (unsigned)LETHE_CAN_SANITIZE_BLOCK : 0) |
              (id->sanitize.overwrite ? (unsigned)LETHE_CAN_SANITIZE_OVERWRITE : 0);
}

/* Through USB a drive was left locked and could not be erased any more (facts/drives.md A2). */
static void look_security(struct lethe_look *look, const struct lethe_ata_identify *id)
{
    if (!id->security.supported)
        return;
    if (behind_usb(look)) {
        if (!look->facts->obstacle[0])
            lethe_look_obstacle(look,
                                "SECURITY ERASE is not sent through a USB bridge: drives were left "
                                "locked by that",
                                "move the drive to a native SATA slot");
        return;
    }
    look->facts->can |= LETHE_CAN_SECURITY_ERASE;
    if (id->security.enhanced_erase)
        look->facts->can |= LETHE_CAN_SECURITY_ERASE_ENHANCED;
}

static void look_health(struct lethe_look *look, enum lethe_path path,
                        const struct lethe_ata_identify *id)
{
    static const uint8_t pages[] = {LETHE_ATA_STATISTICS_GENERAL, LETHE_ATA_STATISTICS_ROTATING,
                                    LETHE_ATA_STATISTICS_ERRORS, LETHE_ATA_STATISTICS_TEMPERATURE,
                                    LETHE_ATA_STATISTICS_SSD};
    uint8_t data[LETHE_ATA_BLOCK], thresholds[LETHE_ATA_BLOCK];
    struct lethe_ata_result result;
    struct lethe_smart smart;
    uint64_t has = 0;
    if (path == LETHE_PATH_SAT16 && id->general_logging &&
        run(look, path, lethe_ata_cmd_read_log(LETHE_ATA_LOG_STATISTICS, 0, 1), data, &result) == 0)
        lethe_ata_statistics_list(data, sizeof(data), &has, NULL);
    for (size_t i = 0; i < sizeof(pages); i++)
        if (has & 1ull << pages[i] &&
            run(look, path, lethe_ata_cmd_read_log(LETHE_ATA_LOG_STATISTICS, pages[i], 1), data,
                &result) == 0)
            lethe_health_add_ata_statistics(&look->health, data, sizeof(data), pages[i],
                                            id->logical_sector, NULL);
    if (!id->smart.enabled)
        return;
    if (run(look, path, lethe_ata_cmd_smart_status(), NULL, &result) == 0)
        lethe_health_add_ata_status(&look->health, lethe_ata_smart_status(&result));
    bool limits = run(look, path, lethe_ata_cmd_smart_read_thresholds(), thresholds, &result) == 0;
    if (run(look, path, lethe_ata_cmd_smart_read_data(), data, &result) == 0 &&
        lethe_smart_parse(data, sizeof(data), limits ? thresholds : NULL,
                          limits ? sizeof(thresholds) : 0, &smart, NULL) == 0)
        lethe_health_add_smart(&look->health, &smart, id->rotation_rate > 1);
}

int lethe_look_ata(struct lethe_look *look, enum lethe_path path)
{
    uint8_t data[LETHE_ATA_BLOCK] = {0}, discovery[LETHE_TCG_DISCOVERY_SIZE] = {0};
    struct lethe_ata_result result;
    struct lethe_ata_identify id;
    int rc = run(look, path, lethe_ata_cmd_identify(), data, &result);
    if (rc < 0)
        return rc;
    if (lethe_ata_identify_parse(data, sizeof(data), &id, NULL) < 0 || !id.ata)
        return -EBADMSG;
    look->facts->protocol = LETHE_PROTOCOL_ATA;
    look->facts->path = path;
    take_identity(look, &id);
    if (is_another(look, &id))
        return 0;
    look_zoned(look, path, &id);
    look_hidden(look, path, &id);
    look_sanitize(look, path, &id);
    look_security(look, &id);
    look_health(look, path, &id);
    if (!id.trusted)
        return 0;
    if (run(look, path,
            lethe_ata_cmd_trusted_receive(LETHE_TCG_PROTOCOL, LETHE_TCG_DISCOVERY_COMID,
                                          sizeof(discovery) / LETHE_ATA_BLOCK),
            discovery, &result) == 0 &&
        lethe_ata_succeeded(&result))
        lethe_look_tcg(look, discovery, sizeof(discovery));
    else
        look->facts->tcg.unasked = true;
    return 0;
}
