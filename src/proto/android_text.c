/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/android_text.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

/* -- lines ------------------------------------------------------------------------------------- */

struct lines {
    const char *at, *end;
    /* The present one, without the spaces before it and behind it. */
    const char *text;
    size_t len, indent;
};

static struct lines lines_of(const char *text, size_t len)
{
    if (len > LETHE_ANDROID_TEXT_MAX)
        len = LETHE_ANDROID_TEXT_MAX;
    return (struct lines){.at = text, .end = text ? text + len : text};
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool next_line(struct lines *lines)
{
    if (lines->at == lines->end)
        return false;
    const char *stop = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    const char *from = lines->at, *to = stop ? stop : lines->end;
    lines->at = stop ? stop + 1 : lines->end;
    lines->indent = 0;
    while (from < to && blank(*from)) {
        from++;
        lines->indent++;
    }
    while (to > from && blank(to[-1]))
        to--;
    lines->text = from;
    lines->len = (size_t)(to - from);
    return true;
}

static bool starts(const struct lines *lines, const char *with)
{
    size_t n = strlen(with);
    return lines->len >= n && memcmp(lines->text, with, n) == 0;
}

static bool is(const struct lines *lines, const char *text)
{
    return starts(lines, text) && lines->len == strlen(text);
}

static bool ends(const struct lines *lines, const char *with)
{
    size_t n = strlen(with);
    return lines->len >= n && memcmp(lines->text + lines->len - n, with, n) == 0;
}

/* "NAME: value": the value's place; false when this line is another. */
static bool value_of(const struct lines *lines, const char *name, const char **value, size_t *len)
{
    size_t n = strlen(name);
    if (!starts(lines, name) || lines->len <= n || lines->text[n] != ':')
        return false;
    *value = lines->text + n + 1;
    *len = lines->len - n - 1;
    while (*len && blank(**value)) {
        (*value)++;
        (*len)--;
    }
    return true;
}

static bool number(const char *text, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    if (len == 0 || len > 15)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *out = value;
    return true;
}

static bool count(const char *text, size_t len, uint32_t *out)
{
    uint64_t value;
    if (!number(text, len, &value) || value >= LETHE_ANDROID_COUNT_UNKNOWN)
        return false;
    *out = (uint32_t)value;
    return true;
}

static enum lethe_answer answer(const char *text, size_t len)
{
    if (len == 4 && !memcmp(text, "true", 4))
        return LETHE_ANSWER_YES;
    if (len == 5 && !memcmp(text, "false", 5))
        return LETHE_ANSWER_NO;
    return LETHE_ANSWER_UNKNOWN;
}

/* Said twice, it must be the same both times; a YES is never taken back. */
static void hear(enum lethe_answer *known, bool *heard, enum lethe_answer now)
{
    if (!*heard || now == LETHE_ANSWER_YES)
        *known = now;
    else if (*known != now && *known != LETHE_ANSWER_YES)
        *known = LETHE_ANSWER_UNKNOWN;
    *heard = true;
}

/* -- properties and settings ------------------------------------------------------------------- */

bool lethe_android_prop(const char *text, size_t len, const char *name, char *out, size_t out_size)
{
    struct lines lines = lines_of(text, len);
    size_t n = strlen(name);
    *out = '\0';
    while (next_line(&lines)) {
        if (lines.len < n + 6 || lines.text[0] != '[' || memcmp(lines.text + 1, name, n) != 0 ||
            memcmp(lines.text + 1 + n, "]: [", 4) != 0 || lines.text[lines.len - 1] != ']')
            continue;
        lethe_text_clean(out, out_size, lines.text + n + 5, lines.len - n - 6);
        return true;
    }
    return false;
}

enum lethe_answer lethe_android_answer(const char *value)
{
    if (!strcmp(value, "1") || !strcmp(value, "true") || !strcmp(value, "yes"))
        return LETHE_ANSWER_YES;
    if (!strcmp(value, "0") || !strcmp(value, "false") || !strcmp(value, "no"))
        return LETHE_ANSWER_NO;
    return LETHE_ANSWER_UNKNOWN;
}

bool lethe_android_has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (size_t n; *list; list += n + (list[n] == ',')) {
        n = strcspn(list, ",");
        if (n == len && memcmp(list, word, len) == 0)
            return true;
    }
    return false;
}

void lethe_android_setting(const char *text, size_t len, char *out, size_t out_size)
{
    struct lines lines = lines_of(text, len);
    *out = '\0';
    unsigned n = 0;
    while (next_line(&lines)) {
        if (lines.len == 0)
            continue;
        /* A value is one word; an exception's text is many. */
        if (n++ > 0 || memchr(lines.text, ' ', lines.len)) {
            *out = '\0';
            return;
        }
        lethe_text_clean(out, out_size, lines.text, lines.len);
    }
}

