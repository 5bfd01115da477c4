/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/facts.h>
#include <string.h>

static const char *const protocols[] = {
    [LETHE_PROTOCOL_NONE] = "none",        [LETHE_PROTOCOL_ATA] = "ata",
    [LETHE_PROTOCOL_SCSI] = "scsi",        [LETHE_PROTOCOL_NVME] = "nvme",
    [LETHE_PROTOCOL_MMC] = "mmc",          [LETHE_PROTOCOL_SD] = "sd",
    [LETHE_PROTOCOL_IOS] = "ios",          [LETHE_PROTOCOL_ADB] = "adb",
    [LETHE_PROTOCOL_FASTBOOT] = "fastboot"};
#define SPELLING(symbol, spelling) [LETHE_##symbol##_BIT] = spelling,
static const char *const capabilities[] = {LETHE_CAPABILITIES(SPELLING)};
#undef SPELLING
static const char *const conditions[] = {[LETHE_CONDITION_UNKNOWN] = "unknown",
                                         [LETHE_CONDITION_GOOD] = "good",
                                         [LETHE_CONDITION_WORN] = "worn",
                                         [LETHE_CONDITION_FAILING] = "failing"};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *lethe_protocol_name(enum lethe_protocol protocol)
{
    return (unsigned)protocol < COUNT(protocols) ? protocols[protocol] : "?";
}

int lethe_protocol_parse(const char *spelling)
{
    for (size_t i = 0; i < COUNT(protocols); i++)
        if (strcmp(protocols[i], spelling) == 0)
            return (int)i;
    return -1;
}

const char *lethe_capability_name(enum lethe_capability_bit bit)
{
    return (unsigned)bit < COUNT(capabilities) ? capabilities[bit] : "?";
}

const char *lethe_condition_name(enum lethe_condition triage)
{
    return (unsigned)triage < COUNT(conditions) ? conditions[triage] : "?";
}

int lethe_condition_parse(const char *spelling)
{
    for (size_t i = 0; i < COUNT(conditions); i++)
        if (strcmp(conditions[i], spelling) == 0)
            return (int)i;
    return -1;
}
