/* SPDX-License-Identifier: Apache-2.0 */
/* Any sequence of commands to each kind of controller, with power cycles in between: the firmware
 * neither crashes nor forgets what a drive is. The first byte says which; then, again and again,
 * one byte with set and direction, one with the length, that many bytes of command. */
#include "base/json.h"
#include "emu/disk.h"
#include "emu/model/model.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CAPACITY (1u << 20)
#define LIES ", \"milliseconds\": 0, \"faults\": [{\"kind\": \"fails\", \"times\": 1}]}"
#define IDENTITY                                                                                   \
    "{\"class\":\"disk\",\"bus\":\"emulated\",\"media\":\"flash\",\"substrate\":\"emulated\","     \
    "\"vendor\":\"A\",\"model\":\"M\",\"firmware\":\"F\",\"capacity\":1048576,"                    \
    "\"logical_block\":512,\"physical_block\":512,\"identifiers\":[]}"

static const char *const controllers[] = {
    "{\"kind\": \"ata\", \"hpa\": 4096, \"spare\": 4096" LIES,
    "{\"kind\": \"ata\", \"features\": [\"dco\", \"amac\", \"security\", \"opal\", \"trim\", "
    "\"sanitize-crypto\", \"unreadable-after-crypto\"], \"dco\": 8192, \"psid\": \"P\"" LIES,
    "{\"kind\": \"ata\", \"bridge\": \"sat-fixed-sense\"" LIES,
    "{\"kind\": \"scsi\", \"sector\": 520" LIES,
    "{\"kind\": \"scsi\", \"features\": [\"zoned\", \"sanitize-overwrite\", \"format\", "
    "\"pyrite\"], \"zone\": 65536, \"psid\": \"P\"" LIES,
    "{\"kind\": \"nvme\", \"namespaces\": [\"64KiB\", \"128KiB\"]" LIES,
    "{\"kind\": \"nvme\", \"bridge\": \"jmicron-nvme\"" LIES,
    "{\"kind\": \"nvme\", \"bridge\": \"realtek-nvme\"" LIES,
    "{\"kind\": \"nvme\", \"bridge\": \"asmedia-nvme\"" LIES,
    "{\"kind\": \"mmc\", \"boot\": \"128KiB\", \"gp\": [\"512KiB\"]" LIES,
    "{\"kind\": \"sd\"" LIES,
};
#define CONTROLLERS (sizeof(controllers) / sizeof(*controllers))

static void check(struct lethe_io *io, const struct model_state *s)
{
    struct lethe_io_info info;
    uint8_t block[512];
    if (lethe_io_info(io, &info) == 0 && info.capacity > CAPACITY)
        abort();
    if (s->sanitize.status > 4 || s->hidden.max * 512 > CAPACITY ||
        s->hidden.volatile_max * 512 > CAPACITY || s->hidden.native * 512 > CAPACITY ||
        s->operation.kind > OPERATION_REVERT || s->tcg.reply_len > sizeof(s->tcg.reply))
        abort();
    for (size_t i = 0; i < ZONES_MAX; i++)
        if (s->zones[i] * 512 > CAPACITY)
            abort();
    (void)lethe_io_pread(io, block, sizeof(block), 0);
}

static struct lethe_io *medium(int fd, struct lethe_emu_state *power)
{
    static const struct disk_shape shape = {CAPACITY, 512, 512};
    struct lethe_io *disk = NULL;
    if (disk_open(fd, -1, power, &shape, &disk, NULL) < 0)
        abort();
    return disk;
}

static void play(struct lethe_io *io, struct lethe_emu_state *power, const uint8_t *data,
                 size_t size)
{
    static uint8_t buffer[65536];
    static const size_t lengths[] = {0, 5, 8, 14, 512, 1024, 4096, sizeof(buffer)};
    while (size >= 2) {
        struct lethe_command c = {.set = (data[0] & 3) == 0   ? LETHE_SET_SCSI
                                         : (data[0] & 3) == 1 ? LETHE_SET_NVME
                                         : (data[0] & 3) == 2 ? LETHE_SET_MMC
                                                              : LETHE_SET_SCSI,
                                  .direction = (enum lethe_direction)((data[0] >> 2 & 3) % 3),
                                  .data = buffer,
                                  .data_len = lengths[data[0] >> 4 & 7],
                                  .timeout_ms = 50};
        size_t n = data[1] & 127;
        if (data[0] & 0x80)
            power->generation++;
        data += 2;
        size -= 2;
        n = n < size ? n : size;
        c.n_bytes = c.set == LETHE_SET_NVME ? 64 : c.set == LETHE_SET_MMC ? 6 : n < 16 ? n : 16;
        memcpy(c.bytes, data, n < c.n_bytes ? n : c.n_bytes);
        if (c.direction == LETHE_DATA_NONE)
            c.data_len = 0;
        /* What follows is also what goes out as data. */
        if (c.direction == LETHE_DATA_OUT)
            memcpy(buffer, data, size < sizeof(buffer) ? size : sizeof(buffer));
        data += n;
        size -= n;
        int rc = lethe_io_command(io, &c);
        if (rc == 0 && (c.n_sense > sizeof(c.sense) || c.transferred > c.data_len))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lethe_emu_state power;
    struct controller controller;
    struct lethe_error err;
    struct lethe_io *io;
    if (size < 1)
        return 0;
    const char *text = controllers[data[0] % CONTROLLERS];
    json_t *json = lethe_json_load(text, strlen(text), 65536, &err);
    json_t *identity = lethe_json_load(IDENTITY, strlen(IDENTITY), 65536, &err);
    if (!json || !identity ||
        controller_parse(json, identity, CAPACITY, 512, &controller, &err) < 0)
        abort();
    json_decref(json);
    json_decref(identity);
    memset(&power, 0, sizeof(power));
    int medium_fd = memfd_create("medium", 0), firmware = memfd_create("firmware", 0);
    if (ftruncate(medium_fd, CAPACITY) < 0 || model_make(firmware, &controller, &err) < 0 ||
        model_open(medium(medium_fd, &power), medium_fd, firmware, true, &controller, &power, &io,
                   &err) < 0)
        abort();
    play(io, &power, data + 1, size - 1);
    check(io, ((struct model *)io)->state);
    lethe_io_close(io);
    close(medium_fd);
    close(firmware);
    return 0;
}
