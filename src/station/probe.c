/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's side of a probe: one process a drive, all at once, each with its time. */
#include <base/buf.h>
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <errno.h>
#include <io/record.h>
#include <limits.h>
#include <phone/adb_host.h>
#include <poll.h>
#include <scan/sysfs.h>
#include <signal.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PHONE_MS 30000
#define PAIR_MS 120000 /* a person reads, unlocks, taps, types a passcode */

struct probe {
    struct lethe_device *device;
    bool phone, pair;
    struct lethe_error refused; /* PAIR: why not */
    struct lethe_phone seen;    /* what the scan saw of a phone; else empty */
    int socket;                 /* -1: not asked, or answered */
    pid_t pid;
    struct lethe_buf *recording; /* NULL: none is asked for */
};

/* What is known of a device that could not be asked: of a phone what its port shows. */
static void unknown(const struct probe *probe, const char *why, const char *remedy)
{
    struct lethe_facts *facts = probe->device->facts;
    memset(facts, 0, sizeof(*facts));
    facts->phone = probe->seen;
    lethe_text_clean(facts->obstacle, sizeof(facts->obstacle), why, strlen(why));
    lethe_text_clean(facts->remedy, sizeof(facts->remedy), remedy, strlen(remedy));
    int64_t *numbers[] = {&facts->health.hours,        &facts->health.reallocated,
                          &facts->health.pending,      &facts->health.uncorrectable,
                          &facts->health.media_errors, &facts->health.used_percent,
                          &facts->health.temperature,  &facts->health.written_bytes};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        *numbers[i] = -1;
}

static void end(struct probe *probe)
{
    if (probe->socket >= 0)
        close(probe->socket);
    probe->socket = -1;
    if (probe->pid <= 0)
        return;
    kill(probe->pid, SIGKILL);
    for (int i = 0; i < 50 && waitpid(probe->pid, NULL, WNOHANG) == 0; i++)
        usleep(2000); /* one that hangs in the kernel is left behind */
    probe->pid = 0;
}

/* Looking makes no key, and no place for one. */
static bool has_key(const struct lethe_scan_env *env)
{
    char path[PATH_MAX];
    return env->state_dir &&
           lethe_path_join(path, sizeof(path), env->state_dir, LETHE_ADB_HOST_FILE, NULL) == 0 &&
           access(path, F_OK) == 0;
}

