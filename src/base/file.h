/* SPDX-License-Identifier: Apache-2.0 */
/* The only place where plain files are opened (a lint keeps it so). */
#ifndef LETHE_BASE_FILE_H
#define LETHE_BASE_FILE_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whole file, NUL-terminated behind LEN; -LETHE_E_LIMIT over MAX. free(*out). "-" is standard
 * input. */
int lethe_file_read(const char *path, size_t max, char **out, size_t *len, struct lethe_error *err);
/* Durable and atomic: temporary file beside it, fsync, rename, fsync of the directory. */
int lethe_file_write(const char *path, const void *data, size_t len, mode_t mode,
                     struct lethe_error *err);
/* Everywhere below PATH, what the above left there when it was killed. Only where nobody is writing
 * at the same time. */
void lethe_dir_tidy(const char *path);
/* mkdir -p; directories made get MODE. */
int lethe_dir_make(const char *path, mode_t mode, struct lethe_error *err);
/* open(2) with O_CLOEXEC and an error in words. The descriptor, or negative. */
int lethe_file_open(const char *path, int flags, mode_t mode, struct lethe_error *err);
/* Take an advisory lock (flock LOCK_EX) on PATH, created 0600; the descriptor holds it.
 * -LETHE_E_BUSY when another process has it and !WAIT. */
int lethe_file_lock(const char *path, bool wait, struct lethe_error *err);
/* Names in a directory, sorted, without "." and ".."; ends with NULL. lethe_names_free(). */
int lethe_dir_list(const char *path, char ***names, struct lethe_error *err);
void lethe_names_free(char **names);
/* "DIR/NAME" into OUT; -LETHE_E_LIMIT when too long. */
int lethe_path_join(char *out, size_t out_size, const char *dir, const char *name,
                    struct lethe_error *err);

static inline void lethe_fd_close(int *fd);
#define LETHE_FD_AUTO __attribute__((cleanup(lethe_fd_close))) int

#include <unistd.h>
static inline void lethe_fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

#endif
