/* SPDX-License-Identifier: Apache-2.0 */
/* The Android model as Lethe's own side of ADB and fastboot meets it, by the driver and a process
 * of the model: every mode, every way to erase, every lie. */
#include "pocket.h"

#include <base/text.h>
#include <base/time.h>
#include <phone/adb.h>
#include <phone/fastboot.h>
#include <proto/android_text.h>

#define QUICK "with: [away_ms=30, wipe_ms=10, allow_ms=10, person_ms=30]"

/* A connection that must succeed; TRUST is how. */
static struct lethe_adb *connect_as(struct pocket *pocket, enum lethe_adb_trust trust)
{
    struct lethe_adb *adb = NULL;
    pocket_open(pocket);
    if (lethe_adb_connect(pocket->io, 5000, &adb, &pocket->bench.err) < 0)
        fail_msg("%s", pocket->bench.err.what);
    assert_int_equal(lethe_adb_trust(adb), trust);
    return adb;
}

static void leave(struct pocket *pocket, struct lethe_adb *adb, const char *service,
                  enum lethe_phone_mode mode)
{
    assert_int_equal(lethe_adb_leave(adb, service, 5000, &pocket->bench.err), 0);
    lethe_adb_free(adb);
    assert_int_equal(pocket_wait(pocket), mode);
}

static int run(struct lethe_adb *adb, const char *command, char out[4096])
{
    LETHE_ADB_OUTPUT_AUTO output = {0};
    struct lethe_error err;
    if (lethe_adb_shell(adb, command, &output, 5000, &err) < 0)
        fail_msg("%s: %s", command, err.what);
    assert_true(lethe_text_format(out, 4096, "%.*s", (int)output.text.len,
                                  output.text.data ? output.text.data : ""));
    return output.exit;
}

static void a_key_is_asked_about_once(void **state)
{
    struct pocket pocket;
    struct lethe_adb *adb;
    (void)state;
    pocket_new(&pocket, "personality: pixel-15, " QUICK);
    pocket_open(&pocket);
    assert_int_equal(lethe_adb_connect(pocket.io, 0, &adb, &pocket.bench.err), -LETHE_E_UNTRUSTED);
    lethe_adb_free(connect_as(&pocket, LETHE_ADB_TRUST_TOLD));
    adb = connect_as(&pocket, LETHE_ADB_TRUST_SIGNED);
    assert_int_equal(lethe_adb_peer(adb)->state, LETHE_ADB_STATE_DEVICE);
    assert_string_equal(lethe_adb_peer(adb)->model, "Pixel 8");
    lethe_adb_free(adb);
    pocket_end(&pocket);
}

static void who_may_not_come_in_does_not(void **state)
{
    static const char *const cases[] = {
        "personality: pixel-15, with: [allow=false]",
        "personality: pixel-15, with: [allow_ms=10], faults: [{kind: unauthorised}]"};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pocket pocket;
        struct lethe_adb *adb;
        pocket_new(&pocket, cases[i]);
        pocket_open(&pocket);
        assert_int_equal(lethe_adb_connect(pocket.io, 300, &adb, &pocket.bench.err),
                         -LETHE_E_UNTRUSTED);
        pocket_end(&pocket);
    }
}

