/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/witness.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include <errno.h>
#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int join(const struct lethe_witness *w, const char *name, char out[PATH_MAX],
                struct lethe_error *err)
{
    return lethe_path_join(out, PATH_MAX, w->dir, name, err);
}

static int key_write(EVP_PKEY *pkey, const char *path, struct lethe_error *err)
{
    char *data;
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1;
    long len = ok ? BIO_get_mem_data(bio, &data) : 0;
    int rc = ok ? lethe_file_write(path, data, (size_t)len, 0600, err)
                : lethe_fail(err, LETHE_E_INTERNAL, "the key can't be encoded");
    if (ok)
        lethe_wipe(data, (size_t)len);
    BIO_free(bio);
    return rc;
}

static int key_read(const char *path, EVP_PKEY **out, struct lethe_error *err)
{
    char *text;
    size_t len;
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0) {
        lethe_fail(err, LETHE_E_REFUSED, "%s can be read by others (mode %04o)", path,
                   (unsigned)st.st_mode & 07777);
        lethe_error_remedy(err, "chmod 600 %s", path);
        return -LETHE_E_REFUSED;
    }
    int rc = lethe_file_read(path, 65536, &text, &len, err);
    if (rc < 0)
        return rc;
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    *out = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    lethe_wipe(text, len);
    free(text);
    ERR_clear_error();
    return *out ? 0 : lethe_fail(err, LETHE_E_INVALID, "%s holds no private key", path);
}

static int public_half(struct lethe_witness *w, const char *name, struct lethe_error *err)
{
    uint8_t pub[32];
    size_t len = sizeof(pub);
    if (EVP_PKEY_get_raw_public_key(w->pkey, pub, &len) != 1 || len != sizeof(pub))
        return lethe_fail(err, LETHE_E_INVALID, "the key of the witness is no Ed25519 key");
    return lethe_tlog_key_make(&w->key, name, LETHE_TLOG_COSIGNATURE, pub, err);
}

/* The verifier key is written last: what was cut short before has signed nothing. */
static int make_key(struct lethe_witness *w, const char *name, struct lethe_error *err)
{
    char path[PATH_MAX], vkey[LETHE_TLOG_VKEY_MAX + 1];
    int rc = 0;
    if (!name) {
        rc = lethe_fail(err, LETHE_E_USAGE, "a new witness needs a name");
        lethe_error_remedy(err, "its address will do: --name witness.example.org");
        return rc;
    }
    w->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    rc = w->pkey ? public_half(w, name, err)
                 : lethe_fail(err, LETHE_E_INTERNAL, "no Ed25519 key could be made");
    if (rc == 0)
        rc = join(w, "seen", path, err);
    if (rc == 0)
        rc = lethe_dir_make(path, 0700, err);
    if (rc == 0)
        rc = join(w, "witness.key", path, err);
    if (rc == 0)
        rc = key_write(w->pkey, path, err);
    lethe_tlog_key_format(&w->key, vkey);
    strcat(vkey, "\n");
    if (rc == 0)
        rc = join(w, "witness.vkey", path, err);
    return rc < 0 ? rc : lethe_file_write(path, vkey, strlen(vkey), 0644, err);
}

static int load_key(struct lethe_witness *w, const char *vkey_path, struct lethe_error *err)
{
    char path[PATH_MAX], seen[PATH_MAX], *text;
    size_t len;
    struct lethe_tlog_key said;
    int rc = lethe_file_read(vkey_path, 4096, &text, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_tlog_key_parse(text, len, &said, err);
    free(text);
    if (rc == 0)
        rc = join(w, "witness.key", path, err);
    if (rc == 0)
        rc = key_read(path, &w->pkey, err);
    if (rc == 0)
        rc = public_half(w, said.name, err);
    if (rc == 0 && w->key.id != said.id)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s is not the key of %s", path, vkey_path);
    if (rc == 0)
        rc = join(w, "seen", seen, err);
    if (rc == 0 && access(seen, F_OK) != 0) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "what this witness has signed is gone: %s", seen);
        lethe_error_effect(err, "it could sign a second story of a log");
        lethe_error_remedy(err, "restore it, or begin a new witness in another directory");
    }
    return rc;
}

int lethe_witness_open(const char *dir, const char *name, const char *config, bool serve,
                       struct lethe_witness *out, struct lethe_error *err)
{
    char path[PATH_MAX];
    *out = (struct lethe_witness){.lock = -1};
    if (!lethe_text_format(out->dir, sizeof(out->dir), "%s", dir))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", dir);
    int rc = lethe_dir_make(dir, 0700, err);
    if (rc == 0)
        rc = join(out, "witness.vkey", path, err);
    bool there = rc == 0 && access(path, F_OK) == 0;
    if (rc == 0)
        rc = join(out, ".lock", path, err);
    if (rc == 0 && (serve || !there))
        rc = out->lock = lethe_file_lock(path, false, err);
    if (rc == -LETHE_E_BUSY)
        lethe_fail(err, LETHE_E_BUSY, "another process runs the witness in %s", dir);
    if (rc >= 0)
        rc = config ? lethe_text_format(out->config, sizeof(out->config), "%s", config)
                          ? 0
                          : lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", config)
                    : join(out, "logs.conf", out->config, err);
    if (rc >= 0)
        rc = join(out, "witness.vkey", path, err);
    if (rc >= 0)
        rc = access(path, F_OK) == 0 ? load_key(out, path, err) : make_key(out, name, err);
    if (rc < 0)
        lethe_witness_close(out);
    return rc;
}

