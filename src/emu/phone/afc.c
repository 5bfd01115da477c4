/* SPDX-License-Identifier: Apache-2.0 */
/*
 * com.apple.afc, packets: "CFA6LPAA", whole length, length of the head, number, operation (64 bits
 * each, little-endian), then head and body.
 */
#include "emu/phone/afc.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct header {
    char magic[8];
    uint64_t whole, head, number, operation;
};

static const char magic[8] = "CFA6LPAA";

static struct afc *afc_of(struct iphone_stream *stream)
{
    struct afc *afc = stream->own;
    if (!afc) {
        afc = stream->own = malloc(sizeof(*afc));
        for (size_t i = 0; afc && i < AFC_FILES; i++)
            afc->files[i] = -1;
    }
    return afc;
}

static void end(struct iphone_stream *stream)
{
    struct afc *afc = stream->own;
    for (size_t i = 0; afc && i < AFC_FILES; i++)
        if (afc->files[i] >= 0)
            close(afc->files[i]);
    free(afc);
}

static void say(struct iphone_stream *stream, uint64_t number, enum afc_operation operation,
                const void *data, size_t len)
{
    LETHE_BUF_AUTO packet = {0};
    uint64_t whole = sizeof(struct header) + len;
    struct header header = {.whole = htole64(whole),
                            /* Data is the body; everything else is of the head. */
                            .head = htole64(operation == AFC_DATA ? sizeof(header) : whole),
                            .number = htole64(number),
                            .operation = htole64(operation)};
    memcpy(header.magic, magic, sizeof(magic));
    if (lethe_buf_add(&packet, &header, sizeof(header)) < 0 ||
        lethe_buf_add(&packet, data, len) < 0)
        stream->ended = true;
    else
        iphone_say_bytes(stream, packet.data, packet.len);
}

static void answer(struct iphone_stream *stream, const struct header *header, const uint8_t *data,
                   size_t head, size_t whole)
{
    struct afc_request request = {.stream = stream,
                                  .afc = afc_of(stream),
                                  .operation = le64toh(header->operation),
                                  .head = data,
                                  .head_len = head,
                                  .body = data + head,
                                  .body_len = whole - head,
                                  .as = AFC_STATUS};
    enum afc_error error = request.afc ? afc_do(&request) : AFC_UNKNOWN_ERROR;
    uint64_t status = htole64(error), number = le64toh(header->number);
    if (error == AFC_OK && request.as != AFC_STATUS)
        say(stream, number, request.as, request.reply.data ? request.reply.data : "",
            request.reply.len);
    else
        say(stream, number, AFC_STATUS, &status, sizeof(status));
    lethe_buf_free(&request.reply);
}

static size_t bytes(struct iphone_stream *stream, const uint8_t *data, size_t len)
{
    struct header header;
    if (len < sizeof(header))
        return 0;
    memcpy(&header, data, sizeof(header));
    uint64_t whole = le64toh(header.whole), head = le64toh(header.head);
    if (memcmp(header.magic, magic, sizeof(magic)) != 0 || head < sizeof(header) || whole < head ||
        whole > AFC_TRANSFER_MAX + 4096) {
        stream->ended = true;
        return 0;
    }
    if (len < whole)
        return 0;
    if (phone_read(stream->phone, NULL) == 0)
        answer(stream, &header, data + sizeof(header), head - sizeof(header),
               whole - sizeof(header));
    else
        stream->ended = true;
    return whole;
}

const struct iphone_service iphone_afc = {
    .name = "com.apple.afc", .tls = true, .bytes = bytes, .end = end};