/* What the gates of facts/phones.md 2.3 read. */
static void it_tells_of_its_locks(void **state)
{
    static const struct {
        const char *personality;
        enum lethe_answer accounts, frp, owner, no_reset, card;
        const char *lock_screen;
    } cases[] = {
#define NO LETHE_ANSWER_NO
#define YES LETHE_ANSWER_YES
        {"pixel", NO, LETHE_ANSWER_UNKNOWN, NO, NO, NO, "true\n"},
        {"pixel-15", NO, NO, NO, NO, NO, "true\n"},
        {"locked-screen", NO, NO, NO, NO, NO, "false\n"},
        {"with-accounts", YES, NO, NO, NO, NO, "false\n"},
        {"frp-armed", NO, YES, NO, NO, NO, "true\n"},
        {"device-owner", NO, NO, YES, YES, NO, "true\n"},
        {"sd-card", NO, NO, NO, NO, YES, "true\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pocket pocket;
        struct lethe_android_accounts accounts;
        struct lethe_android_frp frp;
        struct lethe_android_policy policy;
        struct lethe_android_users users;
        struct lethe_android_volumes volumes;
        struct lethe_android_battery battery;
        uint64_t total, available;
        char text[4096];
        lethe_text_format(text, sizeof(text), "personality: %s, " QUICK, cases[i].personality);
        pocket_new(&pocket, text);
        struct lethe_adb *adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
        assert_int_equal(run(adb, "dumpsys account", text), 0);
        lethe_android_accounts(text, strlen(text), &accounts);
        assert_int_equal(accounts.any, cases[i].accounts);
        assert_int_equal(run(adb, "dumpsys persistent_data_block", text), 0);
        lethe_android_frp(text, strlen(text), &frp);
        assert_int_equal(frp.armed, cases[i].frp);
        assert_int_equal(run(adb, "dumpsys device_policy", text), 0);
        lethe_android_policy(text, strlen(text), &policy);
        assert_int_equal(policy.device_owner, cases[i].owner);
        assert_int_equal(run(adb, "dumpsys user", text), 0);
        lethe_android_users(text, strlen(text), &users);
        assert_int_equal(users.no_factory_reset, cases[i].no_reset);
        assert_int_equal(users.users, 1);
        assert_int_equal(run(adb, "sm list-volumes all", text), 0);
        lethe_android_volumes(text, strlen(text), &volumes);
        assert_int_equal(volumes.sd_card, cases[i].card);
        assert_int_equal(run(adb, "locksettings get-disabled", text), 0);
        assert_string_equal(text, cases[i].lock_screen);
        assert_int_equal(run(adb, "dumpsys battery", text), 0);
        lethe_android_battery(text, strlen(text), &battery);
        assert_int_equal(battery.level, 82);
        assert_int_equal(battery.charging, LETHE_ANSWER_YES);
        assert_int_equal(run(adb, "df -k /data", text), 0);
        assert_true(lethe_android_df(text, strlen(text), &total, &available));
        assert_int_equal(total, 64 << 20);
        assert_int_equal(available, (64 << 20) - (64 << 10));
        assert_int_equal(run(adb, "pm list packages -3", text), 0);
        assert_int_equal(lethe_android_packages(text, strlen(text)), 2);
        lethe_adb_free(adb);
        pocket_end(&pocket);
    }
}

static void its_shell_is_small(void **state)
{
    static const struct {
        const char *line, *out;
        int status;
    } cases[] = {
        {"echo 'a  b' \"c\\\"d\" e\\ f", "a  b c\"d e f\n", 0},
        {"false; echo $?", "$?\n", 0},
        {"false && echo x", "", 1},
        {"false || echo x", "x\n", 0},
        {"true && echo x", "x\n", 0},
        {"true || echo x; echo y", "y\n", 0},
        {"getprop ro.product.brand >/dev/null", "", 0},
        {"nonsense 2>/dev/null", "", 127},
        {"echo 'open", "", 1},
        {"cat /sdcard/none 2>/dev/null", "", 1},
        {"ls /data/data", "", 1},
        {"settings get global device_provisioned", "1\n", 0},
        {"settings get global boot_count", "57\n", 0},
        {"settings get global nothing", "null\n", 0},
        {"settings put global wifi_on 0 && settings get global wifi_on", "0\n", 0},
        {"exit 3", "", 3},
        {"cat /sdcard/../../x", "", 1},
        {"rm -rf /sdcard/DCIM && ls /sdcard", "", 0},
        {"mkdir -p /sdcard/a/b; ls /sdcard", "a\n", 0},
    };
    struct pocket pocket;
    char text[4096];
    (void)state;
    pocket_new(&pocket, "personality: pixel, " QUICK);
    struct lethe_adb *adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(run(adb, cases[i].line, text), cases[i].status);
        assert_string_equal(text, cases[i].out);
    }
    lethe_adb_free(adb);
    pocket_end(&pocket);
}

