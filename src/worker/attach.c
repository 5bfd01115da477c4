/* SPDX-License-Identifier: Apache-2.0 */
#include <base/json.h>
#include <lethe/emu.h>
#include <phone/adb_host.h>
#include <string.h>
#include <sys/mman.h>
#include <worker/worker.h>

static const struct lethe_driver *const drivers[] = {
#define LETHE_DRIVER(name) &lethe_driver_##name,
#include <worker/drivers.def>
#undef LETHE_DRIVER
};

const struct lethe_driver *lethe_driver_find(const char *name)
{
    for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
        if (!strcmp(drivers[i]->name, name))
            return drivers[i];
    return NULL;
}

/*
 * Faults travel as {"device": CONFIG, "faults": [...]} with one more descriptor behind the
 * driver's own: shared memory for their counters, so that they count over all workers of a job.
 */
int lethe_spec_add_faults(struct lethe_io_spec *spec, const json_t *faults, int state_fd,
                          struct lethe_error *err)
{
    if (spec->n_fds >= LETHE_IO_FDS_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "no descriptor left for the faults");
    json_t *wrapped =
        json_pack("{s:o?, s:O}", "device", spec->config, "faults", (json_t *)(uintptr_t)faults);
    if (!wrapped)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    spec->config = wrapped;
    spec->fds[spec->n_fds++] = state_fd;
    return 0;
}

/* A phone's key is used once while the door is open: libcrypto loads what it needs on first use. */
static void know(struct lethe_io *io, const json_t *config)
{
    static const uint8_t token[LETHE_ADB_TOKEN_SIZE];
    uint8_t signature[LETHE_ADB_SIGNATURE_SIZE];
    struct lethe_adb_host *host;
    io->config = config;
    const char *pem = json_string_value(json_object_get(config, "adb_key"));
    if (!pem || lethe_adb_host_new(pem, &host, NULL) < 0)
        return;
    char key[LETHE_ADB_KEY_TEXT];
    (void)lethe_adb_host_sign(host, token, signature, NULL);
    (void)lethe_adb_host_public(host, key, NULL);
    lethe_adb_host_free(host);
}

int lethe_spec_attach(const struct lethe_io_spec *spec, struct lethe_io **out,
                      struct lethe_error *err)
{
    const struct lethe_driver *driver = lethe_driver_find(spec->driver);
    if (!driver)
        return lethe_fail(err, LETHE_E_INVALID, "no driver is called \"%s\"", spec->driver);

    json_t *faults = spec->config ? json_object_get(spec->config, "faults") : NULL;
    json_t *device = spec->config ? json_object_get(spec->config, "device") : NULL;
    if (!faults || !json_is_array(faults) || !device || spec->n_fds < 1) {
        int rc = driver->open(spec, LETHE_WORKER_QUEUE_DEPTH, out, err);
        if (rc == 0)
            know(*out, spec->config);
        return rc;
    }

    struct lethe_io_spec inner = *spec;
    inner.config = json_is_null(device) ? NULL : device;
    inner.n_fds--;
    void *state = mmap(NULL, lethe_emu_state_size(), PROT_READ | PROT_WRITE, MAP_SHARED,
                       spec->fds[inner.n_fds], 0);
    if (state == MAP_FAILED)
        return lethe_fail(err, LETHE_E_INTERNAL, "the counters of the faults can't be mapped");
    struct lethe_io *lower = NULL;
    int rc = driver->open(&inner, LETHE_WORKER_QUEUE_DEPTH, &lower, err);
    if (rc < 0)
        return rc;
    rc = lethe_fault_open(lower, faults, state, out, err);
    if (rc < 0)
        lethe_io_close(lower);
    else
        know(*out, inner.config);
    return rc;
}
