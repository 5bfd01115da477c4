/* SPDX-License-Identifier: Apache-2.0 */
/* Which cosignatures the files beside certificates do not show yet. */
#include "store/db.h"
#include <stdlib.h>
#include <string.h>

#define LAST                                                                                       \
    "(SELECT witness, max(size) AS size FROM log_cosignatures WHERE log = ?1 GROUP BY witness)"

/* A witness that is new begins where the others have got to: what they proved of a time long ago is
 * not given up for its signature of today. */
#define SHOWN "coalesce(shown.size, (SELECT max(size) FROM log_shown WHERE log = ?1), 0)"

int lethe_store_news(struct lethe_store *store, const char *log, struct lethe_store_news *out,
                     struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    *out = (struct lethe_store_news){0};
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT min(" SHOWN "), max(last.size),"
                              " json_group_object(last.witness, last.size) FROM " LAST " AS last"
                              " LEFT JOIN log_shown AS shown"
                              " ON shown.log = ?1 AND shown.witness = last.witness"
                              " WHERE last.size > coalesce(shown.size, 0)",
                              "s", log);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the log");
    if (rc <= 0 || sqlite3_column_type(statement, 0) == SQLITE_NULL)
        return rc < 0 ? rc : 0;
    out->from = (uint64_t)sqlite3_column_int64(statement, 0);
    out->to = (uint64_t)sqlite3_column_int64(statement, 1);
    out->seen = strdup(lethe_db_text(statement, 2));
    return out->seen ? 1 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

int lethe_store_news_shown(struct lethe_store *store, const char *log,
                           const struct lethe_store_news *news, struct lethe_error *err)
{
    int rc = lethe_db_begin(store->db, err, "keep what proofs show");
    if (rc < 0)
        return rc;
    rc = lethe_db_run(store->db, err, "keep what proofs show",
                      "INSERT INTO log_shown SELECT ?1, key, value FROM json_each(?2) WHERE true"
                      " ON CONFLICT(log, witness) DO UPDATE SET size = max(size, excluded.size)",
                      "ss", log, news->seen);
    return lethe_db_end(store->db, rc, err);
}
