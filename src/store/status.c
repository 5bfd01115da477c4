/* SPDX-License-Identifier: Apache-2.0 */
/* Which slot of which status list a certificate has, and what was said of it since. A slot is drawn
 * at random, so that its number tells nothing of how many there are, and is never used twice. */
#include "base/text.h"
#include "base/time.h"
#include "store/db.h"
#include <inttypes.h>
#include <lethe/trust.h>

/* Beyond, drawing a free one takes too long, and a new address is due. */
#define FULL (LETHE_STATUS_SLOTS / 4 * 3)

static int find_slot(struct lethe_store *store, const char *job, char uri[256], uint64_t *slot,
                     struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT uri, slot FROM status_slots WHERE job = ?1", "s", job);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the status list");
    if (rc <= 0)
        return rc;
    *slot = (uint64_t)sqlite3_column_int64(statement, 1);
    return lethe_text_format(uri, 256, "%s", lethe_db_text(statement, 0))
               ? 1
               : lethe_fail(err, LETHE_E_INVALID, "the status list of job %.8s is damaged", job);
}

static int one_number(struct lethe_store *store, int64_t *out, struct lethe_error *err,
                      const char *sql, const char *uri, int64_t slot)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err, sql, "si", uri, slot);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the status list");
    if (rc > 0)
        *out = sqlite3_column_int64(statement, 0);
    return rc < 0 ? rc : 0;
}

static int draw(struct lethe_store *store, const char *uri, uint64_t *slot, struct lethe_error *err)
{
    int64_t used = 0, taken = 1;
    int rc = one_number(store, &used, err,
                        "SELECT count(*) FROM status_slots WHERE uri = ?1 AND ?2 = 0", uri, 0);
    if (rc == 0 && used >= FULL) {
        rc = lethe_fail(err, LETHE_E_LIMIT, "the status list %.120s is full", uri);
        lethe_error_effect(err, "the certificate is not signed yet");
        lethe_error_remedy(err, "begin a new list: lethe keys status-uri URL; then: lethe resume");
    }
    while (rc == 0 && taken) {
        uint32_t chance;
        lethe_random(&chance, sizeof(chance));
        *slot = chance % LETHE_STATUS_SLOTS;
        rc = one_number(store, &taken, err,
                        "SELECT count(*) FROM status_slots WHERE uri = ?1 AND slot = ?2", uri,
                        (int64_t)*slot);
    }
    return rc;
}

int lethe_store_status_slot(struct lethe_store *store, const char *job, const char *uri,
                            char uri_out[256], uint64_t *slot, struct lethe_error *err)
{
    int rc = lethe_db_begin(store->db, err, "draw a slot of the status list");
    if (rc < 0)
        return rc;
    rc = find_slot(store, job, uri_out, slot, err);
    if (rc == 0)
        rc = draw(store, uri, slot, err);
    else if (rc > 0)
        return lethe_db_end(store->db, 0, err);
    if (rc == 0)
        rc = lethe_db_run(store->db, err, "draw a slot of the status list",
                          "INSERT INTO status_slots VALUES(?1, ?2, ?3)", "sis", uri, (int64_t)*slot,
                          job);
    if (rc == 0 && !lethe_text_format(uri_out, 256, "%s", uri))
        rc = lethe_fail(err, LETHE_E_LIMIT, "the address of the status list is too long");
    return lethe_db_end(store->db, rc, err);
}

static int status_now(struct lethe_store *store, const char *job, int *status,
                      struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(
        store->db, &statement, err,
        "SELECT status FROM status_changes WHERE job = ?1 ORDER BY n DESC LIMIT 1", "s", job);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the status list");
    if (rc >= 0)
        *status = rc > 0 ? sqlite3_column_int(statement, 0) : LETHE_STATUS_VALID;
    return rc < 0 ? rc : 0;
}

int lethe_store_status_get(struct lethe_store *store, const char *job, char uri[256],
                           uint64_t *slot, int *status, struct lethe_error *err)
{
    int rc = find_slot(store, job, uri, slot, err);
    if (rc == 0) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "the certificate of job %.8s names no status list",
                        job);
        lethe_error_remedy(err, "what it says can be contradicted by a new job, or by revoking its "
                                "bench key: lethe keys revoke-bench");
        return rc;
    }
    return rc < 0 ? rc : status_now(store, job, status, err);
}

/* Revoked is for good: only a suspension can be taken back. */
static int change_allowed(int from, int to, struct lethe_error *err)
{
    static const char *const words[] = {"valid", "revoked", "suspended"};
    if (from != to && from != LETHE_STATUS_INVALID)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "the certificate is %s already", words[from]);
    lethe_error_effect(err, "nothing was changed");
    if (from == LETHE_STATUS_INVALID && from != to)
        lethe_error_remedy(err, "a revocation is for good; erase the device again for a new one");
    return -LETHE_E_REFUSED;
}

int lethe_store_status_set(struct lethe_store *store, const char *job, int status,
                           const char *reason, struct lethe_error *err)
{
    char uri[256];
    uint64_t slot;
    int now;
    int rc = lethe_db_begin(store->db, err, "change a status");
    if (rc < 0)
        return rc;
    rc = lethe_store_status_get(store, job, uri, &slot, &now, err);
    if (rc == 0)
        rc = change_allowed(now, status, err);
    if (rc == 0)
        rc = lethe_db_run(store->db, err, "change a status",
                          "INSERT INTO status_changes(job, time, status, reason)"
                          " VALUES(?1, ?2, ?3, ?4)",
                          "siis", job, (int64_t)lethe_now_ms(), (int64_t)status, reason);
    return lethe_db_end(store->db, rc, err);
}

int lethe_store_status_each(struct lethe_store *store, const char *uri,
                            int (*fn)(void *user, uint64_t slot, int status), void *user,
                            struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT slot, c.status FROM status_slots s JOIN status_changes c"
                              " ON c.n = (SELECT max(n) FROM status_changes WHERE job = s.job)"
                              " WHERE uri = ?1",
                              "s", uri);
    while (rc == 0 && (rc = lethe_db_step(statement, err, "read the status list")) > 0)
        rc =
            fn(user, (uint64_t)sqlite3_column_int64(statement, 0), sqlite3_column_int(statement, 1))
                ? 1
                : 0;
    return rc < 0 ? rc : 0;
}
