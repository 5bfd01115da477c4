/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of iPhones and iPads that usbmuxd serves. usbmuxd keeps the port; what is held here is
 * a lock by UDID, so that no other run of Lethe takes the device, and the job's own proxy, through
 * which its workers reach this device and no other.
 */
#include "base/file.h"
#include "base/text.h"
#include "io/mux.h"
#include "io/phone/phone.h"
#include "scan/phone.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

struct lethe_held {
    const struct lethe_scan_env *env;
    struct lethe_device device; /* as armed */
    int lock;
    struct lethe_mux_leash mux; /* where it can be asked */
    char record[PATH_MAX];      /* our copy of the pair record; "" none */
};

static const char *udid_of(const struct lethe_device *device)
{
    const struct lethe_identifier *id = lethe_identity_find(&device->identity, LETHE_ID_UDID);
    return id && lethe_udid_valid(id->value) ? id->value : NULL;
}

/* In recovery, DFU and without usbmuxd there is nobody to ask. */
static bool can_be_asked(const struct lethe_device *device)
{
    return device->mode == LETHE_MODE_NORMAL && udid_of(device);
}

/* The phone on the port of DEVICE now; -LETHE_E_GONE: none, or one that has left it meanwhile. */
static int look(const struct lethe_scan_env *env, const struct lethe_device *device,
                struct lethe_identity *out, struct lethe_error *err)
{
    struct lethe_device now = {0};
    int rc = lethe_scan_target(env, device->target, &now, NULL);
    if (rc < 0 || now.diskseq != device->diskseq || now.mode != device->mode) {
        lethe_device_clear(&now);
        lethe_fail(err, LETHE_E_GONE, "%s has left its port%s", device->target,
                   rc < 0 ? "" : " and come back where nobody waited for it");
        lethe_error_effect(err, "nothing more was sent to it");
        return -LETHE_E_GONE;
    }
    *out = now.identity;
    lethe_device_clear(&now);
    return 0;
}

/* DIR/phones/UDID.ENDING of the state directory; "" where Lethe keeps none. */
static int state_file(const struct lethe_scan_env *env, const char *udid, const char *ending,
                      char out[PATH_MAX], struct lethe_error *err)
{
    char dir[PATH_MAX];
    out[0] = '\0';
    if (!env->state_dir)
        return 0;
    int rc = lethe_path_join(dir, sizeof(dir), env->state_dir, "phones", err);
    if (rc == 0)
        rc = lethe_dir_make(dir, 0700, err);
    if (rc == 0 && !lethe_text_format(out, PATH_MAX, "%s/%s.%s", dir, udid, ending))
        rc = lethe_fail(err, LETHE_E_LIMIT, "the path of the state directory is too long");
    return rc;
}

/* PAIRING: what somebody asks a device for is kept; the workers of a job leave the record on disk
 * as it is, since it is what shows afterwards that the device has forgotten it. */
static int start_mux(const struct lethe_scan_env *env, const char *udid, const char *record,
                     bool pairing, struct lethe_mux_leash *out, struct lethe_error *err)
{
    char upstream[LETHE_MUX_ADDRESS_MAX];
    if (!lethe_mux_address(env, upstream))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of usbmuxd's socket is too long");
    const struct lethe_mux_order order = {.run = env->run,
                                          .udid = udid,
                                          .upstream = upstream,
                                          .record = record[0] ? record : NULL,
                                          .pairing = pairing,
                                          .borrow = true};
    return lethe_mux_start(&order, out, err);
}

static void ios_forget(struct lethe_held *held)
{
    if (held->record[0])
        unlink(held->record);
}

static void ios_release(struct lethe_held *held)
{
    struct stat st;
    if (!held)
        return;
    lethe_mux_stop(&held->mux);
    /* Taken out of the proxy's keeping, it is empty. */
    if (held->record[0] && stat(held->record, &st) == 0 && st.st_size == 0)
        unlink(held->record);
    if (held->lock >= 0)
        close(held->lock);
    lethe_device_clear(&held->device);
    free(held);
}

static int lock_it(struct lethe_held *held, const char *udid, struct lethe_error *err)
{
    char path[PATH_MAX];
    int rc = state_file(held->env, udid, "lock", path, err);
    if (rc < 0 || !path[0])
        return rc;
    rc = held->lock = lethe_file_lock(path, false, err);
    if (rc == -LETHE_E_BUSY)
        lethe_fail(err, LETHE_E_BUSY, "%s is claimed by another run of lethe", held->device.target);
    return rc < 0 ? rc : 0;
}

