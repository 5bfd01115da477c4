/* SPDX-License-Identifier: Apache-2.0 */
/* A .tlog-proof from somebody else: what is taken is written again as it was, and proves nothing.
 */
#include <lethe/tlog.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_tlog_proof proof;
    struct lethe_tlog_entry entry;
    struct lethe_tlog_proven proven;
    struct lethe_tlog_hash leaf, root;
    static struct lethe_tlog_policy policy = {.quorum_none = true};
    char *again, bytes[LETHE_TLOG_ENTRY_MAX];
    size_t len;
    if (lethe_tlog_proof_parse((const char *)data, size, &proof, NULL) < 0)
        return 0;
    lethe_tlog_hash_empty(&leaf);
    if (lethe_tlog_proof_verify(&proof, &leaf, NULL, &policy, 0, &proven, NULL) == 0)
        abort(); /* no log is trusted */
    lethe_tlog_hash_empty(&root);
    lethe_tlog_check_inclusion(&proof.hashes, proof.index, proof.index + 1 + size, &leaf, &root,
                               NULL);
    lethe_tlog_check_consistency(&proof.hashes, proof.index, &leaf, proof.index + size, &root,
                                 NULL);
    lethe_tlog_proof_entry(&proof, &entry, &leaf, NULL);
    int extra = proof.extra
                    ? lethe_tlog_base64_decode(bytes, sizeof(bytes), proof.extra, proof.extra_len)
                    : 0;
    if (extra < 0 || proof.note_len > LETHE_TLOG_NOTE_MAX)
        return 0;
    if (lethe_tlog_proof_format(proof.index, &proof.hashes, proof.extra ? bytes : NULL,
                                (size_t)extra, proof.note, proof.note_len, &again, &len, NULL) < 0)
        abort();
    if (len != size || memcmp(again, data, size) != 0)
        abort();
    free(again);
    return 0;
}
