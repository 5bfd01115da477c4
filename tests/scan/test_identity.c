/* SPDX-License-Identifier: Apache-2.0 */
/* Who a disk is: whose serial it is, which bus, which slot, which media. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scan/disk.h"
#include "tree.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    static struct tree tree;
    tree_make(&tree);
    *state = &tree;
    return 0;
}

static int teardown(void **state)
{
    tree_remove(*state);
    return 0;
}

static void identifier(const struct lethe_identity *id, enum lethe_id_kind kind, const char *value)
{
    const struct lethe_identifier *found = lethe_identity_find(id, kind);
    if (!value && found)
        fail_msg("%s is %s", lethe_id_kind_name(kind), found->value);
    if (!value)
        return;
    assert_non_null(found);
    assert_int_equal(found->source, LETHE_SOURCE_DEVICE);
    assert_string_equal(found->value, value);
}

static void sata(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    static const char scsi[] = "sys/devices/pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0";
    tree_sata(tree, "sdb", "8:16");
    tree_bytes(tree, "\0\x80\0\x0f     WD-1234567", 19, "%s/vpd_pg80", scsi);
    tree_bytes(tree, "\0\xb1\0\x3c\x15\x18", 6, "%s/vpd_pgb1", scsi);
    tree_file(tree, "naa.50014ee20b001234\n", "%s/wwid", scsi);
    tree_scan(tree, "sdb", &device);
    assert_int_equal(device.identity.bus, LETHE_BUS_ATA);
    assert_int_equal(device.identity.media, LETHE_MEDIA_MAGNETIC);
    assert_string_equal(device.identity.vendor, ""); /* "ATA" is SAT's word, not a maker */
    assert_string_equal(device.identity.model, "WDC WD10EZEX-08W");
    assert_string_equal(device.slot, "pci-0000:00:17.0-ata-3.0");
    assert_int_equal(device.identity.capacity, 1ULL << 30);
    assert_int_equal(device.identity.physical_block, 4096);
    assert_int_equal(device.diskseq, 7);
    identifier(&device.identity, LETHE_ID_SERIAL, "WD-1234567");
    identifier(&device.identity, LETHE_ID_WWN, "50014ee20b001234");
    identifier(&device.identity, LETHE_ID_BACKING, NULL);
    lethe_device_clear(&device);
}

/* Without udev and without VPD pages (usb-storage asks for none) only the bridge has a serial. */
static void usb_bridge(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    tree_usb(tree, "pci0000:00/0000:00:14.0", "xhci_hcd", "sda", "8:0");
    tree_scan(tree, "sda", &device);
    assert_int_equal(device.identity.bus, LETHE_BUS_USB);
    assert_int_equal(device.identity.media, LETHE_MEDIA_UNKNOWN); /* rotational=1 is a default */
    assert_string_equal(device.slot, "pci-0000:00:14.0-usb-0:4");
    assert_string_equal(device.identity.bridge, "152d:0578 JMicron SATA Bridge");
    assert_int_equal(device.identity.usb_vendor, 0x152d);
    assert_int_equal(device.identity.usb_product, 0x0578);
    assert_int_equal(device.identity.usb_release, 0x0414);
    identifier(&device.identity, LETHE_ID_SERIAL, NULL);
    identifier(&device.identity, LETHE_ID_BRIDGE_SERIAL, "DD56419883");
    lethe_device_clear(&device);
}

static void two_units_of_one_bridge(void **state)
{
    struct tree *tree = *state;
    struct lethe_device a, b;
    tree_usb(tree, "pci0000:00/0000:00:14.0", "xhci_hcd", "sda", "8:0");
    tree_usb(tree, "pci0000:00/0000:00:14.0", "xhci_hcd", "sdb", "8:16");
    tree_scan(tree, "sda", &a);
    tree_scan(tree, "sdb", &b);
    assert_string_equal(a.slot, "pci-0000:00:14.0-usb-0:4");
    assert_string_equal(b.slot, "pci-0000:00:14.0-usb-0:4-lun-1");
    /* They share the bridge's serial: reported, and no name of either. */
    identifier(&a.identity, LETHE_ID_BRIDGE_SERIAL, "DD56419883");
    identifier(&b.identity, LETHE_ID_BRIDGE_SERIAL, "DD56419883");
    assert_false(lethe_identity_named(&a.identity, "DD56419883"));
    lethe_device_clear(&a);
    lethe_device_clear(&b);
}

