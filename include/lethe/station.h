/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor, shared by `lethe erase` and a bench daemon: it claims, arms, records, spawns
 * workers, judges and signs. Single-threaded, one poll loop for all devices; nothing that talks to
 * a device blocks it.
 */
#ifndef LETHE_STATION_H
#define LETHE_STATION_H

#include <lethe/certificate.h>
#include <lethe/job.h>
#include <lethe/store.h>
#include <lethe/trust.h>
#include <lethe/worker.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lethe_confirmation {
    char by[24];     /* "serial", "wwn", "eui64", "udid", "imei" or "digest" */
    char source[16]; /* "typed", "scanned", "manifest", "argument" */
    char value[96];
};
/* Does TEXT confirm this plan on this device? An identifier that names it and is unique among ALL,
 * or a prefix (>= 8 hex digits) of the plan's digest. -LETHE_E_REFUSED with the reason and what
 * would be accepted. Nothing else starts an erasure. */
int lethe_confirm(const struct lethe_plan *plan, const struct lethe_device_list *all,
                  const char *text, const char *source, struct lethe_confirmation *out,
                  struct lethe_error *err);
/* Can anything confirm it? -LETHE_E_REFUSED when nothing tells it from another one in ALL. */
int lethe_confirm_possible(const struct lethe_plan *plan, const struct lethe_device_list *all,
                           struct lethe_error *err);
/* What to ask a person for: "serial number" ... or "first 8 digits of the plan" when no identifier
 * is unique. */
const char *lethe_confirm_ask(const struct lethe_plan *plan, const struct lethe_device_list *all);

/* One device to be erased (or a job to be resumed on it). */
struct lethe_request {
    const struct lethe_device *device;
    const struct lethe_plan *plan; /* ignored when resuming: the job has its own */
    const char *resume;            /* job id, or NULL */
    struct lethe_confirmation confirmation;
    bool accept_untested;
    const char *psid; /* printed on the drive's label, for a PSID revert; NULL none */
    json_t *record;   /* {"operator","asset_tag","lot","customer"}: borrowed */
    json_t *custom;   /* borrowed, may be NULL */
    json_t *faults;   /* stacked on the device (training, tests); makes it `emulated`; borrowed, may
                         be NULL */
};

struct lethe_result {
    char job[37]; /* "" when refused before a job existed */
    enum lethe_outcome outcome;
    enum lethe_method method;
    enum lethe_substrate substrate;
    bool policy_met;
    bool not_demonstrable; /* what the policy asks for can be shown by nobody on this device */
    char certificate[512]; /* path of the SD-JWT; "" none */
    bool open;             /* it has not ended: `lethe resume` goes on with it; no outcome as yet */
    bool awaited; /* open after something that erases was sent, and its device can't be taken up */
    struct lethe_error error;      /* why refused, failed ... */
    char page[512];                /* path of its PDF; "" none */
    struct lethe_error page_error; /* why there is none though one was wanted: outcome and
                                      certificate are not touched by that */
};

/* Exit status: that of the outcome; a pass that does not meet its policy counts as failed, a job
 * whose device is awaited as indeterminate. */
int lethe_result_exit(const struct lethe_result *result);

/* What a person saw on the screen of a device that was erased by hand: name and statement in that
 * person's words, the SHA-256 (hex) of a photo of it or "". */
struct lethe_attestation {
    char name[257], statement[512], photo[65];
};
/* What is stated where nothing else is. */
#define LETHE_ATTESTATION_STATEMENT                                                                \
    "I reset this device by its own menu, and saw it start with its first setup screen, without "  \
    "the data or the account of whoever had it before."
/* Put NAME and STATEMENT (NULL: the above) into OUT, cleaned. -LETHE_E_USAGE: there is nothing to
 * see in one of them, or it is too long; nothing is cut. */
int lethe_attestation_say(struct lethe_attestation *out, const char *name, const char *statement,
                          struct lethe_error *err);
/* For the job JOB of the bench whose records are in DIR, from another process: whoever runs the job
 * finds it there. It counts only if the device was back by then (lethe_job_attestable()). */
int lethe_attestation_leave(const char *dir, const char *job,
                            const struct lethe_attestation *attestation, struct lethe_error *err);

enum lethe_interrupt { LETHE_INTERRUPT_CONTINUE, LETHE_INTERRUPT_ABORT };

