/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs checked: the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2. */
#include "tlog/parts.h"
#include <inttypes.h>

static int does_not_hold(struct lethe_error *err, const char *what)
{
    return lethe_fail(err, LETHE_E_UNTRUSTED, "the proof of %s does not hold", what);
}

int lethe_tlog_check_inclusion(const struct lethe_tlog_hashes *proof, uint64_t index, uint64_t size,
                               const struct lethe_tlog_hash *leaf,
                               const struct lethe_tlog_hash *root, struct lethe_error *err)
{
    if (size > LETHE_TLOG_SIZE_MAX || index >= size || proof->n > LETHE_TLOG_HASHES_MAX)
        return lethe_fail(err, LETHE_E_UNTRUSTED,
                          "entry %" PRIu64 " is not among the %" PRIu64 " of the log", index, size);
    uint64_t at = index, last = size - 1;
    struct lethe_tlog_hash hash = *leaf;
    for (size_t i = 0; i < proof->n; i++) {
        if (last == 0)
            return does_not_hold(err, "inclusion");
        if (at & 1 || at == last) {
            lethe_tlog_hash_node(&hash, &proof->hash[i], &hash);
            while (!(at & 1) && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            lethe_tlog_hash_node(&hash, &hash, &proof->hash[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    if (last != 0 || !lethe_tlog_hash_equal(&hash, root))
        return does_not_hold(err, "inclusion");
    return 0;
}

/* Both roots from one walk, OLD not 0 and below SIZE. */
static bool roots_agree(const struct lethe_tlog_hashes *proof, uint64_t old,
                        const struct lethe_tlog_hash *old_root, uint64_t size,
                        const struct lethe_tlog_hash *root)
{
    uint64_t at = old - 1, last = size - 1;
    size_t i = 0;
    struct lethe_tlog_hash first = *old_root, second;
    for (; at & 1; at >>= 1)
        last >>= 1;
    /* An old tree that is complete is its own first hash, and the proof leaves it out. */
    if ((old & (old - 1)) != 0) {
        if (proof->n == 0)
            return false;
        first = proof->hash[i++];
    }
    second = first;
    for (; i < proof->n; i++) {
        if (last == 0)
            return false;
        if (at & 1 || at == last) {
            lethe_tlog_hash_node(&first, &proof->hash[i], &first);
            lethe_tlog_hash_node(&second, &proof->hash[i], &second);
            while (!(at & 1) && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            lethe_tlog_hash_node(&second, &second, &proof->hash[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && lethe_tlog_hash_equal(&first, old_root) &&
           lethe_tlog_hash_equal(&second, root);
}

int lethe_tlog_check_consistency(const struct lethe_tlog_hashes *proof, uint64_t old,
                                 const struct lethe_tlog_hash *old_root, uint64_t size,
                                 const struct lethe_tlog_hash *root, struct lethe_error *err)
{
    struct lethe_tlog_hash empty;
    bool holds;
    if (size > LETHE_TLOG_SIZE_MAX || old > size || proof->n > LETHE_TLOG_HASHES_MAX)
        return lethe_fail(err, LETHE_E_UNTRUSTED,
                          "the log shrank from %" PRIu64 " to %" PRIu64 " entries", old, size);
    lethe_tlog_hash_empty(&empty);
    if (old == 0)
        holds = proof->n == 0 && lethe_tlog_hash_equal(old_root, &empty) &&
                (size > 0 || lethe_tlog_hash_equal(root, &empty));
    else if (old == size)
        holds = proof->n == 0 && lethe_tlog_hash_equal(old_root, root);
    else
        holds = roots_agree(proof, old, old_root, size, root);
    return holds ? 0 : does_not_hold(err, "consistency");
}
