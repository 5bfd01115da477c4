/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabulary of the record: one table of the members of every event, and the check against it.
 */
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "job/parts.h"
#include <lethe/job.h>
#include <stdlib.h>
#include <string.h>

#define PIECES_MAX 64  /* strings of an array, members of a map */
#define PIECE_MAX 1024 /* bytes of one of them */

enum kind {
    TEXT,    /* clean UTF-8, 1..bound bytes */
    WORD,    /* one of WORDS, separated by '|' */
    OUTCOME, /* enum lethe_outcome, but "none" */
    METHOD,  /* enum lethe_method */
    ID_KIND, /* enum lethe_id_kind or "digest" */
    CODE,    /* enum lethe_error_code by name */
    MODE,    /* enum lethe_phone_mode */
    NUMBER,  /* 0..bound */
    BOOL,
    TIME,     /* "2026-11-23T01:02:03Z" */
    HEX,      /* exactly bound lower-case digits */
    TEXTS,    /* array of up to PIECES_MAX texts */
    MAP,      /* object of up to PIECES_MAX texts */
    RANGES,   /* array of [offset, length], up to LETHE_EXCEPTION_RANGES_MAX */
    FREE,     /* any object without real numbers, up to bound bytes of canonical JSON */
    PLAN,     /* lethe_plan_from_json() takes it */
    IDENTITY, /* lethe_identity_from_json() takes it */
    RESULT,   /* lethe_verify_result_from_json() takes it */
    OBJECT,   /* its members are the rows "name.member" */
};

struct member {
    const char *name, *words;
    uint64_t bound;
    enum lethe_event_type type;
    enum kind kind;
    bool optional;
};

#define STEP (LETHE_STEPS_MAX - 1)
#define PASS (LETHE_PASSES_MAX - 1)
#define BYTES INT64_MAX
#define REQ false
#define OPT true
#define ROW(event, member, what, most, may, list)                                                  \
    {                                                                                              \
        .type = LETHE_EVENT_##event, .name = member, .kind = what, .bound = most, .optional = may, \
        .words = list                                                                              \
    }
