/* SPDX-License-Identifier: Apache-2.0 */
/* Before an iPhone or iPad is told to erase itself, and what became of the command. */
#include "technique/ios.h"

#include "base/text.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

static const char nothing_sent[] = "nothing was sent: it is NOT erased";

static const char *word(enum lethe_answer answer)
{
    static const char *const words[] = {"unknown", "no", "yes"};
    return words[answer];
}

json_t *lethe_ios_state(const struct lethe_ios *ios)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "serial",
                     ios->serial, "udid", ios->udid, "ecid", ios->ecid, "system", ios->version,
                     "activation", ios->activation, "brick", word(ios->brick), "setup_done",
                     word(ios->setup_done), "locked", word(ios->locked), "public_key",
                     ios->public_key, "nvram", ios->nvram ? "yes" : "no", "obliteration",
                     ios->obliteration, "oblit_begins", ios->oblit_begins, "activation_lock",
                     word(ios->activation_lock));
}

static bool is_one_of(const struct lethe_identifier *armed, const struct lethe_ios *now)
{
    char want[96], have[96];
    /* The serial number of the bus is the UDID; usbmuxd puts a dash into it. */
    const char *values[] = {now->serial, now->udid, now->imei[0], now->imei[1]};
    size_t from = armed->kind == LETHE_ID_IMEI ? 2 : armed->kind == LETHE_ID_UDID ? 1 : 0;
    size_t to = armed->kind == LETHE_ID_IMEI ? 4 : 2;
    for (size_t i = from; i < to; i++) {
        lethe_identifier_fold(want, sizeof(want), armed->value);
        lethe_identifier_fold(have, sizeof(have), values[i]);
        for (char *text = have; i == 1 && (text = strchr(text, '-'));)
            memmove(text, text + 1, strlen(text));
        for (char *text = want; i == 1 && (text = strchr(text, '-'));)
            memmove(text, text + 1, strlen(text));
        if (want[0] && strcmp(want, have) == 0)
            return true;
    }
    return false;
}

int lethe_ios_reach(struct lethe_io *io, const char *effect, struct lethe_error *err)
{
    const struct lethe_apple_ops *apple = io->ops->apple;
    const char *who = apple->broken ? apple->broken(io) : NULL;
    if (who) /* a slow bench is not a dead one */
        who = apple->broken(io);
    if (!who)
        return 0;
    lethe_fail(err, LETHE_E_UNREACHED,
               "the device could not be asked: %s, which leads to it, does not answer", who);
    lethe_error_effect(err, "%s", effect);
    lethe_error_remedy(err, strcmp(who, "usbmuxd") == 0
                                ? "see that it runs (systemctl start usbmuxd), plug the device in "
                                  "again, and start again"
                                : "look into the system log, then start again");
    return -LETHE_E_UNREACHED;
}

int lethe_ios_same(const struct lethe_identity *armed, const struct lethe_ios *now,
                   struct lethe_error *err)
{
    for (size_t i = 0; i < armed->n_identifiers; i++) {
        const struct lethe_identifier *id = &armed->identifiers[i];
        bool asked =
            id->kind == LETHE_ID_SERIAL || id->kind == LETHE_ID_UDID || id->kind == LETHE_ID_IMEI;
        if (!asked || id->source != LETHE_SOURCE_DEVICE || is_one_of(id, now))
            continue;
        lethe_fail(err, LETHE_E_CHANGED, "it is not the device of the plan: its %s is not %s",
                   lethe_id_kind_name(id->kind), id->value);
        lethe_error_effect(err, "%s", nothing_sent);
        lethe_error_remedy(err, "plug the right device in, and plan again: lethe plan");
        return -LETHE_E_CHANGED;
    }
    return 0;
}

static int refuse(struct lethe_error *err, const char *why, const char *remedy)
{
    lethe_fail(err, LETHE_E_REFUSED, "%s", why);
    lethe_error_effect(err, "%s", nothing_sent);
    lethe_error_remedy(err, "%s", remedy);
    return -LETHE_E_REFUSED;
}

uint64_t lethe_ios_patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return 100;
}

/* The plan asked the same of the facts; somebody may have signed in since. What an organisation
 * would have back has to be answered: no plan erases by cable what could not be asked. */
