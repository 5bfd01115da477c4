/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include "base/text.h"
#include <errno.h>
#include <lethe/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static uint64_t (*now_override)(void);
static void (*random_override)(void *out, size_t len);

void lethe_time_override(uint64_t (*now_ms)(void), void (*random)(void *out, size_t len))
{
    now_override = now_ms;
    random_override = random;
}

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t lethe_now_ms(void)
{
    return now_override ? now_override() : clock_ms(CLOCK_REALTIME);
}

uint64_t lethe_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

void lethe_random(void *out, size_t len)
{
    if (random_override) {
        random_override(out, len);
        return;
    }
    unsigned char *at = out;
    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        at += got;
        len -= (size_t)got;
    }
}

#define TIME_LAST 253402300799 /* 9999-12-31T23:59:59Z: the last the format can say */

/* Without gmtime_r() and strftime(): both look for the time zone database, and a sandboxed worker
 * may not open files. Days to a date of the proleptic Gregorian calendar, in years that begin on 1
 * March. */
void lethe_time_format(char out[21], uint64_t ms)
{
    uint64_t seconds = ms / 1000;
    if (seconds > TIME_LAST)
        seconds = TIME_LAST;
    unsigned of_day = (unsigned)(seconds % 86400);
    unsigned days = (unsigned)(seconds / 86400) + 719468; /* since 1 March of year 0 */
    unsigned era = days / 146097, of_era = days % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153; /* 0 is March */
    unsigned day = of_year - (153 * month + 2) / 5 + 1;
    year += era * 400 + (month >= 10);
    month = month < 10 ? month + 3 : month - 9;
    lethe_text_format(out, 21, "%04u-%02u-%02uT%02u:%02u:%02uZ", year, month, day, of_day / 3600,
                      of_day / 60 % 60, of_day % 60);
}

int lethe_time_parse(const char *text, uint64_t *ms)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
    if (strlen(text) != sizeof(shape) - 1)
        return -LETHE_E_INVALID;
    int field[6] = {0}, n = 0;
    for (size_t i = 0; shape[i]; i++) {
        if (shape[i] != 'd') {
            if (text[i] != shape[i])
                return -LETHE_E_INVALID;
            n++;
        } else if (text[i] < '0' || text[i] > '9') {
            return -LETHE_E_INVALID;
        } else {
            field[n] = field[n] * 10 + (text[i] - '0');
        }
    }
    struct tm tm = {.tm_year = field[0] - 1900,
                    .tm_mon = field[1] - 1,
                    .tm_mday = field[2],
                    .tm_hour = field[3],
                    .tm_min = field[4],
                    .tm_sec = field[5]};
    time_t when = timegm(&tm);
    if (when < 0)
        return -LETHE_E_INVALID;
    /* timegm() takes 31 April for 1 May: only what comes back as it went in is a date. */
    char again[21];
    lethe_time_format(again, (uint64_t)when * 1000);
    if (strcmp(again, text) != 0)
        return -LETHE_E_INVALID;
    *ms = (uint64_t)when * 1000;
    return 0;
}

void lethe_uuid7(char out[37])
{
    uint8_t id[16];
    uint64_t ms = lethe_now_ms();
    lethe_random(id, sizeof(id));
    for (int i = 0; i < 6; i++)
        id[i] = (uint8_t)(ms >> (40 - 8 * i));
    id[6] = (uint8_t)(0x70 | (id[6] & 0x0F)); /* RFC 9562 section 4.2: version 7 */
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3F)); /* section 4.1: variant 10 */
    char *at = out;
    for (size_t i = 0; i < sizeof(id); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        lethe_hex_encode(at, &id[i], 1);
        at += 2;
    }
}
