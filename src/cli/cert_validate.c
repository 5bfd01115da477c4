/* SPDX-License-Identifier: Apache-2.0 */
/* lethe cert validate: a second person looks at a certificate and signs what was decided. */
#include "cert_validate.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <lethe/certificate.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALIDATIONS_MAX 100

struct options {
    const char *id, *by, *note, *file;
    int decision;
    bool json;
};

enum { OPT_BY = 0x100, OPT_DECISION, OPT_NOTE };

static const struct argp_option options[] = {
    {"by", OPT_BY, "NAME", 0, "Who looked; not who did the work", 0},
    {"decision", OPT_DECISION, "WORD", 0, "accept, repeat or escalate", 0},
    {"note", OPT_NOTE, "TEXT", 0, "Why, in a few words", 0},
    {"output", 'o', "FILE", 0, "Where to (beside the certificate)", 0},
    {"json", 'j', NULL, 0, "For programs", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_BY:
        o->by = arg;
        return 0;
    case OPT_DECISION:
        o->decision = lethe_decision_parse(arg);
        if (o->decision < 0)
            argp_error(state, "--decision: accept, repeat or escalate, not '%s'", arg);
        return 0;
    case OPT_NOTE:
        if (strlen(arg) > LETHE_VALIDATION_NOTE_MAX)
            argp_error(state, "--note: at most %d bytes", LETHE_VALIDATION_NOTE_MAX);
        o->note = arg;
        return 0;
    case 'o':
        o->file = arg;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->id)
            argp_error(state, "unexpected '%s'", arg);
        o->id = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->id || !o->by || o->decision < 0)
            argp_error(state, "validate needs ID, --by NAME and --decision WORD");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "ID --by NAME --decision WORD [--note TEXT]",
    .doc = "The validation of NIST SP 800-88: somebody else than who did the work looks at it, and "
           "says whether it is accepted. Signed, bound to this certificate, and kept beside it.\v"
           "Examples:\n"
           "  lethe cert validate 0199c2f4 --by 'M. Li' --decision accept\n"
           "  lethe cert validate 0199c2f4 --by 'M. Li' --decision repeat \\\n"
           "      --note 'wrong policy for this customer'"};

/* JOB.validation.jwt, then JOB.validation-2.jwt ...: what was decided before stays. */
static int next_file(const struct lethe_cli *cli, const char *job, char out[PATH_MAX],
                     struct lethe_error *err)
{
    char folder[PATH_MAX], name[80];
    int rc = lethe_path_join(folder, sizeof folder, cli->state, "certificates", err);
    if (rc == 0)
        rc = lethe_dir_make(folder, 0755, err);
    for (int n = 1; rc == 0 && n <= VALIDATIONS_MAX; n++) {
        char number[8] = "";
        if (n > 1)
            lethe_text_format(number, sizeof number, "-%d", n);
        lethe_text_format(name, sizeof name, "%s.validation%s.jwt", job, number);
        rc = lethe_path_join(out, PATH_MAX, folder, name, err);
        if (rc == 0 && access(out, F_OK) != 0)
            return 0;
    }
    return rc < 0 ? rc
                  : lethe_fail(err, LETHE_E_LIMIT, "job %.8s was validated %d times", job,
                               VALIDATIONS_MAX);
}

static int sign(struct lethe_cli *cli, const struct options *o, const char *text,
                const json_t *claims, char **out, struct lethe_error *err)
{
    struct lethe_validation wish = {.decision = (enum lethe_decision)o->decision};
    if (!lethe_text_is_name(o->by))
        return lethe_fail(err, LETHE_E_USAGE, "--by: that is nobody's name");
    if (!lethe_text_format(wish.by, sizeof wish.by, "%s", o->by))
        return lethe_fail(err, LETHE_E_USAGE, "the name after --by is too long");
    lethe_text_format(wish.note, sizeof wish.note, "%s", o->note ? o->note : "");
    lethe_text_format(wish.certificate, sizeof wish.certificate, "%s",
                      lethe_cli_text(claims, "jti"));
    if (!strcmp(lethe_cli_text(claims, "substrate"), "emulated"))
        return lethe_fail(err, LETHE_E_REFUSED,
                          "it is of an emulated device: there is nothing to validate");
    int rc = lethe_cli_ready_signer(cli, err);
    return rc < 0 ? rc
                  : lethe_validation_make(cli->signer, text, strlen(text),
                                          json_string_value(json_object_get(claims, "operator")),
                                          &wish, lethe_now_ms(), out, err);
}

int lethe_cert_validate(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {.decision = -1};
    struct lethe_error err = {0};
    char *text = NULL, *record = NULL, job[37], path[PATH_MAX] = "";
    LETHE_JSON_AUTO *claims = NULL;
    lethe_cli_parse(&argp, argc, argv, &o);
    int rc = lethe_cli_look_store(cli, &err);
    if (rc >= 0)
        rc = lethe_store_certificate_get(cli->store, o.id, &text, job, &err);
    if (rc >= 0)
        rc = lethe_certificate_decode(text, strlen(text), &claims, &err);
    if (rc >= 0)
        rc = sign(cli, &o, text, claims, &record, &err);
    if (rc >= 0 && o.file)
        lethe_text_format(path, sizeof path, "%s", o.file);
    else if (rc >= 0)
        rc = next_file(cli, job, path, &err);
    if (rc >= 0)
        rc = lethe_file_write(path, record, strlen(record), 0644, &err);
    free(text);
    free(record);
    if (rc < 0)
        return lethe_cli_fail(cli, &err);
    if (o.json)
        lethe_cli_print_json(json_pack(
            "{s:s, s:s, s:s, s:s}", "certificate", lethe_cli_text(claims, "jti"), "by", o.by,
            "decision", lethe_decision_name((enum lethe_decision)o.decision), "file", path));
    else
        printf("%s by %s: %s\n", lethe_decision_name((enum lethe_decision)o.decision), o.by, path);
    return 0;
}
