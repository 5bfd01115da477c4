/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/sample.h"

#include "base/crypto.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BLOCKS 64 /* partition table, boot record, first structures of a file system */
#define TAIL_BLOCKS 33 /* backup GPT */
#define SECTIONS 1000  /* whose ends are always read, sampling by confidence */
#define SUBSECTIONS_MAX 65536
#define SAMPLES_MAX 64 /* per subsection */
#define OFFSETS_MAX ((size_t)16 << 20)

struct lethe_sample {
    enum lethe_verify_mode mode;
    uint64_t blocks;
    uint64_t strata, stratum; /* how many, the next one */
    uint32_t samples, percent_ppm;
    /* Drawn in this stratum, not yet handed out: starts, and the length of each. */
    uint64_t starts[SAMPLES_MAX], length;
    unsigned n_starts, at_start;
    /* Always read, sorted. */
    uint64_t *forced;
    size_t n_forced, at_forced;
    uint64_t after; /* blocks below were handed out */
    /* Random words: HMAC(s, be64 0) || HMAC(s, be64 1) || ..., s = HMAC(k, job). */
    uint8_t secret[LETHE_HASH_SIZE], words[LETHE_HASH_SIZE];
    uint64_t counter;
    unsigned n_words;
};

static uint64_t draw_word(struct lethe_sample *s)
{
    uint64_t word = 0;
    if (s->n_words == 0) {
        uint8_t counter[8];
        for (int i = 0; i < 8; i++)
            counter[i] = (uint8_t)(s->counter >> (56 - 8 * i));
        lethe_hmac_sha256(s->words, s->secret, sizeof(s->secret), counter, sizeof(counter));
        s->counter++;
        s->n_words = LETHE_HASH_SIZE / 8;
    }
    const uint8_t *bytes = s->words + LETHE_HASH_SIZE - 8 * s->n_words--;
    for (int i = 0; i < 8; i++)
        word = word << 8 | bytes[i];
    return word;
}

/* Below N, every value as likely as any other: words above the last multiple of N are dropped. */
static uint64_t draw_below(struct lethe_sample *s, uint64_t n)
{
    uint64_t last = UINT64_MAX - (UINT64_MAX % n + 1) % n;
    uint64_t word;
    do {
        word = draw_word(s);
    } while (word > last);
    return word % n;
}

/* Block where stratum I begins: floor(i * blocks / strata), without overflow. */
static uint64_t stratum_begin(const struct lethe_sample *s, uint64_t strata, uint64_t i)
{
    return s->blocks / strata * i + s->blocks % strata * i / strata;
}

static int order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* SAMPLES runs of LENGTH blocks in a stratum of SIZE, not overlapping, every arrangement as likely
 * as any other: distinct places among size - samples*length + samples, then each is blown up from
 * one block to LENGTH. */
static void draw_runs(struct lethe_sample *s, uint64_t begin, uint64_t size)
{
    uint64_t places = size - s->samples * s->length + s->samples;
    s->n_starts = 0;
    while (s->n_starts < s->samples) {
        uint64_t place = draw_below(s, places);
        bool taken = false;
        for (unsigned i = 0; i < s->n_starts; i++)
            taken = taken || s->starts[i] == place;
        if (!taken)
            s->starts[s->n_starts++] = place;
    }
    qsort(s->starts, s->n_starts, sizeof(s->starts[0]), order);
    for (unsigned i = 0; i < s->n_starts; i++)
        s->starts[i] += begin + i * (s->length - 1);
}

static void draw_stratum(struct lethe_sample *s)
{
    uint64_t begin = stratum_begin(s, s->strata, s->stratum);
    uint64_t size = stratum_begin(s, s->strata, ++s->stratum) - begin;
    s->at_start = 0;
    s->length = 1;
    if (s->mode == LETHE_VERIFY_STRATA) {
        unsigned __int128 share = (unsigned __int128)size * s->percent_ppm;
        s->length = (uint64_t)((share + 999999) / 1000000);
    }
    if (s->mode == LETHE_VERIFY_FULL || s->samples * s->length >= size) {
        s->length = size;
        s->starts[0] = begin;
        s->n_starts = 1;
    } else {
        draw_runs(s, begin, size);
    }
}

bool lethe_sample_next(struct lethe_sample *s, uint64_t *first, uint64_t *count)
{
    for (;;) {
        if (s->at_start == s->n_starts && s->stratum < s->strata)
            draw_stratum(s);
        bool drawn = s->at_start < s->n_starts, forced = s->at_forced < s->n_forced;
        uint64_t begin, end;
        if (!drawn && !forced)
            return false;
        if (drawn && (!forced || s->starts[s->at_start] <= s->forced[s->at_forced])) {
            begin = s->starts[s->at_start++];
            end = begin + s->length;
        } else {
            begin = s->forced[s->at_forced++];
            end = begin + 1;
        }
        begin = begin > s->after ? begin : s->after;
        if (begin >= end)
            continue;
        s->after = end;
        *first = begin;
        *count = end - begin;
        return true;
    }
}

/*
 * One block from each of n strata misses all bad ones with probability prod(1 - bad_i / size_i).
 * With strata of equal size that is at most (1 - p)^n, the chance of n blocks drawn anywhere,
 * however the bad ones cluster (facts/standards.md section 6). Sizes differ by one block where the
 * device can't be divided evenly: n grows until the bound holds with every stratum as large as the
 * largest.
 */
