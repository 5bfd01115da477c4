/* SPDX-License-Identifier: Apache-2.0 */
/* The `emu` driver: descriptors backing, state, then undo (a writer's), old (where the model keeps
 * its old contents) and firmware (where it has a controller), in this order, plus the shape and the
 * faults. */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "emu/emulation.h"
#include "emu/model/model.h"
#include <fcntl.h>
#include <lethe/emu.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lethe_held {
    json_t *config; /* reference */
    struct emulated emulated;
    struct backing backing;
    uint64_t generation;
};

/* This process, and no other before or after it: also a fork is another one. */
static uint64_t supervisor_id(void)
{
    static uint64_t id;
    static pid_t of;
    while (id == 0 || of != getpid()) {
        lethe_random(&id, sizeof(id));
        of = getpid();
    }
    return id;
}

/* Also lets the firmware do by now what time has done: a worker that can only read can't. */
static bool firmware_gone(const struct lethe_held *held)
{
    struct lethe_io *firmware;
    char serial[96];
    uint64_t capacity;
    if (!held->emulated.has_controller)
        return false;
    if (emulated_firmware(&held->emulated, &held->backing, &firmware, NULL) < 0)
        return true;
    int rc = model_facts(firmware, serial, &capacity);
    lethe_io_close(firmware);
    return rc < 0;
}

static int gone(const struct lethe_held *held, struct lethe_error *err)
{
    const struct lethe_emu_state *state = held->backing.state;
    if (state->generation == held->generation &&
        !fault_gone(state, held->emulated.rules, (size_t)held->emulated.n_rules) &&
        !firmware_gone(held))
        return 0;
    lethe_fail(err, LETHE_E_GONE, "the emulated device has left its slot or lost its power");
    lethe_error_effect(err, "what was not flushed may be lost; it is not sanitised");
    lethe_error_remedy(err, "it comes back with the next start of lethe: lethe resume");
    return -LETHE_E_GONE;
}

static void emu_release(struct lethe_held *held)
{
    if (!held)
        return;
    backing_close(&held->backing);
    json_decref(held->config);
    free(held);
}

/* A new supervisor finds the device plugged in and powered again; the one that saw it go does not.
 */
static int come_back(struct lethe_held *held, struct lethe_error *err)
{
    struct lethe_emu_state *state = held->backing.state;
    uint64_t last = state->supervisor;
    bool away = fault_gone(state, held->emulated.rules, (size_t)held->emulated.n_rules);
    state->supervisor = supervisor_id();
    held->generation = state->generation;
    if (!away)
        return 0;
    if (last == supervisor_id())
        return gone(held, err);
    for (int i = 0; i < held->emulated.n_rules; i++)
        if (held->emulated.rules[i].kind == FAULT_VANISH)
            state->slots[i].latched = 0;
    /* Pulled out is a loss of power too, for what was in its cache. */
    int rc = backing_power_on(&held->backing, err);
    held->generation = state->generation;
    return rc;
}

static int emu_claim(const struct lethe_scan_env *env, const struct lethe_device *device,
                     struct lethe_held **out, struct lethe_error *err)
{
    (void)env; /* an emulated device is in use by nobody but a claimant */
    if (!device->config)
        return lethe_fail(err, LETHE_E_INVALID, "%s has no description", device->target);
    struct lethe_held *held = calloc(1, sizeof(*held));
    if (!held)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    held->config = json_incref(device->config);
    held->backing = (struct backing)BACKING_NONE;
    int rc = emulated_from_config(held->config, &held->emulated, err);
    if (rc == 0)
        rc = backing_open(held->config, &held->emulated, false, &held->backing, err);
    if (rc == 0)
        rc = backing_claim(&held->backing, err);
    if (rc == 0)
        rc = come_back(held, err);
    if (rc == 0)
        *out = held;
    else
        emu_release(held);
    return rc;
}

static int emu_identify(struct lethe_held *held, struct lethe_identity *out,
                        struct lethe_error *err)
{
    int rc = gone(held, err);
    return rc < 0 ? rc : emulated_identity(held->config, &held->emulated, &held->backing, out, err);
}

