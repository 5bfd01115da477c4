/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of a lot. The first byte chooses: 'D' the payload of a draw as JSON, 'R' that of a
 * re-test (a bench that is believed signs either, and they are judged); anything else: files as
 * they come, one a line.
 */
#include "base/json.h"
#include "batch/record.h"
#include "cert/support.h"
#include "keys/internal.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lethe_trust *trust;
static struct lethe_signer *bench;

/* Nothing is said of a lot that was not wholly tested. */
static void judge(const struct lethe_span *files, size_t n)
{
    struct lethe_verify_policy policy = {.trust = trust, .now = EXAMPLE_NOW};
    struct lethe_batch_report report;
    lethe_batch_verify(files, n, &policy, &report);
    if (report.verdict == LETHE_VERDICT_VALID || report.statement[0] || report.n_reasons == 0)
        abort();
    json_t *json = lethe_batch_report_to_json(&report);
    if (!json)
        abort();
    json_decref(json);
}

static void with_payload(const char *typ, const char *text, size_t len)
{
    json_t *claims = lethe_json_load(text, len, 1 << 20, NULL);
    char *jwt;
    if (claims && lethe_jws_make(bench, typ, claims, &jwt, NULL) == 0) {
        judge(&(struct lethe_span){jwt, strlen(jwt)}, 1);
        free(jwt);
    }
    json_decref(claims);
}

static void lines(const char *text, size_t len)
{
    struct lethe_span files[16];
    size_t n = 0;
    for (const char *end = text + len; text < end && n < 16;) {
        const char *line = memchr(text, '\n', (size_t)(end - text));
        size_t part = line ? (size_t)(line - text) : (size_t)(end - text);
        files[n++] = (struct lethe_span){text, part};
        text += part + (line != NULL);
    }
    judge(files, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const chain[] = {"root", NULL};
    if (!trust) {
        trust = support_trust(chain);
        bench = support_signer("log-bench", chain);
    }
    if (size == 0)
        return 0;
    if (data[0] == 'D')
        with_payload(LETHE_DRAW_TYP, (const char *)data + 1, size - 1);
    else if (data[0] == 'R')
        with_payload(LETHE_RETEST_TYP, (const char *)data + 1, size - 1);
    else
        lines((const char *)data, size);
    return 0;
}
