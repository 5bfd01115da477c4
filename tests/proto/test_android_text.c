/* SPDX-License-Identifier: Apache-2.0 */
/* What Android prints, in the forms of several versions; and what must never become a "no". */
#include "proto/android_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

#define YES LETHE_ANSWER_YES
#define NO LETHE_ANSWER_NO
#define UNKNOWN LETHE_ANSWER_UNKNOWN

static void test_properties(void **state)
{
    (void)state;
    static const char text[] = "[ro.product.model]: [Pixel 5]\r\n[ro.product.model.x]: [other]\n"
                               "[empty]: []\n[broken]: [no end\n[rude]: [a\033[1mb]\n";
    char value[32];
    assert_true(lethe_android_prop(text, sizeof(text) - 1, "ro.product.model", value, 32));
    assert_string_equal(value, "Pixel 5");
    assert_true(lethe_android_prop(text, sizeof(text) - 1, "empty", value, 32));
    assert_string_equal(value, "");
    assert_true(lethe_android_prop(text, sizeof(text) - 1, "rude", value, 32));
    assert_string_equal(value, "a?[1mb");
    assert_false(lethe_android_prop(text, sizeof(text) - 1, "broken", value, 32));
    assert_false(lethe_android_prop(text, sizeof(text) - 1, "ro.product", value, 32));
    assert_false(lethe_android_prop(text, 0, "empty", value, 32));
    assert_int_equal(lethe_android_answer("1"), YES);
    assert_int_equal(lethe_android_answer("false"), NO);
    assert_int_equal(lethe_android_answer(""), UNKNOWN);
    assert_int_equal(lethe_android_answer("null"), UNKNOWN);
}

static struct lethe_android_accounts accounts(const char *text)
{
    struct lethe_android_accounts out;
    lethe_android_accounts(text, strlen(text), &out);
    return out;
}

#define OWNER "User UserInfo{0:Owner:c13}:\n"
#define WORK "User UserInfo{10:Work:1030}:\n"

static void test_accounts(void **state)
{
    (void)state;
    struct lethe_android_accounts one =
        accounts(OWNER "  Accounts: 0\n\n  AccountId, Action_Type\n  Active Sessions: 0\n");
    assert_int_equal(one.any, NO);
    assert_int_equal(one.accounts, 0);
    assert_int_equal(one.users, 1);
    one = accounts(OWNER
                   "  Accounts: 0\n" WORK
                   "  Accounts: 2\n    Account {name=a, type=b}\n    Account {name=c, type=b}\n");
    assert_int_equal(one.any, YES);
    assert_int_equal(one.accounts, 2);
    /* A user who is not counted, counts that are none, an account that is not counted. */
    static const char *const unclear[] = {"",
                                          "Can't find service: account",
                                          "Accounts: 0\n",
                                          OWNER,
                                          OWNER WORK "  Accounts: 0\n",
                                          OWNER "  Accounts: 0\n" WORK,
                                          OWNER "  Accounts: zero\n",
                                          OWNER "  Accounts: -1\n",
                                          OWNER "  Accounts: 0\n  Accounts: 0\n",
                                          OWNER "  Accounts: 99999999999999\n",
                                          "Permission Denial: can't dump AccountManagerService"};
    for (size_t i = 0; i < sizeof(unclear) / sizeof(*unclear); i++)
        assert_int_equal(accounts(unclear[i]).any, UNKNOWN);
    one = accounts(OWNER "  Accounts: 0\n    Account {name=a, type=com.google}\n");
    assert_int_equal(one.any, YES);
    assert_int_equal(one.accounts, LETHE_ANDROID_COUNT_UNKNOWN);
}

static struct lethe_android_frp frp(const char *text)
{
    struct lethe_android_frp out;
    lethe_android_frp(text, strlen(text), &out);
    return out;
}

