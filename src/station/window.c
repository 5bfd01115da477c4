/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A window for re-enumeration (rule 4): a drive is to be powered off and on, or a phone restarts.
 * The claim is given up and the same device awaited: a drive in its slot with the capacity that the
 * plan expects then; a phone on its port, with its serial number, in a mode that the plan names.
 * Everything is checked again before anything else is sent.
 */
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_SECONDS 600 /* somebody has to walk to the bench */
#define LOST_SECONDS 180   /* one that vanished: by accident, or for good */
#define LOOK_EVERY_MS 1000
/* Back, and without a size: kernel and udev have had their time then. */
#define SIZELESS_MS 5000

static bool of_phone(const struct lethe_bench *bench)
{
    return bench->driver->phone;
}

/* The step after which it leaves. */
static const struct lethe_step *step_before(const struct lethe_bench *bench)
{
    return &bench->job.plan.steps[bench->job.step];
}

/* A number of a test bed, whose models need milliseconds for what takes a bench half an hour. */
static uint32_t test_bed(const char *name, uint32_t otherwise)
{
    const char *asked = getenv(name);
    unsigned long value = asked ? strtoul(asked, NULL, 10) : 0;
    return value > 0 && value < otherwise ? (uint32_t)value : otherwise;
}

/* A drive that vanished, and was not sent away. */
static bool is_lost(const struct lethe_bench *bench)
{
    return bench->job.state == LETHE_JOB_INTERRUPTED;
}

static uint32_t seconds_of(const struct lethe_bench *bench)
{
    uint32_t away = of_phone(bench) ? step_before(bench)->away : is_lost(bench) ? LOST_SECONDS : 0;
    return test_bed("LETHE_AWAY_SECONDS", away ? away : WINDOW_SECONDS);
}

static void give_up(struct lethe_bench *bench, const struct lethe_error *why)
{
    struct lethe_error err = {0};
    json_t *body = json_pack("{s:b, s:s}", "ok", 0, "reason", why->what);
    if (lethe_bench_record(bench, LETHE_EVENT_WINDOW_CLOSED, body, &err) < 0)
        lethe_bench_lost(bench, &err);
    else
        lethe_bench_finish(bench);
}

/* ---- Where it was before, kept over a crash ---- */

struct mark {
    uint64_t diskseq;
    char boot[40]; /* a bench that was started anew numbers its bus anew; "" of what is no bus */
};

static void boot_id(const struct lethe_bench *bench, char out[40])
{
    char *text = NULL, path[128];
    size_t len = 0;
    memset(out, 0, 40);
    if (bench->job.plan.identity.substrate == LETHE_SUBSTRATE_EMULATED)
        return;
    lethe_text_format(path, sizeof(path), "%s/sys/kernel/random/boot_id",
                      bench->station->env->proc);
    if (lethe_file_read(path, 256, &text, &len, NULL) == 0)
        lethe_text_clean(out, 40, text, len);
    free(text);
}

/* Each run of a step is marked once. */
static void mark_name(const char *what, int step, unsigned run, char out[32])
{
    lethe_text_format(out, 32, "%.8s-%d-%u", what, step, run);
}

static int keep_mark(struct lethe_bench *bench, const char *what, struct lethe_error *err)
{
    struct mark mark = {.diskseq = lethe_bench_device(bench)->diskseq};
    char name[32];
    if (!of_phone(bench))
        return 0;
    boot_id(bench, mark.boot);
    mark_name(what, bench->job.step, bench->job.interruptions, name);
    return lethe_store_secret_put(bench->station->store, bench->job.id, name, &mark, sizeof(mark),
                                  err);
}

int lethe_bench_window_mark(struct lethe_bench *bench, struct lethe_error *err)
{
    return keep_mark(bench, "port", err);
}

int lethe_bench_look_mark(struct lethe_bench *bench, struct lethe_error *err)
{
    return keep_mark(bench, "look", err);
}

