/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ADB as bytes, both sides (facts/phones.md 2.1): messages, banners, host keys, shell v2 packets,
 * sync requests. A message is a header of 24 bytes in one transfer and its payload in the next.
 */
#ifndef LETHE_PROTO_ADB_H
#define LETHE_PROTO_ADB_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LETHE_ADB_HEADER ((size_t)24)
#define LETHE_ADB_VERSION 0x01000000u      /* the sum of the payload is checked */
#define LETHE_ADB_VERSION_SKIP 0x01000001u /* both sides that new: it is not */
/* Of a payload: until the peer's CNXN says more, and what we take at most from anybody. */
#define LETHE_ADB_PAYLOAD_MIN ((uint32_t)4096)
#define LETHE_ADB_PAYLOAD_MAX ((uint32_t)64 << 10)

enum lethe_adb_command {
    LETHE_ADB_SYNC = 0x434e5953,
    LETHE_ADB_CNXN = 0x4e584e43, /* arg0 version, arg1 largest payload; payload: banner */
    LETHE_ADB_OPEN = 0x4e45504f, /* arg0 local id; payload: service, NUL */
    LETHE_ADB_OKAY = 0x59414b4f, /* arg0 local id, arg1 remote id */
    LETHE_ADB_CLSE = 0x45534c43,
    LETHE_ADB_WRTE = 0x45545257,
    LETHE_ADB_AUTH = 0x48545541, /* arg0: enum lethe_adb_auth */
    LETHE_ADB_STLS = 0x534c5453, /* Wi-Fi debugging only: close the link */
};
enum lethe_adb_auth { LETHE_ADB_TOKEN = 1, LETHE_ADB_SIGNATURE = 2, LETHE_ADB_PUBLIC_KEY = 3 };
#define LETHE_ADB_TOKEN_SIZE ((size_t)20)

struct lethe_adb_message {
    uint32_t command, arg0, arg1;
    uint32_t length, check; /* of the payload */
};
/* A header for PAYLOAD of LEN bytes, with its sum. */
void lethe_adb_header_build(uint8_t out[LETHE_ADB_HEADER], uint32_t command, uint32_t arg0,
                            uint32_t arg1, const void *payload, uint32_t len);
/* Exactly one header; a command we know, the magic, and a payload of at most MAX bytes. */
int lethe_adb_header_parse(const uint8_t *data, size_t len, uint32_t max,
                           struct lethe_adb_message *out, struct lethe_error *err);
/* Is PAYLOAD what the header's sum says? Not to be asked when both sides skip it. */
bool lethe_adb_payload_check(const struct lethe_adb_message *message, const uint8_t *payload);

/* "device::ro.product.name=..;ro.product.model=..;ro.product.device=..;features=a,b" */
enum lethe_adb_state {
    LETHE_ADB_STATE_UNKNOWN,
    LETHE_ADB_STATE_DEVICE,
    LETHE_ADB_STATE_RECOVERY,
    LETHE_ADB_STATE_SIDELOAD,
    LETHE_ADB_STATE_RESCUE,
    LETHE_ADB_STATE_BOOTLOADER,
    LETHE_ADB_STATE_HOST,
};
struct lethe_adb_banner {
    enum lethe_adb_state state;
    char product[64], model[64], device[64]; /* cleaned; "" not told */
    char features[1024];                     /* comma-separated, as told; "" none */
};
/* What is no banner at all is an error; an unknown state word is STATE_UNKNOWN. */
int lethe_adb_banner_parse(const void *data, size_t len, struct lethe_adb_banner *out,
                           struct lethe_error *err);
bool lethe_adb_banner_has(const struct lethe_adb_banner *banner, const char *feature);
/* The text of BANNER, NUL behind it; its length, or -LETHE_E_LIMIT. */
int lethe_adb_banner_format(const struct lethe_adb_banner *banner, char *out, size_t out_size);

/* -- host keys: android_pubkey, RSA-2048 with what a phone needs for Montgomery arithmetic ------
 */
#define LETHE_ADB_MODULUS ((size_t)256)
#define LETHE_ADB_KEY ((size_t)524)
#define LETHE_ADB_KEY_TEXT ((size_t)1024)
/* MODULUS is big-endian, odd, its highest bit set. */
int lethe_adb_key_encode(const uint8_t modulus[LETHE_ADB_MODULUS], uint32_t exponent,
                         uint8_t out[LETHE_ADB_KEY], struct lethe_error *err);
/* Also checks what follows from the modulus. */
int lethe_adb_key_decode(const uint8_t *data, size_t len, uint8_t modulus[LETHE_ADB_MODULUS],
                         uint32_t *exponent, struct lethe_error *err);
/* The payload of AUTH PUBLIC_KEY: base64, space, COMMENT ("lethe@bench"), NUL. Its length with the
 * NUL, or -LETHE_E_LIMIT. */
