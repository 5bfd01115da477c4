/* SPDX-License-Identifier: Apache-2.0 */
/* An Android phone's side of ADB: one connection, its streams, and the services they open. */
#ifndef LETHE_EMU_PHONE_ADBD_H
#define LETHE_EMU_PHONE_ADBD_H

#include "base/buf.h"
#include "emu/phone/phone_usb.h"
#include "proto/adb.h"

#define ADB_STREAMS 16

struct adb;
struct adb_stream;

struct adb_service {
    const char *prefix;
    unsigned modes; /* 1 << enum lethe_phone_mode in which it is offered */
    /* What stands behind the prefix; what opening answers is in the stream. Negative: refused. */
    int (*open)(struct adb *adb, struct adb_stream *stream, const char *argument);
    void (*data)(struct adb *adb, struct adb_stream *stream, const uint8_t *data, size_t len);
    void (*more)(struct adb *adb, struct adb_stream *stream); /* all it had to say is sent */
    void (*close)(struct adb_stream *stream);
};

struct adb_stream {
    uint32_t local, remote; /* local 0: free */
    const struct adb_service *service;
    void *state;          /* the service's own */
    bool waiting, ending; /* for an OKAY; the last byte is the last */
    struct lethe_buf out;
    size_t sent;
};
int adb_write(struct adb_stream *stream, const void *data, size_t len);
void adb_end(struct adb_stream *stream);

struct adb {
    struct phone_engine base;
    uint8_t header[LETHE_ADB_HEADER], payload[LETHE_ADB_PAYLOAD_MAX];
    size_t n_header, n_payload;
    struct lethe_adb_message message;
    bool online, unchecked; /* CNXN was answered; both sides skip sums */
    uint32_t host_max;
    uint8_t token[LETHE_ADB_TOKEN_SIZE];
    char asked[LETHE_ADB_KEY_TEXT]; /* the key that its screen asks about */
    uint32_t last_id;
    struct adb_stream streams[ADB_STREAMS];
};
void adb_send(struct adb *adb, uint32_t command, uint32_t arg0, uint32_t arg1, const void *data,
              size_t len);

/* The key of the AUTH_PUBLIC_KEY payload KEY (text) signed TOKEN? */
bool adb_signed(const char *key, const uint8_t token[LETHE_ADB_TOKEN_SIZE],
                const uint8_t *signature, size_t len);

/* What is printed, cleaned of nothing: properties with what faults make of them. */
void adb_prop(const struct phone *phone, const char *name, char *out, size_t out_size);

/* service.c, shell.c, sync.c */
#define ADB_SHELLS 3
extern const struct adb_service adb_service_shell[ADB_SHELLS], adb_service_sync;
/* What NAME opens in this mode, and what stands behind its prefix; NULL: nothing. */
const struct adb_service *adb_service_find(const struct phone *phone, const char *name,
                                           const char **argument);

#endif
