/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shipped profiles against devices as they call themselves in the world: model names and USB
 * numbers of smartmontools' drive database, usb.ids, Linux' lists of quirks and public issues.
 */
#include <lethe/profile.h>

#include "base/file.h"
#include "base/json.h"
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define ATA LETHE_BUS_ATA
#define SAS LETHE_BUS_SCSI
#define NVME LETHE_BUS_NVME
#define MMC LETHE_BUS_MMC
#define USB LETHE_BUS_USB
#define FLASH LETHE_MEDIA_FLASH
#define DISK LETHE_MEDIA_MAGNETIC
#define NONE LETHE_MEDIA_UNKNOWN

static const struct seen {
    enum lethe_bus bus;
    enum lethe_media media;
    const char *vendor, *model;
    uint16_t usb_vendor, usb_product, usb_release;
    const char *id;
} seen[] = {
    /* SATA, solid state */
    {ATA, FLASH, "", "Crucial_CT256MX100SSD1", 0, 0, 0, "crucial-mx100-mx300"},
    {ATA, FLASH, "", "Crucial_CT1024MX200SSD1", 0, 0, 0, "crucial-mx100-mx300"},
    {ATA, FLASH, "", "Crucial_CT525MX300SSD1", 0, 0, 0, "crucial-mx100-mx300"},
    {ATA, FLASH, "", "Crucial_CT240M500SSD1", 0, 0, 0, "crucial-m500-m550"},
    {ATA, FLASH, "", "Crucial_CT512M550SSD3", 0, 0, 0, "crucial-m500-m550"},
    {ATA, FLASH, "", "CT500MX500SSD1", 0, 0, 0, "crucial-mx500"},
    {ATA, FLASH, "", "CT240BX500SSD1", 0, 0, 0, "crucial-bx"},
    {ATA, FLASH, "", "CT480BX200SSD1", 0, 0, 0, "crucial-bx"},
    {ATA, FLASH, "", "Samsung SSD 840 EVO 120GB mSATA", 0, 0, 0, "samsung-840-evo"},
    {ATA, FLASH, "", "Samsung SSD 850 EVO 250GB", 0, 0, 0, "samsung-850-evo"},
    {ATA, FLASH, "", "Samsung SSD 850 EVO M.2 250GB", 0, 0, 0, "samsung-850-evo"},
    {ATA, FLASH, "", "Samsung SSD 850 PRO 128GB", 0, 0, 0, "samsung-sata-ssd"},
    {ATA, FLASH, "", "Samsung SSD 860 EVO 500GB", 0, 0, 0, "samsung-sata-ssd"},
    {ATA, FLASH, "", "Samsung SSD 870 QVO 4TB", 0, 0, 0, "samsung-sata-ssd"},
    {ATA, FLASH, "", "SAMSUNG MZ7TE512HMHP-000L1", 0, 0, 0, "samsung-oem-sata-ssd"},
    {ATA, FLASH, "", "Micron_5200_MTFDDAK3T8TDD", 0, 0, 0, "micron-sata-ssd"},
    {ATA, FLASH, "", "INTEL SSDSC2KB480G7", 0, 0, 0, "intel-sata-ssd"},
    {ATA, FLASH, "", "KINGSTON SA400S37240G", 0, 0, 0, "kingston-sata-ssd"},
    {ATA, FLASH, "", "KINGSTON SKC600256G", 0, 0, 0, "kingston-sata-ssd"},
    {ATA, FLASH, "", "SanDisk SD8SB8U128G1122", 0, 0, 0, "sandisk-sata-ssd"},
    {ATA, FLASH, "", "WDC WDS500G2B0A-00SM50", 0, 0, 0, "wd-sata-ssd"},
    {ATA, FLASH, "", "HFS256G32TNF-N3A0A", 0, 0, 0, "sk-hynix-sata-ssd"},
    {ATA, FLASH, "", "SSDPR-CX400-512", 0, 0, 0, "disk-flash"},
    /* SATA, magnetic */
    {ATA, DISK, "", "ST12000NM0008-2H3101", 0, 0, 0, "seagate-sata-hdd"},
    {ATA, DISK, "", "ST1000LM035-1RK172", 0, 0, 0, "seagate-sata-hdd"},
    {ATA, DISK, "", "ST8000VX0022-2EJ112", 0, 0, 0, "seagate-video-hdd"},
    {ATA, DISK, "", "WDC WD10EZEX-08WN4A0", 0, 0, 0, "wd-sata-hdd"},
    {ATA, DISK, "", "WDC  WUH721818ALE6L4", 0, 0, 0, "wd-ultrastar-sata-hdd"},
    {ATA, DISK, "", "HGST HTS721010A9E630", 0, 0, 0, "hgst-sata-hdd"},
    {ATA, DISK, "", "HGST HSH721414ALN6M0", 0, 0, 0, "hgst-hc620-sata"},
    {ATA, DISK, "", "WDC  WSH722020ALN6L1", 0, 0, 0, "wd-hc650-sata"},
    {ATA, DISK, "", "Hitachi HDS723030ALA640", 0, 0, 0, "hitachi-sata-hdd"},
    {ATA, DISK, "", "TOSHIBA MQ01ABD100", 0, 0, 0, "toshiba-sata-hdd"},
    {ATA, DISK, "", "SAMSUNG HM641JI", 0, 0, 0, "samsung-sata-hdd"},
    {ATA, DISK, "", "FUJITSU MHZ2160BH", 0, 0, 0, "disk-magnetic"},
    /* SAS */
    {SAS, DISK, "SEAGATE", "ST4000NM0025", 0, 0, 0, "seagate-sas-hdd"},
    {SAS, FLASH, "SEAGATE", "XS1600LE10003", 0, 0, 0, "seagate-sas-ssd"},
    {SAS, DISK, "HGST", "HUS726040AL5210", 0, 0, 0, "hgst-sas-hdd"},
    {SAS, DISK, "HGST", "HSH721414AL52M0", 0, 0, 0, "hgst-hc620-sas"},
    {SAS, DISK, "WDC", "WSH722020AL5201", 0, 0, 0, "wd-hc650-sas"},
    {SAS, DISK, "TOSHIBA", "AL15SEB120N", 0, 0, 0, "toshiba-sas-hdd"},
    {SAS, FLASH, "SAMSUNG", "MZILT960HAHQ/007", 0, 0, 0, "samsung-sas-ssd"},
    {SAS, DISK, "NETAPP", "X422_HCOBE600A10", 0, 0, 0, "netapp-sas"},
    /* NVMe */
    {NVME, FLASH, "", "CT500P1SSD8", 0, 0, 0, "crucial-nvme"},
    {NVME, FLASH, "", "CT2000P3PSSD8", 0, 0, 0, "crucial-nvme"},
    {NVME, FLASH, "", "INTEL SSDPEKNW512G8", 0, 0, 0, "intel-660p"},
    {NVME, FLASH, "", "INTEL SSDPEKNW010T8", 0, 0, 0, "intel-660p"},
    {NVME, FLASH, "", "INTEL SSDPEKKF256G8L", 0, 0, 0, "intel-760p-oem"},
    {NVME, FLASH, "", "INTEL SSDPEDMD400G4", 0, 0, 0, "intel-nvme"},
    {NVME, FLASH, "", "SAMSUNG MZVLW256HEHP-000L7", 0, 0, 0, "samsung-oem-nvme"},
    {NVME, FLASH, "", "Samsung SSD 970 EVO Plus 1TB", 0, 0, 0, "samsung-nvme"},
    {NVME, FLASH, "", "HFS001TEJ9X101N", 0, 0, 0, "sk-hynix-pc801"},
    {NVME, FLASH, "", "HFS512GD9TNG-62A0A", 0, 0, 0, "sk-hynix-nvme"},
    {NVME, FLASH, "", "WDS250G2X0C-00L350", 0, 0, 0, "wd-nvme"},
    {NVME, FLASH, "", "PC SN740 NVMe WD 256GB", 0, 0, 0, "nvme-flash"},
    {NVME, FLASH, "", "KINGSTON SA2000M8250G", 0, 0, 0, "kingston-nvme"},
    {NVME, FLASH, "", "KBG30ZMV256G TOSHIBA", 0, 0, 0, "kioxia-nvme"},
    {NVME, FLASH, "", "KINGBANK KP230 Pro", 0, 0, 0, "nvme-flash"},
    /* USB bridges, by what lsusb prints */
    {USB, NONE, "JMicron", "Tech", 0x152d, 0x0583, 0x0214, "jmicron-jms583"},
    {USB, NONE, "JMicron", "Tech", 0x152d, 0xa583, 0x0214, "jmicron-jms583"},
    {USB, NONE, "JMicron", "Tech", 0x152d, 0x0583, 0x0414, "jmicron-jms583-sata"},
    {USB, NONE, "", "", 0x152d, 0xb581, 0x4403, "jmicron-jms581"},
    {USB, NONE, "", "", 0x152d, 0xa581, 0, "jmicron-jms581"},
    {USB, NONE, "", "", 0x152d, 0x0578, 0x0204, "jmicron-jms578"},
    {USB, NONE, "", "", 0x152d, 0xa578, 0, "jmicron-jms578"},
    {USB, NONE, "SAMSUNG", "MZVLW256HEHP", 0x152d, 0xa580, 0x0003, "jmicron-jms580"},
    {USB, NONE, "", "", 0x152d, 0x1576, 0x0204, "jmicron-jms576"},
    {USB, NONE, "", "", 0x152d, 0x0567, 0x0114, "jmicron-jms567"},
    {USB, NONE, "", "", 0x152d, 0x1561, 0x0106, "jmicron-jms561"},
    {USB, NONE, "", "", 0x152d, 0x0539, 0x0205, "jmicron-jms539"},
    {USB, NONE, "", "", 0x152d, 0x2509, 0x0100, "jmicron-2509-old"},
    {USB, NONE, "", "", 0x152d, 0x2509, 0x0107, "jmicron-2509"},
    {USB, NONE, "", "", 0x152d, 0x2338, 0x0100, "jmicron-jm2033x"},
    {USB, NONE, "", "", 0x152d, 0x2329, 0x0100, "jmicron-jm20329"},
    {USB, NONE, "ASMT", "2115", 0x174c, 0x55aa, 0x0100, "asmedia-sata"},
    {USB, NONE, "ASMT", "1153", 0x174c, 0x1153, 0, "asmedia-sata"},
    {USB, NONE, "ASMT", "2362 NVME", 0x174c, 0x2362, 0, "asmedia-asm236x"},
    {USB, NONE, "ASMT", "2364 NVME", 0x174c, 0x2364, 0, "asmedia-asm236x"},
    {USB, NONE, "ASMT", "246X", 0x174c, 0x2463, 0, "asmedia-asm246x"},
    {USB, NONE, "ASMedia", "ASM1352R", 0x174c, 0x1352, 0, "asmedia-asm1352r"},
    {USB, NONE, "Realtek", "RTL9210B-CG", 0x0bda, 0x9210, 0x2001, "realtek-rtl9210"},
    {USB, NONE, "Realtek", "RTL9201", 0x0bda, 0x9201, 0xf200, "realtek-rtl9201"},
    {USB, NONE, "", "", 0x0bda, 0x9220, 0, "realtek-rtl9220"},
    {USB, NONE, "Generic-", "SD/MMC", 0x0bda, 0x0129, 0, "realtek-card-reader"},
    {USB, NONE, "", "", 0x1de1, 0xe101, 0x2001, "actions-am8180"},
    {USB, NONE, "", "", 0x13fd, 0x1640, 0x0864, "initio-1640-1650"},
    {USB, NONE, "", "", 0x13fd, 0x1840, 0, "initio"},
    {USB, NONE, "", "", 0x067b, 0x2773, 0, "prolific-pl277x"},
    {USB, NONE, "", "", 0x067b, 0x2507, 0, "prolific-pl2507"},
    {USB, NONE, "", "", 0x2537, 0x1066, 0x0100, "norelsys-ns106x"},
    {USB, NONE, "", "", 0x2537, 0x1068, 0x0100, "norelsys-ns106x"},
    {USB, NONE, "", "", 0x2109, 0x0700, 0x0005, "via-vl700"},
    {USB, NONE, "", "", 0x2109, 0x0701, 0x0107, "via-vl701"},
    {USB, NONE, "", "", 0x2109, 0x0711, 0x0114, "via-vl711"},
    {USB, NONE, "", "", 0x2109, 0x0715, 0x0336, "via-vl715-vl717"},
    {USB, NONE, "", "", 0x05e3, 0x0731, 0, "genesys-gl3310"},
    {USB, NONE, "", "", 0x05e3, 0x0702, 0, "genesys-gl881e"},
    {USB, NONE, "Generic", "STORAGE DEVICE", 0x05e3, 0x0749, 0, "genesys-card-reader"},
    {USB, NONE, "", "", 0x1f75, 0x0621, 0, "innostor-is621"},
    {USB, NONE, "", "", 0x0451, 0x9261, 0, "ti-tusb9261"},
    {USB, NONE, "", "", 0x04fc, 0x0c25, 0x0103, "sunplus-spif"},
    {USB, NONE, "", "", 0x04b4, 0x6830, 0x0240, "cypress-at2"},
    /* whole external drives */
    {USB, FLASH, "Samsung", "Portable SSD T3", 0x04e8, 0x61f3, 0, "samsung-t3"},
    {USB, FLASH, "Samsung", "Portable SSD T5", 0x04e8, 0x61f5, 0x0100, "samsung-t5"},
    {USB, FLASH, "Samsung", "PSSD T7", 0x04e8, 0x4001, 0x0100, "samsung-t7"},
    {USB, FLASH, "SanDisk", "Extreme 55AE", 0x0781, 0x55ae, 0x3008, "sandisk-extreme-nvme"},
    {USB, NONE, "Seagate", "Expansion", 0x0bc2, 0x231a, 0, "seagate-external"},
    {USB, NONE, "Seagate", "FreeAgent", 0x0bc2, 0x5031, 0, "seagate-freeagent"},
    {USB, NONE, "WD", "My Passport 0748", 0x1058, 0x0748, 0x1010, "wd-external"},
    {USB, FLASH, "WD", "Elements SE", 0x1058, 0x266e, 0, "wd-elements-se-ssd"},
    {USB, NONE, "LaCie", "Rugged Mini", 0x059f, 0x1051, 0, "lacie-rugged-usb3"},
    {USB, NONE, "SanDisk", "Cruzer Blade", 0x0781, 0x5567, 0x0100, "usb-storage"},
    {USB, NONE, "Kingston", "DataTraveler 3.0", 0x0951, 0x1666, 0x0110, "usb-storage"},
    /* eMMC and SD: the maker's number and the name on the card */
    {MMC, FLASH, "0x000015", "VYL00M", 0, 0, 0, "emmc-samsung-movinand-v"},
    {MMC, FLASH, "0x000015", "MAG4FA", 0, 0, 0, "emmc-samsung-movinand-m"},
    {MMC, FLASH, "0x000015", "KYL00M", 0, 0, 0, "emmc-samsung-movinand-kyl00m"},
    {MMC, FLASH, "0x000015", "BJTD4R", 0, 0, 0, "emmc-samsung"},
    {MMC, FLASH, "0x000090", "HBG4a2", 0, 0, 0, "emmc-hynix"},
    {MMC, FLASH, "0x000045", "DG4016", 0, 0, 0, "emmc-sandisk"},
    {MMC, FLASH, "0x000003", "SL32G", 0, 0, 0, "sd-sandisk"},
    {MMC, FLASH, "0x00001b", "EB1QT", 0, 0, 0, "sd-samsung"},
    {MMC, FLASH, "0x000002", "SA04G", 0, 0, 0, "mmc"},
};

