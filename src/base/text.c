/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

/* Decode one character (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF). Bytes taken,
 * or 0 when malformed. */
static size_t utf8_decode(const char *in, size_t len, uint32_t *code)
{
    const unsigned char *s = (const unsigned char *)in;
    if (len == 0)
        return 0;
    if (s[0] < 0x80) {
        *code = s[0];
        return 1;
    }
    size_t n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (s[0] < 0xC2 || s[0] > 0xF4 || n > len)
        return 0;
    uint32_t c = s[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3Fu);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *code = c;
    return n;
}

/*
 * Characters that act on a terminal or a page instead of standing on it (C0, DEL, C1, line and
 * paragraph separators, what changes the direction of text: UAX #9 section 2), and those that are
 * there without being seen: two names that look the same must be the same.
 */
static bool is_unfit(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1F},       {0x7F, 0x9F},     {0xAD, 0xAD},     /* soft hyphen */
        {0x034F, 0x034F},   {0x061C, 0x061C}, {0x115F, 0x1160}, /* Hangul fillers */
        {0x180E, 0x180E},   {0x200B, 0x200F},                   /* zero width, marks of direction */
        {0x2028, 0x202E},   {0x2060, 0x206F},                   /* word joiner, isolates */
        {0x3164, 0x3164},   {0xFDD0, 0xFDEF},                   /* noncharacters */
        {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, /* interlinear annotation */
        {0xE0000, 0xE007F},                                     /* tags */
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return (c & 0xFFFE) == 0xFFFE; /* the last two of each plane are noncharacters */
}

void lethe_text_clean(char *out, size_t out_size, const char *in, size_t in_len)
{
    if (out_size == 0)
        return;
    in_len = strnlen(in, in_len);
    size_t len = 0;
    for (size_t i = 0; i < in_len;) {
        uint32_t code;
        size_t n = utf8_decode(in + i, in_len - i, &code);
        bool fit = n > 0 && !is_unfit(code);
        const char *from = fit ? in + i : "?";
        size_t take = fit ? n : 1;
        i += n > 0 ? n : 1;
        if (*from == ' ' && (len == 0 || out[len - 1] == ' '))
            continue;
        if (take >= out_size - len)
            break;
        memcpy(out + len, from, take);
        len += take;
    }
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
}

bool lethe_text_is_utf8(const char *text, size_t len)
{
    uint32_t code;
    for (size_t i = 0, n; i < len; i += n)
        if ((n = utf8_decode(text + i, len - i, &code)) == 0)
            return false;
    return true;
}

bool lethe_text_is_clean(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t code;
        if (text[i] >= ' ' && text[i] <= '~') { /* nearly all text, and nearly all of the time */
            i++;
            continue;
        }
        size_t n = utf8_decode(text + i, len - i, &code);
        if (n == 0 || is_unfit(code))
            return false;
        i += n;
    }
    return true;
}

/* Unicode's White_Space that is not unfit, and the braille pattern without dots. */
static bool is_space(uint32_t c)
{
    return c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
           c == 0x205F || c == 0x2800 || c == 0x3000;
}

bool lethe_text_is_visible(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t n = utf8_decode(text + i, len - i, &code);
        if (n > 0 && !is_unfit(code) && !is_space(code))
            return true;
        i += n > 0 ? n : 1;
    }
    return false;
}

/* Neither letter nor digit nor what letters are made of: signs, marks that stand on a letter,
 * pictures, and code points that mean what somebody has agreed with himself. */
static bool is_sign(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x0000, 0x002F}, {0x003A, 0x0040},   {0x005B, 0x0060},    {0x007B, 0x00A9},
        {0x00AB, 0x00B4}, {0x00B6, 0x00B9},   {0x00BB, 0x00BF},    {0x00D7, 0x00D7},
        {0x00F7, 0x00F7}, {0x02C2, 0x02DF},   {0x0300, 0x036F},    {0x1AB0, 0x1AFF},
        {0x1DC0, 0x1DFF}, {0x2000, 0x2BFF},   {0x2E00, 0x2E7F},    {0x3000, 0x3004},
        {0x3008, 0x3020}, {0x3030, 0x3030},   {0xE000, 0xF8FF},    {0xFE00, 0xFE6F},
        {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20},   {0xFF3B, 0xFF40},    {0xFF5B, 0xFF65},
        {0xFFE0, 0xFFFD}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return is_unfit(c) || is_space(c);
}

bool lethe_text_is_name(const char *text)
{
    size_t len = strlen(text);
    bool has_letter = false;
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t n = utf8_decode(text + i, len - i, &code);
        if (n == 0 || is_unfit(code))
            return false;
        has_letter = has_letter || !is_sign(code);
        i += n;
    }
    return has_letter;
}

bool lethe_text_format(char *out, size_t out_size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(out, out_size, format, args);
    va_end(args);
    return len >= 0 && (size_t)len < out_size;
}

static locale_t utf8_locale;

