/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Witnesses (C2SP tlog-witness): they sign what they saw, and remember it. What one of them knows
 * better than we is the proof that this state directory is an old copy, or that a second one
 * exists: the log is shut.
 */
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "log/internal.h"
#include "log/post.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ATTEMPTS 4       /* 409 tells the size to begin at; another process may be asking as well */
#define CLOCK_SKEW_S 300 /* as verifiers allow */

struct witness {
    struct lethe_log_guard guard;
    const struct lethe_tlog_key *key;
    const char *url;
    unsigned timeout_ms;
    uint64_t time; /* of its cosignature; 0 none yet */
};

int lethe_log_policy_load(const char *dir, struct lethe_tlog_policy *out, struct lethe_error *err)
{
    char trust[PATH_MAX], path[PATH_MAX], *text;
    size_t len;
    int rc = lethe_path_join(trust, sizeof(trust), dir, "trust", err);
    if (rc == 0)
        rc = lethe_path_join(path, sizeof(path), trust, "log.policy", err);
    if (rc == 0 && access(path, F_OK) != 0)
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "no witnesses are known (%s)", path);
    if (rc == 0)
        rc = lethe_file_read(path, 65536, &text, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_tlog_policy_parse(text, len, out, err);
    free(text);
    return rc;
}

/* That the log only grew since OLD: true before it is sent, so that a witness who says no says
 * something of the log and not of damaged tiles. What it has signed has been a checkpoint here. */
static int prove_growth(struct lethe_log *log, uint64_t old,
                        const struct lethe_store_checkpoint *checkpoint,
                        struct lethe_tlog_hashes *proof, struct lethe_error *err)
{
    LETHE_CHECKPOINT_AUTO before = {0};
    struct lethe_tlog_hash old_root, root;
    struct lethe_tlog_reader reader = {.tile = lethe_log_tile_read, .user = log->dir};
    int rc = lethe_store_checkpoint_get(log->store, lethe_log_origin(log), old, &before, err);
    if (rc == -LETHE_E_NOT_FOUND || (rc == 0 && before.size != old))
        return lethe_fail(err, LETHE_E_CHANGED,
                          "a witness has signed a log of %" PRIu64
                          " entries that this state directory does not know",
                          old);
    memcpy(old_root.bytes, before.root, sizeof(old_root.bytes));
    memcpy(root.bytes, checkpoint->root, sizeof(root.bytes));
    if (rc == 0)
        rc = lethe_tlog_prove_consistency(&reader, old, checkpoint->size, proof, err);
    if (rc == 0)
        rc = lethe_tlog_check_consistency(proof, old, &old_root, checkpoint->size, &root, err);
    if (rc < 0)
        lethe_error_remedy(err,
                           "the tiles in %s were changed; remove them there, they are made "
                           "again from the record",
                           log->dir);
    return rc;
}

static int make_request(struct lethe_log *log, uint64_t old,
                        const struct lethe_store_checkpoint *checkpoint, struct lethe_buf *out,
                        struct lethe_error *err)
{
    struct lethe_tlog_hashes proof = {0};
    int rc =
        old > 0 && old < checkpoint->size ? prove_growth(log, old, checkpoint, &proof, err) : 0;
    if (rc < 0)
        return rc;
    rc = lethe_buf_printf(out, "old %" PRIu64 "\n", old);
    for (size_t i = 0; rc == 0 && i < proof.n; i++) {
        char line[LETHE_TLOG_BASE64_SIZE(32)];
        lethe_tlog_base64_encode(line, proof.hash[i].bytes, 32);
        rc = lethe_buf_printf(out, "%s\n", line);
    }
    if (rc == 0)
        rc = lethe_buf_printf(out, "\n%s", checkpoint->note);
    return rc < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "no memory for a request") : 0;
}

/* A signature from another time than ours would contradict what is signed here: one of the two
 * clocks is wrong, and nothing is begun before it is known which. */
