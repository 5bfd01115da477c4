/* SPDX-License-Identifier: Apache-2.0 */
/* The technique registry is a fake here: it has a firmware technique, so that Purge can be planned,
 * and the refusals can be told apart. */
#include <lethe/plan.h>

#include "base/json.h"
#include <lethe/technique.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static const struct lethe_technique techniques[] = {
    {.name = "overwrite",
     .kind = LETHE_KIND_OVERWRITE,
     .method = LETHE_METHOD_CLEAR,
     .flags = LETHE_TECHNIQUE_HOST},
    {.name = "test-block-erase", .kind = LETHE_KIND_BLOCK_ERASE, .method = LETHE_METHOD_PURGE},
    {.name = "test-own-overwrite", .kind = LETHE_KIND_OVERWRITE, .method = LETHE_METHOD_PURGE},
    {.name = "test-crypto-erase", .kind = LETHE_KIND_CRYPTO_ERASE, .method = LETHE_METHOD_PURGE},
    {.name = "test-format-user",
     .kind = LETHE_KIND_BLOCK_ERASE,
     .method = LETHE_METHOD_CLEAR,
     .capability = LETHE_CAN_FORMAT_USER},
    {.name = "test-format-crypto",
     .kind = LETHE_KIND_CRYPTO_ERASE,
     .method = LETHE_METHOD_CLEAR,
     .leaves = LETHE_LEAVES_UNKNOWN,
     .capability = LETHE_CAN_FORMAT_CRYPTO},
    {.name = "test-sanitize-crypto",
     .kind = LETHE_KIND_CRYPTO_ERASE,
     .method = LETHE_METHOD_PURGE,
     .leaves = LETHE_LEAVES_UNKNOWN,
     .capability = LETHE_CAN_SANITIZE_CRYPTO},
};

const struct lethe_technique *lethe_technique_find(const char *name)
{
    for (size_t i = 0; i < sizeof(techniques) / sizeof(techniques[0]); i++)
        if (strcmp(techniques[i].name, name) == 0)
            return &techniques[i];
    return NULL;
}

enum lethe_method lethe_technique_method(const struct lethe_technique *technique,
                                         enum lethe_media media)
{
    (void)media;
    return technique->method;
}

json_t *lethe_device_to_json(const struct lethe_device *device)
{
    return json_pack("{s:s, s:o}", "target", device->target, "identity",
                     lethe_identity_to_json(&device->identity));
}

static struct lethe_policy_set *policies;
static struct lethe_profile_set *profiles;

static int setup(void **state)
{
    static const char *const policy_dirs[] = {LETHE_SOURCE_DIR "/profiles/policies", NULL};
    static const char *const profile_dirs[] = {LETHE_SOURCE_DIR "/profiles/devices", NULL};
    (void)state;
    return lethe_policy_set_load(policy_dirs, &policies, NULL) < 0 ||
           lethe_profile_set_load(profile_dirs, &profiles, NULL) < 0;
}

static int teardown(void **state)
{
    (void)state;
    lethe_policy_set_free(policies);
    lethe_profile_set_free(profiles);
    return 0;
}

static struct lethe_device stick(void)
{
    struct lethe_device d = {.target = "/dev/sdz",
                             .driver = "block",
                             .node = "/dev/sdz",
                             .identity = {.class_ = LETHE_CLASS_DISK,
                                          .bus = LETHE_BUS_USB,
                                          .media = LETHE_MEDIA_FLASH,
                                          .substrate = LETHE_SUBSTRATE_PHYSICAL,
                                          .vendor = "Example",
                                          .model = "Flash Drive",
                                          .capacity = 64000000000,
                                          .logical_block = 512,
                                          .physical_block = 512}};
    lethe_identity_add(&d.identity, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "4C530001");
    return d;
}

static int plan_for(const struct lethe_device *device, const char *policy, bool accept_untested,
                    struct lethe_plan *plan, struct lethe_error *err)
{
    const struct lethe_profile *profile = NULL;
    assert_int_equal(lethe_profile_find(profiles, &device->identity, &profile, err), 0);
    struct lethe_plan_options options = {.accept_untested = accept_untested};
    return lethe_plan_make(device, lethe_policy_find(policies, policy, err), profile, &options,
                           plan, err);
}

