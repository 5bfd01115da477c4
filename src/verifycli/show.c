/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "verifycli/verifycli.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80
#define INDENT 12

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

/* Columns of the word that begins at AT (up to the next space). */
static size_t word_columns(const char *at, size_t *len)
{
    char word[512];
    *len = strcspn(at, " ");
    if (*len >= sizeof(word))
        return *len;
    memcpy(word, at, *len);
    word[*len] = '\0';
    return lethe_text_columns(word);
}

/* "  label     text that goes on, wrapped under itself". */
static void line(FILE *out, const char *label, const char *value)
{
    size_t column = INDENT;
    fprintf(out, "  %-*s", INDENT - 2, label);
    for (const char *at = value; *at;) {
        size_t len, columns = word_columns(at, &len);
        if (column > INDENT && column + 1 + columns > WIDTH) {
            fprintf(out, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (at != value) {
            fputc(' ', out);
            column++;
        }
        fwrite(at, 1, len, out);
        column += columns;
        at += len;
        at += *at == ' ';
    }
    fputc('\n', out);
}

/* What the holder withheld, as far as it can be told: digests have no names. */
static void show_withheld(FILE *out, const struct lethe_certificate_report *report)
{
    char words[512];
    if (report->n_hidden == 0)
        return;
    lethe_text_format(words, sizeof(words), "%zu withheld by the holder", report->n_hidden);
    line(out, "hidden", words);
    lethe_text_format(words, sizeof(words), "%zu of the identifiers", report->n_hidden_identifiers);
    if (report->n_hidden_identifiers > 0)
        line(out, "", words);
    lethe_text_format(words, sizeof(words), "%zu among: %s", report->n_hidden_claims,
                      report->absent[0] ? report->absent : "claims that are disclosed (decoys)");
    if (report->n_hidden_claims > 0)
        line(out, "", words);
    lethe_text_format(words, sizeof(words), "%zu of the issuer's own fields (custom)",
                      report->n_hidden_custom);
    if (report->n_hidden_custom > 0)
        line(out, "", words);
}

static void show_device(FILE *out, const json_t *claims)
{
    const json_t *device = json_object_get(claims, "device"), *item;
    char words[1024], size[32];
    size_t i;
    lethe_size_format(size, sizeof(size),
                      (uint64_t)json_integer_value(json_object_get(device, "capacity")));
    const char *vendor = text(device, "vendor"), *model = text(device, "model");
    char named[1024], name[512];
    lethe_text_format(named, sizeof(named), "%s %s", vendor, model);
    lethe_text_clean(name, sizeof(name), named, strlen(named)); /* may be nothing but spaces */
    lethe_text_format(words, sizeof(words), "%s%s%s, %s, %s", name, name[0] ? ", " : "", size,
                      text(device, "media"), text(claims, "substrate"));
    line(out, "device", words);
    json_array_foreach(json_object_get(claims, "identifiers"), i, item)
    {
        lethe_text_format(words, sizeof(words), "%s %s (%s)", text(item, "kind"),
                          text(item, "value"),
                          strcmp(text(item, "source"), "device") == 0 ? "read from the device"
                                                                      : text(item, "source"));
        line(out, "", words);
    }
}

static void show_claims(FILE *out, const json_t *claims)
{
    const json_t *policy = json_object_get(claims, "policy"), *item;
    const json_t *times = json_object_get(claims, "times");
    char words[1024];
    size_t i;
    lethe_text_format(words, sizeof(words), "%s: %s by %s", text(claims, "outcome"),
                      text(claims, "method"), text(json_object_get(claims, "technique"), "name"));
    line(out, "outcome", words);
    show_device(out, claims);
    lethe_text_format(words, sizeof(words), "%s (%s), %s", text(policy, "id"),
                      text(policy, "version"),
                      json_is_true(json_object_get(policy, "met")) ? "met" : "NOT met");
    line(out, "policy", words);
    line(out, "verified", text(json_object_get(claims, "verification"), "statement"));
    lethe_text_format(words, sizeof(words), "%s to %s", text(times, "started"),
                      text(times, "ended"));
    line(out, "time", words);
    /* Free words: of what is judged only the sentences of certs/README.md are compared. */
    if (json_array_size(json_object_get(claims, "limitations")) > 0)
        line(out, "limits", "in the issuer's words:");
    json_array_foreach(json_object_get(claims, "limitations"), i, item)
    {
        line(out, "", json_string_value(item) ? json_string_value(item) : "");
    }
}

static void show_issuer(FILE *out, const struct lethe_certificate_report *report)
{
    char words[512];
    if (!report->chain.leaf_sha256[0])
        return;
    lethe_text_format(words, sizeof(words), "%s, bench %s%s", report->chain.organisation,
                      report->chain.bench,
                      report->level < 0 ? " (says itself: not checked)" : " (signature and path)");
    line(out, "issuer", words);
}

/* What was looked at, and what time that proves. */
static void show_checks(FILE *out, const struct lethe_certificate_report *report)
{
    char words[512], from[21], until[21];
    const char *level =
        report->level < 0 ? "none" : (const char *[]){"L0", "L1", "L2"}[report->level];
    lethe_text_format(
        words, sizeof(words), "%s (signature %s, path %s, status %s, log %s, page %s)", level,
        lethe_check_state_name(report->signature.state), lethe_check_state_name(report->path.state),
        lethe_check_state_name(report->status.state), lethe_check_state_name(report->log.state),
        lethe_check_state_name(report->carrier.state));
    line(out, "level", words);
    lethe_time_format(from, report->proven_not_before);
    lethe_time_format(until, report->proven_not_after);
    lethe_text_format(words, sizeof(words), "%s%s%s%s",
                      report->proven_not_before ? "began after " : "",
                      report->proven_not_before ? from : "",
                      report->proven_not_before ? ", certified by " : "certified by ", until);
    if (report->proven_not_after)
        line(out, "witnessed", words);
}

static const char *const signs[] = {[LETHE_VERDICT_VALID] = "VALID",
                                    [LETHE_VERDICT_INVALID] = "INVALID",
                                    [LETHE_VERDICT_UNDETERMINED] = "UNDETERMINED"};
static const char *const colours[] = {[LETHE_VERDICT_VALID] = "\033[1;32m",
                                      [LETHE_VERDICT_INVALID] = "\033[1;31m",
                                      [LETHE_VERDICT_UNDETERMINED] = "\033[1;33m"};

static void show_reason(FILE *out, const struct lethe_certificate_report *report, size_t i)
{
    char words[256];
    lethe_text_format(words, sizeof(words), "%s [%s]", report->reasons[i].text,
                      report->reasons[i].code);
    line(out, report->reasons[i].weight == LETHE_VERDICT_VALID ? "remark" : "because", words);
}

void lethe_verify_show_row(FILE *out, const char *file,
                           const struct lethe_certificate_report *report, bool colour)
{
    char name[256];
    const char *level = report->level < 0 ? "-" : (const char *[]){"L0", "L1", "L2"}[report->level];
    lethe_text_clean(name, sizeof(name), file, strlen(file));
    fprintf(out, "%s%-12s%s  %-2s  %s%s%s\n", colour ? colours[report->verdict] : "",
            signs[report->verdict], colour ? "\033[0m" : "", level, name,
            report->verdict == LETHE_VERDICT_VALID ? "" : "  ",
            report->verdict == LETHE_VERDICT_VALID ? "" : report->reasons[0].code);
    for (size_t i = 0; i < report->n_reasons; i++)
        if (lethe_duplicates_code(report->reasons[i].code))
            show_reason(out, report, i);
}

void lethe_verify_show(FILE *out, const char *file, const struct lethe_certificate_report *report,
                       bool colour)
{
    char name[256];
    lethe_text_clean(name, sizeof(name), file, strlen(file));
    fprintf(out, "%s%s%s  %s\n", colour ? colours[report->verdict] : "", signs[report->verdict],
            colour ? "\033[0m" : "", name);
    for (size_t i = 0; i < report->n_reasons; i++)
        show_reason(out, report, i);
    /* What an invalid one says is not repeated as if it were so. */
    if (report->verdict != LETHE_VERDICT_INVALID && report->claims) {
        show_claims(out, report->claims);
        show_withheld(out, report);
        show_checks(out, report);
        show_issuer(out, report);
    }
}

/* HEAD, which is taken, and the report behind it. */
static void put_json(FILE *out, json_t *head, const struct lethe_certificate_report *report,
                     bool brief, size_t flags)
{
    json_t *json = lethe_certificate_report_to_json(report);
    if (brief)
        json_object_del(json, "claims");
    if (brief && report->jti[0])
        json_object_set_new(json, "jti", json_string(report->jti));
    json_object_update(head, json);
    char *text = json_dumps(head, JSON_COMPACT | flags);
    fprintf(out, "%s\n", text ? text : "{\"verdict\":\"invalid\"}");
    free(text);
    json_decref(head);
    json_decref(json);
}

/* Names of files are bytes: what acts on a terminal is written as \\uXXXX, which JSON reads back as
 * it was; what is no text at all can't be. */
void lethe_verify_show_json(FILE *out, const char *file,
                            const struct lethe_certificate_report *report, bool brief)
{
    char name[1024];
    lethe_text_clean(name, sizeof(name), file, strlen(file));
    json_t *string = json_string(file);
    put_json(out, json_pack("{s:o}", "file", string ? string : json_string(name)), report, brief,
             lethe_text_is_clean(file) ? 0 : JSON_ENSURE_ASCII);
}

void lethe_verify_show_json_line(FILE *out, size_t number,
                                 const struct lethe_certificate_report *report, bool brief)
{
    put_json(out, json_pack("{s:I}", "line", (json_int_t)number), report, brief, 0);
}