static int check_locks(const struct lethe_run *run, const struct lethe_ios *ios,
                       struct lethe_error *err)
{
    if (run->for_destruction)
        return 0;
    if (ios->find_my == LETHE_ANSWER_YES || ios->activation_lock == LETHE_ANSWER_YES)
        return refuse(err, "it would come back locked to its owner's Apple Account",
                      "the seller signs out: Settings, their name, Sign Out; or removes it at "
                      "icloud.com/find");
    if (ios->managed == LETHE_ANSWER_YES)
        return refuse(err, "it is assigned to an organisation, and would come back to it",
                      "the organisation releases it in Apple Business Manager or Apple School "
                      "Manager");
    if (ios->managed == LETHE_ANSWER_UNKNOWN)
        return refuse(
            err,
            "whether an organisation manages it can't be told any more (profiles were "
            "installed, or its configuration service does not answer)",
            "remove its profiles: Settings > General > VPN & Device Management; or unlock "
            "it and plug it in again; then erase it again");
    return 0;
}

/* Neither lockdown nor the configuration service: not one with profiles, of which it tells. */
static bool is_silent(const struct lethe_ios *ios)
{
    return !ios->answers || (ios->managed == LETHE_ANSWER_UNKNOWN && ios->profiles <= 0);
}

bool lethe_ios_erasure_left(struct lethe_ios_erasure *self)
{
    if (self->told)
        self->outcome = "sent, outcome unknown";
    return self->told;
}

int lethe_ios_erasure_ready(struct lethe_run *run, int rc, struct lethe_error *err)
{
    struct lethe_error why = {0};
    if (rc == 0)
        return 1;
    if (lethe_ios_reach(run->io, LETHE_IOS_NOTHING_SENT, &why) < 0) {
        *err = why;
        return -LETHE_E_UNREACHED;
    }
    return rc != -LETHE_E_UNREACHED && lethe_ios_erasure_left(run->state) ? 0 : rc;
}

int lethe_ios_erasure_look(struct lethe_run *run, struct lethe_error *err)
{
    struct lethe_ios ios;
    lethe_ios_read(run->io, &ios);
    lethe_ios_read_management(run->io, &ios);
    /* Of a phone that can't be reached that is said, and not that it is locked. */
    int rc = is_silent(&ios) ? lethe_ios_reach(run->io, nothing_sent, err) : 0;
    if (rc == 0 && is_silent(&ios) && lethe_ios_erasure_left(run->state))
        return 1;
    if (rc == 0 && !ios.answers)
        rc = refuse(err, "it stopped answering right before it was to be told to erase itself",
                    "unlock it, unplug it and plug it in again, then again");
    return rc < 0 ? rc : check_locks(run, &ios, err);
}

bool lethe_ios_enter(struct lethe_io *io, struct lethe_apple_answer *out)
{
    const struct lethe_apple_ops *apple = io->ops->apple;
    apple->session_open(io, LETHE_APPLE_MS, out);
    if (out->end != LETHE_APPLE_UNPAIRED)
        return lethe_apple_ok(out);
    apple->pair(io, LETHE_APPLE_MS, out);
    if (lethe_apple_ok(out))
        apple->session_open(io, LETHE_APPLE_MS, out);
    return lethe_apple_ok(out);
}

static int open_session(struct lethe_run *run, struct lethe_ios_erasure *self,
                        struct lethe_error *err)
{
    struct lethe_apple_answer answer = {0};
    bool open = lethe_ios_enter(run->io, &answer);
    int rc = open ? 0 : lethe_ios_reach(run->io, nothing_sent, err);
    char why[128];
    lethe_text_format(why, sizeof(why), "it opens no session with this bench: %s%s%s",
                      lethe_apple_end_name(answer.end), answer.error[0] ? ", " : "", answer.error);
    enum lethe_apple_pairing pairing = lethe_apple_pairing_of(&answer);
    lethe_apple_answer_clear(&answer);
    if (rc < 0 || open || json_object_size(self->before) > 0)
        return rc < 0 ? rc : open;
    return refuse(err, why,
                  pairing == LETHE_PAIRING_LOCKED ? "unlock it with its passcode, then again"
                                                  : "unlock it, lethe pair, tap Trust, then again");
}

