/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept beside the events: secrets of jobs, and certificates as they were given out. */
#include "base/crypto.h"
#include "store/db.h"
#include <stdlib.h>
#include <string.h>

/* One value of one row into COPY (malloc): 1 there is one, 0 none. */
static int fetch(struct lethe_store *store, const char *sql, const char *a, const char *b,
                 void **copy, size_t *len, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err, sql, b ? "ss" : "s", a, b);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the store");
    if (rc <= 0)
        return rc;
    const void *data = sqlite3_column_blob(statement, 0);
    *len = (size_t)sqlite3_column_bytes(statement, 0);
    *copy = calloc(1, *len + 1);
    if (!*copy)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory to read the store");
    if (*len > 0)
        memcpy(*copy, data, *len);
    return 1;
}

static int get_secret(struct lethe_store *store, const char *job, const char *name, void **data,
                      size_t *len, struct lethe_error *err)
{
    return fetch(store, "SELECT data FROM job_secrets WHERE job = ?1 AND name = ?2", job, name,
                 data, len, err);
}

static void drop_secret(void *data, size_t len)
{
    if (data)
        lethe_wipe(data, len);
    free(data);
}

int lethe_store_secret_put(struct lethe_store *store, const char *job, const char *name,
                           const void *data, size_t len, struct lethe_error *err)
{
    void *there = NULL;
    size_t there_len = 0;
    int rc = lethe_db_begin(store->db, err, "keep a secret");
    if (rc < 0)
        return rc;
    rc = get_secret(store, job, name, &there, &there_len, err);
    if (rc == 0)
        rc =
            lethe_db_run(store->db, err, "keep a secret",
                         "INSERT INTO job_secrets VALUES(?1, ?2, ?3)", "ssb", job, name, data, len);
    else if (rc > 0)
        rc = there && there_len == len && memcmp(there, data, len) == 0
                 ? 0
                 : lethe_fail(err, LETHE_E_REFUSED, "job %.8s has another \"%s\" already", job,
                              name);
    drop_secret(there, there_len);
    return lethe_db_end(store->db, rc, err);
}

int lethe_store_secret_get(struct lethe_store *store, const char *job, const char *name, void *out,
                           size_t len, struct lethe_error *err)
{
    void *there = NULL;
    size_t there_len = 0;
    int rc = get_secret(store, job, name, &there, &there_len, err);
    if (rc == 0)
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "job %.8s has no \"%s\" here", job, name);
    else if (rc > 0 && (!there || there_len != len))
        rc = lethe_fail(err, LETHE_E_INVALID, "\"%s\" of job %.8s is damaged", name, job);
    else if (rc > 0) {
        memcpy(out, there, len);
        rc = 0;
    }
    drop_secret(there, there_len);
    return rc;
}

int lethe_store_certificate_put(struct lethe_store *store, const char *job, const char *jti,
                                const char *vct, const char *text, struct lethe_store_entry *entry,
                                struct lethe_error *err)
{
    void *there = NULL;
    size_t len = 0;
    if (strlen(text) > LETHE_CERTIFICATE_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "a certificate of %zu bytes is too large",
                          strlen(text));
    int rc = lethe_db_begin(store->db, err, "keep the certificate");
    if (rc < 0)
        return rc;
    rc = fetch(store, "SELECT text FROM certificates WHERE job = ?1", job, NULL, &there, &len, err);
    if (rc == 0)
        rc = lethe_db_run(store->db, err, "keep the certificate",
                          "INSERT INTO certificates VALUES(?1, ?2, ?3, ?4)", "ssss", job, jti, vct,
                          text);
    else if (rc > 0)
        rc = strcmp(there, text) == 0 ? 0
                                      : lethe_fail(err, LETHE_E_REFUSED,
                                                   "job %.8s has another certificate already", job);
    free(there);
    if (rc == 0)
        rc = lethe_store_log_insert(store, entry, err);
    return lethe_db_end(store->db, rc, err);
}

int lethe_store_certificate_get(struct lethe_store *store, const char *id, char **text,
                                char job[37], struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    size_t len = strlen(id);
    *text = NULL;
    int rc = len >= 8 ? lethe_db_prepare(store->db, &statement, err,
                                         "SELECT job, text FROM certificates"
                                         " WHERE substr(job, 1, ?2) = ?1 OR substr(jti, 1, ?2) = ?1"
                                         " LIMIT 2",
                                         "si", id, (int64_t)len)
                      : lethe_fail(err, LETHE_E_NOT_FOUND,
                                   "\"%s\" is too short: give 8 characters of the id", id);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "look for the certificate");
    if (rc == 0 && statement)
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "there is no certificate %s here", id);
    if (rc < 0)
        return rc;
    strncpy(job, lethe_db_text(statement, 0), 36);
    job[36] = '\0';
    *text = strdup(lethe_db_text(statement, 1));
    if (!*text)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a certificate");
    rc = lethe_db_step(statement, err, "look for the certificate");
    if (rc == 0)
        return 0;
    free(*text);
    *text = NULL;
    return rc < 0
               ? rc
               : lethe_fail(err, LETHE_E_NOT_FOUND, "more than one certificate begins with %s", id);
}
