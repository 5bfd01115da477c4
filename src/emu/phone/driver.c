/* SPDX-License-Identifier: Apache-2.0 */
/* The `emuphone` driver: a phone on an imagined port, which it leaves and comes back to. */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "emu/phone/device.h"
#include "emu/phone/phone.h"
#include <lethe/emu.h>
#include <stdlib.h>
#include <string.h>

struct lethe_held {
    struct phone phone;
    uint64_t generation;
    int claim;
};

static int path_of(const struct lethe_device *device, const char **out, struct lethe_error *err)
{
    return device->config
               ? lethe_json_str(device->config, "memory", out, err)
               : lethe_fail(err, LETHE_E_INVALID, "%s has no description", device->target);
}

static int gone(struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_GONE, "the emulated phone is not on its port");
    lethe_error_remedy(err, "wait until it has started again, or plug it in");
    return -LETHE_E_GONE;
}

/* Who it is now, by what its descriptors tell; its mode and its number on the bus. */
static int look(const struct phone *phone, struct lethe_device *device, struct lethe_error *err)
{
    const struct phone_family *family = phone_family_of(phone_family(phone));
    device->mode = phone_mode(phone);
    device->diskseq = phone_generation(phone);
    return family->identity(phone, &device->identity) == 0
               ? 0
               : lethe_fail(err, LETHE_E_LIMIT, "the phone has too many identifiers");
}

/* Of one that can't be asked, what the scan of a real one tells: it is not probed then. */
static int describe(const struct phone *phone, struct lethe_device *device, struct lethe_error *err)
{
    struct lethe_facts *facts;
    if (phone_family_of(phone_family(phone))->answers(phone))
        return 0;
    facts = calloc(1, sizeof(*facts));
    if (!facts)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int64_t *numbers[] = {&facts->health.hours,        &facts->health.reallocated,
                          &facts->health.pending,      &facts->health.uncorrectable,
                          &facts->health.media_errors, &facts->health.used_percent,
                          &facts->health.temperature,  &facts->health.written_bytes};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        *numbers[i] = -1;
    facts->phone =
        (struct lethe_phone){.family = phone_family(phone), .mode = device->mode, .battery = -1};
    facts->phone.tablet = device->identity.class_ == LETHE_CLASS_TABLET;
    facts->phone.android.users = facts->phone.android.accounts = UINT32_MAX;
    lethe_text_format(facts->phone.vendor, sizeof(facts->phone.vendor), "%s",
                      device->identity.vendor);
    lethe_text_format(facts->phone.advice, sizeof(facts->phone.advice), "%s",
                      lethe_phone_mode_advice(facts->phone.family, facts->phone.mode));
    device->facts = facts;
    return 0;
}

int phone_device(json_t *config, const char *file, struct lethe_device *out,
                 struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    const char *path, *name;
    const json_t *description = lethe_json_get(config, "phone", JSON_OBJECT, err);
    int rc = description ? lethe_json_str(config, "memory", &path, err) : -LETHE_E_INVALID;
    if (rc == 0)
        rc = lethe_json_str(config, "name", &name, err);
    if (rc == 0)
        rc = phone_make(path, description, err);
    if (rc == 0)
        rc = phone_open(path, &phone, err);
    if (rc == 0)
        rc = look(&phone, out, err);
    if (rc == 0)
        rc = describe(&phone, out, err);
    if (rc < 0)
        return rc;
    lethe_text_format(out->target, sizeof(out->target), "emu:%s", name);
    lethe_text_format(out->slot, sizeof(out->slot), "emu:%s", name);
    memcpy(out->driver, "emuphone", sizeof("emuphone"));
    lethe_text_format(out->substrate_reason, sizeof(out->substrate_reason),
                      "a software model described by %.100s", file);
    out->config = json_incref(config);
    return 0;
}

bool phone_is_device(const struct lethe_device *device)
{
    return device->config && json_object_get(device->config, "phone");
}

int phone_remains(const struct lethe_device *device, json_t **out, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    const char *path;
    int rc = path_of(device, &path, err);
    if (rc == 0)
        rc = phone_open(path, &phone, err); /* what is due has happened */
    return rc < 0 ? rc : phone_storage_remains(phone.storage, out, err);
}

/* Pulled out and plugged in again: it does not lose its power. */
static int replug(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)user;
    (void)err;
    if (!phone_is_away(phone))
        phone_leave(phone, phone_mode(phone), 0);
    return 0;
}

int phone_replug(const struct lethe_device *device, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    const char *path;
    int rc = path_of(device, &path, err);
    if (rc == 0)
        rc = phone_open(path, &phone, err);
    return rc < 0 ? rc : phone_change(&phone, replug, NULL, err);
}

static void emuphone_forget(struct lethe_held *held)
{
    const struct phone_family *of = phone_family_of(phone_family(&held->phone));
    if (of->forget)
        of->forget(&held->phone);
}

