/* SPDX-License-Identifier: Apache-2.0 */
/* generate_vectors certs/examples: writes levels/ and levels.json. What OpenSSL signs with a number
 * drawn for it is left as it is, if it is there. */
#include "base/file.h"
#include "base/text.h"
#include "vectors/vectors.h"
#include <stdio.h>
#include <string.h>

static int write_one(void *user, const char *file, const char *text, bool same)
{
    char path[512];
    struct lethe_error err;
    lethe_text_format(path, sizeof(path), "%s/%s", (const char *)user, file);
    if (!same && access(path, F_OK) == 0)
        return 0;
    int rc = lethe_file_write(path, text, strlen(text), 0644, &err);
    if (rc < 0)
        fprintf(stderr, "generate_vectors: %s\n", err.what);
    return rc;
}

int main(int argc, char **argv)
{
    char dir[512];
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    lethe_text_format(dir, sizeof(dir), "%s/levels", argv[1]);
    return lethe_dir_make(dir, 0755, NULL) < 0 || vectors_make(write_one, argv[1]) < 0;
}
