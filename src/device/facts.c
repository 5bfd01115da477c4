/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a drive is asked, and what is made of the answers. */
#include "device/look.h"

#include "base/text.h"
#include "proto/tcg.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

void lethe_look_obstacle(struct lethe_look *look, const char *obstacle, const char *remedy)
{
    struct lethe_facts *f = look->facts;
    lethe_text_format(f->obstacle, sizeof(f->obstacle), "%s", obstacle);
    lethe_text_format(f->remedy, sizeof(f->remedy), "%s", remedy);
}

/* Letters and digits count; a bridge may cut a serial number or pad it. */
static bool same_letters(const char *a, const char *b)
{
    for (;;) {
        while (*a && !isalnum((unsigned char)*a))
            a++;
        while (*b && !isalnum((unsigned char)*b))
            b++;
        if (!*a || !*b)
            return *a == *b;
        if (tolower((unsigned char)*a++) != tolower((unsigned char)*b++))
            return false;
    }
}

bool lethe_look_agrees(const struct lethe_look *look, enum lethe_id_kind kind, const char *text)
{
    const struct lethe_identifier *known = lethe_identity_find(look->identity, kind);
    const char *value = known ? known->value : "";
    if (!text[0] || !value[0])
        return true;
    if (kind == LETHE_ID_WWN && strncmp(value, "0x", 2) == 0)
        value += 2;
    if (kind == LETHE_ID_WWN && strncmp(value, "naa.", 4) == 0)
        value += 4;
    return same_letters(text, value);
}

void lethe_look_tcg(struct lethe_look *look, const uint8_t *data, size_t len)
{
    struct lethe_facts *f = look->facts;
    struct lethe_tcg_discovery d;
    if (lethe_tcg_discovery_parse(data, len, &d, NULL) < 0 || d.ssc == 0)
        return;
    f->tcg.opal = d.ssc & (LETHE_TCG_OPAL1 | LETHE_TCG_OPAL2 | LETHE_TCG_OPALITE);
    f->tcg.pyrite = d.ssc & (LETHE_TCG_PYRITE1 | LETHE_TCG_PYRITE2);
    f->tcg.enterprise = d.ssc & LETHE_TCG_ENTERPRISE;
    f->tcg.ruby = d.ssc & LETHE_TCG_RUBY;
    f->tcg.locked = d.locking.present && d.locking.locked;
    f->tcg.block_sid = d.block_sid.present && d.block_sid.blocked;
    if (d.com_id && lethe_tcg_revert_erases(&d))
        f->can |= LETHE_CAN_PSID_REVERT;
}

static int64_t known(const struct lethe_health *h, enum lethe_health_known bit, uint64_t value)
{
    return h->known & (unsigned)bit && value <= INT64_MAX ? (int64_t)value : -1;
}

static void take_health(struct lethe_look *look)
{
    const struct lethe_health *h = &look->health;
    struct lethe_triage_verdict verdict;
    __typeof__(look->facts->health) *out = &look->facts->health;
    lethe_health_triage(h, &verdict);
    out->condition = verdict.triage == LETHE_TRIAGE_GOOD      ? LETHE_CONDITION_GOOD
                     : verdict.triage == LETHE_TRIAGE_WORN    ? LETHE_CONDITION_WORN
                     : verdict.triage == LETHE_TRIAGE_FAILING ? LETHE_CONDITION_FAILING
                                                              : LETHE_CONDITION_UNKNOWN;
    if (verdict.n_reasons > 0)
        lethe_text_format(out->why, sizeof(out->why), "%s", verdict.reasons[0]);
    out->hours = known(h, LETHE_HEALTH_HOURS, h->power_on_hours);
    out->reallocated = known(h, LETHE_HEALTH_REALLOCATED, h->reallocated);
    out->pending = known(h, LETHE_HEALTH_PENDING, h->pending);
    out->uncorrectable = known(h, LETHE_HEALTH_UNCORRECTABLE, h->uncorrectable);
    out->media_errors = known(h, LETHE_HEALTH_MEDIA_ERRORS, h->media_errors);
    out->used_percent = known(h, LETHE_HEALTH_USED, h->used);
    out->temperature =
        h->known & LETHE_HEALTH_TEMPERATURE && h->temperature >= 0 ? h->temperature : -1;
    out->written_bytes = known(h, LETHE_HEALTH_WRITTEN, h->written);
}

static enum lethe_path nvme_way(enum lethe_carries carries)
{
    return carries == LETHE_CARRIES_NVME_JMICRON   ? LETHE_PATH_NVME_JMICRON
           : carries == LETHE_CARRIES_NVME_ASMEDIA ? LETHE_PATH_NVME_ASMEDIA
           : carries == LETHE_CARRIES_NVME_REALTEK ? LETHE_PATH_NVME_REALTEK
                                                   : LETHE_PATH_NONE;
}

