/* SPDX-License-Identifier: Apache-2.0 */
/* lethe record TARGET: what a device answers to an inventory, for a test that needs no device. */
#include "cli.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <lethe/station.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MS 60000 /* it is asked as for a plan; a phone may be slow at that */

struct options {
    struct lethe_cli_one one;
    const char *output, *note;
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Where to write it (\"-\": standard output)", 0},
    {"note", 'n', "TEXT", 0, "What somebody should know of this device, for its file", 0},
    {"json", 'j', NULL, 0, "What was done, as one object", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'o':
        o->output = arg;
        return 0;
    case 'n':
        o->note = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->one.json && o->output && strcmp(o->output, "-") == 0)
            argp_error(state, "--json and --output - both want standard output");
        return 0;
    default:
        return lethe_cli_parse_one(key, arg, state, &o->one);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "TARGET",
    .doc = "Write down what a phone or drive answers when it is asked what it is: a recording "
           "that tests play back (docs/hardware-validation.md). Nothing is changed on the "
           "device. Serial numbers, IMEIs, names, accounts and addresses become others; "
           "look through the file before you give it away.\v"
           "Examples:\n"
           "  lethe record /dev/sdb -o crucial-mx500.json\n"
           "  lethe record usb:1-2 -o pixel-7.json --note \"Android 14, as it came\"\n"
           "  lethe record emu:pixel -o -"};

static char *text_of(json_t *recording, const char *note)
{
    char day[21];
    lethe_time_format(day, lethe_now_ms());
    day[10] = '\0';
    json_object_set_new(recording, "date", json_string(day));
    if (note)
        json_object_set_new(recording, "note", lethe_cli_json_text(note));
    return json_dumps(recording, JSON_INDENT(1) | JSON_SORT_KEYS);
}

static int write_out(const struct options *o, const char *file, const char *text,
                     struct lethe_error *err)
{
    if (o->output && strcmp(o->output, "-") == 0)
        return puts(text) < 0 ? lethe_fail(err, LETHE_E_IO, "standard output is closed") : 0;
    return lethe_file_write(file, text, strlen(text), 0644, err);
}

/* Tells what became of it. */
static void tell(const struct options *o, const struct lethe_device *device, const char *file,
                 const json_t *recording)
{
    size_t n = json_array_size(json_object_get(recording, "exchange"));
    if (o->one.json) {
        lethe_cli_print_json(json_pack("{s:s, s:o, s:I, s:O}", "target", device->target, "file",
                                       lethe_cli_json_text(file), "entries", (json_int_t)n, "facts",
                                       json_object_get(recording, "facts")));
        return;
    }
    fprintf(stderr,
            "%s: %zu questions and answers are in %s.\n"
            "Look through it before you give it away: what names a device or its owner was "
            "replaced as far as it is known.\n",
            device->target, n, strcmp(file, "-") == 0 ? "what was printed" : file);
}

/* What was written down before may be the only copy. */
static int check_free(const char *file, struct lethe_error *err)
{
    if (strcmp(file, "-") == 0 || access(file, F_OK) != 0)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "%s is there already", file);
    lethe_error_effect(err, "nothing was asked of the device, and the file is as it was");
    lethe_error_remedy(err, "name another file: -o FILE");
    return -LETHE_E_REFUSED;
}

int lethe_cmd_record(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    struct lethe_device device = {0};
    char name[64];
    LETHE_JSON_AUTO *recording = NULL;
    lethe_cli_parse(&argp, argc, argv, &o);
    lethe_text_format(name, sizeof name, "recording-%llu.json",
                      (unsigned long long)(lethe_now_ms() / 1000));
    const char *file = o.output ? o.output : name;
    int rc = check_free(file, &err);
    rc = rc < 0 ? rc : lethe_cli_target(cli, o.one.target, &device, &err);
    rc = rc < 0 ? rc : lethe_cli_load_profiles(cli, &err);
    rc = rc < 0 ? rc
                : lethe_probe_record(&cli->env, NULL, cli->device_profiles, &device, RECORD_MS,
                                     &recording, &err);
    char *text = rc < 0 ? NULL : text_of(recording, o.note);
    if (rc == 0)
        rc = text ? write_out(&o, file, text, &err)
                  : lethe_fail(&err, LETHE_E_INTERNAL, "out of memory");
    if (rc == 0)
        tell(&o, &device, file, recording);
    free(text);
    lethe_device_clear(&device);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
