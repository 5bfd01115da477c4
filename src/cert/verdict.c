/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/verdict.h"

#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* INVALID is worse than UNDETERMINED is worse than VALID. */
static int badness(enum lethe_verdict verdict)
{
    return verdict == LETHE_VERDICT_INVALID ? 2 : verdict == LETHE_VERDICT_UNDETERMINED ? 1 : 0;
}

static void put(struct lethe_certificate_report *report, enum lethe_verdict weight,
                const struct lethe_complaint *made)
{
    if (badness(weight) > badness(report->verdict))
        report->verdict = weight;
    size_t at = report->n_reasons;
    while (at > 0 && badness(report->reasons[at - 1].weight) < badness(weight))
        at--;
    if (at == LETHE_VERDICT_REASONS_MAX)
        return;
    size_t last = report->n_reasons < LETHE_VERDICT_REASONS_MAX ? report->n_reasons++
                                                                : LETHE_VERDICT_REASONS_MAX - 1;
    memmove(&report->reasons[at + 1], &report->reasons[at],
            (last - at) * sizeof(report->reasons[0]));
    memcpy(report->reasons[at].code, made->code, sizeof(made->code));
    memcpy(report->reasons[at].text, made->text, sizeof(made->text));
    report->reasons[at].weight = weight;
}

static void complain(struct lethe_complaint *made, const char *code, const char *format,
                     va_list args) __attribute__((format(printf, 3, 0)));
static void complain(struct lethe_complaint *made, const char *code, const char *format,
                     va_list args)
{
    char text[sizeof(made->text)];
    vsnprintf(text, sizeof(text), format, args);
    lethe_complain(made, code, "%s", text);
}

void lethe_verdict_add(struct lethe_certificate_report *report, enum lethe_verdict weight,
                       const char *code, const char *format, ...)
{
    struct lethe_complaint made;
    va_list args;
    va_start(args, format);
    complain(&made, code, format, args);
    va_end(args);
    put(report, weight, &made);
}

bool lethe_verdict_check(struct lethe_certificate_report *report, struct lethe_check *check,
                         enum lethe_verdict weight, const char *code, const char *format, ...)
{
    struct lethe_complaint made;
    va_list args;
    va_start(args, format);
    complain(&made, code, format, args);
    va_end(args);
    put(report, weight, &made);
    if (check->state == LETHE_CHECK_BAD)
        return false; /* the first thing wrong is said, and nothing makes it right again */
    check->state = weight == LETHE_VERDICT_INVALID ? LETHE_CHECK_BAD : LETHE_CHECK_OPEN;
    memcpy(check->code, made.code, sizeof(check->code));
    memcpy(check->text, made.text, sizeof(check->text));
    return false;
}

const char *lethe_claim_text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}
