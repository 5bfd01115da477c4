/* SPDX-License-Identifier: Apache-2.0 */
#include "imei.h"

#include <base/text.h>
#include <string.h>

#define DIGITS 15

/* Luhn: every second digit from the right counts twice, as the sum of its own digits. */
static bool checks(const char digits[DIGITS + 1])
{
    unsigned sum = 0;
    for (size_t i = 0; i < DIGITS; i++) {
        unsigned d = (unsigned)(digits[i] - '0') << (i % 2);
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

int lethe_imei_parse(const char *text, struct lethe_identifier *out, struct lethe_error *err)
{
    static const char scanned[] = "scanned:";
    size_t n = 0;
    *out = (struct lethe_identifier){.kind = LETHE_ID_IMEI, .source = LETHE_SOURCE_TYPED};
    if (strncmp(text, scanned, sizeof scanned - 1) == 0) {
        out->source = LETHE_SOURCE_SCANNED;
        text += sizeof scanned - 1;
    }
    for (const char *c = text; *c; c++) {
        if (strchr(" -/", *c))
            continue;
        if (*c < '0' || *c > '9' || n > DIGITS) {
            n = 0;
            break;
        }
        out->value[n++] = *c;
    }
    out->value[n] = '\0';
    if (n != DIGITS) {
        char shown[41];
        lethe_text_clean(shown, sizeof shown, text, strlen(text));
        lethe_fail(err, LETHE_E_USAGE, "\"%s\" is no IMEI: that has fifteen digits, 0 to 9", shown);
        lethe_error_remedy(err, "dial *#06# on the phone, or look at its SIM tray or its box");
        return -LETHE_E_USAGE;
    }
    bool nothing = strspn(out->value, "0") == DIGITS; /* what fits, and is nobody's */
    if (checks(out->value) && !nothing)
        return 0;
    lethe_fail(err, LETHE_E_USAGE, "%s is no IMEI: %s", out->value,
               nothing ? "no phone has that" : "its last digit does not fit the others");
    lethe_error_remedy(err, "compare it with the label once more");
    return -LETHE_E_USAGE;
}
