/* SPDX-License-Identifier: Apache-2.0 */
#include "technique/android.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "device/android.h"
#include "proto/android_text.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MS 15000
#define LOCKS_MS 90000 /* six questions */
#define ANSWER_MS 3000

unsigned lethe_android_ms(const struct lethe_run *run, unsigned seconds)
{
    unsigned ms = seconds * run->poll_ms;
    return ms > ANSWER_MS ? ms : ANSWER_MS;
}

const char *lethe_android_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

bool lethe_android_text_is(const json_t *object, const char *key, const char *value)
{
    return strcmp(lethe_android_text(object, key), value) == 0;
}

bool lethe_android_is(const struct lethe_identity *armed, const char *serial)
{
    for (size_t i = 0; i < armed->n_identifiers; i++) {
        const struct lethe_identifier *one = &armed->identifiers[i];
        if (one->kind == LETHE_ID_SERIAL && one->source == LETHE_SOURCE_DEVICE &&
            strcmp(one->value, serial) == 0)
            return true;
    }
    return false;
}

/* -- who it is --------------------------------------------------------------------------------- */

static int another(const char *what, const char *armed, const char *now, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_CHANGED, "the phone's %s is \"%.64s\"; armed was \"%.64s\"", what,
               now[0] ? now : "not told", armed);
    lethe_error_effect(err, "nothing that erases was sent to it");
    lethe_error_remedy(err, "see which phone is in the slot, then: lethe list");
    return -LETHE_E_CHANGED;
}

static int same_serial(const struct lethe_run *run, struct lethe_adb *adb, struct lethe_error *err)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    const struct lethe_identifier *armed = lethe_identity_find(run->identity, LETHE_ID_SERIAL);
    char serial[96] = "";
    int rc = lethe_adb_shell(adb, "getprop ro.serialno", &out, COMMAND_MS, err);
    if (rc < 0)
        return rc;
    lethe_android_setting(out.text.data, out.text.len, serial, sizeof(serial));
    return lethe_android_is(run->identity, serial)
               ? 0
               : another("serial number", armed ? armed->value : "", serial, err);
}

static const char *state_words(enum lethe_adb_state state)
{
    return state == LETHE_ADB_STATE_SIDELOAD ? "waiting for an update (sideload)"
           : state == LETHE_ADB_STATE_RESCUE ? "in its rescue mode"
                                             : "in its system";
}

static int check(const struct lethe_run *run, enum lethe_adb_state state, struct lethe_adb *adb,
                 struct lethe_error *err)
{
    const struct lethe_adb_banner *banner = lethe_adb_peer(adb);
    if (banner->state != state) {
        lethe_fail(err, LETHE_E_CHANGED, "the phone is not %s any more", state_words(state));
        lethe_error_effect(err, "nothing that erases was sent to it");
        lethe_error_remedy(err, "start its system, then erase it again");
        return -LETHE_E_CHANGED;
    }
    if (state == LETHE_ADB_STATE_DEVICE)
        return same_serial(run, adb, err);
    /* Its recovery tells no serial number; the port's was compared by the supervisor. */
    return banner->model[0] && run->identity->model[0] &&
                   strcmp(banner->model, run->identity->model) != 0
               ? another("model", run->identity->model, banner->model, err)
               : 0;
}

int lethe_android_meet(struct lethe_run *run, enum lethe_adb_state state, unsigned prompt_ms,
                       struct lethe_adb **out, struct lethe_error *err)
{
    struct lethe_adb *adb = NULL;
    int rc = lethe_adb_connect(run->io, prompt_ms, &adb, err);
    if (rc == 0)
        rc = check(run, state, adb, err);
    if (rc < 0) {
        if (err && !err->effect[0])
            lethe_error_effect(err, "nothing that erases was sent to the phone");
        lethe_adb_free(adb);
        return rc;
    }
    *out = adb;
    return 0;
}

/* -- what it is like --------------------------------------------------------------------------- */

/* Whole, and by the phone's own word done; else nothing was said. */
static bool ask(struct lethe_adb *adb, const char *command, struct lethe_adb_output *out)
{
    lethe_adb_output_clear(out);
    return lethe_adb_shell(adb, command, out, COMMAND_MS, NULL) == 0 && !out->cut && out->exit <= 0;
}

