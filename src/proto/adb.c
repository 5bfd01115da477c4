/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/adb.h"

#include "base/text.h"
#include "proto/bytes.h"

#include <stdio.h>
#include <string.h>

/* The field is called data_crc32 and is a plain sum (facts/phones.md 2.1). */
static uint32_t sum_of(const uint8_t *payload, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += payload[i];
    return sum;
}

void lethe_adb_header_build(uint8_t out[LETHE_ADB_HEADER], uint32_t command, uint32_t arg0,
                            uint32_t arg1, const void *payload, uint32_t len)
{
    lethe_put_le32(out, command);
    lethe_put_le32(out + 4, arg0);
    lethe_put_le32(out + 8, arg1);
    lethe_put_le32(out + 12, len);
    lethe_put_le32(out + 16, sum_of(payload, len));
    lethe_put_le32(out + 20, ~command);
}

static bool known(uint32_t command)
{
    switch (command) {
    case LETHE_ADB_SYNC:
    case LETHE_ADB_CNXN:
    case LETHE_ADB_OPEN:
    case LETHE_ADB_OKAY:
    case LETHE_ADB_CLSE:
    case LETHE_ADB_WRTE:
    case LETHE_ADB_AUTH:
    case LETHE_ADB_STLS:
        return true;
    default:
        return false;
    }
}

int lethe_adb_header_parse(const uint8_t *data, size_t len, uint32_t max,
                           struct lethe_adb_message *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (len != LETHE_ADB_HEADER)
        return lethe_fail(err, LETHE_E_INVALID, "an ADB header has 24 bytes, not %zu", len);
    uint32_t command = lethe_le32(data);
    if (!known(command) || lethe_le32(data + 20) != ~command)
        return lethe_fail(err, LETHE_E_INVALID, "this is no ADB message (%08x)", command);
    uint32_t length = lethe_le32(data + 12);
    if (length > max)
        return lethe_fail(err, LETHE_E_LIMIT,
                          "the phone announces an ADB payload of %u bytes, %u were agreed", length,
                          max);
    *out = (struct lethe_adb_message){.command = command,
                                      .arg0 = lethe_le32(data + 4),
                                      .arg1 = lethe_le32(data + 8),
                                      .length = length,
                                      .check = lethe_le32(data + 16)};
    return 0;
}

bool lethe_adb_payload_check(const struct lethe_adb_message *message, const uint8_t *payload)
{
    return sum_of(payload, message->length) == message->check;
}

/* -- banner ------------------------------------------------------------------------------------ */

static const char *const states[] = {
    [LETHE_ADB_STATE_UNKNOWN] = "unknown",       [LETHE_ADB_STATE_DEVICE] = "device",
    [LETHE_ADB_STATE_RECOVERY] = "recovery",     [LETHE_ADB_STATE_SIDELOAD] = "sideload",
    [LETHE_ADB_STATE_RESCUE] = "rescue",         [LETHE_ADB_STATE_HOST] = "host",
    [LETHE_ADB_STATE_BOOTLOADER] = "bootloader",
};

static bool is(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

static void take_property(struct lethe_adb_banner *out, const char *text, size_t len)
{
    const char *equals = memchr(text, '=', len);
    if (!equals)
        return;
    size_t name = (size_t)(equals - text);
    const char *value = equals + 1;
    size_t value_len = len - name - 1;
    if (is(text, name, "ro.product.name"))
        lethe_text_clean(out->product, sizeof(out->product), value, value_len);
    else if (is(text, name, "ro.product.model"))
        lethe_text_clean(out->model, sizeof(out->model), value, value_len);
    else if (is(text, name, "ro.product.device"))
        lethe_text_clean(out->device, sizeof(out->device), value, value_len);
    else if (is(text, name, "features"))
        lethe_text_clean(out->features, sizeof(out->features), value, value_len);
}

int lethe_adb_banner_parse(const void *data, size_t len, struct lethe_adb_banner *out,
                           struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    const char *text = data;
    len = len ? strnlen(text, len) : 0;
    const char *colon = len ? memchr(text, ':', len) : NULL;
    if (!colon)
        return lethe_fail(err, LETHE_E_INVALID, "the phone's ADB banner is malformed");
    size_t word = (size_t)(colon - text);
    for (size_t i = 1; i < sizeof(states) / sizeof(*states); i++)
        if (is(text, word, states[i]))
            out->state = (enum lethe_adb_state)i;
    /* Between the first and second colon old phones put a serial; properties follow. */
    const char *at = memchr(colon + 1, ':', len - word - 1);
    if (!at)
        return 0;
    for (const char *end = text + len; ++at < end;) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        stop = stop ? stop : end;
        take_property(out, at, (size_t)(stop - at));
        at = stop;
    }
    return 0;
}

