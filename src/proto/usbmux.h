/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usbmux as bytes. Twice: the protocol of usbmuxd's socket (facts/phones.md 5.4; 16 bytes
 * little-endian and a plist), and what usbmuxd and the phone say over USB (5.3; big-endian packets
 * that carry TCP).
 */
#ifndef LETHE_PROTO_USBMUX_H
#define LETHE_PROTO_USBMUX_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -- the socket -------------------------------------------------------------------------------- */
#define LETHE_MUX_CLIENT_HEADER ((size_t)16)
#define LETHE_MUX_CLIENT_MAX ((uint32_t)1 << 20) /* header included */
#define LETHE_MUX_PLIST 8                        /* the type of all messages of version 1 */
#define LETHE_LOCKDOWN_PORT 62078
/* A device's ports are told to usbmuxd byte-swapped. */
#define LETHE_MUX_PORT_SWAP(port) ((uint16_t)((uint16_t)(port) >> 8 | (uint16_t)(port) << 8))
enum lethe_mux_result {
    LETHE_MUX_OK = 0,
    LETHE_MUX_BAD_COMMAND = 1,
    LETHE_MUX_BAD_DEVICE = 2,
    LETHE_MUX_REFUSED = 3,
    LETHE_MUX_BAD_VERSION = 6,
};
/* Our own word in the proxy's DeviceList: true when no usbmuxd answers behind it. */
#define LETHE_MUX_UNREACHED "LetheUnreached"
/* LEN: of the plist that follows. */
void lethe_mux_client_build(uint8_t out[LETHE_MUX_CLIENT_HEADER], uint32_t tag, uint32_t len);
/* LEN gets the length of the plist. */
int lethe_mux_client_parse(const uint8_t data[LETHE_MUX_CLIENT_HEADER], uint32_t *tag,
                           uint32_t *len, struct lethe_error *err);

/* -- over USB ---------------------------------------------------------------------------------- */
#define LETHE_MUX_HEADER_V1 ((size_t)8)
#define LETHE_MUX_HEADER_V2 ((size_t)16)
#define LETHE_MUX_MAGIC 0xfeedfaceu
#define LETHE_MUX_TCP_HEADER ((size_t)20)
#define LETHE_MUX_PACKET_MAX ((uint32_t)65536) /* header included */
#define LETHE_MUX_TRANSFER ((uint32_t)16384)   /* usbmuxd reads that much at a time */
#define LETHE_MUX_HOST_MTU ((uint32_t)49152)
enum lethe_mux_protocol {
    LETHE_MUX_VERSION = 0, /* payload: major, minor, 0; always behind 8 bytes of header */
    LETHE_MUX_CONTROL = 1, /* payload: 3 an error's text, 7 information */
    LETHE_MUX_SETUP = 2,   /* payload: 07 */
    LETHE_MUX_TCP = 6,
};
struct lethe_mux_packet {
    enum lethe_mux_protocol protocol;
    uint32_t length; /* of all of it, as it says */
    uint16_t tx_seq, rx_seq;
    const uint8_t *payload; /* inside the parsed bytes */
    size_t payload_len;
};
/* A header in front of PAYLOAD_LEN bytes; its length. VERSION 2 and up have the long one, but for
 * the packet that tells the version. */
size_t lethe_mux_header_build(uint8_t out[LETHE_MUX_HEADER_V2], unsigned version,
                              enum lethe_mux_protocol protocol, uint16_t tx_seq, uint16_t rx_seq,
                              uint32_t payload_len);
/* 1: a whole packet begins DATA; 0: more is needed, OUT->length of it when not 0; negative. */
int lethe_mux_packet_parse(const uint8_t *data, size_t len, unsigned version,
                           struct lethe_mux_packet *out, struct lethe_error *err);

void lethe_mux_version_build(uint8_t out[12], uint32_t major, uint32_t minor);
int lethe_mux_version_parse(const uint8_t *payload, size_t len, uint32_t *major, uint32_t *minor,
                            struct lethe_error *err);

/* No checksum, no options; the window is told in units of 256. */
enum lethe_mux_tcp_flags {
    LETHE_MUX_FIN = 1,
    LETHE_MUX_SYN = 2,
    LETHE_MUX_RST = 4,
    LETHE_MUX_ACK = 16,
};
struct lethe_mux_tcp {
    uint16_t source, destination;
    uint32_t seq, ack;
    uint8_t flags;
    uint32_t window; /* bytes */
    const uint8_t *data;
    size_t len;
};
void lethe_mux_tcp_build(uint8_t out[LETHE_MUX_TCP_HEADER], const struct lethe_mux_tcp *tcp);
int lethe_mux_tcp_parse(const uint8_t *payload, size_t len, struct lethe_mux_tcp *out,
                        struct lethe_error *err);

#endif