void lethe_witness_close(struct lethe_witness *witness)
{
    EVP_PKEY_free(witness->pkey);
    witness->pkey = NULL;
    if (witness->lock >= 0)
        close(witness->lock);
    witness->lock = -1;
}

/* The configuration is read for each request: a new log needs no restart. */
static int each_log(struct lethe_witness *w,
                    int (*fn)(void *user, const struct lethe_tlog_key *key), void *user,
                    struct lethe_error *err)
{
    char *text, *at;
    size_t len;
    int rc = lethe_file_read(w->config, 1 << 20, &text, &len, err);
    if (rc < 0)
        return rc;
    at = text;
    for (unsigned number = 1; rc == 0 && *at; number++) {
        size_t n = strcspn(at, "\n");
        struct lethe_tlog_key key;
        struct lethe_error why = {0};
        if (n > 0 && *at != '#') {
            rc = strncmp(at, "log ", 4) == 0 ? lethe_tlog_key_parse(at + 4, n - 4, &key, &why)
                                             : -LETHE_E_INVALID;
            if (rc == 0 && key.type != LETHE_TLOG_ED25519)
                rc = -LETHE_E_INVALID;
            if (rc < 0)
                lethe_fail(err, LETHE_E_INVALID, "%s:%u: not \"log KEY\" with the key of a log%s%s",
                           w->config, number, why.what[0] ? ": " : "", why.what);
        }
        if (rc == 0 && n > 0 && *at != '#' && fn(user, &key))
            break;
        at += n + (at[n] == '\n');
    }
    free(text);
    return rc;
}

struct search {
    const char *origin;
    struct lethe_tlog_key key;
    bool found;
};

static int is_it(void *user, const struct lethe_tlog_key *key)
{
    struct search *search = user;
    search->found = strcmp(key->name, search->origin) == 0;
    if (search->found)
        search->key = *key;
    return search->found;
}

static int seen_path(const struct lethe_witness *w, const char *origin, char out[PATH_MAX],
                     struct lethe_error *err)
{
    char hash[65], name[80];
    lethe_sha256_hex(hash, origin, strlen(origin));
    lethe_text_format(name, sizeof(name), "seen/%s", hash);
    return join(w, name, out, err);
}

/* The last one signed; size 0 when there is none. */
static int last_seen(const struct lethe_witness *w, const struct lethe_tlog_key *key,
                     struct lethe_tlog_checkpoint *out, struct lethe_error *err)
{
    char path[PATH_MAX], *text;
    size_t len;
    *out = (struct lethe_tlog_checkpoint){0};
    int rc = seen_path(w, key->name, path, err);
    if (rc < 0 || (access(path, F_OK) != 0 && errno == ENOENT))
        return rc;
    rc = lethe_file_read(path, LETHE_TLOG_NOTE_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_tlog_checkpoint_parse(text, len, out, err);
    free(text);
    return rc;
}

struct request {
    uint64_t old;
    struct lethe_tlog_hashes proof;
    struct lethe_tlog_note note;
    struct lethe_tlog_checkpoint checkpoint;
};

/* "old N\n", base64 lines, "\n", a checkpoint. */
static bool parse(const char *body, size_t len, struct request *out)
{
    char digits[24] = "";
    size_t n = 4;
    if (len < 6 || memcmp(body, "old ", 4) != 0)
        return false;
    while (n < len && n - 4 < 20 && body[n] >= '0' && body[n] <= '9') {
        digits[n - 4] = body[n];
        n++;
    }
    if (n == 4 || n >= len || body[n] != '\n' || (digits[0] == '0' && n > 5))
        return false;
    out->old = strtoull(digits, NULL, 10);
    if (out->old > LETHE_TLOG_SIZE_MAX)
        return false;
    size_t at = n + 1;
    while (at < len && body[at] != '\n') {
        const char *end = memchr(body + at, '\n', len - at);
        if (!end || out->proof.n == LETHE_TLOG_HASHES_MAX ||
            lethe_tlog_base64_decode(out->proof.hash[out->proof.n].bytes, 32, body + at,
                                     (size_t)(end - body) - at) != 32)
            return false;
        out->proof.n++;
        at = (size_t)(end - body) + 1;
    }
    if (at >= len)
        return false;
    at++;
    return lethe_tlog_note_parse(body + at, len - at, &out->note, NULL) == 0 &&
           lethe_tlog_checkpoint_parse(out->note.text, out->note.text_len, &out->checkpoint,
                                       NULL) == 0;
}

static void say(struct lethe_witness_answer *out, unsigned status, const char *text)
{
    out->status = status;
    out->type = "text/plain; charset=utf-8";
    lethe_text_format(out->body, sizeof(out->body), "%s\n", text);
}

static void say_size(struct lethe_witness_answer *out, uint64_t size)
{
    out->status = 409;
    out->type = "text/x.tlog.size";
    lethe_text_format(out->body, sizeof(out->body), "%" PRIu64 "\n", size);
}

static bool sign(struct lethe_witness *w, const struct lethe_tlog_note *note,
                 struct lethe_witness_answer *out)
{
    char message[LETHE_TLOG_MESSAGE_MAX];
    uint8_t signature[64];
    size_t len, signature_len = sizeof(signature);
    uint64_t now = lethe_now_ms() / 1000;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok =
        lethe_tlog_cosignature_message(note->text, note->text_len, now, message, &len, NULL) >= 0 &&
        ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, w->pkey) == 1 &&
        EVP_DigestSign(ctx, signature, &signature_len, (const uint8_t *)message, len) == 1 &&
        lethe_tlog_signature_line(&w->key, signature, now, out->body, NULL) >= 0;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    out->status = 200;
    out->type = "text/plain; charset=utf-8";
    return ok;
}