static uint64_t confidence_strata(const struct lethe_verification_rule *rule, uint64_t blocks)
{
    double miss = log1p(-(double)rule->confidence_ppm / 1e6), p = rule->fraction_ppm / 1e6;
    double wanted = ceil(miss / log1p(-p));
    uint64_t n = wanted < 1 ? 1 : (uint64_t)wanted;
    for (; n < blocks / 2; n++) {
        double largest = (double)((blocks + n - 1) / n);
        if ((double)n * log1p(-p * (double)blocks / ((double)n * largest)) <= miss)
            return n;
    }
    return 0; /* as good as all */
}

static int sample_rule(struct lethe_sample *s, const struct lethe_verification_rule *rule,
                       struct lethe_error *err)
{
    s->mode = rule->mode;
    s->strata = s->samples = 1;
    switch (rule->mode) {
    case LETHE_VERIFY_NONE:
        s->strata = 0;
        return 0;
    case LETHE_VERIFY_FULL:
        return 0;
    case LETHE_VERIFY_CONFIDENCE:
        if (rule->confidence_ppm == 0 || rule->confidence_ppm >= 1000000 ||
            rule->fraction_ppm == 0 || rule->fraction_ppm >= 1000000)
            break;
        s->strata = confidence_strata(rule, s->blocks);
        if (s->strata == 0) {
            s->mode = LETHE_VERIFY_FULL;
            s->strata = 1;
        }
        return 0;
    case LETHE_VERIFY_STRATA:
        if (rule->subsections == 0 || rule->subsections > SUBSECTIONS_MAX || rule->samples == 0 ||
            rule->samples > SAMPLES_MAX || rule->percent_ppm == 0 || rule->percent_ppm > 1000000)
            break;
        s->strata = rule->subsections < s->blocks ? rule->subsections : s->blocks;
        s->samples = rule->samples;
        s->percent_ppm = rule->percent_ppm;
        return 0;
    }
    return lethe_fail(err, LETHE_E_USAGE, "a rule of verification that can't be carried out");
}

/* First and last blocks, ends of strata (facts/standards.md section 6: leftovers cluster). */
static int sample_force(struct lethe_sample *s, uint32_t block, const uint64_t *more, size_t n_more,
                        struct lethe_error *err)
{
    uint64_t sections =
        s->mode == LETHE_VERIFY_STRATA || s->strata < SECTIONS ? s->strata : SECTIONS;
    s->forced = calloc(HEAD_BLOCKS + TAIL_BLOCKS + sections + n_more, sizeof(*s->forced));
    if (!s->forced)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (uint64_t i = 0; i < HEAD_BLOCKS && i < s->blocks; i++)
        s->forced[s->n_forced++] = i;
    for (uint64_t i = 1; i <= TAIL_BLOCKS && i <= s->blocks; i++)
        s->forced[s->n_forced++] = s->blocks - i;
    for (uint64_t i = 1; i <= sections; i++)
        s->forced[s->n_forced++] = stratum_begin(s, sections, i) - 1;
    for (size_t i = 0; i < n_more; i++)
        s->forced[s->n_forced++] = more[i] / block;
    qsort(s->forced, s->n_forced, sizeof(*s->forced), order);
    return 0;
}

int lethe_sample_new(const struct lethe_verification_rule *rule, const uint8_t key[LETHE_KEY_SIZE],
                     const char *job, uint64_t capacity, uint32_t block, const uint64_t *forced,
                     size_t n_forced, struct lethe_sample **out, struct lethe_error *err)
{
    *out = NULL;
    if (capacity == 0 || block == 0)
        return lethe_fail(err, LETHE_E_USAGE, "nothing to sample");
    struct lethe_sample *s = calloc(1, sizeof(*s));
    if (!s)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    s->blocks = (capacity - 1) / block + 1;
    lethe_hmac_sha256(s->secret, key, LETHE_KEY_SIZE, job, strlen(job));
    int rc = sample_rule(s, rule, err);
    if (rc == 0)
        rc = sample_force(s, block, forced, n_forced, err);
    if (rc < 0)
        lethe_sample_free(s);
    else
        *out = s;
    return rc;
}

void lethe_sample_free(struct lethe_sample *sample)
{
    if (!sample)
        return;
    free(sample->forced);
    lethe_wipe(sample, sizeof(*sample));
    free(sample);
}

uint64_t lethe_sample_strata(const struct lethe_sample *sample)
{
    return sample->strata;
}

static int offsets_add(uint64_t **out, size_t *n, size_t *size, uint64_t offset,
                       struct lethe_error *err)
{
    if (*n == OFFSETS_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the sample has more than %zu blocks", *n);
    if (*n == *size) {
        size_t larger = *size ? 2 * *size : 4096;
        uint64_t *grown = reallocarray(*out, larger, sizeof(**out));
        if (!grown)
            return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
        *out = grown;
        *size = larger;
    }
    (*out)[(*n)++] = offset;
    return 0;
}

int lethe_sample_offsets(const struct lethe_verification_rule *rule,
                         const uint8_t key[LETHE_KEY_SIZE], const char *job, uint64_t capacity,
                         uint32_t block, uint64_t **out, size_t *n, struct lethe_error *err)
{
    struct lethe_sample *sample;
    uint64_t first, count;
    size_t size = 0;
    *out = NULL;
    *n = 0;
    int rc = lethe_sample_new(rule, key, job, capacity, block, NULL, 0, &sample, err);
    while (rc == 0 && lethe_sample_next(sample, &first, &count)) {
        for (uint64_t i = 0; rc == 0 && i < count; i++)
            rc = offsets_add(out, n, &size, (first + i) * block, err);
    }
    lethe_sample_free(sample);
    if (rc < 0) {
        free(*out);
        *out = NULL;
    }
    return rc;
}
