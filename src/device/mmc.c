/* SPDX-License-Identifier: Apache-2.0 */
/* An eMMC by its EXT_CSD; an SD card, which has none, keeps to host writes. */
#include "device/look.h"

#include "base/text.h"
#include "proto/mmc.h"
#include "proto/smart.h"

#include <errno.h>

#define GROUPS_AT_ONCE 32

static void add_area(struct lethe_facts *f, const char *name, uint64_t bytes, bool protected_)
{
    if (bytes == 0 || f->n_areas == LETHE_AREAS_MAX)
        return;
    lethe_text_format(f->areas[f->n_areas].name, sizeof(f->areas[0].name), "%s", name);
    f->areas[f->n_areas].capacity = bytes;
    f->areas[f->n_areas++].protected_ = protected_;
}

/* EXT_CSD, asked through the node of AREA. 1: an answer that is none; -errno: none. */
static int ask(struct lethe_look *look, unsigned area, struct lethe_ext_csd *out)
{
    uint8_t data[LETHE_MMC_EXT_CSD_SIZE] = {0};
    struct lethe_command c = {.set = LETHE_SET_MMC,
                              .bytes = {8, [6] = (uint8_t)area},
                              .n_bytes = area ? 7 : 6,
                              .direction = LETHE_DATA_IN,
                              .data = data,
                              .data_len = sizeof(data),
                              .timeout_ms = LETHE_LOOK_MS};
    int rc = lethe_io_command(look->io, &c);
    return rc < 0 ? rc : lethe_ext_csd_parse(data, sizeof(data), out, NULL) < 0;
}

/* The worst that CMD31 tells of the user area's groups (JESD84-B51 6.6.37): 0 none, 1 temporary, 2
 * until it loses power, 3 for good. A card that does not answer tells of none. */
static unsigned ask_groups(struct lethe_look *look, const struct lethe_ext_csd *csd)
{
    const uint64_t sector = 512, all = look->identity->capacity;
    uint64_t unit = csd->erase_group_in_use ? csd->write_protect_group : 0;
    unsigned worst = 0;
    for (uint64_t at = 0; unit > 0 && at < all; at += GROUPS_AT_ONCE * unit) {
        uint8_t data[8] = {0};
        uint64_t address = csd->sectors == 0 ? at : at / sector,
                 left = (all - at + unit - 1) / unit;
        struct lethe_mmc_command ask = lethe_mmc_cmd_send_write_prot_type((uint32_t)address);
        struct lethe_command c = {.set = LETHE_SET_MMC,
                                  .bytes = {ask.opcode, 0, (uint8_t)(ask.argument >> 24),
                                            (uint8_t)(ask.argument >> 16),
                                            (uint8_t)(ask.argument >> 8), (uint8_t)ask.argument},
                                  .n_bytes = 6,
                                  .direction = LETHE_DATA_IN,
                                  .data = data,
                                  .data_len = sizeof(data),
                                  .timeout_ms = LETHE_LOOK_MS};
        if (lethe_io_command(look->io, &c) < 0)
            break;
        unsigned type = lethe_mmc_write_prot_worst(data, left < GROUPS_AT_ONCE ? (unsigned)left
                                                                               : GROUPS_AT_ONCE);
        worst = type > worst ? type : worst;
    }
    return worst;
}

static void look_protection(struct lethe_look *look, const struct lethe_ext_csd *csd)
{
    struct lethe_facts *f = look->facts;
    unsigned groups = ask_groups(look, csd);
    f->protection.user = groups > 0 || csd->user_wp_permanent || csd->user_wp_power_on;
    f->protection.user_for_good = groups == 3 || csd->user_wp_permanent;
    f->protection.other = csd->boot_wp_permanent || csd->boot_wp_power_on || csd->boot_wp_status;
}

/* Only through its own node is an area erased: is there one, and does it lead there? An erase that
 * leaves an area behind is not begun. */
static bool reaches_all(struct lethe_look *look, const struct lethe_ext_csd *csd)
{
    struct lethe_ext_csd now;
    for (unsigned area = 1; area < LETHE_MMC_AREAS; area++) {
        uint64_t bytes = area < 3 ? csd->boot_bytes : area > 3 ? csd->gp_bytes[area - 4] : 0;
        if (bytes == 0 || (ask(look, area, &now) == 0 && (now.partition_config & 7) == area))
            continue;
        char obstacle[sizeof(look->facts->obstacle)];
        lethe_text_format(obstacle, sizeof(obstacle),
                          "the card's area %s can't be reached: the kernel has no node for it, or "
                          "it does not lead there",
                          lethe_mmc_area_name(area));
        lethe_look_obstacle(look, obstacle,
                            area > 3 ? "plug the card in again, or use another reader; an "
                                       "overwrite does not reach that area either: else destroy it"
                                     : "plug the card in again; or overwrite it by a Clear policy, "
                                       "which leaves that area as it is; or destroy it");
        return false;
    }
    return true;
}

int lethe_look_mmc(struct lethe_look *look)
{
    struct lethe_facts *f = look->facts;
    struct lethe_ext_csd csd;
    f->hidden_known = true;
    int rc = ask(look, 0, &csd);
    if (rc == -EOPNOTSUPP || rc == -ENOTTY || rc == -ENODEV || rc == -EPERM || rc == -EACCES)
        return rc;
    if (rc != 0) {
        f->protocol = LETHE_PROTOCOL_SD; /* CMD8 is another command there */
        f->path = LETHE_PATH_MMC;
        lethe_look_obstacle(look,
                            "an SD card has no erase command of its own that reaches more "
                            "than the host does",
                            "overwrite it; where Purge is asked for, destroy it");
        return 0;
    }
    f->protocol = LETHE_PROTOCOL_MMC;
    f->path = LETHE_PATH_MMC;
    lethe_text_format(f->firmware, sizeof(f->firmware), "%s", csd.firmware);
    add_area(f, "boot0", csd.boot_bytes, csd.boot_wp_permanent || (csd.boot_wp_status & 3) == 2);
    add_area(f, "boot1", csd.boot_bytes,
             csd.boot_wp_permanent || (csd.boot_wp_status >> 2 & 3) == 2);
    for (int i = 0; i < 4; i++) {
        char name[8];
        lethe_text_format(name, sizeof(name), "gp%d", i);
        add_area(f, name, csd.gp_bytes[i], csd.user_wp_permanent);
    }
    add_area(f, "rpmb", csd.rpmb_bytes, true);
    look_protection(look, &csd);
    if (reaches_all(look, &csd))
        f->can |= LETHE_CAN_MMC_ERASE | (csd.sanitize ? LETHE_CAN_MMC_SANITIZE : 0u);
    lethe_health_add_ext_csd(&look->health, &csd);
    return 0;
}
