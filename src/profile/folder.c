/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/folder.h"

#include "base/file.h"
#include "base/yaml.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".yaml"

static int folder_file(const char *dir, const char *name, lethe_folder_fn *each, void *user,
                       struct lethe_error *err)
{
    size_t stem_len = strlen(name) - strlen(SUFFIX);
    char path[PATH_MAX], stem[NAME_MAX + 1];
    int rc = lethe_path_join(path, sizeof(path), dir, name, err);
    if (rc < 0)
        return rc;
    char *text = NULL;
    size_t len = 0;
    rc = lethe_file_read(path, LETHE_YAML_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    memcpy(stem, name, stem_len);
    stem[stem_len] = '\0';
    rc = each(user, path, stem, text, len, err);
    free(text);
    return rc;
}

int lethe_folder_each(const char *const *dirs, lethe_folder_fn *each, void *user,
                      struct lethe_error *err)
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
                rc = folder_file(*dirs, *name, each, user, err);
        }
        lethe_names_free(names);
    }
    return rc < 0 ? rc : 0;
}
