/* SPDX-License-Identifier: Apache-2.0 */
/* Which jobs there are. */
#include "base/text.h"
#include "store/db.h"
#include <lethe/certificate.h>
#include <string.h>

#define PREFIX_MIN 8

int lethe_store_resolve(struct lethe_store *store, const char *prefix, char job[37],
                        struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    size_t len = strlen(prefix);
    if (len < PREFIX_MIN || len > 36 || strspn(prefix, "0123456789abcdef-") != len)
        return lethe_fail(err, LETHE_E_NOT_FOUND,
                          "\"%.40s\" is not a job (at least %d characters of its id)", prefix,
                          PREFIX_MIN);
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT id FROM jobs WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2", "s",
                              prefix);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "look for the job");
    if (rc == 0) {
        lethe_fail(err, LETHE_E_NOT_FOUND, "there is no job %s here", prefix);
        lethe_error_remedy(err, "see which there are: lethe jobs");
        return -LETHE_E_NOT_FOUND;
    }
    if (rc < 0)
        return rc;
    lethe_text_format(job, 37, "%s", lethe_db_text(statement, 0));
    rc = lethe_db_step(statement, err, "look for the job");
    return rc > 0 ? lethe_fail(err, LETHE_E_NOT_FOUND, "more than one job begins with %s", prefix)
                  : rc;
}

static int take_row(sqlite3_stmt *statement, struct lethe_job_row *row, struct lethe_error *err)
{
    *row = (struct lethe_job_row){.created = (uint64_t)sqlite3_column_int64(statement, 1)};
    lethe_text_format(row->id, sizeof(row->id), "%s", lethe_db_text(statement, 0));
    lethe_text_format(row->target, sizeof(row->target), "%s", lethe_db_text(statement, 2));
    lethe_text_format(row->device, sizeof(row->device), "%s", lethe_db_text(statement, 3));
    lethe_text_format(row->policy, sizeof(row->policy), "%s", lethe_db_text(statement, 4));
    int state = lethe_job_state_parse(lethe_db_text(statement, 5));
    int outcome = lethe_outcome_parse(lethe_db_text(statement, 6));
    if (state < 0 || outcome < 0)
        return lethe_fail(err, LETHE_E_INVALID, "the store's row of job %.8s is damaged", row->id);
    row->state = (enum lethe_job_state)state;
    row->outcome = (enum lethe_outcome)outcome;
    row->certified = row->state == LETHE_JOB_CERTIFIED;
    row->policy_met =
        row->certified && strcmp(lethe_db_text(statement, 7), LETHE_VCT_CERTIFICATE) == 0;
    return 0;
}

#define JOBS "SELECT jobs.*, certificates.vct FROM jobs LEFT JOIN certificates ON job = id"
#define NEWEST_FIRST " ORDER BY created DESC, id DESC"

int lethe_store_jobs(struct lethe_store *store, bool open_only,
                     int (*fn)(void *user, const struct lethe_job_row *row), void *user,
                     struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    /* A refused job needs no certificate, so that its end is its last event. */
    int rc = lethe_db_prepare(store->db, &statement, err,
                              open_only ? JOBS
                                  " WHERE state NOT IN ('certified', 'closed')"
                                  " AND NOT (state = 'ended' AND outcome = 'refused')" NEWEST_FIRST
                                        : JOBS NEWEST_FIRST,
                              "");
    while (rc == 0 && (rc = lethe_db_step(statement, err, "list the jobs")) > 0) {
        struct lethe_job_row row;
        rc = take_row(statement, &row, err);
        if (rc == 0 && fn(user, &row))
            return 0;
    }
    return rc;
}
