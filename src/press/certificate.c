/* SPDX-License-Identifier: Apache-2.0 */
/* The page of one certificate or record: what src/issue's page says, on one sheet of A4. */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "press/page.h"
#include "press/words.h"
#include <inttypes.h>
#include <lethe/certificate.h>
#include <stdlib.h>
#include <string.h>

#define QR_SIZE 106.0
#define GUTTER 22.0
#define CUSTOM_MAX 256 /* more than the schema lets through */

struct sheet {
    struct page page; /* first */
    const json_t *claims, *series;
    cairo_surface_t *logo;
    QRcode *qr;
    bool proof;
    bool rehearsal; /* every size of letters is to be used once */
    char digest[2 * LETHE_HASH_SIZE + 1];
};

static void mark(struct page *page)
{
    const json_t *claims = page->claims;
    char key[48];
    if (!is_physical(claims))
        lethe_text_format(key, sizeof(key), "watermark.%s", text_of(claims, "substrate"));
    else if (!is_certificate(claims))
        lethe_text_format(key, sizeof(key), "watermark.record");
    else
        return;
    struct lethe_words words = words_of(key);
    canvas_watermark(&page->canvas, PAGE_WIDTH / 2, PAGE_HEIGHT * 0.58, -0.95, 740,
                     page->lang.en ? words.en : words.zh);
}

static enum sign sign_of(const json_t *claims)
{
    const char *outcome = text_of(claims, "outcome");
    if (is_good(claims))
        return SIGN_CHECK;
    if (is_certificate(claims))
        return SIGN_WARNING;
    return strcmp(outcome, "indeterminate") == 0 || strcmp(outcome, "operator-attested") == 0
               ? SIGN_QUESTION
               : SIGN_CROSS;
}

/* The word in the page's languages; the Chinese one a little smaller, because it fills its line. */
static void big_word(struct lethe_buf *out, struct lang lang, const char *key)
{
    struct lethe_words words = words_of(key);
    if (lang.en)
        escape(out, words.en);
    if (lang.en && lang.zh)
        lethe_buf_puts(out, "  ");
    if (lang.zh) {
        lethe_buf_puts(out, "<span size=\"84%\">");
        escape(out, words.zh);
        lethe_buf_puts(out, "</span>");
    }
}

static void outcome(struct sheet *s)
{
    struct page *page = &s->page;
    const json_t *claims = s->claims;
    struct lang lang = page->lang;
    LETHE_BUF_AUTO substrate = {0};
    LETHE_BUF_AUTO record = {0};
    LETHE_BUF_AUTO says = {0};
    LETHE_BUF_AUTO less = {0};
    LETHE_BUF_AUTO words = {0};
    char key[64];
    bool certificate = is_certificate(claims), physical = is_physical(claims);
    struct banner banner = {.sign = sign_of(claims),
                            .frame = is_good(claims) ? FRAME_GOOD
                                     : certificate   ? FRAME_SOME
                                                     : FRAME_BAD};
    size_t bands = 0;
    if (!physical && !certificate) {
        word_of(&substrate, lang, "banner", text_of(claims, "substrate"));
        banner.bands[bands++] = substrate.data;
    }
    if (!certificate) {
        word(&record, lang, "band.record");
        banner.bands[bands++] = record.data;
    }
    /* Where there is no medium, nobody must be able to cut out a part of the page that reads as if
     * one had been sanitised. */
    if (!physical && certificate) {
        lethe_text_format(key, sizeof(key), "banner.%s", text_of(claims, "substrate"));
        big_word(&words, (struct lang){.en = lang.en, .zh = !lang.en}, key);
        if (lang.en && lang.zh) {
            word(&less, (struct lang){.zh = true}, key);
            lethe_buf_puts(&less, "   ");
        }
        word_of(&less, lang, "outcome", text_of(claims, "outcome"));
        banner.less = less.data;
    } else {
        lethe_text_format(key, sizeof(key), "outcome.%s", text_of(claims, "outcome"));
        big_word(&words, lang, key);
    }
    if (physical && is_phone(claims) && strcmp(text_of(claims, "outcome"), "passed") == 0)
        lethe_text_format(key, sizeof(key), "says.phone");
    else if (physical || !certificate)
        lethe_text_format(key, sizeof(key), "says.%s", text_of(claims, "outcome"));
    else
        lethe_text_format(key, sizeof(key), "says.no-medium");
    struct lethe_words sentence = words_of(key);
    if (lang.en)
        escape(&says, sentence.en);
    if (lang.en && lang.zh)
        lethe_buf_puts(&says, "\n");
    if (lang.zh)
        escape(&says, sentence.zh);
    banner.word = words.data;
    banner.says = says.data;

    double width = s->qr ? INNER - QR_SIZE - 10 : INNER;
    double height = banner_draw(page, MARGIN, page->y, width, s->qr ? QR_SIZE : 0, &banner);
    if (s->qr) {
        LETHE_BUF_AUTO caption = {0};
        const struct style style = {.face = FACE_REGULAR, .size = 7.2, .grey = 0.2, .align = 0};
        double x = MARGIN + INNER - QR_SIZE, y = page->y + (height - QR_SIZE) / 2 - 3;
        word(&caption, lang, "qr");
        qr_draw(&page->canvas, s->qr, x, y, QR_SIZE);
        canvas_fit(&page->canvas, x, y + QR_SIZE + 4, QR_SIZE, style, caption.data);
    }
    page->y += height + 4;
}

