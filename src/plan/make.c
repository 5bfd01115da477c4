/* SPDX-License-Identifier: Apache-2.0 */
/* Policy x profile x device: the first technique of the profile that satisfies the policy, or a
 * refusal that says why and what would help. */
#include "plan/phone.h"

#include "base/text.h"
#include <lethe/technique.h>
#include <string.h>

/* Why a technique of the profile does not do, nearest to doing last: the refusal names the one
 * that came nearest. */
enum obstacle {
    NOT_IN_BUILD,
    WRONG_KIND,  /* the policy does not take this kind of technique on these media */
    NO_PASSES,   /* ... nor an overwrite by the host */
    OWN_PASSES,  /* the drive overwrites itself as it likes, and the policy says how often */
    NOT_OFFERED, /* the drive has no such command */
    TOO_WEAK,    /* credits a weaker method than the policy asks */
    WRONG_MEDIA, /* the drive has it, but its media can't be erased so */
    NOT_READY,   /* the drive has it, but not here and now */
    TOO_UNTESTED,
    NO_OBSTACLE,
};

struct choice {
    enum obstacle obstacle;
    const struct lethe_profile_technique *known;
    const struct lethe_technique *technique; /* NULL: NOT_IN_BUILD */
    enum lethe_method method;
    enum lethe_test_status status;
    struct lethe_error why; /* NOT_READY */
};

/* A host-aware drive is overwritten as any other: its pointers matter where it erases itself. */
static uint64_t zone_of(const struct lethe_device *device, const struct lethe_technique *technique)
{
    const struct lethe_facts *facts = device->facts;
    bool minds = facts && (facts->zoned ||
                           (facts->zones.host_aware && !(technique->flags & LETHE_TECHNIQUE_HOST)));
    return minds ? facts->zones.size : 0;
}

/* What others report of a family is of its drives without zones. */
static enum lethe_test_status status_of(const struct lethe_device *device,
                                        const struct lethe_technique *technique,
                                        const struct lethe_profile_technique *known)
{
    bool zoned =
        zone_of(device, technique) > 0 && device->identity.substrate != LETHE_SUBSTRATE_EMULATED;
    return zoned && known->status == LETHE_STATUS_REPORTED ? LETHE_STATUS_UNTESTED : known->status;
}

/* One pass is one pass; what several are, only the host can make true. */
static bool has_own_passes(const struct lethe_technique *technique,
                           const struct lethe_policy_rule *rule)
{
    return !(technique->flags & LETHE_TECHNIQUE_HOST) && technique->kind == LETHE_KIND_OVERWRITE &&
           rule->n_passes > 1 && !rule->overwrite_after;
}

/* General purpose areas of an eMMC are storage for users as the user area is: Clear is of all of
 * it. Boot areas, which every card has and the kernel keeps from writes, are told as a limitation.
 */
static int reaches_storage(const struct lethe_device *device,
                           const struct lethe_technique *technique, struct lethe_error *err)
{
    const struct lethe_facts *facts = device->facts;
    if (!facts || !(technique->flags & LETHE_TECHNIQUE_HOST))
        return 0;
    for (size_t i = 0; i < facts->n_areas; i++) {
        if (strncmp(facts->areas[i].name, "gp", 2) != 0)
            continue;
        lethe_fail(err, LETHE_E_REFUSED,
                   "the card has a general purpose area (%s), which an overwrite of its user area "
                   "leaves as it is",
                   facts->areas[i].name);
        lethe_error_remedy(err, "%s",
                           facts->obstacle[0]
                               ? facts->remedy /* its own erase is out of reach, too */
                               : "have the card erase all its areas (--policy clear-by-firmware "
                                 "--accept-untested), or destroy it");
        return -LETHE_E_REFUSED;
    }
    return 0;
}

