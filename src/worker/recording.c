/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an exchange that was written down (docs/recordings.md): made nobody's before it
 * leaves the process that heard it, and handed to the supervisor in parts. */
#include <base/json.h>
#include <errno.h>
#include <io/record.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <worker/worker.h>

#define PART ((size_t)16 << 10) /* its quotes are escaped: at most six times as long */

static void know_all(struct lethe_redaction *r, const struct lethe_identity *identity,
                     const struct lethe_facts *facts)
{
    const struct lethe_phone *phone = &facts->phone;
    const char *const of_facts[] = {facts->serial, phone->serial,  phone->udid,
                                    phone->ecid,   phone->imei[0], phone->imei[1]};
    lethe_redaction_begin(r);
    for (size_t i = 0; i < identity->n_identifiers; i++)
        lethe_redaction_know(r, identity->identifiers[i].value);
    for (size_t i = 0; i < sizeof(of_facts) / sizeof(of_facts[0]); i++)
        lethe_redaction_know(r, of_facts[i]);
}

/* libcrypto loads what it needs on first use: once, while the door is open. */
void lethe_recording_prepare(void)
{
    struct lethe_redaction *r = malloc(sizeof(*r));
    uint8_t text[] = "PREPARED-0123456789";
    if (!r)
        return;
    lethe_redaction_begin(r);
    lethe_redaction_know(r, (const char *)text);
    (void)lethe_redact_bytes(r, text, sizeof(text) - 1);
    free(r);
}

/* Of what the supervisor says beside the descriptors, what an answer depends on: no key. */
static json_t *config_of(const json_t *config)
{
    return json_pack("{s:O?, s:O?}", "family", json_object_get(config, "family"), "mode",
                     json_object_get(config, "mode"));
}

json_t *lethe_recording_make(const struct lethe_io_spec *spec,
                             const struct lethe_identity *identity,
                             const struct lethe_quirks *quirks, const struct lethe_facts *facts,
                             json_t *exchange, struct lethe_error *err)
{
    struct lethe_redaction *r = malloc(sizeof(*r));
    json_t *who = lethe_identity_to_json(identity), *what = lethe_facts_to_json(facts);
    int rc = r && who && what ? 0 : -LETHE_E_INTERNAL;
    if (rc == 0) {
        know_all(r, identity, facts);
        rc = lethe_redact_exchange(r, exchange);
    }
    rc = rc < 0 ? rc : lethe_redact_json(r, who);
    rc = rc < 0 ? rc : lethe_redact_json(r, what);
    json_t *recording =
        rc < 0 ? NULL
               : json_pack("{s:s, s:s, s:s, s:o, s:O, s:o, s:O, s:O}", "format",
                           LETHE_RECORDING_FORMAT, "lethe", LETHE_VERSION, "driver", spec->driver,
                           "config", config_of(spec->config), "identity", who, "quirks",
                           lethe_quirks_to_json(quirks), "exchange", exchange, "facts", what);
    if (!recording)
        lethe_fail(err, LETHE_E_INTERNAL, "the recording could not be made");
    json_decref(who);
    json_decref(what);
    free(r);
    return recording;
}

int lethe_recording_send(int fd, const json_t *recording, struct lethe_error *err)
{
    char *text = json_dumps(recording, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    size_t len = text ? strlen(text) : 0;
    int rc = text ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    for (size_t at = 0; rc == 0 && at < len; at += PART) {
        LETHE_JSON_AUTO *part = json_pack("{s:s, s:s#}", "type", "recorded", "text", text + at,
                                          len - at < PART ? len - at : PART);
        char *message = part ? lethe_json_canonical(part) : NULL;
        if (!message || send(fd, message, strlen(message), MSG_NOSIGNAL) < 0)
            rc = lethe_fail_errno(err, errno, "the recording could not be handed over");
        free(message);
    }
    free(text);
    return rc;
}
