/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "emu/emulation.h"
#include "emu/model/model.h"
#include "emu/phone/device.h"
#include <errno.h>
#include <lethe/emu.h>
#include <stdlib.h>
#include <string.h>

int emulated_firmware(const struct emulated *emulated, const struct backing *backing,
                      struct lethe_io **out, struct lethe_error *err)
{
    struct lethe_io *disk;
    int rc = disk_open(backing->data, -1, backing->state, &emulated->shape, &disk, err);
    if (rc < 0)
        return rc;
    rc = model_open(disk, backing->data, backing->firmware, true, &emulated->controller,
                    backing->state, out, err);
    if (rc < 0)
        lethe_io_close(disk);
    return rc;
}

/* What the firmware knows better than the description. */
static int ask_firmware(const struct emulated *emulated, const struct backing *backing,
                        struct lethe_identity *out, struct lethe_error *err)
{
    const struct controller *c = &emulated->controller;
    struct lethe_io *firmware;
    char serial[96];
    uint64_t capacity;
    int rc = emulated_firmware(emulated, backing, &firmware, err);
    if (rc < 0)
        return rc;
    /* Without power it is who it was. */
    if (model_facts(firmware, serial, &capacity) == 0) {
        out->capacity = capacity;
        for (size_t i = 0; i < out->n_identifiers; i++)
            if (out->identifiers[i].kind == LETHE_ID_SERIAL)
                memcpy(out->identifiers[i].value, serial, sizeof(serial));
    }
    lethe_io_close(firmware);
    if (c->bridge != BRIDGE_NONE) {
        out->usb_vendor = c->usb_vendor;
        out->usb_product = c->usb_product;
        out->usb_release = c->usb_release;
        lethe_text_format(out->bridge, sizeof(out->bridge), "%04x:%04x %s %s", c->usb_vendor,
                          c->usb_product, model_bridges[c->bridge].vendor_name,
                          model_bridges[c->bridge].product_name);
    }
    return 0;
}

int emulated_identity(const json_t *config, const struct emulated *emulated,
                      const struct backing *backing, struct lethe_identity *out,
                      struct lethe_error *err)
{
    const struct lethe_emu_state *state = backing->state;
    json_t *identity = lethe_json_get(config, "identity", JSON_OBJECT, err);
    int rc = identity ? lethe_identity_from_json(identity, out, err) : -LETHE_E_INVALID;
    if (rc == 0 && emulated->has_controller)
        rc = ask_firmware(emulated, backing, out, err);
    for (int i = 0; rc == 0 && i < emulated->n_rules; i++) {
        const struct fault_rule *rule = &emulated->rules[i];
        if (rule->kind == FAULT_SHRINK && state->writes >= rule->after_writes &&
            state->bytes_written >= rule->after_bytes && out->capacity > rule->size)
            out->capacity = rule->size;
        if (rule->kind != FAULT_SWAP || !state->slots[i].latched)
            continue;
        out->n_identifiers = 0;
        rc = lethe_identity_add(out, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, rule->serial);
        if (rc == 0)
            rc = lethe_identity_add(out, LETHE_ID_WWN, LETHE_SOURCE_DEVICE, rule->wwn);
        if (rule->model[0])
            memcpy(out->model, rule->model, sizeof(out->model));
    }
    return rc;
}

static int device_from_config(json_t *config, const char *file, struct lethe_device *out,
                              struct lethe_error *err)
{
    struct emulated emulated;
    BACKING_AUTO backing = BACKING_NONE;
    if (json_object_get(config, "phone"))
        return phone_device(config, file, out, err);
    int rc = emulated_from_config(config, &emulated, err);
    if (rc == 0)
        rc = backing_open(config, &emulated, true, &backing, err);
    if (rc == 0)
        rc = emulated_identity(config, &emulated, &backing, &out->identity, err);
    if (rc < 0)
        return rc;
    lethe_text_format(out->target, sizeof(out->target), "emu:%s",
                      json_string_value(json_object_get(config, "name")));
    memcpy(out->driver, "emu", sizeof("emu"));
    lethe_text_format(out->substrate_reason, sizeof(out->substrate_reason),
                      "a software model described by %.100s", file);
    out->config = json_incref(config);
    return 0;
}

