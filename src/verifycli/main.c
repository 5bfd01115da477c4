/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/text.h"
#include "verifycli/verifycli.h"
#include <stdlib.h>
#include <string.h>

/* More than any certificate: what is longer is read so far and found too long. */
#define READ_MAX (1 << 20)

static void verify_file(const char *file, const struct lethe_verify_policy *policy,
                        struct lethe_certificate_report *report)
{
    struct lethe_error err = {0};
    char *text;
    size_t len;
    if (lethe_file_read(file, READ_MAX, &text, &len, &err) < 0) {
        /* A file that could not be read says nothing about the certificate. */
        memset(report, 0, sizeof(*report));
        report->verdict =
            err.code == LETHE_E_LIMIT ? LETHE_VERDICT_INVALID : LETHE_VERDICT_UNDETERMINED;
        report->level = -1;
        report->n_reasons = 1;
        report->reasons[0].weight = report->verdict;
        lethe_text_format(report->reasons[0].code, sizeof(report->reasons[0].code), "%s",
                          err.code == LETHE_E_LIMIT ? "size" : "unreadable");
        lethe_text_clean(report->reasons[0].text, sizeof(report->reasons[0].text), err.what,
                         strlen(err.what));
        return;
    }
    /* One line feed that an editor or a shell put behind it is no part of it. */
    if (len > 0 && text[len - 1] == '\n')
        len--;
    lethe_certificate_verify(text, len, policy, report);
    free(text);
}

static int worse(int a, int b)
{
    if (a == LETHE_VERDICT_INVALID || b == LETHE_VERDICT_INVALID)
        return LETHE_VERDICT_INVALID;
    return a > b ? a : b;
}

int main(int argc, char **argv)
{
    struct lethe_verify_options options;
    int rc = lethe_verify_options(argc, argv, &options), status = LETHE_VERDICT_VALID;
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    for (char **file = options.files; rc == 0 && *file; file++) {
        struct lethe_certificate_report report;
        const char *name = strcmp(*file, "-") == 0 ? "standard input" : *file;
        verify_file(*file, &options.policy, &report);
        if (options.json)
            lethe_verify_show_json(stdout, *file, &report);
        else
            lethe_verify_show(stdout, name, &report, colour);
        status = worse(status, (int)report.verdict);
        lethe_certificate_report_clear(&report);
    }
    lethe_verify_options_clear(&options);
    /* A verdict that did not reach its reader is none. */
    if (fflush(stdout) != 0)
        return LETHE_VERDICT_UNDETERMINED;
    return rc < 0 ? LETHE_VERIFY_USAGE : rc > 0 ? 0 : status;
}
