/* SPDX-License-Identifier: Apache-2.0 */
/* What a probe says of a drive: what is taken is written again the same. And a drive that answers
 * every question with any bytes: what is made of it can always be told on. */
#include "base/json.h"

#include <lethe/facts.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct liar {
    struct lethe_io io;
    const uint8_t *data;
    size_t len, at;
};

static uint8_t next(struct liar *liar)
{
    return liar->len ? liar->data[liar->at++ % liar->len] : 0;
}

static int command(struct lethe_io *io, struct lethe_command *c)
{
    struct liar *liar = (struct liar *)io;
    uint8_t how = next(liar);
    if (how == 0xff)
        return -5;
    c->result = how & 1 ? 0 : next(liar) & 0x7f;
    if (c->set == LETHE_SET_NVME)
        c->result = how & 1 ? 0 : (int64_t)next(liar) << 32;
    c->n_sense = how & 2 ? next(liar) % sizeof(c->sense) : 0;
    for (size_t i = 0; i < c->n_sense; i++)
        c->sense[i] = next(liar);
    c->transferred = c->data_len;
    for (size_t i = 0; c->direction == LETHE_DATA_IN && i < c->data_len; i++)
        ((uint8_t *)c->data)[i] = next(liar);
    return 0;
}

static void ask(const uint8_t *data, size_t len, enum lethe_bus bus)
{
    static const struct lethe_io_ops ops = {.name = "liar", .command = command};
    static struct lethe_facts facts, back;
    struct liar liar = {.io.ops = &ops, .data = data, .len = len};
    struct lethe_identity id = {
        .bus = bus, .capacity = 1 << 20, .logical_block = 512, .physical_block = 512};
    struct lethe_quirks quirks = {0};
    if (bus == LETHE_BUS_USB) {
        id.usb_vendor = 0x152d;
        quirks.path = LETHE_CARRIES_NVME_JMICRON;
    }
    if (lethe_facts_read(&liar.io, &id, &quirks, &facts, NULL) < 0)
        return;
    json_t *json = lethe_facts_to_json(&facts);
    if (!json || lethe_facts_from_json(json, &back, NULL) < 0)
        abort();
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct lethe_facts facts;
    static const enum lethe_bus buses[] = {LETHE_BUS_ATA, LETHE_BUS_USB, LETHE_BUS_NVME,
                                           LETHE_BUS_MMC, LETHE_BUS_EMULATED};
    if (len == 0)
        return 0;
    if (data[0] != '{') {
        ask(data + 1, len - 1, buses[data[0] % 5]);
        return 0;
    }
    json_t *json = lethe_json_load((const char *)data, len, 65536, NULL);
    if (json && lethe_facts_from_json(json, &facts, NULL) == 0) {
        json_t *again = lethe_facts_to_json(&facts);
        if (!json_equal(json, again))
            abort();
        json_decref(again);
    }
    json_decref(json);
    return 0;
}
