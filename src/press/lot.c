/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a lot: what came of it on the first page, every device on the next ones. */
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "press/page.h"
#include "press/words.h"
#include <inttypes.h>
#include <lethe/certificate.h>
#include <stdlib.h>
#include <string.h>

#define KINDS 64 /* outcomes, methods, physical or not: 8 x 4 x 2 */

struct total {
    const char *outcome, *method;
    bool certificate, physical;
    size_t n;
};

struct report {
    struct page page; /* first */
    const char *lot;
    cairo_surface_t *logo;
    json_t **claims;
    size_t n, good, certificates, physical;
    struct total totals[KINDS];
    size_t n_totals;
    uint64_t capacity;
    const char *organisation, *from, *to; /* times in words; "" when there is none */
};

static const struct {
    const char *key;
    double at, width;
    int align;
} columns[] = {{"", 0, 22, 1},           {"lot.device", 28, 116, -1}, {"id.serial", 148, 104, -1},
               {"capacity", 252, 46, 1}, {"lot.method", 304, 32, -1}, {"lot.outcome", 338, 104, -1},
               {"lot.ended", 445, 66, 1}};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void count(struct report *r, const json_t *claims)
{
    const char *outcome = text_of(claims, "outcome"), *method = text_of(claims, "method");
    bool certificate = is_certificate(claims), physical = is_physical(claims);
    const json_t *times = json_object_get(claims, "times");
    const char *ended = text_of(times, "ended"), *started = text_of(times, "started");
    size_t i = 0;
    while (i < r->n_totals &&
           (strcmp(r->totals[i].outcome, outcome) != 0 ||
            strcmp(r->totals[i].method, method) != 0 || r->totals[i].certificate != certificate ||
            r->totals[i].physical != physical))
        i++;
    if (i == KINDS)
        return;
    if (i == r->n_totals)
        r->totals[r->n_totals++] = (struct total){outcome, method, certificate, physical, 0};
    r->totals[i].n++;
    r->good += is_good(claims);
    r->certificates += certificate;
    r->physical += is_physical(claims);
    r->capacity += integer_of(json_object_get(claims, "device"), "capacity");
    /* ISO times sort as text. */
    if (started[0] && (!r->from[0] || strcmp(started, r->from) < 0))
        r->from = started;
    if (strcmp(ended, r->to) > 0)
        r->to = ended;
}

static void outcome(struct report *r)
{
    struct page *page = &r->page;
    LETHE_BUF_AUTO word_text = {0};
    LETHE_BUF_AUTO less = {0};
    LETHE_BUF_AUTO says = {0};
    LETHE_BUF_AUTO band = {0};
    bool all = r->good == r->n, none = r->good == 0;
    struct banner banner = {.frame = all    ? FRAME_GOOD
                                     : none ? FRAME_BAD
                                            : FRAME_SOME,
                            .sign = all    ? SIGN_CHECK
                                    : none ? SIGN_CROSS
                                           : SIGN_WARNING};
    word(&word_text, page->lang, all ? "lot.all-good" : none ? "lot.none-good" : "lot.not-all");
    lethe_buf_printf(&less, "%zu / %zu  ", r->good, r->n);
    word(&less, page->lang, "outcome.passed");
    if (r->physical < r->n) {
        word(&band, page->lang, "lot.not-physical");
        lethe_buf_printf(&band, ": %zu / %zu", r->n - r->physical, r->n);
        banner.bands[0] = band.data;
    }
    struct lethe_words sentence = words_of("lot.says");
    if (page->lang.en)
        escape(&says, sentence.en);
    if (page->lang.en && page->lang.zh)
        lethe_buf_puts(&says, "\n");
    if (page->lang.zh)
        escape(&says, sentence.zh);
    banner.word = word_text.data;
    banner.less = less.data;
    banner.says = says.data;
    page->y += banner_draw(page, MARGIN, page->y, INNER, 96, &banner) + 6;
}

static void summary(struct report *r)
{
    struct page *page = &r->page;
    LETHE_BUF_AUTO devices = {0};
    LETHE_BUF_AUTO period = {0};
    LETHE_BUF_AUTO capacity = {0};
    char size[32];
    section(page, "lot");
    row_text(page, "lot", r->lot);
    number(&devices, r->n);
    row_markup(page, "lot.devices", &devices);
    lethe_size_format(size, sizeof(size), r->capacity);
    lethe_buf_puts(&capacity, size);
    row_markup(page, "lot.capacity", &capacity);
    if (r->from[0])
        time_words(&period, r->from);
    lethe_buf_puts(&period, " – ");
    time_words(&period, r->to);
    row_markup(page, "lot.period", &period);
}

