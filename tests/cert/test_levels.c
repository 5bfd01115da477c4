/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels: what a status list, a revocation list, a log and its witnesses add to a signature, and
 * what becomes of a certificate when one of them is missing, stale, of another, or forged.
 */
#include "base/json.h"
#include "base/text.h"
#include "cert/support.h"
#include "tlog/signing.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define ORIGIN "lethe.log/test/bench"
#define URI "https://status.example/1"
#define SLOT 4711
#define WITNESSED (EXAMPLE_IAT + 60)
#define HOUR_MS (60ull * 60 * 1000)

static const char *const roots[] = {"root", NULL};

/* All that stands around one certificate; a test spoils one thing of it. */
struct scene {
    const char *bench; /* signs it */
    json_t *claims;
    char *text;
    /* The log: the start, the certificate's entry. */
    struct signing_key log, witness;
    struct lethe_tlog_entry entry;
    uint64_t index;
    uint64_t witnessed; /* 0: by nobody */
    char *proof;
    size_t proof_len;
    char note[4096];
    /* The verifier. */
    struct lethe_trust *trust;
    struct lethe_tlog_policy tlog;
    const struct lethe_status_list *lists[3];
    char *kept;
    struct lethe_verify_policy policy;
    struct lethe_certificate_report report;
};

static void set(struct scene *s, const char *path, const char *json)
{
    char full[128];
    lethe_text_format(full, sizeof(full), "open.%s", path);
    support_set(s->claims, full, json);
}

static void scene_begin(struct scene *s)
{
    memset(s, 0, sizeof(*s));
    s->bench = "log-bench";
    support_fix("levels");
    s->claims = support_claims();
    set(s, "log", "{\"origin\":\"" ORIGIN "\",\"start_index\":0,\"rollback\":\"excluded\"}");
    set(s, "status", "{\"status_list\":{\"idx\":4711,\"uri\":\"" URI "\"}}");
    signing_key_make(&s->log, ORIGIN, LETHE_TLOG_ED25519, 1);
    signing_key_make(&s->witness, "witness.example/w", LETHE_TLOG_COSIGNATURE, 2);
    s->index = 1;
    s->witnessed = WITNESSED;
    s->trust = support_trust(roots);
    s->policy = (struct lethe_verify_policy){
        .trust = s->trust, .now = EXAMPLE_NOW, .log_policy = &s->tlog, .status_lists = s->lists};
    char text[1024];
    signing_policy(text, sizeof(text), &s->log, &s->witness, "W");
    assert_int_equal(lethe_tlog_policy_parse(text, strlen(text), &s->tlog, NULL), 0);
}

static void scene_sign(struct scene *s)
{
    static const char *const chain[] = {"root", NULL};
    struct lethe_signer *signer = support_signer(s->bench, chain);
    json_t *claims = NULL;
    s->text = support_issue(s->claims, signer);
    lethe_signer_close(signer);
    assert_int_equal(lethe_certificate_decode(s->text, strlen(s->text), &claims, NULL), 0);
    s->entry = (struct lethe_tlog_entry){
        .kind = LETHE_TLOG_CERT,
        .time = (uint64_t)json_integer_value(json_object_get(claims, "iat")),
        .has_hash = true};
    lethe_json_copy(claims, "jti", s->entry.name, sizeof(s->entry.name), false, NULL);
    lethe_json_copy(claims, "job", s->entry.job, sizeof(s->entry.job), false, NULL);
    lethe_json_copy(claims, "outcome", s->entry.outcome, sizeof(s->entry.outcome), false, NULL);
    lethe_tlog_jwt_hash(&s->entry.hash, s->text, strlen(s->text));
    json_decref(claims);
}

