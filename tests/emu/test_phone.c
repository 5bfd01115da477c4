/* SPDX-License-Identifier: Apache-2.0 */
/* A phone as a device of an emulation file: made, found, claimed, away and back, erased. */
#include "bench.h"

#include <base/file.h>
#include <base/text.h>
#include <base/time.h>
#include <emu/phone/android.h>
#include <emu/phone/phone_usb.h>
#include <ftw.h>
#include <sys/stat.h>

static uint64_t now = 1000000;

static uint64_t fake_now(void)
{
    return now;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void end(struct bench *bench)
{
    lethe_time_override(NULL, NULL);
    lethe_device_list_clear(&bench->list);
    assert_int_equal(nftw(bench->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* One phone; MORE are lines of its `phone`. */
static void begin(struct bench *bench, struct phone *phone, const char *more)
{
    char text[1024], path[256];
    assert_true(lethe_text_format(text, sizeof(text),
                                  "devices:\n"
                                  "  - name: pocket\n"
                                  "    serial: PHONE1\n"
                                  "    phone:\n"
                                  "      personality: pixel\n"
                                  "%s",
                                  more));
    bench_new(bench, text);
    now = 1000000;
    lethe_time_override(fake_now, NULL);
    bench_load(bench);
    assert_true(lethe_text_format(path, sizeof(path), "%s/bench.yaml.pocket.phone", bench->dir));
    assert_int_equal(phone_open(path, phone, &bench->err), 0);
}

static json_int_t remains(struct bench *bench, const char *area)
{
    json_t *found;
    assert_int_equal(lethe_emu_remains(&bench->list.devices[0], &found, &bench->err), 0);
    json_int_t n = json_integer_value(json_object_get(found, area));
    json_decref(found);
    return n;
}

static void it_is_a_device_on_a_port(void **state)
{
    struct bench bench;
    struct phone phone;
    struct lethe_held *held, *again;
    struct lethe_identity identity;
    (void)state;
    begin(&bench, &phone, "");
    const struct lethe_device *device = &bench.list.devices[0];
    assert_string_equal(device->target, "emu:pocket");
    assert_string_equal(device->driver, "emuphone");
    assert_string_equal(device->slot, "emu:pocket");
    assert_int_equal(device->mode, LETHE_MODE_NORMAL);
    assert_int_equal(device->diskseq, 1);
    assert_int_equal(device->identity.class_, LETHE_CLASS_PHONE);
    assert_int_equal(device->identity.substrate, LETHE_SUBSTRATE_EMULATED);
    assert_int_equal(device->identity.capacity, 0);
    assert_string_equal(lethe_identity_find(&device->identity, LETHE_ID_SERIAL)->value, "PHONE1");
    const struct lethe_driver *driver = &lethe_driver_emuphone;
    assert_int_equal(driver->claim(NULL, device, &held, &bench.err), 0);
    assert_int_equal(driver->claim(NULL, device, &again, &bench.err), -LETHE_E_BUSY);
    assert_int_equal(driver->identify(held, &identity, &bench.err), 0);
    assert_int_equal(lethe_identity_same(&device->identity, &identity, &bench.err), 0);
    /* Pulled out and in again: another enumeration, which was not claimed. */
    assert_int_equal(lethe_emu_power_cycle(device, &bench.err), 0);
    assert_int_equal(driver->identify(held, &identity, &bench.err), -LETHE_E_GONE);
    driver->release(held);
    assert_int_equal(driver->claim(NULL, device, &held, &bench.err), 0);
    driver->release(held);
    phone_close(&phone);
    end(&bench);
}

static int leave(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)user;
    (void)err;
    phone_leave(phone, LETHE_MODE_RECOVERY, 5000);
    return 0;
}

static void it_leaves_and_comes_back_in_another_mode(void **state)
{
    struct bench bench;
    struct phone phone;
    struct lethe_device found;
    struct lethe_held *held;
    (void)state;
    begin(&bench, &phone, "");
    const struct lethe_device *device = &bench.list.devices[0];
    const struct lethe_driver *driver = &lethe_driver_emuphone;
    assert_int_equal(phone_change(&phone, leave, NULL, &bench.err), 0);
    assert_int_equal(driver->find(NULL, device, &found, &bench.err), 0);
    assert_int_equal(driver->claim(NULL, device, &held, &bench.err), -LETHE_E_GONE);
    now += 5000;
    assert_int_equal(driver->find(NULL, device, &found, &bench.err), 1);
    assert_int_equal(found.mode, LETHE_MODE_RECOVERY);
    assert_int_equal(found.diskseq, 2);
    lethe_device_clear(&found);
    phone_close(&phone);
    end(&bench);
}

static int reset(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)user;
    (void)err;
    android_ask_reset(phone);
    return 0;
}

static void a_person_resets_it_in_time(void **state)
{
    struct bench bench;
    struct phone phone;
    struct lethe_device found;
    (void)state;
    begin(&bench, &phone, "      with: [person_ms=4000, away_ms=1000, frp=true]\n");
    assert_int_equal(remains(&bench, "userdata"), 128);
    assert_int_equal(remains(&bench, "metadata"), 1);
    assert_int_equal(phone_change(&phone, reset, NULL, &bench.err), 0);
    now += 3999;
    assert_int_equal(remains(&bench, "userdata"), 128);
    now += 1;
    assert_int_equal(remains(&bench, "userdata"), 0);
    assert_int_equal(remains(&bench, "metadata"), 0);
    assert_int_equal(lethe_driver_emuphone.find(NULL, &bench.list.devices[0], &found, &bench.err),
                     0);
    now += 1000;
    assert_int_equal(lethe_driver_emuphone.find(NULL, &bench.list.devices[0], &found, &bench.err),
                     1);
    assert_int_equal(found.mode, LETHE_MODE_CLOSED); /* adb is off in a new system */
    lethe_device_clear(&found);
    assert_int_equal(phone_read(&phone, &bench.err), 0);
    assert_false(phone_state_is(&phone, "frp"));
    phone_close(&phone);
    end(&bench);
}

static int erase(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)user;
    int rc = android_erase(phone, ANDROID_ERASE_ALL, err);
    if (rc == 0)
        android_restart(phone, LETHE_MODE_NORMAL);
    return rc;
}

static void it_lies(void **state)
{
    static const struct {
        const char *fault;
        json_int_t left;
        enum lethe_phone_mode mode;
        const char *serial;
        int found;
    } cases[] = {
        {"[{kind: done-but-keeps}]", 128, LETHE_MODE_NORMAL, "PHONE1", 1},
        {"[{kind: returns-unerased}]", 128, LETHE_MODE_NORMAL, "PHONE1", 1},
        {"[{kind: half-wipe}]", 64, LETHE_MODE_NORMAL, "PHONE1", 1},
        {"[{kind: other-serial, serial: PHONE2}]", 0, LETHE_MODE_CLOSED, "PHONE2", 1},
        {"[{kind: never-returns}]", 0, LETHE_MODE_CLOSED, "PHONE1", 0},
        {"[{kind: done-but-keeps, times: 1, after: 1}]", 0, LETHE_MODE_CLOSED, "PHONE1", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench bench;
        struct phone phone;
        struct lethe_device found;
        char more[128];
        lethe_text_format(more, sizeof(more), "      faults: %s\n", cases[i].fault);
        begin(&bench, &phone, more);
        assert_int_equal(phone_change(&phone, erase, NULL, &bench.err), 0);
        now += 10000;
        assert_int_equal(remains(&bench, "userdata"), cases[i].left);
        assert_int_equal(
            lethe_driver_emuphone.find(NULL, &bench.list.devices[0], &found, &bench.err),
            cases[i].found);
        if (cases[i].found) {
            assert_int_equal(found.mode, cases[i].mode);
            assert_string_equal(lethe_identity_find(&found.identity, LETHE_ID_SERIAL)->value,
                                cases[i].serial);
            lethe_device_clear(&found);
        }
        phone_close(&phone);
        end(&bench);
    }
}

static void nothing_gets_out_of_its_storage(void **state)
{
    struct bench bench;
    struct phone phone;
    char path[PATH_MAX];
    (void)state;
    begin(&bench, &phone, "");
    static const char *const ways_out[] = {"..",  "../x", "a/../../x", "a//../x",
                                           "a/.", "/..",  "//.."};
    for (size_t i = 0; i < sizeof(ways_out) / sizeof(*ways_out); i++)
        assert_int_equal(phone_storage_path(&phone, "userdata/media", ways_out[i], path, NULL),
                         -LETHE_E_REFUSED);
    assert_int_equal(phone_storage_path(&phone, "userdata/media", "/a/..b", path, NULL), 0);
    phone_close(&phone);
    end(&bench);
}

static void ours_can_all_be_made(void **state)
{
    static const char *const names[] = {
        "pixel",         "pixel-15",  "galaxy",  "old-fde",      "unencrypted", "locked-screen",
        "with-accounts", "frp-armed", "sd-card", "device-owner", "unlocked",    "android-tablet"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct bench bench;
        char text[256];
        lethe_text_format(text, sizeof(text), "devices: [{name: a, phone: {personality: %s}}]\n",
                          names[i]);
        bench_new(&bench, text);
        bench_load(&bench);
        const struct lethe_device *device = &bench.list.devices[0];
        assert_int_equal(device->identity.class_, strcmp(names[i], "android-tablet") == 0
                                                      ? LETHE_CLASS_TABLET
                                                      : LETHE_CLASS_PHONE);
        assert_int_equal(device->mode, strcmp(names[i], "unlocked") == 0 ? LETHE_MODE_FASTBOOT
                                                                         : LETHE_MODE_NORMAL);
        assert_int_equal(remains(&bench, "userdata"), 128);
        bool keyless = strcmp(names[i], "unencrypted") == 0 || strcmp(names[i], "old-fde") == 0;
        assert_int_equal(remains(&bench, "metadata"), !keyless);
        assert_int_equal(remains(&bench, "card"), strcmp(names[i], "sd-card") == 0 ? 64 : 0);
        end(&bench);
    }
}

static void it_shows_its_mode_by_its_descriptors(void **state)
{
    static const struct {
        const char *mode;
        uint16_t vendor, product;
        uint8_t class_, subclass, protocol;
    } cases[] = {
        {"normal", 0x18d1, 0x4ee7, 0xff, 0x42, 1},    {"closed", 0x18d1, 0x4ee1, 6, 1, 1},
        {"recovery", 0x18d1, 0xd001, 0xff, 0, 0},     {"sideload", 0x18d1, 0xd001, 0xff, 0x42, 1},
        {"rescue", 0x18d1, 0xd001, 0xff, 0x42, 1},    {"fastboot", 0x18d1, 0x4ee0, 0xff, 0x42, 3},
        {"fastbootd", 0x18d1, 0x4ee0, 0xff, 0x42, 3}, {"ptp", 0x18d1, 0x4ee5, 6, 1, 1},
        {"download", 0x04e8, 0x685d, 0x0a, 0, 0},     {"edl", 0x05c6, 0x9008, 0xff, 0xff, 0xff}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench bench;
        struct phone phone;
        struct lethe_face face;
        char more[64];
        lethe_text_format(more, sizeof(more), "      mode: %s\n", cases[i].mode);
        begin(&bench, &phone, more);
        phone_face(&phone, &face);
        assert_int_equal(face.vendor, cases[i].vendor);
        assert_int_equal(face.product, cases[i].product);
        assert_string_equal(face.texts[2], "PHONE1");
        /* The interface descriptor stands behind that of the configuration. */
        assert_int_equal(face.configuration[9 + 5], cases[i].class_);
        assert_int_equal(face.configuration[9 + 6], cases[i].subclass);
        assert_int_equal(face.configuration[9 + 7], cases[i].protocol);
        assert_int_equal(bench.list.devices[0].identity.usb_product, cases[i].product);
        phone_close(&phone);
        end(&bench);
    }
}

static void one_can_be_like_ours(void **state)
{
    struct bench bench;
    char path[256];
    (void)state;
    bench_new(&bench, "devices: [{name: a, phone: {personality: ./mine.json}}]\n");
    lethe_text_format(path, sizeof(path), "%s/mine.json", bench.dir);
    static const char mine[] = "{\"like\": \"galaxy\", \"model\": \"SM-X\"}";
    assert_int_equal(lethe_file_write(path, mine, strlen(mine), 0600, &bench.err), 0);
    bench_load(&bench);
    assert_string_equal(bench.list.devices[0].identity.vendor, "samsung");
    assert_string_equal(bench.list.devices[0].identity.model, "SM-X");
    lethe_device_list_clear(&bench.list);
    static const char *const wrong[] = {"{\"like\": \"./mine.json\"}", "{\"like\": 1}",
                                        "{\"like\": \"galaxy\", \"props\": {\"a\": {}}}",
                                        "{\"family\": \"android\"}", "[]"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_int_equal(lethe_file_write(path, wrong[i], strlen(wrong[i]), 0600, &bench.err), 0);
        unlink(bench.file);
        lethe_text_format(bench.file, sizeof(bench.file), "%s/w%zu.yaml", bench.dir, i);
        static const char text[] = "devices: [{name: a, phone: {personality: ./mine.json}}]\n";
        assert_int_equal(lethe_file_write(bench.file, text, strlen(text), 0600, &bench.err), 0);
        assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_INVALID);
    }
    end(&bench);
}

static void what_is_no_phone_is_refused(void **state)
{
    static const char *const cases[] = {
        "{}",
        "{family: windows}",
        "{personality: nokia3310}",
        "{family: ios, personality: pixel}",
        "{personality: pixel, mode: dfu}",
        "{personality: pixel, storage: much}",
        "{personality: pixel, with: [colour]}",
        "{personality: pixel, with: [model/x=1]}",
        "{personality: pixel, faults: [{kind: melts}]}",
        "{personality: pixel, faults: [{kind: failfail, serial: X}]}",
        "{personality: pixel, colour: red}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench bench;
        char text[512];
        lethe_text_format(text, sizeof(text), "devices: [{name: a, phone: %s}]\n", cases[i]);
        bench_new(&bench, text);
        assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_INVALID);
        end(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_device_on_a_port),
        cmocka_unit_test(it_leaves_and_comes_back_in_another_mode),
        cmocka_unit_test(a_person_resets_it_in_time),
        cmocka_unit_test(it_lies),
        cmocka_unit_test(nothing_gets_out_of_its_storage),
        cmocka_unit_test(ours_can_all_be_made),
        cmocka_unit_test(it_shows_its_mode_by_its_descriptors),
        cmocka_unit_test(one_can_be_like_ours),
        cmocka_unit_test(what_is_no_phone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