static void cells(struct page *page, const struct style *style, const char *const *texts,
                  double height)
{
    for (size_t i = 0; i < N_COLUMNS; i++) {
        struct style one = *style;
        one.align = columns[i].align;
        if (texts[i] && texts[i][0])
            canvas_fit(&page->canvas, MARGIN + columns[i].at, page->y + height, columns[i].width,
                       one, texts[i]);
    }
}

static void totals(struct report *r)
{
    struct page *page = &r->page;
    const double at[] = {0, 180, 290, 470};
    section(page, "lot.totals");
    struct style head = {.face = FACE_BOLD, .size = 7.6, .align = -1};
    const char *const keys[] = {"lot.outcome", "lot.method", "", "lot.count"};
    for (size_t i = 0; i < 4; i++) {
        LETHE_BUF_AUTO text = {0};
        if (!keys[i][0])
            continue;
        word(&text, page->lang, keys[i]);
        head.align = i == 3 ? 1 : -1;
        canvas_fit(&page->canvas, MARGIN + at[i], page->y + 8, i == 3 ? INNER - at[3] : 130, head,
                   text.data);
    }
    page->y += 13;
    for (size_t i = 0; i < r->n_totals; i++) {
        const struct total *total = &r->totals[i];
        LETHE_BUF_AUTO what = {0};
        LETHE_BUF_AUTO how = {0};
        LETHE_BUF_AUTO kind = {0};
        LETHE_BUF_AUTO n = {0};
        struct style style = {.face = FACE_REGULAR, .size = 9, .align = -1};
        need(page, 15);
        canvas_rule(&page->canvas, MARGIN, page->y - 1, INNER, 0.4, 0.5);
        word_of(&what, page->lang, "outcome", total->outcome);
        word_of(&how, page->lang, "method", total->method);
        if (!total->physical) {
            word(&kind, page->lang, "lot.not-physical");
            lethe_buf_puts(&kind, "  ");
        }
        if (!total->certificate || total->physical)
            word(&kind, page->lang, total->certificate ? "lot.certificates" : "lot.records");
        number(&n, total->n);
        canvas_fit(&page->canvas, MARGIN, page->y + 10, at[1] - 8, style, what.data);
        canvas_fit(&page->canvas, MARGIN + at[1], page->y + 10, at[2] - at[1] - 8, style, how.data);
        canvas_fit(&page->canvas, MARGIN + at[2], page->y + 10, at[3] - at[2] - 8, style,
                   kind.data);
        style.align = 1;
        style.face = FACE_BOLD;
        canvas_fit(&page->canvas, MARGIN + at[3], page->y + 10, INNER - at[3], style, n.data);
        page->y += 15;
    }
    canvas_rule(&page->canvas, MARGIN, page->y - 1, INNER, 1, 0);
    LETHE_BUF_AUTO n = {0};
    struct style style = {.face = FACE_BLACK, .size = 9.6, .align = 1};
    number(&n, r->n);
    canvas_fit(&page->canvas, MARGIN + at[3], page->y + 11, INNER - at[3], style, n.data);
    page->y += 18;
}

static void signatures(struct page *page)
{
    static const char *const who[] = {"person.sanitised", "person.verified", "person.validated"};
    static const char *const what[] = {"person.name", "person.date", "person.signature"};
    const double width = (INNER - 40) / 3;
    need(page, 150);
    if (page->y < PAGE_BOTTOM - 150)
        page->y = PAGE_BOTTOM - 150;
    section(page, "lot.sign");
    for (size_t i = 0; i < 3; i++) {
        LETHE_BUF_AUTO text = {0};
        double x = MARGIN + (double)i * (width + 20), y = page->y + 10;
        struct style style = {.face = FACE_BOLD, .size = 8, .align = -1};
        word(&text, page->lang, who[i]);
        canvas_fit(&page->canvas, x, y, width, style, text.data);
        style.face = FACE_REGULAR;
        style.size = 7;
        style.grey = 0.25;
        for (size_t k = 0; k < 3; k++) {
            LETHE_BUF_AUTO line = {0};
            y += 32;
            canvas_rule(&page->canvas, x, y, width, 0.5, 0.2);
            word(&line, page->lang, what[k]);
            canvas_fit(&page->canvas, x, y + 8.5, width, style, line.data);
        }
    }
}

