/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/consistency.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "cert/checking.h"
#include "cert/technique.h"
#include <lethe/certificate.h>
#include <string.h>

/* Nothing of ours was erased before there was any of it: 2020-01-01. */
#define EARLIEST_MS 1577836800000ull
/* No bus is so fast: bytes in a millisecond (64 GB/s). */
#define FASTEST 64000000ull

static void check_times(struct checking *c)
{
    const struct lethe_node *times = lethe_node_get(c->claims, "times");
    uint64_t created = 0, started = 0, ended = 0;
    lethe_time_parse(text(times, "created"), &created);
    lethe_time_parse(text(times, "ended"), &ended);
    bool has_start = lethe_time_parse(text(times, "started"), &started) == 0;
    if (ended < created || (has_start && (started < created || ended < started)))
        CONTRADICTION(c, "times", "it ended before it began");
    if (number(c->claims, "iat") < ended / 1000)
        CONTRADICTION(c, "times", "it was signed before the job ended");
    if (created < EARLIEST_MS)
        CONTRADICTION(c, "times", "it began before 2020");
}

static void check_interruptions(struct checking *c)
{
    const struct lethe_node *told = lethe_node_get(c->claims, "interruptions");
    if (number(told, "resumed") > number(told, "count"))
        CONTRADICTION(c, "times", "it was resumed more often than it was interrupted");
}

/* Whoever reads it is told; where only its end was missing it was not resumed for that. */
static void check_resumed(struct checking *c)
{
    const struct lethe_node *told = lethe_node_get(c->claims, "interruptions");
    uint64_t count = number(told, "count"), resumed = number(told, "resumed");
    char said[128];
    lethe_text_format(said, sizeof(said),
                      "the job was interrupted %llu times and resumed %llu times",
                      (unsigned long long)count, (unsigned long long)resumed);
    if (count > 0 && !lethe_is_limited(c->claims, said))
        CONTRADICTION(c, "times", "its limitations do not say how often it was interrupted");
}

static unsigned __int128 bytes_of(const struct lethe_node *passes)
{
    const struct lethe_node *pass;
    unsigned __int128 bytes = 0;
    LETHE_NODE_EACH(passes, pass)
    bytes += number(pass, "bytes");
    return bytes;
}

/* Times are whole seconds: up to one more may have passed. What was written, by whomever, and what
 * was read back took some of it. */
static void check_speed(struct checking *c)
{
    const struct lethe_node *times = lethe_node_get(c->claims, "times");
    const struct lethe_node *technique = lethe_node_get(c->claims, "technique");
    const struct lethe_node *followed = lethe_node_get(technique, "followed_by");
    const struct lethe_known_technique *known = lethe_known_technique(text(technique, "name"));
    uint64_t started = 0, ended = 0;
    lethe_time_parse(text(times, "started"), &started);
    lethe_time_parse(text(times, "ended"), &ended);
    unsigned __int128 bytes = bytes_of(lethe_node_get(technique, "passes")) +
                              bytes_of(lethe_node_get(followed, "passes")) +
                              number(lethe_node_get(technique, "filled"), "bytes") +
                              number(lethe_node_get(c->claims, "verification"), "bytes");
    if (known && known->writes)
        bytes += number(lethe_node_get(c->claims, "device"), "capacity");
    if (ended >= started && bytes > (unsigned __int128)(ended - started + 1000) * FASTEST)
        CONTRADICTION(c, "times", "more was written and read than in the time between can be");
}

/* Rule 8: what was erased is what the device's own description says. */
static void check_substrate(struct checking *c)
{
    const struct lethe_node *device = lethe_node_get(c->claims, "device"), *item;
    const char *substrate = text(c->claims, "substrate"), *bus = text(device, "bus");
    if (strcmp(substrate, "physical") != 0)
        return;
    if (strcmp(text(device, "class"), "image") == 0 || strcmp(text(device, "media"), "file") == 0 ||
        strcmp(bus, "loop") == 0 || strcmp(bus, "file") == 0 || strcmp(bus, "emulated") == 0 ||
        strcmp(bus, "virtio") == 0)
        CONTRADICTION(c, "substrate", "an image or a virtual device is called physical");
    LETHE_NODE_EACH(lethe_node_get(c->claims, "identifiers"), item)
    {
        if (strcmp(text(item, "kind"), "backing") == 0)
            CONTRADICTION(c, "substrate", "a physical device is named after an image file");
    }
}