static int keep(struct lethe_run *run, struct lethe_ios_erasure *self, struct lethe_error *err)
{
    struct lethe_apple_record record;
    struct lethe_ios ios;
    lethe_ios_read(run->io, &ios);
    lethe_ios_read_management(run->io, &ios);
    int rc = ios.serial[0] && ios.public_key[0] && !is_silent(&ios)
                 ? 0
                 : lethe_ios_reach(run->io, nothing_sent, err);
    if (rc < 0)
        return rc;
    if (is_silent(&ios) && lethe_ios_erasure_left(self))
        return 0;
    /* Cut short before, and it is the same installation still: nothing happened to it yet. Another
     * key: it did what it was told. */
    const char *key = json_string_value(json_object_get(self->before, "public_key"));
    if (key && strcmp(key, ios.public_key) != 0)
        return 0;
    if (!ios.answers)
        return refuse(err, "it stopped answering, so that it could not be asked who it is",
                      "unlock it, unplug it and plug it in again, then again");
    rc = run->identity ? lethe_ios_same(run->identity, &ios, err) : 0;
    if (rc == 0)
        rc = check_locks(run, &ios, err);
    if (rc < 0)
        return rc;
    run->io->ops->apple->record(run->io, &record);
    json_decref(self->before);
    self->before = lethe_ios_state(&ios);
    if (!self->before || json_object_set_new(self->before, "record", json_string(record.sha256)) ||
        json_object_set_new(self->before, "host_id", json_string(record.host_id)) ||
        json_object_set_new(self->before, "find_my", json_string(word(ios.find_my))) ||
        json_object_set_new(self->before, "managed", json_string(word(ios.managed))))
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    self->outcome = "not sent";
    return 0;
}

int lethe_ios_erasure_start(struct lethe_run *run, const char *action, struct lethe_error *err)
{
    struct lethe_ios_erasure *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->action = action;
    self->commands = json_array();
    self->messages = json_array();
    const char *meant = json_string_value(json_object_get(run->intent, "action"));
    const json_t *then = json_object_get(json_object_get(run->intent, "detail"), "before");
    if (run->resumed && meant && strcmp(meant, action) == 0 && json_is_object(then)) {
        self->before = json_deep_copy(then);
        self->outcome = "sent, outcome unknown";
        self->told = true;
    }
    int rc = open_session(run, self, err);
    return rc > 0 ? keep(run, self, err) : rc;
}

bool lethe_ios_erasure_sent(const struct lethe_ios_erasure *self)
{
    return strcmp(self->outcome, "not sent") != 0;
}

int lethe_ios_erasure_intent(struct lethe_run *run, json_t *detail, struct lethe_error *err)
{
    struct lethe_ios_erasure *self = run->state;
    if (!detail || json_object_set(detail, "before", self->before))
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (run->report.intent(run->report.user, self->action, detail) < 0)
        return lethe_fail(err, LETHE_E_CANCELLED, "stopped before the command was sent");
    self->began = lethe_now_ms();
    return 0;
}

void lethe_ios_erasure_note(struct lethe_ios_erasure *self, const char *what,
                            const struct lethe_apple_answer *answer, const char *status)
{
    char clean[48];
    lethe_text_clean(clean, sizeof(clean), status, strlen(status));
    json_array_append_new(self->commands, json_string(what));
    json_array_append_new(self->messages,
                          json_pack("{s:s, s:s, s:s}", "sent", what, "ended",
                                    lethe_apple_end_name(answer->end), "status", clean));
    self->ended = lethe_now_ms();
}

int lethe_ios_erasure_cut(struct lethe_run *run, const struct lethe_apple_answer *answer,
                          struct lethe_error *err)
{
    const struct lethe_apple_ops *apple = run->io->ops->apple;
    struct lethe_ios_erasure *self = run->state;
    const char *who =
        answer->end != LETHE_APPLE_REPLY && apple->broken ? apple->broken(run->io) : NULL;
    self->cut = who != NULL;
    if (!who || strcmp(who, "lethe-mux") != 0)
        return 0;
    return lethe_ios_reach(run->io, "whether it was told to erase itself is not known", err);
}

int lethe_ios_erasure_refused(struct lethe_ios_erasure *self, const char *why, const char *remedy,
                              struct lethe_error *err)
{
    self->outcome = "refused";
    lethe_fail(err, LETHE_E_IO, "the device refuses to erase itself: %s", why);
    lethe_error_effect(err, "it is NOT erased");
    lethe_error_remedy(err, "%s", remedy);
    return -LETHE_E_IO;
}

int lethe_ios_erasure_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct lethe_ios_erasure *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    /* An answer proves nothing (rule 1): the state step does, or nothing. */
    *evidence = json_pack("{s:s, s:s, s:O, s:O, s:s, s:O, s:s, s:s, s:b}", "set", "ios", "action",
                          self->action, "commands", self->commands, "messages", self->messages,
                          "outcome", self->outcome, "before", self->before, "started", began,
                          "ended", ended, "proved", 0);
    if (*evidence && self->cut)
        json_object_set_new(*evidence, LETHE_EVIDENCE_CUT, json_true());
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

void lethe_ios_erasure_stop(struct lethe_run *run)
{
    struct lethe_ios_erasure *self = run->state;
    if (!self)
        return;
    run->io->ops->apple->session_close(run->io);
    json_decref(self->before);
    json_decref(self->commands);
    json_decref(self->messages);
    free(self);
    run->state = NULL;
}
