/* SPDX-License-Identifier: Apache-2.0 */
/* How Lethe speaks to people and to scripts. */
#include "cli.h"

#include "wrap.h"

#include <base/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *lethe_color(const struct lethe_cli *cli, int fd, enum lethe_color color)
{
    static const char *const escapes[] = {
        [LETHE_PLAIN] = "\033[0m",   [LETHE_RED] = "\033[31m", [LETHE_GREEN] = "\033[32m",
        [LETHE_YELLOW] = "\033[33m", [LETHE_BOLD] = "\033[1m", [LETHE_DIM] = "\033[2m",
    };
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */
    const char *term = getenv("TERM");
    if (cli->no_color || (no_color && *no_color) || !term || !strcmp(term, "dumb") || !isatty(fd))
        return "";
    return escapes[color];
}

enum lethe_color lethe_outcome_color(enum lethe_outcome outcome)
{
    switch (outcome) {
    case LETHE_OUTCOME_PASSED:
        return LETHE_GREEN;
    case LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS:
    case LETHE_OUTCOME_OPERATOR_ATTESTED:
        return LETHE_YELLOW;
    default:
        return LETHE_RED;
    }
}

static void print_lines(const struct lethe_cli *cli, enum lethe_color color, const char *what,
                        const char *subject, const struct lethe_error *err)
{
    fprintf(stderr, "%s%s: %s%s%s%s\n", lethe_color(cli, 2, color), what, subject ? subject : "",
            subject ? ": " : "", err->what, lethe_color(cli, 2, LETHE_PLAIN));
    if (err->effect[0])
        lethe_wrap_line(stderr, "  effect: ", 4, err->effect);
    if (err->remedy[0])
        lethe_wrap_line(stderr, "  remedy: ", 4, err->remedy);
}

void lethe_cli_print_error(const struct lethe_cli *cli, const char *subject,
                           const struct lethe_error *err)
{
    print_lines(cli, LETHE_RED, "lethe", subject, err);
}

void lethe_cli_print_note(const struct lethe_cli *cli, const char *subject,
                          const struct lethe_error *err)
{
    print_lines(cli, LETHE_YELLOW, "note", subject, err);
}

int lethe_cli_exit(const struct lethe_error *err)
{
    switch (err->code) {
    case LETHE_E_USAGE:
    case LETHE_E_NOT_FOUND: /* a name given that names nothing, */
    case LETHE_E_INVALID:   /* or a file given that says nothing */
        return 2;
    case LETHE_E_BUSY:
    case LETHE_E_REFUSED:
    case LETHE_E_UNSUPPORTED:
    case LETHE_E_CHANGED:
    case LETHE_E_LIMIT:
    case LETHE_E_UNTRUSTED:
        return lethe_outcome_exit(LETHE_OUTCOME_REFUSED);
    case LETHE_E_CANCELLED:
        return lethe_outcome_exit(LETHE_OUTCOME_ABORTED);
    default:
        return 1;
    }
}

int lethe_cli_fail(const struct lethe_cli *cli, const struct lethe_error *err)
{
    lethe_cli_print_error(cli, NULL, err);
    return lethe_cli_exit(err);
}

json_t *lethe_cli_json_text(const char *text)
{
    char clean[512];
    json_t *json = json_string(text);
    if (json)
        return json;
    lethe_text_clean(clean, sizeof clean, text, strlen(text));
    return json_string(clean);
}

json_t *lethe_cli_error_to_json(const struct lethe_error *err)
{
    json_t *json = json_pack("{s:s, s:o}", "code", lethe_error_code_name(err->code), "what",
                             lethe_cli_json_text(err->what));
    if (err->effect[0])
        json_object_set_new(json, "effect", lethe_cli_json_text(err->effect));
    if (err->remedy[0])
        json_object_set_new(json, "remedy", lethe_cli_json_text(err->remedy));
    return json;
}

static void print(json_t *json, size_t flags)
{
    json_dumpf(json, stdout, flags);
    putchar('\n');
    fflush(stdout);
    json_decref(json);
}

void lethe_cli_print_json(json_t *json)
{
    print(json, isatty(STDOUT_FILENO) ? JSON_INDENT(2) : JSON_COMPACT);
}

void lethe_cli_print_line(json_t *json)
{
    print(json, JSON_COMPACT);
}

void lethe_cli_describe(char *out, size_t out_size, const struct lethe_identity *identity)
{
    const struct lethe_identifier *serial = lethe_identity_find(identity, LETHE_ID_SERIAL);
    const struct lethe_identifier *udid = lethe_identity_find(identity, LETHE_ID_UDID);
    char size[32];
    lethe_size_format(size, sizeof size, identity->capacity);
    if (lethe_class_is_phone(identity->class_))
        lethe_text_format(size, sizeof size, "%s", lethe_device_class_name(identity->class_));
    /* ATA models carry the vendor's name already. */
    bool vendor = identity->vendor[0] &&
                  strncmp(identity->model, identity->vendor, strlen(identity->vendor)) != 0;
    lethe_text_format(out, out_size, "%s%s%s, %s%s%s", vendor ? identity->vendor : "",
                      vendor ? " " : "", identity->model[0] ? identity->model : "unnamed device",
                      size,
                      serial ? ", S/N "
                      : udid ? ", UDID "
                             : "",
                      serial ? serial->value
                      : udid ? udid->value
                             : "");
}

void lethe_cli_duration(char *out, size_t out_size, uint64_t seconds)
{
    if (seconds >= 86400)
        lethe_text_format(out, out_size, "%" PRIu64 " d %" PRIu64 " h", seconds / 86400,
                          seconds % 86400 / 3600);
    else if (seconds >= 3600)
        lethe_text_format(out, out_size, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600,
                          seconds % 3600 / 60);
    else if (seconds >= 60)
        lethe_text_format(out, out_size, "%" PRIu64 " min", (seconds + 30) / 60);
    else
        lethe_text_format(out, out_size, "%" PRIu64 " s", seconds);
}

const char *lethe_cli_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}
