/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/schema.h"

#include "base/json.h"
#include "base/pattern.h"
#include "base/text.h"
#include "base/time.h"
#include <lethe/certificate.h>
#include <lethe/tlog.h>
#include <stdbool.h>
#include <string.h>

#define STRING_MAX 512
#define LIST_MAX 128
#define RANGES_MAX 64

struct field;
/* Where a value stands, spelt out only when there is something to say of it. */
struct path {
    const struct path *above; /* NULL: at the top */
    const char *name;
};
/* What one value must be. 0 or a complaint. */
typedef int check_fn(const struct lethe_node *value, const struct path *path,
                     struct lethe_complaint *why);

struct field {
    const char *name;
    check_fn *check;
    const struct field *members; /* an object with exactly these; ends with a NULL name */
    bool list;                   /* a list of such objects */
    bool required;
};

struct spelt {
    char text[96];
};
static struct spelt spell(const struct path *path)
{
    struct spelt out = {""}, above;
    if (!path)
        return out;
    above = spell(path->above);
    lethe_text_format(out.text, sizeof(out.text), "%s%s%s", above.text, above.text[0] ? "." : "",
                      path->name);
    return out;
}

static int bad_type(struct lethe_complaint *why, const struct path *path, const char *type)
{
    return lethe_complain(why, "claim-type", "\"%s\" is not %s", spell(path).text, type);
}

static int bad_value(struct lethe_complaint *why, const struct path *path, const char *wanted)
{
    return lethe_complain(why, "claim-value", "\"%s\" is not %s", spell(path).text, wanted);
}

static int check_string(const struct lethe_node *value, const struct path *path,
                        struct lethe_complaint *why)
{
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    return lethe_node_length(value) <= STRING_MAX ? 0 : bad_value(why, path, "short enough");
}

static int check_name(const struct lethe_node *value, const struct path *path,
                      struct lethe_complaint *why)
{
    int rc = check_string(value, path, why);
    return rc < 0 || lethe_node_length(value) > 0 ? rc : bad_value(why, path, "filled in");
}

static int check_natural(const struct lethe_node *value, const struct path *path,
                         struct lethe_complaint *why)
{
    if (!lethe_node_is(value, JSON_INTEGER))
        return bad_type(why, path, "an integer");
    return lethe_node_integer(value) >= 0 ? 0 : bad_value(why, path, "0 or more");
}

static int check_ppm(const struct lethe_node *value, const struct path *path,
                     struct lethe_complaint *why)
{
    int rc = check_natural(value, path, why);
    return rc < 0 || lethe_node_integer(value) <= 1000000 ? rc : bad_value(why, path, "0..1000000");
}

static int check_bool(const struct lethe_node *value, const struct path *path,
                      struct lethe_complaint *why)
{
    return lethe_node_is_boolean(value) ? 0 : bad_type(why, path, "true or false");
}

static int check_hash(const struct lethe_node *value, const struct path *path,
                      struct lethe_complaint *why)
{
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    const char *text = lethe_node_string(value);
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64
               ? 0
               : bad_value(why, path, "64 lower-case hexadecimal digits");
}

/* Of a note: no space, no '+' (C2SP signed-note). */
static int check_origin(const struct lethe_node *value, const struct path *path,
                        struct lethe_complaint *why)
{
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    return lethe_tlog_name_valid(lethe_node_string(value)) ? 0
                                                           : bad_value(why, path, "a log's name");
}

static int check_root(const struct lethe_node *value, const struct path *path,
                      struct lethe_complaint *why)
{
    uint8_t root[32];
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    return lethe_tlog_base64_decode(root, sizeof(root), lethe_node_string(value),
                                    lethe_node_length(value)) == sizeof(root)
               ? 0
               : bad_value(why, path, "32 bytes in base64");
}

static int check_rollback(const struct lethe_node *value, const struct path *path,
                          struct lethe_complaint *why)
{
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    const char *word = lethe_node_string(value);
    return strcmp(word, "excluded") == 0 || strcmp(word, "not-excluded") == 0
               ? 0
               : bad_value(why, path, "excluded or not-excluded");
}

