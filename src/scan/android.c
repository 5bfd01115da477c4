/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of phones that talk adb or fastboot, and of all that can't be asked anything. The
 * interface is claimed here for the life of the job; a worker gets the open file.
 */
#include "base/json.h"
#include "base/text.h"
#include "io/phone/phone.h"
#include "io/usb.h"
#include "scan/held.h"
#include "scan/phone.h"

#include <string.h>
#include <unistd.h>

/* Number of the interface that is talked on; -1: none in this mode. */
static int face_of(const struct lethe_device *device)
{
    const json_t *face = json_object_get(device->config, "interface");
    return json_is_integer(face) ? (int)json_integer_value(face) : -1;
}

/* The phone on the port of DEVICE as it is now; -LETHE_E_GONE: none is. */
static int look(const struct lethe_scan_env *env, const struct lethe_device *device,
                struct lethe_device *now, struct lethe_error *err)
{
    int rc = lethe_scan_target(env, device->target, now, NULL);
    if (rc == 0)
        return 0;
    lethe_fail(err, LETHE_E_GONE, "%s has left its port", device->target);
    lethe_error_effect(err, "nothing more was sent to it");
    return -LETHE_E_GONE;
}

/* It is another attachment, though the same phone: what was claimed is gone. */
static int still_there(const struct lethe_device *armed, const struct lethe_device *now,
                       struct lethe_error *err)
{
    return armed->diskseq == now->diskseq && armed->mode == now->mode
               ? 0
               : lethe_fail(err, LETHE_E_GONE,
                            "%s has left its port and come back where nobody waited for it",
                            armed->target);
}

static int android_claim(const struct lethe_scan_env *env, const struct lethe_device *device,
                         struct lethe_held **out, struct lethe_error *err)
{
    struct lethe_device now = {0};
    int rc = lethe_device_refuse(device, err);
    if (rc < 0)
        return rc;
    struct lethe_held *held = lethe_held_new(env, device, err);
    if (!held)
        return -LETHE_E_INTERNAL;
    held->fd = lethe_usb_open(device->node, err);
    rc = held->fd < 0 ? held->fd : lethe_usb_lock(held->fd, err);
    if (rc == 0 && face_of(device) >= 0)
        rc = lethe_usb_claim(held->fd, (unsigned)face_of(device), err);
    /* The node may have become another device's between the scan and the opening. */
    if (rc == 0)
        rc = look(env, device, &now, err);
    if (rc == 0)
        rc = still_there(device, &now, err);
    if (rc == 0)
        rc = lethe_identity_within(&device->identity, &now.identity, err);
    lethe_device_clear(&now);
    if (rc < 0) {
        lethe_held_free(held);
        return rc;
    }
    *out = held;
    return 0;
}

static int android_identify(struct lethe_held *held, struct lethe_identity *out,
                            struct lethe_error *err)
{
    struct lethe_device now = {0};
    int rc = look(held->env, &held->device, &now, err);
    if (rc == 0)
        rc = still_there(&held->device, &now, err);
    if (rc == 0)
        *out = now.identity;
    lethe_device_clear(&now);
    return rc;
}

/* FD becomes the worker's. */
static int hand_over(const struct lethe_device *device, int fd, bool writable,
                     struct lethe_io_spec *out, struct lethe_error *err)
{
    int rc = lethe_held_spec("android", fd, writable, out);
    if (rc == 0 && !(out->config = json_deep_copy(device->config)))
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc < 0)
        lethe_io_spec_close(out);
    return rc;
}

static int android_spec(struct lethe_held *held, bool writable, struct lethe_io_spec *out,
                        struct lethe_error *err)
{
    int face = face_of(&held->device);
    /* The worker before this one may have let go of it, for all its duplicates. */
    int rc = face >= 0 ? lethe_usb_claim(held->fd, (unsigned)face, err) : 0;
    if (rc < 0)
        return rc;
    int fd = dup(held->fd);
    return fd < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "no descriptor is left")
                  : hand_over(&held->device, fd, writable, out, err);
}

static int android_peek(const struct lethe_scan_env *env, const struct lethe_device *device,
                        struct lethe_io_spec *out, struct lethe_error *err)
{
    (void)env;
    if (face_of(device) < 0)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "%s can't be asked anything in this mode",
                          device->target);
    int fd = lethe_usb_open(device->node, err);
    return fd < 0 ? fd : hand_over(device, fd, false, out, err);
}

static int android_find(const struct lethe_scan_env *env, const struct lethe_device *before,
                        struct lethe_device *now, struct lethe_error *err)
{
    struct lethe_machine machine;
    struct lethe_device_list list = {0};
    lethe_machine_read(env, &machine);
    int rc = lethe_phones_read(env, &machine, &list, err);
    for (size_t i = 0; rc == 0 && i < list.n; i++)
        if (strcmp(list.devices[i].slot, before->slot) == 0)
            rc = lethe_device_copy(&list.devices[i], now) < 0
                     ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
                     : 1;
    lethe_device_list_clear(&list);
    return rc;
}

/* ---- In the worker ---- */

static int get_byte(const json_t *config, const char *key, uint8_t *out, struct lethe_error *err)
{
    uint64_t value = 0;
    int rc = lethe_json_u64(config, key, &value, err);
    *out = (uint8_t)value;
    return rc == 0 && value > UINT8_MAX
               ? lethe_fail(err, LETHE_E_INVALID, "\"%s\" is no part of a USB device", key)
               : rc;
}

static int android_open(const struct lethe_io_spec *spec, unsigned queue_depth,
                        struct lethe_io **out, struct lethe_error *err)
{
    struct lethe_usb_pipe pipe = {0};
    (void)queue_depth; /* one transfer at a time */
    if (!spec->config || spec->n_fds != 1)
        return lethe_fail(err, LETHE_E_INVALID, "a phone without its description");
    /* What can't be talked to is still looked at: its mode is in the config. */
    if (!json_object_get(spec->config, "interface"))
        return lethe_io_mute_open(out, err);
    int rc = get_byte(spec->config, "interface", &pipe.interface, err);
    rc = rc < 0 ? rc : get_byte(spec->config, "in", &pipe.in, err);
    rc = rc < 0 ? rc : get_byte(spec->config, "out", &pipe.out, err);
    const char *mode = json_string_value(json_object_get(spec->config, "mode"));
    pipe.ends = !mode || strcmp(mode, lethe_phone_mode_name(LETHE_MODE_FASTBOOT)) != 0;
    return rc < 0 ? rc : lethe_phone_open_usb(spec->fds[0], &pipe, out, err);
}

const struct lethe_driver lethe_driver_android = {
    .name = "android",
    .phone = true,
    .claim = android_claim,
    .identify = android_identify,
    .peek = android_peek,
    .find = android_find,
    .spec = android_spec,
    .release = lethe_held_free,
    .open = android_open,
};
