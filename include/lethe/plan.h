/* SPDX-License-Identifier: Apache-2.0 */
/* policy x profile x what the device reports = a fixed list of steps with a digest, shown before
 * anything happens. */
#ifndef LETHE_PLAN_H
#define LETHE_PLAN_H

#include <lethe/device.h>
#include <lethe/policy.h>
#include <lethe/profile.h>
#include <lethe/technique.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_STEPS_MAX 12
#define LETHE_LIMITATIONS_MAX 32
#define LETHE_WHY_NOT_FILLED "Why not overwritten: "
#define LETHE_WHY_BY_HAND "Why by hand: " /* begins the limitation that says so */

enum lethe_step_kind {
    LETHE_STEP_CANARY,    /* "canary": marks written; the first destructive command */
    LETHE_STEP_TECHNIQUE, /* "technique" */
    LETHE_STEP_VERIFY,    /* "verify": canaries gone, contents as expected; own read-only worker */
    LETHE_STEP_PREPARE,   /* "prepare": hidden areas opened, before anything else; a phone brought
                             into the mode of the next step */
    LETHE_STEP_STATE, /* "state": what state the phone is in now, told by the technique it names;
                         own worker that only asks */
};

struct lethe_step {
    enum lethe_step_kind kind;
    char technique[40]; /* TECHNIQUE, PREPARE: registry name */
    bool cycle;         /* PREPARE: the drive must be powered off and on after it; a phone leaves
                           and comes back by itself or by its operator's hand */
    unsigned returns;   /* phones: in which modes (1 << enum lethe_phone_mode); 0 no phone */
    uint32_t away;      /* phones: seconds that it may be away; 0: the window's own */
    uint32_t patience; /* seconds without a sign of life that are normal; 0: limits.stall_seconds */
    size_t n_passes;   /* host overwrite: patterns, canonical spelling */
    char passes[LETHE_PASSES_MAX][24];
    uint32_t expected_seconds; /* of a firmware technique; an estimate, never digested */
    uint32_t canaries;         /* CANARY */
    struct lethe_verification_rule verification; /* VERIFY */
    enum lethe_leaves leaves;                    /* VERIFY: what is expected there */
    char pattern[24]; /* VERIFY, LEAVES_PATTERN of a device's own overwrite; "" the last pass */
    /* By the drive's own word, until blocks are written again. VERIFY; TECHNIQUE: the marks that
     * are looked for before the overwrite behind it. */
    bool reads_may_fail;
};

/* Only looks: done by a worker of role VERIFY. */
static inline bool lethe_step_judges(const struct lethe_step *step)
{
    return step->kind == LETHE_STEP_VERIFY || step->kind == LETHE_STEP_STATE;
}
/* Brings a phone into another mode and erases nothing: a job that ends behind it harmed nothing. */
static inline bool lethe_step_moves(const struct lethe_step *step)
{
    return step->kind == LETHE_STEP_PREPARE && step->returns != 0;
}

/* Limitations of an overwrite by the host, and how those of a drive's own erasure begin: where only
 * the overwrite behind it counts in the end, the verdict says the former (job/limitations.c). */
#define LETHE_LIMIT_SPARE                                                                          \
    "Over-provisioned, spare and remapped cells of flash are out of reach of host writes and "     \
    "reads"
#define LETHE_LIMIT_ZONES                                                                          \
    "The drive is zoned: each zone was reset and written again from its start. That the drive "    \
    "puts it where it was before is its own choice."
#define LETHE_LIMIT_VERIFIED "Verified by" /* what is said no more where it came to none */
#define LETHE_LIMIT_OWN_SPARE "Spare and reallocated areas can be read by no host"
#define LETHE_LIMIT_OWN_ZONES "That the drive's own erasure worked is shown by marks"
#define LETHE_LIMIT_OWN_MARKS "What the drive holds afterwards can't be predicted"
#define LETHE_LIMIT_OWN_WITHHELD "By its own word the drive may refuse to give out blocks"

