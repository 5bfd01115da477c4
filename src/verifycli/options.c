/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/time.h"
#include "verifycli/verifycli.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROOT_FILE_MAX (1 << 20)

static const char usage_text[] =
    "Usage: lethe-verify FILE... --trust ROOT.pem [OPTION...]\n"
    "Is this certificate of sanitisation real, and what does it say? FILE \"-\" is\n"
    "standard input, a directory stands for the *.sdjwt in it. No network, no\n"
    "server, no privileges are needed.\n"
    "\n"
    "  -t, --trust ROOT.pem    root certificate of an organisation you believe;\n"
    "                          may be given several times\n"
    "  -d, --device ID         it must be for this device (serial, WWN, EUI-64,\n"
    "                          UDID, IMEI): another one is invalid\n"
    "  -a, --accept OUTCOME    accept a record of this outcome too:\n"
    "                          operator-attested or indeterminate; undetermined\n"
    "                          even so without a method achieved, a verification\n"
    "                          and a policy that was met\n"
    "  -s, --allow SUBSTRATE   accept virtual, image or emulated; without it only\n"
    "                          physical devices are\n"
    "  -r, --require CLAIM     undetermined unless this is disclosed: operator, lot,\n"
    "                          serial, imei, custom.NAME ...\n"
    "  -l, --min-level LEVEL   L0 signature and path (this version's), L1, L2\n"
    "  -j, --json              one JSON object a file and line\n"
    "  -h, --help              this text\n"
    "  -V, --version           version\n"
    "\n"
    "Exit status: 0 all valid; 1 one is invalid; 2 one is undetermined (and none\n"
    "invalid); 3 wrong usage: nothing was verified.\n"
    "\n"
    "Examples:\n"
    "  lethe-verify cert.sdjwt --trust acme-root.pem\n"
    "  lethe-verify cert.sdjwt --trust acme-root.pem --device WD-WCC4N0123456\n"
    "  lethe-verify *.sdjwt --trust acme-root.pem --json | jq -r '.file,.verdict'\n"
    "  curl -s https://shop.example/c/17 | lethe-verify - --trust acme-root.pem\n"
    "  lethe-verify demo.sdjwt --trust root.pem --allow virtual\n";

static const struct option long_options[] = {
    {"trust", required_argument, NULL, 't'},   {"device", required_argument, NULL, 'd'},
    {"accept", required_argument, NULL, 'a'},  {"allow", required_argument, NULL, 's'},
    {"require", required_argument, NULL, 'r'}, {"min-level", required_argument, NULL, 'l'},
    {"json", no_argument, NULL, 'j'},          {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},       {0}};

static int wrong(const char *what, const char *value, const char *remedy)
{
    fprintf(stderr, "lethe-verify: %s%s%s%s\n%s%s", what, value ? " \"" : "", value ? value : "",
            value ? "\"" : "", remedy, remedy[0] ? "\n" : "");
    fprintf(stderr, "Try lethe-verify --help\n");
    return -LETHE_E_USAGE;
}

static int add_root(struct lethe_verify_options *out, const char *path)
{
    struct lethe_error err = {0};
    char *pem;
    size_t len;
    struct stat st;
    int rc = stat(path, &st) == 0 && !S_ISREG(st.st_mode)
                 ? lethe_fail(&err, LETHE_E_INVALID, "it is no regular file")
                 : lethe_file_read(path, ROOT_FILE_MAX, &pem, &len, &err);
    if (rc == 0) {
        rc = lethe_trust_add_pem(out->trust, pem, len, &err);
        free(pem);
    }
    if (rc < 0)
        fprintf(stderr, "lethe-verify: --trust %s: %s\n%s%s", path, err.what, err.remedy,
                err.remedy[0] ? "\n" : "");
    return rc;
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

static int add_require(struct lethe_verify_options *out, const char *word)
{
    size_t n = 0;
    while (out->require[n])
        n++;
    if (n == LETHE_VERIFY_REQUIRE_MAX)
        return wrong("too many --require", NULL, "");
    out->require[n] = word;
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
        return add_root(out, optarg);
    case 'd':
        out->policy.device = optarg;
        return optarg[0] ? 0 : wrong("--device is empty", NULL, "");
    case 'a':
        return add_outcome(out, optarg);
    case 's':
        return add_substrate(out, optarg);
    case 'r':
        return add_require(out, optarg);
    case 'l':
        return set_level(out, optarg);
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

int lethe_verify_options(int argc, char **argv, struct lethe_verify_options *out)
{
    memset(out, 0, sizeof(*out));
    if (lethe_trust_new(&out->trust, NULL) < 0)
        return wrong("memory ran out", NULL, "");
    out->policy.trust = out->trust;
    out->policy.now = lethe_now_ms();
    out->policy.require = out->require;
    int option, rc = 0;
    optind = 1;
    while (rc == 0 &&
           (option = getopt_long(argc, argv, "t:d:a:s:r:l:jhV", long_options, NULL)) != -1)
        rc = one_option(out, option);
    if (rc != 0)
        return rc;
    out->files = argv + optind;
    return out->files[0] ? 0 : wrong("no certificate was named", NULL, "");
}

void lethe_verify_options_clear(struct lethe_verify_options *options)
{
    lethe_trust_free(options->trust);
}
