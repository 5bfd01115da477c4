/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML property lists: the ten elements, character references and comments, and nothing else of XML.
 * No entities of their own, no CDATA: no phone sends them, and both have hurt others.
 */
#include "base/base64.h"
#include "base/text.h"
#include "proto/plist_count.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct reader {
    struct lethe_plist_count count;
    const char *at, *end;
};

/* An element's name, and whether it is open, closing or empty. */
struct tag {
    char name[12];
    bool closing, empty;
};

static bool starts(const struct reader *reader, const char *with)
{
    size_t len = strlen(with);
    return (size_t)(reader->end - reader->at) >= len && memcmp(reader->at, with, len) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool skip_past(struct reader *reader, const char *mark)
{
    const char *found = memmem(reader->at, (size_t)(reader->end - reader->at), mark, strlen(mark));
    if (found)
        reader->at = found + strlen(mark);
    return found != NULL;
}

/* Spaces, comments, and before the root the declaration and the document type. */
static bool skip_between(struct reader *reader)
{
    for (;;) {
        while (reader->at < reader->end && is_space(*reader->at))
            reader->at++;
        const char *mark = starts(reader, "<!--")        ? "-->"
                           : starts(reader, "<?")        ? "?>"
                           : starts(reader, "<!DOCTYPE") ? ">"
                                                         : NULL;
        if (!mark)
            return true;
        const char *from = reader->at;
        if (!skip_past(reader, mark))
            return false;
        /* A document type with a subset of its own is where entities are declared. */
        if (*mark == '>' && memchr(from, '[', (size_t)(reader->at - from)))
            return false;
    }
}

/* The next tag; false with an error said. */
static bool take_tag(struct reader *reader, struct tag *out)
{
    memset(out, 0, sizeof(*out));
    if (!skip_between(reader) || reader->at >= reader->end || *reader->at != '<') {
        lethe_plist_malformed(&reader->count, "no element where one must be");
        return false;
    }
    reader->at++;
    if (reader->at < reader->end && *reader->at == '/') {
        out->closing = true;
        reader->at++;
    }
    const char *stop = memchr(reader->at, '>', (size_t)(reader->end - reader->at));
    size_t len = stop ? (size_t)(stop - reader->at) : 0;
    if (len && !out->closing && stop[-1] == '/') {
        out->empty = true;
        len--;
    }
    size_t name = 0;
    while (name < len && !is_space(reader->at[name]))
        name++;
    if (name == 0 || name >= sizeof(out->name)) {
        lethe_plist_malformed(&reader->count, "an element that no property list has");
        return false;
    }
    memcpy(out->name, reader->at, name);
    reader->at = stop + 1;
    return true;
}

static bool is_tag(const struct tag *tag, const char *name)
{
    return strcmp(tag->name, name) == 0;
}

static bool take_closing(struct reader *reader, const char *name)
{
    struct tag tag;
    if (!take_tag(reader, &tag))
        return false;
    if (tag.closing && is_tag(&tag, name))
        return true;
    lethe_plist_malformed(&reader->count, "an element that is not closed");
    return false;
}

/* "&#x41;" and the five names, at AT behind the '&'; the bytes used up to and with ';', or 0. */
static size_t reference(const char *at, size_t len, uint32_t *out)
{
    static const struct {
        const char *name;
        uint32_t value;
    } names[] = {{"lt;", '<'}, {"gt;", '>'}, {"amp;", '&'}, {"quot;", '"'}, {"apos;", '\''}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size_t n = strlen(names[i].name);
        if (len >= n && memcmp(at, names[i].name, n) == 0) {
            *out = names[i].value;
            return n;
        }
    }
    if (len < 3 || at[0] != '#')
        return 0;
    bool hex = at[1] == 'x' || at[1] == 'X';
    size_t i = hex ? 2 : 1, first = i;
    uint32_t value = 0;
    for (; i < len && i < 10 && at[i] != ';'; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = strchr(digits, at[i] >= 'A' && at[i] <= 'F' ? at[i] + 32 : at[i]);
        if (!at[i] || !digit || (!hex && digit - digits > 9))
            return 0;
        value = value * (hex ? 16 : 10) + (uint32_t)(digit - digits);
        if (value > 0x10ffff)
            return 0;
    }
    *out = value;
    return i > first && i < len && at[i] == ';' ? i + 1 : 0;
}

static bool add_character(struct lethe_buf *text, uint32_t c)
{
    char out[4];
    size_t n = 0;
    if (c == 0 || (c >= 0xd800 && c < 0xe000))
        return false;
    if (c < 0x80) {
        out[n++] = (char)c;
    } else {
        unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
        out[n++] = (char)(lead[more] | c >> 6 * more);
        while (more-- > 0)
            out[n++] = (char)(0x80 | (c >> 6 * more & 0x3f));
    }
    return lethe_buf_add(text, out, n) == 0;
}

/* The text of an element up to its closing tag, which is taken as well. */
static bool take_text(struct reader *reader, const struct tag *tag, unsigned depth,
                      struct lethe_buf *text)
{
    if (tag->empty)
        return lethe_plist_count_add(&reader->count, depth, 0);
    const char *stop = memchr(reader->at, '<', (size_t)(reader->end - reader->at));
    if (!stop) {
        lethe_plist_malformed(&reader->count, "an element that is not closed");
        return false;
    }
    if (!lethe_plist_count_add(&reader->count, depth, (size_t)(stop - reader->at)))
        return false;
    while (reader->at < stop) {
        const char *amp = memchr(reader->at, '&', (size_t)(stop - reader->at));
        size_t plain = (size_t)((amp ? amp : stop) - reader->at);
        if (lethe_buf_add(text, reader->at, plain) < 0)
            return false;
        reader->at += plain;
        if (!amp)
            break;
        uint32_t c;
        size_t used = reference(amp + 1, (size_t)(stop - amp - 1), &c);
        if (!used || !add_character(text, c)) {
            lethe_plist_malformed(&reader->count, "a character reference of no character");
            return false;
        }
        reader->at = amp + 1 + used;
    }
    return take_closing(reader, tag->name);
}

static json_t *to_integer(const struct reader *reader, const char *text)
{
    bool negative = *text == '-';
    const char *digits = text + (negative || *text == '+');
    int base = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') ? 16 : 10;
    char *end;
    errno = 0;
    uint64_t value = strtoull(digits, &end, base);
    if (*digits < '0' || *digits > '9' || *end || errno)
        return lethe_plist_malformed(&reader->count, "an integer that is none");
    return lethe_plist_integer(&reader->count, negative, value);
}

static json_t *to_real(const struct reader *reader, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end)
        return lethe_plist_malformed(&reader->count, "a real that is none");
    return lethe_plist_real(&reader->count, value);
}

