/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "verifycli/verifycli.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage_text[] =
    "Usage: lethe-verify FILE... --trust ROOT.pem [OPTION...]\n"
    "       lethe-verify --lines --trust ROOT.pem [OPTION...] < CERTIFICATES\n"
    "       lethe-verify log DIR --key LOG.vkey [OPTION...]\n"
    "       lethe-verify lot FILE... --trust ROOT.pem [OPTION...]\n"
    "Is this certificate of sanitisation real, and what does it say? FILE is the\n"
    "certificate (*.sdjwt), a PDF, a JSON bundle or the text of a label; \"-\" is\n"
    "standard input, a directory stands for all in it and below. No network, no\n"
    "server, no privileges are needed. After \"lot\", FILE are the draw, the re-tests\n"
    "and the certificates of one lot, or a directory with them.\n"
    "\n"
    "Whom to believe:\n"
    "  -t, --trust ROOT.pem    root certificate of an organisation you believe;\n"
    "                          may be given several times\n"
    "      --trust-list FILE   signed list of organisations\n"
    "      --trust-list-key KEY.pem   of its publisher\n"
    "      --bench CERT.pem    bench certificates, to check labels without the\n"
    "                          certificate\n"
    "What must hold:\n"
    "  -d, --device ID         it must be for this device (serial, WWN, EUI-64,\n"
    "                          UDID, IMEI): another one is invalid\n"
    "  -r, --require CLAIM     undetermined unless this is disclosed: operator, lot,\n"
    "                          serial, imei, policy.id, custom.NAME ...\n"
    "      --require CLAIM=VALUE   and invalid when it says something else\n"
    "  -l, --min-level LEVEL   L0 signature and path, L1 and not revoked, L2 and in\n"
    "                          the log, seen by witnesses\n"
    "  -a, --accept OUTCOME    accept a record of this outcome too:\n"
    "                          operator-attested or indeterminate; undetermined\n"
    "                          even so without a method achieved, a verification\n"
    "                          and a policy that was met\n"
    "  -s, --allow SUBSTRATE   accept virtual, image or emulated; without it only\n"
    "                          physical devices are\n"
    "Not revoked (L1):\n"
    "      --status FILE       status list of the issuer, fresh\n"
    "      --crl FILE          list of its revoked bench certificates\n"
    "      --status-not-before TIME   refuse lists older than one seen before\n"
    "In the log (L2):\n"
    "      --proof FILE        proof of the one FILE; without it JOB.tlog-proof\n"
    "                          beside JOB.sdjwt, if there is one\n"
    "      --log-policy FILE   C2SP tlog-policy: keys of logs and witnesses, quorum\n"
    "      --log-key FILE      key of a log (vkey), beside those of policy and list\n"
    "      --seen CHECKPOINT   kept from before: the log may not contradict it\n"
    "      --not-before-age DAYS   an older checkpoint at the start brackets nothing\n"
    "                          (7)\n"
    "Validated:\n"
    "      --validation FILE   a second person's signed word on the one FILE\n"
    "Output:\n"
    "  -n, --lines             standard input has one certificate or bundle a line,\n"
    "                          standard output one JSON object a line, in order\n"
    "  -j, --json              one JSON object a file and line\n"
    "  -b, --brief             JSON without the claims\n"
    "  -h, --help              this text\n"
    "  -V, --version           version\n"
    "\n"
    "Exit status: 0 all valid; 1 one is invalid; 2 one is undetermined (and none\n"
    "invalid); 3 wrong usage: nothing was verified.\n"
    "\n"
    "Examples:\n"
    "  lethe-verify cert.sdjwt --trust acme-root.pem\n"
    "  lethe-verify cert.pdf --trust acme-root.pem --device WD-WCC4N0123456\n"
    "  lethe-verify certificates/ --trust acme-root.pem --log-policy tlog.policy\n"
    "  lethe-verify cert.sdjwt --trust acme-root.pem --status list.jwt -l L1\n"
    "  lethe-verify lot certificates/ --trust acme-root.pem --log-key acme.vkey\n"
    "  lethe-verify *.sdjwt --trust acme-root.pem --json | jq -r '.file,.verdict'\n"
    "  lethe-verify --lines --brief --trust acme-root.pem < all.ndjson > said.ndjson\n"
    "  curl -s https://shop.example/c/17 | lethe-verify - --trust acme-root.pem\n"
    "  lethe-verify demo.sdjwt --trust root.pem --allow virtual\n";