static struct lethe_profile firmware_profile(const char *technique, enum lethe_test_status status)
{
    struct lethe_profile p = {.id = "firmware", .n_techniques = 2};
    snprintf(p.techniques[0].technique, sizeof(p.techniques[0].technique), "%s", technique);
    p.techniques[0].status = status;
    snprintf(p.techniques[1].technique, sizeof(p.techniques[1].technique), "overwrite");
    p.techniques[1].status = LETHE_STATUS_REPORTED;
    snprintf(p.hash, sizeof(p.hash), "%064d", 7);
    return p;
}

static bool limited(const struct lethe_plan *plan, const char *words)
{
    for (size_t i = 0; i < plan->n_limitations; i++)
        if (strstr(plan->limitations[i], words))
            return true;
    return false;
}

static void a_stick_is_cleared(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_plan plan;
    struct lethe_error err = {0};
    assert_int_equal(plan_for(&device, "nist-800-88r2-clear", false, &plan, &err), 0);
    assert_int_equal(plan.method, LETHE_METHOD_CLEAR);
    assert_int_equal(plan.technique_kind, LETHE_KIND_OVERWRITE);
    assert_int_equal(plan.n_steps, 3);
    assert_int_equal(plan.steps[0].kind, LETHE_STEP_CANARY);
    assert_int_equal(plan.steps[0].canaries, 460);
    assert_string_equal(plan.steps[1].technique, "overwrite");
    assert_int_equal(plan.steps[1].n_passes, 1);
    assert_string_equal(plan.steps[1].passes[0], "zero");
    assert_int_equal(plan.steps[2].verification.mode, LETHE_VERIFY_CONFIDENCE);
    assert_int_equal(plan.limits.max_bad_sectors, 1000);
    assert_string_equal(plan.profile.id, "usb-flash");
    assert_true(limited(&plan, "Over-provisioned"));
    assert_true(limited(&plan, "0.1 % of the addressable blocks with 99 % confidence"));
    assert_true(limited(&plan, "not read in full"));
    assert_false(limited(&plan, "wear"));
    assert_false(limited(&plan, "not a physical medium"));
}

static void every_clear_policy_plans_on_every_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < lethe_policy_count(policies); i++) {
        const struct lethe_policy *policy = lethe_policy_at(policies, i);
        for (enum lethe_media media = LETHE_MEDIA_UNKNOWN; media <= LETHE_MEDIA_FILE; media++) {
            struct lethe_device device = stick();
            struct lethe_plan plan;
            struct lethe_error err = {0};
            device.identity.media = media;
            int rc = plan_for(&device, policy->id, false, &plan, &err);
            const struct lethe_policy_rule *rule = lethe_policy_rule_for(policy, media);
            if (policy->method == LETHE_METHOD_CLEAR && rule && rule->n_passes > 0) {
                if (rc < 0)
                    fail_msg("%s: %s", policy->id, err.what);
                assert_true(plan.steps[1].n_passes > 0);
                assert_true(lethe_plan_seconds(&plan) > 0);
            } else {
                assert_int_equal(rc, -LETHE_E_REFUSED);
                assert_true(err.remedy[0] != '\0');
                assert_string_equal(err.effect, "nothing was sent to the device");
            }
        }
    }
}

static void purge_of_a_stick_is_refused_with_what_would_help(void **state)
{
    static const char *const ids[] = {"nist-800-88r2-purge", "ieee-2883-2022-purge"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct lethe_device device = stick();
        struct lethe_plan plan;
        struct lethe_error err = {0};
        /* accepting the untested does not make a method stronger */
        assert_int_equal(plan_for(&device, ids[i], true, &plan, &err), -LETHE_E_REFUSED);
        assert_non_null(strstr(err.what, ids[i]));
        assert_non_null(strstr(err.what, "overwrite gives clear at best"));
        assert_non_null(strstr(err.remedy, "native SATA, SAS or NVMe slot"));
        assert_non_null(strstr(err.remedy, "nist-800-88r2-clear"));
        assert_non_null(strstr(err.remedy, "destroy it"));
        device.identity.bus = LETHE_BUS_LOOP;
        device.identity.substrate = LETHE_SUBSTRATE_VIRTUAL;
        assert_int_equal(plan_for(&device, ids[i], true, &plan, &err), -LETHE_E_REFUSED);
        assert_non_null(strstr(err.remedy, "physical device"));
        device = stick();
        device.identity.bus = LETHE_BUS_ATA;
        assert_int_equal(plan_for(&device, ids[i], true, &plan, &err), -LETHE_E_REFUSED);
        assert_non_null(strstr(err.remedy, "firmware"));
    }
}

