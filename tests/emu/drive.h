/* SPDX-License-Identifier: Apache-2.0 */
/* An emulated drive with firmware, and commands to it as bytes written by hand. */
#ifndef TESTS_EMU_DRIVE_H
#define TESTS_EMU_DRIVE_H

#include "bench.h"

struct drive {
    struct bench bench;
    struct bench_io opened;
    struct lethe_command c; /* the last command, as it came back */
    uint8_t data[4096];
};

/* 1 MiB full of OLD; CONTROLLER in YAML's flow style. */
void drive_new(struct drive *drive, const char *controller);
void drive_end(struct drive *drive);
/* Pulled out and plugged in again, by the operator. */
void drive_power_cycle(struct drive *drive);
/* Power comes back after a cut that the device had by itself: another supervisor finds it. */
void drive_power_back(struct drive *drive);

/* HEX with spaces. For data out what is in drive->data goes. Returns what lethe_io_command does. */
int drive_send(struct drive *drive, enum lethe_command_set set, const char *hex,
               enum lethe_direction direction, size_t len);
#define SCSI(drive, hex) drive_send(drive, LETHE_SET_SCSI, hex, LETHE_DATA_NONE, 0)
#define SCSI_IN(drive, hex, len) drive_send(drive, LETHE_SET_SCSI, hex, LETHE_DATA_IN, len)
#define SCSI_OUT(drive, hex, len) drive_send(drive, LETHE_SET_SCSI, hex, LETHE_DATA_OUT, len)
/* The completion's status; CDW10 and CDW11 in hex, big-endian for the eye. */
unsigned drive_nvme(struct drive *drive, uint8_t opcode, uint32_t nsid, uint32_t dw10,
                    uint32_t dw11, enum lethe_direction direction, size_t len);
/* The card's status, or -errno; the first through the node of AREA. */
int64_t drive_mmc_area(struct drive *drive, unsigned area, unsigned index, uint32_t argument,
                       enum lethe_direction direction, size_t len);
int64_t drive_mmc(struct drive *drive, unsigned index, uint32_t argument,
                  enum lethe_direction direction, size_t len);

/* Sense key << 16 | ASC << 8 | ASCQ of the last command; 0 when it was good. */
uint32_t drive_sense(const struct drive *drive);
/* Is LEN of the answer this HEX? Prints both when not. */
void drive_expect(const void *data, const char *hex);
/* What of the device is as it was made; area by name. */
json_int_t drive_remains(struct drive *drive, const char *area);
/* Blocks of 512 bytes of main: all there are. */
#define ALL_OLD (MIB / 512)
/* Until REQUEST SENSE, log or status say that it is over: a duration for tests. */
void drive_wait_ms(unsigned ms);
static inline unsigned word_of(const struct drive *drive, unsigned number)
{
    return drive->data[2 * number] | (unsigned)drive->data[2 * number + 1] << 8;
}

#endif