/* On the second page nobody may take the continuation for something else. */
static void head(struct page *page)
{
    LETHE_BUF_AUTO text = {0};
    struct style style = {.face = FACE_BOLD, .size = 10, .align = -1};
    escape(&text, text_of(page->claims, "organisation"));
    canvas_fit(&page->canvas, MARGIN, page->y + 10, INNER * 0.45, style, text.data);
    lethe_buf_free(&text);
    if (!is_physical(page->claims)) {
        word_of(&text, page->lang, "banner", text_of(page->claims, "substrate"));
        lethe_buf_puts(&text, "  ");
    }
    word_of(&text, page->lang, "outcome", text_of(page->claims, "outcome"));
    if (!is_certificate(page->claims)) {
        lethe_buf_puts(&text, "  ");
        word(&text, page->lang, "band.record");
    }
    style.align = 1;
    canvas_fit(&page->canvas, MARGIN + INNER * 0.5, page->y + 10, INNER * 0.5, style, text.data);
    page->y += 16;
    canvas_rule(&page->canvas, MARGIN, page->y, INNER, 1.2, 0);
    page->y += 6;
}

static void identifiers(struct page *page)
{
    const json_t *list = json_object_get(page->claims, "identifiers"), *item;
    const char *asset = text_of(page->claims, "asset_tag");
    bool tag_shown = false;
    size_t i;
    json_array_foreach(list, i, item)
    {
        LETHE_BUF_AUTO value = {0};
        char key[64];
        lethe_text_format(key, sizeof(key), "id.%s", text_of(item, "kind"));
        tag_shown = tag_shown || strcmp(text_of(item, "value"), asset) == 0;
        lethe_buf_puts(&value, "<span face=\"JetBrains Mono\" weight=\"bold\" size=\"96%\">");
        escape(&value, text_of(item, "value"));
        lethe_buf_puts(&value, "</span> <span size=\"84%\">");
        word_of(&value, page->lang, "source", text_of(item, "source"));
        lethe_buf_puts(&value, "</span>");
        row_markup(page, key, &value);
    }
    if (json_array_size(list) == 0) {
        LETHE_BUF_AUTO value = {0};
        word(&value, page->lang, "hidden");
        row_markup(page, "id.serial", &value);
    }
    if (!tag_shown)
        row_text(page, "asset_tag", asset);
}

/* No evidence of the erasure: what the drive says of itself. */
static void health(struct page *page)
{
    const json_t *told = json_object_get(page->claims, "health");
    LETHE_BUF_AUTO value = {0};
    if (!text_of(told, "condition")[0])
        return;
    word_of(&value, page->lang, "condition", text_of(told, "condition"));
    if (json_object_get(told, "hours")) {
        lethe_buf_printf(&value, ", %" PRIu64 " ", integer_of(told, "hours"));
        word(&value, page->lang, "hours");
    }
    row_markup(page, "health", &value);
}