static void purge_is_planned_where_a_technique_credits_it(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_profile profile = firmware_profile("test-block-erase", LETHE_STATUS_TESTED);
    const struct lethe_policy *policy = lethe_policy_find(policies, "nist-800-88r2-purge", NULL);
    struct lethe_plan plan;
    struct lethe_error err = {0};
    assert_int_equal(lethe_plan_make(&device, policy, &profile, NULL, &plan, &err), 0);
    assert_int_equal(plan.method, LETHE_METHOD_PURGE);
    assert_string_equal(plan.steps[1].technique, "test-block-erase");
    assert_int_equal(plan.steps[1].n_passes, 0);
}

static void the_first_technique_that_satisfies_is_taken(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_profile profile = firmware_profile("test-crypto-erase", LETHE_STATUS_TESTED);
    struct lethe_plan plan;
    struct lethe_error err = {0};
    /* GB 46864 does not take crypto erase: the overwrite is second in the profile, and taken */
    const struct lethe_policy *gb = lethe_policy_find(policies, "gb-46864-2025", NULL);
    assert_int_equal(lethe_plan_make(&device, gb, &profile, NULL, &plan, &err), 0);
    assert_string_equal(plan.steps[1].technique, "overwrite");
    assert_int_equal(plan.steps[1].n_passes, 2);
    assert_true(limited(&plan, "wear"));
    profile.n_techniques = 1;
    assert_int_equal(lethe_plan_make(&device, gb, &profile, NULL, &plan, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "does not accept crypto-erase"));
}

static void several_passes_are_made_by_the_host(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_profile profile = firmware_profile("test-own-overwrite", LETHE_STATUS_TESTED);
    struct lethe_plan plan;
    struct lethe_error err = {0};
    device.identity.media = LETHE_MEDIA_MAGNETIC;
    const struct lethe_policy *dod = lethe_policy_find(policies, "dod-3", NULL);
    assert_int_equal(lethe_plan_make(&device, dod, &profile, NULL, &plan, &err), 0);
    assert_string_equal(plan.steps[1].technique, "overwrite");
    assert_int_equal(plan.steps[1].n_passes, 3);
    profile.n_techniques = 1;
    assert_int_equal(lethe_plan_make(&device, dod, &profile, NULL, &plan, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "asks for passes of its own"));
    const struct lethe_policy *once = lethe_policy_find(policies, "nist-clear", NULL);
    assert_int_equal(lethe_plan_make(&device, once, &profile, NULL, &plan, &err), 0);
    assert_string_equal(plan.steps[1].technique, "test-own-overwrite");
}