/* Self-contained: a job can be resumed and assessed from it without the files it came from. */
struct lethe_plan {
    struct lethe_identity identity; /* as it is when the erasure begins: hidden areas opened */
    uint64_t capacity_before;       /* what it answers to before they are; 0 the same */
    uint32_t physical_before;       /* bytes of a block of a drive that is formatted to other ones
                                       first; 0: it is not */
    uint64_t zone;                  /* bytes of a zone of a host-managed drive; 0: it is none */
    enum lethe_path path;           /* of the commands of its firmware; NONE: host writes only */
    bool for_destruction; /* the lot is marked for destruction or recycling: locks do not refuse */
    bool keep_esim;       /* the operator opted out of its erasure */
    /* The policy asks for what nobody can show on this device (overwriting a phone): said before,
     * and never met. */
    bool not_demonstrable;
    struct {
        char id[48], title[128], version[32], hash[65], statement[256];
        bool read_in_full;
        enum lethe_method method;
        enum lethe_test_status min_test_status;
        bool exceptions_allowed;
        uint64_t exceptions_max_sectors;
        uint32_t retention_years;
        uint32_t max_not_before_age; /* hours; 0 no demand */
        bool accept_untold;
        size_t n_required;
        char required[LETHE_RECORD_FIELDS_MAX][32];
    } policy;
    struct {
        char id[64], hash[65], evidence[256];
        enum lethe_test_status status; /* of the technique chosen */
    } profile;
    enum lethe_method method; /* what can be claimed at most: technique x media x profile */
    enum lethe_technique_kind technique_kind; /* of the technique step */
    struct lethe_limits limits;
    size_t n_steps;
    struct lethe_step steps[LETHE_STEPS_MAX];
    size_t n_limitations;
    char limitations[LETHE_LIMITATIONS_MAX][256];
    char digest[65]; /* SHA-256 of the canonical JSON without digest and estimates: no times, no
                        paths */
};

struct lethe_plan_options {
    bool accept_untested;
    bool for_destruction;
    bool keep_esim;
    bool guided; /* of a phone: by the hands of the operator, whatever else would work */
};

/* A refusal is -LETHE_E_REFUSED or -LETHE_E_UNSUPPORTED with reason (what) and remedy: policy asks
 * for more than this media can give here or for no verification, no rule for the media, profile
 * unknown, technique not in this build, test status below the policy's least without
 * accept_untested, a device of size 0, a lock of a phone ... OPTIONS: NULL is none of them. In-use
 * devices can be planned (the guard is asked at arming); lethe plan shows their use. */
int lethe_plan_make(const struct lethe_device *device, const struct lethe_policy *policy,
                    const struct lethe_profile *profile, const struct lethe_plan_options *options,
                    struct lethe_plan *out, struct lethe_error *err);

/* Who the device is before (OPENED false) and after its hidden areas were opened. */
void lethe_plan_identity(const struct lethe_plan *plan, bool opened, struct lethe_identity *out);
/* Is NOW the device of PLAN in all but the size, of which it has none? A SCSI drive that sanitises
 * itself may tell none until that is over. */
bool lethe_plan_sizeless(const struct lethe_plan *plan, const struct lethe_identity *now);

/* The object digested; lethe_plan_from_json() checks the digest again. */
json_t *lethe_plan_to_json(const struct lethe_plan *plan);
int lethe_plan_from_json(const json_t *json, struct lethe_plan *out, struct lethe_error *err);

/* For people and --json:
 * {"digest","device","policy","profile","steps":[{"step","detail","bytes","seconds"}],"claims":{...},"limitations":[],"seconds"}.
 */
json_t *lethe_plan_describe(const struct lethe_plan *plan, const struct lethe_device *device);
/* Expected seconds in all, from nominal rates by media and bus. Never digested. */
uint64_t lethe_plan_seconds(const struct lethe_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
