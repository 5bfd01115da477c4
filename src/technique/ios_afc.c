/* SPDX-License-Identifier: Apache-2.0 */
#include "technique/ios_afc.h"

#include "proto/bytes.h"

#include <stdlib.h>
#include <string.h>

#define HEADER ((size_t)40) /* magic, whole length, length of the head, number, operation */
#define TIMEOUT_MS 30000
#define HEAD_MAX 256

enum { STATUS = 1, MAKE_DIRECTORY = 9, REMOVE = 8, DEVICE_INFO = 11, OPEN = 13 };
enum { READ = 15, WRITE = 16, SEEK = 17, CLOSE = 20, REMOVE_TREE = 34 };
#define NOT_FOUND 8

static const char magic[8] = {'C', 'F', 'A', '6', 'L', 'P', 'A', 'A'};

static int error_of(enum lethe_apple_end end)
{
    return end == LETHE_APPLE_REPLY ? 0
           : end == LETHE_APPLE_EOF || end == LETHE_APPLE_CUT || end == LETHE_APPLE_ABSENT
               ? -LETHE_E_GONE
               : -LETHE_E_IO;
}

int lethe_afc_open(struct lethe_io *io, struct lethe_afc *out)
{
    struct lethe_apple_answer answer = {0};
    *out = (struct lethe_afc){.apple = io->ops->apple};
    out->service = out->apple->service_open(io, "com.apple.afc", LETHE_APPLE_MS, &answer);
    int rc = out->service ? 0 : error_of(answer.end);
    lethe_apple_answer_clear(&answer);
    return out->service || rc < 0 ? rc : -LETHE_E_IO;
}

void lethe_afc_close(struct lethe_afc *afc)
{
    if (afc->service)
        afc->apple->service_close(afc->service);
    afc->service = NULL;
}

/* One packet there, one back: what it carries into REPLY of ROOM bytes, LEN of them. */
static int call(struct lethe_afc *afc, uint64_t operation, const void *head, size_t head_len,
                const void *body, size_t body_len, void *reply, size_t room, size_t *len)
{
    uint8_t header[HEADER + HEAD_MAX];
    memcpy(header, magic, sizeof(magic));
    lethe_put_le64(header + 8, HEADER + head_len + body_len);
    lethe_put_le64(header + 16, HEADER + head_len);
    lethe_put_le64(header + 24, ++afc->number);
    lethe_put_le64(header + 32, operation);
    memcpy(header + HEADER, head, head_len);
    enum lethe_apple_end end =
        afc->apple->send(afc->service, header, HEADER + head_len, TIMEOUT_MS);
    if (end == LETHE_APPLE_REPLY && body_len)
        end = afc->apple->send(afc->service, body, body_len, TIMEOUT_MS);
    if (end == LETHE_APPLE_REPLY)
        end = afc->apple->receive(afc->service, header, HEADER, TIMEOUT_MS);
    if (end != LETHE_APPLE_REPLY)
        return error_of(end);
    uint64_t whole = lethe_le64(header + 8);
    uint8_t status[8];
    bool is_status = lethe_le64(header + 32) == STATUS;
    size_t most = is_status ? sizeof(status) : room;
    if (memcmp(header, magic, sizeof(magic)) != 0 || lethe_le64(header + 24) != afc->number ||
        whole < HEADER || whole - HEADER > most || (is_status && whole - HEADER != most))
        return -LETHE_E_IO;
    *len = (size_t)(whole - HEADER);
    end = *len ? afc->apple->receive(afc->service, is_status ? status : reply, *len, TIMEOUT_MS)
               : LETHE_APPLE_REPLY;
    if (end != LETHE_APPLE_REPLY)
        return error_of(end);
    if (!is_status)
        return 0;
    uint64_t number = lethe_le64(status);
    *len = 0;
    return number < 256 ? (int)number : -LETHE_E_IO;
}

static int by_path(struct lethe_afc *afc, uint64_t operation, const char *path)
{
    size_t len, n = strlen(path) + 1;
    return n > HEAD_MAX ? -LETHE_E_IO : call(afc, operation, path, n, NULL, 0, NULL, 0, &len);
}

int lethe_afc_make_directory(struct lethe_afc *afc, const char *path)
{
    return by_path(afc, MAKE_DIRECTORY, path);
}

int lethe_afc_remove(struct lethe_afc *afc, const char *path)
{
    return by_path(afc, REMOVE, path);
}

int lethe_afc_remove_tree(struct lethe_afc *afc, const char *path)
{
    int rc = by_path(afc, REMOVE_TREE, path);
    return rc == NOT_FOUND ? 0 : rc;
}

/* "KEY" NUL "NUMBER" NUL, among others like it. */
static bool find_number(const char *text, size_t len, const char *key, uint64_t *out)
{
    for (size_t at = 0; at < len;) {
        const char *name = text + at;
        at += strnlen(name, len - at) + 1;
        const char *value = text + at;
        if (at >= len || !memchr(value, '\0', len - at))
            return false;
        at += strlen(value) + 1;
        char *end;
        if (strcmp(name, key) == 0) {
            *out = strtoull(value, &end, 10);
            return *value >= '0' && *value <= '9' && !*end;
        }
    }
    return false;
}

int lethe_afc_space(struct lethe_afc *afc, uint64_t *size, uint64_t *available)
{
    char text[4096];
    size_t len;
    int rc = call(afc, DEVICE_INFO, "", 0, NULL, 0, text, sizeof(text), &len);
    if (rc != 0)
        return rc;
    return find_number(text, len, "FSTotalBytes", size) &&
                   find_number(text, len, "FSFreeBytes", available) && *available <= *size
               ? 0
               : -LETHE_E_IO;
}

int lethe_afc_file_open(struct lethe_afc *afc, const char *path, enum lethe_afc_mode mode,
                        uint64_t *handle)
{
    uint8_t head[HEAD_MAX], reply[8];
    size_t len, n = strlen(path) + 1;
    if (n > sizeof(head) - 8)
        return -LETHE_E_IO;
    lethe_put_le64(head, mode);
    memcpy(head + 8, path, n);
    int rc = call(afc, OPEN, head, 8 + n, NULL, 0, reply, sizeof(reply), &len);
    if (rc == 0 && len != sizeof(reply))
        rc = -LETHE_E_IO;
    if (rc == 0)
        *handle = lethe_le64(reply);
    return rc;
}

int lethe_afc_file_close(struct lethe_afc *afc, uint64_t handle)
{
    uint8_t head[8];
    size_t len;
    lethe_put_le64(head, handle);
    return call(afc, CLOSE, head, sizeof(head), NULL, 0, NULL, 0, &len);
}

int lethe_afc_write(struct lethe_afc *afc, uint64_t handle, const void *data, size_t data_len)
{
    uint8_t head[8];
    size_t len;
    lethe_put_le64(head, handle);
    return call(afc, WRITE, head, sizeof(head), data, data_len, NULL, 0, &len);
}

int lethe_afc_read(struct lethe_afc *afc, uint64_t handle, uint64_t offset, void *data,
                   size_t data_len, size_t *got)
{
    uint8_t seek[24], head[16];
    size_t len;
    lethe_put_le64(seek, handle);
    lethe_put_le64(seek + 8, 0); /* from the beginning */
    lethe_put_le64(seek + 16, offset);
    lethe_put_le64(head, handle);
    lethe_put_le64(head + 8, data_len);
    *got = 0;
    int rc = call(afc, SEEK, seek, sizeof(seek), NULL, 0, NULL, 0, &len);
    return rc != 0 ? rc : call(afc, READ, head, sizeof(head), NULL, 0, data, data_len, got);
}
