/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/text.h"
#include "verifycli/verifycli.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PROOF_SUFFIX ".tlog-proof"
#define LABEL_SUFFIX ".qr"

void lethe_verify_not_read(struct lethe_certificate_report *report, const char *what,
                           enum lethe_verdict verdict)
{
    memset(report, 0, sizeof(*report));
    report->verdict = verdict;
    report->level = -1;
    report->n_reasons = 1;
    report->reasons[0].weight = verdict;
    lethe_text_format(report->reasons[0].code, sizeof(report->reasons[0].code), "%s",
                      verdict == LETHE_VERDICT_INVALID ? "size" : "unreadable");
    lethe_text_clean(report->reasons[0].text, sizeof(report->reasons[0].text), what, strlen(what));
}

/* Opening a pipe that nobody writes to would wait for ever, and a device is no certificate. */
static bool is_readable(const char *file, struct lethe_certificate_report *report)
{
    struct stat st;
    char what[192];
    if (strcmp(file, "-") == 0 || stat(file, &st) != 0 || S_ISREG(st.st_mode))
        return true;
    lethe_text_format(what, sizeof(what), "%.96s is no regular file; for a pipe write \"-\"", file);
    lethe_verify_not_read(report, what, LETHE_VERDICT_UNDETERMINED);
    return false;
}

/* What stands beside FILE under the same name: JOB.tlog-proof, JOB.qr of JOB.sdjwt or JOB.pdf, or
 * FILE.tlog-proof. 0 also when there is none. */
static int beside(const char *file, const char *suffix, size_t max, char **text, size_t *len,
                  struct lethe_error *err)
{
    char path[PATH_MAX];
    struct stat st;
    if (strcmp(file, "-") == 0)
        return 0;
    const char *name = strrchr(file, '/'), *dot = strrchr(name ? name : file, '.');
    size_t stem[2] = {strlen(file), dot ? (size_t)(dot - file) : strlen(file)};
    for (size_t i = 0; i < 2; i++)
        if (lethe_text_format(path, sizeof(path), "%.*s%s", (int)stem[i], file, suffix) &&
            strcmp(path, file) != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode))
            return lethe_file_read(path, max, text, len, err);
    return 0;
}

/* A file that an option names; a pipe with a name would be waited for, for ever. */
static int named(const char *option, const char *path, size_t max, char **text, size_t *len,
                 struct lethe_error *err)
{
    struct stat st;
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return lethe_fail(err, LETHE_E_INVALID, "%s: %.160s is no regular file", option, path);
    return lethe_file_read(path, max, text, len, err);
}

static int proof_of(const char *file, const struct lethe_verify_options *options, char **text,
                    size_t *len, struct lethe_error *err)
{
    return options->proof
               ? named("--proof", options->proof, LETHE_TLOG_PROOF_FILE_MAX, text, len, err)
               : beside(file, PROOF_SUFFIX, LETHE_TLOG_PROOF_FILE_MAX, text, len, err);
}

/* One end of line that an editor or a shell put behind it is no part of a text. */
static size_t without_line_end(const char *text, size_t len)
{
    if (len == 0 || text[len - 1] != '\n' || strncmp(text, "%PDF", 4) == 0)
        return len;
    return len - (len > 1 && text[len - 2] == '\r' ? 2 : 1);
}

void lethe_verify_file(const char *file, const struct lethe_verify_options *options,
                       struct lethe_certificate_report *report)
{
    struct lethe_error err = {0};
    struct lethe_carrier carrier;
    char *text = NULL, *proof = NULL, *validation = NULL, *label = NULL;
    size_t len, proof_len = 0, validation_len = 0, label_len = 0;
    if (!is_readable(file, report))
        return;
    if (lethe_file_read(file, LETHE_CARRIER_MAX, &text, &len, &err) < 0 ||
        proof_of(file, options, &proof, &proof_len, &err) < 0 ||
        beside(file, LABEL_SUFFIX, LETHE_QR_MAX, &label, &label_len, &err) < 0 ||
        (options->validation && named("--validation", options->validation, LETHE_CARRIER_MAX,
                                      &validation, &validation_len, &err) < 0)) {
        lethe_verify_not_read(report, err.what,
                              err.code == LETHE_E_LIMIT ? LETHE_VERDICT_INVALID
                                                        : LETHE_VERDICT_UNDETERMINED);
        free(label);
        free(proof);
        free(text);
        return;
    }
    lethe_carrier_open(text, without_line_end(text, len), &carrier);
    if (proof && (options->proof || !carrier.bundle.proof.text))
        carrier.bundle.proof = (struct lethe_span){proof, proof_len};
    if (label && carrier.bundle.sdjwt.text && !carrier.bundle.qr.text)
        carrier.bundle.qr = (struct lethe_span){label, without_line_end(label, label_len)};
    carrier.bundle.validation = (struct lethe_span){validation, validation_len};
    lethe_carrier_verify(&carrier, &options->benches, &options->policy, report);
    lethe_carrier_clear(&carrier);
    free(validation);
    free(label);
    free(proof);
    free(text);
}