static void nvme(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    static const char pci[] = "pci0000:00/0000:01:00.0",
                      ctrl[] = "pci0000:00/0000:01:00.0/nvme/nvme0";
    tree_bus(tree, pci, "pci", "nvme");
    tree_bus(tree, ctrl, "nvme", NULL);
    tree_file(tree, "pcie\n", "sys/devices/%s/transport", ctrl);
    tree_file(tree, "Samsung SSD 980 PRO 1TB                 \n", "sys/devices/%s/model", ctrl);
    tree_file(tree, "S5GXNF0R123456      \n", "sys/devices/%s/serial", ctrl);
    tree_file(tree, "5B2QGXA7\n", "sys/devices/%s/firmware_rev", ctrl);
    tree_disk(tree, ctrl, "nvme0n1", "259:0");
    tree_file(tree, "0\n", "sys/class/block/nvme0n1/queue/rotational");
    tree_file(tree, "1\n", "sys/class/block/nvme0n1/nsid");
    tree_file(tree, "00 25 38 b1 11 00 12 34 \n", "sys/class/block/nvme0n1/eui");
    tree_file(tree, "00000000-0000-0000-0000-000000000000\n", "sys/class/block/nvme0n1/nguid");
    tree_scan(tree, "nvme0n1", &device);
    assert_int_equal(device.identity.bus, LETHE_BUS_NVME);
    assert_int_equal(device.identity.media, LETHE_MEDIA_FLASH);
    assert_string_equal(device.identity.model, "Samsung SSD 980 PRO 1TB");
    assert_string_equal(device.identity.firmware, "5B2QGXA7");
    assert_string_equal(device.slot, "pci-0000:01:00.0");
    identifier(&device.identity, LETHE_ID_SERIAL, "S5GXNF0R123456");
    identifier(&device.identity, LETHE_ID_EUI64, "002538b111001234");
    identifier(&device.identity, LETHE_ID_NGUID, NULL);
    lethe_device_clear(&device);
}

static void card(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    static const char mmc[] = "platform/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa";
    tree_bus(tree, "platform/fe340000.mmc", "platform", "sdhci");
    tree_bus(tree, mmc, "mmc", "mmcblk");
    tree_file(tree, "SD32G\n", "sys/devices/%s/name", mmc);
    tree_file(tree, "0x1234abcd\n", "sys/devices/%s/serial", mmc);
    tree_file(tree, "035344534433324780aabbccdd012345\n", "sys/devices/%s/cid", mmc);
    tree_disk(tree, mmc, "mmcblk0", "179:0");
    tree_disk(tree, mmc, "mmcblk0boot0", "179:8");
    tree_scan(tree, "mmcblk0", &device);
    assert_int_equal(device.identity.bus, LETHE_BUS_MMC);
    assert_int_equal(device.identity.media, LETHE_MEDIA_FLASH);
    assert_string_equal(device.slot, "platform-fe340000.mmc");
    identifier(&device.identity, LETHE_ID_SERIAL, "0x1234abcd");
    identifier(&device.identity, LETHE_ID_CID, "035344534433324780aabbccdd012345");
    lethe_device_clear(&device);
    struct lethe_device_list list;
    assert_int_equal(lethe_scan_all(&tree->env, &list, NULL), 0);
    assert_int_equal(list.n, 1); /* the boot area is a part of the same chip */
    lethe_device_list_clear(&list);
}