static struct choice consider(const struct lethe_device *device, const struct lethe_policy *policy,
                              const struct lethe_policy_rule *rule,
                              const struct lethe_profile_technique *known, bool accept_untested)
{
    struct choice c = {.known = known, .technique = lethe_technique_find(known->technique)};
    if (!c.technique) {
        c.obstacle = NOT_IN_BUILD;
        return c;
    }
    c.method = lethe_technique_method(c.technique, device->identity.media);
    c.status = status_of(device, c.technique, known);
    int ready = lethe_technique_ready(c.technique, device->facts, &c.why);
    if (ready == 0)
        ready = reaches_storage(device, c.technique, &c.why);
    bool takes =
        lethe_media_takes(device->identity.media, lethe_technique_kind_name(c.technique->kind));
    c.obstacle = ready == -LETHE_E_UNSUPPORTED                                      ? NOT_OFFERED
                 : c.method < policy->method                                        ? TOO_WEAK
                 : !takes                                                           ? WRONG_MEDIA
                 : !(rule->kinds & (unsigned)c.technique->kind)                     ? WRONG_KIND
                 : c.technique->flags & LETHE_TECHNIQUE_HOST && rule->n_passes == 0 ? NO_PASSES
                 : has_own_passes(c.technique, rule)                                ? OWN_PASSES
                 : ready < 0                                                        ? NOT_READY
                 : c.status < policy->min_test_status && !accept_untested           ? TOO_UNTESTED
                                                                                    : NO_OBSTACLE;
    return c;
}

/* What the drive surely has, and lacks but a PSID, is nearer than what nobody could ask it for. */
static bool is_surer(const struct lethe_device *device, const struct choice *best,
                     const struct choice *next)
{
    unsigned can = device->facts ? device->facts->can : 0;
    return best->obstacle == NOT_READY && !(can & best->technique->capability) &&
           can & next->technique->capability;
}

static struct choice choose(const struct lethe_device *device, const struct lethe_policy *policy,
                            const struct lethe_policy_rule *rule,
                            const struct lethe_profile *profile, bool accept_untested)
{
    struct choice best = consider(device, policy, rule, &profile->techniques[0], accept_untested);
    for (size_t i = 1; best.obstacle != NO_OBSTACLE && i < profile->n_techniques; i++) {
        struct choice next =
            consider(device, policy, rule, &profile->techniques[i], accept_untested);
        if (next.obstacle > best.obstacle ||
            (next.obstacle == NOT_READY && is_surer(device, &best, &next)))
            best = next;
    }
    return best;
}

/* What would help somebody who needs more than a host overwrite gives. */
static void remedy_weak(const struct lethe_device *device, struct lethe_error *err)
{
    const struct lethe_identity *id = &device->identity;
    enum lethe_protocol speaks = device->facts ? device->facts->protocol : LETHE_PROTOCOL_NONE;
    static const char clear[] = "choose a clear policy (--policy nist-800-88r2-clear)";
    if (id->substrate == LETHE_SUBSTRATE_IMAGE || id->substrate == LETHE_SUBSTRATE_VIRTUAL)
        lethe_error_remedy(err, "%s; purge can only be had from a physical device", clear);
    else if (id->bus == LETHE_BUS_USB)
        lethe_error_remedy(err,
                           "move the drive out of its USB case to a native SATA, SAS or NVMe slot "
                           "for its own sanitise command (sticks have none), or %s where that is "
                           "enough, or destroy it",
                           clear);
    else if (speaks == LETHE_PROTOCOL_MMC || speaks == LETHE_PROTOCOL_SD ||
             id->bus == LETHE_BUS_MMC)
        lethe_error_remedy(err, "%s where that is enough, or destroy it", clear);
    else
        lethe_error_remedy(
            err,
            "use a technique of the drive's own firmware (sanitise) where this build "
            "has one (\"lethe profile explain\"), or %s where that is enough, or "
            "destroy it",
            clear);
}

/* A technique is only named to somebody whose drive could speak its language: a card has no ATA
 * commands to be told of. */
