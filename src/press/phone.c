/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a phone: what it is locked by, how it was erased, and what its state shows. */
#include "base/text.h"
#include "press/page.h"
#include "press/words.h"
#include <inttypes.h>
#include <string.h>

bool is_phone(const json_t *claims)
{
    return json_is_object(json_object_get(claims, "phone"));
}

/* Those that were on, and those that nobody could ask about. */
static void locks(struct page *page, const json_t *phone)
{
    LETHE_BUF_AUTO value = {0};
    const char *key;
    json_t *answer;
    json_object_foreach((json_t *)(uintptr_t)json_object_get(phone, "locks"), key, answer)
    {
        const char *is = json_string_value(answer);
        if (!is || strcmp(is, "no") == 0 || !lethe_lock_matters(key, text_of(phone, "family")))
            continue;
        lethe_buf_puts(&value, value.len ? ", " : "");
        escape(&value, key);
        lethe_buf_puts(&value, ": ");
        word(&value, page->lang, strcmp(is, "yes") == 0 ? "phone.locks.on" : "phone.locks.unknown");
    }
    if (!value.len)
        word(&value, page->lang, "phone.locks.none");
    row_markup(page, "phone.locks", &value);
}

void phone_device(struct page *page)
{
    const json_t *phone = json_object_get(page->claims, "phone");
    LETHE_BUF_AUTO encryption = {0};
    LETHE_BUF_AUTO esim = {0};
    LETHE_BUF_AUTO fate = {0};
    word_of(&encryption, page->lang, "phone.encryption", text_of(phone, "encryption"));
    row_markup(page, "phone.encryption", &encryption);
    locks(page, phone);
    word_of(&esim, page->lang, "phone.esim", text_of(phone, "esim"));
    row_markup(page, "phone.esim", &esim);
    if (!truth_of(phone, "for_destruction"))
        return;
    lethe_buf_puts(&fate, "<b>");
    word(&fate, page->lang, "phone.for-destruction");
    lethe_buf_puts(&fate, "</b>");
    row_markup(page, "lot", &fate);
}

void phone_technique(struct page *page)
{
    const json_t *technique = json_object_get(page->claims, "technique");
    const json_t *chain = json_object_get(technique, "chain");
    const json_t *filled = json_object_get(technique, "filled"), *item;
    LETHE_BUF_AUTO steps = {0};
    LETHE_BUF_AUTO fill = {0};
    size_t i;
    json_array_foreach(chain, i, item)
    {
        lethe_buf_puts(&steps, i ? ", " : "");
        escape(&steps, json_string_value(item) ? json_string_value(item) : "");
    }
    if (json_array_size(chain) > 1)
        row_markup(page, "phone.chain", &steps);
    if (!filled)
        return;
    char size[32];
    lethe_size_format(size, sizeof(size), integer_of(filled, "bytes"));
    lethe_buf_printf(&fill, "%s, %" PRIu64 " ", size, integer_of(filled, "samples"));
    word(&fill, page->lang, "phone.samples");
    lethe_buf_printf(&fill, ", %" PRIu64 " ", integer_of(filled, "mismatches"));
    word(&fill, page->lang, "phone.differ");
    row_markup(page, "phone.filled", &fill);
}

void phone_state(struct page *page)
{
    const json_t *v = json_object_get(page->claims, "verification"), *look;
    const json_t *attested = json_object_get(json_object_get(page->claims, "phone"), "attested");
    LETHE_BUF_AUTO mode = {0};
    size_t i;
    word_of(&mode, page->lang, "verify.mode",
            truth_of(v, "performed") ? text_of(v, "mode") : "none");
    row_markup(page, "verify.by", &mode);
    json_array_foreach(json_object_get(v, "state"), i, look)
    {
        LETHE_BUF_AUTO heading = {0};
        LETHE_BUF_AUTO value = {0};
        escape(&heading, text_of(look, "technique"));
        lethe_buf_puts(&value, "<b>");
        word_of(&value, page->lang, "grade", text_of(look, "grade"));
        lethe_buf_puts(&value, "</b>\n<span size=\"84%\">");
        escape(&value, text_of(look, "why"));
        lethe_buf_puts(&value, "</span>");
        row_headed(page, heading.data, &value);
    }
    row_text(page, "phone.attested", text_of(attested, "statement"));
}
