/* SPDX-License-Identifier: Apache-2.0 */
/* A recording that anybody sent: played back, what is made of it can always be told on, and once
 * more without names it plays as well. And any bytes that are made nobody's: as many as before, and
 * nothing that was known is left. */
#include "io/record.h"

#include "base/json.h"
#include <lethe/facts.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL "S3R1AL42KN0WN"

static void redact(const uint8_t *data, size_t len)
{
    struct lethe_redaction r;
    uint8_t *copy = malloc(len + 1);
    if (!copy)
        return;
    memcpy(copy, data, len);
    lethe_redaction_begin(&r);
    lethe_redaction_know(&r, SERIAL);
    if (lethe_redact_bytes(&r, copy, len) < 0)
        abort();
    if (len > 0 && memmem(data, len, SERIAL, strlen(SERIAL)) &&
        memmem(copy, len, SERIAL, strlen(SERIAL)))
        abort();
    free(copy);
}

static void play(const json_t *recording, const json_t *exchange)
{
    static struct lethe_facts facts, back;
    struct lethe_identity identity;
    struct lethe_quirks quirks;
    struct lethe_io *io = NULL;
    if (lethe_identity_from_json(json_object_get(recording, "identity"), &identity, NULL) < 0 ||
        lethe_quirks_from_json(json_object_get(recording, "quirks"), &quirks, NULL) < 0 ||
        lethe_replay_open(exchange, &io, NULL) < 0)
        return;
    io->config = json_object_get(recording, "config");
    if (lethe_facts_read(io, &identity, &quirks, &facts, NULL) == 0) {
        LETHE_JSON_AUTO *json = lethe_facts_to_json(&facts);
        if (!json || lethe_facts_from_json(json, &back, NULL) < 0)
            abort();
    }
    lethe_io_close(io);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct lethe_redaction r;
    if (len == 0 || data[0] != '{') {
        redact(data, len);
        return 0;
    }
    LETHE_JSON_AUTO *recording = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);
    json_t *exchange = json_object_get(recording, "exchange");
    if (!exchange)
        return 0;
    play(recording, exchange);
    lethe_redaction_begin(&r);
    if (json_is_array(exchange) && lethe_redact_exchange(&r, exchange) == 0)
        play(recording, exchange);
    return 0;
}