static void setting(struct lethe_adb *adb, const char *command, char *out, size_t out_size)
{
    LETHE_ADB_OUTPUT_AUTO answer = {.exit = -1};
    out[0] = '\0';
    if (ask(adb, command, &answer))
        lethe_android_setting(answer.text.data, answer.text.len, out, out_size);
    if (strcmp(out, "null") == 0)
        out[0] = '\0';
}

/* It tells one installation of Android from the next, and one person's phone from another's: kept
 * is what can be compared within this job and nowhere else. */
static void take_id(const struct lethe_run *run, struct lethe_adb *adb, char out[65])
{
    char id[64], text[128];
    out[0] = '\0';
    setting(adb, "settings get secure android_id", id, sizeof(id));
    if (id[0] && lethe_text_format(text, sizeof(text), "%s %s", run->job, id))
        lethe_sha256_hex(out, text, strlen(text));
}

void lethe_android_state_read(const struct lethe_run *run, struct lethe_adb *adb,
                              struct lethe_android_state *out)
{
    LETHE_ADB_OUTPUT_AUTO answer = {.exit = -1};
    struct lethe_android_accounts accounts;
    struct lethe_android_users users;
    struct lethe_android_frp frp;
    char count[32], *end;
    uint64_t size, available;
    *out = (struct lethe_android_state){
        .boot_count = -1, .packages = UINT32_MAX, .accounts = UINT32_MAX, .users = UINT32_MAX};
    take_id(run, adb, out->android_id);
    setting(adb, "settings get global boot_count", count, sizeof(count));
    long boots = strtol(count, &end, 10);
    if (count[0] && !*end && boots >= 0)
        out->boot_count = boots;
    if (ask(adb, "pm list packages -3", &answer))
        out->packages = lethe_android_packages(answer.text.data, answer.text.len);
    if (ask(adb, "dumpsys account", &answer)) {
        lethe_android_accounts(answer.text.data, answer.text.len, &accounts);
        out->accounts = accounts.accounts;
    }
    if (ask(adb, "dumpsys user", &answer)) {
        lethe_android_users(answer.text.data, answer.text.len, &users);
        out->users = users.users;
    }
    if (ask(adb, "dumpsys persistent_data_block", &answer)) {
        lethe_android_frp(answer.text.data, answer.text.len, &frp);
        out->frp = frp.armed;
    }
    if (ask(adb, "df -k /data", &answer) &&
        lethe_android_df(answer.text.data, answer.text.len, &size, &available)) {
        out->size = size;
        out->used = size - available;
    }
}

static int locked(struct lethe_error *err, const char *why, const char *remedy)
{
    lethe_fail(err, LETHE_E_REFUSED, "%s", why);
    lethe_error_effect(err, "nothing that erases was sent to the phone");
    lethe_error_remedy(err, "%s", remedy);
    return -LETHE_E_REFUSED;
}

int lethe_android_check_locks(const struct lethe_run *run, struct lethe_adb *adb,
                              struct lethe_error *err)
{
    struct lethe_phone now = {0};
    if (run->for_destruction)
        return 0;
    lethe_android_read_locks(adb, COMMAND_MS, lethe_monotonic_ms() + LOCKS_MS, &now);
    if (now.locks[LETHE_LOCK_ACCOUNTS] == LETHE_ANSWER_YES)
        return locked(err, "accounts are signed in on it by now, and it would ask for them",
                      "the seller removes them in its settings; then erase it again");
    if (now.locks[LETHE_LOCK_FRP] == LETHE_ANSWER_YES)
        return locked(err, "its factory reset protection is armed by now",
                      "the seller removes their account and the lock screen in its settings; then "
                      "erase it again");
    if (now.locks[LETHE_LOCK_MDM] == LETHE_ANSWER_YES ||
        now.locks[LETHE_LOCK_NO_RESET] == LETHE_ANSWER_YES)
        return locked(err, "an organisation manages it by now, and it would come back to it",
                      "the organisation releases it; then erase it again");
    return 0;
}

static json_int_t count_of(uint32_t n)
{
    return n == UINT32_MAX ? -1 : (json_int_t)n;
}

json_t *lethe_android_state_json(const struct lethe_android_state *state)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "android_id", state->android_id,
                     "boot_count", (json_int_t)state->boot_count, "packages",
                     count_of(state->packages), "accounts", count_of(state->accounts), "users",
                     count_of(state->users), "size", (json_int_t)state->size, "used",
                     (json_int_t)state->used, "frp",
                     state->frp == LETHE_ANSWER_YES  ? "yes"
                     : state->frp == LETHE_ANSWER_NO ? "no"
                                                     : "unknown");
}
