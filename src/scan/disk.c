/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/disk.h"
#include "base/text.h"
#include "scan/sysfs.h"
#include "scan/uses.h"

#include <string.h>

/* Sysfs of the chain CHAIN into FACTS; what a device doesn't have stays empty. */
static void facts_read(const struct lethe_scan_env *env, const struct lethe_chain *chain,
                       dev_t number, struct lethe_disk_facts *facts)
{
    static const struct {
        const char *page;
        bool (*parse)(struct lethe_vpd *, const uint8_t *, size_t);
    } pages[] = {{"vpd_pg80", lethe_vpd_serial},
                 {"vpd_pg83", lethe_vpd_designators},
                 {"vpd_pg89", lethe_vpd_ata},
                 {"vpd_pgb1", lethe_vpd_characteristics}};
    uint8_t page[4096];
    memset(facts, 0, sizeof *facts);
    facts->bus = chain->bus;
    facts->rotational = (int)lethe_sys_u64(2, "%s/queue/rotational", chain->path);
    if (facts->rotational > 1)
        facts->rotational = -1;
    lethe_udev_read(env, number, &facts->udev);
    for (size_t i = 0; chain->scsi[0] && i < sizeof pages / sizeof *pages; i++) {
        size_t n = lethe_sys_bytes(page, sizeof page, "%s/%s", chain->scsi, pages[i].page);
        if (n)
            pages[i].parse(&facts->vpd, page, n);
    }
    if (chain->scsi[0])
        lethe_sys_text(facts->wwid, sizeof facts->wwid, "%s/wwid", chain->scsi);
    if (chain->usb[0])
        lethe_sys_text(facts->usb_serial, sizeof facts->usb_serial, "%s/serial", chain->usb);
}

static void names_read(const struct lethe_chain *chain, const struct lethe_disk_facts *facts,
                       struct lethe_identity *id)
{
    if (facts->vpd.ata) { /* INQUIRY cuts an ATA model to 16 characters */
        lethe_text_format(id->model, sizeof id->model, "%s", facts->vpd.ata_model);
        lethe_text_format(id->firmware, sizeof id->firmware, "%s", facts->vpd.ata_firmware);
    } else if (chain->scsi[0]) {
        lethe_sys_text(id->vendor, sizeof id->vendor, "%s/vendor", chain->scsi);
        lethe_sys_text(id->model, sizeof id->model, "%s/model", chain->scsi);
        lethe_sys_text(id->firmware, sizeof id->firmware, "%s/rev", chain->scsi);
        if (strcmp(id->vendor, "ATA") == 0) /* SAT's word for any ATA drive */
            id->vendor[0] = '\0';
    } else if (chain->nvme[0]) {
        lethe_sys_text(id->model, sizeof id->model, "%s/model", chain->nvme);
        lethe_sys_text(id->firmware, sizeof id->firmware, "%s/firmware_rev", chain->nvme);
    } else if (chain->mmc[0]) {
        lethe_sys_text(id->vendor, sizeof id->vendor, "%s/manfid", chain->mmc);
        lethe_sys_text(id->model, sizeof id->model, "%s/name", chain->mmc);
        lethe_sys_text(id->firmware, sizeof id->firmware, "%s/fwrev", chain->mmc);
    }
    if (chain->usb[0]) {
        char maker[48], product[48];
        char text[3][8];
        unsigned ids[3] = {0, 0, 0};
        lethe_sys_text(text[0], sizeof text[0], "%s/idVendor", chain->usb);
        lethe_sys_text(text[1], sizeof text[1], "%s/idProduct", chain->usb);
        lethe_sys_text(text[2], sizeof text[2], "%s/bcdDevice", chain->usb);
        for (size_t i = 0; i < 3; i++)
            lethe_number_parse(text[i], 16, &ids[i]);
        id->usb_vendor = (uint16_t)ids[0];
        id->usb_product = (uint16_t)ids[1];
        id->usb_release = (uint16_t)ids[2];
        lethe_sys_text(maker, sizeof maker, "%s/manufacturer", chain->usb);
        lethe_sys_text(product, sizeof product, "%s/product", chain->usb);
        char bridge[128];
        lethe_text_format(bridge, sizeof bridge, "%04x:%04x %s %s", ids[0], ids[1], maker, product);
        lethe_text_clean(id->bridge, sizeof id->bridge, bridge, strlen(bridge));
    }
}

