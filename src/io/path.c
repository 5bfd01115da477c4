/* SPDX-License-Identifier: Apache-2.0 */
/* What commands of a drive's own set are wrapped in, by name. */
#include <lethe/io.h>
#include <string.h>

#define SPELLING(symbol, spelling) [LETHE_##symbol] = spelling,
static const char *const paths[] = {LETHE_PATHS(SPELLING)};
#undef SPELLING
#define PATHS (sizeof(paths) / sizeof(paths[0]))

const char *lethe_path_name(enum lethe_path path)
{
    return (unsigned)path < PATHS ? paths[path] : "?";
}

int lethe_path_parse(const char *spelling)
{
    for (size_t i = 0; i < PATHS; i++)
        if (strcmp(paths[i], spelling) == 0)
            return (int)i;
    return -1;
}
