/* SPDX-License-Identifier: Apache-2.0 */
/* What looks at files and removes them. */
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "emu/phone/file.h"
#include "emu/phone/shell.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than that of a file is not printed: a phone would, but nobody asks. */
#define PRINT_MAX ((uint64_t)64 << 20)

static const struct phone *phone_of(const struct shell *shell)
{
    return &shell->engine->phone;
}

static int complain(struct shell *shell, const struct shell_words *words, const char *path, int rc)
{
    lethe_buf_printf(&shell->err, "%s: %s: %s\n", words->at[0], path, strerror(-rc));
    return 1;
}

/* [OFFSET, OFFSET+LEN) of PATH to the output. */
static int print(struct shell *shell, const char *path, uint64_t offset, uint64_t len)
{
    struct android_file file;
    uint8_t piece[16384];
    ssize_t n = android_look(phone_of(shell), path, &file);
    for (uint64_t done = 0; n >= 0 && done < len; done += (uint64_t)n) {
        n = android_get(&file, piece,
                        len - done < sizeof(piece) ? (size_t)(len - done) : sizeof(piece),
                        offset + done);
        if (n <= 0)
            break;
        if (lethe_buf_add(&shell->out, piece, (size_t)n) < 0)
            n = -ENOMEM;
    }
    android_file_close(&file);
    return (int)n;
}

static int cat(struct shell *shell, const struct shell_words *words)
{
    int status = 0;
    for (size_t i = 1; i < words->n; i++) {
        int rc = print(shell, words->at[i], 0, PRINT_MAX);
        status |= rc < 0 ? complain(shell, words, words->at[i], rc) : 0;
    }
    return status;
}

static uint64_t number(const struct shell_words *words, const char *name, uint64_t otherwise)
{
    for (size_t i = 1; i < words->n; i++) {
        size_t len = strlen(name);
        if (strncmp(words->at[i], name, len) == 0 && words->at[i][len] == '=') {
            char *end;
            uint64_t value = strtoull(words->at[i] + len + 1, &end, 10);
            return *end == 'k' ? value << 10 : *end == 'M' || *end == 'm' ? value << 20 : value;
        }
    }
    return otherwise;
}

/* if= bs= skip= count=, and iflag=skip_bytes,count_bytes as toybox has them. */
static int dd(struct shell *shell, const struct shell_words *words)
{
    const char *from = NULL;
    bool skip_bytes = false, count_bytes = false;
    for (size_t i = 1; i < words->n; i++) {
        if (strncmp(words->at[i], "if=", 3) == 0)
            from = words->at[i] + 3;
        if (strncmp(words->at[i], "of=", 3) == 0)
            return complain(shell, words, words->at[i] + 3, -EACCES);
        if (strncmp(words->at[i], "iflag=", 6) == 0) {
            skip_bytes = strstr(words->at[i], "skip_bytes");
            count_bytes = strstr(words->at[i], "count_bytes");
        }
    }
    uint64_t block = number(words, "bs", 512);
    uint64_t skip = number(words, "skip", 0), count = number(words, "count", PRINT_MAX);
    if (!from || block == 0 || block > PRINT_MAX)
        return 1;
    uint64_t len = count_bytes ? count : count < PRINT_MAX / block ? count * block : PRINT_MAX;
    size_t before = shell->out.len;
    int rc =
        print(shell, from, skip_bytes ? skip : skip * block, len < PRINT_MAX ? len : PRINT_MAX);
    if (rc < 0)
        return complain(shell, words, from, rc);
    if (!shell_has(words, "status=none"))
        lethe_buf_printf(&shell->err, "%zu bytes copied\n", shell->out.len - before);
    return 0;
}

static int digest(struct shell *shell, const struct shell_words *words)
{
    int status = 0;
    for (size_t i = 1; i < words->n; i++) {
        struct lethe_buf out = shell->out;
        char hex[65];
        shell->out = (struct lethe_buf){0};
        int rc = print(shell, words->at[i], 0, PRINT_MAX);
        lethe_sha256_hex(hex, shell->out.data, shell->out.len);
        lethe_buf_free(&shell->out);
        shell->out = out;
        if (rc < 0)
            status = complain(shell, words, words->at[i], rc);
        else
            lethe_buf_printf(&shell->out, "%s  %s\n", hex, words->at[i]);
    }
    return status;
}

