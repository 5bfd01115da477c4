/* SPDX-License-Identifier: Apache-2.0 */
/* Phones and tablets on the bus, as far as looking tells: nothing is sent to them. */
#ifndef LETHE_SCAN_PHONE_H
#define LETHE_SCAN_PHONE_H

#include "scan/chain.h"
#include "scan/phone_kind.h"

/* All of them, behind what LIST holds already. What two of them share (a serial number) is a use
 * of both: which one an operator means nobody could tell. */
int lethe_phones_read(const struct lethe_scan_env *env, const struct lethe_machine *machine,
                      struct lethe_device_list *list, struct lethe_error *err);
/* Does TARGET name a phone at all? "usb:2-4.1", "usb:SLOT", "phone:SERIAL"; and, ALSO_BARE, its
 * serial number or UDID alone. */
bool lethe_phone_named(const struct lethe_device *device, const char *target);
/* 1 found, 0 TARGET names none. A name that two answer to is refused. */
int lethe_phone_target(const struct lethe_scan_env *env, const struct lethe_machine *machine,
                       const char *target, struct lethe_device *out, struct lethe_error *err);

/* ---- phone_usb.c ---- */
/* What the kernel knows of the USB device NAME ("2-4.1"); false: it is gone. */
bool lethe_usb_sight_read(const struct lethe_scan_env *env, const char *name,
                          struct lethe_usb_sight *out);
/* The port it is on. A socket for SuperSpeed is two ports to the kernel, and a phone comes back on
 * the other one when its boot loader is slower: the slower one names both. */
void lethe_usb_slot(const struct lethe_scan_env *env, const struct lethe_chain *chain, char *out,
                    size_t size);

/* ---- phone_busy.c ---- */
/* Who holds its interface: uses of DEVICE. */
int lethe_phone_uses(const struct lethe_scan_env *env, const char *name,
                     const struct lethe_phone_kind *kind, struct lethe_device *device,
                     struct lethe_error *err);

/* ---- phone_mux.c ---- */
/* Where usbmuxd listens: USBMUXD_SOCKET_ADDRESS as libusbmuxd takes it, of UNIX sockets; else where
 * it always does. */
#define LETHE_MUX_ADDRESS_MAX 108
bool lethe_mux_address(const struct lethe_scan_env *env, char out[LETHE_MUX_ADDRESS_MAX]);
/* What usbmuxd lists: by their place on the bus, the UDIDs that it knows. */
struct lethe_mux_list {
    bool asked, runs;
    size_t n;
    struct {
        uint32_t location; /* bus << 16 | number */
        char udid[64];
    } devices[64];
};
void lethe_mux_list(const struct lethe_scan_env *env, struct lethe_mux_list *out);
/* A socket on which usbmuxd tells what comes and goes; negative: it does not run. */
int lethe_mux_listen(const struct lethe_scan_env *env);
/* Has it told anything since? What, lethe_mux_list() says. ENDED: nobody tells any more. */
bool lethe_mux_told(int fd, bool *ended);

#endif
