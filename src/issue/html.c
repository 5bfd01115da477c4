/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One printable A4 page. It carries no script and loads nothing; every value is escaped, wherever
 * it came from; and its outcome is said by word, sign and border, because printers are black and
 * white.
 */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "issue/html_style.h"
#include "issue/html_words.h"
#include "issue/render.h"
#include <inttypes.h>
#include <string.h>

struct page {
    struct lethe_buf *out;
    const json_t *claims;
    bool en, zh;
};

static void raw(struct page *p, const char *html)
{
    lethe_buf_puts(p->out, html);
}

static void escaped(struct page *p, const char *value)
{
    for (; *value; value++) {
        const char *entity = *value == '&'    ? "&amp;"
                             : *value == '<'  ? "&lt;"
                             : *value == '>'  ? "&gt;"
                             : *value == '"'  ? "&quot;"
                             : *value == '\'' ? "&#39;"
                                              : NULL;
        if (entity)
            raw(p, entity);
        else
            lethe_buf_add(p->out, value, 1);
    }
}

static void number(struct page *p, uint64_t value)
{
    lethe_buf_printf(p->out, "%" PRIu64, value);
}

/* Parts per million as a percentage, without needless zeros. */
static void percent(struct page *p, uint64_t ppm)
{
    char digits[16];
    lethe_text_format(digits, sizeof(digits), "%" PRIu64 ".%04" PRIu64, ppm / 10000, ppm % 10000);
    for (size_t len = strlen(digits); digits[len - 1] == '0' || digits[len - 1] == '.'; len--) {
        bool point = digits[len - 1] == '.';
        digits[len - 1] = '\0';
        if (point)
            break;
    }
    escaped(p, digits);
    raw(p, " %");
}

/* A word of our own in the page's language or languages; unknown keys show their last part. */
static void word(struct page *p, const char *key)
{
    const struct lethe_words *found = lethe_words_find(key);
    if (!found) {
        const char *dot = strrchr(key, '.');
        escaped(p, dot ? dot + 1 : key);
        return;
    }
    if (p->en && found->en[0]) {
        raw(p, "<span lang=\"en\">");
        escaped(p, found->en);
        raw(p, "</span>");
    }
    if (p->zh && (!p->en || strcmp(found->en, found->zh) != 0)) {
        raw(p, p->en ? " <span lang=\"zh\">" : "<span lang=\"zh\">");
        escaped(p, found->zh);
        raw(p, "</span>");
    }
}

