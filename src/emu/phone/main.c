/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-phone: what stands at the other end of an emulated phone's cable. */
#include "base/json.h"
#include "emu/phone/phone.h"
#include "emu/phone/verbs.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: lethe-phone VERB --memory FILE.phone [OPTIONS]\n"
    "\n"
    "Run the model of an emulated phone (docs/emulation.md). Its memory is made by\n"
    "`lethe --emulate FILE list`; any number of verbs may run over one memory.\n"
    "\n"
    "  link       its bulk endpoints on descriptor 3 (SOCK_SEQPACKET), until it leaves its port\n"
    "  muxd       usbmuxd with iPhones on it, on --socket; --memory once for each\n"
    "  usbip      on a USB port of this kernel (module vhci_hcd; needs root), until ended\n"
    "  adbd       its ADB over TCP: `adb connect HOST:PORT`\n"
    "  fastboot   its bootloader over TCP: `fastboot -s tcp:HOST:PORT`\n"
    "  state      print its memory\n"
    "  reset      as if somebody reset it by hand: it erases itself, leaves and comes back\n"
    "\n"
    "  --memory FILE     the phone\n"
    "  --listen 127.0.0.1:PORT  where a server listens (0: a free port, which is printed)\n"
    "  --socket PATH     the same, a UNIX socket\n"
    "  --port N          which port of vhci_hcd, 0 to 7; else the first that is free\n"
    "  --records DIR     pair records of muxd (PATH.records)\n"
    "  --preflight       muxd pairs with what is plugged in, as the real one does\n"
    "  --tied            in the background, until the other end of descriptor 3 closes; the\n"
    "                    socket's directory goes with it, if nothing else is in it\n"
    "  --help, --version\n"
    "\n"
    "Examples:\n"
    "  lethe-phone state --memory bench.yaml.pixel.phone\n"
    "  lethe-phone reset --memory bench.yaml.closed.phone\n"
    "  lethe-phone muxd --memory bench.yaml.iphone.phone --socket /tmp/mux &\n"
    "  USBMUXD_SOCKET_ADDRESS=UNIX:/tmp/mux ideviceinfo\n"
    "  lethe-phone adbd --memory bench.yaml.pixel.phone --listen 127.0.0.1:5555\n";

static const struct verb {
    const char *name;
    int (*run)(const struct verb_options *options, struct lethe_error *err);
    bool listens;
} verbs[] = {{"link", verb_link, false},        {"muxd", verb_muxd, false},
             {"usbip", verb_usbip, false},      {"adbd", verb_adbd, true},
             {"fastboot", verb_fastboot, true}, {"state", verb_state, false},
             {"reset", verb_reset, false}};

int verb_state(const struct verb_options *options, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    int rc = phone_open(options->memory[0], &phone, err);
    if (rc < 0)
        return rc;
    json_dumpf(phone.memory, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
    putchar('\n');
    return 0;
}

static int reset(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)user;
    if (phone_is_away(phone))
        return lethe_fail(err, LETHE_E_BUSY, "it is restarting: nobody can reset it now");
    phone_due(phone, phone_family(phone) == LETHE_FAMILY_IOS ? "erase" : "reset", 0);
    return 0;
}

int verb_reset(const struct verb_options *options, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    int rc = phone_open(options->memory[0], &phone, err);
    if (rc == 0)
        rc = phone_change(&phone, reset, NULL, err);
    /* What is due happens when it is looked at next. */
    return rc < 0 ? rc : phone_read(&phone, err);
}

int verb_detach(struct lethe_error *err)
{
    pid_t pid = fork();
    if (pid < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "no process for the phone");
    if (pid > 0)
        _exit(0);
    return 0;
}

static int fail(const struct lethe_error *err)
{
    fprintf(stderr, "lethe-phone: %s\n", err->what);
    if (err->remedy[0])
        fprintf(stderr, "  %s\n", err->remedy);
    return err->code == LETHE_E_USAGE ? 2 : 1;
}

static int usage(const char *why, const char *what)
{
    fprintf(stderr, "lethe-phone: %s%s\nlethe-phone --help\n", why, what);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option names[] = {
        {"memory", required_argument, NULL, 'm'}, {"listen", required_argument, NULL, 'l'},
        {"socket", required_argument, NULL, 's'}, {"records", required_argument, NULL, 'r'},
        {"tied", no_argument, NULL, 't'},         {"preflight", no_argument, NULL, 'P'},
        {"port", required_argument, NULL, 'p'},   {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0}};
    struct verb_options options = {.port = -1};
    struct lethe_error err = {0};
    int c;
    while ((c = getopt_long(argc, argv, "hv", names, NULL)) >= 0) {
        if (c == 'm' && options.n_memories < VERB_MEMORIES_MAX)
            options.memory[options.n_memories++] = optarg;
        else if (c == 'l')
            options.listen = optarg;
        else if (c == 's')
            options.socket = optarg;
        else if (c == 'p' && optarg[0] >= '0' && optarg[0] <= '7' && !optarg[1])
            options.port = optarg[0] - '0';
        else if (c == 'r')
            options.records = optarg;
        else if (c == 't')
            options.tied = true;
        else if (c == 'P')
            options.preflight = true;
        else if (c == 'h')
            return fputs(help, stdout) < 0;
        else if (c == 'v')
            return puts("lethe-phone " LETHE_VERSION) < 0;
        else
            return usage("what is that option?", "");
    }
    if (optind + 1 != argc)
        return usage("one verb is needed", "");
    for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
        if (strcmp(verbs[i].name, argv[optind]) != 0)
            continue;
        if (options.n_memories == 0)
            return usage("--memory is needed", "");
        if (verbs[i].listens && !options.listen)
            return usage("--listen is needed", "");
        return verbs[i].run(&options, &err) < 0 ? fail(&err) : 0;
    }
    return usage("no verb is called ", argv[optind]);
}