/* By the last run of the step that kept one. */
static uint64_t marked(struct lethe_bench *bench, const char *what)
{
    struct mark mark;
    char name[32], boot[40];
    boot_id(bench, boot);
    for (unsigned run = bench->job.interruptions + 1; run-- > 0;) {
        mark_name(what, bench->job.step, run, name);
        if (lethe_store_secret_get(bench->station->store, bench->job.id, name, &mark, sizeof(mark),
                                   NULL) == 0)
            return memcmp(mark.boot, boot, sizeof(boot)) == 0 ? mark.diskseq : 0;
    }
    return 0;
}

uint64_t lethe_bench_window_marked(struct lethe_bench *bench)
{
    return marked(bench, "port");
}

bool lethe_bench_left_since_look(struct lethe_bench *bench)
{
    uint64_t then = of_phone(bench) && bench->job.step >= 0 ? marked(bench, "look") : 0;
    return then && then != lethe_bench_device(bench)->diskseq;
}

/* ---- The window ---- */

static void ask_for(const struct lethe_bench *bench, char *out, size_t out_size)
{
    const struct lethe_device *device = lethe_bench_device(bench);
    const struct lethe_technique *technique = lethe_technique_find(step_before(bench)->technique);
    if (is_lost(bench))
        lethe_text_format(out, out_size,
                          "%s vanished while it erased itself: give it its power back, in the same "
                          "slot; it is taken up again then",
                          device->target);
    else if (technique && technique->ask)
        lethe_text_format(out, out_size, "%s", technique->ask);
    else if (of_phone(bench))
        lethe_text_format(out, out_size, "leave %s plugged in: it restarts by itself",
                          device->target);
    else
        lethe_text_format(out, out_size,
                          "power %s off and on again, in the same slot, so that it shows all of "
                          "itself",
                          device->target);
}

void lethe_bench_window_await(struct lethe_bench *bench, const char *reason)
{
    struct lethe_error err = {0};
    lethe_bench_drop_worker(bench);
    bench->awaited = true;
    if (lethe_bench_record(bench, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", reason),
                           &err) < 0)
        lethe_bench_lost(bench, &err);
    else
        lethe_bench_window_open(bench);
}

void lethe_bench_window_open(struct lethe_bench *bench)
{
    struct lethe_error err = {0};
    char ask[256];
    ask_for(bench, ask, sizeof(ask));
    if (lethe_bench_record(bench, LETHE_EVENT_WINDOW_OPEN,
                           json_pack("{s:i, s:s}", "seconds", (int)seconds_of(bench), "ask", ask),
                           &err) < 0) {
        lethe_bench_lost(bench, &err);
        return;
    }
    bench->driver->release(bench->held);
    bench->held = NULL;
    bench->phase = LETHE_PHASE_WINDOW;
    bench->window_diskseq =
        of_phone(bench) ? lethe_bench_window_marked(bench) : lethe_bench_device(bench)->diskseq;
    bench->window_opened = lethe_monotonic_ms();
    bench->window_until = bench->window_opened + seconds_of(bench) * 1000ull;
    bench->window_looked = bench->window_sizeless = 0;
    bench->window_why[0] = '\0';
    bench->window_stayed = false;
}

/* Is it DEVICE, come back? A kernel that numbers disks shows by a new number that it was away. */
static bool is_back(struct lethe_bench *bench, const struct lethe_device *device)
{
    const struct lethe_device *before = bench->request->device;
    struct lethe_error why = {0};
    if (strcmp(device->driver, before->driver) != 0 || strcmp(device->slot, before->slot) != 0)
        return false;
    bool same = lethe_job_same_device(&bench->job, &device->identity, &why) == 0;
    if (!same)
        lethe_text_format(bench->window_why, sizeof(bench->window_why), "%.250s", why.what);
    return same && (!device->diskseq || device->diskseq != bench->window_diskseq);
}

