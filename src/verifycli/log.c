/* SPDX-License-Identifier: Apache-2.0 */
#include "verifycli/log.h"

#include "base/file.h"
#include "base/time.h"
#include "verifycli/verifycli.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES (1 << 20)

static const char usage_text[] =
    "Usage: lethe-verify log DIR --key LOG.vkey [OPTION...]\n"
    "Computes a published log again: every entry, tile and kept checkpoint, every\n"
    "start and its end, devices that were tried again, clocks. DIR holds tile/ and\n"
    "checkpoint, and may hold checkpoints/. No network, no server is needed.\n"
    "\n"
    "  -k, --key LOG.vkey      the log's public key, from its organisation; without\n"
    "                          it the log is at best undetermined\n"
    "  -p, --policy FILE       witnesses and quorum (C2SP tlog-policy); its log is\n"
    "                          the key when there is one and --key is missing\n"
    "  -i, --since CHECKPOINT  a checkpoint you kept from before: the log must still\n"
    "                          contain it, or it was truncated or forked\n"
    "  -o, --opening FILE      the organisation's opening file for its auditor\n"
    "                          (NDJSON): also count by operator, lot and policy\n"
    "  -t, --trust ROOT.pem    judge the certificates of the opening file, too; may\n"
    "                          be given several times\n"
    "  -c, --tolerance SECONDS of clocks (300)\n"
    "  -j, --json              one JSON object\n"
    "      --csv               table,key,kind,outcome,count\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 sound, 1 broken (forged, forked, truncated, contradictory),\n"
    "2 undetermined (no checkpoint or key, jobs without an end, clocks, no quorum),\n"
    "3 wrong usage.\n"
    "\n"
    "Examples:\n"
    "  lethe-verify log /srv/www/log --key acme.vkey --policy witnesses.policy\n"
    "  lethe-verify log ./log --key acme.vkey --since checkpoint.2026-01 --csv\n";

enum { OPTION_CSV = 256 };
static const struct option long_options[] = {
    {"key", required_argument, NULL, 'k'},   {"policy", required_argument, NULL, 'p'},
    {"since", required_argument, NULL, 'i'}, {"opening", required_argument, NULL, 'o'},
    {"trust", required_argument, NULL, 't'}, {"tolerance", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},        {"csv", no_argument, NULL, OPTION_CSV},
    {"help", no_argument, NULL, 'h'},        {0},
};

struct log_options {
    struct lethe_audit_options audit;
    struct lethe_verify_policy certificates;
    struct lethe_trust *trust;
    struct lethe_tlog_key key;
    struct lethe_tlog_policy *policy;
    char *since;
    bool json, csv;
};

static int wrong(const char *option, const struct lethe_error *err)
{
    fprintf(stderr, "lethe-verify log: %s: %s\n%s%s", option, err->what, err->remedy,
            err->remedy[0] ? "\n" : "");
    fprintf(stderr, "Try lethe-verify log --help\n");
    return -LETHE_E_USAGE;
}

static int bad(const char *what)
{
    fprintf(stderr, "lethe-verify log: %s\nTry lethe-verify log --help\n", what);
    return -LETHE_E_USAGE;
}

static int take_key(struct log_options *out, const char *text, size_t len, struct lethe_error *err)
{
    int rc = lethe_tlog_key_parse(text, len, &out->key, err);
    if (rc == 0 && out->key.type != LETHE_TLOG_ED25519)
        rc = lethe_fail(err, LETHE_E_INVALID, "that is the key of a witness, not of a log");
    if (rc == 0)
        out->audit.log = &out->key;
    return rc;
}