static void word_of(struct page *p, const char *prefix, const char *value)
{
    char key[96];
    lethe_text_format(key, sizeof(key), "%s.%s", prefix, value);
    word(p, key);
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static uint64_t integer(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static bool truth(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static const json_t *part(const struct page *p, const char *key)
{
    return json_object_get(p->claims, key);
}

static bool is_certificate(const struct page *p)
{
    return strcmp(text(p->claims, "vct"), LETHE_VCT_CERTIFICATE) == 0;
}

static bool is_phone(const struct page *p)
{
    return part(p, "phone") != NULL;
}

static void row_open(struct page *p, const char *key)
{
    raw(p, "<tr><th>");
    word(p, key);
    raw(p, "</th><td>");
}

static void row_close(struct page *p)
{
    raw(p, "</td></tr>\n");
}

static void row(struct page *p, const char *key, const char *value)
{
    if (!value[0])
        return;
    row_open(p, key);
    escaped(p, value);
    row_close(p);
}

static void section(struct page *p, const char *key)
{
    raw(p, "<h2>");
    word(p, key);
    raw(p, "</h2>\n");
}

/* Drawn, not typed: a font without the sign would print an empty box. */
static const char *sign_of(const char *outcome, bool certificate, bool physical)
{
    if (certificate && physical && strcmp(outcome, "passed") == 0)
        return "<svg viewBox=\"0 0 48 48\"><path d=\"M6 26 L19 39 L43 9\" class=\"line\"/></svg>";
    if (certificate)
        return "<svg viewBox=\"0 0 48 48\"><path d=\"M24 4 L46 44 L2 44 Z\" class=\"thin\"/>"
               "<path d=\"M24 17 L24 31 M24 36 L24 39\" class=\"thin\"/></svg>";
    if (strcmp(outcome, "indeterminate") == 0 || strcmp(outcome, "operator-attested") == 0)
        return "<svg viewBox=\"0 0 48 48\"><path d=\"M12 16 C12 2 36 2 36 16 C36 25 24 23 24 33 "
               "M24 40 L24 44\" class=\"line\"/></svg>";
    return "<svg viewBox=\"0 0 48 48\"><path d=\"M8 8 L40 40 M40 8 L8 40\" class=\"line\"/></svg>";
}

static bool is_physical(const struct page *p)
{
    return strcmp(text(p->claims, "substrate"), "physical") == 0;
}

/* Where there is no medium, nobody must be able to cut out a part of the page that reads as if one
 * had been sanitised: the banner's own word and sentence say it. */
static void banner(struct page *p)
{
    const char *outcome = text(p->claims, "outcome");
    bool certificate = is_certificate(p), physical = is_physical(p);
    const char *class_ = !certificate                                 ? "bad"
                         : physical && strcmp(outcome, "passed") == 0 ? "good"
                                                                      : "some";
    lethe_buf_printf(p->out,
                     "<div class=\"outcome %s\"><div class=\"sign\" aria-hidden=\"true\">%s"
                     "</div><div><p class=\"word%s\">",
                     class_, sign_of(outcome, certificate, physical), physical ? "" : " long");
    if (!physical) {
        word_of(p, "banner", text(p->claims, "substrate"));
        raw(p, "</p><p class=\"word less\">");
    }
    word_of(p, "outcome", outcome);
    raw(p, "</p><p class=\"says\">");
    if (physical && is_phone(p) && strcmp(outcome, "passed") == 0)
        word(p, "says.phone");
    else if (physical || !certificate)
        word_of(p, "says", outcome);
    else
        word(p, "says.no-medium");
    raw(p, "</p></div></div>\n");
}

/* True when the asset tag of the record was among them. */
static bool identifiers(struct page *p)
{
    const json_t *list = part(p, "identifiers"), *item;
    bool tag_shown = false;
    size_t i;
    json_array_foreach(list, i, item)
    {
        char key[64];
        lethe_text_format(key, sizeof(key), "id.%s", text(item, "kind"));
        tag_shown = tag_shown || strcmp(text(item, "value"), text(p->claims, "asset_tag")) == 0;
        row_open(p, key);
        raw(p, "<b>");
        escaped(p, text(item, "value"));
        raw(p, "</b> <small>(");
        word_of(p, "source", text(item, "source"));
        raw(p, ")</small>");
        row_close(p);
    }
    if (json_array_size(list) == 0) {
        row_open(p, "id.serial");
        word(p, "hidden");
        row_close(p);
    }
    return tag_shown;
}

/* No evidence of the erasure: what the drive says of itself. */
static void health(struct page *p)
{
    const json_t *told = part(p, "health");
    if (!text(told, "condition")[0])
        return;
    row_open(p, "health");
    word_of(p, "condition", text(told, "condition"));
    if (json_object_get(told, "hours")) {
        raw(p, ", ");
        number(p, integer(told, "hours"));
        raw(p, " ");
        word(p, "hours");
    }
    row_close(p);
}

/* Those that were on, and those that nobody could ask about. */
static void locks(struct page *p, const json_t *locks)
{
    const char *key;
    json_t *value;
    size_t n = 0;
    row_open(p, "phone.locks");
    json_object_foreach((json_t *)(uintptr_t)locks, key, value)
    {
        const char *answer = json_string_value(value);
        if (strcmp(answer, "no") == 0 || !lethe_lock_matters(key, text(part(p, "phone"), "family")))
            continue;
        raw(p, n++ ? ", " : "");
        escaped(p, key);
        raw(p, ": ");
        word(p, strcmp(answer, "yes") == 0 ? "phone.locks.on" : "phone.locks.unknown");
    }
    if (n == 0)
        word(p, "phone.locks.none");
    row_close(p);
}

static void phone(struct page *p)
{
    const json_t *phone = part(p, "phone");
    row_open(p, "phone.encryption");
    word_of(p, "phone.encryption", text(phone, "encryption"));
    row_close(p);
    locks(p, json_object_get(phone, "locks"));
    row_open(p, "phone.esim");
    word_of(p, "phone.esim", text(phone, "esim"));
    row_close(p);
    if (truth(phone, "for_destruction")) {
        row_open(p, "lot");
        raw(p, "<b>");
        word(p, "phone.for-destruction");
        raw(p, "</b>");
        row_close(p);
    }
}

static void device(struct page *p)
{
    const json_t *device = part(p, "device");
    char size[32];
    lethe_size_format(size, sizeof(size), integer(device, "capacity"));
    section(p, "section.device");
    raw(p, "<table>\n");
    row(p, "manufacturer", text(device, "vendor"));
    row(p, "model", text(device, "model"));
    bool tag_shown = identifiers(p);
    if (!tag_shown)
        row(p, "asset_tag", text(p->claims, "asset_tag"));
    if (is_phone(p)) {
        phone(p);
    } else {
        row_open(p, "capacity");
        escaped(p, size);
        raw(p, " (");
        number(p, integer(device, "capacity"));
        raw(p, " B)");
        row_close(p);
    }
    row_open(p, "media");
    word_of(p, "media", text(device, "media"));
    raw(p, ", ");
    escaped(p, text(device, "bus"));
    row_close(p);
    row(p, "firmware", text(device, "firmware"));
    health(p);
    row_open(p, "substrate");
    word_of(p, "substrate", text(p->claims, "substrate"));
    row_close(p);
    raw(p, "</table>\n");
}

static void chain(struct page *p, const json_t *technique)
{
    const json_t *list = json_object_get(technique, "chain");
    const json_t *filled = json_object_get(technique, "filled"), *item;
    size_t i;
    if (json_array_size(list) > 1) {
        row_open(p, "phone.chain");
        json_array_foreach(list, i, item)
        {
            raw(p, i ? ", " : "");
            escaped(p, json_string_value(item));
        }
        row_close(p);
    }
    if (filled) {
        char size[32];
        lethe_size_format(size, sizeof(size), integer(filled, "bytes"));
        row_open(p, "phone.filled");
        escaped(p, size);
        raw(p, ", ");
        number(p, integer(filled, "samples"));
        raw(p, " ");
        word(p, "phone.samples");
        raw(p, ", ");
        number(p, integer(filled, "mismatches"));
        raw(p, " ");
        word(p, "phone.differ");
        row_close(p);
    }
}

static void technique(struct page *p)
{
    const json_t *technique = part(p, "technique");
    const json_t *followed = json_object_get(technique, "followed_by");
    const json_t *passes = json_object_get(followed ? followed : technique, "passes"), *pass;
    size_t i;
    row_open(p, "technique");
    escaped(p, text(technique, "name"));
    if (followed) {
        raw(p, ", ");
        word(p, "followed");
    }
    row_close(p);
    chain(p, technique);
    if (json_array_size(passes) == 0)
        return;
    row_open(p, "passes");
    number(p, json_array_size(passes));
    raw(p, ": ");
    json_array_foreach(passes, i, pass)
    {
        raw(p, i ? ", " : "");
        escaped(p, text(pass, "pattern"));
    }
    row_close(p);
}

static void sanitisation(struct page *p)
{
    const json_t *policy = part(p, "policy"), *profile = part(p, "profile");
    const json_t *times = part(p, "times"), *tool = part(p, "tool");
    section(p, "section.sanitisation");
    raw(p, "<table>\n");
    row_open(p, "method");
    raw(p, "<b>");
    word_of(p, "method", text(p->claims, "method"));
    raw(p, "</b>");
    row_close(p);
    technique(p);
    row_open(p, "policy");
    escaped(p, text(policy, "title"));
    raw(p, " (<code>");
    escaped(p, text(policy, "id"));
    raw(p, "</code>, ");
    word(p, "version");
    raw(p, " ");
    escaped(p, text(policy, "version"));
    raw(p, "): <b>");
    word(p, truth(policy, "met")                                     ? "policy.met"
            : json_is_false(json_object_get(policy, "demonstrable")) ? "policy.not-demonstrable"
                                                                     : "policy.not-met");
    raw(p, "</b>");
    if (truth(policy, "met") && text(policy, "statement")[0]) {
        raw(p, "<br><small>");
        escaped(p, text(policy, "statement"));
        raw(p, "</small>");
    }
    row_close(p);
    row_open(p, "profile");
    escaped(p, text(profile, "id"));
    raw(p, " <small>(");
    word_of(p, "status", text(profile, "test_status"));
    raw(p, ")</small>");
    row_close(p);
    row(p, "started", text(times, "started"));
    row(p, "ended", text(times, "ended"));
    row_open(p, "tool");
    escaped(p, text(tool, "name"));
    raw(p, " ");
    escaped(p, text(tool, "version"));
    row_close(p);
    raw(p, "</table>\n");
}

/* The claim says it in English; in Chinese it is said again from the numbers. */
static void statement_zh(struct page *p, const json_t *v)
{
    const char *mode = text(v, "mode");
    uint64_t samples = integer(v, "samples"), blocks = integer(v, "blocks");
    raw(p, p->en ? "<br><span lang=\"zh\">" : "<span lang=\"zh\">");
    if (!truth(v, "performed"))
        raw(p, "未进行核验。");
    else if (strcmp(mode, "state") == 0)
        raw(p, lethe_state_zh(v));
    else if (integer(v, "mismatches") > 0)
        lethe_buf_printf(p->out,
                         "回读的 %" PRIu64 " 块中，有 %" PRIu64 " 块与清除后应有的内容不符。",
                         samples, integer(v, "mismatches"));
    else if (integer(v, "canaries_survived") > 0)
        lethe_buf_printf(p->out, "清除前写入的标记中，有 %" PRIu64 " 个在清除后仍然存在。",
                         integer(v, "canaries_survived"));
    else if (!truth(v, "complete"))
        raw(p, "核验未能完成。");
    else if (integer(v, "withheld") > 0)
        lethe_buf_printf(p->out,
                         "查看了 %" PRIu64 " 块，均无原有内容；另有 %" PRIu64
                         " 块设备未给出，无法查看。",
                         samples, integer(v, "withheld"));
    else if (strcmp(mode, "full") == 0)
        lethe_buf_printf(p->out, "已回读全部 %" PRIu64 " 个可寻址数据块，内容均符合清除结果%s。",
                         blocks, integer(v, "excepted") ? "（已知例外除外）" : "");
    else if (strcmp(mode, "confidence") == 0) {
        raw(p, "以 ");
        percent(p, integer(v, "confidence_ppm"));
        raw(p, " 的置信度，未清除的可寻址数据块至多占 ");
        percent(p, integer(v, "fraction_ppm"));
        if (strcmp(text(v, "expected"), "unknown") == 0)
            lethe_buf_printf(p->out, "：擦除前在随机位置写入 %" PRIu64 " 个标记，擦除后均已消失。",
                             samples);
        else
            lethe_buf_printf(p->out, "：随机回读 %" PRIu64 " / %" PRIu64 " 块，全部相符。", samples,
                             blocks);
    } else
        lethe_buf_printf(p->out, "分层随机回读 %" PRIu64 " / %" PRIu64 " 块，全部相符。", samples,
                         blocks);
    raw(p, "</span>");
}

/* Each look at the device, and what the person said who was there. */
static void state(struct page *p, const json_t *v)
{
    const json_t *look, *attested = json_object_get(part(p, "phone"), "attested");
    size_t i;
    row_open(p, "verify.by");
    word_of(p, "verify.mode", truth(v, "performed") ? text(v, "mode") : "none");
    row_close(p);
    json_array_foreach(json_object_get(v, "state"), i, look)
    {
        raw(p, "<tr><th>");
        escaped(p, text(look, "technique"));
        raw(p, "</th><td><b>");
        word_of(p, "grade", text(look, "grade"));
        raw(p, "</b><br><small>");
        escaped(p, text(look, "why"));
        raw(p, "</small>");
        row_close(p);
    }
    row_open(p, "verify.statement");
    if (p->en)
        escaped(p, text(v, "statement"));
    if (p->zh)
        statement_zh(p, v);
    row_close(p);
    row(p, "phone.attested", text(attested, "statement"));
}

static void verification(struct page *p)
{
    const json_t *v = part(p, "verification");
    uint64_t ppm = integer(v, "coverage_ppm");
    section(p, "section.verification");
    raw(p, "<table>\n");
    if (is_phone(p)) {
        state(p, v);
        raw(p, "</table>\n");
        return;
    }
    row_open(p, "verify.coverage");
    word_of(p, "verify.mode", truth(v, "performed") ? text(v, "mode") : "none");
    if (truth(v, "performed")) {
        raw(p, ": ");
        number(p, integer(v, "samples"));
        raw(p, " / ");
        number(p, integer(v, "blocks"));
        raw(p, " ");
        word(p, "verify.blocks");
        raw(p, " (");
        percent(p, ppm);
        raw(p, ")");
    }
    row_close(p);
    row_open(p, "verify.statement");
    if (p->en)
        escaped(p, text(v, "statement"));
    if (p->zh)
        statement_zh(p, v);
    row_close(p);
    row_open(p, "verify.canaries");
    number(p, integer(v, "canaries_written"));
    raw(p, " / ");
    if (json_object_get(v, "canaries_survived"))
        number(p, integer(v, "canaries_survived"));
    else
        raw(p, "?");
    row_close(p);
    raw(p, "</table>\n");
}

static void strings(struct page *p, const json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        raw(p, "<li>");
        escaped(p, json_string_value(item) ? json_string_value(item) : "");
        raw(p, "</li>\n");
    }
}

static void own_limit(struct page *p, const char *key)
{
    raw(p, "<li>");
    word(p, key);
    raw(p, "</li>\n");
}

static void exceptions(struct page *p)
{
    const json_t *exceptions = part(p, "exceptions"), *range;
    uint64_t sectors = integer(exceptions, "sectors");
    size_t i;
    raw(p, "<p><b>");
    word(p, "exceptions");
    raw(p, ":</b> ");
    if (sectors == 0 && !truth(exceptions, "truncated")) {
        word(p, "exceptions.none");
    } else {
        raw(p, "<b>");
        number(p, sectors);
        raw(p, "</b> ");
        word(p, "exceptions.sectors");
        json_array_foreach(json_object_get(exceptions, "ranges"), i, range)
        {
            if (i == 8) {
                raw(p, " &hellip;");
                break;
            }
            lethe_buf_printf(p->out, "%s %" PRIu64 "+%" PRIu64, i ? ";" : " (bytes)",
                             (uint64_t)json_integer_value(json_array_get(range, 0)),
                             (uint64_t)json_integer_value(json_array_get(range, 1)));
        }
    }
    raw(p, " &nbsp; <b>");
    word(p, "interruptions");
    raw(p, ":</b> ");
    number(p, integer(part(p, "interruptions"), "count"));
    raw(p, "</p>\n");
}

static void limits(struct page *p)
{
    const json_t *list = part(p, "limitations"), *reasons = part(p, "reasons");
    bool physical = is_physical(p);
    bool flash = strcmp(text(part(p, "device"), "media"), "flash") == 0;
    bool unread = !truth(part(p, "policy"), "read_in_full");
    bool untested = truth(part(p, "profile"), "accepted_untested");
    section(p, "section.limits");
    exceptions(p);
    if (json_array_size(reasons) > 0) {
        raw(p, "<p><b>");
        word(p, "reasons");
        raw(p, ":</b></p>\n<ul>\n");
        strings(p, reasons);
        raw(p, "</ul>\n");
    }
    raw(p, "<ul>\n");
    if (!physical)
        own_limit(p, "limits.virtual");
    if (flash && !is_phone(p))
        own_limit(p, "limits.flash");
    if (is_phone(p) && p->zh)
        own_limit(p, "limits.phone");
    if (unread)
        own_limit(p, "limits.unread");
    if (untested)
        own_limit(p, "limits.untested");
    if (!p->en && json_array_size(list) > 0)
        own_limit(p, "limits.original");
    strings(p, list);
    if (physical && !flash && !unread && !untested && json_array_size(list) == 0)
        own_limit(p, "limits.none");
    raw(p, "</ul>\n");
}

/* SP 800-88r2 section 4.6 wants name, title, date, place, contact and signature of each of the
 * three. */
static void people(struct page *p)
{
    static const char *const who[] = {"person.sanitised", "person.verified", "person.validated"};
    static const char *const what[] = {"person.name", "person.date", "person.contact",
                                       "person.signature"};
    section(p, "section.people");
    raw(p, "<table class=\"people\"><tr><td></td>");
    for (size_t i = 0; i < 3; i++) {
        raw(p, "<th>");
        word(p, who[i]);
        raw(p, "</th>");
    }
    raw(p, "</tr>\n");
    for (size_t i = 0; i < 4; i++) {
        raw(p, "<tr><th>");
        word(p, what[i]);
        raw(p, "</th><td>");
        if (i == 0)
            escaped(p, text(p->claims, "operator"));
        raw(p, "</td><td></td><td></td></tr>\n");
    }
    raw(p, "</table>\n");
}

static void custom_value(struct page *p, const json_t *value)
{
    if (json_is_string(value))
        escaped(p, json_string_value(value));
    else if (json_is_integer(value))
        lethe_buf_printf(p->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        raw(p, json_is_true(value) ? "&#10003;" : "&#10007;");
}

/* Free fields may be called anything, "Outcome" too: so they stand apart, under what they are. */
static void custom(struct page *p)
{
    const json_t *custom = part(p, "custom");
    const char *key;
    json_t *value;
    if (json_object_size(custom) == 0)
        return;
    section(p, "section.custom");
    raw(p, "<table class=\"custom\">\n");
    json_object_foreach((json_t *)(uintptr_t)custom, key, value)
    {
        raw(p, "<tr><th>&ldquo;");
        escaped(p, key);
        raw(p, "&rdquo;</th><td>&ldquo;");
        custom_value(p, value);
        raw(p, "&rdquo;");
        row_close(p);
    }
    raw(p, "</table>\n");
}

static void fields(struct page *p)
{
    if (text(p->claims, "customer")[0] || text(p->claims, "lot")[0]) {
        section(p, "section.record");
        raw(p, "<table>\n");
        row(p, "customer", text(p->claims, "customer"));
        row(p, "lot", text(p->claims, "lot"));
        raw(p, "</table>\n");
    }
    custom(p);
}

static void check(struct page *p, const char *digest)
{
    char signed_at[21];
    lethe_time_format(signed_at, integer(p->claims, "iat") * 1000);
    section(p, "section.check");
    raw(p, "<p>");
    word(p, "rendition");
    raw(p, "</p>\n<p><code>lethe-verify FILE --trust ROOT.pem --device SERIAL</code></p>\n<div "
           "class=\"two\"><table>\n");
    row_open(p, "issuer");
    escaped(p, text(p->claims, "iss"));
    row_close(p);
    row(p, "signed", signed_at);
    row_open(p, "retention");
    number(p, integer(part(p, "policy"), "retention_years"));
    row_close(p);
    raw(p, "</table><table>\n");
    row(p, "id", text(p->claims, "jti"));
    row(p, "job", text(p->claims, "job"));
    row(p, "digest", digest);
    raw(p, "</table></div>\n");
}

/* Of the page's title, where no elements can be. */
static void title_prefix(struct page *p)
{
    const struct lethe_words *found = lethe_words_find(
        strcmp(text(p->claims, "substrate"), "emulated") == 0 ? "banner.emulated" : "banner.image");
    escaped(p, p->en ? found->en : found->zh);
    raw(p, ": ");
}

static void page(struct page *p, const char *digest)
{
    lethe_buf_printf(p->out,
                     "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>",
                     p->en ? "en" : "zh");
    if (!is_physical(p))
        title_prefix(p);
    escaped(p, text(p->claims, "outcome"));
    raw(p, " ");
    escaped(p, text(p->claims, "jti"));
    raw(p, "</title>\n<style>\n" LETHE_HTML_STYLE "</style>\n</head>\n");
    raw(p, p->en && p->zh ? "<body class=\"both\">\n<h1>" : "<body>\n<h1>");
    word(p, !is_certificate(p) ? "title.record"
            : is_physical(p)   ? "title.certificate"
                               : "title.no-medium");
    raw(p, "</h1>\n<p class=\"issuer\">");
    word(p, "issuer");
    raw(p, ": <b>");
    escaped(p, text(p->claims, "organisation"));
    raw(p, "</b></p>\n");
    banner(p);
    raw(p, "<div class=\"two\"><div>\n");
    device(p);
    fields(p);
    raw(p, "</div><div>\n");
    sanitisation(p);
    verification(p);
    raw(p, "</div></div>\n");
    limits(p);
    people(p);
    check(p, digest);
    raw(p, "</body>\n</html>\n");
}

int lethe_render_html(const char *text_in, size_t len, const char *lang, char **out,
                      size_t *out_len, struct lethe_error *err)
{
    bool both = !lang || strcmp(lang, "both") == 0;
    LETHE_BUF_AUTO buf = {0};
    struct page p = {.out = &buf, .en = both || strcmp(lang, "en") == 0};
    p.zh = both || strcmp(lang, "zh") == 0;
    if (!p.en && !p.zh)
        return lethe_fail(err, LETHE_E_USAGE, "no language \"%.20s\": en, zh or both", lang);
    json_t *claims;
    int rc = lethe_certificate_decode(text_in, len, &claims, err);
    if (rc < 0)
        return rc;
    char digest[2 * LETHE_HASH_SIZE + 1];
    const char *tilde = memchr(text_in, '~', len);
    lethe_sha256_hex(digest, text_in, tilde ? (size_t)(tilde - text_in) : len);
    p.claims = claims;
    page(&p, digest);
    json_decref(claims);
    *out_len = buf.len;
    *out = lethe_buf_take(&buf);
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}
