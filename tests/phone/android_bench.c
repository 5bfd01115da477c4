/* SPDX-License-Identifier: Apache-2.0 */
#include "android_bench.h"

#include <base/file.h>
#include <base/text.h>
#include <base/time.h>
#include <emu/phone/android.h>
#include <emu/phone/phone_usb.h>
#include <errno.h>
#include <ftw.h>
#include <phone/adb_host.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* -- the io ------------------------------------------------------------------------------------ */

struct engine_io {
    struct lethe_io io;
    struct phone_engine *engine;
};

static int engine_info(struct lethe_io *io, struct lethe_io_info *out)
{
    (void)io;
    *out = (struct lethe_io_info){.alignment = 1};
    return 0;
}

static int take(struct phone_engine *engine, struct lethe_command *command)
{
    uint64_t until = lethe_monotonic_ms() + command->timeout_ms;
    for (;;) {
        int left = phone_engine_tick(engine);
        ssize_t n = phone_engine_in(engine, command->data, command->data_len);
        if (n != 0) {
            command->transferred = n > 0 ? (size_t)n : 0;
            return n > 0 ? 0 : (int)n;
        }
        if (left < 0)
            return left;
        if (lethe_monotonic_ms() >= until)
            return -ETIMEDOUT;
        usleep(500);
    }
}

static int engine_command(struct lethe_io *io, struct lethe_command *command)
{
    struct phone_engine *engine = ((struct engine_io *)io)->engine;
    assert_int_equal(command->set, LETHE_SET_USB);
    assert_true(command->data_len > 0 && command->data_len <= LETHE_USB_TRANSFER_MAX);
    if (command->direction == LETHE_DATA_IN)
        return take(engine, command);
    int rc = phone_engine_tick(engine);
    return rc < 0 ? rc : phone_engine_out(engine, command->data, command->data_len);
}

static void engine_close(struct lethe_io *io)
{
    phone_engine_close(((struct engine_io *)io)->engine);
    free(io);
}

static const struct lethe_io_ops ops = {
    .name = "engine", .info = engine_info, .command = engine_command, .close = engine_close};

enum lethe_phone_mode android_bench_mode(struct android_bench *bench)
{
    struct phone phone;
    assert_int_equal(phone_open(bench->memory, &phone, &bench->err), 0);
    enum lethe_phone_mode mode = phone_is_away(&phone) ? LETHE_MODE_UNKNOWN : phone_mode(&phone);
    phone_close(&phone);
    return mode;
}

static uint64_t generation_of(struct android_bench *bench)
{
    struct phone phone;
    assert_int_equal(phone_open(bench->memory, &phone, &bench->err), 0);
    uint64_t generation = phone_generation(&phone);
    phone_close(&phone);
    return generation;
}

bool android_bench_returns(struct android_bench *bench)
{
    for (int i = 0; i < 200; i++) {
        if (android_bench_mode(bench) != LETHE_MODE_UNKNOWN &&
            generation_of(bench) != bench->generation)
            return true;
        usleep(10000);
    }
    return false;
}

bool android_bench_is_same(struct android_bench *bench)
{
    struct phone phone;
    assert_int_equal(phone_open(bench->memory, &phone, &bench->err), 0);
    bool same = strcmp(phone_serial(&phone), BENCH_SERIAL) == 0;
    phone_close(&phone);
    return same;
}

struct lethe_io *android_bench_plug(struct android_bench *bench)
{
    enum lethe_phone_mode mode = LETHE_MODE_UNKNOWN;
    for (int i = 0; i < 200 && (mode = android_bench_mode(bench)) == LETHE_MODE_UNKNOWN; i++)
        usleep(10000);
    if (mode == LETHE_MODE_UNKNOWN)
        return NULL;
    json_object_set_new(bench->config, "mode", json_string(lethe_phone_mode_name(mode)));
    struct engine_io *self = calloc(1, sizeof(*self));
    int rc = phone_engine_open(bench->memory, &self->engine, &bench->err);
    if (rc == -LETHE_E_UNSUPPORTED) {
        struct lethe_io *mute;
        free(self);
        assert_int_equal(lethe_io_mute_open(&mute, &bench->err), 0);
        mute->config = bench->config;
        return mute;
    }
    assert_int_equal(rc, 0);
    self->io.ops = &ops;
    self->io.config = bench->config;
    return &self->io;
}

