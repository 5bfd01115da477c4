/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs that a certificate is in the log, and others. */
#include "base/json.h"
#include "base/text.h"
#include "cert/support.h"
#include "tlog/signing.h"
#include "vectors/vectors.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WITNESSED (VECTOR_IAT + 60)

struct scene {
    char *text;
    struct signing_key log, witness, other_log, liar;
    struct lethe_tlog_entry entry;
    char entry_text[LETHE_TLOG_ENTRY_MAX + 1];
    struct lethe_tlog_checkpoint checkpoint;
    struct lethe_tlog_hashes path;
    uint64_t index;
    char note[4096];
    char *proof;
};

static void begin(struct scene *s, const char *text)
{
    json_t *claims = NULL;
    memset(s, 0, sizeof(*s));
    s->text = strdup(text);
    lethe_certificate_decode(text, strlen(text), &claims, NULL);
    s->entry = (struct lethe_tlog_entry){
        .kind = LETHE_TLOG_CERT,
        .time = (uint64_t)json_integer_value(json_object_get(claims, "iat")),
        .has_hash = true};
    lethe_json_copy(claims, "jti", s->entry.name, sizeof(s->entry.name), false, NULL);
    lethe_json_copy(claims, "job", s->entry.job, sizeof(s->entry.job), false, NULL);
    lethe_json_copy(claims, "outcome", s->entry.outcome, sizeof(s->entry.outcome), false, NULL);
    lethe_tlog_jwt_hash(&s->entry.hash, text, strlen(text));
    json_decref(claims);
    signing_key_make(&s->log, VECTOR_ORIGIN, LETHE_TLOG_ED25519, 1);
    signing_key_make(&s->other_log, VECTOR_ORIGIN, LETHE_TLOG_ED25519, 3);
    signing_key_make(&s->witness, "witness.example/w", LETHE_TLOG_COSIGNATURE, 2);
    /* Another key under the id that the policy knows. */
    signing_key_make(&s->liar, "witness.example/w", LETHE_TLOG_COSIGNATURE, 4);
    s->liar.key = s->witness.key;
    s->index = 1;
}

/* A log of two: a start, and ENTRY as it is now. */
static void grow(struct scene *s)
{
    struct lethe_tlog_hash mine;
    int len = lethe_tlog_entry_format(&s->entry, s->entry_text, NULL);
    if (len < 0)
        abort();
    s->path.n = 1;
    lethe_tlog_hash_leaf(&mine, s->entry_text, (size_t)len);
    lethe_tlog_hash_leaf(&s->path.hash[0], "start", 5);
    s->checkpoint.size = 2;
    lethe_text_format(s->checkpoint.origin, sizeof(s->checkpoint.origin), "%s", VECTOR_ORIGIN);
    lethe_tlog_hash_node(&s->checkpoint.root, &s->path.hash[0], &mine);
}

static void sign(struct scene *s, const struct signing_key *log, const struct signing_key *witness,
                 uint64_t time)
{
    signing_checkpoint(s->note, sizeof(s->note), &s->checkpoint);
    signing_add(s->note, sizeof(s->note), log, 0);
    if (time)
        signing_add(s->note, sizeof(s->note), witness, time);
}

static void prove(struct scene *s)
{
    size_t len;
    free(s->proof);
    s->proof = NULL;
    if (lethe_tlog_proof_format(s->index, &s->path, s->entry_text, strlen(s->entry_text), s->note,
                                strlen(s->note), &s->proof, &len, NULL) < 0)
        abort();
}

static void end(struct scene *s)
{
    free(s->text);
    free(s->proof);
}

static json_t *request(struct scene *s, const char *certificate, const char *proof)
{
    char policy[1024];
    signing_policy(policy, sizeof(policy), &s->log, &s->witness, "W");
    json_t *out = json_pack("{s:s,s:s}", "certificate", certificate, "log_policy",
                            vector_put("tlog.policy", policy, true));
    if (proof)
        json_object_set_new(out, "proof", json_string(proof));
    return out;
}

