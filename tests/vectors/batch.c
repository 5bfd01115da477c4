/* SPDX-License-Identifier: Apache-2.0 */
/* A lot of three devices, all of them drawn, and what can be wrong with its records. */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "batch/record.h"
#include "cert/support.h"
#include "tlog/signing.h"
#include "trust/validation.h"
#include "vectors/vectors.h"
#include <stdlib.h>
#include <string.h>

#define N 3
#define LOT "2026-47"

static struct {
    char *sdjwt;
    const char *file;
    struct lethe_batch_device pair;
} devices[N];
static char *draw;            /* the first, as it should be */
static const char *files[32]; /* of the line that is being made */
static size_t n_files;

static void certificates(void)
{
    for (size_t i = 0; i < N; i++) {
        char serial[64], label[32], file[32];
        json_t *claims = NULL;
        lethe_text_format(label, sizeof(label), "lot-%zu", i);
        lethe_text_format(file, sizeof(file), "lot-%zu.sdjwt", i);
        lethe_text_format(serial, sizeof(serial), "\"EX-LOT%05zu\"", i);
        const struct vector_change changes[] = {{"hidden.lot", "\"" LOT "\""},
                                                {"hidden.identifiers.0.value", serial}};
        devices[i].sdjwt = vector_certificate(label, "log-bench", changes, 2);
        devices[i].file = vector_put(file, devices[i].sdjwt, true);
        lethe_certificate_decode(devices[i].sdjwt, strlen(devices[i].sdjwt), &claims, NULL);
        lethe_text_format(devices[i].pair.jti, sizeof(devices[i].pair.jti), "%s",
                          json_string_value(json_object_get(claims, "jti")));
        lethe_certificate_hash(devices[i].sdjwt, strlen(devices[i].sdjwt), devices[i].pair.hash);
        json_decref(claims);
    }
}

/* The claims of a draw: in order, unless WRONG. */
static json_t *draw_claims(const struct signing_key *log, const char *jti)
{
    char note[1024], coded[LETHE_B64URL_SIZE(1024)], origin[LETHE_BATCH_ORIGIN_SIZE];
    struct lethe_tlog_checkpoint checkpoint = {.size = 9};
    struct lethe_batch_device order[N];
    struct lethe_draw wish = {.n_devices = N, .devices = order, .checkpoint = note};
    struct lethe_signer *signer = support_signer("log-bench", NULL);
    char iss[192];
    lethe_text_format(iss, sizeof(iss), "urn:lethe:bench:%s", signer->bench);
    lethe_text_format(checkpoint.origin, sizeof(checkpoint.origin), "%s", log->key.name);
    lethe_sha256(checkpoint.root.bytes, LOT, strlen(LOT));
    signing_checkpoint(note, sizeof(note), &checkpoint);
    signing_add(note, sizeof(note), log, 0);
    wish.checkpoint_len = strlen(note);
    for (size_t i = 0; i < N; i++)
        order[i] = devices[i].pair;
    if (lethe_draw_order(&wish, origin, NULL) < 0)
        abort();
    lethe_b64url_encode(coded, note, strlen(note));
    json_t *out =
        json_pack("{s:s,s:s,s:s,s:i,s:s,s:s,s:i,s:i,s:i,s:i,s:s,s:[[s,s],[s,s],[s,s]]}", "vct",
                  LETHE_VCT_DRAW, "iss", iss, "jti", jti, "iat", VECTOR_IAT + 600, "organisation",
                  signer->organisation, "lot", LOT, "number", 1, "confidence_ppm", 950000,
                  "bad_ppm", 50000, "sample", N, "checkpoint", coded, "devices", order[0].jti,
                  order[0].hash, order[1].jti, order[1].hash, order[2].jti, order[2].hash);
    lethe_signer_close(signer);
    return out;
}

static json_t *retest_claims(size_t device, const char *of)
{
    struct lethe_signer *signer = support_signer("log-bench", NULL);
    char iss[192], jti[37], hash[LETHE_BATCH_HASH_SIZE];
    lethe_text_format(iss, sizeof(iss), "urn:lethe:bench:%s", signer->bench);
    lethe_text_format(jti, sizeof(jti), "01999999-0000-7000-8000-0000000002%02zx", device);
    lethe_record_hash(of, strlen(of), hash);
    json_t *out =
        json_pack("{s:s,s:s,s:s,s:i,s:s,s:s,s:[s,s],s:[s,s],s:s,s:s,s:s}", "vct", LETHE_VCT_RETEST,
                  "iss", iss, "jti", jti, "iat", VECTOR_IAT + 700, "organisation",
                  signer->organisation, "lot", LOT, "draw", "01999999-0000-7000-8000-000000000101",
                  hash, "certificate", devices[device].pair.jti, devices[device].pair.hash, "by",
                  "B. Second", "tool", "PhotoRec 7.1", "result", "clean");
    lethe_signer_close(signer);
    return out;
}

