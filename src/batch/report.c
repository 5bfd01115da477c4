/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/text.h"
#include "batch/record.h"
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX (64u << 10)

enum lethe_batch_kind lethe_batch_sniff(const char *text, size_t len)
{
    const char *dot = memchr(text, '.', len < HEADER_MAX ? len : HEADER_MAX);
    size_t part = dot ? (size_t)(dot - text) : 0;
    char *bytes = part ? malloc(part) : NULL;
    ssize_t n = bytes ? lethe_b64url_decode(bytes, part, text, part) : -1;
    LETHE_JSON_AUTO *header = n > 0 ? lethe_json_load(bytes, (size_t)n, HEADER_MAX, NULL) : NULL;
    const char *typ = json_string_value(json_object_get(header, "typ"));
    enum lethe_batch_kind kind = !typ                                 ? LETHE_BATCH_CERTIFICATE
                                 : strcmp(typ, LETHE_DRAW_TYP) == 0   ? LETHE_BATCH_DRAW
                                 : strcmp(typ, LETHE_RETEST_TYP) == 0 ? LETHE_BATCH_RETEST
                                                                      : LETHE_BATCH_CERTIFICATE;
    free(bytes);
    return kind;
}

json_t *lethe_batch_report_to_json(const struct lethe_batch_report *report)
{
    static const char *const weights[] = {[LETHE_VERDICT_VALID] = "remark",
                                          [LETHE_VERDICT_INVALID] = "invalid",
                                          [LETHE_VERDICT_UNDETERMINED] = "undetermined"};
    json_t *reasons = json_array();
    for (size_t i = 0; i < report->n_reasons; i++)
        json_array_append_new(reasons, json_pack("{s:s,s:s,s:s}", "code", report->reasons[i].code,
                                                 "weight", weights[report->reasons[i].weight],
                                                 "text", report->reasons[i].text));
    json_t *json =
        json_pack("{s:s,s:o,s:s,s:i,s:i,s:i,s:I,s:I,s:I,s:I,s:I}", "verdict",
                  lethe_verdict_name(report->verdict), "reasons", reasons, "lot", report->lot,
                  "draws", (int)report->draws, "confidence_ppm", (int)report->confidence_ppm,
                  "bad_ppm", (int)report->bad_ppm, "devices", (json_int_t)report->devices, "sample",
                  (json_int_t)report->sample, "clean", (json_int_t)report->clean, "residue",
                  (json_int_t)report->residue, "missing", (json_int_t)report->missing);
    if (json && report->organisation[0])
        json_object_set_new(
            json, "issuer",
            json_pack("{s:s,s:s}", "organisation", report->organisation, "bench", report->bench));
    if (json && report->statement[0]) {
        json_object_set_new(json, "at_most", json_integer((json_int_t)report->bound));
        json_object_set_new(json, "statement", json_string(report->statement));
    }
    return json;
}