/* -- dumpsys ----------------------------------------------------------------------------------- */

void lethe_android_accounts(const char *text, size_t len, struct lethe_android_accounts *out)
{
    struct lines lines = lines_of(text, len);
    const char *value;
    size_t value_len;
    uint32_t users = 0, counted = 0, accounts = 0, n;
    bool waiting = false, clear = true, some = false;
    while (next_line(&lines)) {
        if (starts(&lines, "User UserInfo{") && ends(&lines, ":")) {
            clear = clear && !waiting;
            waiting = true;
            users++;
        } else if (value_of(&lines, "Accounts", &value, &value_len)) {
            if (!count(value, value_len, &n) || n > LETHE_ANDROID_TEXT_MAX) {
                clear = false;
                continue;
            }
            /* One line a user; one without a user is another dump's. */
            clear = clear && waiting;
            waiting = false;
            counted++;
            accounts += n;
            some = some || n > 0;
        } else if (starts(&lines, "Account {")) {
            some = true;
        }
    }
    bool whole = clear && !waiting && users > 0 && counted == users && (accounts > 0) == some;
    out->users = users ? users : LETHE_ANDROID_COUNT_UNKNOWN;
    out->accounts = whole ? accounts : LETHE_ANDROID_COUNT_UNKNOWN;
    out->any = some ? LETHE_ANSWER_YES : whole ? LETHE_ANSWER_NO : LETHE_ANSWER_UNKNOWN;
}

void lethe_android_frp(const char *text, size_t len, struct lethe_android_frp *out)
{
    struct lines lines = lines_of(text, len);
    const char *value;
    size_t n;
    bool active = false, credential = false, sized = false;
    *out = (struct lethe_android_frp){.challenge = LETHE_ANDROID_COUNT_UNKNOWN};
    while (next_line(&lines)) {
        if (value_of(&lines, "FRP state", &value, &n))
            hear(&out->active, &active, answer(value, n));
        else if (value_of(&lines, "Has FRP credential handle", &value, &n))
            hear(&out->credential, &credential, answer(value, n));
        else if (value_of(&lines, "FRP challenge block size", &value, &n)) {
            uint32_t size;
            bool told = count(value, n, &size) && (!sized || size == out->challenge);
            out->challenge = told ? size : LETHE_ANDROID_COUNT_UNKNOWN;
            sized = true;
        }
    }
    bool block = out->challenge != LETHE_ANDROID_COUNT_UNKNOWN && out->challenge > 0;
    if (out->active == LETHE_ANSWER_YES || out->credential == LETHE_ANSWER_YES || block)
        out->armed = LETHE_ANSWER_YES;
    else if (out->active == LETHE_ANSWER_NO && out->credential == LETHE_ANSWER_NO &&
             out->challenge == 0)
        out->armed = LETHE_ANSWER_NO;
}

void lethe_android_policy(const char *text, size_t len, struct lethe_android_policy *out)
{
    struct lines lines = lines_of(text, len);
    bool ours = false, whole = false, device = false, profile = false;
    while (next_line(&lines)) {
        if (starts(&lines, "Current Device Policy Manager state:"))
            ours = true;
        /* Printed for every user, whether it has administrators or none: the dump got that far. */
        else if (starts(&lines, "Enabled Device Admins (User "))
            whole = true;
        else if (starts(&lines, "Device Owner:") || starts(&lines, "Device owner:"))
            device = true;
        else if (starts(&lines, "Profile Owner (User ") || starts(&lines, "Profile owner (User "))
            profile = true;
    }
    enum lethe_answer none = ours && whole ? LETHE_ANSWER_NO : LETHE_ANSWER_UNKNOWN;
    out->device_owner = device ? LETHE_ANSWER_YES : none;
    out->profile_owner = profile ? LETHE_ANSWER_YES : none;
}

void lethe_android_users(const char *text, size_t len, struct lethe_android_users *out)
{
    struct lines lines = lines_of(text, len);
    const char *value;
    size_t n;
    uint32_t users = 0, effective = 0;
    bool heading = false, guests = false, restricted = false, managed = false;
    *out = (struct lethe_android_users){0};
    while (next_line(&lines)) {
        if (is(&lines, "Users:"))
            heading = true;
        else if (starts(&lines, "UserInfo{") && heading)
            users++;
        else if (is(&lines, "Effective restrictions:"))
            effective++;
        else if (value_of(&lines, "Device managed", &value, &n))
            hear(&out->managed, &managed, answer(value, n));
        /* What a guest that does not exist yet would not be allowed. */
        if (ends(&lines, "estrictions:"))
            guests = starts(&lines, "Guest restrictions:");
        if (is(&lines, "no_factory_reset") && !guests)
            restricted = true;
    }
    out->users = users ? users : LETHE_ANDROID_COUNT_UNKNOWN;
    if (restricted)
        out->no_factory_reset = LETHE_ANSWER_YES;
    else if (users > 0 && effective == users)
        out->no_factory_reset = LETHE_ANSWER_NO;
}