static int refuse_not_here(const struct lethe_device *device, const struct lethe_policy *policy,
                           const struct choice *c, struct lethe_error *err)
{
    enum lethe_protocol speaks = device->facts ? device->facts->protocol : LETHE_PROTOCOL_NONE;
    bool disk = speaks == LETHE_PROTOCOL_ATA || speaks == LETHE_PROTOCOL_SCSI ||
                speaks == LETHE_PROTOCOL_NVME;
    bool named = c->technique->protocol == speaks || c->technique->flags & LETHE_TECHNIQUE_HOST ||
                 (c->technique->protocol == LETHE_PROTOCOL_NONE && disk); /* TCG */
    if (c->obstacle == NOT_OFFERED && disk) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive (%s) has no erasure of its own that policy %s takes",
                   lethe_protocol_name(speaks), policy->id);
        lethe_error_remedy(err,
                           "where Clear is enough, overwrite it: --policy " LETHE_POLICY_OVERWRITE
                           "; where it is not, destroy it");
        return -LETHE_E_REFUSED;
    }
    lethe_fail(err, LETHE_E_REFUSED, "%s is not possible here: %s",
               named ? c->known->technique : "an erasure by the drive's own firmware", c->why.what);
    lethe_error_remedy(err, "%s", c->why.remedy);
    return -LETHE_E_REFUSED;
}

static const char *why_weak(const struct lethe_technique *technique)
{
    return technique->flags & LETHE_TECHNIQUE_HOST
               ? "writes by the host do not reach spare and reallocated areas"
           : technique->at_most ? technique->at_most
                                : "";
}

static int refuse(const struct lethe_device *device, const struct lethe_policy *policy,
                  const struct lethe_profile *profile, const struct choice *c,
                  struct lethe_error *err)
{
    const struct lethe_identity *id = &device->identity;
    const char *technique = c->known->technique, *media = lethe_media_name(id->media);
    int rc = -LETHE_E_REFUSED;
    switch (c->obstacle) {
    case NOT_IN_BUILD:
        rc = lethe_fail(err, LETHE_E_UNSUPPORTED,
                        "profile %s asks for technique %s, which this build does not have",
                        profile->id, technique);
        lethe_error_remedy(err, "use a version of Lethe that has it, or another profile");
        break;
    case TOO_WEAK:
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "policy %s asks for %s, and %s gives %s at best here (bus %s, media "
                        "%s)%s%s",
                        policy->id, lethe_method_name(policy->method), technique,
                        lethe_method_name(c->method), lethe_bus_name(id->bus), media,
                        why_weak(c->technique)[0] ? ": " : "", why_weak(c->technique));
        remedy_weak(device, err);
        break;
    case NOT_OFFERED:
    case NOT_READY:
        rc = refuse_not_here(device, policy, c, err);
        break;
    case WRONG_MEDIA:
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "policy %s asks for %s, and the drive offers %s only, which erases blocks "
                        "of flash: %s media have none",
                        policy->id, lethe_method_name(policy->method), technique, media);
        remedy_weak(device, err);
        break;
    case WRONG_KIND:
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "policy %s does not accept %s (technique %s) on %s media", policy->id,
                        lethe_technique_kind_name(c->technique->kind), technique, media);
        lethe_error_remedy(err, "\"lethe policy show %s\" lists what it accepts", policy->id);
        break;
    case NO_PASSES:
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "policy %s does not accept overwriting by the host on %s media", policy->id,
                        media);
        lethe_error_remedy(err, "\"lethe policy show %s\" lists what it accepts", policy->id);
        break;
    case OWN_PASSES:
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "policy %s asks for passes of its own on %s media, and %s overwrites as "
                        "the drive likes",
                        policy->id, media, technique);
        lethe_error_remedy(err, "choose a policy of one pass (--policy nist-800-88r2-clear), or a "
                                "profile that has overwrite");
        break;
    case TOO_UNTESTED:
        rc =
            lethe_fail(err, LETHE_E_REFUSED,
                       "technique %s is %s on %sdevices of profile %s, and policy %s accepts %s or "
                       "better",
                       technique, lethe_test_status_name(c->status),
                       c->status != c->known->status ? "zoned " : "", profile->id, policy->id,
                       lethe_test_status_name(policy->min_test_status));
        lethe_error_remedy(err, "--accept-untested goes on and says so on the certificate");
        break;
    case NO_OBSTACLE:
        break;
    }
    lethe_error_effect(err, "nothing was sent to the device");
    return rc;
}

