/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe admin commands (NVM Express Base 2.0) as the fields of a submission queue entry, and what
 * comes back. Health is in proto/health.h; TCG payloads in proto/tcg.h.
 */
#ifndef LETHE_PROTO_NVME_H
#define LETHE_PROTO_NVME_H

#include "proto/sanitize.h"
#include "proto/transfer.h"

#include <lethe/error.h>
#include <stddef.h>

#define LETHE_NVME_ALL 0xffffffffu /* NSID: every namespace */
#define LETHE_NVME_IDENTIFY_SIZE 4096
#define LETHE_NVME_SANITIZE_LOG_SIZE 512
#define LETHE_NVME_SMART_LOG_SIZE 512

struct lethe_nvme_admin {
    uint8_t opcode;
    uint32_t nsid;
    uint32_t cdw2, cdw3, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
    enum lethe_transfer transfer;
    uint32_t data_len; /* bytes */
};
/* The 64 bytes of the submission queue entry, pointers 0 (the transport owns them). */
void lethe_nvme_admin_encode(const struct lethe_nvme_admin *command, uint8_t out[64]);
/* The other way, for transports, bridges and models. TRANSFER follows from the opcode's low bits;
 * data_len is not in it and becomes 0. */
void lethe_nvme_admin_decode(const uint8_t in[64], struct lethe_nvme_admin *out);

/* -- identify 06h ------------------------------------------------------------------------------ */
enum lethe_nvme_cns {
    LETHE_NVME_CNS_NAMESPACE = 0x00, /* active namespace NSID, or the common one for ALL */
    LETHE_NVME_CNS_CONTROLLER = 0x01,
    LETHE_NVME_CNS_ACTIVE_LIST = 0x02, /* NSIDs above NSID */
    LETHE_NVME_CNS_DESCRIPTORS = 0x03, /* EUI-64, NGUID, UUID */
    LETHE_NVME_CNS_ALLOCATED_LIST = 0x10,
    LETHE_NVME_CNS_ALLOCATED_NAMESPACE = 0x11,
    LETHE_NVME_CNS_ATTACHED_CONTROLLERS = 0x12,
    LETHE_NVME_CNS_CONTROLLERS = 0x13,
};
struct lethe_nvme_admin lethe_nvme_cmd_identify(enum lethe_nvme_cns cns, uint32_t nsid);

struct lethe_nvme_controller {
    uint16_t vid, ssvid, cntlid;
    char serial[21], model[41], firmware[9], subnqn[257];
    uint32_t version;            /* VER: major << 16 | minor << 8 | tertiary; 0 before 1.2 */
    uint8_t mdts;                /* 2^n pages; 0 = no limit */
    uint64_t total, unallocated; /* TNVMCAP, UNVMCAP, bytes; 0 = not told */
    uint32_t namespaces;         /* NN: the highest NSID */
    uint8_t controllers;         /* CMIC bit 1: the subsystem may have two or more */
    bool multi_port, sr_iov;
    bool security, format, ns_management, self_test; /* OACS b0 b1 b3 b4 */
    bool format_all_namespaces;                      /* FNA b0 */
    bool erase_all_namespaces;                       /* FNA b1 */
    bool format_crypto;                              /* FNA b2: SES 2 does what it says */
    bool format_no_broadcast;                        /* FNA b3: NSID FFFFFFFFh is refused */
    bool sanitize_crypto, sanitize_block, sanitize_overwrite; /* SANICAP b0 b1 b2 */
    bool sanitize_verify;           /* SANICAP b3 VERS: media verification state */
    bool no_deallocate_inhibited;   /* SANICAP b29 NDI */
    uint8_t no_deallocate_modifies; /* SANICAP b31:30 NODMMAS: 0 untold, 1 no, 2 yes */
    uint32_t sanicap;
    bool volatile_write_cache;
    uint16_t warning_kelvin, critical_kelvin; /* WCTEMP, CCTEMP; 0 = not told */
};
int lethe_nvme_controller_parse(const uint8_t *data, size_t len, struct lethe_nvme_controller *out,
                                struct lethe_error *err);

struct lethe_nvme_namespace {
    uint64_t size, capacity, used; /* NSZE, NCAP, NUSE, logical blocks; size 0: not active */
    uint64_t bytes;                /* NVMCAP; 0 = not told */
    uint32_t block;                /* bytes of data in a logical block, of the format in use */
    uint16_t metadata;             /* bytes of metadata in a block */
    uint8_t format;                /* index of the LBA format in use: FORMAT keeps it */
    uint8_t formats;               /* how many there are */
    bool metadata_inline;          /* FLBAS b4: as part of the data */
    uint8_t protection;            /* DPS b2:0, 0 = none */
    bool protection_first;         /* DPS b3 */
    bool shared;                   /* NMIC b0: other controllers may have it */
    bool deallocated_zero;         /* DLFEAT b2:0 = 1 */
    char eui64[17], nguid[33];     /* lower-case hex, "" when all zero */
};
int lethe_nvme_namespace_parse(const uint8_t *data, size_t len, struct lethe_nvme_namespace *out,
                               struct lethe_error *err);
