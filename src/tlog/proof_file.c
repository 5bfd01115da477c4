/* SPDX-License-Identifier: Apache-2.0 */
/* An entry's place in a log, to take away: tlog-proof. */
#include "base/buf.h"
#include "tlog/parts.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "c2sp.org/tlog-proof@v1";

static int malformed(struct lethe_error *err, const char *why)
{
    return lethe_fail(err, LETHE_E_INVALID, "not a proof of inclusion: %s", why);
}

/* True and stepped over when the line begins with WORD and a space. */
static bool skip_word(const char *word, const char **line, size_t *len)
{
    size_t n = strlen(word);
    if (*len <= n || memcmp(*line, word, n) != 0 || (*line)[n] != ' ')
        return false;
    *line += n + 1;
    *len -= n + 1;
    return true;
}

static int add_hash(struct lethe_tlog_hashes *hashes, const char *line, size_t len,
                    struct lethe_error *err)
{
    if (hashes->n == LETHE_TLOG_HASHES_MAX)
        return malformed(err, "more hashes than any tree is high");
    struct lethe_tlog_hash *hash = &hashes->hash[hashes->n++];
    if (lethe_tlog_base64_decode(hash->bytes, sizeof(hash->bytes), line, len) !=
        (int)sizeof(hash->bytes))
        return malformed(err, "a line is no hash");
    return 0;
}

int lethe_tlog_proof_parse(const char *bytes, size_t len, struct lethe_tlog_proof *out,
                           struct lethe_error *err)
{
    const char *at = bytes, *end = bytes + len, *line;
    size_t n;
    bool more;
    memset(out, 0, sizeof(*out));
    if (len > LETHE_TLOG_PROOF_FILE_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "a proof of %zu bytes is longer than %d", len,
                          LETHE_TLOG_PROOF_FILE_MAX);
    if (!lethe_tlog_line(&at, end, &line, &n) || n != sizeof(magic) - 1 ||
        memcmp(line, magic, n) != 0)
        return malformed(err, "the first line is not c2sp.org/tlog-proof@v1");
    more = lethe_tlog_line(&at, end, &line, &n);
    if (more && skip_word("extra", &line, &n)) {
        if (!lethe_tlog_base64_valid(line, n))
            return malformed(err, "the extra data is no base64");
        out->extra = line;
        out->extra_len = n;
        more = lethe_tlog_line(&at, end, &line, &n);
    }
    if (!more || !skip_word("index", &line, &n) ||
        !lethe_tlog_number(line, n, LETHE_TLOG_SIZE_MAX, &out->index))
        return malformed(err, "no index");
    while ((more = lethe_tlog_line(&at, end, &line, &n)) && n > 0) {
        int rc = add_hash(&out->hashes, line, n, err);
        if (rc < 0)
            return rc;
    }
    if (!more || at == end)
        return malformed(err, "no checkpoint");
    out->note = at;
    out->note_len = (size_t)(end - at);
    return 0;
}

static int put_base64(struct lethe_buf *out, const char *before, const void *data, size_t len)
{
    char *text = malloc(LETHE_TLOG_BASE64_SIZE(len));
    if (!text)
        return -LETHE_E_INTERNAL;
    lethe_tlog_base64_encode(text, data, len);
    int rc = lethe_buf_printf(out, "%s%s\n", before, text);
    free(text);
    return rc;
}

int lethe_tlog_proof_format(uint64_t index, const struct lethe_tlog_hashes *hashes,
                            const void *entry, size_t entry_len, const char *note, size_t note_len,
                            char **out, size_t *out_len, struct lethe_error *err)
{
    LETHE_BUF_AUTO text = {0};
    if (index > LETHE_TLOG_SIZE_MAX || hashes->n > LETHE_TLOG_HASHES_MAX ||
        entry_len > LETHE_TLOG_ENTRY_MAX || note_len > LETHE_TLOG_NOTE_MAX)
        return lethe_fail(err, LETHE_E_USAGE, "no proof is that large");
    int rc = lethe_buf_printf(&text, "%s\n", magic);
    if (rc == 0 && entry)
        rc = put_base64(&text, "extra ", entry, entry_len);
    if (rc == 0)
        rc = lethe_buf_printf(&text, "index %" PRIu64 "\n", index);
    for (size_t i = 0; i < hashes->n && rc == 0; i++)
        rc = put_base64(&text, "", hashes->hash[i].bytes, sizeof(hashes->hash[i].bytes));
    if (rc == 0)
        rc = lethe_buf_puts(&text, "\n");
    if (rc == 0)
        rc = lethe_buf_add(&text, note, note_len);
    size_t len = text.len;
    *out = rc == 0 ? lethe_buf_take(&text) : NULL;
    if (!*out)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    *out_len = len;
    return 0;
}

int lethe_tlog_proof_entry(const struct lethe_tlog_proof *proof, struct lethe_tlog_entry *entry,
                           struct lethe_tlog_hash *leaf, struct lethe_error *err)
{
    uint8_t text[LETHE_TLOG_ENTRY_MAX];
    if (!proof->extra)
        return lethe_fail(err, LETHE_E_NOT_FOUND, "the proof does not bring its entry");
    int len = lethe_tlog_base64_decode(text, sizeof(text), proof->extra, proof->extra_len);
    if (len < 0)
        return malformed(err, "the extra data is no entry");
    int rc = lethe_tlog_entry_parse(text, (size_t)len, entry, err);
    if (rc == 0)
        lethe_tlog_hash_leaf(leaf, text, (size_t)len);
    return rc;
}

/* The log that signed: LOG, or the one of the policy whose name the checkpoint has. A name may have
 * several keys (old and new): one that holds is enough, one that does not is refused. */
static int open_checkpoint(const struct lethe_tlog_proof *proof, const struct lethe_tlog_key *log,
                           const struct lethe_tlog_policy *policy,
                           struct lethe_tlog_checkpoint *out, struct lethe_tlog_note *note,
                           struct lethe_error *err)
{
    if (log)
        return lethe_tlog_checkpoint_open(proof->note, proof->note_len, log, out, note, err);
    int rc = lethe_tlog_note_parse(proof->note, proof->note_len, note, err), signers = 0;
    if (rc == 0)
        rc = lethe_tlog_checkpoint_parse(note->text, note->text_len, out, err);
    for (size_t i = 0; rc >= 0 && policy && i < policy->n_logs; i++) {
        if (strcmp(policy->log[i].key.name, out->origin) != 0)
            continue;
        rc = lethe_tlog_note_verify(note, &policy->log[i].key, NULL, err);
        signers += rc > 0;
    }
    if (rc >= 0 && signers == 0)
        return lethe_fail(err, LETHE_E_UNTRUSTED, "no trusted log signed the checkpoint of %.80s",
                          out->origin);
    return rc < 0 ? rc : 0;
}

int lethe_tlog_proof_verify(const struct lethe_tlog_proof *proof,
                            const struct lethe_tlog_hash *leaf, const struct lethe_tlog_key *log,
                            const struct lethe_tlog_policy *policy, uint64_t now,
                            struct lethe_tlog_proven *out, struct lethe_error *err)
{
    struct lethe_tlog_note note;
    memset(out, 0, sizeof(*out));
    int rc = open_checkpoint(proof, log, policy, &out->checkpoint, &note, err);
    if (rc == 0)
        rc = lethe_tlog_check_inclusion(&proof->hashes, proof->index, out->checkpoint.size, leaf,
                                        &out->checkpoint.root, err);
    if (rc == 0 && policy)
        rc = lethe_tlog_policy_check(policy, &note, now, &out->quorum, err);
    out->index = proof->index;
    return rc;
}