/* Phones and tablets: as their port shows them, and as they call themselves once they are asked. */
static const struct phone_seen {
    enum lethe_device_class class_;
    const char *vendor, *model, *firmware;
    const char *id;
} phones[] = {
    {LETHE_CLASS_PHONE, "Apple", "iPhone12,1", "16.7.2", "iphone-11"},
    {LETHE_CLASS_PHONE, "Apple", "iPhone10,6", "16.7.8", "iphone-8"},
    {LETHE_CLASS_PHONE, "Apple", "iPhone9,3", "15.8", "iphone-7"},
    {LETHE_CLASS_PHONE, "Apple Inc.", "iPhone", "", "apple-iphone"},
    {LETHE_CLASS_PHONE, "Apple", "iPhone4,1", "9.3.5", "iphone-4s"},
    {LETHE_CLASS_PHONE, "Apple", "iPhone17,3", "18.1", "iphone-16"},
    {LETHE_CLASS_PHONE, "Apple", "iPhone99,1", "30.0", "apple-iphone"},
    {LETHE_CLASS_TABLET, "Apple", "iPad7,11", "17.5", "ipad-6"},
    {LETHE_CLASS_TABLET, "Apple", "iPad13,18", "18.0", "ipad-10"},
    {LETHE_CLASS_TABLET, "Apple", "iPad", "", "apple-ipad"},
    {LETHE_CLASS_PHONE, "Apple", "iPod9,1", "15.8", "ipod-touch-7"},
    {LETHE_CLASS_PHONE, "Google", "Pixel 7", "14", "android-google"},
    {LETHE_CLASS_PHONE, "Google", "Pixel 7", "", "android-google"},
    {LETHE_CLASS_PHONE, "samsung", "SM-A536B", "14", "android-samsung"},
    {LETHE_CLASS_TABLET, "samsung", "SM-X200", "13", "android-samsung"},
    {LETHE_CLASS_PHONE, "Xiaomi", "2201117TG", "13", "android-xiaomi"},
    {LETHE_CLASS_PHONE, "HUAWEI", "ELE-L29", "10", "android-huawei"},
    {LETHE_CLASS_PHONE, "HONOR", "REA-NX9", "13", "android-honor"},
    {LETHE_CLASS_PHONE, "OPPO", "CPH2211", "12", "android-oppo"},
    {LETHE_CLASS_PHONE, "OnePlus", "LE2113", "13", "android-oneplus"},
    {LETHE_CLASS_PHONE, "realme", "RMX3393", "12", "android-realme"},
    {LETHE_CLASS_PHONE, "vivo", "V2109", "12", "android-vivo"},
    {LETHE_CLASS_PHONE, "motorola", "moto g54", "14", "android-motorola"},
    {LETHE_CLASS_PHONE, "Motorola", "", "", "android-motorola"},
    {LETHE_CLASS_PHONE, "Sony", "XQ-BC52", "12", "android-sony"},
    {LETHE_CLASS_PHONE, "HMD Global", "Nokia X20", "13", "android-nokia"},
    {LETHE_CLASS_PHONE, "Nokia", "Nokia 215", "", "nokia-feature-phone"},
    {LETHE_CLASS_PHONE, "Nokia", "Lumia 520", "", "lumia-nokia"},
    {LETHE_CLASS_PHONE, "Microsoft", "Lumia 950", "", "lumia"},
    {LETHE_CLASS_PHONE, "Microsoft", "Windows Phone", "", "windows-phone"},
    {LETHE_CLASS_PHONE, "BlackBerry", "BlackBerry Q10", "", "blackberry"},
    {LETHE_CLASS_PHONE, "Fairphone", "FP4", "13", "android-fairphone"},
    {LETHE_CLASS_PHONE, "LGE", "LG-H870", "9", "android-lg"},
    {LETHE_CLASS_TABLET, "Amazon", "KFMAWI", "9", "android-amazon"},
    {LETHE_CLASS_PHONE, "TECNO MOBILE LIMITED", "TECNO KG5", "11", "android-generic"},
    {LETHE_CLASS_PHONE, "Wiko", "HIGHWAY 4G", "4.4.2", "android-4"},
    {LETHE_CLASS_PHONE, "Huawei", "HDC Device", "", "harmonyos"},
    {LETHE_CLASS_PHONE, "", "", "", "guided-generic"},
};