/* -- the phone --------------------------------------------------------------------------------- */

static json_t *faults_of(const char *names)
{
    json_t *list = json_array();
    char *copy = strdup(names), *at = copy, *name;
    while ((name = strsep(&at, " ")))
        if (*name)
            json_array_append_new(list, json_pack("{s:s}", "kind", name));
    free(copy);
    return list;
}

static int know_key(struct phone *phone, void *user, struct lethe_error *err)
{
    char *text = user;
    (void)err;
    text[strcspn(text, " ")] = '\0';
    return json_array_append_new(json_object_get(phone_state(phone), "keys"), json_string(text));
}

static void introduce(struct android_bench *bench)
{
    struct lethe_adb_host *host;
    char key[LETHE_ADB_KEY_TEXT];
    struct phone phone;
    const char *pem = json_string_value(json_object_get(bench->config, "adb_key"));
    assert_int_equal(lethe_adb_host_new(pem, &host, &bench->err), 0);
    assert_true(lethe_adb_host_public(host, key, &bench->err) > 0);
    lethe_adb_host_free(host);
    assert_int_equal(phone_open(bench->memory, &phone, &bench->err), 0);
    assert_int_equal(phone_change(&phone, know_key, key, &bench->err), 0);
    phone_close(&phone);
}

/* Nothing here outlives a crash. */
static int on_intent(void *user, const char *action, json_t *detail)
{
    struct android_bench *bench = user;
    assert_string_equal(action, "android-test-harness");
    bench->intents++;
    json_decref(detail);
    return 0;
}

static int on_progress(void *user, unsigned pass, uint64_t done, uint64_t errors)
{
    struct android_bench *bench = user;
    (void)pass;
    (void)done;
    (void)errors;
    bench->progress++;
    return 0;
}

static json_t *traits_of(const char *traits, bool *stranger, struct lethe_error *err)
{
    json_t *out;
    char *copy = strdup(traits), *at = copy, *one;
    assert_int_equal(phone_personality("pixel", "", &out, err), 0);
    *stranger = false;
    const char *const quick[] = {"away_ms=20",  "wipe_ms=0",    "person_ms=50",
                                 "allow_ms=50", "storage=4MiB", "frp_readable=true"};
    for (size_t i = 0; i < sizeof(quick) / sizeof(*quick); i++)
        assert_int_equal(phone_trait_apply(out, quick[i], err), 0);
    while ((one = strsep(&at, " "))) {
        if (strcmp(one, "key=strange") == 0)
            *stranger = true;
        else if (*one)
            assert_int_equal(phone_trait_apply(out, one, err), 0);
    }
    free(copy);
    return out;
}

/* RSA keys take their time: one for all. */
static const char *key_of(void)
{
    static char pem[LETHE_ADB_HOST_MAX];
    if (!pem[0]) {
        char dir[] = "/dev/shm/lethe-adb-XXXXXX", path[64];
        struct lethe_error err;
        struct lethe_io_spec spec = {.driver = "android"};
        assert_non_null(mkdtemp(dir));
        assert_int_equal(lethe_adb_host_give(dir, &spec, &err), 0);
        lethe_text_format(pem, sizeof(pem), "%s",
                          json_string_value(json_object_get(spec.config, "adb_key")));
        lethe_io_spec_close(&spec);
        lethe_text_format(path, sizeof(path), "%s/adbkey", dir);
        unlink(path);
        lethe_text_format(path, sizeof(path), "%s/adbkey.lock", dir);
        unlink(path);
        rmdir(dir);
    }
    return pem;
}

