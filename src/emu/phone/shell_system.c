/* SPDX-License-Identifier: Apache-2.0 */
/* Properties, settings, packages, and what starts an erasure. */
#include "base/json.h"
#include "base/text.h"
#include "emu/phone/adbd.h"
#include "emu/phone/android.h"
#include "emu/phone/shell.h"
#include <stdlib.h>
#include <string.h>

static const struct phone *phone_of(const struct shell *shell)
{
    return &shell->engine->phone;
}

/* What is not of its personality but of its state. */
static bool live_prop(const struct phone *phone, const char *name, char *out, size_t out_size)
{
    const char *value = NULL;
    if (strcmp(name, "ro.serialno") == 0)
        value = phone_serial(phone);
    else if (strcmp(name, "sys.boot_completed") == 0)
        value = "1";
    else if (strcmp(name, "persist.sys.test_harness") == 0)
        value = phone_state_is(phone, "harness") ? "1" : "0";
    return value && lethe_text_format(out, out_size, "%s", value);
}

static int getprop(struct shell *shell, const struct shell_words *words)
{
    static const char *const live[] = {"ro.serialno", "sys.boot_completed",
                                       "persist.sys.test_harness"};
    char value[512];
    if (words->n > 1) {
        if (!live_prop(phone_of(shell), words->at[1], value, sizeof(value)))
            adb_prop(phone_of(shell), words->at[1], value, sizeof(value));
        lethe_buf_printf(&shell->out, "%s\n", value);
        return 0;
    }
    const char *name;
    json_t *unused;
    json_object_foreach((json_t *)(uintptr_t)phone_trait(phone_of(shell), "props"), name, unused)
    {
        adb_prop(phone_of(shell), name, value, sizeof(value));
        lethe_buf_printf(&shell->out, "[%s]: [%s]\n", name, value);
    }
    for (size_t i = 0; i < sizeof(live) / sizeof(*live); i++)
        if (live_prop(phone_of(shell), live[i], value, sizeof(value)))
            lethe_buf_printf(&shell->out, "[%s]: [%s]\n", live[i], value);
    return 0;
}

static const char *own_setting(const struct phone *phone, const char *space, const char *name,
                               char out[24])
{
    static const struct {
        const char *space, *name, *key;
    } flags[] = {{"global", "device_provisioned", "provisioned"},
                 {"secure", "user_setup_complete", "provisioned"},
                 {"global", "adb_enabled", "adb"}};
    if (strcmp(space, "secure") == 0 && strcmp(name, "android_id") == 0)
        return phone_state_text(phone, "android_id");
    if (strcmp(space, "global") == 0 && strcmp(name, "boot_count") == 0) {
        lethe_text_format(
            out, 24, "%lld",
            (long long)json_integer_value(json_object_get(phone_state(phone), "boot_count")));
        return out;
    }
    if (strcmp(space, "global") == 0 && strcmp(name, "secure_frp_mode") == 0 &&
        phone_trait_is(phone, "secure_frp_mode"))
        return "1";
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (strcmp(space, flags[i].space) == 0 && strcmp(name, flags[i].name) == 0)
            return phone_state_is(phone, flags[i].key) ? "1" : "0";
    return NULL;
}

static int put_setting(struct phone *phone, void *user, struct lethe_error *err)
{
    const struct shell_words *words = user;
    json_t *space = json_object_get(json_object_get(phone_state(phone), "settings"), words->at[2]);
    return space && json_object_set_new(space, words->at[3], json_string(words->at[4])) == 0
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "no such settings");
}

static int settings(struct shell *shell, const struct shell_words *words)
{
    char number[24];
    if (words->n == 5 && strcmp(words->at[1], "put") == 0) {
        struct shell_words copy = *words;
        return phone_engine_change(shell->engine, put_setting, &copy) < 0;
    }
    if (words->n != 4 || strcmp(words->at[1], "get") != 0) {
        lethe_buf_puts(&shell->err, "Invalid command\n");
        return 255;
    }
    const char *value = own_setting(phone_of(shell), words->at[2], words->at[3], number);
    if (!value) {
        const json_t *all = json_object_get(phone_state(phone_of(shell)), "settings");
        value =
            json_string_value(json_object_get(json_object_get(all, words->at[2]), words->at[3]));
    }
    lethe_buf_printf(&shell->out, "%s\n", value ? value : "null");
    return 0;
}

static int pm(struct shell *shell, const struct shell_words *words)
{
    const json_t *name;
    size_t i;
    if (words->n == 3 && strcmp(words->at[1], "list") == 0 && strcmp(words->at[2], "users") == 0) {
        uint64_t users = android_users(phone_of(shell));
        lethe_buf_puts(&shell->out, "Users:\n");
        for (uint64_t u = 0; u < users; u++)
            lethe_buf_printf(&shell->out, "\tUserInfo{%llu:%s:c13}%s\n",
                             (unsigned long long)(u ? u + 9 : 0), u ? "Work" : "Owner",
                             u ? "" : " running");
        return 0;
    }
    if (words->n < 3 || strcmp(words->at[1], "list") != 0 ||
        strcmp(words->at[2], "packages") != 0) {
        lethe_buf_puts(&shell->err, "Unknown command\n");
        return 255;
    }
    if (!shell_has(words, "-3"))
        lethe_buf_puts(&shell->out, "package:android\npackage:com.android.settings\n"
                                    "package:com.android.shell\n");
    json_array_foreach(json_object_get(phone_state(phone_of(shell)), "packages"), i, name)
    {
        lethe_buf_printf(&shell->out, "package:%s\n", json_string_value(name));
    }
    return 0;
}

