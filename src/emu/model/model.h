/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware of an emulated device: pass-through commands in, bytes out, and a memory that
 * outlives every process. It sits above the faults of the medium, and every transport (in-process,
 * TCMU, USB/IP, NVMe/TCP) asks it through the same io.
 *
 * Commands are decoded here from the standards' tables and never with the builders of src/proto:
 * one wrong idea must not be in both.
 */
#ifndef LETHE_EMU_MODEL_MODEL_H
#define LETHE_EMU_MODEL_MODEL_H

#include "emu/model/controller.h"
#include "emu/state.h"
#include <lethe/io.h>

#define MODEL_STATE_SIZE ((size_t)64 << 10)
#define UNREADABLE_GRANULES 8192
#define ZONES_MAX 256

enum fill { FILL_NOTHING, FILL_ZEROS, FILL_ONES, FILL_RANDOM, FILL_PATTERN };

/* What is to happen to the medium, over time. */
struct operation {
    uint32_t kind; /* enum operation_kind */
    uint32_t running, failed;
    uint32_t fill, areas;  /* enum fill; bits by area_use: what besides the main area */
    uint32_t unreadable;   /* reads fail until written */
    uint32_t namespace_;   /* 0 all; NVMe: only this one */
    uint32_t command;      /* who asked and how: CDW10, the sanitize feature ... */
    uint32_t unrestricted; /* a failure may be left */
    uint32_t zones_stay;   /* ZNR */
    uint32_t reset_seen, went_back;
    uint64_t started_ms, credit_ms, duration_ms;
    uint64_t from, to, wiped; /* of the main area */
    uint64_t key;             /* pattern, or seed of random */
};

struct security {
    uint32_t enabled, locked, frozen, expired, prepared, max_level, tries, thawed;
    uint8_t user[32], master[32];
};

struct hidden {
    uint64_t max;          /* blocks that HPA or AMAC leave, kept */
    uint64_t volatile_max; /* until the power goes; 0 none */
    uint64_t native;       /* blocks that DCO leaves */
    uint32_t changed;      /* in this power cycle: once only */
    uint32_t dco_frozen, amac_frozen, native_was_read;
};

struct sanitize_log {
    uint32_t status;  /* 0 never, 1 ok, 2 running, 3 failed, 4 ok without deallocation */
    uint32_t command; /* SCDW10, ATA feature, SCSI service action */
    uint32_t frozen, antifreeze, last_error; /* ATA */
    uint32_t unrestricted;
    uint32_t written; /* since */
};

struct tcg {
    uint32_t reverted, locked, blocked, session, host_session, authenticated;
    uint32_t reply_len;
    uint8_t reply[1024];
};

struct namespace_ {
    uint32_t exists, attached;
};

struct model_state {
    _Atomic uint64_t lock; /* until when it is held, ms; 0 free */
    uint32_t ready;
    uint64_t generation; /* of the power, last seen */
    uint64_t cycles;     /* of it */
    uint64_t commands;
    uint64_t clock_ms;                /* never runs back */
    uint64_t lies;                    /* digest of the list that `fired` counts */
    uint32_t sector;                  /* bytes a block, now */
    uint32_t new_sector;              /* by MODE SELECT, for the next FORMAT */
    uint32_t dead, no_capacity, torn; /* torn: a format did not end */
    uint32_t renamed;                 /* 1 + index of the lie that gave a new serial */
    uint32_t attention;               /* sense to report once: key << 16 | ASC << 8 | ASCQ */
    uint64_t known_capacity;          /* blocks that a bridge remembers */
    uint64_t namespaces_size;
    struct operation operation;
    struct security security;
    struct hidden hidden;
    struct sanitize_log sanitize;
    struct tcg tcg;
    struct namespace_ namespaces[MODEL_AREAS_MAX + 1];
    uint64_t fired[MODEL_LIES_MAX];
    uint64_t zones[ZONES_MAX]; /* write pointers, in blocks from the zone's start */
    struct {
        uint32_t partition, erase_first, erase_last, erase_armed, blocks; /* CMD6 179, CMD35, 36 */
        uint32_t boot_protected, application, config;
    } card;
    struct {
        uint32_t opcode, nsid, data[12]; /* what a bridge was told to send */
        uint32_t armed;
        uint32_t status, result;
    } bridge;
    uint8_t response[14];  /* registers of the last ATA command */
    uint8_t identify[512]; /* stale-identify */
    uint8_t buffer[4096];  /* stale-buffer: what the bridge sent last */
    uint8_t unreadable[UNREADABLE_GRANULES / 8];
};
_Static_assert(sizeof(struct model_state) <= MODEL_STATE_SIZE, "the state has its place");

