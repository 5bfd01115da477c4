/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event stream of a job as one digest, so that an auditor with the record can tell that it is
 * the one the certificate was made from: h(0) = 32 zero bytes, h(n) = SHA-256(h(n-1) ||
 * SHA-256(event n)), an event being its canonical JSON (RFC 8785).
 */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include <lethe/certificate.h>
#include <lethe/job.h>
#include <stdlib.h>
#include <string.h>

int lethe_evidence_add(struct lethe_evidence *evidence, const struct lethe_event *event)
{
    uint8_t both[2 * LETHE_HASH_SIZE];
    LETHE_JSON_AUTO *json = lethe_event_to_json(event);
    char *text = json ? lethe_json_canonical(json) : NULL;
    if (!text)
        return -LETHE_E_INTERNAL;
    memcpy(both, evidence->hash, LETHE_HASH_SIZE);
    lethe_sha256(both + LETHE_HASH_SIZE, text, strlen(text));
    lethe_sha256(evidence->hash, both, sizeof(both));
    evidence->events++;
    free(text);
    return 0;
}

int lethe_claims_evidence(json_t *claims, const struct lethe_evidence *evidence)
{
    char hex[2 * LETHE_HASH_SIZE + 1];
    lethe_hex_encode(hex, evidence->hash, sizeof(evidence->hash));
    return json_object_set_new(
               json_object_get(claims, "open"), "evidence",
               json_pack("{s:I,s:s}", "events", (json_int_t)evidence->events, "digest", hex)) == 0
               ? 0
               : -LETHE_E_INTERNAL;
}

int lethe_claims_log(json_t *claims, json_t *log)
{
    return json_object_set_new(json_object_get(claims, "open"), "log", log) == 0
               ? 0
               : -LETHE_E_INTERNAL;
}

int lethe_claims_status(json_t *claims, const char *uri, uint64_t slot)
{
    return json_object_set_new(
               json_object_get(claims, "open"), "status",
               json_pack("{s:{s:I,s:s}}", "status_list", "idx", (json_int_t)slot, "uri", uri)) == 0
               ? 0
               : -LETHE_E_INTERNAL;
}
