/* SPDX-License-Identifier: Apache-2.0 */
/* Where things are, and loading them on first need. */
#include "cli.h"

#include <base/crypto.h>
#include <base/text.h>
#include <errno.h>
#include <lethe/emu.h>
#include <lethe/station.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Paths under it are told to programs that may run elsewhere. */
static int make_absolute(char *path, size_t size, struct lethe_error *err)
{
    char here[4096], relative[4096];
    if (*path == '/')
        return 0;
    lethe_text_format(relative, sizeof relative, "%s", path);
    if (!getcwd(here, sizeof here))
        return lethe_fail_errno(err, errno, "no current directory");
    return lethe_text_format(path, size, "%s/%s", here, relative)
               ? 0
               : lethe_fail(err, LETHE_E_USAGE, "the path of the state directory is too long");
}

static int find_state(char *out, size_t out_size, const char *state, struct lethe_error *err)
{
    const char *from_env = getenv("LETHE_STATE");
    const char *xdg = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    bool fits;
    if (state)
        fits = lethe_text_format(out, out_size, "%s", state);
    else if (from_env && *from_env)
        fits = lethe_text_format(out, out_size, "%s", from_env);
    else if (geteuid() == 0)
        fits = lethe_text_format(out, out_size, "/var/lib/lethe");
    else if (xdg && *xdg == '/') /* XDG base directories: relative paths are to be ignored */
        fits = lethe_text_format(out, out_size, "%s/lethe", xdg);
    else if (home && *home == '/')
        fits = lethe_text_format(out, out_size, "%s/.local/state/lethe", home);
    else {
        lethe_fail(err, LETHE_E_USAGE,
                   "no directory for Lethe's records is known: HOME is not set");
        lethe_error_remedy(err, "lethe --state DIR ...");
        return -LETHE_E_USAGE;
    }
    if (!fits)
        return lethe_fail(err, LETHE_E_USAGE, "the path of the state directory is too long");
    return make_absolute(out, out_size, err);
}

/* The first of these that is set decides (POSIX.1-2017 8.2). */
static const char *lang_of_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "zh", 2) == 0 ? "zh" : "en";
    }
    return "en";
}

void lethe_cli_init(struct lethe_cli *cli, const char *state)
{
    if (!cli->hand)
        cli->hand = lang_of_locale();
    cli->env = lethe_scan_env_system;
    if (find_state(cli->state, sizeof cli->state, state, &cli->no_state) < 0)
        cli->state[0] = '\0';
    else
        cli->env.state_dir = cli->state;
    if (!cli->passphrase_file)
        cli->passphrase_file = getenv("LETHE_PASSPHRASE_FILE");
}

int lethe_cli_need_state(const struct lethe_cli *cli, bool write, struct lethe_error *err)
{
    char at[sizeof cli->state];
    if (!cli->state[0]) {
        if (err)
            *err = cli->no_state;
        return -LETHE_E_USAGE;
    }
    if (!write)
        return 0;
    /* What is not there yet is made in the nearest directory that is. */
    lethe_text_format(at, sizeof at, "%s", cli->state);
    char *slash;
    while (access(at, F_OK) != 0 && errno == ENOENT && (slash = strrchr(at, '/')) != NULL)
        slash[slash == at] = '\0';
    int why = is_dir(at) ? 0 : ENOTDIR;
    if (!why && access(at, W_OK | X_OK) != 0)
        why = errno;
    if (!why)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "Lethe can't keep its records in %s: %s: %s", cli->state, at,
               strerror(why));
    lethe_error_effect(err, "nothing was made, and nothing was sent to any device");
    lethe_error_remedy(err, "name a directory of your own: lethe --state DIR ...%s",
                       geteuid() == 0 ? "" : ", or be root");
    return -LETHE_E_REFUSED;
}

void lethe_cli_clear(struct lethe_cli *cli)
{
    lethe_device_list_clear(&cli->emulated);
    lethe_policy_set_free(cli->policies);
    lethe_profile_set_free(cli->device_profiles);
    lethe_log_close(cli->log);
    lethe_wipe(cli->passphrase, sizeof(cli->passphrase));
    if (cli->signer)
        lethe_signer_close(cli->signer);
    if (cli->store)
        lethe_store_close(cli->store);
}

int lethe_cli_attach(struct lethe_device_list *list, const struct lethe_device *device,
                     struct lethe_error *err)
{
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->devices[i].target, device->target))
            return 0;
    struct lethe_device *grown = realloc(list->devices, (list->n + 1) * sizeof *list->devices);
    if (!grown)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    list->devices = grown;
    int rc = lethe_device_copy(device, &list->devices[list->n]);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    list->n++;
    return 0;
}

