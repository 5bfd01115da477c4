/* SPDX-License-Identifier: Apache-2.0 */
/* lethe log export: entries as NDJSON; --opening: what they are of, for the organisation's auditor
 * (lethe/audit.h). */
#include "log_verbs.h"

#include <base/buf.h>
#include <base/file.h>
#include <base/json.h>
#include <keys/log_key.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct export
{
    struct lethe_cli *cli;
    const struct lethe_log_options *o;
    const char *file; /* NULL: to standard output */
    struct lethe_buf out;
    struct lethe_error *err;
    int rc;
};

static int add_line(struct export *e, json_t *json)
{
    char *text = json ? lethe_json_canonical(json) : NULL;
    int rc = text ? 0 : -LETHE_E_INTERNAL;
    if (rc == 0 && e->file)
        rc = lethe_buf_printf(&e->out, "%s\n", text);
    else if (rc == 0)
        puts(text);
    free(text);
    json_decref(json);
    return rc < 0 ? lethe_fail(e->err, LETHE_E_INTERNAL, "memory ran out") : 0;
}

static int keep_start(void *user, const struct lethe_event *event)
{
    if (event->type != LETHE_EVENT_JOB_START)
        return 0;
    *(json_t **)user = lethe_event_to_json(event);
    return 1;
}

static int open_start(struct export *e, const struct lethe_store_entry *entry)
{
    json_t *event = NULL;
    int rc = lethe_store_events(e->cli->store, entry->name, keep_start, &event, e->err);
    if (rc < 0 || !event)
        return rc;
    return add_line(e, json_pack("{s:I, s:o}", "index", (json_int_t)entry->index, "event", event));
}

static int open_certificate(struct export *e, const struct lethe_store_entry *entry)
{
    char *text = NULL, job[37];
    int rc = lethe_store_certificate_get(e->cli->store, entry->name, &text, job, e->err);
    if (rc == -LETHE_E_NOT_FOUND) /* refused once begun: there is nothing more to say */
        return 0;
    if (rc == 0)
        rc = add_line(e, json_pack("{s:I, s:s}", "index", (json_int_t)entry->index, "sdjwt", text));
    free(text);
    return rc;
}

static int on_entry(void *user, const struct lethe_store_entry *entry, const uint8_t leaf[32])
{
    struct export *e = user;
    (void)leaf;
    if (!e->o->opening) {
        json_t *json =
            lethe_json_load(entry->text, strlen(entry->text), LETHE_STORE_ENTRY_MAX, e->err);
        e->rc = json ? add_line(e, json_pack("{s:I, s:o}", "index", (json_int_t)entry->index,
                                             "entry", json))
                     : -LETHE_E_INVALID;
    } else if (!strcmp(entry->kind, "start")) {
        e->rc = open_start(e, entry);
    } else if (!strcmp(entry->kind, "cert") || !strcmp(entry->kind, "fail")) {
        e->rc = open_certificate(e, entry);
    }
    return e->rc < 0;
}

int lethe_log_verb_export(struct lethe_cli *cli, const struct lethe_log_options *o,
                          struct lethe_error *err)
{
    char dir[4096 + 8];
    struct lethe_tlog_key key;
    struct export e = {
        .cli = cli, .o = o, .file = o->n_args > 0 ? o->args[0] : o->output, .err = err};
    uint64_t size = 0;
    int rc = lethe_cli_look_store(cli, err); /* a copy of the directory will do */
    if (rc >= 0)
        rc = lethe_log_state(cli, o, dir, err);
    if (rc >= 0)
        rc = lethe_log_key_read(dir, &key, err);
    if (rc >= 0)
        rc = lethe_store_log_size(cli->store, key.name, &size, err);
    if (rc >= 0)
        rc = lethe_store_log_each(cli->store, key.name, 0, size, on_entry, &e, err);
    if (rc >= 0)
        rc = e.rc;
    /* Who, what and for whom: nobody else's business. */
    if (rc >= 0 && e.file) {
        bool there = access(e.file, F_OK) == 0;
        rc = lethe_file_write(e.file, e.out.data ? e.out.data : "", e.out.len, 0600, err);
        if (rc >= 0 && there)
            fprintf(stderr, "%s was there: replaced\n", e.file);
    }
    lethe_buf_free(&e.out);
    return rc;
}
