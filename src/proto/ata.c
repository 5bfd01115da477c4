/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ata_taskfile.h"

#include "proto/bytes.h"

#include <string.h>

bool lethe_ata_succeeded(const struct lethe_ata_result *result)
{
    const uint8_t bad = LETHE_ATA_STATUS_BUSY | LETHE_ATA_STATUS_FAULT | LETHE_ATA_STATUS_ERROR;
    return (result->known & LETHE_ATA_KNOWN_STATUS) && (result->status & bad) == 0 &&
           (result->status & LETHE_ATA_STATUS_READY);
}

bool lethe_ata_aborted(const struct lethe_ata_result *result)
{
    const unsigned needed = LETHE_ATA_KNOWN_STATUS | LETHE_ATA_KNOWN_ERROR;
    return (result->known & needed) == needed && (result->status & LETHE_ATA_STATUS_ERROR) &&
           (result->error & LETHE_ATA_ERROR_ABORT);
}

static struct lethe_ata_taskfile pio_in(uint8_t command, uint16_t feature, uint16_t blocks)
{
    return (struct lethe_ata_taskfile){.command = command,
                                       .feature = feature,
                                       .count = blocks,
                                       .blocks = blocks,
                                       .protocol = LETHE_ATA_PIO_IN,
                                       .transfer = LETHE_TRANSFER_IN,
                                       .device = DEVICE_LBA};
}

static struct lethe_ata_taskfile pio_out(uint8_t command, uint16_t feature, uint16_t blocks)
{
    return (struct lethe_ata_taskfile){.command = command,
                                       .feature = feature,
                                       .count = blocks,
                                       .blocks = blocks,
                                       .want_result = true,
                                       .protocol = LETHE_ATA_PIO_OUT,
                                       .transfer = LETHE_TRANSFER_OUT,
                                       .device = DEVICE_LBA};
}

struct lethe_ata_taskfile lethe_ata_cmd_identify(void)
{
    return pio_in(0xec, 0, 1);
}

struct lethe_ata_taskfile lethe_ata_cmd_standby_immediate(void)
{
    return non_data(0xe0, 0, false);
}

struct lethe_ata_taskfile lethe_ata_cmd_flush_cache(bool ext)
{
    return non_data(ext ? 0xea : 0xe7, 0, ext);
}

struct lethe_ata_taskfile lethe_ata_cmd_check_power(void)
{
    return non_data(0xe5, 0, false);
}

struct lethe_ata_taskfile lethe_ata_cmd_security_set_password(void)
{
    return pio_out(0xf1, 0, 1);
}

struct lethe_ata_taskfile lethe_ata_cmd_security_unlock(void)
{
    return pio_out(0xf2, 0, 1);
}

struct lethe_ata_taskfile lethe_ata_cmd_security_erase_prepare(void)
{
    return non_data(0xf3, 0, false);
}

struct lethe_ata_taskfile lethe_ata_cmd_security_erase_unit(void)
{
    return pio_out(0xf4, 0, 1);
}

struct lethe_ata_taskfile lethe_ata_cmd_security_freeze(void)
{
    return non_data(0xf5, 0, false);
}

struct lethe_ata_taskfile lethe_ata_cmd_security_disable(void)
{
    return pio_out(0xf6, 0, 1);
}

/* ACS-4 tables 184, 186, 188: word 0 is control, words 1-16 the password. Words are little-endian
 * in memory, so bit 8 of word 0 is bit 0 of byte 1. */
static void block_fill(uint8_t block[LETHE_ATA_BLOCK], uint8_t low, uint8_t high,
                       const uint8_t password[LETHE_ATA_PASSWORD])
{
    memset(block, 0, LETHE_ATA_BLOCK);
    block[0] = low;
    block[1] = high;
    memcpy(block + 2, password, LETHE_ATA_PASSWORD);
}

void lethe_ata_security_set_block(uint8_t block[LETHE_ATA_BLOCK],
                                  const uint8_t password[LETHE_ATA_PASSWORD])
{
    block_fill(block, LETHE_ATA_USER, 0, password);
}

void lethe_ata_security_block(uint8_t block[LETHE_ATA_BLOCK], enum lethe_ata_security_who who,
                              const uint8_t password[LETHE_ATA_PASSWORD])
{
    block_fill(block, (uint8_t)who, 0, password);
}

void lethe_ata_security_erase_block(uint8_t block[LETHE_ATA_BLOCK], enum lethe_ata_security_who who,
                                    bool enhanced, const uint8_t password[LETHE_ATA_PASSWORD])
{
    block_fill(block, (uint8_t)(who | (enhanced ? 2 : 0)), 0, password);
}

#define SMART_KEY 0xc24f00 /* LBA(23:8), ACS-4 7.48.1 */

static struct lethe_ata_taskfile smart(struct lethe_ata_taskfile taskfile)
{
    taskfile.lba = SMART_KEY;
    return taskfile;
}

struct lethe_ata_taskfile lethe_ata_cmd_smart_read_data(void)
{
    return smart(pio_in(0xb0, 0xd0, 1));
}

struct lethe_ata_taskfile lethe_ata_cmd_smart_read_thresholds(void)
{
    return smart(pio_in(0xb0, 0xd1, 1));
}

struct lethe_ata_taskfile lethe_ata_cmd_smart_enable(void)
{
    return smart(non_data(0xb0, 0xd8, false));
}

struct lethe_ata_taskfile lethe_ata_cmd_smart_status(void)
{
    return smart(non_data(0xb0, 0xda, false));
}