/* A log of two: something, and ENTRY as it is now. INDEX 0 turns them round. */
static void scene_log(struct scene *s)
{
    char entry[LETHE_TLOG_ENTRY_MAX + 1];
    struct lethe_tlog_hash mine;
    struct lethe_tlog_hashes path = {.n = 1};
    struct lethe_tlog_checkpoint checkpoint = {.size = 2};
    int len = lethe_tlog_entry_format(&s->entry, entry, NULL);
    assert_true(len > 0);
    lethe_tlog_hash_leaf(&mine, entry, (size_t)len);
    lethe_tlog_hash_leaf(&path.hash[0], "start", 5);
    lethe_tlog_hash_node(&checkpoint.root, s->index ? &path.hash[0] : &mine,
                         s->index ? &mine : &path.hash[0]);
    lethe_text_format(checkpoint.origin, sizeof(checkpoint.origin), "%s", s->log.key.name);
    signing_checkpoint(s->note, sizeof(s->note), &checkpoint);
    signing_add(s->note, sizeof(s->note), &s->log, 0);
    if (s->witnessed)
        signing_add(s->note, sizeof(s->note), &s->witness, s->witnessed);
    assert_int_equal(lethe_tlog_proof_format(s->index, &path, entry, (size_t)len, s->note,
                                             strlen(s->note), &s->proof, &s->proof_len, NULL),
                     0);
}

/* One more list; from AGE_MS ago, and of today or EXPIRED. */
static void scene_status_from(struct scene *s, unsigned status, uint64_t age_ms, bool expired)
{
    static const char *const chain[] = {"root", NULL};
    struct lethe_signer *signer = support_signer("status", chain);
    struct lethe_status_list *list = NULL;
    uint8_t *slots = calloc(1, LETHE_STATUS_SLOTS / 4);
    char *text = NULL;
    slots[SLOT / 4] = (uint8_t)(status << SLOT % 4 * 2);
    uint64_t exp = expired ? EXAMPLE_NOW - HOUR_MS / 4 : EXAMPLE_NOW + HOUR_MS;
    assert_int_equal(
        lethe_status_list_make(signer, URI, slots, EXAMPLE_NOW - age_ms, exp, &text, NULL), 0);
    int rc = lethe_status_list_read(s->trust, text, strlen(text), EXAMPLE_NOW, 0, &list, NULL);
    assert_int_equal(rc, expired ? -LETHE_E_LIMIT : 0);
    s->policy.status_stale = s->policy.status_stale || expired;
    s->lists[s->lists[0] ? 1 : 0] = list;
    free(text);
    free(slots);
    lethe_signer_close(signer);
}

static void scene_status(struct scene *s, unsigned status)
{
    scene_status_from(s, status, HOUR_MS, false);
}

/* Judged, and twice with what was kept of the first time: it must be the same. */
static void scene_judge(struct scene *s)
{
    const struct lethe_bundle bundle = {.sdjwt = {s->text, strlen(s->text)},
                                        .proof = {s->proof, s->proof_len}};
    struct lethe_verify_policy cached = s->policy;
    assert_int_equal(lethe_verify_cache_new(&cached.cache, NULL), 0);
    lethe_bundle_verify(&bundle, &s->policy, &s->report);
    for (size_t i = 0; i < 2; i++) {
        struct lethe_certificate_report again;
        lethe_bundle_verify(&bundle, &cached, &again);
        json_t *one = lethe_certificate_report_to_json(&s->report);
        json_t *two = lethe_certificate_report_to_json(&again);
        assert_true(json_equal(one, two));
        json_decref(one);
        json_decref(two);
        lethe_certificate_report_clear(&again);
    }
    lethe_verify_cache_free(cached.cache);
}

static void scene_end(struct scene *s)
{
    lethe_certificate_report_clear(&s->report);
    json_decref(s->claims);
    for (size_t i = 0; i < 2; i++)
        lethe_status_list_free((struct lethe_status_list *)(uintptr_t)s->lists[i]);
    lethe_trust_free(s->trust);
    free(s->proof);
    free(s->text);
    free(s->kept);
}

static void scene_whole(struct scene *s)
{
    scene_begin(s);
    scene_sign(s);
    scene_log(s);
    scene_status(s, LETHE_STATUS_VALID);
}

