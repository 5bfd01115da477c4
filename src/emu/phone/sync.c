/* SPDX-License-Identifier: Apache-2.0 */
/* sync: files to and from shared storage, STAT and LIST (facts/phones.md 5.6). */
#include "base/file.h"
#include "base/text.h"
#include "emu/phone/adbd.h"
#include "emu/phone/file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct sync {
    struct lethe_buf in;
    struct android_file to, from; /* being sent, being received */
    uint64_t offset;              /* of `from` */
    int failed;                   /* of `to`, -errno; told at the end, as the phone's own does */
    bool sending;
};

static void say(struct adb_stream *stream, enum lethe_adb_sync_id id, const void *data, size_t len)
{
    uint8_t header[LETHE_ADB_SYNC_HEADER];
    lethe_adb_sync_build(header, id, (uint32_t)len);
    adb_write(stream, header, sizeof(header));
    adb_write(stream, data, len);
}

static void fail(struct adb_stream *stream, const char *what, int errnum)
{
    char text[256];
    lethe_text_format(text, sizeof(text), "%s: %s", what, strerror(-errnum));
    say(stream, LETHE_SYNC_FAIL, text, strlen(text));
}

static bool path_of(const struct lethe_adb_sync *request, char out[LETHE_ADB_SYNC_PATH_MAX + 1])
{
    return lethe_text_format(out, LETHE_ADB_SYNC_PATH_MAX + 1, "%.*s", (int)request->body_len,
                             (const char *)request->body) &&
           strlen(out) == request->body_len;
}

static void on_stat(struct adb *adb, struct adb_stream *stream, const char *path)
{
    uint8_t reply[LETHE_ADB_SYNC_STAT];
    char local[PATH_MAX];
    struct stat st = {0};
    if (android_path(&adb->base.phone, path, local) < 0 || stat(local, &st) < 0)
        st = (struct stat){0};
    lethe_adb_sync_stat_build(reply, st.st_mode, (uint32_t)st.st_size, (uint32_t)st.st_mtime);
    adb_write(stream, reply, sizeof(reply));
}

static void put_u32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static void dent(struct adb_stream *stream, enum lethe_adb_sync_id id, const struct stat *st,
                 const char *name)
{
    uint8_t reply[20];
    put_u32(reply, id);
    put_u32(reply + 4, st->st_mode);
    put_u32(reply + 8, (uint32_t)st->st_size);
    put_u32(reply + 12, (uint32_t)st->st_mtime);
    put_u32(reply + 16, (uint32_t)strlen(name));
    adb_write(stream, reply, sizeof(reply));
    adb_write(stream, name, strlen(name));
}

static void on_list(struct adb *adb, struct adb_stream *stream, const char *path)
{
    char local[PATH_MAX], one[PATH_MAX], **names = NULL;
    struct stat st;
    if (android_path(&adb->base.phone, path, local) == 0 &&
        lethe_dir_list(local, &names, NULL) == 0) {
        for (char **name = names; *name; name++)
            if (lethe_path_join(one, sizeof(one), local, *name, NULL) == 0 && stat(one, &st) == 0)
                dent(stream, LETHE_SYNC_DENT, &st, *name);
        lethe_names_free(names);
    }
    st = (struct stat){0};
    dent(stream, LETHE_SYNC_DONE, &st, "");
}

static void on_send(struct adb *adb, struct sync *sync, char *path)
{
    char *comma = strrchr(path, ',');
    if (comma)
        *comma = '\0';
    android_file_close(&sync->to);
    sync->failed = android_create(&adb->base.phone, path, &sync->to);
    sync->sending = true;
}

static void on_done(struct adb_stream *stream, struct sync *sync)
{
    if (sync->failed < 0)
        android_file_drop(&sync->to);
    android_file_close(&sync->to);
    if (sync->failed < 0)
        fail(stream, sync->failed == -ENOSPC ? "write failed" : "couldn't create file",
             sync->failed);
    else
        say(stream, LETHE_SYNC_OKAY, "", 0);
    sync->sending = false;
}