static void refusals_have_a_reason_and_a_remedy(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_plan plan;
    struct lethe_error err = {0};
    const struct lethe_policy *clear = lethe_policy_find(policies, "nist-800-88r2-clear", NULL);

    struct lethe_profile unknown = firmware_profile("ata-next", LETHE_STATUS_TESTED);
    unknown.n_techniques = 1;
    assert_int_equal(lethe_plan_make(&device, clear, &unknown, NULL, &plan, &err),
                     -LETHE_E_UNSUPPORTED);
    assert_non_null(strstr(err.what, "ata-next"));

    struct lethe_profile untested = firmware_profile("overwrite", LETHE_STATUS_UNTESTED);
    struct lethe_plan_options accept = {.accept_untested = true};
    untested.n_techniques = 1;
    assert_int_equal(lethe_plan_make(&device, clear, &untested, NULL, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "untested"));
    assert_non_null(strstr(err.remedy, "--accept-untested"));
    assert_int_equal(lethe_plan_make(&device, clear, &untested, &accept, &plan, &err), 0);
    assert_int_equal(plan.profile.status, LETHE_STATUS_UNTESTED);
    assert_true(limited(&plan, "accepted by the operator"));

    struct lethe_policy hosts_not = *clear;
    for (size_t i = 0; i < hosts_not.n_rules; i++)
        hosts_not.rules[i].n_passes = 0;
    struct lethe_profile known = firmware_profile("overwrite", LETHE_STATUS_TESTED);
    assert_int_equal(lethe_plan_make(&device, &hosts_not, &known, NULL, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "overwriting by the host"));

    device.identity.media = LETHE_MEDIA_MAGNETIC;
    assert_int_equal(plan_for(&device, "gb46864-semi", false, &plan, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "no rule for magnetic media"));

    device.identity.capacity = 0;
    assert_int_equal(plan_for(&device, "random-full", false, &plan, &err), -LETHE_E_REFUSED);
    device.identity.capacity = 1000; /* not whole blocks */
    assert_int_equal(plan_for(&device, "random-full", false, &plan, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "1000 bytes in blocks of 512"));
}

static void digest_of(const struct lethe_device *device, const struct lethe_policy *policy,
                      const struct lethe_profile *profile, char out[65])
{
    struct lethe_plan plan;
    assert_int_equal(lethe_plan_make(device, policy, profile, NULL, &plan, NULL), 0);
    memcpy(out, plan.digest, 65);
}

/* The digest is what a person types to arm a stick without a serial: it must not move with the
 * load, the path or the hour, and must move with whatever is armed. */
static void the_digest_is_golden_and_moves_with_what_is_armed(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_policy policy = *lethe_policy_find(policies, "random-full", NULL);
    struct lethe_profile profile = firmware_profile("overwrite", LETHE_STATUS_TESTED);
    char first[65], next[65];
    snprintf(policy.hash, sizeof(policy.hash), "%064d", 1);
    snprintf(policy.version, sizeof(policy.version), "2026-01-01");
    snprintf(policy.title, sizeof(policy.title), "t");
    snprintf(policy.statement, sizeof(policy.statement), "s");
    digest_of(&device, &policy, &profile, first);
    assert_string_equal(first, "579f7bb519e6f9fee41580e36c037becb8c990a151e84753e827474be6750c17");

    struct lethe_device moved = device;
    snprintf(moved.target, sizeof(moved.target), "/dev/sdq");
    snprintf(moved.node, sizeof(moved.node), "/dev/sdq");
    snprintf(moved.slot, sizeof(moved.slot), "usb-0:7");
    moved.diskseq = 99;
    digest_of(&moved, &policy, &profile, next);
    assert_string_equal(first, next);

    struct lethe_device other = device;
    snprintf(other.identity.identifiers[0].value, 96, "4C530002");
    digest_of(&other, &policy, &profile, next);
    assert_string_not_equal(first, next);

    other = device;
    other.identity.capacity += 512;
    digest_of(&other, &policy, &profile, next);
    assert_string_not_equal(first, next);

    struct lethe_policy edited = policy;
    edited.hash[63] = '2';
    digest_of(&device, &edited, &profile, next);
    assert_string_not_equal(first, next);

    struct lethe_profile known = profile;
    known.hash[63] = '8';
    digest_of(&device, &policy, &known, next);
    assert_string_not_equal(first, next);
}

static void plans_come_back_as_they_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < lethe_policy_count(policies); i++) {
        struct lethe_device device = stick();
        struct lethe_plan plan, back;
        struct lethe_error err = {0};
        if (plan_for(&device, lethe_policy_at(policies, i)->id, false, &plan, &err) < 0)
            continue; /* Purge */
        LETHE_JSON_AUTO *json = lethe_plan_to_json(&plan);
        if (lethe_plan_from_json(json, &back, &err) < 0)
            fail_msg("%s", err.what);
        LETHE_JSON_AUTO *again = lethe_plan_to_json(&back);
        assert_true(json_equal(json, again));
        assert_string_equal(plan.digest, back.digest);
        assert_int_equal(plan.steps[1].n_passes, back.steps[1].n_passes);
        assert_memory_equal(&plan.limits, &back.limits, sizeof(plan.limits));
        assert_memory_equal(&plan.steps[2].verification, &back.steps[2].verification,
                            sizeof(plan.steps[2].verification));
    }
}

