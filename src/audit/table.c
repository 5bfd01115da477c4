/* SPDX-License-Identifier: Apache-2.0 */
/* A million jobs in a bounded space: packed rows, and slots of four bytes that point at them. */
#include "audit/parts.h"
#include "base/time.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX (UINT32_C(1) << 30)

void lethe_audit_table_init(struct lethe_audit_table *table, size_t row_size, size_t key_size)
{
    memset(table, 0, sizeof(*table));
    table->row_size = row_size;
    table->key_size = key_size;
    lethe_random(table->seed, sizeof(table->seed));
}

void lethe_audit_table_free(struct lethe_audit_table *table)
{
    free(table->slot);
    free(table->row);
    table->slot = NULL;
    table->row = NULL;
}

static uint8_t *row_at(const struct lethe_audit_table *table, uint32_t i)
{
    return table->row + (size_t)i * table->row_size;
}

uint32_t lethe_audit_table_number(const struct lethe_audit_table *table, const void *row)
{
    return (uint32_t)((size_t)((const uint8_t *)row - table->row) / table->row_size);
}

/* Both halves of the key, masked with the seed, multiplied, and folded. */
static uint32_t hash_of(const struct lethe_audit_table *table, const void *key)
{
    uint64_t half[2] = {0, 0};
    memcpy(half, key, table->key_size);
    unsigned __int128 product = (unsigned __int128)(half[0] ^ table->seed[0]) *
                                (half[1] ^ table->seed[1] ^ UINT64_C(0x9E3779B97F4A7C15));
    uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);
    return (uint32_t)(folded ^ folded >> 32);
}

/* The slot of KEY, or the free one where it would be. */
static uint32_t slot_of(const struct lethe_audit_table *table, const void *key)
{
    uint32_t mask = table->n_slots - 1, at = hash_of(table, key) & mask;
    while (table->slot[at] && memcmp(row_at(table, table->slot[at] - 1), key, table->key_size) != 0)
        at = (at + 1) & mask;
    return at;
}

void *lethe_audit_table_find(const struct lethe_audit_table *table, const void *key)
{
    if (table->n == 0)
        return NULL;
    uint32_t slot = table->slot[slot_of(table, key)];
    return slot ? row_at(table, slot - 1) : NULL;
}

/* At most three of four slots are taken. The old slots go first: the rows know all there is. */
static int more_slots(struct lethe_audit_table *table)
{
    uint32_t n_slots = table->n_slots ? 2 * table->n_slots : 1024;
    if (table->n_slots && table->n < table->n_slots / 4 * 3)
        return 0;
    free(table->slot);
    table->slot = calloc(n_slots, sizeof(*table->slot));
    if (!table->slot)
        return -1;
    table->n_slots = n_slots;
    for (uint32_t i = 0; i < table->n; i++)
        table->slot[slot_of(table, row_at(table, i))] = i + 1;
    return 0;
}

static int more_rows(struct lethe_audit_table *table)
{
    if (table->n < table->cap)
        return 0;
    uint32_t cap = table->cap + table->cap / 4 + 1024;
    uint8_t *row = table->cap < ROWS_MAX ? realloc(table->row, cap * table->row_size) : NULL;
    if (!row)
        return -1;
    table->row = row;
    table->cap = cap;
    return 0;
}

void *lethe_audit_table_add(struct lethe_audit_table *table, const void *key)
{
    if (more_slots(table) < 0 || more_rows(table) < 0)
        return NULL;
    uint32_t at = slot_of(table, key);
    if (table->slot[at] == 0) {
        uint8_t *row = row_at(table, table->n);
        memset(row, 0, table->row_size);
        memcpy(row, key, table->key_size);
        table->slot[at] = ++table->n;
    }
    return row_at(table, table->slot[at] - 1);
}
