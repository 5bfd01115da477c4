/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation's opening file, read in step with the log: include/lethe/audit.h says its form.
 */
#include "audit/parts.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct lethe_audit_opening {
    int fd;
    bool done; /* read to its end, or found to be wrong */
    uint64_t line;
    json_t *next; /* the line that is not matched yet */
    uint64_t next_index;
    size_t from, to; /* of what is in the buffer */
    char buffer[LETHE_AUDIT_OPENING_LINE_MAX];
};

int lethe_audit_opening_new(const char *path, struct lethe_audit_opening **out,
                            struct lethe_error *err)
{
    struct lethe_audit_opening *opening = malloc(sizeof(*opening));
    *out = opening;
    if (!opening)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    memset(opening, 0, offsetof(struct lethe_audit_opening, buffer));
    opening->fd = lethe_file_open(path, O_RDONLY, 0, err);
    if (opening->fd >= 0)
        return 0;
    int rc = opening->fd;
    free(opening);
    *out = NULL;
    return rc;
}

void lethe_audit_opening_free(struct lethe_audit_opening *opening)
{
    if (!opening)
        return;
    lethe_json_unref(&opening->next);
    lethe_fd_close(&opening->fd);
    free(opening);
}

static void broken(struct lethe_audit_opening *opening, struct lethe_audit_report *report,
                   const char *why)
{
    opening->done = true;
    lethe_audit_found(report, LETHE_AUDIT_OPENING_FOUND, LETHE_AUDIT_NO_ENTRY,
                      "line %" PRIu64 ": %s", opening->line, why);
}

/* 1: LINE without its newline; 0: the end; negative: too long, unreadable, or without an end. */
static int read_line(struct lethe_audit_opening *opening, const char **line, size_t *len)
{
    for (;;) {
        char *at = opening->buffer + opening->from;
        char *newline = memchr(at, '\n', opening->to - opening->from);
        if (newline) {
            *line = at;
            *len = (size_t)(newline - at);
            opening->from += *len + 1;
            return 1;
        }
        memmove(opening->buffer, at, opening->to - opening->from);
        opening->to -= opening->from;
        opening->from = 0;
        ssize_t got = opening->to < sizeof(opening->buffer)
                          ? read(opening->fd, opening->buffer + opening->to,
                                 sizeof(opening->buffer) - opening->to)
                          : -1;
        if (got < 0 && errno == EINTR && opening->to < sizeof(opening->buffer))
            continue;
        if (got <= 0)
            return got == 0 && opening->to == 0 ? 0 : -1;
        opening->to += (size_t)got;
    }
}

/* Make sure that a line is waiting, unless there is none. */
static void fetch(struct lethe_audit_opening *opening, struct lethe_audit_report *report)
{
    const char *line;
    size_t len;
    struct lethe_error why = {0};
    uint64_t before = opening->next_index;
    if (opening->done || opening->next)
        return;
    bool first = opening->line++ == 0;
    int rc = read_line(opening, &line, &len);
    if (rc == 0)
        opening->done = true;
    else if (rc < 0)
        broken(opening, report, "it is too long, has no end, or can't be read");
    else if (!(opening->next = lethe_json_load(line, len, LETHE_AUDIT_OPENING_LINE_MAX, &why)) ||
             lethe_json_u64(opening->next, "index", &opening->next_index, &why) < 0)
        broken(opening, report, why.what);
    else if (json_object_size(opening->next) != 2 ||
             (!json_is_object(json_object_get(opening->next, "event")) &&
              !json_is_string(json_object_get(opening->next, "sdjwt"))))
        broken(opening, report, "it is not an index with an event or an SD-JWT");
    else if (!first && opening->next_index <= before)
        broken(opening, report, "it is not in the order of the log");
}

static const char *text_of(const json_t *claims, const char *key)
{
    const char *text = json_string_value(json_object_get(claims, key));
    return text ? text : "";
}

/* The first member of the certificate that the entry says otherwise, or NULL. */
static const char *differs(const json_t *claims, const struct lethe_tlog_entry *entry,
                           const char *origin, uint64_t start)
{
    const json_t *log = json_object_get(claims, "log"); /* certificates of before have none */
    const json_t *start_index = json_object_get(log, "start_index");
    const json_t *iat = json_object_get(claims, "iat");
    bool certificate = strcmp(text_of(claims, "vct"), LETHE_VCT_CERTIFICATE) == 0;
    if (certificate != (entry->kind == LETHE_TLOG_CERT))
        return "vct";
    if (strcmp(text_of(claims, "jti"), entry->name) != 0)
        return "jti";
    if (strcmp(text_of(claims, "job"), entry->job) != 0)
        return "job";
    if (strcmp(text_of(claims, "outcome"), entry->outcome) != 0)
        return "outcome";
    if (!json_is_integer(iat) || (uint64_t)json_integer_value(iat) != entry->time)
        return "iat";
    if (log && strcmp(text_of(log, "origin"), origin) != 0)
        return "log.origin";
    if (log &&
        (!json_is_integer(start_index) || (uint64_t)json_integer_value(start_index) != start))
        return "log.start_index";
    return NULL;
}

