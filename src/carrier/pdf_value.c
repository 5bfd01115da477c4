/* SPDX-License-Identifier: Apache-2.0 */
#include "carrier/pdf.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 24
#define KEYS_MAX 512 /* of one dictionary: each is compared with all before it */
#define CHUNK_SIZE (64u << 10)
#define ARENA_MAX (64u << 20)

struct lethe_pdf_chunk {
    struct lethe_pdf_chunk *next;
    size_t used, size;
    _Alignas(max_align_t) char data[];
};

static void *allocate(struct lethe_pdf_arena *arena, size_t size)
{
    struct lethe_pdf_chunk *chunk = arena->chunks;
    size = (size + 15) & ~(size_t)15;
    if (!chunk || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        if (arena->used + room > ARENA_MAX || !(chunk = calloc(1, sizeof(*chunk) + room)))
            return NULL;
        arena->used += room;
        chunk->size = room;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *out = chunk->data + chunk->used;
    chunk->used += size;
    return out;
}

void lethe_pdf_arena_clear(struct lethe_pdf_arena *arena)
{
    for (struct lethe_pdf_chunk *next; arena->chunks; arena->chunks = next) {
        next = arena->chunks->next;
        free(arena->chunks);
    }
    arena->used = 0;
}

static int bad(struct lethe_complaint *why, size_t at, const char *what)
{
    return lethe_complain(why, "pdf-object", "byte %zu: %s", at, what);
}

static int no_memory(struct lethe_complaint *why)
{
    return lethe_complain(why, "pdf-size", "it has more in it than a page of ours");
}

static bool is_space(uint8_t c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_regular(uint8_t c)
{
    return !is_space(c) && !strchr("()<>[]{}/%", c);
}

/* cairo numbers its pages in comments, "% 1\n"; there are no others. */
static bool page_number(struct lethe_pdf_reader *in)
{
    size_t at = in->at;
    uint64_t page;
    if (lethe_pdf_word(in, "% ") && lethe_pdf_digits(in, &page) && lethe_pdf_word(in, "\n"))
        return true;
    in->at = at;
    return false;
}

void lethe_pdf_space(struct lethe_pdf_reader *in)
{
    while (in->at < in->end) {
        if (is_space(in->data[in->at]))
            in->at++;
        else if (!page_number(in))
            return;
    }
}

bool lethe_pdf_word(struct lethe_pdf_reader *in, const char *word)
{
    size_t len = strlen(word);
    if (in->end - in->at < len || memcmp(in->data + in->at, word, len) != 0)
        return false;
    in->at += len;
    return true;
}

/* A word with nothing behind it that would make it another. */
static bool whole_word(struct lethe_pdf_reader *in, const char *word)
{
    size_t at = in->at;
    if (lethe_pdf_word(in, word) && (in->at == in->end || !is_regular(in->data[in->at])))
        return true;
    in->at = at;
    return false;
}

bool lethe_pdf_digits(struct lethe_pdf_reader *in, uint64_t *out)
{
    size_t start = in->at;
    *out = 0;
    while (in->at < in->end && in->at - start < 10 && in->data[in->at] >= '0' &&
           in->data[in->at] <= '9')
        *out = *out * 10 + (uint64_t)(in->data[in->at++] - '0');
    return in->at > start;
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static int hex_pair(const struct lethe_pdf_reader *in, size_t at)
{
    int high = at + 1 < in->end ? hex_digit(in->data[at]) : -1;
    int low = high >= 0 ? hex_digit(in->data[at + 1]) : -1;
    return low < 0 ? -1 : high * 16 + low;
}

/* "#4A" is "J": written so, a name hides from who looks for it. */
static int name_read(struct lethe_pdf_reader *in, struct lethe_pdf_value *value,
                     struct lethe_complaint *why)
{
    size_t start = ++in->at, len = 0;
    while (in->at < in->end && is_regular(in->data[in->at]))
        in->at++;
    char *text = allocate(in->arena, in->at - start + 1);
    if (!text)
        return no_memory(why);
    for (size_t at = start; at < in->at; at++) {
        int c = in->data[at];
        if (c == '#' && (at + 2 >= in->at || (c = hex_pair(in, at + 1)) <= 0))
            return bad(why, at, "a name with a broken #");
        at += in->data[at] == '#' ? 2 : 0;
        text[len++] = (char)c;
    }
    value->type = LETHE_PDF_NAME;
    value->text = text;
    value->len = len;
    return 0;
}

static int hex_string_read(struct lethe_pdf_reader *in, struct lethe_pdf_value *value,
                           struct lethe_complaint *why)
{
    size_t start = ++in->at, len = 0;
    const uint8_t *close = memchr(in->data + start, '>', in->end - start);
    size_t n = close ? (size_t)(close - in->data) - start : 1;
    char *text = n % 2 == 0 ? allocate(in->arena, n / 2 + 1) : NULL;
    if (n % 2 != 0)
        return bad(why, start, "a string in hexadecimal that does not end");
    if (!text)
        return no_memory(why);
    for (; len < n / 2; len++) {
        int c = hex_pair(in, start + 2 * len);
        if (c < 0)
            return bad(why, start + 2 * len, "a string that is not hexadecimal");
        text[len] = (char)c;
    }
    in->at = start + n + 1;
    value->type = LETHE_PDF_STRING;
    value->text = text;
    value->len = len;
    return 0;
}

/* Section 7.3.4.2. Lines that are continued or ended by \r, and octal codes, we do not write. */
static int string_read(struct lethe_pdf_reader *in, struct lethe_pdf_value *value,
                       struct lethe_complaint *why)
{
    static const char letters[] = "nrtbf()\\", meant[] = "\n\r\t\b\f()\\";
    size_t start = ++in->at, len = 0, end = start;
    unsigned open = 1;
    for (; end < in->end && open > 0; end++) {
        if (in->data[end] == '\\')
            end++;
        else if (in->data[end] == '(')
            open++;
        else if (in->data[end] == ')')
            open--;
    }
    if (open > 0)
        return bad(why, start, "a string that does not end");
    char *text = allocate(in->arena, end - start);
    if (!text)
        return no_memory(why);
    for (; in->at < end - 1; in->at++) {
        uint8_t c = in->data[in->at];
        if (c == '\\') {
            const char *letter = strchr(letters, in->data[++in->at]);
            if (!letter || !*letter)
                return bad(why, in->at, "a string with an unknown escape");
            c = (uint8_t)meant[letter - letters];
        }
        text[len++] = (char)c;
    }
    in->at = end;
    value->type = LETHE_PDF_STRING;
    value->text = text;
    value->len = len;
    return 0;
}

/* An integer, a real (whose value nobody needs), or "N 0 R". */
static int number_read(struct lethe_pdf_reader *in, struct lethe_pdf_value *value,
                       struct lethe_complaint *why)
{
    size_t start = in->at;
    bool negative = in->data[in->at] == '-';
    uint64_t n, fraction;
    in->at += negative || in->data[in->at] == '+';
    bool whole = lethe_pdf_digits(in, &n);
    value->type = LETHE_PDF_INTEGER;
    value->number = negative ? -(int64_t)n : (int64_t)n;
    if (lethe_pdf_word(in, ".")) {
        value->type = LETHE_PDF_REAL;
        whole = lethe_pdf_digits(in, &fraction) || whole;
    }
    if (!whole || (in->at < in->end && is_regular(in->data[in->at])))
        return bad(why, start, "no value");
    struct lethe_pdf_reader ahead = *in;
    if (value->type == LETHE_PDF_INTEGER && lethe_pdf_word(&ahead, " 0 ") &&
        whole_word(&ahead, "R")) {
        value->type = LETHE_PDF_REFERENCE;
        *in = ahead;
    }
    return 0;
}

static int read_at(struct lethe_pdf_reader *in, unsigned depth, struct lethe_pdf_value **out,
                   struct lethe_complaint *why);

static int members_read(struct lethe_pdf_reader *in, struct lethe_pdf_value *value, unsigned depth,
                        struct lethe_complaint *why)
{
    bool dict = value->type == LETHE_PDF_DICT;
    struct lethe_pdf_value **last = &value->first, *item, *key = NULL;
    for (size_t keys = 0;;) {
        lethe_pdf_space(in);
        if (lethe_pdf_word(in, dict ? ">>" : "]"))
            return key ? bad(why, in->at, "a key without a value") : 0;
        int rc = read_at(in, depth + 1, &item, why);
        if (rc < 0)
            return rc;
        if (dict && !key) {
            if (item->type != LETHE_PDF_NAME)
                return bad(why, item->at, "a key that is no name");
            if (lethe_pdf_get(value, item->text))
                return bad(why, item->at, "a key twice");
            if (++keys > KEYS_MAX)
                return bad(why, item->at, "a dictionary of too many keys");
            key = item;
            continue;
        }
        item->key = key ? key->text : NULL;
        key = NULL;
        *last = item;
        last = &item->next;
    }
}

static int read_at(struct lethe_pdf_reader *in, unsigned depth, struct lethe_pdf_value **out,
                   struct lethe_complaint *why)
{
    struct lethe_pdf_value *value = allocate(in->arena, sizeof(*value));
    int rc = 0;
    if (!value)
        return no_memory(why);
    if (depth > DEPTH_MAX || in->at == in->end)
        return bad(why, in->at, depth > DEPTH_MAX ? "it is nested too deep" : "it ends too early");
    value->at = in->at;
    uint8_t c = in->data[in->at];
    if (lethe_pdf_word(in, "<<") || lethe_pdf_word(in, "[")) {
        value->type = c == '[' ? LETHE_PDF_ARRAY : LETHE_PDF_DICT;
        rc = members_read(in, value, depth, why);
    } else if (c == '/') {
        rc = name_read(in, value, why);
    } else if (c == '<') {
        rc = hex_string_read(in, value, why);
    } else if (c == '(') {
        rc = string_read(in, value, why);
    } else if (whole_word(in, "true") || whole_word(in, "false")) {
        value->type = LETHE_PDF_BOOL;
        value->number = c == 't';
    } else if (whole_word(in, "null")) {
        value->type = LETHE_PDF_NULL;
    } else {
        rc = number_read(in, value, why);
    }
    value->end = in->at;
    *out = value;
    return rc;
}

int lethe_pdf_value_read(struct lethe_pdf_reader *in, struct lethe_pdf_value **out,
                         struct lethe_complaint *why)
{
    return read_at(in, 0, out, why);
}

const struct lethe_pdf_value *lethe_pdf_get(const struct lethe_pdf_value *value, const char *key)
{
    const struct lethe_pdf_value *item =
        value && value->type == LETHE_PDF_DICT ? value->first : NULL;
    while (item && strcmp(item->key, key) != 0)
        item = item->next;
    return item;
}

bool lethe_pdf_is_name(const struct lethe_pdf_value *value, const char *name)
{
    return value && value->type == LETHE_PDF_NAME && strcmp(value->text, name) == 0;
}
