/* SPDX-License-Identifier: Apache-2.0 */
/* Which filters carry the commands of a drive's own set over its node. */
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

int lethe_path_open(struct lethe_io *lower, enum lethe_path path, struct lethe_io **out,
                    struct lethe_error *err)
{
    switch (path) {
    case LETHE_PATH_NONE:
    case LETHE_PATH_SCSI:
    case LETHE_PATH_NVME:
    case LETHE_PATH_MMC: /* the node itself takes them */
        *out = lower;
        return 0;
    case LETHE_PATH_SAT16:
    case LETHE_PATH_SAT12:
    case LETHE_PATH_NVME_JMICRON:
    case LETHE_PATH_NVME_ASMEDIA:
    case LETHE_PATH_NVME_REALTEK:
        break;
    }
    return lethe_fail(err, LETHE_E_UNSUPPORTED, "commands can't be sent by way of %s",
                      lethe_path_name(path));
}
