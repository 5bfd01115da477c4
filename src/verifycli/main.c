/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/text.h"
#include "verifycli/log.h"
#include "verifycli/verifycli.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* More than any certificate: what is longer is read so far and found too long. */
#define READ_MAX (1 << 20)
#define SUFFIX ".sdjwt"

/* A file that could not be read says nothing about a certificate; one that is too long is none. */
static void not_read(struct lethe_certificate_report *report, const char *what, bool too_long)
{
    memset(report, 0, sizeof(*report));
    report->verdict = too_long ? LETHE_VERDICT_INVALID : LETHE_VERDICT_UNDETERMINED;
    report->level = -1;
    report->n_reasons = 1;
    report->reasons[0].weight = report->verdict;
    lethe_text_format(report->reasons[0].code, sizeof(report->reasons[0].code), "%s",
                      too_long ? "size" : "unreadable");
    lethe_text_clean(report->reasons[0].text, sizeof(report->reasons[0].text), what, strlen(what));
}

/* Opening a pipe that nobody writes to would wait for ever, and a device is no certificate. */
static bool is_readable(const char *file, const struct stat *st,
                        struct lethe_certificate_report *report)
{
    char what[192];
    if (S_ISREG(st->st_mode))
        return true;
    lethe_text_format(what, sizeof(what), "%.96s is no regular file; for a pipe write \"-\"", file);
    not_read(report, what, false);
    return false;
}

static void verify_file(const char *file, const struct lethe_verify_policy *policy,
                        struct lethe_certificate_report *report)
{
    struct lethe_error err = {0};
    struct stat st;
    char *text;
    size_t len;
    if (strcmp(file, "-") != 0 && stat(file, &st) == 0 && !is_readable(file, &st, report))
        return;
    if (lethe_file_read(file, READ_MAX, &text, &len, &err) < 0) {
        not_read(report, err.what, err.code == LETHE_E_LIMIT);
        return;
    }
    /* One end of line that an editor or a shell put behind it is no part of it. */
    if (len > 0 && text[len - 1] == '\n')
        len -= len > 1 && text[len - 2] == '\r' ? 2 : 1;
    lethe_certificate_verify(text, len, policy, report);
    free(text);
}

static int worse(int a, int b)
{
    if (a == LETHE_VERDICT_INVALID || b == LETHE_VERDICT_INVALID)
        return LETHE_VERDICT_INVALID;
    return a > b ? a : b;
}

static int show(const char *file, struct lethe_certificate_report *report,
                const struct lethe_verify_options *options)
{
    int verdict = (int)report->verdict;
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    if (options->json)
        lethe_verify_show_json(stdout, file, report);
    else
        lethe_verify_show(stdout, strcmp(file, "-") == 0 ? "standard input" : file, report, colour);
    lethe_certificate_report_clear(report);
    return verdict;
}

static int verify_one(const char *file, const struct lethe_verify_options *options)
{
    struct lethe_certificate_report report;
    verify_file(file, &options->policy, &report);
    return show(file, &report, options);
}

/* Every NAME.sdjwt in DIR, not below it. A directory without any proves nothing. */
static int verify_dir(const char *dir, const struct lethe_verify_options *options)
{
    struct lethe_certificate_report report;
    struct lethe_error err = {0};
    char **names = NULL, path[PATH_MAX];
    int rc = lethe_dir_list(dir, &names, &err), status = LETHE_VERDICT_VALID;
    bool any = false;
    for (char **name = names; rc == 0 && *name; name++) {
        size_t len = strlen(*name), suffix = strlen(SUFFIX);
        if (len <= suffix || strcmp(*name + len - suffix, SUFFIX) != 0)
            continue;
        rc = lethe_path_join(path, sizeof(path), dir, *name, &err);
        if (rc == 0)
            status = worse(status, verify_one(path, options));
        any = true;
    }
    lethe_names_free(names);
    if (rc == 0 && any)
        return status;
    not_read(&report, rc < 0 ? err.what : "there is no *" SUFFIX " in this directory", false);
    return worse(status, show(dir, &report, options));
}

int main(int argc, char **argv)
{
    struct lethe_verify_options options;
    if (argc > 1 && strcmp(argv[1], "log") == 0)
        return lethe_verify_log(argc - 1, argv + 1);
    int rc = lethe_verify_options(argc, argv, &options), status = LETHE_VERDICT_VALID;
    for (char **file = options.files; rc == 0 && *file; file++) {
        struct stat st;
        bool dir = strcmp(*file, "-") != 0 && stat(*file, &st) == 0 && S_ISDIR(st.st_mode);
        status = worse(status, dir ? verify_dir(*file, &options) : verify_one(*file, &options));
    }
    lethe_verify_options_clear(&options);
    /* A verdict that did not reach its reader is none. */
    if (fflush(stdout) != 0)
        return LETHE_VERDICT_UNDETERMINED;
    return rc < 0 ? LETHE_VERIFY_USAGE : rc > 0 ? 0 : status;
}