int lethe_cli_load_emulated(struct lethe_cli *cli, struct lethe_error *err)
{
    if (cli->emulated_loaded)
        return 0;
    for (size_t i = 0; i < cli->n_emulate; i++) {
        struct lethe_device_list loaded = {0};
        int rc = lethe_emu_load(cli->emulate[i], &loaded, err);
        for (size_t d = 0; rc >= 0 && d < loaded.n; d++) {
            size_t before = cli->emulated.n;
            rc = lethe_cli_attach(&cli->emulated, &loaded.devices[d], err);
            if (rc >= 0 && cli->emulated.n == before)
                rc = lethe_fail(err, LETHE_E_USAGE, "%s: %s is emulated by two files",
                                cli->emulate[i], loaded.devices[d].target);
        }
        lethe_device_list_clear(&loaded);
        if (rc < 0)
            return rc;
    }
    cli->emulated_loaded = true;
    return 0;
}

int lethe_cli_scan(struct lethe_cli *cli, struct lethe_device_list *out, struct lethe_error *err)
{
    int rc = lethe_cli_load_emulated(cli, err);
    if (rc >= 0)
        rc = lethe_scan_all(&cli->env, out, err);
    for (size_t i = 0; rc >= 0 && i < cli->emulated.n; i++)
        rc = lethe_cli_attach(out, &cli->emulated.devices[i], err);
    if (rc < 0)
        lethe_device_list_clear(out);
    return rc < 0 ? rc : 0;
}

/* A drive that has not said who it is by then is not worth the wait. */
#define PROBE_MS 15000

int lethe_cli_probe(struct lethe_cli *cli, struct lethe_device *const *devices, size_t n,
                    struct lethe_error *err)
{
    int rc = lethe_cli_load_profiles(cli, err);
    return rc < 0 ? rc
                  : lethe_probe(&cli->env, NULL, cli->device_profiles, devices, n, PROBE_MS, err);
}

int lethe_cli_probe_list(struct lethe_cli *cli, struct lethe_device_list *list,
                         struct lethe_error *err)
{
    struct lethe_device **all = calloc(list->n ? list->n : 1, sizeof *all);
    if (!all)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    for (size_t i = 0; i < list->n; i++)
        all[i] = &list->devices[i];
    int rc = lethe_cli_probe(cli, all, list->n, err);
    free(all);
    return rc;
}

/* By its serial number or UDID, as phones on the bus are. */
static bool is_emulated_phone(const struct lethe_device *device, const char *target)
{
    if (!strncmp(target, "phone:", 6))
        target += 6;
    return lethe_class_is_phone(device->identity.class_) &&
           lethe_identity_named(&device->identity, target);
}

static int refuse_ambiguous(const char *one, const char *other, const char *target,
                            struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_REFUSED, "%s and %s both answer to %s", one, other, target);
    lethe_error_effect(err, "nothing was sent to either of them");
    lethe_error_remedy(err, "name the emulated one by its target: %s", one);
    return -LETHE_E_REFUSED;
}

/* 1 found, 0 none of them is named so. */
static int target_emulated_phone(struct lethe_cli *cli, const char *target,
                                 struct lethe_device *out, struct lethe_error *err)
{
    const struct lethe_device *found = NULL;
    for (size_t i = 0; i < cli->emulated.n; i++) {
        const struct lethe_device *device = &cli->emulated.devices[i];
        if (!is_emulated_phone(device, target))
            continue;
        if (found)
            return refuse_ambiguous(found->target, device->target, target, err);
        found = device;
    }
    struct lethe_device attached = {0};
    if (!found)
        return 0;
    if (lethe_scan_target(&cli->env, target, &attached, NULL) == 0) {
        int rc = refuse_ambiguous(found->target, attached.target, target, err);
        lethe_device_clear(&attached);
        return rc;
    }
    return lethe_device_copy(found, out) < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "out of memory")
                                             : 1;
}

int lethe_cli_target(struct lethe_cli *cli, const char *target, struct lethe_device *out,
                     struct lethe_error *err)
{
    int rc = lethe_cli_load_emulated(cli, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < cli->emulated.n; i++)
        if (!strcmp(cli->emulated.devices[i].target, target))
            return lethe_device_copy(&cli->emulated.devices[i], out);
    if (!strncmp(target, "emu:", 4)) {
        lethe_fail(err, LETHE_E_NOT_FOUND, "no emulated device %s", target);
        lethe_error_remedy(err, "lethe --emulate FILE list");
        return -LETHE_E_NOT_FOUND;
    }
    rc = target_emulated_phone(cli, target, out, err);
    return rc == 0 ? lethe_scan_target(&cli->env, target, out, err) : rc < 0 ? rc : 0;
}

