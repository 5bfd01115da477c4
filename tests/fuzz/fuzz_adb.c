/* SPDX-License-Identifier: Apache-2.0 */
/* ADB: the first byte chooses what is read; streams are fed in pieces of its size. */
#include "base/text.h"
#include "proto/adb.h"

#include <stdlib.h>
#include <string.h>

static void header(const uint8_t *data, size_t size)
{
    struct lethe_adb_message message;
    if (size < LETHE_ADB_HEADER ||
        lethe_adb_header_parse(data, LETHE_ADB_HEADER, LETHE_ADB_PAYLOAD_MAX, &message, NULL) < 0)
        return;
    if (message.length > LETHE_ADB_PAYLOAD_MAX)
        abort();
    if (message.length <= size - LETHE_ADB_HEADER) {
        const uint8_t *payload = data + LETHE_ADB_HEADER;
        uint8_t again[LETHE_ADB_HEADER];
        lethe_adb_header_build(again, message.command, message.arg0, message.arg1, payload,
                               message.length);
        if (lethe_adb_payload_check(&message, payload) !=
            (memcmp(again, data, LETHE_ADB_HEADER) == 0))
            abort();
    }
}

static void banner(const uint8_t *data, size_t size)
{
    struct lethe_adb_banner banner, same;
    char text[2048];
    if (lethe_adb_banner_parse(data, size, &banner, NULL) < 0)
        return;
    if (!lethe_text_is_clean(banner.model) || !lethe_text_is_clean(banner.features))
        abort();
    lethe_adb_banner_has(&banner, "shell_v2");
    int len = lethe_adb_banner_format(&banner, text, sizeof text);
    if (len < 0 || lethe_adb_banner_parse(text, (size_t)len, &same, NULL) < 0 ||
        same.state != banner.state)
        abort();
}

static void shell(const uint8_t *data, size_t size, size_t step)
{
    struct lethe_adb_shell shell = {0};
    size_t total = 0;
    for (size_t at = 0; at < size; at += step) {
        const uint8_t *p = data + at, *piece;
        size_t len = size - at < step ? size - at : step, piece_len;
        const uint8_t *end = p + len;
        enum lethe_adb_shell_id id;
        bool last;
        int rc;
        while ((rc = lethe_adb_shell_next(&shell, &p, &len, &id, &piece, &piece_len, &last, NULL)) >
               0) {
            if (piece < data || piece + piece_len > end || id > LETHE_ADB_SHELL_WINDOW)
                abort();
            total += piece_len;
        }
        if (rc < 0)
            return;
        if (len != 0)
            abort();
    }
    if (total > size)
        abort();
}

static void sync(const uint8_t *data, size_t size, bool from_phone)
{
    struct lethe_adb_sync sync;
    ssize_t used;
    while ((used = lethe_adb_sync_parse(data, size, from_phone, &sync, NULL)) > 0) {
        if ((size_t)used > size ||
            (sync.body && (sync.body < data || sync.body + sync.body_len > data + used)))
            abort();
        data += used;
        size -= (size_t)used;
    }
}

static void key(const uint8_t *data, size_t size)
{
    uint8_t bytes[LETHE_ADB_KEY], modulus[LETHE_ADB_MODULUS];
    uint32_t exponent;
    if (lethe_adb_key_parse(data, size, bytes, NULL) == 0)
        lethe_adb_key_decode(bytes, sizeof bytes, modulus, &exponent, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t step = (size_t)data[1] + 1;
    uint8_t kind = data[0] % 6;
    data += 2;
    size -= 2;
    if (kind == 0)
        header(data, size);
    else if (kind == 1)
        banner(data, size);
    else if (kind == 2)
        shell(data, size, step);
    else if (kind == 3 || kind == 4)
        sync(data, size, kind == 3);
    else
        key(data, size);
    return 0;
}
