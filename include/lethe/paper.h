/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates on paper: a page that is a PDF, signed as PAdES, with the SD-JWT it was made from
 * attached; a report of a lot; a label. The paper is a carrier: only the SD-JWT says what is
 * certified, and whoever checks reads that, never the page.
 *
 * What is drawn are texts from devices and operators, in fonts, by large libraries. That is done by
 * a process of its own (lethe-press), which has no key, no store and no right to anything; the
 * signature is made here.
 */
#ifndef LETHE_PAPER_H
#define LETHE_PAPER_H

#include <jansson.h>
#include <lethe/error.h>
#include <lethe/trust.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_PAPER_LOGO_MAX (512 * 1024)

/* The process that draws: kept, because it is warm after the first page. Not thread-safe. */
struct lethe_press;
int lethe_press_open(struct lethe_press **out, struct lethe_error *err);
void lethe_press_close(struct lethe_press *press);

struct lethe_paper {
    const char *sdjwt; /* as it is to be attached; claims that it withholds are not printed */
    size_t sdjwt_len;
    const void *proof; /* .tlog-proof, or NULL */
    size_t proof_len;
    const char *qr;       /* text of the QR code, or NULL */
    const char *lang;     /* "en", "zh" or "both" (NULL) */
    const void *logo;     /* PNG of the organisation, or NULL */
    size_t logo_len;      /* at most LETHE_PAPER_LOGO_MAX */
    const json_t *series; /* speed and errors over time (lethe_series_add), or NULL */
};

/* One certificate or record: one A4 page, a second one only when the first can't hold it. Signed by
 * SIGNER. free(*out). */
int lethe_paper_certificate(struct lethe_press *press, const struct lethe_paper *paper,
                            struct lethe_signer *signer, char **out, size_t *out_len,
                            struct lethe_error *err);

/* Have the press begin with the page that lethe_paper_certificate() will be asked for, from the
 * same PAPER; of the proof only whether there will be one. Another page can be asked for all the
 * same. */
int lethe_paper_ahead(struct lethe_press *press, const struct lethe_paper *paper,
                      struct lethe_error *err);

struct lethe_lot_paper {
    const char *lot;  /* its name */
    const char *lang; /* as above */
    const void *logo; /* as above */
    size_t logo_len;
    size_t n; /* certificates and records of the lot, 1 or more: all of them are attached */
    const char *const *sdjwt;
    const char *const *names; /* of the attached files: no two the same */
};
int lethe_paper_lot(struct lethe_press *press, const struct lethe_lot_paper *lot,
                    struct lethe_signer *signer, char **out, size_t *out_len,
                    struct lethe_error *err);

enum lethe_label_format { LETHE_LABEL_PDF, LETHE_LABEL_PNG, LETHE_LABEL_ZPL };
struct lethe_label {
    enum lethe_label_format format;
    unsigned width_mm, height_mm; /* 30 and more */
    unsigned dpi;                 /* of PNG and ZPL: 203, 300 or 600 */
};
/* A label is not signed: its QR code is. */
int lethe_paper_label(struct lethe_press *press, const struct lethe_paper *paper,
                      const struct lethe_label *label, char **out, size_t *out_len,
                      struct lethe_error *err);
/* "30x30" in millimetres. */
int lethe_label_size(const char *text, struct lethe_label *label, struct lethe_error *err);

/* Speed and errors, one event at a time in order; SERIES is an empty array at first. Events that
 * say nothing of either are skipped. */
struct lethe_event;
int lethe_series_add(json_t *series, const struct lethe_event *event);

#ifdef __cplusplus
}
#endif
#endif
