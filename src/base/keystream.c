/* SPDX-License-Identifier: Apache-2.0 */
#include "base/keystream.h"

#include "base/crypto.h"
#include "base/vaes.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* libcrypto works in pieces of this size: small enough for the first-level cache. */
#define PIECE ((size_t)12 << 10)

struct lethe_keystream {
    struct lethe_vaes vaes;
    bool fast;
    EVP_CIPHER_CTX *cipher;
    uint8_t zeroes[PIECE], scratch[PIECE];
};

/* The counter is set once a call: the key schedule stays, and a new IV every sector would cost
 * three times the stream (facts A9). */
static void seek(struct lethe_keystream *stream, uint64_t offset)
{
    uint8_t counter[16] = {0};
    uint64_t block = offset / 16;
    for (int i = 0; i < 8; i++)
        counter[15 - i] = (uint8_t)(block >> (8 * i));
    if (offset % 16 != 0 || EVP_EncryptInit_ex(stream->cipher, NULL, NULL, NULL, counter) != 1)
        abort();
}

static void next(struct lethe_keystream *stream, uint8_t *out, size_t len)
{
    int n;
    if (EVP_EncryptUpdate(stream->cipher, out, &n, stream->zeroes, (int)len) != 1 ||
        (size_t)n != len)
        abort();
}

static void portable_fill(struct lethe_keystream *stream, uint64_t offset, uint8_t *out, size_t len)
{
    seek(stream, offset);
    for (size_t n; len > 0; out += n, len -= n) {
        n = len < PIECE ? len : PIECE;
        next(stream, out, n);
    }
}

static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t at = 0;
    if (memcmp(a, b, len) == 0)
        return len;
    while (a[at] == b[at])
        at++;
    return at;
}

static size_t portable_compare(struct lethe_keystream *stream, uint64_t offset, const uint8_t *data,
                               size_t len)
{
    seek(stream, offset);
    for (size_t done = 0; done < len;) {
        size_t n = len - done < PIECE ? len - done : PIECE;
        next(stream, stream->scratch, n);
        size_t same = first_difference(data + done, stream->scratch, n);
        done += same;
        if (same < n)
            return done;
    }
    return len;
}

/* A processor, emulator or compiler that gets it wrong must cost time, not truth: a counter that
 * carries over 32 bits, and enough of them for every lane. */
static bool vaes_agrees(struct lethe_keystream *stream)
{
    enum { STRIDES = 4, LEN = STRIDES * LETHE_VAES_STRIDE };
    const uint64_t offsets[] = {0, (((uint64_t)1 << 32) - 40) * 16};
    uint8_t ours[LEN];
    for (size_t i = 0; i < 2; i++) {
        portable_fill(stream, offsets[i], stream->scratch, LEN);
        lethe_vaes_fill(&stream->vaes, offsets[i] / 16, ours, STRIDES);
        if (memcmp(ours, stream->scratch, LEN) != 0 ||
            lethe_vaes_same(&stream->vaes, offsets[i] / 16, stream->scratch, STRIDES) != STRIDES)
            return false;
    }
    return true;
}

struct lethe_keystream *lethe_keystream_new(const uint8_t key[32], bool portable)
{
    struct lethe_keystream *stream = aligned_alloc(64, (sizeof(*stream) + 63) / 64 * 64);
    if (!stream)
        return NULL;
    memset(stream, 0, sizeof(*stream));
    stream->cipher = EVP_CIPHER_CTX_new();
    if (!stream->cipher ||
        EVP_EncryptInit_ex(stream->cipher, EVP_aes_256_ctr(), NULL, key, NULL) != 1) {
        lethe_keystream_free(stream);
        return NULL;
    }
    if (!portable && lethe_vaes_available()) {
        lethe_vaes_key(&stream->vaes, key);
        stream->fast = vaes_agrees(stream);
    }
    return stream;
}

void lethe_keystream_free(struct lethe_keystream *stream)
{
    if (!stream)
        return;
    EVP_CIPHER_CTX_free(stream->cipher);
    lethe_wipe(stream, sizeof(*stream));
    free(stream);
}

/* How much of LEN the fast kernel takes. It must not even be called where it can't run. */
static size_t fast_strides(const struct lethe_keystream *stream, size_t len)
{
    return stream->fast ? len / LETHE_VAES_STRIDE : 0;
}

void lethe_keystream_fill(struct lethe_keystream *stream, uint64_t offset, void *out, size_t len)
{
    size_t strides = fast_strides(stream, len), done = strides * LETHE_VAES_STRIDE;
    if (strides > 0)
        lethe_vaes_fill(&stream->vaes, offset / 16, out, strides);
    if (done < len)
        portable_fill(stream, offset + done, (uint8_t *)out + done, len - done);
}

size_t lethe_keystream_compare(struct lethe_keystream *stream, uint64_t offset, const void *data,
                               size_t len)
{
    size_t strides = fast_strides(stream, len), done = 0;
    if (strides > 0)
        done = lethe_vaes_same(&stream->vaes, offset / 16, data, strides) * LETHE_VAES_STRIDE;
    if (done < len)
        done += portable_compare(stream, offset + done, (const uint8_t *)data + done, len - done);
    return done;
}