static int look_way(struct lethe_look *look, enum lethe_path way)
{
    return way == LETHE_PATH_NONE                               ? -EOPNOTSUPP
           : way == LETHE_PATH_SAT16 || way == LETHE_PATH_SAT12 ? lethe_look_ata(look, way)
                                                                : lethe_look_nvme(look, way);
}

/* Behind a USB bridge. A maker's own opcodes are used only where the profile says that the bridge
 * has them; first, since some answer for an ATA drive that is not there; last, where the question
 * resets a SATA drive (facts/drives.md A4). To JMicron's A1h is an opcode of their own, so that
 * 12-byte ATA commands go to no bridge that has others. */
static int look_usb(struct lethe_look *look, const struct lethe_quirks *quirks)
{
    enum lethe_carries carries = quirks ? quirks->path : LETHE_CARRIES_UNKNOWN;
    enum lethe_path nvme = nvme_way(carries);
    bool last = lethe_quirks_has(quirks, LETHE_QUIRK_RESETS_ON_NVME_PROBE);
    bool sat16 = carries != LETHE_CARRIES_NONE && carries != LETHE_CARRIES_SAT12;
    bool sat12 = carries == LETHE_CARRIES_UNKNOWN || carries == LETHE_CARRIES_SAT12;
    const enum lethe_path ways[] = {
        last ? LETHE_PATH_NONE : nvme, sat16 ? LETHE_PATH_SAT16 : LETHE_PATH_NONE,
        sat12 ? LETHE_PATH_SAT12 : LETHE_PATH_NONE, last ? nvme : LETHE_PATH_NONE};
    int rc = lethe_look_type(look) == -ENODEV ? -ENODEV : -EOPNOTSUPP;
    for (size_t i = 0; rc < 0 && rc != -ENODEV && i < sizeof(ways) / sizeof(*ways); i++)
        rc = look_way(look, ways[i]);
    return rc;
}

static int look_native(struct lethe_look *look)
{
    int rc = lethe_look_scsi(look);
    return rc == -EPROTOTYPE ? lethe_look_ata(look, LETHE_PATH_SAT16) : rc;
}

static void no_way(struct lethe_look *look, int rc)
{
    bool usb = look->identity->bus == LETHE_BUS_USB, zoned = look->facts->zoned;
    memset(look->facts, 0, sizeof(*look->facts));
    look->facts->zoned = zoned;
    if (rc == -EPERM || rc == -EACCES)
        lethe_look_obstacle(look, "only root may ask the drive's firmware", "run Lethe as root");
    else if (usb)
        lethe_look_obstacle(look, "the USB bridge or stick carries no commands to the drive itself",
                            "move the drive to a native slot; a stick has no commands of its own");
    else
        lethe_look_obstacle(look, "the drive's firmware can't be asked here",
                            "move the drive to a native SATA, SAS or NVMe slot");
}

int lethe_facts_read(struct lethe_io *io, const struct lethe_identity *identity,
                     const struct lethe_quirks *quirks, struct lethe_facts *out,
                     struct lethe_error *err)
{
    struct lethe_look look = {.io = io, .identity = identity, .facts = out};
    memset(out, 0, sizeof(*out));
    int rc = -EOPNOTSUPP;
    if (io->ops->apple || lethe_class_is_phone(identity->class_)) {
        if (io->ops->apple)
            lethe_look_ios(&look);
        else if (lethe_look_android(&look) < 0)
            return lethe_fail(err, LETHE_E_GONE, "the phone left while it was asked about itself");
        take_health(&look);
        return 0;
    }
    switch (identity->bus) {
    case LETHE_BUS_NVME:
        rc = lethe_look_nvme(&look, LETHE_PATH_NVME);
        break;
    case LETHE_BUS_MMC:
        rc = lethe_look_mmc(&look);
        break;
    case LETHE_BUS_USB:
        rc = look_usb(&look, quirks);
        break;
    case LETHE_BUS_ATA:
    case LETHE_BUS_SCSI:
    case LETHE_BUS_UNKNOWN:
        rc = look_native(&look);
        break;
    case LETHE_BUS_EMULATED: /* a model of any of them */
        rc = identity->usb_vendor ? look_usb(&look, quirks)
                                  : lethe_look_nvme(&look, LETHE_PATH_NVME);
        if (rc < 0 && rc != -ENODEV && !identity->usb_vendor)
            rc = look_native(&look);
        if (rc < 0 && rc != -ENODEV && !identity->usb_vendor)
            rc = lethe_look_mmc(&look);
        break;
    case LETHE_BUS_VIRTIO:
    case LETHE_BUS_LOOP:
    case LETHE_BUS_FILE:
        break;
    }
    if (rc == -ENODEV)
        return lethe_fail(err, LETHE_E_GONE, "the drive vanished while it was asked about itself");
    if (rc < 0)
        no_way(&look, rc);
    lethe_look_zones(&look);
    lethe_facts_limit(out, quirks);
    take_health(&look);
    return 0;
}
