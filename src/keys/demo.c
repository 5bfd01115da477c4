/* SPDX-License-Identifier: Apache-2.0 */
/* The demo hierarchy: signs emulated jobs, under a root that nobody should trust (rule 8). */
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static int demo_make(const char *dir, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    char lock_path[PATH_MAX];
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc == 0)
        rc = lethe_dir_make(dir, 0700, err);
    if (rc == 0)
        rc = lethe_path_join(lock_path, sizeof(lock_path), dir, ".lock", err);
    if (rc < 0)
        return rc;
    /* Two jobs may need it first at the same time. */
    LETHE_FD_AUTO lock = lethe_file_lock(lock_path, true, err);
    if (lock < 0)
        return lock;
    if (access(paths.root_pem, F_OK) == 0)
        return 0;
    /* The root certificate is written last: without it the rest was cut short, and signed nothing.
     */
    unlink(paths.bench_pem);
    const struct lethe_keys_wish wish = {
        .organisation = LETHE_DEMO_ORGANISATION, .bench = "demo", .days = LETHE_BENCH_DAYS_MAX};
    return lethe_keys_make(dir, &wish, err);
}

int lethe_signer_open_demo(const char *dir, struct lethe_signer **out, struct lethe_error *err)
{
    char demo[PATH_MAX];
    int rc = lethe_path_join(demo, sizeof(demo), dir, "demo", err);
    if (rc == 0)
        rc = demo_make(demo, err);
    if (rc == 0)
        rc = lethe_signer_open(demo, NULL, NULL, out, err);
    uint64_t now = lethe_now_ms();
    if (rc < 0 || (now >= (*out)->not_before && now <= (*out)->not_after))
        return rc;
    /* Made under a clock that was wrong. What it signed can still be checked against its own root,
     * which goes aside; demonstrations go on with a new one. */
    char aside[PATH_MAX + 64], id[37];
    lethe_signer_close(*out);
    *out = NULL;
    lethe_uuid7(id);
    if (!lethe_text_format(aside, sizeof(aside), "%s-%s", demo, id) || rename(demo, aside) < 0)
        return lethe_fail_errno(err, errno, "the demo keys can't be put aside");
    rc = demo_make(demo, err);
    return rc < 0 ? rc : lethe_signer_open(demo, NULL, NULL, out, err);
}