static void add(struct scene *s, const char *name, const char *proof, const char *verdict,
                const char *code)
{
    char file[96];
    lethe_text_format(file, sizeof(file), "%s.tlog-proof", name);
    char named[96];
    lethe_text_format(named, sizeof(named), "proof: %s", name);
    vector_add(named,
               request(s, vector_put("logged.sdjwt", s->text, true), vector_put(file, proof, true)),
               verdict, code, strcmp(verdict, "invalid") == 0 ? NULL : "L0");
}

/* FROM of the text becomes TO; TO NULL: it is cut there. */
static char *edited(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *out = NULL;
    if (!at || asprintf(&out, "%.*s%s%s", (int)(at - text), text, to ? to : "",
                        to ? at + strlen(from) : "") < 0)
        abort();
    return out;
}

static void texts(struct scene *s)
{
    static const struct {
        const char *name, *from, *to, *code;
    } edits[] = {
        {"other-index", "index 1", "index 0", "proof"},
        {"index-beyond", "index 1", "index 2", "proof"},
        {"index-spelled-otherwise", "index 1", "index 01", "proof-format"},
        {"index-missing", "index 1\n", "", "proof-format"},
        {"other-format", "tlog-proof@v1", "tlog-proof@v2", "proof-format"},
        {"extra-missing", "extra ", "", "proof-format"},
        {"cut", "\n\n", NULL, "proof-format"},
        {"size-larger", "\n2\n", "\n3\n", "proof"},
        {"size-spelled-otherwise", "\n2\n", "\n02\n", "proof"},
        {"carriage-return", "index 1\n", "index 1\r\n", "proof-format"},
        {"origin-other", VECTOR_ORIGIN "\n", "lethe.log/test/other\n", "proof"},
        {"hashes-missing", "index 1\n", "index 1\n\n", "proof"},
    };
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        char *text = edited(s->proof, edits[i].from, edits[i].to);
        add(s, edits[i].name, text, "invalid", edits[i].code);
        free(text);
    }
    add(s, "not-a-proof", "This is no proof.\n", "invalid", "proof-format");
    add(s, "empty-lines", "\n\n\n", "invalid", "proof-format");
}

/* The log has an entry, proved, that is not the one of this certificate. */
static void entries(const char *text)
{
    static const char *const names[] = {"entry-of-another-certificate",
                                        "entry-of-another-job",
                                        "entry-of-a-failure",
                                        "entry-with-another-outcome",
                                        "entry-of-another-time",
                                        "entry-of-another-hash",
                                        "entry-of-a-start",
                                        "entry-of-a-new-key"};
    for (size_t i = 0; i < 8; i++) {
        struct scene s;
        begin(&s, text);
        if (i == 0)
            s.entry.name[35] = s.entry.name[35] == '0' ? '1' : '0';
        else if (i == 1)
            s.entry.job[35] = s.entry.job[35] == '0' ? '1' : '0';
        else if (i == 2)
            s.entry.kind = LETHE_TLOG_FAIL;
        else if (i == 3)
            lethe_text_format(s.entry.outcome, sizeof(s.entry.outcome), "passed-with-exceptions");
        else if (i == 4)
            s.entry.time--;
        else if (i == 5)
            s.entry.hash.bytes[0] ^= 1;
        else if (i == 6)
            s.entry.kind = LETHE_TLOG_START;
        else
            s.entry = (struct lethe_tlog_entry){.kind = LETHE_TLOG_KEY, .time = s.entry.time};
        if (i == 7)
            memset(s.entry.name, 'a', 64);
        grow(&s);
        sign(&s, &s.log, &s.witness, WITNESSED);
        prove(&s);
        add(&s, names[i], s.proof, "invalid", "proof-other");
        end(&s);
    }
}