void android_bench_begin(struct android_bench *bench, const char *mode, const char *traits,
                         const char *faults)
{
    bool stranger;
    *bench = (struct android_bench){.dir = "/dev/shm/lethe-android-XXXXXX"};
    assert_non_null(mkdtemp(bench->dir));
    lethe_text_format(bench->memory, sizeof(bench->memory), "%s/one.phone", bench->dir);
    bench->config = json_pack("{s:s, s:s}", "family", "android", "adb_key", key_of());
    json_t *description = json_pack(
        "{s:s, s:s, s:s, s:o, s:o}", "family", "android", "mode", mode, "serial", BENCH_SERIAL,
        "traits", traits_of(traits, &stranger, &bench->err), "faults", faults_of(faults));
    assert_int_equal(phone_make(bench->memory, description, &bench->err), 0);
    json_decref(description);
    if (!stranger)
        introduce(bench);
    bench->identity = (struct lethe_identity){.class_ = LETHE_CLASS_PHONE,
                                              .bus = LETHE_BUS_EMULATED,
                                              .media = LETHE_MEDIA_FLASH,
                                              .vendor = "Google",
                                              .model = "Pixel 7"};
    lethe_identity_add(&bench->identity, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, BENCH_SERIAL);
    memset(bench->seed, 7, sizeof(bench->seed));
    memset(bench->sample_key, 9, sizeof(bench->sample_key));
    bench->run =
        (struct lethe_run){.job = "01999999-0000-7000-8000-000000000001",
                           .seed = bench->seed,
                           .poll_ms = 5,
                           .quiet_ms = 60,
                           .identity = &bench->identity,
                           .report = {.intent = on_intent, .progress = on_progress, .user = bench}};
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void android_bench_end(struct android_bench *bench)
{
    json_decref(bench->config);
    assert_int_equal(nftw(bench->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

long long android_bench_remains(struct android_bench *bench, const char *area)
{
    struct phone phone;
    json_t *found;
    assert_int_equal(phone_open(bench->memory, &phone, &bench->err), 0);
    assert_int_equal(phone_storage_remains(phone.storage, &found, &bench->err), 0);
    phone_close(&phone);
    long long n = json_integer_value(json_object_get(found, area));
    json_decref(found);
    return n;
}

/* -- steps ------------------------------------------------------------------------------------- */

int android_bench_step(struct android_bench *bench, const char *name, json_t **evidence)
{
    const struct lethe_technique *technique = lethe_technique_find(name);
    struct lethe_run run = bench->run;
    *evidence = NULL;
    memset(&bench->err, 0, sizeof(bench->err));
    assert_non_null(technique);
    run.io = android_bench_plug(bench);
    if (!run.io)
        return lethe_fail(&bench->err, LETHE_E_GONE, "it never came back");
    bench->generation = generation_of(bench);
    int rc = technique->start(&run, &bench->err);
    if (rc >= 0)
        while ((rc = technique->step(&run, &bench->err)) > 0)
            ;
    if (rc == 0)
        rc = technique->attest(&run, evidence, &bench->err);
    technique->stop(&run);
    assert_null(run.state);
    lethe_io_close(run.io);
    if (rc == 0 && technique->flags & LETHE_TECHNIQUE_ADMITS)
        bench->run.admitted = true;
    return rc;
}

enum lethe_grade android_bench_judge(struct android_bench *bench, const char *name,
                                     const json_t *evidence)
{
    const struct lethe_technique *technique = lethe_technique_find(name);
    struct lethe_run run = bench->run;
    json_t *findings = NULL;
    char why[192] = "";
    run.io = android_bench_plug(bench);
    if (!run.io)
        return LETHE_GRADE_NONE;
    run.intent = evidence;
    run.sample_key = bench->sample_key;
    int rc = technique->observe(&run, &findings, &bench->err);
    lethe_io_close(run.io);
    enum lethe_grade grade = rc < 0 ? LETHE_GRADE_NONE : technique->grade(evidence, findings, why);
    if (rc >= 0)
        lethe_text_format(bench->err.what, sizeof(bench->err.what), "%s", why);
    json_decref(findings);
    return grade;
}
