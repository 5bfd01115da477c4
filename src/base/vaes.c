/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vaes.h"

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define VAES __attribute__((target("avx512f,avx512bw,vaes,aes")))
#define ROUNDS 14

/* The compilers' own test knows whether the kernel saves the wide registers; VAES itself it does
 * not know everywhere: CPUID leaf 7, ECX bit 9. */
bool lethe_vaes_available(void)
{
    unsigned a, b, c, d;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & 1U << 9);
}

/* FIPS 197 section 5.2: w[i] ^= w[i-1] within a group of four words, and what the assist gave. */
VAES static __m128i next_key(__m128i key, __m128i assist)
{
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
    return _mm_xor_si128(key, assist);
}

VAES static void store_key(struct lethe_vaes *vaes, int round, __m128i key)
{
    _mm512_store_si512(vaes->rounds[round], _mm512_broadcast_i32x4(key));
}

VAES void lethe_vaes_key(struct lethe_vaes *vaes, const uint8_t key[32])
{
    __m128i even = _mm_loadu_si128((const __m128i *)(const void *)key);
    __m128i odd = _mm_loadu_si128((const __m128i *)(const void *)(key + 16));
    store_key(vaes, 0, even);
    store_key(vaes, 1, odd);
    /* The assist takes its round constant as an immediate. */
#define PAIR(round, constant)                                                                      \
    even = next_key(even, _mm_shuffle_epi32(_mm_aeskeygenassist_si128(odd, constant), 0xFF));      \
    store_key(vaes, round, even);                                                                  \
    if (round < ROUNDS) {                                                                          \
        odd = next_key(odd, _mm_shuffle_epi32(_mm_aeskeygenassist_si128(even, 0), 0xAA));          \
        store_key(vaes, round + 1, odd);                                                           \
    }
    PAIR(2, 0x01)
    PAIR(4, 0x02)
    PAIR(6, 0x04)
    PAIR(8, 0x08)
    PAIR(10, 0x10)
    PAIR(12, 0x20)
    PAIR(14, 0x40)
#undef PAIR
}

struct stride {
    __m512i part[8];
};

/* Eight registers of four blocks hide the latency of a round. */
VAES static inline struct stride encrypt(const struct lethe_vaes *vaes, uint64_t counter)
{
    const __m512i swap =
        _mm512_broadcast_i32x4(_mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 4, 3, 2, 1, 0));
    const __m512i lanes = _mm512_set_epi64(3, 0, 2, 0, 1, 0, 0, 0);
    const __m512i four = _mm512_set_epi64(4, 0, 4, 0, 4, 0, 4, 0);
    const __m512i start = _mm512_set_epi64((long long)counter, 0, (long long)counter, 0,
                                           (long long)counter, 0, (long long)counter, 0);
    __m512i count = _mm512_add_epi64(start, lanes);
    __m512i key = _mm512_load_si512(vaes->rounds[0]);
    struct stride s;
    for (int i = 0; i < 8; i++) {
        s.part[i] = _mm512_xor_si512(_mm512_shuffle_epi8(count, swap), key);
        count = _mm512_add_epi64(count, four);
    }
    for (int round = 1; round < ROUNDS; round++) {
        key = _mm512_load_si512(vaes->rounds[round]);
        for (int i = 0; i < 8; i++)
            s.part[i] = _mm512_aesenc_epi128(s.part[i], key);
    }
    key = _mm512_load_si512(vaes->rounds[ROUNDS]);
    for (int i = 0; i < 8; i++)
        s.part[i] = _mm512_aesenclast_epi128(s.part[i], key);
    return s;
}

VAES void lethe_vaes_fill(const struct lethe_vaes *vaes, uint64_t counter, uint8_t *out,
                          size_t strides)
{
    for (; strides > 0; strides--) {
        struct stride s = encrypt(vaes, counter);
        for (int i = 0; i < 8; i++)
            _mm512_storeu_si512(out + 64 * i, s.part[i]);
        out += LETHE_VAES_STRIDE;
        counter += LETHE_VAES_STRIDE / 16;
    }
}

VAES size_t lethe_vaes_same(const struct lethe_vaes *vaes, uint64_t counter, const uint8_t *data,
                            size_t strides)
{
    for (size_t done = 0; done < strides; done++) {
        struct stride s = encrypt(vaes, counter);
        __m512i differ = _mm512_setzero_si512();
        for (int i = 0; i < 8; i++)
            differ = _mm512_or_si512(
                differ, _mm512_xor_si512(s.part[i], _mm512_loadu_si512(data + 64 * i)));
        if (_mm512_test_epi64_mask(differ, differ) != 0)
            return done;
        data += LETHE_VAES_STRIDE;
        counter += LETHE_VAES_STRIDE / 16;
    }
    return strides;
}

#else

#include <stdlib.h>

bool lethe_vaes_available(void)
{
    return false;
}

void lethe_vaes_key(struct lethe_vaes *vaes, const uint8_t key[32])
{
    (void)vaes;
    (void)key;
    abort();
}

void lethe_vaes_fill(const struct lethe_vaes *vaes, uint64_t counter, uint8_t *out, size_t strides)
{
    (void)vaes;
    (void)counter;
    (void)out;
    (void)strides;
    abort();
}

size_t lethe_vaes_same(const struct lethe_vaes *vaes, uint64_t counter, const uint8_t *data,
                       size_t strides)
{
    (void)vaes;
    (void)counter;
    (void)data;
    (void)strides;
    abort();
}

#endif
