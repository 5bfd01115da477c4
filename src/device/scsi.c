/* SPDX-License-Identifier: Apache-2.0 */
/* A SCSI or SAS drive: INQUIRY, vital product data, what it says it supports, log pages, TCG. */
#include "device/look.h"

#include "base/text.h"
#include "proto/smart.h"
#include "proto/tcg.h"

#include <errno.h>
#include <string.h>

/* 512 bytes with something beside them: 520, 528; 4 KiB ones (4160 ...) are others. */
#define FOREIGN_MIN 512
#define FOREIGN_END 1024
#define PAGE_SIZE 1024
#define SANITIZE 0x48
#define FORMAT_UNIT 0x04

static int run(struct lethe_look *look, struct lethe_cdb cdb, void *data, size_t *got)
{
    struct lethe_scsi_result result;
    int rc = lethe_scsi_exec(look->io, &cdb, data, LETHE_LOOK_MS, &result);
    if (rc < 0)
        return rc;
    *got = result.transferred;
    return result.status == 0 ? 0 : -EOPNOTSUPP;
}

/* SERVICE_ACTION < 0: the command has none. */
static enum lethe_scsi_support supports(struct lethe_look *look, uint8_t opcode, int service_action)
{
    uint8_t data[64] = {0};
    size_t got = 0;
    enum lethe_scsi_support support = LETHE_SCSI_SUPPORT_UNTOLD;
    if (run(look, lethe_scsi_cmd_report_support(opcode, service_action, sizeof(data)), data,
            &got) == 0)
        lethe_scsi_support_parse(data, got, &support, NULL);
    return support;
}

/* What is running on it now, from REQUEST SENSE: there is no other log (SBC-4 5.30). */
static void look_sanitize(struct lethe_look *look)
{
    struct lethe_facts *f = look->facts;
    uint8_t data[252] = {0};
    size_t got = 0;
    struct lethe_sense sense;
    struct lethe_sanitize_status status;
    if (run(look, lethe_scsi_cmd_request_sense(sizeof(data), false), data, &got) < 0)
        return;
    lethe_sense_parse(data, got, &sense);
    lethe_scsi_sanitize_result(&sense, &status);
    f->sanitize.known = status.state != LETHE_SANITIZE_UNKNOWN;
    f->sanitize.running = status.state == LETHE_SANITIZE_RUNNING;
    f->sanitize.failed = status.state == LETHE_SANITIZE_FAILED;
    f->sanitize.progress = status.progress;
    bool told = false;
    static const struct {
        int action;
        enum lethe_capability can;
    } actions[] = {{1, LETHE_CAN_SANITIZE_OVERWRITE},
                   {2, LETHE_CAN_SANITIZE_BLOCK},
                   {3, LETHE_CAN_SANITIZE_CRYPTO}};
    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
        enum lethe_scsi_support support = supports(look, SANITIZE, actions[i].action);
        told = told || support != LETHE_SCSI_SUPPORT_UNTOLD;
        if (support == LETHE_SCSI_SUPPORT_STANDARD)
            f->can |= actions[i].can;
    }
    enum lethe_scsi_support format = supports(look, FORMAT_UNIT, -1);
    if (format == LETHE_SCSI_SUPPORT_STANDARD)
        f->can |= LETHE_CAN_FORMAT_UNIT;
    /* What is not known to be there is not sent: a RAID controller in between may answer for it. */
    if (!told && format == LETHE_SCSI_SUPPORT_UNTOLD)
        lethe_look_obstacle(
            look,
            "the drive does not tell which commands it has (REPORT SUPPORTED "
            "OPERATION CODES): whether it can erase itself is not known",
            "connect it to a plain SAS host adapter, since a RAID controller may "
            "keep that back; or overwrite it by a Clear policy; where Purge is asked "
            "for, destroy it");
}

static void look_pages(struct lethe_look *look)
{
    struct lethe_facts *f = look->facts;
    uint8_t data[PAGE_SIZE] = {0};
    size_t got = 0;
    struct lethe_vpd_characteristics about;
    if (run(look, lethe_scsi_cmd_vpd(0x80, sizeof(data)), data, &got) == 0)
        lethe_vpd_serial_parse(data, got, f->serial, sizeof(f->serial), NULL);
    memset(data, 0, sizeof(data));
    if (run(look, lethe_scsi_cmd_vpd(0xb1, sizeof(data)), data, &got) < 0 ||
        lethe_vpd_characteristics_parse(data, got, &about, NULL) < 0)
        return;
    f->zones.host_aware = !f->zoned && about.zoned == 1;
    f->reads_fail_after_block = about.after_block_erase >= LETHE_AFTER_ERASE_READ_FAILS;
    f->reads_fail_after_crypto = about.after_crypto_erase >= LETHE_AFTER_ERASE_READ_FAILS;
}