static void give(const char *file)
{
    files[n_files++] = file;
}

static void give_text(const char *name, char *text)
{
    give(vector_put(name, text, true));
    free(text);
}

static char *retest(size_t device, const struct vector_change *change)
{
    return vector_jwt("log-bench", "root", LETHE_RETEST_TYP, retest_claims(device, draw), change,
                      NULL);
}

/* The whole lot but what is left out. */
static void give_all(int without_retest, int without_certificate, bool with_draw)
{
    char name[64];
    if (with_draw)
        give(vector_put("lot.draw.jwt", draw, true));
    for (int i = 0; i < N; i++) {
        lethe_text_format(name, sizeof(name), "lot-%d.retest.jwt", i);
        if (i != without_retest)
            give_text(name, retest((size_t)i, NULL));
        if (i != without_certificate)
            give(devices[i].file);
    }
}

static void line(const char *name, const char *verdict, const char *code)
{
    char named[96];
    json_t *list = json_array();
    for (size_t i = 0; i < n_files; i++)
        json_array_append_new(list, json_string(files[i]));
    n_files = 0;
    lethe_text_format(named, sizeof(named), "lot: %s", name);
    vector_add(named, json_pack("{s:o}", "lot", list), verdict, code, NULL);
}

static void draws(const struct signing_key *log)
{
    static const struct {
        const char *name;
        struct vector_change change;
    } made[] = {
        {"draw-sample", {"claims.sample", "2"}},
        {"draw-number", {"claims.number", "2"}},
        {"draw-confidence", {"claims.confidence_ppm", "400000"}},
        {"draw-bad", {"claims.bad_ppm", "0"}},
        {"draw-no-checkpoint", {"claims.checkpoint", NULL}},
        {"draw-bad-checkpoint", {"claims.checkpoint", "\"AAAA\""}},
        {"draw-no-devices", {"claims.devices", "[]"}},
        {"draw-claim-unknown", {"claims.also", "1"}},
        {"draw-lot-blank", {"claims.lot", "\" \""}},
        {"draw-iss", {"claims.iss", "\"urn:lethe:bench:other\""}},
        {"draw-organisation", {"claims.organisation", "\"Other\""}},
        {"draw-vct", {"claims.vct", "\"urn:lethe:batch-retest:1\""}},
        {"draw-future", {"claims.iat", "2051222300"}},
        {"draw-header", {"header.kid", "\"1\""}},
        {"draw-jti", {"claims.jti", "\"1\""}},
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        char file[64];
        lethe_text_format(file, sizeof(file), "%s.jwt", made[i].name);
        give_text(file, vector_jwt("log-bench", "root", LETHE_DRAW_TYP,
                                   draw_claims(log, "01999999-0000-7000-8000-000000000101"),
                                   &made[i].change, NULL));
        line(made[i].name, "invalid", "draw");
    }
    json_t *chosen = draw_claims(log, "01999999-0000-7000-8000-000000000101");
    json_t *list = json_object_get(chosen, "devices"),
           *first = json_incref(json_array_get(list, 0));
    json_array_remove(list, 0);
    json_array_append_new(list, first);
    give_text("draw-chosen.jwt",
              vector_jwt("log-bench", "root", LETHE_DRAW_TYP, chosen, NULL, NULL));
    line("draw-chosen", "invalid", "draw");
    json_t *twice = draw_claims(log, "01999999-0000-7000-8000-000000000101");
    list = json_object_get(twice, "devices");
    json_array_insert(list, 0, json_array_get(list, 0));
    give_text("draw-device-twice.jwt",
              vector_jwt("log-bench", "root", LETHE_DRAW_TYP, twice, NULL, NULL));
    line("draw-device-twice", "invalid", "draw");
    char *text = strdup(draw), *at = strchr(text, '.') + 60;
    *at = *at == 'A' ? 'B' : 'A';
    give_text("draw-changed.jwt", text);
    line("draw-changed", "invalid", "draw");
    give_text("draw-stranger.jwt",
              vector_jwt("stranger-bench", "stranger-root", LETHE_DRAW_TYP,
                         draw_claims(log, "01999999-0000-7000-8000-000000000101"), NULL, NULL));
    line("draw-stranger", "undetermined", "untrusted");
    struct signing_key other;
    signing_key_make(&other, "lethe.log/test/other", LETHE_TLOG_ED25519, 1);
    give_text("draw-of-another-log.jwt",
              vector_jwt("log-bench", "root", LETHE_DRAW_TYP,
                         draw_claims(&other, "01999999-0000-7000-8000-000000000101"), NULL, NULL));
    line("draw-of-another-log", "invalid", "draw");
}