/* The whole vocabulary. What is not here is not a member. */
static const struct member members[] = {
    ROW(JOB_CREATED, "target", TEXT, 255, REQ, NULL),
    ROW(JOB_CREATED, "plan", PLAN, 0, REQ, NULL),
    ROW(JOB_CREATED, "tool", OBJECT, 0, REQ, NULL),
    ROW(JOB_CREATED, "tool.name", TEXT, 64, REQ, NULL),
    ROW(JOB_CREATED, "tool.version", TEXT, 64, REQ, NULL),
    ROW(JOB_CREATED, "record", OBJECT, 0, REQ, NULL),
    ROW(JOB_CREATED, "record.operator", TEXT, 256, OPT, NULL),
    ROW(JOB_CREATED, "record.asset_tag", TEXT, 256, OPT, NULL),
    ROW(JOB_CREATED, "record.lot", TEXT, 256, OPT, NULL),
    ROW(JOB_CREATED, "record.customer", TEXT, 256, OPT, NULL),
    ROW(JOB_CREATED, "custom", MAP, 0, REQ, NULL),
    ROW(JOB_CREATED, "confirmed", OBJECT, 0, REQ, NULL),
    ROW(JOB_CREATED, "confirmed.by", ID_KIND, 0, REQ, NULL),
    ROW(JOB_CREATED, "confirmed.source", WORD, 0, REQ, "typed|scanned|manifest|argument"),
    ROW(JOB_CREATED, "confirmed.value", TEXT, 128, REQ, NULL),
    ROW(JOB_CREATED, "accept_untested", BOOL, 0, REQ, NULL),
    ROW(JOB_CREATED, "limitations", TEXTS, 0, REQ, NULL),

    ROW(JOB_REFUSED, "code", CODE, 0, REQ, NULL),
    ROW(JOB_REFUSED, "reason", TEXT, 511, REQ, NULL),
    ROW(JOB_REFUSED, "effect", TEXT, 511, OPT, NULL),
    ROW(JOB_REFUSED, "remedy", TEXT, 511, OPT, NULL),

    ROW(JOB_START, "identity", IDENTITY, 0, REQ, NULL),
    ROW(JOB_START, "sample_commit", HEX, 64, REQ, NULL),
    ROW(JOB_START, "seed_commit", HEX, 64, REQ, NULL),
    ROW(JOB_START, "canary_commit", HEX, 64, REQ, NULL),
    ROW(JOB_START, "firmware", FREE, 16384, OPT, NULL),
    ROW(JOB_START, "bench", OBJECT, 0, REQ, NULL),
    ROW(JOB_START, "bench.id", TEXT, 127, REQ, NULL),
    ROW(JOB_START, "bench.key", HEX, 64, REQ, NULL),
    ROW(JOB_START, "bench.not_after", TIME, 0, REQ, NULL),
    ROW(JOB_START, "demo_key", BOOL, 0, REQ, NULL),

    ROW(WORKER_STARTED, "role", WORD, 0, REQ, "erase|verify"),
    ROW(WORKER_STARTED, "pid", NUMBER, INT32_MAX, OPT, NULL),
    ROW(WORKER_STARTED, "sandbox", OBJECT, 0, REQ, NULL),
    ROW(WORKER_STARTED, "sandbox.seccomp", TEXT, 255, REQ, NULL),
    ROW(WORKER_STARTED, "sandbox.capabilities", TEXT, 255, REQ, NULL),
    ROW(WORKER_STARTED, "sandbox.ring", TEXT, 255, OPT, NULL),
    ROW(WORKER_STARTED, "sandbox.user", TEXT, 255, OPT, NULL),

    ROW(STEP_BEGIN, "step", NUMBER, STEP, REQ, NULL),

    ROW(CANARY_WRITTEN, "count", NUMBER, UINT32_MAX, REQ, NULL),

    ROW(PASS_BEGIN, "pass", NUMBER, PASS, REQ, NULL),
    ROW(PASS_BEGIN, "pattern", TEXT, 23, REQ, NULL),
    ROW(PASS_BEGIN, "offset", NUMBER, BYTES, REQ, NULL),

    ROW(PASS_POINT, "pass", NUMBER, PASS, REQ, NULL),
    ROW(PASS_POINT, "offset", NUMBER, BYTES, REQ, NULL),

    ROW(PASS_END, "pass", NUMBER, PASS, REQ, NULL),
    ROW(PASS_END, "bytes", NUMBER, BYTES, REQ, NULL),
    ROW(PASS_END, "errors", NUMBER, BYTES, REQ, NULL),

    ROW(EXCEPTION, "phase", WORD, 0, REQ, "write|read"),
    ROW(EXCEPTION, "offset", NUMBER, BYTES, REQ, NULL),
    ROW(EXCEPTION, "length", NUMBER, BYTES, REQ, NULL),
    ROW(EXCEPTION, "errno", NUMBER, 4095, REQ, NULL),

    ROW(ATTEST, "evidence", FREE, 16384, REQ, NULL),

    ROW(INTENT, "action", TEXT, 64, REQ, NULL),
    ROW(INTENT, "detail", FREE, 4096, REQ, NULL),

    ROW(WINDOW_OPEN, "seconds", NUMBER, 86400, REQ, NULL),
    ROW(WINDOW_OPEN, "ask", TEXT, 511, REQ, NULL),

    ROW(WINDOW_CLOSED, "ok", BOOL, 0, REQ, NULL),
    ROW(WINDOW_CLOSED, "reason", TEXT, 511, OPT, NULL),
    ROW(WINDOW_CLOSED, "mode", MODE, 0, OPT, NULL),
    ROW(WINDOW_CLOSED, "away_ms", NUMBER, 86400000, OPT, NULL),

    ROW(OBSERVED, "step", NUMBER, STEP, REQ, NULL),
    ROW(OBSERVED, "findings", FREE, 16384, REQ, NULL),

    ROW(ATTESTED, "name", TEXT, 256, REQ, NULL),
    ROW(ATTESTED, "statement", TEXT, 511, REQ, NULL),
    ROW(ATTESTED, "photo", HEX, 64, OPT, NULL),

    ROW(STEP_END, "step", NUMBER, STEP, REQ, NULL),
    ROW(STEP_END, "ok", BOOL, 0, REQ, NULL),
    ROW(STEP_END, "code", CODE, 0, OPT, NULL),
    ROW(STEP_END, "reason", TEXT, 511, OPT, NULL),
    ROW(STEP_END, "effect", TEXT, 511, OPT, NULL),
    ROW(STEP_END, "remedy", TEXT, 511, OPT, NULL),

    ROW(IDENTITY_CHECKED, "when", WORD, 0, REQ, "before-erase|before-verify|after-verify|resume"),
    ROW(IDENTITY_CHECKED, "ok", BOOL, 0, REQ, NULL),
    ROW(IDENTITY_CHECKED, "reason", TEXT, 511, OPT, NULL),

    ROW(VERIFY_RESULT, "result", RESULT, 0, REQ, NULL),

    ROW(INTERRUPTED, "reason", TEXT, 511, REQ, NULL),
    ROW(INTERRUPTED, "again", BOOL, 0, OPT, NULL),

    ROW(RESUMED, "pass", NUMBER, LETHE_PASSES_MAX, REQ, NULL),
    ROW(RESUMED, "offset", NUMBER, BYTES, REQ, NULL),
    ROW(RESUMED, "reason", TEXT, 511, REQ, NULL),

    ROW(ABORT, "by", WORD, 0, REQ, "operator|supervisor"),
    ROW(ABORT, "reason", TEXT, 511, REQ, NULL),
    ROW(ABORT, "clock", TEXT, 511, OPT, NULL),

    ROW(END, "outcome", OUTCOME, 0, REQ, NULL),
    ROW(END, "method", METHOD, 0, REQ, NULL),
    ROW(END, "policy_met", BOOL, 0, REQ, NULL),
    ROW(END, "reasons", TEXTS, 0, REQ, NULL),
    ROW(END, "limitations", TEXTS, 0, REQ, NULL),
    ROW(END, "exceptions", OBJECT, 0, REQ, NULL),
    ROW(END, "exceptions.sectors", NUMBER, BYTES, REQ, NULL),
    ROW(END, "exceptions.ranges", RANGES, 0, REQ, NULL),
    ROW(END, "exceptions.truncated", BOOL, 0, REQ, NULL),
    ROW(END, "reveal", OBJECT, 0, OPT, NULL),
    ROW(END, "reveal.sample_key", HEX, 64, REQ, NULL),
    ROW(END, "reveal.canary_key", HEX, 64, REQ, NULL),

    ROW(CERTIFICATE, "id", TEXT, 127, REQ, NULL),
    ROW(CERTIFICATE, "vct", TEXT, 127, REQ, NULL),
    ROW(CERTIFICATE, "sha256", HEX, 64, REQ, NULL),
    ROW(CERTIFICATE, "path", TEXT, 4095, REQ, NULL),

    ROW(CLOSED, "reason", TEXT, 511, REQ, NULL),

    ROW(PROGRESS, "step", NUMBER, STEP, REQ, NULL),
    ROW(PROGRESS, "pass", NUMBER, PASS, REQ, NULL),
    ROW(PROGRESS, "done", NUMBER, BYTES, REQ, NULL),
    ROW(PROGRESS, "total", NUMBER, BYTES, OPT, NULL),
    ROW(PROGRESS, "errors", NUMBER, BYTES, REQ, NULL),
    ROW(PROGRESS, "elapsed", NUMBER, BYTES, OPT, NULL),
    ROW(PROGRESS, "rate", NUMBER, BYTES, OPT, NULL),
    ROW(PROGRESS, "eta", NUMBER, BYTES, OPT, NULL),

    ROW(RESULT, "outcome", OUTCOME, 0, REQ, NULL),
    ROW(RESULT, "method", METHOD, 0, REQ, NULL),
    ROW(RESULT, "substrate", WORD, 0, REQ, "emulated|image|virtual|physical"),
    ROW(RESULT, "certificate", TEXT, 4095, OPT, NULL),
    ROW(RESULT, "policy_met", BOOL, 0, REQ, NULL),
    ROW(RESULT, "exit", NUMBER, 255, REQ, NULL),
};
#define N_MEMBERS (sizeof(members) / sizeof(members[0]))

