/* SPDX-License-Identifier: Apache-2.0 */
#include "press/value.h"
#include "base/text.h"
#include "base/time.h"
#include "press/words.h"
#include <inttypes.h>
#include <lethe/certificate.h>
#include <string.h>

const char *text_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

uint64_t integer_of(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

bool truth_of(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

bool is_certificate(const json_t *claims)
{
    return strcmp(text_of(claims, "vct"), LETHE_VCT_CERTIFICATE) == 0;
}

bool is_physical(const json_t *claims)
{
    return strcmp(text_of(claims, "substrate"), "physical") == 0;
}

bool is_good(const json_t *claims)
{
    return is_certificate(claims) && is_physical(claims) &&
           strcmp(text_of(claims, "outcome"), "passed") == 0;
}

void number(struct lethe_buf *out, uint64_t value)
{
    lethe_buf_printf(out, "%" PRIu64, value);
}

void percent(struct lethe_buf *out, uint64_t ppm)
{
    char digits[32];
    lethe_text_format(digits, sizeof(digits), "%" PRIu64 ".%04" PRIu64, ppm / 10000, ppm % 10000);
    size_t len = strlen(digits);
    while (digits[len - 1] == '0')
        digits[--len] = '\0';
    if (digits[len - 1] == '.')
        digits[--len] = '\0';
    lethe_buf_printf(out, "%s\u00A0%%", digits);
}

void word(struct lethe_buf *out, struct lang lang, const char *key)
{
    struct lethe_words words = words_of(key);
    if (lang.en)
        escape(out, words.en);
    if (lang.zh && (!lang.en || strcmp(words.en, words.zh) != 0)) {
        if (lang.en && words.en[0])
            lethe_buf_puts(out, " ");
        escape(out, words.zh);
    }
}

void word_of(struct lethe_buf *out, struct lang lang, const char *prefix, const char *value)
{
    char key[96];
    lethe_text_format(key, sizeof(key), "%s.%s", prefix, value);
    word(out, lang, key);
}

void time_words(struct lethe_buf *out, const char *time)
{
    if (strlen(time) == 20)
        lethe_buf_printf(out, "%.10s\u00A0%.8s\u00A0UTC", time, time + 11);
    else
        escape(out, time);
}

void took(struct lethe_buf *out, struct lang lang, const char *from, const char *to)
{
    uint64_t a, b;
    if (lethe_time_parse(from, &a) < 0 || lethe_time_parse(to, &b) < 0 || b < a)
        return;
    uint64_t s = (b - a) / 1000;
    lethe_buf_puts(out, "\n(");
    word(out, lang, "took");
    if (s >= 3600)
        lethe_buf_printf(out, " %" PRIu64 "\u00A0h", s / 3600);
    if (s >= 60)
        lethe_buf_printf(out, " %" PRIu64 "\u00A0min", s % 3600 / 60);
    if (s < 3600)
        lethe_buf_printf(out, " %" PRIu64 "\u00A0s", s % 60);
    lethe_buf_puts(out, ")");
}

void statement_zh(struct lethe_buf *out, const json_t *v)
{
    const char *mode = text_of(v, "mode");
    uint64_t samples = integer_of(v, "samples"), blocks = integer_of(v, "blocks");
    if (!truth_of(v, "performed"))
        lethe_buf_puts(out, "未进行核验。");
    else if (strcmp(mode, "state") == 0)
        lethe_buf_puts(out, lethe_state_zh(v));
    else if (integer_of(v, "mismatches") > 0)
        lethe_buf_printf(out, "回读的 %" PRIu64 " 块中，有 %" PRIu64 " 块与清除后应有的内容不符。",
                         samples, integer_of(v, "mismatches"));
    else if (integer_of(v, "canaries_survived") > 0)
        lethe_buf_printf(out, "清除前写入的标记中，有 %" PRIu64 " 个在清除后仍然存在。",
                         integer_of(v, "canaries_survived"));
    else if (!truth_of(v, "complete"))
        lethe_buf_puts(out, "核验未能完成。");
    else if (integer_of(v, "withheld") > 0)
        lethe_buf_printf(
            out, "查看了 %" PRIu64 " 块，均无原有内容；另有 %" PRIu64 " 块设备未给出，无法查看。",
            samples, integer_of(v, "withheld"));
    else if (strcmp(mode, "full") == 0)
        lethe_buf_printf(out, "已回读全部 %" PRIu64 " 个可寻址数据块，内容均符合清除结果%s。",
                         blocks, integer_of(v, "excepted") ? "（已知例外除外）" : "");
    else if (strcmp(mode, "confidence") == 0) {
        lethe_buf_puts(out, "以 ");
        percent(out, integer_of(v, "confidence_ppm"));
        lethe_buf_puts(out, " 的置信度，未清除的可寻址数据块至多占 ");
        percent(out, integer_of(v, "fraction_ppm"));
        if (strcmp(text_of(v, "expected"), "unknown") == 0)
            lethe_buf_printf(out, "：擦除前在随机位置写入 %" PRIu64 " 个标记，擦除后均已消失。",
                             samples);
        else
            lethe_buf_printf(out, "：随机回读 %" PRIu64 " / %" PRIu64 " 块，全部相符。", samples,
                             blocks);
    } else
        lethe_buf_printf(out, "分层随机回读 %" PRIu64 " / %" PRIu64 " 块，全部相符。", samples,
                         blocks);
}
