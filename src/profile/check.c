/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/check.h"

#include "base/text.h"
#include <stdbool.h>
#include <string.h>

const cyaml_strval_t lethe_bool_words[2] = {{"false", 0}, {"true", 1}};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int lethe_check_id(const char *file, const char *field, const char *id, struct lethe_error *err)
{
    static const char head[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char tail[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (strspn(id, head) > 0 && id[strspn(id, tail)] == '\0')
        return 0;
    return lethe_fail(err, LETHE_E_INVALID,
                      "%s: %s: \"%s\" is not a name of letters, digits, '.', '_' and '-'", file,
                      field, id);
}

int lethe_check_text(const char *file, const char *field, const char *text, struct lethe_error *err)
{
    if (lethe_text_is_clean(text))
        return 0;
    lethe_fail(err, LETHE_E_INVALID, "%s: %s: not one line of printable text", file, field);
    lethe_error_remedy(err, "fold long text with \">-\", which leaves no line break at its end");
    return -LETHE_E_INVALID;
}

int lethe_check_number(const char *file, const char *field, const char *text, uint64_t min,
                       uint64_t max, uint64_t *out, struct lethe_error *err)
{
    bool ok = true;
    *out = 0;
    if (text[0] == '\0')
        return 0;
    for (size_t i = 0; ok && text[i]; i++) {
        ok = is_digit(text[i]) && *out <= (UINT64_MAX - 9) / 10;
        if (ok)
            *out = *out * 10 + (uint64_t)(text[i] - '0');
    }
    if (ok && *out >= min && *out <= max)
        return 0;
    return lethe_fail(err, LETHE_E_INVALID,
                      "%s: %s: \"%s\" is not a whole number from %llu to %llu", file, field, text,
                      (unsigned long long)min, (unsigned long long)max);
}

int lethe_check_percent(const char *file, const char *field, const char *text, uint32_t *ppm,
                        struct lethe_error *err)
{
    uint32_t value = 0, unit = 10000; /* one percent is 10,000 parts per million */
    size_t i = 0;
    for (; i < 2 && is_digit(text[i]); i++)
        value = value * 10 + (uint32_t)(text[i] - '0');
    bool whole = i > 0;
    value *= unit;
    if (whole && text[i] == '.' && is_digit(text[i + 1]))
        for (i++; unit > 1 && is_digit(text[i]); i++) {
            unit /= 10;
            value += (uint32_t)(text[i] - '0') * unit;
        }
    if (!whole || strcmp(text + i, "%") != 0 || value == 0)
        return lethe_fail(err, LETHE_E_INVALID,
                          "%s: %s: \"%s\" is not a percentage between 0%% and 100%% with at most "
                          "four decimals, such as \"99.9%%\"",
                          file, field, text);
    *ppm = value;
    return 0;
}

int lethe_check_rate(const char *file, const char *field, const char *text, uint64_t *rate,
                     struct lethe_error *err)
{
    char size[24] = "";
    size_t len = strlen(text);
    if (len > 2 && len - 2 < sizeof(size) && strcmp(text + len - 2, "/s") == 0)
        memcpy(size, text, len - 2);
    if (size[0] && lethe_size_parse(size, rate) && *rate > 0 && *rate <= INT64_MAX)
        return 0;
    return lethe_fail(err, LETHE_E_INVALID, "%s: %s: \"%s\" is not a rate such as \"1MB/s\"", file,
                      field, text);
}

int lethe_check_date(const char *file, const char *field, const char *text, struct lethe_error *err)
{
    static const char shape[] = "dddd-dd-dd";
    bool ok = strlen(text) == sizeof(shape) - 1;
    for (size_t i = 0; ok && shape[i]; i++)
        ok = shape[i] == 'd' ? is_digit(text[i]) : text[i] == shape[i];
    return ok ? 0
              : lethe_fail(err, LETHE_E_INVALID, "%s: %s: \"%s\" is not a date such as 2026-11-23",
                           file, field, text);
}