/* normal -> sideload -> rescue, which a system does not start by itself. */
static void to_rescue(struct pocket *pocket)
{
    leave(pocket, connect_as(pocket, LETHE_ADB_TRUST_TOLD), "reboot:rescue", LETHE_MODE_NORMAL);
    leave(pocket, connect_as(pocket, LETHE_ADB_TRUST_SIGNED), "reboot:sideload",
          LETHE_MODE_SIDELOAD);
    leave(pocket, connect_as(pocket, LETHE_ADB_TRUST_NONE), "reboot:rescue", LETHE_MODE_RESCUE);
}

static int wipe(struct lethe_adb *adb, char out[16])
{
    struct lethe_buf said = {0};
    int rc = lethe_adb_ask(adb, "rescue-wipe:userdata:8", 8, &said, 400, NULL);
    lethe_text_format(out, 16, "%.*s", (int)said.len, said.data ? said.data : "");
    lethe_buf_free(&said);
    return rc;
}

/* How each lie looks from outside, and what is left of the data. */
static void recovery_wipes_or_lies(void **state)
{
    static const struct {
        const char *fault, *said;
        json_int_t left;
        enum lethe_phone_mode mode; /* COUNT: it stays away */
        bool keys;
    } cases[] = {
        {"", "DONEDONE", 0, LETHE_MODE_CLOSED, false},
        {"failfail", "FAILFAIL", 128, LETHE_MODE_NORMAL, true},
        {"done-but-keeps", "DONEDONE", 128, LETHE_MODE_NORMAL, true},
        {"half-wipe", "DONEDONE", 64, LETHE_MODE_NORMAL, true},
        {"returns-unerased", "DONEDONE", 128, LETHE_MODE_NORMAL, true},
        {"keeps-keys", "DONEDONE", 0, LETHE_MODE_NORMAL, true},
        {"no-reply", "", 128, LETHE_MODE_NORMAL, true},
        {"eof", "", 128, LETHE_MODE_NORMAL, true},
        {"vanishes", "", 64, LETHE_MODE_NORMAL, true},
        {"never-returns", "DONEDONE", 0, LETHE_MODE_COUNT, false},
        {"other-serial", "DONEDONE", 0, LETHE_MODE_CLOSED, false},
        {"frp", "DONEDONE", 0, LETHE_MODE_CLOSED, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pocket pocket;
        char text[256], said[16];
        lethe_text_format(text, sizeof(text), "personality: pixel-15, " QUICK "%s%s%s",
                          cases[i].fault[0] ? ", faults: [{kind: " : "", cases[i].fault,
                          cases[i].fault[0] ? "}]" : "");
        pocket_new(&pocket, text);
        to_rescue(&pocket);
        assert_int_equal(pocket_remains(&pocket, "userdata"), 128);
        struct lethe_adb *adb = connect_as(&pocket, LETHE_ADB_TRUST_NONE);
        bool gone = strcmp(cases[i].fault, "vanishes") == 0;
        assert_int_equal(wipe(adb, said) < 0, strcmp(cases[i].fault, "no-reply") == 0 || gone);
        assert_string_equal(said, cases[i].said);
        if (!gone)
            assert_int_equal(lethe_adb_leave(adb, "reboot:", 5000, &pocket.bench.err), 0);
        lethe_adb_free(adb);
        assert_int_equal(pocket_remains(&pocket, "userdata"), cases[i].left);
        if (cases[i].mode == LETHE_MODE_COUNT) {
            assert_true(pocket_is_lost(&pocket, 200));
            pocket_end(&pocket);
            continue;
        }
        assert_int_equal(pocket_wait(&pocket), cases[i].mode);
        assert_string_equal(lethe_identity_find(&pocket.now.identity, LETHE_ID_SERIAL)->value,
                            strcmp(cases[i].fault, "other-serial") == 0 ? "NOTTHESAMEONE"
                                                                        : "37281JEHN03065");
        assert_int_equal(phone_read(&pocket.phone, NULL), 0);
        assert_int_equal(phone_state_is(&pocket.phone, "frp"), strcmp(cases[i].fault, "frp") == 0);
        if (cases[i].keys)
            lethe_adb_free(connect_as(&pocket, LETHE_ADB_TRUST_SIGNED));
        pocket_end(&pocket);
    }
}

/* Its setup is on the screen; what was on it is all there, and shows over the old key. */
static void what_keeps_its_data_is_not_new(void **state)
{
    struct pocket pocket;
    char text[4096];
    (void)state;
    pocket_new(&pocket, "personality: pixel-15, " QUICK ", faults: [{kind: done-but-keeps}]");
    to_rescue(&pocket);
    struct lethe_adb *adb = connect_as(&pocket, LETHE_ADB_TRUST_NONE);
    assert_int_equal(wipe(adb, text), 0);
    leave(&pocket, adb, "reboot:", LETHE_MODE_NORMAL);
    adb = connect_as(&pocket, LETHE_ADB_TRUST_SIGNED);
    assert_int_equal(run(adb, "settings get global device_provisioned", text), 0);
    assert_string_equal(text, "0\n");
    assert_int_equal(run(adb, "pm list packages -3", text), 0);
    assert_int_equal(lethe_android_packages(text, strlen(text)), 2);
    lethe_adb_free(adb);
    pocket_end(&pocket);
}

/* Debugging is on, and for a moment it does not show: what asks too early takes it for new. */
static void adb_can_be_late(void **state)
{
    struct pocket pocket;
    (void)state;
    pocket_new(&pocket, "personality: pixel-15, with: [away_ms=30, allow_ms=10, late_ms=200], "
                        "faults: [{kind: returns-unerased}]");
    struct lethe_adb *adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    leave(&pocket, adb, "reboot:", LETHE_MODE_CLOSED);
    assert_int_equal(pocket_wait(&pocket), LETHE_MODE_NORMAL);
    lethe_adb_free(connect_as(&pocket, LETHE_ADB_TRUST_SIGNED));
    pocket_end(&pocket);
}

static void a_makers_recovery_knows_no_rescue(void **state)
{
    static const char *const cases[] = {"personality: galaxy, " QUICK,
                                        "personality: pixel-15, " QUICK
                                        ", faults: [{kind: no-rescue}]"};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pocket pocket;
        pocket_new(&pocket, cases[i]);
        leave(&pocket, connect_as(&pocket, LETHE_ADB_TRUST_TOLD), "reboot:sideload",
              LETHE_MODE_SIDELOAD);
        leave(&pocket, connect_as(&pocket, LETHE_ADB_TRUST_NONE), "reboot:rescue",
              LETHE_MODE_NORMAL);
        assert_int_equal(pocket_remains(&pocket, "userdata"), 128);
        pocket_end(&pocket);
    }
}

