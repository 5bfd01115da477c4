/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam to hardware. A `struct lethe_io` is an open device; filters (fault,
 * and others) are a `struct lethe_io` over another one. Only src/io/ and
 * src/emu/ implement it.
 *
 * Data transfers return bytes or -errno: here it is the kernel's or the device's
 * own word that matters, and upper layers judge it. A short transfer is never
 * success (facts/drives.md A8.6): lethe_io_read/lethe_io_write turn it into an
 * error.
 */
#ifndef LETHE_IO_H
#define LETHE_IO_H

#include <jansson.h>
#include <lethe/error.h>
#include <lethe/identity.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lethe_io;
struct lethe_apple_ops;

struct lethe_io_info {
    uint64_t capacity;      /* bytes the device answers to now */
    uint32_t logical_block; /* transfers are multiples of this */
    uint32_t physical_block;
    uint32_t alignment; /* of buffers, bytes (O_DIRECT) */
    bool direct;        /* bypasses the page cache */
};

/* One queued transfer. Owned by the caller from submit until reap returns it. */
struct lethe_io_request {
    void *buf; /* aligned to info.alignment */
    size_t len;
    uint64_t offset;
    bool write;
    ssize_t result; /* set by reap: bytes, or -errno */
    void *user;
};

/*
 * A pass-through command (firmware techniques): bytes in, sense out. What `bytes` and `result` are,
 * by set:
 *   SCSI  the CDB; result is the SCSI status (0 good, 2 check condition with `sense`). A node
 *         takes ATA only inside ATA PASS-THROUGH of this set.
 *   NVME  an admin command: the 64-byte submission queue entry, little-endian; CID and data
 *         pointers are not ours. result is completion dword 0 in bits 31:0 and the status (SCT,
 *         SC, M, DNR as SCT << 8 | SC | ..., 0 success) in bits 47:32.
 *   MMC   [0] command index, [1] 1 for an application command (SD), [2:5] argument, big-endian;
 *         the response is in `sense`, big-endian: 4 bytes, or 16 for CID and CSD. result is 0.
 *         A seventh byte is the area of an eMMC, as PARTITION_ACCESS has it (JESD84-B51 7.4.69: 0
 *         user, 1 and 2 boot, 4 to 7 general purpose): through that area's own node, which alone
 *         brings the card there; -ENXIO where this io has none. Up to LETHE_MMC_TOGETHER of those
 *         7 bytes, of one area and without data, go in one piece with nothing between them, 4 bytes
 *         of `sense` each.
 *   USB   one bulk transfer of the claimed interface (ADB, fastboot); no bytes. OUT sends all of
 *         `data`; IN takes at most data_len, `transferred` says how much came: one transfer, as the
 *         device sent it. -ETIMEDOUT nothing within timeout_ms; -ENODEV the device has left.
 */
#define LETHE_MMC_TOGETHER 3
#define LETHE_MMC_AREAS 8
enum lethe_command_set { LETHE_SET_SCSI, LETHE_SET_NVME, LETHE_SET_USB, LETHE_SET_MMC };
enum lethe_direction { LETHE_DATA_NONE, LETHE_DATA_IN, LETHE_DATA_OUT };
struct lethe_command {
    enum lethe_command_set set;
    uint8_t bytes[128];
    size_t n_bytes;
    enum lethe_direction direction;
    void *data;
    size_t data_len;
    unsigned timeout_ms;
    uint8_t sense[252];
    size_t n_sense;
    int64_t result;
    size_t transferred; /* bytes of data moved, where the transport tells; else data_len */
};

/* What a device has no blocks for (a phone) is NULL: no capacity, nothing to read or write. */
struct lethe_io_ops {
    const char *name;
    int (*info)(struct lethe_io *io, struct lethe_io_info *out); /* 0 or -errno */
    ssize_t (*pread)(struct lethe_io *io, void *buf, size_t len, uint64_t offset);
    ssize_t (*pwrite)(struct lethe_io *io, const void *buf, size_t len, uint64_t offset);
    int (*sync)(struct lethe_io *io); /* until on the medium; 0 or -errno */
    int (*command)(struct lethe_io *io,
                   struct lethe_command *command); /* may be NULL: -EOPNOTSUPP */
    /* Of an iPhone or iPad: the services behind its usbmux (src/io/apple.h). NULL: not one. */
    const struct lethe_apple_ops *apple;
    /* Queue: may be NULL, then submit runs pread/pwrite at once and reap returns it. */
    int (*submit)(struct lethe_io *io,
                  struct lethe_io_request *request); /* 0 or -errno; -EAGAIN: queue full */
    int (*reap)(struct lethe_io *io,
                struct lethe_io_request **done); /* blocks; 1 one done, 0 none in flight, -errno */
    void (*close)(struct lethe_io *io);
};

struct lethe_io {
    const struct lethe_io_ops *ops;
    struct lethe_io *lower; /* the filtered one, or NULL; closed with this one */
    /* What the supervisor said of it beside its descriptors: the driver's own part of the spec's
     * config, borrowed; NULL nothing. Of an Android phone, whatever its driver:
     *   {"family": "android", "mode": how the scan saw it (lethe/phone.h), "adb_key": PEM}
     * the last by the supervisor, for all of them (phone/adb_host.h). In a mode without an ADB or
     * fastboot interface commands are -EOPNOTSUPP: lethe_io_mute_open(). */
    const json_t *config;
    /* State of the generic queue for ops without one: */
    struct lethe_io_request **done_ring;
    unsigned done_head, done_count, done_size;
};

