/* SPDX-License-Identifier: Apache-2.0 */
/* What a device shows on USB, and which phone that is. */
#include "proto/usb_descriptors.h"

#include "proto/bytes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

/* A device of one configuration, as sysfs shows it. */
struct made {
    uint8_t bytes[256];
    size_t len;
};

static struct made begin(uint16_t vendor, uint16_t product)
{
    struct made made = {.bytes = {18, 1, 0, 2, 0, 0, 0, 64}, .len = 27};
    lethe_put_le16(made.bytes + 8, vendor);
    lethe_put_le16(made.bytes + 10, product);
    made.bytes[16] = 3;
    made.bytes[17] = 1;
    memcpy(made.bytes + 18, (const uint8_t[]){9, 2, 0, 0, 0, 1, 0, 0x80, 250}, 9);
    return made;
}

static void add(struct made *made, uint8_t klass, uint8_t subclass, uint8_t protocol, bool bulk)
{
    uint8_t number = made->bytes[22]++;
    uint8_t *p = made->bytes + made->len;
    memcpy(p, (const uint8_t[]){9, 4, number, 0, bulk ? 2 : 0, klass, subclass, protocol, 0}, 9);
    made->len += 9;
    if (bulk) {
        memcpy(p + 9, (const uint8_t[]){7, 5, (uint8_t)(0x81 + number), 2, 0, 2, 0}, 7);
        memcpy(p + 16, (const uint8_t[]){7, 5, (uint8_t)(1 + number), 2, 0, 2, 0}, 7);
        made->len += 14;
    }
}

static struct lethe_usb_device device;

static struct lethe_usb_phone classify(const struct made *made)
{
    struct lethe_usb_phone phone;
    assert_int_equal(lethe_usb_descriptors_parse(made->bytes, made->len, &device, NULL), 0);
    lethe_usb_phone_classify(&device, &phone);
    return phone;
}

static void test_android(void **state)
{
    (void)state;
    struct made made = begin(0x18d1, 0x4ee2);
    add(&made, 6, 1, 1, true);
    add(&made, 0xff, 0x42, 1, true);
    struct lethe_usb_phone phone = classify(&made);
    assert_int_equal(phone.family, LETHE_FAMILY_ANDROID);
    assert_int_equal(phone.mode, LETHE_MODE_NORMAL);
    assert_string_equal(phone.maker, "Google");
    assert_int_equal(phone.interface->number, 1);
    assert_int_equal(phone.interface->bulk_in, 0x82);
    assert_int_equal(phone.interface->bulk_out, 2);
    assert_int_equal(phone.interface->packet_in, 512);
    /* Whoever made it: adb is adb. */
    made = begin(0x1234, 1);
    add(&made, 0xff, 0x42, 1, true);
    assert_int_equal(classify(&made).family, LETHE_FAMILY_ANDROID);
    made = begin(0x18d1, 0xd001);
    add(&made, 0xff, 0x42, 1, true);
    assert_int_equal(classify(&made).mode, LETHE_MODE_RECOVERY);
    made = begin(0x18d1, 0x4ee0);
    add(&made, 0xff, 0x42, 3, true);
    assert_int_equal(classify(&made).mode, LETHE_MODE_FASTBOOT);
    /* Without its pipes it can't be talked to. */
    made = begin(0x1234, 1);
    add(&made, 0xff, 0x42, 1, false);
    assert_int_equal(classify(&made).family, LETHE_FAMILY_NONE);
}

static void test_no_way_in(void **state)
{
    (void)state;
    struct made made = begin(0x04e8, 0x6860);
    add(&made, 6, 1, 1, true);
    struct lethe_usb_phone phone = classify(&made);
    assert_int_equal(phone.family, LETHE_FAMILY_ANDROID);
    assert_int_equal(phone.mode, LETHE_MODE_PTP);
    /* The string tells MTP. */
    strcpy(device.interfaces[0].name, "MTP");
    lethe_usb_phone_classify(&device, &phone);
    assert_int_equal(phone.mode, LETHE_MODE_CLOSED);
    made = begin(0x04a9, 0x3218); /* a camera */
    add(&made, 6, 1, 1, true);
    phone = classify(&made);
    assert_int_equal(phone.family, LETHE_FAMILY_OTHER);
    assert_int_equal(phone.mode, LETHE_MODE_PTP);
}

