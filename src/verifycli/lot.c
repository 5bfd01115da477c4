/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-verify lot FILES: the records of a lot's statistical check, with its certificates. */
#include "base/file.h"
#include "base/text.h"
#include "verifycli/verifycli.h"
#include <lethe/batch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MAX 65536

struct lot {
    struct lethe_span *files;
    size_t n, cap;
};

static int add(struct lot *lot, const char *path, struct lethe_error *err)
{
    char *text;
    size_t len;
    if (lot->n == lot->cap) {
        size_t cap = lot->cap ? 2 * lot->cap : 256;
        struct lethe_span *more =
            cap <= FILES_MAX ? realloc(lot->files, cap * sizeof(*more)) : NULL;
        if (!more)
            return lethe_fail(err, LETHE_E_LIMIT, "too many files");
        lot->files = more;
        lot->cap = cap;
    }
    int rc = lethe_file_read(path, LETHE_CARRIER_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    while (len > 0 && strncmp(text, "%PDF", 4) != 0 && text[len - 1] == '\n')
        len--;
    lot->files[lot->n++] = (struct lethe_span){text, len};
    return 0;
}

static bool wanted(const char *name)
{
    static const char *const suffixes[] = {".jwt", ".sdjwt"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (len > strlen(suffixes[i]) && strcmp(name + len - strlen(suffixes[i]), suffixes[i]) == 0)
            return true;
    return false;
}

/* A directory stands for the records and certificates in it. */
static int add_named(struct lot *lot, const char *path, struct lethe_error *err)
{
    struct stat st;
    char **names = NULL, file[PATH_MAX];
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return add(lot, path, err);
    int rc = lethe_dir_list(path, &names, err);
    for (char **name = names; rc == 0 && *name; name++)
        if (wanted(*name) && (rc = lethe_path_join(file, sizeof(file), path, *name, err)) == 0)
            rc = add(lot, file, err);
    lethe_names_free(names);
    return rc;
}

static void print(const struct lethe_batch_report *report, bool colour)
{
    static const char *const colours[] = {"\033[1;32m", "\033[1;31m", "\033[1;33m"};
    static const char *const signs[] = {"VALID", "INVALID", "UNDETERMINED"};
    printf("%s%s%s  lot %s\n", colour ? colours[report->verdict] : "", signs[report->verdict],
           colour ? "\033[0m" : "", report->lot);
    for (size_t i = 0; i < report->n_reasons; i++)
        printf("  %-9s %s [%s]\n",
               report->reasons[i].weight == LETHE_VERDICT_VALID ? "remark" : "because",
               report->reasons[i].text, report->reasons[i].code);
    if (report->devices > 0)
        printf("  %-9s %zu of %zu, for a confidence of %g %% to find %g %% bad\n"
               "  %-9s %zu clean, %zu with residue, %zu missing\n",
               "drawn", report->sample, report->devices, report->confidence_ppm / 1e4,
               report->bad_ppm / 1e4, "tested", report->clean, report->residue, report->missing);
    if (report->statement[0])
        printf("  %-9s %s\n  %-9s %s, bench %s\n", "statement", report->statement, "issuer",
               report->organisation, report->bench);
}

static int put(const struct lethe_batch_report *report, bool json)
{
    json_t *said = json ? lethe_batch_report_to_json(report) : NULL;
    char *text = said ? json_dumps(said, JSON_COMPACT) : NULL;
    if (text)
        puts(text);
    else if (!json)
        print(report, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
    free(text);
    json_decref(said);
    /* A verdict that did not reach its reader is none. */
    return (json && !text) || fflush(stdout) != 0 ? LETHE_VERDICT_UNDETERMINED
                                                  : (int)report->verdict;
}

int lethe_verify_lot(int argc, char **argv)
{
    struct lethe_verify_options options;
    struct lethe_error err = {0};
    struct lot lot = {0};
    int rc = lethe_verify_options(argc, argv, &options), status = rc < 0 ? LETHE_VERIFY_USAGE : 0;
    if (rc == 0) {
        struct lethe_batch_report report;
        for (char **file = options.files; rc == 0 && *file; file++)
            rc = add_named(&lot, *file, &err);
        if (rc < 0)
            fprintf(stderr, "lethe-verify lot: %s\n%s%s", err.what, err.remedy,
                    err.remedy[0] ? "\n" : "");
        else
            lethe_batch_verify(lot.files, lot.n, &options.policy, &report);
        status = rc < 0 ? LETHE_VERDICT_UNDETERMINED : put(&report, options.json);
    }
    for (size_t i = 0; i < lot.n; i++)
        free((char *)(uintptr_t)lot.files[i].text);
    free(lot.files);
    lethe_verify_options_clear(&options);
    return status;
}