static void device(struct page *page)
{
    const json_t *device = json_object_get(page->claims, "device");
    LETHE_BUF_AUTO capacity = {0};
    LETHE_BUF_AUTO media = {0};
    LETHE_BUF_AUTO substrate = {0};
    char size[32];
    section(page, "section.device");
    row_text(page, "manufacturer", text_of(device, "vendor"));
    row_text(page, "model", text_of(device, "model"));
    identifiers(page);
    lethe_size_format(size, sizeof(size), integer_of(device, "capacity"));
    lethe_buf_printf(&capacity, "%s <span size=\"84%%\">(%" PRIu64 " B)</span>", size,
                     integer_of(device, "capacity"));
    if (is_phone(page->claims))
        phone_device(page);
    else
        row_markup(page, "capacity", &capacity);
    word_of(&media, page->lang, "media", text_of(device, "media"));
    lethe_buf_puts(&media, ", ");
    escape(&media, text_of(device, "bus"));
    row_markup(page, "media", &media);
    row_text(page, "firmware", text_of(device, "firmware"));
    health(page);
    bool physical = is_physical(page->claims);
    lethe_buf_puts(&substrate, physical ? "" : "<b>");
    word_of(&substrate, page->lang, "substrate", text_of(page->claims, "substrate"));
    lethe_buf_puts(&substrate, physical ? "" : "</b>");
    row_markup(page, "substrate", &substrate);
}

static void technique(struct page *page)
{
    const json_t *technique = json_object_get(page->claims, "technique");
    const json_t *followed = json_object_get(technique, "followed_by");
    const json_t *passes = json_object_get(followed ? followed : technique, "passes"), *pass;
    LETHE_BUF_AUTO name = {0};
    LETHE_BUF_AUTO value = {0};
    size_t i;
    escape(&name, text_of(technique, "name"));
    if (followed) {
        lethe_buf_puts(&name, ", ");
        word(&name, page->lang, "followed");
    }
    row_markup(page, "technique", &name);
    phone_technique(page);
    if (json_array_size(passes) == 0)
        return;
    lethe_buf_printf(&value, "%zu: ", json_array_size(passes));
    json_array_foreach(passes, i, pass)
    {
        lethe_buf_puts(&value, i ? ", " : "");
        escape(&value, text_of(pass, "pattern"));
    }
    row_markup(page, "passes", &value);
}

static void methods(struct page *page)
{
    const json_t *policy = json_object_get(page->claims, "policy");
    LETHE_BUF_AUTO asked = {0};
    LETHE_BUF_AUTO achieved = {0};
    if (text_of(policy, "method")[0])
        word_of(&asked, page->lang, "method", text_of(policy, "method"));
    row_markup(page, "asked", &asked);
    lethe_buf_puts(&achieved, "<b>");
    word_of(&achieved, page->lang, "method", text_of(page->claims, "method"));
    lethe_buf_puts(&achieved, "</b>");
    row_markup(page, "achieved", &achieved);
}

static void policy(struct page *page)
{
    const json_t *policy = json_object_get(page->claims, "policy");
    const json_t *profile = json_object_get(page->claims, "profile");
    LETHE_BUF_AUTO value = {0};
    LETHE_BUF_AUTO known = {0};
    escape(&value, text_of(policy, "title"));
    lethe_buf_puts(&value, ": <b>");
    word(&value, page->lang,
         truth_of(policy, "met")                                  ? "policy.met"
         : json_is_false(json_object_get(policy, "demonstrable")) ? "policy.not-demonstrable"
                                                                  : "policy.not-met");
    lethe_buf_puts(&value, "</b>\n<span size=\"84%\">");
    escape(&value, text_of(policy, "id"));
    lethe_buf_puts(&value, ", ");
    word(&value, page->lang, "version");
    lethe_buf_puts(&value, " ");
    escape(&value, text_of(policy, "version"));
    if (truth_of(policy, "met") && text_of(policy, "statement")[0]) {
        lethe_buf_puts(&value, ". ");
        escape(&value, text_of(policy, "statement"));
    }
    lethe_buf_puts(&value, "</span>");
    row_markup(page, "policy", &value);
    escape(&known, text_of(profile, "id"));
    lethe_buf_puts(&known, "\n<span size=\"84%\">");
    word_of(&known, page->lang, "status", text_of(profile, "test_status"));
    lethe_buf_puts(&known, "</span>");
    row_markup(page, "profile", &known);
}