static void hostile_names(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    static const char scsi[] = "sys/devices/pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0";
    char page[4 + 300], long_model[5000];
    tree_sata(tree, "sdb", "8:16");
    memset(page, 'S', sizeof page);
    memcpy(page, "\0\x80\x01\x2c", 4);
    page[10] = '\x1b';
    page[20] = '\n';
    tree_bytes(tree, page, sizeof page, "%s/vpd_pg80", scsi);
    memset(long_model, 'M', sizeof long_model - 1);
    memcpy(long_model, "\x1b]0;x\x07\xe2\x80\xae\xff", 10);
    long_model[sizeof long_model - 1] = '\0';
    tree_file(tree, long_model, "%s/model", scsi);
    tree_file(tree, "\x9b\r\n", "%s/rev", scsi);
    tree_scan(tree, "sdb", &device);
    json_t *json = lethe_device_to_json(&device);
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_null(strstr(text, "\\u00"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_true(strlen(device.identity.model) > 10);
    free(text);
    json_decref(json);
    lethe_device_clear(&device);
}

static void unlisted(void **state)
{
    struct tree *tree = *state;
    struct lethe_device_list list;
    static const char *const names[] = {"ram0", "zram0", "dm-0", "md0", "loop0", "sr0", "nbd0"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char number[8] = "1:";
        number[2] = (char)('1' + i);
        number[3] = '\0';
        tree_disk(tree, "virtual/block", names[i], number);
    }
    tree_file(tree, "0\n", "sys/class/block/nbd0/size");
    tree_usb(tree, "pci0000:00/0000:00:14.0", "xhci_hcd", "sda", "8:0"); /* a reader, no card */
    tree_file(tree, "0\n", "sys/class/block/sda/size");
    tree_file(tree, "1\n", "sys/class/block/sda/removable");
    assert_int_equal(lethe_scan_all(&tree->env, &list, NULL), 0);
    assert_int_equal(list.n, 0);
    lethe_device_list_clear(&list);
    tree_file(tree, "0\n", "sys/class/block/sda/removable"); /* a fixed disk that lost its size */
    assert_int_equal(lethe_scan_all(&tree->env, &list, NULL), 0);
    assert_int_equal(list.n, 1);
    lethe_device_list_clear(&list);
}

static struct lethe_identity identify(const struct lethe_disk_facts *facts)
{
    struct lethe_identity id = {0};
    lethe_disk_identify(facts, &id);
    return id;
}

static void whose_serial(void **state)
{
    (void)state;
    struct lethe_disk_facts facts = {.bus = LETHE_BUS_USB, .usb_serial = "BRIDGE1"};
    /* UAS: the unit serial is the bridge's own: no name of the drive. */
    strcpy(facts.vpd.serial, "BRIDGE1");
    struct lethe_identity id = identify(&facts);
    identifier(&id, LETHE_ID_SERIAL, NULL);
    identifier(&id, LETHE_ID_BRIDGE_SERIAL, "BRIDGE1");
    /* The bridge hands the drive's through. */
    strcpy(facts.vpd.serial, "DRIVE1");
    id = identify(&facts);
    identifier(&id, LETHE_ID_SERIAL, "DRIVE1");
    /* udev: ID_SERIAL_SHORT is usb_id's guess unless ID_ATA says where it comes from. */
    facts.vpd.serial[0] = '\0';
    strcpy(facts.udev.serial, "UDEV1");
    strcpy(facts.udev.wwn, "0x5000c5001234abcd");
    id = identify(&facts);
    identifier(&id, LETHE_ID_SERIAL, NULL);
    identifier(&id, LETHE_ID_WWN, NULL);
    facts.udev.ata = true;
    id = identify(&facts);
    identifier(&id, LETHE_ID_SERIAL, "UDEV1");
    identifier(&id, LETHE_ID_WWN, "5000c5001234abcd");
    identifier(&id, LETHE_ID_BRIDGE_SERIAL, "BRIDGE1");
    /* The drive's own IDENTIFY data beats all. */
    facts.vpd.ata = true;
    strcpy(facts.vpd.ata_serial, "IDENT1");
    id = identify(&facts);
    identifier(&id, LETHE_ID_SERIAL, "IDENT1");
    /* Zeros are no name. */
    strcpy(facts.vpd.ata_serial, "000000000000");
    id = identify(&facts);
    identifier(&id, LETHE_ID_SERIAL, NULL);
}

static void media(void **state)
{
    (void)state;
    struct lethe_disk_facts facts = {
        .bus = LETHE_BUS_USB, .rotational = 0, .udev = {.rotation = -1}};
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_UNKNOWN);
    facts.vpd.rotation = 1;
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_FLASH);
    facts.vpd.rotation = 5400;
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_MAGNETIC);
    facts.vpd.rotation = 0x400; /* reserved */
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_UNKNOWN);
    facts.vpd.rotation = 0;
    facts.udev.rotation = 7200; /* not from the drive's IDENTIFY: no word */
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_UNKNOWN);
    facts.udev.ata = true;
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_MAGNETIC);
    facts.udev.rotation = 0;
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_FLASH);
    facts =
        (struct lethe_disk_facts){.bus = LETHE_BUS_ATA, .rotational = 1, .udev = {.rotation = -1}};
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_UNKNOWN);
    facts.rotational = 0;
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_FLASH);
    facts.bus = LETHE_BUS_VIRTIO;
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_UNKNOWN);
    facts.bus = LETHE_BUS_LOOP;
    assert_int_equal(lethe_disk_media(&facts), LETHE_MEDIA_FILE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sata),
        TEST(usb_bridge),
        TEST(two_units_of_one_bridge),
        TEST(nvme),
        TEST(card),
        TEST(hostile_names),
        TEST(unlisted),
        cmocka_unit_test(whose_serial),
        cmocka_unit_test(media),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
