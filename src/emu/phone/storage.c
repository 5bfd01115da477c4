/* SPDX-License-Identifier: Apache-2.0 */
/* User data as files of this machine, so that anybody can see whether an erasure erased. */
#include "base/file.h"
#include "base/text.h"
#include "emu/phone/phone.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK 512
#define MARK "LETHE-OLD-DATA:"

static void old_block(char out[BLOCK], const char *area)
{
    char mark[64];
    lethe_text_format(mark, sizeof(mark), MARK "%s:", area);
    for (size_t i = 0, len = strlen(mark); i < BLOCK; i++)
        out[i] = mark[i % len];
}

/* BYTES of old data in STORAGE/FOLDER/NAME. */
static int leave(const char *storage, const char *area, const char *folder, const char *name,
                 uint64_t bytes, struct lethe_error *err)
{
    char dir[PATH_MAX], path[PATH_MAX], block[BLOCK];
    old_block(block, area);
    int rc = lethe_path_join(dir, sizeof(dir), storage, folder, err);
    if (rc == 0)
        rc = lethe_path_join(path, sizeof(path), dir, name, err);
    if (rc == 0)
        rc = lethe_dir_make(dir, 0700, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO fd = lethe_file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600, err);
    if (fd < 0)
        return fd;
    for (uint64_t at = 0; at < bytes; at += BLOCK)
        if (write(fd, block, BLOCK) != BLOCK)
            return lethe_fail_errno(err, errno ? errno : ENOSPC, "cannot write %s", path);
    return 0;
}

int phone_storage_make(const char *storage, uint64_t bytes, bool keys, bool card,
                       struct lethe_error *err)
{
    uint64_t half = bytes / 2 / BLOCK * BLOCK;
    int rc = leave(storage, "userdata", "userdata/media/DCIM/Camera", "IMG_0001.jpg", half, err);
    if (rc == 0)
        rc = leave(storage, "userdata", "userdata/data/messages", "messages.db", half, err);
    if (rc == 0 && keys)
        rc = leave(storage, "metadata", "metadata/vold/metadata_encryption", "key", BLOCK, err);
    if (rc == 0 && card)
        rc = leave(storage, "card", "card/DCIM", "IMG_0002.jpg", half, err);
    return rc;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    return ftw->level == 0 || remove(path) == 0 ? 0 : -1;
}

int phone_storage_erase(const struct phone *phone, const char *area, struct lethe_error *err)
{
    char path[PATH_MAX];
    int rc = lethe_path_join(path, sizeof(path), phone->storage, area, err);
    if (rc == 0 && access(path, F_OK) == 0 && nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0)
        rc = lethe_fail_errno(err, errno, "cannot erase %s", path);
    if (rc == 0 && strcmp(area, "userdata") == 0)
        rc = phone_storage_path(phone, "userdata/media", "", path, err);
    return rc == 0 ? lethe_dir_make(path, 0700, err) : rc;
}

int phone_storage_path(const struct phone *phone, const char *area, const char *name,
                       char out[PATH_MAX], struct lethe_error *err)
{
    for (const char *part = name; *part; part += strspn(part, "/")) {
        size_t len = strcspn(part, "/");
        if ((len == 1 && part[0] == '.') || (len == 2 && memcmp(part, "..", 2) == 0))
            return lethe_fail(err, LETHE_E_REFUSED, "a way out of a phone's storage");
        part += len;
    }
    while (*name == '/')
        name++;
    return lethe_text_format(out, PATH_MAX, "%s/%s%s%s", phone->storage, area, *name ? "/" : "",
                             name)
               ? 0
               : lethe_fail(err, LETHE_E_LIMIT, "the path of a file is too long");
}

/* nftw() takes no argument for its callback; the model's programs have one thread. */
static struct {
    uint64_t bytes, blocks;
    char block[BLOCK];
} sum;

static int add_size(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)path;
    (void)ftw;
    if (type == FTW_F)
        sum.bytes += (uint64_t)st->st_size;
    return 0;
}

uint64_t phone_storage_used(const struct phone *phone)
{
    char path[PATH_MAX];
    sum.bytes = 0;
    if (lethe_path_join(path, sizeof(path), phone->storage, "userdata", NULL) == 0)
        nftw(path, add_size, 16, FTW_PHYS);
    return sum.bytes;
}

static int count_old(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    char block[BLOCK];
    (void)st;
    (void)ftw;
    if (type != FTW_F)
        return 0;
    LETHE_FD_AUTO fd = lethe_file_open(path, O_RDONLY, 0, NULL);
    if (fd < 0)
        return -1;
    while (read(fd, block, BLOCK) == BLOCK)
        sum.blocks += memcmp(block, sum.block, BLOCK) == 0;
    return 0;
}

int phone_storage_remains(const char *storage, json_t **out, struct lethe_error *err)
{
    static const char *const areas[] = {"userdata", "metadata", "card"};
    json_t *found = json_object();
    for (size_t i = 0; i < sizeof(areas) / sizeof(*areas); i++) {
        char path[PATH_MAX];
        sum.blocks = 0;
        old_block(sum.block, areas[i]);
        int rc = lethe_path_join(path, sizeof(path), storage, areas[i], err);
        if (rc == 0 && access(path, F_OK) == 0 && nftw(path, count_old, 16, FTW_PHYS) < 0)
            rc = lethe_fail_errno(err, errno, "cannot look into %s", path);
        if (rc < 0) {
            json_decref(found);
            return rc;
        }
        json_object_set_new(found, areas[i], json_integer((json_int_t)sum.blocks));
    }
    *out = found;
    return 0;
}