struct model {
    struct lethe_io io; /* first; io.lower is the medium with its faults */
    struct controller controller;
    struct model_state *state;
    struct lethe_emu_state *power;
    int data, file; /* the bare medium; the `.firmware` file: state, then areas */
    bool writable;
    uint64_t held; /* our value of state->lock */
    char *chunk;   /* MODEL_CHUNK */
};
#define MODEL_CHUNK ((size_t)256 << 10)

static inline bool model_has(const struct model *m, enum feature_number feature)
{
    return controller_has(&m->controller, feature);
}

/* A card: for good, or by its groups until the power goes (CMD28 with US_PWR_WP_EN). */
static inline bool model_protected(const struct model *m)
{
    return model_has(m, FEATURE_WRITE_PROTECTED) ||
           (model_has(m, FEATURE_PROTECTED_UNTIL_CYCLE) && m->state->cycles == 1);
}

/* ---- model.c ---- */
int model_open(struct lethe_io *media, int data, int file, bool writable,
               const struct controller *controller, struct lethe_emu_state *power,
               struct lethe_io **out, struct lethe_error *err);
/* The `.firmware` file: how large it is, and made anew. */
uint64_t model_size(const struct controller *controller);
int model_make(int file, const struct controller *controller, struct lethe_error *err);
uint64_t model_now(struct model *m);
void model_lock(struct model *m);
void model_unlock(struct model *m);
/* Notes power cycles, lets time do its work; 0 or -ENODEV. With the lock held. */
int model_wake(struct model *m);
/* The first lie of KIND that is not used up and tells of OPERATION, or NULL. Counts nothing. */
const struct lie_rule *model_lie(const struct model *m, enum lie kind,
                                 enum operation_kind operation);
/* Serial and capacity as they are now: -ENODEV when the device is dead or without power. */
int model_facts(struct lethe_io *io, char serial[96], uint64_t *capacity);
/* The same, counted: it strikes now. */
const struct lie_rule *model_strike(struct model *m, enum lie kind, enum operation_kind operation);
void model_serial(const struct model *m, char out[96]);
/* A host's reads and writes of any namespace, for who speaks the drive's own tongue: the answers of
 * model_read() and model_write(), unsoftened. */
ssize_t model_transfer(struct lethe_io *io, uint32_t nsid, void *buf, size_t len, uint64_t offset,
                       bool write);
/* Blocks that the host may touch. */
uint64_t model_blocks(const struct model *m);
/* Reads and writes of the host, in bytes; -errno. -EACCES: locked, -EBUSY: an operation runs,
 * -EILSEQ: not readable until written, -EROFS: protected or not at a write pointer; -EDOM, -ECHILD:
 * zones_read(). */
ssize_t model_read(struct model *m, void *buf, size_t len, uint64_t offset);
ssize_t model_write(struct model *m, const void *buf, size_t len, uint64_t offset);

/* ---- medium.c: the bare medium, as only the firmware sees it ---- */
int medium_fill(struct model *m, int fd, uint64_t from, uint64_t to, uint64_t base, enum fill fill,
                uint64_t key);
void fill_bytes(enum fill fill, uint64_t key, uint64_t offset, void *out, size_t len);
void medium_mark(struct model *m, uint64_t from, uint64_t to, bool unreadable);
bool medium_unreadable(const struct model *m, uint64_t from, uint64_t to);
/* Whether what the device held at first is still there, 512 bytes at a time. */
int medium_remains(struct model *m, const char *contents, json_t *out);
int medium_make_areas(int file, const struct controller *c, struct lethe_error *err);

/* ---- operation.c ---- */
struct operation operation_new(const struct model *m, enum operation_kind kind, enum fill fill);
/* 0; -EIO when a lie aborts it; 1 when a lie swallows it: all is as it was. */
int operation_start(struct model *m, const struct operation *operation);
/* 0..65535 as logs have it. */
uint32_t operation_progress(struct model *m);
void operation_advance(struct model *m);
void operation_power_on(struct model *m);
/* A lie keeps the area that begins at OFFSET of the `.firmware` file; counted. */
bool operation_spares(struct model *m, uint64_t offset);
/* Blocks until it ended, lock given up meanwhile: 0, -EIO failed, -ETIMEDOUT, -ENODEV, -ECONNRESET
 * (reset-during). */
int operation_wait(struct model *m, unsigned timeout_ms);

/* ---- the kinds ---- */
struct ata_registers {
    uint16_t feature, count;
    uint64_t lba;
    uint8_t device, command;
    uint8_t status, error; /* out; count and lba too */
};
void ata_power_on(struct model *m);
/* DATA moves as the command says; LEN is what the host is ready for. */
int ata_command(struct model *m, struct ata_registers *r, enum lethe_direction direction,
                uint8_t *data, size_t len, unsigned timeout_ms);