bool lethe_plan_of_phone(const struct lethe_plan *plan)
{
    return lethe_class_is_phone(plan->identity.class_);
}

int lethe_plan_check(const struct lethe_identity *id, struct lethe_error *err)
{
    if (lethe_class_is_phone(id->class_))
        return id->capacity == 0 && id->logical_block == 0
                   ? 0
                   : lethe_fail(err, LETHE_E_INVALID, "a phone has no capacity of blocks");
    if (id->logical_block > 0 && id->capacity > 0 && id->capacity <= INT64_MAX &&
        id->capacity % id->logical_block == 0)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED,
               "the device says its capacity is %llu bytes in blocks of %u: nothing to erase, or "
               "not believable",
               (unsigned long long)id->capacity, id->logical_block);
    lethe_error_effect(err, "nothing was sent to the device");
    if (id->bus == LETHE_BUS_SCSI)
        lethe_error_remedy(err,
                           "if it sanitised itself when it was plugged in, make the kernel look "
                           "again: echo 1 > /sys/block/sdX/device/rescan; if its blocks are of 520 "
                           "or 528 bytes (drives out of arrays), reformat it first: sg_format "
                           "--format --size=512 /dev/sgN; else unplug it and plug it in again");
    else
        lethe_error_remedy(err, "unplug it and plug it in again; a card reader needs its card");
    return -LETHE_E_REFUSED;
}

static int check_capacity(const struct lethe_identity *id, const struct lethe_facts *facts,
                          struct lethe_error *err)
{
    if (id->capacity > 0 || !facts || !facts->zoned || lethe_plan_zones(id, facts, err))
        return lethe_plan_check(id, err);
    lethe_error_effect(err, "nothing was sent to the device");
    return -LETHE_E_REFUSED;
}

static int refuse_media(const struct lethe_identity *id, const struct lethe_policy *policy,
                        struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_REFUSED, "policy %s has no rule for %s media", policy->id,
               lethe_media_name(id->media));
    lethe_error_effect(err, "nothing was sent to the device");
    lethe_error_remedy(err, "choose another policy: \"lethe policy list\"");
    return -LETHE_E_REFUSED;
}

/* Evidence is a reading (rule 1): without one a job can only end indeterminate. */
static int refuse_unverified(const struct lethe_policy *policy, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_REFUSED,
               "policy %s has nothing verified: its jobs could only end indeterminate", policy->id);
    lethe_error_effect(err, "nothing was sent to the device");
    lethe_error_remedy(err, "give it a verification (full, confidence or strata), or choose "
                            "another policy: \"lethe policy list\"");
    return -LETHE_E_REFUSED;
}

void lethe_plan_copy_policy(struct lethe_plan *plan, const struct lethe_policy *p)
{
    lethe_text_format(plan->policy.id, sizeof(plan->policy.id), "%s", p->id);
    lethe_text_format(plan->policy.title, sizeof(plan->policy.title), "%s", p->title);
    lethe_text_format(plan->policy.version, sizeof(plan->policy.version), "%s", p->version);
    lethe_text_format(plan->policy.hash, sizeof(plan->policy.hash), "%s", p->hash);
    lethe_text_format(plan->policy.statement, sizeof(plan->policy.statement), "%s", p->statement);
    plan->policy.read_in_full = p->read_in_full;
    plan->policy.method = p->method;
    plan->policy.min_test_status = p->min_test_status;
    plan->policy.exceptions_allowed = p->exceptions_allowed;
    plan->policy.exceptions_max_sectors = p->exceptions_max_sectors;
    plan->policy.retention_years = p->retention_years;
    plan->policy.max_not_before_age = p->max_not_before_age;
    plan->policy.accept_untold = p->accept_untold;
    plan->policy.n_required = p->n_required;
    memcpy(plan->policy.required, p->required, sizeof(plan->policy.required));
    plan->limits = p->limits;
}

