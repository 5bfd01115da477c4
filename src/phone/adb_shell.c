/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the phone's shell: always fixed text. With shell v2 (Android 7) they have an exit
 * status; older ones only print. */
#include "phone/adb.h"

#include "base/text.h"
#include "base/time.h"

#include <string.h>

#define COMMAND_MAX 256

void lethe_adb_output_clear(struct lethe_adb_output *output)
{
    lethe_buf_free(&output->text);
    memset(output, 0, sizeof(*output));
}

static int keep(struct lethe_adb_output *out, const void *data, size_t len, struct lethe_error *err)
{
    size_t room = LETHE_ADB_OUTPUT_MAX - out->text.len;
    out->cut = out->cut || len > room;
    return lethe_buf_add(&out->text, data, len < room ? len : room) < 0
               ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
               : 0;
}

/* Packets in a piece of the stream. 1: the command has ended. */
static int take_packets(struct lethe_adb_shell *shell, const uint8_t *data, size_t len,
                        struct lethe_adb_output *out, struct lethe_error *err)
{
    enum lethe_adb_shell_id id;
    const uint8_t *piece;
    size_t n;
    bool last;
    for (;;) {
        int rc = lethe_adb_shell_next(shell, &data, &len, &id, &piece, &n, &last, err);
        if (rc <= 0)
            return rc;
        if (id == LETHE_ADB_SHELL_STDOUT)
            rc = keep(out, piece, n, err);
        else if (id == LETHE_ADB_SHELL_EXIT && n > 0)
            out->exit = piece[0];
        if (rc < 0 || (id == LETHE_ADB_SHELL_EXIT && out->exit >= 0))
            return rc < 0 ? rc : 1;
    }
}

int lethe_adb_shell(struct lethe_adb *adb, const char *command, struct lethe_adb_output *out,
                    unsigned timeout_ms, struct lethe_error *err)
{
    uint64_t until = lethe_monotonic_ms() + timeout_ms;
    char service[COMMAND_MAX];
    uint8_t data[4096];
    struct lethe_adb_shell shell = {0};
    bool v2 = lethe_adb_banner_has(lethe_adb_peer(adb), "shell_v2");
    *out = (struct lethe_adb_output){.exit = -1};
    if (!lethe_text_format(service, sizeof(service), "%s%s",
                           v2 ? "shell,v2,raw:" : "shell:", command))
        return lethe_fail(err, LETHE_E_LIMIT, "a command is too long");
    int rc = lethe_adb_open(adb, service, until, err);
    while (rc == 0 && !out->cut) {
        ssize_t len = lethe_adb_read(adb, data, sizeof(data), until, err);
        if (len <= 0) {
            rc = (int)len;
            break;
        }
        rc = v2 ? take_packets(&shell, data, (size_t)len, out, err)
                : keep(out, data, (size_t)len, err);
    }
    lethe_adb_close(adb);
    if (rc < 0)
        return rc;
    /* A shell that hung up has not ended what it was told. */
    if (v2 && out->exit < 0 && !out->cut)
        return lethe_fail(err, LETHE_E_IO, "the phone's shell did not say how \"%.40s\" ended",
                          command);
    return 0;
}