static int directory_of(const char *file, char out[PATH_MAX], struct lethe_error *err)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(file, '/');
    size_t len = slash ? (size_t)(slash - file) + 1 : 0;
    if (len >= sizeof(dir))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", file);
    memcpy(dir, file, len);
    memcpy(dir + len, ".", 2);
    return realpath(dir, out) ? 0
                              : lethe_fail_errno(err, errno, "cannot find the folder of %s", file);
}

int lethe_emu_load(const char *file, struct lethe_device_list *out, struct lethe_error *err)
{
    char dir[PATH_MAX], *text = NULL;
    size_t len = 0;
    LETHE_JSON_AUTO *configs = NULL;
    *out = (struct lethe_device_list){0};
    int rc = directory_of(file, dir, err);
    if (rc == 0)
        rc = lethe_file_read(file, LETHE_YAML_MAX, &text, &len, err);
    if (rc == 0)
        rc = emulation_parse(file, dir, text, len, &configs, err);
    free(text);
    if (rc < 0)
        return rc;
    size_t n = json_array_size(configs);
    struct lethe_device *devices = calloc(n, sizeof(*devices));
    if (!devices)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = device_from_config(json_array_get(configs, i), file, &devices[i], err);
    if (rc == 0) {
        *out = (struct lethe_device_list){.n = n, .devices = devices};
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        lethe_device_clear(&devices[i]);
    free(devices);
    return rc;
}

int lethe_emu_power_cut(const struct lethe_device *device, struct lethe_error *err)
{
    struct emulated emulated;
    struct lethe_error busy;
    BACKING_AUTO backing = BACKING_NONE;
    if (phone_is_device(device))
        return phone_replug(device, err); /* it has a battery */
    int rc = emulated_from_config(device->config, &emulated, err);
    if (rc == 0)
        rc = backing_open(device->config, &emulated, false, &backing, err);
    struct lethe_emu_state *state = backing.state;
    if (rc < 0 || !state)
        return rc;
    state->off = 1;
    /* Somebody is still there: for them it is dead, and the next supervisor powers it on. */
    return backing_claim(&backing, &busy) < 0 ? 0 : backing_power_on(&backing, err);
}

int lethe_emu_power_cycle(const struct lethe_device *device, struct lethe_error *err)
{
    struct emulated emulated;
    BACKING_AUTO backing = BACKING_NONE;
    if (phone_is_device(device))
        return phone_replug(device, err); /* it has a battery */
    int rc = emulated_from_config(device->config, &emulated, err);
    if (rc == 0)
        rc = backing_open(device->config, &emulated, false, &backing, err);
    return rc < 0 ? rc : backing_power_on(&backing, err);
}

int lethe_emu_remains(const struct lethe_device *device, json_t **out, struct lethe_error *err)
{
    struct emulated emulated;
    struct lethe_io *firmware;
    const char *contents;
    BACKING_AUTO backing = BACKING_NONE;
    if (phone_is_device(device))
        return phone_remains(device, out, err);
    int rc = emulated_from_config(device->config, &emulated, err);
    if (rc == 0 && !emulated.has_controller)
        rc = lethe_fail(err, LETHE_E_UNSUPPORTED, "%.64s has no controller", device->target);
    if (rc == 0)
        rc = lethe_json_str(device->config, "contents", &contents, err);
    if (rc == 0)
        rc = backing_open(device->config, &emulated, false, &backing, err);
    if (rc == 0)
        rc = emulated_firmware(&emulated, &backing, &firmware, err);
    if (rc < 0)
        return rc;
    json_t *found = json_object();
    rc = found ? medium_remains((struct model *)firmware, contents, found) : -ENOMEM;
    lethe_io_close(firmware);
    if (rc < 0) {
        json_decref(found);
        return lethe_fail_errno(err, -rc, "cannot look at the emulated medium");
    }
    *out = found;
    return 0;
}
