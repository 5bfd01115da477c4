/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job is one device, one plan, one attempt. Everything that is known of it is its event stream;
 * CLI, store, certificate and web are folds over it. lethe_job_apply() is the state machine: pure,
 * table-driven; an illegal transition is an error and changes nothing.
 */
#ifndef LETHE_JOB_H
#define LETHE_JOB_H

#include <lethe/plan.h>
#include <lethe/verification.h>

#ifndef LETHE_SEED_SIZE
#define LETHE_SEED_SIZE 32 /* bytes; also in <base/pattern.h> */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/*
 * Event types, their spelling, and the members of their body (beside "type", "job", "seq", "time").
 * Integers and strings, objects and arrays; unknown members are rejected; "?" marks optional ones.
 * The same with every bound is the table in src/job/members.c.
 *
 *   job.created      target, plan{} (lethe_plan_to_json), tool{name,version},
 *                    record{operator?,asset_tag?,lot?,customer?}, custom{},
 *                    confirmed{by:"serial"|...|"digest",
 *                              source:"typed"|"scanned"|"manifest"|"argument", value},
 *                    accept_untested, limitations[] (beside the plan's, e.g. faults injected)
 *   job.refused      code, reason, effect?, remedy?   only while nothing destructive was sent
 *   job.start        identity{}, sample_commit (hex SHA-256 of k), seed_commit, canary_commit,
 *                    bench{id,key (hex SHA-256 of the certificate),not_after ("...T...Z")}, demo_key,
 *                    firmware{}? (lethe_facts_to_json: what the drive said of itself)
 *   worker.started   role:"erase"|"verify", pid?, sandbox{seccomp,capabilities,ring?,user?}
 *   step.begin       step                             from here on destructive (canary, technique)
 *   canary.written   count
 *   pass.begin       pass, pattern, offset
 *   pass.point       pass, offset                     the last one, before pass.end: the capacity
 *   pass.end         pass, bytes, errors (sectors)    of this run of the pass: together they fill
 *                                                     capacity - offset of pass.begin
 *   exception        phase:"write"|"read", offset, length, errno
 *   technique.attest evidence{}
 *   technique.intent action, detail{}                of a firmware technique: about to be done
 *   window.open      seconds, ask                    the drive must be powered off and on
 *   window.closed    ok, reason?, mode?, away_ms?    it is back and the same, or not; of a phone
 *                                                     also in which mode and after how long. Of a
 *                                                     phone that was away while the supervisor was
 *                                                     not there (job.resumed) it may be opened again
 *   state.observed   step, findings{}                of a STATE step: what the phone's state is
 *   operator.attested  name, statement, photo?       a person saw the phone erased (typed name;
 *                                                     photo: hex SHA-256); once, by a guided step's
 *                                                     end or later, until the end of the job
 *   step.end         step, ok, code?, reason?, effect?, remedy?     code and reason unless ok
 *   identity.checked when, ok, reason?                reason unless ok; when is "before-verify" when
 *                                                     a step that only looks is next (verify, state),
 *                                                     "after-verify" when all steps are over, else
 *                                                     "before-erase";
 *                                                     "resume" while interrupted
 *   verify.result    result{} (lethe_verify_result_to_json)
 *   job.interrupted  reason, again?                   by the next start: the supervisor died
 *                    again: the phone did not get the command of its last step, which is begun again
 *   job.resumed      pass, offset, reason             verification becomes full
 *   job.abort        by:"operator"|"supervisor", reason, clock?
 *                    clock: with what reason the clock was released behind the last event, which a
 *                    clock far ahead had dated; the abort may be older than that then
 *   job.end          outcome, method, policy_met, reasons[], limitations[],
 *                    exceptions{sectors,ranges[],truncated}, reveal{sample_key,canary_key}? (hex)
 *   certificate.issued  id (jti), vct, sha256, path
 *   job.closed       reason                           by the operator: it has ended, and our own
 *                                                     verifier would not believe a certificate
 *   progress         step, pass, done, errors, total?, rate?, eta?, elapsed?    shown, never stored
 *                                                     or applied; elapsed: seconds that a device has
 *                                                     been silent over one command
 *   result           outcome, method, substrate, certificate?, policy_met, exit   last line of the CLI
 */
#define LETHE_EVENTS(X)                                                                           \
    X(JOB_CREATED, "job.created") X(JOB_REFUSED, "job.refused") X(JOB_START, "job.start")         \
    X(WORKER_STARTED, "worker.started") X(STEP_BEGIN, "step.begin")                               \
    X(CANARY_WRITTEN, "canary.written") X(PASS_BEGIN, "pass.begin") X(PASS_POINT, "pass.point")   \
    X(PASS_END, "pass.end") X(EXCEPTION, "exception") X(ATTEST, "technique.attest")               \
    X(STEP_END, "step.end") X(IDENTITY_CHECKED, "identity.checked")                               \
    X(VERIFY_RESULT, "verify.result") X(INTERRUPTED, "job.interrupted")                           \
    X(RESUMED, "job.resumed") X(ABORT, "job.abort") X(END, "job.end")                             \
    X(CERTIFICATE, "certificate.issued") X(CLOSED, "job.closed") X(INTENT, "technique.intent")                            \
    X(WINDOW_OPEN, "window.open") X(WINDOW_CLOSED, "window.closed")                               \
    X(OBSERVED, "state.observed") X(ATTESTED, "operator.attested")                                \
    X(PROGRESS, "progress") X(RESULT, "result")
/* clang-format on */
#define LETHE_EVENT_ENUM(symbol, spelling) LETHE_EVENT_##symbol,
enum lethe_event_type { LETHE_EVENTS(LETHE_EVENT_ENUM) LETHE_EVENT_TYPES };
#undef LETHE_EVENT_ENUM

struct lethe_event {
    enum lethe_event_type type;
    uint64_t seq;  /* 1.. within the job; 0 for ephemeral ones */
    uint64_t time; /* ms UTC */
    char job[37];
    json_t *body; /* owned: members as above */
};
const char *lethe_event_name(enum lethe_event_type type);
int lethe_event_parse(const char *spelling); /* -1 unknown */
void lethe_event_clear(struct lethe_event *event);
/* One flat object: {"type","job","seq","time",...body}. */
json_t *lethe_event_to_json(const struct lethe_event *event);
/* Checks types and bounds of every member against the table above. */
int lethe_event_from_json(const json_t *json, struct lethe_event *out, struct lethe_error *err);
/* The same for an event made here. */
int lethe_event_check(const struct lethe_event *event, struct lethe_error *err);
/* Shown, never stored, never applied; its seq is 0. */
bool lethe_event_ephemeral(enum lethe_event_type type);
/* A job id: UUID, 36 characters, lower case. */
bool lethe_job_id_valid(const char *id);

enum lethe_job_state {
    LETHE_JOB_NEW, /* nothing applied */
    LETHE_JOB_CREATED,
    LETHE_JOB_STARTED, /* START durable */
    LETHE_JOB_RUNNING, /* a step is under way */
    LETHE_JOB_IDLE,    /* between steps */
    LETHE_JOB_INTERRUPTED,
    LETHE_JOB_ENDING, /* aborted, failed or all steps done: a last look at the identity, then END */
    LETHE_JOB_ENDED,  /* END recorded (or refused) */
    LETHE_JOB_CERTIFIED,
    LETHE_JOB_CLOSED, /* ended, and never to be certified */
};
#define LETHE_JOB_STATES (LETHE_JOB_CLOSED + 1)
/* "new", "created" ... as the store spells them. */
const char *lethe_job_state_name(enum lethe_job_state state);
/* -1 unknown */
int lethe_job_state_parse(const char *spelling);

/*
 * Clocks: an event may be older than the one before it by LETHE_CLOCK_TOLERANCE_MS (a clock that is
 * being disciplined); from LETHE_CLOCK_ANOMALY_MS on that is named among the limitations. Anything
 * older is illegal: set the clock, then the job can be ended. Where it was that job's clock that
 * was wrong, job.abort ends it once the clock was released (lethe_store_release_clock()).
 */
#define LETHE_CLOCK_ANOMALY_MS 2000
#define LETHE_CLOCK_TOLERANCE_MS 120000

#define LETHE_EXCEPTION_RANGES_MAX 1024

struct lethe_pass_facts {
    uint64_t began, ended;  /* ms; 0 not */
    uint64_t from;          /* offset where its last run began; 0 but for a resumed one */
    uint64_t bytes, errors; /* errors: sectors */
    uint64_t point;         /* last durable offset */
    bool complete;          /* every byte accounted for: written, or listed as an exception */
};

/* The fold. */
struct lethe_job {
    char id[37];
    enum lethe_job_state state;
    uint64_t last_seq, created, started, ended;
    struct lethe_plan plan;
    json_t *created_body, *start_body, *end_body; /* owned copies, NULL until seen */
    json_t *attests[LETHE_STEPS_MAX];             /* of the technique of each step */
    json_t *findings[LETHE_STEPS_MAX];            /* of each STATE step; owned */
    json_t *returned[LETHE_STEPS_MAX]; /* body of the window.closed after each step; owned */
    uint64_t returned_at;              /* time of the last window.closed, ms; 0 none */
    json_t *attested;                  /* body of operator.attested; owned */
    json_t *intent;   /* body of the last technique.intent of the step under way or cut short */
    bool window;      /* open: the drive is being powered off and on */
    bool cycled;      /* it was, since the last step that asked for it */
    bool destructive; /* a destructive step began */
    int step;         /* under way or last; -1 none */
    bool step_ok[LETHE_STEPS_MAX];
    bool step_sound[LETHE_STEPS_MAX]; /* begun by a worker of its role (rule 5), on the armed device
                                         (rule 4) */
    int worker; /* role of the worker heard last, -1 none since START or interruption */
    uint32_t canaries_written;
    struct lethe_pass_facts passes[LETHE_PASSES_MAX];
    int pass;             /* under way; -1 none */
    unsigned resume_pass; /* of the last job.resumed */
    uint64_t resume_offset;
    size_t n_write_exceptions, n_read_exceptions; /* ranges, merged, sorted */
    struct lethe_range write_exceptions[LETHE_EXCEPTION_RANGES_MAX];
    struct lethe_range read_exceptions[LETHE_EXCEPTION_RANGES_MAX];
    bool exceptions_truncated; /* more ranges than we keep */
    uint32_t interruptions, resumptions;
    uint32_t identity_checks;
    bool identity_failed, identity_after; /* the check after the last step was good */
    bool identity_fresh;                  /* checked good, and no technique or interruption since */
    bool verified;                        /* verify.result seen */
    bool verify_full; /* interrupted before the verification ended: it must be full */
    struct lethe_verify_result verification;
    bool aborted;
    uint64_t last_time;         /* latest event, ms */
    uint64_t clock_back;        /* largest step backwards between events, ms */
    bool clock_released;        /* that was no small one: what it said before is not believed */
    struct lethe_error failure; /* first failed step or refusal; code 0 = none */
    char abort_reason[256];
    enum lethe_outcome outcome;
    enum lethe_method method;
};
void lethe_job_init(struct lethe_job *job);
void lethe_job_clear(struct lethe_job *job);
/* TO is another fold of the same events; both are cleared. */
void lethe_job_copy(const struct lethe_job *from, struct lethe_job *to);
/* 0, or -LETHE_E_INVALID and JOB unchanged. */
int lethe_job_apply(struct lethe_job *job, const struct lethe_event *event,
                    struct lethe_error *err);
/* Would it apply? Changes nothing. */
int lethe_job_check(const struct lethe_job *job, const struct lethe_event *event,
                    struct lethe_error *err);
/* The first step that is not brought to its end; -1: all are. */
int lethe_job_next_step(const struct lethe_job *job);
/* Of one that was cut short: the step it goes on with when it is resumed, which may be one that was
 * brought to its end before. */
int lethe_job_resume_step(const struct lethe_job *job);
/* Is NOW the device of this job, as it must be at this point of its plan? By every identifier; its
 * capacity is the one before hidden areas are opened or the one behind that, and any between while
 * a step that opens them was begun and not all are ended. -LETHE_E_CHANGED. */
int lethe_job_same_device(const struct lethe_job *job, const struct lethe_identity *now,
                          struct lethe_error *err);
/* Is it the device to look for, though it may not be yet as the plan wants it (a power cycle is
 * due)? */
bool lethe_job_finds(const struct lethe_job *job, const struct lethe_identity *now);
/* Does an overwrite by the host leave what no other medium has? */
bool lethe_job_left_random(const struct lethe_job *job);
/* The sectors left as they were: write and read exceptions together, sorted and merged. OUT holds 2
 * * LETHE_EXCEPTION_RANGES_MAX. */
size_t lethe_job_exceptions(const struct lethe_job *job, struct lethe_range *out);

/* The verdict: a pure function of the fold (rules 1 and 2). */
#define LETHE_REASONS_MAX 12 /* the worst first; what does not fit is only less bad */
struct lethe_assessment {
    enum lethe_outcome outcome;
    enum lethe_method method; /* achieved */
    bool policy_met;
    uint64_t exception_sectors;
    size_t n_reasons; /* why not better, in words; empty for a plain pass */
    char reasons[LETHE_REASONS_MAX][192];
    size_t n_limitations;
    char limitations[LETHE_LIMITATIONS_MAX][256];
};
/* job.end is legal only with the outcome, method, policy_met and exceptions that this computes. */
void lethe_assess(const struct lethe_job *job, struct lethe_assessment *out);
/* Is a password of ours on the drive, as far as the record knows? It is published:
 * docs/techniques/ata-security-erase.md. */
bool lethe_job_locks(const struct lethe_job *job);
/* Is a phone waited for that may never have got its command, since what leads to it died? */
bool lethe_job_cut(const struct lethe_job *job);
/* Was nothing sent to the device that erases? Of a technique that tells its intent first that is
 * known also while it runs and when it was cut short; of any other its beginning counts. */
bool lethe_job_unharmed(const struct lethe_job *job);
/* Did the device's own technique end as it should, seen by us, with the marks gone before anything
 * was written over them? False without one. */
bool lethe_job_firmware_proved(const struct lethe_job *job);
/* Of a phone: what evidence and findings of the erasing step at STEP show together; WHY gets a
 * sentence. *LOOK (may be NULL) is the step that looked at it, -1 none. */
enum lethe_grade lethe_job_grade(const struct lethe_job *job, size_t step, char why[192],
                                 int *look);
/* Is what a person did by hand over, and the phone back from it? Only then can anybody have seen
 * what came of it. */
bool lethe_job_attestable(const struct lethe_job *job);
/* The body of job.end, but for `reveal`. */
json_t *lethe_assessment_to_json(const struct lethe_assessment *assessment,
                                 const struct lethe_job *job);

/* clang-format off */
/*
 * ---- Worker protocol ----
 * One JSON object a datagram, SOCK_SEQPACKET, at most LETHE_MESSAGE_MAX bytes.
 *
 * Supervisor to worker, once, with the descriptors of the spec (SCM_RIGHTS):
 *   {"role":"erase"|"verify","job","driver","writable","config"|null,"capacity","plan":{},"seed",
 *    "canary_key","sample_key" (verify only),"step" (the first it does),
 *    "resume":{"pass","offset"}|null,"full":bool,"exceptions":[[offset,length]...],
 *    "intent":{}|null,"psid"}
 * Worker to supervisor: {"type":EVENT,...body} for worker.started, step.begin, canary.written,
 * pass.*, exception, technique.intent (it waits for "go", as after step.begin), technique.attest, step.end, verify.result, progress; last {"type":"done"}; or,
 * when it can't even begin, {"type":"failed","code","reason","effect","remedy"}.
 * Anything else, too long, too often or out of turn ends the worker: its job fails.
 */
/* clang-format on */
#define LETHE_MESSAGE_MAX 65536
/* PROBE has no order and no job: it asks a drive about itself (src/worker/probe.c). */
enum lethe_role { LETHE_ROLE_ERASE, LETHE_ROLE_VERIFY, LETHE_ROLE_PROBE };
struct lethe_order {
    enum lethe_role role;
    char job[37];
    char driver[16];
    bool writable;
    json_t *config; /* owned */
    struct lethe_plan plan;
    uint8_t seed[LETHE_SEED_SIZE], canary_key[LETHE_KEY_SIZE], sample_key[LETHE_KEY_SIZE];
    unsigned step; /* the first one it does */
    bool resume;   /* that step was cut short before */
    unsigned resume_pass;
    uint64_t resume_offset;
    json_t *intent; /* owned; of the step that was cut short; NULL none */
    char psid[48];  /* "" none */
    bool full;
    size_t n_exceptions;
    struct lethe_range exceptions[LETHE_EXCEPTION_RANGES_MAX];
};
void lethe_order_clear(struct lethe_order *order); /* wipes the secrets */
json_t *lethe_order_to_json(const struct lethe_order *order);
int lethe_order_from_json(const json_t *json, struct lethe_order *out, struct lethe_error *err);
/* What a worker may say: event (never one of the supervisor's own) or *DONE. Job, seq and time are
 * the supervisor's to fill in. -LETHE_E_INVALID, also for "failed": ERR then holds the worker's own
 * words. */
int lethe_message_parse(const char *text, size_t len, enum lethe_role role, struct lethe_event *out,
                        bool *done, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
