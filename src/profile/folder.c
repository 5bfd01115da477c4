/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/folder.h"

#include "base/file.h"
#include "base/yaml.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".yaml"

/* One of the two is asked for. */
struct visit {
    lethe_folder_fn *each;
    lethe_folder_look_fn *look;
    void *user;
};

static int visit_text(const struct visit *visit, const char *path, const char *name,
                      struct lethe_error *err)
{
    size_t stem_len = strlen(name) - strlen(SUFFIX), len = 0;
    char stem[NAME_MAX + 1], *text = NULL;
    int rc = lethe_file_read(path, LETHE_YAML_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    memcpy(stem, name, stem_len);
    stem[stem_len] = '\0';
    rc = visit->each(visit->user, path, stem, text, len, err);
    free(text);
    return rc;
}

static int visit_file(const struct visit *visit, const char *dir, const char *name,
                      struct lethe_error *err)
{
    char path[PATH_MAX];
    struct stat st;
    int rc = lethe_path_join(path, sizeof(path), dir, name, err);
    if (rc < 0)
        return rc;
    if (visit->each)
        return visit_text(visit, path, name, err);
    return stat(path, &st) < 0 ? lethe_fail_errno(err, errno, "%s", path)
                               : visit->look(visit->user, path, &st, err);
}

static int visit_all(const struct visit *visit, const char *const *dirs, struct lethe_error *err)
{
    int rc = 0;
    for (; rc >= 0 && *dirs; dirs++) {
        char **names = NULL;
        rc = lethe_dir_list(*dirs, &names, err);
        if (rc < 0)
            break;
        for (char **name = names; rc >= 0 && *name; name++) {
            size_t len = strlen(*name);
            if (len > strlen(SUFFIX) && len <= NAME_MAX && (*name)[0] != '.' &&
                strcmp(*name + len - strlen(SUFFIX), SUFFIX) == 0)
                rc = visit_file(visit, *dirs, *name, err);
        }
        lethe_names_free(names);
    }
    return rc < 0 ? rc : 0;
}

int lethe_folder_each(const char *const *dirs, lethe_folder_fn *each, void *user,
                      struct lethe_error *err)
{
    return visit_all(&(struct visit){.each = each, .user = user}, dirs, err);
}

int lethe_folder_look(const char *const *dirs, lethe_folder_look_fn *look, void *user,
                      struct lethe_error *err)
{
    return visit_all(&(struct visit){.look = look, .user = user}, dirs, err);
}
