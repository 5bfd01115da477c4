/* SPDX-License-Identifier: Apache-2.0 */
/* The files that options name: what is broken in them is wrong usage, and nothing is verified. */
#include "base/file.h"
#include "base/text.h"
#include "verifycli/verifycli.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX (4u << 20)

static int say(const char *option, const char *path, const struct lethe_error *err)
{
    fprintf(stderr, "lethe-verify: %s %s: %s\n%s%s", option, path, err->what, err->remedy,
            err->remedy[0] ? "\n" : "");
    return -(int)err->code;
}

/* A pipe that nobody writes to would be waited for. */
static int read_input(const char *path, char **text, size_t *len, struct lethe_error *err)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return lethe_fail(err, LETHE_E_INVALID, "it is no regular file");
    return lethe_file_read(path, FILE_MAX, text, len, err);
}

int lethe_verify_add_root(struct lethe_verify_options *out, const char *path)
{
    struct lethe_error err = {0};
    char *pem = NULL;
    size_t len;
    int rc = read_input(path, &pem, &len, &err);
    if (rc == 0)
        rc = lethe_trust_add_pem(out->trust, pem, len, &err);
    free(pem);
    return rc < 0 ? say("--trust", path, &err) : 0;
}

int lethe_verify_add_bench(struct lethe_verify_options *out, const char *path)
{
    struct lethe_error err = {0};
    char *pem = NULL;
    size_t len;
    int rc = read_input(path, &pem, &len, &err);
    if (rc == 0)
        rc = lethe_benches_add_pem(&out->benches, pem, len, &err);
    free(pem);
    return rc < 0 ? say("--bench", path, &err) : 0;
}

int lethe_verify_add_log_key(struct lethe_verify_options *out, const char *path)
{
    struct lethe_error err = {0};
    struct lethe_tlog_key key;
    char *text = NULL;
    size_t len, n = 0;
    int rc = read_input(path, &text, &len, &err);
    if (rc == 0)
        rc = lethe_tlog_key_parse(text, len, &key, &err);
    while (out->vkeys[n])
        n++;
    if (rc == 0 && n == LETHE_VERIFY_LIST_MAX)
        rc = lethe_fail(&err, LETHE_E_LIMIT, "too many of them");
    if (rc < 0) {
        free(text);
        return say("--log-key", path, &err);
    }
    out->vkeys[n] = text;
    return 0;
}

int lethe_verify_add_log_policy(struct lethe_verify_options *out, const char *path)
{
    struct lethe_error err = {0};
    char *text = NULL;
    size_t len;
    int rc = out->log_policy ? lethe_fail(&err, LETHE_E_USAGE, "there was one before")
                             : read_input(path, &text, &len, &err);
    if (rc == 0 && !(out->log_policy = calloc(1, sizeof(*out->log_policy))))
        rc = lethe_fail(&err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0)
        rc = lethe_tlog_policy_parse(text, len, out->log_policy, &err);
    out->policy.log_policy = out->log_policy;
    free(text);
    return rc < 0 ? say("--log-policy", path, &err) : 0;
}

int lethe_verify_add_seen(struct lethe_verify_options *out, const char *path)
{
    struct lethe_error err = {0};
    size_t len;
    int rc = out->seen ? lethe_fail(&err, LETHE_E_USAGE, "there was one before")
                       : read_input(path, &out->seen, &len, &err);
    if (rc == 0)
        out->policy.seen = (struct lethe_span){out->seen, len};
    return rc < 0 ? say("--seen", path, &err) : 0;
}

static int read_trust_list(struct lethe_verify_options *out)
{
    struct lethe_error err = {0};
    char *text = NULL, *key = NULL;
    size_t len = 0, key_len = 0;
    if (!out->trust_list)
        return 0;
    int rc = out->trust_list_key
                 ? read_input(out->trust_list, &text, &len, &err)
                 : lethe_fail(&err, LETHE_E_USAGE,
                              "whose list it is must be said: --trust-list-key KEY.pem");
    if (rc == 0)
        rc = read_input(out->trust_list_key, &key, &key_len, &err);
    if (rc == 0)
        rc = lethe_trust_add_list(out->trust, text, len, key, key_len, out->policy.now, 0, NULL,
                                  &err);
    free(text);
    free(key);
    return rc < 0 ? say("--trust-list", out->trust_list, &err) : 0;
}

static int read_crl(struct lethe_verify_options *out, const char *path)
{
    struct lethe_error err = {0};
    char *text = NULL;
    size_t len;
    int rc = read_input(path, &text, &len, &err);
    if (rc == 0)
        rc = lethe_trust_add_crl(out->trust, text, len, out->policy.now, out->status_not_before,
                                 NULL, &err);
    free(text);
    return rc < 0 ? say("--crl", path, &err) : 0;
}

/* A list that is too old is said, and lowers the level; one that is broken stops everything. */
static int read_status(struct lethe_verify_options *out, const char *path, size_t *n)
{
    struct lethe_error err = {0};
    struct lethe_status_list *list = NULL;
    char *text = NULL;
    size_t len;
    int rc = read_input(path, &text, &len, &err);
    if (rc == 0) {
        rc = lethe_status_list_read(out->trust, text, len, out->policy.now, out->status_not_before,
                                    &list, &err);
        if (rc == -LETHE_E_LIMIT) {
            say("--status", path, &err);
            out->policy.status_stale = true;
            rc = 0;
        }
    }
    free(text);
    if (list)
        out->lists[(*n)++] = list;
    return rc < 0 ? say("--status", path, &err) : 0;
}

int lethe_verify_read_lists(struct lethe_verify_options *out)
{
    size_t n = 0;
    int rc = read_trust_list(out);
    for (const char **path = out->crl_files; rc == 0 && *path; path++)
        rc = read_crl(out, *path);
    for (const char **path = out->status_files; rc == 0 && *path; path++)
        rc = read_status(out, *path, &n);
    return rc;
}