static void altered_plans_are_refused(void **state)
{
    static const struct {
        const char *path; /* "a.b" or "" for the root */
        const char *key, *json;
    } table[] = {
        {"", "method", "\"purge\""}, /* known words, wrong digest */
        {"", "digest", "\"00\""},
        {"", "extra", "1"},
        {"", "format", "\"lethe-plan-2\""},
        {"", "steps", "[]"},
        {"", "steps", "[{\"step\":\"dance\"}]"},
        {"", "limitations", "[1]"},
        {"policy", "id", "7"},
        {"policy", "exceptions_allowed", "true"},
        {"policy", "exceptions_max_sectors", "-1"},
        {"policy", "retention_years", "4294967296"},
        {"policy", "method", "\"PURGE\""},
        {"profile", "status", "\"certain\""},
        {"limits", "stall_seconds", "\"180\""},
        {"identity", "capacity", "64000000512"},
        {"identity", "capacity", "0"},
        {"identity", "logical_block", "0"},
        {"identity", "model", "\"Other\""},
    };
    (void)state;
    struct lethe_device device = stick();
    struct lethe_plan plan, back;
    assert_int_equal(plan_for(&device, "random-full", false, &plan, NULL), 0);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        LETHE_JSON_AUTO *json = lethe_plan_to_json(&plan);
        json_t *at = table[i].path[0] ? json_object_get(json, table[i].path) : json;
        struct lethe_error err = {0};
        json_object_set_new(at, table[i].key, json_loads(table[i].json, JSON_DECODE_ANY, NULL));
        int rc = lethe_plan_from_json(json, &back, &err);
        print_message("%s.%s: %s\n", table[i].path, table[i].key, err.what);
        assert_true(rc < 0);
        assert_true(err.what[0] != '\0');
    }
}

static void the_description_tells_what_will_happen(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_plan plan;
    assert_int_equal(plan_for(&device, "gb-46864-2025", false, &plan, NULL), 0);
    LETHE_JSON_AUTO *json = lethe_plan_describe(&plan, &device);
    const json_t *steps = json_object_get(json, "steps");
    assert_int_equal(json_array_size(steps), 4);
    const json_t *pass = json_array_get(steps, 2);
    assert_string_equal(json_string_value(json_object_get(pass, "detail")),
                        "overwrite, pass 2 of 2: random over 64.0 GB");
    assert_int_equal(json_integer_value(json_object_get(pass, "bytes")), 64000000000);
    uint64_t seconds = 0;
    size_t i;
    json_t *step;
    json_array_foreach(steps, i, step) seconds +=
        (uint64_t)json_integer_value(json_object_get(step, "seconds"));
    assert_int_equal(seconds, lethe_plan_seconds(&plan));
    assert_int_equal(json_integer_value(json_object_get(json, "seconds")), seconds);
    assert_string_equal(json_string_value(json_object_get(json, "digest")), plan.digest);
    const json_t *claims = json_object_get(json, "claims");
    assert_string_equal(json_string_value(json_object_get(claims, "method")), "clear");
    assert_string_equal(json_string_value(json_object_get(claims, "substrate")), "physical");
}

static void a_sample_costs_the_same_on_any_size(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_plan small, large;
    device.identity.bus = LETHE_BUS_ATA;
    device.identity.media = LETHE_MEDIA_MAGNETIC;
    assert_int_equal(plan_for(&device, "nist-800-88r2-clear", false, &small, NULL), 0);
    device.identity.capacity = 8000000000000;
    assert_int_equal(plan_for(&device, "nist-800-88r2-clear", false, &large, NULL), 0);
    LETHE_JSON_AUTO *a = lethe_plan_describe(&small, &device);
    LETHE_JSON_AUTO *b = lethe_plan_describe(&large, &device);
    const json_t *read_a = json_array_get(json_object_get(a, "steps"), 2);
    const json_t *read_b = json_array_get(json_object_get(b, "steps"), 2);
    assert_true(json_equal(read_a, read_b));
    assert_int_equal(json_integer_value(json_object_get(read_a, "bytes")), 4603 * 4096);
}

