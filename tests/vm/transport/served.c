/* SPDX-License-Identifier: Apache-2.0 */
#include "served.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

noreturn void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

void serve(struct served *out, const char *file, const char *name)
{
    struct lethe_error err = {0};
    char target[64];
    snprintf(target, sizeof(target), "emu:%s", name);
    memset(out, 0, sizeof(*out));
    if (lethe_emu_load(file, &out->list, &err) < 0)
        die("%s", err.what);
    for (size_t i = 0; i < out->list.n && !out->held; i++) {
        if (strcmp(out->list.devices[i].target, target) != 0)
            continue;
        if (!json_object_get(out->list.devices[i].config, "controller"))
            die("%s has no controller", name);
        if (lethe_driver_emu.claim(NULL, &out->list.devices[i], &out->held, &err) < 0 ||
            lethe_driver_emu.spec(out->held, true, &out->spec, &err) < 0 ||
            lethe_driver_emu.open(&out->spec, 0, &out->io, &err) < 0)
            die("%s", err.what);
    }
    if (!out->held)
        die("%s describes no device %s", file, name);
    if (lethe_io_info(out->io, &out->info) < 0)
        exit(GONE);
    out->model = (const struct model *)out->io;
}

enum lethe_direction cdb_direction(const uint8_t *cdb, size_t data_len)
{
    if (data_len == 0)
        return LETHE_DATA_NONE;
    switch (cdb[0]) {
    case 0x04:
    case 0x0a:
    case 0x15:
    case 0x2a:
    case 0x41:
    case 0x42:
    case 0x48:
    case 0x55:
    case 0x8a:
    case 0x93:
    case 0xaa:
    case 0xb5:
    case 0xe5:
        return LETHE_DATA_OUT;
    case 0x85:
        return cdb[2] & 8 ? LETHE_DATA_IN : LETHE_DATA_OUT;
    case 0xa1:
        if (cdb[1] & 0x80) /* not ATA: JMicron's NVMe */
            return (cdb[1] & 15) == 0 || (cdb[1] & 15) == 3 ? LETHE_DATA_OUT : LETHE_DATA_IN;
        return cdb[2] & 8 ? LETHE_DATA_IN : LETHE_DATA_OUT;
    default:
        return LETHE_DATA_IN;
    }
}

int put_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = write(fd, text, strlen(text));
    int rc = n < 0 ? -errno : 0;
    close(fd);
    return rc;
}

const char *get_file(const char *path)
{
    static char text[512];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return text;
}
