/* SPDX-License-Identifier: Apache-2.0 */
/* The token streams of TCG storage: read from what the host sends, written into an answer
 * (Core 2.01 3.2.2 and 3.2.3). */
#include "emu/model/tcg_token.h"

#include "emu/model/bytes.h"

static bool atom(const uint8_t *data, size_t len, size_t *used, struct token *out)
{
    uint8_t first = data[0];
    size_t header = 1, n = 0;
    *out = (struct token){.number = first, .control = first >= 0xf0};
    if (first >= 0xf0 || first < 0x80) {
        *used = 1;
        out->number = first >= 0xf0 ? first : first & 0x3f;
        return true;
    }
    if (first < 0xc0) {
        n = first & 15;
        out->bytes = first & 0x20;
    } else if (first < 0xe0 && len >= 2) {
        header = 2;
        n = (size_t)(first & 7) << 8 | data[1];
        out->bytes = first & 0x10;
    } else if (first < 0xe4 && len >= 4) {
        header = 4;
        n = get_be(data + 1, 3);
        out->bytes = first & 2;
    } else {
        return false;
    }
    if (n > len - header)
        return false;
    out->data = data + header;
    out->len = n;
    out->number = n <= 8 ? get_be(out->data, n) : 0;
    *used = header + n;
    return true;
}

int tcg_tokens(const uint8_t *data, size_t len, struct token out[TCG_TOKENS_MAX])
{
    int n = 0;
    for (size_t at = 0, used; at < len; at += used) {
        if (data[at] == 0xff) { /* padding */
            used = 1;
            continue;
        }
        if (n == TCG_TOKENS_MAX || !atom(data + at, len - at, &used, &out[n]))
            return -1;
        n++;
    }
    return n;
}

bool tcg_is_control(const struct token *t, unsigned which)
{
    return t->control && t->number == which;
}

bool tcg_is_uid(const struct token *t, const uint8_t uid[8])
{
    return t->bytes && t->len == 8 && memcmp(t->data, uid, 8) == 0;
}

void tcg_add(struct reply *r, unsigned byte)
{
    if (r->len < sizeof(r->data))
        r->data[r->len++] = (uint8_t)byte;
}

void tcg_add_uid(struct reply *r, const uint8_t uid[8])
{
    tcg_add(r, 0xa8);
    for (size_t i = 0; i < 8; i++)
        tcg_add(r, uid[i]);
}

void tcg_add_number(struct reply *r, uint32_t number)
{
    tcg_add(r, 0x84);
    for (int shift = 24; shift >= 0; shift -= 8)
        tcg_add(r, number >> shift & 0xff);
}

void tcg_add_status(struct reply *r, unsigned status)
{
    tcg_add(r, TCG_END_OF_DATA);
    tcg_add(r, TCG_START_LIST);
    tcg_add(r, status);
    tcg_add(r, 0);
    tcg_add(r, 0);
    tcg_add(r, TCG_END_LIST);
}

void tcg_reply(struct tcg *t, const struct reply *r, uint32_t tsn, uint32_t hsn)
{
    size_t padded = (r->len + 3) & ~(size_t)3;
    memset(t->reply, 0, sizeof(t->reply));
    put_be(t->reply + 4, 2, TCG_COMID);
    put_be(t->reply + 16, 4, 36 + padded);
    put_be(t->reply + 20, 4, tsn);
    put_be(t->reply + 24, 4, hsn);
    put_be(t->reply + 40, 4, 12 + padded);
    put_be(t->reply + 52, 4, r->len);
    memcpy(t->reply + 56, r->data, r->len);
    t->reply_len = (uint32_t)(56 + padded);
}
