/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A technique is one ops table, one file, one line in src/technique/techniques.def, one test and
 * one page in docs/techniques/. It runs in the erase worker: one device handle, no key, no other
 * descriptors.
 */
#ifndef LETHE_TECHNIQUE_H
#define LETHE_TECHNIQUE_H

#include <lethe/facts.h>
#include <lethe/io.h>
#include <lethe/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lethe_technique_needs {
    LETHE_NEEDS_WRITE = 1 << 0,     /* plain writes; no capability */
    LETHE_NEEDS_RAWIO = 1 << 1,     /* CAP_SYS_RAWIO: ATA/SCSI/MMC pass-through */
    LETHE_NEEDS_SYS_ADMIN = 1 << 2, /* CAP_SYS_ADMIN: NVMe admin, Opal */
    LETHE_NEEDS_USB = 1 << 3,       /* bulk transfers; no capability */
    LETHE_NEEDS_MUX = 1 << 4,       /* the job's own usbmux proxy; no capability */
};
enum lethe_technique_flags {
    LETHE_TECHNIQUE_HOST = 1 << 0,        /* the host moves the bytes: passes apply */
    LETHE_TECHNIQUE_RESUMABLE = 1 << 1,   /* can go on from a durable point */
    LETHE_TECHNIQUE_OPENS = 1 << 2,       /* lifts limits (hidden areas); erases nothing itself */
    LETHE_TECHNIQUE_FLASH_CLEAR = 1 << 3, /* on flash Clear at most (facts: security erase) */
    LETHE_TECHNIQUE_MOVES = 1 << 4,   /* brings a phone into another mode; erases nothing itself */
    LETHE_TECHNIQUE_GUIDED = 1 << 5,  /* a person does it: attested at best */
    LETHE_TECHNIQUE_ADMITS = 1 << 6,  /* goes on only where the phone knows this bench's key */
    LETHE_TECHNIQUE_ZONES = 1 << 7,   /* of host-managed zoned drives, too */
    LETHE_TECHNIQUE_INTENDS = 1 << 8, /* tells an intent before it sends anything that erases */
    LETHE_TECHNIQUE_PSID = 1 << 9,    /* with what is printed on the label, which no record has */
    LETHE_TECHNIQUE_ESIM = 1 << 10,   /* tells the device what becomes of its eSIM */
};

/* What a technique leaves for the verification to expect. */
enum lethe_leaves {
    LETHE_LEAVES_PATTERN, /* exactly known bytes: the last pass, or `pattern` of the technique */
    LETHE_LEAVES_UNIFORM, /* one short pattern all over, not known before (00, FF, vendor's) */
    LETHE_LEAVES_UNKNOWN, /* anything but what was there (cryptographic erase) */
};

/* What a running technique tells; the worker turns these into messages to the supervisor. A
 * negative return means the supervisor is gone or cancelled: stop and return it. */
struct lethe_report {
    int (*pass_begin)(void *user, unsigned pass, const char *pattern, uint64_t offset);
    /* Ephemeral. DONE bytes of this pass; ERRORS sectors so far. Called at most some 10 times a
     * second. */
    int (*progress)(void *user, unsigned pass, uint64_t done, uint64_t errors);
    /* Everything below OFFSET of PASS is on the medium: called only after a flush succeeded. */
    int (*durable)(void *user, unsigned pass, uint64_t offset);
    /* LENGTH bytes at OFFSET could not be written (or, verifying, not read). Merged by the caller.
     */
    int (*exception)(void *user, uint64_t offset, uint64_t length, int errnum);
    int (*pass_end)(void *user, unsigned pass, uint64_t bytes_written, uint64_t errors);
    /* What is about to be done that a crash would leave behind (a password set on a drive): on
     * return it is durable in the record, and a resumed run gets it back. ACTION: a short word;
     * DETAIL is consumed. */
    int (*intent)(void *user, const char *action, json_t *detail);
    void *user;
};