/* A drive that vanished while it sanitised itself goes on with that, and may tell no size until it
 * is over; the kernel does not ask again by itself. It is no lost one: its job waits for `lethe
 * resume`, which waits for it. Asking here would keep the others from being looked after. */
static bool is_back_sizeless(const struct lethe_bench *bench, const struct lethe_device *device)
{
    const struct lethe_device *before = bench->request->device;
    return is_lost(bench) && !of_phone(bench) && strcmp(device->driver, before->driver) == 0 &&
           strcmp(device->slot, before->slot) == 0 &&
           lethe_plan_sizeless(&bench->job.plan, &device->identity);
}

static void leave_sizeless(struct lethe_bench *bench)
{
    struct lethe_error why = {0}, err = {0};
    lethe_fail(&why, LETHE_E_BUSY,
               "the drive is back and tells no size: it goes on with its sanitise by itself");
    lethe_error_effect(&why, "it is NOT known to be sanitised; the job stays open");
    lethe_error_remedy(&why,
                       "leave it powered; lethe resume %.13s waits for its end and takes it "
                       "up again",
                       bench->job.id);
    if (lethe_bench_record(bench, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", why.what),
                           &err) < 0)
        lethe_bench_lost(bench, &err);
    else
        lethe_bench_lost(bench, &why);
}

/* Its mode as the plan names it, or -1: not one of these. On its port adb looks alike in a system
 * and its recovery, fastboot in a boot loader and a system: who talks to it asks which it is, and
 * before anything else. */
static int mode_of(const struct lethe_bench *bench, const struct lethe_device *device)
{
    static const enum lethe_phone_mode adb[] = {LETHE_MODE_SIDELOAD, LETHE_MODE_RESCUE,
                                                LETHE_MODE_RECOVERY, LETHE_MODE_NORMAL};
    unsigned returns = step_before(bench)->returns;
    bool shows_adb = device->mode == LETHE_MODE_NORMAL || device->mode == LETHE_MODE_RECOVERY;
    if (returns & 1u << device->mode)
        return (int)device->mode;
    if (strcmp(device->driver, "android") != 0)
        return -1;
    for (size_t i = 0; shows_adb && i < sizeof(adb) / sizeof(*adb); i++)
        if (returns & 1u << adb[i])
            return (int)adb[i];
    return device->mode == LETHE_MODE_FASTBOOT && returns & 1u << LETHE_MODE_FASTBOOTD
               ? LETHE_MODE_FASTBOOTD
               : -1;
}

/* What is on its port now, and why that is not it. */
static int find_phone(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_error why = {0};
    struct lethe_device *now = &bench->returned;
    bench->window_stayed = false;
    int rc = bench->driver->find(bench->station->env, bench->request->device, now, err);
    if (rc <= 0) {
        lethe_text_format(bench->window_why, sizeof(bench->window_why), "%.250s",
                          err->code == LETHE_E_UNREACHED ? err->what : "nothing came back");
        return rc;
    }
    bench->window_stayed = bench->window_diskseq && now->diskseq == bench->window_diskseq;
    if (bench->window_stayed)
        lethe_text_format(bench->window_why, sizeof(bench->window_why), "it never left its port");
    else if (lethe_job_same_device(&bench->job, &now->identity, &why) < 0)
        lethe_text_format(bench->window_why, sizeof(bench->window_why), "%.250s", why.what);
    else if (mode_of(bench, now) < 0)
        lethe_text_format(bench->window_why, sizeof(bench->window_why),
                          "it came back in %s mode, where the plan does not expect it",
                          lethe_phone_mode_name(now->mode));
    else
        return 1;
    lethe_device_clear(now);
    return 0;
}

