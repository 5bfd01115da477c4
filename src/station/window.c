/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A window for re-enumeration (rule 4): the plan asked for a power cycle, so the claim is given up
 * and the same drive awaited, with the capacity that the plan expects then. Everything is checked
 * again before anything else is sent.
 */
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <station/bench.h>
#include <string.h>

#define WINDOW_SECONDS 600 /* somebody has to walk to the bench */
#define LOOK_EVERY_MS 1000

static void give_up(struct lethe_bench *bench, const struct lethe_error *why)
{
    struct lethe_error err = {0};
    json_t *body = json_pack("{s:b, s:s}", "ok", 0, "reason", why->what);
    if (lethe_bench_record(bench, LETHE_EVENT_WINDOW_CLOSED, body, &err) < 0)
        lethe_bench_lost(bench, &err);
    else
        lethe_bench_finish(bench);
}

void lethe_bench_window_open(struct lethe_bench *bench)
{
    struct lethe_error err = {0};
    const struct lethe_device *device = lethe_bench_device(bench);
    char ask[256];
    lethe_text_format(ask, sizeof(ask),
                      "power %s off and on again, in the same slot, so that it shows all of itself",
                      device->target);
    if (lethe_bench_record(bench, LETHE_EVENT_WINDOW_OPEN,
                           json_pack("{s:i, s:s}", "seconds", WINDOW_SECONDS, "ask", ask),
                           &err) < 0) {
        lethe_bench_lost(bench, &err);
        return;
    }
    bench->driver->release(bench->held);
    bench->held = NULL;
    bench->phase = LETHE_PHASE_WINDOW;
    bench->window_diskseq = device->diskseq;
    bench->window_until = lethe_monotonic_ms() + WINDOW_SECONDS * 1000ull;
    bench->window_looked = 0;
}

/* Is it DEVICE, come back? A kernel that numbers disks shows by a new number that it was away. */
static bool is_back(const struct lethe_bench *bench, const struct lethe_device *device)
{
    const struct lethe_device *before = bench->request->device;
    return strcmp(device->driver, before->driver) == 0 && strcmp(device->slot, before->slot) == 0 &&
           (!device->diskseq || device->diskseq != bench->window_diskseq) &&
           lethe_bench_same_device(&bench->job, &device->identity, NULL) == 0;
}

/* 1 found (in bench->returned), 0 not there yet. */
static int find(struct lethe_bench *bench, struct lethe_error *err)
{
    if (bench->driver->cycle) { /* a slot that does it by itself */
        int rc = bench->driver->cycle(bench->station->env, bench->request->device, &bench->returned,
                                      err);
        return rc < 0 ? rc : 1;
    }
    struct lethe_device_list list = {0};
    int rc = lethe_scan_all(bench->station->env, &list, err);
    for (size_t i = 0; rc == 0 && i < list.n; i++)
        if (is_back(bench, &list.devices[i]))
            rc = lethe_device_copy(&list.devices[i], &bench->returned) < 0 ? -LETHE_E_INTERNAL : 1;
    lethe_device_list_clear(&list);
    return rc;
}

static int take_up(struct lethe_bench *bench, struct lethe_error *err)
{
    int rc = bench->driver->claim(bench->station->env, &bench->returned, &bench->held, err);
    if (rc == 0 && bench->driver->claim_rest)
        rc = bench->driver->claim_rest(bench->held, err);
    if (rc == 0)
        rc = lethe_bench_record(bench, LETHE_EVENT_WINDOW_CLOSED, json_pack("{s:b}", "ok", 1), err);
    if (rc < 0)
        return rc;
    bench->phase = LETHE_PHASE_ERASE;
    lethe_pace_start(&bench->pace, lethe_monotonic_ms());
    return lethe_bench_spawn(bench, LETHE_ROLE_ERASE, NULL, err);
}

void lethe_bench_window_look(struct lethe_bench *bench, uint64_t now)
{
    struct lethe_error err = {0};
    if (bench->window_looked && now - bench->window_looked < LOOK_EVERY_MS)
        return;
    bench->window_looked = now;
    lethe_device_clear(&bench->returned);
    int rc = find(bench, &err);
    if (rc == 1)
        rc = take_up(bench, &err);
    /* Something may still look at it (a desktop, udev): it is tried until the window closes. */
    if (rc == 0 || rc == -LETHE_E_BUSY) {
        if (bench->phase != LETHE_PHASE_WINDOW || now < bench->window_until)
            return;
        lethe_fail(&err, LETHE_E_GONE, "the drive did not come back within %d s as it should be",
                   WINDOW_SECONDS);
        rc = -LETHE_E_GONE;
    }
    if (bench->phase != LETHE_PHASE_WINDOW) { /* claimed, recorded, but no worker */
        lethe_bench_lost(bench, &err);
        return;
    }
    give_up(bench, &err);
}
