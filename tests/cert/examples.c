/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/examples.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cert/examples_change.h"
#include "cert/support.h"
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static void set_all(json_t *claims, const char *const *set, size_t max)
{
    for (size_t i = 0; i < max && set[i]; i += 2)
        support_set(claims, set[i], strcmp(set[i + 1], "-") == 0 ? NULL : set[i + 1]);
}

/* CLAIMS as the bench issues them, in parts; they are taken. */
static void issued(json_t *claims, struct parts *out)
{
    static const char *const chain[] = {"root", NULL};
    struct lethe_signer *signer = support_signer("bench", chain);
    char *text = support_issue(claims, signer);
    parts_split(text, out);
    free(text);
    json_decref(claims);
    lethe_signer_close(signer);
}

/* The certificate that all others are changes of. */
static void base(struct parts *out)
{
    support_fix("base");
    issued(support_claims(), out);
}

/* ... and those of phones of this one. */
static void base_phone(struct parts *out)
{
    support_fix("base-phone");
    json_t *claims = support_claims();
    set_all(json_object_get(claims, "open"), examples_phone_base, SIZE_MAX);
    support_set(json_object_get(claims, "hidden"), "identifiers", examples_phone_identifiers);
    issued(claims, out);
}

static char *join_as(const struct parts *parts, const char *key_name)
{
    EVP_PKEY *key = support_key(key_name);
    char *text = parts_join(parts, key);
    EVP_PKEY_free(key);
    return text;
}

static void set_chain(struct parts *p, const char *const *names)
{
    json_t *list = json_array();
    for (; *names; names++) {
        size_t len;
        uint8_t *der = support_der(*names, &len);
        char *text = malloc(len * 4 / 3 + 5);
        EVP_EncodeBlock((unsigned char *)text, der, (int)len);
        json_array_append_new(list, json_string(text));
        free(text);
        OPENSSL_free(der);
    }
    json_object_set_new(p->header, "x5c", list);
}

/* ---- changes of open claims, signed again by the bench: the issuer itself says it ---- */

#define UNREAD                                                                                     \
    "limitations",                                                                                 \
        "[\"Spare and reallocated areas can be read by no host: that the device erased "           \
        "them too is its own word.\"]"
#define RESUMED                                                                                    \
    "limitations", "[\"the job was interrupted 1 times and resumed 1 times; verification in full " \
                   "was required for that\"]"
#define DAY_BEFORE "\"2026-11-22T00:00:00Z\""