/* 1 found (in bench->returned), 0 not there yet. */
static int find(struct lethe_bench *bench, struct lethe_error *err)
{
    if (of_phone(bench) && bench->driver->find)
        return find_phone(bench, err);
    if (bench->driver->cycle) { /* a slot that does it by itself */
        int rc = bench->driver->cycle(bench->station->env, bench->request->device, &bench->returned,
                                      err);
        return rc < 0 ? rc : 1;
    }
    struct lethe_device_list list = {0};
    int rc = lethe_scan_all(bench->station->env, &list, err);
    bool sizeless = false;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        sizeless = sizeless || is_back_sizeless(bench, &list.devices[i]);
        if (is_back(bench, &list.devices[i]))
            rc = lethe_device_copy(&list.devices[i], &bench->returned) < 0 ? -LETHE_E_INTERNAL : 1;
    }
    if (!sizeless)
        bench->window_sizeless = 0;
    else if (!bench->window_sizeless)
        bench->window_sizeless = lethe_monotonic_ms();
    lethe_device_list_clear(&list);
    return rc;
}

static int take_up(struct lethe_bench *bench, uint64_t now, struct lethe_error *err)
{
    int rc = bench->driver->claim(bench->station->env, &bench->returned, &bench->held, err);
    if (rc == 0 && bench->driver->claim_rest)
        rc = bench->driver->claim_rest(bench->held, err);
    if (rc == 0 && is_lost(bench) && lethe_bench_check_identity(bench, "resume", err) < 0)
        rc = -LETHE_E_CHANGED; /* on record now; it is not asked again and again */
    json_t *body = json_pack("{s:b}", "ok", 1);
    /* What is back when a resumed job first looks was away for a begun millisecond, and not none:
     * that it left is known from its attachment. */
    uint64_t away = now > bench->window_opened ? now - bench->window_opened : 1;
    if (body && of_phone(bench))
        json_object_update_new(body, json_pack("{s:s, s:I}", "mode",
                                               lethe_phone_mode_name((enum lethe_phone_mode)mode_of(
                                                   bench, &bench->returned)),
                                               "away_ms", (json_int_t)away));
    if (rc == 0)
        return lethe_bench_record(bench, LETHE_EVENT_WINDOW_CLOSED, body, err);
    json_decref(body);
    if (bench->held)
        bench->driver->release(bench->held);
    bench->held = NULL;
    if (err && err->code)
        lethe_text_format(bench->window_why, sizeof(bench->window_why), "%.250s", err->what);
    return rc;
}

void lethe_bench_window_look(struct lethe_bench *bench, uint64_t now)
{
    struct lethe_error err = {0};
    if (bench->window_looked &&
        now - bench->window_looked < test_bed("LETHE_POLL_MS", LOOK_EVERY_MS))
        return;
    bench->window_looked = now;
    lethe_device_clear(&bench->returned);
    int rc = find(bench, &err);
    if (rc == 1)
        rc = take_up(bench, now, &err);
    else if (rc == 0)
        rc = -LETHE_E_BUSY;
    if (rc == -LETHE_E_BUSY && bench->window_sizeless &&
        now > bench->window_sizeless + SIZELESS_MS) {
        leave_sizeless(bench);
        return;
    }
    if (rc == 0 && !is_lost(bench)) {
        lethe_bench_go_on(bench, NULL);
        return;
    }
    if (rc == 0) {
        if (lethe_bench_take_up(bench, &err) < 0)
            lethe_bench_lost(bench, &err);
        return;
    }
    /* Something may still look at it (a desktop, udev): it is tried until the window closes. */
    bool may_come =
        rc == -LETHE_E_GONE && (of_phone(bench) || (is_lost(bench) && !bench->driver->cycle));
    if ((rc == -LETHE_E_BUSY || may_come) && now < bench->window_until)
        return;
    if (bench->window_stayed && lethe_bench_tell_again(bench))
        return;
    if (rc == -LETHE_E_BUSY || rc == -LETHE_E_GONE)
        lethe_fail(&err, LETHE_E_GONE, "the %s did not come back within %u s as it should be%s%s",
                   of_phone(bench) ? "phone" : "drive", seconds_of(bench),
                   bench->window_why[0] ? ": " : "", bench->window_why);
    give_up(bench, &err);
}