/* One run of a technique on one device. */
struct lethe_run {
    struct lethe_io *io;
    const char *job;     /* uuid */
    const uint8_t *seed; /* LETHE_SEED_SIZE */
    uint64_t capacity; /* as recorded at the start: what must be handled, not what info says now */
    uint64_t zone;     /* bytes of a zone of a host-managed drive; 0: it is none */
    size_t n_passes;
    const char (*passes)[24];
    unsigned resume_pass;   /* from where to go on; 0, 0 = the beginning */
    uint64_t resume_offset; /* a durable point; content before it is re-read first */
    struct lethe_limits limits;
    size_t memory;        /* bytes of buffers it may hold, e.g. 12 MiB */
    bool accept_untold;   /* the policy takes a drive that never tells what it hides */
    bool cycled_after;    /* behind this step the drive is powered off and on */
    bool resumed;         /* this step was cut short before: look at the drive before acting */
    const json_t *intent; /* the last intent of the step so far: {"action","detail"}; NULL none */
    enum lethe_path path; /* of the drive's own commands; NONE for the host's */
    const char *psid;     /* for a PSID revert; "" none */
    /* Milliseconds between two looks at a device that works by itself. */
    uint32_t poll_ms;
    /* A test bed's limit for a command that blocks until the device is done; 0: the device's own.
     */
    uint32_t blocks_ms;
    /* How long a phone that shows no sign of its old self is watched; 0: LETHE_QUIET_MS. */
    uint32_t quiet_ms;
    struct lethe_report report;
    void *state; /* the technique's own */

    /* Phones. IDENTITY of the plan: read again from the phone before each destructive step. */
    const struct lethe_identity *identity;
    bool admitted;                   /* a step before this one went on only since it knew our key */
    const uint8_t *sample_key;       /* LETHE_KEY_SIZE bytes, of observe() only; else NULL */
    bool keep_esim, for_destruction; /* of the plan */
};

/* A phone shows its port before its system has made up its mind: one that kept its data and its
 * debugging is without ADB at first, too. */
#define LETHE_QUIET_MS 180000
/* That time of a device of SUBSTRATE. A test bed, which looks more often than once a second, may
 * be quicker with what is no physical device, and with nothing else. */
uint32_t lethe_quiet_ms(enum lethe_substrate substrate, uint32_t poll_ms);

/* What the state of a phone proves of its erasure (facts/phones.md 1.4 and 3). Ordered. */
enum lethe_grade {
    LETHE_GRADE_DENIED,   /* "denied": shown not to be erased */
    LETHE_GRADE_NONE,     /* "none": nothing shown either way */
    LETHE_GRADE_ATTESTED, /* "attested": by a person (grade C) */
    LETHE_GRADE_STATE,    /* "state": the phone's own state shows it (iOS PASS rule; grade A, B) */
};
/* In why a grade is NONE: another erasure would change nothing, its former owner has to act. */
#define LETHE_CAME_BACK_LOCKED "came back locked by Activation Lock"
const char *lethe_grade_name(enum lethe_grade grade);
int lethe_grade_parse(const char *spelling); /* -1 unknown */

struct lethe_technique {
    const char *name;
    enum lethe_technique_kind kind;
    enum lethe_method method; /* at most; lethe_technique_method() applies the media rule */
    const char *at_most;      /* why no better, for who asks for one; may be NULL */
    unsigned needs, flags;
    /* By the device's own firmware: what it must speak (NONE: no matter) and be able to do. Both
     * NONE and 0: host. */
    enum lethe_protocol protocol;
    unsigned capability; /* one of enum lethe_capability */
    enum lethe_leaves leaves;
    const char *pattern; /* LEAVES_PATTERN of a device's own overwrite; NULL for the host's */
    /* Is this drive, as it says it is now, ready for it? -LETHE_E_REFUSED with the reason and what
     * would help (frozen, locked, a bridge in the way). May be NULL. */
    int (*ready)(const struct lethe_facts *facts, struct lethe_error *err);
    /* Expected duration, seconds; 0 unknown. May be NULL. */
    uint64_t (*seconds)(const struct lethe_facts *facts, uint64_t capacity);
    /* Longest time without a sign of life that is still normal, seconds (a SECURITY ERASE blocks
     * for hours); 0: the policy's. May be NULL. */
    uint64_t (*patience)(const struct lethe_facts *facts, uint64_t capacity);
    /* Taken up again after a crash, before the marks are written anew: bring the drive to where the
     * host may write to it (wait for what it does, leave its failure, unlock it); stop() follows.
     * NULL: nothing is needed. */
    int (*settle)(struct lethe_run *run, struct lethe_error *err);
    /* Behind it the drive still refuses the first mark: 0, it may be busy and is tried again, by
     * and by; negative: it will refuse for ever, and why. stop() follows. NULL: nothing to ask. */
    int (*refuses)(struct lethe_run *run, struct lethe_error *err);
    int (*start)(struct lethe_run *run, struct lethe_error *err);
    /* One chunk of a host overwrite, or one poll of a device-driven sanitize: 1 go on, 0 done,
     * negative failed. */
    int (*step)(struct lethe_run *run, struct lethe_error *err);
    /* What was observed, as evidence for the event stream: new reference. Of a firmware technique
     * it has "proved": was the transition seen by us, from a known state before to the end (rule
     * 1)? Without it the technique earns no method. */
    int (*attest)(struct lethe_run *run, json_t **evidence, struct lethe_error *err);
    void (*stop)(struct lethe_run *run); /* always, also after a failed start */