/* The component that opens ACTION; NULL none. */
static const char *activity(const struct phone *phone, const char *action)
{
    const json_t *all = phone_trait(phone, "activities");
    return action ? json_string_value(json_object_get(all, action)) : NULL;
}

static int ask_reset(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)user;
    (void)err;
    android_ask_reset(phone);
    return 0;
}

static int am(struct shell *shell, const struct shell_words *words)
{
    const char *action = shell_after(words, "-a");
    if (words->n < 2 || strcmp(words->at[1], "start") != 0 || !action) {
        lethe_buf_puts(&shell->err, "Error: unknown command\n");
        return 255;
    }
    lethe_buf_printf(&shell->out, "Starting: Intent { act=%s }\n", action);
    if (!activity(phone_of(shell), action)) {
        lethe_buf_printf(&shell->err,
                         "Error: Activity not started, unable to resolve Intent { act=%s "
                         "flg=0x10000000 }\n",
                         action);
        return 1;
    }
    phone_engine_change(shell->engine, ask_reset, NULL);
    return 0;
}

static int resolve(struct shell *shell, const struct shell_words *words)
{
    const char *component = activity(phone_of(shell), shell_after(words, "-a"));
    if (component)
        lethe_buf_printf(&shell->out,
                         "priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 "
                         "isDefault=true\n%s\n",
                         component);
    else
        lethe_buf_puts(&shell->out, "No activity found\n");
    return 0;
}

static int harness(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)user;
    int rc = android_erase(phone, ANDROID_ERASE_HARNESS, err);
    if (rc == 0)
        android_restart(phone, LETHE_MODE_NORMAL);
    return rc;
}

/* facts/phones.md 2.2: exit 2 with a lock screen, and without the partition for its keys. */
static int test_harness(struct shell *shell, const struct shell_words *words)
{
    const struct phone *phone = phone_of(shell);
    if (words->n < 3 ||
        (strcmp(words->at[2], "enable") != 0 && strcmp(words->at[2], "restore") != 0))
        return 255;
    if (!phone_trait_is(phone, "test_harness")) {
        lethe_buf_puts(&shell->err, "cmd: Can't find service: testharness\n");
        return 20;
    }
    if (phone_state_is(phone, "lock_screen")) {
        lethe_buf_puts(&shell->err,
                       "Test Harness Mode cannot be enabled if there is a lock screen\n");
        return 2;
    }
    if (android_meets(shell->engine, &shell->hangs))
        return 255;
    return phone_engine_change(shell->engine, harness, NULL) < 0;
}

static int cmd(struct shell *shell, const struct shell_words *words)
{
    if (words->n > 2 && strcmp(words->at[1], "package") == 0 &&
        strcmp(words->at[2], "resolve-activity") == 0)
        return resolve(shell, words);
    if (words->n > 1 && strcmp(words->at[1], "testharness") == 0)
        return test_harness(shell, words);
    lethe_buf_printf(&shell->err, "cmd: Can't find service: %s\n",
                     words->n > 1 ? words->at[1] : "");
    return 20;
}

static int sm(struct shell *shell, const struct shell_words *words)
{
    if (words->n < 2 || strcmp(words->at[1], "list-volumes") != 0)
        return 1;
    lethe_buf_puts(&shell->out, "private mounted null\nemulated;0 mounted null\n");
    if (phone_trait_is(phone_of(shell), "sd_card"))
        lethe_buf_puts(&shell->out, "public:179,1 mounted 1234-ABCD\n");
    return 0;
}

static int locksettings(struct shell *shell, const struct shell_words *words)
{
    if (words->n < 2 || strcmp(words->at[1], "get-disabled") != 0)
        return 255;
    lethe_buf_puts(&shell->out,
                   phone_state_is(phone_of(shell), "lock_screen") ? "false\n" : "true\n");
    return 0;
}

static int reboot_to(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)err;
    android_restart(phone, android_boot_target(phone, user));
    return 0;
}

static int reboot(struct shell *shell, const struct shell_words *words)
{
    char target[64];
    lethe_text_format(target, sizeof(target), "%s", words->n > 1 ? words->at[1] : "");
    return phone_engine_change(shell->engine, reboot_to, target) < 0;
}

static int echo(struct shell *shell, const struct shell_words *words)
{
    for (size_t i = 1; i < words->n; i++)
        lethe_buf_printf(&shell->out, "%s%s", i > 1 ? " " : "", words->at[i]);
    lethe_buf_puts(&shell->out, "\n");
    return 0;
}

static int leave(struct shell *shell, const struct shell_words *words)
{
    (void)shell;
    return words->n > 1 ? atoi(words->at[1]) & 0xff : 0;
}

static int yes(struct shell *shell, const struct shell_words *words)
{
    (void)shell;
    (void)words;
    return 0;
}

static int no(struct shell *shell, const struct shell_words *words)
{
    (void)shell;
    (void)words;
    return 1;
}

static int id(struct shell *shell, const struct shell_words *words)
{
    (void)words;
    lethe_buf_puts(&shell->out, "uid=2000(shell) gid=2000(shell) groups=2000(shell),1015(sdcard_rw)"
                                " context=u:r:shell:s0\n");
    return 0;
}

const struct shell_command shell_system[] = {{"getprop", getprop}, {"settings", settings},
                                             {"pm", pm},           {"am", am},
                                             {"cmd", cmd},         {"sm", sm},
                                             {"echo", echo},       {"locksettings", locksettings},
                                             {"reboot", reboot},   {"exit", leave},
                                             {"true", yes},        {"false", no},
                                             {"id", id},           {"sync", yes},
                                             {"cd", yes},          {NULL, NULL}};
