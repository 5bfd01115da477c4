/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paper from files, signed by certs/test-keys, for test_paper.py and for looking at:
 *   make_paper page SDJWT OUT [lang=en] [qr=TEXT] [proof=FILE] [logo=FILE] [series=FILE] [times=N]
 *   make_paper lot NAME OUT [lang=en] [logo=FILE] SDJWT...
 *   make_paper label SDJWT OUT [format=zpl] [size=30x30] [dpi=203] [qr=TEXT]
 */
#include "base/file.h"
#include "base/json.h"
#include "base/time.h"
#include "cert/support.h"
#include <lethe/paper.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(const struct lethe_error *err)
{
    fprintf(stderr, "%s\n", err->what);
    exit(1);
}

static char *whole(const char *path, size_t *len)
{
    struct lethe_error err = {0};
    char *text;
    if (lethe_file_read(path, 64u << 20, &text, len, &err) < 0)
        stop(&err);
    return text;
}

static const char *option(int argc, char **argv, const char *name)
{
    for (int i = 4; i < argc; i++)
        if (strncmp(argv[i], name, strlen(name)) == 0 && argv[i][strlen(name)] == '=')
            return argv[i] + strlen(name) + 1;
    return NULL;
}

static char *file_option(int argc, char **argv, const char *name, size_t *len)
{
    const char *path = option(argc, argv, name);
    return path ? whole(path, len) : NULL;
}

static int make_label(struct lethe_press *press, const struct lethe_paper *paper, int argc,
                      char **argv, char **out, size_t *len, struct lethe_error *err)
{
    const char *format = option(argc, argv, "format"), *dpi = option(argc, argv, "dpi");
    const char *size = option(argc, argv, "size");
    struct lethe_label label = {.format = LETHE_LABEL_PDF, .dpi = dpi ? (unsigned)atoi(dpi) : 203};
    if (format && strcmp(format, "png") == 0)
        label.format = LETHE_LABEL_PNG;
    if (format && strcmp(format, "zpl") == 0)
        label.format = LETHE_LABEL_ZPL;
    int rc = lethe_label_size(size ? size : "30x30", &label, err);
    return rc < 0 ? rc : lethe_paper_label(press, paper, &label, out, len, err);
}

static int make_lot(struct lethe_press *press, struct lethe_signer *signer,
                    const struct lethe_paper *paper, int argc, char **argv, char **out, size_t *len,
                    struct lethe_error *err)
{
    const char **texts = calloc((size_t)argc, sizeof(*texts));
    const char **names = calloc((size_t)argc, sizeof(*names));
    struct lethe_lot_paper lot = {.lot = argv[2],
                                  .lang = paper->lang,
                                  .logo = paper->logo,
                                  .logo_len = paper->logo_len,
                                  .sdjwt = texts,
                                  .names = names};
    for (int i = 4; i < argc; i++) {
        size_t ignored;
        if (strchr(argv[i], '='))
            continue;
        char *name = malloc(32);
        snprintf(name, 32, "%06zu.sdjwt", lot.n);
        names[lot.n] = name;
        texts[lot.n++] = whole(argv[i], &ignored);
    }
    int rc = lethe_paper_lot(press, &lot, signer, out, len, err);
    for (size_t i = 0; i < lot.n; i++) {
        free((char *)(uintptr_t)texts[i]);
        free((char *)(uintptr_t)names[i]);
    }
    free(texts);
    free(names);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    struct lethe_error err = {0};
    struct lethe_press *press;
    struct lethe_signer *signer = support_signer("bench", (const char *const[]){"root", NULL});
    struct lethe_paper paper = {.lang = option(argc, argv, "lang"), .qr = option(argc, argv, "qr")};
    char *logo = file_option(argc, argv, "logo", &paper.logo_len), *out = NULL;
    char *proof = file_option(argc, argv, "proof", &paper.proof_len);
    size_t len = 0, series_len = 0;
    char *series = file_option(argc, argv, "series", &series_len);
    paper.logo = logo;
    paper.proof = proof;
    json_t *points = series ? json_loadb(series, series_len, 0, NULL) : NULL;
    paper.series = points;
    if (strcmp(argv[1], "lot") != 0)
        paper.sdjwt = whole(argv[2], &paper.sdjwt_len);
    int rc = lethe_press_open(&press, &err);
    if (rc < 0)
        stop(&err);
    int times = option(argc, argv, "times") ? atoi(option(argc, argv, "times")) : 1;
    for (int i = 0; i < times && rc == 0; i++) {
        uint64_t from = lethe_monotonic_ms();
        free(out);
        out = NULL;
        rc = strcmp(argv[1], "page") == 0
                 ? lethe_paper_certificate(press, &paper, signer, &out, &len, &err)
             : strcmp(argv[1], "lot") == 0
                 ? make_lot(press, signer, &paper, argc, argv, &out, &len, &err)
                 : make_label(press, &paper, argc, argv, &out, &len, &err);
        if (times > 1)
            printf("%llu ms\n", (unsigned long long)(lethe_monotonic_ms() - from));
    }
    if (rc < 0 || lethe_file_write(argv[3], out, len, 0644, &err) < 0)
        stop(&err);
    lethe_press_close(press);
    lethe_signer_close(signer);
    json_decref(points);
    free((char *)(uintptr_t)paper.sdjwt);
    free(series);
    free(proof);
    free(logo);
    free(out);
    return 0;
}
