/* SPDX-License-Identifier: Apache-2.0 */
/* What the techniques of Android phones share: who it is, what it is like before and after, and
 * what that shows (facts/phones.md 3). */
#ifndef LETHE_TECHNIQUE_ANDROID_H
#define LETHE_TECHNIQUE_ANDROID_H

#include "phone/adb.h"

#include <lethe/technique.h>

/* Where a phone that erased itself comes back: in its system, mostly in no mode to be asked. */
#define LETHE_ANDROID_RETURNS                                                                      \
    (1u << LETHE_MODE_NORMAL | 1u << LETHE_MODE_CLOSED | 1u << LETHE_MODE_PTP)
#define LETHE_ANDROID_AWAY 1200 /* seconds: the first start of a new system is slow */
#define LETHE_ANDROID_LEAVE_S 30

/* A time for what a phone or a person does by itself, in milliseconds: SECONDS on a bench, which
 * looks once a second; as many looks on a test bed, and never less than it takes to answer. */
unsigned lethe_android_ms(const struct lethe_run *run, unsigned seconds);

/* Connect to the phone in STATE, and see that it is the phone of the plan (rule 4): by its serial
 * number where its system runs, by its model where it tells no more. PROMPT_MS as for
 * lethe_adb_connect(). ERR says that nothing was sent. */
int lethe_android_meet(struct lethe_run *run, enum lethe_adb_state state, unsigned prompt_ms,
                       struct lethe_adb **out, struct lethe_error *err);
/* Is SERIAL one of the plan's? */
bool lethe_android_is(const struct lethe_identity *armed, const char *serial);

/* What an erasure of its system changes. */
struct lethe_android_state {
    char android_id[65];                /* SHA-256 with the job's name: comparable, and no more */
    int64_t boot_count;                 /* -1 unknown */
    uint32_t packages, accounts, users; /* third-party packages; UINT32_MAX unknown */
    uint64_t size, used;                /* of the user's storage, bytes; 0 unknown */
    enum lethe_answer frp;
};
void lethe_android_state_read(const struct lethe_run *run, struct lethe_adb *adb,
                              struct lethe_android_state *out);
json_t *lethe_android_state_json(const struct lethe_android_state *state);

/* The plan asked the same of the facts; somebody may have signed in since. -LETHE_E_REFUSED where
 * it would come back locked to them; nothing was sent. */
int lethe_android_check_locks(const struct lethe_run *run, struct lethe_adb *adb,
                              struct lethe_error *err);

/* How the phone is found afterwards:
 *   {"mode", "adb": "absent"|"unauthorized"|"accepted"|"open"|"silent"|"left again",
 *    "quiet_ms", "serial": "same"|"other"|"unknown", "state": {} when it could be asked}
 * "accepted": it knows this bench's key; "open": it asks for none. ADB is the connection, for more
 * questions; NULL where there is none. */
int lethe_android_find(struct lethe_run *run, struct lethe_adb **adb, json_t **findings,
                       struct lethe_error *err);
/* observe() of techniques whose phone comes back closed. */
int lethe_android_observe(struct lethe_run *run, json_t **findings, struct lethe_error *err);
/* Grade B: SAID, did it claim to have erased? EVIDENCE has "admitted": did it know our key before?
 */
enum lethe_grade lethe_android_grade(bool said, const json_t *evidence, const json_t *findings,
                                     char why[192]);

/* Members of evidence and findings. */
const char *lethe_android_text(const json_t *object, const char *key); /* "" none */
bool lethe_android_text_is(const json_t *object, const char *key, const char *value);

#endif