static int check_uuid(const struct lethe_node *value, const struct path *path,
                      struct lethe_complaint *why)
{
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    const char *text = lethe_node_string(value);
    bool ok = strlen(text) == 36;
    for (size_t i = 0; ok && i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        ok = dash ? text[i] == '-' : strchr("0123456789abcdef", text[i]) != NULL;
    }
    return ok ? 0 : bad_value(why, path, "a UUID in lower case");
}

static int check_time(const struct lethe_node *value, const struct path *path,
                      struct lethe_complaint *why)
{
    uint64_t ms;
    char again[21];
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    if (lethe_time_parse(lethe_node_string(value), &ms) < 0)
        return bad_value(why, path, "a time as 2026-11-23T01:02:03Z");
    lethe_time_format(again, ms);
    return strcmp(again, lethe_node_string(value)) == 0
               ? 0
               : bad_value(why, path, "a time as 2026-11-23T01:02:03Z");
}

#define CHECK_WORD(noun)                                                                           \
    static int check_##noun(const struct lethe_node *value, const struct path *path,               \
                            struct lethe_complaint *why)                                           \
    {                                                                                              \
        if (!lethe_node_is(value, JSON_STRING))                                                    \
            return bad_type(why, path, "a string");                                                \
        return lethe_##noun##_parse(lethe_node_string(value)) >= 0                                 \
                   ? 0                                                                             \
                   : bad_value(why, path, "one of the words it may be");                           \
    }
CHECK_WORD(method)
CHECK_WORD(substrate)
CHECK_WORD(outcome)
CHECK_WORD(media)
CHECK_WORD(test_status)
CHECK_WORD(id_kind)
CHECK_WORD(id_source)
CHECK_WORD(device_class)
CHECK_WORD(bus)

static int check_among(const struct lethe_node *value, const struct path *path,
                       const char *const *words, struct lethe_complaint *why)
{
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    for (; *words; words++)
        if (strcmp(*words, lethe_node_string(value)) == 0)
            return 0;
    return bad_value(why, path, "one of the words it may be");
}

static int check_technique_kind(const struct lethe_node *value, const struct path *path,
                                struct lethe_complaint *why)
{
    static const char *const words[] = {"overwrite", "block-erase", "crypto-erase", "reset", NULL};
    return check_among(value, path, words, why);
}

static int check_mode(const struct lethe_node *value, const struct path *path,
                      struct lethe_complaint *why)
{
    static const char *const words[] = {"none", "full", "confidence", "strata", "state", NULL};
    return check_among(value, path, words, why);
}

static int check_family(const struct lethe_node *value, const struct path *path,
                        struct lethe_complaint *why)
{
    static const char *const words[] = {"none", "ios", "android", "harmony", "other", NULL};
    return check_among(value, path, words, why);
}

static int check_encryption(const struct lethe_node *value, const struct path *path,
                            struct lethe_complaint *why)
{
    static const char *const words[] = {"unknown", "encrypted", "unencrypted", NULL};
    return check_among(value, path, words, why);
}

static int check_esim(const struct lethe_node *value, const struct path *path,
                      struct lethe_complaint *why)
{
    static const char *const words[] = {"erase-asked", "not-asked", "kept", NULL};
    return check_among(value, path, words, why);
}

static int check_answer(const struct lethe_node *value, const struct path *path,
                        struct lethe_complaint *why)
{
    static const char *const words[] = {"unknown", "no", "yes", NULL};
    return check_among(value, path, words, why);
}

static int check_grade(const struct lethe_node *value, const struct path *path,
                       struct lethe_complaint *why)
{
    static const char *const words[] = {"denied", "none", "attested", "state", NULL};
    return check_among(value, path, words, why);
}

static int check_expected(const struct lethe_node *value, const struct path *path,
                          struct lethe_complaint *why)
{
    static const char *const words[] = {"pattern", "uniform", "unknown", NULL};
    return check_among(value, path, words, why);
}

