/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The techniques of phones as a plan and a verdict see them, without what they send: so that both
 * are tested apart from how a phone is talked to. What a state shows is what the findings say.
 */
#include "plan/phone_fakes.h"

#include <stdio.h>
#include <string.h>

static enum lethe_grade by_word(const json_t *evidence, const json_t *findings, char why[192])
{
    const char *word = json_string_value(json_object_get(findings, "GRADE"));
    int grade = word ? lethe_grade_parse(word) : -1;
    const char *reason = json_string_value(json_object_get(findings, "BECAUSE"));
    snprintf(why, 192, "%s", grade == LETHE_GRADE_STATE && reason ? reason : "a test says so");
    return !json_is_true(json_object_get(evidence, "sent")) || grade < 0 ? LETHE_GRADE_NONE
                                                                         : (enum lethe_grade)grade;
}

#define NORMAL (1u << LETHE_MODE_NORMAL | 1u << LETHE_MODE_CLOSED)
#define FAKE(label, ...)                                                                           \
    {                                                                                              \
        .name = label, .grade = by_word, __VA_ARGS__                                               \
    }
static const struct lethe_technique fakes[] = {
    FAKE("ios-erase", .kind = LETHE_KIND_CRYPTO_ERASE, .method = LETHE_METHOD_PURGE,
         .flags = LETHE_TECHNIQUE_ESIM, .protocol = LETHE_PROTOCOL_IOS,
         .capability = LETHE_CAN_IOS_ERASE, .returns = NORMAL, .away_seconds = 1800),
    FAKE("ios-backup-erase", .kind = LETHE_KIND_CRYPTO_ERASE, .method = LETHE_METHOD_PURGE,
         .protocol = LETHE_PROTOCOL_IOS, .capability = LETHE_CAN_IOS_BACKUP_ERASE,
         .returns = NORMAL, .away_seconds = 1800),
    FAKE("ios-fill", .kind = LETHE_KIND_OVERWRITE, .method = LETHE_METHOD_CLEAR,
         .protocol = LETHE_PROTOCOL_IOS, .capability = LETHE_CAN_AFC),
    FAKE("android-sideload", .flags = LETHE_TECHNIQUE_MOVES, .protocol = LETHE_PROTOCOL_ADB,
         .capability = LETHE_CAN_RESCUE, .returns = 1u << LETHE_MODE_SIDELOAD, .away_seconds = 180),
    FAKE("android-rescue", .flags = LETHE_TECHNIQUE_MOVES, .protocol = LETHE_PROTOCOL_ADB,
         .capability = LETHE_CAN_RESCUE, .returns = 1u << LETHE_MODE_RESCUE, .away_seconds = 180),
    FAKE("android-rescue-wipe", .kind = LETHE_KIND_CRYPTO_ERASE, .method = LETHE_METHOD_PURGE,
         .protocol = LETHE_PROTOCOL_ADB, .capability = LETHE_CAN_RESCUE, .returns = NORMAL,
         .away_seconds = 900),
    FAKE("android-bootloader", .flags = LETHE_TECHNIQUE_MOVES, .protocol = LETHE_PROTOCOL_ADB,
         .capability = LETHE_CAN_FASTBOOT_ERASE, .returns = 1u << LETHE_MODE_FASTBOOT,
         .away_seconds = 180),
    FAKE("android-fastboot-erase", .kind = LETHE_KIND_CRYPTO_ERASE, .method = LETHE_METHOD_PURGE,
         .protocol = LETHE_PROTOCOL_FASTBOOT, .capability = LETHE_CAN_FASTBOOT_ERASE,
         .returns = NORMAL, .away_seconds = 900),
    FAKE("android-test-harness", .kind = LETHE_KIND_CRYPTO_ERASE, .method = LETHE_METHOD_PURGE,
         .protocol = LETHE_PROTOCOL_ADB, .capability = LETHE_CAN_TEST_HARNESS,
         .returns = 1u << LETHE_MODE_NORMAL, .away_seconds = 900),
    FAKE("android-fill", .kind = LETHE_KIND_OVERWRITE, .method = LETHE_METHOD_CLEAR,
         .protocol = LETHE_PROTOCOL_ADB, .capability = LETHE_CAN_TEST_HARNESS),
    FAKE("android-settings-reset", .kind = LETHE_KIND_CRYPTO_ERASE, .method = LETHE_METHOD_PURGE,
         .flags = LETHE_TECHNIQUE_GUIDED, .protocol = LETHE_PROTOCOL_ADB,
         .capability = LETHE_CAN_SETTINGS_RESET, .returns = NORMAL, .away_seconds = 1800),
    FAKE("guided-reset", .kind = LETHE_KIND_CRYPTO_ERASE, .method = LETHE_METHOD_PURGE,
         .flags = LETHE_TECHNIQUE_GUIDED, .returns = NORMAL, .away_seconds = 1800),
};

size_t lethe_technique_count(void)
{
    return sizeof(fakes) / sizeof(fakes[0]);
}

const struct lethe_technique *lethe_technique_at(size_t i)
{
    return i < lethe_technique_count() ? &fakes[i] : NULL;
}

const struct lethe_technique *lethe_technique_find(const char *name)
{
    for (size_t i = 0; i < lethe_technique_count(); i++)
        if (strcmp(fakes[i].name, name) == 0)
            return &fakes[i];
    return NULL;
}

enum lethe_method lethe_technique_method(const struct lethe_technique *technique,
                                         enum lethe_media media)
{
    (void)media;
    return technique->method;
}