void lethe_plan_copy_profile(struct lethe_plan *plan, const struct lethe_profile *p,
                             const struct lethe_profile_technique *known)
{
    lethe_text_format(plan->profile.id, sizeof(plan->profile.id), "%s", p->id);
    lethe_text_format(plan->profile.hash, sizeof(plan->profile.hash), "%s", p->hash);
    lethe_text_format(plan->profile.evidence, sizeof(plan->profile.evidence), "%s",
                      known->evidence);
    plan->profile.status = known->status;
}

/* What nobody can write marks to, or look at afterwards, is not erased in the dark. */
static int check_reach(const struct lethe_identity *id, const struct lethe_facts *facts,
                       struct lethe_error *err)
{
    if (!facts)
        return 0;
    if (facts->sanitize.running) {
        char progress[32] = "";
        if (facts->sanitize.progress > 0)
            lethe_text_format(progress, sizeof(progress), ", at %u %%",
                              facts->sanitize.progress * 100 / 65536);
        lethe_fail(err, LETHE_E_REFUSED,
                   "a sanitise that this job did not begin is running on the drive%s: until it is "
                   "over the drive takes neither marks nor another erasure",
                   progress);
        lethe_error_remedy(err, "wait until it is over (\"lethe list\" tells), then again; if it "
                                "is stuck, power the drive off and on; if Lethe began it: lethe "
                                "resume");
    } else if ((facts->zoned || facts->zones.size > 0) && !lethe_plan_zones(id, facts, err)) {
        /* the reason is told */
    } else if (facts->protection.user) {
        lethe_fail(err, LETHE_E_REFUSED, "the card is write-protected%s",
                   facts->protection.user_for_good ? " for good" : "");
        lethe_error_remedy(err, "%s",
                           facts->protection.user_for_good
                               ? "what never takes a write can only be destroyed"
                               : "power it off and on, in a reader where its board protects it "
                                 "again, then again; if it stays so, destroy it");
    } else if (facts->tcg.locked && !facts->psid) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive is locked (TCG): it can neither be written nor be read");
        lethe_error_remedy(err, "read the PSID on its label and give it: --psid PSID; or have its "
                                "owner unlock it");
    } else if (facts->tcg.locked && facts->tcg.block_sid) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive is locked (TCG) and takes no PSID until it loses power (Block SID)");
        lethe_error_remedy(err, "power the drive off and on with the bench running, then again");
    } else if (facts->security.enabled || facts->security.locked) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "an ATA password is set on the drive: it is locked, or will be when it next "
                   "loses power");
        lethe_error_remedy(err,
                           "if a job of ours waits for it: lethe resume; if one of ours ended "
                           "there: hdparm --user-master u --security-unlock Lethe /dev/sdX; "
                           "hdparm --user-master u --security-disable Lethe /dev/sdX; else the "
                           "same with its owner's password, or revert it by the PSID on its "
                           "label (--psid PSID)");
    } else if (facts->n_namespaces > 1) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive has %zu namespaces, and a job can read back one: old data in the "
                   "others would go unseen",
                   facts->n_namespaces);
        lethe_error_remedy(err, "delete the others (nvme list-ns --all /dev/nvmeX; nvme delete-ns "
                                "/dev/nvmeX --namespace-id N), then erase it: a sanitise reaches "
                                "what they held");
    } else {
        return 0;
    }
    lethe_error_effect(err, "nothing was sent to the device");
    return -LETHE_E_REFUSED;
}