static void times(struct page *page)
{
    const json_t *times = json_object_get(page->claims, "times");
    const json_t *tool = json_object_get(page->claims, "tool");
    LETHE_BUF_AUTO started = {0};
    LETHE_BUF_AUTO ended = {0};
    LETHE_BUF_AUTO program = {0};
    time_words(&started, text_of(times, "started"));
    row_markup(page, "started", &started);
    time_words(&ended, text_of(times, "ended"));
    took(&ended, page->lang, text_of(times, "started"), text_of(times, "ended"));
    row_markup(page, "ended", &ended);
    escape(&program, text_of(tool, "name"));
    lethe_buf_puts(&program, " ");
    escape(&program, text_of(tool, "version"));
    row_markup(page, "tool", &program);
}

static void statement(struct page *page, const json_t *v)
{
    LETHE_BUF_AUTO text = {0};
    if (page->lang.en)
        escape(&text, text_of(v, "statement"));
    if (page->lang.en && page->lang.zh)
        lethe_buf_puts(&text, "\n");
    if (page->lang.zh)
        statement_zh(&text, v);
    row_markup(page, "verify.statement", &text);
}

static void read_back(struct page *page, const json_t *v)
{
    LETHE_BUF_AUTO coverage = {0};
    LETHE_BUF_AUTO canaries = {0};
    word_of(&coverage, page->lang, "verify.mode",
            truth_of(v, "performed") ? text_of(v, "mode") : "none");
    if (truth_of(v, "performed")) {
        lethe_buf_printf(&coverage, ": %" PRIu64 " / %" PRIu64 " ", integer_of(v, "samples"),
                         integer_of(v, "blocks"));
        word(&coverage, page->lang, "verify.blocks");
        lethe_buf_puts(&coverage, " (");
        percent(&coverage, integer_of(v, "coverage_ppm"));
        lethe_buf_puts(&coverage, ")");
    }
    row_markup(page, "verify.coverage", &coverage);
    statement(page, v);
    lethe_buf_printf(&canaries, "%" PRIu64 " / ", integer_of(v, "canaries_written"));
    if (json_object_get(v, "canaries_survived"))
        number(&canaries, integer_of(v, "canaries_survived"));
    else
        lethe_buf_puts(&canaries, "?");
    row_markup(page, "marks", &canaries);
}

static void verification(struct page *page)
{
    const json_t *v = json_object_get(page->claims, "verification");
    section(page, "section.verification");
    if (!is_phone(page->claims)) {
        read_back(page, v);
        return;
    }
    phone_state(page);
    statement(page, v);
}

static void record(struct page *page)
{
    const char *customer = text_of(page->claims, "customer"), *lot = text_of(page->claims, "lot");
    if (!customer[0] && !lot[0])
        return;
    section(page, "section.record");
    row_text(page, "customer", customer);
    row_text(page, "lot", lot);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Free fields may be called anything, "Outcome" too: so they stand apart, under what they are, in
 * quotes. */
static void custom(struct page *page)
{
    json_t *custom = json_object_get(page->claims, "custom");
    const char *keys[CUSTOM_MAX];
    void *at;
    size_t n = 0;
    for (at = json_object_iter(custom); at && n < CUSTOM_MAX;
         at = json_object_iter_next(custom, at))
        keys[n++] = json_object_iter_key(at);
    if (n == 0)
        return;
    qsort(keys, n, sizeof(*keys), by_name);
    section(page, "section.custom");
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_object_get(custom, keys[i]);
        LETHE_BUF_AUTO heading = {0};
        LETHE_BUF_AUTO text = {0};
        lethe_buf_puts(&heading, "<i>“");
        escape(&heading, keys[i]);
        lethe_buf_puts(&heading, "”</i>");
        lethe_buf_puts(&text, "<i>“");
        if (json_is_string(value))
            escape(&text, json_string_value(value));
        else if (json_is_integer(value))
            lethe_buf_printf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        else
            lethe_buf_puts(&text, json_is_true(value) ? "true" : "false");
        lethe_buf_puts(&text, "”</i>");
        row_headed(page, heading.data, &text);
    }
}

static void bullet_word(struct page *page, const char *key)
{
    LETHE_BUF_AUTO text = {0};
    word(&text, page->lang, key);
    bullet(page, text.data);
}

