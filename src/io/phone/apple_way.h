/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the way to the device is there: the job's proxy, and usbmuxd behind it. */
#ifndef LETHE_IO_PHONE_APPLE_WAY_H
#define LETHE_IO_PHONE_APPLE_WAY_H

/* Who does not answer: "lethe-mux", which listens at SOCKET_PATH, or "usbmuxd"; NULL: both do.
 * Takes seconds at most. */
const char *lethe_apple_way_broken(const char *socket_path);

#endif
