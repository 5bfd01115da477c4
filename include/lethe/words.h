/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vocabulary: the field's own words, as enumerations with one spelling
 * each. Events, CLI, store and certificates all use these spellings.
 * An unknown spelling parses to -1; the zero value of every enumeration is the
 * one that claims least.
 */
#ifndef LETHE_WORDS_H
#define LETHE_WORDS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/* NIST SP 800-88r2 section 3.1, IEEE 2883-2022. Ordered: a higher value is stronger. */
#define LETHE_METHODS(X)                                                                          \
    X(METHOD_NONE, "none") X(METHOD_CLEAR, "clear") X(METHOD_PURGE, "purge") X(METHOD_DESTROY, "destroy")

/* What was erased, computed by the scan from the parent chain (rule 8). */
#define LETHE_SUBSTRATES(X)                                                                       \
    X(SUBSTRATE_EMULATED, "emulated") X(SUBSTRATE_IMAGE, "image")                                 \
    X(SUBSTRATE_VIRTUAL, "virtual") X(SUBSTRATE_PHYSICAL, "physical")

#define LETHE_OUTCOMES(X)                                                                         \
    X(OUTCOME_NONE, "none") /* job not ended */                                                   \
    X(OUTCOME_PASSED, "passed") X(OUTCOME_PASSED_WITH_EXCEPTIONS, "passed-with-exceptions")       \
    X(OUTCOME_OPERATOR_ATTESTED, "operator-attested") X(OUTCOME_INDETERMINATE, "indeterminate")   \
    X(OUTCOME_ABORTED, "aborted") X(OUTCOME_FAILED, "failed") X(OUTCOME_REFUSED, "refused")

#define LETHE_MEDIAS(X)                                                                           \
    X(MEDIA_UNKNOWN, "unknown") X(MEDIA_MAGNETIC, "magnetic") X(MEDIA_FLASH, "flash")             \
    X(MEDIA_FILE, "file") /* an image file or what is backed by one: no media of its own */

/* How sure we are that a technique works on a family of devices. Ordered. */
#define LETHE_TEST_STATUSES(X)                                                                    \
    X(STATUS_UNTESTED, "untested") X(STATUS_REPORTED, "reported") X(STATUS_TESTED, "tested")

#define LETHE_ID_KINDS(X)                                                                         \
    X(ID_SERIAL, "serial") X(ID_WWN, "wwn") X(ID_EUI64, "eui64") X(ID_NGUID, "nguid")             \
    X(ID_UDID, "udid") X(ID_IMEI, "imei") X(ID_CID, "cid") X(ID_BRIDGE_SERIAL, "bridge-serial")   \
    X(ID_ASSET_TAG, "asset-tag")                                                                  \
    X(ID_BACKING, "backing") /* stands for an image file; never on a physical device */

#define LETHE_ID_SOURCES(X)                                                                       \
    X(SOURCE_TYPED, "typed") X(SOURCE_SCANNED, "scanned") X(SOURCE_DEVICE, "device")

#define LETHE_DEVICE_CLASSES(X)                                                                   \
    X(CLASS_UNKNOWN, "unknown") X(CLASS_DISK, "disk") X(CLASS_IMAGE, "image")                     \
    X(CLASS_PHONE, "phone") X(CLASS_TABLET, "tablet")

#define LETHE_BUSES(X)                                                                            \
    X(BUS_UNKNOWN, "unknown") X(BUS_ATA, "ata") X(BUS_SCSI, "scsi") X(BUS_USB, "usb")             \
    X(BUS_NVME, "nvme") X(BUS_MMC, "mmc") X(BUS_VIRTIO, "virtio") X(BUS_LOOP, "loop")             \
    X(BUS_FILE, "file") X(BUS_EMULATED, "emulated")

/* clang-format on */

#define LETHE_WORD_ENUM(symbol, spelling) LETHE_##symbol,
enum lethe_method { LETHE_METHODS(LETHE_WORD_ENUM) };
enum lethe_substrate { LETHE_SUBSTRATES(LETHE_WORD_ENUM) };
enum lethe_outcome { LETHE_OUTCOMES(LETHE_WORD_ENUM) };
enum lethe_media { LETHE_MEDIAS(LETHE_WORD_ENUM) };
/* Can a technique of KIND (its spelling) erase such media? A magnetic medium has no blocks of
 * flash: what a drive does there when told to erase them nobody knows. Planning and the check of a
 * certificate ask the same question. */
bool lethe_media_takes(enum lethe_media media, const char *kind);
enum lethe_test_status { LETHE_TEST_STATUSES(LETHE_WORD_ENUM) };
enum lethe_id_kind { LETHE_ID_KINDS(LETHE_WORD_ENUM) };
enum lethe_id_source { LETHE_ID_SOURCES(LETHE_WORD_ENUM) };
enum lethe_device_class { LETHE_DEVICE_CLASSES(LETHE_WORD_ENUM) };
enum lethe_bus { LETHE_BUSES(LETHE_WORD_ENUM) };
/* No blocks to write or read: erased by its own software, judged by its state. */
static inline bool lethe_class_is_phone(enum lethe_device_class class_)
{
    return class_ == LETHE_CLASS_PHONE || class_ == LETHE_CLASS_TABLET;
}
#undef LETHE_WORD_ENUM

/* lethe_X_name(value) never returns NULL; lethe_X_parse(spelling) gives the
 * value, or -1 for a spelling that is not ours (exact match). */
#define LETHE_WORD_FUNCTIONS(noun)                                                                 \
    const char *lethe_##noun##_name(enum lethe_##noun value);                                      \
    int lethe_##noun##_parse(const char *spelling);
LETHE_WORD_FUNCTIONS(method)
LETHE_WORD_FUNCTIONS(substrate)
LETHE_WORD_FUNCTIONS(outcome)
LETHE_WORD_FUNCTIONS(media)
LETHE_WORD_FUNCTIONS(test_status)
LETHE_WORD_FUNCTIONS(id_kind)
LETHE_WORD_FUNCTIONS(id_source)
LETHE_WORD_FUNCTIONS(device_class)
LETHE_WORD_FUNCTIONS(bus)
#undef LETHE_WORD_FUNCTIONS

/* Exit statuses: passed 0, internal error 1, wrong usage 2, refused 3,
 * passed-with-exceptions 4, failed 5, indeterminate 6, aborted 7,
 * operator-attested 8. OUTCOME_NONE maps to 1. */
int lethe_outcome_exit(enum lethe_outcome outcome);
/* The worse of two exit statuses, by the order 1, 5, 6, 7, 3, 8, 4, 0 (2 counts as 1). */
int lethe_exit_worst(int a, int b);

#ifdef __cplusplus
}
#endif
#endif
