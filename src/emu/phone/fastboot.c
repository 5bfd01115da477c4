/* SPDX-License-Identifier: Apache-2.0 */
/* A bootloader, or fastbootd: one command a transfer (facts/phones.md 2.1, 2.2). */
#include "proto/fastboot.h"
#include "base/text.h"
#include "emu/phone/android.h"
#include <stdlib.h>
#include <string.h>

struct fastboot {
    struct phone_engine base;
    uint64_t expected; /* bytes of a download that are still to come */
};

static void say(struct phone_engine *engine, enum lethe_fastboot_reply_kind kind, const char *text)
{
    uint8_t reply[LETHE_FASTBOOT_REPLY_MAX];
    size_t len = lethe_fastboot_reply_build(reply, kind, text);
    phone_engine_say(engine, reply, len);
}

/* -- getvar ------------------------------------------------------------------------------------ */

static const char *const partitions[][2] = {{"userdata", "f2fs"},
                                            {"metadata", "ext4"},
                                            {"cache", "ext4"},
                                            {"boot_a", "raw"},
                                            {"super", "raw"}};

static bool has_partition(const struct phone *phone, const char *name)
{
    if (strcmp(name, "cache") == 0)
        return phone_trait_is(phone, "cache");
    return strcmp(name, "metadata") != 0 ||
           strcmp(phone_trait_text(phone, "encryption"), "fbe-metadata") == 0;
}

static bool partition_variable(const struct phone *phone, const char *name, char out[128])
{
    static const char *const words[] = {
        "partition-size:", "partition-type:", "is-logical:", "has-slot:"};
    const char *part = strchr(name, ':');
    size_t which = 0, i = 0;
    while (which < 4 && strncmp(name, words[which], strlen(words[which])) != 0)
        which++;
    if (!part || which == 4)
        return false;
    while (i < sizeof(partitions) / sizeof(*partitions) && strcmp(partitions[i][0], part + 1) != 0)
        i++;
    if (which == 3)
        return lethe_text_format(out, 128, "%s", strcmp(part + 1, "boot") == 0 ? "yes" : "no");
    bool hidden = strcmp(part + 1, "metadata") == 0 && phone_trait_is(phone, "metadata_hidden");
    if (i == sizeof(partitions) / sizeof(*partitions) || hidden || !has_partition(phone, part + 1))
        return false;
    uint64_t size = i == 0 ? phone_trait_count(phone, "storage", 64 << 20) : 16 << 20;
    if (which == 0)
        return lethe_text_format(out, 128, "0x%llx", (unsigned long long)size);
    const char *type = phone_trait_text(phone, "partition_type");
    return lethe_text_format(out, 128, "%s", which == 2 ? "no" : *type ? type : partitions[i][1]);
}

static bool is_unlocked(const struct phone *phone)
{
    return phone_trait_is(phone, "unlocked");
}

static const char *const variables[] = {"version",
                                        "version-bootloader",
                                        "product",
                                        "serialno",
                                        "secure",
                                        "unlocked",
                                        "current-slot",
                                        "slot-count",
                                        "max-download-size",
                                        "is-userspace",
                                        "battery-soc-ok",
                                        "battery-voltage",
                                        "super-partition-name"};

static bool variable(const struct phone *phone, const char *name, char out[128])
{
    bool userspace = phone_mode(phone) == LETHE_MODE_FASTBOOTD, low;
    if (strchr(name, ':'))
        return partition_variable(phone, name, out);
    size_t i = 0;
    while (i < sizeof(variables) / sizeof(*variables) && strcmp(variables[i], name) != 0)
        i++;
    low = phone_trait_count(phone, "battery", 80) < 15;
    const char *product =
        json_string_value(json_object_get(phone_trait(phone, "props"), "ro.product.device"));
    const char *values[] = {"0.4",
                            "slider-14.0-1111",
                            product ? product : "phone",
                            phone_serial(phone),
                            "yes",
                            is_unlocked(phone) ? "yes" : "no",
                            "a",
                            "2",
                            "0x8000000",
                            userspace ? "yes" : "no",
                            low ? "no" : "yes",
                            "4100",
                            userspace ? "super" : ""};
    if (i == sizeof(values) / sizeof(*values) || !*values[i])
        return false;
    if (i == 2 && phone_fault(phone, PHONE_FAULT_CONTROL))
        return lethe_text_format(out, 128, "pan\x1b[2Jther\n\r\x07");
    return lethe_text_format(out, 128, "%s", values[i]);
}

static void getvar_all(struct phone_engine *engine)
{
    char value[128], line[256];
    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
        if (!variable(&engine->phone, variables[i], value))
            continue;
        lethe_text_format(line, sizeof(line), "%s:%s", variables[i], value);
        say(engine, LETHE_FASTBOOT_INFO, line);
    }
    for (size_t i = 0; i < sizeof(partitions) / sizeof(*partitions); i++) {
        static const char *const words[] = {"partition-type", "partition-size"};
        for (size_t w = 0; w < 2; w++) {
            char name[64];
            lethe_text_format(name, sizeof(name), "%s:%s", words[w], partitions[i][0]);
            if (!variable(&engine->phone, name, value))
                continue;
            lethe_text_format(line, sizeof(line), "%s:%s", name, value);
            say(engine, LETHE_FASTBOOT_INFO, line);
        }
    }
    say(engine, LETHE_FASTBOOT_OKAY, "");
}

