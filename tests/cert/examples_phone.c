/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and records of phones, right and wrong. */
#include "cert/examples_change.h"

#include <stddef.h>

#define LOCKS(find_my)                                                                             \
    "{\"find-my\":\"" find_my "\",\"activation-lock\":\"no\",\"mdm\":\"no\",\"supervised\":"       \
    "\"no\",\"frp\":\"unknown\",\"accounts\":\"unknown\",\"no-factory-reset\":\"unknown\","        \
    "\"passcode\":\"unknown\"}"
#define RECORD "vct", "\"urn:lethe:erasure-record:1\""

#define RAW "\"Raw media not readable; verified by device state.\""
#define BY_KEY                                                                                     \
    "\"Purge - cryptographic erase by device firmware, vendor-asserted; verification by state "    \
    "change.\""
#define SIM "\"Not reached: a SIM card.\""
#define SIM_AND_PARTS(card)                                                                        \
    "\"Not reached: a SIM card" card ", partitions that hold no user data (persist, EFS, reset "   \
    "protection).\""
#define OF_MAKER "accounts of the maker (Samsung, Xiaomi and others)"
#define UNCHECKED(locks) "\"Locks not checked: " locks ".\""
#define FILL_ONCE                                                                                  \
    "\"A fill overwrites what the file system gives it after the erase, once: it does not claim "  \
    "every cell that held old data.\""
#define LOT                                                                                        \
    "\"The lot is marked for destruction or recycling: locks of a former owner did not stop the "  \
    "erasure, and the device may come back locked.\""
#define LIMITED(list) "limitations", "[" list "]"
#define IOS_LIMITS RAW "," BY_KEY "," SIM
#define ANDROID_LIMITS(card) RAW "," BY_KEY "," SIM_AND_PARTS(card) "," UNCHECKED(OF_MAKER)
#define FILL_LIMITS RAW "," FILL_ONCE "," SIM_AND_PARTS("") "," UNCHECKED(OF_MAKER)
#define BY_FIRMWARE                                                                                \
    "cryptographic erase by device firmware, vendor-asserted; verified by device state"
#define POLICY(word, id, how)                                                                      \
    "policy.id", "\"" id "\"", "policy.statement",                                                 \
        "\"" word " by policy " id " of 2026-11-23: " how ".\""

const char *const examples_phone_base[] = {
    "method", "\"purge\"", "device",
    "{\"class\":\"phone\",\"bus\":\"usb\",\"media\":\"flash\",\"vendor\":\"Apple\",\"model\":"
    "\"iPhone12,1\",\"firmware\":\"16.7.2\",\"capacity\":0,\"logical_block\":0,"
    "\"physical_block\":0}",
    "technique",
    "{\"name\":\"ios-erase\",\"kind\":\"crypto-erase\",\"observed\":true,\"chain\":[\"ios-erase\"]"
    "}",
    "phone",
    "{\"family\":\"ios\",\"encryption\":\"encrypted\",\"locks\":" LOCKS(
        "no") ",\"for_destruction\":false,\"esim\":\"erase-asked\",\"sd_card\":\"no\",\"returns\":"
              "[{\"after\":\"ios-erase\",\"mode\":\"normal\",\"away_ms\":94210}]}",
    "policy.id", "\"nist-800-88r2-purge\"", "policy.title", "\"NIST SP 800-88 Rev. 2, Purge\"",
    "policy.method", "\"purge\"", "policy.demonstrable", "true", "policy.exceptions_allowed",
    "false", "policy.exceptions_max_sectors", "0", "policy.statement",
    "\"Purged by policy nist-800-88r2-purge of 2026-11-23: cryptographic erase by device firmware, "
    "vendor-asserted; verified by device state.\"",
    "profile.id", "\"apple-iphone\"", "profile.test_status", "\"reported\"",
    "verification.performed", "true", "verification.mode", "\"state\"",
    "verification.canaries_written", "0", "verification.state",
    "[{\"technique\":\"ios-erase\",\"grade\":\"state\",\"why\":\"its old trust is gone, it is in "
    "its setup, and its key is new\",\"answers\":[\"old_session: host unknown\",\"pairing: without "
    "a dialog\",\"after.activation_lock: no\"]}]",
    "verification.statement",
    "\"Shown by the state of the device: its old trust is gone, it is in its setup, and its key is "
    "new.\"",
    LIMITED(IOS_LIMITS),
    /* what is said of blocks */
    "verification.confidence_ppm", "-", "verification.fraction_ppm", "-", "verification.block", "-",
    "verification.blocks", "-", "verification.samples", "-", "verification.bytes", "-",
    "verification.coverage_ppm", "-", "verification.mismatches", "-", "verification.unreadable",
    "-", "verification.excepted", "-", "verification.canaries_checked", "-",
    "verification.canaries_survived", "-", NULL};

const char examples_phone_identifiers[] =
    "[{\"kind\":\"udid\",\"value\":\"00008030-001A2B3C4D5E6F70\",\"source\":\"device\"},"
    "{\"kind\":\"serial\",\"value\":\"F2LZK1ABCDEF\",\"source\":\"device\"},"
    "{\"kind\":\"imei\",\"value\":\"490154203237518\",\"source\":\"device\"}]";

#define BACK(name, mode) "[{\"after\":\"" name "\",\"mode\":\"" mode "\",\"away_ms\":61000}]"
#define RETURNS(name) BACK(name, "closed")
#define STATE(name, grade)                                                                         \
    "[{\"technique\":\"" name "\",\"grade\":\"" grade "\",\"why\":\"an example\",\"answers\":[]}]"