static void look_health(struct lethe_look *look)
{
    static const uint8_t pages[] = {LETHE_SCSI_LOG_WRITE_ERRORS,  LETHE_SCSI_LOG_READ_ERRORS,
                                    LETHE_SCSI_LOG_VERIFY_ERRORS, LETHE_SCSI_LOG_TEMPERATURE,
                                    LETHE_SCSI_LOG_SSD,           LETHE_SCSI_LOG_BACKGROUND,
                                    LETHE_SCSI_LOG_EXCEPTIONS};
    uint8_t data[PAGE_SIZE];
    size_t got = 0;
    for (size_t i = 0; i < sizeof(pages); i++)
        if (run(look, lethe_scsi_cmd_log_sense(pages[i], 0, sizeof(data)), data, &got) == 0)
            lethe_health_add_scsi_log(&look->health, data, got, pages[i], NULL);
}

/* Of ATA drives too: their translators show by its type that the host must mind the zones. */
static int ask_inquiry(struct lethe_look *look, struct lethe_scsi_inquiry *out)
{
    uint8_t data[96] = {0};
    size_t got = 0;
    int rc = run(look, lethe_scsi_cmd_inquiry(sizeof(data)), data, &got);
    if (rc < 0)
        return rc;
    if (lethe_scsi_inquiry_parse(data, got, out, NULL) < 0)
        return -EBADMSG;
    look->facts->zoned = out->peripheral_type == 0x14;
    return 0;
}

int lethe_look_type(struct lethe_look *look)
{
    struct lethe_scsi_inquiry inquiry;
    return ask_inquiry(look, &inquiry);
}

/* 0 a SCSI drive, 1 an ATA drive behind a translator, negative no answer. */
static int look_inquiry(struct lethe_look *look)
{
    struct lethe_scsi_inquiry inquiry;
    struct lethe_facts *f = look->facts;
    int rc = ask_inquiry(look, &inquiry);
    if (rc < 0)
        return rc;
    if (inquiry.sat)
        return 1;
    lethe_text_format(f->vendor, sizeof(f->vendor), "%s", inquiry.vendor);
    lethe_text_format(f->model, sizeof(f->model), "%s", inquiry.product);
    lethe_text_format(f->firmware, sizeof(f->firmware), "%s", inquiry.revision);
    return 0;
}

/* Only where the kernel gives no capacity: else it has asked the same. */
static void look_blocks(struct lethe_look *look)
{
    uint8_t data[32] = {0};
    size_t got = 0;
    struct lethe_scsi_capacity told;
    struct lethe_facts *f = look->facts;
    if (look->identity->capacity > 0 ||
        run(look, lethe_scsi_cmd_read_capacity16(), data, &got) < 0 ||
        lethe_scsi_capacity16_parse(data, got, &told, NULL) < 0)
        return;
    if (told.logical_block <= FOREIGN_MIN || told.logical_block >= FOREIGN_END ||
        told.blocks > INT64_MAX / told.logical_block)
        return;
    f->foreign_block = told.logical_block;
    f->foreign_blocks = told.blocks;
}

int lethe_look_scsi(struct lethe_look *look)
{
    uint8_t discovery[LETHE_TCG_DISCOVERY_SIZE] = {0};
    size_t got = 0;
    int rc = look_inquiry(look);
    if (rc != 0)
        return rc > 0 ? -EPROTOTYPE : rc;
    look->facts->protocol = LETHE_PROTOCOL_SCSI;
    look->facts->path = LETHE_PATH_SCSI;
    /* SCSI drives have no such areas, their size is a mode page; what is behind a bridge may. */
    look->facts->hidden_known = look->identity->bus != LETHE_BUS_USB && !look->identity->usb_vendor;
    look_pages(look);
    look_sanitize(look);
    look_blocks(look);
    look_health(look);
    if (run(look,
            lethe_scsi_cmd_security_in(LETHE_TCG_PROTOCOL, LETHE_TCG_DISCOVERY_COMID,
                                       sizeof(discovery), false),
            discovery, &got) == 0)
        lethe_look_tcg(look, discovery, got);
    return 0;
}