void ata_identify(struct model *m, uint8_t out[512]);
void ata_security(struct model *m, struct ata_registers *r, const uint8_t *data, size_t len,
                  unsigned timeout_ms, int *rc);
void ata_sanitize(struct model *m, struct ata_registers *r);
void ata_hidden(struct model *m, struct ata_registers *r, uint8_t *data, size_t len);
bool ata_log(struct model *m, struct ata_registers *r, uint8_t *data, size_t len);
static inline void ata_abort(struct ata_registers *r, uint8_t error)
{
    r->status = 0x51;
    r->error = error | 0x04;
}

int scsi_command(struct model *m, struct lethe_command *c);
void scsi_power_on(struct model *m);
/* CHECK CONDITION: KEY, ASC << 8 | ASCQ. Fixed format. */
int scsi_sense(struct lethe_command *c, unsigned key, unsigned code);
/* Hands LEN bytes of DATA over, no more than ALLOCATION and the buffer. */
int scsi_reply(struct lethe_command *c, const void *data, size_t len, size_t allocation);
int scsi_inquiry(struct model *m, struct lethe_command *c);
int scsi_sanitize(struct model *m, struct lethe_command *c);
int scsi_format(struct model *m, struct lethe_command *c);
int scsi_request_sense(struct model *m, struct lethe_command *c);
int scsi_mode(struct model *m, struct lethe_command *c);
int scsi_log(struct model *m, struct lethe_command *c);
int scsi_zones(struct model *m, struct lethe_command *c);
/* Host-managed zones, or host-aware ones. */
static inline bool zones_are_there(const struct model *m)
{
    return model_has(m, FEATURE_ZONED) || model_has(m, FEATURE_HOST_AWARE);
}
/* zones.c: reads and writes as write pointers allow. -EROFS: not at the pointer; -EDOM: behind it;
 * -ECHILD: across zones. */
int zones_write(struct model *m, size_t len, uint64_t offset);
/* Of LEN bytes, *READABLE are below the pointer; what is behind it is handed out as the
 * initialization pattern, or not at all. */
int zones_read(const struct model *m, size_t len, uint64_t offset, size_t *readable);
void zones_sanitized(struct model *m, const struct operation *o);
/* Where the zone of OFFSET ends; the end of time without zones. Kernels split there. */
uint64_t zones_end(const struct model *m, uint64_t offset);
int scsi_opcodes(struct model *m, struct lethe_command *c);
/* An operation that must end first: sense of it, or 0 none. */
int scsi_busy(struct model *m, struct lethe_command *c);
uint32_t scsi_type(const struct model *m);
int sat_pass_through(struct model *m, struct lethe_command *c);
int usb_nvme(struct model *m, struct lethe_command *c);

/* COMMAND: 64 bytes of a submission queue entry. Status as in completions, RESULT dword 0. */
int nvme_admin(struct model *m, const uint8_t command[64], uint8_t *data, size_t len, bool in,
               unsigned timeout_ms, uint16_t *status, uint32_t *result);
void nvme_power_on(struct model *m);
size_t nvme_identify(struct model *m, unsigned cns, uint32_t nsid, uint8_t out[4096],
                     uint16_t *status);
uint16_t nvme_log(struct model *m, unsigned id, uint8_t out[4096], size_t *len);
uint64_t nvme_size(const struct model *m, uint32_t nsid);
#define NVME_NAMESPACES_MAX (MODEL_AREAS_MAX + 1)

int card_ioctl(struct model *m, struct lethe_command *c);
void card_power_on(struct model *m);
void card_registers(const struct model *m, uint8_t out[512]); /* EXT_CSD */
bool card_area(const struct model *m, unsigned partition, int *fd, uint64_t *offset,
               uint64_t *size);
int card_respond(struct lethe_command *c, uint32_t status);

/* PROTOCOL 1 or 2, by whatever transport. 0, or -EINVAL for one that isn't there. */
int tcg_receive(struct model *m, unsigned protocol, unsigned comid, uint8_t *out, size_t len);
int tcg_send(struct model *m, unsigned protocol, unsigned comid, const uint8_t *data, size_t len);
void tcg_power_on(struct model *m);
static inline bool tcg_is_there(const struct model *m)
{
    return model_has(m, FEATURE_OPAL) || model_has(m, FEATURE_PYRITE) ||
           model_has(m, FEATURE_PYRITE2) || model_has(m, FEATURE_ENTERPRISE) ||
           model_has(m, FEATURE_RUBY);
}

#endif
