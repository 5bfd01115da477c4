/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/phone_fakes.h"

#include <stdio.h>

void lethe_fake_iphone(struct lethe_device *device, struct lethe_facts *facts)
{
    *facts = (struct lethe_facts){.protocol = LETHE_PROTOCOL_IOS,
                                  .can = LETHE_CAN_IOS_ERASE | LETHE_CAN_AFC,
                                  .phone = {.family = LETHE_FAMILY_IOS,
                                            .mode = LETHE_MODE_NORMAL,
                                            .access = LETHE_ACCESS_GRANTED,
                                            .battery = 80,
                                            .esim = LETHE_ANSWER_YES,
                                            .storage = 128000000000,
                                            .ios = {.setup_done = LETHE_ANSWER_YES}}};
    *device = (struct lethe_device){.target = "usb:1-2",
                                    .driver = "ios",
                                    .mode = LETHE_MODE_NORMAL,
                                    .identity = {.class_ = LETHE_CLASS_PHONE,
                                                 .bus = LETHE_BUS_USB,
                                                 .media = LETHE_MEDIA_FLASH,
                                                 .substrate = LETHE_SUBSTRATE_PHYSICAL,
                                                 .vendor = "Apple",
                                                 .model = "iPhone12,1"},
                                    .facts = facts};
    for (int i = 0; i < LETHE_LOCK_COUNT; i++)
        facts->phone.locks[i] = LETHE_ANSWER_NO;
    lethe_identity_add(&device->identity, LETHE_ID_UDID, LETHE_SOURCE_DEVICE,
                       "00008030-001A2B3C4D5E6F70");
    lethe_identity_add(&device->identity, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "F2LZK1ABCDEF");
}

void lethe_fake_android(struct lethe_device *device, struct lethe_facts *facts)
{
    lethe_fake_iphone(device, facts);
    facts->protocol = LETHE_PROTOCOL_ADB;
    facts->can = LETHE_CAN_RESCUE | LETHE_CAN_TEST_HARNESS | LETHE_CAN_SETTINGS_RESET;
    facts->phone.family = LETHE_FAMILY_ANDROID;
    facts->phone.sd_card = LETHE_ANSWER_NO;
    facts->phone.ios.setup_done = LETHE_ANSWER_UNKNOWN;
    facts->phone.android = (__typeof__(facts->phone.android)){
        .sdk = 34, .first_sdk = 30, .crypto_state = "encrypted", .crypto_type = "file", .users = 1};
    device->identity = (struct lethe_identity){.class_ = LETHE_CLASS_PHONE,
                                               .bus = LETHE_BUS_USB,
                                               .media = LETHE_MEDIA_FLASH,
                                               .substrate = LETHE_SUBSTRATE_PHYSICAL,
                                               .vendor = "Google",
                                               .model = "Pixel 5"};
    snprintf(device->driver, sizeof(device->driver), "android");
    lethe_identity_add(&device->identity, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "0A051FDD4003AB");
}

void lethe_fake_profile(struct lethe_profile *profile, const char *const *techniques)
{
    *profile = (struct lethe_profile){.id = "a-phone"};
    for (; *techniques; techniques++) {
        struct lethe_profile_technique *known = &profile->techniques[profile->n_techniques++];
        snprintf(known->technique, sizeof(known->technique), "%s", *techniques);
        known->status = LETHE_STATUS_REPORTED;
    }
}