static struct lethe_profile_set *set;

static int setup(void **state)
{
    static const char *const shipped[] = {LETHE_SOURCE_DIR "/profiles/devices", NULL};
    struct lethe_error err = {0};
    (void)state;
    int rc = lethe_profile_set_load(shipped, &set, &err);
    if (rc < 0)
        print_message("%s\n", err.what);
    return rc;
}

static int teardown(void **state)
{
    (void)state;
    lethe_profile_set_free(set);
    return 0;
}

static struct lethe_identity identity(const struct seen *s)
{
    struct lethe_identity id = {.class_ = LETHE_CLASS_DISK,
                                .bus = s->bus,
                                .media = s->media,
                                .substrate = LETHE_SUBSTRATE_PHYSICAL,
                                .usb_vendor = s->usb_vendor,
                                .usb_product = s->usb_product,
                                .usb_release = s->usb_release};
    snprintf(id.vendor, sizeof(id.vendor), "%s", s->vendor);
    snprintf(id.model, sizeof(id.model), "%s", s->model);
    if (s->usb_vendor) /* as the scan writes it */
        snprintf(id.bridge, sizeof(id.bridge), "%04x:%04x Maker Product", s->usb_vendor,
                 s->usb_product);
    return id;
}

static void devices_find_their_family(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
        struct lethe_identity id = identity(&seen[i]);
        const struct lethe_profile *found = NULL;
        lethe_profile_find(set, &id, &found, NULL);
        if (found && strcmp(found->id, seen[i].id) == 0)
            continue;
        wrong++;
        print_message("%s %s %04x:%04x is %s, not %s\n", seen[i].vendor, seen[i].model,
                      seen[i].usb_vendor, seen[i].usb_product, found ? found->id : "none",
                      seen[i].id);
    }
    assert_int_equal(wrong, 0);
    assert_true(sizeof(seen) / sizeof(seen[0]) >= 100);
}

