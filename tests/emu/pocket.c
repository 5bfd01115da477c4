/* SPDX-License-Identifier: Apache-2.0 */
#include "pocket.h"

#include <base/text.h>
#include <base/time.h>
#include <ftw.h>
#include <phone/adb_host.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lethe_driver *const driver = &lethe_driver_emuphone;

void pocket_new(struct pocket *pocket, const char *phone)
{
    char text[1024], path[256];
    *pocket = (struct pocket){0};
    assert_true(
        lethe_text_format(text, sizeof(text), "devices: [{name: pocket, phone: {%s}}]\n", phone));
    bench_new(&pocket->bench, text);
    bench_load(&pocket->bench);
    assert_int_equal(lethe_device_copy(&pocket->bench.list.devices[0], &pocket->now), 0);
    assert_true(
        lethe_text_format(path, sizeof(path), "%s/bench.yaml.pocket.phone", pocket->bench.dir));
    assert_int_equal(phone_open(path, &pocket->phone, NULL), 0);
}

/* One key for all phones: making one takes longer than most tests. */
static char keys[] = "/tmp/lethe-keys-XXXXXX";

static void forget_keys(void)
{
    char path[64];
    static const char *const files[] = {LETHE_ADB_HOST_FILE, LETHE_ADB_HOST_FILE ".lock"};
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        lethe_text_format(path, sizeof(path), "%s/%s", keys, files[i]);
        unlink(path);
    }
    rmdir(keys);
}

static const char *bench_keys(void)
{
    static bool made;
    if (!made) {
        assert_non_null(mkdtemp(keys));
        atexit(forget_keys);
    }
    made = true;
    return keys;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void pocket_end(struct pocket *pocket)
{
    pocket_close(pocket);
    phone_close(&pocket->phone);
    lethe_device_clear(&pocket->now);
    lethe_device_list_clear(&pocket->bench.list);
    assert_int_equal(nftw(pocket->bench.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static bool back(struct pocket *pocket, unsigned ms)
{
    uint64_t until = lethe_monotonic_ms() + ms;
    do {
        struct lethe_device found;
        int rc = driver->find(NULL, &pocket->now, &found, &pocket->bench.err);
        assert_in_range(rc, 0, 1);
        if (rc == 1 && found.diskseq != pocket->now.diskseq) {
            lethe_device_clear(&pocket->now);
            pocket->now = found;
            return true;
        }
        if (rc == 1)
            lethe_device_clear(&found);
        usleep(5000);
    } while (lethe_monotonic_ms() < until);
    return false;
}

enum lethe_phone_mode pocket_wait(struct pocket *pocket)
{
    pocket_close(pocket);
    assert_true(back(pocket, 5000));
    return pocket->now.mode;
}

bool pocket_is_lost(struct pocket *pocket, unsigned ms)
{
    pocket_close(pocket);
    return !back(pocket, ms);
}

void pocket_open(struct pocket *pocket)
{
    struct lethe_error *err = &pocket->bench.err;
    pocket_close(pocket);
    assert_int_equal(driver->claim(NULL, &pocket->now, &pocket->held, err), 0);
    assert_int_equal(driver->spec(pocket->held, true, &pocket->spec, err), 0);
    assert_int_equal(lethe_adb_host_give(bench_keys(), &pocket->spec, err), 0);
    assert_int_equal(driver->open(&pocket->spec, 1, &pocket->io, err), 0);
    pocket->io->config = pocket->spec.config;
}

void pocket_close(struct pocket *pocket)
{
    if (!pocket->held)
        return;
    lethe_io_close(pocket->io);
    lethe_io_spec_close(&pocket->spec);
    driver->release(pocket->held);
    pocket->held = NULL;
    pocket->io = NULL;
}

json_int_t pocket_remains(struct pocket *pocket, const char *area)
{
    json_t *found;
    assert_int_equal(lethe_emu_remains(&pocket->now, &found, &pocket->bench.err), 0);
    json_int_t n = json_integer_value(json_object_get(found, area));
    json_decref(found);
    return n;
}