static void test_reset_protection(void **state)
{
    (void)state;
    /* Android 15. */
    assert_int_equal(frp("FRP state\n=========\nEnforcement enabled: true\nFRP state: false\n"
                         "FRP secret present but omitted.\nOEM unlock state: false\n"
                         "Has FRP credential handle: false\nFRP challenge block size: 0\n")
                         .armed,
                     NO);
    assert_int_equal(frp("FRP state: false\nHas FRP credential handle: true\n"
                         "FRP challenge block size: 259\n")
                         .armed,
                     YES);
    assert_int_equal(frp("FRP challenge block size: 64\n").armed, YES);
    assert_int_equal(frp("FRP state: true\n").armed, YES);
    /* Older ones, and any that leave one of the three out or say it in two ways. */
    static const char *const unclear[] = {
        "",
        "mDataBlockFile: /dev/block/frp\nmIsWritable: true\n",
        "FRP state: false\nFRP challenge block size: 0\n",
        "FRP state: no\nHas FRP credential handle: false\nFRP challenge block size: 0\n",
        "FRP state: false\nHas FRP credential handle: false\nFRP challenge block size: 0x0\n",
        ("FRP state: false\nFRP state: maybe\nHas FRP credential handle: false\n"
         "FRP challenge block size: 0\n")};
    for (size_t i = 0; i < sizeof(unclear) / sizeof(*unclear); i++)
        assert_int_equal(frp(unclear[i]).armed, UNKNOWN);
    assert_int_equal(frp("FRP state: true\nFRP state: false\nHas FRP credential handle: false\n"
                         "FRP challenge block size: 0\n")
                         .armed,
                     YES);
}

static void test_policy(void **state)
{
    (void)state;
    struct lethe_android_policy policy;
    static const char owned[] = "Current Device Policy Manager state:\n  Device Owner: \n"
                                "    admin=ComponentInfo{a/a.B}\n\n"
                                "  Enabled Device Admins (User 0, provisioningState: 3):\n";
    lethe_android_policy(owned, sizeof(owned) - 1, &policy);
    assert_int_equal(policy.device_owner, YES);
    assert_int_equal(policy.profile_owner, NO);
    static const char work[] =
        "Current Device Policy Manager state:\n  Profile Owner (User 10): \n";
    lethe_android_policy(work, sizeof(work) - 1, &policy);
    assert_int_equal(policy.profile_owner, YES);
    assert_int_equal(policy.device_owner, UNKNOWN); /* cut short */
    lethe_android_policy("", 0, &policy);
    assert_int_equal(policy.device_owner, UNKNOWN);
}

#define USER "  UserInfo{0:null:c13} serialNo=0 isPrimary=true\n"

static void test_users(void **state)
{
    (void)state;
    struct lethe_android_users users;
    static const char free_[] = "Current user: 0\nUsers:\n" USER "    Restrictions:\n      none\n"
                                "    Effective restrictions:\n      none\n\n"
                                "  Guest restrictions:\n    no_factory_reset\n\n"
                                "  Device managed: false\n";
    lethe_android_users(free_, sizeof(free_) - 1, &users);
    assert_int_equal(users.users, 1);
    assert_int_equal(users.no_factory_reset, NO);
    assert_int_equal(users.managed, NO);
    static const char bound[] = "Users:\n" USER "    Device policy local restrictions:\n"
                                "      User Id: 0\n        no_factory_reset\n"
                                "    Effective restrictions:\n      no_factory_reset\n"
                                "  Device managed: true\n";
    lethe_android_users(bound, sizeof(bound) - 1, &users);
    assert_int_equal(users.no_factory_reset, YES);
    assert_int_equal(users.managed, YES);
    /* A user whose restrictions are not there. */
    static const char cut[] = "Users:\n" USER "    Effective restrictions:\n      none\n" USER;
    lethe_android_users(cut, sizeof(cut) - 1, &users);
    assert_int_equal(users.no_factory_reset, UNKNOWN);
    assert_int_equal(users.managed, UNKNOWN);
}

