/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs made from tiles: the definitions of RFC 6962 sections 2.1.1 and 2.1.2, as they stand. */
#include "tlog/parts.h"
#include <inttypes.h>

struct prover {
    const struct lethe_tlog_reader *reader;
    uint64_t size;
    struct lethe_tlog_tile tile; /* which one is in HASH; width 0: none */
    struct lethe_tlog_hash hash[LETHE_TLOG_TILE_WIDTH];
    struct lethe_tlog_hashes *out;
    struct lethe_error *err;
};

/* The largest power of two below N (N > 1), as its logarithm. */
static unsigned split(uint64_t n)
{
    return 63 - (unsigned)__builtin_clzll(n - 1);
}

static int fetch(struct prover *prover, unsigned level, uint64_t index)
{
    struct lethe_tlog_tile want = {level, index, lethe_tlog_tile_width(prover->size, level, index)};
    if (prover->tile.width > 0 && prover->tile.level == level && prover->tile.index == index)
        return 0;
    prover->tile.width = 0;
    int rc = prover->reader->tile(prover->reader->user, &want, prover->hash, prover->err);
    if (rc >= 0)
        prover->tile = want;
    return rc < 0 ? rc : 0;
}

/* Root of the 2^LOG entries from START on, which is a multiple of 2^LOG: it lies in one tile. */
static int complete(struct prover *prover, uint64_t start, unsigned log,
                    struct lethe_tlog_hash *out)
{
    unsigned level = log / 8;
    uint64_t at = start >> (8 * level);
    int rc = fetch(prover, level, at / LETHE_TLOG_TILE_WIDTH);
    if (rc == 0)
        lethe_tlog_complete(&prover->hash[at % LETHE_TLOG_TILE_WIDTH], log % 8, out);
    return rc;
}

/* MTH(D[start:start+n]), for ranges as the definitions split them. */
static int range(struct prover *prover, uint64_t start, uint64_t n, struct lethe_tlog_hash *out)
{
    if ((n & (n - 1)) == 0)
        return complete(prover, start, (unsigned)__builtin_ctzll(n), out);
    struct lethe_tlog_hash left, right;
    uint64_t k = UINT64_C(1) << split(n);
    int rc = range(prover, start + k, n - k, &right);
    if (rc == 0)
        rc = range(prover, start, k, &left);
    if (rc == 0)
        lethe_tlog_hash_node(out, &left, &right);
    return rc;
}

static int add(struct prover *prover, uint64_t start, uint64_t n)
{
    if (prover->out->n == LETHE_TLOG_HASHES_MAX)
        return lethe_fail(prover->err, LETHE_E_LIMIT, "the proof is too long");
    return range(prover, start, n, &prover->out->hash[prover->out->n++]);
}

static int path(struct prover *prover, uint64_t start, uint64_t n, uint64_t index)
{
    if (n == 1)
        return 0;
    uint64_t k = UINT64_C(1) << split(n);
    int rc = index < k ? path(prover, start, k, index) : path(prover, start + k, n - k, index - k);
    if (rc < 0)
        return rc;
    return index < k ? add(prover, start + k, n - k) : add(prover, start, k);
}

static int subproof(struct prover *prover, uint64_t start, uint64_t n, uint64_t old, bool whole)
{
    if (old == n)
        return whole ? 0 : add(prover, start, n);
    uint64_t k = UINT64_C(1) << split(n);
    int rc = old <= k ? subproof(prover, start, k, old, whole)
                      : subproof(prover, start + k, n - k, old - k, false);
    if (rc < 0)
        return rc;
    return old <= k ? add(prover, start + k, n - k) : add(prover, start, k);
}

int lethe_tlog_root(const struct lethe_tlog_reader *reader, uint64_t size,
                    struct lethe_tlog_hash *out, struct lethe_error *err)
{
    struct prover prover = {.reader = reader, .size = size, .err = err};
    if (size > LETHE_TLOG_SIZE_MAX)
        return lethe_fail(err, LETHE_E_USAGE, "no log has %" PRIu64 " entries", size);
    if (size > 0)
        return range(&prover, 0, size, out);
    lethe_tlog_hash_empty(out);
    return 0;
}

int lethe_tlog_prove_inclusion(const struct lethe_tlog_reader *reader, uint64_t index,
                               uint64_t size, struct lethe_tlog_hashes *out,
                               struct lethe_error *err)
{
    struct prover prover = {.reader = reader, .size = size, .out = out, .err = err};
    out->n = 0;
    if (size > LETHE_TLOG_SIZE_MAX || index >= size)
        return lethe_fail(err, LETHE_E_USAGE,
                          "entry %" PRIu64 " is not among the first %" PRIu64 " of the log", index,
                          size);
    return path(&prover, 0, size, index);
}

int lethe_tlog_prove_consistency(const struct lethe_tlog_reader *reader, uint64_t old,
                                 uint64_t size, struct lethe_tlog_hashes *out,
                                 struct lethe_error *err)
{
    struct prover prover = {.reader = reader, .size = size, .out = out, .err = err};
    out->n = 0;
    if (size > LETHE_TLOG_SIZE_MAX || old > size)
        return lethe_fail(err, LETHE_E_USAGE,
                          "a log of %" PRIu64 " entries is not older than one of %" PRIu64, old,
                          size);
    return old == 0 ? 0 : subproof(&prover, 0, size, old, true);
}