static int ask(const struct lethe_scan_env *env, const char *worker,
               const struct lethe_profile_set *profiles, struct probe *probe,
               struct lethe_error *err)
{
    struct lethe_device *device = probe->device;
    const struct lethe_driver *driver = lethe_driver_find(device->driver);
    struct lethe_quirks quirks;
    struct lethe_io_spec spec = {0};
    int pair[2] = {-1, -1};
    lethe_profile_quirks(profiles, &device->identity, &quirks);
    int rc = driver->peek(env, device, &spec, err);
    if (rc == 0 && driver->phone && (probe->pair || has_key(env)))
        rc = lethe_adb_host_give(env->state_dir, &spec, err);
    if (rc < 0) {
        lethe_io_spec_close(&spec);
        return rc;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        rc = lethe_fail_errno(err, errno, "no socket for a worker");
    if (rc == 0)
        rc = lethe_process_start(worker, driver->phone, "__probe", pair[1], &probe->pid, err);
    if (rc == 0) {
        LETHE_JSON_AUTO *order =
            json_pack("{s:s, s:s, s:o, s:o, s:o, s:b}", "role", "probe", "driver", device->driver,
                      "config", spec.config ? json_incref(spec.config) : json_null(), "identity",
                      lethe_identity_to_json(&device->identity), "quirks",
                      lethe_quirks_to_json(&quirks), "record", probe->recording != NULL);
        if (order && probe->pair)
            json_object_set_new(order, "pair", json_true());
        rc = lethe_process_order(pair[0], order, &spec, err);
    }
    if (pair[1] >= 0)
        close(pair[1]);
    probe->socket = pair[0];
    lethe_io_spec_close(&spec);
    return rc;
}

/* A bridge may have hidden what the drive is made of, and its name: what is known of drives of that
 * name holds too. */
static void limit(const struct lethe_profile_set *profiles, struct lethe_device *device)
{
    struct lethe_identity drive;
    struct lethe_quirks quirks;
    device->identity.media = lethe_facts_media(device->facts, device->identity.media);
    lethe_facts_identity(device->facts, &device->identity, &drive);
    lethe_profile_quirks(profiles, &drive, &quirks);
    lethe_facts_limit(device->facts, &quirks);
}

/* A part of the recording: more comes. */
static bool recorded(struct probe *probe, const json_t *json, const char *type)
{
    const char *text = json_string_value(json_object_get(json, "text"));
    if (!probe->recording || !type || !text || strcmp(type, "recorded") != 0 ||
        probe->recording->len + strlen(text) > LETHE_RECORDING_MAX)
        return false;
    return lethe_buf_puts(probe->recording, text) == 0;
}

static void hear(const struct lethe_profile_set *profiles, struct probe *probe)
{
    static char text[LETHE_MESSAGE_MAX + 1];
    struct lethe_error err = {0};
    ssize_t len = recv(probe->socket, text, sizeof(text), MSG_DONTWAIT | MSG_TRUNC);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    LETHE_JSON_AUTO *json =
        len > 0 ? lethe_json_load(text, (size_t)len, LETHE_MESSAGE_MAX, &err) : NULL;
    const char *type = json ? json_string_value(json_object_get(json, "type")) : NULL;
    const char *reason = json ? json_string_value(json_object_get(json, "reason")) : NULL;
    if (recorded(probe, json, type))
        return;
    if (!type || strcmp(type, "facts") != 0 ||
        lethe_facts_from_json(json_object_get(json, "facts"), probe->device->facts, &err) < 0) {
        const char *remedy = json ? json_string_value(json_object_get(json, "remedy")) : NULL;
        lethe_fail(&probe->refused, LETHE_E_UNTRUSTED, "%.200s",
                   reason ? reason : "its answer could not be read");
        if (remedy)
            lethe_error_remedy(&probe->refused, "%.200s", remedy);
        unknown(probe,
                reason         ? reason
                : probe->phone ? "who asked it died, or its answer could not be read"
                               : "its firmware's answer could not be read",
                remedy && *remedy ? remedy
                : probe->phone    ? "unlock it, unplug it and plug it in again"
                                  : "unplug it and plug it in again, in another slot");
    } else if (probe->phone)
        lethe_bench_know(&probe->seen, probe->device);
    else
        limit(profiles, probe->device);
    end(probe);
}

static void give_up(struct probe *probe)
{
    if (probe->phone)
        unknown(probe, "it does not answer in time",
                "unlock it; if that does not help, unplug it and plug it in again");
    else
        unknown(probe, "its firmware does not answer",
                "unplug it and plug it in again, in another slot");
    end(probe);
}

static void wait_for_all(const struct lethe_profile_set *profiles, struct probe *probes, size_t n,
                         unsigned timeout_ms)
{
    uint64_t began = lethe_monotonic_ms();
    struct pollfd *fds = calloc(n, sizeof(*fds));
    for (bool waiting = fds != NULL; waiting;) {
        uint64_t now = lethe_monotonic_ms(), until = UINT64_MAX;
        waiting = false;
        for (size_t i = 0; i < n; i++) {
            /* A phone is asked a hundred things, over a cable. */
            unsigned patience = probes[i].phone && timeout_ms < PHONE_MS ? PHONE_MS : timeout_ms;
            if (probes[i].socket >= 0 && now >= began + patience)
                give_up(&probes[i]);
            if (probes[i].socket >= 0 && began + patience < until)
                until = began + patience;
            fds[i] = (struct pollfd){.fd = probes[i].socket, .events = POLLIN};
            waiting = waiting || probes[i].socket >= 0;
        }
        if (!waiting || (poll(fds, (nfds_t)n, (int)(until - now)) < 0 && errno != EINTR))
            break;
        for (size_t i = 0; i < n; i++)
            if (fds[i].revents && probes[i].socket >= 0)
                hear(profiles, &probes[i]);
    }
    free(fds);
    for (size_t i = 0; i < n; i++)
        if (probes[i].socket >= 0)
            give_up(&probes[i]);
}

/* Linux answers TRUSTED SEND and RECEIVE to drives on SATA ports itself, with "invalid field in
 * CDB", unless it was started with libata.allow_tpm=1 (drivers/ata/libata-scsi.c). */
static void know_kernel(const struct lethe_scan_env *env, struct lethe_device *device)
{
    const struct lethe_identity *id = &device->identity;
    bool native = !id->usb_vendor && (id->bus == LETHE_BUS_ATA || id->bus == LETHE_BUS_EMULATED);
    if (device->facts)
        device->facts->tcg.kernel_blocks =
            device->facts->tcg.unasked && native &&
            lethe_sys_u64(0, "%s/module/libata/parameters/allow_tpm", env->sys) == 0;
}

static int probe_all(const struct lethe_scan_env *env, const char *worker,
                     const struct lethe_profile_set *profiles, struct lethe_device *const *devices,
                     size_t n, unsigned timeout_ms, struct lethe_buf *recording,
                     struct lethe_error *err)
{
    struct probe *probes = calloc(n ? n : 1, sizeof(*probes));
    if (!probes)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct lethe_device *device = devices[i];
        const struct lethe_driver *driver = lethe_driver_find(device->driver);
        probes[i] = (struct probe){.device = device, .socket = -1, .recording = recording};
        /* A phone of which the scan saw that it can't be asked, and why. */
        if (!driver || !driver->peek ||
            (driver->phone && device->facts && device->facts->phone.advice[0]))
            continue;
        probes[i].phone = driver->phone;
        if (driver->phone)
            lethe_bench_seen(device, &probes[i].seen);
        free(device->facts);
        device->facts = calloc(1, sizeof(*device->facts));
        if (!device->facts)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
        struct lethe_error why = {0};
        int asked = rc == 0 ? ask(env, worker, profiles, &probes[i], &why) : 0;
        if (asked == -LETHE_E_UNSUPPORTED && !driver->phone) {
            free(device->facts);
            device->facts = NULL;
        } else if (asked < 0) {
            unknown(&probes[i], why.what, why.remedy);
            end(&probes[i]);
        }
    }
    wait_for_all(profiles, probes, n, timeout_ms);
    for (size_t i = 0; i < n; i++)
        know_kernel(env, devices[i]);
    free(probes);
    return rc;
}

