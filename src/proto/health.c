/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/health.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *lethe_triage_name(enum lethe_triage triage)
{
    static const char *const names[] = {"unknown", "good", "worn", "failing"};
    return (unsigned)triage < sizeof names / sizeof *names ? names[triage] : names[0];
}

void lethe_health_merge(struct lethe_health *health, const struct lethe_health *more)
{
    unsigned news = more->known & ~health->known;
#define TAKE(bit, field)                                                                           \
    if (news & (bit))                                                                              \
    health->field = more->field
    TAKE(LETHE_HEALTH_HOURS, power_on_hours);
    TAKE(LETHE_HEALTH_POWER_CYCLES, power_cycles);
    TAKE(LETHE_HEALTH_REALLOCATED, reallocated);
    TAKE(LETHE_HEALTH_PENDING, pending);
    TAKE(LETHE_HEALTH_UNCORRECTABLE, uncorrectable);
    TAKE(LETHE_HEALTH_MEDIA_ERRORS, media_errors);
    TAKE(LETHE_HEALTH_TIMEOUTS, timeouts);
    TAKE(LETHE_HEALTH_LINK_ERRORS, link_errors);
    TAKE(LETHE_HEALTH_USED, used);
    TAKE(LETHE_HEALTH_SPARE, spare);
    TAKE(LETHE_HEALTH_SPARE, spare_threshold);
    TAKE(LETHE_HEALTH_TEMPERATURE, temperature);
    TAKE(LETHE_HEALTH_WRITTEN, written);
    TAKE(LETHE_HEALTH_FAILING, failing);
    TAKE(LETHE_HEALTH_READ_ONLY, read_only);
#undef TAKE
    health->known |= news;
}

__attribute__((format(printf, 3, 4))) static void reason(struct lethe_triage_verdict *out,
                                                         enum lethe_triage triage,
                                                         const char *format, ...)
{
    if (triage > out->triage)
        out->triage = triage;
    if (out->n_reasons == LETHE_TRIAGE_REASONS_MAX)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(out->reasons[out->n_reasons++], sizeof *out->reasons, format, args);
    va_end(args);
}

/* What speaks against a drive. Our own limits, not a standard's: they decide about hours of a
 * bench, never about the outcome of a job. */
#define MANY_DEFECTS 50       /* sectors that cannot be read: failing */
#define MANY_REALLOCATED 1000 /* sectors replaced: failing */
#define SOME_REALLOCATED 10
#define MUCH_USED 80 /* per cent */
#define OLD_HOURS 50000
#define MANY_LINK_ERRORS 100

/* Alone, these say something about the state of the medium. */
#define TELLING                                                                                    \
    (LETHE_HEALTH_REALLOCATED | LETHE_HEALTH_PENDING | LETHE_HEALTH_UNCORRECTABLE |                \
     LETHE_HEALTH_MEDIA_ERRORS | LETHE_HEALTH_USED | LETHE_HEALTH_SPARE | LETHE_HEALTH_FAILING |   \
     LETHE_HEALTH_READ_ONLY)

static void failing(const struct lethe_health *h, struct lethe_triage_verdict *out)
{
    if (h->failing)
        reason(out, LETHE_TRIAGE_FAILING, "the drive predicts its own failure");
    if (h->read_only)
        reason(out, LETHE_TRIAGE_FAILING, "the drive has made itself read-only");
    if ((h->known & LETHE_HEALTH_SPARE) && h->spare < h->spare_threshold)
        reason(out, LETHE_TRIAGE_FAILING, "spare blocks are used up: %u %% left, %u %% needed",
               h->spare, h->spare_threshold);
    if (h->pending >= MANY_DEFECTS)
        reason(out, LETHE_TRIAGE_FAILING, "%" PRIu64 " sectors cannot be read", h->pending);
    if (h->uncorrectable >= MANY_DEFECTS)
        reason(out, LETHE_TRIAGE_FAILING, "%" PRIu64 " uncorrectable errors", h->uncorrectable);
    if (h->reallocated >= MANY_REALLOCATED)
        reason(out, LETHE_TRIAGE_FAILING, "%" PRIu64 " sectors were replaced", h->reallocated);
}

static void worn(const struct lethe_health *h, struct lethe_triage_verdict *out)
{
    if (h->pending > 0 && h->pending < MANY_DEFECTS)
        reason(out, LETHE_TRIAGE_WORN, "%" PRIu64 " sectors cannot be read", h->pending);
    if (h->uncorrectable > 0 && h->uncorrectable < MANY_DEFECTS)
        reason(out, LETHE_TRIAGE_WORN, "%" PRIu64 " uncorrectable errors", h->uncorrectable);
    if (h->reallocated >= SOME_REALLOCATED && h->reallocated < MANY_REALLOCATED)
        reason(out, LETHE_TRIAGE_WORN, "%" PRIu64 " sectors were replaced", h->reallocated);
    if (h->media_errors > 0)
        reason(out, LETHE_TRIAGE_WORN, "%" PRIu64 " media errors were reported", h->media_errors);
    if (h->used >= MUCH_USED)
        reason(out, LETHE_TRIAGE_WORN, "%u %% of the rated endurance is used", h->used);
    if ((h->known & LETHE_HEALTH_SPARE) && h->spare >= h->spare_threshold && h->spare <= 20)
        reason(out, LETHE_TRIAGE_WORN, "%u %% of the spare blocks are left", h->spare);
    if (h->power_on_hours >= OLD_HOURS)
        reason(out, LETHE_TRIAGE_WORN, "%" PRIu64 " hours of work", h->power_on_hours);
}

void lethe_health_triage(const struct lethe_health *health, struct lethe_triage_verdict *out)
{
    memset(out, 0, sizeof *out);
    if (health->known & TELLING)
        out->triage = LETHE_TRIAGE_GOOD;
    failing(health, out);
    worn(health, out);
    /* Not the drive's fault: told, and no verdict. */
    if (health->link_errors >= MANY_LINK_ERRORS)
        reason(out, LETHE_TRIAGE_UNKNOWN, "%" PRIu64 " transfer errors: check cable and dock",
               health->link_errors);
}