static void table_head(struct page *page)
{
    struct lethe_buf texts[N_COLUMNS] = {0};
    const char *words[N_COLUMNS];
    struct style style = {.face = FACE_BOLD, .size = 7.4, .align = -1};
    for (size_t i = 0; i < N_COLUMNS; i++) {
        if (columns[i].key[0])
            word(&texts[i], page->lang, columns[i].key);
        words[i] = texts[i].data;
    }
    cells(page, &style, words, 9);
    page->y += 13;
    canvas_rule(&page->canvas, MARGIN, page->y, INNER, 1, 0);
    page->y += 3;
    for (size_t i = 0; i < N_COLUMNS; i++)
        lethe_buf_free(&texts[i]);
}

static void head(struct page *page)
{
    const struct report *r = (const struct report *)page;
    LETHE_BUF_AUTO text = {0};
    struct style style = {.face = FACE_BOLD, .size = 10, .align = -1};
    escape(&text, r->organisation);
    canvas_fit(&page->canvas, MARGIN, page->y + 10, INNER * 0.5, style, text.data);
    lethe_buf_free(&text);
    word(&text, page->lang, "title.lot");
    lethe_buf_puts(&text, ": ");
    escape(&text, r->lot);
    style.align = 1;
    canvas_fit(&page->canvas, MARGIN + INNER * 0.55, page->y + 10, INNER * 0.45, style, text.data);
    page->y += 22;
}

static const char *serial_of(const json_t *claims)
{
    const json_t *item, *list = json_object_get(claims, "identifiers");
    size_t i;
    json_array_foreach(list, i, item) if (strcmp(text_of(item, "kind"), "serial") == 0 ||
                                          strcmp(text_of(item, "kind"), "imei") ==
                                              0) return text_of(item, "value");
    return text_of(json_array_get(list, 0), "value");
}

/* What it is told by, besides its word: the same shapes as on the pages of the devices. */
static enum sign sign_of(const json_t *claims)
{
    return is_good(claims)          ? SIGN_CHECK
           : is_certificate(claims) ? SIGN_WARNING
           : strcmp(text_of(claims, "outcome"), "indeterminate") == 0 ||
                   strcmp(text_of(claims, "outcome"), "operator-attested") == 0
               ? SIGN_QUESTION
               : SIGN_CROSS;
}

/* Sign and word, as on the page of the device: where there was no medium, that comes first. */
static void row_outcome(struct page *page, const json_t *claims)
{
    bool physical = is_physical(claims), both = page->lang.en && page->lang.zh;
    struct lang first = {.en = page->lang.en, .zh = !page->lang.en};
    struct style style = {
        .face = is_good(claims) ? FACE_REGULAR : FACE_BOLD, .size = 8, .align = -1};
    double x = MARGIN + columns[5].at, width = columns[5].width - 12;
    LETHE_BUF_AUTO upper = {0};
    LETHE_BUF_AUTO lower = {0};
    sign_draw(&page->canvas, sign_of(claims), x, page->y + 1.6, 8.5);
    x += 12;
    if (physical) {
        word_of(&upper, first, "outcome", text_of(claims, "outcome"));
        if (both)
            word_of(&lower, (struct lang){.zh = true}, "outcome", text_of(claims, "outcome"));
    } else {
        word(&upper, page->lang, "lot.not-physical");
        word_of(&lower, page->lang, "outcome", text_of(claims, "outcome"));
    }
    canvas_fit(&page->canvas, x, page->y + 9, width, style, upper.data);
    style.size = 6.6;
    if (lower.len)
        canvas_fit(&page->canvas, x, page->y + 17.5, width, style, lower.data);
}

