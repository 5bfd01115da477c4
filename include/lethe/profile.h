/* SPDX-License-Identifier: Apache-2.0 */
/* What we know of a family of devices, as data: profiles/devices/ID.yaml. */
#ifndef LETHE_PROFILE_H
#define LETHE_PROFILE_H

#include <lethe/error.h>
#include <lethe/identity.h>
#include <lethe/words.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_PROFILE_TECHNIQUES_MAX 24
#define LETHE_PROFILE_NOTES_MAX 8
#define LETHE_GUIDE_MAX 12

struct lethe_profile_technique {
    char technique[40]; /* name in the technique registry */
    enum lethe_test_status status;
    uint32_t since, until; /* first and last version of the device's system (15, of "15.1") that the
                              row is of; 0: all up to, or from there on */
    char evidence[256];    /* who showed it, where */
};
/* The first number of a version, "16.7.2"; 0 unknown. */
unsigned lethe_profile_version(const char *firmware);
/* Is the row of a device with FIRMWARE? Of one whose version is not known, too: it says itself what
 * it can. */
bool lethe_profile_applies(const struct lethe_profile_technique *technique, const char *firmware);

/* One thing that a person does on the device itself, in both languages. */
struct lethe_guide_step {
    char en[256], zh[256];
};

/* What a USB bridge carries to the drive behind it. A bridge of which nothing is known is asked for
 * SAT and never for anything of a maker's own. */
/* clang-format off */
#define LETHE_CARRIES(X)                                                                          \
    X(CARRIES_UNKNOWN, "unknown") X(CARRIES_NONE, "none")                                         \
    X(CARRIES_SAT16, "sat16") X(CARRIES_SAT12, "sat12")                                           \
    X(CARRIES_NVME_JMICRON, "nvme-jmicron") X(CARRIES_NVME_ASMEDIA, "nvme-asmedia")               \
    X(CARRIES_NVME_REALTEK, "nvme-realtek")

/* What is to be minded. A quirk can only take something away, or tell: docs/profiles.md. */
#define LETHE_QUIRKS(X)                                                                           \
    X(QUIRK_NO_SANITIZE_CRYPTO, "no-sanitize-crypto")                                             \
    X(QUIRK_NO_SANITIZE_BLOCK, "no-sanitize-block")                                               \
    X(QUIRK_NO_SANITIZE_OVERWRITE, "no-sanitize-overwrite")                                       \
    X(QUIRK_NO_SECURITY_ERASE, "no-security-erase")                                               \
    X(QUIRK_NO_FORMAT_USER, "no-format-user") X(QUIRK_NO_FORMAT_CRYPTO, "no-format-crypto")       \
    X(QUIRK_WEAK_ENCRYPTION, "weak-encryption")                                                   \
    X(QUIRK_RESETS_ON_NVME_PROBE, "resets-on-nvme-probe")                                         \
    X(QUIRK_SECURE_ERASE_BRICKS, "secure-erase-bricks")                                           \
    X(QUIRK_NEEDS_CYCLE_BEFORE_ERASE, "needs-cycle-before-erase") X(QUIRK_SLOW, "slow")
/* clang-format on */
#define LETHE_QUIRK_ENUM(symbol, spelling) LETHE_##symbol,
enum lethe_carries { LETHE_CARRIES(LETHE_QUIRK_ENUM) };
enum lethe_quirk { LETHE_QUIRKS(LETHE_QUIRK_ENUM) LETHE_QUIRK_COUNT };
#undef LETHE_QUIRK_ENUM
/* Never NULL; parse: -1 for what is no word of ours. */
const char *lethe_carries_name(enum lethe_carries carries);
int lethe_carries_parse(const char *spelling);
const char *lethe_quirk_name(enum lethe_quirk quirk);
int lethe_quirk_parse(const char *spelling);

struct lethe_quirks {
    enum lethe_carries path;
    unsigned words; /* bit set of enum lethe_quirk */
};
static inline bool lethe_quirks_has(const struct lethe_quirks *quirks, enum lethe_quirk quirk)
{
    return quirks && quirks->words & 1u << quirk;
}
/* {"path":"sat16","words":[...]}: for programs, and across process boundaries (strict). */
json_t *lethe_quirks_to_json(const struct lethe_quirks *quirks);
int lethe_quirks_from_json(const json_t *json, struct lethe_quirks *out, struct lethe_error *err);

/* Every field given must match; empty ones match anything. Patterns are globs of '*' and '?',
 * case-insensitive. Specificity = number of fields given, an exact string or id counting more than
 * a glob, and a longer glob more than a shorter; see profile/match.h. */
struct lethe_profile_match {
    unsigned classes, buses, medias, substrates; /* bit sets; 0 = any */
    char vendor[64], model[96], firmware[32], bridge[96];
    uint16_t usb_vendor, usb_product, usb_release;
};

/* What few profiles fill comes last: of what is empty, no page is ever touched. */
struct lethe_profile {
    char id[64];
    char title[128];
    struct lethe_profile_match match;
    struct lethe_quirks quirks;
    char source[256];
    char hash[65];
    char file[256];
    size_t n_techniques, n_limitations, n_guide;
    char limitations[LETHE_PROFILE_NOTES_MAX][256]; /* sentences for plan and certificate */
    /* in order of preference */
    struct lethe_profile_technique techniques[LETHE_PROFILE_TECHNIQUES_MAX];
    /* how to reset it by hand, on its own screen; none: nobody wrote it down */
    struct lethe_guide_step guide[LETHE_GUIDE_MAX];
};

struct lethe_profile_set;
/* As for policies; two profiles of equal specificity that can both match some device are a load
 * error. */
int lethe_profile_set_load(const char *const *dirs, struct lethe_profile_set **out,
                           struct lethe_error *err);
/* The same; MEMO: a file in which what was parsed is kept for the next time, or NULL. */
int lethe_profile_set_load_kept(const char *const *dirs, const char *memo,
                                struct lethe_profile_set **out, struct lethe_error *err);
void lethe_profile_set_free(struct lethe_profile_set *set);
size_t lethe_profile_count(const struct lethe_profile_set *set);
const struct lethe_profile *lethe_profile_at(const struct lethe_profile_set *set, size_t i);
int lethe_profile_parse(const char *name, const char *text, size_t len, struct lethe_profile **out,
                        struct lethe_error *err);
void lethe_profile_free(struct lethe_profile *profile);
/* The most specific match, or -LETHE_E_NOT_FOUND (what would help). Ties can't be: they are a load
 * error. */
int lethe_profile_find(const struct lethe_profile_set *set, const struct lethe_identity *identity,
                       const struct lethe_profile **out, struct lethe_error *err);
/* What is to be minded with a device: the path of the most specific profile that names one, and the
 * words of all that match, for a drive keeps its faults behind whatever bridge. An emulated one has
 * the quirks of what it emulates. */
void lethe_profile_quirks(const struct lethe_profile_set *set,
                          const struct lethe_identity *identity, struct lethe_quirks *out);
/* Why: every profile with its score and the first field that did not match, as JSON
 * {"identity":{...},"chosen":"id","quirks":{...},"candidates":[{"id","score","mismatch"}]}. */
json_t *lethe_profile_explain(const struct lethe_profile_set *set,
                              const struct lethe_identity *identity);

#ifdef __cplusplus
}
#endif
#endif
