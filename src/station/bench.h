/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One job on the bench, from request to certificate:
 *
 *   arm (arm.c)      claim, identity, rehearsals, START
 *   erase, verify    a worker process each (process.c), its words recorded (conduct.c)
 *   finish (finish.c) assess, END, certificate
 */
#ifndef LETHE_STATION_BENCH_H
#define LETHE_STATION_BENCH_H

#include <lethe/log.h>
#include <lethe/station.h>
#include <sys/types.h>

enum lethe_phase {
    LETHE_PHASE_WAITING,
    LETHE_PHASE_ERASE,
    LETHE_PHASE_WINDOW, /* released: it is being powered off and on, or leaves by itself */
    LETHE_PHASE_VERIFY,
    LETHE_PHASE_ATTEST, /* all is done; a person is to say what is on its screen */
    LETHE_PHASE_DONE
};

/* How fast it goes, smoothed, for people; and when it last moved, for the watchdog. */
struct lethe_pace {
    uint64_t last_ms, last_done, moved_ms;
    uint64_t rate;   /* bytes/s */
    uint64_t silent; /* seconds, as told last */
};

/* Where a host overwrite goes on. */
struct lethe_resume_point {
    unsigned pass;
    uint64_t offset;
};

struct lethe_bench {
    struct lethe_station *station;
    size_t index;
    const struct lethe_request *request;
    struct lethe_job job;
    const struct lethe_driver *driver;
    struct lethe_held *held;
    struct lethe_log *demo_log; /* opened on need */
    int lock;                   /* of the job, -1 none */
    int faults;                 /* shared counters of stacked faults, -1 none */
    uint8_t seed[LETHE_SEED_SIZE], canary_key[LETHE_KEY_SIZE], sample_key[LETHE_KEY_SIZE];
    enum lethe_phase phase;
    pid_t worker;
    int socket; /* to the worker, -1 none */
    bool resumed;
    bool awaited;       /* it vanished once, and was waited for */
    bool uncertifiable; /* our own verifier would refuse its certificate */
    struct lethe_pace pace;
    uint64_t window_opened, window_until, window_looked; /* monotonic ms */
    uint64_t window_sizeless;                            /* since when it is back without one */
    uint64_t window_diskseq;                             /* of the device before it left */
    char window_why[256];         /* what was there instead, when it was looked for last */
    bool window_stayed;           /* the phone itself, which never left its port */
    struct lethe_device returned; /* as it came back from a power cycle; else empty */
    struct lethe_error changed;   /* why its identity was not good, last */
    uint64_t attest_until;        /* monotonic ms */
    uint64_t attest_since;        /* of the clock: what was said before counts for nothing */
    struct lethe_result result;
};

/* Record EVENT (durable), then show it. BODY is consumed. A record that can't be made ends the
 * job where it is: no evidence, no erase. */
int lethe_bench_record(struct lethe_bench *bench, enum lethe_event_type type, json_t *body,
                       struct lethe_error *err);
/* What is to be done: the request's, and once that is recorded the job's. */
const struct lethe_plan *lethe_bench_plan(const struct lethe_bench *bench);
/* The device as the scan found it last. */
const struct lethe_device *lethe_bench_device(const struct lethe_bench *bench);
/* Load the secrets of a stored job. */
int lethe_bench_secrets(struct lethe_bench *bench, struct lethe_error *err);

/* arm.c: on success START is durable, the device is held and the erase worker runs. A refusal is
 * recorded, and negative. */
int lethe_bench_arm(struct lethe_bench *bench, struct lethe_error *err);
int lethe_bench_resume(struct lethe_bench *bench, struct lethe_error *err);
/* The rest of that, once it is known who is there: on record, and on with it. */
int lethe_bench_take_up(struct lethe_bench *bench, struct lethe_error *err);
/* Everything is done and good but the last look at who is there: a crash came between. */
bool lethe_bench_lacks_last_look(const struct lethe_job *job);
/* Who is there now? Recorded as identity.checked; negative when it is another device or gone. */
int lethe_bench_check_identity(struct lethe_bench *bench, const char *when,
                               struct lethe_error *err);

/* window.c: the step before asked for a power cycle, or the phone restarts. The claim is given up,
 * the same device awaited and claimed again; rule 4 holds inside the window too. */
void lethe_bench_window_open(struct lethe_bench *bench);
/* A drive vanished, for REASON, while it erased itself: it may be back in a minute. Interrupted,
 * and awaited for a while; then taken up as `lethe resume` would, or ended. */
void lethe_bench_window_await(struct lethe_bench *bench, const char *reason);
void lethe_bench_window_look(struct lethe_bench *bench, uint64_t now);
/* Before the step under way, after which it will leave: where it was, so that a crash does not lose
 * that. */
int lethe_bench_window_mark(struct lethe_bench *bench, struct lethe_error *err);
/* The same by what an earlier run kept; 0: nothing is known. */
uint64_t lethe_bench_window_marked(struct lethe_bench *bench);

/* The same before its state is looked at; and is it known to have left its port since? */
int lethe_bench_look_mark(struct lethe_bench *bench, struct lethe_error *err);
bool lethe_bench_left_since_look(struct lethe_bench *bench);

/* attest.c: what a device did by the hands of a person, that person attests. */
bool lethe_bench_attest_due(const struct lethe_job *job);
void lethe_bench_attest_open(struct lethe_bench *bench);
/* Has somebody said so by now? Recorded; a time that has passed goes on without. */
void lethe_bench_attest_look(struct lethe_bench *bench, uint64_t now);

