/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCG storage: level-0 discovery (TCG Storage Core 2.01 3.3.6), and the one conversation that we
 * have: PSID revert (Opal 2.02 Annex/PSID feature set 1.00). All pure bytes: the transport is
 * SECURITY PROTOCOL IN/OUT, TRUSTED RECEIVE/SEND, or Security Receive/Send.
 */
#ifndef LETHE_PROTO_TCG_H
#define LETHE_PROTO_TCG_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_TCG_PROTOCOL 0x01       /* security protocol of ComPackets and of discovery */
#define LETHE_TCG_PROTOCOL_COMID 0x02 /* ComID management */
#define LETHE_TCG_DISCOVERY_COMID 0x0001
#define LETHE_TCG_DISCOVERY_SIZE 2048 /* what to ask for */

enum lethe_tcg_ssc {                                /* bits: a drive may have several */
                     LETHE_TCG_ENTERPRISE = 1 << 0, /* 0100h */
                     LETHE_TCG_OPAL1 = 1 << 1,      /* 0200h */
                     LETHE_TCG_OPAL2 = 1 << 2,      /* 0203h */
                     LETHE_TCG_OPALITE = 1 << 3,    /* 0301h */
                     LETHE_TCG_PYRITE1 = 1 << 4,    /* 0302h: no encryption */
                     LETHE_TCG_PYRITE2 = 1 << 5,    /* 0303h: no encryption */
                     LETHE_TCG_RUBY = 1 << 6,       /* 0304h */
                     LETHE_TCG_KPIO = 1 << 7,       /* 0305h key per I/O */
};
struct lethe_tcg_discovery {
    unsigned ssc;             /* LETHE_TCG_X; 0 = none that we know */
    uint16_t com_id;          /* base ComID of the SSC to talk to; 0 = none */
    bool tper, sync_protocol; /* feature 0001h */
    struct {                  /* feature 0002h */
        bool present, supported, enabled, locked, media_encryption, mbr_enabled, mbr_done;
    } locking;
    struct { /* feature 0402h */
        bool present;
        bool sid_is_msid; /* SID value state 0: the PIN is still the printed default */
        bool blocked;     /* SID is blocked until power cycle: a revert by SID fails */
    } block_sid;
    struct { /* feature 0404h: what Revert does to data (Pyrite 2, Opal 2.02) */
        bool present, processing, interrupted;
        uint8_t mechanisms; /* b0 overwrite, b1 block, b2 crypto, b3 unmap, b4 reset wr. pointers,
                               b5 vendor */
    } removal;
    uint8_t initial_pin, reverted_pin; /* 00h = MSID, FFh = vendor */
};
/* -LETHE_E_INVALID: malformed. A device without TCG answers zeros or an error; zeros are OUT->ssc 0
 * and 0. */
int lethe_tcg_discovery_parse(const uint8_t *data, size_t len, struct lethe_tcg_discovery *out,
                              struct lethe_error *err);
/* Revert destroys the key that everything was encrypted with: only where the SSC encrypts and the
 * device says that it does. Pyrite: never. */
bool lethe_tcg_revert_erases(const struct lethe_tcg_discovery *discovery);
/* "Opal 2.0, Block SID" ... for people. */
void lethe_tcg_format(char *out, size_t out_size, const struct lethe_tcg_discovery *discovery);

/* -- PSID revert --------------------------------------------------------------------------------
 * send(start), receive -> session; Enterprise only: send(authenticate), receive -> status;
 * send(revert), receive -> status. The TPer ends the session by itself; an END SESSION is only for
 * the way out after a failure. */
#define LETHE_TCG_PACKET_SIZE 512 /* what the builders make, padded with zeros */
#define LETHE_TCG_RECEIVE_SIZE 2048
#define LETHE_TCG_PSID_MAX 32
struct lethe_tcg_session {
    uint16_t com_id;
    bool enterprise;
    uint32_t host, tper; /* HSN, TSN; TPER is 0 until the answer to start is parsed */
};
/* A PSID as scanned or typed: hyphens and blanks are dropped, letters become capitals. The length
 * is 32 on every label that is known; others are refused. Number of characters, or negative. */
int lethe_tcg_psid_clean(const char *text, char out[LETHE_TCG_PSID_MAX + 1],
                         struct lethe_error *err);
/* StartSession to the Admin SP as authority PSID. HOST_SESSION: any number but 0. */
int lethe_tcg_psid_start(const struct lethe_tcg_discovery *discovery, uint32_t host_session,
                         const char *psid, struct lethe_tcg_session *session,
                         uint8_t out[LETHE_TCG_PACKET_SIZE], struct lethe_error *err);
/* The SyncSession answer. -LETHE_E_REFUSED: wrong PSID (not authorised, locked out);
 * -LETHE_E_BUSY: no answer yet (empty ComPacket with outstanding data): receive again. */
int lethe_tcg_session_started(const uint8_t *data, size_t len, struct lethe_tcg_session *session,
                              struct lethe_error *err);
/* Enterprise SSC authenticates after the session is open. The answer is for
 * lethe_tcg_authenticated(): 0, or -LETHE_E_REFUSED for a wrong PSID. */
int lethe_tcg_authenticate(const struct lethe_tcg_session *session, const char *psid,
                           uint8_t out[LETHE_TCG_PACKET_SIZE], struct lethe_error *err);
int lethe_tcg_authenticated(const uint8_t *data, size_t len,
                            const struct lethe_tcg_session *session, struct lethe_error *err);
/* Revert of the Admin SP (Opal family), or RevertSP of it (Enterprise). */
void lethe_tcg_revert(const struct lethe_tcg_session *session, uint8_t out[LETHE_TCG_PACKET_SIZE]);
void lethe_tcg_end_session(const struct lethe_tcg_session *session,
                           uint8_t out[LETHE_TCG_PACKET_SIZE]);
/* Method status of an answer: 0 success or LETHE_TCG_STATUS_X; negative when malformed or, with
 * -LETHE_E_BUSY, not there yet. */
int lethe_tcg_method_status(const uint8_t *data, size_t len,
                            const struct lethe_tcg_session *session, struct lethe_error *err);
#define LETHE_TCG_STATUS_NOT_AUTHORIZED 0x01
#define LETHE_TCG_STATUS_SP_BUSY 0x03
#define LETHE_TCG_STATUS_SP_FAILED 0x04
#define LETHE_TCG_STATUS_SP_DISABLED 0x05
#define LETHE_TCG_STATUS_SP_FROZEN 0x06
#define LETHE_TCG_STATUS_NO_SESSIONS 0x07
#define LETHE_TCG_STATUS_INVALID_PARAMETER 0x0c
#define LETHE_TCG_STATUS_TPER_MALFUNCTION 0x0f
#define LETHE_TCG_STATUS_TRANSACTION_FAILURE 0x10
#define LETHE_TCG_STATUS_AUTHORITY_LOCKED 0x12
#define LETHE_TCG_STATUS_FAIL 0x3f
const char *lethe_tcg_status_name(int status);

#endif