static void test_harness_needs_no_lock_screen_and_keeps_keys(void **state)
{
    struct pocket pocket;
    char text[4096], id[4096];
    (void)state;
    pocket_new(&pocket, "personality: locked-screen, " QUICK);
    struct lethe_adb *adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    assert_int_equal(run(adb, "cmd testharness enable", text), 2);
    lethe_adb_free(adb);
    pocket_end(&pocket);

    pocket_new(&pocket, "personality: pixel-15, " QUICK);
    adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    assert_int_equal(run(adb, "settings get secure android_id", id), 0);
    LETHE_ADB_OUTPUT_AUTO output = {0};
    (void)lethe_adb_shell(adb, "cmd testharness enable", &output, 5000, NULL);
    lethe_adb_free(adb);
    assert_int_equal(pocket_wait(&pocket), LETHE_MODE_NORMAL);
    assert_int_equal(pocket_remains(&pocket, "userdata"), 0);
    adb = connect_as(&pocket, LETHE_ADB_TRUST_SIGNED);
    assert_int_equal(run(adb, "settings get secure android_id", text), 0);
    assert_string_not_equal(text, id);
    assert_int_equal(run(adb, "settings get global boot_count", text), 0);
    assert_string_equal(text, "2\n");
    assert_int_equal(run(adb, "pm list packages -3", text), 0);
    assert_string_equal(text, "");
    lethe_adb_free(adb);
    pocket_end(&pocket);
}