int lethe_error_code_parse(const char *name)
{
    for (int code = LETHE_E_INTERNAL; code <= LETHE_E_UNREACHED; code++)
        if (strcmp(lethe_error_code_name((enum lethe_error_code)code), name) == 0)
            return code;
    return -1;
}

static bool is_text(const json_t *json, uint64_t max)
{
    return json_is_string(json) && json_string_length(json) > 0 &&
           json_string_length(json) <= max && lethe_text_is_clean(json_string_value(json));
}

static bool is_number(const json_t *json, uint64_t max)
{
    return json_is_integer(json) && json_integer_value(json) >= 0 &&
           (uint64_t)json_integer_value(json) <= max;
}

static bool is_hex(const json_t *json, uint64_t len)
{
    return json_is_string(json) && json_string_length(json) == len &&
           strspn(json_string_value(json), "0123456789abcdef") == len;
}

static bool is_time(const json_t *json)
{
    uint64_t ms;
    return json_is_string(json) && lethe_time_parse(json_string_value(json), &ms) == 0;
}

static bool is_one_of(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (len > 0 && !strchr(word, '|') && strncmp(at, word, len) == 0 &&
            (at[len] == '|' || at[len] == '\0'))
            return true;
    }
    return false;
}

static bool is_word(const json_t *json, const struct member *row)
{
    if (!json_is_string(json))
        return false;
    const char *word = json_string_value(json);
    switch (row->kind) {
    case WORD:
        return is_one_of(row->words, word);
    case OUTCOME:
        return lethe_outcome_parse(word) > LETHE_OUTCOME_NONE;
    case METHOD:
        return lethe_method_parse(word) >= 0;
    case ID_KIND:
        return lethe_id_kind_parse(word) >= 0 || strcmp(word, "digest") == 0;
    case MODE:
        return lethe_phone_mode_parse(word) >= 0;
    default:
        return lethe_error_code_parse(word) > 0;
    }
}