int lethe_io_info(struct lethe_io *io, struct lethe_io_info *out);
/* Raw: may be short. */
ssize_t lethe_io_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset);
ssize_t lethe_io_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset);
/* All of it or -errno; end of device is -ENODATA for reads and -ENOSPC for writes. */
int lethe_io_read(struct lethe_io *io, void *buf, size_t len, uint64_t offset);
int lethe_io_write(struct lethe_io *io, const void *buf, size_t len, uint64_t offset);
int lethe_io_sync(struct lethe_io *io);
int lethe_io_command(struct lethe_io *io, struct lethe_command *command);
int lethe_io_submit(struct lethe_io *io, struct lethe_io_request *request);
int lethe_io_reap(struct lethe_io *io, struct lethe_io_request **done);
void lethe_io_close(struct lethe_io *io); /* NULL is fine */

/* How commands travel to a drive: what they are wrapped in (src/io/exec.h). */
/* clang-format off */
#define LETHE_PATHS(X)                                                                            \
    X(PATH_NONE, "none")                                                                          \
    X(PATH_SAT16, "sat16") X(PATH_SAT12, "sat12")   /* ATA in SCSI: 85h, A1h */                   \
    X(PATH_SCSI, "scsi")                                                                          \
    X(PATH_NVME, "nvme")                                                                          \
    X(PATH_NVME_JMICRON, "nvme-jmicron")            /* NVMe in a bridge's own opcodes */          \
    X(PATH_NVME_ASMEDIA, "nvme-asmedia") X(PATH_NVME_REALTEK, "nvme-realtek")                     \
    X(PATH_MMC, "mmc")
/* clang-format on */
#define LETHE_PATH_ENUM(symbol, spelling) LETHE_##symbol,
enum lethe_path { LETHE_PATHS(LETHE_PATH_ENUM) };
#undef LETHE_PATH_ENUM
const char *lethe_path_name(enum lethe_path path);
int lethe_path_parse(const char *spelling); /* -1 unknown */

/* Buffers fit for any device: page-aligned, zeroed. NULL when memory ran out. */
void *lethe_io_buffer(size_t len);
void lethe_io_buffer_free(void *buffer);

/*
 * How a worker gets a device: descriptors opened by the supervisor plus a small
 * configuration (JSON, checked by the driver: it crosses a process boundary).
 */
#define LETHE_IO_FDS_MAX 8
struct lethe_io_spec {
    char driver[16];
    int fds[LETHE_IO_FDS_MAX]; /* owned by the spec */
    size_t n_fds;
    bool writable;
    json_t *config; /* owned by the spec */
};
void lethe_io_spec_close(struct lethe_io_spec *spec);

/*
 * Kernel block devices and plain files by descriptor. QUEUE_DEPTH > 0 sets up
 * a ring restricted to reading and, if WRITABLE, writing this one registered file,
 * before the caller's seccomp filter goes up: after that it needs io_uring_enter, pread, pwrite
 * and fdatasync. Where io_uring is not to be had it falls back to pread/pwrite. info.capacity is
 * read once, here. The descriptor is not closed before lethe_io_close().
 */
int lethe_io_fd_open(int fd, bool writable, unsigned queue_depth, struct lethe_io **out,
                     struct lethe_error *err);
/* FD is the node of AREA of the eMMC that IO (of lethe_io_fd_open) is: commands to it go there. */
int lethe_io_fd_area(struct lethe_io *io, unsigned area, int fd, struct lethe_error *err);
/* The area that the kernel's node NODE (".../mmcblk0gp1") is; 0: it is the card's own node, or no
 * card. */
unsigned lethe_mmc_area_of(const char *node);
/* And the other way round: "boot0", "gp1"; NULL for none that has a block node. */
const char *lethe_mmc_area_name(unsigned area);

/* ------------------------------------------------------------------------------------------
 * Supervisor side, still src/io/: opening and claiming nodes.
 */

/* Whole-disk node, O_RDWR|O_EXCL: the claim held for the life of a job. The descriptor or -E_BUSY
 * ... */
int lethe_block_claim(const char *node, struct lethe_error *err);
/* A claim of what nobody here writes to: the same, read-only where the node is write-protected. */
int lethe_block_hold(const char *node, struct lethe_error *err);
/* A descriptor for a look without a claim: read-only. */
int lethe_block_peek(const char *node, struct lethe_error *err);
/* A second descriptor for a worker, O_DIRECT where the device takes it, checked to be the same
 * device (st_rdev and disk sequence number) as CLAIM. */
int lethe_block_reopen(const char *node, int claim, bool writable, struct lethe_error *err);
struct lethe_block_facts {
    uint64_t capacity, diskseq; /* diskseq 0 where the kernel has none */
    uint32_t logical_block, physical_block;
    dev_t number;
};
int lethe_block_facts(int fd, struct lethe_block_facts *out, struct lethe_error *err);

/* Image file: O_RDWR, regular, write lease (F_SETLEASE F_WRLCK) so that nobody else has it open;
 * -LETHE_E_BUSY otherwise. Size must be a multiple of 512 and not 0. */
int lethe_image_claim(const char *path, struct lethe_error *err);
/* 0 while the lease is whole (taken again when whoever tried to open the file went away), else
 * -LETHE_E_CHANGED: ask before each step, as for any other device's identity. */
int lethe_image_held(int claim, struct lethe_error *err);
/* A descriptor for a worker. The kernel counts our own opens against the lease, so this is a
 * duplicate of CLAIM and can be written to whatever WRITABLE says: a read-only worker must have its
 * seccomp filter deny writing. */
int lethe_image_reopen(int claim, bool writable, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
