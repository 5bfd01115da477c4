/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/text.h"
#include "verifycli/log.h"
#include "verifycli/verifycli.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 16

struct verifying {
    const struct lethe_verify_options *options;
    struct lethe_verify_summary summary;
    bool colour, folder; /* in a folder: a line each, and a sum */
};

static void show(struct verifying *v, const char *file, struct lethe_certificate_report *report)
{
    const char *name = strcmp(file, "-") == 0 && !v->options->json ? "standard input" : file;
    lethe_verify_count(&v->summary, name, report);
    if (v->options->json)
        lethe_verify_show_json(stdout, name, report, v->options->brief);
    else if (v->folder)
        lethe_verify_show_row(stdout, name, report, v->colour);
    else
        lethe_verify_show(stdout, name, report, v->colour);
    lethe_certificate_report_clear(report);
}

static void verify_one(struct verifying *v, const char *file)
{
    struct lethe_certificate_report report;
    lethe_verify_file(file, v->options, &report);
    show(v, file, &report);
}

static void unreadable(struct verifying *v, const char *file, const char *what)
{
    struct lethe_certificate_report report;
    lethe_verify_not_read(&report, what, LETHE_VERDICT_UNDETERMINED);
    show(v, file, &report);
}

static bool is_carrier(const char *name)
{
    static const char *const suffixes[] = {".sdjwt", ".pdf", ".bundle", ".qr"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t suffix = strlen(suffixes[i]);
        if (len > suffix && strcmp(name + len - suffix, suffixes[i]) == 0)
            return true;
    }
    return false;
}

/* Beside its certificate a label is looked at with it (take.c). */
static bool is_spare_label(const char *path)
{
    char certificate[PATH_MAX];
    struct stat st;
    size_t len = strlen(path), suffix = strlen(".qr");
    return len > suffix && strcmp(path + len - suffix, ".qr") == 0 &&
           lethe_text_format(certificate, sizeof(certificate), "%.*s.sdjwt", (int)(len - suffix),
                             path) &&
           stat(certificate, &st) == 0;
}

/* All in DIR and below; links to other directories are not followed. How many there were. */
static size_t verify_below(struct verifying *v, const char *dir, unsigned depth)
{
    struct lethe_error err = {0};
    char **names = NULL, path[PATH_MAX];
    size_t found = 0;
    int rc = depth > DEPTH_MAX
                 ? lethe_fail(&err, LETHE_E_LIMIT, "more than %d folders deep", DEPTH_MAX)
                 : lethe_dir_list(dir, &names, &err);
    for (char **name = names; rc == 0 && *name; name++) {
        struct stat st;
        rc = lethe_path_join(path, sizeof(path), dir, *name, &err);
        if (rc == 0 && lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            found += verify_below(v, path, depth + 1);
        } else if (rc == 0 && is_carrier(*name) && !is_spare_label(path)) {
            verify_one(v, path);
            found++;
        }
    }
    lethe_names_free(names);
    if (rc < 0) {
        unreadable(v, dir, err.what);
        found++;
    }
    return found;
}

static void verify_named(struct verifying *v, const char *file)
{
    struct stat st;
    if (strcmp(file, "-") == 0 || stat(file, &st) != 0 || !S_ISDIR(st.st_mode)) {
        verify_one(v, file);
        return;
    }
    v->folder = true;
    /* A directory without any proves nothing. */
    if (verify_below(v, file, 1) == 0)
        unreadable(v, file, "there is no certificate in this directory (*.sdjwt, *.pdf, *.bundle)");
}

int main(int argc, char **argv)
{
    struct lethe_verify_options options;
    if (argc > 1 && strcmp(argv[1], "log") == 0)
        return lethe_verify_log(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "lot") == 0)
        return lethe_verify_lot(argc - 1, argv + 1);
    struct verifying v = {.options = &options,
                          .colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    int rc = lethe_verify_options(argc, argv, &options), failed = 0;
    if (rc == 0)
        lethe_verify_cache_new(&options.policy.cache, NULL); /* without it only slower */
    if (rc == 0 && options.lines)
        failed = lethe_verify_lines(STDIN_FILENO, stdout, &options, &v.summary);
    for (char **file = options.files; rc == 0 && !options.lines && *file; file++)
        verify_named(&v, *file);
    if (v.folder && !options.json)
        lethe_verify_show_summary(stdout, &v.summary);
    lethe_verify_summary_end(&v.summary);
    lethe_verify_cache_free(options.policy.cache);
    lethe_verify_options_clear(&options);
    /* A verdict that did not reach its reader is none. */
    if (failed < 0 || fflush(stdout) != 0)
        return LETHE_VERDICT_UNDETERMINED;
    return rc < 0 ? LETHE_VERIFY_USAGE : rc > 0 ? 0 : lethe_verify_worst(&v.summary);
}