static void bullets(struct page *page, const json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        LETHE_BUF_AUTO text = {0};
        escape(&text, json_string_value(item) ? json_string_value(item) : "");
        bullet(page, text.data ? text.data : "");
    }
}

static void exceptions(struct page *page)
{
    const json_t *exceptions = json_object_get(page->claims, "exceptions"), *range;
    uint64_t sectors = integer_of(exceptions, "sectors");
    LETHE_BUF_AUTO text = {0};
    size_t i;
    lethe_buf_puts(&text, "<b>");
    word(&text, page->lang, "exceptions");
    lethe_buf_puts(&text, ":</b> ");
    if (sectors == 0 && !truth_of(exceptions, "truncated")) {
        word(&text, page->lang, "exceptions.none");
    } else {
        lethe_buf_printf(&text, "<b>%" PRIu64 "</b> ", sectors);
        word(&text, page->lang, "exceptions.sectors");
        json_array_foreach(json_object_get(exceptions, "ranges"), i, range)
        {
            if (i == 8) {
                lethe_buf_puts(&text, " …");
                break;
            }
            lethe_buf_printf(&text, "%s %" PRIu64 "+%" PRIu64, i ? ";" : " (bytes)",
                             (uint64_t)json_integer_value(json_array_get(range, 0)),
                             (uint64_t)json_integer_value(json_array_get(range, 1)));
        }
    }
    lethe_buf_puts(&text, "      <b>");
    word(&text, page->lang, "interruptions");
    lethe_buf_printf(&text, ":</b> %" PRIu64,
                     integer_of(json_object_get(page->claims, "interruptions"), "count"));
    paragraph(page, &text, 0);
}

static void limits(struct page *page)
{
    const json_t *claims = page->claims;
    const json_t *list = json_object_get(claims, "limitations");
    const json_t *reasons = json_object_get(claims, "reasons");
    bool physical = is_physical(claims);
    bool flash = strcmp(text_of(json_object_get(claims, "device"), "media"), "flash") == 0;
    bool unread = !truth_of(json_object_get(claims, "policy"), "read_in_full");
    bool untested = truth_of(json_object_get(claims, "profile"), "accepted_untested");
    section(page, "section.limits");
    exceptions(page);
    if (json_array_size(reasons) > 0) {
        LETHE_BUF_AUTO text = {0};
        lethe_buf_puts(&text, "<b>");
        word(&text, page->lang, "reasons");
        lethe_buf_puts(&text, ":</b>");
        paragraph(page, &text, 0);
        bullets(page, reasons);
        page->y += 2;
    }
    if (!physical)
        bullet_word(page, "limits.virtual");
    if (flash && !is_phone(page->claims))
        bullet_word(page, "limits.flash");
    if (is_phone(page->claims) && page->lang.zh)
        bullet_word(page, "limits.phone");
    if (unread)
        bullet_word(page, "limits.unread");
    if (untested)
        bullet_word(page, "limits.untested");
    if (!page->lang.en && json_array_size(list) > 0)
        bullet_word(page, "limits.original");
    bullets(page, list);
    if (physical && !flash && !unread && !untested && json_array_size(list) == 0)
        bullet_word(page, "limits.none");
}

/* SP 800-88r2 section 4.6 wants name, title, date, place, contact and signature of each of the
 * three. */
static void people(struct page *page, double row_height)
{
    static const char *const who[] = {"person.sanitised", "person.verified", "person.validated"};
    static const char *const what[] = {"person.name", "person.date", "person.contact",
                                       "person.signature"};
    struct canvas *canvas = &page->canvas;
    const double left = 84, column = (page->width - left) / 3;
    section(page, "section.people");
    double top = page->y;
    struct style style = small_style(page);
    for (size_t i = 0; i < 3; i++) {
        LETHE_BUF_AUTO text = {0};
        struct style bold = style;
        bold.face = FACE_BOLD;
        bold.grey = 0;
        word(&text, page->lang, who[i]);
        canvas_fit(canvas, page->x + left + (double)i * column + 5, top + 9, column - 10, bold,
                   text.data);
    }
    double y = top + 13;
    for (size_t i = 0; i < 4; i++, y += row_height) {
        LETHE_BUF_AUTO text = {0};
        word(&text, page->lang, what[i]);
        canvas_rule(canvas, page->x, y, page->width, 0.4, 0.45);
        canvas_fit(canvas, page->x, y + row_height / 2 + 3, left - 6, style, text.data);
        const char *operator= text_of(page->claims, "operator");
        if (i == 0 && operator[0]) {
            LETHE_BUF_AUTO name = {0};
            struct style body = body_style(page);
            escape(&name, operator);
            canvas_fit(canvas, page->x + left + 5, y + row_height / 2 + 3, column - 10, body,
                       name.data);
        }
    }
    canvas_rule(canvas, page->x, y, page->width, 0.4, 0.45);
    for (size_t i = 0; i <= 3; i++)
        canvas_fill(canvas, page->x + left + (double)i * column - (i == 3 ? 0.4 : 0), top + 13, 0.4,
                    y - top - 13, 0.45);
    page->y = y + 3;
}

