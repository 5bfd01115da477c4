/* SPDX-License-Identifier: Apache-2.0 */
#include "technique/sanitize.h"

#include "base/time.h"
#include "technique/zones.h"

#include <stdlib.h>

/* A crypto erase may be over in milliseconds: so closely it is looked at in the beginning, because
 * a "succeeded" whose running nobody saw may be an old one. */
#define EARLY_MS 1
#define EARLY_LOOKS 64
/* Looks in a row that told nothing: a bridge that resets, a drive that is busy with itself. */
#define BLIND_MAX 30
#define POINTS_MAX 16 /* of progress, for the evidence */

struct sanitize {
    const struct lethe_sanitize_set *set;
    enum lethe_sanitize_action action;
    struct lethe_sanitize_status before, last;
    bool ran;                /* seen RUNNING since it was begun */
    bool repeated, answered; /* sent once more, to be answered at its end; and it was, well */
    bool over;
    unsigned looks, blind;
    uint64_t began, ended;          /* wall clock, ms */
    uint64_t told;                  /* monotonic, of the last point */
    json_t *commands, *points;      /* owned */
    struct lethe_zone_census zones; /* before */
    struct lethe_error last_word;   /* of the last look that told nothing */
};

static json_t *status_json(const struct lethe_sanitize_status *s)
{
    return json_pack("{s:s, s:i, s:I}", "state", lethe_sanitize_state_name(s->state), "progress",
                     s->progress_known ? (int)s->progress : -1, "command", (json_int_t)s->command);
}

int lethe_sanitize_left_failure(struct lethe_run *run, const struct lethe_sanitize_set *set,
                                struct lethe_error *err)
{
    struct lethe_sanitize_status now;
    int rc = set->status(run, &now, err);
    return rc == 0 && now.state == LETHE_SANITIZE_FAILED
               ? lethe_technique_fail(err, "the drive stays in the failure mode of its sanitise")
               : rc;
}

static int leave_failure(struct lethe_run *run, const struct sanitize *self,
                         struct lethe_error *err)
{
    return self->set->leave_failure ? self->set->leave_failure(run, self->commands, err) : 0;
}

/* Is there anything in the way of beginning? */
static int check_before(struct lethe_run *run, struct sanitize *self, struct lethe_error *err)
{
    if (self->before.frozen) {
        lethe_technique_fail(err, "the drive's sanitise commands are frozen until it loses power");
        lethe_error_remedy(err, "power the drive off and on with the bench running, in a slot "
                                "whose firmware does not freeze it; then erase it again");
        return -LETHE_E_REFUSED;
    }
    switch (self->before.state) {
    case LETHE_SANITIZE_UNKNOWN:
        lethe_technique_fail(err, "the drive's sanitise status can't be read here: a success could "
                                  "not be told from a failure");
        lethe_error_remedy(err, "move the drive to a native slot and erase it again");
        return -LETHE_E_UNSUPPORTED;
    case LETHE_SANITIZE_RUNNING:
        lethe_technique_fail(err, "a sanitise that nobody here began is running on the drive");
        lethe_error_remedy(err, "wait until it has ended, then erase it again");
        return -LETHE_E_BUSY;
    case LETHE_SANITIZE_FAILED:
        return leave_failure(run, self, err);
    case LETHE_SANITIZE_IDLE:
    case LETHE_SANITIZE_SUCCEEDED:
        break;
    }
    return 0;
}

static int begin(struct lethe_run *run, struct sanitize *self, struct lethe_error *err)
{
    if (self->set->prepare)
        self->set->prepare(run, self->commands);
    int rc = run->report.intent(run->report.user, "sanitize",
                                json_pack("{s:s, s:s, s:o}", "set", self->set->name, "action",
                                          lethe_sanitize_action_name(self->action), "before",
                                          status_json(&self->before)));
    if (rc < 0)
        return lethe_fail(err, LETHE_E_CANCELLED, "stopped before the sanitise was begun");
    self->began = lethe_now_ms();
    struct lethe_sanitize_status told = {.state = LETHE_SANITIZE_UNKNOWN};
    rc = self->set->begin(run, self->action, self->commands, &told, err);
    self->ran = rc == 0 && told.state == LETHE_SANITIZE_RUNNING;
    return rc;
}

int lethe_sanitize_start(struct lethe_run *run, const struct lethe_sanitize_set *set,
                         enum lethe_sanitize_action action, struct lethe_error *err)
{
    struct sanitize *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->set = set;
    self->action = action;
    self->commands = json_array();
    self->points = json_array();
    self->began = lethe_now_ms();
    int rc = set->status(run, &self->before, err);
    if (rc == 0)
        rc = check_before(run, self, err);
    if (rc == 0)
        rc = lethe_technique_zones(run, &self->zones, err);
    if (rc == 0)
        rc = begin(run, self, err);
    return rc;
}

static void note_progress(struct sanitize *self)
{
    uint64_t now = lethe_monotonic_ms();
    if (json_array_size(self->points) >= POINTS_MAX || (self->told && now - self->told < 1000))
        return;
    self->told = now;
    json_array_append_new(self->points, status_json(&self->last));
}

static int tell(struct lethe_run *run, const struct sanitize *self, struct lethe_error *err)
{
    uint64_t done = (uint64_t)((unsigned __int128)run->capacity * self->last.progress / 65536);
    return run->report.progress(run->report.user, 0, done, 0) < 0
               ? lethe_fail(err, LETHE_E_CANCELLED, "stopped while the drive sanitises itself")
               : 0;
}