static void on_receive(struct adb *adb, struct adb_stream *stream, struct sync *sync,
                       const char *path)
{
    sync->offset = 0;
    android_file_close(&sync->from);
    int rc = android_look(&adb->base.phone, path, &sync->from);
    if (rc < 0)
        fail(stream, "open failed", rc);
}

static void on_request(struct adb *adb, struct adb_stream *stream,
                       const struct lethe_adb_sync *request)
{
    struct sync *sync = stream->state;
    char path[LETHE_ADB_SYNC_PATH_MAX + 1];
    bool named = path_of(request, path);
    switch (request->id) {
    case LETHE_SYNC_DATA:
        if (sync->sending && sync->failed == 0)
            sync->failed = android_put(&sync->to, request->body, request->body_len);
        break;
    case LETHE_SYNC_DONE:
        on_done(stream, sync);
        break;
    case LETHE_SYNC_STAT:
        on_stat(adb, stream, named ? path : "");
        break;
    case LETHE_SYNC_LIST:
        on_list(adb, stream, named ? path : "");
        break;
    case LETHE_SYNC_SEND:
        on_send(adb, sync, path);
        break;
    case LETHE_SYNC_RECV:
        on_receive(adb, stream, sync, named ? path : "");
        break;
    default:
        adb_end(stream);
    }
}

static void sync_data(struct adb *adb, struct adb_stream *stream, const uint8_t *data, size_t len)
{
    struct sync *sync = stream->state;
    size_t taken = 0;
    if (lethe_buf_add(&sync->in, data, len) < 0) {
        adb_end(stream);
        return;
    }
    while (taken < sync->in.len) {
        struct lethe_adb_sync request;
        ssize_t n = lethe_adb_sync_parse((const uint8_t *)sync->in.data + taken,
                                         sync->in.len - taken, false, &request, NULL);
        if (n < 0) {
            fail(stream, "unknown command", -EINVAL);
            adb_end(stream);
        }
        if (n <= 0)
            break;
        on_request(adb, stream, &request);
        taken += (size_t)n;
    }
    memmove(sync->in.data, sync->in.data + taken, sync->in.len - taken);
    sync->in.len -= taken;
}

/* The next piece of what is being received, when the last one is on its way. */
static void sync_more(struct adb *adb, struct adb_stream *stream)
{
    struct sync *sync = stream->state;
    uint8_t piece[LETHE_ADB_SYNC_DATA_MAX - 64];
    (void)adb;
    if (sync->from.fd < 0)
        return;
    ssize_t n = android_get(&sync->from, piece, sizeof(piece), sync->offset);
    if (n > 0) {
        sync->offset += (uint64_t)n;
        say(stream, LETHE_SYNC_DATA, piece, (size_t)n);
        return;
    }
    android_file_close(&sync->from);
    if (n < 0)
        fail(stream, "read failed", (int)n);
    else
        say(stream, LETHE_SYNC_DONE, "", 0);
}

static int sync_open(struct adb *adb, struct adb_stream *stream, const char *argument)
{
    (void)adb;
    (void)argument;
    struct sync *sync = calloc(1, sizeof(*sync));
    if (!sync)
        return -LETHE_E_INTERNAL;
    sync->to.fd = sync->from.fd = -1;
    stream->state = sync;
    return 0;
}

static void sync_close(struct adb_stream *stream)
{
    struct sync *sync = stream->state;
    if (!sync)
        return;
    android_file_close(&sync->to);
    android_file_close(&sync->from);
    lethe_buf_free(&sync->in);
    free(sync);
}

const struct adb_service adb_service_sync = {.prefix = "sync:",
                                             .modes = 1u << LETHE_MODE_NORMAL |
                                                      1u << LETHE_MODE_RECOVERY,
                                             .open = sync_open,
                                             .data = sync_data,
                                             .more = sync_more,
                                             .close = sync_close};