static const struct change changes[] = {
    /* what a verifier may take */
    {"exceptions",
     VALID,
     "exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[1048576,1024]]", "technique.passes.0.bytes", "500107860992", "technique.passes.0.errors",
      "2"}},
    {"untested",
     VALID,
     "untested",
     {"profile.test_status", "\"untested\"", "profile.accepted_untested", "true"}},
    {"interrupted",
     VALID,
     "policy-not-read",
     {"interruptions", "{\"count\":1,\"resumed\":1}", RESUMED, "verification.mode", "\"full\"",
      "verification.samples", "122096646", "verification.bytes", "500107862016",
      "verification.coverage_ppm", "1000000", "verification.statement",
      "\"All 122096646 addressable blocks were read; each holds what the erasure left.\""}},
    /* what it cannot decide */
    {"virtual",
     UNDETERMINED,
     "substrate",
     {"substrate", "\"virtual\"", "device.bus", "\"virtio\""}},
    {"image",
     UNDETERMINED,
     "substrate",
     {"substrate", "\"image\"", "device.bus", "\"file\"", "device.class", "\"image\"",
      "device.media", "\"file\""}},
    {"record-failed",
     UNDETERMINED,
     "record-only",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"failed\"", "method", "\"none\"",
      "policy.met", "false", "verification.mismatches", "3", "verification.statement",
      "\"3 of the 4702 blocks that were read do not hold what the erasure should have left.\"",
      "reasons", "[\"3 of 4702 blocks read do not hold what was written\"]"}},
    {"record-aborted",
     UNDETERMINED,
     "record-only",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"aborted\"", "method", "\"none\"",
      "policy.met", "false", "verification",
      "{\"performed\":false,\"mode\":\"none\",\"canaries_written\":32,\"identity_rechecked\":"
      "false}"}},
    {"record-attested",
     UNDETERMINED,
     "record-only",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"operator-attested\"", "policy.met",
      "false"}},
    {"later-version",
     UNDETERMINED,
     "claim-unknown",
     {"witnessed", "{\"log\":\"example.org/2027\"}"}},
    /* the wrong kind of object */
    {"vct-missing", INVALID, "claim-missing", {"vct", "-"}},
    {"vct-other", INVALID, "vct", {"vct", "\"urn:lethe:erasure-certificate:2\""}},
    /* the shape of claims */
    {"outcome-missing", INVALID, "claim-missing", {"outcome", "-"}},
    {"method-unknown-word", INVALID, "claim-value", {"method", "\"military-grade\""}},
    {"capacity-string", INVALID, "claim-type", {"device.capacity", "\"500107862016\""}},
    {"capacity-negative", INVALID, "claim-value", {"device.capacity", "-1"}},
    {"met-not-boolean", INVALID, "claim-type", {"policy.met", "1"}},
    {"time-not-canonical", INVALID, "claim-value", {"times.ended", "\"2026-11-23 01:59:58\""}},
    {"hash-upper-case",
     INVALID,
     "claim-value",
     {"policy.hash", "\"A665A45920422F9D417E4867EFDC4FB8A04A1F3FFF1FA07E998E86F7F7A27AE3\""}},
    {"float", INVALID, "number", {"verification.coverage_ppm", "38.5"}},
    {"integer-beyond-2-53", INVALID, "number", {"device.capacity", "9007199254740993"}},
    {"null", INVALID, "null", {"reasons", "null"}},
    {"bidi-override", INVALID, "text", {"device.model", "\"EX500 \\u202egniK\""}},
    {"control-character", INVALID, "text", {"device.model", "\"EX500\\u001b[2J\""}},
    {"nested-deep", INVALID, "depth", {"reasons", "[[[[[[[[[[[[[[[[[[\"deep\"]]]]]]]]]]]]]]]]]]"}},
    /* a certificate that says it is none */
    {"says-failed", INVALID, "contradiction-outcome", {"outcome", "\"failed\""}},
    {"says-attested", INVALID, "contradiction-outcome", {"outcome", "\"operator-attested\""}},
    {"policy-not-met", INVALID, "contradiction-policy", {"policy.met", "false"}},
    {"method-none", INVALID, "contradiction-method", {"method", "\"none\""}},
    {"method-below-policy",
     INVALID,
     "contradiction-method",
     {"policy.method", "\"purge\"", "policy.statement", "\"Purged by policy x of 2026-11-23.\""}},
    {"purge-by-host-overwrite", INVALID, "contradiction-method", {"method", "\"purge\""}},
    {"overwrite-without-passes", INVALID, "contradiction-passes", {"technique.passes", "-"}},
    {"untested-not-accepted",
     INVALID,
     "contradiction-test-status",
     {"profile.test_status", "\"untested\""}},
    {"hidden-exceptions", INVALID, "contradiction-exceptions", {"exceptions.sectors", "7"}},
    {"exceptions-not-allowed",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2",
      "policy.exceptions_allowed", "false"}},
    {"exceptions-too-many",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "65"}},
    {"pass-too-short",
     INVALID,
     "contradiction-passes",
     {"technique.passes.0.bytes", "500107861504"}},
    {"pass-too-long",
     INVALID,
     "contradiction-passes",
     {"technique.passes.0.bytes", "500107862528"}},
    {"capacity-changed",
     INVALID,
     "contradiction-passes",
     {"device.capacity", "1000204886016", "verification.blocks", "244190646",
      "verification.coverage_ppm", "19"}},
    {"not-verified", INVALID, "contradiction-verification", {"verification.performed", "false"}},
    {"verification-cut-short",
     INVALID,
     "contradiction-verification",
     {"verification.complete", "false"}},
    {"mismatches", INVALID, "contradiction-verification", {"verification.mismatches", "3"}},
    {"unreadable", INVALID, "contradiction-verification", {"verification.unreadable", "1"}},
    {"canary-survived", INVALID, "contradiction-canaries", {"verification.canaries_survived", "1"}},
    {"canaries-not-checked",
     INVALID,
     "contradiction-canaries",
     {"verification.canaries_checked", "31"}},
    {"too-few-samples",
     INVALID,
     "contradiction-samples",
     {"verification.samples", "100", "verification.bytes", "409600", "verification.coverage_ppm",
      "0"}},
    {"samples-are-not-bytes", INVALID, "contradiction-samples", {"verification.samples", "9999"}},
    {"coverage-exaggerated",
     INVALID,
     "contradiction-coverage",
     {"verification.coverage_ppm", "1000000"}},
    {"full-but-sampled", INVALID, "contradiction-coverage", {"verification.mode", "\"full\""}},
    {"resumed-but-sampled",
     INVALID,
     "contradiction-coverage",
     {"interruptions", "{\"count\":1,\"resumed\":1}", RESUMED}},
    {"interrupted-and-unsaid",
     INVALID,
     "contradiction-times",
     {"interruptions", "{\"count\":1,\"resumed\":1}", "verification.mode", "\"full\"",
      "verification.samples", "122096646", "verification.bytes", "500107862016",
      "verification.coverage_ppm", "1000000", "verification.statement",
      "\"All 122096646 addressable blocks were read; each holds what the erasure left.\""}},
    {"interrupted-at-its-end",
     VALID,
     "policy-not-read",
     {"interruptions", "{\"count\":1,\"resumed\":0}", "limitations",
      "[\"the job was interrupted 1 times and resumed 0 times\"]"}},
    {"survivors-not-told",
     INVALID,
     "contradiction-verification",
     {"verification.canaries_survived", "-"}},
    {"mismatches-not-told",
     INVALID,
     "contradiction-verification",
     {"verification.mismatches", "-"}},
    {"statement-missing", INVALID, "contradiction-verification", {"verification.statement", "-"}},
    {"blocks-of-no-sectors", INVALID, "contradiction-samples", {"verification.block", "4095"}},
    {"sample-re-rolled",
     INVALID,
     "contradiction-commitment",
     {"verification.sample_key",
      "\"00000000000000000000000000000000000000000000000000000000000000aa\""}},
    {"identity-not-rechecked",
     INVALID,
     "contradiction-identity",
     {"verification.identity_rechecked", "false"}},
    {"ended-before-start", INVALID, "contradiction-times", {"times.ended", DAY_BEFORE}},
    {"signed-before-end", INVALID, "contradiction-times", {"iat", "1795390000"}},
    {"never-started", INVALID, "contradiction-times", {"times.started", "-"}},
    {"loop-called-physical", INVALID, "contradiction-substrate", {"device.bus", "\"loop\""}},
    {"image-called-physical", INVALID, "contradiction-substrate", {"device.media", "\"file\""}},
    {"emulated-by-organisation",
     INVALID,
     "emulated-key",
     {"substrate", "\"emulated\"", "device.bus", "\"emulated\""}},
    {"issuer-other-bench", INVALID, "issuer", {"iss", "\"urn:lethe:bench:another\""}},
    {"organisation-other", INVALID, "issuer", {"organisation", "\"A Bank\""}},
    {"iat-before-bench",
     INVALID,
     "iat",
     {"iat", "1767225599", "times",
      "{\"created\":\"2025-12-31T00:00:00Z\",\"started\":\"2025-12-31T00:00:00Z\",\"ended\":\"2025-"
      "12-31T01:00:00Z\"}"}},
    {"iat-in-the-future", INVALID, "future", {"iat", "1995399200"}},
    /* nothing, or next to nothing, was looked at */
    {"confidence-missing",
     INVALID,
     "contradiction-samples",
     {"verification.confidence_ppm", "-", "verification.samples", "1", "verification.bytes", "4096",
      "verification.coverage_ppm", "0"}},
    {"confidence-zero",
     INVALID,
     "contradiction-samples",
     {"verification.confidence_ppm", "0", "verification.samples", "1", "verification.bytes", "4096",
      "verification.coverage_ppm", "0"}},
    {"confidence-certain",
     INVALID,
     "contradiction-samples",
     {"verification.confidence_ppm", "1000000"}},
    {"confidence-tiny",
     INVALID,
     "contradiction-samples",
     {"verification.confidence_ppm", "1", "verification.samples", "1", "verification.bytes", "4096",
      "verification.coverage_ppm", "0"}},
    {"fraction-missing",
     INVALID,
     "contradiction-samples",
     {"verification.fraction_ppm", "-", "verification.samples", "1", "verification.bytes", "4096",
      "verification.coverage_ppm", "0"}},
    {"fraction-whole",
     INVALID,
     "contradiction-samples",
     {"verification.fraction_ppm", "1000000", "verification.samples", "0", "verification.bytes",
      "0", "verification.coverage_ppm", "0"}},
    {"fraction-nearly-whole",
     INVALID,
     "contradiction-samples",
     {"verification.fraction_ppm", "999999", "verification.samples", "1", "verification.bytes",
      "4096", "verification.coverage_ppm", "0"}},
    {"no-samples",
     INVALID,
     "contradiction-samples",
     {"verification.samples", "0", "verification.bytes", "0", "verification.coverage_ppm", "0"}},
    {"strata-thin",
     INVALID,
     "contradiction-samples",
     {"verification.mode", "\"strata\"", "verification.subsections", "1000",
      "verification.samples_per_subsection", "2", "verification.percent_ppm", "1"}},
    {"strata-few",
     INVALID,
     "contradiction-samples",
     {"verification.mode", "\"strata\"", "verification.subsections", "1",
      "verification.samples_per_subsection", "1", "verification.percent_ppm", "50000"}},
    {"canaries-more-than-written",
     INVALID,
     "contradiction-canaries",
     {"verification.canaries_checked", "33"}},
    /* what was left is not what is said */
    {"exceptions-half-the-device",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "488386584",
      "exceptions.ranges", "[[0,250053931008]]", "technique.passes.0.bytes", "250053931008",
      "technique.passes.0.errors", "488386584", "policy.exceptions_max_sectors", "976773168"}},
    {"exceptions-not-the-sum",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[1048576,512]]", "technique.passes.0.bytes", "500107860992", "technique.passes.0.errors",
      "2"}},
    {"exceptions-overlap",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[1048576,1024],[1049088,512]]", "technique.passes.0.bytes", "500107860992",
      "technique.passes.0.errors", "2"}},
    {"exceptions-unsorted",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[1048576,512],[0,512]]", "technique.passes.0.bytes", "500107860992",
      "technique.passes.0.errors", "2"}},
    {"exceptions-empty-range",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[1048576,1024],[2097152,0]]", "technique.passes.0.bytes", "500107860992",
      "technique.passes.0.errors", "2"}},
    {"exceptions-outside",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[500107861504,1024]]", "technique.passes.0.bytes", "500107860992",
      "technique.passes.0.errors", "2"}},
    {"exceptions-without-ranges",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges", "[]",
      "technique.passes.0.bytes", "500107860992", "technique.passes.0.errors", "2"}},
    {"exceptions-truncated-early",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[1048576,512]]", "technique.passes.0.bytes", "500107860992", "technique.passes.0.errors",
      "2", "exceptions.truncated", "true"}},
    {"exceptions-not-of-a-pass",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[1048576,1024]]", "technique.passes.0.bytes", "500107862016", "technique.passes.0.errors",
      "0"}},
    {"exceptions-fewer-than-of-a-pass",
     INVALID,
     "contradiction-exceptions",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "1", "exceptions.ranges",
      "[[1048576,512]]", "technique.passes.0.bytes", "500107860992", "technique.passes.0.errors",
      "2"}},
    {"pass-does-not-add-up",
     INVALID,
     "contradiction-passes",
     {"outcome", "\"passed-with-exceptions\"", "exceptions.sectors", "2", "exceptions.ranges",
      "[[1048576,1024]]", "technique.passes.0.bytes", "500107860480", "technique.passes.0.errors",
      "2"}},
    {"exceptions-too-many-ranges",
     INVALID,
     "claim-type",
     {"exceptions.ranges",
      "[[0,512],[1024,512],[2048,512],[3072,512],[4096,512],[5120,512],[6144,512],[7168,512],[8192,"
      "512],[9216,512],[10240,512],[11264,512],[12288,512],[13312,512],[14336,512],[15360,512],["
      "16384,512],[17408,512],[18432,512],[19456,512],[20480,512],[21504,512],[22528,512],[23552,"
      "512],[24576,512],[25600,512],[26624,512],[27648,512],[28672,512],[29696,512],[30720,512],["
      "31744,512],[32768,512],[33792,512],[34816,512],[35840,512],[36864,512],[37888,512],[38912,"
      "512],[39936,512],[40960,512],[41984,512],[43008,512],[44032,512],[45056,512],[46080,512],["
      "47104,512],[48128,512],[49152,512],[50176,512],[51200,512],[52224,512],[53248,512],[54272,"
      "512],[55296,512],[56320,512],[57344,512],[58368,512],[59392,512],[60416,512],[61440,512],["
      "62464,512],[63488,512],[64512,512],[65536,512]]"}},
    /* what was not committed to */
    {"sample-not-committed",
     INVALID,
     "contradiction-commitment",
     {"verification.sample_commit", "-"}},
    {"sample-key-not-revealed",
     INVALID,
     "contradiction-commitment",
     {"verification.sample_key", "-"}},
    {"canary-not-committed",
     INVALID,
     "contradiction-commitment",
     {"verification.canary_commit", "-"}},
    {"seed-commit-missing",
     INVALID,
     "contradiction-commitment",
     {"seed_commit", "-", "technique.passes.0.pattern", "\"random\""}},
    /* a technique that is not what it is called */
    {"technique-unknown",
     UNDETERMINED,
     "technique-unknown",
     {"technique", "{\"name\":\"degauss-by-wire\",\"kind\":\"reset\"}"}},
    {"technique-other-spelling",
     UNDETERMINED,
     "technique-unknown",
     {"technique", "{\"name\":\"Overwrite\",\"kind\":\"overwrite\"}"}},
    {"technique-other-kind",
     INVALID,
     "contradiction-technique",
     {"technique.kind", "\"crypto-erase\""}},
    {"block-erase-of-magnetic",
     INVALID,
     "contradiction-technique",
     {"technique", "{\"name\":\"ata-sanitize-block\",\"kind\":\"block-erase\"}"}},
    {"erase-unobserved",
     INVALID,
     "contradiction-technique",
     {"technique",
      "{\"name\":\"ata-sanitize-overwrite\",\"kind\":\"overwrite\",\"observed\":false}"}},
    {"erase-observed-by-nobody",
     INVALID,
     "contradiction-technique",
     {"technique", "{\"name\":\"ata-sanitize-overwrite\",\"kind\":\"overwrite\"}"}},
    {"crypto-erase-without-marks",
     INVALID,
     "contradiction-verification",
     {UNREAD, "technique",
      "{\"name\":\"ata-sanitize-crypto\",\"kind\":\"crypto-erase\",\"observed\":true,\"commands\":"
      "[\"ATA B4 feature 0011 count 0010 lba 000043727970\"]}"}},
    {"marks-for-an-overwrite",
     INVALID,
     "contradiction-verification",
     {"verification.expected", "\"unknown\""}},
    {"withheld-from-the-host",
     INVALID,
     "contradiction-verification",
     {"verification.withheld", "5"}},
    {"security-erase-of-flash",
     INVALID,
     "contradiction-method",
     {UNREAD, "technique",
      "{\"name\":\"ata-security-erase-enhanced\",\"kind\":\"overwrite\",\"observed\":true,"
      "\"commands\":[\"ATA F1 SECURITY SET PASSWORD\",\"ATA F3 SECURITY ERASE PREPARE\",\"ATA F4 "
      "SECURITY ERASE UNIT, enhanced\"]}",
      "device.media", "\"flash\"", "method", "\"purge\""}},
    {"host-followed-by-host",
     INVALID,
     "contradiction-technique",
     {"technique.followed_by",
      "{\"name\":\"overwrite\",\"passes\":[{\"pattern\":\"zero\",\"bytes\":500107862016,"
      "\"errors\":0}]}"}},
    {"passes-of-a-command",
     INVALID,
     "contradiction-passes",
     {UNREAD, "technique.name", "\"ata-sanitize-overwrite\"", "technique.observed", "true",
      "technique.commands", "[\"ATA B4 feature 0014 count 0011 lba 4F5700000000\"]"}},
    {"purge-by-unknown-passes",
     INVALID,
     "contradiction-method",
     {"technique.name", "\"host-purge\"", "method", "\"purge\""}},
    {"destroy", INVALID, "contradiction-method", {"method", "\"destroy\""}},
    {"destroy-by-reset",
     INVALID,
     "contradiction-method",
     {"method", "\"destroy\"", "policy.method", "\"destroy\"", "policy.statement", "\"Destroyed.\"",
      "technique", "{\"name\":\"shredder\",\"kind\":\"reset\"}"}},
    {"pattern-unknown", INVALID, "claim-value", {"technique.passes.0.pattern", "\"nonsense\""}},
    {"pattern-other-spelling",
     INVALID,
     "claim-value",
     {"technique.passes.0.pattern", "\"hex:00\""}},
    /* and what is cheap to see */
    {"passed-with-reasons",
     INVALID,
     "contradiction-outcome",
     {"reasons", "[\"3 of 4702 blocks read do not hold what was written\"]"}},
    {"policy-asks-nothing", INVALID, "contradiction-policy", {"policy.method", "\"none\""}},
    {"sector-of-3-bytes", INVALID, "contradiction-capacity", {"device.logical_block", "3"}},
    {"sector-of-1000-bytes", INVALID, "contradiction-capacity", {"device.logical_block", "1000"}},
    {"began-in-1970",
     INVALID,
     "contradiction-times",
     {"times.created", "\"1970-01-01T00:00:00Z\""}},
    {"faster-than-any-bus",
     INVALID,
     "contradiction-times",
     {"times.created", "\"2026-11-23T01:59:58Z\"", "times.started", "\"2026-11-23T01:59:58Z\""}},
    {"invisible-character", INVALID, "text", {"device.model", "\"EX500\\u200b Spinning Disk\""}},
    {"soft-hyphen", INVALID, "text", {"device.model", "\"EX\\u00ad500\""}},
    {"tag-character", INVALID, "text", {"device.model", "\"EX500\\udb40\\udc41\""}},
    {"noncharacter", INVALID, "text", {"device.model", "\"EX500\\uffff\""}},
    {"faster-than-any-bus-read-back",
     INVALID,
     "contradiction-times",
     {"times.created", "\"2026-11-23T01:59:54Z\"", "times.started", "\"2026-11-23T01:59:54Z\"",
      "verification.mode", "\"full\"", "verification.samples", "122096646", "verification.bytes",
      "500107862016", "verification.coverage_ppm", "1000000", "verification.statement",
      "\"All 122096646 addressable blocks were read; each holds what the erasure left.\""}},
    {"more-marks-than-blocks",
     INVALID,
     "contradiction-canaries",
     {"verification.canaries_written", "976773169", "verification.canaries_checked", "976773169"}},
    {"evidence-of-nothing", INVALID, "contradiction-outcome", {"evidence.events", "0"}},
    {"words-of-another-number",
     INVALID,
     "contradiction-verification",
     {"verification.statement",
      "\"All 122096646 addressable blocks were read; each holds what the erasure left.\""}},
    {"words-of-their-own",
     INVALID,
     "contradiction-verification",
     {"verification.statement", "\"17 of the 32 marks that were looked for are still there.\""}},
    {"words-of-another-method",
     INVALID,
     "contradiction-policy",
     {"policy.statement", "\"Purged by policy nist-800-88r2-clear of 2026-11-23.\""}},
    /* records */
    {"record-indeterminate",
     UNDETERMINED,
     "record-only",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"indeterminate\"", "method", "\"none\"",
      "policy.met", "false", "reasons",
      "[\"the device was not identified again after the verification\"]",
      "verification.identity_rechecked", "false"}},
    {"record-attested-met",
     UNDETERMINED,
     "record-only",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"operator-attested\"", "reasons",
      "[\"a person says so\"]"}},
    {"record-attested-unverified",
     UNDETERMINED,
     "record-only",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"operator-attested\"",
      "verification.performed", "false", "verification.mode", "\"none\""}},
    {"record-attested-none",
     UNDETERMINED,
     "record-only",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"operator-attested\"", "method",
      "\"none\""}},
    {"record-that-passed",
     INVALID,
     "contradiction-outcome",
     {"vct", "\"urn:lethe:erasure-record:1\""}},
    {"record-indeterminate-mark-left",
     INVALID,
     "contradiction-outcome",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"indeterminate\"", "policy.met",
      "false", "verification.canaries_survived", "32"}},
    {"record-attested-differs",
     INVALID,
     "contradiction-outcome",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"operator-attested\"", "policy.met",
      "false", "verification.mismatches", "5", "verification.first_mismatch", "0"}},
    {"record-failed-met",
     INVALID,
     "contradiction-policy",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"failed\"", "method", "\"none\""}},
    {"record-failed-cleared",
     INVALID,
     "contradiction-method",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"failed\"", "policy.met", "false"}},
    {"record-purge-by-host",
     INVALID,
     "contradiction-method",
     {"vct", "\"urn:lethe:erasure-record:1\"", "outcome", "\"indeterminate\"", "policy.met",
      "false", "method", "\"purge\""}},
    /* SD-JWT names where they may not be */
    {"sd-alg-missing", INVALID, "sd-alg", {"_sd_alg", "-"}},
    {"sd-alg-sha-512", INVALID, "sd-alg", {"_sd_alg", "\"sha-512\""}},
    {"sd-in-policy",
     INVALID,
     "sd-place",
     {"policy._sd", "[\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"}},
    {"dots-in-reasons",
     INVALID,
     "sd-place",
     {"reasons", "[{\"...\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]"}},
    {"dots-claim", INVALID, "claim-name", {"...", "1"}},
    {"identifier-open",
     INVALID,
     "sd-place",
     {"identifiers.0", "{\"kind\":\"serial\",\"value\":\"X\",\"source\":\"device\"}"}},
    {"digest-not-canonical",
     INVALID,
     "digest",
     {"identifiers.0", "{\"...\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"}"}},
};