/* "2026-11-23T07:40:40Z" */
static json_t *to_date(const struct reader *reader, const char *text)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (!end || *end)
        return lethe_plist_malformed(&reader->count, "a date that is none");
    return lethe_plist_date(&reader->count, (double)timegm(&tm));
}

/* Base64 may be broken into lines; ours may not. */
static json_t *to_data(const struct reader *reader, struct lethe_buf *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->len; i++)
        if (!is_space(text->data[i]))
            text->data[n++] = text->data[i];
    uint8_t *bytes = malloc(n / 4 * 3 + 1);
    ssize_t len =
        bytes ? lethe_base64_decode(bytes, n / 4 * 3, text->data ? text->data : "", n) : -1;
    json_t *data = len >= 0 ? lethe_plist_data(bytes, (size_t)len)
                            : lethe_plist_malformed(&reader->count, "data that is no base64");
    free(bytes);
    return data;
}

static json_t *take_value(struct reader *reader, const struct tag *tag, unsigned depth);

static json_t *take_array(struct reader *reader, const struct tag *tag, unsigned depth)
{
    json_t *array = json_array();
    struct tag next;
    while (array && !tag->empty) {
        json_t *value = NULL;
        if (take_tag(reader, &next)) {
            if (next.closing && is_tag(&next, "array"))
                return array;
            value = take_value(reader, &next, depth + 1);
        }
        if (!value || json_array_append_new(array, value) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static bool take_member(struct reader *reader, const struct tag *tag, json_t *dictionary,
                        unsigned depth)
{
    LETHE_BUF_AUTO key = {0};
    struct tag next;
    if (tag->closing || !is_tag(tag, "key")) {
        lethe_plist_malformed(&reader->count, "a value without its key");
        return false;
    }
    if (!take_text(reader, tag, depth, &key) || !take_tag(reader, &next))
        return false;
    return lethe_plist_put(&reader->count, dictionary, key.data, key.len,
                           take_value(reader, &next, depth));
}

static json_t *take_dictionary(struct reader *reader, const struct tag *tag, unsigned depth)
{
    json_t *dictionary = json_object();
    struct tag next;
    while (dictionary && !tag->empty) {
        bool taken = take_tag(reader, &next);
        if (taken && next.closing && is_tag(&next, "dict"))
            return dictionary;
        if (!taken || !take_member(reader, &next, dictionary, depth + 1)) {
            json_decref(dictionary);
            return NULL;
        }
    }
    return dictionary;
}

static json_t *take_boolean(struct reader *reader, const struct tag *tag)
{
    bool value = is_tag(tag, "true");
    return tag->empty || take_closing(reader, tag->name) ? json_boolean(value) : NULL;
}

static json_t *take_value(struct reader *reader, const struct tag *tag, unsigned depth)
{
    bool many = is_tag(tag, "array") || is_tag(tag, "dict");
    bool boolean = is_tag(tag, "true") || is_tag(tag, "false");
    if (tag->closing)
        return lethe_plist_malformed(&reader->count, "a closing tag in place of a value");
    if ((many || boolean) && !lethe_plist_count_add(&reader->count, depth, 0))
        return NULL;
    if (many)
        return is_tag(tag, "array") ? take_array(reader, tag, depth)
                                    : take_dictionary(reader, tag, depth);
    if (boolean)
        return take_boolean(reader, tag);
    if (!is_tag(tag, "string") && !is_tag(tag, "integer") && !is_tag(tag, "real") &&
        !is_tag(tag, "date") && !is_tag(tag, "data"))
        return lethe_plist_malformed(&reader->count, "an element that no property list has");

    LETHE_BUF_AUTO text = {0};
    if (!take_text(reader, tag, depth, &text))
        return NULL;
    if (is_tag(tag, "string"))
        return lethe_plist_string(&reader->count, text.data, text.len);
    if (is_tag(tag, "data"))
        return to_data(reader, &text);
    const char *plain = text.data ? text.data : "";
    if (strlen(plain) != text.len)
        return lethe_plist_malformed(&reader->count, "a number with a NUL");
    return is_tag(tag, "integer") ? to_integer(reader, plain)
           : is_tag(tag, "real")  ? to_real(reader, plain)
                                  : to_date(reader, plain);
}

json_t *lethe_plist_xml_parse(const char *text, size_t len, struct lethe_error *err)
{
    struct reader reader = {.count = {.err = err}, .at = text, .end = text + len};
    struct tag tag;
    if (len > LETHE_PLIST_MAX) {
        lethe_fail(err, LETHE_E_LIMIT, "a property list of %zu bytes is too long", len);
        return NULL;
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        reader.at += 3;
    if (!take_tag(&reader, &tag))
        return NULL;
    bool framed = is_tag(&tag, "plist") && !tag.closing && !tag.empty;
    if (framed && !take_tag(&reader, &tag))
        return NULL;
    json_t *root = take_value(&reader, &tag, 1);
    if (root && framed && !take_closing(&reader, "plist")) {
        json_decref(root);
        return NULL;
    }
    /* Some senders count a NUL behind the text. */
    while (root && reader.at < reader.end && (is_space(*reader.at) || !*reader.at))
        reader.at++;
    if (root && (!skip_between(&reader) || reader.at != reader.end)) {
        json_decref(root);
        return lethe_plist_malformed(&reader.count, "something behind its end");
    }
    return root;
}