static int ios_claim(const struct lethe_scan_env *env, const struct lethe_device *device,
                     struct lethe_held **out, struct lethe_error *err)
{
    struct lethe_identity now;
    const char *udid = udid_of(device);
    int rc = lethe_device_refuse(device, err);
    if (rc == 0 && !udid)
        rc =
            lethe_fail(err, LETHE_E_REFUSED, "%s does not tell which device it is", device->target);
    struct lethe_held *held = rc == 0 ? calloc(1, sizeof(*held)) : NULL;
    if (!held)
        return rc < 0 ? rc : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    held->env = env;
    held->lock = held->mux.fd = -1;
    rc = lethe_device_copy(device, &held->device) < 0
             ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
             : lock_it(held, udid, err);
    if (rc == 0)
        rc = state_file(env, udid, "record", held->record, err);
    if (rc == 0 && can_be_asked(device))
        rc = start_mux(env, udid, held->record, false, &held->mux, err);
    if (rc == 0)
        rc = look(env, device, &now, err);
    if (rc == 0)
        rc = lethe_identity_within(&device->identity, &now, err);
    if (rc < 0) {
        ios_release(held);
        return rc;
    }
    *out = held;
    return 0;
}

static int ios_identify(struct lethe_held *held, struct lethe_identity *out,
                        struct lethe_error *err)
{
    return look(held->env, &held->device, out, err);
}

static int ios_spec(struct lethe_held *held, bool writable, struct lethe_io_spec *out,
                    struct lethe_error *err)
{
    if (held->mux.fd >= 0)
        return lethe_mux_spec(&held->mux, "ios", udid_of(&held->device), writable, out, err);
    *out = (struct lethe_io_spec){.driver = "ios", .writable = writable};
    return 0;
}

static int ios_peek(const struct lethe_scan_env *env, const struct lethe_device *device,
                    struct lethe_io_spec *out, struct lethe_error *err)
{
    char record[PATH_MAX];
    struct lethe_mux_leash leash;
    if (!can_be_asked(device))
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "%s can't be asked anything in this mode",
                          device->target);
    const char *udid = udid_of(device);
    int rc = state_file(env, udid, "record", record, err);
    if (rc == 0)
        rc = start_mux(env, udid, record, true, &leash, err);
    if (rc < 0)
        return rc;
    rc = lethe_mux_spec(&leash, "ios", udid, false, out, err);
    close(leash.fd); /* the worker's alone: with it the proxy ends */
    return rc;
}

static bool listed(const struct lethe_scan_env *env, const struct lethe_device *device)
{
    struct lethe_mux_list mux;
    const char *udid = udid_of(device);
    lethe_mux_list(env, &mux);
    for (size_t i = 0; udid && i < mux.n; i++)
        if (strcasecmp(mux.devices[i].udid, udid) == 0)
            return true;
    return false;
}

/* By the port, as any phone; and it is back once it can be asked. usbmuxd first makes itself known
 * to a device that has come, which after an erasure takes new keys and a while, and lists it then.
 */
static int ios_find(const struct lethe_scan_env *env, const struct lethe_device *before,
                    struct lethe_device *now, struct lethe_error *err)
{
    int rc = lethe_driver_android.find(env, before, now, err);
    if (rc != 1 || !can_be_asked(now) || listed(env, now))
        return rc;
    lethe_device_clear(now);
    memset(now, 0, sizeof(*now));
    lethe_fail(err, LETHE_E_UNREACHED, "it is on its port, and usbmuxd does not list it");
    return 0;
}

static int ios_open(const struct lethe_io_spec *spec, unsigned queue_depth, struct lethe_io **out,
                    struct lethe_error *err)
{
    (void)queue_depth; /* one question at a time */
    return spec->n_fds == 0 ? lethe_io_mute_open(out, err) : lethe_mux_open(spec, out, err);
}

const struct lethe_driver lethe_driver_ios = {
    .name = "ios",
    .phone = true,
    .claim = ios_claim,
    .identify = ios_identify,
    .peek = ios_peek,
    .find = ios_find,
    .spec = ios_spec,
    .forget = ios_forget,
    .release = ios_release,
    .open = ios_open,
};