static int check_clock(struct lethe_log *log, struct witness *w, struct lethe_error *err)
{
    uint64_t ours = lethe_now_ms() / 1000, theirs = w->time;
    char here[21], there[21];
    if (theirs <= ours + CLOCK_SKEW_S && ours <= theirs + CLOCK_SKEW_S)
        return 0;
    w->time = 0;
    lethe_time_format(here, ours * 1000);
    lethe_time_format(there, theirs * 1000);
    lethe_fail(&log->clock, LETHE_E_REFUSED, "it is %s here and %s at witness %s", here, there,
               w->key->name);
    lethe_error_effect(&log->clock, "its signature is not taken; what is dated by a wrong clock "
                                    "nobody believes");
    lethe_error_remedy(&log->clock, "set the clock: timedatectl set-ntp true; if it is the witness "
                                    "that is wrong, take it out of trust/log.policy");
    if (err)
        *err = log->clock;
    return -LETHE_E_REFUSED;
}

/* Its line among those it sent, verified and kept. */
static int keep_cosignature(struct lethe_log *log, struct witness *w,
                            const struct lethe_store_checkpoint *checkpoint, const char *lines,
                            size_t len, struct lethe_error *err)
{
    LETHE_BUF_AUTO whole = {0};
    struct lethe_tlog_note note;
    char vkey[LETHE_TLOG_VKEY_MAX], line[LETHE_TLOG_LINE_MAX];
    int rc = lethe_buf_puts(&whole, checkpoint->note);
    if (rc == 0)
        rc = lethe_buf_add(&whole, lines, len);
    if (rc == 0)
        rc = lethe_tlog_note_parse(whole.data, whole.len, &note, err);
    if (rc == 0)
        rc = lethe_tlog_note_verify(&note, w->key, &w->time, err);
    if (rc == 0)
        rc = lethe_fail(err, LETHE_E_UNTRUSTED,
                        "witness %s answered without a signature of its own", w->key->name);
    if (rc < 0) {
        w->time = 0;
        lethe_error_remedy(err, "is its key in trust/log.policy the right one? It says so itself: "
                                "lethe-witness --show-key");
        return rc;
    }
    rc = check_clock(log, w, err);
    if (rc < 0)
        return rc;
    lethe_tlog_key_format(w->key, vkey);
    for (size_t i = 0; i < note.n; i++) {
        const struct lethe_tlog_signature *s = &note.signature[i];
        if (s->id != w->key->id || s->name_len != strlen(w->key->name) ||
            memcmp(s->name, w->key->name, s->name_len) != 0)
            continue;
        lethe_text_format(line, sizeof(line), "\xE2\x80\x94 %s %.*s\n", w->key->name,
                          (int)s->base64_len, s->base64);
        struct lethe_store_cosignature c = {
            .size = checkpoint->size, .time = w->time, .witness = vkey, .line = line};
        return lethe_store_cosignature_put(log->store, lethe_log_origin(log), &c, err);
    }
    return lethe_fail(err, LETHE_E_INTERNAL, "a signature that was verified is not there");
}

static bool parse_size(const char *text, size_t len, uint64_t *out)
{
    char digits[24], *end;
    if (len < 2 || len > 20 || text[len - 1] != '\n')
        return false;
    memcpy(digits, text, len - 1);
    digits[len - 1] = '\0';
    if (strspn(digits, "0123456789") != len - 1)
        return false;
    *out = strtoull(digits, &end, 10);
    return *out <= LETHE_TLOG_SIZE_MAX;
}