static void row(struct shell *shell, bool many, const struct stat *st, const char *name)
{
    if (many)
        lethe_buf_printf(&shell->out, "%s 1 shell shell %lld 2026-01-01 00:00 %s\n",
                         S_ISDIR(st->st_mode) ? "drwxrwx---" : "-rw-rw----", (long long)st->st_size,
                         name);
    else
        lethe_buf_printf(&shell->out, "%s\n", name);
}

static int ls(struct shell *shell, const struct shell_words *words)
{
    bool many = false;
    int status = 0;
    for (size_t i = 1; i < words->n; i++) {
        char local[PATH_MAX], one[PATH_MAX], **names = NULL;
        struct stat st;
        if (words->at[i][0] == '-') {
            many |= strchr(words->at[i], 'l') != NULL;
            continue;
        }
        int rc = android_path(phone_of(shell), words->at[i], local);
        if (rc == 0 && stat(local, &st) < 0)
            rc = -ENOENT;
        if (rc < 0)
            status = complain(shell, words, words->at[i], rc);
        else if (!S_ISDIR(st.st_mode))
            row(shell, many, &st, words->at[i]);
        else if (lethe_dir_list(local, &names, NULL) == 0)
            for (char **name = names; *name; name++)
                if (lethe_path_join(one, sizeof(one), local, *name, NULL) == 0 &&
                    stat(one, &st) == 0)
                    row(shell, many, &st, *name);
        lethe_names_free(names);
    }
    return status;
}

static int stat_file(struct shell *shell, const struct shell_words *words)
{
    const char *format = shell_after(words, "-c"), *path = words->at[words->n - 1];
    char local[PATH_MAX];
    struct stat st;
    int rc = words->n < 2 ? -EINVAL : android_path(phone_of(shell), path, local);
    if (rc == 0 && stat(local, &st) < 0)
        rc = -ENOENT;
    if (rc < 0)
        return complain(shell, words, path, rc);
    if (format && strcmp(format, "%s") == 0)
        lethe_buf_printf(&shell->out, "%lld\n", (long long)st.st_size);
    else
        lethe_buf_printf(&shell->out, "  File: %s\n  Size: %lld\n", path, (long long)st.st_size);
    return 0;
}

static int df(struct shell *shell, const struct shell_words *words)
{
    uint64_t size = phone_trait_count(phone_of(shell), "storage", 64 << 20);
    uint64_t used = phone_storage_used(phone_of(shell));
    (void)words;
    used = used < size ? used : size;
    lethe_buf_printf(&shell->out,
                     "Filesystem       1K-blocks     Used Available Use%% Mounted on\n"
                     "/dev/block/dm-9 %10llu %8llu %9llu %3llu%% /data\n",
                     (unsigned long long)(size >> 10), (unsigned long long)((used + 1023) >> 10),
                     (unsigned long long)((size - used) >> 10),
                     (unsigned long long)(size ? used * 100 / size : 0));
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int rm(struct shell *shell, const struct shell_words *words)
{
    bool all = false, force = false;
    int status = 0;
    for (size_t i = 1; i < words->n; i++) {
        char local[PATH_MAX];
        if (words->at[i][0] == '-') {
            all |= strpbrk(words->at[i], "rR") != NULL;
            force |= strchr(words->at[i], 'f') != NULL;
            continue;
        }
        int rc = android_path(phone_of(shell), words->at[i], local);
        if (rc == 0 &&
            (all ? nftw(local, remove_one, 16, FTW_DEPTH | FTW_PHYS) : unlink(local)) < 0)
            rc = -errno;
        if (rc < 0 && !(force && rc == -ENOENT))
            status = complain(shell, words, words->at[i], rc);
    }
    return status;
}

static int make_dir(struct shell *shell, const struct shell_words *words)
{
    char local[PATH_MAX];
    const char *path = words->at[words->n - 1];
    int rc = words->n < 2 ? -EINVAL : android_path(phone_of(shell), path, local);
    if (rc == 0 && lethe_dir_make(local, 0700, NULL) < 0)
        rc = -EIO;
    return rc < 0 ? complain(shell, words, path, rc) : 0;
}

const struct shell_command shell_files[] = {
    {"cat", cat}, {"dd", dd}, {"sha256sum", digest}, {"ls", ls},  {"stat", stat_file},
    {"df", df},   {"rm", rm}, {"mkdir", make_dir},   {NULL, NULL}};
