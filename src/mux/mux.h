/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lethe-mux, the usbmux of one job: it shows one device and one pair record, and nothing else of
 * what the real usbmuxd has (facts/phones.md 5.4). A worker that a hostile phone took over reaches
 * that phone and no other, and no record but the one of it.
 *
 * This part is pure: messages in, messages out; what is behind it is asked through two functions.
 */
#ifndef LETHE_MUX_MUX_H
#define LETHE_MUX_MUX_H

#include <base/buf.h>
#include <jansson.h>
#include <lethe/error.h>
#include <proto/usbmux.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_MUX_RECORD_MAX ((size_t)64 << 10)

/* The device as the real usbmuxd sees it now. */
struct lethe_mux_seen {
    bool present;
    bool unreached; /* the real one could not be asked */
    uint32_t id, product, location;
};

/* What is behind the proxy. */
struct lethe_mux_upstream {
    /* One request, one answer: a new reference, or NULL when nobody (sensible) answers. */
    json_t *(*ask)(void *user, const json_t *request);
    /* Connect; 0 and the stream is kept by USER, or an enum lethe_mux_result. */
    unsigned (*connect)(void *user, uint32_t device, uint16_t port);
    void *user;
};

/* The one pair record. */
struct lethe_mux_record {
    int fd;        /* where it is kept, read-write; -1: only in memory */
    bool pairing;  /* a person asked for it: a new one is kept. Else an old one stays on disk, for
                      what it can still show, whatever is deleted; the new one in memory */
    bool kept;     /* there is one on disk */
    bool borrow;   /* where there is none, the real usbmuxd's is copied; and once a job has taken
                      ours out, that one is what may be taken out next */
    bool gone;     /* it has */
    uint8_t *data; /* owned; NULL none */
    size_t len;
};
int lethe_mux_record_load(struct lethe_mux_record *record, struct lethe_error *err);
/* Takes a copy. DURABLE: on disk as well. */
int lethe_mux_record_set(struct lethe_mux_record *record, const void *data, size_t len,
                         bool durable);
void lethe_mux_record_delete(struct lethe_mux_record *record);
void lethe_mux_record_clear(struct lethe_mux_record *record);

struct lethe_mux {
    char udid[64]; /* as usbmuxd spells it */
    char buid[37]; /* of records to come */
    struct lethe_mux_record record;
    struct lethe_mux_upstream upstream;
};

/* What becomes of the client. */
enum lethe_mux_next {
    LETHE_MUX_NEXT_REPLY,  /* it may ask again */
    LETHE_MUX_NEXT_LISTEN, /* it gets events from now on */
    LETHE_MUX_NEXT_RELAY,  /* it is through: bytes from now on */
    LETHE_MUX_NEXT_DROP,   /* it makes no sense: no reply */
};
/* One message of LEN bytes behind its header; the framed reply is appended to OUT. */
enum lethe_mux_next lethe_mux_handle(struct lethe_mux *mux, uint32_t tag, const void *plist,
                                     size_t len, struct lethe_buf *out);

/* Append JSON, framed. */
int lethe_mux_frame(uint32_t tag, const json_t *json, struct lethe_buf *out);
/* Is MESSAGE about our device? An Attached event or an entry of DeviceList, over USB. */
bool lethe_mux_is_ours(const struct lethe_mux *mux, const json_t *message,
                       struct lethe_mux_seen *out);
/* Ask the real one. */
void lethe_mux_look(const struct lethe_mux *mux, struct lethe_mux_seen *out);
/* Our own words for it: nothing of what a stranger wrote passes. New reference. */
json_t *lethe_mux_attached(const struct lethe_mux *mux, const struct lethe_mux_seen *seen);
json_t *lethe_mux_detached(uint32_t id);

#endif
