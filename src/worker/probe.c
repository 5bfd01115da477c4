/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look at a drive's firmware: `PROGRAM __probe`. It is asked only what changes nothing, but what
 * it answers is hostile input, and it may hang: so a process of its own, in the sandbox, told once
 * and heard once.
 */
#include <base/json.h>
#include <errno.h>
#include <io/record.h>
#include <lethe/worker.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <worker/worker.h>

/* {"role":"probe","driver","config"|null,"identity":{},"quirks":{},"record":bool?,"pair":true?}
 */
static int take_order(const json_t *json, struct lethe_io_spec *spec,
                      struct lethe_identity *identity, struct lethe_quirks *quirks,
                      struct lethe_error *err)
{
    const json_t *config = json_object_get(json, "config");
    int rc = lethe_json_copy(json, "driver", spec->driver, sizeof(spec->driver), false, err);
    if (rc == 0)
        rc = lethe_identity_from_json(json_object_get(json, "identity"), identity, err);
    if (rc == 0)
        rc = lethe_quirks_from_json(json_object_get(json, "quirks"), quirks, err);
    if (rc == 0 && json_is_object(config))
        spec->config = json_deep_copy(config);
    return rc;
}

/* With EXCHANGE (an array), everything is written down there; what became of it is RECORDING. */
static int look(const json_t *order, struct lethe_io_spec *spec, struct lethe_facts *facts,
                json_t *exchange, json_t **recording, struct lethe_error *err)
{
    struct lethe_identity identity;
    struct lethe_quirks quirks;
    struct lethe_sandbox sandbox;
    struct lethe_io *io = NULL;
    int rc = take_order(order, spec, &identity, &quirks, err);
    if (rc < 0)
        return rc;
    const struct lethe_driver *driver = lethe_driver_find(spec->driver);
    struct lethe_cell cell = {.role = LETHE_ROLE_PROBE};
    if (driver && driver->passes_through)
        cell.needs = LETHE_NEEDS_RAWIO | LETHE_NEEDS_SYS_ADMIN;
    rc = lethe_spec_attach(spec, &io, err);
    if (exchange)
        lethe_recording_prepare();
    if (rc == 0) {
        lethe_cell_of_phone(driver, io, &cell);
        rc = lethe_sandbox_enter(&cell, &sandbox, err);
    }
    if (rc == 0 && exchange)
        rc = lethe_record_open(io, exchange, &io, err);
    if (rc == 0)
        rc = json_is_true(json_object_get(order, "pair"))
                 ? lethe_phone_pair(io, LETHE_PAIR_PROMPT_MS, err)
                 : 0;
    if (rc == 0)
        rc = lethe_facts_read(io, &identity, &quirks, facts, err);
    lethe_io_close(io);
    if (rc == 0 && exchange) {
        *recording = lethe_recording_make(spec, &identity, &quirks, facts, exchange, err);
        rc = *recording ? 0 : -LETHE_E_INTERNAL;
    }
    return rc;
}

int lethe_probe_main(int fd)
{
    struct lethe_error err = {0};
    struct lethe_io_spec spec = {0};
    struct lethe_facts *facts = calloc(1, sizeof(*facts));
    json_t *order = NULL;
    LETHE_JSON_AUTO *exchange = NULL;
    LETHE_JSON_AUTO *recording = NULL;
    if (!facts)
        return 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int rc = lethe_worker_receive(fd, &order, &spec, &err);
    if (rc == 0 && json_is_true(json_object_get(order, "record")))
        exchange = json_array();
    if (rc == 0)
        rc = look(order, &spec, facts, exchange, &recording, &err);
    if (rc == 0 && recording)
        rc = lethe_recording_send(fd, recording, &err);
    LETHE_JSON_AUTO *answer =
        rc == 0 ? json_pack("{s:s, s:o}", "type", "facts", "facts", lethe_facts_to_json(facts))
                : json_pack("{s:s, s:s, s:s}", "type", "failed", "reason", err.what, "remedy",
                            err.remedy);
    char *text = answer ? lethe_json_canonical(answer) : NULL;
    if (text)
        (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
    free(text);
    free(facts);
    json_decref(order);
    lethe_io_spec_close(&spec);
    return rc == 0 ? 0 : 1;
}