/* process.c. PROGRAM NULL: the one for such devices (PHONE: lethe-worker-phone). WORD: "__worker"
 * or "__probe". */
int lethe_process_start(const char *program, bool phone, const char *word, int socket, pid_t *pid,
                        struct lethe_error *err);
/* One datagram: the order and the descriptors of SPEC. */
int lethe_process_order(int socket, const json_t *json, const struct lethe_io_spec *spec,
                        struct lethe_error *err);
int lethe_bench_spawn(struct lethe_bench *bench, enum lethe_role role,
                      const struct lethe_resume_point *resume, struct lethe_error *err);
/* Kill, close, forget: what it still says is not heard. */
void lethe_bench_drop_worker(struct lethe_bench *bench);
/* How a worker that hung up came to its end, in words; reaps it. False when its sandbox ended it:
 * by what it did, and not by what was done to it. */
bool lethe_bench_obituary(struct lethe_bench *bench, char *out, size_t out_size);

/* conduct.c: read what the worker says and move on; fill in what it must do next. */
void lethe_bench_hear(struct lethe_bench *bench);
/* A worker for the step that is next, after the look at who is there that it wants. RESUME: where a
 * step that was cut short goes on. */
void lethe_bench_go_on(struct lethe_bench *bench, const struct lethe_resume_point *resume);
/* All steps are done: a last look, and the end. */
void lethe_bench_last_look(struct lethe_bench *bench);
/* The worker made no progress for longer than the policy allows. */
void lethe_bench_watch(struct lethe_bench *bench, uint64_t now);
void lethe_bench_abort(struct lethe_bench *bench, const char *by, const char *reason);

/* finish.c: where the erasure that counts is the drive's own, and came to nothing, what is next:
 * FIRST, then what needs nothing of its firmware. False: it is not. */
bool lethe_bench_tell_next(const struct lethe_bench *bench, const char *first,
                           struct lethe_error *why);
/* finish.c: END (unless recorded) and certificate; the result is ready afterwards. */
void lethe_bench_finish(struct lethe_bench *bench);
void lethe_bench_refuse(struct lethe_bench *bench, const struct lethe_error *why);
int lethe_bench_certify(struct lethe_bench *bench, struct lethe_error *err);
void lethe_bench_release(struct lethe_bench *bench);
/* conduct.c: a phone that stayed may not have got its command: its job is left open to tell it
 * again. False: nothing says so, or it was told often enough. */
bool lethe_bench_tell_again(struct lethe_bench *bench);
/* Internal error: the record can't be kept. Stops without END; recovered on the next start. */
void lethe_bench_lost(struct lethe_bench *bench, const struct lethe_error *why);

/* logged.c */
/* The log that this job belongs in; refused when it is not open. */
int lethe_bench_log(struct lethe_bench *bench, struct lethe_log **out, struct lethe_error *err);
/* Can it take what is to come? */
int lethe_bench_log_ready(struct lethe_bench *bench, struct lethe_error *err);
/* The entry (in LINE) that goes with EVENT, which gets its seq; *ENTRY NULL: none does. */
int lethe_bench_promise(struct lethe_bench *bench, struct lethe_event *event,
                        struct lethe_log_line *line, struct lethe_store_entry **entry,
                        struct lethe_error *err);
int lethe_bench_integrate(struct lethe_bench *bench, struct lethe_error *err);
/* Into the store, with its entry. */
int lethe_bench_keep_certificate(struct lethe_bench *bench, const char *text,
                                 struct lethe_error *err);
/* What the log says of the job's time, into CLAIMS. */
int lethe_bench_claim_log(struct lethe_bench *bench, json_t *claims, struct lethe_error *err);
/* A checkpoint, and the proof beside the certificate's file. */
int lethe_bench_prove(struct lethe_bench *bench, struct lethe_error *err);

/* page.c */
void lethe_station_begin_pages(struct lethe_station *station);
/* The page of JOB will be wanted: it is drawn while its certificate TEXT is stored and logged. What
 * goes wrong is told when it is. LABEL: as it will be kept, or NULL. */
void lethe_station_page_ahead(struct lethe_station *station, const char *job, const char *text,
                              const char *label);
/* Of a certificate that is there; RESULT is told path or reason. */
void lethe_station_page(struct lethe_station *station, const char *job, struct lethe_result *result,
                        struct lethe_signer *signer);
int lethe_station_write_page(struct lethe_station *station, const char *job, const char *path,
                             struct lethe_signer *signer, struct lethe_error *err);
/* The press is closed. */
void lethe_station_end_pages(struct lethe_station *station);

void lethe_station_end_log(struct lethe_station *station, const struct lethe_result *results,
                           size_t n);

/* phone.c: what the bus shows of a phone before it is asked, and what it says of itself, which its
 * identity has from then on. */
void lethe_bench_seen(const struct lethe_device *device, struct lethe_phone *out);
void lethe_bench_know(const struct lethe_phone *seen, struct lethe_device *device);

/* pace.c: add total, rate and eta to what a worker says of its progress. */
void lethe_pace_start(struct lethe_pace *pace, uint64_t now);
/* Of a device that works on one command and answers nothing meanwhile: the body of a progress event
 * with the time it has been at it, once a second; NULL otherwise. */
json_t *lethe_pace_silence(struct lethe_bench *bench, uint64_t now);
void lethe_pace_progress(struct lethe_bench *bench, json_t *body, uint64_t now);

#endif