static bool has(const struct scene *s, const char *code)
{
    for (size_t i = 0; i < s->report.n_reasons; i++)
        if (strcmp(s->report.reasons[i].code, code) == 0)
            return true;
    return false;
}

static void assert_report(const struct scene *s, enum lethe_verdict verdict, int level,
                          const char *code)
{
    if (s->report.verdict != verdict || s->report.level != level || (code && !has(s, code)))
        fail_msg("%s at L%d, wanted %s at L%d with %s: %s (%s)",
                 lethe_verdict_name(s->report.verdict), s->report.level,
                 lethe_verdict_name(verdict), level, code ? code : "nothing",
                 s->report.reasons[0].text, s->report.reasons[0].code);
}

static void test_all_three(void **state)
{
    (void)state;
    struct scene s;
    scene_whole(&s);
    s.policy.min_level = 2;
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 2, NULL);
    assert_int_equal(s.report.status.state, LETHE_CHECK_OK);
    assert_int_equal(s.report.log.state, LETHE_CHECK_OK);
    assert_int_equal(s.report.proven_not_after, WITNESSED * 1000ull);
    assert_string_equal(s.report.rollback, "excluded");
    scene_end(&s);
}

/* What is missing lowers the level, and what was asked for is then not reached. */
static void test_missing_lowers_the_level(void **state)
{
    (void)state;
    for (int status = 0; status < 2; status++)
        for (int proof = 0; proof < 2; proof++)
            for (unsigned wanted = 0; wanted < 3; wanted++) {
                struct scene s;
                scene_begin(&s);
                scene_sign(&s);
                if (status)
                    scene_status(&s, LETHE_STATUS_VALID);
                if (proof)
                    scene_log(&s);
                s.policy.min_level = wanted;
                scene_judge(&s);
                int level = status ? proof ? 2 : 1 : 0;
                bool enough = level >= (int)wanted;
                assert_report(&s, enough ? LETHE_VERDICT_VALID : LETHE_VERDICT_UNDETERMINED, level,
                              enough ? NULL : "level");
                assert_int_equal(s.report.log.state, proof ? LETHE_CHECK_OK : LETHE_CHECK_NONE);
                scene_end(&s);
            }
}

static void test_revoked_and_suspended(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_sign(&s);
    scene_status(&s, LETHE_STATUS_INVALID);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "revoked");
    scene_end(&s);
    scene_begin(&s);
    scene_sign(&s);
    scene_status(&s, LETHE_STATUS_SUSPENDED);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_UNDETERMINED, 0, "suspended");
    scene_end(&s);
}

/* Of several lists, in any order: revoked for good is for good, else the newest says; and one of
 * another root of the same name is none. */
static void test_many_lists(void **state)
{
    (void)state;
    static const struct {
        unsigned status[2];
        uint64_t age[2];
        bool expired[2];
        enum lethe_verdict verdict;
        const char *code;
    } rows[] = {
        {{0, 1}, {2 * HOUR_MS, HOUR_MS}, {false, false}, LETHE_VERDICT_INVALID, "revoked"},
        {{1, 0}, {2 * HOUR_MS, HOUR_MS}, {false, false}, LETHE_VERDICT_INVALID, "revoked"},
        {{1, 0}, {2 * HOUR_MS, HOUR_MS}, {true, false}, LETHE_VERDICT_INVALID, "revoked"},
        {{0, 1}, {2 * HOUR_MS, HOUR_MS}, {true, true}, LETHE_VERDICT_INVALID, "revoked"},
        {{2, 0}, {2 * HOUR_MS, HOUR_MS}, {false, false}, LETHE_VERDICT_VALID, NULL},
        {{0, 2}, {2 * HOUR_MS, HOUR_MS}, {false, false}, LETHE_VERDICT_UNDETERMINED, "suspended"},
        {{0, 2}, {HOUR_MS, HOUR_MS}, {false, false}, LETHE_VERDICT_UNDETERMINED, "suspended"},
        {{2, 0}, {2 * HOUR_MS, HOUR_MS}, {true, true}, LETHE_VERDICT_VALID, "status-stale"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (int turn = 0; turn < 2; turn++) {
            struct scene s;
            scene_begin(&s);
            scene_sign(&s);
            for (int k = 0; k < 2; k++) {
                int at = turn ? 1 - k : k;
                scene_status_from(&s, rows[i].status[at], rows[i].age[at], rows[i].expired[at]);
            }
            scene_judge(&s);
            int level = rows[i].verdict == LETHE_VERDICT_INVALID                        ? -1
                        : rows[i].verdict == LETHE_VERDICT_VALID && !rows[i].expired[1] ? 1
                                                                                        : 0;
            assert_report(&s, rows[i].verdict, level, rows[i].code);
            scene_end(&s);
        }
}

static void test_status_that_says_nothing(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    set(&s, "status.status_list.uri", "\"https://status.example/2\"");
    scene_sign(&s);
    scene_status(&s, LETHE_STATUS_VALID);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 0, "status-other");
    scene_end(&s);
    scene_begin(&s);
    set(&s, "status", NULL);
    scene_sign(&s);
    scene_status(&s, LETHE_STATUS_VALID);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 0, "status-none");
    scene_end(&s);
    scene_begin(&s);
    scene_sign(&s);
    s.policy.status_stale = true; /* an old list, replayed */
    s.policy.min_level = 1;
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_UNDETERMINED, 0, "status-stale");
    scene_end(&s);
}