static void emuphone_release(struct lethe_held *held)
{
    if (!held)
        return;
    phone_close(&held->phone);
    if (held->claim >= 0)
        close(held->claim);
    free(held);
}

static int emuphone_claim(const struct lethe_scan_env *env, const struct lethe_device *device,
                          struct lethe_held **out, struct lethe_error *err)
{
    const char *path;
    char lock[PATH_MAX];
    (void)env; /* nothing of this machine uses it */
    int rc = path_of(device, &path, err);
    struct lethe_held *held = rc == 0 ? calloc(1, sizeof(*held)) : NULL;
    if (!held)
        return rc < 0 ? rc : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    held->claim = -1;
    rc = phone_open(path, &held->phone, err);
    if (rc == 0 && phone_is_away(&held->phone))
        rc = gone(err);
    if (rc == 0 && !lethe_text_format(lock, sizeof(lock), "%s.claim", path))
        rc = lethe_fail(err, LETHE_E_LIMIT, "the path of a phone's memory is too long");
    if (rc == 0)
        rc = held->claim = lethe_file_lock(lock, false, err);
    held->generation = phone_generation(&held->phone);
    if (rc >= 0) {
        *out = held;
        return 0;
    }
    if (rc == -LETHE_E_BUSY)
        lethe_fail(err, LETHE_E_BUSY, "%s is claimed by another run of lethe", device->target);
    emuphone_release(held);
    return rc;
}

/* Still the enumeration that was claimed? */
static int still(struct lethe_held *held, struct lethe_error *err)
{
    int rc = phone_read(&held->phone, err);
    if (rc == 0 &&
        (phone_is_away(&held->phone) || phone_generation(&held->phone) != held->generation))
        rc = gone(err);
    return rc;
}

static int emuphone_identify(struct lethe_held *held, struct lethe_identity *out,
                             struct lethe_error *err)
{
    struct lethe_device now = {0};
    int rc = still(held, err);
    if (rc == 0)
        rc = look(&held->phone, &now, err);
    if (rc == 0)
        *out = now.identity;
    return rc;
}

static int fill(const struct phone *phone, bool writable, bool look, struct lethe_io_spec *out,
                struct lethe_error *err)
{
    *out = (struct lethe_io_spec){.driver = "emuphone", .writable = writable};
    int rc = phone_family_of(phone_family(phone))->spec(phone, writable, look, out, err);
    if (rc < 0)
        lethe_io_spec_close(out);
    return rc;
}

static int emuphone_spec(struct lethe_held *held, bool writable, struct lethe_io_spec *out,
                         struct lethe_error *err)
{
    int rc = still(held, err);
    return rc < 0 ? rc : fill(&held->phone, writable, false, out, err);
}

static int emuphone_peek(const struct lethe_scan_env *env, const struct lethe_device *device,
                         struct lethe_io_spec *out, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    const char *path;
    (void)env;
    int rc = path_of(device, &path, err);
    if (rc == 0)
        rc = phone_open(path, &phone, err);
    if (rc == 0 && phone_is_away(&phone))
        rc = gone(err);
    return rc < 0 ? rc : fill(&phone, false, true, out, err);
}

static int emuphone_find(const struct lethe_scan_env *env, const struct lethe_device *before,
                         struct lethe_device *now, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    const char *path;
    (void)env;
    int rc = path_of(before, &path, err);
    if (rc == 0)
        rc = phone_open(path, &phone, err);
    if (rc < 0 || phone_is_away(&phone))
        return rc;
    if (lethe_device_copy(before, now) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    rc = look(&phone, now, err);
    if (rc < 0)
        lethe_device_clear(now);
    return rc < 0 ? rc : 1;
}

/* In the worker: which family it is stands in the specification. */
static int emuphone_open(const struct lethe_io_spec *spec, unsigned queue_depth,
                         struct lethe_io **out, struct lethe_error *err)
{
    const char *word = "";
    (void)queue_depth;
    int rc = lethe_json_str(spec->config, "family", &word, err);
    if (rc < 0)
        return rc;
    int family = lethe_phone_family_parse(word);
    const struct phone_family *of =
        family < 0 ? NULL : phone_family_of((enum lethe_phone_family)family);
    return of ? of->open(spec, out, err)
              : lethe_fail(err, LETHE_E_INVALID, "no phone is of family \"%.40s\"", word);
}

const struct lethe_driver lethe_driver_emuphone = {.name = "emuphone",
                                                   .claim = emuphone_claim,
                                                   .identify = emuphone_identify,
                                                   .peek = emuphone_peek,
                                                   .find = emuphone_find,
                                                   .phone = true,
                                                   .spec = emuphone_spec,
                                                   .forget = emuphone_forget,
                                                   .release = emuphone_release,
                                                   .open = emuphone_open};
