/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated usbmuxd: many clients, several iPhones, one process, one thread. Speaks the client
 * protocol of usbmuxd (plists, version 1) on a UNIX socket: USBMUXD_SOCKET_ADDRESS=UNIX:PATH.
 */
#ifndef LETHE_EMU_PHONE_MUXD_H
#define LETHE_EMU_PHONE_MUXD_H

#include "emu/phone/iphone_stream.h"

enum { MUXD_DEVICES = 64, MUXD_CLIENTS = 256 };

struct muxd_device {
    struct iphone iphone;
    unsigned id; /* DeviceID of this presence; 0: not on the bus */
    uint64_t generation;
    uint64_t inode, changed; /* of its memory, at the last look */
};

struct muxd_client {
    int fd;
    struct lethe_buf in, out;
    bool listening, ended; /* ended: closed once `out` is empty */
    uint32_t tag;          /* of the message that is answered */
    struct muxd_device *device;
    struct iphone_stream *stream; /* after Connect */
};

struct muxd {
    int listener, leash; /* leash: ends when its other end does; -1 none */
    char records[PATH_MAX];
    bool preflight; /* pair with what is plugged in, as the real one does */
    unsigned last_id;
    size_t n_devices, n_clients;
    struct muxd_device devices[MUXD_DEVICES];
    struct muxd_client *clients[MUXD_CLIENTS];
};

/* Serve until the leash goes, or -LETHE_E_*. RECORDS: where pair records are kept. */
int muxd_run(struct muxd *muxd, struct lethe_error *err);

/* muxd_protocol.c: one whole message of a client; and what listeners are told. */
void muxd_message(struct muxd *muxd, struct muxd_client *client, const json_t *message);
void muxd_tell(struct muxd_client *client, const struct muxd_device *device, const char *what);
void muxd_say(struct muxd_client *client, json_t *message); /* taken */

/* muxd_records.c: pair records and the host's identity, as usbmuxd keeps them. The plist's bytes as
 * data, or NULL. */
json_t *muxd_record_read(const struct muxd *muxd, const char *udid);
bool muxd_record_save(const struct muxd *muxd, const char *udid, const json_t *data);
bool muxd_record_delete(const struct muxd *muxd, const char *udid);
void muxd_buid(const struct muxd *muxd, char out[37]);

/* muxd_preflight.c */
void muxd_preflight(const struct muxd *muxd, struct phone *phone);

#endif
