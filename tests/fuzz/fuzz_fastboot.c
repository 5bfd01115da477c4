/* SPDX-License-Identifier: Apache-2.0 */
/* Fastboot: replies, commands, sizes. */
#include "base/text.h"
#include "proto/fastboot.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_fastboot_reply reply;
    char command[LETHE_FASTBOOT_COMMAND_MAX + 1], again[LETHE_FASTBOOT_COMMAND_MAX + 1];
    uint64_t value;
    if (lethe_fastboot_reply_parse(data, size, &reply, NULL) == 0) {
        uint8_t bytes[LETHE_FASTBOOT_REPLY_MAX];
        struct lethe_fastboot_reply same;
        if (!lethe_text_is_clean(reply.text))
            abort();
        lethe_fastboot_size_parse(reply.text, &value);
        size_t len = lethe_fastboot_reply_build(bytes, reply.kind, reply.text);
        if (lethe_fastboot_reply_parse(bytes, len, &same, NULL) < 0 || same.kind != reply.kind ||
            same.data != reply.data)
            abort();
    }
    if (lethe_fastboot_command_parse(data, size, command, NULL) == 0 &&
        (lethe_fastboot_command_build(again, command, NULL, NULL) != (int)size ||
         strcmp(command, again) != 0))
        abort();
    return 0;
}