static void phones_find_their_family(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++) {
        const struct phone_seen *s = &phones[i];
        struct lethe_identity id = {.class_ = s->class_,
                                    .bus = LETHE_BUS_USB,
                                    .media = LETHE_MEDIA_FLASH,
                                    .substrate = LETHE_SUBSTRATE_PHYSICAL};
        const struct lethe_profile *found = NULL;
        snprintf(id.vendor, sizeof(id.vendor), "%s", s->vendor);
        snprintf(id.model, sizeof(id.model), "%s", s->model);
        snprintf(id.firmware, sizeof(id.firmware), "%s", s->firmware);
        lethe_profile_find(set, &id, &found, NULL);
        if (found && strcmp(found->id, s->id) == 0)
            continue;
        wrong++;
        print_message("%s %s %s is %s, not %s\n", s->vendor, s->model, s->firmware,
                      found ? found->id : "none", s->id);
    }
    assert_int_equal(wrong, 0);
}

static bool lists(const struct lethe_profile *p, const char *part)
{
    for (size_t i = 0; i < p->n_techniques; i++)
        if (strstr(p->techniques[i].technique, part))
            return true;
    return false;
}

/* "X(lethe_technique_ata_unhide)" for "ata-unhide" */
static bool in_this_build(const char *table, const char *technique)
{
    char symbol[80];
    snprintf(symbol, sizeof(symbol), "X(lethe_technique_%s)", technique);
    for (char *c = symbol; *c; c++)
        if (*c == '-')
            *c = '_';
    return strstr(table, symbol) != NULL;
}