static char *apply(const struct change *change, void make(struct parts *out))
{
    struct parts p;
    make(&p);
    set_all(p.payload, change->set, CHANGES_MAX);
    char *text = join_as(&p, "bench");
    parts_clear(&p);
    return text;
}

/* ---- changes of the header ---- */

static char *with_header(struct parts *p, const char *path, const char *json)
{
    support_set(p->header, path, json);
    return join_as(p, "bench");
}
#define HEADER(name, path, json)                                                                   \
    static char *name(struct parts *p)                                                             \
    {                                                                                              \
        return with_header(p, path, json);                                                         \
    }
HEADER(alg_none, "alg", "\"none\"")
HEADER(alg_hs256, "alg", "\"HS256\"")
HEADER(alg_es384, "alg", "\"ES384\"")
HEADER(alg_lower, "alg", "\"es256\"")
HEADER(alg_missing, "alg", NULL)
HEADER(typ_jwt, "typ", "\"JWT\"")
HEADER(typ_missing, "typ", NULL)
HEADER(head_jwk, "jwk", "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}")
HEADER(head_jku, "jku", "\"https://example.org/keys.json\"")
HEADER(head_x5u, "x5u", "\"https://example.org/chain.pem\"")
HEADER(head_kid, "kid", "\"../../keys/bench\"")
HEADER(head_crit, "crit", "[\"exp\"]")
HEADER(head_b64, "b64", "false")
HEADER(head_zip, "zip", "\"DEF\"")
HEADER(x5c_missing, "x5c", NULL)
HEADER(x5c_empty, "x5c", "[]")
HEADER(x5c_string, "x5c", "\"MIIB\"")