bool lethe_adb_banner_has(const struct lethe_adb_banner *banner, const char *feature)
{
    const char *at = banner->features;
    while (*at) {
        size_t len = strcspn(at, ",");
        if (is(at, len, feature))
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

int lethe_adb_banner_format(const struct lethe_adb_banner *banner, char *out, size_t out_size)
{
    if (!lethe_text_format(out, out_size,
                           "%s::ro.product.name=%s;ro.product.model=%s;ro.product.device=%s;"
                           "features=%s",
                           states[banner->state], banner->product, banner->model, banner->device,
                           banner->features))
        return -LETHE_E_LIMIT;
    return (int)strlen(out);
}

/* -- shell v2 ---------------------------------------------------------------------------------- */

#define SHELL_PACKET_MAX ((uint32_t)1 << 20)

void lethe_adb_shell_build(uint8_t out[LETHE_ADB_SHELL_HEADER], enum lethe_adb_shell_id id,
                           uint32_t len)
{
    out[0] = (uint8_t)id;
    lethe_put_le32(out + 1, len);
}

int lethe_adb_shell_next(struct lethe_adb_shell *shell, const uint8_t **data, size_t *len,
                         enum lethe_adb_shell_id *id, const uint8_t **piece, size_t *piece_len,
                         bool *last, struct lethe_error *err)
{
    bool begins = false;
    while (shell->have < LETHE_ADB_SHELL_HEADER) {
        if (*len == 0)
            return 0;
        shell->header[shell->have++] = *(*data)++;
        (*len)--;
        begins = shell->have == LETHE_ADB_SHELL_HEADER;
    }
    if (begins) {
        shell->left = lethe_le32(shell->header + 1);
        if (shell->header[0] > LETHE_ADB_SHELL_WINDOW || shell->left > SHELL_PACKET_MAX)
            return lethe_fail(err, LETHE_E_INVALID,
                              "the phone's shell sends a packet that can't be (kind %u, %u bytes)",
                              shell->header[0], shell->left);
    }
    if (shell->left > 0 && *len == 0)
        return 0;
    size_t n = *len < shell->left ? *len : shell->left;
    *id = (enum lethe_adb_shell_id)shell->header[0];
    *piece = *data;
    *piece_len = n;
    *data += n;
    *len -= n;
    shell->left -= (uint32_t)n;
    *last = shell->left == 0;
    if (*last)
        shell->have = 0;
    return 1;
}

/* -- sync -------------------------------------------------------------------------------------- */

void lethe_adb_sync_build(uint8_t out[LETHE_ADB_SYNC_HEADER], enum lethe_adb_sync_id id,
                          uint32_t value)
{
    lethe_put_le32(out, id);
    lethe_put_le32(out + 4, value);
}

void lethe_adb_sync_stat_build(uint8_t out[LETHE_ADB_SYNC_STAT], uint32_t mode, uint32_t size,
                               uint32_t mtime)
{
    lethe_put_le32(out, LETHE_SYNC_STAT);
    lethe_put_le32(out + 4, mode);
    lethe_put_le32(out + 8, size);
    lethe_put_le32(out + 12, mtime);
}

/* What is in front of the body, and how long that may be. */
struct sync_shape {
    size_t head;
    uint32_t body_max;
};

static bool shape_of(uint32_t id, bool from_phone, struct sync_shape *out)
{
    static const struct {
        uint32_t id;
        bool from_phone;
        struct sync_shape shape;
    } shapes[] = {
        {LETHE_SYNC_STAT, false, {8, LETHE_ADB_SYNC_PATH_MAX}},
        {LETHE_SYNC_LIST, false, {8, LETHE_ADB_SYNC_PATH_MAX}},
        {LETHE_SYNC_SEND, false, {8, LETHE_ADB_SYNC_PATH_MAX}},
        {LETHE_SYNC_RECV, false, {8, LETHE_ADB_SYNC_PATH_MAX}},
        {LETHE_SYNC_DATA, false, {8, LETHE_ADB_SYNC_DATA_MAX}},
        {LETHE_SYNC_DONE, false, {8, 0}},
        {LETHE_SYNC_QUIT, false, {8, 0}},
        {LETHE_SYNC_STAT, true, {16, 0}},
        {LETHE_SYNC_DENT, true, {20, LETHE_ADB_SYNC_PATH_MAX}},
        {LETHE_SYNC_DATA, true, {8, LETHE_ADB_SYNC_DATA_MAX}},
        {LETHE_SYNC_FAIL, true, {8, LETHE_ADB_SYNC_PATH_MAX}},
        {LETHE_SYNC_OKAY, true, {8, 0}},
        /* After LIST a DONE is as long as a DENT; after RECV it is not: only RECV is ours. */
        {LETHE_SYNC_DONE, true, {8, 0}},
    };
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        if (shapes[i].id == id && shapes[i].from_phone == from_phone) {
            *out = shapes[i].shape;
            return true;
        }
    }
    return false;
}

ssize_t lethe_adb_sync_parse(const uint8_t *data, size_t len, bool from_phone,
                             struct lethe_adb_sync *out, struct lethe_error *err)
{
    struct sync_shape shape;
    memset(out, 0, sizeof(*out));
    if (len < 4)
        return 0;
    uint32_t id = lethe_le32(data);
    if (!shape_of(id, from_phone, &shape))
        return lethe_fail(err, LETHE_E_INVALID, "this is no message of ADB's sync (%08x)", id);
    if (len < shape.head)
        return 0;
    out->id = (enum lethe_adb_sync_id)id;
    out->value = lethe_le32(data + 4);
    if (shape.head >= 16) {
        out->mode = lethe_le32(data + 4);
        out->size = lethe_le32(data + 8);
        out->mtime = lethe_le32(data + 12);
    }
    if (shape.body_max == 0)
        return (ssize_t)shape.head;
    uint32_t body = lethe_le32(data + shape.head - 4);
    if (body > shape.body_max)
        return lethe_fail(err, LETHE_E_LIMIT, "a message of ADB's sync announces %u bytes", body);
    if (len - shape.head < body)
        return 0;
    out->body = data + shape.head;
    out->body_len = body;
    return (ssize_t)(shape.head + body);
}