static int make_phone(const struct lethe_device *device, const struct lethe_policy *policy,
                      const struct lethe_policy_rule *rule, const struct lethe_profile *profile,
                      const struct lethe_plan_options *options, struct lethe_plan *out,
                      struct lethe_error *err)
{
    static const struct lethe_phone nothing = {.battery = -1};
    static const struct lethe_plan_options none = {0};
    struct lethe_phone_case c = {.device = device,
                                 .phone = device->facts ? &device->facts->phone : &nothing,
                                 .policy = policy,
                                 .rule = rule,
                                 .profile = profile,
                                 .options = options ? options : &none};
    return lethe_plan_make_phone(&c, out, err);
}

int lethe_plan_make(const struct lethe_device *device, const struct lethe_policy *policy,
                    const struct lethe_profile *profile, const struct lethe_plan_options *options,
                    struct lethe_plan *out, struct lethe_error *err)
{
    bool accept_untested = options && options->accept_untested;
    struct lethe_identity formatted;
    const struct lethe_identity *id = &formatted;
    bool foreign = lethe_plan_formatted(device, &formatted);
    /* A SCSI drive may refuse to tell its capacity until it is done. */
    bool busy = device->facts && device->facts->sanitize.running && id->capacity == 0;
    int rc = busy ? check_reach(id, device->facts, err) : check_capacity(id, device->facts, err);
    if (rc < 0)
        return rc;
    const struct lethe_policy_rule *rule = lethe_policy_rule_for(policy, id->media);
    if (!rule)
        return refuse_media(id, policy, err);
    if (policy->verification.mode == LETHE_VERIFY_NONE)
        return refuse_unverified(policy, err);
    if (lethe_class_is_phone(id->class_))
        return make_phone(device, policy, rule, profile, options, out, err);
    rc = check_reach(id, device->facts, err);
    if (rc < 0)
        return rc;
    struct choice c = choose(device, policy, rule, profile, accept_untested);
    if (c.obstacle != NO_OBSTACLE)
        return refuse(device, policy, profile, &c, err);
    memset(out, 0, sizeof(*out));
    out->identity = *id;
    lethe_plan_copy_policy(out, policy);
    lethe_plan_copy_profile(out, profile, c.known);
    out->profile.status = c.status;
    if (c.status != c.known->status)
        lethe_text_format(out->profile.evidence, sizeof(out->profile.evidence),
                          "Nobody known to us has shown it on zoned drives; what is "
                          "reported of this family is of its others.");
    out->zone = zone_of(device, c.technique);
    out->method = c.method;
    out->technique_kind = c.technique->kind;
    lethe_plan_unlock(out, device->facts);
    if (foreign)
        lethe_plan_reformat(out, device->facts, device->identity.physical_block);
    rc = lethe_plan_open_hidden(out, device->facts, err);
    if (rc < 0)
        return rc;
    lethe_plan_add_steps(out, policy, rule, c.technique, device->facts);
    lethe_plan_limit(out, profile, device->facts);
    return lethe_plan_digest(out, out->digest, err);
}

const struct lethe_step *lethe_plan_step(const struct lethe_plan *plan, enum lethe_step_kind kind)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == kind)
            return &plan->steps[i];
    return NULL;
}

const struct lethe_step *lethe_plan_main(const struct lethe_plan *plan)
{
    const struct lethe_step *found = lethe_plan_step(plan, LETHE_STEP_TECHNIQUE);
    for (size_t i = 0; lethe_plan_of_phone(plan) && i < plan->n_steps; i++) {
        const struct lethe_step *step = &plan->steps[i];
        const struct lethe_technique *technique = lethe_technique_find(step->technique);
        if (step->kind != LETHE_STEP_TECHNIQUE)
            continue;
        found = step;
        if (plan->technique_kind == LETHE_KIND_OVERWRITE && technique &&
            technique->kind == LETHE_KIND_OVERWRITE)
            break;
    }
    return found;
}