static int check_condition(const struct lethe_node *value, const struct path *path,
                           struct lethe_complaint *why)
{
    static const char *const words[] = {"unknown", "good", "worn", "failing", NULL};
    return check_among(value, path, words, why);
}

/* The one spelling of what a pass writes (<base/pattern.h>). */
static int check_pattern(const struct lethe_node *value, const struct path *path,
                         struct lethe_complaint *why)
{
    struct lethe_pattern pattern;
    char again[24];
    if (!lethe_node_is(value, JSON_STRING))
        return bad_type(why, path, "a string");
    if (lethe_pattern_parse(lethe_node_string(value), &pattern, NULL) < 0)
        return bad_value(why, path, "a pattern");
    lethe_pattern_format(again, sizeof(again), &pattern);
    return strcmp(again, lethe_node_string(value)) == 0 ? 0 : bad_value(why, path, "a pattern");
}

static int check_vct(const struct lethe_node *value, const struct path *path,
                     struct lethe_complaint *why)
{
    (void)path;
    const char *text = lethe_node_string(value);
    if (text && (strcmp(text, LETHE_VCT_CERTIFICATE) == 0 || strcmp(text, LETHE_VCT_RECORD) == 0))
        return 0;
    return lethe_complain(why, "vct", "vct says that it is no certificate or record of Lethe");
}

