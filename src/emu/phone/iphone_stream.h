/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection into an emulated iPhone, as bytes in and bytes out: the same phone stands behind a
 * UNIX socket (muxd.h) and behind USB (mux_device.h). Only `lethe-phone` links this: it needs
 * libplist and TLS.
 */
#ifndef LETHE_EMU_PHONE_IPHONE_STREAM_H
#define LETHE_EMU_PHONE_IPHONE_STREAM_H

#include "base/buf.h"
#include "emu/phone/iphone.h"

enum { IPHONE_LOCKDOWN_PORT = 62078, IPHONE_TICKETS = 64 };

/* StartService promised a port; whoever connects to it first gets the service. */
struct iphone_ticket {
    uint16_t port; /* 0: free */
    const struct iphone_service *service;
    char host[64]; /* HostID of the session; "" without one */
};

struct iphone {
    struct phone phone;
    uint16_t last_port;
    struct iphone_ticket tickets[IPHONE_TICKETS];
};

struct iphone_stream;
struct iphone_service {
    const char *name;
    bool tls;                                    /* EnableServiceSSL */
    bool open;                                   /* to hosts that are not trusted, too */
    bool binary;                                 /* how it writes plists */
    void (*greet)(struct iphone_stream *stream); /* it speaks first; NULL: it doesn't */
    /* One of both: framed plists; or bytes, and how many of them were used, 0: more must come. */
    void (*message)(struct iphone_stream *stream, const json_t *plist);
    size_t (*bytes)(struct iphone_stream *stream, const uint8_t *data, size_t len);
    void (*tick)(struct iphone_stream *stream); /* something may have changed; may be NULL */
    void (*end)(struct iphone_stream *stream);  /* frees `own`; may be NULL */
};
extern const struct iphone_service iphone_lockdown, iphone_mcinstall, iphone_backup, iphone_afc,
    iphone_diagnostics, iphone_notifications, iphone_insecure_notifications;
const struct iphone_service *iphone_service_find(const char *name); /* not lockdown; or NULL */

struct iphone_stream {
    struct iphone *iphone;
    struct phone *phone; /* of it */
    const struct iphone_service *service;
    void *own;        /* the service's */
    char host[64];    /* HostID that speaks; "" nobody trusted */
    char session[40]; /* lockdown's SessionID; "" none */
    bool greeted;
    struct ssl_st *tls;   /* NULL: plain */
    struct lethe_buf in;  /* heard, deciphered */
    struct lethe_buf out; /* as it goes over the wire */
    uint64_t held_until;  /* a slow phone: nothing is sent before */
    bool ended;           /* the phone closes once `out` is empty */
};

/* NULL: refused. */
struct iphone_stream *iphone_stream_open(struct iphone *iphone, uint16_t port);
void iphone_stream_close(struct iphone_stream *stream);
void iphone_stream_feed(struct iphone_stream *stream, const void *data, size_t len);
void iphone_stream_tick(struct iphone_stream *stream);
/* Bytes for the host, at most MAX; 0: none now. */
size_t iphone_stream_take(struct iphone_stream *stream, void *data, size_t max);
bool iphone_stream_has(const struct iphone_stream *stream);
bool iphone_stream_over(const struct iphone_stream *stream);

/* For services: a framed plist (taken), bytes, the promise of a port (0: too many). */
void iphone_say(struct iphone_stream *stream, json_t *plist);
void iphone_say_bytes(struct iphone_stream *stream, const void *data, size_t len);
uint16_t iphone_promise(struct iphone *iphone, const struct iphone_service *service,
                        const char *host);
/* Where the service speaks first: now it can be heard. Once. */
void iphone_greet(struct iphone_stream *stream);
/* Deciphered bytes for the service. */
void iphone_hear(struct iphone_stream *stream, const void *data, size_t len);

/* iphone_tls.c: TLS as the server from the next byte on; false: HOST is not trusted. */
bool iphone_tls_begin(struct iphone_stream *stream, const char *host);
void iphone_tls_feed(struct iphone_stream *stream, const void *data, size_t len);
void iphone_tls_say(struct iphone_stream *stream, const void *data, size_t len);
void iphone_tls_end(struct iphone_stream *stream);

/* iphone_keys.c: its own key, and as PEM "RSA PUBLIC KEY". */
struct evp_pkey_st *iphone_key(const struct phone *phone);
struct evp_pkey_st *iphone_pool_key(uint64_t index);
int iphone_public_key(const struct phone *phone, struct lethe_buf *pem);

/* lockdown_pair.c: the error's name, or NULL; ESCROW is new. */
const char *iphone_pair(struct phone *phone, const json_t *record, json_t **escrow);
const char *iphone_validate_pair(const struct phone *phone, const json_t *record);
const char *iphone_unpair(struct phone *phone, const json_t *record);

/* lockdown_values.c: what GetValue has; a new reference, or NULL and an error's name. */
json_t *iphone_value(const struct phone *phone, const char *domain, const char *key, bool trusted,
                     const char **error);
json_t *iphone_nvram(const struct phone *phone);

/* The first LEN bytes were used. */
static inline void iphone_drop(struct lethe_buf *buf, size_t len)
{
    buf->len -= len;
    __builtin_memmove(buf->data, buf->data + len, buf->len);
}

#endif