static bool is_texts(json_t *json)
{
    size_t i;
    json_t *one;
    if (!json_is_array(json) || json_array_size(json) > PIECES_MAX)
        return false;
    json_array_foreach(json, i, one) if (!is_text(one, PIECE_MAX)) return false;
    return true;
}

static bool is_map(json_t *json)
{
    const char *key;
    json_t *one;
    if (!json_is_object(json) || json_object_size(json) > PIECES_MAX)
        return false;
    json_object_foreach(json, key, one) if (!key[0] || strlen(key) > 64 ||
                                            !lethe_text_is_clean(key) ||
                                            !is_text(one, PIECE_MAX)) return false;
    return true;
}

/* What lethe_json_canonical() can write: no real numbers, bounded depth. */
static bool is_plain(json_t *json, unsigned depth)
{
    const char *key;
    json_t *one;
    size_t i;
    if (json_is_real(json) || depth > LETHE_JSON_DEPTH_MAX)
        return false;
    if (json_is_array(json))
        json_array_foreach(json, i, one) if (!is_plain(one, depth + 1)) return false;
    if (json_is_object(json))
        json_object_foreach(json, key, one) if (!is_plain(one, depth + 1)) return false;
    return true;
}

static bool is_free(json_t *json, uint64_t max)
{
    if (!json_is_object(json) || !is_plain(json, 3))
        return false;
    char *text = lethe_json_canonical(json);
    bool fits = text && strlen(text) <= max;
    free(text);
    return fits;
}