static void retests(void)
{
    static const struct {
        const char *name;
        struct vector_change change;
        const char *verdict, *code;
    } made[] = {
        {"retest-residue", {"claims.result", "\"residue\""}, "invalid", "residue"},
        {"retest-by-the-operator", {"claims.by", NULL}, "invalid", "retest-operator"},
        {"retest-of-another-lot", {"claims.lot", "\"2026-48\""}, "invalid", "retest-other"},
        {"retest-of-another-draw",
         {"claims.draw.1", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""},
         "invalid",
         "retest-other"},
        {"retest-of-what-was-not-drawn",
         {"claims.certificate.0", "\"01999999-0000-7000-8000-00000000ffff\""},
         "invalid",
         "retest-not-drawn"},
        {"retest-early", {"claims.iat", "1795399300"}, "invalid", "retest-early"},
        {"retest-result", {"claims.result", "\"ok\""}, "invalid", "retest"},
        {"retest-tool", {"claims.tool", "\"\""}, "invalid", "retest"},
        {"retest-by-nobody", {"claims.by", "\" . \""}, "invalid", "retest"},
        {"retest-claim-unknown", {"claims.also", "1"}, "invalid", "retest"},
        {"retest-vct", {"claims.vct", "\"urn:lethe:batch-draw:1\""}, "invalid", "retest"},
        {"retest-note", {"claims.note", "1"}, "invalid", "retest"},
        {"retest-header", {"header.jwk", "{}"}, "invalid", "retest"},
    };
    json_t *claims = NULL;
    lethe_certificate_decode(devices[0].sdjwt, strlen(devices[0].sdjwt), &claims, NULL);
    char *who = json_dumps(json_object_get(claims, "operator"), JSON_ENCODE_ANY);
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        struct vector_change change = made[i].change;
        char file[64];
        if (strcmp(made[i].name, "retest-by-the-operator") == 0)
            change.json = who;
        give_all(0, -1, true);
        lethe_text_format(file, sizeof(file), "%s.jwt", made[i].name);
        give_text(file, retest(0, &change));
        line(made[i].name, made[i].verdict, made[i].code);
    }
    free(who);
    json_decref(claims);
    /* One more test does not undo what was found. */
    give_all(-1, -1, true);
    give("levels/retest-residue.jwt");
    line("residue-and-clean", "invalid", "residue");
}

void vectors_batch(void)
{
    struct signing_key log;
    signing_key_make(&log, VECTOR_ORIGIN, LETHE_TLOG_ED25519, 1);
    certificates();
    draw = vector_jwt("log-bench", "root", LETHE_DRAW_TYP,
                      draw_claims(&log, "01999999-0000-7000-8000-000000000101"), NULL, NULL);
    give_all(-1, -1, true);
    line("good", "valid", "log-key");
    give_all(1, -1, true);
    line("retest-missing", "undetermined", "retest-missing");
    give_all(-1, 2, true);
    line("certificate-missing", "undetermined", "certificate-missing");
    give_all(-1, -1, false);
    line("draw-missing", "undetermined", "draw-missing");
    draws(&log);
    retests();
    /* A second draw: it names the first, or another one, or leaves it out. */
    json_t *second = draw_claims(&log, "01999999-0000-7000-8000-000000000102");
    char hash[LETHE_BATCH_HASH_SIZE];
    lethe_record_hash(draw, strlen(draw), hash);
    json_object_set_new(second, "number", json_integer(2));
    json_object_set_new(second, "previous", json_string(hash));
    char *again =
        vector_jwt("log-bench", "root", LETHE_DRAW_TYP, json_deep_copy(second), NULL, NULL);
    give(vector_put("draw-2.jwt", again, true));
    line("draw-previous", "undetermined", "draw-previous");
    give("levels/lot.draw.jwt");
    give("levels/draw-2.jwt");
    line("second-draw", "undetermined", "retest-missing");
    json_object_set_new(second, "previous",
                        json_string("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    give("levels/lot.draw.jwt");
    give_text("draw-2-of-another.jwt",
              vector_jwt("log-bench", "root", LETHE_DRAW_TYP, second, NULL, NULL));
    line("draw-chain", "invalid", "draw-chain");
    give("levels/lot.draw.jwt");
    give_text("draw-1-again.jwt",
              vector_jwt("log-bench", "root", LETHE_DRAW_TYP,
                         draw_claims(&log, "01999999-0000-7000-8000-000000000103"), NULL, NULL));
    line("draw-twice", "invalid", "draw-twice");
    struct vector_change other = {"claims.lot", "\"2026-48\""};
    give("levels/lot.draw.jwt");
    give_text("draw-of-another-lot.jwt",
              vector_jwt("log-bench", "root", LETHE_DRAW_TYP,
                         draw_claims(&log, "01999999-0000-7000-8000-000000000104"), &other, NULL));
    line("draw-lot-other", "invalid", "lot-other");
    free(again);
    free(draw);
    for (size_t i = 0; i < N; i++)
        free(devices[i].sdjwt);
}
