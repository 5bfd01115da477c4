/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a device is. A device is armed by this, never by its path (rule 4).
 * All text has passed lethe_text_clean(): printable UTF-8, no control
 * characters, trimmed.
 */
#ifndef LETHE_IDENTITY_H
#define LETHE_IDENTITY_H

#include <jansson.h>
#include <lethe/error.h>
#include <lethe/words.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_IDENTIFIERS_MAX 12

struct lethe_identifier {
    enum lethe_id_kind kind;
    enum lethe_id_source source;
    char value[96];
};

struct lethe_identity {
    enum lethe_device_class class_;
    enum lethe_bus bus;
    enum lethe_media media;
    enum lethe_substrate substrate;
    char vendor[64]; /* empty where unknown */
    char model[96];
    char firmware[32];
    char bridge[96];                  /* USB bridge: "152d:0578 JMicron", empty where none */
    uint16_t usb_vendor, usb_product; /* 0 where not USB */
    uint16_t usb_release;             /* of the bridge, as the kernel prints it: 0x0414 */
    uint64_t capacity;                /* bytes */
    uint32_t logical_block;           /* bytes */
    uint32_t physical_block;          /* bytes */
    size_t n_identifiers;
    struct lethe_identifier identifiers[LETHE_IDENTIFIERS_MAX];
};

/* Add an identifier; empty values and exact duplicates are dropped silently.
 * -LETHE_E_LIMIT when full. */
int lethe_identity_add(struct lethe_identity *id, enum lethe_id_kind kind,
                       enum lethe_id_source source, const char *value);

/* The first identifier of KIND, or NULL. */
const struct lethe_identifier *lethe_identity_find(const struct lethe_identity *id,
                                                   enum lethe_id_kind kind);

/* Is NOW still the device that was ARMED? Equal capacity, block size, substrate,
 * vendor, model and the same *set* of device-sourced identifiers: one that went
 * missing counts as changed. 0, or -LETHE_E_CHANGED with the difference in words. */
int lethe_identity_same(const struct lethe_identity *armed, const struct lethe_identity *now,
                        struct lethe_error *err);

/* Is what a phone shows of itself NOW, in whatever mode, of the one that was ARMED? Each of its
 * device-sourced identifiers is one of ARMED's, and there is one; the substrate is the same. Phones
 * tell less on their port than when they are asked: the whole set is asked again by whoever is
 * about to erase. 0, or -LETHE_E_CHANGED with the difference in words. */
int lethe_identity_within(const struct lethe_identity *armed, const struct lethe_identity *now,
                          struct lethe_error *err);

/* Does TEXT (typed or scanned) name this device by its serial, WWN, EUI-64, UDID
 * or IMEI? Case-insensitive; spaces, colons and a leading "0x"/"naa."/"eui." are ignored, and the
 * dash of a UDID, which a USB serial number lacks. Only device-sourced identifiers of those kinds
 * count. */
bool lethe_identity_named(const struct lethe_identity *id, const char *text);

/* TEXT as people type it and labels print it: without spaces and colons, lower case (ASCII),
 * without a leading "0x", "naa." or "eui."; cut to OUT_SIZE. Two spellings of one identifier fold
 * alike. */
void lethe_identifier_fold(char *out, size_t out_size, const char *text);

/* Canonical JSON (no paths, no times): what plans digest and events carry. */
json_t *lethe_identity_to_json(const struct lethe_identity *id);
int lethe_identity_from_json(const json_t *json, struct lethe_identity *out,
                             struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
