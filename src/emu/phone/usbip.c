/* SPDX-License-Identifier: Apache-2.0 */
/* `lethe-phone usbip`: an emulated phone on a USB port of this kernel (vhci_hcd), through all its
 * enumerations: it leaves the port and comes back on the same one, in its next mode. */
#include "base/file.h"
#include "emu/phone/phone_usb.h"
#include "emu/phone/verbs.h"
#include "emu/usb/pipe.h"
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#define LOOK_MS 20
#define PORT_FREE_MS 5000

struct plugged {
    struct phone phone;
    uint64_t generation;
    int port; /* below 0: not yet on one */
};

/* Is this still the enumeration that the host sees? */
static bool stays(void *user)
{
    struct plugged *p = user;
    return phone_read(&p->phone, NULL) == 0 && !phone_is_away(&p->phone) &&
           phone_generation(&p->phone) == p->generation;
}

/* Its end of the cable; below 0 where nothing speaks in its mode. */
static int link_of(const struct plugged *p)
{
    int pair[2];
    const char *const argv[] = {"lethe-phone", "link", "--memory", p->phone.path, NULL};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    LETHE_FD_AUTO theirs = pair[1];
    if (phone_start(argv, theirs, NULL) == 0)
        return pair[0];
    close(pair[0]);
    return -1;
}

static int enumerate(struct plugged *p, int wanted, struct lethe_error *err)
{
    struct lethe_face face;
    int first = p->port >= 0 ? p->port : wanted >= 0 ? wanted : 0;
    int last = p->port >= 0 || wanted >= 0 ? first : LETHE_VHCI_PORTS - 1;
    bool new = p->port < 0;
    p->generation = phone_generation(&p->phone);
    phone_face(&p->phone, &face);
    LETHE_FD_AUTO link = link_of(p);
    LETHE_FD_AUTO line = lethe_vhci_attach(first, last, new ? 0 : PORT_FREE_MS, &p->port, err);
    if (line < 0)
        return line;
    if (new) {
        printf("ready: usb %d\n", p->port);
        fflush(stdout);
    }
    const struct lethe_pipe pipe = {line, link, &face, stays, p};
    return lethe_pipe_serve(&pipe, err);
}

int verb_usbip(const struct verb_options *options, struct lethe_error *err)
{
    struct plugged p = {.port = -1};
    int rc = phone_open(options->memory[0], &p.phone, err);
    if (rc < 0)
        return rc;
    rc = LETHE_PIPE_LEFT;
    while (rc == LETHE_PIPE_LEFT) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
        rc = phone_read(&p.phone, err);
        if (rc == 0 && !phone_is_away(&p.phone))
            rc = enumerate(&p, options->port, err);
        else if (rc == 0)
            rc = LETHE_PIPE_LEFT;
    }
    phone_close(&p.phone);
    return rc < 0 ? rc : 0;
}