static int check_strings(const struct lethe_node *value, const struct path *path,
                         struct lethe_complaint *why)
{
    struct lethe_node *item;
    if (!lethe_node_is(value, JSON_ARRAY) || lethe_node_size(value) > LIST_MAX)
        return bad_type(why, path, "a short list");
    LETHE_NODE_EACH(value, item)
    {
        int rc = check_string(item, path, why);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* [[offset, length], ...] in bytes. */
static int check_ranges(const struct lethe_node *value, const struct path *path,
                        struct lethe_complaint *why)
{
    struct lethe_node *item;
    if (!lethe_node_is(value, JSON_ARRAY) || lethe_node_size(value) > RANGES_MAX)
        return bad_type(why, path, "a list of at most 64");
    LETHE_NODE_EACH(value, item)
    {
        if (!lethe_node_is(item, JSON_ARRAY) || lethe_node_size(item) != 2)
            return bad_type(why, path, "a list of [offset, length]");
        for (size_t k = 0; k < 2; k++) {
            int rc = check_natural(lethe_node_at(item, k), path, why);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

/* Free fields: names and short strings, whole numbers or yes and no. */
static int check_custom(const struct lethe_node *value, const struct path *path,
                        struct lethe_complaint *why)
{
    const struct lethe_node *item;
    if (!lethe_node_is(value, JSON_OBJECT) || lethe_node_size(value) > LIST_MAX)
        return bad_type(why, path, "an object with a few members");
    LETHE_NODE_EACH(value, item)
    {
        if (item->key_len == 0 || item->key_len > 64)
            return bad_value(why, path, "an object with short names");
        if (!lethe_node_is(item, JSON_INTEGER) && !lethe_node_is_boolean(item) &&
            check_string(item, path, why) < 0)
            return bad_type(why, path, "an object of strings, integers and booleans");
    }
    return 0;
}

static const struct field pass_fields[] = {
    {.name = "pattern", .required = true, .check = check_pattern},
    {.name = "bytes", .required = true, .check = check_natural},
    {.name = "errors", .required = true, .check = check_natural},
    {0}};
static const struct field followed_fields[] = {
    {.name = "name", .required = true, .check = check_name},
    {.name = "passes", .required = true, .members = pass_fields, .list = true},
    {0}};
static const struct field filled_fields[] = {
    {.name = "bytes", .required = true, .check = check_natural},
    {.name = "samples", .required = true, .check = check_natural},
    {.name = "mismatches", .required = true, .check = check_natural},
    {0}};
static const struct field technique_fields[] = {
    {.name = "name", .required = true, .check = check_name},
    {.name = "kind", .required = true, .check = check_technique_kind},
    {.name = "passes", .members = pass_fields, .list = true},
    {.name = "observed", .check = check_bool},
    {.name = "commands", .check = check_strings},
    {.name = "followed_by", .members = followed_fields},
    {.name = "chain", .check = check_strings},
    {.name = "filled", .members = filled_fields},
    {0}};
static const struct field state_fields[] = {
    {.name = "technique", .required = true, .check = check_name},
    {.name = "grade", .required = true, .check = check_grade},
    {.name = "why", .required = true, .check = check_string},
    {.name = "answers", .required = true, .check = check_strings},
    {0}};
static const struct field verification_fields[] = {
    {.name = "performed", .required = true, .check = check_bool},
    {.name = "mode", .required = true, .check = check_mode},
    {.name = "confidence_ppm", .check = check_ppm},
    {.name = "fraction_ppm", .check = check_ppm},
    {.name = "subsections", .check = check_natural},
    {.name = "samples_per_subsection", .check = check_natural},
    {.name = "percent_ppm", .check = check_ppm},
    {.name = "block", .check = check_natural},
    {.name = "blocks", .check = check_natural},
    {.name = "samples", .check = check_natural},
    {.name = "bytes", .check = check_natural},
    {.name = "coverage_ppm", .check = check_ppm},
    {.name = "mismatches", .check = check_natural},
    {.name = "first_mismatch", .check = check_natural},
    {.name = "unreadable", .check = check_natural},
    {.name = "excepted", .check = check_natural},
    {.name = "withheld", .check = check_natural},
    {.name = "expected", .check = check_expected},
    {.name = "complete", .check = check_bool},
    {.name = "canaries_written", .required = true, .check = check_natural},
    {.name = "canaries_checked", .check = check_natural},
    {.name = "canaries_survived", .check = check_natural},
    {.name = "identity_rechecked", .required = true, .check = check_bool},
    {.name = "statement", .check = check_name},
    {.name = "state", .members = state_fields, .list = true},
    {.name = "sample_commit", .check = check_hash},
    {.name = "sample_key", .check = check_hash},
    {.name = "canary_commit", .check = check_hash},
    {.name = "canary_key", .check = check_hash},
    {0}};
static const struct field policy_fields[] = {
    {.name = "id", .required = true, .check = check_name},
    {.name = "title", .required = true, .check = check_string},
    {.name = "version", .required = true, .check = check_string},
    {.name = "hash", .required = true, .check = check_hash},
    {.name = "method", .required = true, .check = check_method},
    {.name = "met", .required = true, .check = check_bool},
    {.name = "demonstrable", .check = check_bool},
    {.name = "read_in_full", .required = true, .check = check_bool},
    {.name = "min_test_status", .required = true, .check = check_test_status},
    {.name = "exceptions_allowed", .required = true, .check = check_bool},
    {.name = "exceptions_max_sectors", .required = true, .check = check_natural},
    {.name = "retention_years", .required = true, .check = check_natural},
    {.name = "statement", .required = true, .check = check_string},
    {0}};
static const struct field profile_fields[] = {
    {.name = "id", .required = true, .check = check_name},
    {.name = "hash", .required = true, .check = check_hash},
    {.name = "test_status", .required = true, .check = check_test_status},
    {.name = "evidence", .required = true, .check = check_string},
    {.name = "accepted_untested", .required = true, .check = check_bool},
    {0}};
static const struct field device_fields[] = {
    {.name = "class", .required = true, .check = check_device_class},
    {.name = "bus", .required = true, .check = check_bus},
    {.name = "media", .required = true, .check = check_media},
    {.name = "vendor", .required = true, .check = check_string},
    {.name = "model", .required = true, .check = check_string},
    {.name = "firmware", .required = true, .check = check_string},
    {.name = "bridge", .check = check_string},
    {.name = "capacity", .required = true, .check = check_natural},
    {.name = "logical_block", .required = true, .check = check_natural},
    {.name = "physical_block", .required = true, .check = check_natural},
    {0}};
static const struct field lock_fields[] = {
    {.name = "find-my", .required = true, .check = check_answer},
    {.name = "activation-lock", .required = true, .check = check_answer},
    {.name = "mdm", .required = true, .check = check_answer},
    {.name = "supervised", .required = true, .check = check_answer},
    {.name = "frp", .required = true, .check = check_answer},
    {.name = "accounts", .required = true, .check = check_answer},
    {.name = "no-factory-reset", .required = true, .check = check_answer},
    {.name = "passcode", .required = true, .check = check_answer},
    {0}};
static const struct field return_fields[] = {
    {.name = "after", .required = true, .check = check_name},
    {.name = "mode", .required = true, .check = check_name},
    {.name = "away_ms", .required = true, .check = check_natural},
    {0}};
static const struct field attested_fields[] = {
    {.name = "statement", .required = true, .check = check_name},
    {.name = "photo", .check = check_hash},
    {0}};
static const struct field phone_fields[] = {
    {.name = "family", .required = true, .check = check_family},
    {.name = "encryption", .required = true, .check = check_encryption},
    {.name = "locks", .required = true, .members = lock_fields},
    {.name = "for_destruction", .required = true, .check = check_bool},
    {.name = "esim", .required = true, .check = check_esim},
    {.name = "sd_card", .required = true, .check = check_answer},
    {.name = "returns", .required = true, .members = return_fields, .list = true},
    {.name = "attested", .members = attested_fields},
    {0}};
static const struct field identifier_fields[] = {
    {.name = "kind", .required = true, .check = check_id_kind},
    {.name = "value", .required = true, .check = check_name},
    {.name = "source", .required = true, .check = check_id_source},
    {0}};
static const struct field time_fields[] = {
    {.name = "created", .required = true, .check = check_time},
    {.name = "started", .check = check_time},
    {.name = "ended", .required = true, .check = check_time},
    {0}};
static const struct field tool_fields[] = {
    {.name = "name", .required = true, .check = check_name},
    {.name = "version", .required = true, .check = check_name},
    {0}};
static const struct field interruption_fields[] = {
    {.name = "count", .required = true, .check = check_natural},
    {.name = "resumed", .required = true, .check = check_natural},
    {0}};
static const struct field exception_fields[] = {
    {.name = "sectors", .required = true, .check = check_natural},
    {.name = "ranges", .required = true, .check = check_ranges},
    {.name = "truncated", .required = true, .check = check_bool},
    {0}};
static const struct field health_fields[] = {
    {.name = "condition", .required = true, .check = check_condition},
    {.name = "hours", .check = check_natural},
    {.name = "reallocated", .check = check_natural},
    {.name = "pending", .check = check_natural},
    {.name = "uncorrectable", .check = check_natural},
    {.name = "media_errors", .check = check_natural},
    {.name = "used_percent", .check = check_natural},
    {.name = "written_bytes", .check = check_natural},
    {0}};
static const struct field evidence_fields[] = {
    {.name = "events", .required = true, .check = check_natural},
    {.name = "digest", .required = true, .check = check_hash},
    {0}};
static const struct field not_before_fields[] = {
    {.name = "size", .required = true, .check = check_natural},
    {.name = "root", .required = true, .check = check_root},
    {.name = "time", .required = true, .check = check_natural},
    {0}};
static const struct field log_fields[] = {
    {.name = "origin", .required = true, .check = check_origin},
    {.name = "start_index", .required = true, .check = check_natural},
    {.name = "not_before", .members = not_before_fields},
    {.name = "rollback", .required = true, .check = check_rollback},
    {0}};
static const struct field status_list_fields[] = {
    {.name = "idx", .required = true, .check = check_natural},
    {.name = "uri", .required = true, .check = check_name},
    {0}};
static const struct field status_fields[] = {
    {.name = "status_list", .required = true, .members = status_list_fields}, {0}};
static const struct field claim_fields[] = {
    {.name = "vct", .required = true, .check = check_vct},
    {.name = "iss", .required = true, .check = check_name},
    {.name = "iat", .required = true, .check = check_natural},
    {.name = "jti", .required = true, .check = check_uuid},
    {.name = "organisation", .required = true, .check = check_name},
    {.name = "status", .members = status_fields},
    {.name = "job", .required = true, .check = check_uuid},
    {.name = "plan", .required = true, .check = check_hash},
    {.name = "outcome", .required = true, .check = check_outcome},
    {.name = "method", .required = true, .check = check_method},
    {.name = "technique", .required = true, .members = technique_fields},
    {.name = "verification", .required = true, .members = verification_fields},
    {.name = "policy", .required = true, .members = policy_fields},
    {.name = "profile", .required = true, .members = profile_fields},
    {.name = "substrate", .required = true, .check = check_substrate},
    {.name = "device", .required = true, .members = device_fields},
    {.name = "identifiers", .required = true, .members = identifier_fields, .list = true},
    {.name = "times", .required = true, .members = time_fields},
    {.name = "tool", .required = true, .members = tool_fields},
    {.name = "interruptions", .required = true, .members = interruption_fields},
    {.name = "exceptions", .required = true, .members = exception_fields},
    {.name = "reasons", .required = true, .check = check_strings},
    {.name = "limitations", .required = true, .check = check_strings},
    {.name = "evidence", .members = evidence_fields},
    {.name = "health", .members = health_fields},
    {.name = "phone", .members = phone_fields},
    {.name = "log", .members = log_fields},
    {.name = "seed_commit", .check = check_hash},
    {.name = "seed", .check = check_hash},
    {.name = "operator", .check = check_name},
    {.name = "customer", .check = check_name},
    {.name = "asset_tag", .check = check_name},
    {.name = "lot", .check = check_name},
    {.name = "custom", .check = check_custom},
    {0}};

static int check_object(const struct lethe_node *value, const struct field *fields,
                        const struct path *path, struct lethe_complaint *why);

static int check_field(const struct lethe_node *value, const struct field *field,
                       const struct path *path, struct lethe_complaint *why)
{
    if (field->check)
        return field->check(value, path, why);
    if (!field->list)
        return check_object(value, field->members, path, why);
    struct lethe_node *item;
    if (!lethe_node_is(value, JSON_ARRAY) || lethe_node_size(value) > LIST_MAX)
        return bad_type(why, path, "a short list");
    LETHE_NODE_EACH(value, item)
    {
        int rc = check_object(item, field->members, path, why);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static bool is_known(const struct field *fields, const char *name)
{
    for (; fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return true;
    return false;
}

/* The member that no field stands for. */
static int unknown(const struct lethe_node *value, const struct field *fields,
                   const struct path *path, struct lethe_complaint *why)
{
    const struct lethe_node *member;
    struct spelt above = spell(path);
    LETHE_NODE_EACH(value, member)
    {
        if (is_known(fields, member->key))
            continue;
        lethe_complain(why, "claim-unknown",
                       "\"%s%s%.40s\" is no claim that this version knows, so it cannot be judged",
                       above.text, path ? "." : "", member->key);
        return -LETHE_E_UNSUPPORTED;
    }
    return 0;
}

static int check_object(const struct lethe_node *value, const struct field *fields,
                        const struct path *path, struct lethe_complaint *why)
{
    size_t known = 0;
    if (!lethe_node_is(value, JSON_OBJECT))
        return bad_type(why, path, "an object");
    for (const struct field *field = fields; field->name; field++) {
        const struct lethe_node *member = lethe_node_get(value, field->name);
        struct path inner = {path, field->name};
        if (!member && field->required)
            return lethe_complain(why, "claim-missing", "\"%s\" is missing", spell(&inner).text);
        int rc = member ? check_field(member, field, &inner, why) : 0;
        if (rc < 0)
            return rc;
        known += member != NULL;
    }
    return known == lethe_node_size(value) ? 0 : unknown(value, fields, path, why);
}

int lethe_schema_check(const struct lethe_node *claims, struct lethe_complaint *why)
{
    return check_object(claims, claim_fields, NULL, why);
}
