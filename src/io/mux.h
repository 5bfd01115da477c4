/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting lethe-mux, the usbmux of one job or one look (src/mux): supervisor's side, for the
 * driver "ios" and that of emulated iPhones alike. It shows one device and one pair record, and
 * lives as long as somebody holds its leash: the supervisor for a job, the worker alone for a look.
 */
#ifndef LETHE_IO_MUX_H
#define LETHE_IO_MUX_H

#include <lethe/io.h>

struct lethe_mux_order {
    const char *run;      /* where its directory is made: "/run" */
    const char *udid;     /* as usbmuxd spells it */
    const char *upstream; /* socket of usbmuxd, or of an emulated one */
    const char *record;   /* file of our copy of the pair record; NULL: only in memory */
    bool pairing;         /* somebody asked for it: a new record is kept in the file */
    bool borrow;          /* where there is no record, usbmuxd's is copied */
};

struct lethe_mux_leash {
    int fd;         /* -1: none */
    char path[104]; /* of its socket, alone in its directory */
};

/* On return it can be connected to. */
int lethe_mux_start(const struct lethe_mux_order *order, struct lethe_mux_leash *out,
                    struct lethe_error *err);
/* Ends it; its socket and directory go. */
void lethe_mux_stop(struct lethe_mux_leash *leash);

/* For a worker: {"socket", "udid"} and a duplicate of the leash. */
int lethe_mux_spec(const struct lethe_mux_leash *leash, const char *driver, const char *udid,
                   bool writable, struct lethe_io_spec *out, struct lethe_error *err);
/* In the worker: lethe_phone_open_apple() with what the above put in. */
int lethe_mux_open(const struct lethe_io_spec *spec, struct lethe_io **out,
                   struct lethe_error *err);
/* Fit for a file's name: letters, digits and dashes. */
bool lethe_udid_valid(const char *udid);

#endif
