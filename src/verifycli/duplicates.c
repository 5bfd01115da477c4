/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One certificate shown for two devices, one serial number on two devices: seen only by who looks
 * at many. A remark, never a verdict: a copy of a folder is no fraud, and two makers may use one
 * number. Hashes are kept, in bounded memory; one by chance, or made by an issuer that is trusted,
 * costs a remark.
 */
#include "base/text.h"
#include "cert/verdict.h"
#include "verifycli/verifycli.h"
#include <stdlib.h>
#include <string.h>

#define SLOTS (4u * LETHE_DUPLICATES_MAX) /* two of each certificate: half of them stay empty */

static const char *const codes[] = {"jti-twice", "serial-twice"};

struct slot {
    uint64_t key;      /* 0: empty */
    uint64_t one, two; /* the file without its suffix; model and WWN, 0 when not disclosed */
    size_t name;
};

struct lethe_duplicates {
    struct slot slots[SLOTS];
    char *names[LETHE_DUPLICATES_MAX];
    size_t n;
};

/* FNV-1a, never 0. */
static uint64_t hash(uint64_t start, const char *text, size_t len)
{
    uint64_t h = start ^ 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
    return h ? h : 1;
}

static uint64_t hash_text(uint64_t start, const char *text)
{
    return text[0] ? hash(start, text, strlen(text)) : 0;
}

/* Where KEY is, or would be. */
static struct slot *find(struct lethe_duplicates *seen, uint64_t key)
{
    size_t i = (key ^ key >> 32) % SLOTS;
    while (seen->slots[i].key && seen->slots[i].key != key)
        i = (i + 1) % SLOTS;
    return &seen->slots[i];
}

static bool differ(uint64_t a, uint64_t b)
{
    return a && b && a != b;
}

/* What the device itself says of KIND, "" when that is not disclosed. */
static const char *own(const json_t *claims, const char *kind)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(claims, "identifiers"), i, item)
    {
        if (!strcmp(lethe_claim_text(item, "kind"), kind) &&
            !strcmp(lethe_claim_text(item, "source"), "device"))
            return lethe_claim_text(item, "value");
    }
    return "";
}

/* JOB.sdjwt and JOB.pdf are one certificate, and meant to be. */
static uint64_t stem(const char *where)
{
    const char *name = strrchr(where, '/'), *dot = strrchr(name ? name : where, '.');
    return hash(0, where, dot ? (size_t)(dot - where) : strlen(where));
}

bool lethe_duplicates_look(struct lethe_duplicates **kept, const char *where,
                           struct lethe_certificate_report *report)
{
    if (report->verdict != LETHE_VERDICT_VALID || (!*kept && !(*kept = calloc(1, sizeof(**kept)))))
        return false;
    struct lethe_duplicates *seen = *kept;
    const char *serial = own(report->claims, "serial");
    const struct slot now[] = {
        {.key = hash_text(1, report->jti), .one = stem(where), .name = seen->n},
        {.key = hash_text(2, serial),
         .one = hash_text(0, lethe_claim_text(json_object_get(report->claims, "device"), "model")),
         .two = hash_text(0, own(report->claims, "wwn")),
         .name = seen->n}};
    struct slot *was[2];
    bool found = false, room = seen->n < LETHE_DUPLICATES_MAX;
    if (room && !(seen->names[seen->n] = strdup(where)))
        room = false;
    for (size_t i = 0; i < 2; i++) {
        was[i] = now[i].key ? find(seen, now[i].key) : NULL;
        if (was[i] && was[i]->key &&
            (differ(was[i]->one, now[i].one) || differ(was[i]->two, now[i].two))) {
            lethe_verdict_add(report, LETHE_VERDICT_VALID, codes[i],
                              i == 0 ? "a certificate with this id was here before: %.120s"
                                     : "another device with this serial number was here: %.120s",
                              seen->names[was[i]->name]);
            found = true;
        } else if (was[i] && !was[i]->key && room) {
            *was[i] = now[i];
        }
    }
    seen->n += room;
    return found;
}

bool lethe_duplicates_code(const char *code)
{
    return !strcmp(code, codes[0]) || !strcmp(code, codes[1]);
}

bool lethe_duplicates_full(const struct lethe_duplicates *seen)
{
    return seen && seen->n == LETHE_DUPLICATES_MAX;
}

void lethe_duplicates_free(struct lethe_duplicates *seen)
{
    for (size_t i = 0; seen && i < seen->n; i++)
        free(seen->names[i]);
    free(seen);
}
