/* SPDX-License-Identifier: Apache-2.0 */
/* The phone's file system as far as a shell user sees it: shared storage and /data/local/tmp. */
#include "emu/phone/file.h"

#include "base/file.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int android_path(const struct phone *phone, const char *path, char out[PATH_MAX])
{
    static const struct {
        const char *prefix, *area;
    } places[] = {{"/sdcard", "userdata/media"},
                  {"/storage/emulated/0", "userdata/media"},
                  {"/storage/self/primary", "userdata/media"},
                  {"/mnt/sdcard", "userdata/media"},
                  {"/data/local/tmp", "userdata/tmp"}};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        size_t len = strlen(places[i].prefix);
        if (strncmp(path, places[i].prefix, len) != 0 || (path[len] && path[len] != '/'))
            continue;
        if (phone_storage_path(phone, places[i].area, path + len, out, NULL) < 0)
            return -EACCES;
        return 0;
    }
    return strncmp(path, "/data", 5) == 0 ? -EACCES : -ENOENT;
}

/* The folders above PATH, and the two that every phone has. */
static int make_parents(const char *path)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash || !lethe_text_format(dir, sizeof(dir), "%.*s", (int)(slash - path), path))
        return -ENAMETOOLONG;
    return lethe_dir_make(dir, 0700, NULL) < 0 ? -EIO : 0;
}

int android_create(const struct phone *phone, const char *path, struct android_file *out)
{
    struct stat st;
    uint64_t size = phone_trait_count(phone, "storage", 64 << 20);
    *out = (struct android_file){.fd = -1};
    int rc = android_path(phone, path, out->path);
    if (rc == 0)
        rc = make_parents(out->path);
    if (rc < 0)
        return rc;
    if (stat(out->path, &st) == 0 && S_ISDIR(st.st_mode))
        return -EISDIR;
    out->fd = lethe_file_open(out->path, O_WRONLY | O_CREAT | O_TRUNC, 0600, NULL);
    if (out->fd < 0)
        return -EIO;
    uint64_t used = phone_storage_used(phone);
    if (phone_fault(phone, PHONE_FAULT_NO_SPACE))
        size /= 2;
    out->room = used < size ? size - used : 0;
    return 0;
}

int android_put(struct android_file *file, const void *data, size_t len)
{
    size_t n = len < file->room ? len : (size_t)file->room;
    if (n > 0 && write(file->fd, data, n) != (ssize_t)n)
        return -EIO;
    file->room -= n;
    return n < len ? -ENOSPC : 0;
}

int android_look(const struct phone *phone, const char *path, struct android_file *out)
{
    char local[PATH_MAX];
    struct stat st;
    *out = (struct android_file){.fd = -1};
    int rc = android_path(phone, path, local);
    if (rc < 0)
        return rc;
    if (stat(local, &st) < 0)
        return -ENOENT;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    out->fd = lethe_file_open(local, O_RDONLY, 0, NULL);
    out->lies = phone_fault(phone, PHONE_FAULT_FILL_LIES) != NULL;
    return out->fd < 0 ? -EIO : 0;
}

ssize_t android_get(const struct android_file *file, void *data, size_t len, uint64_t offset)
{
    ssize_t n = pread(file->fd, data, len, (off_t)offset);
    for (ssize_t i = 0; file->lies && i < n; i++)
        ((uint8_t *)data)[i] ^= 0x5a;
    return n < 0 ? -EIO : n;
}

void android_file_close(struct android_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

void android_file_drop(struct android_file *file)
{
    if (file->fd >= 0)
        unlink(file->path);
    android_file_close(file);
}