static bool of_phones(const struct lethe_profile *p)
{
    unsigned both = 1u << LETHE_CLASS_PHONE | 1u << LETHE_CLASS_TABLET;
    return (p->match.classes & both) == both;
}

/* FORMAT UNIT alone may stand behind it: erasing is a side effect of that one, which some drives do
 * without. It is for policies that take no overwrite by the host. */
static bool overwrites_last(const struct lethe_profile *p)
{
    const char *last = p->techniques[p->n_techniques - 1].technique;
    if (strcmp(last, "scsi-format-unit") == 0 && p->n_techniques > 1)
        last = p->techniques[p->n_techniques - 2].technique;
    return strcmp(last, "overwrite") == 0;
}

static void every_profile_keeps_the_rules(void **state)
{
    (void)state;
    char *table = NULL;
    size_t len = 0, families = 0;
    unsigned wrong = 0;
    assert_int_equal(lethe_file_read(LETHE_SOURCE_DIR "/src/technique/techniques.def", 1 << 16,
                                     &table, &len, NULL),
                     0);
    for (size_t i = 0; i < lethe_profile_count(set); i++) {
        const struct lethe_profile *p = lethe_profile_at(set, i);
        const struct lethe_profile_match *m = &p->match;
        const char *why = NULL;
        bool weak = lethe_quirks_has(&p->quirks, LETHE_QUIRK_WEAK_ENCRYPTION);
        bool magnetic = m->medias == 1u << LETHE_MEDIA_MAGNETIC;
        bool bridge = m->usb_vendor != 0;
        bool emulated = m->substrates == 1u << LETHE_SUBSTRATE_EMULATED;
        families += m->model[0] || m->vendor[0] || bridge;
        if (!p->source[0] || p->n_limitations == 0)
            why = "no source, or nothing out of its reach";
        if (!of_phones(p) && !overwrites_last(p))
            why = "overwriting is not what is left when all else fails";
        if (weak && lists(p, "crypto"))
            why = "a cryptographic erase of weak encryption";
        if (magnetic && lists(p, "sanitize-block"))
            why = "a block erase of a magnetic disk";
        if (bridge && !emulated && lists(p, "security-erase"))
            why = "SECURITY ERASE through a bridge";
        if (p->quirks.path == LETHE_CARRIES_NONE && p->n_techniques != 1)
            why = "a firmware technique through a bridge that carries none";
        if (of_phones(p) && !emulated && lists(p, "guided-reset") && p->n_guide < 3)
            why = "a reset by hand that nobody wrote down";
        if (of_phones(p) && !emulated && p->n_limitations < 4)
            why = "a phone of which everything is reached";
        for (size_t t = 0; t < p->n_techniques; t++) {
            if (!p->techniques[t].evidence[0])
                why = "a technique without evidence";
            if (!in_this_build(table, p->techniques[t].technique))
                why = "a technique that is not in this build";
        }
        if (why)
            print_message("%s: %s\n", p->id, why);
        wrong += why != NULL;
    }
    free(table);
    assert_int_equal(wrong, 0);
    assert_true(families >= 40);
}

