/* SPDX-License-Identifier: Apache-2.0 */
/* Fastboot as bytes, both sides (facts/phones.md 2.1): one ASCII command a transfer, one reply of
 * at most 256 bytes a transfer. */
#ifndef LETHE_PROTO_FASTBOOT_H
#define LETHE_PROTO_FASTBOOT_H

#include <lethe/error.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_FASTBOOT_COMMAND_MAX ((size_t)64) /* what old bootloaders take */
#define LETHE_FASTBOOT_REPLY_MAX ((size_t)256)

/* "getvar" and "product" become "getvar:product"; ARGUMENT may be NULL. Printable ASCII only. The
 * length, or negative. */
int lethe_fastboot_command_build(char out[LETHE_FASTBOOT_COMMAND_MAX + 1], const char *word,
                                 const char *argument, struct lethe_error *err);
/* The phone's side: a command as text. */
int lethe_fastboot_command_parse(const uint8_t *data, size_t len,
                                 char out[LETHE_FASTBOOT_COMMAND_MAX + 1], struct lethe_error *err);

enum lethe_fastboot_reply_kind {
    LETHE_FASTBOOT_OKAY,
    LETHE_FASTBOOT_FAIL,
    LETHE_FASTBOOT_DATA, /* `data` bytes are to be sent now */
    LETHE_FASTBOOT_INFO, /* and another reply follows */
    LETHE_FASTBOOT_TEXT, /* so too */
};
struct lethe_fastboot_reply {
    enum lethe_fastboot_reply_kind kind;
    uint32_t data;
    char text[LETHE_FASTBOOT_REPLY_MAX]; /* behind the four letters, cleaned */
};
int lethe_fastboot_reply_parse(const uint8_t *data, size_t len, struct lethe_fastboot_reply *out,
                               struct lethe_error *err);
/* TEXT is cut to what a reply holds. The length. OUT is not terminated. */
size_t lethe_fastboot_reply_build(uint8_t out[LETHE_FASTBOOT_REPLY_MAX],
                                  enum lethe_fastboot_reply_kind kind, const char *text);

/* "0x1dcb000", "1dcb000" (bootloaders differ): 0, or -LETHE_E_INVALID. */
int lethe_fastboot_size_parse(const char *text, uint64_t *out);

/* Over TCP both sides say "FB01" first; then every packet has its length before it, 8 bytes
 * big-endian. */
#define LETHE_FASTBOOT_TCP_HELLO "FB01"
#define LETHE_FASTBOOT_TCP_HEADER ((size_t)8)

#endif
