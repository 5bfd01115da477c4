/* SPDX-License-Identifier: Apache-2.0 */
/* A disk image in a plain file: a device class of its own. */
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "scan/disk.h"
#include "scan/held.h"
#include "scan/sysfs.h"
#include "scan/uses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void lethe_backing_id(char out[32], const struct stat *st, uint64_t offset, uint64_t limit)
{
    char machine[64], text[256];
    uint8_t hash[LETHE_HASH_SIZE];
    dev_t number = S_ISBLK(st->st_mode) ? st->st_rdev : st->st_dev;
    lethe_sys_text(machine, sizeof machine, "/etc/machine-id");
    lethe_text_format(text, sizeof text, "%u:%u %llu %s %llu %llu", major(number), minor(number),
                      S_ISBLK(st->st_mode) ? 0ULL : (unsigned long long)st->st_ino, machine,
                      (unsigned long long)offset, (unsigned long long)limit);
    lethe_sha256(hash, text, strlen(text));
    char hex[17];
    lethe_hex_encode(hex, hash, 8);
    lethe_text_format(out, 32, "backing-%s", hex);
}

static void image_identity(const struct stat *st, struct lethe_identity *id)
{
    char backing[32];
    *id = (struct lethe_identity){.class_ = LETHE_CLASS_IMAGE,
                                  .bus = LETHE_BUS_FILE,
                                  .media = LETHE_MEDIA_FILE,
                                  .substrate = LETHE_SUBSTRATE_IMAGE,
                                  .capacity = (uint64_t)st->st_size,
                                  .logical_block = 512,
                                  .physical_block = 4096};
    lethe_backing_id(backing, st, 0, 0);
    lethe_identity_add(id, LETHE_ID_BACKING, LETHE_SOURCE_DEVICE, backing);
}

/* By its name, or by what a boot sector ends in (MBR, protective MBR, FAT, NTFS). */
static bool looks_like_image(const char *path)
{
    static const char *const endings[] = {".img", ".raw", ".dd", ".bin", ".ima", ".image", ".disk"};
    const char *dot = strrchr(path, '.');
    uint8_t mark[2] = {0};
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (!strcasecmp(dot, endings[i]))
            return true;
    LETHE_FD_AUTO fd = lethe_file_open(path, O_RDONLY, 0, NULL);
    return fd >= 0 && pread(fd, mark, sizeof mark, 510) == (ssize_t)sizeof mark &&
           mark[0] == 0x55 && mark[1] == 0xAA;
}

/* No command that changes a file is offered for one that may be anybody's letter or key. */
static int refuse_size(const char *path, const struct stat *st, struct lethe_error *err)
{
    static const char images[] = "a disk image is a copy of a whole disk, a multiple of 512 bytes";
    long long size = (long long)st->st_size;
    char quoted[200];
    if (size == 0) {
        lethe_fail(err, LETHE_E_REFUSED, "%s is empty: there is nothing to erase", path);
        lethe_error_remedy(err, "name a whole disk (lethe list) or a disk image with contents");
    } else if (looks_like_image(path) && lethe_shell_word(quoted, sizeof quoted, path)) {
        lethe_fail(err, LETHE_E_REFUSED, "%s has %lld bytes: no whole number of sectors", path,
                   size);
        lethe_error_remedy(err, "%s; fill it up: truncate -s %%512 %s", images, quoted);
    } else {
        lethe_fail(err, LETHE_E_REFUSED, "%s has %lld bytes and does not look like a disk image",
                   path, size);
        lethe_error_remedy(err, "name a whole disk (lethe list) or a disk image; %s", images);
    }
    lethe_error_effect(err, "nothing was changed");
    return -LETHE_E_REFUSED;
}

int lethe_image_read(const struct lethe_scan *scan, const char *path, const struct stat *st,
                     struct lethe_device *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (st->st_size == 0 || st->st_size % 512 != 0)
        return refuse_size(path, st, err);
    if (!lethe_text_format(out->node, sizeof out->node, "%s", path)) {
        int rc = lethe_fail(err, LETHE_E_LIMIT, "the path %.80s... is longer than %zu bytes", path,
                            sizeof out->node - 1);
        lethe_error_remedy(err, "move the image to a shorter path");
        return rc;
    }
    lethe_text_format(out->target, sizeof out->target, "%s", path);
    lethe_text_format(out->driver, sizeof out->driver, "image");
    lethe_text_format(out->substrate_reason, sizeof out->substrate_reason, "a plain file");
    image_identity(st, &out->identity);
    return lethe_uses_file(scan->env, &scan->graph, path, st->st_dev, st->st_ino, out, err);
}

static int image_claim(const struct lethe_scan_env *env, const struct lethe_device *device,
                       struct lethe_held **out, struct lethe_error *err)
{
    int rc = lethe_device_refuse(device, err);
    if (rc < 0)
        return rc;
    struct lethe_held *held = lethe_held_new(env, device, err);
    if (!held)
        return -LETHE_E_INTERNAL;
    held->fd = lethe_image_claim(device->node, err);
    rc = held->fd < 0 ? held->fd : 0;
    if (rc == -LETHE_E_BUSY)
        rc = lethe_held_blame(held, err);
    struct lethe_device now = {0};
    struct stat st = {0}, named = {0};
    if (rc == 0 && (fstat(held->fd, &st) < 0 || stat(device->node, &named) < 0))
        rc = lethe_fail_errno(err, errno, "cannot look at %s", device->node);
    if (rc == 0 && (st.st_dev != named.st_dev || st.st_ino != named.st_ino))
        rc = lethe_fail(err, LETHE_E_CHANGED, "%s is another file than a moment ago", device->node);
    if (rc == 0)
        rc = lethe_scan_target(env, device->node, &now, err);
    if (rc == 0)
        rc = lethe_device_refuse(&now, err);
    if (rc == 0)
        rc = lethe_identity_same(&device->identity, &now.identity, err);
    lethe_device_clear(&now);
    if (rc < 0) {
        lethe_held_free(held);
        return rc;
    }
    *out = held;
    return 0;
}

static int image_identify(struct lethe_held *held, struct lethe_identity *out,
                          struct lethe_error *err)
{
    struct stat st;
    int rc = lethe_image_held(held->fd, err);
    if (rc < 0)
        return rc;
    if (fstat(held->fd, &st) < 0)
        return lethe_fail_errno(err, errno, "cannot look at %s", held->device.node);
    if (st.st_nlink == 0) {
        rc = lethe_fail(err, LETHE_E_GONE, "%s was deleted", held->device.node);
        lethe_error_effect(err, "its blocks are freed, whatever was written");
        return rc;
    }
    image_identity(&st, out);
    return 0;
}

static int image_spec(struct lethe_held *held, bool writable, struct lethe_io_spec *out,
                      struct lethe_error *err)
{
    return lethe_held_spec("image", lethe_image_reopen(held->fd, writable, err), writable, out);
}

const struct lethe_driver lethe_driver_image = {
    .name = "image",
    .claim = image_claim,
    .identify = image_identify,
    .spec = image_spec,
    .release = lethe_held_free,
    .open = lethe_held_open,
};
