/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/phone.h"
#include "base/file.h"
#include "base/text.h"
#include "scan/sysfs.h"
#include "scan/uses.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What looking tells: no lock was asked about, so none is known. */
static struct lethe_facts *facts_of(const struct lethe_phone_kind *kind)
{
    struct lethe_facts *facts = calloc(1, sizeof *facts);
    if (!facts)
        return NULL;
    int64_t *numbers[] = {&facts->health.hours,        &facts->health.reallocated,
                          &facts->health.pending,      &facts->health.uncorrectable,
                          &facts->health.media_errors, &facts->health.used_percent,
                          &facts->health.temperature,  &facts->health.written_bytes};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = -1;
    struct lethe_phone *phone = &facts->phone;
    phone->family = kind->usb.family;
    phone->mode = kind->usb.mode;
    phone->access = LETHE_ACCESS_NONE;
    phone->tablet = kind->tablet;
    phone->battery = -1;
    phone->android.users = phone->android.accounts = UINT32_MAX;
    lethe_text_format(phone->vendor, sizeof phone->vendor, "%s", kind->usb.maker);
    lethe_text_format(phone->advice, sizeof phone->advice, "%s", kind->advice);
    return facts;
}

static void identify(const struct lethe_usb_sight *sight, const struct lethe_phone_kind *kind,
                     struct lethe_identity *id)
{
    const char *maker = kind->usb.maker[0] ? kind->usb.maker : sight->maker;
    id->class_ = kind->usb.family == LETHE_FAMILY_OTHER ? LETHE_CLASS_UNKNOWN
                 : kind->tablet                         ? LETHE_CLASS_TABLET
                                                        : LETHE_CLASS_PHONE;
    id->bus = LETHE_BUS_USB;
    id->media = LETHE_MEDIA_FLASH;
    id->usb_vendor = sight->usb.vendor;
    id->usb_product = sight->usb.product;
    lethe_text_format(id->vendor, sizeof id->vendor, "%s", maker);
    lethe_text_format(id->model, sizeof id->model, "%s", sight->name);
    if (kind->udid[0])
        lethe_identity_add(id, LETHE_ID_UDID, LETHE_SOURCE_DEVICE, kind->udid);
    else if (kind->serial[0])
        lethe_identity_add(id, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, kind->serial);
    else if (kind->usb.family != LETHE_FAMILY_IOS &&
             sight->serial[strspn(sight->serial, "0 -:.")] != '\0')
        lethe_identity_add(id, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, sight->serial);
}

/* usbmuxd knows iPhones too: what it says of this place on the bus must be the same device. */
static int consult_mux(const struct lethe_scan_env *env, struct lethe_mux_list *mux,
                       uint32_t location, struct lethe_phone_kind *kind,
                       struct lethe_device *device, struct lethe_error *err)
{
    const char *listed = NULL;
    if (kind->talk != LETHE_TALK_MUX)
        return 0;
    if (!mux->asked) /* by the first iPhone of a scan */
        lethe_mux_list(env, mux);
    for (size_t i = 0; i < mux->n && !listed; i++)
        if (mux->devices[i].location == location)
            listed = mux->devices[i].udid;
    if (!listed) {
        kind->talk = LETHE_TALK_NONE;
        lethe_text_format(kind->advice, sizeof kind->advice, "%s",
                          mux->runs
                              ? "usbmuxd does not see it (yet): unlock it; if that does not help, "
                                "unplug it and plug it in again"
                              : "usbmuxd does not run, without which an iPhone or iPad can't be "
                                "asked: apt-get install usbmuxd; systemctl start usbmuxd");
        return 0;
    }
    if (!kind->udid[0])
        lethe_text_format(kind->udid, sizeof kind->udid, "%s", listed);
    else if (strcasecmp(kind->udid, listed) != 0 &&
             lethe_use_add(device, "changed", false, "unplug it and plug it in again",
                           "usbmuxd and the bus disagree which device this is") < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    return 0;
}

/* For the driver: how to talk to it, if at all. */
static json_t *config_of(const struct lethe_phone_kind *kind)
{
    const struct lethe_usb_interface *face = kind->usb.interface;
    json_t *json = json_pack("{s:s}", "mode", lethe_phone_mode_name(kind->usb.mode));
    if (json && (kind->talk == LETHE_TALK_ADB || kind->talk == LETHE_TALK_FASTBOOT) &&
        json_object_update_new(json, json_pack("{s:i, s:i, s:i}", "interface", face->number, "in",
                                               face->bulk_in, "out", face->bulk_out)) < 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* 1 a phone, 0 something else, or gone while we looked. */
static int read_one(const struct lethe_scan_env *env, const struct lethe_machine *machine,
                    struct lethe_mux_list *mux, const char *name, struct lethe_device *out,
                    struct lethe_error *err)
{
    struct lethe_usb_sight sight;
    struct lethe_phone_kind kind;
    struct lethe_chain chain;
    memset(out, 0, sizeof *out);
    if (!lethe_usb_sight_read(env, name, &sight))
        return 0;
    lethe_phone_kind(&sight, &kind);
    if (kind.usb.family == LETHE_FAMILY_NONE || lethe_chain_usb(env, name, &chain, NULL) < 0)
        return 0;
    uint64_t bus = lethe_sys_u64(0, "%s/busnum", chain.path);
    uint64_t number = lethe_sys_u64(0, "%s/devnum", chain.path);
    if (bus == 0 || number == 0)
        return 0;
    lethe_text_format(out->driver, sizeof out->driver, "%s",
                      kind.usb.family == LETHE_FAMILY_IOS ? "ios" : "android");
    lethe_text_format(out->target, sizeof out->target, "usb:%s", name);
    lethe_text_format(out->node, sizeof out->node, "%s/bus/usb/%03u/%03u", env->dev, (unsigned)bus,
                      (unsigned)number);
    out->diskseq = bus << 8 | number;
    out->mode = kind.usb.mode;
    out->identity.substrate =
        lethe_substrate_of(machine, &chain, out->substrate_reason, sizeof out->substrate_reason);
    lethe_usb_slot(env, &chain, out->slot, sizeof out->slot);
    int rc = consult_mux(env, mux, (uint32_t)(bus << 16 | number), &kind, out, err);
    identify(&sight, &kind, &out->identity);
    if (rc == 0)
        rc = lethe_phone_uses(env, name, &kind, out, err);
    out->config = config_of(&kind);
    out->facts = facts_of(&kind);
    if (rc == 0 && (!out->config || !out->facts))
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc < 0)
        lethe_device_clear(out);
    return rc < 0 ? rc : 1;
}

/* What tells it from others on the bus: the first identifier that the scan gave it. */
static const char *name_of(const struct lethe_device *device)
{
    return device->identity.n_identifiers ? device->identity.identifiers[0].value : "";
}

static int tell_twins(struct lethe_device *devices, size_t n, struct lethe_error *err)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            char what[256];
            if (i == k || !name_of(&devices[i])[0] ||
                strcasecmp(name_of(&devices[i]), name_of(&devices[k])) != 0)
                continue;
            lethe_text_format(what, sizeof what,
                              "%.100s answers to the same serial number as %.60s",
                              devices[k].target, devices[i].target);
            if (lethe_use_add(&devices[i], "twin", false, "unplug one of the two", what) < 0)
                return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
        }
    return 0;
}