/* NSIDs of a list in rising order, up to its first 0; at most CAP. Their number, or
 * -LETHE_E_INVALID when the list does not rise. 1024 = there may be more: ask above the last. */
#define LETHE_NVME_LIST_MAX 1024
int lethe_nvme_list_parse(const uint8_t *data, size_t len, uint32_t *out, size_t cap,
                          struct lethe_error *err);
/* 16-bit controller list of CNS 12h/13h: count first. */
int lethe_nvme_controllers_parse(const uint8_t *data, size_t len, uint16_t *out, size_t cap,
                                 struct lethe_error *err);
struct lethe_nvme_descriptors {          /* CNS 03h */
    char eui64[17], nguid[33], uuid[37]; /* "" when there is none */
};
int lethe_nvme_descriptors_parse(const uint8_t *data, size_t len,
                                 struct lethe_nvme_descriptors *out, struct lethe_error *err);

/* -- logs 02h ---------------------------------------------------------------------------------- */
#define LETHE_NVME_LOG_ERROR 0x01
#define LETHE_NVME_LOG_SMART 0x02
#define LETHE_NVME_LOG_SANITIZE 0x81
/* LEN in bytes, a multiple of 4. Retain Asynchronous Event is set: reading changes nothing. */
int lethe_nvme_cmd_get_log(uint8_t log, uint32_t nsid, uint32_t len, struct lethe_nvme_admin *out,
                           struct lethe_error *err);
/* Log 81h. -LETHE_E_INVALID only when too short; all else becomes a state, UNKNOWN at worst. */
int lethe_nvme_sanitize_log_parse(const uint8_t *data, size_t len,
                                  struct lethe_sanitize_status *out, struct lethe_error *err);

/* -- erasing ----------------------------------------------------------------------------------- */
/* 84h. AUSE is always set, so that a failed device can leave the failure mode. PASSES 1-16,
 * INVERT and PATTERN only count for OVERWRITE. No Deallocate After Sanitize as NO_DEALLOCATE. */
int lethe_nvme_cmd_sanitize(enum lethe_sanitize_action action, unsigned passes, bool invert,
                            uint32_t pattern, bool no_deallocate, struct lethe_nvme_admin *out,
                            struct lethe_error *err);
struct lethe_nvme_admin lethe_nvme_cmd_sanitize_exit_failure(void);
/* 80h. CRYPTO: SES 2, else SES 1; SES 0 cannot be built: it erases nothing. Everything else stays
 * as NS has it. CRYPTO needs CONTROLLER->format_crypto, both need ->format. */
int lethe_nvme_cmd_format(const struct lethe_nvme_controller *controller,
                          const struct lethe_nvme_namespace *ns, uint32_t nsid, bool crypto,
                          struct lethe_nvme_admin *out, struct lethe_error *err);
struct lethe_nvme_admin lethe_nvme_cmd_security_send(uint8_t protocol, uint16_t specific,
                                                     uint32_t nsid, uint32_t len); /* 81h */
struct lethe_nvme_admin lethe_nvme_cmd_security_receive(uint8_t protocol, uint16_t specific,
                                                        uint32_t nsid, uint32_t len); /* 82h */
/* Namespace management 0Dh: only deletion; NSID may be ALL. */
struct lethe_nvme_admin lethe_nvme_cmd_namespace_delete(uint32_t nsid);

/* -- status ------------------------------------------------------------------------------------ */
/* SCT << 8 | SC as the kernel's ioctl returns it (11 low bits), DNR and MORE masked off. */
#define LETHE_NVME_STATUS_MASK 0x7ffu
#define LETHE_NVME_SUCCESS 0x000u
#define LETHE_NVME_INVALID_OPCODE 0x001u
#define LETHE_NVME_INVALID_FIELD 0x002u
#define LETHE_NVME_INTERNAL 0x006u
#define LETHE_NVME_ABORTED 0x007u
#define LETHE_NVME_INVALID_NAMESPACE 0x00bu
#define LETHE_NVME_SANITIZE_FAILED 0x01cu
#define LETHE_NVME_SANITIZE_IN_PROGRESS 0x01du
#define LETHE_NVME_WRITE_PROTECTED 0x020u
#define LETHE_NVME_FORMAT_IN_PROGRESS 0x084u
#define LETHE_NVME_INVALID_FORMAT 0x10au
#define LETHE_NVME_FIRMWARE_RESET 0x10bu
#define LETHE_NVME_SANITIZE_PMR 0x123u
#define LETHE_NVME_ACCESS_DENIED 0x286u
#define LETHE_NVME_DEALLOCATED 0x287u
/* Words for STATUS, "vendor specific" or "unknown" where the table has none. Never NULL. */
const char *lethe_nvme_status_name(uint16_t status);

#endif