/* The empty signature that "none" is usually sent with. */
static char *alg_none_unsigned(struct parts *p)
{
    char *text = with_header(p, "alg", "\"none\"");
    char *second = strchr(strchr(text, '.') + 1, '.'), *tilde = strchr(text, '~');
    memmove(second + 1, tilde, strlen(tilde) + 1);
    return text;
}

static char *header_duplicate(struct parts *p)
{
    char *text = lethe_json_canonical(p->header);
    p->header_text = malloc(strlen(text) + 32);
    sprintf(p->header_text, "{\"alg\":\"none\",%s", text + 1);
    free(text);
    return join_as(p, "bench");
}

static char *payload_duplicate(struct parts *p)
{
    char *text = lethe_json_canonical(p->payload);
    p->payload_text = malloc(strlen(text) + 64);
    sprintf(p->payload_text, "{\"outcome\":\"failed\",%s", text + 1);
    free(text);
    return join_as(p, "bench");
}

static char *payload_duplicate_escaped(struct parts *p)
{
    char *text = lethe_json_canonical(p->payload);
    p->payload_text = malloc(strlen(text) + 64);
    sprintf(p->payload_text, "{\"\\u006futcome\":\"failed\",%s", text + 1);
    free(text);
    return join_as(p, "bench");
}