static double column_end(struct page *page, double x, double width, double y)
{
    page->x = x;
    page->width = width;
    page->y = y;
    return y;
}

static void mono(struct page *page, const char *key, const char *text)
{
    LETHE_BUF_AUTO markup = {0};
    lethe_buf_puts(&markup, "<span face=\"JetBrains Mono\" size=\"80%\">");
    escape(&markup, text);
    lethe_buf_puts(&markup, "</span>");
    row_markup(page, key, &markup);
}

static void check(struct sheet *s)
{
    struct page *page = &s->page;
    const json_t *claims = s->claims;
    LETHE_BUF_AUTO text = {0};
    LETHE_BUF_AUTO years = {0};
    LETHE_BUF_AUTO when = {0};
    char signed_at[21];
    section(page, "section.check");
    word(&text, page->lang, "rendition.pdf");
    lethe_buf_puts(&text, "\n<span face=\"JetBrains Mono\" size=\"92%\">lethe-verify FILE.pdf "
                          "--trust ROOT.pem --device SERIAL</span>");
    paragraph(page, &text, 0);
    page->y += 1.5;
    double half = (INNER - GUTTER) / 2, y = page->y;
    column_end(page, MARGIN, half, y);
    lethe_time_format(signed_at, integer_of(claims, "iat") * 1000);
    mono(page, "issuer", text_of(claims, "iss"));
    time_words(&when, signed_at);
    row_markup(page, "signed", &when);
    number(&years, integer_of(json_object_get(claims, "policy"), "retention_years"));
    row_markup(page, "retention", &years);
    row_text(page, "attached",
             s->proof ? "certificate.sdjwt, certificate.tlog-proof" : "certificate.sdjwt");
    double left = page->y;
    column_end(page, MARGIN + half + GUTTER, half, y);
    mono(page, "id", text_of(claims, "jti"));
    mono(page, "job", text_of(claims, "job"));
    mono(page, "digest", s->digest);
    column_end(page, MARGIN, INNER, left > page->y ? left : page->y);
}

/* Persons and how to check it stand together at the foot of the page. */
static void bottom(struct sheet *s)
{
    struct page *page = &s->page;
    struct page before = *page;
    const double least = 15.5, most = 21;
    bool dry = page->canvas.dry;
    page->canvas.dry = true;
    page->y = 0;
    people(page, least);
    check(s);
    double height = page->y;
    *page = before;
    page->canvas.dry = dry;
    need(page, height);
    double spare = PAGE_BOTTOM - page->y - height;
    double row_height = least + (spare > 4 * (most - least) ? most - least : spare / 4);
    page->y += spare - 4 * (row_height - least);
    people(page, row_height);
    check(s);
}

static void body(struct sheet *s)
{
    struct page *page = &s->page;
    const json_t *claims = s->claims;
    bool physical = is_physical(claims);
    const char *title = !is_certificate(claims) ? "title.record"
                        : physical              ? "title.certificate"
                                                : "title.no-medium";
    struct lethe_words words = words_of(title);
    LETHE_BUF_AUTO below = {0};
    word(&below, page->lang, "issuer");
    lethe_buf_puts(&below, ": ");
    escape(&below, text_of(claims, "iss"));

    page->at = 0;
    page_begin(page);
    letterhead(page, s->logo, text_of(claims, "organisation"), below.data, words.en, words.zh);
    outcome(s);
    double half = (INNER - GUTTER) / 2, y = page->y;
    bool short_custom = json_object_size(json_object_get(claims, "custom")) <= 6;
    column_end(page, MARGIN, half, y);
    device(page);
    double left = page->y;
    column_end(page, MARGIN + half + GUTTER, half, y);
    section(page, "section.sanitisation");
    methods(page);
    technique(page);
    policy(page);
    times(page);
    double right = page->y;
    /* The shorter column takes what is left. */
    if (left <= right)
        column_end(page, MARGIN, half, left);
    record(page);
    if (short_custom)
        custom(page);
    left = left <= right ? right : left;
    column_end(page, MARGIN, INNER, left > page->y ? left : page->y);
    verification(page);
    chart(page, s->series);
    limits(page);
    if (!short_custom)
        custom(page);
    bottom(s);
    page_end(page);
}