static void utf8_locale_init(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

size_t lethe_text_columns(const char *text)
{
    /* wcwidth() knows only ASCII in the C locale that a service or a script may run in. */
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, utf8_locale_init);
    locale_t before = utf8_locale ? uselocale(utf8_locale) : (locale_t)0;
    size_t columns = 0, len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t code = '?';
        size_t n = utf8_decode(text + i, len - i, &code);
        int width = wcwidth((wchar_t)code);
        columns += width < 0 ? 1 : (size_t)width;
        i += n > 0 ? n : 1;
    }
    if (before)
        uselocale(before);
    return columns;
}

void lethe_hex_encode(char *out, const void *in, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = in;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

ssize_t lethe_hex_decode(void *out, size_t out_size, const char *in, size_t in_len)
{
    uint8_t *bytes = out;
    if (in_len % 2 != 0 || in_len / 2 > out_size)
        return -1;
    for (size_t i = 0; i < in_len / 2; i++) {
        int high = hex_digit(in[2 * i]), low = hex_digit(in[2 * i + 1]);
        if (high < 0 || low < 0)
            return -1;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return (ssize_t)(in_len / 2);
}

static const char b64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void lethe_b64url_encode(char *out, const void *in, size_t len)
{
    const uint8_t *bytes = in;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6)
            *out++ = b64url_digits[bits >> (held - 6) & 63];
    }
    if (held > 0)
        *out++ = b64url_digits[bits << (6 - held) & 63];
    *out = '\0';
}

/* One more than the digit, so that whatever is not named is none. */
static const uint8_t b64url_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

ssize_t lethe_b64url_decode(void *out, size_t out_size, const char *in, size_t in_len)
{
    const uint8_t *at = (const uint8_t *)in, *end = at + in_len;
    uint8_t *bytes = out, *to = bytes;
    uint32_t bits = 0;
    unsigned held = 0;
    if (in_len % 4 == 1 || in_len / 4 * 3 + (in_len % 4 ? in_len % 4 - 1 : 0) > out_size)
        return -1;
    for (; end - at >= 4; at += 4) {
        uint32_t a = b64url_values[at[0]], b = b64url_values[at[1]], c = b64url_values[at[2]],
                 d = b64url_values[at[3]];
        if (!a || !b || !c || !d)
            return -1;
        bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        *to++ = (uint8_t)(bits >> 16);
        *to++ = (uint8_t)(bits >> 8);
        *to++ = (uint8_t)bits;
    }
    for (bits = 0; at < end; at++) {
        if (!b64url_values[*at])
            return -1;
        bits = bits << 6 | (b64url_values[*at] - 1u);
        held += 6;
        if (held >= 8) {
            held -= 8;
            *to++ = (uint8_t)(bits >> held);
        }
    }
    /* RFC 4648 section 3.5: the bits left over must be zero, else one value had many spellings. */
    if (bits & ((1u << held) - 1))
        return -1;
    return to - bytes;
}

bool lethe_size_parse(const char *text, uint64_t *out)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {
        {"", 1},
        {"B", 1},
        {"kB", 1000},
        {"MB", 1000000},
        {"GB", 1000000000},
        {"TB", 1000000000000},
        {"PB", 1000000000000000},
        {"KiB", 1ULL << 10},
        {"MiB", 1ULL << 20},
        {"GiB", 1ULL << 30},
        {"TiB", 1ULL << 40},
        {"PiB", 1ULL << 50},
    };
    unsigned __int128 digits = 0;
    uint64_t scale = 1;
    const char *at = text;
    if (*at < '0' || *at > '9')
        return false;
    for (bool fraction = false; (*at >= '0' && *at <= '9') || (*at == '.' && !fraction); at++) {
        if (*at == '.') {
            fraction = true;
            if (at[1] < '0' || at[1] > '9')
                return false;
            continue;
        }
        digits = digits * 10 + (unsigned)(*at - '0');
        scale *= fraction ? 10 : 1;
        if (digits > UINT64_MAX || scale > 1000000000)
            return false;
    }
    if (*at == ' ')
        at++;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcasecmp(at, units[i].name) != 0)
            continue;
        unsigned __int128 bytes = digits * units[i].bytes;
        if (bytes % scale != 0 || bytes / scale > UINT64_MAX)
            return false;
        *out = (uint64_t)(bytes / scale);
        return true;
    }
    return false;
}

void lethe_size_format(char *out, size_t out_size, uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        lethe_text_format(out, out_size, "%u B", (unsigned)bytes);
        return;
    }
    size_t unit = 1;
    uint64_t tenth = 100; /* bytes in a tenth of the unit */
    /* Rounded to tenths; what would round to 1000.0 is 1.0 of the next unit. */
    while (unit + 1 < sizeof(units) / sizeof(units[0]) && bytes / tenth >= 9999 &&
           (bytes / tenth > 9999 || bytes % tenth >= tenth / 2)) {
        tenth *= 1000;
        unit++;
    }
    uint64_t tenths = bytes / tenth + (bytes % tenth >= tenth / 2);
    lethe_text_format(out, out_size, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
                      units[unit]);
}
