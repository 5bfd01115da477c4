/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast are certificates verified, against the one thing that can't be left out: the signature.
 *
 *   lethe-bench-verify [CERTIFICATES [ROUNDS]]
 *
 * In turns, on one core: EVP_PKEY_verify() of a hash with one key, as `openssl speed ecdsap256`
 * does it; and the verification of different certificates of one bench, each from its text to its
 * report. The medians count. Exit 1 when ours is below 90 % of libcrypto's.
 */
#include "base/crypto.h"
#include "cert/support.h"
#include <openssl/ecdsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 64
#define GOAL 0.9

static double cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *all, size_t n)
{
    qsort(all, n, sizeof(*all), by_size);
    return all[n / 2];
}

/* Signatures a second. */
static double raw(size_t n)
{
    static uint8_t hash[LETHE_HASH_SIZE], der[80];
    size_t len = sizeof(der);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    int ok = EVP_PKEY_sign_init(ctx) == 1 &&
             EVP_PKEY_sign(ctx, der, &len, hash, sizeof(hash)) == 1 &&
             EVP_PKEY_verify_init(ctx) == 1;
    double start = cpu();
    for (size_t i = 0; i < n; i++)
        ok = ok && EVP_PKEY_verify(ctx, der, len, hash, sizeof(hash)) == 1;
    double rate = (double)n / (cpu() - start);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok ? rate : 0;
}

struct pile {
    size_t n;
    char **text;
    struct lethe_verify_policy policy;
};

/* Certificates a second. */
static double ours(const struct pile *pile)
{
    double start = cpu();
    for (size_t i = 0; i < pile->n; i++) {
        struct lethe_certificate_report report;
        lethe_certificate_verify(pile->text[i], strlen(pile->text[i]), &pile->policy, &report);
        if (report.verdict != LETHE_VERDICT_VALID) {
            fprintf(stderr, "certificate %zu: %s\n", i, report.reasons[0].text);
            exit(2);
        }
        lethe_certificate_report_clear(&report);
    }
    return (double)pile->n / (cpu() - start);
}

static char **make(size_t n)
{
    static const char *const chain[] = {"root", NULL};
    struct lethe_signer *signer = support_signer("bench", chain);
    char **text = calloc(n, sizeof(*text)), label[32];
    for (size_t i = 0; i < n; i++) {
        snprintf(label, sizeof(label), "bench %zu", i);
        support_fix(label);
        json_t *claims = support_claims();
        text[i] = support_issue(claims, signer);
        json_decref(claims);
    }
    lethe_signer_close(signer);
    return text;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 9;
    double signatures[ROUNDS_MAX], certificates[ROUNDS_MAX], plain[ROUNDS_MAX], full[ROUNDS_MAX];
    rounds = rounds == 0 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    static const char *const roots[] = {"root", NULL};
    struct lethe_trust *trust = support_trust(roots);
    struct pile pile = {.n = n ? n : 1, .text = make(n ? n : 1)};
    pile.policy = (struct lethe_verify_policy){.trust = trust, .now = EXAMPLE_NOW};
    struct lethe_verify_cache *cache;
    if (lethe_verify_cache_new(&cache, NULL) < 0)
        return 2;
    for (size_t i = 0; i < rounds; i++) {
        signatures[i] = raw(pile.n);
        pile.policy.cache = NULL;
        pile.policy.no_claims = false;
        plain[i] = ours(&pile);
        pile.policy.cache = cache;
        if (i == 0)
            ours(&pile); /* fills the cache */
        full[i] = ours(&pile);
        pile.policy.no_claims = true;
        certificates[i] = ours(&pile);
    }
    double limit = median(signatures, rounds), rate = median(certificates, rounds);
    printf("libcrypto, one P-256 signature     %8.0f/s\n", limit);
    printf("certificate, each path anew        %8.0f/s  %.2f\n", median(plain, rounds),
           median(plain, rounds) / limit);
    printf("certificate and its claims, cached %8.0f/s  %.2f\n", median(full, rounds),
           median(full, rounds) / limit);
    printf("certificate, path cached           %8.0f/s  %.2f of the signature (>= %.2f): %s\n",
           rate, rate / limit, GOAL, rate >= GOAL * limit ? "met" : "MISSED");
    for (size_t i = 0; i < pile.n; i++)
        free(pile.text[i]);
    free(pile.text);
    lethe_verify_cache_free(cache);
    lethe_trust_free(trust);
    return rate >= GOAL * limit ? 0 : 1;
}
