/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   emu_ctl power-cut FILE [NAME]     pull the plug of one device, or of all
 *   emu_ctl power-cycle FILE [NAME]   pull it and plug it in again: for the same supervisor, too
 *   emu_ctl dump-state FILE [NAME]    counters, power and what has fired, or a phone's memory, one
 *                                     JSON line a device
 *   emu_ctl remains FILE [NAME]       blocks that still are as they were made, by area (of
 *                                     devices with firmware, and phones)
 */
#include <base/json.h>
#include <emu/emulation.h>
#include <emu/phone/device.h>
#include <emu/phone/phone.h>
#include <lethe/emu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int dump_phone(const struct lethe_device *device, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    const char *path;
    int rc = lethe_json_str(device->config, "memory", &path, err);
    if (rc == 0)
        rc = phone_open(path, &phone, err);
    if (rc < 0)
        return rc;
    json_object_set_new(phone.memory, "device", json_string(device->target));
    char *text = lethe_json_canonical(phone.memory);
    printf("%s\n", text);
    free(text);
    return 0;
}

static int dump_state(const struct lethe_device *device, struct lethe_error *err)
{
    if (phone_is_device(device))
        return dump_phone(device, err);
    struct emulated emulated;
    BACKING_AUTO backing = BACKING_NONE;
    int rc = emulated_from_config(device->config, &emulated, err);
    if (rc == 0)
        rc = backing_open(device->config, &emulated, false, &backing, err);
    if (rc < 0)
        return rc;
    LETHE_JSON_AUTO *state = lethe_emu_state_to_json(backing.state);
    json_object_set_new(state, "device", json_string(device->target));
    char *text = lethe_json_canonical(state);
    printf("%s\n", text);
    free(text);
    return 0;
}

static int print_remains(const struct lethe_device *device, struct lethe_error *err)
{
    LETHE_JSON_AUTO *found = NULL;
    int rc = lethe_emu_remains(device, &found, err);
    if (rc < 0)
        return rc;
    json_object_set_new(found, "device", json_string(device->target));
    char *text = lethe_json_canonical(found);
    printf("%s\n", text);
    free(text);
    return 0;
}

static const struct verb {
    const char *name;
    int (*act)(const struct lethe_device *device, struct lethe_error *err);
} verbs[] = {{"power-cut", lethe_emu_power_cut},
             {"power-cycle", lethe_emu_power_cycle},
             {"dump-state", dump_state},
             {"remains", print_remains}};
#define VERBS (sizeof(verbs) / sizeof(*verbs))

int main(int argc, char **argv)
{
    struct lethe_device_list list;
    struct lethe_error err = {0};
    size_t n = 0, verb = 0;
    while (argc > 2 && verb < VERBS && strcmp(verbs[verb].name, argv[1]) != 0)
        verb++;
    if (argc < 3 || argc > 4 || verb == VERBS) {
        fprintf(stderr, "usage: emu_ctl power-cut|power-cycle|dump-state|remains FILE [NAME]\n");
        return 2;
    }
    int rc = lethe_emu_load(argv[2], &list, &err);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        struct lethe_device *device = &list.devices[i];
        if (argc == 4 && strcmp(device->target + strlen("emu:"), argv[3]) != 0)
            continue;
        n++;
        rc = verbs[verb].act(device, &err);
    }
    if (rc == 0 && n == 0)
        rc = lethe_fail(&err, LETHE_E_NOT_FOUND, "%s has no device of that name", argv[2]);
    if (rc < 0)
        fprintf(stderr, "emu_ctl: %s\n", err.what);
    lethe_device_list_clear(&list);
    return rc < 0 ? 1 : 0;
}