enum {
    STATUS = 256,
    CRL,
    TRUST_LIST,
    TRUST_LIST_KEY,
    BENCH,
    PROOF,
    LOG_POLICY,
    LOG_KEY,
    SEEN,
    AGE,
    VALIDATION,
    NOT_BEFORE
};

static const struct option long_options[] = {
    {"trust", required_argument, NULL, 't'},
    {"device", required_argument, NULL, 'd'},
    {"accept", required_argument, NULL, 'a'},
    {"allow", required_argument, NULL, 's'},
    {"require", required_argument, NULL, 'r'},
    {"min-level", required_argument, NULL, 'l'},
    {"status", required_argument, NULL, STATUS},
    {"crl", required_argument, NULL, CRL},
    {"trust-list", required_argument, NULL, TRUST_LIST},
    {"trust-list-key", required_argument, NULL, TRUST_LIST_KEY},
    {"bench", required_argument, NULL, BENCH},
    {"proof", required_argument, NULL, PROOF},
    {"log-policy", required_argument, NULL, LOG_POLICY},
    {"log-key", required_argument, NULL, LOG_KEY},
    {"seen", required_argument, NULL, SEEN},
    {"not-before-age", required_argument, NULL, AGE},
    {"validation", required_argument, NULL, VALIDATION},
    {"status-not-before", required_argument, NULL, NOT_BEFORE},
    {"lines", no_argument, NULL, 'n'},
    {"brief", no_argument, NULL, 'b'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {0}};

static int wrong(const char *what, const char *value, const char *remedy)
{
    fprintf(stderr, "lethe-verify: %s%s%s%s\n%s%s", what, value ? " \"" : "", value ? value : "",
            value ? "\"" : "", remedy, remedy[0] ? "\n" : "");
    fprintf(stderr, "Try lethe-verify --help\n");
    return -LETHE_E_USAGE;
}

static int add_outcome(struct lethe_verify_options *out, const char *word)
{
    int outcome = lethe_outcome_parse(word);
    if (outcome < 0)
        return wrong("no such outcome", word, "");
    if (outcome == LETHE_OUTCOME_FAILED || outcome == LETHE_OUTCOME_ABORTED ||
        outcome == LETHE_OUTCOME_REFUSED || outcome == LETHE_OUTCOME_NONE)
        return wrong("nothing was sanitised, so it cannot be accepted:", word, "");
    out->policy.accept_outcomes |= 1u << outcome;
    return 0;
}

static int add_substrate(struct lethe_verify_options *out, const char *word)
{
    int substrate = lethe_substrate_parse(word);
    if (substrate < 0)
        return wrong("no such substrate", word, "They are: physical, virtual, image, emulated.");
    out->policy.allow_substrates |= 1u << substrate;
    return 0;
}

static int add_word(const char **list, const char *word, const char *option)
{
    size_t n = 0;
    while (list[n])
        n++;
    if (n == LETHE_VERIFY_LIST_MAX)
        return wrong("too many", option, "");
    list[n] = word;
    return 0;
}

static int set_once(const char **to, const char *word, const char *option)
{
    if (*to)
        return wrong("given twice:", option, "");
    *to = word;
    return 0;
}

static int set_age(struct lethe_verify_options *out, const char *days)
{
    char *end;
    unsigned long n = strtoul(days, &end, 10);
    if (days[0] < '0' || days[0] > '9' || *end || n == 0 || n > 36500)
        return wrong("no number of days", days, "");
    out->policy.not_before_age_max = n * 24 * 60 * 60;
    return 0;
}

static int set_level(struct lethe_verify_options *out, const char *word)
{
    if ((word[0] != 'L' && word[0] != 'l') || word[1] < '0' || word[1] > '2' || word[2])
        return wrong("no such level", word, "They are: L0, L1, L2.");
    out->policy.min_level = (unsigned)(word[1] - '0');
    return 0;
}

static int one_option(struct lethe_verify_options *out, int option)
{
    switch (option) {
    case 't':
        return lethe_verify_add_root(out, optarg);
    case 'd':
        out->policy.device = optarg;
        return optarg[0] ? 0 : wrong("--device is empty", NULL, "");
    case 'a':
        return add_outcome(out, optarg);
    case 's':
        return add_substrate(out, optarg);
    case 'r':
        return add_word(out->require, optarg, "--require");
    case 'l':
        return set_level(out, optarg);
    case STATUS:
        return add_word(out->status_files, optarg, "--status");
    case CRL:
        return add_word(out->crl_files, optarg, "--crl");
    case TRUST_LIST:
        return set_once(&out->trust_list, optarg, "--trust-list");
    case TRUST_LIST_KEY:
        return set_once(&out->trust_list_key, optarg, "--trust-list-key");
    case BENCH:
        return lethe_verify_add_bench(out, optarg);
    case PROOF:
        return set_once(&out->proof, optarg, "--proof");
    case LOG_POLICY:
        return lethe_verify_add_log_policy(out, optarg);
    case LOG_KEY:
        return lethe_verify_add_log_key(out, optarg);
    case SEEN:
        return lethe_verify_add_seen(out, optarg);
    case AGE:
        return set_age(out, optarg);
    case VALIDATION:
        return set_once(&out->validation, optarg, "--validation");
    case NOT_BEFORE:
        return lethe_time_parse(optarg, &out->status_not_before) == 0
                   ? 0
                   : wrong("no time", optarg, "Write it as 2026-11-23T14:00:00Z.");
    case 'n':
        out->lines = true;
        return 0;
    case 'b':
        out->brief = out->json = true;
        return 0;
    case 'j':
        out->json = true;
        return 0;
    case 'h':
        fputs(usage_text, stdout);
        return 1;
    case 'V':
        puts("lethe-verify " LETHE_VERSION);
        return 1;
    default:
        return wrong("that is not how it is called", NULL, "");
    }
}

/* What the options say together. */
static int check(struct lethe_verify_options *out)
{
    if (out->lines && out->files[0])
        return wrong("with --lines only standard input is read", NULL, "");
    if (out->lines && out->proof)
        return wrong("with --lines a proof stands in the bundle of its line", NULL, "");
    if (!out->lines && !out->files[0])
        return wrong("no certificate was named", NULL, "");
    if (out->proof && out->files[1])
        return wrong("--proof is of one certificate, and several were named", NULL, "");
    if (out->validation && (out->lines || out->files[1]))
        return wrong("--validation is of one certificate", NULL, "");
    out->policy.no_claims = out->lines && out->brief;
    return lethe_verify_read_lists(out);
}

int lethe_verify_options(int argc, char **argv, struct lethe_verify_options *out)
{
    memset(out, 0, sizeof(*out));
    if (lethe_trust_new(&out->trust, NULL) < 0)
        return wrong("memory ran out", NULL, "");
    out->policy.trust = out->trust;
    out->policy.now = lethe_now_ms();
    out->policy.require = out->require;
    out->policy.status_lists = out->lists;
    out->policy.log_vkeys = (const char *const *)out->vkeys;
    int option, rc = 0;
    optind = 1;
    while (rc == 0 &&
           (option = getopt_long(argc, argv, "t:d:a:s:r:l:jbnhV", long_options, NULL)) != -1)
        rc = one_option(out, option);
    if (rc != 0)
        return rc;
    out->files = argv + optind;
    return check(out);
}

void lethe_verify_options_clear(struct lethe_verify_options *options)
{
    for (size_t i = 0; options->lists[i]; i++)
        lethe_status_list_free((struct lethe_status_list *)(uintptr_t)options->lists[i]);
    for (size_t i = 0; options->vkeys[i]; i++)
        free(options->vkeys[i]);
    lethe_benches_clear(&options->benches);
    free(options->log_policy);
    free(options->seen);
    lethe_trust_free(options->trust);
}
