/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool loops_usable(void)
{
    if (geteuid() == 0 && access("/dev/loop-control", R_OK | W_OK) == 0)
        return true;
    fprintf(stderr, "SKIP: loop devices need root and /dev/loop-control\n");
    return false;
}

void shell(const char *format, ...)
{
    char command[512];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("%s", command);
}

void loop_over(struct loop *loop, const char *path)
{
    char command[128];
    /* A loop device takes its partitions from the table when -P is given. */
    snprintf(command, sizeof command, "losetup -P -f --show %s", path);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    if (!fgets(loop->node, sizeof loop->node, out))
        loop->node[0] = '\0';
    pclose(out);
    loop->node[strcspn(loop->node, "\n")] = '\0';
    if (!loop->node[0])
        fail_msg("%s", command);
}

void loop_attach(struct loop *loop, unsigned mib)
{
    strcpy(loop->file, "/dev/shm/lethe-loop-XXXXXX");
    int fd = mkstemp(loop->file);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)mib << 20), 0);
    close(fd);
    loop_over(loop, loop->file);
}

void loop_detach(struct loop *loop)
{
    char command[128];
    if (loop->node[0]) {
        snprintf(command, sizeof command, "losetup -d %s", loop->node);
        if (system(command) != 0)
            fprintf(stderr, "%s failed\n", command);
    }
    if (loop->file[0])
        unlink(loop->file);
    memset(loop, 0, sizeof *loop);
}
