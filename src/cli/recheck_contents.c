/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a device against its certificate. The pattern of the last pass is always open; random
 * contents can be told only with the seed, which a holder may have withheld. The sample key is
 * revealed, so the very blocks that were sampled can be read again; they could have been kept clean
 * on purpose, so fresh ones are drawn as well.
 */
#include "recheck.h"

#include <base/crypto.h>
#include <base/file.h>
#include <base/json.h>
#include <base/pattern.h>
#include <base/text.h>
#include <base/time.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lethe/verification.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <worker/worker.h>

/* Of the fresh sample: at most 0.1 % differs, with 99 % confidence (facts/standards.md section 6).
 */
static const struct lethe_verification_rule fresh_rule = {
    .mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 990000, .fraction_ppm = 1000};

struct contents {
    char pattern[24], job[37];
    unsigned pass;
    bool has_seed, has_canary_key;
    uint8_t seed[LETHE_SEED_SIZE], canary_key[LETHE_KEY_SIZE], sample_key[LETHE_KEY_SIZE];
    uint32_t canaries;
    struct lethe_verification_rule
        rule; /* of the certificate; LETHE_VERIFY_NONE: no sample to read again */
    size_t n_exceptions;
    struct lethe_range *exceptions; /* owned */
    bool exceptions_truncated;
};