struct lethe_log;
struct lethe_press;
struct lethe_station {
    struct lethe_store *store;
    struct lethe_signer *signer; /* NULL: only emulated jobs (demo key) can run */
    struct lethe_log *log;       /* the bench's (lethe/log.h); NULL likewise */
    const struct lethe_scan_env *env;
    const char *page_lang;     /* "en", "zh" or "both": a PDF beside each certificate; NULL: none */
    struct lethe_press *press; /* the station's own */
    const char *worker;        /* program that runs `PROGRAM __worker`; NULL: lethe-worker */
    /* Every event of every request, stored ones after they are durable, progress too. INDEX of the
     * request. */
    void (*on_event)(void *user, size_t index, const struct lethe_event *event);
    /* About 4 times a second, for live tables. */
    void (*on_tick)(void *user);
    /* SIGINT or SIGTERM arrived (the station takes both for the duration of the run; SIGTERM aborts
     * without asking). NULL: abort. */
    enum lethe_interrupt (*on_interrupt)(void *user);
    /* Has the operator attested what request INDEX is erased by hand? Asked about 4 times a second
     * from the moment that it waits for that: 1 yes (OUT is filled), 0 not yet. NULL: only by
     * lethe_attestation_leave(). */
    int (*on_attest)(void *user, size_t index, struct lethe_attestation *out);
    /* What was left for request INDEX counts for nothing and was removed: WHY. May be NULL. */
    void (*on_attest_void)(void *user, size_t index, const struct lethe_error *why);
    /* One request has ended; its certificate is there. */
    void (*on_result)(void *user, size_t index, const struct lethe_result *result);
    /* For lethe_station_recover(): JOB could not be brought to its end, and stays open. Not told of
     * jobs that another process runs. */
    void (*on_trouble)(void *user, const char *job, const struct lethe_error *err);
    /* For lethe_station_recover(): JOB is open, and another process is at work on it. May be NULL.
     */
    void (*on_busy)(void *user, const char *job);
    /* For lethe_station_recover(): a job that had no certificate (or no end) has it now. */
    void (*on_recovered)(void *user, const struct lethe_job *job,
                         const struct lethe_result *result);
    void *user;
};

/* Ask the firmware of each of N devices what it is and can do (facts), side by side, each in a
 * worker of its own that can only ask; a drive that does not answer within TIMEOUT_MS has facts
 * that say so. ENV as for the scan; WORKER as in struct lethe_station; PROFILES say how a bridge is
 * asked, and what a drive is not to be trusted with. Devices that have no firmware to ask (images,
 * loop devices) keep NULL. */
int lethe_probe(const struct lethe_scan_env *env, const char *worker,
                const struct lethe_profile_set *profiles, struct lethe_device *const *devices,
                size_t n, unsigned timeout_ms, struct lethe_error *err);
/* The same of one device, and all that was said written down: a recording that names nobody
 * (docs/recordings.md), new reference. */
int lethe_probe_record(const struct lethe_scan_env *env, const char *worker,
                       const struct lethe_profile_set *profiles, struct lethe_device *device,
                       unsigned timeout_ms, json_t **recording, struct lethe_error *err);

/* Ask a phone or tablet to trust this bench: somebody must allow that on its screen meanwhile. 0:
 * it does now, and DEVICE has facts and identity as after a probe; else negative, with what to do.
 */
int lethe_pair(const struct lethe_scan_env *env, const char *worker,
               const struct lethe_profile_set *profiles, struct lethe_device *device,
               struct lethe_error *err);

/* Runs all side by side, returns when all have ended. RESULTS holds N. Negative only when nothing
 * could be run at all. */
int lethe_station_run(struct lethe_station *station, const struct lethe_request *requests, size_t n,
                      struct lethe_result *results, struct lethe_error *err);
/* Ask who remembers what the log of STATION has said: the TPM's counter, witnesses. What they know
 * better is an alarm (lethe_log_alarm()). lethe_station_run() does so before and after everything.
 */
void lethe_station_begin_log(struct lethe_station *station);
/* The page of a certificate as PDF (lethe/paper.h) with what is kept beside it: QR code, proof, the
 * organisation's logo (logo.png in the state directory), speed and errors from the record. */
struct lethe_page_source {
    struct lethe_store *store;
    const char *job, *sdjwt, *lang;
};
int lethe_page_make(const struct lethe_page_source *source, struct lethe_press *press,
                    struct lethe_signer *signer, char **out, size_t *len, struct lethe_error *err);
/* Open jobs whose supervisor died: records job.interrupted for each (once), and issues the
 * certificate of jobs that ended without one. Called on every start. FN is told each open job that
 * waits for `lethe resume`. */
int lethe_station_recover(struct lethe_station *station,
                          void (*fn)(void *user, const struct lethe_job *job), void *user,
                          struct lethe_error *err);
/* What witnesses of LOG (the bench's, or the DEMO's) signed since gets into the proofs and pages of
 * certificates; pages that lack are made. PAGE_ERROR (may be NULL): why one could not be. Done at
 * the end of each run, and by lethe_station_recover(). */
int lethe_station_renew(struct lethe_station *station, struct lethe_log *log, bool demo,
                        struct lethe_error *page_error, struct lethe_error *err);
/* Is DEVICE that of an open job? Then that job, and nobody else, is to be the first to hold it when
 * it comes. */
bool lethe_station_awaits(struct lethe_store *store, const struct lethe_device *device);
/* End an open job without its device: aborted, with a signed record. */
int lethe_station_abandon(struct lethe_station *station, const char *job, const char *reason,
                          struct lethe_result *result, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
