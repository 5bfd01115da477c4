/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What witnesses signed after a certificate was made gets into its proof and its page. The store
 * says which certificates lack something, until all of them have it: who was killed over it is
 * followed by somebody who begins there again.
 */
#include <base/file.h>
#include <base/text.h>
#include <limits.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct renewal {
    struct lethe_station *station;
    struct lethe_log *log;
    struct lethe_signer *signer; /* of pages; NULL: none are made */
    struct lethe_error *page_error, *err;
    int rc;
};

/* Has a proof with witnesses come since the page was made? */
static bool outdated(const char *page, const char *proof)
{
    struct stat page_stat, proof_stat;
    return stat(page, &page_stat) == 0 && stat(proof, &proof_stat) == 0 &&
           (proof_stat.st_mtim.tv_sec != page_stat.st_mtim.tv_sec
                ? proof_stat.st_mtim.tv_sec > page_stat.st_mtim.tv_sec
                : proof_stat.st_mtim.tv_nsec > page_stat.st_mtim.tv_nsec);
}

/* One that can't be made now is told, once, and does not hold up the proofs. */
static void renew_page(struct renewal *r, const char *job, const char *page, const char *proof)
{
    bool there = access(page, F_OK) == 0;
    if (!r->signer || r->page_error->code ||
        !(there ? outdated(page, proof) : r->station->page_lang != NULL))
        return;
    if (lethe_station_write_page(r->station, job, page, r->signer, r->page_error) < 0)
        lethe_error_remedy(r->page_error, "lethe cert export %s --format pdf -o FILE", job);
}

static int renew_one(struct renewal *r, const struct lethe_store_entry *entry)
{
    static const char *const kinds[] = {"sdjwt", "tlog-proof", "pdf"};
    char *text = NULL, job[37], name[64], path[3][PATH_MAX];
    int rc = lethe_store_certificate_get(r->station->store, entry->name, &text, job, r->err);
    free(text);
    if (rc == -LETHE_E_NOT_FOUND) /* a job that ended without one */
        return 0;
    for (size_t i = 0; rc == 0 && i < 3; i++) {
        lethe_text_format(name, sizeof(name), "certificates/%s.%s", job, kinds[i]);
        rc = lethe_path_join(path[i], sizeof(path[i]), lethe_store_dir(r->station->store), name,
                             r->err);
    }
    if (rc < 0 || access(path[0], F_OK) != 0) /* not given out yet: its job will do it */
        return rc;
    rc = lethe_log_prove_file(r->log, entry->index, path[1], r->err);
    if (rc == 0)
        renew_page(r, job, path[2], path[1]);
    return rc;
}

static int on_entry(void *user, const struct lethe_store_entry *entry, const uint8_t leaf[32])
{
    struct renewal *r = user;
    (void)leaf;
    if (strcmp(entry->kind, "cert") == 0 || strcmp(entry->kind, "fail") == 0)
        r->rc = renew_one(r, entry);
    return r->rc < 0;
}

int lethe_station_renew(struct lethe_station *station, struct lethe_log *log, bool demo,
                        struct lethe_error *page_error, struct lethe_error *err)
{
    struct lethe_error unheard = {0};
    struct lethe_signer *demo_signer = NULL;
    struct lethe_store_news news;
    const char *origin = lethe_log_origin(log);
    int rc = lethe_store_news(station->store, origin, &news, err);
    if (rc <= 0)
        return rc;
    if (demo)
        lethe_signer_open_demo(lethe_store_dir(station->store), &demo_signer, NULL);
    struct renewal r = {.station = station,
                        .log = log,
                        .signer = demo ? demo_signer : station->signer,
                        .page_error = page_error ? page_error : &unheard,
                        .err = err};
    rc = lethe_store_log_each(station->store, origin, news.from, news.to, on_entry, &r, err);
    if (rc == 0)
        rc = r.rc;
    if (rc == 0)
        rc = lethe_store_news_shown(station->store, origin, &news, err);
    if (demo_signer)
        lethe_signer_close(demo_signer);
    lethe_station_end_pages(station);
    free(news.seen);
    return rc;
}