static uint64_t number(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static bool key_of(const json_t *object, const char *name, uint8_t out[LETHE_KEY_SIZE])
{
    const char *hex = lethe_cli_text(object, name);
    return lethe_hex_decode(out, LETHE_KEY_SIZE, hex, strlen(hex)) == LETHE_KEY_SIZE;
}

static void read_rule(const json_t *verification, struct contents *out)
{
    int mode = lethe_verify_mode_parse(lethe_cli_text(verification, "mode"));
    if ((mode != LETHE_VERIFY_CONFIDENCE && mode != LETHE_VERIFY_STRATA) ||
        !key_of(verification, "sample_key", out->sample_key))
        return;
    out->rule = (struct lethe_verification_rule){
        .mode = (enum lethe_verify_mode)mode,
        .confidence_ppm = (uint32_t)number(verification, "confidence_ppm"),
        .fraction_ppm = (uint32_t)number(verification, "fraction_ppm"),
        .subsections = (uint32_t)number(verification, "subsections"),
        .samples = (uint32_t)number(verification, "samples_per_subsection"),
        .percent_ppm = (uint32_t)number(verification, "percent_ppm"),
    };
}

static void read_exceptions(const json_t *claims, struct contents *out)
{
    const json_t *exceptions = json_object_get(claims, "exceptions");
    const json_t *ranges = json_object_get(exceptions, "ranges");
    size_t i;
    json_t *range;
    out->exceptions_truncated = json_is_true(json_object_get(exceptions, "truncated"));
    out->exceptions = calloc(json_array_size(ranges) + 1, sizeof *out->exceptions);
    json_array_foreach(ranges, i, range) if (out->exceptions && json_array_size(range) == 2)
        out->exceptions[out->n_exceptions++] =
        (struct lethe_range){.offset = (uint64_t)json_integer_value(json_array_get(range, 0)),
                             .length = (uint64_t)json_integer_value(json_array_get(range, 1))};
}

/* What should be on the device; false (with the reason as a finding) when that can't be told. */
static bool read_claims(const json_t *claims, struct contents *out, struct lethe_recheck *recheck)
{
    const json_t *passes = json_object_get(json_object_get(claims, "technique"), "passes");
    const json_t *verification = json_object_get(claims, "verification");
    struct lethe_pattern pattern;
    if (json_array_size(passes) == 0) {
        lethe_recheck_add(recheck, "contents", LETHE_UNKNOWN,
                          "the certificate does not say what the erasure left behind");
        return false;
    }
    out->pass = (unsigned)json_array_size(passes) - 1;
    lethe_text_format(out->pattern, sizeof out->pattern, "%s",
                      lethe_cli_text(json_array_get(passes, out->pass), "pattern"));
    lethe_text_format(out->job, sizeof out->job, "%s", lethe_cli_text(claims, "job"));
    if (lethe_pattern_parse(out->pattern, &pattern, NULL) < 0) {
        lethe_recheck_add(recheck, "contents", LETHE_UNKNOWN, "the last pass is not known here: %s",
                          out->pattern);
        return false;
    }
    out->has_seed = key_of(claims, "seed", out->seed);
    if (pattern.kind != LETHE_PATTERN_FIXED && !out->has_seed) {
        lethe_recheck_add(
            recheck, "contents", LETHE_UNKNOWN,
            "the last pass was '%s' and its seed is not disclosed: ask the seller for "
            "the certificate with the seed",
            out->pattern);
        return false;
    }
    out->has_canary_key = key_of(verification, "canary_key", out->canary_key);
    out->canaries = out->has_canary_key ? (uint32_t)number(verification, "canaries_written") : 0;
    read_rule(verification, out);
    read_exceptions(claims, out);
    return true;
}

/* ---- The reading process ---- */

static json_t *read_once(struct lethe_io *io, const struct contents *contents, uint64_t capacity,
                         const struct lethe_verification_rule *rule, const uint8_t *key)
{
    struct lethe_verify_result result = {0};
    struct lethe_error err = {0};
    struct lethe_verify_run run = {
        .io = io,
        .job = contents->job,
        .capacity = capacity,
        .rule = *rule,
        .full = rule->mode == LETHE_VERIFY_FULL,
        .pattern = contents->pattern,
        .pass = contents->pass,
        .seed = contents->seed,
        .sample_key = key,
        .canary_key = contents->canary_key,
        .canaries = contents->canaries,
        .n_exceptions = contents->n_exceptions,
        .exceptions = contents->exceptions,
        .memory = LETHE_WORKER_BUFFERS,
    };
    if (lethe_verify_device(&run, &result, &err) < 0)
        return json_pack("{s:s}", "error", err.what);
    return json_pack("{s:o}", "result", lethe_verify_result_to_json(&result));
}

/* In the child, descriptor 3 is the pipe to the parent. Never returns. */
static void read_device(const struct lethe_io_spec *spec, const struct contents *contents,
                        uint64_t capacity, bool full)
{
    struct lethe_error err = {0};
    struct lethe_io *io = NULL;
    struct lethe_sandbox sandbox;
    uint8_t fresh[LETHE_KEY_SIZE];
    LETHE_JSON_AUTO *out = json_object();
    lethe_random(fresh, sizeof fresh);
    int rc = lethe_spec_attach(spec, &io, &err);
    if (rc >= 0)
        rc = lethe_sandbox_enter(&(struct lethe_cell){.role = LETHE_ROLE_VERIFY}, &sandbox, &err);
    if (rc < 0) {
        json_object_set_new(out, "error", json_string(err.what));
    } else {
        static const struct lethe_verification_rule every_byte = {.mode = LETHE_VERIFY_FULL};
        if (!full && contents->rule.mode != LETHE_VERIFY_NONE)
            json_object_set_new(
                out, "replay",
                read_once(io, contents, capacity, &contents->rule, contents->sample_key));
        json_object_set_new(
            out, full ? "full" : "fresh",
            read_once(io, contents, capacity, full ? &every_byte : &fresh_rule, fresh));
    }
    char *text = json_dumps(out, JSON_COMPACT);
    size_t len = text ? strlen(text) : 0, at = 0;
    while (at < len) {
        ssize_t n = write(LETHE_WORKER_FD, text + at, len - at);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    _exit(at == len && len ? 0 : 1);
}

static json_t *hear(int fd, struct lethe_error *err)
{
    char text[8192];
    size_t len = 0;
    for (;;) {
        ssize_t n = read(fd, text + len, sizeof text - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
        if (len == sizeof text)
            break;
    }
    return lethe_json_load(text, len, sizeof text, err);
}

/* The pipe must be descriptor 3 of the child, the one its filter lets it write to. What was there
 * is the parent's, unless it is one of the device's own descriptors: those move. */
static int on_worker_fd(int fd, struct lethe_io_spec *spec)
{
    for (size_t i = 0; i < spec->n_fds; i++)
        if (spec->fds[i] == LETHE_WORKER_FD)
            spec->fds[i] = fcntl(LETHE_WORKER_FD, F_DUPFD_CLOEXEC, LETHE_WORKER_FD + 1);
    return fd == LETHE_WORKER_FD ? fd : dup2(fd, LETHE_WORKER_FD);
}

static int spawn(struct lethe_io_spec *spec, const struct contents *contents, uint64_t capacity,
                 bool full, json_t **out, struct lethe_error *err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return lethe_fail_errno(err, errno, "no pipe to the reading process");
    pid_t pid = fork();
    if (pid < 0) {
        close(fds[0]);
        close(fds[1]);
        return lethe_fail_errno(err, errno, "no reading process");
    }
    if (pid == 0) {
        if (on_worker_fd(fds[1], spec) < 0)
            _exit(1);
        read_device(spec, contents, capacity, full);
    }
    close(fds[1]);
    *out = hear(fds[0], err);
    close(fds[0]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!*out)
        return lethe_fail(err, LETHE_E_IO, "the reading process ended without an answer");
    return 0;
}

/* ---- Findings ---- */

static void judge(const json_t *answer, const char *check, const char *what,
                  const struct contents *contents, struct lethe_recheck *out)
{
    struct lethe_verify_result result;
    struct lethe_error err = {0};
    const char *error = lethe_cli_text(answer, "error");
    const json_t *json = json_object_get(answer, "result");
    if (!json || lethe_verify_result_from_json(json, &result, &err) < 0) {
        lethe_recheck_add(out, check, LETHE_UNKNOWN, "%s could not be read: %s", what,
                          error[0] ? error : err.what);
        return;
    }
    if (result.mismatches > 0 && contents->exceptions_truncated)
        lethe_recheck_add(out, check, LETHE_UNKNOWN,
                          "%" PRIu64 " of %" PRIu64
                          " blocks of %s differ, and the certificate does "
                          "not list all its exceptions",
                          result.mismatches, result.samples, what);
    else if (result.mismatches > 0)
        lethe_recheck_add(out, check, LETHE_CONTRADICTED,
                          "%" PRIu64 " of %" PRIu64 " blocks of %s do not hold what the erasure "
                          "left, the first at byte %" PRIu64
                          ": written to since, or never erased so",
                          result.mismatches, result.samples, what, result.first_mismatch);
    else if (!result.complete || result.unreadable > 0)
        lethe_recheck_add(out, check, LETHE_UNKNOWN,
                          "%" PRIu64
                          " blocks of %s can't be read; the others hold what the erasure "
                          "left",
                          result.unreadable, what);
    else
        lethe_recheck_add(out, check, LETHE_HOLDS,
                          "%" PRIu64 " blocks of %s hold what the erasure left", result.samples,
                          what);
    if (result.canaries_survived > 0)
        lethe_recheck_add(out, "canaries", LETHE_CONTRADICTED,
                          "%" PRIu32 " of %" PRIu32
                          " marks from before the erasure are still there",
                          result.canaries_survived, result.canaries_checked);
}

void lethe_recheck_contents(const struct lethe_cli *cli, const json_t *claims,
                            const struct lethe_device *device, bool full, struct lethe_recheck *out)
{
    struct contents contents = {0};
    struct lethe_error err = {0};
    struct lethe_io_spec spec = {0};
    struct lethe_held *held = NULL;
    LETHE_JSON_AUTO *answer = NULL;
    const struct lethe_driver *driver = lethe_driver_find(device->driver);
    if (!read_claims(claims, &contents, out))
        return;
    uint64_t capacity = number(json_object_get(claims, "device"), "capacity");
    int rc = driver ? driver->claim(&cli->env, device, &held, &err)
                    : lethe_fail(&err, LETHE_E_UNSUPPORTED, "no driver for %s", device->target);
    if (rc >= 0) {
        rc = driver->spec(held, false, &spec, &err);
        if (rc >= 0)
            rc = spawn(&spec, &contents, capacity, full, &answer, &err);
        if (spec.n_fds)
            lethe_io_spec_close(&spec);
        driver->release(held);
    }
    if (rc < 0) {
        lethe_recheck_add(out, "contents", LETHE_UNKNOWN, "not read: %s%s%s", err.what,
                          err.remedy[0] ? "; " : "", err.remedy);
    } else if (json_object_get(answer, "error")) {
        lethe_recheck_add(out, "contents", LETHE_UNKNOWN, "not read: %s",
                          lethe_cli_text(answer, "error"));
    } else {
        if (json_object_get(answer, "replay"))
            judge(json_object_get(answer, "replay"), "certified sample", "the certified sample",
                  &contents, out);
        judge(json_object_get(answer, full ? "full" : "fresh"), full ? "contents" : "fresh sample",
              full ? "the whole device" : "a fresh sample", &contents, out);
    }
    free(contents.exceptions);
    lethe_wipe(&contents, sizeof contents);
}
