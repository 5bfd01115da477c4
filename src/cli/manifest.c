/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <csv.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 40
#define TITLE_MAX 40

void lethe_manifest_clear(struct lethe_manifest *manifest)
{
    for (size_t i = 0; i < manifest->n; i++)
        lethe_record_clear(&manifest->lines[i].record);
    free(manifest->lines);
    *manifest = (struct lethe_manifest){0};
}

static struct lethe_manifest_line *add_line(struct lethe_manifest *manifest, unsigned number,
                                            struct lethe_error *err)
{
    if (manifest->n == LETHE_MANIFEST_LINES_MAX) {
        lethe_fail(err, LETHE_E_LIMIT, "more than %d devices", LETHE_MANIFEST_LINES_MAX);
        return NULL;
    }
    void *grown = realloc(manifest->lines, (manifest->n + 1) * sizeof *manifest->lines);
    if (!grown) {
        lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
        return NULL;
    }
    manifest->lines = grown;
    struct lethe_manifest_line *line = &manifest->lines[manifest->n++];
    *line = (struct lethe_manifest_line){.number = number};
    lethe_record_init(&line->record);
    return line;
}

static int set(struct lethe_manifest_line *line, const char *key, const char *value,
               struct lethe_error *err)
{
    char *field = NULL;
    size_t size = 0;
    if (!strcasecmp(key, "identifier")) {
        field = line->identifier;
        size = sizeof line->identifier;
    } else if (!strcasecmp(key, "policy")) {
        field = line->policy;
        size = sizeof line->policy;
    } else if (!strcasecmp(key, "psid")) {
        field = line->psid;
        size = sizeof line->psid;
    } else {
        return lethe_record_set(&line->record, key, value, err);
    }
    if (!lethe_text_is_clean(value) || strlen(value) >= size)
        return lethe_fail(err, LETHE_E_INVALID, "'%s' is too long or not printable", key);
    lethe_text_clean(field, size, value, strlen(value));
    return 0;
}

/* Put "NAME:LINE: " before what went wrong. */
static int at_line(const char *name, unsigned number, struct lethe_error *err)
{
    if (!err)
        return -LETHE_E_INVALID;
    char what[sizeof err->what];
    lethe_text_format(what, sizeof what, "%s:%u: %s", name, number, err->what);
    memcpy(err->what, what, sizeof what);
    err->code = LETHE_E_INVALID;
    return -LETHE_E_INVALID;
}

/* How many letters must be changed, added or left out to make B of A (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
    size_t row[TITLE_MAX + 1], n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t best = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j + 1] = diagonal + 1 < best ? diagonal + 1 : best;
        }
    }
    return row[n];
}

/* A slip in a title would make a field of one's own of what a policy or an auditor wants to see.
 * Every short word is near to "lot": that one is taken as it is written. */
static int check_title(const char *title, struct lethe_error *err)
{
    static const char *const known[] = {"identifier", "policy", "operator", "asset_tag",
                                        "customer"};
    char folded[TITLE_MAX];
    if (!lethe_text_format(folded, sizeof folded, "%s", title))
        return 0; /* too long to be near, and refused by whoever takes it */
    for (char *c = folded; *c; c++)
        *c = *c == '-' || *c == ' ' ? '_' : (char)tolower((unsigned char)*c);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t off = distance(folded, known[i]);
        if (off == 0 || off > 2)
            continue;
        lethe_fail(err, LETHE_E_INVALID, "'%s': is '%s' meant?", title, known[i]);
        lethe_error_remedy(err, "correct it, or give a field of your own another name");
        return -LETHE_E_INVALID;
    }
    return 0;
}

static int finish_line(const char *name, const struct lethe_manifest_line *line,
                       struct lethe_error *err)
{
    if (line->identifier[0])
        return 0;
    lethe_fail(err, LETHE_E_INVALID, "the identifier is empty: no device is confirmed by it");
    return at_line(name, line->number, err);
}

/* ---- CSV: RFC 4180 by libcsv, the first row names the columns ---- */

struct csv_reader {
    const char *name;
    struct lethe_manifest *out;
    struct lethe_error *err;
    int rc;
    unsigned row;
    size_t column, n_columns;
    char columns[COLUMNS_MAX][TITLE_MAX];
    struct lethe_manifest_line *line;
};

static void fail_row(struct csv_reader *reader)
{
    reader->rc = at_line(reader->name, reader->row, reader->err);
}

static void take_title(struct csv_reader *reader, const char *text)
{
    if (reader->n_columns == COLUMNS_MAX || strlen(text) >= sizeof *reader->columns) {
        lethe_fail(reader->err, LETHE_E_INVALID, "too many columns, or too long a title");
        fail_row(reader);
        return;
    }
    for (size_t i = 0; i < reader->n_columns; i++)
        if (!strcasecmp(reader->columns[i], text)) {
            lethe_fail(reader->err, LETHE_E_INVALID, "two columns are called '%s'", text);
            fail_row(reader);
            return;
        }
    char *title = reader->columns[reader->n_columns++];
    lethe_text_clean(title, sizeof *reader->columns, text, strlen(text));
    if (check_title(title, reader->err) < 0)
        fail_row(reader);
}