/* Another open file description of the same inode, so that the claim's lock stays the claim's. */
static int reopen(int fd, int flags, struct lethe_io_spec *spec, struct lethe_error *err)
{
    char path[40];
    lethe_text_format(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = lethe_file_open(path, flags, 0, err);
    if (again >= 0)
        spec->fds[spec->n_fds++] = again;
    return again < 0 ? again : 0;
}

static int emu_spec(struct lethe_held *held, bool writable, struct lethe_io_spec *out,
                    struct lethe_error *err)
{
    *out =
        (struct lethe_io_spec){.driver = "emu", .fds = {-1, -1, -1, -1, -1}, .writable = writable};
    int rc = gone(held, err);
    if (rc == 0)
        rc = reopen(held->backing.data, writable ? O_RDWR : O_RDONLY, out, err);
    if (rc == 0)
        rc = reopen(held->backing.state_fd, O_RDWR, out, err);
    if (rc == 0 && writable)
        rc = reopen(held->backing.undo, O_RDWR, out, err);
    if (rc == 0 && held->emulated.remembers)
        rc = reopen(held->backing.old, O_RDONLY, out, err);
    if (rc == 0 && held->emulated.has_controller)
        rc = reopen(held->backing.firmware, O_RDWR, out, err);
    if (rc == 0) {
        out->config = json_pack(
            "{s:O, s:O, s:O, s:O, s:O, s:I}", "capacity", json_object_get(held->config, "capacity"),
            "logical_block", json_object_get(held->config, "logical_block"), "physical_block",
            json_object_get(held->config, "physical_block"), "volatile_cache",
            json_object_get(held->config, "volatile_cache"), "faults",
            json_object_get(held->config, "faults"), "generation", (json_int_t)held->generation);
        if (out->config && held->emulated.has_controller &&
            (json_object_set(out->config, "controller",
                             json_object_get(held->config, "controller")) < 0 ||
             json_object_set(out->config, "identity", json_object_get(held->config, "identity")) <
                 0)) {
            json_decref(out->config);
            out->config = NULL;
        }
        if (!out->config)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    if (rc < 0)
        lethe_io_spec_close(out);
    return rc;
}

/* The specification came through a socket: believe nothing that can be checked. */
static int check_spec(const struct lethe_io_spec *spec, const struct emulated *emulated,
                      struct lethe_error *err)
{
    struct stat st;
    if (spec->n_fds != 2u + spec->writable + emulated->remembers + emulated->has_controller)
        return lethe_fail(err, LETHE_E_INVALID, "%zu descriptors for an emulated device",
                          spec->n_fds);
    for (size_t i = 0; i < spec->n_fds; i++)
        if (fstat(spec->fds[i], &st) < 0 || !S_ISREG(st.st_mode) ||
            (i == 0 && (uint64_t)st.st_size != emulated->shape.capacity))
            return lethe_fail(err, LETHE_E_INVALID,
                              "descriptor %zu is not that of the emulated device", i);
    return 0;
}

/* Above the faults, which are the medium's. */
static int add_firmware(const struct lethe_io_spec *spec, const struct emulated *emulated,
                        struct lethe_emu_state *state, struct lethe_io **io,
                        struct lethe_error *err)
{
    struct lethe_io *media = *io;
    int rc = model_open(media, spec->fds[0], spec->fds[spec->n_fds - 1], spec->writable,
                        &emulated->controller, state, io, err);
    if (rc < 0)
        lethe_io_close(media);
    return rc;
}

static int emu_open(const struct lethe_io_spec *spec, unsigned queue_depth, struct lethe_io **out,
                    struct lethe_error *err)
{
    struct emulated emulated;
    struct fault_session session = {.mapped = true, .writable = spec->writable, .old = -1};
    struct lethe_io *disk;
    (void)queue_depth; /* the generic queue: a model answers at once */
    if (!spec->config)
        return lethe_fail(err, LETHE_E_INVALID, "an emulated device without its description");
    int rc = emulated_from_config(spec->config, &emulated, err);
    if (rc == 0)
        rc = lethe_json_u64(spec->config, "generation", &session.generation, err);
    if (rc == 0)
        rc = check_spec(spec, &emulated, err);
    if (rc == 0)
        rc = lethe_emu_state_map(spec->fds[1], &session.state, err);
    if (rc < 0)
        return rc;
    session.capacity = emulated.shape.capacity;
    session.logical_block = emulated.shape.logical_block;
    session.granule = emulated.shape.physical_block;
    if (emulated.remembers)
        session.old = spec->fds[spec->n_fds - 1 - emulated.has_controller];
    rc = disk_open(spec->fds[0], spec->writable && emulated.volatile_cache ? spec->fds[2] : -1,
                   session.state, &emulated.shape, &disk, err);
    if (rc == 0) {
        rc = fault_stack(disk, emulated.rules, (size_t)emulated.n_rules, &session, out, err);
        if (rc < 0)
            lethe_io_close(disk);
    }
    if (rc < 0) {
        lethe_emu_state_unmap(session.state);
        return rc;
    }
    return emulated.has_controller ? add_firmware(spec, &emulated, session.state, out, err) : 0;
}

/* The same without a claim, and only where there is firmware to be asked. */
static int emu_peek(const struct lethe_scan_env *env, const struct lethe_device *device,
                    struct lethe_io_spec *out, struct lethe_error *err)
{
    (void)env;
    struct lethe_held held = {.config = device->config, .backing = BACKING_NONE};
    if (!device->config || !json_object_get(device->config, "controller"))
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "%s has no firmware", device->target);
    int rc = emulated_from_config(held.config, &held.emulated, err);
    if (rc == 0)
        rc = backing_open(held.config, &held.emulated, false, &held.backing, err);
    if (rc == 0) {
        held.generation = held.backing.state->generation;
        rc = emu_spec(&held, false, out, err);
    }
    backing_close(&held.backing);
    return rc;
}

static int emu_cycle(const struct lethe_scan_env *env, const struct lethe_device *device,
                     struct lethe_device *returned, struct lethe_error *err)
{
    struct lethe_held *held = NULL;
    int rc = lethe_emu_power_cycle(device, err);
    if (rc == 0 && lethe_device_copy(device, returned) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0)
        rc = emu_claim(env, returned, &held, err);
    if (rc == 0)
        rc = emu_identify(held, &returned->identity, err);
    emu_release(held);
    return rc;
}

const struct lethe_driver lethe_driver_emu = {.name = "emu",
                                              .claim = emu_claim,
                                              .peek = emu_peek,
                                              .cycle = emu_cycle,
                                              .identify = emu_identify,
                                              .spec = emu_spec,
                                              .release = emu_release,
                                              .open = emu_open};