static int check_plan(const json_t *json, struct lethe_error *err)
{
    struct lethe_plan *plan = malloc(sizeof(*plan));
    if (!plan)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a plan");
    int rc = lethe_plan_from_json(json, plan, err);
    free(plan);
    return rc;
}

static int check_object(enum lethe_event_type type, const char *prefix, json_t *object,
                        struct lethe_error *err);

static int check_member(const struct member *row, json_t *value, struct lethe_error *err)
{
    struct lethe_identity identity;
    struct lethe_verify_result result;
    char prefix[32];
    size_t n;
    bool good = false;
    switch (row->kind) {
    case TEXT:
        good = is_text(value, row->bound);
        break;
    case WORD:
    case OUTCOME:
    case METHOD:
    case ID_KIND:
    case CODE:
    case MODE:
        good = is_word(value, row);
        break;
    case NUMBER:
        good = is_number(value, row->bound);
        break;
    case BOOL:
        good = json_is_boolean(value);
        break;
    case TIME:
        good = is_time(value);
        break;
    case HEX:
        good = is_hex(value, row->bound);
        break;
    case TEXTS:
        good = is_texts(value);
        break;
    case MAP:
        good = is_map(value);
        break;
    case RANGES:
        good = lethe_ranges_from_json(value, NULL, &n);
        break;
    case FREE:
        good = is_free(value, row->bound);
        break;
    case PLAN:
        return check_plan(value, err);
    case IDENTITY:
        return lethe_identity_from_json(value, &identity, err);
    case RESULT:
        return lethe_verify_result_from_json(value, &result, err);
    case OBJECT:
        lethe_text_format(prefix, sizeof(prefix), "%s.", row->name);
        return check_object(row->type, prefix, value, err);
    }
    return good ? 0
                : lethe_fail(err, LETHE_E_INVALID, "%s: \"%s\" is not what the record allows",
                             lethe_event_name(row->type), row->name);
}

/* Direct member NAME of the object at PREFIX ("" or "tool."), or NULL. */
static const struct member *find_row(enum lethe_event_type type, const char *prefix,
                                     const char *name)
{
    size_t n = strlen(prefix);
    for (size_t i = 0; i < N_MEMBERS; i++)
        if (members[i].type == type && strncmp(members[i].name, prefix, n) == 0 &&
            strcmp(members[i].name + n, name) == 0 && !strchr(name, '.'))
            return &members[i];
    return NULL;
}

static int check_object(enum lethe_event_type type, const char *prefix, json_t *object,
                        struct lethe_error *err)
{
    size_t n = strlen(prefix);
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return lethe_fail(err, LETHE_E_INVALID, "%s: \"%.*s\" is not an object",
                          lethe_event_name(type), n ? (int)n - 1 : 4, n ? prefix : "body");
    json_object_foreach(object, key, value)
    {
        const struct member *row = find_row(type, prefix, key);
        if (!row)
            return lethe_fail(err, LETHE_E_INVALID, "%s has no member \"%s%.64s\"",
                              lethe_event_name(type), prefix, key);
        int rc = check_member(row, value, err);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < N_MEMBERS; i++) {
        const struct member *row = &members[i];
        if (row->type == type && !row->optional && strncmp(row->name, prefix, n) == 0 &&
            !strchr(row->name + n, '.') && !json_object_get(object, row->name + n))
            return lethe_fail(err, LETHE_E_INVALID, "%s: \"%s\" is missing", lethe_event_name(type),
                              row->name);
    }
    return 0;
}

int lethe_event_check_body(enum lethe_event_type type, json_t *body, struct lethe_error *err)
{
    if ((unsigned)type >= LETHE_EVENT_TYPES)
        return lethe_fail(err, LETHE_E_INVALID, "no such event");
    return check_object(type, "", body, err);
}