static char *payload_trailing(struct parts *p)
{
    char *text = lethe_json_canonical(p->payload);
    p->payload_text = malloc(strlen(text) + 8);
    sprintf(p->payload_text, "%s{}", text);
    free(text);
    return join_as(p, "bench");
}

static char *payload_nul(struct parts *p)
{
    char *text = lethe_json_canonical(p->payload);
    p->payload_text = malloc(strlen(text) + 32);
    sprintf(p->payload_text, "{\"lot\":\"a\\u0000b\",%s", text + 1);
    free(text);
    return join_as(p, "bench");
}

static char *payload_array(struct parts *p)
{
    p->payload_text = strdup("[]");
    return join_as(p, "bench");
}

/* ---- changes of the chain ---- */

#define CHAIN(name, key, ...)                                                                      \
    static char *name(struct parts *p)                                                             \
    {                                                                                              \
        static const char *const names[] = {__VA_ARGS__, NULL};                                    \
        set_chain(p, names);                                                                       \
        return join_as(p, key);                                                                    \
    }
CHAIN(chain_stranger, "stranger-bench", "stranger-bench", "stranger-root")
CHAIN(chain_leaf_only, "bench", "bench")
CHAIN(chain_stranger_with_our_root, "stranger-bench", "stranger-bench", "root")
CHAIN(chain_key_swapped, "stranger-bench", "bench", "root")
CHAIN(chain_reversed, "bench", "root", "bench")
CHAIN(chain_twice, "bench", "bench", "bench", "root")
CHAIN(chain_extra, "bench", "bench", "root", "stranger-root")
CHAIN(chain_no_eku, "no-eku-bench", "no-eku-bench", "root")
CHAIN(chain_ca_leaf, "ca-bench", "ca-bench", "root")
CHAIN(chain_no_san, "no-san-bench", "no-san-bench", "root")
CHAIN(chain_no_usage, "no-usage-bench", "no-usage-bench", "root")
CHAIN(chain_sha1, "sha1-bench", "sha1-bench", "root")
CHAIN(chain_self, "self-bench", "self-bench")
CHAIN(chain_other_org, "other-org-bench", "other-org-bench", "root")
CHAIN(chain_pathlen, "sub-bench", "sub-bench", "sub-ca", "root")
CHAIN(chain_p384, "bench", "p384-bench", "root")
CHAIN(chain_rsa, "bench", "rsa-bench", "root")

static char *chain_garbage(struct parts *p)
{
    json_array_set_new(json_object_get(p->header, "x5c"), 0, json_string("AAAA"));
    return join_as(p, "bench");
}

static char *chain_not_base64(struct parts *p)
{
    json_array_set_new(json_object_get(p->header, "x5c"), 0, json_string("AA-_"));
    return join_as(p, "bench");
}

static char *demo_emulated(struct parts *p)
{
    static const char *const names[] = {"demo-bench", "demo-root", NULL};
    set_chain(p, names);
    support_set(p->payload, "iss", "\"urn:lethe:bench:demo\"");
    support_set(p->payload, "organisation", "\"DEMO - NOT A REAL ORGANISATION\"");
    support_set(p->payload, "substrate", "\"emulated\"");
    support_set(p->payload, "device.bus", "\"emulated\"");
    return join_as(p, "demo-bench");
}

static char *demo_physical(struct parts *p)
{
    static const char *const names[] = {"demo-bench", "demo-root", NULL};
    set_chain(p, names);
    support_set(p->payload, "iss", "\"urn:lethe:bench:demo\"");
    support_set(p->payload, "organisation", "\"DEMO - NOT A REAL ORGANISATION\"");
    return join_as(p, "demo-bench");
}

static void to_2025(struct parts *p)
{
    static const char *const names[] = {"expired-bench", "root", NULL};
    set_chain(p, names);
    support_set(p->payload, "iat", "1741000000");
    support_set(p->payload, "times",
                "{\"created\":\"2025-03-03T00:00:00Z\",\"started\":\"2025-03-03T00:00:00Z\","
                "\"ended\":\"2025-03-03T10:00:00Z\"}");
}

static char *bench_expired_since(struct parts *p)
{
    to_2025(p);
    return join_as(p, "expired-bench");
}

/* The second of notAfter is inside (RFC 5280 section 4.1.2.5), the next one is not. */
static char *bench_last_moment(struct parts *p)
{
    to_2025(p);
    support_set(p->payload, "iat", "1746057600");
    return join_as(p, "expired-bench");
}
static char *bench_moment_after(struct parts *p)
{
    to_2025(p);
    support_set(p->payload, "iat", "1746057601");
    return join_as(p, "expired-bench");
}

static char *bench_expired_then(struct parts *p)
{
    static const char *const names[] = {"expired-bench", "root", NULL};
    set_chain(p, names);
    return join_as(p, "expired-bench");
}

/* ---- the signature ---- */

static char *with_signature(struct parts *p, void change(uint8_t raw[64]))
{
    char *text = join_as(p, "bench");
    char *at = strchr(strchr(text, '.') + 1, '.') + 1;
    char encoded[LETHE_B64URL_SIZE(64)];
    uint8_t raw[64];
    lethe_b64url_decode(raw, sizeof(raw), at, (size_t)(strchr(at, '~') - at));
    change(raw);
    lethe_b64url_encode(encoded, raw, sizeof(raw));
    memcpy(at, encoded, strlen(encoded));
    return text;
}