/* The entry must be the one that this very JWT makes. */
static void test_proof_of_another_entry(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct scene s;
        scene_begin(&s);
        scene_sign(&s);
        if (i == 0)
            s.entry.hash.bytes[0] ^= 1;
        else if (i == 1)
            s.entry.name[0] = s.entry.name[0] == '0' ? '1' : '0';
        else if (i == 2)
            s.entry.job[0] = s.entry.job[0] == '0' ? '1' : '0';
        else if (i == 3)
            s.entry.time++;
        else if (i == 4)
            lethe_text_format(s.entry.outcome, sizeof(s.entry.outcome), "passed-with-exceptions");
        else
            s.entry.kind = LETHE_TLOG_FAIL;
        scene_log(&s);
        scene_status(&s, LETHE_STATUS_VALID);
        scene_judge(&s);
        assert_report(&s, LETHE_VERDICT_INVALID, -1, "proof-other");
        scene_end(&s);
    }
}

static void test_forged_proofs(void **state)
{
    (void)state;
    struct scene s;
    scene_whole(&s);
    s.proof[s.proof_len / 2] = s.proof[s.proof_len / 2] == 'A' ? 'B' : 'A';
    scene_judge(&s);
    assert_int_equal(s.report.verdict, LETHE_VERDICT_INVALID);
    assert_int_equal(s.report.log.state, LETHE_CHECK_BAD);
    scene_end(&s);
    /* Another pseudonym than the one in the tree. */
    scene_begin(&s);
    scene_sign(&s);
    scene_log(&s);
    char *right = s.proof, note[sizeof(s.note)];
    memcpy(note, s.note, sizeof(note));
    s.entry.device[0] ^= 1;
    scene_log(&s);
    char *swapped = strstr(s.proof, "\n\n"), *kept = strstr(right, "\n\n");
    assert_non_null(swapped);
    memcpy(swapped, kept, strlen(kept)); /* the right checkpoint below the wrong entry */
    free(right);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "proof");
    scene_end(&s);
    /* Another key under the log's name. */
    scene_begin(&s);
    scene_sign(&s);
    signing_key_make(&s.log, ORIGIN, LETHE_TLOG_ED25519, 9);
    scene_log(&s);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "proof");
    scene_end(&s);
    scene_whole(&s);
    s.proof_len = 10;
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "proof-format");
    scene_end(&s);
}