/* A commitment of START and what END revealed: SHA-256 over the key's bytes. */
static void check_commitment(struct checking *c, const char *commit, const char *key,
                             const char *what)
{
    uint8_t bytes[32];
    char hash[65];
    if (!key[0])
        return;
    if (!commit[0]) {
        CONTRADICTION(c, "commitment", "the %s was not committed to at the start", what);
        return;
    }
    lethe_hex_decode(bytes, sizeof(bytes), key, strlen(key));
    lethe_sha256_hex(hash, bytes, sizeof(bytes));
    if (strcmp(hash, commit) != 0)
        CONTRADICTION(c, "commitment", "the %s is not the one committed to at the start", what);
}

static void check_commitments(struct checking *c)
{
    const struct lethe_node *v = lethe_node_get(c->claims, "verification");
    check_commitment(c, text(v, "sample_commit"), text(v, "sample_key"), "sample key");
    check_commitment(c, text(v, "canary_commit"), text(v, "canary_key"), "canary key");
    check_commitment(c, text(c->claims, "seed_commit"), text(c->claims, "seed"), "seed");
}

/* What passed was committed to beforehand, all of it, and the keys are out: else a sample could
 * have been drawn until it fitted. */
static void check_committed(struct checking *c)
{
    const struct lethe_node *v = lethe_node_get(c->claims, "verification");
    if (!text(v, "sample_commit")[0] || !text(v, "canary_commit")[0] ||
        !text(c->claims, "seed_commit")[0])
        CONTRADICTION(c, "commitment", "a certificate without its three commitments");
    else if (!text(v, "sample_key")[0] || !text(v, "canary_key")[0])
        CONTRADICTION(c, "commitment", "a certificate that does not reveal its keys");
}

/* The issuer's own words of what meeting it means: its first word is a method, or no claim at all.
 */
static void check_policy_words(struct checking *c, const struct lethe_node *policy)
{
    static const struct {
        const char *word;
        enum lethe_method method;
    } words[] = {{"Cleared", LETHE_METHOD_CLEAR},
                 {"Purged", LETHE_METHOD_PURGE},
                 {"Destroyed", LETHE_METHOD_DESTROY}};
    const char *said = text(policy, "statement");
    int method = lethe_method_parse(text(policy, "method"));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strncmp(said, words[i].word, strlen(words[i].word)) == 0 &&
            method != (int)words[i].method)
            CONTRADICTION(c, "policy", "its policy asks for %s, and says \"%s\"",
                          text(policy, "method"), words[i].word);
}

static void check_method(struct checking *c)
{
    const struct lethe_node *policy = lethe_node_get(c->claims, "policy");
    const struct lethe_node *profile = lethe_node_get(c->claims, "profile");
    int method = lethe_method_parse(text(c->claims, "method"));
    if (method == LETHE_METHOD_NONE)
        CONTRADICTION(c, "method", "a certificate of no sanitisation method");
    else if (method < lethe_method_parse(text(policy, "method")))
        CONTRADICTION(c, "method", "%s is less than the %s its policy asks for",
                      text(c->claims, "method"), text(policy, "method"));
    if (lethe_method_parse(text(policy, "method")) == LETHE_METHOD_NONE)
        CONTRADICTION(c, "policy", "a policy that asks for no sanitisation");
    if (!lethe_of_phone(c->claims))
        check_policy_words(c, policy);
    if (lethe_test_status_parse(text(profile, "test_status")) <
            lethe_test_status_parse(text(policy, "min_test_status")) &&
        !truth(profile, "accepted_untested"))
        CONTRADICTION(c, "test-status", "the technique is less tested than the policy accepts");
}

