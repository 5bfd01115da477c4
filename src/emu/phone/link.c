/* SPDX-License-Identifier: Apache-2.0 */
/* `lethe-phone link`: one enumeration of a phone on descriptor 3, one transfer a datagram. */
#include "emu/phone/phone_usb.h"
#include "emu/phone/verbs.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#define LINK_FD 3

/* Everything it has to say now, as far as the host takes it. False: nobody is there. */
static bool speak(struct phone_engine *engine, uint8_t *buffer)
{
    ssize_t n;
    while ((n = phone_engine_in(engine, buffer, LETHE_USB_TRANSFER_MAX)) > 0) {
        while (send(LINK_FD, buffer, (size_t)n, MSG_NOSIGNAL) < 0) {
            struct pollfd fd = {.fd = LINK_FD, .events = POLLOUT};
            if (errno != EINTR && errno != EAGAIN)
                return false;
            poll(&fd, 1, 1000);
        }
    }
    return true;
}

static int serve(struct phone_engine *engine)
{
    uint8_t *buffer = malloc(LETHE_USB_TRANSFER_MAX);
    bool here = buffer;
    while (here) {
        struct pollfd fd = {.fd = LINK_FD, .events = POLLIN};
        int ready = poll(&fd, 1, phone_engine_poll_ms(engine));
        if (ready < 0 && errno != EINTR)
            break;
        if (ready > 0) {
            ssize_t n = recv(LINK_FD, buffer, LETHE_USB_TRANSFER_MAX, 0);
            here = n > 0 && phone_engine_out(engine, buffer, (size_t)n) == 0;
        }
        here = here && phone_engine_tick(engine) == 0;
        /* Also what it said before it left. */
        here = speak(engine, buffer) && here;
    }
    free(buffer);
    return 0;
}

int verb_link(const struct verb_options *options, struct lethe_error *err)
{
    struct phone_engine *engine;
    int rc = phone_engine_open(options->memory[0], &engine, err);
    if (rc < 0)
        return rc;
    rc = verb_detach(err);
    if (rc == 0)
        rc = serve(engine);
    phone_engine_close(engine);
    return rc;
}