static void a_drive_that_sanitises_itself_is_left_alone(void **state)
{
    (void)state;
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_ATA,
                                .sanitize = {.running = true, .known = true, .progress = 32768}};
    struct lethe_device device = stick();
    struct lethe_plan plan;
    struct lethe_error err = {0};
    device.facts = &facts;
    assert_int_equal(plan_for(&device, "nist-800-88r2-clear", false, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "is running on the drive, at 50 %"));
    assert_string_equal(err.effect, "nothing was sent to the device");
    assert_non_null(strstr(err.remedy, "wait until it is over"));
    /* One that tells no capacity until it is done has no blocks of 520 bytes. */
    uint64_t capacity = device.identity.capacity;
    device.identity.capacity = 0;
    assert_int_equal(plan_for(&device, "nist-800-88r2-clear", false, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "is running on the drive, at 50 %"));
    device.identity.capacity = capacity;
    facts.sanitize.running = false;
    assert_int_equal(plan_for(&device, "nist-800-88r2-clear", false, &plan, &err), 0);
}

/* The drive says that it can hide a part of itself, and nobody knows whether it does: it refused,
 * and is asked again behind a power cycle; or its bridge loses the answer, which only a Clear
 * bears, and says. */
static void what_may_be_hidden_is_asked_for_again(void **state)
{
    (void)state;
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_ATA,
                                .path = LETHE_PATH_SAT16,
                                .hidden_unasked = "dco",
                                .hidden_refused = true};
    struct lethe_device device = stick();
    struct lethe_profile profile = firmware_profile("test-block-erase", LETHE_STATUS_TESTED);
    const struct lethe_policy *purge = lethe_policy_find(policies, "nist-800-88r2-purge", NULL),
                              *clear = lethe_policy_find(policies, "nist-800-88r2-clear", NULL);
    struct lethe_profile overwriting = firmware_profile("overwrite", LETHE_STATUS_TESTED);
    struct lethe_plan plan;
    struct lethe_error err = {0};
    device.facts = &facts;
    facts.native_capacity = device.identity.capacity;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lethe_plan_make(&device, i ? clear : purge, i ? &overwriting : &profile,
                                         NULL, &plan, &err),
                         0);
        assert_string_equal(plan.steps[0].technique, "ata-unhide");
        assert_true(plan.steps[0].cycle);
        assert_string_equal(plan.steps[1].technique, "ata-unhide");
        assert_false(plan.steps[1].cycle);
        assert_int_equal(plan.steps[2].kind, LETHE_STEP_CANARY);
        assert_int_equal(plan.path, LETHE_PATH_SAT16);
        assert_false(limited(&plan, "could not be asked"));
        LETHE_JSON_AUTO *told = lethe_plan_describe(&plan, &device);
        const json_t *first = json_array_get(json_object_get(told, "steps"), 0);
        assert_non_null(strstr(json_string_value(json_object_get(first, "detail")),
                               "could not be asked whether it hides"));
    }
    facts.hidden_refused = false;
    assert_int_equal(lethe_plan_make(&device, purge, &profile, NULL, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "could not be asked"));
    assert_non_null(strstr(err.remedy, "native SATA slot"));
    assert_int_equal(lethe_plan_make(&device, clear, &overwriting, NULL, &plan, &err), 0);
    assert_int_equal(plan.steps[0].kind, LETHE_STEP_CANARY);
    assert_true(limited(&plan, "(dco), and could not be asked whether it does"));
    facts.sanitize.failed = facts.hidden_refused = true; /* it answers nothing else */
    assert_int_equal(lethe_plan_make(&device, purge, &profile, NULL, &plan, &err), 0);
    assert_int_equal(plan.steps[0].kind, LETHE_STEP_CANARY);
    assert_true(limited(&plan, "could not be asked whether it does"));
}

