/* SPDX-License-Identifier: Apache-2.0 */
/* com.apple.afc: packets, and the operations behind them (afc_files.c). */
#ifndef LETHE_EMU_PHONE_AFC_H
#define LETHE_EMU_PHONE_AFC_H

#include "emu/phone/iphone_stream.h"

enum afc_operation {
    AFC_STATUS = 1,
    AFC_DATA = 2,
    AFC_READ_DIRECTORY = 3,
    AFC_REMOVE = 8,
    AFC_MAKE_DIRECTORY = 9,
    AFC_FILE_INFO = 10,
    AFC_DEVICE_INFO = 11,
    AFC_OPEN = 13,
    AFC_OPENED = 14,
    AFC_READ = 15,
    AFC_WRITE = 16,
    AFC_SEEK = 17,
    AFC_TELL = 18,
    AFC_TOLD = 19,
    AFC_CLOSE = 20,
    AFC_SET_SIZE = 21,
    AFC_RENAME = 24,
    AFC_LOCK = 27,
    AFC_REMOVE_TREE = 34,
};

enum afc_error {
    AFC_OK = 0,
    AFC_UNKNOWN_ERROR = 1,
    AFC_UNKNOWN_PACKET = 6,
    AFC_INVALID_ARGUMENT = 7,
    AFC_NOT_FOUND = 8,
    AFC_IS_DIRECTORY = 9,
    AFC_DENIED = 10,
    AFC_EXISTS = 16,
    AFC_NO_SPACE = 18,
    AFC_NOT_EMPTY = 33,
};

enum { AFC_FILES = 32, AFC_TRANSFER_MAX = 1 << 20 };

/* Of one connection. */
struct afc {
    int files[AFC_FILES]; /* handle - 1; -1 free */
};

struct afc_request {
    struct iphone_stream *stream;
    struct afc *afc;
    uint64_t operation;
    const uint8_t *head; /* of the packet's own length */
    size_t head_len;
    const uint8_t *body; /* what follows it */
    size_t body_len;
    struct lethe_buf reply; /* with AFC_OK */
    enum afc_operation as;  /* AFC_STATUS, or what REPLY is */
};

enum afc_error afc_do(struct afc_request *request);

#endif
