/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate verifier. The first byte chooses:
 *   other  the input is an SD-JWT as it comes
 *   'D'    the same, but looked into without its signature: what an issuer could sign
 *   'J'    lines: the payload as JSON text, then disclosures as JSON text; "@0" to "@9" in the
 * payload stand for the digests of the disclosures, which a fuzzer could not guess
 */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "cert/binding.h"
#include "cert/consistency.h"
#include "cert/schema.h"
#include "cert/sdjwt.h"
#include <lethe/certificate.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lethe_trust *trust(void)
{
    static struct lethe_trust *made;
    char *pem;
    size_t len;
    if (!made && lethe_trust_new(&made, NULL) == 0 &&
        lethe_file_read(FUZZ_SOURCE_DIR "/certs/test-keys/root.pem", 65536, &pem, &len, NULL) ==
            0) {
        lethe_trust_add_pem(made, pem, len, NULL);
        free(pem);
    }
    return made;
}

static void verify(const char *text, size_t len)
{
    const char *const require[] = {"serial", "custom.shelf", NULL};
    struct lethe_verify_policy policy = {
        .trust = trust(), .now = 1795400000000ull, .device = "EX-WCC4N0123456", .require = require};
    struct lethe_certificate_report report;
    lethe_certificate_verify(text, len, &policy, &report);
    /* What must hold of every verdict. */
    bool worst = false;
    for (size_t i = 0; i < report.n_reasons; i++)
        worst = worst || report.reasons[i].weight == report.verdict;
    if ((report.verdict != LETHE_VERDICT_VALID && !worst) ||
        (report.verdict == LETHE_VERDICT_VALID && (report.level != 0 || !report.claims)))
        abort();
    json_decref(lethe_certificate_report_to_json(&report));
    lethe_certificate_report_clear(&report);
}

static void ignore(void *user, const struct lethe_complaint *why)
{
    (void)user;
    if (!why->code[0] || !lethe_text_is_clean(why->text))
        abort();
}

static void look_into(const char *text, size_t len)
{
    struct lethe_sdjwt jwt;
    struct lethe_complaint why = {0};
    struct lethe_chain chain;
    int rc = lethe_sdjwt_parse(text, len, &jwt, &why);
    if (rc == 0) {
        const uint8_t *certs[LETHE_SDJWT_CHAIN_MAX];
        for (size_t i = 0; i < jwt.n_chain; i++)
            certs[i] = jwt.chain[i];
        lethe_trust_check(trust(), certs, jwt.chain_len, jwt.n_chain, 1795400000000ull, &chain,
                          NULL);
        rc = lethe_sdjwt_open(&jwt, &why);
    }
    if (rc == 0 && lethe_schema_check(jwt.claims, &why) == 0) {
        lethe_consistency_check(jwt.claims, ignore, NULL);
        lethe_binding_matches(jwt.claims, "naa.50014ee2b1234567");
        lethe_binding_discloses(jwt.claims, "custom.x");
    }
    if (rc < 0)
        ignore(NULL, &why);
    lethe_sdjwt_clear(&jwt);
}

static char *encode(const char *text, size_t len)
{
    char *out = malloc(LETHE_B64URL_SIZE(len));
    lethe_b64url_encode(out, text, len);
    return out;
}

static void look_into_lines(const char *text, size_t len)
{
    char *disclosures[10], digests[10][LETHE_B64URL_SIZE(LETHE_HASH_SIZE)];
    size_t n = 0;
    LETHE_BUF_AUTO payload = {0};
    LETHE_BUF_AUTO all = {0};
    const char *end = text + len, *line = memchr(text, '\n', len);
    const char *payload_end = line ? line : end;
    while (line && line + 1 < end && n < 10) {
        const char *start = line + 1;
        line = memchr(start, '\n', (size_t)(end - start));
        uint8_t hash[LETHE_HASH_SIZE];
        disclosures[n] = encode(start, (size_t)((line ? line : end) - start));
        lethe_sha256(hash, disclosures[n], strlen(disclosures[n]));
        lethe_b64url_encode(digests[n++], hash, sizeof(hash));
    }
    for (const char *at = text; at < payload_end; at++) {
        if (*at == '@' && at + 1 < payload_end && at[1] >= '0' && at[1] < '0' + (int)n) {
            lethe_buf_puts(&payload, digests[at[1] - '0']);
            at++;
        } else {
            lethe_buf_add(&payload, at, 1);
        }
    }
    char *body = encode(payload.data ? payload.data : "", payload.len);
    /* {"alg":"ES256","typ":"dc+sd-jwt","x5c":["AAAA"]} and a signature of zeros */
    lethe_buf_printf(&all,
                     "eyJhbGciOiJFUzI1NiIsInR5cCI6ImRjK3NkLWp3dCIsIng1YyI6WyJBQUFBIl19.%s."
                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                     "AAAAAAAAAA~",
                     body);
    for (size_t i = 0; i < n; i++) {
        lethe_buf_printf(&all, "%s~", disclosures[i]);
        free(disclosures[i]);
    }
    free(body);
    look_into(all.data, all.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    if (size > 0 && *data == 'D')
        look_into(text + 1, size - 1);
    else if (size > 0 && *data == 'J')
        look_into_lines(text + 1, size - 1);
    else
        verify(text, size);
    return 0;
}