static void raw_zero(uint8_t raw[64])
{
    memset(raw, 0, 64);
}
static void raw_ones(uint8_t raw[64])
{
    memset(raw, 0xFF, 64);
}
static void raw_flip(uint8_t raw[64])
{
    raw[17] ^= 1;
}
static void raw_swap(uint8_t raw[64])
{
    uint8_t r[32];
    memcpy(r, raw, 32);
    memcpy(raw, raw + 32, 32);
    memcpy(raw + 32, r, 32);
}
/* n - s: for ECDSA as good as s. */
static void raw_high(uint8_t raw[64])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *s = BN_bin2bn(raw + 32, 32, NULL);
    BN_sub(s, EC_GROUP_get0_order(group), s);
    BN_bn2binpad(s, raw + 32, 32);
    BN_free(s);
    EC_GROUP_free(group);
}
static char *sig_high(struct parts *p)
{
    return with_signature(p, raw_high);
}
static char *sig_zero(struct parts *p)
{
    return with_signature(p, raw_zero);
}
static char *sig_out_of_range(struct parts *p)
{
    return with_signature(p, raw_ones);
}
static char *sig_flipped(struct parts *p)
{
    return with_signature(p, raw_flip);
}
static char *sig_swapped(struct parts *p)
{
    return with_signature(p, raw_swap);
}

static char *sig_short(struct parts *p)
{
    char *text = join_as(p, "bench"), *tilde = strchr(text, '~');
    memmove(tilde - 2, tilde, strlen(tilde) + 1);
    return text;
}

/* The unused bits of the last character set: another text, the same bytes. */
static char *sig_not_canonical(struct parts *p)
{
    char *text = join_as(p, "bench"), *tilde = strchr(text, '~');
    tilde[-1]++; /* A -> B, Q -> R, g -> h, w -> x */
    return text;
}

static char *byte_flipped(struct parts *p)
{
    char *text = join_as(p, "bench"), *dot = strchr(text, '.');
    dot[200] = dot[200] == 'A' ? 'B' : 'A';
    return text;
}

/* ---- the frame ---- */

static char *append(char *text, const char *tail)
{
    char *out = malloc(strlen(text) + strlen(tail) + 1);
    sprintf(out, "%s%s", text, tail);
    free(text);
    return out;
}

static char *no_tilde(struct parts *p)
{
    char *text = join_as(p, "bench");
    *strchr(text, '~') = '\0';
    return text;
}
static char *extra_tilde(struct parts *p)
{
    return append(join_as(p, "bench"), "~");
}
static char *last_tilde_missing(struct parts *p)
{
    char *text = join_as(p, "bench");
    text[strlen(text) - 1] = '\0';
    return text;
}
static char *key_binding(struct parts *p)
{
    return append(join_as(p, "bench"), "eyJhbGciOiJFUzI1NiIsInR5cCI6ImtiK2p3dCJ9.e30.AAAA");
}
static char *trailing_space(struct parts *p)
{
    return append(join_as(p, "bench"), " ");
}
static char *padded(struct parts *p)
{
    char *text = join_as(p, "bench"), *dot = strchr(text, '.');
    char *out = malloc(strlen(text) + 2);
    sprintf(out, "%.*s=%s", (int)(dot - text), text, dot);
    free(text);
    return out;
}
static char *two_parts(struct parts *p)
{
    char *text = join_as(p, "bench");
    char *second = strchr(strchr(text, '.') + 1, '.'), *tilde = strchr(text, '~');
    memmove(second, tilde, strlen(tilde) + 1);
    return text;
}
static char *four_parts(struct parts *p)
{
    char *text = join_as(p, "bench"), *tilde = strchr(text, '~');
    char *out = malloc(strlen(text) + 6);
    sprintf(out, "%.*s.AAAA%s", (int)(tilde - text), text, tilde);
    free(text);
    return out;
}
static char *json_serialized(struct parts *p)
{
    (void)p;
    return strdup("{\"payload\":\"e30\",\"signatures\":[]}");
}
static char *empty(struct parts *p)
{
    (void)p;
    return strdup("");
}

/* ---- disclosures ---- */

static char *disclosure_twice(struct parts *p)
{
    p->disclosures[p->n_disclosures++] = strdup(p->disclosures[0]);
    return join_as(p, "bench");
}
static char *disclosure_unknown(struct parts *p)
{
    json_decref(parts_disclose(p, "operator", json_string("Somebody Else")));
    return join_as(p, "bench");
}
static char *disclosure_changed(struct parts *p)
{
    size_t i = parts_find(p, "serial");
    parts_drop(p, i);
    json_decref(parts_disclose(
        p, NULL,
        json_pack("{s:s,s:s,s:s}", "kind", "serial", "value", "OTHER-1", "source", "device")));
    return join_as(p, "bench");
}
static char *disclosure_not_canonical(struct parts *p)
{
    /* 44 bytes end in two unused bits... the first disclosure with such bits gets one set. */
    for (size_t i = 0; i < p->n_disclosures; i++) {
        size_t len = strlen(p->disclosures[i]);
        if (len % 4 != 0) {
            p->disclosures[i][len - 1]++;
            break;
        }
    }
    return join_as(p, "bench");
}

