/* SPDX-License-Identifier: Apache-2.0 */
/* Reads every NAME.yaml of a list of folders: what policies and device profiles share. */
#ifndef LETHE_PROFILE_FOLDER_H
#define LETHE_PROFILE_FOLDER_H

#include <lethe/error.h>
#include <stddef.h>
#include <sys/stat.h>

/* Called with the file's path, its stem ("nist-clear" of "nist-clear.yaml") and its text. */
typedef int lethe_folder_fn(void *user, const char *path, const char *stem, const char *text,
                            size_t len, struct lethe_error *err);
/* DIRS ends with NULL; names in order of the folders, then sorted. Other names than *.yaml are
 * passed over. The first negative return ends it. */
int lethe_folder_each(const char *const *dirs, lethe_folder_fn *each, void *user,
                      struct lethe_error *err);
/* The same files, not opened: how each lies there (behind a symbolic link: what that leads to). */
typedef int lethe_folder_look_fn(void *user, const char *path, const struct stat *st,
                                 struct lethe_error *err);
int lethe_folder_look(const char *const *dirs, lethe_folder_look_fn *look, void *user,
                      struct lethe_error *err);

#endif
