/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of a certificate, with everything that is kept beside it. It is made when all that
 * counts is durable, and a page that can't be made changes no outcome: it is told.
 */
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <lethe/cose.h>
#include <lethe/paper.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>

#define PROOF_MAX (64u << 10)

/* *OUT stays NULL when there is no such file. */
static int read_kept(const char *dir, const char *name, size_t max, char **out, size_t *len,
                     struct lethe_error *err)
{
    char path[600];
    struct lethe_error why = {0};
    int rc = lethe_path_join(path, sizeof(path), dir, name, &why);
    if (rc == 0)
        rc = lethe_file_read(path, max, out, len, &why);
    if (rc == -LETHE_E_NOT_FOUND)
        return 0;
    if (rc < 0 && err)
        *err = why;
    return rc;
}

static int add_to_series(void *user, const struct lethe_event *event)
{
    return lethe_series_add(user, event) < 0;
}

/* What a page says besides the certificate, as it is kept. */
struct material {
    struct lethe_paper paper;
    char *proof, *qr, *logo;
    json_t *series;
};

static void drop(struct material *m)
{
    free(m->proof);
    free(m->qr);
    free(m->logo);
    json_decref(m->series);
}

static int collect(const struct lethe_page_source *source, struct material *m,
                   struct lethe_error *err)
{
    const char *dir = lethe_store_dir(source->store);
    char name[80];
    size_t qr_len;
    *m = (struct material){.series = json_array()};
    m->paper = (struct lethe_paper){
        .sdjwt = source->sdjwt, .sdjwt_len = strlen(source->sdjwt), .lang = source->lang};
    lethe_text_format(name, sizeof(name), "certificates/%s.tlog-proof", source->job);
    int rc = read_kept(dir, name, PROOF_MAX, &m->proof, &m->paper.proof_len, err);
    lethe_text_format(name, sizeof(name), "certificates/%s.qr", source->job);
    if (rc == 0)
        rc = read_kept(dir, name, LETHE_QR_MAX, &m->qr, &qr_len, err);
    if (rc == 0)
        rc = read_kept(dir, "logo.png", LETHE_PAPER_LOGO_MAX, &m->logo, &m->paper.logo_len, err);
    if (rc == 0)
        rc = lethe_store_events(source->store, source->job, add_to_series, m->series, err);
    m->paper.proof = m->proof;
    m->paper.qr = m->qr;
    m->paper.logo = m->logo;
    m->paper.series = m->series;
    return rc;
}

int lethe_page_make(const struct lethe_page_source *source, struct lethe_press *press,
                    struct lethe_signer *signer, char **out, size_t *len, struct lethe_error *err)
{
    struct material m;
    int rc = collect(source, &m, err);
    if (rc == 0)
        rc = lethe_paper_certificate(press, &m.paper, signer, out, len, err);
    drop(&m);
    return rc;
}

void lethe_station_page_ahead(struct lethe_station *station, const char *job, const char *text,
                              const char *label)
{
    struct material m;
    if (!station->page_lang || !station->press)
        return;
    int rc = collect(&(struct lethe_page_source){station->store, job, text, station->page_lang}, &m,
                     NULL);
    m.paper.qr = label;
    m.paper.proof = ""; /* it will be there, or there will be no certificate to draw */
    if (rc == 0)
        lethe_paper_ahead(station->press, &m.paper, NULL);
    drop(&m);
}

int lethe_station_write_page(struct lethe_station *station, const char *job, const char *path,
                             struct lethe_signer *signer, struct lethe_error *err)
{
    char *text = NULL, *page = NULL, owner[37];
    size_t len;
    int rc = lethe_store_certificate_get(station->store, job, &text, owner, err);
    if (rc == 0 && !station->press)
        rc = lethe_press_open(&station->press, err);
    if (rc == 0)
        rc = lethe_page_make(
            &(struct lethe_page_source){station->store, job, text, station->page_lang},
            station->press, signer, &page, &len, err);
    if (rc == -LETHE_E_GONE) { /* the next one gets a new press */
        lethe_press_close(station->press);
        station->press = NULL;
    }
    if (rc == 0)
        rc = lethe_file_write(path, page, len, 0644, err);
    free(page);
    free(text);
    return rc;
}

void lethe_station_page(struct lethe_station *station, const char *job, struct lethe_result *result,
                        struct lethe_signer *signer)
{
    char path[sizeof(result->page)];
    const char *dot = strrchr(result->certificate, '.');
    if (!station->page_lang || !dot ||
        !lethe_text_format(path, sizeof(path), "%.*s.pdf", (int)(dot - result->certificate),
                           result->certificate))
        return;
    if (lethe_station_write_page(station, job, path, signer, &result->page_error) == 0)
        memcpy(result->page, path, sizeof(path));
    else
        lethe_error_effect(&result->page_error,
                           "the certificate is whole and signed; only its page is missing");
}

void lethe_station_begin_pages(struct lethe_station *station)
{
    /* Started early, so that it is warm when the first device is done. Why it can't be started is
     * told with the first page. */
    if (station->page_lang && !station->press)
        lethe_press_open(&station->press, NULL);
}

void lethe_station_end_pages(struct lethe_station *station)
{
    lethe_press_close(station->press);
    station->press = NULL;
}