static void device_identifier(struct lethe_identity *id, enum lethe_id_kind kind, const char *value)
{
    /* A name of zeros names nothing. Real duplicates (docks repeat serials) are reported as they
     * are: only who sees all that is attached can tell them. */
    if (value[strspn(value, "0 -:.xX")] != '\0')
        lethe_identity_add(id, kind, LETHE_SOURCE_DEVICE, value);
}

/* NVMe: on the namespace, or on the controller. MMC: on the card. */
static void direct_identifiers(const struct lethe_chain *chain, struct lethe_identity *id)
{
    char text[96], packed[96];
    if (chain->nvme[0] && lethe_sys_text(text, sizeof text, "%s/serial", chain->nvme))
        device_identifier(id, LETHE_ID_SERIAL, text);
    static const struct {
        const char *attribute;
        enum lethe_id_kind kind;
    } ids[] = {{"eui", LETHE_ID_EUI64}, {"nguid", LETHE_ID_NGUID}};
    for (size_t i = 0; chain->nvme[0] && i < 2; i++) {
        if (!lethe_sys_text(text, sizeof text, "%s/%s", chain->path, ids[i].attribute))
            continue;
        size_t n = 0; /* "00 25 38 …" and "…-…-…" */
        for (const char *p = text; *p; p++)
            if (*p != ' ' && *p != '-')
                packed[n++] = *p;
        packed[n] = '\0';
        device_identifier(id, ids[i].kind, packed);
    }
    if (chain->mmc[0]) {
        if (lethe_sys_text(text, sizeof text, "%s/serial", chain->mmc))
            device_identifier(id, LETHE_ID_SERIAL, text);
        if (lethe_sys_text(text, sizeof text, "%s/cid", chain->mmc))
            device_identifier(id, LETHE_ID_CID, text);
    }
    if (chain->bus == LETHE_BUS_VIRTIO &&
        lethe_sys_text(text, sizeof text, "%s/serial", chain->path))
        device_identifier(id, LETHE_ID_SERIAL, text);
}

void lethe_disk_identify(const struct lethe_disk_facts *facts, struct lethe_identity *out)
{
    const struct lethe_vpd *vpd = &facts->vpd;
    const struct lethe_udev_facts *udev = &facts->udev;
    bool usb = facts->bus == LETHE_BUS_USB;

    /* The drive's own serial: from its IDENTIFY data where that was read (by the kernel or udev).
     * Behind USB everything else may be the bridge's word, and a bridge stays while drives come and
     * go: it counts only where it differs from what the bridge calls itself. */
    bool direct = facts->bus == LETHE_BUS_ATA || facts->bus == LETHE_BUS_SCSI;
    bool bridges = usb && strcmp(vpd->serial, facts->usb_serial) == 0;
    const char *serial = "";
    if (vpd->ata)
        serial = vpd->ata_serial;
    else if (udev->serial[0] && (udev->ata || (direct && !vpd->serial[0])))
        serial = udev->serial;
    else if (!bridges)
        serial = vpd->serial;
    device_identifier(out, LETHE_ID_SERIAL, serial);

    if (vpd->naa[0])
        device_identifier(out, LETHE_ID_WWN, vpd->naa);
    else if (vpd->ata_wwn[0])
        device_identifier(out, LETHE_ID_WWN, vpd->ata_wwn);
    else if (strncmp(facts->wwid, "naa.", 4) == 0)
        device_identifier(out, LETHE_ID_WWN, facts->wwid + 4);
    else if ((!usb || udev->ata) && strncmp(udev->wwn, "0x", 2) == 0)
        device_identifier(out, LETHE_ID_WWN, udev->wwn + 2);
    if (vpd->eui[0])
        device_identifier(out, LETHE_ID_EUI64, vpd->eui);
    else if (strncmp(facts->wwid, "eui.", 4) == 0)
        device_identifier(out, LETHE_ID_EUI64, facts->wwid + 4);

    if (usb)
        device_identifier(out, LETHE_ID_BRIDGE_SERIAL, facts->usb_serial);
}