static void a_person_is_asked_on_its_screen(void **state)
{
    static const char ask[] = "am start -a com.android.settings.action.FACTORY_RESET";
    struct pocket pocket;
    char text[4096];
    (void)state;
    pocket_new(&pocket, "personality: frp-armed, " QUICK);
    struct lethe_adb *adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    assert_int_equal(run(adb,
                         "cmd package resolve-activity --brief -a "
                         "com.android.settings.action.FACTORY_RESET",
                         text),
                     0);
    char component[128];
    assert_true(lethe_android_activity(text, strlen(text), component, sizeof(component)));
    assert_int_equal(run(adb, ask, text), 0);
    lethe_adb_free(adb);
    assert_int_equal(pocket_wait(&pocket), LETHE_MODE_CLOSED);
    assert_int_equal(pocket_remains(&pocket, "userdata"), 0);
    assert_int_equal(phone_read(&pocket.phone, NULL), 0);
    assert_false(phone_state_is(&pocket.phone, "frp")); /* a trusted reset: facts/phones.md 2.2 */
    pocket_end(&pocket);

    pocket_new(&pocket, "personality: pixel, with: [person=walks-away, person_ms=10, allow_ms=10]");
    adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    assert_int_equal(run(adb, ask, text), 0);
    lethe_adb_free(adb);
    assert_true(pocket_is_lost(&pocket, 100)); /* it never went */
    assert_int_equal(pocket_remains(&pocket, "userdata"), 128);
    pocket_end(&pocket);

    pocket_new(&pocket, "personality: old-fde, " QUICK);
    adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    assert_int_equal(run(adb, ask, text), 1);
    lethe_adb_free(adb);
    pocket_end(&pocket);
}

/* -- fastboot ---------------------------------------------------------------------------------- */

