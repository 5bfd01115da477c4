/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults are filters: each entry of a `faults` list becomes one `struct lethe_io` over the next,
 * the first entry nearest to the host, and a meter above all of them counts requests and knows
 * whether the device has power. What a fault does is its ops table; when it does it is the same
 * for all and lives here.
 */
#ifndef LETHE_EMU_FAULT_H
#define LETHE_EMU_FAULT_H

#include "emu/state.h"
#include <lethe/io.h>

enum fault_kind {
#define LETHE_FAULT(symbol, ...) FAULT_##symbol,
#include "emu/faults.def"
#undef LETHE_FAULT
    FAULT_KINDS
};

enum fault_when { FAULT_ANY, FAULT_WRITE, FAULT_READ, FAULT_VERIFY };

/* One entry of the list, checked, in bytes. */
struct fault_rule {
    enum fault_kind kind;
    enum fault_when during;
    uint64_t after_writes, after_bytes;
    uint64_t from, to; /* [from, to) */
    uint64_t seed;
    uint32_t fraction_ppm; /* of the blocks in there, drawn by seed */
    bool enodev;           /* vanish */
    uint64_t times;        /* 0: as often as it applies */
    uint64_t size, rate, seconds;
    char serial[96], model[96], wwn[96];
};

const char *fault_kind_name(enum fault_kind kind);
/* Bytes: a number, "10MiB", or "50%" of CAPACITY. OUT is left as it is without KEY. */
int fault_get_size(const json_t *json, const char *key, uint64_t capacity, uint64_t *out,
                   struct lethe_error *err);
/* CAPACITY turns percentages into bytes and gives defaults; blocks to which ranges are rounded. */
int fault_rule_parse(const json_t *json, uint64_t capacity, uint32_t logical_block,
                     struct fault_rule *out, struct lethe_error *err);
/* The whole list into RULES (LETHE_FAULTS_MAX of them); how many, or negative. */
int fault_rules_parse(const json_t *list, uint64_t capacity, uint32_t logical_block,
                      struct fault_rule *rules, struct lethe_error *err);
/* Keeps the contents from before: needs the `.old` file. */
bool fault_rule_remembers(const struct fault_rule *rule);

/* One opening of a device; shared by its filters, freed with the meter. */
struct fault_session {
    struct lethe_emu_state *state;
    bool mapped;         /* the meter unmaps the state */
    uint64_t generation; /* of the power, when opened */
    bool writable, wrote;
    int old; /* contents from before any erasure, or -1 */
    uint64_t capacity;
    uint32_t logical_block, granule; /* granule: unit of `fraction` */
};

struct fault {
    struct lethe_io io; /* first, so that one is the other */
    struct fault_rule rule;
    struct lethe_emu_slot *slot;
    struct fault_session *session;
    void *bounce; /* FAULT_BOUNCE bytes, where a kind changes data on the way */
};
#define FAULT_BOUNCE ((size_t)64 * 1024)

static inline struct fault *fault_of(struct lethe_io *io)
{
    return (struct fault *)io;
}

/* Triggers by count and kind of request hold now; nothing is counted. */
bool fault_armed(const struct fault *fault, bool write);
/* How far from OFFSET on, up to LEN, the bytes are all covered by range and fraction, or all not.
 */
size_t fault_run(const struct fault *fault, uint64_t offset, size_t len, bool *covered);
/* Offset within the request of the first covered byte, or LEN. */
size_t fault_first(const struct fault *fault, uint64_t offset, size_t len);
/* Armed, touches covered bytes, and not fired `times` times already: counts one. */
bool fault_fires(struct fault *fault, bool write, uint64_t offset, size_t len);
/* A stateless draw: the same for the same seed and number. */
uint64_t fault_hash(uint64_t seed, uint64_t number);
void fault_sleep(uint64_t nanoseconds);

/* What a kind leaves alone. */
int fault_info(struct lethe_io *io, struct lethe_io_info *out);
ssize_t fault_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset);
ssize_t fault_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset);
int fault_sync(struct lethe_io *io);
int fault_command(struct lethe_io *io, struct lethe_command *command);
void fault_close(struct lethe_io *io);

extern const struct lethe_io_ops fault_ops_drop, fault_ops_corrupt, fault_ops_alias,
    fault_ops_shrink, fault_ops_bad, fault_ops_vanish, fault_ops_slow, fault_ops_stall,
    fault_ops_swap, fault_ops_power, fault_ops_flush, fault_ops_remember;

/* Stack RULES over LOWER, the meter on top. SESSION is copied; on success it and LOWER belong to
 * the result. */
int fault_stack(struct lethe_io *lower, const struct fault_rule *rules, size_t n,
                const struct fault_session *session, struct lethe_io **out,
                struct lethe_error *err);

/* Power is gone, or the device left its slot. */
bool fault_gone(const struct lethe_emu_state *state, const struct fault_rule *rules, size_t n);

#endif