static int count_groups(struct lethe_audit_report *report, const json_t *claims,
                        const struct lethe_tlog_entry *entry)
{
    int outcome = lethe_outcome_parse(entry->outcome);
    int rc =
        lethe_audit_group_count(report, LETHE_AUDIT_OPERATOR, text_of(claims, "operator"), outcome);
    if (rc == 0)
        rc = lethe_audit_group_count(report, LETHE_AUDIT_LOT, text_of(claims, "lot"), outcome);
    if (rc == 0)
        rc = lethe_audit_group_count(report, LETHE_AUDIT_POLICY,
                                     text_of(json_object_get(claims, "policy"), "id"), outcome);
    return rc;
}

static void judge(const struct lethe_audit_options *options, struct lethe_audit_report *report,
                  uint64_t index, const char *sdjwt, size_t len)
{
    struct lethe_certificate_report verdict = {0};
    if (!options->certificates)
        return;
    lethe_certificate_verify(sdjwt, len, options->certificates, &verdict);
    if (verdict.verdict == LETHE_VERDICT_INVALID)
        lethe_audit_found(report, LETHE_AUDIT_OPENING_INVALID_FOUND, index, "%s: %s",
                          verdict.n_reasons ? verdict.reasons[0].code : "invalid",
                          verdict.n_reasons ? verdict.reasons[0].text : "");
    lethe_certificate_report_clear(&verdict);
}

static int match_certificate(const struct lethe_audit_options *options,
                             struct lethe_audit_report *report, uint64_t index, uint64_t start,
                             const json_t *string, const struct lethe_tlog_entry *entry)
{
    const char *sdjwt = json_string_value(string);
    size_t len = json_string_length(string);
    struct lethe_tlog_hash hash;
    struct lethe_error why = {0};
    LETHE_JSON_AUTO *claims = NULL;
    lethe_tlog_jwt_hash(&hash, sdjwt, len);
    if (!entry->has_hash || !lethe_tlog_hash_equal(&hash, &entry->hash)) {
        lethe_audit_found(report, LETHE_AUDIT_OPENING_OTHER_FOUND, index,
                          "the certificate or record is another one");
        return 0;
    }
    if (lethe_certificate_decode(sdjwt, len, &claims, &why) < 0) {
        lethe_audit_found(report, LETHE_AUDIT_OPENING_INVALID_FOUND, index, "%s", why.what);
        return 0;
    }
    const char *other = differs(claims, entry, report->origin, start);
    if (other)
        lethe_audit_found(report, LETHE_AUDIT_OPENING_OTHER_FOUND, index,
                          "\"%s\" of the certificate or record is not what the log says", other);
    judge(options, report, index, sdjwt, len);
    return count_groups(report, claims, entry);
}

static void match_event(struct lethe_audit_report *report, uint64_t index, const json_t *event,
                        const struct lethe_tlog_entry *entry)
{
    char shown[65] = "", logged[65];
    lethe_hex_encode(logged, entry->hash.bytes, sizeof(entry->hash.bytes));
    if (lethe_json_digest(event, shown) < 0 || strcmp(shown, logged) != 0)
        lethe_audit_found(report, LETHE_AUDIT_OPENING_OTHER_FOUND, index,
                          "the job.start event is another one");
}

int lethe_audit_opening_match(struct lethe_audit_opening *opening,
                              const struct lethe_audit_options *options,
                              struct lethe_audit_report *report, uint64_t index, uint64_t start,
                              const struct lethe_tlog_entry *entry, struct lethe_error *err)
{
    bool is_start = entry->kind == LETHE_TLOG_START;
    bool can_be_opened = is_start || entry->kind == LETHE_TLOG_CERT ||
                         (entry->kind == LETHE_TLOG_FAIL && entry->has_hash);
    int rc = 0;
    fetch(opening, report);
    if (!opening->next || opening->done || opening->next_index != index) {
        report->closed += can_be_opened;
        return 0;
    }
    const json_t *event = json_object_get(opening->next, "event");
    if (!can_be_opened || is_start != (event != NULL))
        lethe_audit_found(report, LETHE_AUDIT_OPENING_OTHER_FOUND, index,
                          "line %" PRIu64 " is of another kind than the entry", opening->line);
    else if (is_start)
        match_event(report, index, event, entry);
    else
        rc = match_certificate(options, report, index, start,
                               json_object_get(opening->next, "sdjwt"), entry);
    report->opened++;
    json_decref(opening->next);
    opening->next = NULL;
    return rc < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out") : 0;
}

void lethe_audit_opening_end(struct lethe_audit_opening *opening, struct lethe_audit_report *report)
{
    fetch(opening, report);
    if (!opening->done)
        broken(opening, report, "it is of an entry that the log does not have");
}
