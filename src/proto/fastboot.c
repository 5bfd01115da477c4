/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fastboot.h"

#include "base/text.h"
#include "proto/bytes.h"

#include <stdbool.h>
#include <string.h>

static const char kinds[][5] = {
    [LETHE_FASTBOOT_OKAY] = "OKAY", [LETHE_FASTBOOT_FAIL] = "FAIL", [LETHE_FASTBOOT_DATA] = "DATA",
    [LETHE_FASTBOOT_INFO] = "INFO", [LETHE_FASTBOOT_TEXT] = "TEXT",
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

static bool printable(const char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

int lethe_fastboot_command_build(char out[LETHE_FASTBOOT_COMMAND_MAX + 1], const char *word,
                                 const char *argument, struct lethe_error *err)
{
    if (!lethe_text_format(out, LETHE_FASTBOOT_COMMAND_MAX + 1, "%s%s%s", word, argument ? ":" : "",
                           argument ? argument : "") ||
        !printable(out) || !*out)
        return lethe_fail(err, LETHE_E_USAGE, "this can't be sent as a fastboot command");
    return (int)strlen(out);
}

int lethe_fastboot_command_parse(const uint8_t *data, size_t len,
                                 char out[LETHE_FASTBOOT_COMMAND_MAX + 1], struct lethe_error *err)
{
    if (len == 0 || len > LETHE_FASTBOOT_COMMAND_MAX || memchr(data, 0, len))
        return lethe_fail(err, LETHE_E_INVALID, "this is no fastboot command");
    memcpy(out, data, len);
    out[len] = '\0';
    if (!printable(out))
        return lethe_fail(err, LETHE_E_INVALID, "this is no fastboot command");
    return 0;
}

static int take_data(const uint8_t *digits, size_t len, uint32_t *out, struct lethe_error *err)
{
    uint8_t bytes[4];
    if (len != 8 || lethe_hex_decode(bytes, sizeof(bytes), (const char *)digits, len) != 4)
        return lethe_fail(err, LETHE_E_INVALID, "the phone's DATA reply has no length");
    *out = lethe_be32(bytes);
    return 0;
}

int lethe_fastboot_reply_parse(const uint8_t *data, size_t len, struct lethe_fastboot_reply *out,
                               struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (len > LETHE_FASTBOOT_REPLY_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "a fastboot reply of %zu bytes can't be", len);
    for (size_t i = 0; len >= 4 && i < KINDS; i++) {
        if (memcmp(data, kinds[i], 4) != 0)
            continue;
        out->kind = (enum lethe_fastboot_reply_kind)i;
        lethe_text_clean(out->text, sizeof(out->text), (const char *)data + 4, len - 4);
        return i == LETHE_FASTBOOT_DATA ? take_data(data + 4, len - 4, &out->data, err) : 0;
    }
    return lethe_fail(err, LETHE_E_INVALID, "this is no reply of fastboot");
}

size_t lethe_fastboot_reply_build(uint8_t out[LETHE_FASTBOOT_REPLY_MAX],
                                  enum lethe_fastboot_reply_kind kind, const char *text)
{
    size_t len = strnlen(text, LETHE_FASTBOOT_REPLY_MAX - 4);
    memcpy(out, kinds[kind], 4);
    memcpy(out + 4, text, len);
    return 4 + len;
}

int lethe_fastboot_size_parse(const char *text, uint64_t *out)
{
    if (strncmp(text, "0x", 2) == 0 || strncmp(text, "0X", 2) == 0)
        text += 2;
    uint64_t value = 0;
    size_t n = strlen(text);
    if (n == 0 || n > 16)
        return -LETHE_E_INVALID;
    for (; *text; text++) {
        const char *digits = "0123456789abcdef";
        const char *at = strchr(digits, *text >= 'A' && *text <= 'F' ? *text + 32 : *text);
        if (!at)
            return -LETHE_E_INVALID;
        value = value << 4 | (uint64_t)(at - digits);
    }
    *out = value;
    return 0;
}