static void a_bootloader_erases_or_lies(void **state)
{
    static const struct {
        const char *phone;
        int data, metadata; /* what erasing returns */
        json_int_t left, keys;
    } cases[] = {
        {"personality: unlocked, " QUICK, 0, 0, 0, 0},
        {"personality: unlocked, mode: fastbootd, " QUICK, 0, 0, 0, 0},
        {"personality: pixel-15, mode: fastboot, " QUICK, -LETHE_E_REFUSED, -LETHE_E_REFUSED, 128,
         1},
        {"personality: unlocked, " QUICK ", faults: [{kind: locked-fastboot}]", -LETHE_E_REFUSED,
         -LETHE_E_REFUSED, 128, 1},
        {"personality: unlocked, " QUICK ", faults: [{kind: okay-but-keeps}]", 0, 0, 128, 1},
        {"personality: unlocked, " QUICK ", faults: [{kind: metadata-fails}]", 0, -LETHE_E_REFUSED,
         0, 1},
        {"personality: unlocked, " QUICK ", faults: [{kind: half-wipe}]", 0, 0, 64, 0},
        {"personality: unlocked, " QUICK ", faults: [{kind: returns-unerased}]", 0, 0, 128, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pocket pocket;
        char serial[96], unlocked[16];
        pocket_new(&pocket, cases[i].phone);
        pocket_open(&pocket);
        assert_int_equal(
            lethe_fastboot_getvar(pocket.io, "serialno", serial, sizeof(serial), &pocket.bench.err),
            0);
        assert_string_equal(serial, phone_serial(&pocket.phone));
        assert_int_equal(lethe_fastboot_getvar(pocket.io, "unlocked", unlocked, sizeof(unlocked),
                                               &pocket.bench.err),
                         0);
        assert_int_equal(lethe_fastboot_erase(pocket.io, "userdata", 2000, &pocket.bench.err),
                         cases[i].data);
        assert_int_equal(lethe_fastboot_erase(pocket.io, "metadata", 2000, &pocket.bench.err),
                         cases[i].metadata);
        assert_int_equal(pocket_remains(&pocket, "userdata"), cases[i].left);
        assert_int_equal(pocket_remains(&pocket, "metadata"), cases[i].keys);
        assert_int_equal(lethe_fastboot_reboot(pocket.io, &pocket.bench.err), 0);
        assert_int_equal(pocket_wait(&pocket),
                         cases[i].left > 0 ? LETHE_MODE_NORMAL : LETHE_MODE_CLOSED);
        pocket_end(&pocket);
    }
}

static void a_bootloader_fails_to_answer(void **state)
{
    static const struct {
        const char *fault;
        json_int_t left;
    } cases[] = {{"no-reply", 128}, {"eof", 128}, {"vanishes", 64}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pocket pocket;
        char text[256];
        lethe_text_format(text, sizeof(text),
                          "personality: unlocked, " QUICK ", faults: [{kind: %s}]", cases[i].fault);
        pocket_new(&pocket, text);
        pocket_open(&pocket);
        assert_true(lethe_fastboot_erase(pocket.io, "userdata", 300, &pocket.bench.err) < 0);
        assert_int_equal(pocket_remains(&pocket, "userdata"), cases[i].left);
        pocket_end(&pocket);
    }
}

/* -- filling ----------------------------------------------------------------------------------- */

static void fill(void *user, uint64_t offset, void *out, size_t len)
{
    (void)user;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)((offset + i) * 31 >> 3);
}

static int compare(void *user, uint64_t offset, const void *data, size_t len)
{
    uint8_t expected[4096];
    for (size_t done = 0; done < len; done += sizeof(expected)) {
        size_t n = len - done < sizeof(expected) ? len - done : sizeof(expected);
        fill(NULL, offset + done, expected, n);
        *(bool *)user &= memcmp((const uint8_t *)data + done, expected, n) == 0;
    }
    return 0;
}

static void its_storage_has_an_end(void **state)
{
    static const struct {
        const char *faults;
        unsigned files; /* of 256 KiB that fit */
        bool same;
    } cases[] = {
        {"[]", 15, true}, {"[{kind: no-space}]", 7, true}, {"[{kind: fill-lies}]", 15, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pocket pocket;
        char text[256];
        unsigned n = 0;
        int rc = 0;
        lethe_text_format(text, sizeof(text),
                          "personality: pixel-15, storage: 4MiB, with: [allow_ms=10], faults: %s",
                          cases[i].faults);
        pocket_new(&pocket, text);
        struct lethe_adb *adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
        for (; rc == 0 && n < 100; n++) {
            lethe_text_format(text, sizeof(text), "/sdcard/fill/%u", n);
            rc = lethe_adb_send(adb, text, 256 << 10, fill, NULL, 5000, &pocket.bench.err);
        }
        assert_int_equal(rc, -LETHE_E_LIMIT);
        assert_int_equal(n - 1, cases[i].files);
        bool same = true;
        assert_int_equal(lethe_adb_recv(adb, "/sdcard/fill/3", 256 << 10, compare, &same, 5000,
                                        &pocket.bench.err),
                         256 << 10);
        assert_int_equal(same, cases[i].same);
        struct lethe_adb_file file;
        assert_int_equal(lethe_adb_stat(adb, "/sdcard/fill/3", &file, 5000, NULL), 0);
        assert_int_equal(file.size, 256 << 10);
        lethe_adb_free(adb);
        pocket_end(&pocket);
    }
}

/* -- nonsense ---------------------------------------------------------------------------------- */

static void nonsense_is_an_error_and_no_more(void **state)
{
    struct pocket pocket;
    struct lethe_adb *adb;
    char value[96];
    (void)state;
    pocket_new(&pocket, "personality: pixel-15, " QUICK ", faults: [{kind: garbage-banner}]");
    pocket_open(&pocket);
    assert_int_equal(lethe_adb_connect(pocket.io, 2000, &adb, &pocket.bench.err), -LETHE_E_INVALID);
    pocket_end(&pocket);

    pocket_new(&pocket, "personality: pixel-15, " QUICK ", faults: [{kind: length-4g}]");
    adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    LETHE_ADB_OUTPUT_AUTO output = {0};
    assert_true(lethe_adb_shell(adb, "getprop", &output, 1000, &pocket.bench.err) < 0);
    lethe_adb_free(adb);
    pocket_end(&pocket);

    pocket_new(&pocket, "personality: pixel-15, " QUICK ", faults: [{kind: control-characters}]");
    adb = connect_as(&pocket, LETHE_ADB_TRUST_TOLD);
    assert_true(lethe_text_is_clean(lethe_adb_peer(adb)->model));
    lethe_adb_free(adb);
    pocket_end(&pocket);

    static const char *const faults[] = {"garbage-banner", "length-4g"};
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        char text[128];
        lethe_text_format(text, sizeof(text), "personality: unlocked, faults: [{kind: %s}]",
                          faults[i]);
        pocket_new(&pocket, text);
        pocket_open(&pocket);
        assert_true(lethe_fastboot_getvar(pocket.io, "product", value, sizeof(value),
                                          &pocket.bench.err) < 0);
        pocket_end(&pocket);
    }
}

