/* SPDX-License-Identifier: Apache-2.0 */
/* Run a fuzz target over its corpus without libFuzzer: what was found once stays found. */
#include "base/file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_one(const char *dir, const char *name, struct lethe_error *err)
{
    char path[4096], *text;
    size_t len;
    int rc = lethe_path_join(path, sizeof(path), dir, name, err);
    if (rc == 0)
        rc = lethe_file_read(path, 1 << 24, &text, &len, err);
    if (rc < 0)
        return rc;
    /* An exact copy, so that a sanitizer sees a read beyond the end. */
    uint8_t *data = malloc(len ? len : 1);
    for (size_t i = 0; data && i < len; i++)
        data[i] = (uint8_t)text[i];
    free(text);
    if (!data)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    LLVMFuzzerTestOneInput(data, len);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    struct lethe_error err = {0};
    char **names = NULL;
    int n = 0;
    if (argc != 2 || lethe_dir_list(argv[1], &names, &err) < 0) {
        fprintf(stderr, "usage: %s CORPUS-DIRECTORY (%s)\n", argv[0], err.what);
        return 2;
    }
    for (; names[n] && err.code == 0; n++)
        replay_one(argv[1], names[n], &err);
    lethe_names_free(names);
    if (err.code != 0)
        fprintf(stderr, "%s\n", err.what);
    printf("%d inputs\n", n);
    return err.code != 0 || n == 0;
}