static void test_settings(void **state)
{
    (void)state;
    char word[32];
    lethe_android_setting("1\r\n", 3, word, sizeof(word));
    assert_string_equal(word, "1");
    lethe_android_setting("null\n", 5, word, sizeof(word));
    assert_string_equal(word, "null");
    static const char angry[] = "java.lang.SecurityException: no\n1\n";
    lethe_android_setting(angry, sizeof(angry) - 1, word, sizeof(word));
    assert_string_equal(word, "");
    lethe_android_setting("1\n2\n", 4, word, sizeof(word));
    assert_string_equal(word, "");
}

static enum lethe_answer card(const char *text)
{
    struct lethe_android_volumes volumes;
    lethe_android_volumes(text, strlen(text), &volumes);
    return volumes.sd_card;
}

static void test_cards(void **state)
{
    (void)state;
    assert_int_equal(card("private mounted null\nemulated;0 mounted null\n"), NO);
    assert_int_equal(card("private mounted null\npublic:179,65 mounted 1A2B-3C4D\n"), YES);
    assert_int_equal(card("private mounted null\nprivate:179,66 unmounted null\n"), YES);
    assert_int_equal(card(""), UNKNOWN);
    assert_int_equal(card("emulated;0 mounted null\n"), UNKNOWN);
    assert_int_equal(card("private mounted null\nstrange thing\n"), UNKNOWN);
    assert_int_equal(card("Error: no\n"), UNKNOWN);
}

static void test_storage(void **state)
{
    (void)state;
    uint64_t total, available;
    static const char toybox[] = "Filesystem     1K-blocks    Used Available Use% Mounted on\n"
                                 "/dev/block/dm-8 113456128 2097152 111358976   2% /data\n";
    assert_true(lethe_android_df(toybox, sizeof(toybox) - 1, &total, &available));
    assert_true(total == 113456128ull * 1024 && available == 111358976ull * 1024);
    static const char *const none[] = {
        "", "df: /data: Permission denied\n", "Filesystem 1K-blocks\n",
        "Filesystem Size Used Free\n/data 110G 2G 108G\n",
        "Filesystem     1K-blocks    Used Available Use% Mounted on\n/x 10 1 11 1% /\n"};
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
        assert_false(lethe_android_df(none[i], strlen(none[i]), &total, &available));
}

static void test_battery(void **state)
{
    (void)state;
    struct lethe_android_battery battery;
    static const char charging[] = "Current Battery Service state:\n  AC powered: false\n"
                                   "  USB powered: true\n  level: 85\n  scale: 100\n";
    lethe_android_battery(charging, sizeof(charging) - 1, &battery);
    assert_int_equal(battery.level, 85);
    assert_int_equal(battery.charging, YES);
    lethe_android_battery("level: 101\n", 11, &battery);
    assert_int_equal(battery.level, -1);
    lethe_android_battery("level: 1\nscale: 0\n", 18, &battery);
    assert_int_equal(battery.level, -1);
    assert_int_equal(battery.charging, UNKNOWN);
}

static void test_packages_and_activities(void **state)
{
    (void)state;
    char activity[128];
    assert_int_equal(lethe_android_packages("package:a\npackage:b\n", 20), 2);
    assert_int_equal(lethe_android_packages("", 0), 0);
    assert_int_equal(lethe_android_packages("Error\n", 6), LETHE_ANDROID_COUNT_UNKNOWN);
    static const char found[] = "priority=0 preferredOrder=0 match=0x108000\n"
                                "com.android.settings/.Settings$FactoryResetActivity\n";
    assert_true(lethe_android_activity(found, sizeof(found) - 1, activity, sizeof(activity)));
    assert_string_equal(activity, "com.android.settings/.Settings$FactoryResetActivity");
    static const char *const none[] = {"",        "No activity found\n", "a/b; rm -rf /\n",
                                       "a/b'c\n", "a/b\nc/d\n",          "/b\n"};
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
        assert_false(lethe_android_activity(none[i], strlen(none[i]), activity, sizeof(activity)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_accounts),
        cmocka_unit_test(test_reset_protection),
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_cards),
        cmocka_unit_test(test_storage),
        cmocka_unit_test(test_battery),
        cmocka_unit_test(test_packages_and_activities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