/* Only a sanitise reaches what is in no namespace, and a bridge may hide them all. */
static void what_no_namespace_holds_is_told(void **state)
{
    (void)state;
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_NVME,
                                .path = LETHE_PATH_NVME,
                                .can = LETHE_CAN_FORMAT_USER | LETHE_CAN_FORMAT_CRYPTO |
                                       LETHE_CAN_SANITIZE_CRYPTO,
                                .hidden_known = true,
                                .n_namespaces = 1,
                                .unallocated = 4194304};
    static const struct {
        const char *technique, *policy, *says; /* NULL: nothing */
    } rows[] = {
        {"test-format-user", "nist-800-88r2-clear", "; Format NVM does not reach"},
        {"test-format-crypto", "ieee-2883-2022-clear", "; Format NVM does not reach"},
        {"overwrite", "nist-800-88r2-clear", "; an overwrite does not reach"},
        {"test-sanitize-crypto", "ieee-2883-2022-clear", "; the drive's own erasure alone reaches"},
        {"test-sanitize-crypto", "nist-800-88r2-clear", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct lethe_device device = stick();
        struct lethe_profile profile = firmware_profile(rows[i].technique, LETHE_STATUS_TESTED);
        struct lethe_plan plan;
        struct lethe_error err = {0};
        device.facts = &facts;
        assert_int_equal(lethe_plan_make(&device, lethe_policy_find(policies, rows[i].policy, NULL),
                                         &profile, NULL, &plan, &err),
                         0);
        assert_int_equal(limited(&plan, "4194304 bytes of the drive"), !!rows[i].says);
        assert_int_equal(limited(&plan, rows[i].says ? rows[i].says : "no namespace"),
                         !!rows[i].says);
    }
    struct lethe_facts silent = {.protocol = LETHE_PROTOCOL_SCSI};
    struct lethe_device device = stick();
    struct lethe_plan plan;
    struct lethe_error err = {0};
    device.facts = &silent;
    assert_int_equal(plan_for(&device, "nist-800-88r2-clear", false, &plan, &err), 0);
    assert_true(limited(&plan, "or has it in other namespaces (NVMe) could not be asked"));
}

/* Marks are all that can be looked for; what others reported was without zones; a report that makes
 * no sense, or bad zones, refuse. */
static void host_managed_zones_are_planned_for(void **state)
{
    (void)state;
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_SCSI,
                                .zoned = true,
                                .hidden_known = true,
                                .zones = {.size = 268435456, .count = 238, .conventional = 2}};
    struct lethe_device device = stick();
    struct lethe_profile profile = firmware_profile("test-block-erase", LETHE_STATUS_REPORTED);
    const struct lethe_policy *purge = lethe_policy_find(policies, "nist-800-88r2-purge", NULL);
    struct lethe_plan plan, back;
    struct lethe_error err = {0};
    struct lethe_plan_options accept = {.accept_untested = true};
    device.identity.physical_block = 4096;
    device.facts = &facts;
    assert_int_equal(lethe_plan_make(&device, purge, &profile, NULL, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "untested on zoned devices"));
    assert_int_equal(lethe_plan_make(&device, purge, &profile, &accept, &plan, &err), 0);
    assert_int_equal(plan.zone, 268435456);
    assert_int_equal(plan.profile.status, LETHE_STATUS_UNTESTED);
    assert_int_equal(plan.steps[2].leaves, LETHE_LEAVES_UNKNOWN);
    assert_true(limited(&plan, "beginnings of zones"));
    /* One place for each zone, however many marks it has. */
    struct lethe_plan tiny = plan;
    tiny.identity.media = LETHE_MEDIA_MAGNETIC;
    tiny.identity.capacity = 4 << 20;
    tiny.zone = 256 << 10;
    assert_in_range(lethe_plan_seconds(&tiny), 1, 20);
    LETHE_JSON_AUTO *json = lethe_plan_to_json(&plan);
    assert_int_equal(lethe_plan_from_json(json, &back, &err), 0);
    assert_int_equal(back.zone, plan.zone);
    static const json_int_t bad[] = {1000, 512, 1 << 20 | 512, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        json_object_set_new(json, "zone", json_integer(bad[i]));
        assert_int_equal(lethe_plan_from_json(json, &back, &err), -LETHE_E_INVALID);
    }
    facts.zones.unusable = 3;
    assert_int_equal(lethe_plan_make(&device, purge, &profile, &accept, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "3 of the drive's 238 zones"));
    facts.zones.unusable = 0;
    facts.zones.size = 268435456 + 512; /* not in the blocks that it is written in */
    assert_int_equal(lethe_plan_make(&device, purge, &profile, &accept, &plan, &err),
                     -LETHE_E_REFUSED);
    facts.zones.size = 0;
    device.identity.capacity = 0;
    assert_int_equal(lethe_plan_make(&device, purge, &profile, &accept, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.remedy, "maker's tool"));
    device.identity.capacity = 64000000000;
    snprintf(facts.zones.why, sizeof(facts.zones.why), "they overlap");
    assert_int_equal(lethe_plan_make(&device, purge, &profile, &accept, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "they overlap"));
    assert_string_equal(err.effect, "nothing was sent to the device");
    assert_true(err.remedy[0] != '\0');
}