static void test_boot_roms(void **state)
{
    (void)state;
    static const struct {
        uint16_t vendor, product;
        enum lethe_phone_family family;
        enum lethe_phone_mode mode;
    } known[] = {
        {0x05c6, 0x9008, LETHE_FAMILY_OTHER, LETHE_MODE_EDL},
        {0x0e8d, 0x0003, LETHE_FAMILY_OTHER, LETHE_MODE_EDL},
        {0x04e8, 0x685d, LETHE_FAMILY_ANDROID, LETHE_MODE_DOWNLOAD},
        {0x05ac, 0x1281, LETHE_FAMILY_IOS, LETHE_MODE_RECOVERY},
        {0x05ac, 0x1227, LETHE_FAMILY_IOS, LETHE_MODE_DFU},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        struct made made = begin(known[i].vendor, known[i].product);
        add(&made, 0xff, 0x42, 1, true); /* whatever else it shows */
        struct lethe_usb_phone phone = classify(&made);
        assert_int_equal(phone.family, known[i].family);
        assert_int_equal(phone.mode, known[i].mode);
        assert_null(phone.interface);
        assert_true(phone.what[0] != '\0');
    }
}

static void test_apple(void **state)
{
    (void)state;
    struct made made = begin(0x05ac, 0x12a8);
    add(&made, 6, 1, 1, true);
    add(&made, 0xff, 0xfe, 2, true);
    struct lethe_usb_phone phone = classify(&made);
    assert_int_equal(phone.family, LETHE_FAMILY_IOS);
    assert_int_equal(phone.mode, LETHE_MODE_NORMAL);
    assert_int_equal(phone.interface->number, 1);
    made = begin(0x05ac, 0x12a8);
    add(&made, 6, 1, 1, true);
    assert_int_equal(classify(&made).mode, LETHE_MODE_PTP);
    made = begin(0x05ac, 0x024f); /* a keyboard */
    add(&made, 3, 1, 1, false);
    assert_int_equal(classify(&made).family, LETHE_FAMILY_NONE);
    /* A mux of somebody who is not Apple is nothing that we know. */
    made = begin(0x1234, 0x12a8);
    add(&made, 0xff, 0xfe, 2, true);
    assert_int_equal(classify(&made).family, LETHE_FAMILY_NONE);
}

static void test_others(void **state)
{
    (void)state;
    struct made made = begin(0x12d1, 0x5000);
    add(&made, 0xff, 0x50, 1, true);
    struct lethe_usb_phone phone = classify(&made);
    assert_int_equal(phone.family, LETHE_FAMILY_HARMONY);
    assert_null(phone.interface);
    /* Makers of phones make drives and printers. */
    made = begin(0x04e8, 0x61f5);
    add(&made, 8, 6, 0x50, true);
    assert_int_equal(classify(&made).family, LETHE_FAMILY_NONE);
    made = begin(0x04e8, 0x3301);
    add(&made, 7, 1, 2, true);
    assert_int_equal(classify(&made).family, LETHE_FAMILY_NONE);
}

static void test_descriptors_that_lie(void **state)
{
    (void)state;
    struct made made = begin(0x18d1, 0x4ee7);
    add(&made, 0xff, 0x42, 1, true);
    for (size_t len = 0; len < made.len; len++) {
        /* Cut between two of them it is whole, only shorter. */
        int rc = lethe_usb_descriptors_parse(made.bytes, len, &device, NULL);
        bool between = len == 18 || len == 27 || len == 36 || len == 43;
        assert_int_equal(rc, between ? 0 : -LETHE_E_INVALID);
    }
    made.bytes[27] = 0; /* would be read for ever */
    assert_int_equal(lethe_usb_descriptors_parse(made.bytes, made.len, &device, NULL),
                     -LETHE_E_INVALID);
    /* An interface too short to be one, an endpoint of none. */
    struct made odd = begin(0x18d1, 0x4ee7);
    memcpy(odd.bytes + odd.len, (const uint8_t[]){4, 4, 0, 0, 7, 5, 0x81, 2, 0, 2, 0}, 11);
    odd.len += 11;
    assert_int_equal(lethe_usb_descriptors_parse(odd.bytes, odd.len, &device, NULL), 0);
    assert_int_equal(device.n_interfaces, 0);
}

static void test_udids(void **state)
{
    (void)state;
    char udid[LETHE_UDID_SIZE];
    assert_int_equal(lethe_usb_apple_udid("00008030001A2B3C4D5E6F70", udid), 0);
    assert_string_equal(udid, "00008030-001A2B3C4D5E6F70");
    static const char old[] = "0123456789abcdef0123456789abcdef01234567";
    assert_int_equal(lethe_usb_apple_udid(old, udid), 0);
    assert_string_equal(udid, old);
    assert_int_equal(lethe_usb_apple_udid("", udid), -LETHE_E_INVALID);
    assert_int_equal(lethe_usb_apple_udid("00008030-01A2B3C4D5E6F70", udid), -LETHE_E_INVALID);
    assert_int_equal(lethe_usb_apple_udid("../../../../etc/passwd00", udid), -LETHE_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_android),   cmocka_unit_test(test_no_way_in),
        cmocka_unit_test(test_boot_roms), cmocka_unit_test(test_apple),
        cmocka_unit_test(test_others),    cmocka_unit_test(test_descriptors_that_lie),
        cmocka_unit_test(test_udids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
