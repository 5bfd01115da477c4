/* SPDX-License-Identifier: Apache-2.0 */
/* What the log says of what happened: hashes and a pseudonym, nothing that names a device. */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "log/internal.h"
#include <lethe/certificate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * The canonical identity set: {"identifiers":["KIND:VALUE",...],"model","vendor"}, sorted, those
 * read from the device (where there are none: all). The same device gives the same pseudonym again,
 * whatever port, firmware or day.
 */
static int pseudonym(struct lethe_log *log, const struct lethe_identity *identity, uint8_t out[32],
                     struct lethe_error *err)
{
    char texts[LETHE_IDENTIFIERS_MAX][128];
    const char *sorted[LETHE_IDENTIFIERS_MAX];
    size_t n = 0;
    for (int all = 0; all < 2 && n == 0; all++)
        for (size_t i = 0; i < identity->n_identifiers; i++) {
            const struct lethe_identifier *id = &identity->identifiers[i];
            if (!all && id->source != LETHE_SOURCE_DEVICE)
                continue;
            lethe_text_format(texts[n], sizeof(texts[n]), "%s:%s", lethe_id_kind_name(id->kind),
                              id->value);
            sorted[n] = texts[n];
            n++;
        }
    qsort(sorted, n, sizeof(*sorted), by_text);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(sorted[i]));
    LETHE_JSON_AUTO *json = json_pack("{s:o, s:s, s:s}", "identifiers", list, "model",
                                      identity->model, "vendor", identity->vendor);
    char *text = json ? lethe_json_canonical(json) : NULL;
    if (!text)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a pseudonym");
    lethe_log_signer_pseudonym(log->signer, text, strlen(text), out);
    free(text);
    return 0;
}

static int finish(struct lethe_log *log, const struct lethe_tlog_entry *entry,
                  struct lethe_log_line *out, struct lethe_error *err)
{
    int rc = lethe_tlog_entry_format(entry, out->text, err);
    if (rc < 0)
        return rc;
    lethe_text_format(out->name, sizeof(out->name), "%s", entry->name);
    out->entry = (struct lethe_store_entry){.log = lethe_log_origin(log),
                                            .kind = lethe_tlog_kind_name(entry->kind),
                                            .name = out->name,
                                            .text = out->text};
    return 0;
}

static int hash_event(const struct lethe_event *event, struct lethe_tlog_hash *out,
                      struct lethe_error *err)
{
    LETHE_JSON_AUTO *json = lethe_event_to_json(event);
    char *text = json ? lethe_json_canonical(json) : NULL;
    if (!text)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for an event");
    lethe_sha256(out->bytes, text, strlen(text));
    free(text);
    return 0;
}

/* When each witness said last that it had seen it: the earliest of these, which no single one can
 * bring forward. */
struct latest {
    char witness[LETHE_TLOG_VKEY_MAX];
    uint64_t own, time;
};

static int note_time(void *user, const struct lethe_store_cosignature *cosignature)
{
    struct latest *latest = user;
    if (strcmp(latest->witness, cosignature->witness) != 0) {
        if (latest->own && (!latest->time || latest->own < latest->time))
            latest->time = latest->own;
        lethe_text_format(latest->witness, sizeof(latest->witness), "%s", cosignature->witness);
    }
    latest->own = cosignature->time; /* in order of time */
    return 0;
}

/* -LETHE_E_NOT_FOUND: no witness has signed anything yet. */
static int newest_witnessed(struct lethe_log *log, struct lethe_tlog_entry *entry,
                            struct lethe_error *err)
{
    LETHE_CHECKPOINT_AUTO checkpoint = {0};
    struct latest latest = {0};
    int rc = lethe_store_checkpoint_witnessed(log->store, lethe_log_origin(log), &checkpoint, err);
    if (rc == 0)
        rc = lethe_store_cosignature_each(log->store, lethe_log_origin(log), checkpoint.size,
                                          note_time, &latest, err);
    if (rc < 0)
        return rc;
    note_time(&latest, &(struct lethe_store_cosignature){.witness = ""});
    entry->has_checkpoint = true;
    entry->checkpoint.size = checkpoint.size;
    entry->checkpoint.time = latest.time;
    memcpy(entry->checkpoint.root.bytes, checkpoint.root, sizeof(checkpoint.root));
    return 0;
}

int lethe_log_check_age(struct lethe_log *log, uint64_t max_s, struct lethe_error *err)
{
    struct lethe_tlog_entry newest = {0};
    char time[21] = "never";
    int rc = newest_witnessed(log, &newest, err);
    if (rc < 0 && rc != -LETHE_E_NOT_FOUND)
        return rc;
    if (rc == 0 && newest.checkpoint.time + max_s >= lethe_now_ms() / 1000)
        return 0;
    if (rc == 0)
        lethe_time_format(time, 1000 * newest.checkpoint.time);
    lethe_fail(err, LETHE_E_REFUSED, "no witness has signed this bench's log lately (last: %s)",
               time);
    lethe_error_effect(err, "nothing was sent to the device: the policy wants the start dated");
    lethe_error_remedy(err, "have it signed: lethe log witness");
    return -LETHE_E_REFUSED;
}

