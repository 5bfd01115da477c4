/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and records of phones, right and wrong. */
#include "cert/examples_change.h"

#include <stddef.h>

#define LOCKS(find_my)                                                                             \
    "{\"find-my\":\"" find_my "\",\"activation-lock\":\"no\",\"mdm\":\"no\",\"supervised\":"       \
    "\"no\",\"frp\":\"unknown\",\"accounts\":\"unknown\",\"no-factory-reset\":\"unknown\","        \
    "\"passcode\":\"unknown\"}"
#define RECORD "vct", "\"urn:lethe:erasure-record:1\""

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
    "limitations",
    "[\"Raw media not readable; verified by device state.\",\"Purge - cryptographic erase by "
    "device firmware, vendor-asserted; verification by state change.\"]",
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

#define RETURNS(name) "[{\"after\":\"" name "\",\"mode\":\"closed\",\"away_ms\":61000}]"
#define STATE(name, grade)                                                                         \
    "[{\"technique\":\"" name "\",\"grade\":\"" grade "\",\"why\":\"an example\",\"answers\":[]}]"
#define GUIDED                                                                                     \
    "technique",                                                                                   \
        "{\"name\":\"guided-reset\",\"kind\":\"crypto-erase\",\"observed\":false,\"chain\":"       \
        "[\"guided-reset\"]}",                                                                     \
        "phone.returns", RETURNS("guided-reset"), "verification.state",                            \
        STATE("guided-reset", "attested"), "verification.statement",                               \
        "\"By the word of a person, not shown by the device: an example.\""
#define ATTESTED "phone.attested", "{\"statement\":\"The phone shows its first screen.\"}"
#define PIXEL                                                                                      \
    "phone.family", "\"android\"", "device.vendor", "\"Google\"", "device.model", "\"Pixel 5\""
#define RESCUE                                                                                     \
    "technique",                                                                                   \
        "{\"name\":\"android-rescue-wipe\",\"kind\":\"crypto-erase\",\"observed\":true,"           \
        "\"commands\":[\"rescue-wipe:userdata:8\"],\"chain\":[\"android-sideload\","               \
        "\"android-rescue\",\"android-rescue-wipe\"]}",                                            \
        PIXEL, "phone.returns",                                                                    \
        "[{\"after\":\"android-sideload\",\"mode\":\"sideload\",\"away_ms\":9000},{\"after\":"     \
        "\"android-rescue\",\"mode\":\"rescue\",\"away_ms\":7000},{\"after\":"                     \
        "\"android-rescue-wipe\",\"mode\":\"closed\",\"away_ms\":61000}]",                         \
        "verification.state", STATE("android-rescue-wipe", "state")
#define FILLED(numbers)                                                                            \
    "method", "\"clear\"", "policy.id", "\"gb-46864-2025\"", "policy.title", "\"GB 46864-2025\"",  \
        "policy.method", "\"clear\"", "technique",                                                 \
        "{\"name\":\"android-fill\",\"kind\":\"overwrite\",\"observed\":true,\"chain\":"           \
        "[\"android-test-harness\",\"android-fill\",\"android-fastboot-erase\"],\"filled\":"       \
        "{" numbers "}}",                                                                          \
        PIXEL, "phone.returns",                                                                    \
        "[{\"after\":\"android-test-harness\",\"mode\":\"normal\",\"away_ms\":90000},"             \
        "{\"after\":\"android-fastboot-erase\",\"mode\":\"closed\",\"away_ms\":61000}]",           \
        "verification.state",                                                                      \
        "[{\"technique\":\"android-test-harness\",\"grade\":\"state\",\"why\":\"\","               \
        "\"answers\":[]},{\"technique\":\"android-fill\",\"grade\":\"state\",\"why\":\"\","        \
        "\"answers\":[]},{\"technique\":\"android-fastboot-erase\",\"grade\":\"state\","           \
        "\"why\":\"\",\"answers\":[]}]"

const struct change examples_phone[] = {
    {"phone", VALID, "policy-not-read", {NULL}},
    {"phone-rescue", VALID, "policy-not-read", {RESCUE}},
    {"phone-tablet", VALID, "policy-not-read", {"device.class", "\"tablet\""}},
    {"phone-overwritten",
     VALID,
     "policy-not-read",
     {FILLED("\"bytes\":109951162777,\"samples\":4603,\"mismatches\":0")}},
    {"phone-for-destruction",
     VALID,
     "policy-not-read",
     {"phone.locks", LOCKS("yes"), "phone.for_destruction", "true"}},
    {"phone-reset-clear",
     VALID,
     "policy-not-read",
     {"technique.kind", "\"reset\"", "method", "\"clear\"", "policy.method", "\"clear\"",
      "phone.encryption", "\"unknown\""}},
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
      STATE("guided-reset", "state")}},
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
    {"phone-purge-by-fill",
     INVALID,
     "contradiction-method",
     {FILLED("\"bytes\":109951162777,\"samples\":4603,\"mismatches\":0"), "method", "\"purge\""}},
    {"phone-fill-differs",
     INVALID,
     "contradiction-passes",
     {FILLED("\"bytes\":109951162777,\"samples\":4603,\"mismatches\":1")}},
    {"phone-fill-unread",
     INVALID,
     "contradiction-passes",
     {FILLED("\"bytes\":109951162777,\"samples\":0,\"mismatches\":0")}},
    {"phone-fill-empty",
     INVALID,
     "contradiction-passes",
     {FILLED("\"bytes\":0,\"samples\":4603,\"mismatches\":0")}},
    {"phone-locked", INVALID, "contradiction-locks", {"phone.locks", LOCKS("yes")}},
    {"phone-not-demonstrable-met",
     INVALID,
     "contradiction-policy",
     {"policy.demonstrable", "false"}},
    {"phone-name-not-in-chain",
     INVALID,
     "contradiction-technique",
     {"technique.chain", "[\"ios-backup-erase\"]", "phone.returns", RETURNS("ios-backup-erase"),
      "verification.state", STATE("ios-backup-erase", "state")}},
    {"phone-only-moved",
     INVALID,
     "contradiction-technique",
     {RECORD, "outcome", "\"indeterminate\"", "method", "\"none\"", "policy.met", "false",
      "technique",
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
     {"technique.name", "\"ata-sanitize-crypto\"", "technique.chain", "[\"ata-sanitize-crypto\"]"}},
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