static void magnetic_media_have_no_blocks_to_erase(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_profile profile = firmware_profile("test-block-erase", LETHE_STATUS_REPORTED);
    const struct lethe_policy *purge = lethe_policy_find(policies, "nist-800-88r2-purge", NULL);
    struct lethe_plan plan;
    struct lethe_error err = {0};
    assert_int_equal(lethe_plan_make(&device, purge, &profile, NULL, &plan, &err), 0);
    device.identity.media = LETHE_MEDIA_MAGNETIC;
    assert_int_equal(lethe_plan_make(&device, purge, &profile, NULL, &plan, &err),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "magnetic media have none"));
    assert_string_equal(err.effect, "nothing was sent to the device");
    assert_true(err.remedy[0] != '\0');
    /* where an overwrite is enough, it is what is done */
    const struct lethe_policy *clear = lethe_policy_find(policies, "nist-800-88r2-clear", NULL);
    assert_int_equal(lethe_plan_make(&device, clear, &profile, NULL, &plan, &err), 0);
    assert_string_equal(plan.steps[1].technique, "overwrite");
}

static void a_device_without_identifier_is_limited(void **state)
{
    (void)state;
    struct lethe_device device = stick();
    struct lethe_plan plan;
    device.identity.n_identifiers = 0;
    assert_int_equal(plan_for(&device, "random-full", false, &plan, NULL), 0);
    assert_true(limited(&plan, "no identifier of its own"));
    /* neither the bridge's number nor a typed tag is the drive's own word */
    lethe_identity_add(&device.identity, LETHE_ID_BRIDGE_SERIAL, LETHE_SOURCE_DEVICE, "0001");
    lethe_identity_add(&device.identity, LETHE_ID_ASSET_TAG, LETHE_SOURCE_TYPED, "A-17");
    assert_int_equal(plan_for(&device, "random-full", false, &plan, NULL), 0);
    assert_true(limited(&plan, "no identifier of its own"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stick_is_cleared),
        cmocka_unit_test(every_clear_policy_plans_on_every_family),
        cmocka_unit_test(purge_of_a_stick_is_refused_with_what_would_help),
        cmocka_unit_test(purge_is_planned_where_a_technique_credits_it),
        cmocka_unit_test(the_first_technique_that_satisfies_is_taken),
        cmocka_unit_test(several_passes_are_made_by_the_host),
        cmocka_unit_test(refusals_have_a_reason_and_a_remedy),
        cmocka_unit_test(the_digest_is_golden_and_moves_with_what_is_armed),
        cmocka_unit_test(plans_come_back_as_they_were),
        cmocka_unit_test(altered_plans_are_refused),
        cmocka_unit_test(the_description_tells_what_will_happen),
        cmocka_unit_test(a_sample_costs_the_same_on_any_size),
        cmocka_unit_test(a_drive_that_sanitises_itself_is_left_alone),
        cmocka_unit_test(what_may_be_hidden_is_asked_for_again),
        cmocka_unit_test(what_no_namespace_holds_is_told),
        cmocka_unit_test(host_managed_zones_are_planned_for),
        cmocka_unit_test(magnetic_media_have_no_blocks_to_erase),
        cmocka_unit_test(a_device_without_identifier_is_limited),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
