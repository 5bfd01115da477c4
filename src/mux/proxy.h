/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets of lethe-mux: clients, what is behind them, and the leash that ends it. */
#ifndef LETHE_MUX_PROXY_H
#define LETHE_MUX_PROXY_H

#include "mux/mux.h"

#define LETHE_MUX_CLIENTS_MAX 16
#define LETHE_MUX_ANSWER_MS 5000 /* of the real usbmuxd */
#define LETHE_MUX_RECONNECT_MS                                                                     \
    1500                        /* it ends with its last phone, and comes back with the next       \
                                 */
#define LETHE_MUX_IDLE_MS 30000 /* for half a question */

/* The real usbmuxd at PATH. */
struct lethe_mux_real {
    const char *path;
    int through; /* the stream of the last connect; taken by whoever asked for it */
};
json_t *lethe_mux_real_ask(void *real, const json_t *request);
unsigned lethe_mux_real_connect(void *real, uint32_t device, uint16_t port);
/* A stream on which it tells what comes and goes; negative: not now. */
int lethe_mux_real_listen(const struct lethe_mux_real *real);

/* Serve the clients of LISTENER until LEASH has nobody at its other end. */
int lethe_mux_serve(struct lethe_mux *mux, struct lethe_mux_real *real, int listener, int leash,
                    struct lethe_error *err);

#endif