int lethe_ata_smart_status(const struct lethe_ata_result *result)
{
    if (!(result->known & LETHE_ATA_KNOWN_LBA_LOW) ||
        ((result->known & LETHE_ATA_KNOWN_STATUS) && !lethe_ata_succeeded(result)))
        return -1;
    switch (result->lba >> 8 & 0xffff) {
    case 0xc24f:
        return 0;
    case 0x2cf4:
        return 1;
    default:
        return -1; /* a bridge that returns what was sent, or nothing */
    }
}

struct lethe_ata_taskfile lethe_ata_cmd_read_log(uint8_t log, uint16_t page, uint16_t blocks)
{
    struct lethe_ata_taskfile taskfile = pio_in(0x2f, 0, blocks);
    taskfile.ext = true;
    /* ACS-4 7.24.3: page (7:0) in LBA(15:8), page (15:8) in LBA(39:32). */
    taskfile.lba = (uint64_t)(page >> 8) << 32 | (uint64_t)(page & 0xff) << 8 | log;
    return taskfile;
}

struct lethe_ata_taskfile lethe_ata_cmd_trusted_receive(uint8_t protocol, uint16_t com_id,
                                                        uint8_t blocks)
{
    struct lethe_ata_taskfile taskfile = pio_in(0x5c, protocol, blocks);
    taskfile.lba = (uint64_t)com_id << 8;
    return taskfile;
}

struct lethe_ata_taskfile lethe_ata_cmd_trusted_send(uint8_t protocol, uint16_t com_id,
                                                     uint8_t blocks)
{
    struct lethe_ata_taskfile taskfile = pio_out(0x5e, protocol, blocks);
    taskfile.lba = (uint64_t)com_id << 8;
    return taskfile;
}

/* -- SANITIZE ---------------------------------------------------------------------------------- */

#define SANITIZE 0xb4
#define FAILURE_MODE 0x10 /* COUNT bit 4: the failure mode may be left by SANITIZE STATUS */

static struct lethe_ata_taskfile sanitize(uint16_t feature, uint64_t key, uint16_t count)
{
    struct lethe_ata_taskfile taskfile = non_data(SANITIZE, feature, true);
    taskfile.lba = key;
    taskfile.count = count;
    return taskfile;
}

struct lethe_ata_taskfile lethe_ata_cmd_sanitize_status(bool clear_failure)
{
    return sanitize(0x0000, 0, clear_failure ? 1 : 0);
}

struct lethe_ata_taskfile lethe_ata_cmd_sanitize_crypto(void)
{
    return sanitize(0x0011, 0x43727970, FAILURE_MODE); /* "Cryp" */
}

struct lethe_ata_taskfile lethe_ata_cmd_sanitize_block(void)
{
    return sanitize(0x0012, 0x426b4572, FAILURE_MODE); /* "BkEr" */
}

int lethe_ata_cmd_sanitize_overwrite(unsigned passes, bool invert, uint32_t pattern,
                                     struct lethe_ata_taskfile *out, struct lethe_error *err)
{
    if (passes < 1 || passes > 16)
        return lethe_fail(err, LETHE_E_USAGE, "ATA SANITIZE overwrites 1 to 16 times, not %u",
                          passes);
    /* ACS-4 7.36.6: 0 means sixteen. "OW" above the pattern. */
    *out = sanitize(0x0014, (uint64_t)0x4f57 << 32 | pattern,
                    (uint16_t)((passes & 0xf) | FAILURE_MODE | (invert ? 0x80 : 0)));
    return 0;
}

void lethe_ata_sanitize_keeps_zones(struct lethe_ata_taskfile *sanitize)
{
    sanitize->count |= 0x8000;
}

struct lethe_ata_taskfile lethe_ata_cmd_sanitize_freeze(void)
{
    return sanitize(0x0020, 0x46724c6b, 0); /* "FrLk" */
}

struct lethe_ata_taskfile lethe_ata_cmd_sanitize_antifreeze(void)
{
    return sanitize(0x0040, 0x416e7469, 0); /* "Anti" */
}

void lethe_ata_sanitize_result(const struct lethe_ata_result *result,
                               struct lethe_sanitize_status *out)
{
    memset(out, 0, sizeof *out);
    if (lethe_ata_aborted(result)) { /* ACS-4 table 202: LBA(7:0) is the reason */
        if (result->known & LETHE_ATA_KNOWN_LBA_LOW)
            out->reason = (uint8_t)result->lba;
        if (out->reason == LETHE_ATA_SANITIZE_REASON_FAILED)
            out->state = LETHE_SANITIZE_FAILED;
        out->frozen = out->reason == LETHE_ATA_SANITIZE_REASON_FROZEN;
        out->antifreeze = out->reason == LETHE_ATA_SANITIZE_REASON_ANTIFREEZE;
        return;
    }
    if (!lethe_ata_succeeded(result) || !(result->known & LETHE_ATA_KNOWN_COUNT_HIGH))
        return;
    out->frozen = result->count & 1 << 13;
    out->antifreeze = result->count & 1 << 12;
    if (result->count & 1 << 14) {
        out->state = LETHE_SANITIZE_RUNNING;
        out->progress_known = result->known & LETHE_ATA_KNOWN_LBA_LOW;
        out->progress = out->progress_known ? (uint32_t)(result->lba & 0xffff) : 0;
    } else {
        out->state = result->count & 1 << 15 ? LETHE_SANITIZE_SUCCEEDED : LETHE_SANITIZE_IDLE;
    }
}
