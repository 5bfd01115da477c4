/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of our entries without a JSON library: an audit reads millions of them. */
#include "tlog/parts.h"
#include <string.h>

struct scan {
    const char *at, *end;
};

static bool take(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

static bool take_string(struct scan *scan, struct lethe_tlog_member *out)
{
    if (!take(scan, '"'))
        return false;
    out->type = LETHE_TLOG_STRING;
    out->text = scan->at;
    while (scan->at < scan->end && *scan->at != '"') {
        if (*scan->at < ' ' || *scan->at > '~' || *scan->at == '\\')
            return false;
        scan->at++;
    }
    out->len = (size_t)(scan->at - out->text);
    return take(scan, '"');
}

static bool take_number(struct scan *scan, struct lethe_tlog_member *out)
{
    out->type = LETHE_TLOG_NUMBER;
    out->text = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
        scan->at++;
    out->len = (size_t)(scan->at - out->text);
    return lethe_tlog_number(out->text, out->len, LETHE_TLOG_SIZE_MAX, &out->number);
}

static bool take_braces(struct scan *scan, struct lethe_tlog_member *out)
{
    out->type = LETHE_TLOG_OBJECT;
    out->text = scan->at;
    const char *close = memchr(scan->at, '}', (size_t)(scan->end - scan->at));
    if (!close)
        return false;
    scan->at = close + 1;
    out->len = (size_t)(scan->at - out->text);
    return true;
}

bool lethe_tlog_entry_scan(const char *text, size_t len, struct lethe_tlog_members *out)
{
    struct scan scan = {text, text + len};
    out->present = 0;
    char last = 'a' - 1;
    if (!take(&scan, '{'))
        return false;
    do {
        if (scan.end - scan.at < 5 || scan.at[0] != '"' || scan.at[2] != '"' || scan.at[3] != ':')
            return false;
        char letter = scan.at[1];
        if (letter <= last || letter > 'z')
            return false; /* RFC 8785 section 3.2.3: sorted, so none is twice */
        last = letter;
        scan.at += 4;
        struct lethe_tlog_member *member = &out->member[letter - 'a'];
        if (!(*scan.at == '"'   ? take_string(&scan, member)
              : *scan.at == '{' ? take_braces(&scan, member)
                                : take_number(&scan, member)))
            return false;
        out->present |= UINT32_C(1) << (letter - 'a');
    } while (take(&scan, ','));
    return take(&scan, '}') && scan.at == scan.end;
}