static int take_policy(struct log_options *out, const char *text, size_t len,
                       struct lethe_error *err)
{
    free(out->policy);
    out->policy = calloc(1, sizeof(*out->policy));
    out->audit.policy = out->policy;
    return out->policy ? lethe_tlog_policy_parse(text, len, out->policy, err)
                       : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static int take_trust(struct log_options *out, const char *text, size_t len,
                      struct lethe_error *err)
{
    int rc = out->trust ? 0 : lethe_trust_new(&out->trust, err);
    if (rc < 0)
        return rc;
    out->certificates.trust = out->trust;
    out->certificates.now = lethe_now_ms();
    out->audit.certificates = &out->certificates;
    return lethe_trust_add_pem(out->trust, text, len, err);
}

/* Options whose argument is a file to be read. */
static int take_file(struct log_options *out, int option, const char *path)
{
    struct lethe_error err = {0};
    char *text;
    size_t len;
    int rc = lethe_file_read(path, FILE_MAX_BYTES, &text, &len, &err);
    if (rc < 0)
        return wrong(path, &err);
    if (option == 'i') {
        free(out->since);
        out->since = text;
        out->audit.since = (struct lethe_span){text, len};
        return 0;
    }
    rc = option == 'k'   ? take_key(out, text, len, &err)
         : option == 'p' ? take_policy(out, text, len, &err)
                         : take_trust(out, text, len, &err);
    free(text);
    return rc < 0 ? wrong(path, &err) : 0;
}

static int take_tolerance(struct log_options *out, const char *text)
{
    char *end;
    unsigned long long seconds = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || seconds == 0 || seconds > 86400ULL * 366)
        return bad("--tolerance is a number of seconds, from 1 to a year");
    out->audit.tolerance = seconds;
    return 0;
}

static int one_option(struct log_options *out, int option)
{
    switch (option) {
    case 'k':
    case 'p':
    case 'i':
    case 't':
        return take_file(out, option, optarg);
    case 'o':
        out->audit.opening = optarg;
        return 0;
    case 'c':
        return take_tolerance(out, optarg);
    case 'j':
        out->json = true;
        return 0;
    case OPTION_CSV:
        out->csv = true;
        return 0;
    case 'h':
        fputs(usage_text, stdout);
        return 1;
    default:
        return bad("that is not how it is called");
    }
}

static int read_options(int argc, char **argv, struct log_options *out)
{
    int option, rc = 0;
    optind = 1;
    while (rc == 0 &&
           (option = getopt_long(argc, argv, "k:p:i:o:t:c:jh", long_options, NULL)) != -1)
        rc = one_option(out, option);
    if (rc != 0)
        return rc;
    if (argc - optind != 1)
        return bad("one directory is to be named");
    if (out->json && out->csv)
        return bad("--json or --csv, not both");
    out->audit.dir = argv[optind];
    out->audit.now = lethe_now_ms() / 1000;
    if (!out->audit.log && out->policy && out->policy->n_logs == 1)
        out->audit.log = &out->policy->log[0].key;
    return 0;
}

static int put_json(const struct lethe_audit_report *report)
{
    json_t *json = lethe_audit_report_to_json(report);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text)
        return -1;
    puts(text);
    free(text);
    return 0;
}

static int put_csv(const struct lethe_audit_report *report)
{
    char *text;
    if (lethe_audit_report_to_csv(report, &text, NULL) < 0)
        return -1;
    fputs(text, stdout);
    free(text);
    return 0;
}

static int run(const struct log_options *options)
{
    struct lethe_audit_report report;
    struct lethe_error err = {0};
    int put = 0;
    if (lethe_audit_run(&options->audit, &report, &err) < 0) {
        fprintf(stderr, "lethe-verify log: %s: %s\n%s%s", options->audit.dir, err.what, err.remedy,
                err.remedy[0] ? "\n" : "");
        return LETHE_AUDIT_UNDETERMINED;
    }
    if (options->json)
        put = put_json(&report);
    else if (options->csv)
        put = put_csv(&report);
    else
        lethe_verify_log_show(stdout, options->audit.dir, &report,
                              isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
    int status = (int)report.verdict;
    lethe_audit_report_clear(&report);
    /* A verdict that did not reach its reader is none. */
    return put < 0 || fflush(stdout) != 0 ? LETHE_AUDIT_UNDETERMINED : status;
}

int lethe_verify_log(int argc, char **argv)
{
    struct log_options options = {0};
    int rc = read_options(argc, argv, &options);
    int status = rc < 0 ? LETHE_VERIFY_USAGE : rc > 0 ? 0 : run(&options);
    lethe_trust_free(options.trust);
    free(options.policy);
    free(options.since);
    return status;
}