/* A new disclosure whose digest the issuer did sign. */
static char *with_member(struct parts *p, const char *name, json_t *value)
{
    json_array_append_new(json_object_get(p->payload, "_sd"), parts_disclose(p, name, value));
    return join_as(p, "bench");
}
static char *shadow_outcome(struct parts *p)
{
    support_set(p->payload, "outcome", "\"failed\"");
    return with_member(p, "outcome", json_string("passed"));
}
static char *hidden_limitations(struct parts *p)
{
    support_set(p->payload, "limitations", NULL);
    return with_member(p, "limitations", json_array());
}
static char *hidden_unknown(struct parts *p)
{
    return with_member(p, "discount", json_integer(1));
}
static char *member_named_sd(struct parts *p)
{
    return with_member(p, "_sd", json_array());
}
static char *member_named_dots(struct parts *p)
{
    return with_member(p, "...", json_string("x"));
}
static char *member_twice(struct parts *p)
{
    return with_member(p, "operator", json_string("Another"));
}
static char *nested_sd(struct parts *p)
{
    return with_member(p, "customer2",
                       json_pack("{s:[s]}", "_sd", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}
static char *short_salt(struct parts *p)
{
    size_t i = p->n_disclosures;
    json_decref(parts_disclose(p, "x", json_integer(1)));
    free(p->disclosures[i]);
    p->disclosures[i] = strdup("WyJhIiwibG90MiIsMV0"); /* ["a","lot2",1] */
    return join_as(p, "bench");
}
static char *element_as_member(struct parts *p)
{
    json_t *digest = parts_disclose(p, NULL, json_string("x"));
    json_array_append_new(json_object_get(p->payload, "_sd"), digest);
    return join_as(p, "bench");
}
static char *member_as_element(struct parts *p)
{
    json_t *digest = parts_disclose(p, "kind", json_string("x"));
    json_array_append_new(json_object_get(p->payload, "identifiers"),
                          json_pack("{s:o}", "...", digest));
    return join_as(p, "bench");
}
static char *digest_twice(struct parts *p)
{
    json_t *list = json_object_get(p->payload, "_sd");
    json_array_append(list, json_array_get(list, 0));
    return join_as(p, "bench");
}
static char *digest_twice_elsewhere(struct parts *p)
{
    json_t *digest = json_array_get(json_object_get(p->payload, "_sd"), 0);
    json_array_append_new(json_object_get(p->payload, "identifiers"),
                          json_pack("{s:O}", "...", digest));
    return join_as(p, "bench");
}
static char *backing_called_physical(struct parts *p)
{
    json_t *digest = parts_disclose(
        p, NULL,
        json_pack("{s:s,s:s,s:s}", "kind", "backing", "value", "disk.img", "source", "device"));
    json_array_append_new(json_object_get(p->payload, "identifiers"),
                          json_pack("{s:o}", "...", digest));
    return join_as(p, "bench");
}
static char *seed_not_committed(struct parts *p)
{
    support_set(p->payload, "seed_commit",
                "\"00000000000000000000000000000000000000000000000000000000000000aa\"");
    return join_as(p, "bench");
}
static char *too_many(struct parts *p)
{
    char *text = join_as(p, "bench");
    for (int i = 0; i < 130; i++)
        text = append(text, "WyJh~");
    return text;
}
static char *too_big(struct parts *p)
{
    char *text = join_as(p, "bench"), *tail = malloc(262146);
    memset(tail, 'A', 262144);
    strcpy(tail + 262144, "~");
    text = append(text, tail);
    free(tail);
    return text;
}

/* ---- what a holder may do ---- */

static char *as_issued(struct parts *p)
{
    return join_as(p, "bench");
}
static char *serial_only(struct parts *p)
{
    size_t keep = parts_find(p, "serial");
    while (p->n_disclosures > keep + 1)
        parts_drop(p, p->n_disclosures - 1);
    while (p->n_disclosures > 1)
        parts_drop(p, 0);
    return join_as(p, "bench");
}
static char *nothing_disclosed(struct parts *p)
{
    while (p->n_disclosures)
        parts_drop(p, 0);
    return join_as(p, "bench");
}
static char *tag_only(struct parts *p)
{
    size_t keep = parts_find(p, "asset-tag");
    while (p->n_disclosures > keep + 1)
        parts_drop(p, p->n_disclosures - 1);
    while (p->n_disclosures > 1)
        parts_drop(p, 0);
    return join_as(p, "bench");
}
/* One identifier, and no other is there. */
static char *identified(struct parts *p, const char *kind, const char *value)
{
    while (p->n_disclosures)
        parts_drop(p, 0);
    json_t *digest = parts_disclose(
        p, NULL, json_pack("{s:s,s:s,s:s}", "kind", kind, "value", value, "source", "device"));
    json_object_set_new(p->payload, "identifiers", json_pack("[{s:o}]", "...", digest));
    return join_as(p, "bench");
}
#define IDENTIFIED(name, kind, value)                                                              \
    static char *name(struct parts *p)                                                             \
    {                                                                                              \
        return identified(p, kind, value);                                                         \
    }
IDENTIFIED(id_zeros, "serial", "0000000000")
IDENTIFIED(id_dash, "serial", "-")
IDENTIFIED(id_short, "serial", "A 1")
IDENTIFIED(id_oem, "serial", "To be filled by O.E.M.")
IDENTIFIED(id_count, "serial", "123456789ABC")
IDENTIFIED(id_unknown, "serial", "Unknown")
IDENTIFIED(id_wwn_zero, "wwn", "naa.0000000000000000")
IDENTIFIED(id_imei, "imei", "490154203237518")
IDENTIFIED(id_imei_wrong, "imei", "490154203237519")
IDENTIFIED(id_imei_short, "imei", "49015420323751")
IDENTIFIED(id_imei_zeros, "imei", "000000000000000")
IDENTIFIED(id_na, "serial", "N/A-N/A-")
IDENTIFIED(id_one_of_many, "serial", "0000 0000 0000 0000 0001")
IDENTIFIED(id_wwn_words, "wwn", "hello world")
IDENTIFIED(id_wwn_short, "wwn", "naa.5000")
IDENTIFIED(id_eui_one, "eui64", "eui.0000000000000001")
static char *with_decoys(struct parts *p)
{
    json_t *list = json_object_get(p->payload, "_sd");
    json_array_append_new(list, json_string("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    json_array_append_new(list, json_string("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    return join_as(p, "bench");
}
static const struct {
    const char *name, *verdict, *code;
    char *(*make)(struct parts *p);
} tricks[] = {
    {"full", VALID, "policy-not-read", as_issued},
    {"serial-only", VALID, "policy-not-read", serial_only},
    {"decoys", VALID, "policy-not-read", with_decoys},
    {"leaf-only", VALID, "policy-not-read", chain_leaf_only},
    {"bench-expired-since", VALID, "expired", bench_expired_since},
    {"nothing-disclosed", UNDETERMINED, "unbound", nothing_disclosed},
    {"asset-tag-only", UNDETERMINED, "unbound", tag_only},
    {"imei", VALID, "policy-not-read", id_imei},
    {"last-moment-of-bench", VALID, "expired", bench_last_moment},
    {"serial-zeros", UNDETERMINED, "unbound", id_zeros},
    {"serial-dash", UNDETERMINED, "unbound", id_dash},
    {"serial-short", UNDETERMINED, "unbound", id_short},
    {"serial-of-no-oem", UNDETERMINED, "unbound", id_oem},
    {"serial-counted", UNDETERMINED, "unbound", id_count},
    {"serial-unknown", UNDETERMINED, "unbound", id_unknown},
    {"wwn-zero", UNDETERMINED, "unbound", id_wwn_zero},
    {"imei-wrong-digit", UNDETERMINED, "unbound", id_imei_wrong},
    {"imei-short", UNDETERMINED, "unbound", id_imei_short},
    {"imei-zeros", UNDETERMINED, "unbound", id_imei_zeros},
    {"serial-not-applicable", UNDETERMINED, "unbound", id_na},
    {"serial-nearly-zeros", UNDETERMINED, "unbound", id_one_of_many},
    {"wwn-words", UNDETERMINED, "unbound", id_wwn_words},
    {"wwn-short", UNDETERMINED, "unbound", id_wwn_short},
    {"eui-one", UNDETERMINED, "unbound", id_eui_one},
    {"stranger", UNDETERMINED, "untrusted", chain_stranger},
    {"demo-emulated", UNDETERMINED, "untrusted", demo_emulated},
    {"alg-none", INVALID, "alg", alg_none},
    {"alg-none-unsigned", INVALID, "format", alg_none_unsigned},
    {"alg-hs256", INVALID, "alg", alg_hs256},
    {"alg-es384", INVALID, "alg", alg_es384},
    {"alg-lower-case", INVALID, "alg", alg_lower},
    {"alg-missing", INVALID, "alg", alg_missing},
    {"typ-jwt", INVALID, "typ", typ_jwt},
    {"typ-missing", INVALID, "typ", typ_missing},
    {"header-jwk", INVALID, "header", head_jwk},
    {"header-jku", INVALID, "header", head_jku},
    {"header-x5u", INVALID, "header", head_x5u},
    {"header-kid", INVALID, "header", head_kid},
    {"header-crit", INVALID, "header", head_crit},
    {"header-b64", INVALID, "header", head_b64},
    {"header-zip", INVALID, "header", head_zip},
    {"header-duplicate-alg", INVALID, "duplicate-key", header_duplicate},
    {"x5c-missing", INVALID, "x5c", x5c_missing},
    {"x5c-empty", INVALID, "x5c", x5c_empty},
    {"x5c-string", INVALID, "x5c", x5c_string},
    {"x5c-not-base64", INVALID, "x5c", chain_not_base64},
    {"x5c-garbage", INVALID, "key", chain_garbage},
    {"x5c-stranger-with-our-root", INVALID, "chain", chain_stranger_with_our_root},
    {"x5c-key-swapped", INVALID, "signature", chain_key_swapped},
    {"x5c-reversed", INVALID, "key", chain_reversed},
    {"x5c-leaf-twice", INVALID, "chain", chain_twice},
    {"x5c-extra", INVALID, "chain", chain_extra},
    {"x5c-no-eku", INVALID, "chain", chain_no_eku},
    {"x5c-leaf-is-ca", INVALID, "chain", chain_ca_leaf},
    {"x5c-no-san", INVALID, "chain", chain_no_san},
    {"x5c-no-key-usage", INVALID, "chain", chain_no_usage},
    {"x5c-sha1", INVALID, "chain", chain_sha1},
    {"x5c-other-organisation", INVALID, "chain", chain_other_org},
    {"x5c-path-too-long", INVALID, "chain", chain_pathlen},
    {"x5c-p384-leaf", INVALID, "key", chain_p384},
    {"x5c-rsa-leaf", INVALID, "key", chain_rsa},
    {"self-signed", UNDETERMINED, "untrusted", chain_self},
    {"demo-key-physical", INVALID, "demo-key", demo_physical},
    {"moment-after-bench", INVALID, "iat", bench_moment_after},
    {"bench-expired-then", INVALID, "iat", bench_expired_then},
    {"signature-zero", INVALID, "signature-range", sig_zero},
    {"signature-out-of-range", INVALID, "signature-range", sig_out_of_range},
    {"signature-high", INVALID, "signature-high", sig_high},
    {"signature-flipped", INVALID, "signature", sig_flipped},
    {"signature-swapped", INVALID, "signature", sig_swapped},
    {"signature-short", INVALID, "signature-format", sig_short},
    {"signature-not-canonical", INVALID, "signature-format", sig_not_canonical},
    {"byte-flipped", INVALID, "signature", byte_flipped},
    {"payload-duplicate-outcome", INVALID, "duplicate-key", payload_duplicate},
    {"payload-duplicate-escaped", INVALID, "duplicate-key", payload_duplicate_escaped},
    {"payload-trailing-json", INVALID, "json", payload_trailing},
    {"payload-nul", INVALID, "text", payload_nul},
    {"payload-array", INVALID, "json", payload_array},
    {"no-tilde", INVALID, "format", no_tilde},
    {"extra-tilde", INVALID, "format", extra_tilde},
    {"last-tilde-missing", INVALID, "format", last_tilde_missing},
    {"key-binding", INVALID, "key-binding", key_binding},
    {"trailing-space", INVALID, "characters", trailing_space},
    {"base64-padding", INVALID, "characters", padded},
    {"two-parts", INVALID, "format", two_parts},
    {"four-parts", INVALID, "format", four_parts},
    {"json-serialization", INVALID, "characters", json_serialized},
    {"empty", INVALID, "empty", empty},
    {"disclosure-twice", INVALID, "disclosure-twice", disclosure_twice},
    {"disclosure-unknown", INVALID, "disclosure-unknown", disclosure_unknown},
    {"disclosure-other-serial", INVALID, "disclosure-unknown", disclosure_changed},
    {"disclosure-not-canonical", INVALID, "encoding", disclosure_not_canonical},
    {"disclosure-shadows-outcome", INVALID, "claim-shadow", shadow_outcome},
    {"disclosure-hides-limitations", INVALID, "must-be-open", hidden_limitations},
    {"disclosure-unknown-claim", INVALID, "must-be-open", hidden_unknown},
    {"disclosure-named-sd", INVALID, "claim-name", member_named_sd},
    {"disclosure-named-dots", INVALID, "claim-name", member_named_dots},
    {"disclosure-operator-twice", INVALID, "claim-shadow", member_twice},
    {"disclosure-nested", INVALID, "nested", nested_sd},
    {"disclosure-short-salt", INVALID, "disclosure", short_salt},
    {"disclosure-element-as-member", INVALID, "disclosure", element_as_member},
    {"disclosure-member-as-element", INVALID, "disclosure", member_as_element},
    {"digest-twice", INVALID, "digest-twice", digest_twice},
    {"digest-twice-elsewhere", INVALID, "digest-twice", digest_twice_elsewhere},
    {"backing-called-physical", INVALID, "contradiction-substrate", backing_called_physical},
    {"seed-not-committed", INVALID, "contradiction-commitment", seed_not_committed},
    {"too-many-disclosures", INVALID, "size", too_many},
    {"too-big", INVALID, "size", too_big},
};

static int give(int (*fn)(void *user, const char *file, const char *text), void *user,
                json_t *index, const char *name, const char *verdict, const char *code, char *text)
{
    char file[128];
    lethe_text_format(file, sizeof(file), "%s/%s.sdjwt", verdict, name);
    json_array_append_new(
        index, json_pack("{s:s,s:s,s:s}", "file", file, "verdict", verdict, "code", code));
    int rc = fn(user, file, text);
    free(text);
    return rc;
}

static int give_all(int (*fn)(void *user, const char *file, const char *text), void *user,
                    json_t *index, const struct change *all, size_t n, void make(struct parts *out),
                    int rc)
{
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = give(fn, user, index, all[i].name, all[i].verdict, all[i].code, apply(&all[i], make));
    return rc;
}

int examples_make(int (*fn)(void *user, const char *file, const char *text), void *user)
{
    json_t *index = json_array();
    int rc = 0;
    for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]) && rc == 0; i++) {
        struct parts p;
        base(&p);
        support_fix(tricks[i].name);
        rc = give(fn, user, index, tricks[i].name, tricks[i].verdict, tricks[i].code,
                  tricks[i].make(&p));
        parts_clear(&p);
    }
    rc = give_all(fn, user, index, changes, sizeof(changes) / sizeof(changes[0]), base, rc);
    rc = give_all(fn, user, index, examples_technique, examples_techniques, base, rc);
    rc = give_all(fn, user, index, examples_drive_as_phone, examples_drives_as_phones, base, rc);
    rc = give_all(fn, user, index, examples_phone, examples_phones, base_phone, rc);
    json_t *all = json_pack("{s:s,s:[s],s:I,s:o}", "note",
                            "Made by tests/cert/generate.c. Verified with certs/test-keys/root.pem "
                            "at the time \"now\" (ms); \"code\" is the reason, or a remark of a "
                            "valid one.",
                            "trust", "../test-keys/root.pem", "now", (json_int_t)EXAMPLE_NOW,
                            "examples", index);
    char *text = json_dumps(all, JSON_INDENT(1) | JSON_SORT_KEYS);
    text = append(text, "\n");
    if (rc == 0)
        rc = fn(user, "index.json", text);
    free(text);
    json_decref(all);
    return rc;
}
