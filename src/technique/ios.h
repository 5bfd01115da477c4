/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the erasures of an iPhone or iPad share: what is kept of it before, how a sent command may
 * end, what is asked of it afterwards and what that shows (facts/phones.md 1.4).
 */
#ifndef LETHE_TECHNIQUE_IOS_H
#define LETHE_TECHNIQUE_IOS_H

#include "device/ios.h"

#include <lethe/technique.h>

#define LETHE_IOS_RETURNS (1u << LETHE_MODE_NORMAL)
#define LETHE_IOS_AWAY 1800      /* seconds: facts/phones.md 1.4, V1 */
#define LETHE_IOS_ERASE_MS 10000 /* it answers at once, or never */
#define LETHE_IOS_NOTHING_SENT "nothing was sent that erases: it is NOT erased"

struct lethe_ios_erasure {
    const char *action;  /* of the intent: the technique's name */
    json_t *before;      /* owned */
    json_t *commands;    /* owned: what was sent, in words */
    json_t *messages;    /* owned: each with its end */
    const char *outcome; /* "not sent", "acknowledged", "sent, outcome unknown", "refused" */
    bool told;           /* perhaps, by a run that was cut short: the intent is on record */
    bool cut;            /* what leads to it died before it answered */
    uint64_t began, ended;
};

/* Open a session, see that it is the device of the plan and not locked to anybody, and keep what it
 * is before. Of a run that was cut short: find out whether anything is still to be sent. Makes
 * run->state. */
int lethe_ios_erasure_start(struct lethe_run *run, const char *action, struct lethe_error *err);
/* Has a run that was cut short sent it already, and the device acted on it? */
bool lethe_ios_erasure_sent(const struct lethe_ios_erasure *self);
/* It does not answer any more. Was it told to erase itself by a run that was cut short? Then that
 * is what it does, perhaps, and its state behind that decides: there is nothing to send. */
bool lethe_ios_erasure_left(struct lethe_ios_erasure *self);
/* What has to come before the command ended with RC. 1: it may be sent; 0: there is nothing to
 * send, it is leaving; -LETHE_E_UNREACHED: it could not be asked because of us; else RC. */
int lethe_ios_erasure_ready(struct lethe_run *run, int rc, struct lethe_error *err);
/* Locks may have come since the plan, and since the start: asked for right before the intent.
 * -LETHE_E_REFUSED: one did, and nothing was sent. 1: it is leaving, told by a run before. */
int lethe_ios_erasure_look(struct lethe_run *run, struct lethe_error *err);
/* Durable before the command: a crash behind it finds what the device was. */
int lethe_ios_erasure_intent(struct lethe_run *run, json_t *detail, struct lethe_error *err);
/* Keep how a message ended: WHAT was sent, and the STATUS word of the answer or "". */
void lethe_ios_erasure_note(struct lethe_ios_erasure *self, const char *what,
                            const struct lethe_apple_answer *answer, const char *status);
/* Did ANSWER not come because the proxy died? Then nobody knows whether the command went out:
 * -LETHE_E_UNREACHED, else 0. Of usbmuxd that is only noted (LETHE_EVIDENCE_CUT): it ends with the
 * last device that leaves. */
int lethe_ios_erasure_cut(struct lethe_run *run, const struct lethe_apple_answer *answer,
                          struct lethe_error *err);
/* The device says that it did not: 0 never. */
int lethe_ios_erasure_refused(struct lethe_ios_erasure *self, const char *why, const char *remedy,
                              struct lethe_error *err);
int lethe_ios_erasure_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err);
void lethe_ios_erasure_stop(struct lethe_run *run);

/* Open a session. Where there is no record, pair first: no plan was made without one, so that it
 * went with an erasure of this job, and a device in its setup asks nobody. One that does ask is
 * left. */
bool lethe_ios_enter(struct lethe_io *io, struct lethe_apple_answer *out);

/* Each of some questions may take LETHE_APPLE_MS, and then it is told. */
#define LETHE_IOS_LOOK 900 /* seconds: back on its port it may need minutes until it answers */
uint64_t lethe_ios_patience(const struct lethe_facts *facts, uint64_t capacity);

/* 0, or -LETHE_E_UNREACHED: the device could not be asked because of us, which says nothing of it.
 * EFFECT: what that means for it now. */
int lethe_ios_reach(struct lethe_io *io, const char *effect, struct lethe_error *err);
/* Wait until lockdown answers: 1, 0 it never did, or -LETHE_E_UNREACHED. */
int lethe_ios_await(struct lethe_run *run, struct lethe_ios *ios, struct lethe_error *err);
/* V2: does the pair record whose SHA-256 was RECORD_BEFORE still open a session ("opened")? Else
 * "host unknown", "tls failed", "no record", "another record" or "unknown". */
const char *lethe_ios_old_session(struct lethe_run *run, const char *record_before);

int lethe_ios_observe(struct lethe_run *run, json_t **findings, struct lethe_error *err);
enum lethe_grade lethe_ios_grade(const json_t *evidence, const json_t *findings, char why[192]);

/* What of a reading is kept in the record: no names, no IMEI. NULL when memory ran out. */
json_t *lethe_ios_state(const struct lethe_ios *ios);
/* Is it the device of the plan? -LETHE_E_CHANGED with the difference; nothing was sent. */
int lethe_ios_same(const struct lethe_identity *armed, const struct lethe_ios *now,
                   struct lethe_error *err);
#endif
