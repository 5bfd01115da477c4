/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to a port of the device, through the proxy; with TLS where it wants that. */
#ifndef LETHE_IO_PHONE_APPLE_LINK_H
#define LETHE_IO_PHONE_APPLE_LINK_H

#include <io/apple.h>

struct lethe_apple_link;

/* Sets the handler of the clock; once, before the sandbox. */
int lethe_apple_clock(struct lethe_error *err);

/* REPLY: it is open. */
enum lethe_apple_end lethe_apple_link_open(const char *udid, uint16_t port, unsigned timeout_ms,
                                           struct lethe_apple_link **out);
/* TLS, with the pair record that the proxy keeps. REPLY: done. */
enum lethe_apple_end lethe_apple_link_secure(struct lethe_apple_link *link, unsigned timeout_ms);
enum lethe_apple_end lethe_apple_link_send(struct lethe_apple_link *link, const void *data,
                                           size_t len, unsigned timeout_ms);
enum lethe_apple_end lethe_apple_link_receive(struct lethe_apple_link *link, void *data, size_t len,
                                              unsigned timeout_ms);
/* A framed plist there (REQUEST may be NULL), a framed plist back; OUT is cleared first. */
void lethe_apple_link_exchange(struct lethe_apple_link *link, const json_t *request,
                               unsigned timeout_ms, struct lethe_apple_answer *out);
void lethe_apple_link_close(struct lethe_apple_link *link); /* NULL is fine */

#endif