    /* Phones. After the step the device leaves its port and comes back in one of these modes
     * (1 << enum lethe_phone_mode; 0: it stays), within so many seconds. */
    unsigned returns;
    uint32_t away_seconds;
    /* What somebody has to do for that, for the operator; NULL: nobody has to do anything. */
    const char *ask;
    const char *ask_zh; /* of a GUIDED one: the same in Chinese */
    /* A STATE step: in which state is the device now? In a worker of its own that only asks (rule
     * 5): new reference. RUN's `intent` is the evidence of this technique's own step. */
    int (*observe)(struct lethe_run *run, json_t **findings, struct lethe_error *err);
    /* Longest time that observe() may be silent, seconds; 0: as for the technique itself. */
    uint32_t look_seconds;
    /* Pure: what EVIDENCE (of attest) and FINDINGS (of observe) show together. WHY gets a sentence.
     */
    enum lethe_grade (*grade)(const json_t *evidence, const json_t *findings, char why[192]);
};

/* In evidence: {"command", "milliseconds"} of what a device took and answered, and of which nothing
 * shows whether it was done. It earns no method, and the certificate says so. */
#define LETHE_EVIDENCE_UNSEEN "unseen"
/* In evidence, true: what leads to the device died before it answered. Whether the command reached
 * it nobody knows; where it then never leaves its port, it is told again. */
#define LETHE_EVIDENCE_CUT "cut"
/* In evidence: the way to hide ("dco") of which a drive never told whether it hides by it. Clear at
 * most, and the certificate says so. */
/* Policies by which the host itself overwrites, whatever the drive's firmware offers: of one pass,
 * where the drive has no overwrite of its own; of two, on any (tests/plan/test_shipped.c). */
#define LETHE_POLICY_OVERWRITE "r2v3"
#define LETHE_POLICY_OVERWRITE_ALWAYS "gost-50739"
#define LETHE_EVIDENCE_UNTOLD "untold"

/* A PSID as scanned or typed: 32 letters and digits, whatever hyphens and blanks are between them.
 * 0, or -LETHE_E_USAGE. */
int lethe_psid_check(const char *text, struct lethe_error *err);

const struct lethe_technique *lethe_technique_find(const char *name);
size_t lethe_technique_count(void);
const struct lethe_technique *lethe_technique_at(size_t i);
/* protocol, capability and ready() asked of FACTS (NULL: the device could not be asked).
 * -LETHE_E_UNSUPPORTED when the drive has no such command; -LETHE_E_REFUSED when it can't be used
 * here and now, with what would help. */
int lethe_technique_ready(const struct lethe_technique *technique, const struct lethe_facts *facts,
                          struct lethe_error *err);
/* technique x media: facts/standards.md section 3. A host overwrite is Clear everywhere. */
enum lethe_method lethe_technique_method(const struct lethe_technique *technique,
                                         enum lethe_media media);

#ifdef __cplusplus
}
#endif
#endif