static void on_field(void *data, size_t len, void *user)
{
    struct csv_reader *reader = user;
    const char *text = data ? data : "";
    if (reader->rc < 0)
        return;
    if (strlen(text) != len) {
        lethe_fail(reader->err, LETHE_E_INVALID, "a zero byte");
        fail_row(reader);
        return;
    }
    if (reader->row == 1) {
        take_title(reader, text);
        return;
    }
    if (reader->column >= reader->n_columns) {
        lethe_fail(reader->err, LETHE_E_INVALID, "more fields than the header has columns");
        fail_row(reader);
        return;
    }
    if (!reader->line)
        reader->line = add_line(reader->out, reader->row, reader->err);
    reader->rc = reader->line ? 0 : -LETHE_E_LIMIT;
    if (reader->rc == 0)
        reader->rc = set(reader->line, reader->columns[reader->column++], text, reader->err);
    if (reader->rc < 0)
        fail_row(reader);
}

static void on_row(int terminator, void *user)
{
    struct csv_reader *reader = user;
    (void)terminator;
    if (reader->rc < 0)
        return;
    if (reader->row == 1) {
        bool found = false;
        for (size_t i = 0; i < reader->n_columns; i++)
            found |= !strcasecmp(reader->columns[i], "identifier");
        if (!found) {
            lethe_fail(reader->err, LETHE_E_INVALID, "no column is called 'identifier'");
            lethe_error_remedy(reader->err, "first line: identifier,asset_tag,lot,policy");
            fail_row(reader);
            return;
        }
    } else if (reader->line && reader->column < reader->n_columns) {
        lethe_fail(reader->err, LETHE_E_INVALID, "the line ends before '%s'",
                   reader->columns[reader->column]);
        lethe_error_remedy(reader->err, "give each line all columns; a value may be empty");
        fail_row(reader);
    } else if (reader->line) {
        reader->rc = finish_line(reader->name, reader->line, reader->err);
    }
    reader->line = NULL;
    reader->column = 0;
    reader->row++;
}

static int parse_csv(const char *name, const char *text, size_t len, struct lethe_manifest *out,
                     struct lethe_error *err)
{
    struct csv_parser parser;
    struct csv_reader reader = {.name = name, .out = out, .err = err, .row = 1};
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    bool ok = csv_parse(&parser, text, len, on_field, on_row, &reader) == len &&
              csv_fini(&parser, on_field, on_row, &reader) == 0;
    if (!ok && reader.rc >= 0) {
        lethe_fail(err, LETHE_E_INVALID, "%s", csv_strerror(csv_error(&parser)));
        fail_row(&reader);
    }
    csv_free(&parser);
    return reader.rc;
}

/* ---- NDJSON ---- */

static int parse_object(const char *name, unsigned number, const char *text, size_t len,
                        struct lethe_manifest *out, struct lethe_error *err)
{
    LETHE_JSON_AUTO *json = lethe_json_load(text, len, 64 * 1024, err);
    if (!json)
        return at_line(name, number, err);
    struct lethe_manifest_line *line = add_line(out, number, err);
    if (!line)
        return at_line(name, number, err);
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value)
    {
        const char *words = json_string_value(value);
        int rc = check_title(key, err);
        if (rc == 0)
            rc = words ? set(line, key, words, err)
                       : lethe_fail(err, LETHE_E_INVALID, "'%s' is not a string", key);
        if (rc < 0)
            return at_line(name, number, err);
    }
    return finish_line(name, line, err);
}

/* How many of LEN bytes, from the first on, are white space. */
static size_t blanks(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (text[n] == ' ' || text[n] == '\t' || text[n] == '\r' || text[n] == '\n'))
        n++;
    return n;
}

static int parse_ndjson(const char *name, const char *text, size_t len, struct lethe_manifest *out,
                        struct lethe_error *err)
{
    unsigned number = 0;
    for (const char *end = text + len; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((newline ? newline : end) - text);
        number++;
        if (blanks(text, n) < n) {
            int rc = parse_object(name, number, text, n, out, err);
            if (rc < 0)
                return rc;
        }
        text += n + (newline ? 1 : 0);
    }
    return 0;
}

int lethe_manifest_parse(const char *name, const char *text, size_t len, struct lethe_manifest *out,
                         struct lethe_error *err)
{
    *out = (struct lethe_manifest){0};
    if (len >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) { /* spreadsheets write a byte order mark */
        text += 3;
        len -= 3;
    }
    size_t blank = blanks(text, len);
    int rc = blank < len && text[blank] == '{' ? parse_ndjson(name, text, len, out, err)
                                               : parse_csv(name, text, len, out, err);
    if (rc >= 0 && out->n == 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s: names no device", name);
    if (rc < 0)
        lethe_manifest_clear(out);
    return rc;
}

int lethe_manifest_load(const char *file, struct lethe_manifest *out, struct lethe_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = lethe_file_read(file, LETHE_MANIFEST_BYTES_MAX, &text, &len, err);
    if (rc >= 0)
        rc = lethe_manifest_parse(strcmp(file, "-") != 0 ? file : "manifest", text, len, out, err);
    free(text);
    return rc;
}

int lethe_manifest_match(struct lethe_manifest *manifest, const struct lethe_identity *identity,
                         const struct lethe_manifest_line **out, struct lethe_error *err)
{
    struct lethe_manifest_line *found = NULL;
    *out = NULL;
    for (size_t i = 0; i < manifest->n; i++) {
        struct lethe_manifest_line *line = &manifest->lines[i];
        if (!lethe_identity_named(identity, line->identifier))
            continue;
        line->used = true;
        if (found) {
            lethe_fail(err, LETHE_E_REFUSED,
                       "lines %u and %u of the manifest both name this device", found->number,
                       line->number);
            lethe_error_effect(err, "which of them is its record can't be told; nothing was sent");
            lethe_error_remedy(err, "keep one of the two lines and start again");
            return -LETHE_E_REFUSED;
        }
        found = line;
    }
    *out = found;
    return 0;
}