static void it_can_be_slow(void **state)
{
    struct pocket pocket;
    char value[96];
    (void)state;
    pocket_new(&pocket, "personality: unlocked, faults: [{kind: slow, milliseconds: 150}]");
    pocket_open(&pocket);
    uint64_t began = lethe_monotonic_ms();
    assert_int_equal(
        lethe_fastboot_getvar(pocket.io, "product", value, sizeof(value), &pocket.bench.err), 0);
    assert_true(lethe_monotonic_ms() - began >= 150);
    pocket_end(&pocket);
}

/* The host's own word is no less hostile. */
static void bytes_that_are_no_adb_end_the_link(void **state)
{
    struct pocket pocket;
    uint8_t bytes[4096];
    (void)state;
    pocket_new(&pocket, "personality: pixel-15");
    pocket_open(&pocket);
    memset(bytes, 0xa5, sizeof(bytes));
    struct lethe_command command = {.set = LETHE_SET_USB,
                                    .direction = LETHE_DATA_OUT,
                                    .data = bytes,
                                    .data_len = sizeof(bytes),
                                    .timeout_ms = 1000};
    assert_int_equal(lethe_io_command(pocket.io, &command), 0);
    command.direction = LETHE_DATA_IN;
    assert_int_equal(lethe_io_command(pocket.io, &command), -ENODEV);
    pocket_end(&pocket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_asked_about_once),
        cmocka_unit_test(who_may_not_come_in_does_not),
        cmocka_unit_test(it_tells_of_its_locks),
        cmocka_unit_test(its_shell_is_small),
        cmocka_unit_test(recovery_wipes_or_lies),
        cmocka_unit_test(what_keeps_its_data_is_not_new),
        cmocka_unit_test(adb_can_be_late),
        cmocka_unit_test(a_makers_recovery_knows_no_rescue),
        cmocka_unit_test(test_harness_needs_no_lock_screen_and_keeps_keys),
        cmocka_unit_test(a_person_is_asked_on_its_screen),
        cmocka_unit_test(a_bootloader_erases_or_lies),
        cmocka_unit_test(a_bootloader_fails_to_answer),
        cmocka_unit_test(its_storage_has_an_end),
        cmocka_unit_test(nonsense_is_an_error_and_no_more),
        cmocka_unit_test(it_can_be_slow),
        cmocka_unit_test(bytes_that_are_no_adb_end_the_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
