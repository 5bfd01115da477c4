/* SPDX-License-Identifier: Apache-2.0 */
#include "phone/fastboot.h"

#include "base/text.h"
#include "base/time.h"
#include "phone/bulk.h"

#include <string.h>

#define TALK_MAX 256 /* lines that a bootloader may say before it answers */

/* One command, and its answer behind whatever it says besides. */
static int ask(struct lethe_io *io, const char *word, const char *argument, unsigned timeout_ms,
               struct lethe_fastboot_reply *reply, struct lethe_error *err)
{
    char command[LETHE_FASTBOOT_COMMAND_MAX + 1];
    uint8_t data[LETHE_FASTBOOT_REPLY_MAX];
    uint64_t until = lethe_monotonic_ms() + timeout_ms;
    int len = lethe_fastboot_command_build(command, word, argument, err);
    int rc = len < 0 ? len : lethe_bulk_out(io, command, (size_t)len, until, err);
    for (unsigned lines = 0; rc == 0 && lines < TALK_MAX; lines++) {
        ssize_t got = lethe_bulk_in(io, data, sizeof(data), until, err);
        rc = got < 0 ? (int)got : lethe_fastboot_reply_parse(data, (size_t)got, reply, err);
        if (rc == 0 && reply->kind != LETHE_FASTBOOT_INFO && reply->kind != LETHE_FASTBOOT_TEXT)
            return reply->kind == LETHE_FASTBOOT_DATA
                       ? lethe_fail(err, LETHE_E_INVALID, "the bootloader asks for data")
                       : 0;
    }
    return rc < 0 ? rc : lethe_fail(err, LETHE_E_LIMIT, "the bootloader talks and does not answer");
}

int lethe_fastboot_getvar(struct lethe_io *io, const char *name, char *value, size_t value_size,
                          struct lethe_error *err)
{
    struct lethe_fastboot_reply reply;
    int rc = ask(io, "getvar", name, LETHE_FASTBOOT_MS, &reply, err);
    if (rc < 0)
        return rc;
    if (reply.kind == LETHE_FASTBOOT_FAIL)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "the bootloader tells no %s", name);
    lethe_text_clean(value, value_size, reply.text, strlen(reply.text));
    return 0;
}

int lethe_fastboot_erase(struct lethe_io *io, const char *partition, unsigned timeout_ms,
                         struct lethe_error *err)
{
    struct lethe_fastboot_reply reply;
    int rc = ask(io, "erase", partition, timeout_ms, &reply, err);
    if (rc == 0 && reply.kind == LETHE_FASTBOOT_FAIL)
        rc = lethe_fail(err, LETHE_E_REFUSED, "the bootloader did not erase %s: %.160s", partition,
                        reply.text[0] ? reply.text : "it gave no reason");
    return rc;
}

int lethe_fastboot_reboot(struct lethe_io *io, struct lethe_error *err)
{
    struct lethe_fastboot_reply reply;
    int rc = ask(io, "reboot", NULL, LETHE_FASTBOOT_MS, &reply, err);
    if (rc == -LETHE_E_GONE)
        return 0;
    return rc == 0 && reply.kind == LETHE_FASTBOOT_FAIL
               ? lethe_fail(err, LETHE_E_REFUSED,
                            "the bootloader does not start the system: %.160s", reply.text)
               : rc;
}
