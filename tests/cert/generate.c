/* SPDX-License-Identifier: Apache-2.0 */
/* generate_examples DIR: writes certs/examples. A test checks that what is there is what this
 * makes. */
#include "cert/examples.h"

#include "base/file.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

static int write_one(void *user, const char *file, const char *text)
{
    char path[512], dir[512];
    struct lethe_error err;
    lethe_text_format(path, sizeof(path), "%s/%s", (const char *)user, file);
    lethe_text_format(dir, sizeof(dir), "%s", path);
    *strrchr(dir, '/') = '\0';
    int rc = lethe_dir_make(dir, 0755, &err);
    if (rc == 0)
        rc = lethe_file_write(path, text, strlen(text), 0644, &err);
    if (rc < 0)
        fprintf(stderr, "generate_examples: %s\n", err.what);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    return examples_make(write_one, argv[1]) < 0 ? 1 : 0;
}
