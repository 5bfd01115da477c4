/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/vectors.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "cert/support.h"
#include "trust/es256.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 400

static struct {
    vector_file *fn;
    void *user;
    int rc;
    json_t *index;
    size_t n;
    char *names[FILES_MAX];
} making;

const char *vector_put(const char *name, const char *text, bool same)
{
    char file[128];
    lethe_text_format(file, sizeof(file), "levels/%s", name);
    for (size_t i = 0; i < making.n; i++)
        if (strcmp(making.names[i], file) == 0)
            return making.names[i];
    if (making.n == FILES_MAX)
        abort();
    making.names[making.n] = strdup(file);
    if (making.rc >= 0)
        making.rc = making.fn(making.user, file, text, same);
    return making.names[making.n++];
}

void vector_add(const char *name, json_t *request, const char *verdict, const char *code,
                const char *level)
{
    if (!request)
        abort();
    json_t *line = json_pack("{s:s,s:o,s:s,s:s}", "name", name, "request", request, "verdict",
                             verdict, "code", code);
    if (level)
        json_object_set_new(line, "level", json_string(level));
    json_array_append_new(making.index, line);
}

static void add_part(char *out, size_t size, const char *text, size_t len)
{
    size_t at = strlen(out);
    if (at + LETHE_B64URL_SIZE(len) > size)
        abort();
    lethe_b64url_encode(out + at, text, len);
}

char *vector_jwt(const char *key, const char *root, const char *typ, json_t *claims,
                 const struct vector_change *change, const char *raw)
{
    const char *const chain[] = {key, root};
    json_t *header = json_pack("{s:s,s:s}", "alg", "ES256", "typ", typ), *x5c = json_array();
    for (size_t i = 0; root && i < 2; i++) {
        size_t len;
        uint8_t *der = support_der(chain[i], &len);
        char *text = malloc(LETHE_BASE64_SIZE(len));
        lethe_base64_encode(text, der, len);
        json_array_append_new(x5c, json_string(text));
        free(text);
        free(der);
    }
    if (root)
        json_object_set(header, "x5c", x5c);
    json_decref(x5c);
    json_t *both = json_pack("{s:o,s:o}", "header", header, "claims", claims);
    if (change && change->path)
        support_set(both, change->path, change->json);
    char *head = lethe_json_canonical(json_object_get(both, "header"));
    char *body = raw ? strdup(raw) : lethe_json_canonical(json_object_get(both, "claims"));
    size_t size = 2 * (strlen(head) + strlen(body)) + 200;
    char *out = calloc(1, size);
    uint8_t signature[64];
    add_part(out, size, head, strlen(head));
    strcat(out, ".");
    add_part(out, size, body, strlen(body));
    EVP_PKEY *signer = support_key(key);
    support_sign(signer, out, strlen(out), signature);
    EVP_PKEY_free(signer);
    lethe_signature_low_s(signature);
    strcat(out, ".");
    add_part(out, size, (const char *)signature, sizeof(signature));
    free(head);
    free(body);
    json_decref(both);
    return out;
}

char *vector_certificate(const char *label, const char *key, const struct vector_change *changes,
                         size_t n)
{
    static const char *const chain[] = {"root", NULL};
    struct lethe_signer *signer = support_signer(key, chain);
    support_fix(label);
    json_t *claims = support_claims();
    support_set(claims, "open.log",
                "{\"origin\":\"" VECTOR_ORIGIN "\",\"start_index\":0,\"rollback\":\"excluded\"}");
    support_set(claims, "open.status",
                "{\"status_list\":{\"idx\":4711,\"uri\":\"" VECTOR_URI "\"}}");
    for (size_t i = 0; i < n && changes[i].path; i++)
        support_set(claims, changes[i].path, changes[i].json);
    char *text = support_issue(claims, signer);
    json_decref(claims);
    lethe_signer_close(signer);
    return text;
}

int vectors_make(vector_file *fn, void *user)
{
    memset(&making, 0, sizeof(making));
    making.fn = fn;
    making.user = user;
    making.index = json_array();
    vectors_proof();
    vectors_status();
    vectors_revocation();
    vectors_trust_list();
    vectors_validation();
    vectors_batch();
    json_t *index =
        json_pack("{s:i,s:s,s:s,s:o}", "now", VECTOR_NOW, "root", "test-keys/root.pem", "note",
                  "Each request is one of lethe_verify_json() and of lethe-verify, with "
                  "names of files below this directory in place of their texts; \"lot\" "
                  "is the list of files of lethe-verify lot. Verdict \"refused\": the "
                  "input is wrong and nothing is verified (exit status 3).",
                  "examples", making.index);
    char *text = json_dumps(index, JSON_INDENT(1) | JSON_SORT_KEYS);
    if (making.rc >= 0)
        making.rc = fn(user, "levels.json", text, true);
    free(text);
    json_decref(index);
    for (size_t i = 0; i < making.n; i++)
        free(making.names[i]);
    return making.rc;
}