void lethe_android_battery(const char *text, size_t len, struct lethe_android_battery *out)
{
    struct lines lines = lines_of(text, len);
    const char *value;
    size_t n;
    uint32_t level = LETHE_ANDROID_COUNT_UNKNOWN, scale = 100;
    *out = (struct lethe_android_battery){.level = -1};
    while (next_line(&lines)) {
        if (value_of(&lines, "level", &value, &n))
            level = count(value, n, &level) ? level : LETHE_ANDROID_COUNT_UNKNOWN;
        else if (value_of(&lines, "scale", &value, &n))
            scale = count(value, n, &scale) ? scale : 0;
        else if (value_of(&lines, "AC powered", &value, &n) ||
                 value_of(&lines, "USB powered", &value, &n) ||
                 value_of(&lines, "Wireless powered", &value, &n)) {
            enum lethe_answer powered = answer(value, n);
            if (powered > out->charging)
                out->charging = powered;
        }
    }
    if (scale > 0 && scale <= 10000 && level <= scale)
        out->level = (int32_t)(level * 100 / scale);
}

/* -- other commands ---------------------------------------------------------------------------- */

void lethe_android_volumes(const char *text, size_t len, struct lethe_android_volumes *out)
{
    struct lines lines = lines_of(text, len);
    bool clear = true, internal = false, card = false;
    *out = (struct lethe_android_volumes){0};
    while (next_line(&lines)) {
        if (lines.len == 0)
            continue;
        const char *space = memchr(lines.text, ' ', lines.len);
        size_t id = space ? (size_t)(space - lines.text) : 0;
        bool adopted = id > 8 && starts(&lines, "private:");
        if (id == 7 && starts(&lines, "private"))
            internal = true;
        else if (adopted || (id > 7 && starts(&lines, "public:")))
            card = true;
        else if (!starts(&lines, "emulated") && !starts(&lines, "stub:")) {
            clear = false;
            continue;
        }
        out->n++;
    }
    out->sd_card = card                ? LETHE_ANSWER_YES
                   : clear && internal ? LETHE_ANSWER_NO
                                       : LETHE_ANSWER_UNKNOWN;
}

/* Column WANTED (0 the first) of a line. */
static bool column(const struct lines *lines, unsigned wanted, uint64_t *out)
{
    const char *at = lines->text, *end = lines->text + lines->len;
    for (unsigned i = 0; at < end; i++) {
        const char *stop = at;
        while (stop < end && !blank(*stop))
            stop++;
        if (i == wanted)
            return number(at, (size_t)(stop - at), out);
        at = stop;
        while (at < end && blank(*at))
            at++;
    }
    return false;
}

bool lethe_android_df(const char *text, size_t len, uint64_t *total, uint64_t *available)
{
    struct lines lines = lines_of(text, len);
    bool head = false, row = false;
    while (next_line(&lines)) {
        if (starts(&lines, "Filesystem") && memmem(lines.text, lines.len, "1K-blocks", 9))
            head = true;
        else if (head && lines.len)
            row = column(&lines, 1, total) && column(&lines, 3, available) && *available <= *total;
    }
    if (!row)
        return false;
    *total *= 1024;
    *available *= 1024;
    return true;
}

uint32_t lethe_android_packages(const char *text, size_t len)
{
    struct lines lines = lines_of(text, len);
    uint32_t n = 0;
    while (next_line(&lines)) {
        if (starts(&lines, "package:") && lines.len > 8)
            n++;
        else if (lines.len)
            return LETHE_ANDROID_COUNT_UNKNOWN;
    }
    return n;
}

bool lethe_android_activity(const char *text, size_t len, char *out, size_t out_size)
{
    struct lines lines = lines_of(text, len);
    bool found = false;
    *out = '\0';
    while (next_line(&lines)) {
        if (lines.len == 0 || starts(&lines, "priority="))
            continue;
        const char *slash = memchr(lines.text, '/', lines.len);
        if (found || !slash || slash == lines.text || memchr(lines.text, ' ', lines.len) ||
            lines.len >= out_size)
            return false;
        for (size_t i = 0; i < lines.len; i++)
            if (!isalnum((unsigned char)lines.text[i]) && !memchr("._/$", lines.text[i], 4))
                return false;
        memcpy(out, lines.text, lines.len);
        out[lines.len] = '\0';
        found = true;
    }
    return found;
}
