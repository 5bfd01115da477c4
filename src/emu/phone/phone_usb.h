/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A phone as bytes on its two bulk endpoints, in the mode it is in now: what every transport
 * carries
 * (`lethe-phone link`, its TCP servers, a USB/IP server, tests). One engine is one enumeration: it
 * ends when the phone leaves its port, and the next one is opened when it is back.
 */
#ifndef LETHE_EMU_PHONE_PHONE_USB_H
#define LETHE_EMU_PHONE_PHONE_USB_H

#include "emu/phone/phone.h"
#include "emu/usb/face.h"
#include "io/phone/phone.h" /* LETHE_USB_TRANSFER_MAX */
#include <sys/types.h>

/* What its device and configuration descriptors tell in its mode; without a bulk interface where
 * nothing answers (it charges, or shows MTP). In src/emu, for identities and for USB/IP. */
void phone_face(const struct phone *phone, struct lethe_face *out);

struct phone_engine;
/* -LETHE_E_GONE: not on its port; -LETHE_E_UNSUPPORTED: no endpoints in this mode. */
int phone_engine_open(const char *path, struct phone_engine **out, struct lethe_error *err);
void phone_engine_close(struct phone_engine *engine);

/* One bulk transfer from the host. 0, or -ENODEV: the phone has left. */
int phone_engine_out(struct phone_engine *engine, const void *data, size_t len);
/* The next transfer to the host, or as much of it as fits in SIZE (the rest comes next). 0: nothing
 * now (NAK); -ENODEV: the phone has left, and all it said before that was taken. */
ssize_t phone_engine_in(struct phone_engine *engine, void *data, size_t size);
/* Let time pass: to be called before in(), and when poll_ms() have passed. 0, or -ENODEV. */
int phone_engine_tick(struct phone_engine *engine);
int phone_engine_poll_ms(const struct phone_engine *engine);

/* ------------------------------------------------------------------------------------------
 * For those who make one.
 */
struct phone_transfer {
    struct phone_transfer *next;
    uint64_t at; /* not before, lethe_monotonic_ms() */
    size_t len, taken;
    uint8_t data[];
};

struct phone_protocol {
    size_t size; /* of the struct that begins with a phone_engine */
    int (*open)(struct phone_engine *engine, struct lethe_error *err); /* may be NULL */
    int (*out)(struct phone_engine *engine, const uint8_t *data, size_t len);
    int (*tick)(struct phone_engine *engine);   /* may be NULL */
    void (*close)(struct phone_engine *engine); /* may be NULL */
};
extern const struct phone_protocol phone_protocol_adb, phone_protocol_fastboot, phone_protocol_mux;

struct phone_engine {
    const struct phone_protocol *protocol;
    struct phone phone;
    uint64_t generation;
    bool left;               /* it has said its last */
    uint64_t hold;           /* lethe_monotonic_ms() before which nothing more is said */
    uint64_t inode, changed; /* of the memory file, at the last look */
    struct phone_transfer *first, *last;
};
/* Queue one transfer. */
int phone_engine_say(struct phone_engine *engine, const void *data, size_t len);
/* What is said from now on takes so long. */
void phone_engine_hold(struct phone_engine *engine, uint64_t ms);
/* A change after which it may have left. */
int phone_engine_change(struct phone_engine *engine, phone_change_fn *change, void *user);

#endif
