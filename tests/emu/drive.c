/* SPDX-License-Identifier: Apache-2.0 */
#include "drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void open_it(struct drive *drive)
{
    bench_claim(&drive->bench);
    drive->opened = bench_io(&drive->bench, true);
}

static void close_it(struct drive *drive)
{
    bench_io_close(&drive->opened);
    bench_release(&drive->bench);
}

void drive_new(struct drive *drive, const char *controller)
{
    char text[2048];
    memset(drive, 0, sizeof(*drive));
    snprintf(text, sizeof(text),
             "devices:\n"
             "  - name: disk\n"
             "    vendor: Acme\n"
             "    model: Purgeable 3000\n"
             "    serial: S3R1AL42\n"
             "    wwn: 5000c500a1b2c3d4\n"
             "    firmware: FW1.0203\n"
             "    capacity: 1MiB\n"
             "    media: flash\n"
             "    contents: \"text:o\"\n"
             "    controller: %s\n",
             controller);
    bench_new(&drive->bench, text);
    bench_load(&drive->bench);
    bench_claim(&drive->bench);
    drive->opened = bench_io(&drive->bench, true);
}

void drive_end(struct drive *drive)
{
    bench_io_close(&drive->opened);
    bench_end(&drive->bench);
}

void drive_power_cycle(struct drive *drive)
{
    close_it(drive);
    assert_int_equal(lethe_emu_power_cycle(&drive->bench.list.devices[0], &drive->bench.err), 0);
    open_it(drive);
}

void drive_power_back(struct drive *drive)
{
    int status;
    close_it(drive);
    pid_t child = fork();
    if (child == 0) {
        struct lethe_held *held;
        struct lethe_error err;
        _exit(lethe_driver_emu.claim(NULL, &drive->bench.list.devices[0], &held, &err) == 0 ? 0
                                                                                            : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    open_it(drive);
}

static size_t unhex(const char *hex, uint8_t *out, size_t size)
{
    size_t n = 0;
    for (char *end; *hex && n < size; hex = end) {
        unsigned long byte = strtoul(hex, &end, 16);
        if (end == hex)
            break;
        out[n++] = (uint8_t)byte;
    }
    return n;
}

int drive_send(struct drive *drive, enum lethe_command_set set, const char *hex,
               enum lethe_direction direction, size_t len)
{
    drive->c = (struct lethe_command){.set = set,
                                      .direction = direction,
                                      .data = drive->data,
                                      .data_len = len,
                                      .timeout_ms = 20000};
    drive->c.n_bytes = unhex(hex, drive->c.bytes, sizeof(drive->c.bytes));
    if (direction == LETHE_DATA_IN)
        memset(drive->data, 0xee, sizeof(drive->data));
    return lethe_io_command(drive->opened.io, &drive->c);
}

unsigned drive_nvme(struct drive *drive, uint8_t opcode, uint32_t nsid, uint32_t dw10,
                    uint32_t dw11, enum lethe_direction direction, size_t len)
{
    drive->c = (struct lethe_command){.set = LETHE_SET_NVME,
                                      .n_bytes = 64,
                                      .direction = direction,
                                      .data = drive->data,
                                      .data_len = len,
                                      .timeout_ms = 20000};
    drive->c.bytes[0] = opcode;
    memcpy(drive->c.bytes + 4, &nsid, 4);
    memcpy(drive->c.bytes + 40, &dw10, 4);
    memcpy(drive->c.bytes + 44, &dw11, 4);
    assert_int_equal(lethe_io_command(drive->opened.io, &drive->c), 0);
    return (unsigned)((uint64_t)drive->c.result >> 32) & 0x3fff;
}

int64_t drive_mmc_area(struct drive *drive, unsigned area, unsigned index, uint32_t argument,
                       enum lethe_direction direction, size_t len)
{
    char hex[32];
    snprintf(hex, sizeof(hex), "%02x 00 %02x %02x %02x %02x %02x", index, argument >> 24,
             argument >> 16 & 0xff, argument >> 8 & 0xff, argument & 0xff, area);
    if (area == 0)
        hex[6 * 3 - 1] = '\0';
    int rc = drive_send(drive, LETHE_SET_MMC, hex, direction, len);
    const uint8_t *r = drive->c.sense;
    return rc < 0 ? rc
                  : (int64_t)((uint32_t)r[0] << 24 | (uint32_t)r[1] << 16 | (uint32_t)r[2] << 8 |
                              r[3]);
}

int64_t drive_mmc(struct drive *drive, unsigned index, uint32_t argument,
                  enum lethe_direction direction, size_t len)
{
    return drive_mmc_area(drive, 0, index, argument, direction, len);
}

uint32_t drive_sense(const struct drive *drive)
{
    const uint8_t *s = drive->c.sense;
    if (drive->c.result == 0)
        return 0;
    assert_int_equal(drive->c.result, 2);
    return s[0] == 0x72 ? (uint32_t)s[1] << 16 | (uint32_t)s[2] << 8 | s[3]
                        : (uint32_t)s[2] << 16 | (uint32_t)s[12] << 8 | s[13];
}

void drive_expect(const void *data, const char *hex)
{
    uint8_t want[512];
    size_t n = unhex(hex, want, sizeof(want));
    if (memcmp(data, want, n) == 0)
        return;
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "%02x ", ((const uint8_t *)data)[i]);
    fail_msg("is not %s", hex);
}

json_int_t drive_remains(struct drive *drive, const char *area)
{
    json_t *found;
    assert_int_equal(lethe_emu_remains(&drive->bench.list.devices[0], &found, &drive->bench.err),
                     0);
    const json_t *n = json_object_get(found, area);
    assert_true(json_is_integer(n));
    json_int_t count = json_integer_value(n);
    json_decref(found);
    return count;
}

void drive_wait_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}