static const char *draw(struct sheet *s, struct lethe_buf *out)
{
    static const double scales[] = {1, 0.95, 0.9, 0.86, 1};
    struct page *page = &s->page;
    const size_t n = sizeof(scales) / sizeof(scales[0]);
    canvas_open(&page->canvas, fonts(), NULL);
    /* A little smaller is better than a second sheet; very small is not. */
    for (size_t i = 0; i < n; i++) {
        page->scale = scales[i] * (page->lang.en && page->lang.zh ? 0.95 : 1);
        page->total = 0;
        body(s);
        if (page->at == 1 && !s->rehearsal)
            break;
    }
    page->total = page->at;
    cairo_t *cr = pdf_open(out, PAGE_WIDTH, PAGE_HEIGHT);
    if (cr) {
        canvas_wet(&page->canvas, cr);
        body(s);
    }
    canvas_close(&page->canvas);
    return !cr ? "memory ran out" : pdf_close(cr) ? NULL : "the page can't be drawn";
}

void rehearse_certificate(struct lang lang)
{
    static const char claims[] =
        "{\"vct\":\"urn:lethe:erasure-certificate:1\",\"organisation\":\"O\",\"outcome\":"
        "\"passed\","
        "\"substrate\":\"physical\",\"method\":\"clear\",\"lot\":\"1\",\"custom\":{\"a\":\"b\"},"
        "\"device\":{\"model\":\"M\",\"media\":\"magnetic\"},\"policy\":{\"title\":\"T\",\"met\":"
        "true},"
        "\"identifiers\":[{\"kind\":\"serial\",\"value\":\"0123456789\",\"source\":\"device\"}],"
        "\"limitations\":[\"abc\"]}";
    LETHE_BUF_AUTO out = {0};
    LETHE_JSON_AUTO *sample = json_loads(claims, 0, NULL);
    struct sheet s = {.page = {.lang = lang, .claims = sample, .head = head, .foot = "1"},
                      .claims = sample,
                      .rehearsal = true};
    draw(&s, &out);
}

const char *draw_certificate(const json_t *request, cairo_surface_t *logo, struct lethe_buf *out)
{
    const char *text = text_of(request, "sdjwt"), *qr = text_of(request, "qr");
    const char *lang = text_of(request, "lang");
    json_t *claims;
    if (lethe_certificate_decode(text, strlen(text), &claims, NULL) < 0)
        return "no certificate to draw";
    LETHE_BUF_AUTO foot = {0};
    struct sheet s = {
        .page = {.lang = {strcmp(lang, "zh") != 0, strcmp(lang, "en") != 0},
                 .claims = claims,
                 .head = head,
                 .mark = mark},
        .claims = claims,
        .series = json_object_get(request, "series"),
        .logo = logo,
        .qr = qr[0] ? qr_of(qr) : NULL,
        .proof = truth_of(request, "proof"),
    };
    const char *tilde = strchr(text, '~');
    lethe_sha256_hex(s.digest, text, tilde ? (size_t)(tilde - text) : strlen(text));
    word_of(&foot, s.page.lang, "outcome", text_of(claims, "outcome"));
    lethe_buf_puts(&foot, "  ·  ");
    escape(&foot, text_of(claims, "jti"));
    lethe_buf_puts(&foot, "  ·  ");
    escape(&foot, text_of(claims, "organisation"));
    s.page.foot = foot.data;
    const char *why = qr[0] && !s.qr ? "the QR code would be too large" : draw(&s, out);
    if (s.qr)
        QRcode_free(s.qr);
    json_decref(claims);
    return why;
}
