/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pattern.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/keystream.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

/* Fixed patterns are made and compared in pieces of this size: small enough for the first-level
 * cache, a multiple of every period from 1 to 8 (840 bytes). */
#define PIECE ((size_t)840 * 16)

struct lethe_stream {
    struct lethe_keystream *random; /* NULL: a fixed pattern */
    size_t period;
    /* The fixed bytes repeated, one period longer so that it can start at any phase. */
    uint8_t piece[PIECE + 8];
};

/* The shortest spelling of the same bytes: "abab" is "ab". */
static void pattern_reduce(struct lethe_pattern *pattern)
{
    for (uint8_t n = 1; n < pattern->n_bytes; n++) {
        if (pattern->n_bytes % n == 0 &&
            memcmp(pattern->bytes, pattern->bytes + n, (size_t)pattern->n_bytes - n) == 0) {
            memset(pattern->bytes + n, 0, sizeof(pattern->bytes) - n);
            pattern->n_bytes = n;
        }
    }
}

int lethe_pattern_parse(const char *text, struct lethe_pattern *out, struct lethe_error *err)
{
    struct lethe_pattern pattern = {.kind = LETHE_PATTERN_FIXED, .n_bytes = 1};
    const char *draw = *text == '~' ? text + 1 : text;
    if (strcmp(text, "one") == 0) {
        pattern.bytes[0] = 0xFF;
    } else if (strcmp(text, "random") == 0) {
        pattern = (struct lethe_pattern){.kind = LETHE_PATTERN_RANDOM};
    } else if (strncmp(text, "hex:", 4) == 0) {
        ssize_t n =
            lethe_hex_decode(pattern.bytes, sizeof(pattern.bytes), text + 4, strlen(text + 4));
        if (n < 1)
            return lethe_fail(err, LETHE_E_INVALID,
                              "pattern \"%s\" is not \"hex:\" and 1 to 8 bytes in hex", text);
        pattern.n_bytes = (uint8_t)n;
        pattern_reduce(&pattern);
    } else if (strncmp(draw, "byte:", 5) == 0 && draw[5] >= '1' && draw[5] <= '9' && !draw[6]) {
        pattern = (struct lethe_pattern){.kind = LETHE_PATTERN_BYTE,
                                         .draw = (uint8_t)(draw[5] - '0'),
                                         .complement = draw != text};
    } else if (strcmp(text, "zero") != 0) {
        lethe_fail(err, LETHE_E_INVALID, "\"%s\" is not a pattern", text);
        lethe_error_remedy(err, "write zero, one, random, hex:924924, byte:1 or ~byte:1");
        return -LETHE_E_INVALID;
    }
    *out = pattern;
    return 0;
}

void lethe_pattern_format(char *out, size_t out_size, const struct lethe_pattern *pattern)
{
    struct lethe_pattern p = *pattern;
    char hex[2 * sizeof(p.bytes) + 1];
    switch (p.kind) {
    case LETHE_PATTERN_RANDOM:
        lethe_text_format(out, out_size, "random");
        return;
    case LETHE_PATTERN_BYTE:
        lethe_text_format(out, out_size, "%sbyte:%u", p.complement ? "~" : "", p.draw);
        return;
    case LETHE_PATTERN_FIXED:
        break;
    }
    pattern_reduce(&p);
    lethe_hex_encode(hex, p.bytes, p.n_bytes);
    if (p.n_bytes == 1 && (p.bytes[0] == 0x00 || p.bytes[0] == 0xFF))
        lethe_text_format(out, out_size, "%s", p.bytes[0] ? "one" : "zero");
    else
        lethe_text_format(out, out_size, "hex:%s", hex);
}