static void test_witnesses(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_sign(&s);
    s.witnessed = 0;
    scene_log(&s);
    scene_status(&s, LETHE_STATUS_VALID);
    s.policy.min_level = 2;
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_UNDETERMINED, 1, "quorum");
    assert_int_equal(s.report.proven_not_after, 0);
    scene_end(&s);
    /* Known to the log's key alone: in the log, seen by nobody. */
    char vkey[LETHE_TLOG_VKEY_MAX];
    const char *vkeys[] = {vkey, NULL};
    scene_whole(&s);
    lethe_tlog_key_format(&s.log.key, vkey);
    s.policy.log_policy = NULL;
    s.policy.log_vkeys = vkeys;
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 1, "unwitnessed");
    scene_end(&s);
    scene_whole(&s);
    s.policy.log_policy = NULL;
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 1, "log-key");
    scene_end(&s);
}

static void test_which_log(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    s.bench = "bench"; /* names none */
    scene_sign(&s);
    scene_log(&s);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 0, "log-unpinned");
    scene_end(&s);
    scene_begin(&s);
    set(&s, "log.origin", "\"lethe.log/other/bench\"");
    scene_sign(&s);
    scene_log(&s);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "log-origin");
    scene_end(&s);
    scene_begin(&s);
    set(&s, "log", NULL);
    scene_sign(&s);
    scene_log(&s);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 0, "log-none");
    scene_end(&s);
}

static void test_order_and_time(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    set(&s, "log.start_index", "1"); /* its end is there before its start */
    scene_sign(&s);
    scene_log(&s);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "log-order");
    scene_end(&s);
    scene_begin(&s);
    scene_sign(&s);
    s.witnessed = EXAMPLE_IAT - 3600; /* seen before it was signed */
    scene_log(&s);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "log-time");
    scene_end(&s);
}

static void old_scene(struct scene *s, uint64_t witnessed)
{
    scene_begin(s);
    s->bench = "old-log-bench";  /* 2025-02-01 to 2025-05-01 */
    set(s, "iat", "1743469200"); /* 2025-04-01T01:00:00Z */
    set(s, "times",
        "{\"created\":\"2025-04-01T00:00:00Z\",\"started\":\"2025-04-01T00:00:01Z\","
        "\"ended\":\"2025-04-01T00:30:00Z\"}");
    scene_sign(s);
    s->witnessed = witnessed;
    scene_log(s);
    scene_status(s, LETHE_STATUS_VALID);
    scene_judge(s);
}

/* A bench certificate is judged when witnesses saw it, not now. */
static void test_expired_since(void **state)
{
    (void)state;
    struct scene s;
    old_scene(&s, 1743469260);
    assert_report(&s, LETHE_VERDICT_VALID, 2, NULL);
    assert_false(has(&s, "expired"));
    scene_end(&s);
    old_scene(&s, 1750000000); /* June: too late to show anything */
    assert_report(&s, LETHE_VERDICT_VALID, 1, "witnessed-late");
    assert_true(has(&s, "expired"));
    scene_end(&s);
}

/* A stolen key signs whatever time it likes: what witnesses saw before stands, and nothing else. */
static void test_bench_revoked_since(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_sign(&s);
    scene_log(&s);
    scene_status(&s, LETHE_STATUS_VALID);
    support_revoke(s.trust, "log-bench", WITNESSED + 600);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 2, "bench-revoked-since");
    scene_end(&s);
    for (int proof = 0; proof < 2; proof++) {
        scene_begin(&s);
        scene_sign(&s);
        if (proof)
            scene_log(&s);
        /* With a proof: since before the witnesses. Without: since after what it says of itself. */
        support_revoke(s.trust, "log-bench", proof ? WITNESSED - 10 : WITNESSED + 600);
        scene_judge(&s);
        assert_report(&s, LETHE_VERDICT_INVALID, -1, "bench-revoked");
        scene_end(&s);
    }
    scene_whole(&s);
    support_revoke(s.trust, "bench", 1); /* another bench */
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 2, NULL);
    scene_end(&s);
}