static void table_row(struct page *page, size_t number_of, const json_t *claims)
{
    const json_t *device = json_object_get(claims, "device");
    const char *ended = text_of(json_object_get(claims, "times"), "ended");
    const char *serial = serial_of(claims);
    LETHE_BUF_AUTO name = {0};
    LETHE_BUF_AUTO id = {0};
    LETHE_BUF_AUTO how = {0};
    LETHE_BUF_AUTO jti = {0};
    char n[24], size[32], when[20];
    lethe_text_format(n, sizeof(n), "%zu", number_of);
    escape(&name, text_of(device, "vendor"));
    lethe_buf_puts(&name, " ");
    escape(&name, text_of(device, "model"));
    lethe_buf_puts(&id, "<span face=\"JetBrains Mono\" weight=\"bold\" size=\"94%\">");
    escape(&id, serial);
    lethe_buf_puts(&id, "</span>");
    if (!serial[0])
        word(&id, page->lang, "hidden");
    lethe_size_format(size, sizeof(size), integer_of(device, "capacity"));
    if (is_phone(claims))
        size[0] = '\0'; /* it has no blocks that anybody could count */
    word_of(&how, (struct lang){.en = page->lang.en, .zh = !page->lang.en}, "method",
            text_of(claims, "method"));
    lethe_text_format(when, sizeof(when), "%.10s %.5s", ended,
                      strlen(ended) == 20 ? ended + 11 : "");
    const char *const texts[N_COLUMNS] = {n, name.data, id.data, size, how.data, NULL, when};
    struct style style = {.face = FACE_REGULAR, .size = 8, .align = -1};
    cells(page, &style, texts, 9);
    row_outcome(page, claims);
    /* Below: which certificate, and what must not be overlooked. */
    struct style small = {.face = FACE_MONO, .size = 5.8, .grey = 0.3, .align = -1};
    escape(&jti, text_of(claims, "jti"));
    canvas_fit(&page->canvas, MARGIN + columns[1].at, page->y + 17.5, columns[1].width, small,
               jti.data);
    if (!is_certificate(claims)) {
        LETHE_BUF_AUTO note = {0};
        const struct style bold = {.face = FACE_BOLD, .size = 6.2, .align = -1};
        word(&note, page->lang, "band.record");
        canvas_fit(&page->canvas, MARGIN + columns[2].at, page->y + 17.5,
                   columns[5].at - columns[2].at - 6, bold, note.data);
    }
    page->y += 22;
    canvas_rule(&page->canvas, MARGIN, page->y - 1, INNER, 0.3, 0.6);
}

static void body(struct report *r)
{
    struct page *page = &r->page;
    struct lethe_words title = words_of("title.lot");
    LETHE_BUF_AUTO below = {0};
    char now[21];
    lethe_time_format(now, lethe_now_ms());
    time_words(&below, now);
    page->at = 0;
    page_begin(page);
    letterhead(page, r->logo, r->organisation, below.data, title.en, title.zh);
    outcome(r);
    summary(r);
    totals(r);
    signatures(page);
    page_end(page);
    page_begin(page);
    head(page);
    table_head(page);
    for (size_t i = 0; i < r->n; i++) {
        unsigned before = page->at;
        need(page, 22);
        if (page->at != before)
            table_head(page);
        table_row(page, i + 1, r->claims[i]);
    }
    page_end(page);
}

static const char *draw(struct report *r, struct lethe_buf *out)
{
    struct page *page = &r->page;
    page->scale = 1;
    canvas_open(&page->canvas, fonts(), NULL);
    body(r);
    canvas_close(&page->canvas);
    page->total = page->at;
    cairo_t *cr = pdf_open(out, PAGE_WIDTH, PAGE_HEIGHT);
    if (!cr)
        return "memory ran out";
    canvas_open(&page->canvas, fonts(), cr);
    body(r);
    canvas_close(&page->canvas);
    return pdf_close(cr) ? NULL : "the report can't be drawn";
}

const char *draw_lot(const json_t *request, cairo_surface_t *logo, struct lethe_buf *out)
{
    const json_t *list = json_object_get(request, "sdjwt"), *item;
    const char *lang = text_of(request, "lang"), *why = NULL;
    LETHE_BUF_AUTO foot = {0};
    struct report r = {
        .page = {.lang = {strcmp(lang, "zh") != 0, strcmp(lang, "en") != 0}, .head = head},
        .lot = text_of(request, "lot"),
        .logo = logo,
        .from = "",
        .to = "",
        .claims = calloc(json_array_size(list) + 1, sizeof(json_t *))};
    size_t i;
    if (!r.claims)
        return "memory ran out";
    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);
        if (!text || lethe_certificate_decode(text, strlen(text), &r.claims[r.n], NULL) < 0) {
            why = "one of the lot is no certificate";
            break;
        }
        count(&r, r.claims[r.n++]);
    }
    r.organisation = r.n ? text_of(r.claims[0], "organisation") : "";
    escape(&foot, r.organisation);
    lethe_buf_puts(&foot, "  ·  ");
    word(&foot, r.page.lang, "lot");
    lethe_buf_puts(&foot, " ");
    escape(&foot, r.lot);
    r.page.foot = foot.data;
    if (!why)
        why = r.n ? draw(&r, out) : "the lot is empty";
    for (i = 0; i < r.n; i++)
        json_decref(r.claims[i]);
    free(r.claims);
    return why;
}
