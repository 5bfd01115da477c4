/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be asked of an iPhone or iPad over USB: `io->ops->apple`, of an io that the driver "ios"
 * (or an emulated phone's) opened in lethe-worker-phone. Everything goes through the job's own
 * usbmux proxy (src/mux), which shows this one device and one pair record.
 *
 * No call lasts longer than its TIMEOUT_MS of wall clock; no answer is larger than
 * LETHE_APPLE_REPLY_MAX; every plist is read by proto/plist within its bounds (depth, nodes) and
 * handed over as its JSON. What comes is the device's word: hostile.
 */
#ifndef LETHE_IO_APPLE_H
#define LETHE_IO_APPLE_H

#include <lethe/io.h>

#define LETHE_APPLE_REPLY_MAX ((size_t)1 << 20)
#define LETHE_APPLE_MS 15000     /* for anything that a phone answers by itself */
#define LETHE_APPLE_PATH_MAX 104 /* of a UNIX socket */
#define LETHE_APPLE_RECORD_MAX ((size_t)64 << 10)

/* clang-format off */
/* How an exchange ended. Only REPLY is an answer; after EraseDevice none of the others says that
 * nothing happened. */
#define LETHE_APPLE_ENDS(X)                                                                        \
    X(APPLE_REPLY, "reply") /* a whole plist came: `reply`, and `error` if it names one */         \
    X(APPLE_EOF, "eof")     /* closed between two messages */                                      \
    X(APPLE_CUT, "cut")     /* reset, a TLS error, closed within a message */                      \
    X(APPLE_TIMEOUT, "timeout")                                                                    \
    X(APPLE_MALFORMED, "malformed") /* too large, too deep, no plist */                            \
    X(APPLE_REFUSED, "refused")     /* no connection: the proxy or the device says no */           \
    X(APPLE_ABSENT, "absent")       /* the device is not (or no longer) on its port */             \
    X(APPLE_UNPAIRED, "unpaired")   /* there is no pair record to do it with */                    \
    X(APPLE_INTERNAL, "internal")   /* memory ran out, or we asked wrongly */
/* clang-format on */
#define LETHE_APPLE_ENUM(symbol, spelling) LETHE_##symbol,
enum lethe_apple_end { LETHE_APPLE_ENDS(LETHE_APPLE_ENUM) };
#undef LETHE_APPLE_ENUM
const char *lethe_apple_end_name(enum lethe_apple_end end); /* never NULL */

struct lethe_apple_answer {
    enum lethe_apple_end end;
    char error[64]; /* lockdown's "Error", cleaned: "InvalidHostID"; "" none */
    json_t *reply;  /* owned; NULL unless REPLY */
};
void lethe_apple_answer_clear(struct lethe_apple_answer *answer);
/* REPLY without an error. */
static inline bool lethe_apple_ok(const struct lethe_apple_answer *answer)
{
    return answer->end == LETHE_APPLE_REPLY && !answer->error[0];
}

/* clang-format off */
/* Pairing, in the words of lockdown's errors (libimobiledevice 1.3.0 has the same). */
#define LETHE_APPLE_PAIRINGS(X)                                                                    \
    X(PAIRING_DONE, "")                                                                            \
    X(PAIRING_DIALOG, "PairingDialogResponsePending") /* somebody must tap Trust; ask again */     \
    X(PAIRING_LOCKED, "PasswordProtected")            /* unlock it first */                        \
    X(PAIRING_DENIED, "UserDeniedPairing")                                                         \
    X(PAIRING_FIND_MY, "FMiPProtected")                                                            \
    X(PAIRING_MANAGED, "MCProtected")                                                              \
        X(PAIRING_CHALLENGE, "MCChallengeRequired") /* supervised: only with the owner's key */    \
        X(PAIRING_OTHER, "?")                       /* any other error, or no answer */
/* clang-format on */
#define LETHE_APPLE_ENUM(symbol, spelling) LETHE_##symbol,
enum lethe_apple_pairing { LETHE_APPLE_PAIRINGS(LETHE_APPLE_ENUM) };
#undef LETHE_APPLE_ENUM
enum lethe_apple_pairing lethe_apple_pairing_of(const struct lethe_apple_answer *answer);
/* What the operator should do about it, in plain words; "" when nothing. */
const char *lethe_apple_pairing_advice(enum lethe_apple_pairing pairing);

/* The pair record that the proxy serves: our own copy. No key leaves it. */
struct lethe_apple_record {
    bool present;
    char host_id[64];
    char sha256[65]; /* of its bytes, hex */
};

struct lethe_apple_service; /* a connection to one service of the device */

struct lethe_apple_ops {
    const char *(*udid)(struct lethe_io *io); /* as usbmuxd spells it */
    /* Who on the way to the device is dead, now: "lethe-mux" or "usbmuxd"; NULL: nobody, so that
     * silence is the device's own. The op may be NULL: there is nobody on the way. */
    const char *(*broken)(struct lethe_io *io);

    /* lockdown GetValue. Within a session if one is open, else without: that never pairs. DOMAIN
     * and KEY may be NULL. REPLY is the value itself (any JSON type). */
    void (*value)(struct lethe_io *io, const char *domain, const char *key, unsigned timeout_ms,
                  struct lethe_apple_answer *out);

    void (*record)(struct lethe_io *io, struct lethe_apple_record *out);
    /* Pair, with keys and certificates made for it; once accepted the proxy keeps the record. The
     * old one stays what `record` tells until then. One try: DIALOG means ask again later. REPLY
     * never holds secrets. */
    void (*pair)(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out);
    /* Take our HostID out of the device's trust (needs a session where the device wants one), and
     * the record out of the proxy's keeping, whatever the device says; in a job usbmuxd's own
     * likewise. REPLY without error: none is left that this bench knows of. */
    void (*unpair)(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out);

    /* StartSession and TLS with the record. REPLY without error: open, until session_close or the
     * next session_open. "InvalidHostID" (or CUT: TLS failed): the device no longer knows the
     * record. UNPAIRED: there is none. */
    void (*session_open)(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out);
    void (*session_close)(struct lethe_io *io);

    /* StartService within the session, and connect to it. NULL unless lethe_apple_ok(OUT). */
    struct lethe_apple_service *(*service_open)(struct lethe_io *io, const char *name,
                                                unsigned timeout_ms,
                                                struct lethe_apple_answer *out);
    /* Send REQUEST (NULL: nothing) as a framed XML plist and read one framed plist. REQUEST stays
     * the caller's. `error` is not looked for: services word theirs differently. */
    void (*exchange)(struct lethe_apple_service *service, const json_t *request,
                     unsigned timeout_ms, struct lethe_apple_answer *out);
    /* The same bytes without frames (AFC): all LEN of them, or how it ended. */
    enum lethe_apple_end (*send)(struct lethe_apple_service *service, const void *data, size_t len,
                                 unsigned timeout_ms);
    enum lethe_apple_end (*receive)(struct lethe_apple_service *service, void *data, size_t len,
                                    unsigned timeout_ms);
    void (*service_close)(struct lethe_apple_service *service); /* NULL is fine */
};

#endif