/* A checkpoint that was kept: of the log's past, or of another face of it. */
static void keep(struct scene *s, uint64_t size, const char *root_of, uint64_t time)
{
    struct lethe_tlog_checkpoint checkpoint = {.size = size};
    lethe_tlog_hash_leaf(&checkpoint.root, root_of, strlen(root_of));
    lethe_text_format(checkpoint.origin, sizeof(checkpoint.origin), "%s", ORIGIN);
    s->kept = calloc(1, 4096);
    signing_checkpoint(s->kept, 4096, &checkpoint);
    signing_add(s->kept, 4096, &s->log, 0);
    signing_add(s->kept, 4096, &s->witness, time);
    s->policy.seen = (struct lethe_span){s->kept, strlen(s->kept)};
}

static void test_two_faces(void **state)
{
    (void)state;
    struct scene s;
    scene_whole(&s);
    keep(&s, 2, "another tree", WITNESSED);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "log-fork");
    scene_end(&s);
    scene_whole(&s);
    keep(&s, 1, "an older tree", WITNESSED);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 2, NULL);
    scene_end(&s);
}

/* 2 entries before the start at 3; the certificate's own stands at 1 of its small log, so only the
 * bracket is looked at here. */
static void bracket(struct scene *s, uint64_t size, uint64_t time, bool kept)
{
    char claim[256], root[LETHE_TLOG_BASE64_SIZE(32)];
    struct lethe_tlog_hash hash;
    lethe_tlog_hash_leaf(&hash, "before", 6);
    lethe_tlog_base64_encode(root, hash.bytes, sizeof(hash.bytes));
    lethe_text_format(claim, sizeof(claim), "{\"size\":%llu,\"root\":\"%s\",\"time\":%llu}",
                      (unsigned long long)size, root, (unsigned long long)time);
    scene_begin(s);
    set(s, "log.not_before", claim);
    scene_sign(s);
    scene_log(s);
    scene_status(s, LETHE_STATUS_VALID);
    if (kept)
        keep(s, size, "before", time);
    scene_judge(s);
}

static void test_bracket(void **state)
{
    (void)state;
    const uint64_t day = 86400, start = EXAMPLE_IAT - 2 * 3600;
    struct scene s;
    bracket(&s, 0, start - 600, true);
    assert_report(&s, LETHE_VERDICT_VALID, 2, NULL);
    assert_int_equal(s.report.proven_not_before, (start - 600) * 1000);
    scene_end(&s);
    bracket(&s, 0, start - 600, false); /* the issuer's word alone */
    assert_report(&s, LETHE_VERDICT_VALID, 2, NULL);
    assert_int_equal(s.report.proven_not_before, 0);
    scene_end(&s);
    bracket(&s, 0, start - 30 * day, true);
    assert_report(&s, LETHE_VERDICT_VALID, 2, "not-before-old");
    assert_int_equal(s.report.proven_not_before, 0);
    scene_end(&s);
    bracket(&s, 1, start - 600, true); /* of more entries than stood before its start */
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "log-order");
    scene_end(&s);
    bracket(&s, 0, EXAMPLE_IAT + 3600, true);
    assert_report(&s, LETHE_VERDICT_INVALID, -1, "log-time");
    scene_end(&s);
}

static void test_rollback_is_said(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    set(&s, "log.rollback", "\"not-excluded\"");
    scene_sign(&s);
    scene_judge(&s);
    assert_report(&s, LETHE_VERDICT_VALID, 0, "rollback");
    assert_string_equal(s.report.rollback, "not-excluded");
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_three),
        cmocka_unit_test(test_missing_lowers_the_level),
        cmocka_unit_test(test_revoked_and_suspended),
        cmocka_unit_test(test_many_lists),
        cmocka_unit_test(test_status_that_says_nothing),
        cmocka_unit_test(test_proof_of_another_entry),
        cmocka_unit_test(test_forged_proofs),
        cmocka_unit_test(test_witnesses),
        cmocka_unit_test(test_which_log),
        cmocka_unit_test(test_order_and_time),
        cmocka_unit_test(test_expired_since),
        cmocka_unit_test(test_bench_revoked_since),
        cmocka_unit_test(test_two_faces),
        cmocka_unit_test(test_bracket),
        cmocka_unit_test(test_rollback_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