static int look(struct lethe_run *run, struct sanitize *self, struct lethe_error *err)
{
    struct lethe_sanitize_status now;
    struct lethe_error why = {0};
    int rc = self->set->status(run, &now, &why);
    if (rc == -LETHE_E_GONE) {
        *err = why;
        return rc;
    }
    self->looks++;
    if (rc < 0 || now.state == LETHE_SANITIZE_UNKNOWN) {
        if (++self->blind < BLIND_MAX)
            return 1;
        lethe_technique_fail(err, "the drive's sanitise status could not be read %u times: %s",
                             BLIND_MAX, rc < 0 ? why.what : "the answers do not tell");
        return -LETHE_E_IO;
    }
    self->blind = 0;
    self->last = now;
    return 0;
}

/* Idle, and never seen running: over before the first look, or never begun? Sent once more to be
 * answered at its end, that tells as much as a log does. Whether anything was done, the marks tell.
 * 1: look again. */
static int repeat(struct lethe_run *run, struct sanitize *self, struct lethe_error *err)
{
    struct lethe_error why = {0};
    self->repeated = true;
    int rc = self->set->repeat(run, self->action, self->commands, &why);
    self->answered = rc == 1;
    if (rc != -LETHE_E_GONE)
        return 1; /* not answered in time: then it is seen running */
    *err = why;
    return rc;
}

int lethe_sanitize_step(struct lethe_run *run, struct lethe_error *err)
{
    struct sanitize *self = run->state;
    if (self->looks > 0)
        lethe_technique_wait(self->looks < EARLY_LOOKS ? EARLY_MS : run->poll_ms);
    int rc = look(run, self, err);
    if (rc != 0)
        return rc;
    switch (self->last.state) {
    case LETHE_SANITIZE_RUNNING:
        self->ran = true;
        note_progress(self);
        rc = tell(run, self, err);
        return rc < 0 ? rc : 1;
    case LETHE_SANITIZE_FAILED:
        leave_failure(run, self, NULL);
        return lethe_technique_fail(err, "the drive says that its sanitise failed");
    case LETHE_SANITIZE_IDLE:
        if (!self->set->idle_is_done)
            return lethe_technique_fail(err,
                                        "the drive knows nothing of a sanitise any more: it was "
                                        "never begun, or lost");
        if (!self->ran && !self->repeated && self->set->repeat)
            return repeat(run, self, err);
        break;
    case LETHE_SANITIZE_SUCCEEDED:
    case LETHE_SANITIZE_UNKNOWN:
        break;
    }
    self->ended = lethe_now_ms();
    self->over = true;
    return 0;
}

/* One look at a drive that was left to itself: 1 it is busy still, 0 the host may write to it. */
static int settle(struct lethe_run *run, struct sanitize *self, bool *again,
                  struct lethe_error *err)
{
    int rc = look(run, self, err);
    if (rc != 0)
        return rc;
    if (self->last.state == LETHE_SANITIZE_RUNNING) {
        rc = tell(run, self, err);
        return rc < 0 ? rc : 1;
    }
    if (self->last.state != LETHE_SANITIZE_FAILED)
        return 0;
    rc = leave_failure(run, self, err);
    if (rc < 0 || !self->set->left_by_again)
        return rc;
    if (*again)
        return lethe_technique_fail(err, "the drive says again that its erasure failed");
    *again = true;
    struct lethe_sanitize_status told = {.state = LETHE_SANITIZE_UNKNOWN};
    rc = self->set->begin(run, self->action, self->commands, &told, err);
    return rc < 0 ? rc : 1;
}

int lethe_sanitize_settle(struct lethe_run *run, const struct lethe_sanitize_set *set,
                          enum lethe_sanitize_action action, struct lethe_error *err)
{
    struct sanitize self = {.set = set, .action = action, .commands = json_array()};
    bool again = false;
    int rc;
    while ((rc = settle(run, &self, &again, err)) > 0)
        lethe_technique_wait(run->poll_ms);
    json_decref(self.commands);
    return rc;
}

/* Was its end seen by us? RUNNING was, or a memory of success appeared that was not there before,
 * or a command that is answered at its end was answered. A "succeeded" before and after with
 * nothing between may be the old one: not proved. */
static bool proved(const struct sanitize *self)
{
    bool news = self->before.state != LETHE_SANITIZE_SUCCEEDED ||
                self->last.command != self->before.command ||
                (self->last.global_data_erased && !self->before.global_data_erased);
    if (!self->over)
        return false;
    if (self->set->named && self->last.command != self->set->named(self->action))
        return false; /* a success of another command */
    return self->last.state == LETHE_SANITIZE_SUCCEEDED ? self->ran || news
                                                        : self->ran || self->answered;
}

int lethe_sanitize_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct sanitize *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    bool kept = true;
    json_t *zones = run->zone ? lethe_technique_zones_kept(run, &self->zones, &kept) : NULL;
    *evidence =
        json_pack("{s:s, s:s, s:O, s:o, s:o, s:O, s:b, s:b, s:I, s:s, s:s, s:b, s:o*}", "set",
                  self->set->name, "action", lethe_sanitize_action_name(self->action), "commands",
                  self->commands, "before", status_json(&self->before), "after",
                  status_json(&self->last), "progress", self->points, "seen_running", self->ran,
                  "answered", self->answered, "looks", (json_int_t)self->looks, "started", began,
                  "ended", ended, "proved", proved(self) && kept, "zones", zones);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

void lethe_sanitize_stop(struct lethe_run *run)
{
    struct sanitize *self = run->state;
    if (!self)
        return;
    json_decref(self->commands);
    json_decref(self->points);
    free(self);
    run->state = NULL;
}