/* The profiles that belong to this program: beside it where installed, above it in a build tree,
 * and where the build said they would be installed. */
static int find_profiles(const struct lethe_cli *cli, const char *kind, char *out, size_t out_size,
                         struct lethe_error *err)
{
    if (cli->profiles) {
        lethe_text_format(out, out_size, "%s/%s", cli->profiles, kind);
        if (is_dir(out))
            return 0;
        lethe_fail(err, LETHE_E_NOT_FOUND, "%s is not there", out);
        lethe_error_remedy(err, "lethe --profiles DIR ..., where DIR holds policies/ and devices/");
        return -LETHE_E_NOT_FOUND;
    }
    char program[4096];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash = NULL;
    if (n > 0) {
        program[n] = '\0';
        slash = strrchr(program, '/');
    }
    static const char *const beside[] = {"../share/lethe/profiles", "../../../profiles"};
    for (size_t i = 0; slash && i < sizeof beside / sizeof *beside; i++) {
        *slash = '\0';
        if (lethe_text_format(out, out_size, "%s/%s/%s", program, beside[i], kind) && is_dir(out))
            return 0;
    }
    if (lethe_text_format(out, out_size, "%s/profiles/%s", LETHE_DATA_DIR, kind) && is_dir(out))
        return 0;
    lethe_fail(err, LETHE_E_NOT_FOUND, "Lethe's own policies and profiles are not installed");
    lethe_error_remedy(err, "lethe --profiles DIR ..., where DIR holds policies/ and devices/");
    return -LETHE_E_NOT_FOUND;
}

/* Where a bench keeps what the files were parsed into; NULL where there is no bench yet. */
static const char *memo_path(struct lethe_cli *cli, const char *kind, char *out, size_t out_size)
{
    return lethe_cli_need_state(cli, false, NULL) == 0 && is_dir(cli->state) &&
                   lethe_text_format(out, out_size, "%s/%s.parsed", cli->state, kind)
               ? out
               : NULL;
}

int lethe_cli_load_policies(struct lethe_cli *cli, struct lethe_error *err)
{
    char dir[4096], memo[4096];
    if (cli->policies)
        return 0;
    int rc = find_profiles(cli, "policies", dir, sizeof dir, err);
    if (rc < 0)
        return rc;
    return lethe_policy_set_load_kept((const char *const[]){dir, NULL},
                                      memo_path(cli, "policies", memo, sizeof memo), &cli->policies,
                                      err);
}

int lethe_cli_load_profiles(struct lethe_cli *cli, struct lethe_error *err)
{
    char dir[4096], memo[4096];
    if (cli->device_profiles)
        return 0;
    int rc = find_profiles(cli, "devices", dir, sizeof dir, err);
    if (rc < 0)
        return rc;
    return lethe_profile_set_load_kept((const char *const[]){dir, NULL},
                                       memo_path(cli, "devices", memo, sizeof memo),
                                       &cli->device_profiles, err);
}

int lethe_cli_open_store(struct lethe_cli *cli, struct lethe_error *err)
{
    int rc = cli->store ? 0 : lethe_cli_need_state(cli, true, err);
    if (rc >= 0 && !cli->store)
        rc = lethe_store_open(cli->state, &cli->store, err);
    return rc;
}

int lethe_cli_look_store(struct lethe_cli *cli, struct lethe_error *err)
{
    int rc = cli->store ? 0 : lethe_cli_need_state(cli, false, err);
    if (rc >= 0 && !cli->store)
        rc = lethe_store_open_existing(cli->state, &cli->store, err);
    return rc;
}

void lethe_cli_nag(const struct lethe_cli *cli)
{
    struct lethe_keys_info info;
    if (!cli->state[0] || lethe_keys_info(cli->state, &info, NULL) < 0 || !info.initialised ||
        !info.root_on_bench)
        return;
    fprintf(stderr,
            "%snote: the organisation's root key is still on this bench: whoever takes the bench "
            "can sign for the organisation.\n      Move it to a safe medium: lethe keys "
            "export-root FILE%s\n",
            lethe_color(cli, 2, LETHE_YELLOW), lethe_color(cli, 2, LETHE_PLAIN));
}

const char *lethe_cli_lang(const char *arg, const struct argp_state *state)
{
    if (strcmp(arg, "en") != 0 && strcmp(arg, "zh") != 0 && strcmp(arg, "both") != 0)
        argp_error(state, "--lang: en, zh or both, not '%s'", arg);
    return arg;
}
