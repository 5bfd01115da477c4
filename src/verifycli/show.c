/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
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

static void show_device(FILE *out, const json_t *claims, size_t n_hidden)
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
    lethe_text_format(words, sizeof(words), "%zu claims withheld by the holder", n_hidden);
    if (n_hidden > 0)
        line(out, "", words);
}

static void show_claims(FILE *out, const json_t *claims, size_t n_hidden)
{
    const json_t *policy = json_object_get(claims, "policy"), *item;
    const json_t *times = json_object_get(claims, "times");
    char words[1024];
    size_t i;
    lethe_text_format(words, sizeof(words), "%s: %s by %s", text(claims, "outcome"),
                      text(claims, "method"), text(json_object_get(claims, "technique"), "name"));
    line(out, "outcome", words);
    show_device(out, claims, n_hidden);
    lethe_text_format(words, sizeof(words), "%s (%s), %s", text(policy, "id"),
                      text(policy, "version"),
                      json_is_true(json_object_get(policy, "met")) ? "met" : "NOT met");
    line(out, "policy", words);
    line(out, "verified", text(json_object_get(claims, "verification"), "statement"));
    lethe_text_format(words, sizeof(words), "%s to %s", text(times, "started"),
                      text(times, "ended"));
    line(out, "time", words);
    json_array_foreach(json_object_get(claims, "limitations"), i, item)
    {
        line(out, i ? "" : "limits", json_string_value(item) ? json_string_value(item) : "");
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

void lethe_verify_show(FILE *out, const char *file, const struct lethe_certificate_report *report,
                       bool colour)
{
    static const char *const signs[] = {[LETHE_VERDICT_VALID] = "VALID",
                                        [LETHE_VERDICT_INVALID] = "INVALID",
                                        [LETHE_VERDICT_UNDETERMINED] = "UNDETERMINED"};
    static const char *const colours[] = {[LETHE_VERDICT_VALID] = "\033[1;32m",
                                          [LETHE_VERDICT_INVALID] = "\033[1;31m",
                                          [LETHE_VERDICT_UNDETERMINED] = "\033[1;33m"};
    char name[256], words[256];
    lethe_text_clean(name, sizeof(name), file, strlen(file));
    fprintf(out, "%s%s%s  %s\n", colour ? colours[report->verdict] : "", signs[report->verdict],
            colour ? "\033[0m" : "", name);
    for (size_t i = 0; i < report->n_reasons; i++) {
        lethe_text_format(words, sizeof(words), "%s [%s]", report->reasons[i].text,
                          report->reasons[i].code);
        line(out, report->reasons[i].weight == LETHE_VERDICT_VALID ? "remark" : "because", words);
    }
    /* What an invalid one says is not repeated as if it were so. */
    if (report->verdict != LETHE_VERDICT_INVALID && report->claims) {
        show_claims(out, report->claims, report->n_hidden);
        show_issuer(out, report);
    }
}

/* Names of files are bytes: what acts on a terminal is written as \\uXXXX, which JSON reads back as
 * it was; what is no text at all can't be. */
void lethe_verify_show_json(FILE *out, const char *file,
                            const struct lethe_certificate_report *report)
{
    json_t *json = lethe_certificate_report_to_json(report);
    char name[1024];
    lethe_text_clean(name, sizeof(name), file, strlen(file));
    json_t *string = json_string(file);
    json_t *all = json_pack("{s:o}", "file", string ? string : json_string(name));
    json_object_update(all, json);
    size_t flags = JSON_COMPACT | (lethe_text_is_clean(file) ? 0 : JSON_ENSURE_ASCII);
    char *line_text = json_dumps(all, flags);
    fprintf(out, "%s\n", line_text ? line_text : "{\"verdict\":\"invalid\"}");
    free(line_text);
    json_decref(all);
    json_decref(json);
}
