/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and R1 (JESD84-B51 6.10, 6.13); registers are read in mmc_registers.c and ext_csd.c. */
#include "proto/mmc.h"

#include "proto/bytes.h"

#include <inttypes.h>

#define SECTOR 512

int lethe_mmc_cmd_erase(enum lethe_mmc_kind kind, enum lethe_mmc_erase how, uint64_t first,
                        uint64_t last, bool byte_addressed, unsigned timeout_ms,
                        struct lethe_mmc_command out[LETHE_MMC_ERASE_COMMANDS],
                        struct lethe_error *err)
{
    uint64_t unit = byte_addressed ? SECTOR : 1;
    if (how == LETHE_MMC_DISCARD)
        return lethe_fail(err, LETHE_E_REFUSED, "discard leaves the data where it is");
    if (kind == LETHE_MMC_SD && how != LETHE_MMC_ERASE)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "SD cards have only the plain erase");
    if (first > last || last > UINT32_MAX / unit)
        return lethe_fail(err, LETHE_E_USAGE,
                          "sectors %" PRIu64 " to %" PRIu64 " cannot be erased at once", first,
                          last);
    uint8_t start = kind == LETHE_MMC_SD ? 32 : 35;
    out[0] = (struct lethe_mmc_command){
        .opcode = start, .argument = (uint32_t)(first * unit), .response = LETHE_MMC_R1};
    out[1] = (struct lethe_mmc_command){.opcode = (uint8_t)(start + 1),
                                        .argument = (uint32_t)(last * unit),
                                        .response = LETHE_MMC_R1};
    out[2] = (struct lethe_mmc_command){.opcode = 38,
                                        .argument = (uint32_t)how,
                                        .response = LETHE_MMC_R1B,
                                        .timeout_ms = timeout_ms};
    return 0;
}

struct lethe_mmc_command lethe_mmc_cmd_switch(uint8_t index, uint8_t value, unsigned timeout_ms)
{
    /* JESD84-B51 6.6.1: access 3 (write byte), index, value, command set 0. */
    return (struct lethe_mmc_command){.opcode = 6,
                                      .argument =
                                          3u << 24 | (uint32_t)index << 16 | (uint32_t)value << 8,
                                      .response = LETHE_MMC_R1B,
                                      .timeout_ms = timeout_ms};
}

struct lethe_mmc_command lethe_mmc_cmd_sanitize(unsigned timeout_ms)
{
    return lethe_mmc_cmd_switch(LETHE_MMC_EXT_CSD_SANITIZE_START, 1, timeout_ms);
}

static struct lethe_mmc_command data_in(uint8_t opcode, uint32_t argument, uint16_t size)
{
    return (struct lethe_mmc_command){.opcode = opcode,
                                      .argument = argument,
                                      .response = LETHE_MMC_R1,
                                      .transfer = LETHE_TRANSFER_IN,
                                      .block_size = size,
                                      .blocks = 1};
}

struct lethe_mmc_command lethe_mmc_cmd_send_ext_csd(void)
{
    return data_in(8, 0, LETHE_MMC_EXT_CSD_SIZE);
}

struct lethe_mmc_command lethe_mmc_cmd_read_block(uint64_t block, bool byte_addressed)
{
    return data_in(17, (uint32_t)(byte_addressed ? block * SECTOR : block), SECTOR);
}

struct lethe_mmc_command lethe_mmc_cmd_send_status(uint16_t rca)
{
    return (struct lethe_mmc_command){
        .opcode = 13, .argument = (uint32_t)rca << 16, .response = LETHE_MMC_R1};
}

struct lethe_mmc_command lethe_mmc_cmd_send_write_prot(uint32_t address)
{
    return data_in(30, address, 4);
}

struct lethe_mmc_command lethe_mmc_cmd_send_write_prot_type(uint32_t address)
{
    return data_in(31, address, 8);
}

uint8_t lethe_mmc_write_prot_worst(const uint8_t data[8], unsigned groups)
{
    uint64_t bits = lethe_be64(data);
    uint8_t worst = 0;
    for (unsigned i = 0; i < groups && i < 32; i++) {
        uint8_t type = bits >> (2 * i) & 3;
        if (type > worst)
            worst = type;
    }
    return worst;
}

/* JESD84-B51 table 68: the bits of R1 that are errors. */
static const struct {
    uint8_t bit;
    const char *word;
} errors[] = {
    {31, "address out of range"},
    {30, "address misaligned"},
    {29, "wrong block length"},
    {28, "erase commands out of sequence"},
    {27, "invalid selection for erase"},
    {26, "write protected"},
    {24, "lock or unlock failed"},
    {23, "command CRC error"},
    {22, "illegal command"},
    {21, "ECC failed"},
    {20, "card controller error"},
    {19, "general error"},
    {16, "register could not be overwritten"},
    {15, "write-protected blocks were skipped by erase"},
    {13, "erase sequence was cleared"},
    {7, "switch error"},
};

const char *lethe_mmc_status_word(uint32_t r1)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (r1 >> errors[i].bit & 1)
            return errors[i].word;
    return "";
}

bool lethe_mmc_status_failed(uint32_t r1)
{
    return lethe_mmc_status_word(r1)[0] != '\0';
}