static struct lethe_quirks quirks_of(const struct lethe_identity *id)
{
    struct lethe_quirks quirks;
    lethe_profile_quirks(set, id, &quirks);
    return quirks;
}

static void a_bridge_is_asked_as_its_profile_says(void **state)
{
    static const struct {
        uint16_t vendor, product, release;
        enum lethe_carries path;
    } table[] = {
        {0x152d, 0x0583, 0x0214, LETHE_CARRIES_NVME_JMICRON},
        {0x152d, 0x0583, 0x0414, LETHE_CARRIES_SAT16},
        {0x174c, 0x2362, 0, LETHE_CARRIES_NVME_ASMEDIA},
        {0x174c, 0x55aa, 0, LETHE_CARRIES_SAT16},
        {0x0bda, 0x9210, 0x2001, LETHE_CARRIES_NVME_REALTEK},
        {0x13fd, 0x1650, 0x0436, LETHE_CARRIES_SAT12},
        {0x067b, 0x2773, 0, LETHE_CARRIES_NONE},
        {0xdead, 0x0583, 0, LETHE_CARRIES_UNKNOWN}, /* a number alone is nobody's */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct seen s = {USB, NONE, "", "", table[i].vendor, table[i].product, table[i].release, 0};
        struct lethe_identity id = identity(&s);
        assert_int_equal(quirks_of(&id).path, table[i].path);
        /* and one that emulates it, likewise */
        id.substrate = LETHE_SUBSTRATE_EMULATED;
        id.bus = LETHE_BUS_EMULATED;
        assert_int_equal(quirks_of(&id).path, table[i].path);
    }
}