static void getvar(struct phone_engine *engine, const char *name)
{
    char value[128];
    if (phone_fault(&engine->phone, PHONE_FAULT_LENGTH_4G))
        say(engine, LETHE_FASTBOOT_DATA, "ffffffff");
    else if (phone_fault(&engine->phone, PHONE_FAULT_GARBAGE))
        phone_engine_say(engine, "\xff\xfe\x00\x01nonsense", 12);
    else if (strcmp(name, "all") == 0)
        getvar_all(engine);
    else if (variable(&engine->phone, name, value))
        say(engine, LETHE_FASTBOOT_OKAY, value);
    else
        say(engine, LETHE_FASTBOOT_FAIL, "Unknown variable");
}

/* -- what changes it --------------------------------------------------------------------------- */

static bool may_change(struct phone_engine *engine)
{
    if (is_unlocked(&engine->phone) && !phone_fault(&engine->phone, PHONE_FAULT_LOCKED))
        return true;
    say(engine, LETHE_FASTBOOT_FAIL, "not allowed in locked state");
    return false;
}

static int erase_partition(struct phone *phone, void *user, struct lethe_error *err)
{
    return android_erase_partition(phone, user, err);
}

static void erase(struct phone_engine *engine, const char *name)
{
    char partition[64];
    bool silent, data = strcmp(name, "userdata") == 0;
    lethe_text_format(partition, sizeof(partition), "%s", name);
    if (!may_change(engine))
        return;
    if (!has_partition(&engine->phone, partition)) {
        say(engine, LETHE_FASTBOOT_FAIL, "Partition not found");
        return;
    }
    if (data && android_meets(engine, &silent)) {
        engine->left |= !silent; /* the line drops */
        return;
    }
    if (strcmp(name, "metadata") == 0 && phone_fault(&engine->phone, PHONE_FAULT_METADATA_FAILS)) {
        say(engine, LETHE_FASTBOOT_FAIL, "Failed to erase partition");
        return;
    }
    int rc = phone_engine_change(engine, erase_partition, partition);
    if (data)
        phone_engine_hold(engine, phone_trait_count(&engine->phone, "wipe_ms", 0));
    say(engine, rc < 0 ? LETHE_FASTBOOT_FAIL : LETHE_FASTBOOT_OKAY, rc < 0 ? "erase failed" : "");
}

static int restart(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)err;
    android_restart(phone, android_boot_target(phone, user));
    return 0;
}

static void reboot(struct phone_engine *engine, const char *target)
{
    char word[64];
    lethe_text_format(word, sizeof(word), "%s", target);
    say(engine, LETHE_FASTBOOT_OKAY, "");
    phone_engine_change(engine, restart, word);
}

static void download(struct fastboot *self, const char *size)
{
    char *end;
    uint64_t n = strtoull(size, &end, 16);
    char text[16];
    if (*end || n == 0 || n > 0x8000000) {
        say(&self->base, LETHE_FASTBOOT_FAIL, "data too large");
    } else if (may_change(&self->base)) {
        lethe_text_format(text, sizeof(text), "%08llx", (unsigned long long)n);
        say(&self->base, LETHE_FASTBOOT_DATA, text);
        self->expected = n;
    }
}

static void obey(struct fastboot *self, const char *command)
{
    struct phone_engine *engine = &self->base;
    const char *colon = strchr(command, ':'), *argument = colon ? colon + 1 : "";
    if (strncmp(command, "getvar:", 7) == 0)
        getvar(engine, argument);
    else if (strncmp(command, "erase:", 6) == 0)
        erase(engine, argument);
    else if (strncmp(command, "download:", 9) == 0)
        download(self, argument);
    else if (strncmp(command, "flash:", 6) == 0 || strncmp(command, "set_active:", 11) == 0) {
        /* An empty file system after an erasure: nobody's data, so none is kept. */
        if (may_change(engine))
            say(engine, LETHE_FASTBOOT_OKAY, "");
    } else if (strcmp(command, "reboot") == 0 || strcmp(command, "continue") == 0)
        reboot(engine, "");
    else if (strncmp(command, "reboot-", 7) == 0)
        reboot(engine, command + 7);
    else
        say(engine, LETHE_FASTBOOT_FAIL, "unknown command");
}

static int fastboot_out(struct phone_engine *engine, const uint8_t *data, size_t len)
{
    struct fastboot *self = (struct fastboot *)engine;
    char command[LETHE_FASTBOOT_COMMAND_MAX + 1];
    if (self->expected > 0) {
        self->expected -= len < self->expected ? len : self->expected;
        if (self->expected == 0)
            say(engine, LETHE_FASTBOOT_OKAY, "");
        return 0;
    }
    if (lethe_fastboot_command_parse(data, len, command, NULL) < 0)
        say(engine, LETHE_FASTBOOT_FAIL, "command too long");
    else
        obey(self, command);
    return 0;
}

const struct phone_protocol phone_protocol_fastboot = {.size = sizeof(struct fastboot),
                                                       .out = fastboot_out};
