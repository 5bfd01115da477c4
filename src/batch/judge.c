/* SPDX-License-Identifier: Apache-2.0 */
/* The draws, re-tests and certificates of one lot, together. Nothing is said of a lot of which one
 * drawn device was not tested again, by somebody else than who sanitised it. */
#include "base/crypto.h"
#include "base/text.h"
#include "batch/record.h"
#include "trust/validation.h"
#include <lethe/tlog.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known of one drawn device. */
struct drawn {
    size_t clean, residue;
    bool certificate; /* it was given */
    char operator_name[128];
};
struct judging {
    const struct lethe_verify_policy *policy;
    struct lethe_batch_report *out;
    size_t n_draws, n_retests;
    struct lethe_draw *draws;
    struct lethe_retest *retests;
    const struct lethe_draw *last;
    struct drawn *drawn; /* last->sample of them */
};

static int badness(enum lethe_verdict verdict)
{
    return verdict == LETHE_VERDICT_INVALID ? 2 : verdict == LETHE_VERDICT_UNDETERMINED ? 1 : 0;
}

static void say(struct judging *j, enum lethe_verdict weight, const char *code, const char *format,
                ...) __attribute__((format(printf, 4, 5)));
static void say(struct judging *j, enum lethe_verdict weight, const char *code, const char *format,
                ...)
{
    struct lethe_batch_report *out = j->out;
    char text[sizeof(out->reasons[0].text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (badness(weight) > badness(out->verdict))
        out->verdict = weight;
    size_t at = out->n_reasons;
    while (at > 0 && badness(out->reasons[at - 1].weight) < badness(weight))
        at--;
    if (at == LETHE_BATCH_REASONS_MAX)
        return;
    size_t last =
        out->n_reasons < LETHE_BATCH_REASONS_MAX ? out->n_reasons++ : LETHE_BATCH_REASONS_MAX - 1;
    memmove(&out->reasons[at + 1], &out->reasons[at], (last - at) * sizeof(out->reasons[0]));
    out->reasons[at].weight = weight;
    lethe_text_format(out->reasons[at].code, sizeof(out->reasons[at].code), "%s", code);
    lethe_text_clean(out->reasons[at].text, sizeof(out->reasons[at].text), text, strlen(text));
}
#define BAD(j, ...) say(j, LETHE_VERDICT_INVALID, __VA_ARGS__)
#define OPEN(j, ...) say(j, LETHE_VERDICT_UNDETERMINED, __VA_ARGS__)
#define REMARK(j, ...) say(j, LETHE_VERDICT_VALID, __VA_ARGS__)

/* Of a record that is not what it should be. */
static void refuse(struct judging *j, int rc, const char *code, const struct lethe_error *err)
{
    if (rc == -LETHE_E_UNTRUSTED)
        OPEN(j, "untrusted", "%s", err->what);
    else
        BAD(j, code, "%s", err->what);
}

static void read_records(struct judging *j, const struct lethe_span *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum lethe_batch_kind kind = lethe_batch_sniff(files[i].text, files[i].len);
        struct lethe_error err = {0};
        int rc = 0;
        if (kind == LETHE_BATCH_DRAW) {
            struct lethe_draw *draw = &j->draws[j->n_draws++];
            rc = lethe_draw_verify(j->policy->trust, files[i].text, files[i].len, j->policy->now,
                                   draw, &err);
            if (rc < 0) {
                lethe_draw_clear(draw);
                j->n_draws--;
                refuse(j, rc, "draw", &err);
            }
        } else if (kind == LETHE_BATCH_RETEST) {
            rc = lethe_retest_verify(j->policy->trust, files[i].text, files[i].len, j->policy->now,
                                     &j->retests[j->n_retests++], &err);
            if (rc < 0) {
                j->n_retests--;
                refuse(j, rc, "retest", &err);
            }
        }
    }
}

/* ---- The draw that counts, and those before it ---- */
static void judge_numbering(struct judging *j)
{
    for (size_t i = 0; i < j->n_draws; i++) {
        const struct lethe_draw *draw = &j->draws[i];
        if (!j->last || draw->number > j->last->number)
            j->last = draw;
        if (strcmp(draw->lot, j->draws[0].lot) != 0 ||
            strcmp(draw->chain.organisation, j->draws[0].chain.organisation) != 0)
            BAD(j, "lot-other", "there are draws of several lots: \"%.60s\" and \"%.60s\"",
                j->draws[0].lot, draw->lot);
        for (size_t k = 0; k < i; k++)
            if (j->draws[k].number == draw->number && strcmp(j->draws[k].hash, draw->hash) != 0)
                BAD(j, "draw-twice", "there are two draws number %u of this lot", draw->number);
    }
    for (size_t i = 0; i < j->n_draws; i++) {
        const struct lethe_draw *draw = &j->draws[i], *before = NULL;
        for (size_t k = 0; k < j->n_draws; k++)
            if (j->draws[k].number + 1 == draw->number)
                before = &j->draws[k];
        if (draw->number > 1 && !before)
            OPEN(j, "draw-previous",
                 "draw %u of this lot was not given: what it found is not known", draw->number - 1);
        else if (before && strcmp(before->hash, draw->previous) != 0)
            BAD(j, "draw-chain", "draw %u was made after another draw %u than this one",
                draw->number, before->number);
    }
}

static bool signed_by(const struct lethe_draw *draw, const char *vkey)
{
    struct lethe_tlog_key key;
    struct lethe_tlog_checkpoint checkpoint;
    return lethe_tlog_key_parse(vkey, strlen(vkey), &key, NULL) == 0 &&
           lethe_tlog_checkpoint_open(draw->checkpoint, draw->checkpoint_len, &key, &checkpoint,
                                      NULL, NULL) == 0;
}

/* Known keys of the log that the draw names; one of them must have signed. */
static void judge_checkpoint(struct judging *j)
{
    const struct lethe_verify_policy *policy = j->policy;
    const struct lethe_draw *draw = j->last;
    const char *origin = draw->chain.log_origin, *text;
    char vkey[LETHE_TLOG_VKEY_MAX];
    size_t known = 0, len = strlen(origin);
    bool ok = false;
    for (size_t i = 0; policy->log_policy && i < policy->log_policy->n_logs; i++)
        if (strcmp(policy->log_policy->log[i].key.name, origin) == 0) {
            lethe_tlog_key_format(&policy->log_policy->log[i].key, vkey);
            ok |= signed_by(draw, vkey);
            known++;
        }
    for (const char *const *at = policy->log_vkeys; at && *at; at++)
        if (strncmp(*at, origin, len) == 0 && (*at)[len] == '+') {
            ok |= signed_by(draw, *at);
            known++;
        }
    for (size_t i = 0; (text = lethe_trust_log_vkey(policy->trust, draw->chain.organisation, i));
         i++)
        if (strncmp(text, origin, len) == 0 && text[len] == '+') {
            ok |= signed_by(draw, text);
            known++;
        }
    if (known == 0)
        REMARK(j, "log-key",
               "no key of the log \"%.80s\" was given: the checkpoint of the draw "
               "is the bench's word",
               origin);
    else if (!ok)
        BAD(j, "checkpoint", "the log did not sign the checkpoint of the draw");
}

/* ---- Re-tests ---- */
static const struct lethe_draw *draw_of(const struct judging *j, const struct lethe_retest *retest)
{
    for (size_t i = 0; i < j->n_draws; i++)
        if (strcmp(j->draws[i].hash, retest->draw_hash) == 0 &&
            strcmp(j->draws[i].jti, retest->draw) == 0)
            return &j->draws[i];
    return NULL;
}

/* Where CERTIFICATE stands among the first N of DRAW; N when nowhere. */
static size_t place(const struct lethe_draw *draw, const struct lethe_batch_device *certificate,
                    size_t n)
{
    size_t i = 0;
    while (i < n && (strcmp(draw->devices[i].hash, certificate->hash) != 0 ||
                     strcmp(draw->devices[i].jti, certificate->jti) != 0))
        i++;
    return i;
}

/* Residue that was found in a draw before stays where it was, unless the device was sanitised and
 * certified anew. */
static void judge_earlier(struct judging *j, const struct lethe_retest *retest)
{
    if (!retest->residue)
        return;
    if (place(j->last, &retest->certificate, j->last->n_devices) < j->last->n_devices)
        BAD(j, "residue", "a draw before found residue on %.8s, which is in the lot as it was",
            retest->certificate.jti);
    else
        REMARK(j, "residue-before",
               "a draw before found residue on %.8s, which is no longer in "
               "the lot",
               retest->certificate.jti);
}

static void judge_retest(struct judging *j, const struct lethe_retest *retest)
{
    const struct lethe_draw *draw = draw_of(j, retest);
    if (!draw || strcmp(draw->lot, retest->lot) != 0 ||
        strcmp(draw->chain.organisation, retest->chain.organisation) != 0) {
        BAD(j, "retest-other", "the re-test of %.8s is of another draw", retest->certificate.jti);
        return;
    }
    size_t at = place(draw, &retest->certificate, draw->sample);
    if (at == draw->sample)
        BAD(j, "retest-not-drawn", "%.8s was tested again and not drawn", retest->certificate.jti);
    else if (retest->iat < draw->iat)
        BAD(j, "retest-early", "%.8s was tested again before it was drawn",
            retest->certificate.jti);
    else if (draw != j->last)
        judge_earlier(j, retest);
    else if (retest->residue)
        j->drawn[at].residue++;
    else
        j->drawn[at].clean++;
}

/* ---- Certificates of what was drawn ---- */
static void judge_certificate(struct judging *j, const struct lethe_span *file)
{
    struct lethe_carrier carrier;
    struct lethe_certificate_report report;
    struct lethe_batch_device device = {0};
    if (lethe_carrier_open(file->text, file->len, &carrier) == 0 && carrier.bundle.sdjwt.text &&
        lethe_certificate_hash(carrier.bundle.sdjwt.text, carrier.bundle.sdjwt.len, device.hash) ==
            0) {
        size_t at = 0;
        while (at < j->last->sample && strcmp(j->last->devices[at].hash, device.hash) != 0)
            at++;
        if (at < j->last->sample) {
            struct drawn *drawn = &j->drawn[at];
            const char *who;
            lethe_carrier_verify(&carrier, NULL, j->policy, &report);
            who = json_string_value(json_object_get(report.claims, "operator"));
            drawn->certificate = true;
            lethe_text_format(drawn->operator_name, sizeof(drawn->operator_name), "%s",
                              who ? who : "");
            if (report.verdict != LETHE_VERDICT_VALID)
                say(j, report.verdict, "certificate", "the certificate %.8s: %s",
                    j->last->devices[at].jti, report.reasons[0].text);
            else if (strcmp(report.chain.organisation, j->last->chain.organisation) != 0)
                BAD(j, "certificate", "the certificate %.8s is of another organisation",
                    j->last->devices[at].jti);
            lethe_certificate_report_clear(&report);
        }
    }
    lethe_carrier_clear(&carrier);
}

/* "A. First" and "a first" are one person. */
static void judge_persons(struct judging *j)
{
    for (size_t i = 0; i < j->n_retests; i++) {
        const struct lethe_retest *retest = &j->retests[i];
        size_t at = place(j->last, &retest->certificate, j->last->sample);
        if (draw_of(j, retest) == j->last && at < j->last->sample &&
            j->drawn[at].operator_name[0] &&
            lethe_same_person(j->drawn[at].operator_name, retest->by))
            BAD(j, "retest-operator", "\"%.80s\" sanitised %.8s and tested it again", retest->by,
                retest->certificate.jti);
    }
}

static void count(struct judging *j)
{
    struct lethe_batch_report *out = j->out;
    size_t no_certificate = 0, hidden = 0;
    for (size_t i = 0; i < out->sample; i++) {
        const struct drawn *drawn = &j->drawn[i];
        if (drawn->residue > 0)
            BAD(j, "residue", "%.8s was certified, and residue was found on it",
                j->last->devices[i].jti);
        out->residue += drawn->residue > 0;
        out->clean += drawn->residue == 0 && drawn->clean > 0;
        out->missing += drawn->residue == 0 && drawn->clean == 0;
        no_certificate += !drawn->certificate;
        hidden += drawn->certificate && !drawn->operator_name[0];
    }
    if (out->missing > 0)
        OPEN(j, "retest-missing", "%zu of the %zu drawn devices were not tested again",
             out->missing, out->sample);
    if (no_certificate > 0)
        OPEN(
            j, "certificate-missing",
            "the certificates of %zu drawn devices were not given: who sanitised them is not known",
            no_certificate);
    if (hidden > 0)
        OPEN(j, "operator-hidden", "%zu certificates do not say who sanitised the device", hidden);
}

static void conclude(struct judging *j)
{
    struct lethe_batch_report *out = j->out;
    if (j->last->number > 1)
        REMARK(j, "draw-again", "this is draw number %u of this lot", j->last->number);
    if (out->verdict != LETHE_VERDICT_VALID)
        return;
    out->bound = lethe_batch_bound(out->devices, out->sample, out->confidence_ppm);
    lethe_text_format(out->statement, sizeof(out->statement),
                      "0 of %zu: with a confidence of %g %% at most %zu of the %zu devices hold "
                      "residue",
                      out->sample, out->confidence_ppm / 1e4, out->bound, out->devices);
}

static void judge(struct judging *j, const struct lethe_span *files, size_t n)
{
    struct lethe_batch_report *out = j->out;
    read_records(j, files, n);
    judge_numbering(j);
    if (!j->last) {
        OPEN(j, "draw-missing", "there is no draw that holds: nothing can be said of a lot");
        return;
    }
    j->drawn = calloc(j->last->sample, sizeof(*j->drawn));
    if (!j->drawn) {
        OPEN(j, "unreadable", "memory ran out");
        return;
    }
    memcpy(out->lot, j->last->lot, sizeof(out->lot));
    memcpy(out->organisation, j->last->chain.organisation, sizeof(out->organisation));
    memcpy(out->bench, j->last->chain.bench, sizeof(out->bench));
    out->draws = j->last->number;
    out->confidence_ppm = j->last->confidence_ppm;
    out->bad_ppm = j->last->bad_ppm;
    out->devices = j->last->n_devices;
    out->sample = j->last->sample;
    judge_checkpoint(j);
    for (size_t i = 0; i < j->n_retests; i++)
        judge_retest(j, &j->retests[i]);
    for (size_t i = 0; i < n; i++)
        if (lethe_batch_sniff(files[i].text, files[i].len) == LETHE_BATCH_CERTIFICATE)
            judge_certificate(j, &files[i]);
    judge_persons(j);
    count(j);
    conclude(j);
}

void lethe_batch_verify(const struct lethe_span *files, size_t n,
                        const struct lethe_verify_policy *policy, struct lethe_batch_report *out)
{
    struct judging j = {.policy = policy,
                        .out = out,
                        .draws = calloc(n + 1, sizeof(*j.draws)),
                        .retests = calloc(n + 1, sizeof(*j.retests))};
    memset(out, 0, sizeof(*out));
    if (j.draws && j.retests)
        judge(&j, files, n);
    else
        OPEN(&j, "unreadable", "memory ran out");
    for (size_t i = 0; i < j.n_draws; i++)
        lethe_draw_clear(&j.draws[i]);
    free(j.draws);
    free(j.retests);
    free(j.drawn);
}