/* The bridge's profile is the more specific one; the drive's faults come along. */
static void quirks_add_up(void **state)
{
    (void)state;
    const struct seen s = {USB, FLASH, "Crucial_", "x", 0x152d, 0x0578, 0, 0};
    struct lethe_identity id = identity(&s);
    assert_int_equal(quirks_of(&id).words, 0);
    id.bus = LETHE_BUS_ATA;
    snprintf(id.model, sizeof(id.model), "Samsung SSD 840 EVO 1TB");
    struct lethe_quirks quirks = quirks_of(&id);
    assert_true(lethe_quirks_has(&quirks, LETHE_QUIRK_WEAK_ENCRYPTION));
    assert_false(lethe_quirks_has(&quirks, LETHE_QUIRK_SLOW));
    assert_false(lethe_quirks_has(NULL, LETHE_QUIRK_SLOW));
}

static void quirks_cross_as_they_are(void **state)
{
    (void)state;
    struct lethe_quirks all = {.path = LETHE_CARRIES_NVME_ASMEDIA,
                               .words = (1u << LETHE_QUIRK_COUNT) - 1},
                        back;
    json_t *json = lethe_quirks_to_json(&all);
    assert_int_equal(lethe_quirks_from_json(json, &back, NULL), 0);
    assert_int_equal(back.path, all.path);
    assert_int_equal(back.words, all.words);
    json_decref(json);
    static const char *const bad[] = {
        "{}",
        "{\"path\":\"sat16\"}",
        "{\"path\":\"usb\",\"words\":[]}",
        "{\"path\":\"none\",\"words\":[\"fast\"]}",
        "{\"path\":\"none\",\"words\":[1]}",
        "{\"path\":3,\"words\":[]}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        LETHE_JSON_AUTO *bent = lethe_json_load(bad[i], strlen(bad[i]), 4096, NULL);
        assert_non_null(bent);
        assert_int_equal(lethe_quirks_from_json(bent, &back, NULL), -LETHE_E_INVALID);
    }
    assert_int_equal(lethe_quirks_from_json(NULL, &back, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_carries_parse("sat12"), LETHE_CARRIES_SAT12);
    assert_int_equal(lethe_quirk_parse("sat12"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_find_their_family),
        cmocka_unit_test(phones_find_their_family),
        cmocka_unit_test(every_profile_keeps_the_rules),
        cmocka_unit_test(a_bridge_is_asked_as_its_profile_says),
        cmocka_unit_test(quirks_add_up),
        cmocka_unit_test(quirks_cross_as_they_are),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