static bool is_device(const char *name)
{
    return strchr(name, '-') && !strchr(name, ':');
}

int lethe_phones_read(const struct lethe_scan_env *env, const struct lethe_machine *machine,
                      struct lethe_device_list *list, struct lethe_error *err)
{
    char dir[PATH_MAX], **names = NULL;
    struct lethe_mux_list mux = {0};
    size_t first = list->n;
    if (!lethe_text_format(dir, sizeof dir, "%s/bus/usb/devices", env->sys) ||
        lethe_dir_list(dir, &names, NULL) < 0)
        return 0; /* no USB here */
    int rc = 0;
    for (size_t i = 0; rc >= 0 && names[i]; i++) {
        struct lethe_device device;
        rc = is_device(names[i]) ? read_one(env, machine, &mux, names[i], &device, err) : 0;
        if (rc <= 0)
            continue;
        struct lethe_device *grown = realloc(list->devices, (list->n + 1) * sizeof *grown);
        if (!grown) {
            lethe_device_clear(&device);
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
            continue;
        }
        list->devices = grown;
        list->devices[list->n++] = device;
    }
    lethe_names_free(names);
    return rc < 0 ? rc : tell_twins(list->devices + first, list->n - first, err);
}

/* Serial numbers and UDIDs as people type them: without dashes, whatever the case. */
static bool same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "- ");
        b += strspn(b, "- ");
        if (!*a || !*b || strncasecmp(a, b, 1) != 0)
            return *a == *b;
    }
}

bool lethe_phone_named(const struct lethe_device *device, const char *target)
{
    if (strncmp(target, "usb:", 4) == 0)
        return strcmp(device->target, target) == 0 || strcmp(device->slot, target + 4) == 0;
    if (strncmp(target, "phone:", 6) == 0)
        target += 6;
    for (size_t i = 0; *target && i < device->identity.n_identifiers; i++)
        if (same_name(device->identity.identifiers[i].value, target))
            return true;
    return false;
}

int lethe_phone_target(const struct lethe_scan_env *env, const struct lethe_machine *machine,
                       const char *target, struct lethe_device *out, struct lethe_error *err)
{
    struct lethe_device_list list = {0};
    const struct lethe_device *found = NULL;
    int rc = lethe_phones_read(env, machine, &list, err);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (!lethe_phone_named(&list.devices[i], target))
            continue;
        if (found) {
            rc = lethe_fail(err, LETHE_E_REFUSED, "%s and %s both answer to %s", found->target,
                            list.devices[i].target, target);
            lethe_error_effect(err, "nothing was sent to either of them");
            lethe_error_remedy(err, "unplug one of the two, or name its port: %s", found->target);
        }
        found = &list.devices[i];
    }
    if (rc == 0 && found)
        rc = lethe_device_copy(found, out) < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
                                               : 1;
    lethe_device_list_clear(&list);
    return rc;
}
