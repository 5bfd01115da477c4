/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share. */
#ifndef LETHE_JOB_PARTS_H
#define LETHE_JOB_PARTS_H

#include <lethe/job.h>
#include <stdarg.h>

/* Body members of TYPE against the table in members.c, without the envelope. */
int lethe_event_check_body(enum lethe_event_type type, json_t *body, struct lethe_error *err);
/* enum lethe_error_code, or -1. */
int lethe_error_code_parse(const char *name);

/* [[offset, length], ...] sorted and apart, at most LETHE_EXCEPTION_RANGES_MAX; OUT may be NULL. */
bool lethe_ranges_from_json(const json_t *json, struct lethe_range *out, size_t *n);
json_t *lethe_ranges_to_json(const struct lethe_range *ranges, size_t n);
/* Add one to RANGES (sorted, apart), merging what touches. False when it would need more than MAX:
 * nothing changed. */
bool lethe_ranges_add(struct lethe_range *ranges, size_t *n, size_t max, struct lethe_range one);
/* Units of SIZE bytes that the ranges touch, below offset END. */
uint64_t lethe_ranges_units(const struct lethe_range *ranges, size_t n, uint32_t size,
                            uint64_t end);

/* The unit in which errors are counted: the logical block. */
uint32_t lethe_plan_sector(const struct lethe_plan *plan);
/* Canaries that must have been written: as planned, or as many as the device has blocks. */
uint32_t lethe_plan_canaries(const struct lethe_plan *plan);
/* The one step that overwrites by passes, or -1. */
int lethe_plan_overwrite(const struct lethe_plan *plan);
/* Changed by a technique of the registry. */
bool lethe_step_by_technique(const struct lethe_step *step);
/* Erased by the hands of a person. */
bool lethe_step_guided(const struct lethe_step *step);
/* The verification, or NULL. */
const struct lethe_step *lethe_plan_verification(const struct lethe_plan *plan);
/* Nothing found in it that would say "not sanitised"; whether it looked far enough is another
 * question. */
bool lethe_verify_clean(const struct lethe_verify_result *result);

/* evidence.c: the questions of the verdict, each answered from the fold alone. Each adds its
 * reasons to OUT and says whether it had any. */
bool lethe_find_failure(const struct lethe_job *job, struct lethe_assessment *out);
/* assess_phone.c: the same of phones, which are judged by their state. */
bool lethe_phone_find_failure(const struct lethe_job *job, struct lethe_assessment *out);
bool lethe_phone_find_gap(const struct lethe_job *job, struct lethe_assessment *out);
/* Only by the word of a person? */
bool lethe_phone_is_attested(const struct lethe_job *job, struct lethe_assessment *out);
/* The start, the steps, the test status: the same of all devices. */
void lethe_find_missing_start(const struct lethe_job *job, struct lethe_assessment *out);
void lethe_find_untested(const struct lethe_job *job, struct lethe_assessment *out);
/* What the sectors of OUT's exceptions have in common, for a sentence. */
const char *lethe_exceptions_what(const struct lethe_job *job);
bool lethe_find_gap(const struct lethe_job *job, struct lethe_assessment *out);
/* vsnprintf for the record: what is too long is cut, but never within a character. */
void lethe_say(char *out, size_t out_size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
void lethe_add_reason(struct lethe_assessment *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* assess.c: an overwrite was to follow what the drive does to itself, and nothing shows that the
 * latter worked: then the claim is of an overwrite. */
bool lethe_job_only_overwritten(const struct lethe_job *job);
/* Why what the drive did to itself does not count, in OUT; false: it does, or was not done. */
bool lethe_job_uncounted(const struct lethe_job *job, char *out, size_t out_size);
/* limitations.c: what a certificate must say beside its claim. */
void lethe_add_limitations(const struct lethe_job *job, struct lethe_assessment *out);

#endif