static void check_outcome(struct checking *c)
{
    const struct lethe_node *policy = lethe_node_get(c->claims, "policy");
    const struct lethe_node *exceptions = lethe_node_get(c->claims, "exceptions");
    int outcome = lethe_outcome_parse(text(c->claims, "outcome"));
    uint64_t sectors = number(exceptions, "sectors");
    const struct lethe_node *evidence = lethe_node_get(c->claims, "evidence");
    if (outcome != LETHE_OUTCOME_PASSED && outcome != LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS)
        CONTRADICTION(c, "outcome", "a certificate of a job that is %s",
                      text(c->claims, "outcome"));
    if (evidence && number(evidence, "events") == 0)
        CONTRADICTION(c, "outcome", "its evidence is of no event at all");
    if (!truth(policy, "met"))
        CONTRADICTION(c, "policy", "a certificate of a job that did not meet its policy");
    if (!lethe_node_get(lethe_node_get(c->claims, "times"), "started"))
        CONTRADICTION(c, "times", "a certificate of a job that never started");
    if (outcome == LETHE_OUTCOME_PASSED &&
        lethe_node_size(lethe_node_get(c->claims, "reasons")) > 0)
        CONTRADICTION(c, "outcome", "passed, but there are reasons why it is not better");
    if (outcome == LETHE_OUTCOME_PASSED && (sectors > 0 || truth(exceptions, "truncated") ||
                                            lethe_node_size(lethe_node_get(exceptions, "ranges"))))
        CONTRADICTION(c, "exceptions", "passed without exceptions, but there are exceptions");
    if (outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS) {
        if (!truth(policy, "exceptions_allowed"))
            CONTRADICTION(c, "exceptions", "exceptions that the policy does not allow");
        else if (sectors == 0)
            CONTRADICTION(c, "exceptions", "passed with exceptions, but there are none");
        else if (sectors > number(policy, "exceptions_max_sectors"))
            CONTRADICTION(c, "exceptions", "more exceptions than the policy allows");
    }
}

/* A record says no better than its evidence either: what holds data still has failed. */
static void check_record(struct checking *c)
{
    const struct lethe_node *v = lethe_node_get(c->claims, "verification");
    int outcome = lethe_outcome_parse(text(c->claims, "outcome"));
    bool passed =
        outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    bool nothing = !passed && outcome != LETHE_OUTCOME_OPERATOR_ATTESTED &&
                   outcome != LETHE_OUTCOME_INDETERMINATE;
    bool met = truth(lethe_node_get(c->claims, "policy"), "met");
    if (passed && met)
        CONTRADICTION(c, "outcome", "a mere record of a job that passed and met its policy");
    if (outcome != LETHE_OUTCOME_FAILED &&
        (number(v, "mismatches") > 0 || lethe_node_get(v, "first_mismatch") ||
         number(v, "unreadable") > 0 || number(v, "canaries_survived") > 0))
        CONTRADICTION(c, "outcome", "%s, but verification found that it failed",
                      text(c->claims, "outcome"));
    if (nothing && met)
        CONTRADICTION(c, "policy", "%s, but the policy is met", text(c->claims, "outcome"));
    if (nothing && strcmp(text(c->claims, "method"), "none") != 0)
        CONTRADICTION(c, "method", "%s, but a method was achieved", text(c->claims, "outcome"));
}

int lethe_consistency_check(const struct lethe_node *claims,
                            void (*fn)(void *user, const struct lethe_complaint *why), void *user)
{
    struct checking c = {claims, fn, user, 0};
    check_times(&c);
    check_interruptions(&c);
    check_substrate(&c);
    check_commitments(&c);
    lethe_check_technique(&c);
    lethe_check_ranges(&c);
    lethe_check_phone(&c);
    bool certificate = strcmp(text(claims, "vct"), LETHE_VCT_CERTIFICATE) == 0;
    if (certificate) {
        check_outcome(&c);
        check_method(&c);
        check_speed(&c);
        check_resumed(&c);
        check_committed(&c);
        if (!lethe_of_phone(claims)) {
            lethe_check_passes(&c);
            lethe_check_verification(&c);
        }
    } else {
        check_record(&c);
    }
    /* Words, and what stands beside: of claims that agree. */
    if (c.found == 0)
        lethe_check_beside(&c);
    if (c.found == 0 && certificate)
        lethe_check_statement(&c);
    return c.found;
}
