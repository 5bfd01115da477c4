/* SPDX-License-Identifier: Apache-2.0 */
/* The block nodes of an eMMC's areas: "mmcblk0", "mmcblk0boot0", "mmcblk0gp1". RPMB has another
 * kind of node, and opens to its key only. */
#include <lethe/io.h>
#include <string.h>

static const char *const names[LETHE_MMC_AREAS] = {
    [1] = "boot0", [2] = "boot1", [4] = "gp0", [5] = "gp1", [6] = "gp2", [7] = "gp3"};

const char *lethe_mmc_area_name(unsigned area)
{
    return area < LETHE_MMC_AREAS ? names[area] : NULL;
}

unsigned lethe_mmc_area_of(const char *node)
{
    static const char card[] = "mmcblk";
    const char *slash = strrchr(node, '/'), *name = slash ? slash + 1 : node;
    if (strncmp(name, card, sizeof(card) - 1) != 0)
        return 0;
    name += sizeof(card) - 1;
    name += strspn(name, "0123456789");
    for (unsigned area = 1; area < LETHE_MMC_AREAS; area++)
        if (names[area] && strcmp(name, names[area]) == 0)
            return area;
    return 0;
}
