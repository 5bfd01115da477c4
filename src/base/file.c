/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/buf.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define TEMPORARY ".lethe-" /* hidden, and nobody else's */

int lethe_file_open(const char *path, int flags, mode_t mode, struct lethe_error *err)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd >= 0 ? fd : lethe_fail_errno(err, errno, "cannot open %s", path);
}

static int read_all(int fd, const char *path, size_t max, struct lethe_buf *out,
                    struct lethe_error *err)
{
    char chunk[16384];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lethe_fail_errno(err, errno, "cannot read %s", path);
        if (got == 0)
            return 0;
        if ((size_t)got > max - out->len)
            return lethe_fail(err, LETHE_E_LIMIT, "%s is larger than %zu bytes", path, max);
        if (lethe_buf_add(out, chunk, (size_t)got) < 0)
            return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
}

int lethe_file_read(const char *path, size_t max, char **out, size_t *len, struct lethe_error *err)
{
    LETHE_FD_AUTO opened = -1;
    LETHE_BUF_AUTO text = {0};
    bool standard_input = strcmp(path, "-") == 0;
    if (!standard_input && (opened = lethe_file_open(path, O_RDONLY, 0, err)) < 0)
        return opened;
    int rc = read_all(standard_input ? STDIN_FILENO : opened,
                      standard_input ? "standard input" : path, max, &text, err);
    if (rc < 0)
        return rc;
    *len = text.len;
    *out = lethe_buf_take(&text);
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

/* The directory that PATH is in. */
static int parent_of(const char *path, char dir[PATH_MAX], struct lethe_error *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (len >= PATH_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", path);
    if (len == 0) {
        path = slash ? "/" : ".";
        len = 1;
    }
    memcpy(dir, path, len);
    dir[len] = '\0';
    return 0;
}

static int sync_parent(const char *path, struct lethe_error *err)
{
    char dir[PATH_MAX];
    int rc = parent_of(path, dir, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO fd = lethe_file_open(dir, O_RDONLY | O_DIRECTORY, 0, err);
    if (fd < 0)
        return fd;
    return fsync(fd) == 0 ? 0 : lethe_fail_errno(err, errno, "cannot sync the directory %s", dir);
}

static int write_all(int fd, const char *path, const char *data, size_t len,
                     struct lethe_error *err)
{
    while (len > 0) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return lethe_fail_errno(err, errno, "cannot write %s", path);
        data += put;
        len -= (size_t)put;
    }
    return 0;
}

int lethe_file_write(const char *path, const void *data, size_t len, mode_t mode,
                     struct lethe_error *err)
{
    char temporary[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int n = snprintf(temporary, sizeof(temporary), "%.*s" TEMPORARY "XXXXXX",
                     slash ? (int)(slash + 1 - path) : 0, path);
    if (n < 0 || (size_t)n >= sizeof(temporary))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", path);
    LETHE_FD_AUTO fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return lethe_fail_errno(err, errno, "cannot create a file beside %s", path);
    int rc = write_all(fd, path, data, len, err);
    if (rc == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
        rc = lethe_fail_errno(err, errno, "cannot make %s durable", path);
    if (rc == 0 && rename(temporary, path) < 0)
        rc = lethe_fail_errno(err, errno, "cannot put %s in place", path);
    if (rc < 0) {
        unlink(temporary);
        return rc;
    }
    return sync_parent(path, err);
}

static int remove_temporary(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    const char *name = path + ftw->base;
    if (type == FTW_F && strncmp(name, TEMPORARY, strlen(TEMPORARY)) == 0 &&
        strlen(name) == strlen(TEMPORARY "XXXXXX"))
        unlink(path);
    return 0;
}

void lethe_dir_tidy(const char *path)
{
    nftw(path, remove_temporary, 8, FTW_PHYS);
}

static int make_one(const char *path, mode_t mode, struct lethe_error *err)
{
    struct stat st;
    if (mkdir(path, mode) == 0)
        return 0;
    if (errno != EEXIST)
        return lethe_fail_errno(err, errno, "cannot make the directory %s", path);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    return lethe_fail_errno(err, ENOTDIR, "cannot make the directory %s", path);
}

int lethe_dir_make(const char *path, mode_t mode, struct lethe_error *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof(part))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", path);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (part[i] != '/')
            continue;
        part[i] = '\0';
        int rc = make_one(part, mode, err);
        if (rc < 0)
            return rc;
        part[i] = '/';
    }
    return make_one(part, mode, err);
}

int lethe_file_lock(const char *path, bool wait, struct lethe_error *err)
{
    int fd = lethe_file_open(path, O_RDWR | O_CREAT, 0600, err);
    if (fd < 0)
        return fd;
    int rc;
    do {
        rc = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    } while (rc < 0 && errno == EINTR);
    if (rc == 0)
        return fd;
    rc = errno == EWOULDBLOCK
             ? lethe_fail(err, LETHE_E_BUSY, "another process holds the lock %s", path)
             : lethe_fail_errno(err, errno, "cannot lock %s", path);
    close(fd);
    return rc;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int names_read(DIR *dir, const char *path, char ***names, struct lethe_error *err)
{
    size_t n = 0, cap = 0;
    for (;;) {
        if (n + 1 >= cap) {
            cap = cap ? cap * 2 : 16;
            char **more = realloc(*names, cap * sizeof(*more));
            if (!more)
                return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
            *names = more;
        }
        (*names)[n] = NULL;
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry && errno)
            return lethe_fail_errno(err, errno, "cannot read the directory %s", path);
        if (!entry)
            break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (*names)[n] = strdup(entry->d_name);
        if (!(*names)[n])
            return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
        (*names)[++n] = NULL;
    }
    qsort(*names, n, sizeof(**names), name_order);
    return 0;
}

int lethe_dir_list(const char *path, char ***names, struct lethe_error *err)
{
    *names = NULL;
    DIR *dir = opendir(path);
    if (!dir)
        return lethe_fail_errno(err, errno, "cannot open the directory %s", path);
    int rc = names_read(dir, path, names, err);
    closedir(dir);
    if (rc < 0) {
        lethe_names_free(*names);
        *names = NULL;
    }
    return rc;
}

void lethe_names_free(char **names)
{
    for (char **name = names; name && *name; name++)
        free(*name);
    free(names);
}

int lethe_path_join(char *out, size_t out_size, const char *dir, const char *name,
                    struct lethe_error *err)
{
    size_t len = strlen(dir);
    const char *slash = len > 0 && dir[len - 1] == '/' ? "" : "/";
    int n = snprintf(out, out_size, "%s%s%s", dir, slash, name);
    if (n < 0 || (size_t)n >= out_size)
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s/%.64s is too long", dir, name);
    return 0;
}