/* HKDF with the label LABEL || 0 || JOB || 0 || decimal NUMBER. */
static int derive(void *out, size_t out_len, const uint8_t seed[LETHE_SEED_SIZE], const char *label,
                  const char *job, unsigned number, struct lethe_error *err)
{
    LETHE_BUF_AUTO info = {0};
    if (lethe_buf_add(&info, label, strlen(label) + 1) < 0 ||
        lethe_buf_add(&info, job, strlen(job) + 1) < 0 || lethe_buf_printf(&info, "%u", number) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    lethe_hkdf(out, out_len, seed, LETHE_SEED_SIZE, info.data, info.len);
    return 0;
}

static int stream_key(struct lethe_stream *stream, const uint8_t seed[LETHE_SEED_SIZE],
                      const char *job, unsigned pass, struct lethe_error *err)
{
    uint8_t key[32];
    int rc = derive(key, sizeof(key), seed, "lethe-pass-v1", job, pass, err);
    if (rc < 0)
        return rc;
    stream->random = lethe_keystream_new(key, false);
    lethe_wipe(key, sizeof(key));
    return stream->random ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void stream_repeat(struct lethe_stream *stream, const uint8_t *bytes, size_t n)
{
    stream->period = n;
    for (size_t i = 0; i < sizeof(stream->piece); i++)
        stream->piece[i] = bytes[i % n];
}

static int stream_bind(struct lethe_stream *stream, const struct lethe_pattern *pattern,
                       const uint8_t seed[LETHE_SEED_SIZE], const char *job, unsigned pass,
                       struct lethe_error *err)
{
    uint8_t byte = 0;
    int rc;
    switch (pattern->kind) {
    case LETHE_PATTERN_RANDOM:
        return stream_key(stream, seed, job, pass, err);
    case LETHE_PATTERN_BYTE:
        rc = derive(&byte, 1, seed, "lethe-byte-v1", job, pattern->draw, err);
        if (rc < 0)
            return rc;
        byte = pattern->complement ? (uint8_t)~byte : byte;
        stream_repeat(stream, &byte, 1);
        return 0;
    case LETHE_PATTERN_FIXED:
        if (pattern->n_bytes < 1 || pattern->n_bytes > sizeof(pattern->bytes))
            break;
        stream_repeat(stream, pattern->bytes, pattern->n_bytes);
        return 0;
    }
    return lethe_fail(err, LETHE_E_USAGE, "a fixed pattern has 1 to 8 bytes");
}

int lethe_stream_new(const struct lethe_pattern *pattern, const uint8_t seed[LETHE_SEED_SIZE],
                     const char *job, unsigned pass, struct lethe_stream **out,
                     struct lethe_error *err)
{
    *out = NULL;
    struct lethe_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = stream_bind(stream, pattern, seed, job, pass, err);
    if (rc < 0)
        lethe_stream_free(stream);
    else
        *out = stream;
    return rc;
}

void lethe_stream_free(struct lethe_stream *stream)
{
    if (!stream)
        return;
    lethe_keystream_free(stream->random);
    lethe_wipe(stream, sizeof(*stream));
    free(stream);
}

void lethe_stream_fill(struct lethe_stream *stream, uint64_t offset, void *out, size_t len)
{
    if (stream->random) {
        lethe_keystream_fill(stream->random, offset, out, len);
        return;
    }
    uint8_t *at = out;
    const uint8_t *piece = stream->piece + offset % stream->period; /* stays: whole periods */
    while (len > 0) {
        size_t n = len < PIECE ? len : PIECE;
        memcpy(at, piece, n);
        at += n;
        len -= n;
    }
}

size_t lethe_stream_compare(struct lethe_stream *stream, uint64_t offset, const void *data,
                            size_t len)
{
    if (stream->random)
        return lethe_keystream_compare(stream->random, offset, data, len);
    const uint8_t *at = data, *piece = stream->piece + offset % stream->period;
    for (size_t done = 0; done < len;) {
        size_t n = len - done < PIECE ? len - done : PIECE;
        if (memcmp(at + done, piece, n) != 0) {
            while (at[done] == *piece) {
                done++;
                piece++;
            }
            return done;
        }
        done += n;
    }
    return len;
}
