/* SPDX-License-Identifier: Apache-2.0 */
/* Files by ADB's sync service: one stream a file, so that a failure leaves nothing behind. */
#include "phone/adb.h"

#include "base/text.h"
#include "base/time.h"
#include "proto/bytes.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MODE 33200 /* 0100660 */
#define BUFFER (LETHE_ADB_SYNC_HEADER + LETHE_ADB_SYNC_DATA_MAX)

/* Replies, whole, however they were cut into messages. */
struct reader {
    struct lethe_adb *adb;
    uint64_t until;
    uint8_t *data;
    size_t have, at;
};

static int get_reply(struct reader *reader, struct lethe_adb_sync *out, struct lethe_error *err)
{
    for (;;) {
        ssize_t used = lethe_adb_sync_parse(reader->data + reader->at, reader->have - reader->at,
                                            true, out, err);
        if (used < 0)
            return (int)used;
        if (used > 0) {
            reader->at += (size_t)used;
            return 0;
        }
        memmove(reader->data, reader->data + reader->at, reader->have - reader->at);
        reader->have -= reader->at;
        reader->at = 0;
        ssize_t len = lethe_adb_read(reader->adb, reader->data + reader->have,
                                     BUFFER - reader->have, reader->until, err);
        if (len < 0)
            return (int)len;
        if (len == 0)
            return lethe_fail(err, LETHE_E_IO, "the phone hung up over a file");
        reader->have += (size_t)len;
    }
}

static int begin(struct reader *reader, struct lethe_adb *adb, enum lethe_adb_sync_id id,
                 const char *path, unsigned timeout_ms, struct lethe_error *err)
{
    uint8_t request[LETHE_ADB_SYNC_HEADER + LETHE_ADB_SYNC_PATH_MAX];
    size_t len = strlen(path);
    *reader = (struct reader){.adb = adb, .until = lethe_monotonic_ms() + timeout_ms};
    if (len > LETHE_ADB_SYNC_PATH_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "a path is too long");
    reader->data = malloc(BUFFER);
    if (!reader->data)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    lethe_adb_sync_build(request, id, (uint32_t)len);
    memcpy(request + LETHE_ADB_SYNC_HEADER, path, len);
    int rc = lethe_adb_open(adb, "sync:", reader->until, err);
    return rc < 0 ? rc
                  : lethe_adb_write(adb, request, LETHE_ADB_SYNC_HEADER + len, reader->until, err);
}

static void end(struct reader *reader)
{
    lethe_adb_close(reader->adb);
    free(reader->data);
}

static int unexpected(struct lethe_error *err)
{
    return lethe_fail(err, LETHE_E_INVALID, "the phone answers another question about a file");
}

int lethe_adb_stat(struct lethe_adb *adb, const char *path, struct lethe_adb_file *out,
                   unsigned timeout_ms, struct lethe_error *err)
{
    struct reader reader;
    struct lethe_adb_sync reply;
    int rc = begin(&reader, adb, LETHE_SYNC_STAT, path, timeout_ms, err);
    if (rc == 0)
        rc = get_reply(&reader, &reply, err);
    if (rc == 0 && reply.id != LETHE_SYNC_STAT)
        rc = unexpected(err);
    if (rc == 0)
        *out = (struct lethe_adb_file){.mode = reply.mode, .size = reply.size};
    end(&reader);
    return rc;
}

/* In the phone's words, when it takes no more. */
static int refused(const struct lethe_adb_sync *reply, struct lethe_error *err)
{
    char words[128];
    lethe_text_clean(words, sizeof(words), (const char *)reply->body, reply->body_len);
    return lethe_fail(err, LETHE_E_LIMIT, "the phone did not take a file: %s",
                      words[0] ? words : "it gave no reason");
}

static int send_data(struct reader *reader, uint64_t size, lethe_adb_fill_fn *fill, void *user,
                     struct lethe_error *err)
{
    /* One message of ADB each, a multiple of 16 bytes of data. */
    uint8_t *message = reader->data;
    size_t most = (lethe_adb_payload(reader->adb) - LETHE_ADB_SYNC_HEADER) & ~(size_t)15;
    int rc = 0;
    for (uint64_t at = 0; rc == 0 && at < size && !lethe_adb_pending(reader->adb);) {
        size_t len = size - at < most ? (size_t)(size - at) : most;
        lethe_adb_sync_build(message, LETHE_SYNC_DATA, (uint32_t)len);
        fill(user, at, message + LETHE_ADB_SYNC_HEADER, len);
        rc = lethe_adb_write(reader->adb, message, LETHE_ADB_SYNC_HEADER + len, reader->until, err);
        at += len;
    }
    if (rc < 0 || lethe_adb_pending(reader->adb))
        return rc;
    lethe_adb_sync_build(message, LETHE_SYNC_DONE, (uint32_t)(lethe_now_ms() / 1000));
    return lethe_adb_write(reader->adb, message, LETHE_ADB_SYNC_HEADER, reader->until, err);
}

int lethe_adb_send(struct lethe_adb *adb, const char *path, uint64_t size, lethe_adb_fill_fn *fill,
                   void *user, unsigned timeout_ms, struct lethe_error *err)
{
    struct reader reader;
    struct lethe_adb_sync reply;
    char request[LETHE_ADB_SYNC_PATH_MAX];
    lethe_text_format(request, sizeof(request), "%s,%d", path, FILE_MODE);
    int rc = begin(&reader, adb, LETHE_SYNC_SEND, request, timeout_ms, err);
    if (rc == 0)
        rc = send_data(&reader, size, fill, user, err);
    /* A phone that refused says why and hangs up, perhaps in the middle of what we wrote. */
    if (rc == 0 || (rc == -LETHE_E_IO && lethe_adb_pending(adb)))
        rc = get_reply(&reader, &reply, err);
    if (rc == 0 && reply.id == LETHE_SYNC_FAIL)
        rc = refused(&reply, err);
    else if (rc == 0 && reply.id != LETHE_SYNC_OKAY)
        rc = unexpected(err);
    end(&reader);
    return rc;
}

ssize_t lethe_adb_recv(struct lethe_adb *adb, const char *path, uint64_t max,
                       lethe_adb_take_fn *take, void *user, unsigned timeout_ms,
                       struct lethe_error *err)
{
    struct reader reader;
    struct lethe_adb_sync reply = {0};
    uint64_t at = 0;
    int rc = begin(&reader, adb, LETHE_SYNC_RECV, path, timeout_ms, err);
    while (rc == 0) {
        rc = get_reply(&reader, &reply, err);
        if (rc < 0 || reply.id != LETHE_SYNC_DATA)
            break;
        if (reply.body_len > max - at)
            rc = lethe_fail(err, LETHE_E_LIMIT, "the phone sends more than the file is long");
        else
            rc = take(user, at, reply.body, reply.body_len);
        at += reply.body_len;
    }
    if (rc == 0 && reply.id == LETHE_SYNC_FAIL) {
        char words[128];
        lethe_text_clean(words, sizeof(words), (const char *)reply.body, reply.body_len);
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "the phone does not give a file back: %s", words);
    } else if (rc == 0 && reply.id != LETHE_SYNC_DONE) {
        rc = unexpected(err);
    }
    end(&reader);
    return rc < 0 ? rc : (ssize_t)at;
}