/* Only what goes on from what was signed before. */
static bool goes_on(const struct request *r, const struct lethe_tlog_checkpoint *last,
                    struct lethe_witness_answer *out)
{
    const struct lethe_tlog_checkpoint *next = &r->checkpoint;
    struct lethe_tlog_hash empty;
    lethe_tlog_hash_empty(&empty);
    if (r->old > next->size) {
        say(out, 400, "the old size is beyond the checkpoint's");
    } else if (r->old != last->size || (r->old == next->size && r->old > 0 &&
                                        !lethe_tlog_hash_equal(&last->root, &next->root))) {
        say_size(out, last->size);
    } else if (next->size == 0 ? !lethe_tlog_hash_equal(&next->root, &empty) || r->proof.n > 0
               : r->old == 0 || r->old == next->size
                   ? r->proof.n > 0
                   : lethe_tlog_check_consistency(&r->proof, r->old, &last->root, next->size,
                                                  &next->root, NULL) < 0) {
        say(out, 422, "the proof does not show that the log only grew");
    } else {
        return true;
    }
    return false;
}

void lethe_witness_add_checkpoint(struct lethe_witness *witness, const char *body, size_t len,
                                  struct lethe_witness_answer *out)
{
    struct request *r = calloc(1, sizeof(*r));
    struct lethe_tlog_checkpoint last;
    struct lethe_error err = {0};
    char path[PATH_MAX];
    *out = (struct lethe_witness_answer){0};
    if (!r || len > LETHE_WITNESS_BODY_MAX || !parse(body, len, r)) {
        say(out, r ? 400 : 500, r ? "this is no add-checkpoint request" : "memory ran out");
        free(r);
        return;
    }
    struct search search = {.origin = r->checkpoint.origin};
    int rc = each_log(witness, is_it, &search, &err);
    if (rc == 0 && !search.found)
        say(out, 404, "this log is not known here");
    else if (rc == 0 && lethe_tlog_note_verify(&r->note, &search.key, NULL, NULL) != 1)
        say(out, 403, "the log has not signed this");
    else if (rc == 0)
        rc = last_seen(witness, &search.key, &last, &err);
    if (rc == 0 && !out->status && goes_on(r, &last, out)) {
        rc = seen_path(witness, search.key.name, path, &err);
        if (rc == 0 && (r->checkpoint.size != last.size || last.size == 0))
            rc = lethe_file_write(path, r->note.text, r->note.text_len, 0600, &err);
        if (rc == 0 && !sign(witness, &r->note, out))
            rc = lethe_fail(&err, LETHE_E_INTERNAL, "the key of the witness does not sign");
    }
    if (rc < 0)
        say(out, 500, err.what);
    free(r);
}

struct status {
    struct lethe_witness *witness;
    json_t *logs;
    struct lethe_error *err;
    int rc;
};

static int add_log(void *user, const struct lethe_tlog_key *key)
{
    struct status *status = user;
    struct lethe_tlog_checkpoint last;
    char root[LETHE_TLOG_BASE64_SIZE(32)];
    status->rc = last_seen(status->witness, key, &last, status->err);
    lethe_tlog_base64_encode(root, last.root.bytes, sizeof(last.root.bytes));
    json_array_append_new(status->logs,
                          json_pack("{s:s, s:I, s:s}", "origin", key->name, "size",
                                    (json_int_t)last.size, "root", last.origin[0] ? root : ""));
    return status->rc < 0;
}

json_t *lethe_witness_status(struct lethe_witness *witness, struct lethe_error *err)
{
    char vkey[LETHE_TLOG_VKEY_MAX];
    struct status status = {.witness = witness, .logs = json_array(), .err = err};
    int rc = access(witness->config, F_OK) == 0 ? each_log(witness, add_log, &status, err) : 0;
    if (rc < 0 || status.rc < 0) {
        json_decref(status.logs);
        return NULL;
    }
    lethe_tlog_key_format(&witness->key, vkey);
    return json_pack("{s:s, s:s, s:o}", "name", witness->key.name, "key", vkey, "logs",
                     status.logs);
}
