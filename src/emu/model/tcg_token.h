/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the model's TCG: tokens and answers. */
#ifndef LETHE_EMU_MODEL_TCG_TOKEN_H
#define LETHE_EMU_MODEL_TCG_TOKEN_H

#include "emu/model/model.h"

#define TCG_COMID 0x07fe
#define TCG_TOKENS_MAX 64

enum {
    TCG_START_LIST = 0xf0,
    TCG_END_LIST,
    TCG_START_NAME,
    TCG_END_NAME,
    TCG_CALL = 0xf8,
    TCG_END_OF_DATA,
    TCG_END_SESSION
};

struct token {
    bool control, bytes;
    uint64_t number; /* also of a control token */
    const uint8_t *data;
    size_t len;
};
/* How many, or -1. */
int tcg_tokens(const uint8_t *data, size_t len, struct token out[TCG_TOKENS_MAX]);
bool tcg_is_control(const struct token *t, unsigned which);
bool tcg_is_uid(const struct token *t, const uint8_t uid[8]);

struct reply {
    uint8_t data[256];
    size_t len;
};
void tcg_add(struct reply *r, unsigned byte);
void tcg_add_uid(struct reply *r, const uint8_t uid[8]);
void tcg_add_number(struct reply *r, uint32_t number);
void tcg_add_status(struct reply *r, unsigned status);
/* R becomes what the host receives next, as of session TSN, HSN. */
void tcg_reply(struct tcg *t, const struct reply *r, uint32_t tsn, uint32_t hsn);

/* tcg_method.c: one call of the host's. 0 with an answer, or -ENODEV. */
int tcg_call(struct model *m, const struct token *k, int n, uint32_t tsn);
/* What the drive is: Enterprise has methods of its own, Pyrite encrypts nothing. */
bool tcg_encrypts(const struct model *m);

#endif