static void signatures(const char *text)
{
    struct scene s;
    begin(&s, text);
    grow(&s);
    sign(&s, &s.other_log, &s.witness, WITNESSED);
    prove(&s);
    add(&s, "signed-by-another-log-key", s.proof, "invalid", "proof");
    sign(&s, &s.log, &s.liar, WITNESSED);
    prove(&s);
    add(&s, "false-witness", s.proof, "invalid", "proof");
    sign(&s, &s.log, &s.witness, VECTOR_IAT - 3600);
    prove(&s);
    add(&s, "witnessed-before-it-was-signed", s.proof, "invalid", "log-time");
    sign(&s, &s.log, &s.witness, 0);
    prove(&s);
    add(&s, "no-witness", s.proof, "valid", "quorum");
    char *tampered = strdup(s.proof), *hash = strstr(tampered, "index 1\n") + strlen("index 1\n");
    hash[3] = hash[3] == 'A' ? 'B' : 'A';
    add(&s, "hash-changed", tampered, "invalid", "proof");
    free(tampered);
    s.checkpoint.root.bytes[5] ^= 1;
    sign(&s, &s.log, &s.witness, WITNESSED);
    prove(&s);
    add(&s, "another-root", s.proof, "invalid", "proof");
    end(&s);
}

/* What the certificate itself says of its log. */
static void claims(void)
{
    static const struct {
        const char *name, *path, *json, *code;
    } made[] = {
        {"start-after-end", "open.log.start_index", "1", "log-order"},
        {"names-another-log", "open.log.origin", "\"lethe.log/test/other\"", "log-origin"},
        {"not-before-from-after-the-start", "open.log.not_before",
         "{\"size\":1,\"root\":\"47DEQpj8HBSa+/"
         "TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\",\"time\":1795300000}",
         "log-order"},
        {"began-before-its-not-before", "open.log.not_before",
         "{\"size\":0,\"root\":\"47DEQpj8HBSa+/"
         "TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\",\"time\":1795399999}",
         "log-time"},
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        struct vector_change change = {made[i].path, made[i].json};
        struct scene s;
        char file[96], proof[96], name[96];
        char *text = vector_certificate(made[i].name, "log-bench", &change, 1);
        begin(&s, text);
        grow(&s);
        sign(&s, &s.log, &s.witness, WITNESSED);
        prove(&s);
        lethe_text_format(file, sizeof(file), "%s.sdjwt", made[i].name);
        lethe_text_format(proof, sizeof(proof), "%s.tlog-proof", made[i].name);
        lethe_text_format(name, sizeof(name), "claim log: %s", made[i].name);
        vector_add(name,
                   request(&s, vector_put(file, text, true), vector_put(proof, s.proof, true)),
                   "invalid", made[i].code, NULL);
        end(&s);
        free(text);
    }
}

/* A checkpoint that was kept: of the same size, and another. */
static void fork_seen(struct scene *s)
{
    struct scene other = *s;
    other.checkpoint.root.bytes[0] ^= 1;
    sign(&other, &other.log, &other.witness, WITNESSED);
    json_t *asked = request(s, vector_put("logged.sdjwt", s->text, true),
                            vector_put("good.tlog-proof", s->proof, true));
    json_object_set_new(asked, "seen",
                        json_string(vector_put("forked.checkpoint", other.note, true)));
    vector_add("proof: a log of two faces", asked, "invalid", "log-fork", NULL);
    asked = request(s, vector_put("logged.sdjwt", s->text, true),
                    vector_put("good.tlog-proof", s->proof, true));
    json_object_set_new(asked, "seen", json_string(vector_put("kept.checkpoint", s->note, true)));
    vector_add("proof: the log that was kept", asked, "valid", "policy-not-read", "L0");
}

void vectors_proof(void)
{
    struct scene s;
    char *text = vector_certificate("logged", "log-bench", NULL, 0);
    begin(&s, text);
    grow(&s);
    sign(&s, &s.log, &s.witness, WITNESSED);
    prove(&s);
    add(&s, "good", s.proof, "valid", "policy-not-read");
    texts(&s);
    fork_seen(&s);
    json_t *asked = request(&s, vector_put("logged.sdjwt", s.text, true), NULL);
    json_object_set_new(asked, "min_level", json_integer(2));
    vector_add("proof: none, and one is wanted", asked, "undetermined", "level", "L0");
    end(&s);
    entries(text);
    signatures(text);
    claims();
    free(text);
}
