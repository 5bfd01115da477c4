/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated phone lives in files, like an emulated disk: NAME.phone, one JSON object, is what it
 * is and in which state; NAME.storage, a folder, is what its owners left on it. Processes come and
 * go (`lethe-phone`), are killed, and the phone is still there: in a mode, away from its port until
 * some time, with or without its old data.
 *
 * Time is real and needs no process: what is due is done by whoever looks next (phone_read()).
 */
#ifndef LETHE_EMU_PHONE_PHONE_H
#define LETHE_EMU_PHONE_PHONE_H

#include <jansson.h>
#include <lethe/device.h>
#include <lethe/phone.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The memory:
 *   "family"      "android", "ios"
 *   "serial"      as its USB device descriptor has it
 *   "mode"        a word of LETHE_PHONE_MODES: the one it is in, or will be in when it is back
 *   "generation"  counts its enumerations, from 1
 *   "away_until"  ms of lethe_now_ms(); in the future: it is not on its port
 *   "due"         null, or {"at": ms, "verb": "..."}: what will happen by itself, or by a person
 *   "erased"      how often user data was erased (or should have been)
 *   "faults"      [{"kind", ..., "seen", "fired"}], faults.def
 *   "traits"      its personality: what it is like, never changed by it
 *   "state"       its family's own: trust, keys, settings
 */
struct phone {
    char path[PATH_MAX];
    char storage[PATH_MAX];
    json_t *memory; /* owned; as it was at the last look */
};

/* Made with FAMILY and TRAITS where it is not there yet (PATH ends in ".phone"); an older one stays
 * as it is. */
int phone_make(const char *path, const json_t *description, struct lethe_error *err);
int phone_open(const char *path, struct phone *out, struct lethe_error *err);
void phone_close(struct phone *phone);
#define PHONE_AUTO __attribute__((cleanup(phone_close))) struct phone
/* Look again; what was due by now has happened. */
int phone_read(struct phone *phone, struct lethe_error *err);
/* Look again, CHANGE it, keep that: under the lock, atomic, for good. A negative return of CHANGE
 * keeps nothing. CHANGE may be NULL. */
typedef int phone_change_fn(struct phone *phone, void *user, struct lethe_error *err);
int phone_change(struct phone *phone, phone_change_fn *change, void *user, struct lethe_error *err);

/* Of the last look. */
enum lethe_phone_family phone_family(const struct phone *phone);
enum lethe_phone_mode phone_mode(const struct phone *phone);
uint64_t phone_generation(const struct phone *phone);
bool phone_is_away(const struct phone *phone);
const char *phone_serial(const struct phone *phone);

/* Traits and state, by path: "props/ro.product.model". "" , 0 and false where there is none. */
const json_t *phone_trait(const struct phone *phone, const char *path);
const char *phone_trait_text(const struct phone *phone, const char *path);
bool phone_trait_is(const struct phone *phone, const char *path);
uint64_t phone_trait_count(const struct phone *phone, const char *path, uint64_t otherwise);
json_t *phone_state(const struct phone *phone); /* borrowed; to be changed inside a change only */
const char *phone_state_text(const struct phone *phone, const char *key);
bool phone_state_is(const struct phone *phone, const char *key);

/* Inside a change. */
#define PHONE_FOREVER UINT32_MAX
int phone_set(struct phone *phone, const char *key, json_t *value); /* consumed */
int phone_state_set(struct phone *phone, const char *key, json_t *value);
/* It leaves its port and is back in MODE after AFTER_MS (PHONE_FOREVER: never). */
void phone_leave(struct phone *phone, enum lethe_phone_mode mode, uint32_t after_ms);
/* VERB happens after AFTER_MS, unless something else is made due. */
void phone_due(struct phone *phone, const char *verb, uint32_t after_ms);

/* Lies and failures: faults.def. */
enum phone_fault {
#define PHONE_FAULT(symbol, name, families, what) PHONE_FAULT_##symbol,
#include "emu/phone/faults.def"
#undef PHONE_FAULT
    PHONE_FAULTS
};
int phone_faults_check(const json_t *list, enum lethe_phone_family family, struct lethe_error *err);
/* The rule while it has something left to strike, else NULL; counts nothing. */
const json_t *phone_fault(const struct phone *phone, enum phone_fault fault);
/* Does it strike now? Counted, and kept at once: not inside a change. */
bool phone_strikes(struct phone *phone, enum phone_fault fault);
/* The same inside a change. */
bool phone_strikes_here(struct phone *phone, enum phone_fault fault);
uint64_t phone_fault_count(const json_t *rule, const char *key, uint64_t otherwise);

/*
 * User data. Areas are folders of the storage: "userdata" (with "userdata/media", what a host may
 * read and write), "metadata" (the key that wraps the others), "card" (a medium of its own).
 */
/* BYTES of what the last owner left, in "userdata" and, where there are KEYS and a CARD, there. */
int phone_storage_make(const char *storage, uint64_t bytes, bool keys, bool card,
                       struct lethe_error *err);
/* The area is empty afterwards (and is still there). */
int phone_storage_erase(const struct phone *phone, const char *area, struct lethe_error *err);
/* Everything below "userdata", bytes. */
uint64_t phone_storage_used(const struct phone *phone);
/* The file on this machine for NAME, relative to AREA; -LETHE_E_REFUSED for a way out of it. */
int phone_storage_path(const struct phone *phone, const char *area, const char *name,
                       char out[PATH_MAX], struct lethe_error *err);
/* {"userdata": n, "metadata": n, "card": n}: blocks of 512 bytes that still are what they were when
 * it was made. */
int phone_storage_remains(const char *storage, json_t **out, struct lethe_error *err);

/* What is particular to a family. */
struct phone_family {
    enum lethe_phone_family family;
    const char *otherwise; /* personality where a file names none */
    unsigned modes;        /* 1 << enum lethe_phone_mode that its model can be in */
    /* Fill "state" of a new one; its traits are checked here. */
    int (*born)(struct phone *phone, struct lethe_error *err);
    /* Inside a change: what was due happens; AT is when it did. */
    int (*due)(struct phone *phone, const char *verb, uint64_t at, struct lethe_error *err);
    /* Does anything of it answer, in this mode? */
    bool (*answers)(const struct phone *phone);
    /* What its USB descriptors tell in this mode, in IDENTITY. */
    int (*identity)(const struct phone *phone, struct lethe_identity *identity);
    /* For a worker: descriptors and configuration (SPEC has its driver's name already). LOOK: not a
     * job's. */
    int (*spec)(const struct phone *phone, bool writable, bool look, struct lethe_io_spec *spec,
                struct lethe_error *err);
    /* What its driver's forget() removes; NULL nothing. */
    void (*forget)(const struct phone *phone);
    int (*open)(const struct lethe_io_spec *spec, struct lethe_io **out, struct lethe_error *err);
};
extern const struct phone_family phone_family_android;                      /* android.c */
extern const struct phone_family phone_family_ios;                          /* iphone.c */
const struct phone_family *phone_family_of(enum lethe_phone_family family); /* or NULL */

/* The built-in personality NAME as JSON, or the file NAME (with a "/", taken from DIR). */
int phone_personality(const char *name, const char *dir, json_t **out, struct lethe_error *err);

/* "path=value" sets what is at PATH of TRAITS: true, false, a number, else text. */
int phone_trait_apply(json_t *traits, const char *setting, struct lethe_error *err);

/* Start `lethe-phone ARGV...` as nobody's child, SOCKET its descriptor 3: it ends with that. */
int phone_start(const char *const argv[], int socket, struct lethe_error *err);

#endif