/* 1: ask again from *OLD; 0: done. */
static int judge(struct lethe_log *log, struct witness *w,
                 const struct lethe_store_checkpoint *checkpoint, unsigned status,
                 const char *answer, size_t len, uint64_t *old, struct lethe_error *err)
{
    uint64_t size;
    switch (status) {
    case 200:
        return keep_cosignature(log, w, checkpoint, answer, len, err);
    case 409:
        if (!parse_size(answer, len, &size))
            break;
        if (size <= checkpoint->size && size != *old) {
            *old = size;
            return 1;
        }
        if (size < checkpoint->size) /* what it was asked from: it contradicts itself */
            break;
        *old = size;
        return lethe_fail(err, LETHE_E_CHANGED,
                          "witness %s has signed a log of %" PRIu64
                          " entries that this state directory does not know",
                          w->key->name, size);
    case 422:
        return lethe_fail(err, LETHE_E_CHANGED,
                          "witness %s has signed another log of %" PRIu64
                          " entries than this state directory has",
                          w->key->name, *old);
    case 403:
    case 404:
        lethe_fail(err, LETHE_E_REFUSED, "witness %s does not know this log", w->key->name);
        lethe_error_remedy(err, "give its operator this log's key, trust/log.vkey, as a line "
                                "\"log KEY\" of its configuration");
        return -LETHE_E_UNTRUSTED;
    default:
        break;
    }
    return lethe_fail(err, LETHE_E_IO, "witness %s answers in a way we do not know (HTTP %u)",
                      w->key->name, status);
}

static int advance(struct lethe_log_guard *guard, struct lethe_log *log,
                   const struct lethe_store_checkpoint *checkpoint, uint64_t *known,
                   struct lethe_error *err)
{
    struct witness *w = (struct witness *)guard;
    char vkey[LETHE_TLOG_VKEY_MAX], url[LETHE_TLOG_URL_MAX + 32];
    size_t base = strlen(w->url);
    while (base > 0 && w->url[base - 1] == '/')
        base--;
    lethe_text_format(url, sizeof(url), "%.*s/add-checkpoint", (int)base, w->url);
    lethe_tlog_key_format(w->key, vkey);
    int rc = lethe_store_cosignature_last(log->store, lethe_log_origin(log), vkey, known, err);
    if (*known > checkpoint->size)
        *known = checkpoint->size;
    for (int attempt = 0; rc >= 0 && attempt < ATTEMPTS; attempt++) {
        LETHE_BUF_AUTO request = {0};
        char *answer = NULL;
        size_t len = 0;
        unsigned status = 0;
        rc = make_request(log, *known, checkpoint, &request, err);
        if (rc == 0)
            rc = lethe_http_post(url, request.data, request.len, w->timeout_ms, &status, &answer,
                                 &len, err);
        if (rc == 0)
            rc = judge(log, w, checkpoint, status, answer, len, known, err);
        free(answer);
        if (rc == 0)
            return 0;
    }
    return rc < 0 ? rc
                  : lethe_fail(err, LETHE_E_BUSY, "witness %s is asked by others at once",
                               w->key->name);
}

static const struct lethe_log_guard_ops witness_ops = {.name = "witness", .advance = advance};

int lethe_log_witness(struct lethe_log *log, const struct lethe_tlog_policy *policy,
                      unsigned timeout_ms,
                      void (*fn)(void *user, const struct lethe_log_witness_result *result),
                      void *user, struct lethe_error *err)
{
    int n = 0, refused = 0;
    for (size_t i = 0; i < policy->n_witnesses; i++) {
        struct witness w = {
            .guard = {.ops = &witness_ops, .name = policy->witness[i].name},
            .key = &policy->witness[i].key,
            .url = policy->witness[i].url,
            .timeout_ms = timeout_ms,
        };
        struct lethe_log_witness_result result = {.name = w.guard.name, .url = w.url};
        if (!w.url[0])
            continue;
        int rc = lethe_log_consult(log, &w.guard, &result.error);
        n += rc == 0;
        if (rc == -LETHE_E_REFUSED) {
            refused = rc;
            if (err)
                *err = result.error;
        }
        result.time = rc == 0 ? w.time : 0;
        if (fn)
            fn(user, &result);
    }
    return refused < 0 ? refused : n;
}