int lethe_log_entry_start(struct lethe_log *log, const struct lethe_event *event,
                          const struct lethe_identity *identity, struct lethe_log_line *out,
                          struct lethe_error *err)
{
    struct lethe_tlog_entry entry = {
        .kind = LETHE_TLOG_START, .time = event->time / 1000, .has_hash = true};
    lethe_text_format(entry.name, sizeof(entry.name), "%s", event->job);
    int rc = pseudonym(log, identity, entry.device, err);
    if (rc == 0)
        rc = hash_event(event, &entry.hash, err);
    if (rc == 0)
        rc = newest_witnessed(log, &entry, err);
    return rc < 0 && rc != -LETHE_E_NOT_FOUND ? rc : finish(log, &entry, out, err);
}

int lethe_log_entry_refused(struct lethe_log *log, const struct lethe_event *event,
                            const struct lethe_identity *identity, struct lethe_log_line *out,
                            struct lethe_error *err)
{
    struct lethe_tlog_entry entry = {.kind = LETHE_TLOG_FAIL, .time = event->time / 1000};
    lethe_text_format(entry.name, sizeof(entry.name), "%s", event->job);
    lethe_text_format(entry.job, sizeof(entry.job), "%s", event->job);
    lethe_text_format(entry.outcome, sizeof(entry.outcome), "%s",
                      lethe_outcome_name(LETHE_OUTCOME_REFUSED));
    int rc = pseudonym(log, identity, entry.device, err);
    return rc < 0 ? rc : finish(log, &entry, out, err);
}

int lethe_log_entry_certificate(struct lethe_log *log, const char *text, const json_t *claims,
                                const struct lethe_identity *identity, struct lethe_log_line *out,
                                struct lethe_error *err)
{
    const char *vct, *jti, *job, *outcome;
    struct lethe_tlog_entry entry = {.has_hash = true};
    int rc = lethe_json_str(claims, "vct", &vct, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "jti", &jti, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "job", &job, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "outcome", &outcome, err);
    if (rc == 0)
        rc = lethe_json_u64(claims, "iat", &entry.time, err);
    if (rc == 0)
        rc = pseudonym(log, identity, entry.device, err);
    if (rc < 0)
        return rc;
    entry.kind = strcmp(vct, LETHE_VCT_CERTIFICATE) == 0 ? LETHE_TLOG_CERT : LETHE_TLOG_FAIL;
    lethe_text_format(entry.name, sizeof(entry.name), "%s", jti);
    lethe_text_format(entry.job, sizeof(entry.job), "%s", job);
    lethe_text_format(entry.outcome, sizeof(entry.outcome), "%s", outcome);
    lethe_tlog_jwt_hash(&entry.hash, text, strlen(text));
    return finish(log, &entry, out, err);
}

static int add(struct lethe_log *log, const struct lethe_tlog_entry *entry, struct lethe_error *err)
{
    struct lethe_log_line line;
    int rc = finish(log, entry, &line, err);
    if (rc == 0)
        rc = lethe_store_log_add(log->store, &line.entry, 1, err);
    return rc < 0 ? rc : lethe_log_integrate(log, err);
}

int lethe_log_revoke(struct lethe_log *log, const char *name, uint64_t since, unsigned reason,
                     struct lethe_error *err)
{
    struct lethe_tlog_entry entry = {
        .kind = LETHE_TLOG_REVOKE, .time = lethe_now_ms() / 1000, .since = since, .reason = reason};
    lethe_text_format(entry.name, sizeof(entry.name), "%s", name);
    return add(log, &entry, err);
}

int lethe_log_announce_key(struct lethe_log *log, const char *certificate_sha256,
                           struct lethe_error *err)
{
    uint64_t index;
    struct lethe_tlog_entry entry = {.kind = LETHE_TLOG_KEY, .time = lethe_now_ms() / 1000};
    int rc = lethe_store_log_find(log->store, lethe_log_origin(log), "key", certificate_sha256,
                                  NULL, &index, NULL, err);
    if (rc != -LETHE_E_NOT_FOUND)
        return rc;
    lethe_text_format(entry.name, sizeof(entry.name), "%s", certificate_sha256);
    rc = add(log, &entry, err);
    /* Another process was first, at another second. */
    return rc == -LETHE_E_REFUSED
               ? lethe_store_log_find(log->store, lethe_log_origin(log), "key", certificate_sha256,
                                      NULL, &index, NULL, err)
               : rc;
}

int lethe_log_claim(struct lethe_log *log, const char *job, json_t **out, struct lethe_error *err)
{
    char *text = NULL;
    uint64_t index;
    struct lethe_tlog_entry entry;
    int rc = lethe_store_log_find(log->store, lethe_log_origin(log), "start", job, NULL, &index,
                                  &text, err);
    if (rc == 0)
        rc = lethe_tlog_entry_parse(text, strlen(text), &entry, err);
    free(text);
    if (rc < 0)
        return rc;
    *out = json_pack("{s:s, s:I, s:s}", "origin", lethe_log_origin(log), "start_index",
                     (json_int_t)index, "rollback", log->excluded ? "excluded" : "not-excluded");
    if (*out && entry.has_checkpoint) {
        char root[LETHE_TLOG_BASE64_SIZE(32)];
        lethe_tlog_base64_encode(root, entry.checkpoint.root.bytes, 32);
        json_object_set_new(*out, "not_before",
                            json_pack("{s:I, s:s, s:I}", "size", (json_int_t)entry.checkpoint.size,
                                      "root", root, "time", (json_int_t)entry.checkpoint.time));
    }
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "no memory for a claim");
}