/* As each is found that shows its erasure. */
#define SHOWN(name, why, answers)                                                                  \
    "{\"technique\":\"" name "\",\"grade\":\"state\",\"why\":\"" why "\",\"answers\":[" answers "]}"
#define CLOSED "\"adb: absent\",\"mode: closed\",\"quiet_ms: 180004\",\"serial: unknown\""
#define LEFT_CLOSED                                                                                \
    "it said that it erased itself, left, and came back with USB debugging off, as a new phone is"
#define LEFT_WITHOUT_KEY                                                                           \
    "it said that it erased itself, left, and came back without the key that it knew before"
#define WIPED(name) SHOWN(name, LEFT_CLOSED, CLOSED)
#define EMPTIED                                                                                    \
    SHOWN("android-test-harness",                                                                  \
          "the files put on it before are gone, its system is new, and nothing of its owner's is " \
          "on it",                                                                                 \
          HARNESS)
#define ALL_READ "the user storage was filled, and every sample read back as it was written"
#define SHOWN_BY(why) "verification.statement", "\"Shown by the state of the device: " why ".\""
#define HARNESS                                                                                    \
    "\"adb: accepted\",\"canaries.checked: 8\",\"canaries.standing: 0\",\"mode: normal\","         \
    "\"serial: same\","                                                                            \
    "\"state.accounts: 0\",\"state.frp: no\",\"state.packages: 0\",\"state.users: 1\""
#define IOS_READ_BACK                                                                              \
    "\"samples.differ: 0\",\"samples.read: 4603\",\"samples.unreadable: 0\",\"serial: same\""
#define READ_BACK(read, differ)                                                                    \
    "\"adb: accepted\",\"mode: normal\",\"samples.differ: " differ "\",\"samples.read: " read      \
    "\",\"samples.unreadable: 0\",\"serial: same\""
#define GUIDED                                                                                     \
    "technique",                                                                                   \
        "{\"name\":\"guided-reset\",\"kind\":\"crypto-erase\",\"observed\":false,\"chain\":"       \
        "[\"guided-reset\"]}",                                                                     \
        "phone.returns", RETURNS("guided-reset"), "verification.state",                            \
        STATE("guided-reset", "attested"), "verification.statement",                               \
        "\"By the word of a person, not shown by the device: an example.\""
#define ATTESTED "phone.attested", "{\"statement\":\"The phone shows its first screen.\"}"
#define PIXEL                                                                                      \
    "phone.family", "\"android\"", "device.vendor", "\"Google\"", "device.model", "\"Pixel 5\"",   \
        "phone.locks",                                                                             \
        "{\"find-my\":\"unknown\",\"activation-lock\":\"unknown\",\"mdm\":\"no\",\"supervised\":"  \
        "\"unknown\",\"frp\":\"no\",\"accounts\":\"no\",\"no-factory-reset\":\"no\",\"passcode\":" \
        "\"unknown\"}"
#define RESCUE                                                                                     \
    "technique",                                                                                   \
        "{\"name\":\"android-rescue-wipe\",\"kind\":\"crypto-erase\",\"observed\":true,"           \
        "\"commands\":[\"rescue-wipe:userdata:8\"],\"chain\":[\"android-sideload\","               \
        "\"android-rescue\",\"android-rescue-wipe\"]}",                                            \
        PIXEL, "phone.returns",                                                                    \
        "[{\"after\":\"android-sideload\",\"mode\":\"sideload\",\"away_ms\":9000},{\"after\":"     \
        "\"android-rescue\",\"mode\":\"rescue\",\"away_ms\":7000},{\"after\":"                     \
        "\"android-rescue-wipe\",\"mode\":\"closed\",\"away_ms\":61000}]",                         \
        "verification.state", "[" WIPED("android-rescue-wipe") "]", SHOWN_BY(LEFT_CLOSED),         \
        LIMITED(ANDROID_LIMITS("")), "phone.esim", "\"not-asked\""
#define FILLED(numbers)                                                                            \
    "method", "\"clear\"",                                                                         \
        POLICY("Cleared", "gb-46864-2025",                                                         \
               "user-addressable storage overwritten once, then a device-directed reset; samples " \
               "were read back"),                                                                  \
        LIMITED(FILL_LIMITS), "phone.esim", "\"not-asked\"", "policy.title", "\"GB 46864-2025\"",  \
        "policy.method", "\"clear\"", "technique",                                                 \
        "{\"name\":\"android-fill\",\"kind\":\"overwrite\",\"observed\":true,\"chain\":"           \
        "[\"android-test-harness\",\"android-fill\",\"android-fastboot-erase\"],\"filled\":"       \
        "{" numbers "}}",                                                                          \
        PIXEL, "phone.returns",                                                                    \
        "[{\"after\":\"android-test-harness\",\"mode\":\"normal\",\"away_ms\":90000},"             \
        "{\"after\":\"android-fastboot-erase\",\"mode\":\"closed\",\"away_ms\":61000}]",           \
        "verification.state", FILL_STATE(READ_BACK("4603", "0")), SHOWN_BY(LEFT_CLOSED)
#define FILL_STATE(samples)                                                                        \
    "[" EMPTIED "," SHOWN("android-fill", ALL_READ, samples) "," WIPED("android-fastboot-erase") "]"