int lethe_probe(const struct lethe_scan_env *env, const char *worker,
                const struct lethe_profile_set *profiles, struct lethe_device *const *devices,
                size_t n, unsigned timeout_ms, struct lethe_error *err)
{
    return probe_all(env, worker, profiles, devices, n, timeout_ms, NULL, err);
}

int lethe_probe_record(const struct lethe_scan_env *env, const char *worker,
                       const struct lethe_profile_set *profiles, struct lethe_device *device,
                       unsigned timeout_ms, json_t **recording, struct lethe_error *err)
{
    LETHE_BUF_AUTO text = {0};
    int rc = probe_all(env, worker, profiles, &device, 1, timeout_ms, &text, err);
    *recording = NULL;
    if (rc < 0)
        return rc;
    if (!device->facts)
        return lethe_fail(err, LETHE_E_UNSUPPORTED,
                          "%s has no firmware that can be asked: there is nothing to record",
                          device->target);
    if (text.len == 0) {
        const struct lethe_facts *facts = device->facts;
        lethe_fail(err, LETHE_E_REFUSED, "%s",
                   facts->obstacle[0] ? facts->obstacle : "it can't be asked as it is now");
        lethe_error_remedy(err, "%s",
                           facts->phone.advice[0] ? facts->phone.advice
                           : facts->remedy[0]     ? facts->remedy
                                                  : "unplug it and plug it in again");
        return -LETHE_E_REFUSED;
    }
    /* Bounded above; a phone's numbers may be larger than ours may be. */
    *recording = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    return *recording ? 0 : lethe_fail(err, LETHE_E_INVALID, "what was recorded can't be read");
}

int lethe_pair(const struct lethe_scan_env *env, const char *worker,
               const struct lethe_profile_set *profiles, struct lethe_device *device,
               struct lethe_error *err)
{
    const struct lethe_driver *driver = lethe_driver_find(device->driver);
    if (!driver || !driver->phone) {
        lethe_fail(err, LETHE_E_UNSUPPORTED, "%s is no phone or tablet", device->target);
        lethe_error_remedy(err, "only phones and tablets ask whom to trust");
        return -LETHE_E_UNSUPPORTED;
    }
    int rc = lethe_device_refuse(device, err);
    if (rc < 0)
        return rc;
    if (device->facts && device->facts->phone.advice[0]) {
        lethe_fail(err, LETHE_E_REFUSED, "%s can't be asked in this mode", device->target);
        lethe_error_remedy(err, "%s", device->facts->phone.advice);
        return -LETHE_E_REFUSED;
    }
    struct probe probe = {.device = device, .socket = -1, .phone = true, .pair = true};
    lethe_bench_seen(device, &probe.seen);
    free(device->facts);
    device->facts = calloc(1, sizeof(*device->facts));
    if (!device->facts)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    rc = ask(env, worker, profiles, &probe, err);
    if (rc < 0) {
        unknown(&probe, err ? err->what : "", err ? err->remedy : "");
        end(&probe);
        return rc;
    }
    wait_for_all(profiles, &probe, 1, PAIR_MS);
    if (device->facts->phone.access == LETHE_ACCESS_GRANTED)
        return 0;
    if (!probe.refused.code) {
        lethe_fail(&probe.refused, LETHE_E_TIMEOUT, "%s",
                   device->facts->obstacle[0] ? device->facts->obstacle : "it does not answer");
        lethe_error_remedy(&probe.refused, "unplug it, unlock it, plug it in again");
    }
    if (err)
        *err = probe.refused;
    return -(int)probe.refused.code;
}