/*
 * queue/rotational is 1 by default: USB bridges, card readers and sticks show it because the kernel
 * could not ask. Magnetic therefore needs the drive's own rotation rate (SBC-3 6.6.2, ACS-3 word
 * 217). That makes some drives from before 2008 "unknown": less is claimed, nothing too much.
 */
enum lethe_media lethe_disk_media(const struct lethe_disk_facts *facts)
{
    unsigned rate =
        facts->vpd.ata && facts->vpd.ata_rotation ? facts->vpd.ata_rotation : facts->vpd.rotation;
    if (rate == 0 && facts->udev.ata && facts->udev.rotation >= 0)
        rate = facts->udev.rotation == 0 ? 1 : (unsigned)facts->udev.rotation;
    if (rate == 1)
        return LETHE_MEDIA_FLASH;
    if (rate >= 0x401 && rate <= 0xfffe)
        return LETHE_MEDIA_MAGNETIC;
    switch (facts->bus) {
    case LETHE_BUS_NVME:
    case LETHE_BUS_MMC:
        return LETHE_MEDIA_FLASH;
    case LETHE_BUS_ATA:
    case LETHE_BUS_SCSI:
        return facts->rotational == 0 ? LETHE_MEDIA_FLASH : LETHE_MEDIA_UNKNOWN;
    case LETHE_BUS_LOOP:
    case LETHE_BUS_FILE:
        return LETHE_MEDIA_FILE;
    default:
        return LETHE_MEDIA_UNKNOWN;
    }
}

static void loop_identifier(const struct lethe_node *node, struct lethe_identity *id)
{
    struct stat st;
    char value[32];
    if (!node->backing || node->backing_deleted || stat(node->backing, &st) < 0)
        return;
    lethe_backing_id(value, &st, node->backing_offset, node->backing_limit);
    lethe_identity_add(id, LETHE_ID_BACKING, LETHE_SOURCE_DEVICE, value);
}

int lethe_disk_read(const struct lethe_scan *scan, int index, struct lethe_device *out,
                    struct lethe_error *err)
{
    const struct lethe_node *node = &scan->graph.nodes[index];
    struct lethe_identity *id = &out->identity;
    struct lethe_disk_facts facts;
    struct lethe_chain chain;
    memset(out, 0, sizeof *out);
    int rc = lethe_chain_read(scan->env, node->name, &chain, err);
    if (rc < 0)
        return rc;
    lethe_text_format(out->driver, sizeof out->driver, "block");
    if (!lethe_text_format(out->node, sizeof out->node, "%s", node->path))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %s is too long", node->path);
    lethe_text_format(out->target, sizeof out->target, "%s", node->path);

    facts_read(scan->env, &chain, node->number, &facts);
    lethe_chain_slot(scan->env, &chain, out->slot, sizeof out->slot);
    out->diskseq = lethe_sys_u64(0, "%s/diskseq", chain.path);
    id->class_ = LETHE_CLASS_DISK;
    id->bus = chain.bus;
    id->media = lethe_disk_media(&facts);
    id->substrate = lethe_substrate_of(&scan->machine, &chain, out->substrate_reason,
                                       sizeof out->substrate_reason);
    /* size counts 512-byte sectors whatever the logical block is */
    id->capacity = lethe_sys_u64(0, "%s/size", chain.path) * 512;
    id->logical_block = (uint32_t)lethe_sys_u64(512, "%s/queue/logical_block_size", chain.path);
    id->physical_block =
        (uint32_t)lethe_sys_u64(id->logical_block, "%s/queue/physical_block_size", chain.path);
    names_read(&chain, &facts, id);
    direct_identifiers(&chain, id);
    lethe_disk_identify(&facts, id);
    if (id->substrate != LETHE_SUBSTRATE_PHYSICAL)
        loop_identifier(node, id);
    return lethe_uses_disk(scan->env, &scan->graph, index, out, err);
}