#define FILL_DONE FILLED("\"bytes\":109951123456,\"samples\":4603,\"mismatches\":0")
#define IOS_STATE(why, answers) "verification.state", "[" SHOWN("ios-erase", why, answers) "]"
#define UNLOCKED "\"after.activation_lock: no\""
#define TRUST_GONE "\"old_session: host unknown\",\"pairing: without a dialog\"," UNLOCKED
#define NEW_KEY "its old trust is gone, it is in its setup, and its key is new"
#define NOT_DEMONSTRABLE                                                                           \
    LIMITED(IOS_LIMITS ",\"Not demonstrable: policy x asks for overwriting that is read back.\"")
#define GB POLICY("Purged", "gb-46864-2025", BY_FIRMWARE), "policy.method", "\"clear\""
#define UNKNOWN_LOCKS                                                                              \
    "phone.locks", "{\"find-my\":\"unknown\",\"activation-lock\":\"unknown\",\"mdm\":\"unknown\"," \
                   "\"supervised\":"                                                               \
                   "\"unknown\",\"frp\":\"unknown\",\"accounts\":\"unknown\",\"no-factory-"        \
                   "reset\":\"unknown\","                                                          \
                   "\"passcode\":\"unknown\"}"

const struct change examples_phone[] = {
    {"phone", VALID, "policy-not-read", {NULL}},
    {"phone-rescue", VALID, "policy-not-read", {RESCUE}},
    {"phone-tablet", VALID, "policy-not-read", {"device.class", "\"tablet\""}},
    {"phone-overwritten", VALID, "policy-not-read", {FILL_DONE}},
    {"phone-in-its-setup",
     VALID,
     "policy-not-read",
     {SHOWN_BY("its old trust is gone, it is in its setup, and its memory tells of the erasure"),
      IOS_STATE("its old trust is gone, it is in its setup, and its memory tells of the erasure",
                "\"after.activation: unactivated\",\"after.nvram: yes\",\"old_session: tls "
                "failed\",\"pairing: locked\"," UNLOCKED)}},
    {"phone-locks-not-known",
     VALID,
     "policy-not-read",
     {UNKNOWN_LOCKS, LIMITED(IOS_LIMITS "," UNCHECKED("find-my, mdm, activation-lock"))}},
    {"phone-for-destruction",
     VALID,
     "policy-not-read",
     {"phone.locks", LOCKS("yes"), "phone.for_destruction", "true", LIMITED(IOS_LIMITS "," LOT)}},
    {"phone-reset-clear",
     VALID,
     "policy-not-read",
     {"technique.kind", "\"reset\"", "method", "\"clear\"", "policy.method", "\"clear\"",
      "phone.encryption", "\"unknown\"", LIMITED(RAW "," SIM),
      POLICY("Cleared", "nist-800-88r2-clear", "device-directed reset; verified by device state")}},
    /* what a person says, and what can't be shown */
    {"phone-attested",
     UNDETERMINED,
     "record-only",
     {RECORD, "outcome", "\"operator-attested\"", "method", "\"none\"", "policy.met", "false",
      GUIDED, ATTESTED, "reasons",
      "[\"guided-reset by the word of a person, not shown by the device\"]"}},
    {"phone-not-demonstrable",
     UNDETERMINED,
     "policy-not-met",
     {RECORD, "policy.met", "false", "policy.demonstrable", "false", "reasons",
      "[\"not demonstrable: the policy asks for overwriting\"]"}},
    {"phone-indeterminate",
     UNDETERMINED,
     "record-only",
     {RECORD, "outcome", "\"indeterminate\"", "method", "\"none\"", "policy.met", "false",
      "verification.state", STATE("ios-erase", "none"), "reasons",
      "[\"its state does not show that ios-erase erased it\"]"}},
    {"phone-chain-unknown",
     UNDETERMINED,
     "technique-unknown",
     {"technique.chain", "[\"ios-next\",\"ios-erase\"]"}},
    /* a certificate of what was not shown */
    {"phone-attested-as-certificate",
     INVALID,
     "contradiction-outcome",
     {"outcome", "\"operator-attested\"", GUIDED, ATTESTED}},
    {"phone-guided-as-passed",
     INVALID,
     "contradiction-outcome",
     {GUIDED, ATTESTED, "technique.observed", "true", "verification.state",
      STATE("guided-reset", "state"), "verification.statement", "\"Shown by its state.\""}},
    {"phone-without-state", INVALID, "contradiction-state", {"verification.state", "-"}},
    {"phone-state-empty", INVALID, "contradiction-state", {"verification.state", "[]"}},
    {"phone-state-none",
     INVALID,
     "contradiction-state",
     {"verification.state", STATE("ios-erase", "none")}},
    {"phone-state-attested",
     INVALID,
     "contradiction-state",
     {"verification.state", STATE("ios-erase", "attested")}},
    {"phone-state-denied",
     INVALID,
     "contradiction-state",
     {"verification.state", STATE("ios-erase", "denied")}},
    {"phone-state-of-another",
     INVALID,
     "contradiction-state",
     {"verification.state", STATE("ios-fill", "state")}},
    {"phone-erased-twice-seen-once",
     INVALID,
     "contradiction-state",
     {"technique.chain", "[\"ios-erase\",\"ios-erase\"]"}},
    {"phone-never-back", INVALID, "contradiction-state", {"phone.returns", "[]"}},
    {"phone-not-verified",
     INVALID,
     "contradiction-verification",
     {"verification.mode", "\"none\""}},
    {"phone-not-complete",
     INVALID,
     "contradiction-verification",
     {"verification.complete", "false"}},
    {"phone-unobserved", INVALID, "contradiction-technique", {"technique.observed", "false"}},
    {"phone-not-identified",
     INVALID,
     "contradiction-identity",
     {"verification.identity_rechecked", "false"}},
    {"phone-purge-unencrypted",
     INVALID,
     "contradiction-technique",
     {"phone.encryption", "\"unencrypted\""}},
    {"phone-purge-by-reset", INVALID, "contradiction-method", {"technique.kind", "\"reset\""}},
    {"phone-purge-by-fill", INVALID, "contradiction-method", {FILL_DONE, "method", "\"purge\""}},
    {"phone-fill-differs",
     INVALID,
     "contradiction-passes",
     {FILLED("\"bytes\":109951123456,\"samples\":4603,\"mismatches\":1")}},
    {"phone-fill-unread",
     INVALID,
     "contradiction-passes",
     {FILLED("\"bytes\":109951123456,\"samples\":0,\"mismatches\":0")}},
    {"phone-fill-empty",
     INVALID,
     "contradiction-passes",
     {FILLED("\"bytes\":0,\"samples\":4603,\"mismatches\":0")}},
    {"phone-locked", INVALID, "contradiction-locks", {"phone.locks", LOCKS("yes")}},
    {"phone-not-demonstrable-met",
     INVALID,
     "contradiction-policy",
     {"policy.demonstrable", "false"}},
    /* words that deny the claims, claims that deny each other */
    {"phone-limited-and-met", INVALID, "contradiction-policy", {NOT_DEMONSTRABLE}},
    {"phone-limited-and-demonstrable",
     INVALID,
     "contradiction-policy",
     {RECORD, "policy.met", "false", NOT_DEMONSTRABLE}},
    {"phone-limited-and-silent",
     INVALID,
     "contradiction-policy",
     {RECORD, "policy.met", "false", "policy.demonstrable", "-", NOT_DEMONSTRABLE}},
    {"phone-stated-otherwise",
     INVALID,
     "contradiction-policy",
     {"policy.statement", "\"Purged by policy nist-800-88r2-purge of 2026-11-23: every cell was "
                          "overwritten and read back.\""}},
    {"phone-shown-otherwise",
     INVALID,
     "contradiction-verification",
     {"verification.statement",
      "\"Shown by the state of the device: every cell was overwritten.\""}},
    {"phone-stated-and-met",
     INVALID,
     "contradiction-policy",
     {"policy.statement", "\"Not shown to be sanitised as asked by policy x of 2026-11-23.\""}},
    {"phone-stated-and-demonstrable",
     INVALID,
     "contradiction-policy",
     {RECORD, "policy.met", "false", "policy.statement",
      "\"Not demonstrable by policy x of 2026-11-23.\""}},
    {"phone-claimed-instead",
     INVALID,
     "contradiction-policy",
     {LIMITED(IOS_LIMITS ",\"Claimed instead: a reset by hand, by the word of a person.\"")}},
    {"phone-met-by-word",
     INVALID,
     "contradiction-policy",
     {"policy.statement", "\"By the word of a person, for policy x of 2026-11-23.\""}},
    {"phone-passed-by-word",
     INVALID,
     "contradiction-verification",
     {"verification.statement",
      "\"By the word of a person, not shown by the device: reset by hand.\""}},
    {"phone-passed-not-shown",
     INVALID,
     "contradiction-verification",
     {"verification.statement", "\"Not shown by the state of the device: it was not asked.\""}},
    {"phone-overwriting-not-filled", INVALID, "contradiction-policy", {GB}},
    {"phone-overwriting-renamed",
     INVALID,
     "contradiction-policy",
     {POLICY("Purged", "gb46864-mine", BY_FIRMWARE), "policy.method", "\"clear\""}},
    {"phone-overwriting-by-its-title",
     INVALID,
     "contradiction-policy",
     {POLICY("Purged", "mine", BY_FIRMWARE), "policy.title", "\"GB 46864-2025\"", "policy.method",
      "\"clear\""}},
    /* what was seen, and what is made of it */
    {"phone-came-back-locked",
     INVALID,
     "contradiction-locks",
     {IOS_STATE(NEW_KEY, "\"old_session: host unknown\",\"pairing: without a dialog\","
                         "\"after.activation_lock: yes\"")}},
    {"phone-lock-after-not-told",
     INVALID,
     "contradiction-locks",
     {IOS_STATE(NEW_KEY, "\"old_session: host unknown\",\"pairing: without a dialog\"")}},
    {"phone-lock-after-not-known",
     INVALID,
     "contradiction-locks",
     {IOS_STATE(NEW_KEY, "\"old_session: host unknown\",\"pairing: without a dialog\","
                         "\"after.activation_lock: unknown\"")}},
    {"phone-lock-after-said-unknown",
     VALID,
     "policy-not-read",
     {IOS_STATE(NEW_KEY, "\"old_session: host unknown\",\"pairing: without a dialog\","
                         "\"after.activation_lock: unknown\""),
      LIMITED(IOS_LIMITS ",\"Locks not checked after the erasure: activation-lock.\"")}},
    {"phone-why-in-other-words",
     INVALID,
     "contradiction-state",
     {IOS_STATE("not that its key is new: it came back as it was", TRUST_GONE)}},
    {"phone-why-with-more",
     INVALID,
     "contradiction-state",
     {IOS_STATE(NEW_KEY ", but it has its owner's data", TRUST_GONE)}},
    {"phone-answers-twice",
     INVALID,
     "contradiction-state",
     {IOS_STATE(NEW_KEY, "\"old_session: host unknown\"," TRUST_GONE)}},
    {"phone-answers-both",
     INVALID,
     "contradiction-state",
     {IOS_STATE(NEW_KEY, TRUST_GONE ",\"after.activation_lock: yes\"")}},
    {"phone-with-profiles-still",
     INVALID,
     "contradiction-state",
     {IOS_STATE(NEW_KEY, TRUST_GONE ",\"profiles: some\"")}},
    {"phone-answers-without-a-key",
     INVALID,
     "contradiction-state",
     {IOS_STATE(NEW_KEY, TRUST_GONE ",\"erased\"")}},
    {"phone-never-watched",
     INVALID,
     "contradiction-state",
     {RESCUE, "verification.state",
      "[" SHOWN("android-rescue-wipe", LEFT_CLOSED,
                "\"adb: absent\",\"mode: closed\",\"serial: unknown\"") "]"}},
    {"phone-watched-for-no-time",
     INVALID,
     "contradiction-state",
     {RESCUE, "verification.state",
      "[" SHOWN("android-rescue-wipe", LEFT_CLOSED,
                "\"adb: absent\",\"mode: closed\",\"quiet_ms: 0\",\"serial: unknown\"") "]"}},
    {"phone-watched-as-in-a-test",
     INVALID,
     "contradiction-state",
     {RESCUE, "verification.state",
      "[" SHOWN("android-rescue-wipe", LEFT_CLOSED,
                "\"adb: absent\",\"mode: closed\",\"quiet_ms: 3004\",\"serial: unknown\"") "]"}},
    {"phone-closed-and-asked",
     INVALID,
     "contradiction-state",
     {RESCUE, "verification.state",
      "[" SHOWN("android-rescue-wipe", LEFT_CLOSED, CLOSED ",\"state.frp: yes\"") "]"}},
    {"phone-locked-out",
     VALID,
     "policy-not-read",
     {RESCUE, "verification.state",
      "[" SHOWN(
          "android-rescue-wipe", LEFT_WITHOUT_KEY,
          "\"adb: unauthorized\",\"mode: normal\",\"quiet_ms: 180004\",\"serial: unknown\"") "]",
      "phone.returns.2.mode", "\"normal\"", SHOWN_BY(LEFT_WITHOUT_KEY)}},
    {"phone-locked-out-as-closed",
     INVALID,
     "contradiction-state",
     {RESCUE, "verification.state",
      "[" SHOWN(
          "android-rescue-wipe", LEFT_CLOSED,
          "\"adb: unauthorized\",\"mode: normal\",\"quiet_ms: 180004\",\"serial: unknown\"") "]"}},
    {"phone-harness-without-a-shell",
     INVALID,
     "contradiction-state",
     {FILL_DONE, "verification.state.0.answers.0", "\"adb: absent\""}},
    {"phone-filled-and-locked",
     INVALID,
     "contradiction-state",
     {FILL_DONE, "verification.state", FILL_STATE(READ_BACK("4603", "0") ",\"state.frp: yes\"")}},
    {"phone-filled-by-a-byte",
     INVALID,
     "contradiction-passes",
     {FILLED("\"bytes\":1,\"samples\":4603,\"mismatches\":0")}},
    {"phone-filled-and-hardly-read",
     INVALID,
     "contradiction-passes",
     {FILLED("\"bytes\":109951123456,\"samples\":1,\"mismatches\":0"), "verification.state",
      FILL_STATE(READ_BACK("1", "0"))}},
    {"phone-samples-of-fewer",
     INVALID,
     "contradiction-state",
     {FILL_DONE, "verification.state", FILL_STATE(READ_BACK("4603", "0") ",\"samples.of: 5\"")}},
    {"phone-samples-of-more",
     INVALID,
     "contradiction-state",
     {FILL_DONE, "verification.state",
      FILL_STATE(READ_BACK("4603", "0") ",\"samples.of: 1677722\"")}},
    {"phone-samples-of-bytes",
     INVALID,
     "contradiction-state",
     {FILL_DONE, "verification.state", FILL_STATE(READ_BACK("4603", "0") ",\"samples.block: 1\"")}},
    {"phone-away-for-days",
     INVALID,
     "contradiction-times",
     {"phone.returns.0.away_ms", "259200000"}},
    {"phone-watched-for-days",
     INVALID,
     "contradiction-times",
     {RESCUE, "verification.state.0.answers.2", "\"quiet_ms: 259200000\""}},
    /* what is left where it was */
    {"phone-esim-kept",
     VALID,
     "policy-not-read",
     {"phone.esim", "\"kept\"",
      LIMITED(IOS_LIMITS ",\"The eSIM was kept on purpose: its profiles are residual data.\"")}},
    {"phone-esim-kept-unsaid", INVALID, "contradiction-phone", {"phone.esim", "\"kept\""}},
    {"phone-esim-erased-and-kept",
     INVALID,
     "contradiction-phone",
     {LIMITED(IOS_LIMITS ",\"The eSIM was kept on purpose: its profiles are residual data.\"")}},
    {"phone-esim-never-asked", INVALID, "contradiction-phone", {"phone.esim", "\"not-asked\""}},
    {"phone-esim-asked-of-android",
     INVALID,
     "contradiction-phone",
     {RESCUE, "phone.esim", "\"erase-asked\""}},
    {"phone-with-a-card",
     VALID,
     "policy-not-read",
     {RESCUE, "phone.sd_card", "\"yes\"",
      LIMITED(ANDROID_LIMITS(", the SD card in it (a medium of its own)"))}},
    {"phone-with-a-card-unsaid",
     INVALID,
     "contradiction-phone",
     {RESCUE, "phone.sd_card", "\"yes\""}},
    {"phone-perhaps-with-a-card",
     INVALID,
     "contradiction-phone",
     {RESCUE, "phone.sd_card", "\"unknown\""}},
    {"phone-apple-with-a-card", INVALID, "contradiction-phone", {"phone.sd_card", "\"yes\""}},
    {"phone-sim-unsaid", INVALID, "contradiction-phone", {LIMITED(RAW "," BY_KEY)}},
    {"phone-raw-unsaid", INVALID, "contradiction-verification", {LIMITED(BY_KEY "," SIM)}},
    {"phone-key-unsaid", INVALID, "contradiction-method", {LIMITED(RAW "," SIM)}},
    {"phone-fill-unsaid",
     INVALID,
     "contradiction-passes",
     {FILL_DONE, LIMITED(RAW "," SIM_AND_PARTS("") "," UNCHECKED(OF_MAKER))}},
    {"phone-supervised-unsaid",
     INVALID,
     "contradiction-locks",
     {"phone.locks.supervised", "\"yes\""}},
    {"phone-destruction-of-no-such-lot",
     INVALID,
     "contradiction-locks",
     {LIMITED(IOS_LIMITS "," LOT)}},
    {"phone-by-hand-and-passed",
     INVALID,
     "contradiction-outcome",
     {LIMITED(IOS_LIMITS ",\"The device is reset by the hands of a person, whose word is the "
                         "evidence: operator-attested at best.\"")}},
    {"phone-locks-of-the-maker-unsaid",
     INVALID,
     "contradiction-locks",
     {RESCUE, LIMITED(RAW "," BY_KEY "," SIM_AND_PARTS(""))}},
    {"phone-of-another-maker", INVALID, "contradiction-phone", {"device.vendor", "\"Google\""}},
    {"phone-android-by-apple",
     INVALID,
     "contradiction-phone",
     {RESCUE, "device.vendor", "\"Apple\""}},
    {"phone-old-trust",
     INVALID,
     "contradiction-state",
     {IOS_STATE(NEW_KEY, "\"old_session: unknown\",\"pairing: without a dialog\"")}},
    {"phone-not-in-its-setup",
     INVALID,
     "contradiction-state",
     {IOS_STATE(NEW_KEY, "\"old_session: host unknown\",\"pairing: asks for trust\"")}},
    {"phone-no-sign-of-erasure",
     INVALID,
     "contradiction-state",
     {IOS_STATE("an example", TRUST_GONE)}},
    {"phone-without-answers", INVALID, "contradiction-state", {IOS_STATE(NEW_KEY, "")}},
    {"phone-rescue-still-trusts",
     INVALID,
     "contradiction-state",
     {RESCUE, "verification.state",
      "[" SHOWN("android-rescue-wipe", "an example",
                "\"adb: accepted\",\"mode: normal\",\"serial: same\"") "]"}},
    {"phone-rescue-another",
     INVALID,
     "contradiction-state",
     {RESCUE, "verification.state",
      "[" SHOWN("android-rescue-wipe", "an example",
                "\"adb: absent\",\"mode: closed\",\"serial: other\"") "]"}},
    {"phone-rescue-without-answers",
     INVALID,
     "contradiction-state",
     {RESCUE, "verification.state", STATE("android-rescue-wipe", "state")}},
    {"phone-fill-answers-differ",
     INVALID,
     "contradiction-state",
     {FILL_DONE, "verification.state", FILL_STATE(READ_BACK("4603", "5"))}},
    {"phone-fill-answers-unread",
     INVALID,
     "contradiction-state",
     {FILL_DONE, "verification.state", FILL_STATE(READ_BACK("0", "0"))}},
    {"phone-left-in-its-harness",
     INVALID,
     "contradiction-technique",
     {PIXEL, "technique",
      "{\"name\":\"android-test-harness\",\"kind\":\"crypto-erase\",\"observed\":true,\"chain\":"
      "[\"android-test-harness\"]}",
      "phone.returns", BACK("android-test-harness", "normal"), "verification.state",
      "[" EMPTIED "]"}},
    {"phone-filled-before",
     INVALID,
     "contradiction-technique",
     {FILL_DONE, "technique.chain",
      "[\"android-fill\",\"android-test-harness\",\"android-fastboot-erase\"]"}},
    {"phone-left-full",
     INVALID,
     "contradiction-technique",
     {FILL_DONE, "technique.chain", "[\"android-test-harness\",\"android-fill\"]", "phone.returns",
      BACK("android-test-harness", "normal"), "verification.state",
      "[" EMPTIED "," SHOWN("android-fill", ALL_READ, READ_BACK("4603", "0")) "]"}},
    {"phone-of-another-family", INVALID, "contradiction-technique", {PIXEL}},
    {"phone-of-no-family",
     INVALID,
     "contradiction-technique",
     {PIXEL, "phone.family", "\"other\""}},
    {"phone-of-harmony-by-android",
     INVALID,
     "contradiction-technique",
     {RESCUE, "phone.family", "\"harmony\""}},
    {"phone-not-asked-and-told",
     INVALID,
     "contradiction-technique",
     {RESCUE, "phone.family", "\"none\""}},
    {"phone-on-the-bus-of-a-drive", INVALID, "contradiction-technique", {"device.bus", "\"ata\""}},
    {"phone-magnetic", INVALID, "contradiction-technique", {"device.media", "\"magnetic\""}},
    {"phone-by-the-commands-of-a-drive",
     INVALID,
     "contradiction-technique",
     {"technique.commands", "[\"ATA B4 feature 0011 count 0000 lba 000043727970\"]"}},
    {"phone-told-in-another-order",
     INVALID,
     "contradiction-technique",
     {FILL_DONE, "verification.state",
      "[" SHOWN("android-fill", ALL_READ,
                READ_BACK("4603", "0")) "," EMPTIED "," WIPED("android-fastboot-erase") "]"}},
    {"phone-returned-in-another-order",
     INVALID,
     "contradiction-technique",
     {RESCUE, "phone.returns",
      "[{\"after\":\"android-rescue\",\"mode\":\"rescue\",\"away_ms\":7000},{\"after\":"
      "\"android-sideload\",\"mode\":\"sideload\",\"away_ms\":9000},{\"after\":"
      "\"android-rescue-wipe\",\"mode\":\"closed\",\"away_ms\":61000}]"}},
    {"phone-returned-after-nothing",
     INVALID,
     "contradiction-state",
     {"phone.returns",
      "[{\"after\":\"ios-erase\",\"mode\":\"normal\",\"away_ms\":94210},{\"after\":"
      "\"guided-reset\",\"mode\":\"normal\",\"away_ms\":94210}]"}},
    {"phone-back-in-another-mode",
     INVALID,
     "contradiction-state",
     {"phone.returns", BACK("ios-erase", "recovery")}},
    {"phone-moved-for-nothing",
     INVALID,
     "contradiction-technique",
     {RESCUE, "technique.chain",
      "[\"android-rescue\",\"android-sideload\",\"android-rescue-wipe\"]", "phone.returns",
      "[{\"after\":\"android-rescue\",\"mode\":\"rescue\",\"away_ms\":7000},{\"after\":"
      "\"android-sideload\",\"mode\":\"sideload\",\"away_ms\":9000},{\"after\":"
      "\"android-rescue-wipe\",\"mode\":\"closed\",\"away_ms\":61000}]"}},
    {"phone-filled-behind-another",
     INVALID,
     "contradiction-technique",
     {FILL_DONE, "technique.chain",
      "[\"android-test-harness\",\"android-rescue-wipe\",\"android-fill\",\"android-fastboot-"
      "erase\"]",
      "phone.returns",
      "[{\"after\":\"android-test-harness\",\"mode\":\"normal\",\"away_ms\":90000},{\"after\":"
      "\"android-rescue-wipe\",\"mode\":\"closed\",\"away_ms\":61000},{\"after\":\"android-"
      "fastboot-erase\",\"mode\":\"closed\",\"away_ms\":61000}]",
      "verification.state",
      "[" EMPTIED "," WIPED("android-rescue-wipe") "," SHOWN(
          "android-fill", ALL_READ,
          READ_BACK("4603", "0")) "," WIPED("android-fastboot-erase") "]"}},
    {"phone-claimed-by-what-was-left",
     INVALID,
     "contradiction-technique",
     {FILL_DONE, POLICY("Cleared", "nist-800-88r2-clear", BY_FIRMWARE), "policy.title", "\"x\"",
      "technique.name", "\"android-test-harness\"", "technique.kind", "\"crypto-erase\""}},
    {"phone-filled-by-nothing",
     INVALID,
     "contradiction-passes",
     {"technique.filled", "{\"bytes\":109951123456,\"samples\":4603,\"mismatches\":0}"}},
    {"phone-filled-and-read-otherwise",
     INVALID,
     "contradiction-state",
     {FILL_DONE, "verification.state", FILL_STATE(READ_BACK("4602", "0"))}},
    {"phone-with-a-passcode-in-its-harness",
     INVALID,
     "contradiction-locks",
     {FILL_DONE, "phone.locks.passcode", "\"yes\""}},
    {"phone-with-a-card-in-its-harness",
     INVALID,
     "contradiction-phone",
     {FILL_DONE, "phone.sd_card", "\"yes\"",
      LIMITED(RAW "," FILL_ONCE "," SIM_AND_PARTS(
          ", the SD card in it (a medium of its own)") "," UNCHECKED(OF_MAKER))}},
    {"phone-expected",
     INVALID,
     "contradiction-verification",
     {"verification.expected", "\"unknown\""}},
    {"phone-apple-overwritten",
     INVALID,
     "contradiction-policy",
     {GB, "method", "\"clear\"", "technique",
      "{\"name\":\"ios-fill\",\"kind\":\"overwrite\",\"observed\":true,\"chain\":[\"ios-erase\","
      "\"ios-fill\",\"ios-erase\"],\"filled\":{\"bytes\":109951123456,\"samples\":4603,"
      "\"mismatches\":0}}",
      "phone.returns",
      "[{\"after\":\"ios-erase\",\"mode\":\"normal\",\"away_ms\":94210},{\"after\":\"ios-erase\","
      "\"mode\":\"normal\",\"away_ms\":90112}]",
      "verification.state",
      "[" SHOWN("ios-erase", NEW_KEY, TRUST_GONE) "," SHOWN(
          "ios-fill", ALL_READ, IOS_READ_BACK) "," SHOWN("ios-erase", NEW_KEY, TRUST_GONE) "]"}},
    {"phone-android-as-ios",
     INVALID,
     "contradiction-technique",
     {RESCUE, "phone.family", "\"ios\"", "phone.locks", LOCKS("no")}},
    {"phone-away-for-no-time",
     INVALID,
     "contradiction-state",
     {"phone.returns", "[{\"after\":\"ios-erase\",\"mode\":\"normal\",\"away_ms\":0}]"}},
    {"phone-rescue-locks-unsaid", INVALID, "contradiction-locks", {RESCUE, UNKNOWN_LOCKS}},
    {"phone-one-lock-unsaid",
     INVALID,
     "contradiction-locks",
     {UNKNOWN_LOCKS, LIMITED(IOS_LIMITS "," UNCHECKED("find-my"))}},
    {"phone-destruction-unsaid", INVALID, "contradiction-locks", {"phone.for_destruction", "true"}},
    {"phone-locks-unsaid", INVALID, "contradiction-locks", {UNKNOWN_LOCKS}},
    {"phone-name-not-in-chain",
     INVALID,
     "contradiction-technique",
     {"technique.chain", "[\"ios-backup-erase\"]", "phone.returns",
      BACK("ios-backup-erase", "normal"), "verification.state",
      "[" SHOWN("ios-backup-erase", NEW_KEY, TRUST_GONE) "]"}},
    {"phone-only-moved",
     INVALID,
     "contradiction-technique",
     {RECORD, "outcome", "\"indeterminate\"", "method", "\"none\"", "policy.met", "false",
      "verification.state", "[]", "phone.returns", "[]", "technique",
      "{\"name\":\"android-rescue\",\"kind\":\"reset\",\"chain\":[\"android-rescue\"]}"}},
    {"phone-with-capacity", INVALID, "contradiction-capacity", {"device.capacity", "128000000000"}},
    {"phone-with-samples",
     INVALID,
     "contradiction-verification",
     {"verification.mode", "\"confidence\"", "verification.samples", "4702"}},
    {"phone-with-passes",
     INVALID,
     "contradiction-passes",
     {"method", "\"clear\"", "policy.method", "\"clear\"", "technique.passes",
      "[{\"pattern\":\"zero\",\"bytes\":0,\"errors\":0}]"}},
    {"phone-with-exceptions",
     INVALID,
     "contradiction-exceptions",
     {"exceptions.sectors", "1", "exceptions.truncated", "true"}},
    {"phone-of-which-nothing-is-said", INVALID, "contradiction-phone", {"phone", "-"}},
    {"phone-by-the-technique-of-a-drive",
     INVALID,
     "contradiction-technique",
     {"verification.state", "[]", "phone.returns", "[]", "technique.name",
      "\"ata-sanitize-crypto\"", "technique.chain", "[\"ata-sanitize-crypto\"]"}},
    /* records that say better than they know */
    {"phone-record-denied",
     INVALID,
     "contradiction-state",
     {RECORD, "outcome", "\"indeterminate\"", "method", "\"none\"", "policy.met", "false",
      "verification.state", STATE("ios-erase", "denied")}},
    {"phone-attested-by-nobody",
     INVALID,
     "contradiction-outcome",
     {RECORD, "outcome", "\"operator-attested\"", "method", "\"none\"", "policy.met", "false",
      GUIDED}},
    {"phone-attested-not-guided",
     INVALID,
     "contradiction-outcome",
     {RECORD, "outcome", "\"operator-attested\"", "method", "\"none\"", "policy.met", "false",
      ATTESTED}},
    {"phone-attested-method",
     INVALID,
     "contradiction-method",
     {RECORD, "outcome", "\"operator-attested\"", "method", "\"clear\"", "policy.met", "false",
      GUIDED, ATTESTED}},
    {"phone-attested-met",
     INVALID,
     "contradiction-policy",
     {RECORD, "outcome", "\"operator-attested\"", "method", "\"none\"", GUIDED, ATTESTED}},
    /* the shape of claims */
    {"phone-lock-missing", INVALID, "claim-missing", {"phone.locks.frp", "-"}},
    {"phone-lock-word", INVALID, "claim-value", {"phone.locks.frp", "\"perhaps\""}},
    {"phone-grade-word",
     INVALID,
     "claim-value",
     {"verification.state", STATE("ios-erase", "sure")}},
    {"phone-of-a-later-version", UNDETERMINED, "claim-unknown", {"phone.colour", "\"red\""}},
};
const size_t examples_phones = sizeof(examples_phone) / sizeof(examples_phone[0]);

const struct change examples_drive_as_phone[] = {
    {"drive-by-state", INVALID, "contradiction-verification", {"verification.mode", "\"state\""}},
    {"drive-with-a-chain", INVALID, "contradiction-phone", {"technique.chain", "[\"overwrite\"]"}},
    {"drive-by-the-technique-of-a-phone",
     INVALID,
     "contradiction-technique",
     {"technique", "{\"name\":\"android-fill\",\"kind\":\"overwrite\",\"observed\":true}"}},
    {"drive-demonstrable", INVALID, "contradiction-phone", {"policy.demonstrable", "true"}},
};
const size_t examples_drives_as_phones =
    sizeof(examples_drive_as_phone) / sizeof(examples_drive_as_phone[0]);
