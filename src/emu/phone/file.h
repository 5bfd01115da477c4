/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_EMU_PHONE_FILE_H
#define LETHE_EMU_PHONE_FILE_H

#include "emu/phone/phone.h"
#include <sys/types.h>

/* PATH of the phone ("/sdcard/x") on this machine; -ENOENT, -EACCES. */
int android_path(const struct phone *phone, const char *path, char out[PATH_MAX]);

struct android_file {
    int fd; /* -1 closed */
    char path[PATH_MAX];
    uint64_t room; /* for writing: what is left of the phone's storage */
    bool lies;
};
/* 0 or -errno. */
int android_create(const struct phone *phone, const char *path, struct android_file *out);
int android_put(struct android_file *file, const void *data, size_t len); /* -ENOSPC: not all */
int android_look(const struct phone *phone, const char *path, struct android_file *out);
ssize_t android_get(const struct android_file *file, void *data, size_t len, uint64_t offset);
void android_file_close(struct android_file *file);
void android_file_drop(struct android_file *file); /* what could not be written whole */

#endif