int lethe_adb_key_format(const uint8_t key[LETHE_ADB_KEY], const char *comment,
                         char out[LETHE_ADB_KEY_TEXT]);
int lethe_adb_key_parse(const void *data, size_t len, uint8_t key[LETHE_ADB_KEY],
                        struct lethe_error *err);

/* -- shell v2: id u8, length u32 LE, data; packets may straddle WRTEs -------------------------- */
enum lethe_adb_shell_id {
    LETHE_ADB_SHELL_STDIN,
    LETHE_ADB_SHELL_STDOUT,
    LETHE_ADB_SHELL_STDERR,
    LETHE_ADB_SHELL_EXIT, /* one byte: the exit status */
    LETHE_ADB_SHELL_CLOSE_STDIN,
    LETHE_ADB_SHELL_WINDOW,
};
#define LETHE_ADB_SHELL_HEADER ((size_t)5)
void lethe_adb_shell_build(uint8_t out[LETHE_ADB_SHELL_HEADER], enum lethe_adb_shell_id id,
                           uint32_t len);
/* A reader that holds no data: zero it, feed it what comes. */
struct lethe_adb_shell {
    uint8_t header[LETHE_ADB_SHELL_HEADER];
    size_t have;   /* of the header */
    uint32_t left; /* of the packet's data */
};
/* 1: PIECE (within DATA) belongs to a packet of ID; LAST when the packet ends with it. DATA and LEN
 * move on. 0: more is needed. Negative: an unknown id, or a packet above 1 MiB. */
int lethe_adb_shell_next(struct lethe_adb_shell *shell, const uint8_t **data, size_t *len,
                         enum lethe_adb_shell_id *id, const uint8_t **piece, size_t *piece_len,
                         bool *last, struct lethe_error *err);

/* -- sync: (id, u32 LE) + bytes, in a stream over WRTEs ---------------------------------------- */
#define LETHE_ADB_SYNC_ID(a, b, c, d)                                                              \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
enum lethe_adb_sync_id {
    LETHE_SYNC_STAT = LETHE_ADB_SYNC_ID('S', 'T', 'A', 'T'), /* reply: mode, size, time */
    LETHE_SYNC_LIST = LETHE_ADB_SYNC_ID('L', 'I', 'S', 'T'),
    LETHE_SYNC_SEND = LETHE_ADB_SYNC_ID('S', 'E', 'N', 'D'), /* "path,mode" */
    LETHE_SYNC_RECV = LETHE_ADB_SYNC_ID('R', 'E', 'C', 'V'),
    LETHE_SYNC_QUIT = LETHE_ADB_SYNC_ID('Q', 'U', 'I', 'T'),
    LETHE_SYNC_DATA = LETHE_ADB_SYNC_ID('D', 'A', 'T', 'A'), /* length, bytes */
    LETHE_SYNC_DONE = LETHE_ADB_SYNC_ID('D', 'O', 'N', 'E'), /* request: mtime */
    LETHE_SYNC_OKAY = LETHE_ADB_SYNC_ID('O', 'K', 'A', 'Y'),
    LETHE_SYNC_FAIL = LETHE_ADB_SYNC_ID('F', 'A', 'I', 'L'), /* length, reason */
    LETHE_SYNC_DENT = LETHE_ADB_SYNC_ID('D', 'E', 'N', 'T'), /* mode, size, time, name */
};
#define LETHE_ADB_SYNC_HEADER ((size_t)8)
#define LETHE_ADB_SYNC_DATA_MAX ((uint32_t)64 << 10)
#define LETHE_ADB_SYNC_PATH_MAX ((uint32_t)1024)
/* ID and VALUE: the length of what follows, DONE's time, or 0. */
void lethe_adb_sync_build(uint8_t out[LETHE_ADB_SYNC_HEADER], enum lethe_adb_sync_id id,
                          uint32_t value);
/* STAT's reply. */
#define LETHE_ADB_SYNC_STAT ((size_t)16)
void lethe_adb_sync_stat_build(uint8_t out[LETHE_ADB_SYNC_STAT], uint32_t mode, uint32_t size,
                               uint32_t mtime);

/* What begins DATA. Of DATA, FAIL, requests with a path and DENT, `body` is inside DATA. */
struct lethe_adb_sync {
    enum lethe_adb_sync_id id;
    uint32_t value;             /* its second word: length or time */
    uint32_t mode, size, mtime; /* STAT (reply) and DENT */
    const uint8_t *body;
    uint32_t body_len;
};
/* Bytes taken, 0 when more is needed, or negative. Body lengths are bounded by the kind.
 * FROM_PHONE: read replies, else requests (STAT differs). */
ssize_t lethe_adb_sync_parse(const uint8_t *data, size_t len, bool from_phone,
                             struct lethe_adb_sync *out, struct lethe_error *err);

#endif
